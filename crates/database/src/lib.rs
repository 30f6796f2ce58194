//! The records, in SQLite or PostgreSQL: a read for every repository of the domain, and one commit.
//!
//! [`Db`] is every repository port, the unit of work, the throttle and the answers to repeated requests. Each
//! file is named after the feature that it serves. Two things are worth knowing before reading on:
//!
//! - **What is written** goes through [`commit_in`]: one short transaction in which every update is guarded by
//!   the version that it was decided on, and the audit entries come last, chained (decision 0002).
//! - **Who is signed in** is asked with every request, so sessions are read through a small memory of this
//!   process. What this process commits is seen at once; what another process commits, within a second.
//!
//! On SQLite there is one connection that writes, so that waiting happens in a fair queue of ours and not in
//! "database is locked". On PostgreSQL everything runs at READ COMMITTED, where the guards suffice.

#![deny(missing_docs)]

mod accounts;
mod audit;
mod commit;
mod connection;
mod contacts;
mod email_change;
mod entities;
mod errors;
mod idempotency;
mod key_seal;
mod letters;
mod links;
mod reading;
mod retention;
mod schema;
mod second_factors;
mod session_cache;
mod sessions;
mod throttle;
mod trusted_devices;

pub use commit::{Invalidation, commit_in};
pub use connection::{Db, Place, Settings, Synchronous};
pub use errors::{DatabaseError, Failure};
pub use schema::Migration;
