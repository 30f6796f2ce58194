use super::*;
use crate::accounts::SecurityEpoch;
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::reason::Refusal;
use crate::second_factors::tests::support::secured;
use crate::tests_support::{
    Edit, MS, NOW, Stage, counting_entropy, id, secret, stale, told, verified, visit,
};
use crate::values::Span;

/// Trusted device number `n` of Ada, since yesterday.
fn device(n: u64) -> TrustedDevice {
    let visit = visit();
    let (device, _) = TrustedDevice::trust(
        &secured(),
        visit.device,
        visit.source,
        &counting_entropy(),
        NOW - Span::days(1),
    );
    device.edit(|record| (record.id, record.secret) = (id(n), secret(PREFIX, n).hash()))
}

#[test]
fn a_device_is_trusted_for_thirty_days_and_never_more() {
    let device = device(1);
    let end = NOW - Span::days(1) + Span::days(30);
    assert_eq!(device.trusted_until(), end);
    assert!(device.check(&secured(), end - MS).is_ok());
    assert_eq!(device.check(&secured(), end), Err(NotTrusted));
}

#[test]
fn mn_20_trust_is_of_one_account_and_dies_with_its_epoch() {
    let others = verified("eve@example.org");
    assert_eq!(device(1).check(&others, NOW), Err(NotTrusted));
    let later = secured().bind_factor(NOW);
    assert_eq!(device(1).check(&later, NOW), Err(NotTrusted));
    let ended = device(1).edit(|record| record.ended_at = Some(NOW - MS));
    assert_eq!(ended.check(&secured(), NOW), Err(NotTrusted));
    let earlier = device(1).edit(|record| record.epoch = SecurityEpoch::UNPROVED);
    assert_eq!(earlier.check(&secured(), NOW), Err(NotTrusted));
}

#[tokio::test]
async fn a_device_is_recognized_by_its_own_secret_alone() {
    let stage = Stage::with(&secured()).and(|world| world.trusted_devices.push(device(1)));
    let (right, other) = (secret(PREFIX, 1), secret(PREFIX, 2));
    let session = secret("ses", 1);
    for (presented, found) in [
        (Some(right.expose()), true),
        (None, false),
        (Some(""), false),
        (Some(other.expose()), false),
        (Some(session.expose()), false),
    ] {
        let device = stage.rightful.trusted_device(&secured(), presented).await.unwrap();
        assert_eq!(device.is_some(), found, "{presented:?}");
    }
}

#[tokio::test]
async fn the_list_shows_what_skips_the_second_step_now() {
    let live = stale(&secured());
    let over = device(2).edit(|record| record.trusted_at = NOW - Span::days(30));
    let stage = Stage::signed_in(&live).and(|world| world.trusted_devices = vec![device(1), over]);
    let listed = stage.rightful.trusted_devices().list(&live).await.unwrap();
    assert_eq!(listed, [device(1)]);
}

#[tokio::test]
async fn trust_is_ended_from_any_session_of_the_account() {
    let live = stale(&secured());
    let stage = Stage::signed_in(&live).and(|world| world.trusted_devices.push(device(1)));
    stage.rightful.trusted_devices().end(&live, id(1), &visit()).await.unwrap();
    let account = secured().id();
    let commit = stage.commit();
    let wanted = told(Act::TrustEnded, Actor::Customer(account), Some(account))
        .write(Write::EndTrust { account, device: id(1), at: NOW });
    assert_eq!(commit, wanted);
    assert_eq!(commit.demanded, Some(live.session.id()), "MN-13");
}

#[tokio::test]
async fn mn_65_no_device_of_another_account_and_none_that_is_over_is_found() {
    let live = stale(&secured());
    let others = device(1).edit(|record| record.account = verified("eve@example.org").id());
    for devices in [vec![], vec![others], vec![device(2)]] {
        let stage = Stage::signed_in(&live).and(|world| world.trusted_devices = devices);
        let refused = stage.rightful.trusted_devices().end(&live, id(1), &visit()).await;
        assert_eq!(refused.unwrap_err().code(), "not_found");
        assert_eq!(stage.commits().len(), 0);
    }
}
