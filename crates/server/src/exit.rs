//! How a command ends: 0 well, 1 failed, 2 used wrongly, 78 badly configured (`EX_CONFIG` of sysexits, so that
//! a supervisor can tell a slip in the configuration from a crash, and not start it again and again).

use std::io::{self, Write as _};
use std::process::ExitCode;

use rightful_database::DatabaseError;
use rightful_domain::letters::DeadLetterError;
use rightful_domain::reason::Outage;
use thiserror::Error;

use crate::config::ConfigError;
use crate::server::StartError;

/// Why a command failed.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A part failed.
    #[error("{}", in_full(.0))]
    Outage(#[from] Outage),
    /// A dead letter was not put back.
    #[error(transparent)]
    DeadLetter(#[from] DeadLetterError),
    /// The operating system.
    #[error("{what}: {source}")]
    System {
        /// What was to be done.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// Said already, or said best in words.
    #[error("{0}")]
    Told(String),
}

fn in_full(outage: &Outage) -> String {
    match std::error::Error::source(outage) {
        Some(source) => format!("{outage}: {source}"),
        None => outage.to_string(),
    }
}

impl Failure {
    /// A failure of the operating system.
    pub(crate) fn system(what: impl Into<String>, source: io::Error) -> Self {
        Self::System { what: what.into(), source }
    }

    /// The exit code.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(if self.is_of_configuration() { 78 } else { 1 })
    }

    fn is_of_configuration(&self) -> bool {
        matches!(self, Self::Config(_) | Self::Start(StartError::Config(_)))
    }

    /// Says it on standard error.
    #[expect(
        clippy::print_stderr,
        reason = "the last words of a command are for its caller, not for a log"
    )]
    pub(crate) fn report(&self) {
        let head =
            if self.is_of_configuration() { "the configuration is not good" } else { "error" };
        let mut lines = String::new();
        for line in self.to_string().lines() {
            lines.push_str("\n  ");
            lines.push_str(line);
        }
        eprintln!("rightful: {head}:{lines}");
    }
}

/// Tells the caller something beside the answer, on standard error: `> file` keeps the answer alone.
#[expect(clippy::print_stderr, reason = "it is for the caller of a command, not for a log")]
pub(crate) fn note(text: &str) {
    eprintln!("rightful: {text}");
}

/// Writes to standard output. That nobody reads on (`| head`) is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::system("writing the output", error))
        }
        _ => Ok(()),
    }
}
