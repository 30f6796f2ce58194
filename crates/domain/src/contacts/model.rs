use crate::accounts::Account;
use crate::guards::guard;
use crate::values::{AccountId, EmailAddress, Span, Timestamp};

/// How long an address that an account has left can be nobody else's: longer than the seven days in
/// which the change can be disputed, so that restoring never meets a new owner.
pub(crate) const RESTING: Span = Span::days(30);

/// Where an address was heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContactSource {
    /// An order without an account.
    Order,
    /// A newsletter.
    Newsletter,
    /// A donation.
    Donation,
    /// A form.
    Form,
    /// An import.
    Import,
    /// An account had it in force and changed to another.
    Released {
        /// Which account.
        by: AccountId,
        /// When.
        at: Timestamp,
    },
}

/// All that is stored of a contact; its key is unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct ContactRecord {
    pub email: EmailAddress,
    pub source: ContactSource,
    pub first_seen_at: Timestamp,
    pub last_seen_at: Timestamp,
}

/// An address that the shop has heard of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Contact(ContactRecord);

impl Contact {
    /// An address, heard of now.
    pub fn heard_of(email: EmailAddress, source: ContactSource, now: Timestamp) -> Self {
        Self(ContactRecord { email, source, first_seen_at: now, last_seen_at: now })
    }
    /// The address that `account` leaves now.
    pub fn released(account: &Account, now: Timestamp) -> Self {
        let source = ContactSource::Released { by: account.id(), at: now };
        Self::heard_of(account.email().clone(), source, now)
    }
    /// For adapters that read back what was stored.
    pub const fn from_record(record: ContactRecord) -> Self {
        Self(record)
    }
    /// All that is stored.
    pub const fn record(&self) -> &ContactRecord {
        &self.0
    }
    /// Until when the address rests after an account left it; `None` when it never belonged to one, or has
    /// rested.
    pub fn resting_until(&self, now: Timestamp) -> Option<Timestamp> {
        match self.0.source {
            ContactSource::Released { at, .. } => Some(at + RESTING).filter(|until| now < *until),
            _ => None,
        }
    }
}

/// What an address is, as the target of a change by one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nobody's, or this account's own of earlier.
    Free,
    /// Another account has proved it.
    InUseByAccount,
    /// The shop knows it, without an account.
    KnownContact,
}

/// Judges an address as the new address of `mover`. `holder` is the account
/// that has it in force, `contact` what the directory says.
///
/// An *unverified* account on it holds nothing: whoever proves the mailbox displaces it (MN-7).
pub fn judge_target(
    mover: AccountId,
    holder: Option<&Account>,
    contact: Option<&Contact>,
    now: Timestamp,
) -> Target {
    if holder.is_some_and(|other| other.is_verified() && other.id() != mover) && guard!(TargetFree)
    {
        return Target::InUseByAccount;
    }
    match contact.map(|contact| contact.record().source) {
        None => Target::Free,
        Some(ContactSource::Released { by, .. }) if by == mover => Target::Free,
        // Rested: free again, with no link to who had it before.
        Some(ContactSource::Released { at, .. }) if now >= at + RESTING => Target::Free,
        Some(_) => Target::KnownContact,
    }
}
