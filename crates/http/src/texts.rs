//! The texts of problems and pages, from rightful-wording.

use rightful_domain::values::Locale;
use rightful_wording::{Arg, Language, catalog};

use crate::hint::Hint;

/// The catalogue, with what this deployment puts into its texts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Texts {
    min_chars: i64,
}

impl Texts {
    /// For a deployment whose passwords have at least `min_chars` characters.
    pub(crate) fn new(min_chars: usize) -> Self {
        Self { min_chars: i64::try_from(min_chars).unwrap_or(i64::MAX) }
    }

    /// The language that an `Accept-Language` asks for.
    pub(crate) fn negotiate(accept_language: &str) -> Locale {
        match Language::negotiate(accept_language) {
            Language::En => Locale::En,
            Language::Fr => Locale::Fr,
        }
    }

    /// One text of a problem: its `title`, `meaning`, `cause`, `client` or `customer`.
    pub(crate) fn problem(self, locale: Locale, code: &str, part: &str) -> String {
        self.text(locale, &format!("problem-{code}-{part}"))
    }

    /// A hint.
    pub(crate) fn hint(locale: Locale, hint: Hint) -> String {
        let expected = [("expected", Arg::Text(hint.expected()))];
        catalog().text(language(locale), hint.key(), &expected)
    }

    /// Any other text.
    pub(crate) fn text(self, locale: Locale, key: &str) -> String {
        // As text: how a number is grouped is of no matter below a hundred.
        let min = self.min_chars.to_string();
        catalog().text(language(locale), key, &[("min", Arg::Text(&min))])
    }
}

const fn language(locale: Locale) -> Language {
    match locale {
        Locale::En => Language::En,
        Locale::Fr => Language::Fr,
    }
}
