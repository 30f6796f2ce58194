//! Signing in with address and password, and proving the password again in a session.
//!
//! Unknown, unverified and wrong get one answer for the same work: one look-up, one hash, one commit
//! (CS-40, CS-42). A try is counted before it is made. A device that signed in before carries a token by
//! which its tries are counted apart, so that a stranger who guesses all day locks no owner out (MN-50).
//!
//! ```text
//!   right password ──no second factor, or a trusted device──► signed in
//!     └── second factor ──► second step asked ──right code within ten minutes──► signed in
//! ```

mod model;
mod service;
#[cfg(test)]
mod tests;

pub(crate) use model::KnownDevice;
pub use service::{
    Credentials, Entry, Proof, Renewed, SecondStep, SecondStepTaken, SignIn, SignInError, SignedIn,
    TrustGiven,
};
