//! Rightful, the server: configuration, wiring, background loops, command line.
//!
//! [`main`] is the program. [`embed`] gives another program the use cases, their letters and the API as an
//! endpoint of its own server. [`start`] is the whole server inside another process, which is how tests run it:
//!
//! ```no_run
//! # async fn example() -> Result<(), rightful::StartError> {
//! use rightful::config::Config;
//! use rightful::{Options, start};
//!
//! let place = rightful::Place::Sqlite { path: "test.db".into() };
//! let options = Options { trial: true, ..Options::default() };
//! let running = start(Config::for_tests(place), options).await?;
//! println!("{}", running.origin());
//! running.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here decides anything about accounts: that is the domain's. This crate says which adapter stands
//! behind which port, and when things begin and end.

#![deny(missing_docs)]

mod cli;
mod clock;
mod commands;
pub mod config;
mod database;
mod dev;
mod embedded;
mod exit;
mod gauges;
mod key_check;
mod logging;
mod mailing;
mod operator;
mod readiness;
mod server;
mod signals;
mod waking;
mod wiring;
mod workers;

use std::process::ExitCode;

use clap::Parser as _;

pub use clock::SystemClock;
pub use embedded::{Embedded, embed};
pub use rightful_database::Place;
pub use server::{Options, Prepared, Running, StartError, prepare, start};

/// The program: reads the command line, does what it says, and says how it ended.
pub fn main() -> ExitCode {
    server::install_tls();
    match cli::Cli::parse().run() {
        Ok(code) => code,
        Err(failure) => {
            failure.report();
            failure.code()
        }
    }
}
