//! The mistake that the test must see.

use std::sync::Arc;

use async_trait::async_trait;
use rightful_domain::ports::{PasswordHasher, PasswordMatch};
use rightful_domain::reason::Outage;
use rightful_domain::values::{PasswordHash, TypedPassword};

/// A hasher that saves itself the work where there is nothing to compare with. No server can be told to have it.
pub(crate) struct Hasty(pub(crate) Arc<dyn PasswordHasher>);

#[async_trait]
impl PasswordHasher for Hasty {
    async fn hash(&self, password: &TypedPassword) -> Result<PasswordHash, Outage> {
        self.0.hash(password).await
    }

    async fn verify<'a>(
        &self,
        password: &TypedPassword,
        against: Option<&'a PasswordHash>,
    ) -> Result<PasswordMatch, Outage> {
        match against {
            None => Ok(PasswordMatch::No),
            against => self.0.verify(password, against).await,
        }
    }
}
