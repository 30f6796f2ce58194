use crate::Rightful;
use crate::audit::{ChainFault, Checkpoint, Entry, Verifier};
use crate::reason::Outage;
use crate::sessions::LiveSession;

/// The audit trail.
#[derive(Clone, Copy)]
pub struct AuditTrail<'a> {
    rightful: &'a Rightful,
}

/// What a verification of the chain found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// Every entry follows from the one before, up to this one.
    Whole(Checkpoint),
    /// The chain is broken.
    Broken(ChainFault),
}

impl<'a> AuditTrail<'a> {
    const PAGE: u32 = 1_000;

    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    /// Follows the whole chain (MN-68). `kept` is a checkpoint that was kept elsewhere: with it, a chain that
    /// was cut or rewritten before it is found out too.
    pub async fn verify(self, kept: Option<Checkpoint>) -> Result<Verified, Outage> {
        let mut verifier = Verifier::new(kept);
        let mut after = 0;
        loop {
            let page = self.rightful.ports().audit.list(after, Self::PAGE).await?;
            for entry in &page {
                if let Err(fault) = verifier.follow(entry) {
                    return Ok(Verified::Broken(fault));
                }
                after = entry.seq;
            }
            if page.is_empty() {
                return Ok(verifier.finish().map_or_else(Verified::Broken, Verified::Whole));
            }
        }
    }

    /// What was done about the customer's own account, the latest first.
    pub async fn about_me(self, live: &LiveSession) -> Result<Vec<Entry>, Outage> {
        self.rightful.ports().audit.list_about(live.account.id(), 100).await
    }
}
