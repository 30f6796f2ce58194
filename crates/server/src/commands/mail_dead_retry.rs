//! `rightful mail dead retry`: puts a letter that was given up back into the queue.

use std::process::ExitCode;

use rightful_domain::letters::DeadLetterError;
use rightful_domain::values::LetterId;

use super::context::block_on;
use crate::cli::SourceArgs;
use crate::database::open_existing;
use crate::exit::{Failure, print};
use crate::key_check;
use crate::logging;
use crate::wiring::operate;

pub(crate) fn run(source: &SourceArgs, id: LetterId) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    logging::start(&config.log);
    block_on(async {
        let db = open_existing(&config).await?;
        let rightful = operate(&config, &db)?;
        // The letter was sealed, and the trail is kept, under the key of the servers.
        key_check::refuse_another(&db, &*rightful.ports().vault).await?;
        let revived = rightful.postroom().revive(id).await;
        db.close().await?;
        match revived {
            Err(DeadLetterError::Unknown) => {
                return Err(Failure::Told(format!(
                    "{id} is no e-mail that was given up: it was sent, it still waits, or there never was one; \
                     `rightful mail dead list` shows those that were given up"
                )));
            }
            other => other?,
        }
        print(&format!("{id} is due again; a running server sends it.\n"))?;
        Ok(ExitCode::SUCCESS)
    })?
}
