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
//!
//! An *errand* is posted and leased like a letter, by requests that must not look up whether an address has an
//! account. Nothing is sent for it: the postroom looks the address up, and one commit uses the errand up and posts
//! the letters that it led to, with their links. Of two processes one does so; a process that dies before the
//! commit has done nothing.

mod model;
mod repository;
mod service;
#[cfg(test)]
mod tests;

pub(crate) use model::Reply;
pub use model::{
    Deed, Errand, Lease, Letter, LetterContent, LetterRecord, LetterSecret, LetterState,
    PostedErrand, PostedLetter,
};
#[cfg(any(test, feature = "mocks"))]
pub use repository::MockLetterRepository;
pub use repository::{DeadLetter, LetterRepository, QueueState};
pub use service::{DeadLetterError, Delivery, Outcome, Postroom};
