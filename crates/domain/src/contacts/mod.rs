//! The directory of every address that the shop has heard of, with or without an account.
//!
//! An address that an account has in force is not looked up here: the account says it. A contact is what
//! remains when there is no account: somebody who ordered as a guest or reads the newsletter, or an address
//! that an account has left.

mod model;
mod repository;
#[cfg(test)]
mod tests;

pub(crate) use model::RESTING;
pub use model::{Contact, ContactRecord, ContactSource, Target, judge_target};
pub use repository::ContactRepository;
#[cfg(any(test, feature = "mocks"))]
pub use repository::MockContactRepository;
