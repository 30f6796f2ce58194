//! What tests of Rightful are made of.
//!
//! - [`memory`]: every repository in memory, with the contract of the ports to the letter
//! - [`fakes`]: a clock that is set, a mailer that keeps what it was given, and the other outside parts
//! - [`builders`]: records to begin with
//! - [`world`]: all of that wired to the use cases
//! - [`contract`]: what every adapter of the ports must hold, as tests for any of them
//! - [`postgres`]: a throw-away PostgreSQL from the binaries of this machine
//! - [`smtp_sink`]: a mail server that keeps what it is given
//! - [`client`]: an HTTP client that adds nothing of its own

#![deny(missing_docs)]

pub mod builders;
pub mod client;
pub mod contract;
pub mod fakes;
pub mod memory;
pub mod postgres;
pub mod smtp_sink;
pub mod world;
