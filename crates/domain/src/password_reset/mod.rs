//! A forgotten password (R-098 to R-104, CS-1 to CS-13).
//!
//! ```text
//!   ask (any address, signed out) ──► errand ──postroom──┬─ an account ──────► link to the mailbox in force
//!        always the same answer                          ├─ a known contact ─► "there is no account"
//!                                                        └─ nobody ──────────► nothing
//!
//!   complete (secret of the link, another password)
//!        verified account:    another password, everything older dead, a pending change of address cancelled
//!        unverified account:  the first proof of its mailbox
//!        either:              told to the mailbox; no session is made: sign in next
//! ```
//!
//! Asking changes nothing of any account and looks nobody up: it counts, and posts an errand. What differs between
//! addresses is found out by the postroom, which nobody waits for.
//!
//! The mailbox in force is all that a reset asks for, and so all that a thief of it needs. What it must not
//! become is a way to undo the owner's flight from that mailbox, or to shut out the owner of a mailbox that a
//! thief moved the account away from: a freeze and a dispute stay what they were, and a password that the mailbox
//! alone had set proves nothing once the mailbox has set another (decision 0019).

mod model;
mod service;
#[cfg(test)]
mod tests;

pub(crate) use model::reply;
pub use service::{PasswordResetError, PasswordResets};
