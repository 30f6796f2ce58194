//! `rightful db migrate`: brings the tables up to date.

use std::process::ExitCode;

use super::context::block_on;
use crate::cli::SourceArgs;
use crate::database::open;
use crate::exit::{Failure, print};
use crate::logging;

pub(crate) fn run(source: &SourceArgs) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    logging::start(&config.log);
    block_on(async {
        let db = open(&config).await?;
        let applied = db.migrate().await?;
        db.close().await?;
        if applied.is_empty() {
            print("The tables are up to date.\n")?;
        }
        for name in applied {
            print(&format!("applied {name}\n"))?;
        }
        Ok(ExitCode::SUCCESS)
    })?
}
