use async_trait::async_trait;

use crate::accounts::Account;
use crate::reason::Outage;
use crate::sessions::Session;
use crate::values::{AccountId, SecretHash};

/// A session with its account, read at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct LiveSession {
    pub session: Session,
    pub account: Account,
}

/// The most sessions that [`SessionRepository::list`] gives.
pub const LISTED: usize = 100;

/// Reads sessions.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// The session with this secret, and its account; `None` when we never issued the secret or the account
    /// is gone. It may be over: the model tells.
    ///
    /// What was committed in this process is seen at once, what another process committed within a second.
    async fn find(&self, secret: &SecretHash) -> Result<Option<LiveSession>, Outage>;

    /// The sessions of an account that were not ended, last used first, [`LISTED`] at most. Some may be over by
    /// time or epoch.
    async fn list(&self, account: AccountId) -> Result<Vec<Session>, Outage>;
}
