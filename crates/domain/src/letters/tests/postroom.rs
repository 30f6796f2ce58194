use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::email_change::{ChangeState, EmailChange};
use crate::letters::{
    DeadLetterError, Delivery, Lease, LetterContent, LetterRecord, Outcome, PostedLetter,
};
use crate::ports::{CommitError, MailFailure};
use crate::reason::{Outage, Reason, Refusal};
use crate::tests_support::{
    Call, Edit, NOW, Stage, Told, ada, email, id, pending, secret, told, untold,
};
use crate::values::{Locale, Sealed, Span};

fn lease() -> Lease {
    Lease { letter: id(0), until: NOW + Span::minutes(15) }
}

/// A due letter about Ada's change 5, sealed on `stage`.
fn due(stage: &Stage) -> LetterRecord {
    let ports = stage.rightful.ports();
    let content = LetterContent::ConfirmEmailChange {
        confirm: crate::letters::LetterSecret(secret("chg", 1)),
        expires_at: NOW + Span::hours(48),
        old_masked: ada().email().masked(),
    };
    let posted = PostedLetter::seal(
        &*ports.vault,
        &*ports.entropy,
        Some(ada().id()),
        &email("new@example.org"),
        Locale::En,
        content,
        NOW,
    )
    .unwrap();
    LetterRecord {
        lease: Lease { letter: posted.id, ..lease() },
        kind: posted.kind,
        account: posted.account,
        email_change: Some(id(5)),
        posted_at: NOW,
        payload: posted.payload,
        attempts: 0,
    }
}

/// A stage with one due letter and the change that it belongs to.
fn stage() -> (Stage, LetterRecord) {
    let stage = Stage::with(&ada());
    let letter = due(&stage);
    stage.set(|world| {
        world.due.push(letter.clone());
        world.changes.push(change());
    });
    (stage, letter)
}

fn change() -> EmailChange {
    pending(&ada(), "new@example.org", 5)
}

async fn deliver(stage: &Stage, letter: &LetterRecord) -> Outcome {
    let mut deliveries = stage.rightful.postroom().deliver_due(10).await.unwrap();
    let delivery = deliveries.pop().unwrap();
    let (letter, kind) = (letter.lease.letter, letter.kind.clone());
    assert_eq!(delivery, Delivery { letter, kind, outcome: delivery.outcome });
    assert_eq!(deliveries, []);
    delivery.outcome
}

fn died(letter: &LetterRecord, error: &str) -> Told {
    told(Act::LetterDied, Actor::System, Some(ada().id())).write(Write::LetterDead {
        lease: letter.lease,
        at: NOW,
        error: error.to_owned(),
    })
}

fn failing(failure: MailFailure) -> (Stage, LetterRecord) {
    let (stage, letter) = stage();
    (stage.and(|world| world.mail_failure = Some(failure)), letter)
}

#[tokio::test]
async fn a_letter_that_the_server_takes_is_sent() {
    let (stage, letter) = stage();
    assert_eq!(deliver(&stage, &letter).await, Outcome::Sent);
    let sent = Write::LetterSent { lease: letter.lease, at: NOW };
    assert_eq!(stage.commit(), untold().write(sent));
    let [taken] = &stage.sent()[..] else { panic!("one letter") };
    assert_eq!((taken.id, taken.to.as_str()), (letter.lease.letter, "new@example.org"));
}

#[tokio::test]
async fn nothing_due_is_nothing_done() {
    let stage = Stage::empty();
    assert_eq!(stage.rightful.postroom().deliver_due(10).await.unwrap(), []);
    assert_eq!(stage.calls(), [Call::Read("letters")]);
}

#[tokio::test]
async fn a_transient_failure_defers_until_the_tries_are_used_up() {
    for (attempts, wait) in [(0, Some(10)), (3, Some(80)), (18, Some(3_600)), (19, None)] {
        let (stage, mut letter) = failing(MailFailure::Transient(String::from("450 busy")));
        letter.attempts = attempts;
        stage.set(|world| world.due = vec![letter.clone()]);
        let outcome = deliver(&stage, &letter).await;
        match wait {
            Some(seconds) => {
                let defer = Write::LetterDeferred {
                    lease: letter.lease,
                    due_at: NOW + Span::seconds(seconds),
                    error: String::from("450 busy"),
                };
                assert_eq!((outcome, stage.commit()), (Outcome::Deferred, untold().write(defer)));
            }
            // The change still waits: the mailbox was never refused.
            None => assert_eq!(
                (outcome, stage.commit()),
                (Outcome::Dead, died(&letter, "not now: 450 busy"))
            ),
        }
    }
}

#[tokio::test]
async fn a_permanent_refusal_of_the_letter_is_no_refusal_of_the_mailbox() {
    let (stage, letter) = failing(MailFailure::Permanent(String::from("554 content")));
    assert_eq!(deliver(&stage, &letter).await, Outcome::Dead);
    assert_eq!(stage.commit(), died(&letter, "refused: 554 content"));
    let details = stage.commit().details;
    let wanted = [
        ("kind", String::from("confirm_email_change")),
        ("letter", letter.lease.letter.to_string()),
    ];
    assert_eq!(details, wanted);
}

