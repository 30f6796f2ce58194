use async_trait::async_trait;

use crate::reason::Outage;
use crate::trusted_devices::TrustedDevice;
use crate::values::{AccountId, SecretHash};

/// Reads trusted devices.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait TrustedDeviceRepository: Send + Sync {
    /// The device with this secret; `None` when we never issued it. It may be over: the model tells.
    async fn find(&self, secret: &SecretHash) -> Result<Option<TrustedDevice>, Outage>;

    /// The devices of an account that were not ended, the latest first, a hundred at most. Some may be over by
    /// time or epoch.
    async fn list(&self, account: AccountId) -> Result<Vec<TrustedDevice>, Outage>;
}
