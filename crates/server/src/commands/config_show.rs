//! `rightful config show`: the values in force.

use std::process::ExitCode;

use crate::cli::SourceArgs;
use crate::config::{Settings, show};
use crate::exit::{Failure, print};

pub(crate) fn run(source: &SourceArgs, origins: bool) -> Result<ExitCode, Failure> {
    let settings = Settings::collect(source.sources())?;
    print(&show(&settings, origins))?;
    Ok(ExitCode::SUCCESS)
}
