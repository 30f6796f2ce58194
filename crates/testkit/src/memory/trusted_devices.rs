use std::cmp::Reverse;

use async_trait::async_trait;
use rightful_domain::ports::{CommitError, Unique};
use rightful_domain::reason::Outage;
use rightful_domain::trusted_devices::{TrustedDevice, TrustedDeviceRepository};
use rightful_domain::values::{AccountId, SecretHash, Timestamp, TrustedDeviceId};

use super::{Memory, Records, unless_taken};
use crate::builders::Edit;

#[async_trait]
impl TrustedDeviceRepository for Memory {
    async fn find(&self, secret: &SecretHash) -> Result<Option<TrustedDevice>, Outage> {
        let records = self.records();
        Ok(records.trusted_devices.values().find(|d| d.record().secret == *secret).cloned())
    }

    async fn list(&self, account: AccountId) -> Result<Vec<TrustedDevice>, Outage> {
        let records = self.records();
        let mut list: Vec<_> = records
            .trusted_devices
            .values()
            .filter(|d| d.record().account == account && d.record().ended_at.is_none())
            .cloned()
            .collect();
        list.sort_by_key(|device| Reverse((device.record().trusted_at, device.id())));
        list.truncate(100);
        Ok(list)
    }
}

impl Records {
    pub(super) fn insert_trusted_device(
        &mut self,
        device: TrustedDevice,
    ) -> Result<(), CommitError> {
        self.living(device.record().account)?;
        unless_taken(Unique::Other, self.trusted_devices.contains_key(&device.id()))?;
        let mut secrets = self.trusted_devices.values().map(|other| other.record().secret);
        unless_taken(Unique::Other, secrets.any(|secret| secret == device.record().secret))?;
        self.trusted_devices.insert(device.id(), device);
        Ok(())
    }

    pub(super) fn end_trust(&mut self, account: AccountId, device: TrustedDeviceId, at: Timestamp) {
        if let Some(device) = self.trusted_devices.get_mut(&device)
            && device.record().account == account
            && device.record().ended_at.is_none()
        {
            *device = device.clone().edit(|record| record.ended_at = Some(at));
        }
    }
}
