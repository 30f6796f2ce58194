//! What the run is asked to do.

use std::path::PathBuf;
use std::time::Duration;

use rightful_tests::sources::root;

const HELP: &str = "\
bench [OPTION]...
  --only PART        start, checks or sign-in; may be given several times, and leaves the page alone
  --accounts N       how many accounts are many (1000000)
  --rounds N         how often each figure is taken (7)
  --seconds N        how long each time (3)
  --no-postgres      leave PostgreSQL out
  --dry              leave the page alone";

/// What the run is asked to do.
#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    only: Vec<String>,
    /// How many accounts are many.
    pub(crate) accounts: u64,
    /// How often each figure is taken.
    pub(crate) rounds: usize,
    /// How long each time.
    pub(crate) time: Duration,
    /// Whether PostgreSQL is measured too.
    pub(crate) postgres: bool,
    /// The page to write.
    pub(crate) write: Option<PathBuf>,
}

impl Arguments {
    /// Reads the command line; the error is what to print.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            only: Vec::new(),
            accounts: 1_000_000,
            rounds: 7,
            time: Duration::from_secs(3),
            postgres: true,
            write: Some(root().join("docs/reference/benchmarks.md")),
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value\n{HELP}"));
            match &*word {
                "--only" => {
                    let part = value()?;
                    if !["start", "checks", "sign-in"].contains(&&*part) {
                        return Err(format!("there is no part {part}\n{HELP}"));
                    }
                    arguments.only.push(part);
                    arguments.write = None;
                }
                "--accounts" => arguments.accounts = number(&value()?)?,
                "--rounds" => arguments.rounds = usize::try_from(number(&value()?)?).unwrap_or(1),
                "--seconds" => arguments.time = Duration::from_secs(number(&value()?)?),
                "--no-postgres" => arguments.postgres = false,
                "--dry" => arguments.write = None,
                _ => return Err(HELP.to_owned()),
            }
        }
        Ok(arguments)
    }

    /// Whether this part is to be measured.
    pub(crate) fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|one| one == part)
    }
}

fn number(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("{text} is no whole number above 0"))
}
