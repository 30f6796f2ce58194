//! The security check-up: what secures an account, and what its customer should do about it (R-104, R-124,
//!
//!
//! It is a look at what the account holds, never a gate: nothing is refused because it was not done. It is due
//! after every recovery of the account, and a year after the last one. No password is due for its age (63B §3.1.1.2).
//!
//! A feature that adds something that secures accounts adds what it holds to [`Holdings`], and an item to
//! [`Checkup::of`].

mod model;
mod service;
#[cfg(test)]
mod tests;

pub use model::{Checkup, Holdings, Item, ItemCode, State};
pub use service::{SecurityCheckupError, SecurityCheckups};
