//! The command line: what can be asked, and who answers it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use rightful_domain::audit::Checkpoint;
use rightful_domain::letters::LetterContent;
use rightful_domain::values::LetterId;
use rightful_wording::Language;

use crate::commands;
use crate::config::{Config, ConfigError, Settings, Sources, rules};
use crate::exit::Failure;
use crate::wiring::rehearse;

/// Keeps every customer account with its rightful owner.
#[derive(Debug, Parser)]
#[command(name = "rightful", version, about = ABOUT, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Without one, in a checkout: dev
    #[command(subcommand)]
    command: Option<Command>,
}

const ABOUT: &str = "Keeps every customer account with its rightful owner";
const EXIT_CODES: &str =
    "Exit codes: 0 done, 1 failed, 2 used wrongly, 78 the configuration is not good";

/// Where the configuration comes from.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SourceArgs {
    /// The configuration file
    #[arg(long, env = "RIGHTFUL_CONFIG", value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// One value, stronger than variables and file; no secrets
    #[arg(long, value_name = "SECTION.KEY=VALUE", value_parser = assignment, global = true)]
    set: Vec<(String, String)>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A server to try and develop with, on 127.0.0.1, with its data in a folder
    Dev(DevArgs),
    /// The production server
    Serve(ServeArgs),
    /// The tables
    #[command(subcommand)]
    Db(DbCommand),
    /// The configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Keys of a deployment
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// E-mails
    #[command(subcommand)]
    Mail(MailCommand),
    /// The audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Print the contract of the HTTP API
    Openapi,
}

#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// The folder of database and data key
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub(crate) data: PathBuf,
    /// The port of the API; health and metrics take the next one [default: 8080]
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
}

impl Default for DevArgs {
    fn default() -> Self {
        Self { data: PathBuf::from("data"), port: None }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Do not change the tables; refuse to start when they are behind
    #[arg(long)]
    pub(crate) no_migrate: bool,
    /// Do not send e-mails: another process does
    #[arg(long)]
    pub(crate) no_worker: bool,
}

#[derive(Debug, Subcommand)]
enum DbCommand {
    /// Bring the tables up to date
    Migrate,
    /// List the migrations; fails when some are pending
    Status,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Say everything that keeps `serve` from starting; connects to nothing
    Check,
    /// Print the values in force, secrets masked
    Show {
        /// And where each comes from
        #[arg(long)]
        origin: bool,
    },
}

#[derive(Debug, Subcommand)]
enum SecretsCommand {
    /// Print a new data key
    Generate,
}

#[derive(Debug, Subcommand)]
enum MailCommand {
    /// Print the sample of an e-mail
    Preview(PreviewArgs),
    /// Templates of your own
    #[command(subcommand)]
    Templates(TemplatesCommand),
    /// E-mails that were given up
    #[command(subcommand)]
    Dead(DeadCommand),
}

#[derive(Debug, Args)]
pub(crate) struct PreviewArgs {
    /// Which e-mail
    #[arg(value_parser = LetterContent::KINDS)]
    pub(crate) kind: String,
    /// en or fr
    #[arg(long, value_parser = Language::parse, default_value = "en")]
    pub(crate) language: Language,
    /// The HTML instead of the text
    #[arg(long)]
    pub(crate) html: bool,
}

#[derive(Debug, Subcommand)]
enum TemplatesCommand {
    /// Render every e-mail in every language; fails when one would not do
    Check,
}

#[derive(Debug, Subcommand)]
enum DeadCommand {
    /// List them, the latest first
    List,
    /// Try one again
    Retry {
        /// Its id, `ltr_…`
        #[arg(value_parser = LetterId::parse)]
        id: LetterId,
    },
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Follow the whole chain and print its end, to be kept elsewhere
    Verify {
        /// What an earlier run printed: finds what was cut off or rewritten since
        #[arg(long, value_name = "SEQ:HEX", value_parser = checkpoint)]
        checkpoint: Option<Checkpoint>,
    },
}

impl Cli {
    /// Does what was asked.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let source = &self.source;
        match self.command {
            None if in_a_checkout() => commands::dev::run(source, &DevArgs::default()),
            None => commands::help(),
            Some(Command::Dev(args)) => commands::dev::run(source, &args),
            Some(Command::Serve(args)) => commands::serve::run(source, &args),
            Some(Command::Db(DbCommand::Migrate)) => commands::db_migrate::run(source),
            Some(Command::Db(DbCommand::Status)) => commands::db_status::run(source),
            Some(Command::Config(ConfigCommand::Check)) => commands::config_check::run(source),
            Some(Command::Config(ConfigCommand::Show { origin })) => {
                commands::config_show::run(source, origin)
            }
            Some(Command::Secrets(SecretsCommand::Generate)) => commands::secrets_generate::run(),
            Some(Command::Mail(MailCommand::Preview(args))) => {
                commands::mail_preview::run(source, &args)
            }
            Some(Command::Mail(MailCommand::Templates(TemplatesCommand::Check))) => {
                commands::mail_templates::run(source)
            }
            Some(Command::Mail(MailCommand::Dead(DeadCommand::List))) => {
                commands::mail_dead_list::run(source)
            }
            Some(Command::Mail(MailCommand::Dead(DeadCommand::Retry { id }))) => {
                commands::mail_dead_retry::run(source, id)
            }
            Some(Command::Audit(AuditCommand::Verify { checkpoint })) => {
                commands::audit_verify::run(source, checkpoint)
            }
            Some(Command::Openapi) => commands::openapi::run(),
        }
    }
}

