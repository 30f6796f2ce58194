//! The outside, as a test decides it: each fake keeps the contract of its port and lets a test look.

mod blocklist;
mod clock;
mod entropy;
mod hasher;
mod mail_domains;
mod mailer;
mod one_time_codes;
mod vault;

pub use blocklist::FixedBlocklist;
pub use clock::FakeClock;
pub use entropy::SeededEntropy;
pub use hasher::PlainHasher;
pub use mail_domains::FakeMailDomains;
pub use mailer::FakeMailer;
pub use one_time_codes::PlainCodes;
pub use vault::FakeVault;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a fake remembers. Each change of it is one step, so a panic elsewhere leaves it whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
