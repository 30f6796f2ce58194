//! Sessions. The look-up by secret is the one statement of this crate that every request runs.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use rightful_domain::accounts::{SecurityEpoch, Version};
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::sessions::{
    Carrier, EndReason, Ended, LISTED, LiveSession, Session, SessionRecord, SessionRepository,
};
use rightful_domain::values::{AccountId, SecretHash, SessionId, Timestamp};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QueryResult, QuerySelect,
};

use crate::Db;
use crate::commit::one;
use crate::entities::accounts;
use crate::entities::sessions::{ActiveModel, Column, Entity, Model};
use crate::errors::{commit_error, corrupt, outage};
use crate::reading::{Columns, at, named, secret, statement};

/// Text, because building the statement costs more than SQLite takes to run it. [`live_rows`] reads the
/// columns in this order.
const FIND: &str = "\
SELECT s.id, s.epoch, s.carrier, s.device, s.source, s.started_at, s.last_used_at, s.proved_at, s.factor_at, \
s.ended_at, s.ended_why, s.version, a.id, a.email, a.email_key, a.verified_at, a.password, a.password_set_at, \
a.password_set_by, a.replaced_passwords, a.replaced_at, a.name, a.locale, a.origin, a.epoch, a.freeze_since, \
a.freeze_until, a.second_factor_at, a.recovered_at, a.security_checked_at, a.created_at, a.version \
FROM sessions s JOIN accounts a ON a.id = s.account WHERE s.secret = $1";

/// The later time wins, so that two touches that overtake each other leave the right one.
const TOUCH: &str = "UPDATE sessions SET last_used_at = $1 \
WHERE id = $2 AND ended_at IS NULL AND last_used_at < $1 RETURNING secret";

#[async_trait]
impl SessionRepository for Db {
    async fn find(&self, secret: &SecretHash) -> Result<Option<LiveSession>, Outage> {
        let ticket = match self.sessions.find(secret, monotonic_now()) {
            Ok(live) => return Ok(Some(LiveSession::clone(&live))),
            Err(ticket) => ticket,
        };
        let asked = statement(&self.read, FIND, [secret.as_bytes().as_slice().into()]);
        let Some(row) = self.read.query_one_raw(asked).await.map_err(outage)? else {
            return Ok(None);
        };
        let (session, account) = live_rows(&row, secret).map_err(outage)?;
        let live =
            LiveSession { session: session.into_session()?, account: account.into_account()? };
        self.sessions.keep(ticket, *secret, Arc::new(live.clone()));
        Ok(Some(live))
    }

    async fn list(&self, account: AccountId) -> Result<Vec<Session>, Outage> {
        let rows = Entity::find()
            .filter(Column::Account.eq(account.as_uuid()))
            .filter(Column::EndedAt.is_null())
            .order_by_desc(Column::LastUsedAt)
            .order_by_desc(Column::Id)
            .limit(LISTED as u64)
            .all(&self.read)
            .await
            .map_err(outage)?;
        rows.into_iter().map(Model::into_session).collect()
    }
}

pub(crate) async fn insert(tx: &DatabaseTransaction, session: &Session) -> Result<(), CommitError> {
    let row = Model::of(session).into_active_model().reset_all();
    Entity::insert(row).exec_without_returning(tx).await.map_err(commit_error)?;
    Ok(())
}

pub(crate) async fn update(tx: &DatabaseTransaction, session: &Session) -> Result<(), CommitError> {
    let version = session.record().version;
    let row = ActiveModel {
        id: NotSet,
        version: Set(version.next().number()),
        ..Model::of(session).into_active_model().reset_all()
    };
    let done = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(session.id().as_uuid()))
        .filter(Column::Version.eq(version.number()))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await
        .map_err(commit_error)?;
    one(done.rows_affected)
}

/// Stale unless the session is alive. On PostgreSQL both rows are held to the end of the transaction, the
/// account's first as the commits that write one do, so that whoever ends the session waits until the act is written.
pub(crate) async fn demand(
    tx: &DatabaseTransaction,
    account: AccountId,
    session: SessionId,
) -> Result<(), CommitError> {
    let hold = match tx.get_database_backend() {
        DbBackend::Postgres => " FOR NO KEY UPDATE",
        _ => "",
    };
    let epoch = format!("SELECT epoch FROM accounts WHERE id = $1{hold}");
    let epoch = statement(tx, &epoch, [account.as_uuid().into()]);
    let Some(row) = tx.query_one_raw(epoch).await.map_err(commit_error)? else {
        return Err(CommitError::Stale);
    };
    let epoch: i64 = Columns::of(&row).read().map_err(commit_error)?;
    let alive = format!(
        "SELECT id FROM sessions WHERE id = $1 AND account = $2 AND epoch = $3 AND ended_at IS NULL{hold}"
    );
    let values = [session.as_uuid().into(), account.as_uuid().into(), epoch.into()];
    let alive = statement(tx, &alive, values);
    let found = tx.query_one_raw(alive).await.map_err(commit_error)?;
    one(u64::from(found.is_some()))
}

/// Which sessions of an account end.
#[derive(Clone, Copy)]
pub(crate) enum Which {
    Only(SessionId),
    AllBut(Option<SessionId>),
}

