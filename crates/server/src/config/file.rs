//! The TOML file: sections and scalars, each with the line that it stands on.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Origin, nearest};
use super::keys::{Key, SECTIONS};
use super::layers::Given;

/// Reads a file. What is wrong with it is added to `faults`; what is right is given back all the same, so
/// that everything wrong is told at once.
pub(super) fn read(path: &Path, faults: &mut Vec<Fault>) -> Vec<Given> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(path, &text, faults),
        Err(error) => {
            faults.push(Fault::File {
                by: String::from("--config or RIGHTFUL_CONFIG"),
                what: String::from("the configuration file"),
                path: path.to_owned(),
                why: error.to_string(),
            });
            Vec::new()
        }
    }
}

fn parse(path: &Path, text: &str, faults: &mut Vec<Fault>) -> Vec<Given> {
    let origin = |at: usize| Origin::File {
        path: path.to_owned(),
        line: 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count(),
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            // Only the message: the library's own rendering repeats the line, which may hold a secret.
            faults.push(Fault::Syntax { origin: origin(at), why: error.message().to_owned() });
            return Vec::new();
        }
    };
    let mut given = Vec::new();
    for (name, value) in table {
        let at = origin(name.span().start);
        let section = name.into_inner();
        let DeValue::Table(keys) = value.into_inner() else {
            faults.push(unknown(at, &format!("key {section} outside of a section"), &section));
            continue;
        };
        if !SECTIONS.iter().any(|known| known.name == section) {
            let sections = SECTIONS.iter().map(|known| format!("[{}]", known.name));
            let name = format!("section [{section}]");
            let suggestion = nearest(&format!("[{section}]"), sections);
            faults.push(Fault::Unknown { origin: at, name, suggestion });
            continue;
        }
        for (name, value) in keys {
            let at = origin(name.span().start);
            let typed = format!("{section}.{}", name.into_inner());
            let Some(key) = Key::find(&typed) else {
                faults.push(unknown(at, &format!("key {typed}"), &typed));
                continue;
            };
            match scalar(value) {
                Ok(text) => given.push(Given { key, text, origin: at }),
                Err(why) => faults.push(Fault::Value { origin: at, path: key.path, why }),
            }
        }
    }
    given
}

fn unknown(origin: Origin, name: &str, typed: &str) -> Fault {
    let paths = Key::all().map(|key| key.path.to_owned());
    Fault::Unknown { origin, name: name.to_owned(), suggestion: nearest(typed, paths) }
}

/// A value as text; arrays with commas in between.
fn scalar(value: Spanned<DeValue<'_>>) -> Result<String, String> {
    match value.into_inner() {
        DeValue::String(text) => Ok(text.into_owned()),
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().replace('_', "")),
        DeValue::Boolean(yes) => Ok(yes.to_string()),
        DeValue::Array(parts) => {
            let mut texts = Vec::with_capacity(parts.len());
            for part in parts {
                match part.into_inner() {
                    DeValue::String(text) if !text.contains(',') => texts.push(text.into_owned()),
                    _ => return Err(String::from("an array holds texts without commas")),
                }
            }
            Ok(texts.join(","))
        }
        other => Err(format!("a {} is not expected here", other.type_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        parse(Path::new("rightful.toml"), text, &mut faults);
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_slip_is_told_with_file_line_and_suggestion() {
        let text =
            "[server]\nlisten = \"127.0.0.1:1\"\n\nlisen = \"x\"\n[sesions]\nidle = \"1d\"\n";
        assert_eq!(
            told(text),
            [
                "rightful.toml:4: there is no key server.lisen; did you mean server.listen?",
                "rightful.toml:5: there is no section [sesions]; did you mean [sessions]?",
            ]
        );
        assert_eq!(
            told("lisen = 1"),
            ["rightful.toml:1: there is no key lisen outside of a section"]
        );
        assert_eq!(told("[mail]\nfruit = 1"), ["rightful.toml:2: there is no key mail.fruit"]);
    }

    #[test]
    fn a_file_that_is_no_toml_is_told_with_its_line_and_nothing_of_its_text() {
        let all = told("[mail]\npassword = \"hunter2\nport = 25\n");
        assert_eq!(all.len(), 1);
        assert!(all[0].starts_with("rightful.toml:2: ") && !all[0].contains("hunter2"), "{all:?}");
    }

    #[test]
    fn scalars_and_arrays_are_read() {
        let mut faults = Vec::new();
        let text = "[server]\ntrusted_proxies = [\"10.0.0.0/8\", '::1']\nmax_connections = 1_000\n[accounts]\nenabled = false\n";
        let given = parse(Path::new("x"), text, &mut faults);
        let texts: Vec<_> = given.iter().map(|g| (g.key.path, g.text.as_str())).collect();
        assert!(faults.is_empty());
        assert!(texts.contains(&("server.trusted_proxies", "10.0.0.0/8,::1")));
        assert!(texts.contains(&("server.max_connections", "1000")));
        assert!(texts.contains(&("accounts.enabled", "false")));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for (value, word) in [("1.5", "float"), ("2026-11-22", "datetime"), ("{}", "table")] {
            let all = told(&format!("[mail]\nport = {value}"));
            assert_eq!(all.len(), 1);
            assert!(all[0].contains(word), "{all:?}");
        }
        assert_eq!(told("[mail]\nport = [1]").len(), 1);
    }
}
