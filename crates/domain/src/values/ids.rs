//! Typed identifiers: a session id can never be passed where an account id is meant.
//!
//! UUID version 7 (RFC 9562) inside; outside the `TypeID` form `acc_01h455vb4pex5vsknk084sn02q`. An id tells
//! when it was made and is never a secret.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use thiserror::Error;
use uuid::Uuid;

use crate::ports::Entropy;
use crate::values::Timestamp;

/// What an id is of. Implemented by the uninhabited marker types of this module only.
pub trait IdKind: 'static {
    /// The prefix of the text form.
    const PREFIX: &'static str;
}

/// An id of a `K`.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

/// The text is not an id of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not an id of this kind")]
pub struct InvalidId;

/// A new id: the millisecond of `now` and 74 random bits.
pub fn mint<K: IdKind>(entropy: &dyn Entropy, now: Timestamp) -> Id<K> {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    let millis = now.as_millis().max(0).unsigned_abs();
    Id::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

impl<K: IdKind> Id<K> {
    /// From a stored UUID.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The UUID, for storing.
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }

    /// Reads the text form; another kind's prefix is refused.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let digits =
            text.strip_prefix(K::PREFIX).and_then(|t| t.strip_prefix('_')).ok_or(InvalidId)?;
        // 26 digits of 5 bits are 130 bits: the first digit may hold only 3.
        if digits.len() != 26 || digits.as_bytes()[0] > b'7' {
            return Err(InvalidId);
        }
        let mut value: u128 = 0;
        for digit in digits.bytes() {
            let bits = BASE32.iter().position(|&c| c == digit).ok_or(InvalidId)?;
            value = (value << 5) | bits as u128;
        }
        Ok(Self::from_uuid(Uuid::from_u128(value)))
    }
}

/// Crockford's alphabet in lower case, as `TypeID` 0.3 asks.
const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl<K: IdKind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0.as_u128();
        write!(f, "{}_", K::PREFIX)?;
        for place in (0..26).rev() {
            let digit = BASE32[((value >> (place * 5)) & 31) as usize];
            write!(f, "{}", char::from(digit))?;
        }
        Ok(())
    }
}

// Derives would ask the same of `K`, which is only a marker.
impl<K: IdKind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $marker:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        pub type $name = Id<$marker>;
        #[doc = concat!("Marks ids with the prefix `", $prefix, "_`.")]
        #[derive(Debug)]
        pub enum $marker {}
        impl IdKind for $marker {
            const PREFIX: &'static str = $prefix;
        }
    )*};
}

ids! {
    /// An account.
    AccountId = AccountKind "acc";
    /// A session.
    SessionId = SessionKind "ses";
    /// A second factor.
    FactorId = FactorIdKind "fac";
    /// A device that skips the second step.
    TrustedDeviceId = TrustedDeviceKind "tde";
    /// A link sent by mail.
    LinkId = LinkKind "lnk";
    /// A change of an account's e-mail address.
    EmailChangeId = EmailChangeKind "ech";
    /// A letter in the outbox.
    LetterId = LetterKind "ltr";
    /// An entry of the audit trail.
    AuditId = AuditKind "aud";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_form_is_the_typeid_of_its_specification() {
        let uuid = Uuid::parse_str("01890a5d-ac96-774b-bcce-b302099a8057").unwrap();
        assert_eq!(AccountId::from_uuid(uuid).to_string(), "acc_01h455vb4pex5vsknk084sn02q");
    }

    #[test]
    fn another_kinds_id_is_refused() {
        let session = SessionId::from_uuid(Uuid::from_u128(7)).to_string();
        assert_eq!(AccountId::parse(&session), Err(InvalidId));
        for wrong in
            ["", "acc", "acc_", "acc_8zzzzzzzzzzzzzzzzzzzzzzzzz", "acc_01H455VB4PEX5VSKNK084SN02Q"]
        {
            assert_eq!(AccountId::parse(wrong), Err(InvalidId), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn display_and_parse_agree(value: u128) {
            let id = AccountId::from_uuid(Uuid::from_u128(value));
            prop_assert_eq!(AccountId::parse(&id.to_string()), Ok(id));
        }
        #[test]
        fn parse_never_panics(text in "\\PC*") {
            let _ = AccountId::parse(&text);
        }
    }
}
