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
    /// A second factor was bound or removed (MN-14b).
    FactorsChanged,
    /// The password was reset by mail (MN-20).
    PasswordReset,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::SignedOut,
        Self::EndedElsewhere,
        Self::PasswordChanged,
        Self::MailboxProved,
        Self::EmailChanged,
        Self::Disputed,
        Self::FactorsChanged,
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
            Self::FactorsChanged => "factors_changed",
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
    /// When a second factor was proved last; `None` when none was, because none is asked for or because the
    /// device was trusted.
    pub factor_at: Option<Timestamp>,
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

/// What was proved again in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionProof {
    /// The password.
    Password,
    /// A second factor.
    Factor,
}

/// Proof that what the account is secured by was proved within [`SessionPolicy::fresh`]: a second factor if one
/// is bound, else the password (CS-20). Sensitive acts demand it; only [`Session::fresh_proof`] makes one.
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
            factor_at: None,
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

    /// The proof that sensitive acts demand; `None` when it was given too long ago, or only by the password
    /// where `account` has a second factor (MN-15).
    pub fn fresh_proof(
        &self,
        account: &Account,
        policy: &SessionPolicy,
        now: Timestamp,
    ) -> Option<FreshProof> {
        let by_factor = account.has_second_factor();
        let proved_at = if by_factor { self.0.factor_at } else { Some(self.0.proved_at) };
        let is_fresh = |at| guard!(FreshProof, now.since(at) < policy.fresh);
        proved_at.is_some_and(is_fresh).then_some(FreshProof { account: self.0.account })
    }

    /// The second step was taken when it started.
    pub fn with_second_step(mut self, now: Timestamp) -> Self {
        self.0.factor_at = Some(now);
        self
    }

    /// Something was proved again: the session goes on under the account's epoch with a new secret.
    pub fn renew(
        mut self,
        account: &Account,
        proof: SessionProof,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> (Self, SecretText) {
        let secret = SecretText::issue(PREFIX, entropy);
        self.0.secret = secret.hash();
        self.0.epoch = account.epoch();
        match proof {
            SessionProof::Password => self.0.proved_at = now,
            SessionProof::Factor => self.0.factor_at = Some(now),
        }
        self.0.last_used_at = now;
        (self, secret)
    }
}
