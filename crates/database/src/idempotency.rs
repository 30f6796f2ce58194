//! The answers to requests that may be sent again.
//!
//! Every step is one statement with a guard, so nothing has to be held together by a transaction.

use async_trait::async_trait;
use rightful_domain::idempotency::{Claim, IdempotencyKey, IdempotencyRepository};
use rightful_domain::reason::Outage;
use rightful_domain::values::{Sealed, Span, Timestamp};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Value};

use crate::Db;
use crate::entities::idempotency_answers::{Column, Entity, Model};
use crate::errors::outage;
use crate::reading::{at, statement};

/// How long an answer is kept.
const ANSWER_LIFE: Span = Span::hours(24);

/// After so long without an answer, the process that claimed the key is taken for dead.
const CLAIM_LIFE: Span = Span::seconds(60);

/// A claim that meets another which comes and goes begins anew, so many times.
const TRIES: u32 = 5;

const CLAIM: &str = "INSERT INTO idempotency_answers (key, body, claimed_at) VALUES ($1, $2, $3) \
ON CONFLICT (key) DO NOTHING";

/// `{skip}` lets PostgreSQL pass by what somebody else is about to remove or take over.
const PURGE: &str = "DELETE FROM idempotency_answers WHERE key IN \
(SELECT key FROM idempotency_answers WHERE claimed_at <= $1 ORDER BY claimed_at LIMIT 500 {skip})";

#[async_trait]
impl IdempotencyRepository for Db {
    async fn claim(
        &self,
        key: IdempotencyKey,
        body: [u8; 32],
        now: Timestamp,
    ) -> Result<Claim, Outage> {
        self.purge(now).await?;
        for _ in 0..TRIES {
            if self.insert(key, body, now).await? {
                return Ok(Claim::Yours);
            }
            // On the writer: its view includes the row that was in the way.
            let found =
                Entity::find_by_id(key.0.to_vec()).one(&self.write).await.map_err(outage)?;
            // Abandoned in between.
            let Some(row) = found else { continue };
            if !row.is_over(now) {
                return Ok(row.into_claim(body));
            }
            if self.take_over(&row, body, now).await? {
                return Ok(Claim::Yours);
            }
        }
        Err(Outage::Contended)
    }

    async fn finish(&self, key: IdempotencyKey, answer: Sealed) -> Result<(), Outage> {
        Entity::update_many()
            .col_expr(Column::Answer, Expr::value(answer.as_bytes().to_vec()))
            .filter(Column::Key.eq(key.0.as_slice()))
            .filter(Column::Answer.is_null())
            .exec(&self.write)
            .await
            .map_err(outage)?;
        // No row: the work took so long that the claim is gone. It was done all the same.
        Ok(())
    }

    async fn abandon(&self, key: IdempotencyKey) -> Result<(), Outage> {
        Entity::delete_many()
            .filter(Column::Key.eq(key.0.as_slice()))
            .filter(Column::Answer.is_null())
            .exec(&self.write)
            .await
            .map_err(outage)?;
        Ok(())
    }
}

impl Db {
    async fn insert(
        &self,
        key: IdempotencyKey,
        body: [u8; 32],
        now: Timestamp,
    ) -> Result<bool, Outage> {
        let values = [key.0.to_vec().into(), body.to_vec().into(), now.as_millis().into()];
        let insert = statement(&self.write, CLAIM, values);
        let done = self.write.execute_raw(insert).await.map_err(outage)?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes the place of what is over. Of many who try, one finds it as it was.
    async fn take_over(&self, old: &Model, body: [u8; 32], now: Timestamp) -> Result<bool, Outage> {
        let done = Entity::update_many()
            .col_expr(Column::Body, Expr::value(body.to_vec()))
            .col_expr(Column::ClaimedAt, Expr::value(now.as_millis()))
            .col_expr(Column::Answer, Expr::value(Value::Bytes(None)))
            .filter(Column::Key.eq(old.key.as_slice()))
            .filter(Column::ClaimedAt.eq(old.claimed_at))
            .exec(&self.write)
            .await
            .map_err(outage)?;
        Ok(done.rows_affected == 1)
    }

    async fn purge(&self, now: Timestamp) -> Result<(), Outage> {
        let skip = match self.write.get_database_backend() {
            DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
            _ => "",
        };
        let before = now - ANSWER_LIFE;
        let values = [before.as_millis().into()];
        let purge = statement(&self.write, &PURGE.replace("{skip}", skip), values);
        self.write.execute_raw(purge).await.map_err(outage)?;
        Ok(())
    }
}

impl Model {
    fn is_over(&self, now: Timestamp) -> bool {
        let life = if self.answer.is_some() { ANSWER_LIFE } else { CLAIM_LIFE };
        now >= at(self.claimed_at) + life
    }

    fn into_claim(self, body: [u8; 32]) -> Claim {
        if self.body != body {
            return Claim::OtherBody;
        }
        self.answer.map_or(Claim::InFlight, |answer| Claim::Answered(Sealed::from_bytes(answer)))
    }
}
