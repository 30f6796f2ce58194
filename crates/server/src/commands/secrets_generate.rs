//! `rightful secrets generate`: a new data key, to standard output and nowhere else.

use std::process::ExitCode;

use rightful_crypto::vault::DataKey;

use crate::exit::{Failure, print};

pub(crate) fn run() -> Result<ExitCode, Failure> {
    print(&format!("{}\n", DataKey::generate().to_base64().as_str()))?;
    Ok(ExitCode::SUCCESS)
}
