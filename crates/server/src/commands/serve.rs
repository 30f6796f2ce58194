//! `rightful serve`: the production server.

use std::process::ExitCode;

use super::context::block_on;
use crate::cli::{ServeArgs, SourceArgs};
use crate::exit::Failure;
use crate::logging;
use crate::server::{Options, Running, start};
use crate::signals::Signals;

pub(crate) fn run(source: &SourceArgs, args: &ServeArgs) -> Result<ExitCode, Failure> {
    let config = source.config_to_serve()?;
    logging::start(&config.log);
    let options =
        Options { migrate: !args.no_migrate, workers: !args.no_worker, ..Options::default() };
    block_on(serve_until_told(async { Ok(start(config, options).await?) }))?
}

/// Starts a server and serves until a signal comes; then stops in good order. A signal before it answers
/// ends it there and then, and a second one ends the process at once.
pub(crate) async fn serve_until_told(
    starting: impl Future<Output = Result<Running, Failure>>,
) -> Result<ExitCode, Failure> {
    // Before anything else: whoever sees us answer may tell us to stop the moment after.
    let mut signals =
        Signals::listen().map_err(|error| Failure::system("listening for signals", error))?;
    let running = tokio::select! {
        running = starting => running?,
        () = signals.next() => return Err(Failure::Told(String::from("told to stop before it answered"))),
    };
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
