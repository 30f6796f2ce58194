//! Accounts.

use async_trait::async_trait;
use rightful_domain::accounts::{
    Account, AccountRecord, AccountRepository, Freeze, Origin, PasswordSetBy, ReplacedPassword,
    SecurityEpoch, Standing, Version,
};
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::values::{AccountId, EmailKey, Locale, PasswordHash, PersonName, Timestamp};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
};

use crate::Db;
use crate::commit::one;
use crate::entities::accounts::{ActiveModel, Column, Entity, Model};
use crate::errors::{commit_error, corrupt, outage};
use crate::reading::{at, email};

#[async_trait]
impl AccountRepository for Db {
    async fn find(&self, id: AccountId) -> Result<Option<Account>, Outage> {
        let row = Entity::find_by_id(id.as_uuid()).one(&self.read).await.map_err(outage)?;
        row.map(Model::into_account).transpose()
    }

    async fn find_by_email(&self, key: &EmailKey) -> Result<Option<Account>, Outage> {
        let found = Entity::find().filter(Column::EmailKey.eq(key.as_str()));
        let row = found.one(&self.read).await.map_err(outage)?;
        row.map(Model::into_account).transpose()
    }
}

pub(crate) async fn insert(tx: &DatabaseTransaction, account: &Account) -> Result<(), CommitError> {
    let row = Model::of(account).into_active_model().reset_all();
    Entity::insert(row).exec_without_returning(tx).await.map_err(commit_error)?;
    Ok(())
}

pub(crate) async fn update(tx: &DatabaseTransaction, account: &Account) -> Result<(), CommitError> {
    let row = ActiveModel {
        id: NotSet,
        version: Set(account.version().next().number()),
        ..Model::of(account).into_active_model().reset_all()
    };
    let done = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(account.id().as_uuid()))
        .filter(Column::Version.eq(account.version().number()))
        .exec(tx)
        .await
        .map_err(commit_error)?;
    one(done.rows_affected)
}

/// Removes an account that nobody has proved; its sessions, links and changes go with it.
pub(crate) async fn remove(tx: &DatabaseTransaction, account: &Account) -> Result<(), CommitError> {
    let done = Entity::delete_many()
        .filter(Column::Id.eq(account.id().as_uuid()))
        .filter(Column::Version.eq(account.version().number()))
        .filter(Column::VerifiedAt.is_null())
        .exec(tx)
        .await
        .map_err(commit_error)?;
    one(done.rows_affected)
}

/// A line for each, with its instant and by what it was set before it; no hash holds a line's end. They are only
/// ever read together.
fn lines(replaced: &[ReplacedPassword]) -> String {
    let line = |old: &ReplacedPassword| {
        format!("{} {} {}", old.at.as_millis(), old.set_by.as_str(), old.hash.as_phc())
    };
    replaced.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn replaced_of(line: &str) -> Option<ReplacedPassword> {
    let (millis, rest) = line.split_once(' ')?;
    let (set_by, hash) = rest.split_once(' ')?;
    let hash = PasswordHash::from_phc(hash.to_owned());
    Some(ReplacedPassword { hash, at: at(millis.parse().ok()?), set_by: set_by_of(set_by)? })
}

fn set_by_of(text: &str) -> Option<PasswordSetBy> {
    PasswordSetBy::ALL.into_iter().find(|known| known.as_str() == text)
}

impl Model {
    fn of(account: &Account) -> Self {
        let record = account.record();
        let replaced = &record.replaced_passwords;
        Self {
            id: record.id.as_uuid(),
            email: record.email.as_str().to_owned(),
            email_key: record.email.key().as_str().to_owned(),
            verified_at: match record.standing {
                Standing::Unverified => None,
                Standing::Verified { at } => Some(at.as_millis()),
            },
            password: record.password.as_phc().to_owned(),
            password_set_at: record.password_set_at.as_millis(),
            password_set_by: record.password_set_by.as_str().to_owned(),
            replaced_passwords: (!replaced.is_empty()).then(|| lines(replaced)),
            replaced_at: replaced.last().map(|old| old.at.as_millis()),
            name: record.name.as_ref().map(|name| name.as_str().to_owned()),
            locale: record.locale.as_str().to_owned(),
            origin: record.origin.as_str().to_owned(),
            epoch: record.epoch.number(),
            freeze_since: record.freeze.map(|freeze| freeze.since.as_millis()),
            freeze_until: record.freeze.map(|freeze| freeze.until.as_millis()),
            second_factor_at: record.second_factor_at.map(Timestamp::as_millis),
            recovered_at: record.recovered_at.map(Timestamp::as_millis),
            security_checked_at: record.security_checked_at.map(Timestamp::as_millis),
            created_at: record.created_at.as_millis(),
            version: record.version.number(),
        }
    }

    pub(crate) fn into_account(self) -> Result<Account, Outage> {
        let name = self.name.as_deref().map(PersonName::parse).transpose();
        Ok(Account::from_record(AccountRecord {
            id: AccountId::from_uuid(self.id),
            email: email(&self.email, "accounts.email")?,
            standing: match self.verified_at {
                None => Standing::Unverified,
                Some(millis) => Standing::Verified { at: at(millis) },
            },
            password: PasswordHash::from_phc(self.password),
            password_set_at: at(self.password_set_at),
            password_set_by: set_by_of(&self.password_set_by)
                .ok_or_else(|| corrupt("accounts.password_set_by"))?,
            replaced_passwords: self
                .replaced_passwords
                .iter()
                .flat_map(|text| text.lines())
                .map(replaced_of)
                .collect::<Option<_>>()
                .ok_or_else(|| corrupt("accounts.replaced_passwords"))?,
            name: name.map_err(|_| corrupt("accounts.name"))?,
            locale: Locale::parse(&self.locale).map_err(|_| corrupt("accounts.locale"))?,
            origin: Origin::parse(&self.origin).map_err(|_| corrupt("accounts.origin"))?,
            epoch: SecurityEpoch::from_stored(self.epoch),
            freeze: self
                .freeze_since
                .zip(self.freeze_until)
                .map(|(since, until)| Freeze { since: at(since), until: at(until) }),
            second_factor_at: self.second_factor_at.map(at),
            recovered_at: self.recovered_at.map(at),
            security_checked_at: self.security_checked_at.map(at),
            created_at: at(self.created_at),
            version: Version::from_stored(self.version),
        }))
    }
}
