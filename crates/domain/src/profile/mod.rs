//! The customer's own name, language and password.

mod service;
#[cfg(test)]
mod tests;

pub use service::{Profile, ProfileChange, ProfileError};
