//! `rightful openapi`: the contract of the HTTP API.

use std::process::ExitCode;

use crate::exit::{Failure, print};

pub(crate) fn run() -> Result<ExitCode, Failure> {
    print(&rightful_http::openapi_document())?;
    Ok(ExitCode::SUCCESS)
}
