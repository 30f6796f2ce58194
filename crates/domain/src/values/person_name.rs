//! What a customer is called.

use icu_normalizer::ComposingNormalizerBorrowed;
use thiserror::Error;

/// A name in any script, at most 100 code points, NFC, without control or bidi characters, which are taken
/// out rather than refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PersonName(String);

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidName {
    /// Nothing is left of it.
    #[error("the name is empty")]
    Empty,
    /// More than 100 code points.
    #[error("the name is longer than 100 characters")]
    TooLong,
}

impl PersonName {
    /// The most code points of a name.
    pub const MAX_CHARS: usize = 100;

    /// Reads a name as typed.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let visible: String = text.chars().filter(|c| !is_stripped(*c)).collect();
        let name = ComposingNormalizerBorrowed::new_nfc().normalize(visible.trim()).into_owned();
        match name.chars().count() {
            0 => Err(InvalidName::Empty),
            n if n > Self::MAX_CHARS => Err(InvalidName::TooLong),
            _ => Ok(Self(name)),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Controls break log lines and mail headers; bidi overrides make a name read as something else.
fn is_stripped(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn any_script_and_emoji_pass_and_controls_go() {
        for name in ["Zoë", "Nguyễn Thị Minh Khai", "李雷", "أحمد", "👩‍🚀 Ada", "O’Brien"]
        {
            assert_eq!(PersonName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(PersonName::parse(" A\u{0}d\r\na\u{202E} ").unwrap().as_str(), "Ada");
        assert_eq!(PersonName::parse("e\u{301}").unwrap().as_str(), "é");
    }

    #[test]
    fn hundred_characters_pass_and_one_more_does_not() {
        assert!(PersonName::parse(&"é".repeat(100)).is_ok());
        assert_eq!(PersonName::parse(&"é".repeat(101)), Err(InvalidName::TooLong));
        assert_eq!(PersonName::parse(" \u{200B}\n"), Err(InvalidName::Empty));
    }

    proptest! {
        #[test]
        fn a_name_holds_no_control_and_parses_to_itself(text in any::<String>()) {
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert!(!name.as_str().chars().any(char::is_control));
                prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
