use async_trait::async_trait;

use crate::reason::Outage;
use crate::throttle::{Limit, ThrottleKey, Verdict};
use crate::values::Timestamp;

/// Keeps the tallies.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Throttle: Send + Sync {
    /// Counts one try under every limit, in one atomic step with [`Limit::take`]. Unless all of them say go,
    /// none counts it, and the greatest verdict is the answer.
    async fn take(
        &self,
        limits: &[(ThrottleKey, Limit)],
        now: Timestamp,
    ) -> Result<Verdict, Outage>;
}
