use async_trait::async_trait;
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::throttle::{Limit, Tally, Throttle, ThrottleKey, Verdict};
use rightful_domain::values::Timestamp;

use super::{Memory, Records};

pub(super) type Row = Tally;

#[async_trait]
impl Throttle for Memory {
    async fn take(
        &self,
        limits: &[(ThrottleKey, Limit)],
        now: Timestamp,
    ) -> Result<Verdict, Outage> {
        let mut records = self.records();
        let mut counted = records.tallies.clone();
        let mut verdict = Verdict::Go;
        for (key, limit) in limits {
            let (tally, said) = limit.take(counted.get(key).copied(), now);
            counted.insert(*key, tally);
            verdict = verdict.max(said);
        }
        if verdict == Verdict::Go {
            records.tallies = counted;
        }
        Ok(verdict)
    }
}

impl Records {
    #[expect(clippy::unnecessary_wraps, reason = "every write of a commit has one shape")]
    pub(super) fn forget_tries(&mut self, keys: &[ThrottleKey]) -> Result<(), CommitError> {
        self.tallies.retain(|key, _| !keys.contains(key));
        Ok(())
    }
}
