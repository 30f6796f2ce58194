//! Another password.

use crate::accounts::Account;
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::ports::CommitError;
use crate::profile::ProfileError;
use crate::reason::{Reason, Refusal};
use crate::sessions::{EndReason, Ended, SessionProof};
use crate::sign_in::Renewed;
use crate::tests_support::{
    Call, Edit, MS, NEW_PASSWORD, NOW, PASSWORD, Stage, Told, ada, counting_entropy,
    forgets_tries_of, frozen_ada, hash, pending, stale, told, unverified, visit,
};
use crate::values::Span;

async fn change(
    stage: &Stage,
    account: &Account,
    current: &str,
    new: &str,
) -> Result<Renewed, ProfileError> {
    let live = stale(account);
    stage.rightful.profile().change_password(&live, current, new, &visit()).await
}

/// What is expected of a change by `account`, up to the letters.
fn changed(account: &Account, done: &Renewed) -> Told {
    let after = account.clone().change_password(hash(NEW_PASSWORD), NOW);
    assert_eq!(done.account, after);
    let (session, _) =
        stale(account).session.renew(&after, SessionProof::Password, &counting_entropy(), NOW);
    let session = session.edit(|record| record.secret = done.secret.hash());
    assert_eq!(done.session, session);
    told(Act::PasswordChanged, Actor::Customer(account.id()), Some(account.id()))
        .write(Write::UpdateAccount(after.clone()))
        .write(Write::UpdateSession(session.clone()))
        .write(forgets_tries_of(&after))
        .write(Write::EndSessions {
            account: account.id(),
            except: Some(session.id()),
            at: NOW,
            why: EndReason::PasswordChanged,
        })
}

/// this session goes on with a new secret, all others end, the mailbox is told.
#[tokio::test]
async fn asvs_v6_2_2_v6_2_3_v6_3_7_v7_4_3_another_password_ends_all_other_sessions() {
    let ada = ada();
    let stage = Stage::signed_in(&stale(&ada));
    let done = change(&stage, &ada, PASSWORD, NEW_PASSWORD).await.unwrap();
    let wanted = changed(&ada, &done);
    assert_eq!(stage.commit(), wanted.letter("password_changed", "ada@example.org"));
}

/// CS-32.
#[tokio::test]
async fn cs_32_another_password_cancels_the_pending_change_of_address() {
    let ada = ada();
    let pending = pending(&ada, "new@example.org", 9);
    let stage = Stage::signed_in(&stale(&ada)).and(|world| world.changes.push(pending.clone()));
    let done = change(&stage, &ada, PASSWORD, NEW_PASSWORD).await.unwrap();
    assert_eq!(
        stage.commit(),
        changed(&ada, &done)
            .write(Write::UpdateEmailChange(pending.cancel(NOW).unwrap()))
            .act(Act::EmailChangeCancelled, Actor::Customer(ada.id()), ada.id())
            .letter("password_changed", "ada@example.org")
    );
}

/// MN-7: nobody's mailbox is told of what a squatter does, and no link of the owner's dies.
#[tokio::test]
async fn mn_7_an_unverified_accounts_password_changes_without_a_letter() {
    let claim = unverified("ada@example.org");
    let stage = Stage::signed_in(&stale(&claim));
    let done = change(&stage, &claim, PASSWORD, NEW_PASSWORD).await.unwrap();
    assert_eq!(done.account.epoch(), claim.epoch());
    assert_eq!(stage.commit(), changed(&claim, &done));
}

/// What is refused by its form is counted nowhere; the current password comes before "the same".
#[tokio::test]
async fn r_009_a_refused_password_changes_nothing() {
    let proof = told(Act::ProofRefused, Actor::Anonymous, Some(ada().id()));
    let compared = [Call::Take(2), Call::Compare];
    let wrong = [Call::Take(2), Call::Compare, Call::Commit];
    let table: [(&str, &str, &str, &str, &[Call]); 6] = [
        (PASSWORD, "short", "password_too_short", "new_password", &[]),
        (PASSWORD, "password1234", "password_leaked", "new_password", &[]),
        (PASSWORD, "ada@example.org", "password_own_data", "new_password", &[]),
        (PASSWORD, PASSWORD, "password_unchanged", "new_password", &compared),
        ("not the password", NEW_PASSWORD, "wrong_password", "current_password", &wrong),
        ("not the password", "not the password", "wrong_password", "current_password", &wrong),
    ];
    for (current, new, code, field, calls) in table {
        let stage = Stage::signed_in(&stale(&ada()));
        let refused = change(&stage, &ada(), current, new).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), (code, Some(field)));
        assert_eq!(stage.calls(), calls, "{code}");
        assert!(stage.commits().iter().all(|told| *told == proof), "{code}");
    }
}

