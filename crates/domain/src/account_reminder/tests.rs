use super::*;
use crate::Visit;
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::letters::{Errand, Lease, Outcome};
use crate::reason::{Reason, Refusal};
use crate::tests_support::{
    Call, Edit, MS, NOW, Stage, ada, email, frozen_ada, known, told, unverified, visit,
};
use crate::values::{Locale, Source, Span, Timestamp};

const ADA: &str = "ada@example.org";

async fn ask(stage: &Stage, typed: &str, visit: &Visit) -> Result<Timestamp, AccountReminderError> {
    stage.rightful.account_reminders().ask(typed, Locale::Fr, visit).await
}

fn from(last: u8) -> Visit {
    Visit { source: Source::of([192, 0, 2, last].into()), ..visit() }
}

/// R-105, CS-2: only the mailbox learns; the work is the same because nobody is looked up.
#[tokio::test]
async fn r_105_asking_answers_every_address_alike() {
    for stage in [
        Stage::with(&ada()),
        Stage::with(&unverified(ADA)),
        Stage::empty().and(|world| world.contacts.push(known(ADA))),
        Stage::empty(),
    ] {
        let next = ask(&stage, "Ada@Example.org", &visit()).await.unwrap();
        assert_eq!(next, NOW + Span::days(1));
        assert_eq!(stage.calls(), [Call::Take(2), Call::Commit]);
        let done = stage.commit();
        assert_eq!(done, told(Act::ReminderAsked, Actor::Anonymous, None));
        let [errand] = &done.errands[..] else { panic!("one errand") };
        assert_eq!(
            (errand.errand, errand.typed.key()),
            (Errand::RemindOfAccount, email(ADA).key())
        );
    }
}

/// the mailbox of an account is told that it has one, at the address that is stored.
#[tokio::test]
async fn r_105_an_account_is_told_to_its_own_mailbox() {
    let stored =
        |record: &mut crate::accounts::AccountRecord| record.email = email("Ada@example.org");
    for account in [ada(), unverified(ADA), frozen_ada()].map(|account| account.edit(stored)) {
        let stage = Stage::with(&account).and(|world| world.contacts.push(known(ADA)));
        ask(&stage, ADA, &visit()).await.unwrap();
        let lease = Lease { letter: stage.commit().posted[0].id, until: NOW };
        assert_eq!(stage.deliver_posted().await, [Outcome::Done]);
        assert_eq!(
            stage.commit(),
            told(Act::AccountReminded, Actor::System, Some(account.id()))
                .write(Write::LetterSent { lease, at: NOW })
                .letter("account_reminder", "Ada@example.org")
        );
    }
}

/// R-105, CS-3: one a day for an address, known or not, whatever the sources.
#[tokio::test]
async fn r_105_one_reminder_a_day() {
    for stage in [Stage::with(&ada()), Stage::empty()] {
        ask(&stage, ADA, &visit()).await.unwrap();
        stage.set(|world| world.now = NOW + Span::days(1) - MS);
        let refused = ask(&stage, "ADA@example.org", &from(9)).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), ("too_many_requests", Reason::TooMany));
        assert_eq!(refused.retry_after(), Some(MS));
        stage.set(|world| world.now = NOW + Span::days(1));
        ask(&stage, ADA, &from(9)).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused_before_it_is_counted() {
    let stage = Stage::with(&ada());
    let refused = ask(&stage, "ada", &visit()).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), ("invalid_email", Some("email")));
    assert_eq!(stage.calls(), []);
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["throttle", "unit_of_work"] {
        let stage = Stage::with(&ada()).and(|world| world.broken = Some(part));
        let failed = ask(&stage, ADA, &visit()).await.unwrap_err();
        assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
    }
}
