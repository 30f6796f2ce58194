//! Proving the password again.

use crate::accounts::Account;
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::ports::CommitError;
use crate::reason::{Reason, Refusal};
use crate::sessions::{EndReason, Ended, Session, SessionProof};
use crate::sign_in::{Proof, Renewed, SignInError};
use crate::tests_support::{
    Call, Edit, NEW_PASSWORD, NOW, PASSWORD, Stage, ada, counting_entropy, hash, stale, told,
    unverified, visit,
};
use crate::values::Span;

async fn prove(stage: &Stage, account: &Account, text: &str) -> Result<Renewed, SignInError> {
    stage.rightful.sign_in().prove_again(&stale(account), Proof::Password(text), &visit()).await
}

/// CS-20, security §3.6: the session goes on with a new secret, and sensitive acts are open.
#[tokio::test]
async fn asvs_v7_2_4_the_right_password_gives_the_session_a_new_secret() {
    for account in [ada(), unverified("ada@example.org")] {
        let stage = Stage::signed_in(&stale(&account));
        let done = prove(&stage, &account, PASSWORD).await.unwrap();
        let (wanted, _) = stale(&account).session.renew(
            &account,
            SessionProof::Password,
            &counting_entropy(),
            NOW,
        );
        let wanted = wanted.edit(|record| record.secret = done.secret.hash());
        assert_eq!(done.session, wanted);
        assert_ne!(done.session.record().secret, stale(&account).session.record().secret);
        assert_eq!(
            stage.commit(),
            told(Act::Reauthenticated, Actor::Customer(account.id()), Some(account.id()))
                .write(Write::UpdateSession(wanted))
        );
        assert_eq!(stage.forgotten(), stage.rightful.proof_tries(account.id()).keys());
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_and_changes_nothing() {
    let account = ada();
    for text in ["", "not the password", &"x".repeat(2_000)] {
        let stage = Stage::signed_in(&stale(&account));
        let refused = prove(&stage, &account, text).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), ("wrong_password", Some("password")));
        assert_eq!(refused.reason(), Reason::Forbidden);
        let wanted = told(Act::ProofRefused, Actor::Anonymous, Some(account.id()));
        assert_eq!(stage.commit(), wanted);
    }
}

/// MN-28: a thief of a session cannot guess the password in it.
#[tokio::test]
async fn asvs_v6_3_1_wrong_proofs_are_counted_whatever_their_source() {
    let account = ada();
    let stage = Stage::signed_in(&stale(&account));
    for n in 1..=5_u8 {
        let mut visit = visit();
        visit.source = crate::values::Source::of([192, 0, 2, n].into());
        let sign_in = stage.rightful.sign_in();
        let refused =
            sign_in.prove_again(&stale(&account), Proof::Password("wrong password"), &visit).await;
        assert_eq!(refused.unwrap_err().code(), "wrong_password");
    }
    stage.forget();
    let refused = prove(&stage, &account, PASSWORD).await.unwrap_err();
    assert_eq!(refused.retry_after(), Some(Span::seconds(30)));
    assert_eq!(stage.calls(), [Call::Take(2)], "nothing is compared");
}

/// 63B §3.2.2, MN-16: a hundred in a row in all sessions of an account; a right one forgets them.
#[tokio::test]
async fn mn_16_after_a_hundred_wrong_proofs_the_password_is_disabled_in_sessions() {
    let account = ada();
    let stage = Stage::signed_in(&stale(&account));
    let mut now = NOW;
    let mut try_it = async |text: &str| {
        now = now + Span::hours(2);
        stage.set(|world| {
            world.now = now;
            world.sessions[0] = stale(&account).session.edit(|record| record.last_used_at = now);
        });
        prove(&stage, &account, text).await.map(drop).map_err(|error| error.code())
    };
    for _ in 0..99 {
        assert_eq!(try_it("wrong password").await, Err("wrong_password"));
    }
    assert_eq!(try_it(PASSWORD).await, Ok(()));
    for _ in 0..100 {
        assert_eq!(try_it("wrong password").await, Err("wrong_password"));
    }
    assert_eq!(try_it(PASSWORD).await, Err("password_disabled"));
}

/// MN-13: what ended the session while the password was compared stands.
#[tokio::test]
async fn mn_13_a_session_that_ended_meanwhile_is_not_renewed() {
    let account = ada();
    let end = |session: &Session| {
        let ended = Some(Ended { at: NOW, why: EndReason::EndedElsewhere });
        session.clone().edit(|record| record.ended = ended)
    };
    let gone = Stage::with(&account);
    let ended = Stage::signed_in(&stale(&account));
    ended.set(|world| world.sessions[0] = end(&world.sessions[0]));
    let changed = Stage::signed_in(&stale(&account));
    changed.set(|world| {
        world.accounts[0] = account.clone().change_password(hash(NEW_PASSWORD), NOW);
    });
    for (what, stage) in [("gone", gone), ("ended", ended), ("of an earlier epoch", changed)] {
        let refused = prove(&stage, &account, PASSWORD).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.reason()),
            ("unauthenticated", Reason::Unauthenticated),
            "{what}"
        );
        assert_eq!(stage.commits(), [], "{what}");
    }
    let racing = Stage::signed_in(&stale(&account));
    racing.meanwhile(move |world| world.sessions[0] = end(&world.sessions[0]));
    let refused = prove(&racing, &account, PASSWORD).await.unwrap_err();
    assert_eq!(refused.code(), "unauthenticated");
    assert_eq!(racing.commits().len(), 1);
}

#[tokio::test]
async fn a_renewal_is_decided_three_times_at_most() {
    let stage = Stage::signed_in(&stale(&ada()));
    for _ in 0..3 {
        stage.next_commit(CommitError::Stale);
    }
    assert_eq!(prove(&stage, &ada(), PASSWORD).await.unwrap_err().code(), "contended");
    assert_eq!(stage.commits().len(), 3);
    assert_eq!(stage.count(&Call::Compare), 1);
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["throttle", "passwords", "sessions", "unit_of_work"] {
        let stage = Stage::signed_in(&stale(&ada())).and(|world| world.broken = Some(part));
        let failed = prove(&stage, &ada(), PASSWORD).await.unwrap_err();
        assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
        assert_eq!(stage.commits().len(), 0, "{part}");
    }
}
