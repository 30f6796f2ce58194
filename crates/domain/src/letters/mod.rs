//! Letters: what we tell people by mail.
//!
//! A letter is *posted* in the commit of the fact that it tells, then *sent* by a loop that leases it.
//!
//! ```text
//!   post ──► due ──lease──► leased ──sent──────────────► sent   (content destroyed)
//!             ▲                │
//!             └──── back-off ──┤ transient, while tries remain
//!                              └ permanent, or no tries left ► dead ──revive──► due
//! ```
//!
//! The content is sealed: no live secret rests in the outbox in clear. A process that dies between sending
//! and saying so sends the same letter again, with the same secret and the same Message-ID.

mod model;
mod repository;
mod service;
#[cfg(test)]
mod tests;

pub use model::{
    Deed, Lease, Letter, LetterContent, LetterRecord, LetterSecret, LetterState, PostedLetter,
};
#[cfg(any(test, feature = "mocks"))]
pub use repository::MockLetterRepository;
pub use repository::{DeadLetter, LetterRepository, QueueState};
pub use service::{DeadLetterError, Delivery, Outcome, Postroom};
