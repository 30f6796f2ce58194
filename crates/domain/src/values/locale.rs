//! The languages that letters, problems and pages exist in.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A language of the product. What an account speaks decides its letters, whatever a request's header says.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English, the fallback.
    #[default]
    En,
    /// French.
    Fr,
}

/// A language that the product does not speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the language is not one of: en, fr")]
pub struct UnknownLocale;

impl Locale {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    /// Reads `en` or `fr` (BCP 47 primary tags), exactly.
    pub fn parse(text: &str) -> Result<Self, UnknownLocale> {
        Self::ALL.into_iter().find(|l| l.as_str() == text).ok_or(UnknownLocale)
    }

    /// The BCP 47 tag.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
