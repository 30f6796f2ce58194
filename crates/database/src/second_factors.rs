//! Second factors.

use async_trait::async_trait;
use rightful_domain::accounts::{SecurityEpoch, Version};
use rightful_domain::one_time_codes::Step;
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::second_factors::{
    BackupCode, Factor, FactorEnd, FactorKind, FactorRecord, FactorSecret, FactorState,
    SecondFactorRepository,
};
use rightful_domain::values::{AccountId, FactorId, PasswordHash, Timestamp};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};

use crate::Db;
use crate::commit::one;
use crate::entities::second_factors::{ActiveModel, Column, Entity, Model};
use crate::errors::{commit_error, corrupt, outage};
use crate::reading::{at, named, sealed};

const BEGUN: &str = "begun";
const BOUND: &str = "bound";
const ENDED: &str = "ended";

#[async_trait]
impl SecondFactorRepository for Db {
    async fn list(&self, account: AccountId) -> Result<Vec<Factor>, Outage> {
        let rows = Entity::find()
            .filter(Column::Account.eq(account.as_uuid()))
            .filter(Column::State.ne(ENDED))
            .order_by_asc(Column::BegunAt)
            .order_by_asc(Column::Id)
            .all(&self.read)
            .await
            .map_err(outage)?;
        rows.into_iter().map(Model::into_factor).collect()
    }
}

pub(crate) async fn insert(tx: &DatabaseTransaction, factor: &Factor) -> Result<(), CommitError> {
    let row = Model::of(factor).into_active_model().reset_all();
    Entity::insert(row).exec_without_returning(tx).await.map_err(commit_error)?;
    Ok(())
}

/// Of two who use one code, one finds another version.
pub(crate) async fn update(tx: &DatabaseTransaction, factor: &Factor) -> Result<(), CommitError> {
    let version = factor.record().version;
    let row = ActiveModel {
        id: NotSet,
        version: Set(version.next().number()),
        ..Model::of(factor).into_active_model().reset_all()
    };
    let done = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(factor.id().as_uuid()))
        .filter(Column::Version.eq(version.number()))
        .exec(tx)
        .await
        .map_err(commit_error)?;
    one(done.rows_affected)
}

/// A line for each code, in the order of their numbers, with the instant of its use before it; no hash holds a
/// line's end. They are only ever read together.
fn lines(codes: &[BackupCode]) -> String {
    let line = |code: &BackupCode| {
        let used = code.used_at.map_or_else(|| String::from("-"), |at| at.as_millis().to_string());
        format!("{used} {}", code.hash.as_phc())
    };
    codes.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn code_of(line: &str) -> Option<BackupCode> {
    let (used, hash) = line.split_once(' ')?;
    let used_at = if used == "-" { None } else { Some(at(used.parse().ok()?)) };
    Some(BackupCode { hash: PasswordHash::from_phc(hash.to_owned()), used_at })
}

impl Model {
    fn of(factor: &Factor) -> Self {
        let record = factor.record();
        let (key, last_step, codes) = match &record.secret {
            FactorSecret::Totp { key, last } => {
                (Some(key.as_bytes().to_vec()), last.map(Step::number), None)
            }
            FactorSecret::BackupCodes(codes) => (None, None, Some(lines(codes))),
            FactorSecret::Destroyed(_) => (None, None, None),
        };
        let (state, state_at, ended_why) = match record.state {
            FactorState::Begun { until } => (BEGUN, until, None),
            FactorState::Bound { at } => (BOUND, at, None),
            FactorState::Ended { at, why } => (ENDED, at, Some(why.as_str().to_owned())),
        };
        Self {
            id: record.id.as_uuid(),
            account: record.account.as_uuid(),
            kind: factor.kind().as_str().to_owned(),
            key,
            last_step,
            codes,
            state: state.to_owned(),
            state_at: state_at.as_millis(),
            ended_why,
            epoch: record.epoch.number(),
            begun_at: record.begun_at.as_millis(),
            last_used_at: record.last_used_at.map(Timestamp::as_millis),
            version: record.version.number(),
        }
    }

    fn into_factor(self) -> Result<Factor, Outage> {
        let kind = named(&FactorKind::ALL, FactorKind::as_str, &self.kind, "second_factors.kind")?;
        let state_at = at(self.state_at);
        let state = match (&*self.state, self.ended_why) {
            (BEGUN, None) => FactorState::Begun { until: state_at },
            (BOUND, None) => FactorState::Bound { at: state_at },
            (ENDED, Some(why)) => {
                let why =
                    named(&FactorEnd::ALL, FactorEnd::as_str, &why, "second_factors.ended_why")?;
                FactorState::Ended { at: state_at, why }
            }
            _ => return Err(corrupt("second_factors.state")),
        };
        let secret = match (kind, state) {
            (_, FactorState::Ended { .. }) => FactorSecret::Destroyed(kind),
            (FactorKind::Totp, _) => FactorSecret::Totp {
                key: sealed(self.key, "second_factors.key")?,
                last: self.last_step.map(Step::from_stored),
            },
            (FactorKind::BackupCodes, _) => {
                let codes = self.codes.ok_or_else(|| corrupt("second_factors.codes"))?;
                let codes: Option<Vec<_>> = codes.lines().map(code_of).collect();
                FactorSecret::BackupCodes(codes.ok_or_else(|| corrupt("second_factors.codes"))?)
            }
        };
        Ok(Factor::from_record(FactorRecord {
            id: FactorId::from_uuid(self.id),
            account: AccountId::from_uuid(self.account),
            secret,
            state,
            epoch: SecurityEpoch::from_stored(self.epoch),
            begun_at: at(self.begun_at),
            last_used_at: self.last_used_at.map(at),
            version: Version::from_stored(self.version),
        }))
    }
}
