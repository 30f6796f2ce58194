use async_trait::async_trait;

use crate::links::Link;
use crate::reason::Outage;
use crate::values::SecretHash;

/// Reads links.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait LinkRepository: Send + Sync {
    /// The link with this secret, used or expired or not; `None` when we never issued it or its account is
    /// gone.
    async fn find(&self, secret: &SecretHash) -> Result<Option<Link>, Outage>;
}
