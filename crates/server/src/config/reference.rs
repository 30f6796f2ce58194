//! The reference page of every key, made from the table.

use std::fmt::Write as _;

use super::keys::SECTIONS;
use super::layers::MAIL_PORT;

const HEAD: &str = "\
# Configuration

<!-- Made from crates/server/src/config/keys.rs. A test compares; RIGHTFUL_BLESS=1 writes it anew. -->

One TOML file, named by `--config` or `RIGHTFUL_CONFIG`, and variables. What is stronger stands first:

1. flags: `--set section.key=value`, and `--port` of `rightful dev`
2. variables: `RIGHTFUL_SECTION__KEY`, with two underscores between section and key
3. for secrets, `RIGHTFUL_SECTION__KEY_FILE`: the content of the file that it names, without one newline at its end
4. the file
5. the default

A key or a `RIGHTFUL_…` variable that does not exist is an error, and so is a secret that comes from both its variable
and its file. `rightful config check` says what is wrong, and `rightful config show --origin` what is in force and why.
In a list, the file has an array of texts, and elsewhere commas stand in between. An empty text is no value.
";

/// The page, in Markdown.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    for section in SECTIONS {
        let _ = write!(page, "\n## `[{}]`\n\n{}\n", section.name, prose(section.about));
        for key in section.keys {
            let default = match (key.default, key.path) {
                (_, MAIL_PORT) => String::from("by `mail.tls`"),
                ("", _) => String::from("none"),
                (text, _) => format!("`{text}`"),
            };
            let file = if key.secret { ", or `_FILE`" } else { "" };
            let _ = write!(
                page,
                "\n### `{}`\n\n{}\n\n- Form: {}\n- Default: {default}\n- Variable: `{}`{file}\n",
                key.path,
                prose(key.about),
                key.form,
                key.variable(),
            );
        }
    }
    page
}

/// Doc comments come line by line, each with its leading space.
fn prose(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n")
}
