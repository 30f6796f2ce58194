//! Links in letters: single-use secrets with one purpose, one account, one end.
//!
//! Opening a link does nothing; only its secret, posted, redeems it (CS-54). Purposes have prefixes and
//! rows of their own: a secret of one purpose is not found under another (MN-19, MN-45).
//!
//! ```text
//!   issue ──► open ──redeem──► used
//!               ├── time ────► expired          (48 hours; a reset 1 hour; a dispute link 7 days)
//!               └── epoch ───► superseded       (everything older is dead)
//! ```

mod model;
mod repository;
#[cfg(test)]
mod tests;

pub use model::{Link, LinkPurpose, LinkRecord, LinkRefusal};
pub use repository::LinkRepository;
#[cfg(any(test, feature = "mocks"))]
pub use repository::MockLinkRepository;
