use async_trait::async_trait;

use crate::reason::Outage;
use crate::values::{Sealed, Timestamp};

/// Which request: a keyed hash of credential, method, route and the client's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdempotencyKey(pub [u8; 32]);

/// What a claim of a key finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's: do the work, then [`IdempotencyRepository::finish`] or
    /// [`IdempotencyRepository::abandon`].
    Yours,
    /// Another request holds it and has not answered yet.
    InFlight,
    /// It was used with another body.
    OtherBody,
    /// It was answered: this is the sealed answer.
    Answered(Sealed),
}

/// Keeps the answers for a day. An adapter may drop a claim that was never finished after a minute: its
/// process died.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait IdempotencyRepository: Send + Sync {
    /// Claims `key` for a request whose body has the keyed hash `body`. Of many at once, exactly one is told
    /// [`Claim::Yours`].
    async fn claim(
        &self,
        key: IdempotencyKey,
        body: [u8; 32],
        now: Timestamp,
    ) -> Result<Claim, Outage>;

    /// Keeps the answer.
    async fn finish(&self, key: IdempotencyKey, answer: Sealed) -> Result<(), Outage>;

    /// Gives the key back: the work was not done, the client may send it again.
    async fn abandon(&self, key: IdempotencyKey) -> Result<(), Outage>;
}
