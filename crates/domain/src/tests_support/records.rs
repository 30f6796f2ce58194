//! Records to begin with.

use uuid::Uuid;

use crate::Visit;
use crate::accounts::{Account, AccountRecord, Freeze, Origin, SecurityEpoch, Standing, Version};
use crate::contacts::{Contact, ContactRecord, ContactSource};
use crate::email_change::{EmailChange, EmailChangeRecord, OldMailbox};
use crate::links::{Link, LinkPurpose, LinkRecord};
use crate::ports::{Entropy, MockEntropy};
use crate::second_factors::{Factor, FactorRecord};
use crate::sessions::{Carrier, LiveSession, Session, SessionPolicy, SessionRecord};
use crate::trusted_devices::{TrustedDevice, TrustedDeviceRecord};
use crate::values::{
    EmailAddress, Id, IdKind, Locale, PasswordHash, PersonName, SecretText, Source, Span, Timestamp,
};

/// 2026-11-22T09:00:00Z: when everything here happens, unless a test says otherwise.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_338_000_000);
/// The least time there is.
pub(crate) const MS: Span = Span::from_millis(1);
/// The password of every account here.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// A password that nobody has yet.
pub(crate) const NEW_PASSWORD: &str = "another long sentence";

/// The id of number `n`.
pub(crate) fn id<K: IdKind>(n: u64) -> Id<K> {
    Id::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(n)))
}

/// An address.
pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// A password as the mocked hasher keeps it.
pub(crate) fn hash(password: &str) -> PasswordHash {
    PasswordHash::from_phc(format!("today${password}"))
}

/// A secret of the right form.
pub(crate) fn secret(prefix: &str, n: u64) -> SecretText {
    SecretText::from_letter(format!("{prefix}_{n:0>43}"))
}

/// An account whose mailbox nobody has proved. Different addresses are different accounts.
pub(crate) fn unverified(address: &str) -> Account {
    let number = address.bytes().fold(7, |n: u64, byte| n.wrapping_mul(31) + u64::from(byte));
    Account::register(
        id(number & 0xffff_ffff),
        email(address),
        hash(PASSWORD),
        Some(PersonName::parse("Ada Lovelace").unwrap()),
        Locale::En,
        Origin::Direct,
        NOW - Span::days(90),
    )
    .edit(|record| record.version = Version::from_stored(4))
}

/// An account whose mailbox was proved.
pub(crate) fn verified(address: &str) -> Account {
    unverified(address).edit(|record| {
        record.standing = Standing::Verified { at: NOW - Span::days(89) };
        record.epoch = SecurityEpoch::from_stored(1);
    })
}

/// Ada's account, verified.
pub(crate) fn ada() -> Account {
    verified("ada@example.org")
}

/// Ada's account, frozen for another day.
pub(crate) fn frozen_ada() -> Account {
    ada().edit(|record| {
        record.freeze = Some(Freeze { since: NOW - Span::days(6), until: NOW + Span::days(1) });
    })
}

/// A session with this number and secret, started ten minutes ago and used just now.
pub(crate) fn session(account: &Account, n: u64) -> Session {
    Session::from_record(SessionRecord {
        id: id(n),
        account: account.id(),
        secret: secret("ses", n).hash(),
        epoch: account.epoch(),
        carrier: Carrier::Cookie,
        device: String::from("Firefox on Linux"),
        source: String::from("192.0.2.1"),
        started_at: NOW - Span::minutes(10),
        last_used_at: NOW,
        proved_at: NOW - Span::minutes(10),
        factor_at: None,
        ended: None,
        version: Version::FIRST,
    })
}

/// Session 1 of the account, which proved its password a minute ago.
pub(crate) fn fresh(account: &Account) -> LiveSession {
    let session = session(account, 1).edit(|record| record.proved_at = NOW - Span::minutes(1));
    LiveSession { session, account: account.clone() }
}

/// Session 1 of the account, whose proof of the password is ten minutes old.
pub(crate) fn stale(account: &Account) -> LiveSession {
    LiveSession { session: session(account, 1), account: account.clone() }
}

/// An open link with this number and secret, issued half an hour ago, or a minute if it does not live so long.
pub(crate) fn link(purpose: LinkPurpose, account: &Account, n: u64) -> Link {
    let long = purpose.life() > Span::minutes(30);
    let ago = if long { Span::minutes(30) } else { Span::minutes(1) };
    Link::from_record(LinkRecord {
        id: id(n),
        secret: secret(purpose.prefix(), n).hash(),
        purpose,
        account: account.id(),
        email_change: None,
        epoch: account.epoch(),
        issued_at: NOW - ago,
        expires_at: NOW - ago + purpose.life(),
        redeemed_at: None,
    })
}

/// An address that the shop knows from its newsletter.
pub(crate) fn known(address: &str) -> Contact {
    Contact::heard_of(email(address), ContactSource::Newsletter, NOW - Span::days(9))
}

/// A pending change of the account's address, requested an hour ago.
pub(crate) fn pending(account: &Account, new: &str, n: u64) -> EmailChange {
    let requested_at = NOW - Span::hours(1);
    let session = fresh(account).session.edit(|record| record.factor_at = Some(record.proved_at));
    let proof = session.fresh_proof(account, &SessionPolicy::default(), NOW).unwrap();
    let owner = account.verified().unwrap();
    EmailChange::request(
        owner,
        proof,
        email(new),
        OldMailbox::Notify,
        None,
        &counting_entropy(),
        requested_at,
    )
    .unwrap()
    .edit(|record| record.id = id(n))
}

/// A request from Firefox on Linux, from a documentation address.
pub(crate) fn visit() -> Visit {
    Visit {
        source: Source::of("192.0.2.1".parse().unwrap()),
        device: String::from("Firefox on Linux"),
        request: String::from("req-1"),
        known_device: None,
        trusted_device: None,
    }
}

/// Bytes that never repeat: 1, 2, 3, … eight at a time.
pub(crate) fn counting_entropy() -> impl Entropy {
    let mut entropy = MockEntropy::new();
    let mut next = 0_u64;
    entropy.expect_fill().returning(move |bytes| {
        for chunk in bytes.chunks_mut(8) {
            next += 1;
            chunk.copy_from_slice(&next.to_be_bytes()[8 - chunk.len()..]);
        }
    });
    entropy
}

/// Changes a record where a test needs it otherwise.
pub(crate) trait Edit: Sized {
    /// What is stored of it.
    type Record;
    /// The same with another record.
    fn edit(self, change: impl FnOnce(&mut Self::Record)) -> Self;
}

macro_rules! edit {
    ($($thing:ty = $record:ty,)*) => {$(
        impl Edit for $thing {
            type Record = $record;
            fn edit(self, change: impl FnOnce(&mut $record)) -> Self {
                let mut record = self.record().clone();
                change(&mut record);
                Self::from_record(record)
            }
        }
    )*};
}

edit! {
    Account = AccountRecord,
    Contact = ContactRecord,
    EmailChange = EmailChangeRecord,
    Factor = FactorRecord,
    Link = LinkRecord,
    Session = SessionRecord,
    TrustedDevice = TrustedDeviceRecord,
}
