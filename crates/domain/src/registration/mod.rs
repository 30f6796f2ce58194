//! Registering, and proving the mailbox.
//!
//! One use case behind three doors. Its answer is the same whatever is known of the address (R-015,
//! CS-44); what differs goes to the mailbox: the verification letter, or "you have an account already".
//!
//! Whoever registers an address first gains nothing: the password in force is the one typed by whoever
//! proves the mailbox (MN-3), and that proof ends every session and link of before (MN-2, MN-4).

mod model;
mod service;
#[cfg(test)]
mod tests;

pub(crate) use model::reply;
pub use service::{NewAccount, Registration, RegistrationError};
