//! `rightful mail dead retry`: puts a letter that was given up back into the queue.

use std::process::ExitCode;

use rightful_domain::values::LetterId;

use super::context::{block_on, open, operate};
use crate::cli::SourceArgs;
use crate::exit::{Failure, print};
use crate::logging;

pub(crate) fn run(source: &SourceArgs, id: LetterId) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    logging::start(&config.log);
    block_on(async {
        let db = open(&config).await?;
        operate(&config, &db)?.postroom().revive(id).await?;
        db.close().await?;
        print(&format!("{id} is due again; a running server sends it.\n"))?;
        Ok(ExitCode::SUCCESS)
    })?
}
