use async_trait::async_trait;
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::throttle::{Limit, Tally, Throttle, ThrottleKey, Verdict};
use rightful_domain::values::{Span, Timestamp};

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
        let mut longest: Option<Span> = None;
        for (key, limit) in limits {
            let (tally, verdict) = limit.take(counted.get(key).copied(), now);
            counted.insert(*key, tally);
            if let Verdict::Wait(wait) = verdict {
                longest = longest.max(Some(wait));
            }
        }
        if let Some(wait) = longest {
            return Ok(Verdict::Wait(wait));
        }
        records.tallies = counted;
        Ok(Verdict::Go)
    }
}

impl Records {
    #[expect(clippy::unnecessary_wraps, reason = "every write of a commit has one shape")]
    pub(super) fn forget_tries(&mut self, keys: &[ThrottleKey]) -> Result<(), CommitError> {
        self.tallies.retain(|key, _| !keys.contains(key));
        Ok(())
    }
}
