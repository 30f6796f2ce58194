use async_trait::async_trait;

use crate::reason::Outage;
use crate::second_factors::Factor;
use crate::values::AccountId;

/// Reads second factors.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait SecondFactorRepository: Send + Sync {
    /// The factors of an account that have not ended, enrolments included, the oldest first. Empty when it has
    /// none.
    async fn list(&self, account: AccountId) -> Result<Vec<Factor>, Outage>;
}
