//! A commit that posts a letter wakes a mail worker, so that a letter is on its way at once and not at the
//! next look into the queue.

use std::sync::Arc;

use async_trait::async_trait;
use rightful_domain::changes::{Changes, Write};
use rightful_domain::ports::{CommitError, UnitOfWork};
use tokio::sync::Notify;

/// The unit of work of the database, with a bell.
pub(crate) struct WakingUnitOfWork {
    pub(crate) inner: Arc<dyn UnitOfWork>,
    pub(crate) bell: Arc<Notify>,
}

#[async_trait]
impl UnitOfWork for WakingUnitOfWork {
    async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        let revived = |write: &Write| matches!(write, Write::ReviveLetter { .. });
        let posts = !changes.letters.is_empty() || changes.writes.iter().any(revived);
        self.inner.commit(changes).await?;
        if posts {
            self.bell.notify_one();
        }
        Ok(())
    }
}
