//! "Which address did I use?": answered to the mailbox in question, and to nobody else.
//!
//! Asking is the same for every address: it counts, and posts an errand. The postroom looks the address up and
//! writes "you have an account" to an account's mailbox, "there is none" to an address that the shop knows
//! otherwise, and nothing to anybody else. One such letter a day for an address.
//!
//! A verified telephone number will be the second way to ask, when accounts have one: it is another errand with
//! another look-up, and the same `reply`.

mod model;
mod service;
#[cfg(test)]
mod tests;

pub(crate) use model::reply;
pub use service::{AccountReminderError, AccountReminders};
