//! Checks that say whether this process can do its work. The caller names them; nothing here knows a database.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

/// Slower than this is not ready: whoever asks has given up by then.
const DEADLINE: Duration = Duration::from_secs(2);

type Answer = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

type Check = Arc<dyn Fn() -> Answer + Send + Sync>;

/// A list of named checks.
#[derive(Clone, Default)]
pub struct Checks(Vec<(&'static str, Check)>);

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the check.
    pub name: &'static str,
    /// What is wrong, and what to do; `None` when nothing is.
    pub fault: Option<String>,
}

impl Checks {
    /// Adds a check. Its error is for operators: it says what is wrong and what to do, and holds no secret.
    #[must_use]
    pub fn with<F, Fut>(mut self, name: &'static str, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.0.push((name, Arc::new(move || Box::pin(check()))));
        self
    }

    /// Asks all of them at once. One that does not answer within two seconds fails.
    pub async fn ask(&self) -> Vec<Finding> {
        join_all(self.0.iter().map(|(name, check)| async move {
            let fault = match tokio::time::timeout(DEADLINE, check()).await {
                Ok(found) => found.err(),
                Err(_) => Some("no answer within 2 s".to_owned()),
            };
            Finding { name, fault }
        }))
        .await
    }

    /// Whether all of them are content.
    pub async fn all_well(&self) -> bool {
        self.ask().await.iter().all(|finding| finding.fault.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_check_is_asked_and_a_silent_one_fails() {
        let checks = Checks::default()
            .with("good", || async { Ok(()) })
            .with("bad", || async { Err("3 pending".to_owned()) })
            .with("silent", std::future::pending);
        let found: Vec<_> = checks.ask().await.into_iter().map(|f| (f.name, f.fault)).collect();
        assert_eq!(
            found,
            [
                ("good", None),
                ("bad", Some("3 pending".to_owned())),
                ("silent", Some("no answer within 2 s".to_owned())),
            ]
        );
        assert!(!checks.all_well().await);
        assert!(Checks::default().all_well().await);
    }
}
