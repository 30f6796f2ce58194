//! Records to begin with: sound, told apart by a small number, and changed by [`Edit`] where a test needs
//! them otherwise.
//!
//! ```
//! use rightful_testkit::builders::{Edit, verified};
//!
//! let nameless = verified(1).edit(|record| record.name = None);
//! assert!(nameless.is_verified());
//! ```

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use rightful_domain::Visit;
use rightful_domain::accounts::{
    Account, AccountRecord, Origin, PasswordSetBy, SecurityEpoch, Standing, Version,
};
use rightful_domain::audit::{Act, Actor, AuditEvent};
use rightful_domain::changes::{Changes, Write};
use rightful_domain::contacts::{Contact, ContactRecord, ContactSource};
use rightful_domain::email_change::{Approval, ChangeState, EmailChange, EmailChangeRecord};
use rightful_domain::letters::{LetterContent, PostedLetter};
use rightful_domain::links::{Link, LinkPurpose, LinkRecord};
use rightful_domain::second_factors::{Factor, FactorRecord, FactorSecret, FactorState};
use rightful_domain::sessions::{Carrier, Session, SessionRecord};
use rightful_domain::trusted_devices::{TrustedDevice, TrustedDeviceRecord};
use rightful_domain::values::{
    EmailAddress, Id, IdKind, Locale, PasswordHash, PersonName, Sealed, SecretHash, Source, Span,
    Timestamp,
};
use uuid::Uuid;

/// 2026-11-22T09:00:00Z: when everything here happens, unless a test says otherwise.
pub const NOW: Timestamp = Timestamp::from_millis(1_795_338_000_000);

/// The id of number `n`; ids of different kinds may have one number.
pub const fn id<K: IdKind>(n: u64) -> Id<K> {
    // The version and variant bits of a UUID 7, so that it is one wherever it goes.
    Id::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | n as u128))
}

/// The hash of secret number `n`.
pub fn secret(n: u64) -> SecretHash {
    let mut bytes = [0x5e; 32];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    SecretHash::from_bytes(bytes)
}

/// An address.
///
/// # Panics
///
/// When the text is none.
pub fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("a test's address is one")
}

/// A password's hash, as [`crate::fakes::PlainHasher`] makes it.
pub fn hash(password: &str) -> PasswordHash {
    PasswordHash::from_phc(format!("plain${password}"))
}

/// Account number `n`, `customer1@example.com`, whose mailbox nobody has proved.
pub fn account(n: u64) -> Account {
    Account::from_record(AccountRecord {
        id: id(n),
        email: email(&format!("customer{n}@example.com")),
        standing: Standing::Unverified,
        password: hash("correct horse battery"),
        password_set_at: NOW,
        password_set_by: PasswordSetBy::Owner,
        replaced_passwords: Vec::new(),
        name: Some(PersonName::parse("Zoë Customer").expect("a name")),
        locale: Locale::En,
        origin: Origin::Direct,
        epoch: SecurityEpoch::UNPROVED,
        freeze: None,
        second_factor_at: None,
        recovered_at: None,
        security_checked_at: None,
        created_at: NOW,
        version: Version::FIRST,
    })
}

/// Account number `n`, whose mailbox was proved.
pub fn verified(n: u64) -> Account {
    account(n).edit(|record| {
        record.standing = Standing::Verified { at: NOW };
        record.epoch = SecurityEpoch::from_stored(1);
    })
}

/// Session number `n` of `account`, with [`secret`] number `n`.
pub fn session(account: &Account, n: u64) -> Session {
    Session::from_record(SessionRecord {
        id: id(n),
        account: account.id(),
        secret: secret(n),
        epoch: account.epoch(),
        carrier: Carrier::Cookie,
        device: "Firefox on Linux".to_owned(),
        source: "192.0.2.1".to_owned(),
        started_at: NOW,
        last_used_at: NOW,
        proved_at: NOW,
        factor_at: None,
        ended: None,
        version: Version::FIRST,
    })
}

/// Authenticator app number `n` of `account`, bound, with a key that is sealed for nobody.
pub fn factor(account: &Account, n: u64) -> Factor {
    Factor::from_record(FactorRecord {
        id: id(n),
        account: account.id(),
        secret: FactorSecret::Totp { key: Sealed::from_bytes(vec![7; 48]), last: None },
        state: FactorState::Bound { at: NOW },
        epoch: account.epoch(),
        begun_at: NOW,
        last_used_at: None,
        version: Version::FIRST,
    })
}

