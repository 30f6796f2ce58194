use crate::contacts::RESTING;
use crate::email_change::DISPUTE_WINDOW;
use crate::sessions::SessionPolicy;
use crate::values::{Span, Timestamp};

/// How long something stays after it is over, for questions about it.
const KEPT: Span = Span::days(30);

/// What is over for long enough, by kind. Each instant says: before it, forget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Past {
    /// Sessions, by their end, or by their last use when nobody ended them.
    pub sessions: Timestamp,
    /// Trusted devices, by the end of their thirty days, and enrolments of factors that nobody finished. Factors
    /// that were bound stay for the account's history (63B §4.1).
    pub devices_and_enrolments: Timestamp,
    /// Links, by their expiry, and letters that were sent or given up, by the moment when they were.
    pub links_and_letters: Timestamp,
    /// Changes of address that can neither be confirmed nor disputed any more, by their deadline, and by
    /// their request or confirmation.
    pub email_changes: Timestamp,
    /// Addresses that an account left, by that moment: rested, they are free, and nobody's.
    pub released_contacts: Timestamp,
    /// Passwords that another replaced, all of an account by the last such moment: they prove no dispute any
    /// more (decision 0009).
    pub replaced_passwords: Timestamp,
    /// Accounts whose mailbox nobody proved, by their last registration and their last link.
    pub unproved_accounts: Timestamp,
}

impl Past {
    /// As of `now`.
    pub fn as_of(now: Timestamp, sessions: &SessionPolicy) -> Self {
        Self {
            sessions: now - sessions.absolute - KEPT,
            devices_and_enrolments: now - KEPT,
            links_and_letters: now - KEPT,
            email_changes: now - DISPUTE_WINDOW - KEPT,
            released_contacts: now - RESTING,
            replaced_passwords: now - DISPUTE_WINDOW,
            unproved_accounts: now - KEPT,
        }
    }
}
