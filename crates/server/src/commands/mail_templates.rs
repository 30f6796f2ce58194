//! `rightful mail templates check`: every letter in every language, with an operator's templates.

use std::process::ExitCode;

use crate::cli::SourceArgs;
use crate::exit::{Failure, print};
use crate::wiring::templates;

/// Where the links of samples lead when the configuration does not say.
pub(super) const SAMPLE_LINKS: &str = "https://shop.example/account";

pub(crate) fn run(source: &SourceArgs) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    let findings = templates(&config, SAMPLE_LINKS)?.check();
    if findings.is_empty() {
        print("Every letter can be sent.\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    for finding in &findings {
        print(&format!("{finding}\n"))?;
    }
    Ok(ExitCode::FAILURE)
}
