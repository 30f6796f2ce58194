//! Resending the letter, and cancelling.

use super::{ADA, NEW, change, confirmed};
use crate::accounts::SecurityEpoch;
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::contacts::{Contact, ContactSource};
use crate::email_change::{
    ChangeState, Disclosure, EmailChange, EmailChangeError, OldMailbox, PendingPanel, Resend,
};
use crate::links::LinkPurpose::ConfirmEmailChange;
use crate::policy::Policy;
use crate::ports::CommitError;
use crate::reason::{Reason, Refusal};
use crate::tests_support::{
    Call, Edit, MS, NOW, Stage, Told, ada, email, frozen_ada, pending as pending_to, stale, told,
    verified, visit,
};
use crate::values::Span;

fn pending() -> Stage {
    with(change())
}

fn with(change: EmailChange) -> Stage {
    Stage::signed_in(&stale(&ada())).and(|world| world.changes.push(change))
}

async fn resend(stage: &Stage) -> Result<PendingPanel, EmailChangeError> {
    stage.rightful.email_changes().resend(&stale(&ada()), &visit()).await
}

async fn cancel(stage: &Stage) -> Result<(), EmailChangeError> {
    stage.rightful.email_changes().cancel(&stale(&ada()), &visit()).await
}

fn ada_did(act: Act) -> Told {
    told(act, Actor::Customer(ada().id()), Some(ada().id()))
}

/// another letter with a link and forty-eight hours of its own. The earlier link keeps working until
/// its own end (decision 3).
#[tokio::test]
async fn r_051_a_resend_writes_a_link_of_its_own() {
    for change in [
        change(),
        change().edit(|record| record.deadline = NOW - Span::days(30)),
        change().edit(|record| record.state = ChangeState::Undeliverable { at: NOW }),
    ] {
        let stage = with(change.clone());
        let panel = resend(&stage).await.unwrap();
        let done = stage.commit();
        assert_eq!(
            done,
            ada_did(Act::EmailChangeResent)
                .write(Write::UpdateEmailChange(
                    change.clone().resend(&ada(), OldMailbox::Notify, NOW).unwrap()
                ))
                .write(done.link(ConfirmEmailChange, &ada(), Some(change.id()), NOW))
                .letter("confirm_email_change", NEW)
        );
        assert_eq!(done.posted[0].email_change, Some(change.id()));
        assert_eq!(panel.deadline, NOW + Span::hours(48));
        assert!(!panel.expired && !panel.undeliverable);
    }
}

#[tokio::test]
async fn r_051_what_cannot_be_resent_sends_nothing() {
    let last_letter = |age| change().edit(|record| record.last_letter_at = NOW - age);
    let almost = Span::from_millis(Resend::COOLDOWN.as_millis() - 1);
    let table = [
        (
            "nothing pending",
            Stage::signed_in(&stale(&ada())),
            "no_pending_email_change",
            Reason::Conflict,
            None,
        ),
        ("confirmed", with(confirmed()), "no_pending_email_change", Reason::Conflict, None),
        ("too young", with(last_letter(almost)), "resend_too_soon", Reason::TooMany, Some(MS)),
        (
            "too many",
            with(change().edit(|r| r.letters = Resend::MOST)),
            "resend_limit",
            Reason::TooMany,
            None,
        ),
        (
            "of an earlier epoch",
            with(change().edit(|r| r.epoch = SecurityEpoch::UNPROVED)),
            "no_pending_email_change",
            Reason::Conflict,
            None,
        ),
    ];
    for (what, stage, code, reason, wait) in table {
        let refused = resend(&stage).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), (code, reason), "{what}");
        assert_eq!(refused.retry_after(), wait, "{what}");
        assert_eq!(stage.commits(), [], "{what}");
    }
    assert!(resend(&with(last_letter(Resend::COOLDOWN))).await.is_ok());
}

/// the target was taken since.
#[tokio::test]
async fn r_064_a_resend_tells_that_the_address_was_taken() {
    let order = Contact::heard_of(email(NEW), ContactSource::Order, NOW);
    let taken = pending().and(|world| world.accounts.push(verified(NEW)));
    let known = pending().and(|world| world.contacts.push(order));
    for (stage, code) in [(taken, "email_in_use_by_account"), (known, "email_known_contact")] {
        assert_eq!(resend(&stage).await.unwrap_err().code(), code);
        assert_eq!(stage.commits(), []);
    }
}

#[tokio::test]
async fn cs_30_blind_disclosure_resends_to_the_other_owner_instead() {
    let policy = Policy { disclosure: Disclosure::Blind, ..Policy::default() };
    let stage = Stage::under(&policy).and(|world| {
        world.accounts = vec![ada(), verified(NEW)];
        world.sessions.push(stale(&ada()).session);
        world.changes.push(change());
    });
    resend(&stage).await.unwrap();
    assert_eq!(
        stage.commit(),
        ada_did(Act::EmailChangeResent)
            .write(Write::UpdateEmailChange(
                change().resend(&ada(), OldMailbox::Notify, NOW).unwrap()
            ))
            .letter("address_tried", NEW)
    );
}

