use crate::ports::Vault;
use crate::values::{Span, Timestamp};

/// What a limit counts for: a keyed hash of the limit's name and its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThrottleKey([u8; 32]);

impl ThrottleKey {
    /// The key of `subject` (an e-mail key, a source, both) under the limit called `name`.
    pub fn of(vault: &dyn Vault, name: &str, subject: &[&str]) -> Self {
        // 0x1f stands in none of the parts.
        let data = subject.join("\u{1f}");
        Self(vault.fingerprint(&format!("throttle:{name}"), data.as_bytes()))
    }
    /// For storing.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// At most `most` tries in `window`, which starts with the first try.
    Quota {
        /// Tries in a window.
        most: u32,
        /// The window.
        window: Span,
    },
    /// `free` tries in a row; each later one waits twice as long as the one before, from `first` up to
    /// `longest`. A success forgets them ([`crate::changes::Write::ForgetTries`]); so does `longest` times 24 without a try.
    Ladder {
        /// Tries without waiting.
        free: u32,
        /// The first wait.
        first: Span,
        /// The longest wait.
        longest: Span,
    },
    /// `most` tries since the last success, however far apart: no rest makes them fewer. Only a success or
    /// another password forgets them ([`crate::changes::Write::ForgetTries`]), or a year without a try
    /// (63B §3.2.2, MN-16).
    Ceiling {
        /// Tries without a success.
        most: u32,
    },
}

/// How long a ceiling is kept after the last try that it counted.
const CEILING_KEPT: Span = Span::days(365);

/// What is stored for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct Tally {
    pub count: u32,
    /// The first try of the window (quota), the last try (ladder, ceiling).
    pub since: Timestamp,
    /// No try before this.
    pub closed_until: Timestamp,
}

/// What a limit says to a try. Of several, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Go on.
    Go,
    /// Not before this long.
    Wait(Span),
    /// Not any more, however long one waits.
    Closed,
}

impl Limit {
    /// Counts a try at `now`. A refused try is not counted: waiting out the wait is enough.
    pub fn take(self, tally: Option<Tally>, now: Timestamp) -> (Tally, Verdict) {
        let fresh = Tally { count: 0, since: now, closed_until: now };
        let mut tally = tally.filter(|t| !self.is_over(t, now)).unwrap_or(fresh);
        if now < tally.closed_until {
            let verdict = match self {
                Self::Ceiling { .. } => Verdict::Closed,
                _ => Verdict::Wait(tally.closed_until.since(now)),
            };
            return (tally, verdict);
        }
        tally.count = tally.count.saturating_add(1);
        match self {
            Self::Quota { most, window } => {
                if tally.count >= most {
                    tally.closed_until = tally.since + window;
                }
            }
            Self::Ladder { free, first, longest } => {
                tally.since = now;
                if tally.count >= free {
                    let doublings = (tally.count - free).min(32);
                    let wait = first.as_millis().saturating_mul(1 << doublings);
                    tally.closed_until = now + Span::from_millis(wait).min(longest);
                }
            }
            Self::Ceiling { most } => {
                tally.since = now;
                if tally.count >= most {
                    tally.closed_until = now + CEILING_KEPT;
                }
            }
        }
        (tally, Verdict::Go)
    }

    /// When the tally may be forgotten.
    pub fn over_at(self, tally: &Tally) -> Timestamp {
        match self {
            Self::Quota { window, .. } => tally.since + window,
            Self::Ladder { longest, .. } => {
                tally.since + Span::from_millis(longest.as_millis().saturating_mul(24))
            }
            Self::Ceiling { .. } => tally.since + CEILING_KEPT,
        }
    }

    fn is_over(self, tally: &Tally, now: Timestamp) -> bool {
        now >= self.over_at(tally)
    }
}
