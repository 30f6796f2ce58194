use async_trait::async_trait;

use crate::accounts::Account;
use crate::reason::Outage;
use crate::values::{AccountId, EmailKey};

/// Reads accounts.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait AccountRepository: Send + Sync {
    /// The account of this id; `None` when there is none, or none any more.
    async fn find(&self, id: AccountId) -> Result<Option<Account>, Outage>;

    /// The one living account with this e-mail key, verified or not; `None` when the address is free. An
    /// account whose change *to* this address is pending is not meant.
    async fn find_by_email(&self, key: &EmailKey) -> Result<Option<Account>, Outage>;
}
