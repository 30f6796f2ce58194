//! What the template of a letter may say: the names are an interface for operators.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;
use rightful_domain::letters::{Deed, LetterContent};
use rightful_domain::values::Timestamp;
use rightful_wording::{Language, catalog, instant};

use crate::brand::Brand;
use crate::links::MailLink;

/// The variables of one letter.
pub(crate) struct Facts(BTreeMap<&'static str, Value>);

impl Facts {
    /// Of a letter: what all letters have, and what its kind has. Instants come in words.
    pub(crate) fn of(
        content: &LetterContent,
        language: Language,
        brand: &Brand,
        link: Option<&MailLink>,
        subject: &str,
    ) -> Self {
        let mut facts = Self(BTreeMap::new());
        facts.set("lang", language.as_str());
        facts.set("kind", content.kind());
        facts.set("subject", subject);
        facts.set(
            "brand",
            Value::from_pairs([
                ("shop", Value::from(brand.shop())),
                ("colour", Value::from(brand.colour())),
                ("on_colour", Value::from(brand.on_colour())),
                ("support", Value::from(brand.support())),
                ("important", Value::from_iter(brand.important(language))),
            ]),
        );
        facts.add_kind(content, language);
        if matches!(content, LetterContent::Welcome { .. }) || link.is_some() {
            // Safe: `LinkBase` and the alphabet of secrets let no character through that HTML knows, and an
            // escaped slash would hide the link from mail programs that look for links.
            facts.set("link", link.map(|l| Value::from_safe_string(l.url.clone())));
        }
        facts
    }

    /// Adds what only this kind has. A variable that a kind lacks is an error in its template, not a blank.
    fn add_kind(&mut self, content: &LetterContent, language: Language) {
        let words = |at: Timestamp| instant(language, at.as_millis());
        match content {
            LetterContent::Welcome { verify: _, expires_at } => {
                self.set("expires_at", expires_at.map(words));
            }
            LetterContent::VerifyAddress { verify: _, expires_at } => {
                self.set("expires_at", words(*expires_at));
            }
            LetterContent::AddressResting { free_at } => self.set("free_at", words(*free_at)),
            LetterContent::AlreadyRegistered { deed }
            | LetterContent::MailboxProved { deed }
            | LetterContent::NewSignIn { deed }
            | LetterContent::PasswordChanged { deed }
            | LetterContent::PasswordReset { deed }
            | LetterContent::NoAccount { deed }
            | LetterContent::AccountReminder { deed }
            | LetterContent::ProfileChanged { deed }
            | LetterContent::SessionsEnded { deed }
            | LetterContent::AddressTried { deed }
            | LetterContent::BackupCodesRenewed { deed }
            | LetterContent::SecondStepFailed { deed } => self.deed(deed, language),
            LetterContent::ResetPassword { deed, reset: _, expires_at }
            | LetterContent::BindFactor { deed, bind: _, expires_at } => {
                self.deed(deed, language);
                self.set("expires_at", words(*expires_at));
            }
            LetterContent::ConfirmEmailChange { confirm: _, expires_at, old_masked } => {
                self.set("expires_at", words(*expires_at));
                self.set("old_masked", one_line(old_masked));
            }
            LetterContent::EmailChangeRequested { deed, new_masked, dispute: _, dispute_until }
            | LetterContent::EmailChangedOld { deed, new_masked, dispute: _, dispute_until } => {
                self.deed(deed, language);
                self.set("new_masked", one_line(new_masked));
                self.set("dispute_until", words(*dispute_until));
            }
            LetterContent::ApproveEmailChange { deed, new, approve: _, expires_at } => {
                self.deed(deed, language);
                self.set("new", one_line(new));
                self.set("expires_at", words(*expires_at));
            }
            LetterContent::EmailChangedNew { deed, old_masked }
            | LetterContent::EmailChangeReverted { deed, old_masked } => {
                self.deed(deed, language);
                self.set("old_masked", one_line(old_masked));
            }
            LetterContent::EmailChangeCancelled { deed, new_masked } => {
                self.deed(deed, language);
                self.set("new_masked", one_line(new_masked));
            }
            LetterContent::FactorBound { deed, factor }
            | LetterContent::FactorRemoved { deed, factor } => {
                self.deed(deed, language);
                let name = format!("letter-factor-{}", factor.as_str());
                self.set("factor", catalog().text(language, &name, &[]));
            }
            LetterContent::BackupCodeUsed { deed, left } => {
                self.deed(deed, language);
                self.set("left", *left);
            }
            LetterContent::DeviceTrusted { deed, until } => {
                self.deed(deed, language);
                self.set("until", words(*until));
            }
            LetterContent::EmailChangeDisputed { deed, frozen_until } => {
                self.deed(deed, language);
                self.set("frozen_until", words(*frozen_until));
            }
        }
    }

    fn deed(&mut self, deed: &Deed, language: Language) {
        let source = match deed.source.as_str() {
            "internal" => catalog().text(language, "letter-deed-internal", &[]),
            network => one_line(network),
        };
        let deed = [
            ("time", instant(language, deed.at.as_millis())),
            ("device", one_line(&deed.device)),
            ("source", source),
        ];
        self.set("deed", Value::from_pairs(deed));
    }

    fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.insert(name, value.into());
    }

    /// The value for a template.
    pub(crate) fn value(&self) -> Value {
        Value::from_pairs(self.0.iter().map(|(name, value)| (*name, value.clone())))
    }

    /// The names, with those inside `brand` and `deed` as `brand.shop`.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for (name, value) in &self.0 {
            names.insert((*name).to_owned());
            let inner =
                (value.kind() == minijinja::value::ValueKind::Map).then(|| value.try_iter());
            for key in inner.into_iter().flatten().flatten() {
                names.insert(format!("{name}.{key}"));
            }
        }
        names
    }
}

/// A word that came with a request, cut to a line that is safe in plain text: somebody may try to write a
/// letter of their own into it.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 100;
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let visible = plain.filter(|c| {
        !matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    });
    visible.take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_cannot_write_lines_of_its_own() {
        assert_eq!(one_line("Firefox\r\n\r\nYou won\u{202E}!"), "Firefox    You won!");
        assert_eq!(one_line(&"x".repeat(1000)).len(), 100);
    }
}
