//! One-time codes of an authenticator app (TOTP, RFC 6238): six digits that change every thirty seconds.
//!
//! ```text
//!   key issued ──► shown once, as text and picture ──► a code of it is typed: bound
//!   code typed ──► of a step later than the last accepted one ──► accepted, the step is remembered
//! ```
//!
//! Customers and staff share the rules. A code is accepted one step early or late, for clocks that are not
//! quite right, and never twice: the step of the last accepted code is kept, and a code of that step or of an
//! earlier one is refused (RFC 6238 §5.2, 63B §3.1.4, MN-14, MN-49). The code alone is short, so whoever asks
//! for one counts the tries first.

mod model;
#[cfg(test)]
mod tests;

pub use model::{Step, TotpKey, accept};
