use async_trait::async_trait;

use crate::email_change::EmailChange;
use crate::reason::Outage;
use crate::values::{AccountId, EmailChangeId};

/// Reads changes of address.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait EmailChangeRepository: Send + Sync {
    /// The change of this id; `None` when there is none, or its account is gone.
    async fn find(&self, id: EmailChangeId) -> Result<Option<EmailChange>, Outage>;

    /// The account's last requested change that is pending (expired or not) or undeliverable; `None` when
    /// the last one came to another end.
    async fn find_unfinished(&self, account: AccountId) -> Result<Option<EmailChange>, Outage>;

    /// The account's last confirmed change that was not reverted, however long ago; `None` when there is
    /// none. (A reverted change holds nothing back, and no earlier one can: two changes are seven days apart.)
    async fn find_last_confirmed(&self, account: AccountId) -> Result<Option<EmailChange>, Outage>;
}
