use crate::accounts::{SecurityEpoch, Version};
use crate::sessions::{
    Carrier, EndReason, Ended, FreshProof, Session, SessionOver, SessionPolicy, SessionProof,
    SessionRecord,
};
use crate::tests_support::{
    Edit, MS, NEW_PASSWORD, NOW, ada, counting_entropy, hash, secret, session, verified, visit,
};
use crate::values::Span;

const POLICY: SessionPolicy = SessionPolicy {
    absolute: Span::days(30),
    idle: Span::days(7),
    fresh: Span::minutes(5),
    touch_every: Span::minutes(1),
};

#[test]
fn the_default_limits_are_those_of_the_documents() {
    assert_eq!(SessionPolicy::default(), POLICY);
}

/// Every state of a session, to the millisecond.
#[test]
fn asvs_v7_3_1_v7_3_2_v7_4_1_a_session_is_good_only_until_its_first_end() {
    let account = ada();
    let live = session(&account, 1);
    let used_at = |span| {
        live.clone().edit(|record| {
            record.started_at = NOW - Span::days(29);
            record.last_used_at = NOW - span;
        })
    };
    let started_at = |span| live.clone().edit(|record| record.started_at = NOW - span);
    let ended = |why| live.clone().edit(|record| record.ended = Some(Ended { at: NOW, why }));
    let other_epoch =
        |epoch| live.clone().edit(|record| record.epoch = SecurityEpoch::from_stored(epoch));
    let table = [
        ("live", live.clone(), true),
        (
            "idle for a millisecond less than 7 days",
            used_at(Span::from_millis(Span::days(7).as_millis() - 1)),
            true,
        ),
        ("idle for 7 days", used_at(Span::days(7)), false),
        (
            "idle for a millisecond more",
            used_at(Span::from_millis(Span::days(7).as_millis() + 1)),
            false,
        ),
        (
            "a millisecond less than 30 days old",
            started_at(Span::from_millis(Span::days(30).as_millis() - 1)),
            true,
        ),
        ("30 days old, used just now", started_at(Span::days(30)), false),
        (
            "a millisecond older, used just now",
            started_at(Span::from_millis(Span::days(30).as_millis() + 1)),
            false,
        ),
        ("of an earlier epoch", other_epoch(0), false),
        ("of a later epoch", other_epoch(2), false),
        ("another account's", session(&verified("bob@example.org"), 1), false),
    ];
    let ends = EndReason::ALL.map(|why| (why.as_str(), ended(why), false));
    for (state, session, good) in table.into_iter().chain(ends) {
        let wanted = if good { Ok(()) } else { Err(SessionOver) };
        assert_eq!(session.check(&account, &POLICY, NOW), wanted, "{state}");
    }
}

/// MN-2, MN-4: whatever advances the account's epoch ends every session, whatever is stored of them.
#[test]
fn mn_2_every_advance_of_the_epoch_ends_the_session() {
    let account = ada();
    let live = session(&account, 1);
    for after in [
        account.clone().change_password(hash(NEW_PASSWORD), NOW),
        account.clone().move_to(account.email().clone(), NOW),
        account.clone().freeze(NOW, Span::days(7)),
        account.clone().restore(account.email().clone(), hash(NEW_PASSWORD), NOW),
    ] {
        assert_eq!(live.check(&after, &POLICY, NOW), Err(SessionOver), "{after:?}");
    }
    // What is no matter of security ends nothing.
    assert_eq!(live.check(&account.rename(None), &POLICY, NOW), Ok(()));
}

#[test]
fn mn_49_an_ended_session_stays_ended_when_the_clock_steps_back() {
    let account = ada();
    let ended = session(&account, 1)
        .edit(|record| record.ended = Some(Ended { at: NOW, why: EndReason::SignedOut }));
    for now in [NOW, NOW - MS, ended.record().started_at, NOW - Span::days(365)] {
        assert_eq!(ended.check(&account, &POLICY, now), Err(SessionOver));
    }
}

#[test]
fn asvs_v7_2_3_a_new_session_is_bound_to_its_account_and_its_secret_is_not_kept() {
    let account = ada();
    let (session, secret) = Session::start(
        &account,
        Carrier::Bearer,
        String::from("curl"),
        visit().source,
        &counting_entropy(),
        NOW,
    );
    assert!(secret.expose().starts_with("ses_"));
    assert_eq!(
        session.record(),
        &SessionRecord {
            id: session.id(),
            account: account.id(),
            secret: secret.hash(),
            epoch: account.epoch(),
            carrier: Carrier::Bearer,
            device: String::from("curl"),
            source: String::from("192.0.2.1"),
            started_at: NOW,
            last_used_at: NOW,
            proved_at: NOW,
            factor_at: None,
            ended: None,
            version: Version::FIRST,
        }
    );
}

/// CS-20: "five minutes at most", to the millisecond.
#[test]
fn cs_20_a_proof_of_the_password_is_fresh_for_less_than_five_minutes() {
    let session = session(&ada(), 1).edit(|record| record.proved_at = NOW);
    let end = NOW + Span::minutes(5);
    for (now, fresh) in [(NOW, true), (end - MS, true), (end, false), (end + MS, false)] {
        let proof = session.fresh_proof(&ada(), &POLICY, now);
        assert_eq!(proof.map(FreshProof::account), fresh.then_some(ada().id()), "{now}");
    }
}

#[test]
fn asvs_v7_2_4_proving_again_kills_the_old_secret_and_keeps_the_session() {
    let account = ada().change_password(hash(NEW_PASSWORD), NOW);
    let before = session(&ada(), 1).edit(|record| record.last_used_at = NOW - Span::days(1));
    let (after, new_secret) =
        before.clone().renew(&account, SessionProof::Password, &counting_entropy(), NOW);
    let wanted = before.clone().edit(|record| {
        record.secret = new_secret.hash();
        record.epoch = account.epoch();
        record.proved_at = NOW;
        record.last_used_at = NOW;
    });
    assert_eq!(after, wanted);
    assert_ne!(after.record().secret, secret("ses", 1).hash());
    assert_eq!(after.check(&account, &POLICY, NOW), Ok(()));
    // Thirty days count from the sign-in, however often the password is proved.
    assert_eq!(after.record().started_at, before.record().started_at);
}

#[test]
fn the_time_of_last_use_is_written_once_a_minute() {
    let session = session(&ada(), 1);
    let due = NOW + Span::minutes(1);
    for (now, wanted) in [(NOW, false), (due - MS, false), (due, true), (NOW - MS, false)] {
        assert_eq!(session.wants_touch(&POLICY, now), wanted, "{now}");
    }
}

#[test]
fn a_session_ends_at_the_nearer_of_its_two_limits() {
    let young = session(&ada(), 1).edit(|record| record.started_at = NOW);
    assert_eq!(young.expires_at(&POLICY), NOW + Span::days(7));
    let old = young.edit(|record| record.started_at = NOW - Span::days(28));
    assert_eq!(old.expires_at(&POLICY), NOW + Span::days(2));
}

#[test]
fn every_reason_to_end_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> =
        EndReason::ALL.into_iter().map(EndReason::as_str).collect();
    assert_eq!(names.len(), EndReason::ALL.len());
}
