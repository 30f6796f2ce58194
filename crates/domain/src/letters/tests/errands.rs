//! Errands: what the postroom does with them, whatever comes in between.

use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::letters::{Errand, LetterContent, LetterRecord, Outcome};
use crate::ports::CommitError;
use crate::reason::Outage;
use crate::tests_support::{Call, NOW, Stage, ada, email, known, record, told, verified, visit};
use crate::values::{Locale, Sealed, Span};

const ADA: &str = "ada@example.org";

fn errand(stage: &Stage, errand: Errand) -> LetterRecord {
    let posted = stage.rightful.errand(errand, &email(ADA), Locale::Fr, &visit()).unwrap();
    record(&posted)
}

/// A stage with one errand that is due.
fn stage(stage: Stage, what: Errand) -> (Stage, LetterRecord) {
    let due = errand(&stage, what);
    stage.set(|world| world.due.push(due.clone()));
    (stage, due)
}

async fn run(stage: &Stage) -> Outcome {
    let mut deliveries = stage.rightful.postroom().deliver_due(10).await.unwrap();
    assert_eq!(deliveries.len(), 1);
    deliveries.remove(0).outcome
}

#[test]
fn an_errand_opens_as_it_was_sealed_and_is_no_letter() {
    let stage = Stage::empty();
    let vault = &*stage.rightful.ports().vault;
    for what in Errand::ALL {
        let mut row = errand(&stage, what);
        let opened = row.open_errand(vault).unwrap();
        assert_eq!((opened.errand, opened.typed, opened.locale), (what, email(ADA), Locale::Fr));
        assert_eq!(opened.deed, visit().deed(NOW));
        assert!(row.is_errand() && row.kind == what.kind());
        assert!(row.open(vault).is_err(), "a mailer cannot be given it");
        assert!(!LetterContent::KINDS.contains(&what.kind()));
        row.lease.letter = crate::tests_support::id(99);
        assert!(row.open_errand(vault).is_err(), "it is bound to its row");
    }
    assert!(!Errand::is_kind("welcome") && !Errand::is_kind("errand"));
}

/// Whoever takes a row for another kind opens nothing.
#[tokio::test]
async fn a_letter_that_is_called_an_errand_dies() {
    let stage = Stage::with(&ada());
    let content = LetterContent::AccountReminder { deed: visit().deed(NOW) };
    let mut row = record(&stage.rightful.letter(&ada(), content).unwrap());
    row.kind = Errand::ResetPassword.kind().to_owned();
    stage.set(|world| world.due.push(row));
    assert_eq!(run(&stage).await, Outcome::Dead);
    assert_eq!(stage.count(&Call::Send), 0);
}

/// MN-44: the errand is used up in the commit that posts what it led to; of two processes that have it, the one
/// whose lease ended writes nothing.
#[tokio::test]
async fn mn_44_an_errand_is_done_once() {
    for what in Errand::ALL {
        let (stage, due) = stage(Stage::with(&ada()), what);
        for _ in 0..3 {
            stage.next_commit(CommitError::Stale);
        }
        assert_eq!(run(&stage).await, Outcome::LeaseLost);
        for tried in stage.commits() {
            let used_up = Write::LetterSent { lease: due.lease, at: NOW };
            assert!(tried.writes.contains(&used_up), "{what:?}: {tried:#?}");
        }
        assert_eq!(stage.count(&Call::Send), 0, "nothing is sent before it is posted");
    }
}

/// An errand that cannot be done holds up nobody: it is tried again, and in the end it is dead.
#[tokio::test]
async fn asvs_v16_5_2_an_errand_that_cannot_be_done_is_deferred_and_dies() {
    for (attempts, outcome) in
        [(0, Outcome::Deferred), (18, Outcome::Deferred), (19, Outcome::Dead)]
    {
        let (stage, mut due) = stage(Stage::empty(), Errand::ResetPassword);
        due.attempts = attempts;
        stage.set(|world| {
            world.due = vec![due.clone()];
            world.broken = Some("accounts");
        });
        assert_eq!(run(&stage).await, outcome, "{attempts}");
        let [write] = &stage.commit().writes[..] else { panic!("one write") };
        match write {
            Write::LetterDeferred { lease, error, .. } => {
                assert_eq!((lease, &**error), (&due.lease, "accounts failed"));
            }
            Write::LetterDead { lease, .. } => assert_eq!(lease, &due.lease),
            other => panic!("{other:?}"),
        }
    }
    let (stage, mut due) = stage(Stage::with(&ada()), Errand::ResetPassword);
    due.payload = Sealed::from_bytes(b"of another key".to_vec());
    stage.set(|world| world.due = vec![due]);
    assert_eq!(run(&stage).await, Outcome::Dead);
    let wanted = (Act::LetterDied, Actor::System, None);
    assert_eq!(stage.commit().acts, [wanted]);
}

#[tokio::test]
async fn asvs_v16_5_3_records_that_are_away_leave_an_errand_where_it_is() {
    let (stage, _) = stage(Stage::with(&ada()), Errand::ResetPassword);
    stage.set(|world| world.broken = Some("unit_of_work"));
    let failed = stage.rightful.postroom().deliver_due(10).await.unwrap_err();
    assert!(matches!(failed, Outage::Failed { .. }));
    assert_eq!(stage.commits(), []);
}

/// Decision 0020: nobody can make us write to an address that never dealt with the shop.
#[tokio::test]
async fn an_address_without_an_account_is_written_to_only_when_the_shop_knows_it() {
    let policy = |change: fn(&mut crate::policy::Policy)| {
        let mut policy = crate::policy::Policy::default();
        change(&mut policy);
        policy
    };
    let left = crate::contacts::Contact::released(&verified(ADA), NOW - Span::days(1));
    let table = [
        ("never heard of", policy(|_| ()), None, false),
        ("known", policy(|_| ()), Some(known("Ada@example.org")), true),
        ("left by an account", policy(|_| ()), Some(left), true),
        ("told nothing", policy(|p| p.tell_unknown = false), Some(known(ADA)), false),
        ("no accounts", policy(|p| p.accounts_enabled = false), Some(known(ADA)), false),
    ];
    for what in [Errand::ResetPassword, Errand::RemindOfAccount] {
        for (case, policy, contact, written) in table.clone() {
            let empty = Stage::under(&policy).and(|world| world.contacts.extend(contact.clone()));
            let (stage, due) = stage(empty, what);
            assert_eq!(run(&stage).await, Outcome::Done, "{case}");
            let used_up = Write::LetterSent { lease: due.lease, at: NOW };
            if written {
                let to = contact.as_ref().unwrap().record().email.as_str();
                let wanted = told(Act::AbsenceTold, Actor::System, None).write(used_up);
                assert_eq!(stage.commit(), wanted.letter("no_account", to), "{case}");
                assert_eq!(stage.commit().opened[0].locale, Locale::Fr, "as the request spoke");
                let deed = visit().deed(NOW);
                assert_eq!(stage.commit().opened[0].content, LetterContent::NoAccount { deed });
            } else {
                let wanted = crate::tests_support::untold().write(used_up);
                assert_eq!(stage.commit(), wanted, "{case}");
            }
        }
    }
}
