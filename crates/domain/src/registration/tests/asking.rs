//! Registering, and asking for the letter again.

use crate::accounts::{Account, Origin};
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::contacts::{Contact, ContactSource};
use crate::letters::{Errand, Lease, LetterContent, Outcome};
use crate::links::LinkPurpose;
use crate::policy::{Policy, Welcome};
use crate::ports::{CommitError, Unique};
use crate::reason::{Reason, Refusal};
use crate::registration::{NewAccount, RegistrationError};
use crate::sessions::EndReason;
use crate::tests_support::{
    Call, Edit, MS, NEW_PASSWORD, NOW, Stage, Told, ada, email, fresh, hash, known, told,
    unverified, verified, visit,
};
use crate::values::{Locale, PersonName, Source, Span};

const ADA: &str = "ada@example.org";

fn wanted(email: &str) -> NewAccount<'_> {
    NewAccount {
        email,
        password: NEW_PASSWORD,
        name: Some("Ada"),
        locale: Locale::Fr,
        origin: Origin::Checkout,
    }
}

async fn register(stage: &Stage) -> Result<(), RegistrationError> {
    stage.rightful.registration().register(wanted(ADA), &visit()).await
}

/// The new account that a commit writes, whole.
fn registered(told: &Told) -> Account {
    let [Write::InsertAccount(account), ..] = &told.writes[..] else {
        panic!("no new account first: {told:#?}")
    };
    let name = PersonName::parse("Ada").ok();
    let password = hash(NEW_PASSWORD);
    let origin = Origin::Checkout;
    Account::register(account.id(), email(ADA), password, name, Locale::Fr, origin, NOW)
}

fn resting() -> Contact {
    Contact::released(&verified("Ada@example.org"), NOW - Span::days(29))
}

/// an account, a link and one welcome, which is the verification letter too.
#[tokio::test]
async fn r_018_an_unknown_address_gets_an_account_and_one_welcome() {
    let stage = Stage::empty();
    register(&stage).await.unwrap();
    let done = stage.commit();
    let account = registered(&done);
    assert_eq!(
        done,
        told(Act::AccountRegistered, Actor::Anonymous, Some(account.id()))
            .write(Write::InsertAccount(account.clone()))
            .write(done.link(LinkPurpose::VerifyAddress, &account, None, NOW))
            .letter("welcome", ADA)
    );
    assert_eq!(done.details, [("origin", String::from("checkout"))]);
    assert_eq!(done.opened[0].locale, Locale::Fr);
}

#[tokio::test]
async fn r_018_a_separate_welcome_is_still_exactly_one() {
    let stage = Stage::under(&Policy { welcome: Welcome::Separate, ..Policy::default() });
    register(&stage).await.unwrap();
    let done = stage.commit();
    let account = registered(&done);
    assert_eq!(
        done,
        told(Act::AccountRegistered, Actor::Anonymous, Some(account.id()))
            .write(Write::InsertAccount(account.clone()))
            .write(done.link(LinkPurpose::VerifyAddress, &account, None, NOW))
            .letter("verify_address", ADA)
            .letter("welcome", ADA)
    );
    let bare = LetterContent::Welcome { verify: None, expires_at: None };
    assert_eq!(done.opened[1].content, bare);
}

/// to register is the official way out of "already used".
#[tokio::test]
async fn r_016_a_contact_without_account_can_register() {
    for source in [ContactSource::Order, ContactSource::Newsletter, ContactSource::Import] {
        let contact = Contact::heard_of(email(ADA), source, NOW);
        let stage = Stage::empty().and(|world| world.contacts.push(contact));
        register(&stage).await.unwrap();
        let done = stage.commit();
        let account = registered(&done);
        assert_eq!(
            done.writes,
            [
                Write::InsertAccount(account.clone()),
                done.link(LinkPurpose::VerifyAddress, &account, None, NOW),
            ],
            "nothing of the contact is written"
        );
    }
}

/// CS-44: the account stays as it is; its owner is told, in the owner's language, at the stored address.
#[tokio::test]
async fn cs_44_a_verified_accounts_owner_is_told_and_nothing_is_written() {
    let owner = verified("Ada@example.org");
    let stage = Stage::with(&owner);
    register(&stage).await.unwrap();
    assert_eq!(
        stage.commit(),
        told(Act::RegistrationRefused, Actor::Anonymous, Some(owner.id()))
            .letter("already_registered", "Ada@example.org")
    );
    assert_eq!(stage.commit().opened[0].locale, Locale::En);
}

