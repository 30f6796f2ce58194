//! Sessions: who is signed in, on which device, until when.
//!
//! ```text
//!   start ──► live ──end (sign-out, another device, password, proof, dispute)──► ended
//!              ├── idle or absolute limit ──► over
//!              └── epoch of the account advances ──► over
//! ```
//!
//! A session is an opaque 256-bit secret, kept as its hash. Proving the password again gives the session a
//! new secret (ASVS V7.2.4): whoever copied the old one has nothing.

mod model;
mod repository;
mod service;
#[cfg(test)]
mod tests;

pub use model::{
    Carrier, EndReason, Ended, FreshProof, Session, SessionOver, SessionPolicy, SessionProof,
    SessionRecord,
};
#[cfg(any(test, feature = "mocks"))]
pub use repository::MockSessionRepository;
pub use repository::{LISTED, LiveSession, SessionRepository};
pub use service::{SessionError, SessionList, Sessions};
