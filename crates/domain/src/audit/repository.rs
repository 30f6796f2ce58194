use async_trait::async_trait;

use crate::audit::Entry;
use crate::reason::Outage;
use crate::values::AccountId;

/// Reads the audit trail.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// The entries after number `after`, in order, `limit` at most. Empty at the end.
    async fn list(&self, after: i64, limit: u32) -> Result<Vec<Entry>, Outage>;

    /// The entries about one account, the latest first, `limit` at most.
    async fn list_about(&self, account: AccountId, limit: u32) -> Result<Vec<Entry>, Outage>;
}