/// MN-7: the last intent stands, the sessions of before end, the links of before go on.
#[tokio::test]
async fn mn_7_registering_again_starts_an_unverified_account_anew() {
    let claim = unverified("Ada@example.org");
    let stage = Stage::with(&claim);
    register(&stage).await.unwrap();
    let done = stage.commit();
    let name = PersonName::parse("Ada").ok();
    let password = hash(NEW_PASSWORD);
    let after = claim.clone().restart(password, name, Locale::Fr, Origin::Checkout, NOW).unwrap();
    assert_eq!(
        done,
        told(Act::AccountRestarted, Actor::Anonymous, Some(claim.id()))
            .write(Write::UpdateAccount(after))
            .write(Write::EndSessions {
                account: claim.id(),
                except: None,
                at: NOW,
                why: EndReason::MailboxProved,
            })
            .write(done.link(LinkPurpose::VerifyAddress, &claim, None, NOW))
            // the welcome was sent with the first registration.
            .letter("verify_address", "Ada@example.org")
    );
}

#[tokio::test]
async fn r_052_an_address_that_rests_is_told_when_it_is_free() {
    let stage = Stage::empty().and(|world| world.contacts.push(resting()));
    register(&stage).await.unwrap();
    assert_eq!(
        stage.commit(),
        told(Act::RegistrationRefused, Actor::Anonymous, None)
            .letter("address_resting", "Ada@example.org")
    );
    let free_at = NOW + Span::days(1);
    assert_eq!(stage.commit().opened[0].content, LetterContent::AddressResting { free_at });

    stage.forget();
    stage.set(|world| world.now = free_at);
    register(&stage).await.unwrap();
    assert_eq!(stage.commit().acts[0].0, Act::AccountRegistered);
}

/// R-015, CS-41 to CS-45: whatever is known of the address, the same is asked of every port in the same
/// order, and one letter goes out.
#[tokio::test]
async fn asvs_v6_3_8_every_address_costs_the_same_work() {
    let worlds = [
        ("unknown", Stage::empty()),
        ("verified", Stage::with(&ada())),
        ("unverified", Stage::with(&unverified(ADA))),
        ("resting", Stage::empty().and(|world| world.contacts.push(resting()))),
    ];
    for (known, stage) in worlds {
        register(&stage).await.unwrap();
        let calls = [
            Call::Take(2),
            Call::Take(1),
            Call::Hash,
            Call::Read("accounts"),
            Call::Read("contacts"),
            Call::Commit,
        ];
        assert_eq!(stage.calls(), calls, "{known}");
        assert_eq!(stage.commit().letters.len(), 1, "{known}");
        assert_eq!(stage.commit().acts.len(), 1, "{known}");
    }
}

#[tokio::test]
async fn r_001_a_shop_without_accounts_registers_nobody() {
    let stage = Stage::under(&Policy { accounts_enabled: false, ..Policy::default() });
    let refused = register(&stage).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), ("accounts_disabled", Reason::Forbidden));
    assert_eq!(stage.calls(), []);
}

/// what is refused by its form is counted nowhere, looked up nowhere and sent nowhere.
#[tokio::test]
async fn asvs_v6_2_4_v6_2_11_a_refused_password_name_or_address_asks_nothing_of_any_port() {
    let good = wanted(ADA);
    let long = "long name ".repeat(11);
    let table = [
        (NewAccount { email: "ada", ..good }, "invalid_email", Some("email")),
        (NewAccount { name: Some(" "), ..good }, "invalid_name", Some("name")),
        (NewAccount { name: Some(&long), ..good }, "invalid_name", Some("name")),
        (NewAccount { password: "123456789", ..good }, "password_too_short", Some("password")),
        (NewAccount { password: "Password1234", ..good }, "password_leaked", Some("password")),
        (NewAccount { password: "ADA@example.org", ..good }, "password_own_data", Some("password")),
        (NewAccount { password: "abcabcabcabc", ..good }, "password_repetition", Some("password")),
    ];
    for (wanted, code, field) in table {
        let stage = Stage::with(&ada());
        let refused = stage.rightful.registration().register(wanted, &visit()).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), (code, field));
        assert_eq!(refused.reason(), Reason::Invalid);
        assert_eq!(stage.calls(), [], "{code}");
    }
}

