//! `rightful db status`: which migrations the tables have.

use std::process::ExitCode;

use super::context::block_on;
use crate::cli::SourceArgs;
use crate::database::open_existing;
use crate::exit::{Failure, print};
use crate::logging;

pub(crate) fn run(source: &SourceArgs) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    logging::start(&config.log);
    block_on(async {
        let db = open_existing(&config).await?;
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