/// 63B §3.1.1.2: the same password in another form of Unicode is the same password.
#[tokio::test]
async fn the_same_password_is_the_same_however_it_is_encoded() {
    let (composed, decomposed) = ("caf\u{e9} au lait, please", "cafe\u{301} au lait, please");
    let table = [
        (composed, composed, true),
        (composed, decomposed, true),
        (decomposed, composed, true),
        (decomposed, decomposed, true),
        (composed, "cafe au lait, please", false),
        (composed, "Caf\u{e9} au lait, please", false),
    ];
    for (current, new, same) in table {
        let account = ada().edit(|record| record.password = hash(composed));
        let stage = Stage::signed_in(&stale(&account));
        let refused = change(&stage, &account, current, new).await.err();
        let wanted = same.then_some("password_unchanged");
        assert_eq!(refused.as_ref().map(Refusal::code), wanted, "{current:?} {new:?}");
        assert_eq!(stage.commits().len(), usize::from(!same));
    }
}

/// Decision 2, to the millisecond.
#[tokio::test]
async fn a_frozen_account_keeps_its_password() {
    let account = frozen_ada();
    let until = account.record().freeze.unwrap().until;
    let stage = Stage::signed_in(&stale(&account)).and(|world| world.now = until - MS);
    let refused = change(&stage, &account, PASSWORD, NEW_PASSWORD).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), ("account_frozen", Reason::Forbidden));
    assert_eq!(refused.retry_after(), Some(MS));
    assert_eq!(stage.calls(), [], "the password is not even compared");
    stage.set(|world| world.now = until);
    change(&stage, &account, PASSWORD, NEW_PASSWORD).await.unwrap();
}

/// MN-13, MN-22, MN-46: what came in between is seen by the commit, and decided on again.
#[tokio::test]
async fn mn_13_what_came_in_between_counts() {
    let ended = Ended { at: NOW, why: EndReason::EndedElsewhere };
    let stage = Stage::signed_in(&stale(&ada()));
    stage.meanwhile(move |world| {
        world.sessions[0] = world.sessions[0].clone().edit(|record| record.ended = Some(ended));
    });
    let refused = change(&stage, &ada(), PASSWORD, NEW_PASSWORD).await.unwrap_err();
    assert_eq!(refused.code(), "unauthenticated", "the session ended");

    let stage = Stage::signed_in(&stale(&ada()));
    stage.meanwhile(|world| {
        world.accounts[0] = ada().edit(|record| record.password = hash("another one's"));
    });
    let refused = change(&stage, &ada(), PASSWORD, NEW_PASSWORD).await.unwrap_err();
    assert_eq!(refused.code(), "version_mismatch", "the proved password is not in force any more");

    let stage = Stage::signed_in(&stale(&ada()));
    stage.meanwhile(|world| {
        world.accounts[0] = ada().edit(|record| record.freeze = frozen_ada().record().freeze);
    });
    let refused = change(&stage, &ada(), PASSWORD, NEW_PASSWORD).await.unwrap_err();
    assert_eq!(refused.code(), "account_frozen");

    // A rename in between is no reason to refuse: it is kept.
    let stage = Stage::signed_in(&stale(&ada()));
    stage.meanwhile(|world| world.accounts[0] = ada().rename(None));
    let done = change(&stage, &ada(), PASSWORD, NEW_PASSWORD).await.unwrap();
    assert_eq!(done.account.record().name, None);
    assert_eq!((stage.commits().len(), stage.count(&Call::Hash)), (2, 1));
}

#[tokio::test]
async fn a_change_is_decided_three_times_at_most() {
    let stage = Stage::signed_in(&stale(&ada()));
    for _ in 0..3 {
        stage.next_commit(CommitError::Stale);
    }
    let failed = change(&stage, &ada(), PASSWORD, NEW_PASSWORD).await.unwrap_err();
    assert_eq!((failed.code(), failed.retry_after()), ("contended", Some(Span::seconds(1))));
    assert_eq!(stage.commits().len(), 3);
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["throttle", "passwords", "sessions", "email_changes", "unit_of_work"] {
        let stage = Stage::signed_in(&stale(&ada())).and(|world| world.broken = Some(part));
        let failed = change(&stage, &ada(), PASSWORD, NEW_PASSWORD).await.unwrap_err();
        assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
        assert_eq!(stage.commits(), [], "{part}");
    }
}

/// Every password that was replaced within a week proves a dispute, so there is an end to them (decision 0009).
#[tokio::test]
async fn a_password_changes_ten_times_a_week() {
    let stage = Stage::signed_in(&stale(&ada()));
    for _ in 0..10 {
        change(&stage, &ada(), PASSWORD, NEW_PASSWORD).await.unwrap();
    }
    let refused = change(&stage, &ada(), PASSWORD, NEW_PASSWORD).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), ("too_many_requests", Reason::TooMany));
    assert_eq!(refused.retry_after(), Some(Span::days(7)));
    assert_eq!(stage.commits().len(), 10);
}
