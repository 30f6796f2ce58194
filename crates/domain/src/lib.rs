//! The rules of Rightful: which commands keep an account with its rightful owner.
//!
//! No I/O, no clock, no randomness, no runtime: those come through [`ports`]. A feature folder holds the
//! feature's story (`mod.rs`), its rules as pure functions (`model.rs`), what it reads (`repository.rs`) and
//! its use cases (`service.rs`): load, ask the model, commit.

#![deny(missing_docs)]

pub mod account_reminder;
pub mod accounts;
pub mod audit;
pub mod changes;
pub mod contacts;
pub mod email_change;
mod guards;
pub mod idempotency;
pub mod letters;
pub mod links;
pub mod one_time_codes;
pub mod password_reset;
pub mod policy;
pub mod ports;
pub mod profile;
pub mod reason;
pub mod registration;
pub mod retention;
mod rightful;
pub mod second_factors;
pub mod security_checkup;
pub mod sessions;
pub mod sign_in;
pub mod throttle;
pub mod trusted_devices;
pub mod values;

#[cfg(test)]
mod exploration;
#[cfg(test)]
mod tests_support;

pub use rightful::{Rightful, Visit};
