//! Forgetting what is over: an account service keeps no more of people than it needs.
//!
//! Once a day, what ended long ago goes: sessions with their devices and networks, links, letters that were
//! sent, changes of address with the old addresses and hashes that could dispute them, addresses that have
//! rested, and claims that nobody ever proved. The audit trail stays; it names nobody.

mod model;
mod service;
#[cfg(test)]
mod tests;

pub use model::Past;
pub use service::Retention;
