//! `rightful config check`: everything that would keep `serve` from starting, as far as the configuration
//! alone can tell. After variables and secret files are merged, or it would lie.

use std::process::ExitCode;

use crate::cli::SourceArgs;
use crate::exit::{Failure, print};

pub(crate) fn run(source: &SourceArgs) -> Result<ExitCode, Failure> {
    source.config_to_serve()?;
    print("The configuration is good.\n")?;
    Ok(ExitCode::SUCCESS)
}