/// a hard bounce turns the pending change into a failed one, which the panel shows.
#[tokio::test]
async fn r_060_a_mailbox_that_does_not_exist_fails_the_pending_change() {
    let (stage, letter) = failing(MailFailure::Undeliverable(String::from("550")));
    assert_eq!(deliver(&stage, &letter).await, Outcome::Dead);
    assert_eq!(
        stage.commit(),
        died(&letter, "no such mailbox: 550")
            .write(Write::UpdateEmailChange(change().bounce(NOW).unwrap()))
            .act(Act::EmailChangeUndeliverable, Actor::System, ada().id())
    );
}

/// A bounce that comes late changes nothing of what was decided; nor does one of another letter.
#[tokio::test]
async fn a_bounce_touches_only_the_pending_change_of_its_letter() {
    let done = |state| vec![change().edit(|record| record.state = state)];
    let at = NOW;
    let table = [
        ("confirmed", done(ChangeState::Confirmed { at }), Some(id(5))),
        ("cancelled", done(ChangeState::Cancelled { at }), Some(id(5))),
        ("superseded", done(ChangeState::Superseded { at }), Some(id(5))),
        ("disputed", done(ChangeState::Disputed { at }), Some(id(5))),
        ("undeliverable already", done(ChangeState::Undeliverable { at }), Some(id(5))),
        ("gone", Vec::new(), Some(id(5))),
        ("another's letter", vec![change()], None),
    ];
    for (what, changes, about) in table {
        let (stage, mut letter) = failing(MailFailure::Undeliverable(String::from("550")));
        letter.email_change = about;
        stage.set(|world| {
            world.changes = changes;
            world.due = vec![letter.clone()];
        });
        assert_eq!(deliver(&stage, &letter).await, Outcome::Dead, "{what}");
        assert_eq!(stage.commit(), died(&letter, "no such mailbox: 550"), "{what}");
    }
}

#[tokio::test]
async fn a_letter_that_cannot_be_opened_is_dead_and_not_sent() {
    let (stage, mut letter) = stage();
    letter.payload = Sealed::from_bytes(b"of another key".to_vec());
    stage.set(|world| world.due = vec![letter.clone()]);
    assert_eq!(deliver(&stage, &letter).await, Outcome::Dead);
    assert_eq!(stage.commit(), died(&letter, "refused: the letter cannot be opened"));
    assert_eq!(stage.count(&Call::Send), 0);
}

/// Another worker has it: whatever became of it here is not written.
#[tokio::test]
async fn a_lost_lease_is_no_failure() {
    for failure in [
        None,
        Some(MailFailure::Transient(String::from("450"))),
        Some(MailFailure::Undeliverable(String::from("550"))),
    ] {
        let (stage, letter) = stage();
        stage.set(|world| world.mail_failure = failure);
        for _ in 0..3 {
            stage.next_commit(CommitError::Stale);
        }
        assert_eq!(deliver(&stage, &letter).await, Outcome::LeaseLost);
        assert_eq!(stage.commits().len(), 3);
        assert!(stage.count(&Call::Send) <= 1, "what was sent is not sent again for that");
    }
}

/// The lease stands; the change of address moved on between the decision and the commit.
#[tokio::test]
async fn a_bounce_meets_a_change_that_was_cancelled_meanwhile() {
    let (stage, letter) = failing(MailFailure::Undeliverable(String::from("550")));
    stage.meanwhile(|world| {
        world.changes[0] = world.changes[0].clone().cancel(NOW).unwrap();
    });
    assert_eq!(deliver(&stage, &letter).await, Outcome::Dead);
    let commits = stage.commits();
    assert_eq!(commits.len(), 2);
    assert!(commits[0].writes.iter().any(|write| matches!(write, Write::UpdateEmailChange(_))));
    assert!(!commits[1].writes.iter().any(|write| matches!(write, Write::UpdateEmailChange(_))));
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_outcome() {
    for part in ["letters", "email_changes", "unit_of_work"] {
        let (stage, _) = failing(MailFailure::Undeliverable(String::from("550")));
        stage.set(|world| world.broken = Some(part));
        let failed = stage.rightful.postroom().deliver_due(10).await.unwrap_err();
        assert!(matches!(failed, Outage::Failed { .. }), "{part}");
        assert_eq!(stage.commits(), [], "{part}");
    }
}

#[tokio::test]
async fn no_more_letters_are_taken_than_were_asked_for() {
    let stage = Stage::empty();
    let letters: Vec<_> = (0..3).map(|_| due(&stage)).collect();
    stage.set(|world| world.due = letters);
    assert_eq!(stage.rightful.postroom().deliver_due(2).await.unwrap().len(), 2);
    assert_eq!(stage.sent().len(), 2);
}

#[tokio::test]
async fn a_dead_letter_is_due_again_when_an_operator_says_so() {
    let stage = Stage::empty();
    stage.rightful.postroom().revive(id(8)).await.unwrap();
    let revive = Write::ReviveLetter { letter: id(8), due_at: NOW };
    assert_eq!(stage.commit(), told(Act::LetterRevived, Actor::Operator, None).write(revive));

    stage.next_commit(CommitError::Stale);
    let refused: DeadLetterError = stage.rightful.postroom().revive(id(8)).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), ("not_found", Reason::NotFound));
}

#[test]
fn every_outcome_has_a_name_of_its_own() {
    let names =
        [Outcome::Sent, Outcome::Done, Outcome::Deferred, Outcome::Dead, Outcome::LeaseLost];
    assert_eq!(names.map(Outcome::as_str), ["sent", "done", "deferred", "dead", "lease_lost"]);
}
