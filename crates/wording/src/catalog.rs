//! The catalogue of texts.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use thiserror::Error;

use crate::Language;

/// The texts of one language: who writes which file stands at its head.
pub(crate) const fn sources(language: Language) -> [&'static str; 3] {
    match language {
        Language::En => [
            include_str!("../texts/en/letters.ftl"),
            include_str!("../texts/en/pages.ftl"),
            include_str!("../texts/en/problems.ftl"),
        ],
        Language::Fr => [
            include_str!("../texts/fr/letters.ftl"),
            include_str!("../texts/fr/pages.ftl"),
            include_str!("../texts/fr/problems.ftl"),
        ],
    }
}

/// An argument of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg<'a> {
    /// Words, put in as they are.
    Text(&'a str),
    /// A number, which may choose a plural form.
    Number(i64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}
impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}
impl From<u32> for Arg<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

/// Why a text cannot be given.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// No language has a text with this key.
    #[error("there is no text with the key {0}")]
    UnknownKey(String),
    /// An argument is missing, or of the wrong type.
    #[error("the text {key} could not be completed: {cause}")]
    Incomplete {
        /// The text.
        key: String,
        /// What Fluent says.
        cause: String,
    },
}

/// The texts of every language.
pub struct Catalog {
    english: FluentBundle<FluentResource>,
    french: FluentBundle<FluentResource>,
}

/// The catalogue, loaded at its first use.
pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(Catalog::load)
}

impl Catalog {
    /// Reads the texts that are built in. [`catalog`] has them at hand already.
    pub fn load() -> Self {
        Self { english: bundle(Language::En), french: bundle(Language::Fr) }
    }

    /// The text with this key, in this language or else in English. A page or a problem must not fail for
    /// want of a word: an unknown key is given back, a missing argument stays a gap with its name.
    pub fn text(&self, language: Language, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.format(language, key, args).map_or_else(|| key.to_owned(), |(text, _)| text)
    }

    /// The text with this key, in this language or else in English; an error when it would not be whole. For
    /// letters, which cannot be taken back.
    pub fn try_text(
        &self,
        language: Language,
        key: &str,
        args: &[(&str, Arg<'_>)],
    ) -> Result<String, TextError> {
        let (text, errors) = self
            .format(language, key, args)
            .ok_or_else(|| TextError::UnknownKey(key.to_owned()))?;
        match errors.first() {
            None => Ok(text),
            Some(error) => {
                Err(TextError::Incomplete { key: key.to_owned(), cause: error.to_string() })
            }
        }
    }

    /// Whether there is a text with this key.
    pub fn has(&self, key: &str) -> bool {
        self.english.has_message(key)
    }

    /// Every key, in the order of the files; for tests that nothing is unused.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        sources(Language::En).into_iter().flat_map(keys_of)
    }

    fn format(
        &self,
        language: Language,
        key: &str,
        args: &[(&str, Arg<'_>)],
    ) -> Option<(String, Vec<FluentError>)> {
        let own = match language {
            Language::En => &self.english,
            Language::Fr => &self.french,
        };
        let args: FluentArgs = args.iter().map(|(name, arg)| (*name, value(*arg))).collect();
        [own, &self.english].into_iter().find_map(|bundle| {
            let pattern = bundle.get_message(key)?.value()?;
            let mut errors = Vec::new();
            let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
            Some((text, errors))
        })
    }
}

fn value(arg: Arg<'_>) -> FluentValue<'_> {
    match arg {
        Arg::Text(text) => text.into(),
        Arg::Number(number) => number.into(),
    }
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![language.tag()]);
    // The marks U+2068 and U+2069 around arguments would land in mail headers, links and attributes.
    bundle.set_use_isolating(false);
    for source in sources(language) {
        let resource = FluentResource::try_new(source.to_owned())
            .map_err(|(_, errors)| errors)
            .expect("the built-in texts are well-formed Fluent: tests::every_text_is_whole");
        bundle
            .add_resource(resource)
            .expect("the built-in texts have each key once: tests::every_text_is_whole");
    }
    bundle
}

/// The keys of one source: Fluent begins a message, and nothing else, with its identifier in column one.
pub(crate) fn keys_of(source: &'static str) -> impl Iterator<Item = &'static str> {
    source.lines().filter_map(|line| {
        let (key, _) = line.split_once(" =")?;
        let ident = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(ident))
            .then_some(key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_given_back_or_refused() {
        assert_eq!(catalog().text(Language::Fr, "no-such-text", &[]), "no-such-text");
        assert_eq!(
            catalog().try_text(Language::Fr, "no-such-text", &[]),
            Err(TextError::UnknownKey("no-such-text".to_owned()))
        );
        assert!(!catalog().has("no-such-text"));
        assert!(catalog().has("letter-footer"));
    }

    #[test]
    fn a_text_without_its_argument_is_refused_by_try_text_only() {
        assert_eq!(
            catalog().text(Language::En, "letter-footer", &[]),
            "Automatic message from {$shop}."
        );
        let refused = catalog().try_text(Language::En, "letter-footer", &[]);
        assert!(matches!(refused, Err(TextError::Incomplete { .. })), "{refused:?}");
    }

    #[test]
    fn what_french_lacks_is_said_in_english() {
        let only = |language, text: &str| {
            let mut bundle = FluentBundle::new_concurrent(vec![Language::tag(language)]);
            bundle.set_use_isolating(false);
            bundle.add_resource(FluentResource::try_new(text.to_owned()).unwrap()).unwrap();
            bundle
        };
        let catalog = Catalog {
            english: only(Language::En, "a = first\nb = second { $n }\n"),
            french: only(Language::Fr, "a = premier\n"),
        };
        assert_eq!(catalog.text(Language::Fr, "a", &[]), "premier");
        assert_eq!(catalog.text(Language::Fr, "b", &[("n", 1200i64.into())]), "second 1200");
    }

    #[test]
    fn arguments_are_put_in_without_isolating_marks_and_are_not_read_as_fluent() {
        let shop = "{ $shop } = \u{2066}x";
        let text = catalog().text(Language::En, "letter-footer", &[("shop", shop.into())]);
        assert_eq!(text, format!("Automatic message from {shop}."));
    }
}
