//! The use cases run over the records in memory and the fakes.

use rightful_domain::accounts::Origin;
use rightful_domain::audit::Verified;
use rightful_domain::email_change::{Dispute, Disputed, NewAddress};
use rightful_domain::letters::Outcome;
use rightful_domain::links::LinkRefusal;
use rightful_domain::ports::MailFailure;
use rightful_domain::registration::{NewAccount, RegistrationError};
use rightful_domain::values::{Locale, Span, Timestamp};
use rightful_testkit::builders::visit;
use rightful_testkit::world::{PASSWORD, World, link_in};

fn wanted(email: &str) -> NewAccount<'_> {
    NewAccount {
        email,
        password: PASSWORD,
        name: Some("Bob"),
        locale: Locale::Fr,
        origin: Origin::Checkout,
    }
}

#[tokio::test]
async fn a_customer_registers_signs_in_and_moves_to_another_address() {
    let world = World::new();
    let customer = world.customer("ada@example.com").await;
    assert!(customer.is_verified());
    let live = world.sign_in("Ada@example.com").await;
    let wanted = NewAddress { email: "ada@example.org", confirm: "ada@example.org" };
    let changes = world.rightful.email_changes();
    changes.request(&live, wanted, &visit()).await.unwrap();
    let link = world.last_link_to("ada@example.org").await;
    let moved = changes.confirm(&link, Some(&live), None, &visit()).await.unwrap();
    assert_eq!(moved.email().as_str(), "ada@example.org");
    let live = world.sign_in("ada@example.org").await;
    assert_eq!(live.account.id(), customer.id());
    world.deliver_all().await;
    let last = world.letters_to("ada@example.com").pop().unwrap();
    assert_eq!(last.content.kind(), "email_changed_old");

    // It was not her: the old mailbox and the password bring everything back.
    let link = link_in(&last).unwrap();
    let proof = Dispute { password: PASSWORD, new_password: "another horse battery" };
    let disputed = changes.dispute(link, Some(proof), &visit()).await.unwrap();
    assert_eq!(disputed, Disputed::Restored);
    let account = world.rightful.ports().accounts.find(customer.id()).await.unwrap().unwrap();
    assert_eq!(account.email().as_str(), "ada@example.com");
    let verified = world.rightful.audit_trail().verify(None).await.unwrap();
    assert!(matches!(verified, Verified::Whole(_)), "{verified:?}");
}

#[tokio::test]
async fn a_link_works_once_and_not_for_ever() {
    let world = World::new();
    world.customer("ada@example.com").await;
    let link = world.last_link_to("ada@example.com").await;
    let registration = world.rightful.registration();
    let again = registration.verify(&link, PASSWORD, &visit()).await;
    assert!(matches!(again, Err(RegistrationError::Link(LinkRefusal::Used))), "{again:?}");
    let later = World::new();
    let registration = later.rightful.registration();
    registration.register(wanted("bob@example.com"), &visit()).await.unwrap();
    let link = later.last_link_to("bob@example.com").await;
    later.clock.advance(Span::hours(48));
    let expired = registration.verify(&link, PASSWORD, &visit()).await;
    assert!(matches!(expired, Err(RegistrationError::Link(LinkRefusal::Expired))), "{expired:?}");
}

#[tokio::test]
async fn a_letter_is_deferred_given_up_and_revived_as_the_mailer_is_scripted() {
    let world = World::new();
    world.customer("ada@example.com").await;
    let outcomes = async || -> Vec<Outcome> {
        world.deliver_all().await.iter().map(|delivery| delivery.outcome).collect()
    };
    outcomes().await;
    let before = world.letters_to("ada@example.com").len();
    let resend = async || {
        world.rightful.registration().register(wanted("ada@example.com"), &visit()).await.unwrap();
    };

    resend().await;
    world.mailer.fail_next(1, MailFailure::Transient("421 later".to_owned()));
    assert_eq!(outcomes().await, [Outcome::Deferred]);
    assert_eq!(outcomes().await, []);
    world.clock.advance(Span::seconds(10));
    assert_eq!(outcomes().await, [Outcome::Sent]);
    assert_eq!(world.letters_to("ada@example.com").len(), before + 1);

    resend().await;
    world.mailer.fail_next(1, MailFailure::Permanent("554 no".to_owned()));
    assert_eq!(outcomes().await, [Outcome::Dead]);
    let dead = world.rightful.postroom().dead_letters(10).await.unwrap();
    assert_eq!(dead.len(), 1);
    world.rightful.postroom().revive(dead[0].id).await.unwrap();
    assert_eq!(outcomes().await, [Outcome::Sent]);
    assert_eq!(world.letters_to("ada@example.com").len(), before + 2);
}

#[tokio::test]
async fn two_worlds_are_the_same_for_the_same_acts() {
    let run = async || -> (Vec<String>, Timestamp) {
        let world = World::new();
        let account = world.customer("ada@example.com").await;
        world.sign_in("ada@example.com").await;
        let link = world.last_link_to("ada@example.com").await;
        let trail = world.rightful.ports().audit.list(0, 100).await.unwrap();
        (vec![account.id().to_string(), link, format!("{trail:?}")], world.now())
    };
    assert_eq!(run().await, run().await);
}
