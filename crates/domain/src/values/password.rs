//! Passwords: what a person typed, what we accept as a new one, and what we keep.

use std::fmt;

use icu_casemap::CaseMapperBorrowed;
use icu_normalizer::ComposingNormalizerBorrowed;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::reason::{Reason, Refusal};

/// A password as a person typed it, to be compared with the one in force. Any text is one: only its length
/// is capped, so that a stranger cannot make us hash megabytes.
///
/// NFC and nothing else: no trimming, no truncation (63B §3.1.1.2, ASVS V6.2.8).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct TypedPassword(String);

impl TypedPassword {
    /// The most code points that are looked at; no account has a longer password.
    pub const MAX_CHARS: usize = 256;

    /// Nobody's password: to do the same work when there is nothing to compare.
    pub const EMPTY: Self = Self(String::new());

    /// Takes what was typed. `None` when it is longer than any password can be: it is then simply wrong.
    pub fn new(text: &str) -> Option<Self> {
        // The cheap bound first: normalising is linear in what a stranger sends.
        if text.len() > Self::MAX_CHARS * 4 {
            return None;
        }
        let nfc = ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned();
        (nfc.chars().count() <= Self::MAX_CHARS).then_some(Self(nfc))
    }

    /// The bytes to hash.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for TypedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedPassword(…)")
    }
}

/// A password that may be set on an account: long enough, on no list, nobody's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Password(TypedPassword);

/// What a new password must be (R-009, security decision 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    min_chars: usize,
}

/// The list of passwords that thieves try first. See [`crate::ports::Blocklist`].
pub type Blocked<'a> = &'a dyn Fn(&str) -> bool;

/// Why a text may not become a password. There are no composition rules and no expiry (63B §3.1.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidPassword {
    /// Fewer code points than the policy's minimum.
    #[error("the password is shorter than {min} characters")]
    TooShort {
        /// The least number of code points.
        min: usize,
    },
    /// More code points than we keep.
    #[error("the password is longer than 256 characters")]
    TooLong,
    /// On the list of leaked and common passwords.
    #[error("the password is in lists of leaked passwords")]
    Leaked,
    /// The account's own address or name, or a part of the address.
    #[error("the password is the account's own data")]
    OwnData,
    /// One short piece over and over.
    #[error("the password repeats one short piece")]
    Repetition,
}

impl PasswordPolicy {
    /// ten code points, whatever the configuration says.
    pub const FLOOR: usize = 10;
    /// NIST's figure for a password that stands alone (63B §3.1.1.2): the most that can be configured.
    pub const CEILING: usize = 15;

    /// A policy with this minimum, brought into 10..=15.
    pub fn new(min_chars: usize) -> Self {
        Self { min_chars: min_chars.clamp(Self::FLOOR, Self::CEILING) }
    }

    /// The least number of code points.
    pub fn min_chars(self) -> usize {
        self.min_chars
    }

    /// Accepts `text` as a new password for somebody whose own words are `own` (address, name). The whole
    /// password is compared with the list and the words, never a part of it (63B §3.1.1.2).
    pub fn accept(
        self,
        text: &str,
        own: &[&str],
        blocked: Blocked<'_>,
    ) -> Result<Password, InvalidPassword> {
        let typed = TypedPassword::new(text).ok_or(InvalidPassword::TooLong)?;
        if typed.0.chars().count() < self.min_chars {
            return Err(InvalidPassword::TooShort { min: self.min_chars });
        }
        let canonical = canonical(&typed.0);
        if is_repetition(&canonical) {
            return Err(InvalidPassword::Repetition);
        }
        if own.iter().any(|word| *canonical == *self::canonical(word)) {
            return Err(InvalidPassword::OwnData);
        }
        if blocked(&typed.0) || blocked(&canonical) {
            return Err(InvalidPassword::Leaked);
        }
        Ok(Password(typed))
    }
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self::new(Self::FLOOR)
    }
}

impl Password {
    /// The password, to hash it or to compare it with the one in force.
    pub fn as_typed(&self) -> &TypedPassword {
        &self.0
    }
}

