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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rightful_domain::accounts::Origin;
    use rightful_domain::registration::NewAccount;
    use rightful_domain::values::Locale;
    use rightful_testkit::builders::visit;
    use rightful_testkit::contract::Adapters;
    use rightful_testkit::memory::Memory;
    use rightful_testkit::world::World;
    use tokio::time::timeout;

    use super::*;

    async fn rings(bell: &Notify) -> bool {
        timeout(Duration::from_millis(1), bell.notified()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_letter_rings_and_nothing_else_does() {
        let mut adapters = Adapters::all_of(Arc::new(Memory::new()));
        let bell = Arc::new(Notify::new());
        adapters.unit_of_work = Arc::new(WakingUnitOfWork {
            inner: Arc::clone(&adapters.unit_of_work),
            bell: Arc::clone(&bell),
        });
        let world = World::with(rightful_domain::policy::Policy::default(), adapters);
        assert!(!rings(&bell).await);
        let ada = NewAccount {
            email: "ada@example.org",
            password: "correct horse battery",
            name: None,
            locale: Locale::En,
            origin: Origin::Direct,
        };
        world.rightful.registration().register(ada, &visit()).await.unwrap();
        assert!(rings(&bell).await, "a letter was posted");
        world.deliver_all().await;
        assert!(!rings(&bell).await, "sending posts nothing");
    }
}
