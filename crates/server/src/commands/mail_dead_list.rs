//! `rightful mail dead list`: letters that were given up.

use std::process::ExitCode;

use super::context::block_on;
use crate::cli::SourceArgs;
use crate::database::open_existing;
use crate::exit::{Failure, print};
use crate::logging;
use crate::wiring::look;

/// More than anybody reads.
const MOST: u32 = 1_000;

pub(crate) fn run(source: &SourceArgs) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    logging::start(&config.log);
    block_on(async {
        let db = open_existing(&config).await?;
        let dead = look(&config, &db).postroom().dead_letters(MOST).await?;
        db.close().await?;
        if dead.is_empty() {
            print("No e-mail was given up.\n")?;
        }
        for letter in dead {
            print(&format!(
                "{}  {}  given up {}  after {} tries: {}\n",
                letter.id, letter.kind, letter.died_at, letter.attempts, letter.error
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    })?
}
