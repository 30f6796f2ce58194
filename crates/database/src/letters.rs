//! The outbox.

use async_trait::async_trait;
use rightful_domain::letters::{
    DeadLetter, Lease, LetterRecord, LetterRepository, PostedLetter, QueueState,
};
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::values::{AccountId, EmailChangeId, LetterId, Span, Timestamp};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, UpdateMany, Value,
};

use crate::Db;
use crate::commit::one;
use crate::entities::letters::{Column, Entity, Model};
use crate::errors::{commit_error, corrupt, outage};
use crate::reading::{Columns, at, count, sealed, statement};

/// How much of what a mail server said is kept: more than any says.
const ERROR_CHARS: usize = 10_000;

/// Picking stands apart (`MATERIALIZED`), because PostgreSQL may run a subquery with a limit more than once.
/// `{skip}` is what makes workers of several processes pass each other there; SQLite has one writer at a time.
const LEASE: &str = "\
WITH picked AS MATERIALIZED (SELECT id FROM letters WHERE state = 'due' AND due_at <= $1 \
AND (leased_until IS NULL OR leased_until <= $1) ORDER BY posted_at, id LIMIT $3 {skip}) \
UPDATE letters SET leased_until = $2, attempts = attempts + 1 WHERE id IN (SELECT id FROM picked) \
RETURNING id, kind, account, email_change, posted_at, payload, state, due_at, leased_until, attempts, ended_at, \
error";

const QUEUE_STATE: &str = "\
SELECT (SELECT count(*) FROM letters WHERE state = 'due'), \
(SELECT count(*) FROM letters WHERE state = 'dead'), \
(SELECT min(posted_at) FROM letters WHERE state = 'due')";

#[async_trait]
impl LetterRepository for Db {
    async fn lease(
        &self,
        most: u32,
        now: Timestamp,
        life: Span,
    ) -> Result<Vec<LetterRecord>, Outage> {
        let skip = match self.write.get_database_backend() {
            DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
            _ => "",
        };
        let until = now + life;
        let values = [now.as_millis().into(), until.as_millis().into(), i64::from(most).into()];
        let lease = statement(&self.write, &LEASE.replace("{skip}", skip), values);
        let rows = self.write.query_all_raw(lease).await.map_err(outage)?;
        let mut letters = rows
            .iter()
            .map(|row| Model::from_query_result(row, "").map_err(outage)?.into_leased(until))
            .collect::<Result<Vec<_>, _>>()?;
        // `RETURNING` has no order of its own.
        letters.sort_by_key(|letter| (letter.posted_at, letter.lease.letter));
        Ok(letters)
    }

    async fn list_dead(&self, most: u32) -> Result<Vec<DeadLetter>, Outage> {
        let rows = Entity::find()
            // In words, and not as a parameter: only so does an index of dead letters serve.
            .filter(Expr::cust("state = 'dead'"))
            .order_by_desc(Column::EndedAt)
            .order_by_desc(Column::Id)
            .limit(u64::from(most))
            .all(&self.read)
            .await
            .map_err(outage)?;
        rows.into_iter().map(Model::into_dead).collect()
    }

    async fn queue_state(&self) -> Result<QueueState, Outage> {
        let asked = statement(&self.read, QUEUE_STATE, []);
        let row = self.read.query_one_raw(asked).await.map_err(outage)?;
        let row = row.ok_or_else(|| corrupt("letters"))?;
        let mut columns = Columns::of(&row);
        let waiting: i64 = columns.read().map_err(outage)?;
        let dead: i64 = columns.read().map_err(outage)?;
        let oldest: Option<i64> = columns.read().map_err(outage)?;
        let (waiting, dead) = (waiting.unsigned_abs(), dead.unsigned_abs());
        Ok(QueueState { waiting, dead, oldest: oldest.map(at) })
    }
}

pub(crate) async fn post(
    tx: &DatabaseTransaction,
    letters: &[PostedLetter],
) -> Result<(), CommitError> {
    let rows = letters.iter().map(|letter| Model::of(letter).into_active_model().reset_all());
    Entity::insert_many(rows).exec_without_returning(tx).await.map_err(commit_error)?;
    Ok(())
}

