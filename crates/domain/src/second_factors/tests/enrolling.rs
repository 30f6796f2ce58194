//! Binding an authenticator app.

use super::support::{
    app, backup_code, begun, code, codes, codes_without, frozen, key, proved, secured, stage,
};
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::links::LinkPurpose;
use crate::one_time_codes::Step;
use crate::reason::Refusal;
use crate::second_factors::service::place_of;
use crate::second_factors::{
    Factor, FactorEnd, FactorError, FactorProof, FactorSecret, TotpEnrolment,
};
use crate::sessions::{EndReason, LiveSession, SessionProof};
use crate::tests_support::{
    Call, Edit, MS, NOW, Stage, ada, counting_entropy, fresh, id, link, pending, secret, stale,
    told, unverified, visit,
};
use crate::values::{FactorId, Span};

async fn begin(
    stage: &Stage,
    live: &LiveSession,
    proof: Option<FactorProof<'_>>,
) -> Result<TotpEnrolment, FactorError> {
    stage.rightful.second_factors().begin_totp(live, proof, &visit()).await
}

async fn bind(
    stage: &Stage,
    live: &LiveSession,
    code: &str,
    token: Option<&str>,
) -> Result<crate::second_factors::Changed, FactorError> {
    stage.rightful.second_factors().bind_totp(live, id(1), code, token, &visit()).await
}

fn inserted(write: &[Write]) -> Vec<&Factor> {
    fn factor(write: &Write) -> Option<&Factor> {
        match write {
            Write::InsertFactor(factor) => Some(factor),
            _ => None,
        }
    }
    write.iter().filter_map(factor).collect()
}

#[tokio::test]
async fn mn_12_the_first_app_is_begun_with_a_fresh_password_and_asks_the_mailbox() {
    let live = fresh(&ada());
    let stage = Stage::signed_in(&live);
    let enrolment = begin(&stage, &live, None).await.unwrap();
    assert!(enrolment.mailbox_asked);
    assert_eq!(enrolment.expires_at, NOW + Span::hours(1));
    let commit = stage.commit();
    let sealed = enrolment.key.seal(&*stage.rightful.ports().vault, &place_of(enrolment.factor));
    let factor = Factor::begin_totp(ada().verified().unwrap(), enrolment.factor, sealed, NOW);
    let wanted = told(Act::FactorBegun, Actor::Customer(ada().id()), Some(ada().id()))
        .write(Write::InsertFactor(factor))
        .write(commit.link(LinkPurpose::BindFactor, &ada(), None, NOW))
        .letter("bind_factor", "ada@example.org");
    assert_eq!(commit, wanted);
    assert_eq!(commit.demanded, Some(live.session.id()));
}

#[tokio::test]
async fn who_may_not_begin_is_told_why_and_nothing_is_written() {
    let unproved = unverified("ada@example.org");
    let window = fresh(&frozen(&ada()));
    for (live, code) in [
        (stale(&ada()), "reauthentication_required"),
        (fresh(&unproved), "current_email_not_verified"),
        (window, "account_frozen"),
        // The password is fresh, and does not count any more.
        (fresh(&secured()), "second_factor_required"),
        (proved(&secured()), "second_factor_required"),
    ] {
        let stage = stage(&live);
        assert_eq!(begin(&stage, &live, None).await.unwrap_err().code(), code);
        assert_eq!(stage.commits().len(), 0, "{code}");
    }
}

/// MN-14: the code that signed in, however fresh, changes no factor.
#[tokio::test]
async fn mn_14_a_further_app_is_begun_with_a_code_of_its_own() {
    let live = stale(&secured());
    let stage = stage(&live);
    let enrolment = begin(&stage, &live, Some(FactorProof::Code(&code(NOW)))).await.unwrap();
    assert!(!enrolment.mailbox_asked);
    let commit = stage.commit();
    assert!(commit.letters.is_empty(), "it is told when it is bound");
    let used = app(&secured(), 80).use_step(Step::at(NOW), NOW).unwrap();
    let tries = stage.rightful.factor_key(&live.account, &visit());
    assert_eq!(commit.writes[0], Write::UpdateFactor(used));
    assert_eq!(commit.writes[1], Write::ForgetTries(vec![tries]));
    assert_eq!(inserted(&commit.writes)[0].id(), enrolment.factor);
}

#[tokio::test]
async fn beginning_again_ends_what_was_begun_before() {
    let live = fresh(&ada());
    let earlier = begun(&ada(), 7, NOW - Span::minutes(1));
    let stage = Stage::signed_in(&live).and(|world| world.factors.push(earlier.clone()));
    begin(&stage, &live, None).await.unwrap();
    let ended = Write::UpdateFactor(earlier.end(FactorEnd::Replaced, NOW));
    assert_eq!(stage.commit().writes[0], ended);
}

