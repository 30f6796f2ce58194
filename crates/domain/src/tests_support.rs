//! What the tests of every feature begin with: records that are sound until a test edits them, and a
//! [`Stage`] on which the use cases run over mocks of all their ports.
//!
//! The mocks read from one [`World`], write nothing and remember what was asked of them. What a use case
//! commits is compared whole, as [`Told`].

mod records;
mod stage;
mod told;

pub(crate) use records::*;
pub(crate) use stage::{Call, Stage, forgets_tries_of, one_time_codes};
pub(crate) use told::{Told, record, told, untold};
