//! Every door to the outside, and [`Ports`], the bundle that a service is made of.
//!
//! Repositories read, each beside its feature. [`UnitOfWork`] is the one port that writes.

use std::sync::Arc;

use async_trait::async_trait;
use thiserror::Error;

use crate::accounts::AccountRepository;
use crate::audit::AuditRepository;
use crate::changes::Changes;
use crate::contacts::ContactRepository;
use crate::email_change::EmailChangeRepository;
use crate::idempotency::IdempotencyRepository;
use crate::letters::{Letter, LetterRepository};
use crate::links::LinkRepository;
use crate::one_time_codes::{Step, TotpKey};
use crate::reason::Outage;
use crate::second_factors::SecondFactorRepository;
use crate::sessions::SessionRepository;
use crate::throttle::Throttle;
use crate::trusted_devices::TrustedDeviceRepository;
use crate::values::{PasswordHash, Sealed, Timestamp, TypedPassword};

/// The wall clock, to the millisecond.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
pub trait Clock: Send + Sync {
    /// The instant now.
    fn now(&self) -> Timestamp;
}

/// Random bytes that nobody can guess, from the operating system. An adapter that cannot give them ends the
/// process: there is nothing safe to go on with.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
pub trait Entropy: Send + Sync {
    /// Fills all of `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// What a comparison of passwords found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordMatch {
    /// Another password, or none to compare with.
    No,
    /// The same password.
    Yes,
    /// The same password, kept with parameters weaker than today's: hash it again (63B §3.1.1.2).
    YesButOutdated,
}

/// Password hashing: slow on purpose, off the async threads, behind a queue with an end.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes with today's parameters and a new salt. [`Outage::Overloaded`] when the queue is full.
    async fn hash(&self, password: &TypedPassword) -> Result<PasswordHash, Outage>;

    /// Compares with `against`. With `None` (no account, or one without a password) it does the same work
    /// against a password that nobody has, and says [`PasswordMatch::No`] (CS-42).
    async fn verify<'a>(
        &self,
        password: &TypedPassword,
        against: Option<&'a PasswordHash>,
    ) -> Result<PasswordMatch, Outage>;
}

/// The passwords that thieves try first (63B §3.1.1.2, ASVS V6.2.4 and V6.2.12).
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
pub trait Blocklist: Send + Sync {
    /// Whether the whole password stands in the list. False alarms are allowed, one in a million at most.
    fn contains(&self, password: &str) -> bool;
}

/// Sealing under the deployment's data key.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
pub trait Vault: Send + Sync {
    /// Seals `plain`; it opens only under the same `context`, so that a sealed thing cannot be moved to
    /// another place.
    fn seal(&self, context: &str, plain: &[u8]) -> Sealed;

    /// Opens what [`Vault::seal`] made. An error when it was altered, moved or sealed under another key.
    fn open(&self, context: &str, sealed: &Sealed) -> Result<Vec<u8>, Outage>;

    /// A keyed hash: equal for equal data under one key, and of no use to somebody who has the database
    /// alone. For keys of limits and for fingerprints of requests.
    fn fingerprint(&self, context: &str, data: &[u8]) -> [u8; 32];
}

/// One-time codes of an authenticator app: RFC 6238 with SHA-1, six digits and thirty seconds, because that is
/// what every app understands.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
pub trait OneTimeCodes: Send + Sync {
    /// The six digits of a step.
    fn code(&self, key: &TotpKey, step: Step) -> String;

    /// The `otpauth://` address that an app reads from a picture: whose code it is and where.
    fn uri(&self, key: &TotpKey, issuer: &str, label: &str) -> String;
}

/// What is known about a domain's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailDomain {
    /// It says that it takes mail, or we could not find out: a slow resolver blocks nobody.
    MayAccept,
    /// It does not exist, has neither MX nor address, or says that it takes none (RFC 7505).
    Refuses,
}

/// Looks up whether a domain takes mail.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait MailDomains: Send + Sync {
    /// Asks about a lower-case A-label domain. Never longer than two seconds.
    async fn look_up(&self, domain: &str) -> MailDomain;
}

/// Why a letter was not sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MailFailure {
    /// Refused, timed out, 4xx: worth another try.
    #[error("not now: {0}")]
    Transient(String),
    /// The receiver's server refused this mailbox for good: 5xx at RCPT.
    #[error("no such mailbox: {0}")]
    Undeliverable(String),
    /// Another permanent refusal: of the sender, of the content, of our credentials.
    #[error("refused: {0}")]
    Permanent(String),
}

/// Renders a letter and gives it to a mail server (or to the development inbox).
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends; `Ok` once the server has taken it. Sending the same letter again sends the same bytes with
    /// the same Message-ID. The texts of failures hold no secret and no address.
    async fn send(&self, letter: &Letter) -> Result<(), MailFailure>;
}

/// A uniqueness that the records keep, in every interleaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unique {
    /// One living account for an e-mail key.
    EmailKey,
    /// One pending change of address for an account.
    PendingEmailChange,
    /// Any other: ids and hashes of secrets.
    Other,
}

/// Why a commit wrote nothing.
#[derive(Debug, Error)]
pub enum CommitError {
    /// A record has another version than the one decided on, or a single-use thing is used.
    #[error("decided on records that have changed since")]
    Stale,
    /// Something unique is taken.
    #[error("{0:?} is taken")]
    Taken(Unique),
    /// The database failed; nothing was written.
    #[error(transparent)]
    Outage(#[from] Outage),
}

/// The one port that writes (decision 0002).
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait UnitOfWork: Send + Sync {
    /// Writes all of `changes` or none, in one transaction, with the audit entries chained to the last.
    async fn commit(&self, changes: Changes) -> Result<(), CommitError>;
}

/// Everything that the use cases need from outside.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its name")]
pub struct Ports {
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub passwords: Arc<dyn PasswordHasher>,
    pub blocklist: Arc<dyn Blocklist>,
    pub vault: Arc<dyn Vault>,
    pub one_time_codes: Arc<dyn OneTimeCodes>,
    pub mail_domains: Arc<dyn MailDomains>,
    pub mailer: Arc<dyn Mailer>,
    pub throttle: Arc<dyn Throttle>,
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub accounts: Arc<dyn AccountRepository>,
    pub contacts: Arc<dyn ContactRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub second_factors: Arc<dyn SecondFactorRepository>,
    pub trusted_devices: Arc<dyn TrustedDeviceRepository>,
    pub links: Arc<dyn LinkRepository>,
    pub email_changes: Arc<dyn EmailChangeRepository>,
    pub letters: Arc<dyn LetterRepository>,
    pub audit: Arc<dyn AuditRepository>,
    pub idempotency: Arc<dyn IdempotencyRepository>,
}

impl Ports {
    /// Commits. Stale versions and taken uniqueness both mean: read and decide again.
    pub(crate) async fn commit(&self, changes: Changes) -> Result<(), Outage> {
        match self.unit_of_work.commit(changes).await {
            Ok(()) => Ok(()),
            Err(CommitError::Stale | CommitError::Taken(_)) => Err(Outage::Contended),
            Err(CommitError::Outage(outage)) => Err(outage),
        }
    }
}

/// Decides again while others got in between, three times at most. `$attempt` is evaluated anew each time.
macro_rules! decide_again {
    ($attempt:expr) => {{
        let mut tries_left = 3;
        loop {
            tries_left -= 1;
            match $attempt.await {
                Err(error) if tries_left > 0 && error.is_contended() => {}
                done => break done,
            }
        }
    }};
}
pub(crate) use decide_again;
