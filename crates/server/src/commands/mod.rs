//! One file for each command.

pub(crate) mod audit_verify;
pub(crate) mod config_check;
pub(crate) mod config_show;
pub(crate) mod db_migrate;
pub(crate) mod db_status;
pub(crate) mod dev;
pub(crate) mod mail_dead_list;
pub(crate) mod mail_dead_retry;
pub(crate) mod mail_preview;
pub(crate) mod mail_templates;
pub(crate) mod openapi;
pub(crate) mod secrets_generate;
pub(crate) mod serve;

mod context;

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::exit::{Failure, print};

/// Nothing was asked, and this is no checkout.
pub(crate) fn help() -> Result<ExitCode, Failure> {
    print(&Cli::command().render_help().to_string())?;
    Ok(ExitCode::from(2))
}
