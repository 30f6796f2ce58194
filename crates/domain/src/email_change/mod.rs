//! Changing the e-mail address: the act by which accounts are stolen, so every step has its guard
//! (R-040 to R-067, CS-20 to CS-33).
//!
//! ```text
//!   request (signed in, verified, password proved within 5 minutes, not frozen)
//!      │        letter to the new mailbox: confirm        letter to the old one: dispute
//!      ▼
//!   Pending ──confirm (secret of the new mailbox + session or password)──► Confirmed
//!      ├── another request, ──► Superseded                                     │
//!      ├── cancel, another password ──► Cancelled                              │ dispute with proof,
//!      ├── the new mailbox refuses ──► Undeliverable (resend revives it)       │ within 7 days
//!      ├── 48 hours ──► expired (a resend revives it)                          ▼
//!      └── dispute ──► Disputed                                             Reverted
//! ```
//!
//! Where the shop asks the old mailbox too ([`OldMailbox::Confirm`]), a pending change is confirmed only after
//! the old one has agreed by a link of its own.
//!
//! The address in force stays the old one until the very commit that confirms. A pending change reserves
//! nothing (R-065). The dispute link never signs in: alone it freezes and ends sessions; with the password
//! that was in force at the request it restores.

mod model;
mod repository;
mod service;
#[cfg(test)]
mod tests;

pub(crate) use model::DISPUTE_WINDOW;
pub use model::{
    Approval, ChangeRefusal, ChangeState, Disclosure, EmailChange, EmailChangeRecord, OldMailbox,
    OwnerProof, Resend,
};
pub use repository::EmailChangeRepository;
#[cfg(any(test, feature = "mocks"))]
pub use repository::MockEmailChangeRepository;
pub use service::{
    Dispute, Disputed, EmailChangeError, EmailChanges, EmailPanel, NewAddress, PendingPanel,
};
