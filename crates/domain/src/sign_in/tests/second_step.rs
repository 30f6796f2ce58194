//! Signing in to an account that has a second factor.

use crate::Visit;
use crate::accounts::{Account, SecurityEpoch};
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::links::{Link, LinkPurpose};
use crate::one_time_codes::Step;
use crate::reason::{Reason, Refusal};
use crate::second_factors::tests::support::{
    app, backup_code, code, codes, codes_without, proved, secured, stage,
};
use crate::second_factors::{FactorKind, FactorProof};
use crate::sessions::{Carrier, Session, SessionPolicy};
use crate::sign_in::{
    Credentials, Entry, Proof, Renewed, SecondStep, SecondStepTaken, SignInError, SignedIn,
};
use crate::tests_support::{
    Edit, MS, NEW_PASSWORD, NOW, PASSWORD, Stage, counting_entropy, hash, id, link, secret,
    session, stale, told, visit,
};
use crate::trusted_devices::{PREFIX, TrustedDevice};
use crate::values::Span;

/// Nobody is signed in.
fn at_the_door() -> Stage {
    stage(&stale(&secured())).and(|world| world.sessions.clear())
}

async fn first_step(stage: &Stage, password: &str, visit: &Visit) -> Result<Entry, SignInError> {
    let credentials = Credentials { email: "ada@example.org", password, carrier: Carrier::Cookie };
    stage.rightful.sign_in().sign_in(credentials, visit).await
}

fn asked(entry: Entry) -> SecondStep {
    match entry {
        Entry::SecondStep(step) => step,
        Entry::SignedIn(signed_in) => panic!("signed in: {signed_in:?}"),
    }
}

fn step_link() -> Link {
    link(LinkPurpose::SecondStep, &secured(), 5).edit(|record| {
        record.issued_at = NOW - Span::minutes(1);
        record.expires_at = NOW + Span::minutes(9);
    })
}

/// The first step was taken a minute ago.
fn halfway() -> Stage {
    at_the_door().and(|world| world.links.push(step_link()))
}

async fn second_step(
    stage: &Stage,
    proof: FactorProof<'_>,
    trust: bool,
) -> Result<SignedIn, SignInError> {
    let secret = secret("stp", 5);
    let taken = SecondStepTaken { secret: secret.expose(), proof, carrier: Carrier::Cookie, trust };
    stage.rightful.sign_in().second_step(taken, &visit()).await
}

#[tokio::test]
async fn mn_11_the_password_alone_opens_no_session() {
    let stage = at_the_door();
    let step = asked(first_step(&stage, PASSWORD, &visit()).await.unwrap());
    assert_eq!(step.kinds, [FactorKind::Totp, FactorKind::BackupCodes]);
    assert_eq!(step.expires_at, NOW + Span::minutes(10));
    let account = secured().id();
    let commit = stage.commit();
    let succeeded = vec![
        stage.rightful.limit_key("sign_in_pair", &["ada@example.org", "192.0.2.1"]),
        stage.rightful.limit_key("sign_in_address", &["ada@example.org"]),
        stage.rightful.limit_key("sign_in_ceiling", &["ada@example.org"]),
    ];
    let Some(Write::InsertLink(link)) = commit.writes.last() else { panic!("{commit:?}") };
    assert_eq!(link.record().secret, step.secret.hash());
    assert_eq!(link.record().purpose, LinkPurpose::SecondStep);
    let wanted = told(Act::SecondStepAsked, Actor::Customer(account), Some(account))
        .write(Write::ForgetTries(succeeded))
        .write(Write::InsertLink(link.clone()));
    assert_eq!(commit, wanted, "no session, and no letter");
}

#[tokio::test]
async fn a_wrong_password_is_not_told_that_there_is_a_second_step() {
    let stage = at_the_door();
    let refused = first_step(&stage, "not the password", &visit()).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), ("wrong_credentials", Reason::Unauthenticated));
}

#[tokio::test]
async fn used_up_backup_codes_are_not_offered() {
    let all_used =
        (0..10).fold(codes(&secured()), |codes, n| codes.use_backup_code(n, NOW).unwrap());
    let stage = at_the_door().and(|world| world.factors[1] = all_used);
    let step = asked(first_step(&stage, PASSWORD, &visit()).await.unwrap());
    assert_eq!(step.kinds, [FactorKind::Totp]);
}

/// What is expected of a second step with this factor, up to the letters.
fn entered(
    stage: &Stage,
    done: &SignedIn,
    used: crate::second_factors::Factor,
) -> crate::tests_support::Told {
    let account = secured().id();
    let (session, _) = Session::start(
        &secured(),
        Carrier::Cookie,
        visit().device,
        visit().source,
        &counting_entropy(),
        NOW,
    );
    let session = session.with_second_step(NOW).edit(|record| {
        record.id = done.session.id();
        record.secret = done.secret.hash();
    });
    assert_eq!(done.session, session);
    told(Act::SignedIn, Actor::Customer(account), Some(account))
        .write(Write::ForgetTries(vec![stage.rightful.factor_key(&secured(), &visit())]))
        .write(Write::RedeemLink { link: id(5), at: NOW })
        .write(Write::UpdateFactor(used))
        .write(Write::InsertSession(session))
}