#[tokio::test]
async fn an_account_has_five_apps_at_most_and_begins_ten_a_day() {
    let live = stale(&secured());
    let full = Stage::signed_in(&live).and(|world| {
        world.factors = (80..85).map(|n| app(&secured(), n)).collect();
    });
    let refused = begin(&full, &live, Some(FactorProof::Code(&code(NOW)))).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_factors");
    assert_eq!(full.commits().len(), 0);
    let live = fresh(&ada());
    let stage = Stage::signed_in(&live);
    for _ in 0..10 {
        begin(&stage, &live, None).await.unwrap();
    }
    let refused = begin(&stage, &live, None).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_requests");
    assert_eq!(refused.retry_after(), Some(Span::days(1)));
}

fn begun_stage(live: &LiveSession) -> Stage {
    let account = live.account.clone();
    Stage::signed_in(live).and(|world| {
        world.factors.push(begun(&account, 1, NOW - Span::minutes(1)));
        let mailbox = link(LinkPurpose::BindFactor, &account, 5);
        world.links.push(mailbox.edit(|record| record.expires_at = NOW + MS));
    })
}

#[tokio::test]
async fn a_right_code_and_the_mailbox_bind_the_first_app_and_bring_backup_codes() {
    let live = fresh(&ada());
    let stage = begun_stage(&live);
    let token = secret("bnd", 5);
    let done = bind(&stage, &live, &code(NOW), Some(token.expose())).await.unwrap();
    let account = ada().bind_factor(NOW);
    assert_eq!(done.renewed.account, account);
    let shown = done.backup_codes.unwrap();
    assert_eq!(shown.len(), 10);
    let commit = stage.commit();
    let set = inserted(&commit.writes)[0].clone();
    let FactorSecret::BackupCodes(kept) = &set.record().secret else { panic!("{set:?}") };
    for (shown, kept) in shown.iter().zip(kept) {
        let typed = shown.as_typed().unwrap();
        assert_eq!(kept.hash.as_phc().as_bytes(), [b"today$", typed.as_bytes()].concat());
    }
    let factor = begun(&ada(), 1, NOW - Span::minutes(1));
    let mailbox = link(LinkPurpose::BindFactor, &ada(), 5);
    let mailbox = mailbox.edit(|record| record.expires_at = NOW + MS);
    let bound = factor.bind(&ada(), Step::at(NOW), Some(&mailbox), NOW).unwrap();
    let (session, _) =
        live.session.clone().renew(&account, SessionProof::Factor, &counting_entropy(), NOW);
    let session = session.edit(|record| record.secret = done.renewed.secret.hash());
    assert_eq!(done.renewed.session, session);
    let wanted = told(Act::FactorBound, Actor::Customer(ada().id()), Some(ada().id()))
        .write(Write::UpdateAccount(account.clone()))
        .write(Write::UpdateFactor(bound))
        .write(Write::ForgetTries(vec![stage.rightful.factor_key(&ada(), &visit())]))
        .write(Write::RedeemLink { link: id(5), at: NOW })
        .write(Write::InsertFactor(set))
        .write(Write::UpdateSession(session.clone()))
        .write(Write::EndSessions {
            account: account.id(),
            except: Some(session.id()),
            at: NOW,
            why: EndReason::FactorsChanged,
        })
        .letter("factor_bound", "ada@example.org");
    assert_eq!(commit, wanted);
    assert_eq!(stage.count(&Call::Hash), 10, "ASVS V6.5.2: each is hashed as a password is");
}

#[tokio::test]
async fn mn_12_without_the_mailbox_nothing_is_bound() {
    let live = fresh(&ada());
    let other = secret("bnd", 6);
    for (token, code_told) in [
        (None, "mailbox_proof_required"),
        (Some("not a token"), "link_unknown"),
        (Some(secret("vfy", 5).expose()), "link_unknown"),
        (Some(other.expose()), "link_unknown"),
    ] {
        let stage = begun_stage(&live);
        let refused = bind(&stage, &live, &code(NOW), token).await.unwrap_err();
        assert_eq!(refused.code(), code_told, "{token:?}");
        assert_eq!(stage.commits().len(), 0, "{token:?}");
    }
}

#[tokio::test]
async fn a_wrong_code_binds_nothing_and_is_counted() {
    let live = fresh(&ada());
    let stage = begun_stage(&live);
    let token = secret("bnd", 5);
    for _ in 0..5 {
        let refused = bind(&stage, &live, "000000", Some(token.expose())).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), ("wrong_code", Some("code")));
    }
    let wanted = told(Act::FactorRefused, Actor::Customer(ada().id()), Some(ada().id()));
    assert!(stage.commits().iter().all(|commit| *commit == wanted));
    let refused = bind(&stage, &live, &code(NOW), Some(token.expose())).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_requests");
}

#[tokio::test]
async fn an_enrolment_of_another_account_or_one_that_is_over_binds_nothing() {
    let live = fresh(&ada());
    let token = secret("bnd", 5);
    let others = crate::tests_support::verified("eve@example.org");
    for (factor, told) in [
        (begun(&others, 1, NOW), "not_found"),
        (begun(&ada(), 2, NOW), "not_found"),
        (begun(&ada(), 1, NOW - Span::hours(1)), "enrolment_over"),
        (app(&ada(), 1), "enrolment_over"),
    ] {
        let stage = begun_stage(&live).and(|world| world.factors = vec![factor]);
        let refused = bind(&stage, &live, &code(NOW), Some(token.expose())).await.unwrap_err();
        assert_eq!(refused.code(), told);
        assert_eq!(stage.commits().len(), 0);
    }
}

