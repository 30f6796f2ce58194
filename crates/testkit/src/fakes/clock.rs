use std::sync::atomic::{AtomicI64, Ordering};

use rightful_domain::ports::Clock;
use rightful_domain::values::{Span, Timestamp};

use crate::builders::NOW;

/// A clock that stands until a test moves it. It begins at [`NOW`].
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// Sets the time, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::SeqCst);
    }

    /// Lets `span` pass.
    pub fn advance(&self, span: Span) {
        self.0.fetch_add(span.as_millis(), Ordering::SeqCst);
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self(AtomicI64::new(NOW.as_millis()))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