#[tokio::test]
async fn a_right_code_opens_the_session_and_both_are_used_up() {
    let stage = halfway();
    let done = second_step(&stage, FactorProof::Code(&code(NOW)), false).await.unwrap();
    let used = app(&secured(), 80).use_step(Step::at(NOW), NOW).unwrap();
    let wanted = entered(&stage, &done, used).letter("new_sign_in", "ada@example.org");
    assert_eq!(stage.commit(), wanted);
    assert!(done.trusted_device.is_none());
    assert!(done.session.fresh_proof(&secured(), &SessionPolicy::default(), NOW).is_some());
}

#[tokio::test]
async fn a_backup_code_opens_the_session_once_and_the_mailbox_is_told() {
    let stage = halfway();
    let typed = backup_code(7);
    let done = second_step(&stage, FactorProof::BackupCode(&typed), false).await.unwrap();
    let wanted = entered(&stage, &done, codes_without(&secured(), 7, NOW))
        .letter("new_sign_in", "ada@example.org")
        .letter("backup_code_used", "ada@example.org");
    assert_eq!(stage.commit(), wanted);
    let stage = halfway().and(|world| world.factors[1] = codes_without(&secured(), 7, NOW));
    let refused = second_step(&stage, FactorProof::BackupCode(&typed), false).await.unwrap_err();
    assert_eq!(refused.code(), "wrong_code");
}

/// Security §3.5: somebody knows the password. Told once a day, so that nothing is buried under it.
#[tokio::test]
async fn asvs_v6_3_5_a_wrong_code_after_the_right_password_is_told_to_the_mailbox_once_a_day() {
    let stage = halfway();
    for _ in 0..2 {
        let refused = second_step(&stage, FactorProof::Code("000000"), false).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), ("wrong_code", Reason::Forbidden));
    }
    let account = secured().id();
    let wanted = told(Act::FactorRefused, Actor::Anonymous, Some(account));
    let commits = stage.commits();
    assert_eq!(commits[0], wanted.clone().letter("second_step_failed", "ada@example.org"));
    assert_eq!(commits[1], wanted);
}

/// 63B §3.1.3.2, MN-16: a new first step brings no new tries.
#[tokio::test]
async fn asvs_v6_3_1_wrong_codes_are_counted_by_account_whatever_the_first_step_and_source() {
    let stage = halfway();
    for n in 0..5_u8 {
        let mut elsewhere = visit();
        elsewhere.source = crate::values::Source::of([192, 0, 2, 50 + n].into());
        let n = u64::from(n);
        stage.set(|world| {
            let step = step_link();
            let fresh =
                step.edit(|r| (r.id, r.secret) = (id(20 + n), secret("stp", 20 + n).hash()));
            world.links.push(fresh);
        });
        let secret = secret("stp", 20 + n);
        let (proof, carrier) = (FactorProof::Code("000000"), Carrier::Cookie);
        let taken = SecondStepTaken { secret: secret.expose(), proof, carrier, trust: false };
        let refused = stage.rightful.sign_in().second_step(taken, &elsewhere).await.unwrap_err();
        assert_eq!(refused.code(), "wrong_code");
    }
    let refused = second_step(&stage, FactorProof::Code(&code(NOW)), false).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_requests");
    assert_eq!(refused.retry_after(), Some(Span::seconds(30)));
}

#[tokio::test]
async fn a_first_step_that_is_no_more_opens_nothing() {
    let dead = |change: fn(&mut crate::links::LinkRecord)| step_link().edit(change);
    for (link, told) in [
        (dead(|r| r.secret = secret("stp", 6).hash()), "link_unknown"),
        (dead(|r| r.purpose = LinkPurpose::VerifyAddress), "link_unknown"),
        (dead(|r| r.redeemed_at = Some(NOW - MS)), "link_used"),
        (dead(|r| r.expires_at = NOW), "link_expired"),
        (dead(|r| r.epoch = SecurityEpoch::UNPROVED), "link_superseded"),
    ] {
        let stage = at_the_door().and(|world| world.links.push(link));
        let refused = second_step(&stage, FactorProof::Code(&code(NOW)), false).await.unwrap_err();
        assert_eq!(refused.code(), told);
        assert_eq!(stage.commits().len(), 0, "{told}");
    }
    // Another purpose's secret is refused before anything is looked up (MN-19).
    let stage = halfway();
    let session = secret("ses", 5);
    let (proof, carrier) = (FactorProof::Code("000000"), Carrier::Cookie);
    let taken = SecondStepTaken { secret: session.expose(), proof, carrier, trust: false };
    let refused = stage.rightful.sign_in().second_step(taken, &visit()).await.unwrap_err();
    assert_eq!(refused.code(), "link_unknown");
}

/// MN-22: the password changed between the two steps.
#[tokio::test]
async fn mn_22_a_first_step_does_not_outlive_the_password_that_it_was_taken_with() {
    let stage = halfway();
    stage.meanwhile(|world| {
        world.accounts = vec![secured().change_password(hash(NEW_PASSWORD), NOW)];
    });
    let refused = second_step(&stage, FactorProof::Code(&code(NOW)), false).await.unwrap_err();
    assert_eq!(refused.code(), "link_superseded");
}

