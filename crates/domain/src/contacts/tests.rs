use super::*;
use crate::accounts::Account;
use crate::tests_support::{MS, NOW, ada, email, unverified, verified};
use crate::values::{Span, Timestamp};
use Target::{Free, InUseByAccount, KnownContact};

const NEW: &str = "new@example.org";

fn contact(source: ContactSource) -> Contact {
    Contact::heard_of(email(NEW), source, NOW)
}

fn left_by(account: &Account, at: Timestamp) -> Contact {
    contact(ContactSource::Released { by: account.id(), at })
}

/// every holder of an address against everything that the directory may
/// say of it.
#[test]
fn every_target_is_judged_like_this() {
    let (mover, other) = (ada(), verified("bob@example.org"));
    let holders = [None, Some(unverified(NEW)), Some(verified(NEW)), Some(mover.clone())];
    let rested = NOW - Span::days(30);
    // Columns: nobody, an unverified account, another verified account, the mover itself.
    let free = [Free, Free, InUseByAccount, Free];
    let known = [KnownContact, KnownContact, InUseByAccount, KnownContact];
    let table = [
        ("unknown", None, free),
        ("order", Some(contact(ContactSource::Order)), known),
        ("newsletter", Some(contact(ContactSource::Newsletter)), known),
        ("donation", Some(contact(ContactSource::Donation)), known),
        ("form", Some(contact(ContactSource::Form)), known),
        ("import", Some(contact(ContactSource::Import)), known),
        ("left by the mover now", Some(left_by(&mover, NOW)), free),
        ("left by the mover long ago", Some(left_by(&mover, rested - MS)), free),
        ("left by another now", Some(left_by(&other, NOW)), known),
        ("left by another, resting", Some(left_by(&other, rested + MS)), known),
        ("left by another, rested", Some(left_by(&other, rested)), free),
        ("left by another long ago", Some(left_by(&other, rested - MS)), free),
    ];
    for (what, contact, row) in table {
        for (holder, wanted) in holders.iter().zip(row) {
            let judged = judge_target(mover.id(), holder.as_ref(), contact.as_ref(), NOW);
            assert_eq!(judged, wanted, "{what}, held by {holder:?}");
        }
    }
}

#[test]
fn r_052_an_address_rests_for_thirty_days_after_an_account_left_it() {
    let ada = ada();
    let contact = Contact::released(&ada, NOW);
    let record = ContactRecord {
        email: ada.email().clone(),
        source: ContactSource::Released { by: ada.id(), at: NOW },
        first_seen_at: NOW,
        last_seen_at: NOW,
    };
    assert_eq!(contact.record(), &record);
    let until = NOW + Span::days(30);
    for (now, rests) in [(NOW - MS, true), (NOW, true), (until - MS, true), (until, false)] {
        assert_eq!(contact.resting_until(now), rests.then_some(until), "{now}");
    }
}

#[test]
fn an_address_that_never_was_an_accounts_does_not_rest() {
    for source in [
        ContactSource::Order,
        ContactSource::Newsletter,
        ContactSource::Donation,
        ContactSource::Form,
        ContactSource::Import,
    ] {
        assert_eq!(contact(source).resting_until(NOW), None);
    }
}
