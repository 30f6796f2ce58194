use super::model::RESTING;
use super::*;
use crate::accounts::Account;
use crate::tests_support::{MS, NOW, ada, email, unverified, verified};
use crate::values::Timestamp;
use Target::{Free, InUseByAccount, KnownContact};

const NEW: &str = "new@example.org";

fn contact(source: ContactSource) -> Option<Contact> {
    Some(Contact::heard_of(email(NEW), source, NOW))
}

fn left_by(account: &Account, at: Timestamp) -> Option<Contact> {
    contact(ContactSource::Released { by: account.id(), at })
}

/// every holder of an address against everything that the directory may
/// say of it.
#[test]
fn every_target_is_judged_like_this() {
    let (mover, other) = (ada(), verified("bob@example.org"));
    let holders = [None, Some(unverified(NEW)), Some(verified(NEW)), Some(mover.clone())];
    let rested = NOW - RESTING;
    // Columns: nobody, an unverified account, another verified account, the mover itself.
    let in_use = InUseByAccount;
    let table: [(&str, Option<Contact>, [Target; 4]); 12] = [
        ("unknown", None, [Free, Free, in_use, Free]),
        (
            "order",
            contact(ContactSource::Order),
            [KnownContact, KnownContact, in_use, KnownContact],
        ),
        (
            "newsletter",
            contact(ContactSource::Newsletter),
            [KnownContact, KnownContact, in_use, KnownContact],
        ),
        (
            "donation",
            contact(ContactSource::Donation),
            [KnownContact, KnownContact, in_use, KnownContact],
        ),
        ("form", contact(ContactSource::Form), [KnownContact, KnownContact, in_use, KnownContact]),
        (
            "import",
            contact(ContactSource::Import),
            [KnownContact, KnownContact, in_use, KnownContact],
        ),
        ("left by the mover now", left_by(&mover, NOW), [Free, Free, in_use, Free]),
        ("left by the mover long ago", left_by(&mover, rested - MS), [Free, Free, in_use, Free]),
        (
            "left by another now",
            left_by(&other, NOW),
            [KnownContact, KnownContact, in_use, KnownContact],
        ),
        (
            "left by another, resting",
            left_by(&other, rested + MS),
            [KnownContact, KnownContact, in_use, KnownContact],
        ),
        ("left by another, rested", left_by(&other, rested), [Free, Free, in_use, Free]),
        ("left by another long ago", left_by(&other, rested - MS), [Free, Free, in_use, Free]),
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
    let until = NOW + RESTING;
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
        assert_eq!(contact(source).and_then(|contact| contact.resting_until(NOW)), None);
    }
}
