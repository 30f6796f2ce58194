//! The passwords that thieves try first, compiled into the program (63B §3.1.1.2, ASVS V6.2.4 and V6.2.12).
//!
//! `data/README.md` says which list it is and how to make it anew.

use std::borrow::Cow;
use std::fmt;

use icu_casemap::CaseMapperBorrowed;
use icu_normalizer::ComposingNormalizerBorrowed;
use rightful_domain::ports::Blocklist;

use crate::filter::Filter;

/// Half a million passwords of eight characters and more, from leaks. They stay where the program file is
/// mapped; no heap is taken for them.
#[derive(Clone, Copy)]
pub struct LeakedPasswords(Filter<'static>);

static COMPILED_IN: &[u8] = include_bytes!("../data/blocklist.bin");

impl LeakedPasswords {
    /// The list that this program was built with.
    pub fn new() -> Self {
        Self(Filter::parse(COMPILED_IN).expect("the list was whole when it was compiled in"))
    }

    /// How many passwords there are, spellings that differ by case counted once.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl Default for LeakedPasswords {
    fn default() -> Self {
        Self::new()
    }
}

impl Blocklist for LeakedPasswords {
    fn contains(&self, password: &str) -> bool {
        self.0.contains(&canonical(password))
    }
}

impl fmt::Debug for LeakedPasswords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeakedPasswords({})", self.count())
    }
}

/// The form in which passwords stand in the list: NFC, then Unicode's case folding, as the domain compares
/// them. `Password123` is as bad as `password123`.
pub fn canonical(text: &str) -> Cow<'_, str> {
    match ComposingNormalizerBorrowed::new_nfc().normalize(text) {
        Cow::Borrowed(nfc) => CaseMapperBorrowed::new().fold_string(nfc),
        Cow::Owned(nfc) => Cow::Owned(CaseMapperBorrowed::new().fold_string(&nfc).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_list_is_the_documented_one() {
        assert_eq!(LeakedPasswords::new().count(), ENTRIES);
    }

    /// As data/README.md says.
    const ENTRIES: usize = 474_743;

    #[test]
    fn what_everybody_uses_is_found() {
        let list = LeakedPasswords::new();
        for password in [
            "password",
            "12345678",
            "123456789",
            "1234567890",
            "qwertyuiop",
            "iloveyou1",
            "password1",
            "password123",
            "baseball",
            "football",
            "sunshine",
            "princess",
            "superman",
            "trustno1",
            "1q2w3e4r5t",
            "qwerty123456",
            "q1w2e3r4t5y6",
            "1qaz2wsx3edc",
            "passwordpassword",
        ] {
            assert!(list.contains(password), "{password}");
        }
    }

    #[test]
    fn case_and_composition_make_no_difference() {
        let list = LeakedPasswords::new();
        for password in ["PASSWORD123", "PassWord123", "\u{ff}\u{fb01}"] {
            assert_eq!(list.contains(password), list.contains(&canonical(password)), "{password}");
        }
        assert!(list.contains("PASSWORD123") && list.contains("Password123"));
        // A kelvin sign folds to k.
        assert_eq!(canonical("Bac\u{212a}groUnd"), "background");
        assert!(list.contains("bac\u{212a}ground"));
        assert_eq!(canonical("STRASSE e\u{301}"), canonical("stra\u{df}e \u{c9}"));
    }

    #[test]
    fn only_the_whole_password_counts() {
        let list = LeakedPasswords::new();
        for password in ["password and more", " password", "password ", "my password123 is long"] {
            assert!(!list.contains(password), "{password}");
        }
    }

    #[test]
    fn text_in_its_canonical_form_is_not_copied() {
        assert!(matches!(canonical("qwertyuiop"), Cow::Borrowed(_)));
    }

    /// Two million texts that no list has, always the same ones. The port allows one false alarm in a million;
    /// three are what chance may make of that.
    #[test]
    fn false_alarms_are_rarer_than_one_in_a_million() {
        let list = LeakedPasswords::new();
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let alarms = (0..2_000_000)
            .filter(|_| {
                // xorshift64 (Marsaglia): each number once before it repeats, and enough for test data.
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                // Straight to the filter: these are in canonical form already.
                list.0.contains(&format!("{state:016x}/"))
            })
            .count();
        assert!(alarms <= 6, "{alarms} false alarms in two millions");
    }

    #[test]
    fn a_hundred_good_passphrases_pass() {
        let list = LeakedPasswords::new();
        let (first, second) = (
            [
                "amber", "brisk", "copper", "distant", "early", "feather", "gentle", "hollow",
                "ivory", "jagged",
            ],
            [
                "anvil walks home",
                "lantern over water",
                "teapot, seven cups",
                "Zug nach Ulm",
                "vélo dans la cour",
                "orchard in 1987",
                "mailbox & a key",
                "harbour seals sing",
                "violin without strings",
                "kite-string 42",
            ],
        );
        for (first, second) in first.iter().flat_map(|a| second.iter().map(move |b| (a, b))) {
            let phrase = format!("{first} {second}");
            assert!(!list.contains(&phrase), "{phrase}");
        }
    }
}
