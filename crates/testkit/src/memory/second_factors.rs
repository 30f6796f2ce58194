use async_trait::async_trait;
use rightful_domain::ports::{CommitError, Unique};
use rightful_domain::reason::Outage;
use rightful_domain::second_factors::{Factor, FactorState, SecondFactorRepository};
use rightful_domain::values::AccountId;

use super::{Memory, Records, unless_taken};
use crate::builders::Edit;

#[async_trait]
impl SecondFactorRepository for Memory {
    async fn list(&self, account: AccountId) -> Result<Vec<Factor>, Outage> {
        let records = self.records();
        let mut list: Vec<_> = records
            .factors
            .values()
            .filter(|factor| factor.record().account == account)
            .filter(|factor| !matches!(factor.record().state, FactorState::Ended { .. }))
            .cloned()
            .collect();
        list.sort_by_key(|factor| (factor.record().begun_at, factor.id()));
        Ok(list)
    }
}

impl Records {
    pub(super) fn insert_factor(&mut self, factor: Factor) -> Result<(), CommitError> {
        self.living(factor.record().account)?;
        unless_taken(Unique::Other, self.factors.contains_key(&factor.id()))?;
        self.factors.insert(factor.id(), factor);
        Ok(())
    }

    pub(super) fn update_factor(&mut self, factor: Factor) -> Result<(), CommitError> {
        let stored = self.factors.get(&factor.id()).map(Factor::record);
        stored.filter(|s| s.version == factor.record().version).ok_or(CommitError::Stale)?;
        let written = factor.edit(|record| record.version = record.version.next());
        self.factors.insert(written.id(), written);
        Ok(())
    }
}
