//! Changes as data: what a use case decided, as one value that is written whole or not at all
//! (decision 0002).

use crate::accounts::Account;
use crate::audit::AuditEvent;
use crate::contacts::Contact;
use crate::email_change::EmailChange;
use crate::letters::{Lease, PostedLetter};
use crate::links::Link;
use crate::retention::Past;
use crate::second_factors::Factor;
use crate::sessions::{EndReason, Session};
use crate::throttle::ThrottleKey;
use crate::trusted_devices::TrustedDevice;
use crate::values::{AccountId, EmailKey, LetterId, LinkId, SessionId, Timestamp, TrustedDeviceId};

/// A unit of work. It cannot be made without the audit event that tells it, except for upkeep, which
/// changes nothing that anybody decided.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "changes do nothing until they are committed"]
pub struct Changes {
    /// What is to be written, in this order.
    pub writes: Vec<Write>,
    /// The letters to post.
    pub letters: Vec<PostedLetter>,
    /// The audit entries, in this order.
    pub audit: Vec<AuditEvent>,
}

/// One thing to write. An update is refused as stale unless the stored version is the record's own; the
/// adapter stores the version plus one.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// A new account.
    InsertAccount(Account),
    /// An account as decided.
    UpdateAccount(Account),
    /// An unverified account that gives way to the mailbox's owner, with its sessions and links. Stale when
    /// it has another version.
    RemoveAccount(Account),
    /// A contact, new or not: one row for a key. The first `first_seen_at` stays.
    PutContact(Contact),
    /// The contact of a key gives way: the address is an account's again.
    RemoveContact(EmailKey),
    /// A new session.
    InsertSession(Session),
    /// A session as decided. Stale when it has ended meanwhile.
    UpdateSession(Session),
    /// Writes nothing. Stale unless this session of the account has not ended and is of its epoch when the
    /// commit happens: what ended it in between stands (MN-13). It comes first, before a write that advances
    /// the epoch.
    DemandSession {
        /// Whose.
        account: AccountId,
        /// Which.
        session: SessionId,
    },
    /// Ends one session of this account; no matter if it has ended.
    EndSession {
        /// Whose.
        account: AccountId,
        /// Which.
        session: SessionId,
        /// When.
        at: Timestamp,
        /// Why.
        why: EndReason,
    },
    /// Ends the sessions of an account, all but one if one is named.
    EndSessions {
        /// Whose.
        account: AccountId,
        /// The one that goes on.
        except: Option<SessionId>,
        /// When.
        at: Timestamp,
        /// Why.
        why: EndReason,
    },
    /// A new second factor.
    InsertFactor(Factor),
    /// A second factor as decided.
    UpdateFactor(Factor),
    /// A newly trusted device.
    InsertTrustedDevice(TrustedDevice),
    /// A device of this account is trusted no more; no matter if it was not.
    EndTrust {
        /// Whose.
        account: AccountId,
        /// Which.
        device: TrustedDeviceId,
        /// When.
        at: Timestamp,
    },
    /// A new link.
    InsertLink(Link),
    /// Uses a link up. Stale when it has been used.
    RedeemLink {
        /// Which.
        link: LinkId,
        /// When.
        at: Timestamp,
    },
    /// A new change of address.
    InsertEmailChange(EmailChange),
    /// A change of address as decided.
    UpdateEmailChange(EmailChange),
    /// A letter was taken by the mail server: its sealed content is destroyed. Stale when the lease is
    /// another's.
    LetterSent {
        /// Which, under which lease.
        lease: Lease,
        /// When.
        at: Timestamp,
    },
    /// A letter goes back to the queue until `due_at`.
    LetterDeferred {
        /// Which, under which lease.
        lease: Lease,
        /// When it is tried again.
        due_at: Timestamp,
        /// What the server said.
        error: String,
    },
    /// A letter is given up: it stays, sealed, as a dead letter.
    LetterDead {
        /// Which, under which lease.
        lease: Lease,
        /// When.
        at: Timestamp,
        /// What the server said.
        error: String,
    },
    /// A dead letter is tried again. Stale when it is not dead.
    ReviveLetter {
        /// Which.
        letter: LetterId,
        /// When it is due.
        due_at: Timestamp,
    },
    /// Forgets what is over for long.
    ForgetPast(Past),
    /// The tries that these keys counted led to a success: they are forgotten.
    ForgetTries(Vec<ThrottleKey>),
    /// A session was used; nothing is lost when it has ended meanwhile.
    TouchSession {
        /// Which.
        session: SessionId,
        /// When.
        at: Timestamp,
    },
}

impl Changes {
    /// Changes that `event` tells.
    pub fn told_by(event: AuditEvent) -> Self {
        Self { writes: Vec::new(), letters: Vec::new(), audit: vec![event] }
    }

    /// Upkeep: nothing that somebody decided, so nothing to tell.
    pub(crate) fn upkeep(write: Write) -> Self {
        Self { writes: vec![write], letters: Vec::new(), audit: Vec::new() }
    }

    /// Adds a write.
    pub fn write(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    /// Adds a letter.
    pub fn post(mut self, letter: PostedLetter) -> Self {
        self.letters.push(letter);
        self
    }

    /// Adds letters.
    pub fn post_all(mut self, letters: impl IntoIterator<Item = PostedLetter>) -> Self {
        self.letters.extend(letters);
        self
    }

    /// Adds another event of the same commit.
    pub fn also_told_by(mut self, event: AuditEvent) -> Self {
        self.audit.push(event);
        self
    }
}
