//! How the shop presents itself in its letters.

use std::fmt;

use rightful_wording::Language;
use thiserror::Error;

/// What letters say about the shop that sends them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    shop: String,
    colour: Colour,
    support: String,
    important: Important,
}

/// A block of the operator's own words that stands in every letter, one text for each language; an empty
/// text leaves the block out. A blank line begins a new paragraph. No markup: what looks like it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the text in the language of its name")]
pub struct Important {
    pub en: String,
    pub fr: String,
}

/// A colour as `#rrggbb`.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Colour([u8; 3]);

/// Why a brand is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidBrand {
    /// The name is empty, longer than 100 characters or holds a control character: it stands in subjects.
    #[error(
        "the shop name must have 1 to 100 characters and no line break or other control character"
    )]
    Shop,
    /// Not of the form `#rrggbb`.
    #[error("the colour must be written as #rrggbb")]
    Colour,
    /// Empty, longer than 200 characters or with a control character.
    #[error("the support contact must have 1 to 200 characters on one line")]
    Support,
    /// Longer than 2000 characters, or with control characters other than line breaks.
    #[error("the important information must have at most 2000 characters of plain text")]
    Important,
}

impl Brand {
    /// Reads a brand: the shop's name, its colour as `#rrggbb`, and whom customers turn to (an address, a
    /// telephone number, a web address: shown as it is).
    pub fn parse(shop: &str, colour: &str, support: &str) -> Result<Self, InvalidBrand> {
        let shop = one_line(shop, 100).ok_or(InvalidBrand::Shop)?;
        let support = one_line(support, 200).ok_or(InvalidBrand::Support)?;
        let colour = Colour::parse(colour).ok_or(InvalidBrand::Colour)?;
        Ok(Self { shop, colour, support, important: Important::default() })
    }

    /// With the operator's own words.
    pub fn with_important(self, important: Important) -> Result<Self, InvalidBrand> {
        for text in [&important.en, &important.fr] {
            let control = |c: char| c.is_control() && c != '\n' && c != '\r';
            if text.chars().count() > 2000 || text.contains(control) {
                return Err(InvalidBrand::Important);
            }
        }
        Ok(Self { important, ..self })
    }

    /// The shop's name, as in subjects: the identity of the sender.
    pub fn shop(&self) -> &str {
        &self.shop
    }

    /// Whom customers turn to.
    pub fn support(&self) -> &str {
        &self.support
    }

    /// The shop's colour, `#rrggbb`.
    pub fn colour(&self) -> String {
        self.colour.to_string()
    }

    /// Black or white, whichever is easier to read on the shop's colour: 4.5:1 at least (WCAG 2.2, 1.4.3).
    pub fn on_colour(&self) -> &'static str {
        let light = self.colour.luminance();
        // Contrast with white is 1.05 / (L + 0.05), with black (L + 0.05) / 0.05.
        if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 { "#ffffff" } else { "#000000" }
    }

    /// The paragraphs of the operator's own words.
    pub(crate) fn important(&self, language: Language) -> Vec<String> {
        let text = match language {
            Language::En => &self.important.en,
            Language::Fr => &self.important.fr,
        };
        let text = text.replace('\r', "");
        text.split("\n\n").map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect()
    }
}

fn one_line(text: &str, longest: usize) -> Option<String> {
    let text = text.trim();
    let fits = (1..=longest).contains(&text.chars().count()) && !text.contains(char::is_control);
    fits.then(|| text.to_owned())
}

impl Colour {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii())?;
        let part = |at: usize| {
            let pair = &digits[at..at + 2];
            // `from_str_radix` takes a sign.
            pair.bytes()
                .all(|b| b.is_ascii_hexdigit())
                .then(|| u8::from_str_radix(pair, 16).ok())?
        };
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// Relative luminance, from 0 to 1 (WCAG 2.2).
    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}
impl fmt::Debug for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_break_a_header_or_a_style_is_refused() {
        let parse = |shop, colour, support| Brand::parse(shop, colour, support).err();
        assert_eq!(parse("Lune", "#1a2B3c", "help@lune.example"), None);
        for shop in ["", "  ", "Lune\r\nBcc: x@y.example", "Lu\u{0}ne", "Lu\u{85}ne"] {
            assert_eq!(parse(shop, "#000000", "x"), Some(InvalidBrand::Shop), "{shop:?}");
        }
        let long = "x".repeat(101);
        assert_eq!(Brand::parse(&long, "#000000", "x"), Err(InvalidBrand::Shop));
        for colour in ["", "red", "#fff", "#12345g", "#+1+1+1", "#1234567", "#éé12", "000000;x"] {
            assert_eq!(parse("Lune", colour, "x"), Some(InvalidBrand::Colour), "{colour:?}");
        }
        assert_eq!(parse("Lune", "#000000", "a\nb"), Some(InvalidBrand::Support));
    }

    #[test]
    fn important_words_are_paragraphs_of_their_language() {
        let brand = Brand::parse("Lune", "#000000", "x").unwrap();
        let words = |en: &str| Important { en: en.to_owned(), fr: String::new() };
        let with =
            brand.clone().with_important(words("One\r\nstill one.\r\n\r\n\n\nTwo.")).unwrap();
        assert_eq!(with.important(Language::En), ["One\nstill one.", "Two."]);
        assert!(with.important(Language::Fr).is_empty());
        assert_eq!(brand.clone().with_important(words("\u{0}")), Err(InvalidBrand::Important));
        assert_eq!(brand.with_important(words(&"x".repeat(2001))), Err(InvalidBrand::Important));
    }

    #[test]
    fn text_on_the_shops_colour_is_readable_on_every_colour() {
        for step in 0..=0xFFF_u32 {
            let part = |shift: u32| (step >> shift & 0xF) * 0x11;
            let colour = format!("#{:02x}{:02x}{:02x}", part(8), part(4), part(0));
            let brand = Brand::parse("Lune", &colour, "x").unwrap();
            assert_eq!(brand.colour(), colour);
            let (below, above) =
                (brand.colour.luminance(), Colour::parse(brand.on_colour()).unwrap().luminance());
            let contrast = (below.max(above) + 0.05) / (below.min(above) + 0.05);
            assert!(contrast >= 4.5, "{colour}: {contrast}");
        }
    }
}
