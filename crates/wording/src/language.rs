//! The languages, and the choice among them.

use fluent_langneg::{NegotiationStrategy, negotiate_languages};
use thiserror::Error;
use unic_langid::{LanguageIdentifier, langid};

/// A language that every text exists in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English, the fallback.
    #[default]
    En,
    /// French.
    Fr,
}

/// A language that no text exists in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the language is not one of: en, fr")]
pub struct UnknownLanguage;

/// Browsers send a handful of languages. The header comes from strangers: its tail is not read.
const MOST_RANGES: usize = 16;

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    /// Reads `en` or `fr` (BCP 47 primary tags), exactly.
    pub fn parse(text: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|l| l.as_str() == text).ok_or(UnknownLanguage)
    }

    /// The BCP 47 tag, for `lang` attributes and `Content-Language`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// The best language for an `Accept-Language` header (RFC 9110 §12.5.4): quality decides, order breaks
    /// ties, a region stands for its language. English when nothing fits or nothing can be read.
    pub fn negotiate(accept_language: &str) -> Self {
        let mut wanted: Vec<(LanguageIdentifier, u16)> =
            accept_language.split(',').take(MOST_RANGES).filter_map(range).collect();
        wanted.sort_by_key(|(_, quality)| std::cmp::Reverse(*quality));
        let wanted: Vec<LanguageIdentifier> = wanted.into_iter().map(|(tag, _)| tag).collect();
        let available = Self::ALL.map(Self::tag);
        let found = negotiate_languages(&wanted, &available, None, NegotiationStrategy::Filtering);
        let best = found.first().and_then(|tag| Self::parse(tag.language.as_str()).ok());
        best.unwrap_or_default()
    }

    pub(crate) fn tag(self) -> LanguageIdentifier {
        match self {
            Self::En => langid!("en"),
            Self::Fr => langid!("fr"),
        }
    }
}

/// One language range and its quality in thousandths; `None` when it is refused (`q=0`) or unreadable.
/// fluent-langneg reads such headers too, but pays no heed to quality.
fn range(text: &str) -> Option<(LanguageIdentifier, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next()?.parse().ok()?;
    let quality = match parts.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q="))) {
        None => 1000,
        Some(quality) => thousandths(quality)?,
    };
    (quality > 0).then_some((tag, quality))
}

/// `0.85` is 850. Whole arithmetic, because NaN and infinity are numbers too, and no quality.
fn thousandths(quality: &str) -> Option<u16> {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    if !matches!(whole, "0" | "1") || fraction.len() > 3 {
        return None;
    }
    let value = format!("{whole}{fraction:0<3}").parse().ok()?;
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_decides_and_order_breaks_ties() {
        for (header, language) in [
            ("", Language::En),
            ("fr", Language::Fr),
            ("FR-ca", Language::Fr),
            ("fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5", Language::Fr),
            ("fr;q=0.1, en;q=0.9", Language::En),
            ("en;q=0.1, fr;q=0.9", Language::Fr),
            ("de, fr", Language::Fr),
            ("fr, en", Language::Fr),
            ("en, fr", Language::En),
            ("de", Language::En),
            ("*", Language::En),
            ("fr;q=0", Language::En),
            ("fr;q=0.000, en", Language::En),
            ("fr;q=nan, en;q=0.1", Language::En),
            ("fr;q=2, en;q=0.1", Language::En),
            ("fr;q=1.001, en;q=0.1", Language::En),
            ("\u{0}, ;;;q=, fr ; q=0.3", Language::Fr),
        ] {
            assert_eq!(Language::negotiate(header), language, "{header}");
        }
    }

    #[test]
    fn a_long_header_is_read_to_its_sixteenth_language_only() {
        let header = |before: usize| format!("{}fr", "de,".repeat(before));
        assert_eq!(Language::negotiate(&header(15)), Language::Fr);
        assert_eq!(Language::negotiate(&header(16)), Language::En);
    }

    #[test]
    fn parse_reads_what_as_str_writes_and_nothing_else() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.as_str()), Ok(language));
        }
        for wrong in ["", "EN", "fr-FR", "de"] {
            assert_eq!(Language::parse(wrong), Err(UnknownLanguage), "{wrong}");
        }
    }
}
