//! The one place that reads the wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

use rightful_domain::ports::Clock;
use rightful_domain::values::Timestamp;

/// The clock of this machine, cut to the millisecond.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one real clock")]
        let now = SystemTime::now();
        // A clock that stands before 1970 is broken; counting from zero makes everything look expired.
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
