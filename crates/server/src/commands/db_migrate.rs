//! `rightful db migrate`: brings the tables up to date.

use std::process::ExitCode;

use super::context::{block_on, open};
use crate::cli::SourceArgs;
use crate::exit::{Failure, print};
use crate::{logging, wiring};

pub(crate) fn run(source: &SourceArgs) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    logging::start(&config.log);
    wiring::make_folder(&config.database.url)
        .map_err(|error| Failure::system("making the folder of the database", error))?;
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
