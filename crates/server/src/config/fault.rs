//! What can be wrong with a configuration, said so that the reader can put it right.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody gave one.
    Default,
    /// A command that brings values of its own, such as `dev`.
    Command(&'static str),
    /// A line of the file.
    File {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// A variable.
    Variable(String),
    /// The file that a variable names.
    SecretFile {
        /// The variable.
        variable: String,
        /// The file.
        path: PathBuf,
    },
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Command(name) => write!(f, "rightful {name}"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::SecretFile { variable, path } => write!(f, "{variable} ({})", path.display()),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub enum Fault {
    /// A file that cannot be read.
    #[error("{by}: {what} {} cannot be read: {why}", path.display())]
    File { by: String, what: String, path: PathBuf, why: String },
    /// Not TOML.
    #[error("{origin}: {why}")]
    Syntax { origin: Origin, why: String },
    /// No such section, key or variable.
    #[error("{origin}: there is no {name}{}", did_you_mean(suggestion.as_deref()))]
    Unknown { origin: Origin, name: String, suggestion: Option<String> },
    /// A value that cannot be read.
    #[error("{origin}: {path}: {why}")]
    Value { origin: Origin, path: &'static str, why: String },
    /// Both a secret and the file that holds it.
    #[error("{variable} and {variable}_FILE are both set: keep one of them")]
    Both { variable: String },
    /// A `…_FILE` variable of something that is no secret.
    #[error("{variable}: {path} is no secret: set it without _FILE")]
    NoSecret { variable: String, path: &'static str },
    /// A secret on the command line, where everybody on the machine can read it.
    #[error(
        "--set {path}: the command line of a process can be read by others: use {variable}_FILE"
    )]
    SecretFlag { path: &'static str, variable: String },
    /// A command brings this value itself.
    #[error(
        "{origin}: `rightful {command}` brings its own {path}: leave it out, or use `rightful serve`"
    )]
    Fixed { origin: Origin, command: &'static str, path: &'static str },
    /// Values that do not go together, or that a command cannot start with.
    #[error("{path}: {why}")]
    Rule { path: &'static str, why: String },
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

impl Fault {
    /// The key whose value it is about, as far as it is about one.
    pub(crate) const fn path(&self) -> Option<&'static str> {
        match self {
            Self::Value { path, .. }
            | Self::NoSecret { path, .. }
            | Self::SecretFlag { path, .. }
            | Self::Fixed { path, .. }
            | Self::Rule { path, .. } => Some(path),
            Self::File { .. } | Self::Syntax { .. } | Self::Unknown { .. } | Self::Both { .. } => {
                None
            }
        }
    }

    /// Whether it keeps values from being known, so that nothing can be said about those that seem to lack.
    pub(super) const fn hides_values(&self) -> bool {
        matches!(self, Self::File { .. } | Self::Syntax { .. } | Self::Both { .. })
    }

    /// Where it stands among others: the file first, line by line, then variables, flags, and the rest.
    fn place(&self) -> (u8, usize) {
        match self {
            Self::Syntax { origin, .. }
            | Self::Unknown { origin, .. }
            | Self::Value { origin, .. }
            | Self::Fixed { origin, .. } => match origin {
                Origin::File { line, .. } => (0, *line),
                Origin::SecretFile { .. } | Origin::Variable(_) => (1, 0),
                Origin::Flag(_) => (2, 0),
                Origin::Default | Origin::Command(_) => (3, 0),
            },
            Self::File { .. } | Self::Both { .. } | Self::NoSecret { .. } => (1, 0),
            Self::SecretFlag { .. } => (2, 0),
            Self::Rule { .. } => (3, 0),
        }
    }
}

/// Everything that is wrong, one line each.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ConfigError(pub Vec<Fault>);

/// Collects what is wrong, where one fault does not keep the rest from being looked at.
#[derive(Default)]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    /// Adds what is wrong with a key.
    pub(crate) fn add(&mut self, path: &'static str, why: impl ToString) {
        self.0.push(Fault::Rule { path, why: why.to_string() });
    }

    /// Adds what is wrong with a key, in place of what it would have given.
    pub(crate) fn refused<T>(&mut self, path: &'static str, why: impl ToString) -> Option<T> {
        self.add(path, why);
        None
    }

    /// A value that cannot be done without; `advice` says what to do.
    pub(crate) fn needed<T>(
        &mut self,
        path: &'static str,
        value: Option<T>,
        advice: &str,
    ) -> Option<T> {
        if value.is_none() {
            self.add(path, format!("there is none: {advice}"));
        }
        value
    }

    /// Whether nothing is wrong so far.
    pub(crate) const fn none(&self) -> bool {
        self.0.is_empty()
    }
}

impl ConfigError {
    /// In the order in which a reader goes through them: by line of the file, then by where they came from.
    pub(super) fn sorted(mut faults: Vec<Fault>) -> Self {
        faults.sort_by_key(Fault::place);
        Self(faults)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// The candidate that was most likely meant; `None` when nothing is near.
pub(super) fn nearest(typed: &str, candidates: impl IntoIterator<Item = String>) -> Option<String> {
    let typed = typed.to_lowercase();
    candidates
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(&typed, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_what_was_meant_and_nonsense_finds_nothing() {
        let names = || ["server.listen", "mail.port", "mail.host"].map(String::from);
        assert_eq!(nearest("server.lisen", names()).as_deref(), Some("server.listen"));
        assert_eq!(nearest("mail.prot", names()).as_deref(), Some("mail.port"));
        assert_eq!(nearest("colour.of.the.sky", names()), None);
    }
}
