//! The audit trail: who did what to which account, when, append-only and chained by hash (MN-67, MN-68).
//!
//! Every mutation is told in the commit that makes it: [`crate::changes::Changes`] cannot be built without
//! an event. The adapter gives each event its place in the chain inside the transaction. An entry names
//! accounts by id and networks by a keyed tag, never an address, a name or a secret (MN-48, MN-63).

mod model;
mod repository;
mod service;
#[cfg(test)]
mod tests;

pub use model::{Act, Actor, AuditEvent, ChainFault, Checkpoint, Entry, GENESIS, Verifier};
pub use repository::AuditRepository;
#[cfg(any(test, feature = "mocks"))]
pub use repository::MockAuditRepository;
pub use service::{AuditTrail, Verified};
