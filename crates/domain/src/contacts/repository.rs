use async_trait::async_trait;

use crate::contacts::Contact;
use crate::reason::Outage;
use crate::values::EmailKey;

/// Reads the directory of addresses.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait ContactRepository: Send + Sync {
    /// What is known of the address; `None` when the shop never heard of it, whether or not an account has
    /// it in force.
    async fn find(&self, key: &EmailKey) -> Result<Option<Contact>, Outage>;
}