/// Ends sessions. Those that have ended keep the time and the reason of their end. The version stays: what was
/// decided on a session that has ended since is stale by its end.
pub(crate) async fn end(
    tx: &DatabaseTransaction,
    account: AccountId,
    which: Which,
    ended: Ended,
) -> Result<(), CommitError> {
    let mut update = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(ended.at.as_millis()))
        .col_expr(Column::EndedWhy, Expr::value(ended.why.as_str()))
        .filter(Column::Account.eq(account.as_uuid()))
        .filter(Column::EndedAt.is_null());
    update = match which {
        Which::Only(session) => update.filter(Column::Id.eq(session.as_uuid())),
        Which::AllBut(Some(session)) => update.filter(Column::Id.ne(session.as_uuid())),
        Which::AllBut(None) => update,
    };
    update.exec(tx).await.map_err(commit_error)?;
    Ok(())
}

/// Writes when a session was last used, and gives the secret it is remembered by. Nothing was decided, so its
/// version stays.
pub(crate) async fn touch(
    tx: &DatabaseTransaction,
    session: SessionId,
    when: Timestamp,
) -> Result<Option<SecretHash>, CommitError> {
    let touch = statement(tx, TOUCH, [when.as_millis().into(), session.as_uuid().into()]);
    let Some(row) = tx.query_one_raw(touch).await.map_err(commit_error)? else { return Ok(None) };
    let bytes = Columns::of(&row).read().map_err(commit_error)?;
    Ok(Some(secret(bytes, "sessions.secret")?))
}

#[expect(clippy::disallowed_methods, reason = "measures how long a row has been remembered")]
fn monotonic_now() -> Instant {
    Instant::now()
}

fn live_rows(row: &QueryResult, secret: &SecretHash) -> Result<(Model, accounts::Model), DbErr> {
    let mut columns = Columns::of(row);
    let session = Model {
        id: columns.read()?,
        // The same as the account's id, which comes later.
        account: uuid::Uuid::nil(),
        secret: secret.as_bytes().to_vec(),
        epoch: columns.read()?,
        carrier: columns.read()?,
        device: columns.read()?,
        source: columns.read()?,
        started_at: columns.read()?,
        last_used_at: columns.read()?,
        proved_at: columns.read()?,
        factor_at: columns.read()?,
        ended_at: columns.read()?,
        ended_why: columns.read()?,
        version: columns.read()?,
    };
    let account = accounts::Model {
        id: columns.read()?,
        email: columns.read()?,
        email_key: columns.read()?,
        verified_at: columns.read()?,
        password: columns.read()?,
        password_set_at: columns.read()?,
        password_set_by: columns.read()?,
        replaced_passwords: columns.read()?,
        replaced_at: columns.read()?,
        name: columns.read()?,
        locale: columns.read()?,
        origin: columns.read()?,
        epoch: columns.read()?,
        freeze_since: columns.read()?,
        freeze_until: columns.read()?,
        second_factor_at: columns.read()?,
        recovered_at: columns.read()?,
        security_checked_at: columns.read()?,
        created_at: columns.read()?,
        version: columns.read()?,
    };
    Ok((Model { account: account.id, ..session }, account))
}

impl Model {
    fn of(session: &Session) -> Self {
        let record = session.record();
        Self {
            id: record.id.as_uuid(),
            account: record.account.as_uuid(),
            secret: record.secret.as_bytes().to_vec(),
            epoch: record.epoch.number(),
            carrier: match record.carrier {
                Carrier::Cookie => "cookie",
                Carrier::Bearer => "bearer",
            }
            .to_owned(),
            device: record.device.clone(),
            source: record.source.clone(),
            started_at: record.started_at.as_millis(),
            last_used_at: record.last_used_at.as_millis(),
            proved_at: record.proved_at.as_millis(),
            factor_at: record.factor_at.map(Timestamp::as_millis),
            ended_at: record.ended.map(|ended| ended.at.as_millis()),
            ended_why: record.ended.map(|ended| ended.why.as_str().to_owned()),
            version: record.version.number(),
        }
    }

    fn into_session(self) -> Result<Session, Outage> {
        let ended = match self.ended_at.zip(self.ended_why.as_deref()) {
            None => None,
            Some((millis, why)) => Some(Ended {
                at: at(millis),
                why: named(&EndReason::ALL, EndReason::as_str, why, "sessions.ended_why")?,
            }),
        };
        Ok(Session::from_record(SessionRecord {
            id: SessionId::from_uuid(self.id),
            account: AccountId::from_uuid(self.account),
            secret: secret(self.secret, "sessions.secret")?,
            epoch: SecurityEpoch::from_stored(self.epoch),
            carrier: match self.carrier.as_str() {
                "cookie" => Carrier::Cookie,
                "bearer" => Carrier::Bearer,
                _ => return Err(corrupt("sessions.carrier")),
            },
            device: self.device,
            source: self.source,
            started_at: at(self.started_at),
            last_used_at: at(self.last_used_at),
            proved_at: at(self.proved_at),
            factor_at: self.factor_at.map(at),
            ended,
            version: Version::from_stored(self.version),
        }))
    }
}
