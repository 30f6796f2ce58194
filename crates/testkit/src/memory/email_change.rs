use async_trait::async_trait;
use rightful_domain::email_change::{ChangeState, EmailChange, EmailChangeRepository};
use rightful_domain::ports::{CommitError, Unique};
use rightful_domain::reason::Outage;
use rightful_domain::values::{AccountId, EmailChangeId};

use super::{Memory, Records, unless_taken};
use crate::builders::Edit;

#[async_trait]
impl EmailChangeRepository for Memory {
    async fn find(&self, id: EmailChangeId) -> Result<Option<EmailChange>, Outage> {
        Ok(self.records().email_changes.get(&id).cloned())
    }

    async fn find_unfinished(&self, account: AccountId) -> Result<Option<EmailChange>, Outage> {
        let records = self.records();
        Ok(records.changes_of(account).find(|change| change.is_unfinished()).cloned())
    }

    async fn find_last_confirmed(&self, account: AccountId) -> Result<Option<EmailChange>, Outage> {
        let records = self.records();
        let confirmed =
            records.changes_of(account).filter_map(|change| match change.record().state {
                ChangeState::Confirmed { at } => Some((at, change)),
                _ => None,
            });
        let last = confirmed.max_by_key(|(at, change)| (*at, change.id()));
        Ok(last.map(|(_, change)| change.clone()))
    }
}

impl Records {
    fn changes_of(&self, account: AccountId) -> impl Iterator<Item = &EmailChange> {
        self.email_changes.values().filter(move |change| change.record().account == account)
    }

    pub(super) fn insert_email_change(&mut self, change: EmailChange) -> Result<(), CommitError> {
        self.living(change.record().account)?;
        unless_taken(Unique::Other, self.email_changes.contains_key(&change.id()))?;
        self.keep_one_unfinished(&change)?;
        self.email_changes.insert(change.id(), change);
        Ok(())
    }

    pub(super) fn update_email_change(&mut self, change: EmailChange) -> Result<(), CommitError> {
        let stored = self.email_changes.get(&change.id()).map(|stored| stored.record().version);
        if stored != Some(change.record().version) {
            return Err(CommitError::Stale);
        }
        self.keep_one_unfinished(&change)?;
        let written = change.edit(|record| record.version = record.version.next());
        self.email_changes.insert(written.id(), written);
        Ok(())
    }

    fn keep_one_unfinished(&self, change: &EmailChange) -> Result<(), CommitError> {
        let mut others =
            self.changes_of(change.record().account).filter(|other| other.id() != change.id());
        let is_taken = change.is_unfinished() && others.any(EmailChange::is_unfinished);
        unless_taken(Unique::PendingEmailChange, is_taken)
    }
}
