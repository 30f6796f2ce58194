//! `rightful db status`: which migrations the tables have.

use std::process::ExitCode;

use rightful_database::Place;

use super::context::{block_on, open};
use crate::cli::SourceArgs;
use crate::exit::{Failure, print};
use crate::logging;

pub(crate) fn run(source: &SourceArgs) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    logging::start(&config.log);
    // Opening would make the file: somebody who asks wants to know, not to change.
    if let Place::Sqlite { path } = &config.database.url
        && !path.exists()
    {
        return Err(Failure::Told(format!("there is no database at {}", path.display())));
    }
    block_on(async {
        let db = open(&config).await?;
        let all = db.migrations().await?;
        db.close().await?;
        for migration in &all {
            let state = if migration.applied { "applied" } else { "pending" };
            print(&format!("{state} {}\n", migration.name))?;
        }
        let done = all.iter().all(|migration| migration.applied);
        Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })?
}
