//! What several commands begin with.

use std::future::Future;
use std::sync::Arc;
use std::thread::available_parallelism;

use rightful_database::Db;
use rightful_domain::Rightful;
use rightful_email::AlwaysAccepts;

use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit::Failure;
use crate::server::install_tls;
use crate::wiring::{self, wire};

/// Runs to the end, on a thread for each core. Few threads for blocking work: nothing here uses them but
/// look-ups of host names.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(available_parallelism().map_or(1, std::num::NonZero::get))
        .max_blocking_threads(8)
        .enable_all()
        .build()
        .map_err(|error| Failure::system("starting threads", error))?;
    Ok(runtime.block_on(work))
}

/// Opens the database as it is.
pub(crate) async fn open(config: &Config) -> Result<Db, Failure> {
    install_tls();
    Ok(Db::open(&wiring::database(config)).await?)
}

/// The use cases for a command of an operator. They serve nobody, and send nothing.
pub(crate) fn operate(config: &Config, db: &Db) -> Result<Arc<Rightful>, Failure> {
    let mut config = config.clone();
    // A command must not fail for want of a mail server that it does not speak to.
    config.mail.transport = crate::config::Transport::Inbox;
    let links = "http://localhost";
    let wired =
        wire(&config, db, Arc::new(SystemClock::default()), Arc::new(AlwaysAccepts), links)?;
    Ok(wired.rightful)
}