impl SourceArgs {
    /// The sources of this process.
    pub(crate) fn sources(&self) -> Sources {
        let flag = |(path, text): &(String, String)| ("--set", path.clone(), text.clone());
        Sources {
            file: self.config.clone(),
            variables: std::env::vars_os().collect(),
            flags: self.set.iter().map(flag).collect(),
            command: None,
        }
    }

    /// The configuration in force.
    pub(crate) fn config(&self) -> Result<Config, ConfigError> {
        Settings::collect(self.sources())?.config()
    }

    /// The configuration in force, of which nothing keeps `serve` from starting.
    pub(crate) fn config_to_serve(&self) -> Result<Config, ConfigError> {
        Settings::checked(self.sources(), |config| {
            let mut faults = rules::serve(config);
            faults.extend(rehearse(config));
            faults
        })
    }
}

/// Whether somebody typed `cargo run`, or stands in the repository: there, a server to try is what they want,
/// and nowhere else.
fn in_a_checkout() -> bool {
    std::env::var_os("CARGO_MANIFEST_DIR").is_some()
        || Path::new("crates/server/Cargo.toml").is_file()
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (path, value) = text.split_once('=').ok_or("it is not of the form section.key=value")?;
    Ok((path.trim().to_owned(), value.to_owned()))
}

/// `SEQ:HEX`, as `audit verify` prints it.
fn checkpoint(text: &str) -> Result<Checkpoint, String> {
    let wrong = "it is not of the form SEQ:HEX that an earlier run printed";
    let (seq, digits) = text.split_once(':').ok_or(wrong)?;
    let seq = seq.parse().ok().filter(|seq| *seq >= 0).ok_or(wrong)?;
    if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(wrong.to_owned());
    }
    let mut hash = [0; 32];
    for (place, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[place * 2..place * 2 + 2], 16).map_err(|_| wrong)?;
    }
    Ok(Checkpoint { seq, hash })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_is_in_the_reference() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/command-line.md");
        let page = std::fs::read_to_string(page).unwrap();
        let mut open = vec![(String::from("rightful"), Cli::command())];
        let mut leaves = 0;
        while let Some((path, command)) = open.pop() {
            for option in command.get_arguments().filter_map(clap::Arg::get_long) {
                assert!(page.contains(&format!("`--{option}")), "{path} --{option}");
            }
            let inner = command.get_subcommands();
            open.extend(inner.map(|inner| (format!("{path} {}", inner.get_name()), inner.clone())));
            if !command.has_subcommands() {
                leaves += 1;
                assert!(page.contains(&format!("### `{path}`\n")), "{path}");
            }
        }
        assert_eq!(page.matches("### `").count(), leaves, "the page has commands that are none");
    }

    #[test]
    fn a_checkpoint_is_read_as_it_is_printed() {
        let hex = "0a".repeat(32);
        let read = checkpoint(&format!("17:{hex}")).unwrap();
        assert_eq!(read, Checkpoint { seq: 17, hash: [10; 32] });
        for wrong in [
            "",
            "17",
            "17:",
            &format!("-1:{hex}"),
            &format!("x:{hex}"),
            &format!("1:{hex}0"),
            &format!("1:{}", "zz".repeat(32)),
            &format!("1:{}", "+1".repeat(32)),
        ] {
            assert!(checkpoint(wrong).is_err(), "{wrong}");
        }
    }
}
