//! Backup codes: look-up secrets for the day on which the app is out of reach (63B §3.1.2).

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::ports::Entropy;
use crate::values::{PasswordHash, Timestamp, TypedPassword};

/// How many there are in a set.
pub(in crate::second_factors) const COUNT: usize = 10;
/// Characters of a code: its number and eleven random ones, 55 bits (ASVS V6.5.4 asks for 20).
const LENGTH: usize = 12;
/// Crockford's alphabet: nothing in it is mistaken for something else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A backup code as it is shown, once: `3K7F-92QX-M8PT`. Its first character is its number in the set, so that
/// one hash is compared for a try and not ten.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct BackupCodeText(String);

/// A code of a set, as kept: below 112 bits, so a salted password hash (ASVS V6.5.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BackupCode {
    /// Its hash.
    pub hash: PasswordHash,
    /// When it was used: it is used once.
    pub used_at: Option<Timestamp>,
}

impl BackupCodeText {
    /// A new set, in the order of their numbers.
    pub(in crate::second_factors) fn issue_set(entropy: &dyn Entropy) -> Vec<Self> {
        (0..COUNT)
            .map(|number| {
                let mut random = [0; LENGTH - 1];
                entropy.fill(&mut random);
                let mut text = String::with_capacity(LENGTH);
                text.push(char::from(ALPHABET[number]));
                text.extend(random.map(|byte| char::from(ALPHABET[usize::from(byte & 31)])));
                random.zeroize();
                Self(text)
            })
            .collect()
    }

    /// Takes a typed code: in either case, with or without hyphens and spaces, with the letters that Crockford
    /// reads as digits. `None` when it has not the form of one.
    pub(in crate::second_factors) fn read(typed: &str) -> Option<Self> {
        let mut text = String::with_capacity(LENGTH);
        for c in typed.chars().filter(|c| !matches!(c, '-' | ' ')) {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if text.len() == LENGTH || !c.is_ascii() || !ALPHABET.contains(&(c as u8)) {
                return None;
            }
            text.push(c);
        }
        (text.len() == LENGTH).then_some(Self(text))
    }

    /// Which of its set; `None` when no set has so many.
    pub(in crate::second_factors) fn number(&self) -> Option<usize> {
        let number = ALPHABET.iter().position(|c| *c == self.0.as_bytes()[0])?;
        (number < COUNT).then_some(number)
    }

    /// For hashing and comparing.
    pub(in crate::second_factors) fn as_typed(&self) -> Option<TypedPassword> {
        TypedPassword::new(&self.0)
    }

    /// The text to show, in three groups.
    pub fn expose(&self) -> String {
        format!("{}-{}-{}", &self.0[..4], &self.0[4..8], &self.0[8..])
    }
}

impl fmt::Debug for BackupCodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupCodeText(…)")
    }
}
