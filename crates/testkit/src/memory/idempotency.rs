use async_trait::async_trait;
use rightful_domain::idempotency::{Claim, IdempotencyKey, IdempotencyRepository};
use rightful_domain::reason::Outage;
use rightful_domain::values::{Sealed, Span, Timestamp};

use super::Memory;

/// How long an answer is kept.
const KEPT: Span = Span::days(1);

/// After this long a claim without an answer is nobody's.
const ABANDONED: Span = Span::minutes(1);

#[derive(Clone, Debug)]
pub(super) struct Row {
    body: [u8; 32],
    claimed_at: Timestamp,
    answer: Option<Sealed>,
}

impl Row {
    fn is_over(&self, now: Timestamp) -> bool {
        let life = if self.answer.is_some() { KEPT } else { ABANDONED };
        now >= self.claimed_at + life
    }
}

#[async_trait]
impl IdempotencyRepository for Memory {
    async fn claim(
        &self,
        key: IdempotencyKey,
        body: [u8; 32],
        now: Timestamp,
    ) -> Result<Claim, Outage> {
        let mut records = self.records();
        if let Some(row) = records.answers.get(&key).filter(|row| !row.is_over(now)) {
            return Ok(match &row.answer {
                _ if row.body != body => Claim::OtherBody,
                Some(answer) => Claim::Answered(answer.clone()),
                None => Claim::InFlight,
            });
        }
        records.answers.insert(key, Row { body, claimed_at: now, answer: None });
        Ok(Claim::Yours)
    }

    async fn finish(&self, key: IdempotencyKey, answer: Sealed) -> Result<(), Outage> {
        if let Some(row) = self.records().answers.get_mut(&key) {
            row.answer = Some(answer);
        }
        Ok(())
    }

    async fn abandon(&self, key: IdempotencyKey) -> Result<(), Outage> {
        self.records().answers.remove(&key);
        Ok(())
    }
}