/// CS-3, MN-9: a letter that is asked for again counts among the five an hour to its address, whoever causes
/// them; what the change itself refuses does not.
#[tokio::test]
async fn mn_9_letters_sent_again_are_counted_by_their_address() {
    let young = change().edit(|record| record.last_letter_at = NOW);
    let stage = with(young);
    for _ in 0..10 {
        assert_eq!(resend(&stage).await.unwrap_err().code(), "resend_too_soon");
    }
    assert_eq!(stage.count(&Call::Take(1)), 0);
    stage.set(|world| world.now = NOW + Resend::COOLDOWN);
    // The mocks keep the change as it was: each of these is the first resend.
    for _ in 0..5 {
        resend(&stage).await.unwrap();
    }
    stage.forget();
    let refused = resend(&stage).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), ("too_many_requests", Reason::TooMany));
    assert_eq!(refused.retry_after(), Some(Span::hours(1)));
    assert_eq!(stage.commits(), []);
    let calls = [Call::Read("sessions"), Call::Read("email_changes"), Call::Take(1)];
    assert_eq!(stage.calls(), calls, "nothing is looked up");
    // A change to another address is another count.
    let other = pending_to(&ada(), "other@example.org", 6);
    stage.set(|world| world.changes.push(other));
    resend(&stage).await.unwrap();
}

#[tokio::test]
async fn a_frozen_account_sends_no_letter_again() {
    let stage = pending().and(|world| world.accounts[0] = frozen_ada());
    assert_eq!(resend(&stage).await.unwrap_err().code(), "account_frozen");
    assert_eq!(stage.commits(), []);
}

/// Cancelling needs no fresh proof: it only ever protects.
#[tokio::test]
async fn a_pending_change_is_cancelled_and_the_mailbox_told() {
    for change in [
        change(),
        change().edit(|record| record.deadline = NOW),
        change().edit(|record| record.state = ChangeState::Undeliverable { at: NOW }),
    ] {
        let stage = with(change.clone());
        cancel(&stage).await.unwrap();
        assert_eq!(
            stage.commit(),
            ada_did(Act::EmailChangeCancelled)
                .write(Write::UpdateEmailChange(change.cancel(NOW).unwrap()))
                .letter("email_change_cancelled", ADA)
        );
    }
}

#[tokio::test]
async fn what_is_not_pending_cannot_be_cancelled() {
    for stage in [
        Stage::signed_in(&stale(&ada())),
        with(confirmed()),
        with(change().supersede(NOW).unwrap()),
    ] {
        let refused = cancel(&stage).await.unwrap_err();
        assert_eq!(refused.code(), "no_pending_email_change");
        assert_eq!(stage.commits(), []);
    }
}

/// MN-44: of a confirmation and a cancellation at once, one counts.
#[tokio::test]
async fn mn_44_a_change_that_was_confirmed_meanwhile_is_not_cancelled() {
    let stage = pending();
    stage.meanwhile(|world| world.changes[0] = confirmed());
    assert_eq!(cancel(&stage).await.unwrap_err().code(), "no_pending_email_change");
    assert_eq!(stage.commits().len(), 1);
}

/// MN-13: a session of before the change is over.
#[tokio::test]
async fn mn_13_a_session_of_an_earlier_epoch_resends_and_cancels_nothing() {
    let later = ada().edit(|record| record.epoch = SecurityEpoch::from_stored(2));
    let stage = pending().and(|world| world.accounts[0] = later);
    assert_eq!(resend(&stage).await.unwrap_err().code(), "unauthenticated");
    assert_eq!(cancel(&stage).await.unwrap_err().code(), "unauthenticated");
    assert_eq!(stage.commits(), []);
}

#[tokio::test]
async fn a_resend_or_a_cancellation_is_decided_three_times_at_most() {
    for cancels in [false, true] {
        let stage = pending();
        for _ in 0..3 {
            stage.next_commit(CommitError::Stale);
        }
        let failed = if cancels { cancel(&stage).await.err() } else { resend(&stage).await.err() };
        assert_eq!(failed.map(|error| error.code()), Some("contended"));
        assert_eq!(stage.commits().len(), 3);
    }
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["throttle", "accounts", "sessions", "email_changes", "contacts", "unit_of_work"] {
        let stage = pending().and(|world| world.broken = Some(part));
        let mut failures = vec![resend(&stage).await.unwrap_err()];
        if !["throttle", "accounts", "contacts"].contains(&part) {
            failures.push(cancel(&stage).await.unwrap_err());
        }
        for failed in failures {
            assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
        }
        assert_eq!(stage.commits(), [], "{part}");
    }
}
