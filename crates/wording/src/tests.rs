//! What must be true of every text, in every file and language.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{keys_of, sources};
use crate::{Arg, Language, catalog};

const NARROW_SPACE: char = '\u{202F}';

/// Key to source text of every message of a language, continuation lines included.
fn messages(language: Language) -> Vec<(&'static str, String)> {
    let mut messages: Vec<(&'static str, String)> = Vec::new();
    for source in sources(language) {
        for line in source.lines().filter(|l| !l.starts_with('#')) {
            match keys_of(line).next() {
                Some(key) => messages.push((key, line[key.len()..].to_owned())),
                None if line.trim().is_empty() => {}
                None => {
                    assert!(line.starts_with(' '), "{language:?}: stray line: {line}");
                    let (_, text) = messages.last_mut().expect("a message precedes its lines");
                    text.push('\n');
                    text.push_str(line);
                }
            }
        }
    }
    messages
}

/// Each variable of a message, and whether it selects a form.
fn variables_of(text: &str) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    for part in text.split('$').skip(1) {
        let name: String =
            part.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect();
        let selects = part[name.len()..].trim_start().starts_with("->");
        *found.entry(name).or_default() |= selects;
    }
    found
}

fn formatted(language: Language) -> Vec<(&'static str, String)> {
    // A number in one language is a number in all, though only some of them choose a form by it.
    let all: Vec<_> = Language::ALL.into_iter().flat_map(messages).collect();
    messages(language)
        .into_iter()
        .map(|(key, _)| {
            let mut variables = BTreeMap::<String, bool>::new();
            for (_, source) in all.iter().filter(|(other, _)| *other == key) {
                for (name, selects) in variables_of(source) {
                    *variables.entry(name).or_default() |= selects;
                }
            }
            let args: Vec<(&str, Arg<'_>)> = variables
                .iter()
                .map(|(name, selects)| {
                    (name.as_str(), if *selects { Arg::Number(3) } else { Arg::Text("Xyz") })
                })
                .collect();
            let text = catalog().try_text(language, key, &args);
            (key, text.unwrap_or_else(|error| panic!("{language:?}: {error}")))
        })
        .collect()
}

#[test]
fn every_text_is_whole() {
    for language in Language::ALL {
        for (key, text) in formatted(language) {
            assert!(!text.trim().is_empty(), "{language:?}: {key} is empty");
            assert!(!text.contains(['{', '}', '$']), "{language:?}: {key}: {text}");
            assert_eq!(text.trim(), text, "{language:?}: {key}");
            assert!(!text.contains("  "), "{language:?}: {key} has two blanks in a row");
        }
    }
}

#[test]
fn each_language_has_each_key_once_with_the_same_variables() {
    let of = |language| {
        let messages = messages(language);
        let names = |text: &str| variables_of(text).into_keys().collect::<Vec<_>>();
        let map: BTreeMap<_, _> = messages.iter().map(|(key, text)| (*key, names(text))).collect();
        assert_eq!(map.len(), messages.len(), "{language:?}: a key stands twice");
        map
    };
    assert_eq!(of(Language::En), of(Language::Fr));
}

#[test]
fn keys_are_those_that_fluent_sees() {
    let keys: BTreeSet<&str> = catalog().keys().collect();
    assert!(keys.contains("instant") && keys.contains("letter-footer"));
    assert!(keys.iter().all(|key| catalog().has(key)));
    let begun: usize = sources(Language::En)
        .iter()
        .flat_map(|source| source.lines())
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        .count();
    assert_eq!(keys.len(), begun, "a line that begins a message has another form than `key = …`");
}

#[test]
fn copy_is_typeset_not_typed() {
    for language in Language::ALL {
        for (key, text) in formatted(language) {
            assert!(
                !text.contains(['\'', '"', '`']),
                "{language:?}: {key}: straight quotes: {text}"
            );
            assert!(
                !text.contains("..."),
                "{language:?}: {key}: three dots for an ellipsis: {text}"
            );
            let voice = text.contains('!') || text.to_lowercase().contains("oops");
            assert!(!voice, "{language:?}: {key}: the voice is calm: {text}");
        }
    }
}

/// The first fault of French typography in a text.
fn fault(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(i + 1).copied();
        let between_digits =
            before.is_some_and(char::is_numeric) && after.is_some_and(char::is_numeric);
        let wrong = match *c {
            ';' | '!' | '?' | '»' => before != Some(NARROW_SPACE),
            // A clock time and the colon of a web address take no space.
            ':' => !between_digits && after != Some('/') && before != Some(NARROW_SPACE),
            '«' => after != Some(NARROW_SPACE),
            NARROW_SPACE => {
                let wanted = after.is_some_and(|c| ";:!?»%€".contains(c)) || before == Some('«');
                !wanted && !between_digits
            }
            '“' | '”' | '\u{A0}' => true,
            _ => false,
        };
        if wrong {
            return Some(format!("{c:?} at {i}: {text}"));
        }
    }
    None
}

#[test]
fn french_is_set_as_the_french_set_it() {
    for (key, text) in formatted(Language::Fr) {
        assert_eq!(fault(&text), None, "{key}");
    }
    for (key, text) in formatted(Language::En) {
        assert!(!text.contains(NARROW_SPACE), "{key}: a French space in English: {text}");
    }
}

#[test]
fn the_typography_test_sees_faults() {
    for good in
        ["Supprimer\u{202F}?", "Lien\u{202F}: 04:35", "«\u{202F}Oui\u{202F}»", "https://a.example"]
    {
        assert_eq!(fault(good), None);
    }
    for wrong in
        ["Supprimer ?", "Supprimer?", "Lien\u{A0}: a", "Lien: a", "« Oui »", "a\u{202F}b", "“Oui”"]
    {
        assert!(fault(wrong).is_some(), "{wrong}");
    }
}

/// One word for one thing, in every letter and page: a key or a path is not a word.
#[test]
fn mail_is_called_e_mail_in_both_languages() {
    let words = |text: &str| -> Vec<String> {
        let word = |c: char| !(c.is_alphanumeric() || "-_/.@".contains(c));
        text.to_lowercase().split(word).map(|word| word.trim_matches('.').to_owned()).collect()
    };
    assert!(words("Your email, “Email”.").iter().filter(|word| *word == "email").count() == 2);
    for language in Language::ALL {
        for (key, text) in formatted(language) {
            let other = words(&text).into_iter().find(|w| {
                ["email", "emails", "courriel", "courriels", "mél"].contains(&w.as_str())
            });
            assert_eq!(other, None, "{language:?}: {key}: {text}");
        }
    }
}

/// A hyphen that does not break, or breaks invisibly, is copied with what stands around it: into a terminal, a
/// header or an address.
#[test]
fn hyphens_are_those_of_the_keyboard() {
    for language in Language::ALL {
        for (key, text) in formatted(language) {
            assert!(
                !text.contains(['\u{2010}', '\u{2011}', '\u{AD}']),
                "{language:?}: {key}: {text}"
            );
        }
    }
}

#[test]
fn french_says_vous() {
    for (key, text) in formatted(Language::Fr) {
        let familiar = text
            .to_lowercase()
            .split(|c: char| !c.is_alphabetic())
            .any(|word| ["tu", "toi", "ton", "tes"].contains(&word));
        assert!(!familiar, "{key}: {text}");
    }
}
