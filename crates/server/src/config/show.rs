//! The configuration in force, for a person: `config show`.

use std::fmt::Write as _;

use super::keys::SECTIONS;
use super::layers::Settings;

/// As a TOML file, with secrets masked; with `origins`, each line says where its value comes from.
pub fn show(settings: &Settings, origins: bool) -> String {
    let mut page = String::new();
    for section in SECTIONS {
        let _ = writeln!(page, "[{}]", section.name);
        for key in section.keys {
            let name = key.path.rsplit('.').next().unwrap_or(key.path);
            let shown = (key.shown)(settings.text(key.path));
            let line = format!("{name} = {}", toml::Value::String(shown));
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
