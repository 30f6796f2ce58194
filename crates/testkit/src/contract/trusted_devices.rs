//! Trusted devices.

use rightful_domain::accounts::SecurityEpoch;
use rightful_domain::changes::Write;
use rightful_domain::ports::Unique;
use rightful_domain::trusted_devices::TrustedDevice;
use rightful_domain::values::{Span, Timestamp};

use super::{Adapters, assert_stale, assert_taken};
use crate::builders::{Edit, NOW, id, secret, trusted_device, verified};

async fn find(adapters: &Adapters, n: u64) -> Option<TrustedDevice> {
    adapters.trusted_devices.find(&secret(n)).await.expect("reads")
}

/// At the ends of time.
pub async fn every_field_of_a_device_reads_back(adapters: Adapters) {
    let owner = verified(1);
    adapters.write([Write::InsertAccount(owner.clone())]).await;
    let mut n = 0;
    for millis in [0, -1, i64::MIN, i64::MAX] {
        for device in ["", "携帯電話 \"'; --"] {
            n += 1;
            let at = Timestamp::from_millis(millis);
            let wanted = trusted_device(&owner, n).edit(|record| {
                record.device = String::from(device);
                record.source = String::from("2001:db8:1:2::/64");
                record.epoch = SecurityEpoch::from_stored(i64::MAX);
                record.trusted_at = at;
            });
            adapters.write([Write::InsertTrustedDevice(wanted.clone())]).await;
            assert_eq!(find(&adapters, n).await, Some(wanted.clone()));
            let account = owner.id();
            adapters.write([Write::EndTrust { account, device: wanted.id(), at }]).await;
            let ended = wanted.edit(|record| record.ended_at = Some(at));
            assert_eq!(find(&adapters, n).await, Some(ended));
        }
    }
}

/// We never issued the secret.
pub async fn a_device_that_is_not_there_is_none(adapters: Adapters) {
    let owner = verified(1);
    let device = trusted_device(&owner, 1);
    adapters.write([Write::InsertAccount(owner), Write::InsertTrustedDevice(device)]).await;
    assert_eq!(find(&adapters, 2).await, None);
}

/// MN-65, and the time of the first end stands.
pub async fn trust_is_ended_only_by_its_own_account_and_once(adapters: Adapters) {
    let (owner, other) = (verified(1), verified(2));
    let device = trusted_device(&owner, 1);
    let end = |account, at| Write::EndTrust { account, device: id(1), at };
    adapters
        .write([
            Write::InsertAccount(owner.clone()),
            Write::InsertAccount(other.clone()),
            Write::InsertTrustedDevice(device.clone()),
        ])
        .await;
    adapters.write([end(other.id(), NOW)]).await;
    assert_eq!(find(&adapters, 1).await, Some(device.clone()));
    adapters.write([end(owner.id(), NOW)]).await;
    adapters.write([end(owner.id(), NOW + Span::days(1))]).await;
    let ended = device.edit(|record| record.ended_at = Some(NOW));
    assert_eq!(find(&adapters, 1).await, Some(ended));
}

/// A hundred at most.
pub async fn the_list_leaves_out_ended_trust_and_puts_the_latest_first(adapters: Adapters) {
    let (owner, other) = (verified(1), verified(2));
    let since = |n: u64| {
        let at = NOW + Span::seconds(i64::try_from(n).expect("small"));
        trusted_device(&owner, n).edit(|record| record.trusted_at = at)
    };
    adapters
        .write([
            Write::InsertAccount(owner.clone()),
            Write::InsertAccount(other.clone()),
            Write::InsertTrustedDevice(trusted_device(&other, 1_000)),
        ])
        .await;
    adapters.write((1..=103).map(|n| Write::InsertTrustedDevice(since(n)))).await;
    let end = Write::EndTrust { account: owner.id(), device: id(102), at: NOW };
    adapters.write([end]).await;
    let listed = adapters.trusted_devices.list(owner.id()).await.expect("reads");
    let wanted: Vec<_> = (1..=103).rev().filter(|n| *n != 102).take(100).map(since).collect();
    assert_eq!(listed, wanted);
}

/// CS-51: a secret opens one thing.
pub async fn a_secret_belongs_to_one_device(adapters: Adapters) {
    let owner = verified(1);
    let first = trusted_device(&owner, 1);
    adapters
        .write([Write::InsertAccount(owner.clone()), Write::InsertTrustedDevice(first.clone())])
        .await;
    let same_secret = trusted_device(&owner, 2).edit(|record| record.secret = secret(1));
    let same_id = trusted_device(&owner, 1).edit(|record| record.secret = secret(3));
    for twin in [same_secret, same_id] {
        let refused = adapters.try_write([Write::InsertTrustedDevice(twin)]).await;
        assert_taken(&refused, Unique::Other);
    }
    assert_eq!(find(&adapters, 1).await, Some(first));
}

/// It gave way between the decision and the commit.
pub async fn a_device_of_an_account_that_is_gone_is_stale(adapters: Adapters) {
    let orphan = trusted_device(&verified(1), 1);
    assert_stale(&adapters.try_write([Write::InsertTrustedDevice(orphan)]).await);
}