impl Refusal for InvalidPassword {
    fn reason(&self) -> Reason {
        Reason::Invalid
    }
    fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::Leaked => "password_leaked",
            Self::OwnData => "password_own_data",
            Self::Repetition => "password_repetition",
        }
    }
}

/// The form that lists are compared in: case folded, so that `Password123` is as blocked as `password123`.
fn canonical(text: &str) -> String {
    let nfc = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    CaseMapperBorrowed::new().fold_string(&nfc).into_owned()
}

/// `aaaaaaaaaa`, `abcabcabcabc`: a piece of at most four characters repeated to the end.
fn is_repetition(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=4).any(|period| {
        chars.len() >= period * 2 && chars.iter().skip(period).zip(&chars).all(|(a, b)| a == b)
    })
}

/// A PHC string (`$argon2id$v=19$m=…`). Only the adapter that made it looks inside.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// From the hasher or from a stored row.
    pub fn from_phc(text: String) -> Self {
        Self(text)
    }
    /// The PHC string.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn accept(text: &str) -> Result<Password, InvalidPassword> {
        PasswordPolicy::default()
            .accept(text, &["ada@example.org", "ada", "Ada Lovelace"], &|p| p == "password1234")
    }

    #[test]
    fn ten_code_points_whatever_they_are() {
        assert_eq!(accept("ninechars"), Err(InvalidPassword::TooShort { min: 10 }));
        assert!(accept("ten chars!").is_ok());
        assert!(accept("🦀🐙🦑🐠🐟🐬🐳🦈🐊🐢").is_ok(), "ten emoji");
        assert_eq!(accept("🦀🐙🦑🐠🐟🐬🐳🦈🐊"), Err(InvalidPassword::TooShort { min: 10 }));
        // Counted after NFC: ten letters with ten combining accents are ten.
        assert!(
            accept(
                &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
                    .map(|l| format!("{l}\u{301}"))
                    .concat()
            )
            .is_ok()
        );
    }

    #[test]
    fn spaces_are_kept_and_nothing_is_cut() {
        let kept = accept("  padded pw  ").unwrap();
        assert_eq!(kept.as_typed().as_bytes(), b"  padded pw  ");
        let long = "x".repeat(100) + &"y".repeat(156);
        assert_eq!(accept(&long).unwrap().as_typed().as_bytes().len(), 256);
        assert_eq!(accept(&(long + "z")), Err(InvalidPassword::TooLong));
    }

    #[test]
    fn lists_own_data_and_repetitions_are_refused_whole_only() {
        assert_eq!(accept("password1234"), Err(InvalidPassword::Leaked));
        assert_eq!(accept("PassWord1234"), Err(InvalidPassword::Leaked));
        assert!(accept("password1234 and more").is_ok());
        assert_eq!(accept("Ada@Example.org"), Err(InvalidPassword::OwnData));
        assert_eq!(accept("ada lovelace"), Err(InvalidPassword::OwnData));
        assert!(accept("ada lovelace 1815").is_ok());
        for same in ["aaaaaaaaaa", "          ", "abababababab", "abcabcabcabc", "12341234123412"] {
            assert_eq!(accept(same), Err(InvalidPassword::Repetition), "{same}");
        }
    }

    #[test]
    fn the_policy_stays_between_ten_and_fifteen() {
        assert_eq!(PasswordPolicy::new(1).min_chars(), 10);
        assert_eq!(PasswordPolicy::new(12).min_chars(), 12);
        assert_eq!(PasswordPolicy::new(99).min_chars(), 15);
    }

    #[test]
    fn what_was_typed_is_never_printed() {
        assert_eq!(
            format!("{:?}", accept("correct horse battery").unwrap()),
            "Password(TypedPassword(…))"
        );
    }

    proptest! {
        #[test]
        fn equal_after_nfc_means_equal_bytes(text in "\\PC{1,40}") {
            let nfd = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd().normalize(&text).into_owned();
            prop_assert_eq!(TypedPassword::new(&text), TypedPassword::new(&nfd));
        }
    }
}