/// MN-9, CS-45: five letters an hour to one address, whoever asks and whatever is known of it. The sixth is
/// refused before anything is looked up or hashed.
#[tokio::test]
async fn mn_9_letters_to_one_address_are_counted_before_it_is_looked_up() {
    for stage in [Stage::empty(), Stage::with(&ada()), Stage::with(&unverified(ADA))] {
        let mut visit = visit();
        for n in 1..=5_u8 {
            visit.source = Source::of([192, 0, 2, n].into());
            stage.rightful.registration().register(wanted(ADA), &visit).await.unwrap();
        }
        stage.forget();
        visit.source = Source::of([192, 0, 2, 6].into());
        let upper = wanted("ADA@EXAMPLE.ORG");
        let refused = stage.rightful.registration().register(upper, &visit).await.unwrap_err();
        assert_eq!(refused.code(), "too_many_requests");
        assert_eq!(refused.retry_after(), Some(Span::hours(1)));
        assert_eq!(stage.calls(), [Call::Take(2)]);

        stage.set(|world| world.now = NOW + Span::hours(1));
        register(&stage).await.unwrap();
    }
}

#[tokio::test]
async fn mn_9_letters_that_one_source_causes_are_counted() {
    let stage = Stage::empty();
    for n in 0..30 {
        let address = format!("ada{n}@example.org");
        stage.rightful.registration().register(wanted(&address), &visit()).await.unwrap();
    }
    let refused = register(&stage).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_requests");
}

/// two doors at once. The loser decides again, on what the winner wrote.
#[tokio::test]
async fn r_007_the_second_of_two_registrations_at_once_starts_the_first_anew() {
    let stage = Stage::empty();
    stage.meanwhile(|world| world.accounts.push(unverified(ADA)));
    register(&stage).await.unwrap();
    let acts: Vec<_> = stage.commits().iter().map(|told| told.acts[0].0).collect();
    assert_eq!(acts, [Act::AccountRegistered, Act::AccountRestarted]);
    assert_eq!(stage.count(&Call::Hash), 1, "the password is hashed once");
}

#[tokio::test]
async fn a_registration_is_decided_three_times_at_most() {
    let stage = Stage::empty();
    for _ in 0..3 {
        stage.next_commit(CommitError::Taken(Unique::EmailKey));
    }
    let failed = register(&stage).await.unwrap_err();
    assert_eq!((failed.code(), failed.reason()), ("contended", Reason::Unavailable));
    assert_eq!(stage.commits().len(), 3);
}

/// ASVS V16.5.3: a part that fails is told as such, and nothing is written.
#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["throttle", "passwords", "accounts", "contacts", "unit_of_work"] {
        let stage = Stage::empty().and(|world| world.broken = Some(part));
        let failed = register(&stage).await.unwrap_err();
        assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
        assert_eq!(stage.commits().len(), 0, "{part}");
    }
}

mod again {
    use super::*;

    async fn resend(stage: &Stage) -> Result<(), RegistrationError> {
        stage.rightful.registration().resend(ADA, &visit()).await
    }

    #[tokio::test]
    async fn r_017_an_unverified_address_gets_a_letter_with_a_link_of_its_own() {
        let claim = unverified("Ada@example.org");
        let stage = Stage::with(&claim);
        resend(&stage).await.unwrap();
        let errand = stage.commit().posted[0].id;
        assert_eq!(stage.deliver_posted().await, [Outcome::Done]);
        let done = stage.commit();
        let lease = Lease { letter: errand, until: NOW };
        assert_eq!(
            done,
            told(Act::VerificationIssued, Actor::System, Some(claim.id()))
                .write(done.link(LinkPurpose::VerifyAddress, &claim, None, NOW))
                .write(Write::LetterSent { lease, at: NOW })
                .letter("verify_address", "Ada@example.org")
        );
    }

    /// CS-2, CS-40, CS-43: the answer and the work are the same for all, because nothing is looked up.
    #[tokio::test]
    async fn asvs_v6_3_8_asking_again_answers_every_address_alike() {
        for stage in [Stage::empty(), Stage::with(&ada()), Stage::with(&unverified(ADA))] {
            resend(&stage).await.unwrap();
            assert_eq!(stage.calls(), [Call::Take(4), Call::Commit]);
            let done = stage.commit();
            assert_eq!(done, told(Act::VerificationResent, Actor::Anonymous, None));
            assert_eq!(done.errands[0].errand, Errand::ResendVerification);
        }
    }

    /// CS-40: only an unverified mailbox gets a letter.
    #[tokio::test]
    async fn nobody_else_gets_a_verification_letter() {
        for stage in [Stage::empty(), Stage::with(&ada())] {
            let stage = stage.and(|world| world.contacts.push(known(ADA)));
            resend(&stage).await.unwrap();
            assert_eq!(stage.deliver_posted().await, [Outcome::Done]);
            let [Write::LetterSent { .. }] = &stage.commit().writes[..] else { panic!() };
            assert_eq!(stage.posted(), 0);
        }
    }

