//! Signing in with address and password, and proving the password again in a session.
//!
//! Unknown, unverified and wrong get one answer for the same work: one look-up, one hash, one commit
//! (CS-40, CS-42). A try is counted before it is made. A device that signed in before carries a token by
//! which its tries are counted apart, so that a stranger who guesses all day locks no owner out (MN-50).

mod model;
mod service;
#[cfg(test)]
mod tests;

pub use service::{Credentials, Renewed, SignIn, SignInError, SignedIn};
