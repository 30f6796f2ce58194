//! Second factors: what an account asks for beside the password.
//!
//! ```text
//!   begun ──first code, and the mailbox if it is the account's first──► bound ──removed, disputed──► ended
//!     └── an hour, another epoch, begun again ──► ended
//! ```
//!
//! An authenticator app (TOTP) is a factor; ten backup codes are issued with the first one and stand in for it,
//! each once. The first factor of an account needs its mailbox, so that a thief of the password cannot lock the
//! owner out (MN-12). Every later change needs a code of its own, so that a code that was relayed to sign in
//! changes no factor (MN-14). Binding and removing advance the account's epoch: other sessions, trusted
//! devices, links and a pending change of address are dead (MN-14b, CS-32). Ended factors stay, without their
//! secrets: the account's history of authenticators (63B §4.1).

mod model;
mod repository;
mod service;
#[cfg(test)]
pub(crate) mod tests;

pub use model::{
    BackupCode, BackupCodeText, Factor, FactorEnd, FactorKind, FactorRecord, FactorRefusal,
    FactorSecret, FactorState,
};
#[cfg(any(test, feature = "mocks"))]
pub use repository::MockSecondFactorRepository;
pub use repository::SecondFactorRepository;
pub(crate) use service::CheckedFactor;
pub use service::{Changed, FactorError, FactorPanel, FactorProof, SecondFactors, TotpEnrolment};
