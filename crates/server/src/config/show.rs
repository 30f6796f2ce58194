//! The configuration in force, for a person and for the next server: `config show`.

use std::fmt::Write as _;

use super::keys::{Key, SECTIONS};
use super::layers::Settings;

/// As a file that could be given with `--config`: what is no secret as it is, secrets masked in comments, and
/// keys without a value in comments too. With `origins`, each line says where its value comes from.
pub fn show(settings: &Settings, origins: bool) -> String {
    let mut page = String::new();
    for section in SECTIONS {
        let _ = writeln!(page, "[{}]", section.name);
        for key in section.keys {
            let line = line(key, settings.text(key.path));
            if origins {
                let _ = writeln!(page, "{line:<44} # {}", settings.origin(key.path));
            } else {
                let _ = writeln!(page, "{line}");
            }
        }
        page.push('\n');
    }
    page
}

fn line(key: &Key, text: &str) -> String {
    let name = key.path.rsplit('.').next().unwrap_or(key.path);
    let shown = (key.shown)(text);
    // A mask is no value: a file that held it would be refused, or mean something else.
    if shown != text {
        return format!("# {name} = {}", toml::Value::String(shown));
    }
    match (key.toml)(text) {
        toml::Value::String(text) if text.is_empty() => format!("# {name} has no value"),
        value => format!("{name} = {value}"),
    }
}
