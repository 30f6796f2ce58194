use async_trait::async_trait;

use crate::letters::LetterRecord;
use crate::reason::Outage;
use crate::values::{LetterId, Span, Timestamp};

/// A letter that was given up, as an operator may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct DeadLetter {
    pub id: LetterId,
    pub kind: String,
    pub posted_at: Timestamp,
    pub died_at: Timestamp,
    pub attempts: u32,
    pub error: String,
}

/// How the outbox stands, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct QueueState {
    /// Letters that are due or wait for another try.
    pub waiting: u64,
    pub dead: u64,
    /// When the oldest waiting letter was posted.
    pub oldest: Option<Timestamp>,
}

/// Reads the outbox, and leases.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait LetterRepository: Send + Sync {
    /// Leases letters that are due and not leased, oldest first, `most` at most, and counts the try. No two
    /// callers are given the same letter before the lease ends, in any number of processes.
    async fn lease(
        &self,
        most: u32,
        now: Timestamp,
        life: Span,
    ) -> Result<Vec<LetterRecord>, Outage>;

    /// Dead letters, the latest first, `most` at most.
    async fn list_dead(&self, most: u32) -> Result<Vec<DeadLetter>, Outage>;

    /// How the outbox stands.
    async fn queue_state(&self) -> Result<QueueState, Outage>;
}
