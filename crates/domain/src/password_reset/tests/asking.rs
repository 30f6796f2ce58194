//! Asking for a reset.

use crate::Visit;
use crate::accounts::Account;
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::letters::{Errand, Lease, LetterContent, Outcome};
use crate::links::LinkPurpose::ResetPassword;
use crate::password_reset::PasswordResetError;
use crate::policy::Policy;
use crate::reason::{Reason, Refusal};
use crate::tests_support::{
    Call, Edit, MS, NOW, Stage, ada, email, frozen_ada, known, told, unverified, visit,
};
use crate::throttle::Limit;
use crate::values::{Locale, Source, Span, Timestamp};

const ADA: &str = "ada@example.org";

async fn ask(stage: &Stage, typed: &str, visit: &Visit) -> Result<Timestamp, PasswordResetError> {
    stage.rightful.password_resets().ask(typed, Locale::Fr, visit).await
}

fn from(last: u8) -> Visit {
    Visit { source: Source::of([192, 0, 2, last].into()), ..visit() }
}

fn everybody() -> [(&'static str, Stage); 5] {
    [
        ("verified", Stage::with(&ada())),
        ("unverified", Stage::with(&unverified(ADA))),
        ("frozen", Stage::with(&frozen_ada())),
        ("known contact", Stage::empty().and(|world| world.contacts.push(known(ADA)))),
        ("unknown", Stage::empty()),
    ]
}

/// R-100, CS-1, CS-2: the same answer for the same work, whoever it is, because nobody is looked up.
#[tokio::test]
async fn asvs_v6_3_8_asking_answers_every_address_alike() {
    for (who, stage) in everybody() {
        let next = ask(&stage, " ADA@Example.ORG ", &visit()).await.unwrap();
        assert_eq!(next, NOW + Span::seconds(60), "{who}");
        assert_eq!(stage.calls(), [Call::Take(3), Call::Commit], "{who}: nothing is looked up");
        let done = stage.commit();
        assert_eq!(done, told(Act::PasswordResetAsked, Actor::Anonymous, None), "{who}");
        let [errand] = &done.errands[..] else { panic!("one errand") };
        assert_eq!((errand.errand, errand.locale), (Errand::ResetPassword, Locale::Fr));
        assert_eq!((errand.typed.key(), &errand.deed), (email(ADA).key(), &visit().deed(NOW)));
    }
}

/// CS-4, CS-13: whatever is asked, nothing of the account changes.
#[tokio::test]
async fn cs_4_asking_changes_nothing_of_the_account() {
    for account in [ada(), unverified(ADA), frozen_ada()] {
        let stage = Stage::with(&account);
        ask(&stage, ADA, &visit()).await.unwrap();
        assert_eq!(stage.commit().writes, []);
        assert_eq!(stage.deliver_posted().await, [Outcome::Done]);
        let kinds = stage.commit().writes.into_iter().map(|write| match write {
            Write::InsertLink(_) => "link",
            Write::LetterSent { .. } => "errand",
            other => panic!("{other:?}"),
        });
        assert_eq!(kinds.collect::<Vec<_>>(), ["link", "errand"]);
    }
}

/// MN-17, security §3.11: the link goes to the address that is stored, in the account's language, whatever was
/// typed; verified or not, frozen or not.
#[tokio::test]
async fn mn_17_the_link_goes_to_the_mailbox_in_force() {
    let stored = |account: Account| {
        account.edit(|record| {
            record.email = email("Ada@example.org");
            record.locale = Locale::En;
        })
    };
    for account in [ada(), unverified(ADA), frozen_ada()].map(stored) {
        let stage = Stage::with(&account);
        ask(&stage, "ADA@EXAMPLE.ORG", &visit()).await.unwrap();
        let lease = Lease { letter: stage.commit().posted[0].id, until: NOW };
        assert_eq!(stage.deliver_posted().await, [Outcome::Done]);
        let done = stage.commit();
        assert_eq!(
            done,
            told(Act::PasswordResetIssued, Actor::System, Some(account.id()))
                .write(done.link(ResetPassword, &account, None, NOW))
                .write(Write::LetterSent { lease, at: NOW })
                .letter("reset_password", "Ada@example.org")
        );
        assert_eq!(done.opened[0].locale, Locale::En);
        let LetterContent::ResetPassword { expires_at, deed, .. } = &done.opened[0].content else {
            panic!("{:?}", done.opened)
        };
        assert_eq!((*expires_at, deed), (NOW + Span::hours(1), &visit().deed(NOW)));
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused_before_it_is_counted() {
    for typed in ["", "ada", "ada@", "ada@example.org, eve@example.org"] {
        let stage = Stage::with(&ada());
        let refused = ask(&stage, typed, &visit()).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), ("invalid_email", Some("email")), "{typed}");
        assert_eq!(refused.reason(), Reason::Invalid);
        assert_eq!(stage.calls(), []);
    }
}

/// CS-3: whatever the number of sources, so many letters an hour for an address, a minute apart; what one limit
/// refuses, none counts.
#[tokio::test]
async fn cs_3_letters_of_resets_are_counted_by_their_address() {
    for (who, stage) in everybody() {
        for n in 0..5 {
            stage.set(|world| world.now = NOW + Span::minutes(n));
            ask(&stage, ADA, &from(u8::try_from(n).unwrap())).await.unwrap();
            let again = ask(&stage, "Ada@example.org", &from(99)).await.unwrap_err();
            assert_eq!((again.code(), again.reason()), ("too_many_requests", Reason::TooMany));
        }
        stage.set(|world| world.now = NOW + Span::hours(1) - MS);
        let refused = ask(&stage, ADA, &from(9)).await.unwrap_err();
        assert_eq!(refused.retry_after(), Some(MS), "{who}");
        stage.set(|world| world.now = NOW + Span::hours(1));
        ask(&stage, ADA, &from(9)).await.unwrap();
    }
}

/// MN-9: one source causes so many letters, of all kinds together.
#[tokio::test]
async fn mn_9_letters_of_resets_are_counted_by_their_source() {
    let stage = Stage::empty();
    for n in 0..30 {
        ask(&stage, &format!("ada{n}@example.org"), &visit()).await.unwrap();
    }
    let refused = ask(&stage, ADA, &visit()).await.unwrap_err();
    assert_eq!(refused.retry_after(), Some(Span::hours(1)));
    ask(&stage, ADA, &from(7)).await.unwrap();
}

/// CS-13: a stranger who asks all the time keeps the owner from nothing: as long as no letter can be had, one that
/// was sent is still good.
#[test]
fn cs_13_there_is_always_a_letter_or_a_link() {
    let Limit::Quota { window, .. } = Policy::default().limits.password_resets else {
        panic!("a quota")
    };
    assert!(window <= ResetPassword.life());
}

/// CS-13: letters of other kinds that strangers cause leave the owner this one.
#[tokio::test]
async fn cs_13_no_other_letter_uses_up_those_of_resets() {
    let stage = Stage::with(&unverified(ADA));
    for n in 0..9 {
        let _ = stage.rightful.registration().resend(ADA, &from(n)).await;
        stage.set(|world| world.now = world.now + Span::minutes(1));
    }
    let refused = stage.rightful.registration().resend(ADA, &from(50)).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_requests");
    ask(&stage, ADA, &from(51)).await.unwrap();
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["throttle", "unit_of_work"] {
        let stage = Stage::with(&ada()).and(|world| world.broken = Some(part));
        let failed = ask(&stage, ADA, &visit()).await.unwrap_err();
        assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
        assert_eq!(stage.commits().len(), 0, "{part}");
    }
}
