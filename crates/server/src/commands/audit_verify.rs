//! `rightful audit verify`: follows the chain of the audit trail (MN-68).

use std::fmt::Write as _;
use std::process::ExitCode;

use rightful_domain::audit::{Checkpoint, Verified};

use super::context::block_on;
use crate::cli::SourceArgs;
use crate::database::open_existing;
use crate::exit::{Failure, print};
use crate::logging;
use crate::wiring::look;

pub(crate) fn run(source: &SourceArgs, kept: Option<Checkpoint>) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    logging::start(&config.log);
    block_on(async {
        let db = open_existing(&config).await?;
        let verified = look(&config, &db).audit_trail().verify(kept).await?;
        db.close().await?;
        match verified {
            Verified::Whole(head) => {
                let text = text_of(head);
                print(&format!(
                    "The audit trail is whole: {} entries.\n\nKeep this where the server cannot write, and \
                     give it to the next run:\n\n--checkpoint {text}\n",
                    head.seq
                ))?;
                Ok(ExitCode::SUCCESS)
            }
            Verified::Broken(fault) => {
                Err(Failure::Told(format!("the audit trail is broken: {fault}")))
            }
        }
    })?
}

fn text_of(head: Checkpoint) -> String {
    let mut text = format!("{}:", head.seq);
    for byte in head.hash {
        write!(text, "{byte:02x}").expect("a String takes everything");
    }
    text
}
