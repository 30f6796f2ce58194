use thiserror::Error;

use crate::accounts::{Account, SecurityEpoch};
use crate::guards::guard;
use crate::ports::Entropy;
use crate::values::{AccountId, SecretHash, SecretText, SessionId, Source, Span, Timestamp, mint};

/// The prefix of session secrets.
pub(crate) const PREFIX: &str = "ses";

/// Limits of sessions, kept on the server (63B §5, ASVS V7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionPolicy {
    /// From sign-in to the end, whatever happens. 30 days.
    pub absolute: Span,
    /// Without a request. 7 days.
    pub idle: Span,
    /// How long a proof of the password is fresh enough for a sensitive act. 5 minutes (CS-20).
    pub fresh: Span,
    /// How stale the time of last use may be on disk, so that not every request writes. 1 minute.
    pub touch_every: Span,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            absolute: Span::days(30),
            idle: Span::days(7),
            fresh: Span::minutes(5),
            touch_every: Span::minutes(1),
        }
    }
}

/// How the secret travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// In a cookie, for browsers; unsafe methods need the CSRF value too.
    Cookie,
    /// In `Authorization: Bearer`, for programs.
    Bearer,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// Its customer signed out.
    SignedOut,
    /// Its customer ended it from another session.
    EndedElsewhere,
    /// The password changed.
    PasswordChanged,
    /// The mailbox was proved for the first time (MN-2), or the account registered again.
    MailboxProved,
    /// The address in force changed (CS-27).
    EmailChanged,
    /// "This was not me."
    Disputed,
    /// The password was reset by mail (MN-20).
    PasswordReset,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::SignedOut,
        Self::EndedElsewhere,
        Self::PasswordChanged,
        Self::MailboxProved,
        Self::EmailChanged,
        Self::Disputed,
        Self::PasswordReset,
    ];
    /// The stable text form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::EndedElsewhere => "ended_elsewhere",
            Self::PasswordChanged => "password_changed",
            Self::MailboxProved => "mailbox_proved",
            Self::EmailChanged => "email_changed",
            Self::Disputed => "disputed",
            Self::PasswordReset => "password_reset",
        }
    }
}

/// The end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Ended {
    pub at: Timestamp,
    pub why: EndReason,
}

/// All that is stored of a session; the secret itself is not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct SessionRecord {
    pub id: SessionId,
    pub account: AccountId,
    pub secret: SecretHash,
    pub epoch: SecurityEpoch,
    pub carrier: Carrier,
    /// "Firefox on Linux": words, not the raw header.
    pub device: String,
    /// The network of the sign-in.
    pub source: String,
    pub started_at: Timestamp,
    pub last_used_at: Timestamp,
    /// When the password was proved last.
    pub proved_at: Timestamp,
    pub ended: Option<Ended>,
    pub version: crate::accounts::Version,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session(SessionRecord);

/// The session is over, for whatever reason: the answer is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the session is over")]
pub struct SessionOver;

/// Proof that the account's password was proved within [`SessionPolicy::fresh`]. Sensitive acts demand it;
/// only [`Session::fresh_proof`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct FreshProof {
    account: AccountId,
}

impl FreshProof {
    /// Whose.
    pub const fn account(self) -> AccountId {
        self.account
    }
}

impl Session {
    /// Starts a session: the password was proved now. The secret is handed out once, here.
    pub fn start(
        account: &Account,
        carrier: Carrier,
        device: String,
        source: Source,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> (Self, SecretText) {
        let secret = SecretText::issue(PREFIX, entropy);
        let session = Self(SessionRecord {
            id: mint(entropy, now),
            account: account.id(),
            secret: secret.hash(),
            epoch: account.epoch(),
            carrier,
            device,
            source: source.to_string(),
            started_at: now,
            last_used_at: now,
            proved_at: now,
            ended: None,
            version: crate::accounts::Version::FIRST,
        });
        (session, secret)
    }

    /// For adapters that read back what was stored.
    pub const fn from_record(record: SessionRecord) -> Self {
        Self(record)
    }
    /// All that is stored.
    pub const fn record(&self) -> &SessionRecord {
        &self.0
    }
    /// The id.
    pub const fn id(&self) -> SessionId {
        self.0.id
    }
    /// When it ends at the latest, if nobody uses it.
    pub fn expires_at(&self, policy: &SessionPolicy) -> Timestamp {
        (self.0.started_at + policy.absolute).min(self.0.last_used_at + policy.idle)
    }

    /// Whether it is good for `account` at `now`. Every reason to refuse is the same answer.
    pub fn check(
        &self,
        account: &Account,
        policy: &SessionPolicy,
        now: Timestamp,
    ) -> Result<(), SessionOver> {
        let good = self.0.account == account.id()
            && guard!(SessionNotEnded, self.0.ended.is_none())
            && guard!(SessionEpoch, self.0.epoch == account.epoch())
            && guard!(SessionLimits, now < self.expires_at(policy));
        good.then_some(()).ok_or(SessionOver)
    }

    /// Whether the time of last use on disk is stale enough to write it.
    pub fn wants_touch(&self, policy: &SessionPolicy, now: Timestamp) -> bool {
        now.since(self.0.last_used_at) >= policy.touch_every
    }

    /// The proof that sensitive acts demand; `None` when the password was proved too long ago.
    pub fn fresh_proof(&self, policy: &SessionPolicy, now: Timestamp) -> Option<FreshProof> {
        guard!(FreshProof, now.since(self.0.proved_at) < policy.fresh)
            .then_some(FreshProof { account: self.0.account })
    }

    /// The password was proved again: the session goes on under the account's epoch with a new secret.
    pub fn renew(
        mut self,
        account: &Account,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> (Self, SecretText) {
        let secret = SecretText::issue(PREFIX, entropy);
        self.0.secret = secret.hash();
        self.0.epoch = account.epoch();
        self.0.proved_at = now;
        self.0.last_used_at = now;
        (self, secret)
    }
}
