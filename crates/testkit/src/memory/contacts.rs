use async_trait::async_trait;
use rightful_domain::contacts::{Contact, ContactRepository};
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::values::EmailKey;

use super::{Memory, Records};
use crate::builders::Edit;

#[async_trait]
impl ContactRepository for Memory {
    async fn find(&self, key: &EmailKey) -> Result<Option<Contact>, Outage> {
        Ok(self.records().contacts.get(key).cloned())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every write of a commit has one shape")]
impl Records {
    pub(super) fn put_contact(&mut self, contact: Contact) -> Result<(), CommitError> {
        let key = contact.record().email.key().clone();
        let first_seen_at = match self.contacts.get(&key) {
            Some(known) => known.record().first_seen_at,
            None => contact.record().first_seen_at,
        };
        self.contacts.insert(key, contact.edit(|record| record.first_seen_at = first_seen_at));
        Ok(())
    }

    pub(super) fn remove_contact(&mut self, key: &EmailKey) -> Result<(), CommitError> {
        self.contacts.remove(key);
        Ok(())
    }
}