/// Taken by the mail server: what it said is destroyed.
pub(crate) async fn sent(
    tx: &DatabaseTransaction,
    lease: Lease,
    when: Timestamp,
) -> Result<(), CommitError> {
    let update = under(lease)
        .col_expr(Column::State, Expr::value("sent"))
        .col_expr(Column::EndedAt, Expr::value(when.as_millis()))
        .col_expr(Column::Payload, Expr::value(Value::Bytes(None)))
        .col_expr(Column::Error, Expr::value(Value::String(None)));
    exactly_one(tx, update).await
}

/// Back to the queue.
pub(crate) async fn deferred(
    tx: &DatabaseTransaction,
    lease: Lease,
    due_at: Timestamp,
    error: &str,
) -> Result<(), CommitError> {
    let update = under(lease)
        .col_expr(Column::DueAt, Expr::value(due_at.as_millis()))
        .col_expr(Column::Error, Expr::value(shown(error)));
    exactly_one(tx, update).await
}

/// Given up; it stays, sealed.
pub(crate) async fn dead(
    tx: &DatabaseTransaction,
    lease: Lease,
    when: Timestamp,
    error: &str,
) -> Result<(), CommitError> {
    let update = under(lease)
        .col_expr(Column::State, Expr::value("dead"))
        .col_expr(Column::EndedAt, Expr::value(when.as_millis()))
        .col_expr(Column::Error, Expr::value(shown(error)));
    exactly_one(tx, update).await
}

/// A dead letter begins anew, with all its tries.
pub(crate) async fn revive(
    tx: &DatabaseTransaction,
    letter: LetterId,
    due_at: Timestamp,
) -> Result<(), CommitError> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value("due"))
        .col_expr(Column::DueAt, Expr::value(due_at.as_millis()))
        .col_expr(Column::Attempts, Expr::value(0_i64))
        .col_expr(Column::EndedAt, Expr::value(Value::BigInt(None)))
        .col_expr(Column::Error, Expr::value(Value::String(None)))
        .filter(Column::Id.eq(letter.as_uuid()))
        .filter(Column::State.eq("dead"));
    exactly_one(tx, update).await
}

/// What every outcome has in common: the letter is due and leased by the caller, and the lease ends with it.
fn under(lease: Lease) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::LeasedUntil, Expr::value(Value::BigInt(None)))
        .filter(Column::Id.eq(lease.letter.as_uuid()))
        .filter(Column::State.eq("due"))
        .filter(Column::LeasedUntil.eq(lease.until.as_millis()))
}

async fn exactly_one(
    tx: &DatabaseTransaction,
    update: UpdateMany<Entity>,
) -> Result<(), CommitError> {
    one(update.exec(tx).await.map_err(commit_error)?.rows_affected)
}

/// PostgreSQL takes no NUL in a text.
fn shown(error: &str) -> String {
    error.chars().filter(|c| *c != '\0').take(ERROR_CHARS).collect()
}

impl Model {
    fn of(letter: &PostedLetter) -> Self {
        Self {
            id: letter.id.as_uuid(),
            kind: letter.kind.clone(),
            account: letter.account.map(|account| account.as_uuid()),
            email_change: letter.email_change.map(|change| change.as_uuid()),
            posted_at: letter.posted_at.as_millis(),
            payload: Some(letter.payload.as_bytes().to_vec()),
            state: "due".to_owned(),
            due_at: letter.posted_at.as_millis(),
            leased_until: None,
            attempts: 0,
            ended_at: None,
            error: None,
        }
    }

    fn into_leased(self, until: Timestamp) -> Result<LetterRecord, Outage> {
        Ok(LetterRecord {
            lease: Lease { letter: LetterId::from_uuid(self.id), until },
            kind: self.kind,
            account: self.account.map(AccountId::from_uuid),
            email_change: self.email_change.map(EmailChangeId::from_uuid),
            posted_at: at(self.posted_at),
            payload: sealed(self.payload, "letters.payload")?,
            // The row counts this try, the record those before it.
            attempts: count(self.attempts - 1, "letters.attempts")?,
        })
    }

    fn into_dead(self) -> Result<DeadLetter, Outage> {
        Ok(DeadLetter {
            id: LetterId::from_uuid(self.id),
            kind: self.kind,
            posted_at: at(self.posted_at),
            died_at: self.ended_at.map(at).ok_or_else(|| corrupt("letters.ended_at"))?,
            attempts: count(self.attempts, "letters.attempts")?,
            error: self.error.unwrap_or_default(),
        })
    }
}
