//! The directory: one row for a key, remembering when the address was first heard of.

use rightful_domain::changes::Write;
use rightful_domain::contacts::ContactSource;
use rightful_domain::values::{EmailKey, Span, Timestamp};

use super::{Adapters, race};
use crate::builders::{Edit, NOW, contact, email, id};

fn key(address: &str) -> EmailKey {
    email(address).key().clone()
}

/// Every source, and the ends of time.
pub async fn every_field_of_a_contact_reads_back(adapters: Adapters) {
    let ends = [i64::MIN, -1, 0, i64::MAX].map(Timestamp::from_millis);
    let sources = [
        ContactSource::Order,
        ContactSource::Newsletter,
        ContactSource::Donation,
        ContactSource::Form,
        ContactSource::Import,
    ]
    .into_iter()
    .chain(ends.map(|at| ContactSource::Released { by: id(7), at }));
    for (n, source) in sources.enumerate() {
        let at = ends[n % ends.len()];
        let wanted = contact(&format!("Zoë{n}@Bücher.example")).edit(|record| {
            record.source = source;
            record.first_seen_at = at;
            record.last_seen_at = NOW;
        });
        adapters.write([Write::PutContact(wanted.clone())]).await;
        let found = adapters.contacts.find(wanted.record().email.key()).await.expect("reads");
        assert_eq!(found, Some(wanted));
    }
}

/// The shop never heard of it.
pub async fn a_contact_that_is_not_there_is_none(adapters: Adapters) {
    adapters.write([Write::PutContact(contact("known@example.com"))]).await;
    let found = adapters.contacts.find(&key("unknown@example.com")).await.expect("reads");
    assert_eq!(found, None);
}

/// What was last heard counts, but for the first time.
pub async fn a_contact_put_again_keeps_when_it_was_first_seen(adapters: Adapters) {
    let first = contact("ada@example.com");
    let again = contact("Ada@example.com").edit(|record| {
        record.source = ContactSource::Released { by: id(1), at: NOW + Span::days(1) };
        record.first_seen_at = NOW + Span::days(1);
        record.last_seen_at = NOW + Span::days(1);
    });
    let later = contact("ada@example.com").edit(|record| {
        record.source = ContactSource::Newsletter;
        record.first_seen_at = NOW + Span::days(2);
        record.last_seen_at = NOW + Span::days(2);
    });
    adapters.write([Write::PutContact(first)]).await;
    for put in [again, later] {
        adapters.write([Write::PutContact(put.clone())]).await;
        let wanted = put.edit(|record| record.first_seen_at = NOW);
        let found = adapters.contacts.find(&key("ada@example.com")).await.expect("reads");
        assert_eq!(found, Some(wanted));
    }
}

/// R-006, as for accounts.
pub async fn a_contact_is_found_by_its_key_however_it_is_spelled(adapters: Adapters) {
    let put = contact("Ada.Lovelace@Example.com");
    adapters.write([Write::PutContact(put.clone())]).await;
    let found = adapters.contacts.find(&key("ADA.LOVELACE@example.COM")).await.expect("reads");
    assert_eq!(found, Some(put));
}

/// Removing what is not there is no error; what comes back is seen for the first time.
pub async fn a_contact_gives_way_and_comes_back(adapters: Adapters) {
    let ada = key("ada@example.com");
    adapters.write([Write::RemoveContact(ada.clone())]).await;
    let put = [contact("ada@example.com"), contact("bob@example.com")];
    adapters.write(put.map(Write::PutContact)).await;
    adapters.write([Write::RemoveContact(ada.clone())]).await;
    assert_eq!(adapters.contacts.find(&ada).await.expect("reads"), None);
    let bob = adapters.contacts.find(&key("bob@example.com")).await.expect("reads");
    assert!(bob.is_some(), "another contact stays");
    let back = contact("ada@example.com").edit(|record| {
        record.first_seen_at = NOW + Span::days(9);
        record.last_seen_at = NOW + Span::days(9);
    });
    adapters.write([Write::PutContact(back.clone())]).await;
    assert_eq!(adapters.contacts.find(&ada).await.expect("reads"), Some(back));
}

/// A contact has no version to decide on: putting it is never refused.
pub async fn of_thirty_two_that_put_one_contact_none_fails(adapters: Adapters) {
    let found = race(32, |_| {
        let adapters = adapters.clone();
        async move { adapters.try_write([Write::PutContact(contact("ada@example.com"))]).await }
    })
    .await;
    assert!(found.iter().all(Result::is_ok), "{found:?}");
    let ada = adapters.contacts.find(&key("ada@example.com")).await.expect("reads");
    assert_eq!(ada, Some(contact("ada@example.com")));
}