    /// sixty seconds apart, from the first letter on.
    #[tokio::test]
    async fn r_017_letters_are_a_minute_apart() {
        let stage = Stage::empty();
        register(&stage).await.unwrap();
        let minute = NOW + Span::seconds(60);
        stage.set(|world| world.now = minute - MS);
        let refused = resend(&stage).await.unwrap_err();
        assert_eq!((refused.code(), refused.retry_after()), ("too_many_requests", Some(MS)));
        stage.set(|world| world.now = minute);
        resend(&stage).await.unwrap();
    }

    /// R-017, MN-9: what one limit refuses is counted under none: an owner who is impatient uses up no letter.
    #[tokio::test]
    async fn r_017_a_letter_that_is_refused_is_counted_nowhere() {
        let stage = Stage::with(&unverified(ADA));
        register(&stage).await.unwrap();
        for _ in 0..40 {
            assert_eq!(resend(&stage).await.unwrap_err().code(), "too_many_requests");
        }
        // Of the five letters an hour to the address one is used, and one of the thirty of the source.
        for _ in 0..4 {
            register(&stage).await.unwrap();
        }
        assert_eq!(register(&stage).await.unwrap_err().retry_after(), Some(Span::hours(1)));
        // And of the five letters a day that can be asked for, none is.
        for hour in 1..=6 {
            stage.set(|world| world.now = NOW + Span::hours(hour));
            assert_eq!(
                resend(&stage).await.err().map(|e| e.code()),
                (hour == 6).then_some("too_many_requests")
            );
        }
    }

    #[tokio::test]
    async fn r_017_five_letters_can_be_asked_for_in_a_day() {
        let stage = Stage::with(&unverified(ADA));
        for hour in 0..5 {
            stage.set(|world| world.now = NOW + Span::hours(hour));
            resend(&stage).await.unwrap();
        }
        stage.forget();
        stage.set(|world| world.now = NOW + Span::days(1) - MS);
        let refused = resend(&stage).await.unwrap_err();
        assert_eq!((refused.code(), refused.retry_after()), ("too_many_requests", Some(MS)));
        assert_eq!(stage.calls(), [Call::Take(4)], "nothing is looked up");
        stage.set(|world| world.now = NOW + Span::days(1));
        resend(&stage).await.unwrap();
    }

    /// from the e-mail panel.
    #[tokio::test]
    async fn r_062_the_panel_sends_the_letter_again_to_the_address_in_force() {
        let claim = unverified(ADA);
        let live = fresh(&claim);
        let stage = Stage::signed_in(&live);
        let registration = stage.rightful.registration();
        let next = registration.resend_for(&live, &visit()).await.unwrap();
        assert_eq!(next, NOW + Span::seconds(60));
        let done = stage.commit();
        assert_eq!(
            done,
            told(Act::VerificationResent, Actor::Customer(claim.id()), Some(claim.id()))
                .write(done.link(LinkPurpose::VerifyAddress, &claim, None, NOW))
                .letter("verify_address", ADA)
        );
        // One count with those that are asked for signed out.
        assert_eq!(resend(&stage).await.unwrap_err().code(), "too_many_requests");
    }

    #[tokio::test]
    async fn r_017_a_proved_mailbox_gets_no_verification_letter() {
        let stage = Stage::with(&ada());
        let registration = stage.rightful.registration();
        registration.resend_for(&fresh(&ada()), &visit()).await.unwrap();
        assert_eq!(stage.calls(), []);
    }

    #[tokio::test]
    async fn asking_again_with_no_address_is_refused() {
        let stage = Stage::empty();
        let refused = stage.rightful.registration().resend("ada", &visit()).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_email");
        assert_eq!(stage.calls(), []);
    }
}

/// the mailbox may be a stranger's.
#[tokio::test]
async fn r_018_the_letters_to_an_unproved_mailbox_hold_no_personal_datum() {
    let stage = Stage::empty();
    let named = NewAccount { name: Some("Somebody Else"), ..wanted(ADA) };
    stage.rightful.registration().register(named, &visit()).await.unwrap();
    let text = serde_json::to_string(&stage.commit().opened[0].content).unwrap();
    assert!(!text.contains("Somebody") && !text.contains("Ada"), "{text}");
}

/// The account of a claim keeps its number however often it is registered.
#[tokio::test]
async fn a_claim_that_is_registered_again_and_again_stays_one_account() {
    let claim = unverified(ADA).edit(|record| record.locale = Locale::Fr);
    let stage = Stage::with(&claim);
    for _ in 0..3 {
        register(&stage).await.unwrap();
    }
    for done in stage.commits() {
        assert_eq!(done.acts, [(Act::AccountRestarted, Actor::Anonymous, Some(claim.id()))]);
    }
}
