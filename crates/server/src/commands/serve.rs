//! `rightful serve`: the production server.

use std::process::ExitCode;

use super::context::block_on;
use crate::cli::{ServeArgs, SourceArgs};
use crate::config::rules;
use crate::exit::Failure;
use crate::logging;
use crate::server::{Options, Running, start};
use crate::signals::Signals;

pub(crate) fn run(source: &SourceArgs, args: &ServeArgs) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    rules::serve(&config)?;
    logging::start(&config.log);
    let options =
        Options { migrate: !args.no_migrate, workers: !args.no_worker, ..Options::default() };
    block_on(async {
        let running = start(config, options).await?;
        until_told_to_stop(running).await
    })?
}

/// Serves until a signal comes, and then stops in good order. A second signal ends the process at once.
pub(crate) async fn until_told_to_stop(running: Running) -> Result<ExitCode, Failure> {
    let mut signals =
        Signals::listen().map_err(|error| Failure::system("listening for signals", error))?;
    signals.next().await;
    tokio::select! {
        () = running.stop() => Ok(ExitCode::SUCCESS),
        () = signals.next() => {
            tracing::warn!("a second signal: ending at once, with work under way");
            // Not a return: the runtime would wait for the tasks that are to be left.
            std::process::exit(1)
        }
    }
}