/// Two enrolments at once: the one that comes second finds another epoch.
#[tokio::test]
async fn mn_12_an_enrolment_does_not_outlive_a_change_of_how_the_account_is_secured() {
    let live = fresh(&ada());
    let stage = begun_stage(&live);
    let bound = ada().bind_factor(NOW);
    let token = secret("bnd", 5);
    stage.meanwhile(move |world| {
        world.accounts = vec![bound.clone()];
        world.sessions = vec![fresh(&bound).session];
    });
    let refused = bind(&stage, &live, &code(NOW), Some(token.expose())).await.unwrap_err();
    assert_eq!(refused.code(), "enrolment_over");
}

#[tokio::test]
async fn cs_32_a_pending_change_of_address_is_cancelled() {
    let live = fresh(&ada());
    let change = pending(&ada(), "new@example.org", 9);
    let stage = begun_stage(&live).and(|world| world.changes.push(change.clone()));
    let token = secret("bnd", 5);
    bind(&stage, &live, &code(NOW), Some(token.expose())).await.unwrap();
    let cancelled = Write::UpdateEmailChange(change.cancel(NOW).unwrap());
    assert!(stage.commit().writes.contains(&cancelled));
}

#[tokio::test]
async fn a_further_app_needs_no_mailbox_and_leaves_the_backup_codes() {
    let live = proved(&secured());
    let stage = stage(&live).and(|world| world.factors.push(begun(&secured(), 1, NOW)));
    let done = bind(&stage, &live, &code(NOW), None).await.unwrap();
    assert!(done.backup_codes.is_none());
    assert!(inserted(&stage.commit().writes).is_empty());
    assert_eq!(stage.count(&Call::Hash), 0);
}

#[tokio::test]
async fn a_backup_code_proves_like_the_app_and_is_used_up() {
    let live = stale(&secured());
    let stage = stage(&live);
    let typed = backup_code(4).to_lowercase();
    begin(&stage, &live, Some(FactorProof::BackupCode(&typed))).await.unwrap();
    let used = Write::UpdateFactor(codes_without(&secured(), 4, NOW));
    assert_eq!(stage.commit().writes[0], used);
}

#[tokio::test]
async fn asvs_v6_5_1_used_and_wrong_codes_prove_nothing() {
    let live = stale(&secured());
    let (wrong, right) = (backup_code(4).replace('B', "D"), backup_code(4));
    let used_app = app(&secured(), 80).use_step(Step::at(NOW), NOW).unwrap();
    let used_code = codes_without(&secured(), 4, NOW - Span::days(1));
    for (factors, proof) in [
        (vec![used_app], FactorProof::Code(&code(NOW))),
        (vec![app(&secured(), 80)], FactorProof::Code("000000")),
        (vec![begun(&secured(), 80, NOW)], FactorProof::Code(&code(NOW))),
        (vec![used_code], FactorProof::BackupCode(&right)),
        (vec![codes(&secured())], FactorProof::BackupCode(&wrong)),
        (vec![codes(&secured())], FactorProof::BackupCode("ZAAA-BBBB-CCCC")),
        (vec![codes(&secured())], FactorProof::BackupCode("")),
        (vec![], FactorProof::BackupCode(&right)),
    ] {
        let stage = Stage::signed_in(&live).and(|world| world.factors = factors);
        let refused = begin(&stage, &live, Some(proof)).await.unwrap_err();
        assert_eq!(refused.code(), "wrong_code", "{proof:?}");
        let told =
            told(Act::FactorRefused, Actor::Customer(live.account.id()), Some(live.account.id()));
        assert_eq!(stage.commit(), told);
        // The same work, whatever was typed as a backup code.
        let compared = usize::from(matches!(proof, FactorProof::BackupCode(_)));
        assert_eq!(stage.count(&Call::Compare), compared);
    }
}

/// MN-44: whoever lost the race for a code finds it used.
#[tokio::test]
async fn mn_44_a_code_that_another_used_in_between_is_refused() {
    let live = stale(&secured());
    let stage = stage(&live);
    stage.meanwhile(|world| {
        world.factors[0] = app(&secured(), 80).use_step(Step::at(NOW), NOW).unwrap();
    });
    let refused = begin(&stage, &live, Some(FactorProof::Code(&code(NOW)))).await.unwrap_err();
    assert_eq!(refused.code(), "wrong_code");
}

#[tokio::test]
async fn the_key_of_another_place_is_no_key() {
    let live = stale(&secured());
    let moved = app(&secured(), 80).edit(|record| record.id = id::<_>(81));
    let _: FactorId = moved.id();
    let stage = Stage::signed_in(&live).and(|world| world.factors = vec![moved]);
    let refused = begin(&stage, &live, Some(FactorProof::Code(&code(NOW)))).await.unwrap_err();
    assert_eq!(refused.code(), "outage");
    assert_eq!(key().base32().len(), 32);
}
