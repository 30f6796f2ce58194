//! One value for each key, from the strongest layer that gives one: flags, variables, `…_FILE` variables, the
//! file, the command's own defaults, the table's.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::fault::{ConfigError, Fault, Origin, nearest};
use super::keys::{Config, Key};
use super::setting::{Setting as _, TlsMode};
use super::{environment, file};

/// The one key whose default another key decides.
pub(super) const MAIL_PORT: &str = "mail.port";

/// Where values may come from. Nothing is read from the process by itself, so that a test decides all of it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The TOML file.
    pub file: Option<PathBuf>,
    /// The environment.
    pub variables: Vec<(OsString, OsString)>,
    /// What flags of the command line set: the flag, the key's path, the text.
    pub flags: Vec<(&'static str, String, String)>,
    /// What the command brings of its own.
    pub command: Option<CommandValues>,
}

/// Values that a command brings.
#[derive(Clone, Debug)]
pub struct CommandValues {
    /// The command's name.
    pub name: &'static str,
    /// Instead of the table's defaults.
    pub defaults: Vec<(&'static str, String)>,
    /// Nothing else may set these.
    pub fixed: Vec<(&'static str, String)>,
}

/// A text for a key, and who gave it.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) key: &'static Key,
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// The text in force for each key.
#[derive(Clone, Debug)]
pub struct Settings(BTreeMap<&'static str, (String, Origin)>);

impl Settings {
    /// Collects and checks every value. All that is wrong is told at once.
    pub fn collect(sources: Sources) -> Result<Self, ConfigError> {
        let (settings, faults) = Self::gather(sources);
        if faults.is_empty() { Ok(settings) } else { Err(ConfigError::sorted(faults)) }
    }

    /// The typed values, when they hold together too, as `check` has it: a slip in one value does not keep the
    /// others from being looked at, so that all that is wrong is told at once, each with its line.
    pub(crate) fn checked(
        sources: Sources,
        check: impl FnOnce(&Config) -> Vec<Fault>,
    ) -> Result<Config, ConfigError> {
        let (settings, mut faults) = Self::gather(sources);
        if faults.iter().any(Fault::hides_values) {
            return Err(ConfigError::sorted(faults));
        }
        let config = settings.config()?;
        for fault in check(&config) {
            let told =
                fault.path().is_some_and(|path| faults.iter().any(|one| explains(one, path)));
            if !told {
                faults.push(settings.located(fault));
            }
        }
        if faults.is_empty() { Ok(config) } else { Err(ConfigError::sorted(faults)) }
    }

    /// The value in force for each key, the default where the one that was given cannot be read.
    fn gather(sources: Sources) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        let from_file = sources.file.map(|path| file::read(&path, &mut faults)).unwrap_or_default();
        let environment = environment::read(sources.variables, &mut faults);
        let from_flags = flags(sources.flags, &mut faults);
        let (name, defaults, fixed) = match sources.command {
            Some(command) => (command.name, command.defaults, command.fixed),
            None => Default::default(),
        };
        let of_command = |values: Vec<(&'static str, String)>| {
            let given = |(path, text): (&str, String)| {
                let key = Key::find(path).expect("commands name keys of the table");
                Given { key, text, origin: Origin::Command(name) }
            };
            values.into_iter().map(given).collect::<Vec<_>>()
        };

        let mut settings: BTreeMap<_, _> =
            Key::all().map(|key| (key.path, (key.default.to_owned(), Origin::Default))).collect();
        let from_outside =
            [from_file, environment.files, environment.variables, from_flags].concat();
        for Given { key, origin, .. } in &from_outside {
            if fixed.iter().any(|(path, _)| *path == key.path) {
                let (origin, path) = (origin.clone(), key.path);
                faults.push(Fault::Fixed { origin, command: name, path });
            }
        }
        // From the weakest to the strongest.
        for given in [of_command(defaults), from_outside, of_command(fixed)].concat() {
            let Given { key, text, origin } = given;
            match (key.check)(&text) {
                Ok(()) => drop(settings.insert(key.path, (text, origin))),
                Err(why) => faults.push(Fault::Value { origin, path: key.path, why }),
            }
        }
        let mut settings = Self(settings);
        settings.derive();
        (settings, faults)
    }

    /// Defaults that another value decides.
    fn derive(&mut self) {
        if *self.origin(MAIL_PORT) == Origin::Default {
            let tls = TlsMode::read(self.text("mail.tls")).expect("it was checked");
            self.0.insert(MAIL_PORT, (tls.usual_port().to_string(), Origin::Default));
        }
    }

    /// A fault of a value that somebody gave, with the place where they gave it.
    fn located(&self, fault: Fault) -> Fault {
        match fault {
            Fault::Rule { path, why } => match self.origin(path) {
                Origin::Default | Origin::Command(_) => Fault::Rule { path, why },
                origin => Fault::Value { origin: origin.clone(), path, why },
            },
            other => other,
        }
    }

    /// The typed values.
    pub fn config(&self) -> Result<Config, ConfigError> {
        Config::read(self).map_err(|(path, why)| {
            let origin = self.origin(path).clone();
            ConfigError(vec![Fault::Value { origin, path, why }])
        })
    }

    /// Who gave the value in force.
    pub fn origin(&self, path: &str) -> &Origin {
        &self.of(path).1
    }

    /// The text in force.
    pub(super) fn text(&self, path: &str) -> &str {
        &self.of(path).0
    }

    fn of(&self, path: &str) -> &(String, Origin) {
        self.0.get(path).expect("every key of the table has a setting")
    }
}

/// Whether what is told already is why `path` is not as it should be.
fn explains(told: &Fault, path: &str) -> bool {
    match told {
        Fault::Unknown { suggestion: Some(meant), .. } => {
            Key::find(path).is_some_and(|key| *meant == key.path || *meant == key.variable())
        }
        other => other.path() == Some(path),
    }
}

fn flags(flags: Vec<(&'static str, String, String)>, faults: &mut Vec<Fault>) -> Vec<Given> {
    let mut given = Vec::new();
    for (flag, path, text) in flags {
        match Key::find(&path) {
            Some(key) if key.secret => {
                faults.push(Fault::SecretFlag { path: key.path, variable: key.variable() });
            }
            Some(key) => given.push(Given { key, text, origin: Origin::Flag(flag) }),
            None => {
                let suggestion = nearest(&path, Key::all().map(|key| key.path.to_owned()));
                let (origin, name) = (Origin::Flag(flag), format!("key {path}"));
                faults.push(Fault::Unknown { origin, name, suggestion });
            }
        }
    }
    given
}
