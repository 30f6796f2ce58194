//! Every text that a person reads, in English and in French (R-150): letters, problems and pages.
//!
//! The texts are Fluent messages under `texts/<language>/`. A text is asked for by its key, in a language,
//! with named arguments; what French lacks is said in English, message by message. Nothing here knows the
//! domain: whoever asks turns its own values into words or numbers first.
//!
//! ```
//! use rightful_wording::{Language, catalog, instant};
//!
//! let language = Language::negotiate("fr-CH, en;q=0.8");
//! assert_eq!(instant(language, 1_795_322_100_000), "22 novembre 2026 à 04:35 UTC");
//! let footer = catalog().text(language, "letter-footer", &[("shop", "Maison Lune".into())]);
//! assert_eq!(footer, "Message automatique de Maison Lune.");
//! ```

#![deny(missing_docs)]

mod catalog;
mod instant;
mod language;
#[cfg(test)]
mod tests;

pub use catalog::{Arg, Catalog, TextError, catalog};
pub use instant::instant;
pub use language::{Language, UnknownLanguage};
