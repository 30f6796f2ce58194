//! What several commands begin with.

use std::future::Future;
use std::thread::available_parallelism;

use crate::exit::Failure;

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
