//! The configuration: one TOML file, variables and flags, over defaults.
//!
//! `keys` is the one table of every key. `layers` finds the value in force for each key, `setting` reads
//! it, `rules` says which values a command cannot start with. Everything that is wrong is told at once, with
//! the file, the line and what was most likely meant.

mod environment;
mod fault;
mod file;
mod for_tests;
mod keys;
mod layers;
mod policy;
mod postgres_url;
mod reference;
pub(crate) mod rules;
mod secret;
mod setting;
mod show;
#[cfg(test)]
mod tests;

pub(crate) use fault::Faults;
pub use fault::{ConfigError, Fault, Origin};
pub use keys::{
    AccountsConfig, Config, DatabaseConfig, HashingConfig, Key, LimitsConfig, LogConfig,
    MailConfig, SECTIONS, SecretsConfig, Section, ServerConfig, SessionsConfig,
};
pub use layers::{CommandValues, Settings, Sources};
pub(crate) use postgres_url::PostgresUrl;
pub use reference::reference;
pub use secret::Secret;
pub use setting::{Ladder, LogFormat, Quota, Setting, Synchronous, TlsMode, Transport};
pub use show::show;