fn device() -> TrustedDevice {
    let visit = visit();
    let yesterday = NOW - Span::days(1);
    let (device, _) = TrustedDevice::trust(
        &secured(),
        visit.device,
        visit.source,
        &counting_entropy(),
        yesterday,
    );
    device.edit(|record| (record.id, record.secret) = (id(70), secret(PREFIX, 70).hash()))
}

#[tokio::test]
async fn a_device_is_trusted_when_that_is_wished_and_the_mailbox_is_told() {
    let stage = halfway();
    let done = second_step(&stage, FactorProof::Code(&code(NOW)), true).await.unwrap();
    let given = done.trusted_device.unwrap();
    assert_eq!(given.until, NOW + Span::days(30));
    let commit = stage.commit();
    let Some(Write::InsertTrustedDevice(device)) = commit.writes.last() else {
        panic!("{commit:?}")
    };
    assert_eq!(device.record().secret, given.secret.hash());
    assert_eq!(device.check(&secured(), NOW), Ok(()));
    assert!(commit.letters.contains(&("device_trusted".into(), "ada@example.org".into())));
    assert_eq!(commit.acts[1].0, Act::DeviceTrusted);
}

/// MN-15: with the password, and only to what a password may.
#[tokio::test]
async fn mn_15_a_trusted_device_skips_the_second_step_and_opens_no_sensitive_act() {
    let trusting = || at_the_door().and(|world| world.trusted_devices.push(device()));
    let on_it = Visit { trusted_device: Some(secret(PREFIX, 70).expose().to_owned()), ..visit() };
    let stage = trusting();
    let Entry::SignedIn(done) = first_step(&stage, PASSWORD, &on_it).await.unwrap() else {
        panic!("a second step was asked");
    };
    assert_eq!(done.session.record().factor_at, None);
    assert!(done.session.fresh_proof(&secured(), &SessionPolicy::default(), NOW).is_none());
    let refused = first_step(&trusting(), "not the password", &on_it).await.unwrap_err();
    assert_eq!(refused.code(), "wrong_credentials");
    // On another device, or when its time is over, the second step is asked.
    asked(first_step(&trusting(), PASSWORD, &visit()).await.unwrap());
    let over = trusting().and(|world| world.now = device().trusted_until());
    asked(first_step(&over, PASSWORD, &on_it).await.unwrap());
}

async fn again(stage: &Stage, account: &Account, proof: Proof<'_>) -> Result<Renewed, SignInError> {
    stage.rightful.sign_in().prove_again(&stale(account), proof, &visit()).await
}

#[tokio::test]
async fn cs_20_with_a_second_factor_the_password_proves_nothing_again() {
    let stage = stage(&stale(&secured()));
    let refused = again(&stage, &secured(), Proof::Password(PASSWORD)).await.unwrap_err();
    assert_eq!(refused.code(), "second_factor_required");
    assert_eq!(stage.commits().len(), 0);
    let fresh_password = session(&secured(), 1).edit(|record| record.proved_at = NOW);
    assert!(fresh_password.fresh_proof(&secured(), &SessionPolicy::default(), NOW).is_none());
}

#[tokio::test]
async fn asvs_v7_2_4_a_code_proves_again_and_gives_the_session_a_new_secret() {
    let stage = stage(&stale(&secured()));
    let proof = Proof::Factor(FactorProof::Code(&code(NOW)));
    let done = again(&stage, &secured(), proof).await.unwrap();
    assert!(done.session.fresh_proof(&secured(), &SessionPolicy::default(), NOW).is_some());
    assert_ne!(done.session.record().secret, session(&secured(), 1).record().secret);
    let used = app(&secured(), 80).use_step(Step::at(NOW), NOW).unwrap();
    let account = secured().id();
    let wanted = told(Act::Reauthenticated, Actor::Customer(account), Some(account))
        .write(Write::ForgetTries(vec![stage.rightful.factor_key(&secured(), &visit())]))
        .write(Write::UpdateFactor(used))
        .write(Write::UpdateSession(done.session));
    assert_eq!(stage.commit(), wanted);
}

#[tokio::test]
async fn a_wrong_code_proves_nothing_again() {
    let stage = stage(&stale(&secured()));
    let proof = Proof::Factor(FactorProof::Code("000000"));
    let refused = again(&stage, &secured(), proof).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), ("wrong_code", Some("code")));
}

/// MN-15: a session of a trusted device, with the password in the thief's hands.
#[tokio::test]
async fn mn_15_the_password_is_not_changed_without_the_second_factor() {
    let change = async |live| {
        let stage = stage(&live);
        let profile = stage.rightful.profile();
        profile.change_password(&live, PASSWORD, NEW_PASSWORD, &visit()).await.map(|_| ())
    };
    let refused = change(crate::tests_support::fresh(&secured())).await.unwrap_err();
    assert_eq!(refused.code(), "reauthentication_required");
    change(proved(&secured())).await.unwrap();
}
