//! Limits on how often: guesses of a password, letters to a mailbox, requests of a source.
//!
//! A try is counted *before* its work is done, in one atomic step, so that parallel tries cannot slip under a
//! limit (63B §3.2.2, MN-9, MN-16). Keys are keyed hashes made before anything is looked up: a limit answers
//! the same whether or not the address has an account (CS-45).

mod model;
mod repository;
#[cfg(test)]
mod tests;

pub use model::{Limit, Tally, ThrottleKey, Verdict};
#[cfg(any(test, feature = "mocks"))]
pub use repository::MockThrottle;
pub use repository::Throttle;
