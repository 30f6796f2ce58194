use async_trait::async_trait;
use rightful_domain::links::{Link, LinkRepository};
use rightful_domain::ports::{CommitError, Unique};
use rightful_domain::reason::Outage;
use rightful_domain::values::{LinkId, SecretHash, Timestamp};

use super::{Memory, Records, unless_taken};
use crate::builders::Edit;

#[async_trait]
impl LinkRepository for Memory {
    async fn find(&self, secret: &SecretHash) -> Result<Option<Link>, Outage> {
        Ok(self.records().links.values().find(|link| link.record().secret == *secret).cloned())
    }
}

impl Records {
    pub(super) fn insert_link(&mut self, link: Link) -> Result<(), CommitError> {
        let record = link.record();
        self.living(record.account)?;
        unless_taken(Unique::Other, self.links.contains_key(&record.id))?;
        let mut secrets = self.links.values().map(|other| other.record().secret);
        unless_taken(Unique::Other, secrets.any(|secret| secret == record.secret))?;
        self.links.insert(record.id, link);
        Ok(())
    }

    pub(super) fn redeem_link(&mut self, link: LinkId, at: Timestamp) -> Result<(), CommitError> {
        let link = self.links.get_mut(&link).ok_or(CommitError::Stale)?;
        if link.record().redeemed_at.is_some() {
            return Err(CommitError::Stale);
        }
        *link = link.clone().edit(|record| record.redeemed_at = Some(at));
        Ok(())
    }
}
