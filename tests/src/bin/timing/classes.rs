//! Which requests, for whom. Addresses of all classes have one length, each is asked for once in a family, and
//! every request comes from a network of its own, so that no limit is met.

use std::fmt;
use std::net::Ipv4Addr;

use rightful_domain::ports::Entropy;
use serde_json::{Value, json};

use crate::Outcome;
use crate::client::post;

/// What stands behind an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// An account whose mailbox is proved.
    Verified,
    /// An account whose mailbox is not.
    Unverified,
    /// No account.
    Unknown,
}

impl Class {
    pub(crate) const ALL: [Self; 3] = [Self::Verified, Self::Unverified, Self::Unknown];

    /// Address number `n`.
    pub(crate) fn address(self, n: u32) -> String {
        let letter = match self {
            Self::Verified => 'v',
            Self::Unverified => 'w',
            Self::Unknown => 'x',
        };
        format!("{letter}{n:06}@example.com")
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verified => "verified",
            Self::Unverified => "unverified",
            Self::Unknown => "unknown",
        })
    }
}

/// A kind of request whose answer is the same for every address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    ResetAsked,
    SignIn,
    Resend,
    Reminder,
}

impl Family {
    pub(crate) const ALL: [Self; 4] =
        [Self::ResetAsked, Self::SignIn, Self::Resend, Self::Reminder];

    /// The status that every one of them is answered with.
    pub(crate) const fn expected(self) -> u16 {
        match self {
            Self::SignIn => 401,
            Self::ResetAsked | Self::Resend | Self::Reminder => 202,
        }
    }

    fn request(self, address: &str) -> (&'static str, Value) {
        match self {
            Self::ResetAsked => ("/v1/password-resets", json!({"email": address})),
            Self::SignIn => (
                "/v1/sessions",
                json!({"email": address, "password": "not the password of anybody"}),
            ),
            Self::Resend => ("/v1/verifications/resend", json!({"email": address})),
            Self::Reminder => ("/v1/account-reminders", json!({"email": address})),
        }
    }

    /// `each` requests for each class, in an order that nobody chose.
    pub(crate) fn requests(self, each: u32) -> Outcome<Vec<(Class, Vec<u8>)>> {
        let mut requests = Vec::new();
        for class in Class::ALL {
            for n in 0..each {
                let source = u32::try_from(requests.len())?;
                // RFC 1918: everybody is somewhere else.
                let source = Ipv4Addr::from_bits(0x0a00_0000 | (source & 0x00ff_ffff));
                let (path, body) = self.request(&class.address(n));
                requests.push((class, post(path, &source.to_string(), &body.to_string())));
            }
        }
        shuffle(&mut requests);
        Ok(requests)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ResetAsked => "a reset is asked for",
            Self::SignIn => "sign-in, wrong password",
            Self::Resend => "the verification e-mail is asked for again",
            Self::Reminder => "which address has an account?",
        })
    }
}

/// Fisher and Yates.
fn shuffle<T>(items: &mut [T]) {
    for last in (1..items.len()).rev() {
        let mut bytes = [0; 8];
        rightful_crypto::entropy::OsEntropy.fill(&mut bytes);
        let below = u64::from_le_bytes(bytes) % (last as u64 + 1);
        items.swap(last, usize::try_from(below).unwrap_or(0));
    }
}
