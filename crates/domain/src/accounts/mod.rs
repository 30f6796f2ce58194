//! The account: who it is, how its mailbox stands, which password is in force.
//!
//! ```text
//!              register                    prove_mailbox (the prover's password)
//!   (nobody) ───────────► Unverified ─────────────────────────────► Verified
//!                          │      ▲                                     │
//!                          └──────┘ restart (registered again)          ├─ change_password, reset_password
//!                          gives way to the mailbox's owner             ├─ move_to (e-mail change)
//!                                                                       └─ freeze / restore (dispute)
//! ```
//!
//! An account has one **security epoch**. Every secret is issued under the epoch of its moment, and
//! everything that says "somebody else may hold what was issued before" advances it (security decision 7).
//! It stays zero until the first proof of the mailbox: before that, nobody knows who the owner is, and
//! nothing that a squatter does may kill the owner's verification link (MN-7).

mod model;
mod repository;
#[cfg(test)]
mod tests;

pub use model::{
    Account, AccountRecord, AlreadyVerified, Freeze, Origin, PasswordSetBy, ReplacedPassword,
    SecurityEpoch, Standing, UnknownOrigin, VerifiedAccount, Version,
};
pub use repository::AccountRepository;
#[cfg(any(test, feature = "mocks"))]
pub use repository::MockAccountRepository;