/// Trusted device number `n` of `account`, with [`secret`] number `n`.
pub fn trusted_device(account: &Account, n: u64) -> TrustedDevice {
    TrustedDevice::from_record(TrustedDeviceRecord {
        id: id(n),
        account: account.id(),
        secret: secret(n),
        epoch: account.epoch(),
        device: "Firefox on Linux".to_owned(),
        source: "192.0.2.1".to_owned(),
        trusted_at: NOW,
        ended_at: None,
    })
}

/// Link number `n` of `account`, with [`secret`] number `n`.
pub fn link(account: &Account, purpose: LinkPurpose, n: u64) -> Link {
    Link::from_record(LinkRecord {
        id: id(n),
        secret: secret(n),
        purpose,
        account: account.id(),
        email_change: None,
        epoch: account.epoch(),
        issued_at: NOW,
        expires_at: NOW + purpose.life(),
        redeemed_at: None,
    })
}

/// Change number `n`, pending, from `account`'s address to `new`.
pub fn email_change(account: &Account, new: &str, n: u64) -> EmailChange {
    EmailChange::from_record(EmailChangeRecord {
        id: id(n),
        account: account.id(),
        old: account.email().clone(),
        new: email(new),
        state: ChangeState::Pending,
        epoch: account.epoch(),
        password_then: account.password().clone(),
        passwords_before: Vec::new(),
        approval: Approval::NotNeeded,
        requested_at: NOW,
        deadline: NOW + Span::hours(48),
        letters: 1,
        last_letter_at: NOW,
        disputed_at: None,
        version: Version::FIRST,
    })
}

/// An address that ordered without an account.
pub fn contact(address: &str) -> Contact {
    Contact::heard_of(email(address), ContactSource::Order, NOW)
}

/// Letter number `n`, posted `n` milliseconds after [`NOW`], sealed for nobody: to carry, not to open.
pub fn letter(n: u64) -> PostedLetter {
    PostedLetter {
        id: id(n),
        kind: LetterContent::KINDS[0].to_owned(),
        account: None,
        email_change: None,
        posted_at: Timestamp::from_millis(NOW.as_millis() + i64::try_from(n).expect("small")),
        payload: Sealed::from_bytes(format!("letter {n}").into_bytes()),
    }
}

/// An event of the system, with an id of its own.
pub fn event() -> AuditEvent {
    static MADE: AtomicU64 = AtomicU64::new(1);
    AuditEvent {
        id: id(MADE.fetch_add(1, Ordering::Relaxed)),
        at: NOW,
        actor: Actor::System,
        act: Act::ProfileChanged,
        account: None,
        source: "tag".to_owned(),
        request: "req".to_owned(),
        details: BTreeMap::new(),
    }
}

/// An event about `account`, by its customer.
pub fn event_about(account: &Account) -> AuditEvent {
    let (actor, account) = (Actor::Customer(account.id()), Some(account.id()));
    AuditEvent { actor, account, ..event() }
}

/// A request from 192.0.2.1, from a browser that presents no device token.
pub fn visit() -> Visit {
    visit_from("192.0.2.1")
}

/// A request from this IP address.
///
/// # Panics
///
/// When the text is none.
pub fn visit_from(address: &str) -> Visit {
    Visit {
        source: Source::of(address.parse().expect("a test's IP address is one")),
        device: "Firefox on Linux".to_owned(),
        request: "req".to_owned(),
        known_device: None,
        trusted_device: None,
    }
}

/// Changes of these writes, told by one event.
pub fn changes(writes: impl IntoIterator<Item = Write>) -> Changes {
    writes.into_iter().fold(Changes::told_by(event()), Changes::write)
}

/// Changes a record as no rule would, to bring about a state.
pub trait Edit: Sized {
    /// What is stored.
    type Record;
    /// The same with `change` done to its record.
    fn edit(self, change: impl FnOnce(&mut Self::Record)) -> Self;
}

macro_rules! editable {
    ($($thing:ident $record:ident,)*) => {$(
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

editable! {
    Account AccountRecord,
    Session SessionRecord,
    Factor FactorRecord,
    TrustedDevice TrustedDeviceRecord,
    Link LinkRecord,
    EmailChange EmailChangeRecord,
    Contact ContactRecord,
}
