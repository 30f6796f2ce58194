use async_trait::async_trait;
use rightful_domain::audit::{AuditEvent, AuditRepository, Entry, GENESIS};
use rightful_domain::ports::{CommitError, Unique};
use rightful_domain::reason::Outage;
use rightful_domain::values::AccountId;

use super::{Memory, Records, at_most, unless_taken};

#[async_trait]
impl AuditRepository for Memory {
    async fn list(&self, after: i64, limit: u32) -> Result<Vec<Entry>, Outage> {
        let records = self.records();
        let later = records.audit.iter().filter(|entry| entry.seq > after);
        Ok(later.take(at_most(limit)).cloned().collect())
    }

    async fn list_about(&self, account: AccountId, limit: u32) -> Result<Vec<Entry>, Outage> {
        let records = self.records();
        let about = records.audit.iter().rev().filter(|entry| entry.account == Some(account));
        Ok(about.take(at_most(limit)).cloned().collect())
    }
}

impl Records {
    pub(super) fn tell(&mut self, event: AuditEvent) -> Result<(), CommitError> {
        unless_taken(Unique::Other, self.audit.iter().any(|entry| entry.id == event.id))?;
        let (seq, previous) = self.audit.last().map_or((0, GENESIS), |last| (last.seq, last.hash));
        self.audit.push(Entry::chain(event, seq + 1, previous));
        Ok(())
    }
}
