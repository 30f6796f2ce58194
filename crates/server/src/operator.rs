//! What stands behind the ports that a command which only reads, or changes a little, does not use.

use async_trait::async_trait;
use rightful_domain::letters::Letter;
use rightful_domain::ports::{MailFailure, Mailer, PasswordHasher, PasswordMatch, Vault};
use rightful_domain::reason::Outage;
use rightful_domain::values::{PasswordHash, Sealed, TypedPassword};
use thiserror::Error;

/// Neither hashes nor seals nor sends. A key made up for the occasion would be worse: what it sealed, nobody
/// could ever open.
pub(crate) struct Unneeded;

#[derive(Debug, Error)]
#[error("a command of an operator has no passwords and no data key")]
struct NotHere;

fn not_here() -> Outage {
    Outage::failed("command", NotHere)
}

#[async_trait]
impl PasswordHasher for Unneeded {
    async fn hash(&self, _: &TypedPassword) -> Result<PasswordHash, Outage> {
        Err(not_here())
    }

    async fn verify<'a>(
        &self,
        _: &TypedPassword,
        _: Option<&'a PasswordHash>,
    ) -> Result<PasswordMatch, Outage> {
        Err(not_here())
    }
}

#[async_trait]
impl Mailer for Unneeded {
    async fn send(&self, _: &Letter) -> Result<(), MailFailure> {
        Err(MailFailure::Transient(NotHere.to_string()))
    }
}

impl Vault for Unneeded {
    fn seal(&self, _: &str, _: &[u8]) -> Sealed {
        unreachable!("{NotHere}")
    }

    fn open(&self, _: &str, _: &Sealed) -> Result<Vec<u8>, Outage> {
        Err(not_here())
    }

    fn fingerprint(&self, _: &str, _: &[u8]) -> [u8; 32] {
        unreachable!("{NotHere}")
    }
}
