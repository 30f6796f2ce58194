//! `rightful config check`: everything that would keep `serve` from starting, as far as the configuration
//! alone can tell. After variables and secret files are merged, or it would lie.

use std::process::ExitCode;

use crate::cli::SourceArgs;
use crate::config::rules;
use crate::exit::{Failure, print};
use crate::wiring::rehearse;

pub(crate) fn run(source: &SourceArgs) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    rules::serve(&config)?;
    rehearse(&config)?;
    print("The configuration is good.\n")?;
    Ok(ExitCode::SUCCESS)
}
