use async_trait::async_trait;
use rightful_domain::accounts::{Account, AccountRepository};
use rightful_domain::ports::{CommitError, Unique};
use rightful_domain::reason::Outage;
use rightful_domain::values::{AccountId, EmailKey};

use super::{Memory, Records, unless_taken};
use crate::builders::Edit;

#[async_trait]
impl AccountRepository for Memory {
    async fn find(&self, id: AccountId) -> Result<Option<Account>, Outage> {
        Ok(self.records().accounts.get(&id).cloned())
    }

    async fn find_by_email(&self, key: &EmailKey) -> Result<Option<Account>, Outage> {
        Ok(self.records().accounts.values().find(|account| account.email().key() == key).cloned())
    }
}

impl Records {
    pub(super) fn insert_account(&mut self, account: Account) -> Result<(), CommitError> {
        unless_taken(Unique::Other, self.accounts.contains_key(&account.id()))?;
        self.keep_key_unique(&account)?;
        self.accounts.insert(account.id(), account);
        Ok(())
    }

    pub(super) fn update_account(&mut self, account: Account) -> Result<(), CommitError> {
        self.decided_on_stored(&account)?;
        self.keep_key_unique(&account)?;
        let written = account.edit(|record| record.version = record.version.next());
        self.accounts.insert(written.id(), written);
        Ok(())
    }

    pub(super) fn remove_account(&mut self, account: &Account) -> Result<(), CommitError> {
        let stored = self.decided_on_stored(account)?;
        if stored.is_verified() {
            return Err(CommitError::Stale);
        }
        self.forget_account(account.id());
        Ok(())
    }

    /// With all that hangs on it.
    pub(super) fn forget_account(&mut self, gone: AccountId) {
        self.accounts.remove(&gone);
        self.sessions.retain(|_, session| session.record().account != gone);
        self.links.retain(|_, link| link.record().account != gone);
        self.email_changes.retain(|_, change| change.record().account != gone);
    }

    fn decided_on_stored(&self, account: &Account) -> Result<&Account, CommitError> {
        let stored = self.accounts.get(&account.id());
        stored.filter(|stored| stored.version() == account.version()).ok_or(CommitError::Stale)
    }

    fn keep_key_unique(&self, account: &Account) -> Result<(), CommitError> {
        let mut others = self.accounts.values().filter(|other| other.id() != account.id());
        let is_taken = others.any(|other| other.email().key() == account.email().key());
        unless_taken(Unique::EmailKey, is_taken)
    }
}
