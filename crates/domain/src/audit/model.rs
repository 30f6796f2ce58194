use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::values::{AccountId, AuditId, Timestamp};

/// The hash before the first entry.
pub const GENESIS: [u8; 32] = [0; 32];

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Nobody that we know: a request without session.
    Anonymous,
    /// A customer, by account.
    Customer(AccountId),
    /// A job of the server.
    System,
    /// Somebody at the command line.
    Operator,
}

impl fmt::Display for Actor {
    /// The stable text form: `anonymous`, `customer:acc_…`, `system`, `operator`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Customer(account) => write!(f, "customer:{account}"),
            Self::System => f.write_str("system"),
            Self::Operator => f.write_str("operator"),
        }
    }
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What was done. The text form is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Act {
            $($(#[$doc])* $name,)*
        }
        impl Act {
            /// Every act.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// The stable text form.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

acts! {
    /// An account was registered.
    AccountRegistered = "account.registered",
    /// An unverified account was registered again.
    AccountRestarted = "account.restarted",
    /// Somebody tried to register the address of a verified account, or one that rests.
    RegistrationRefused = "account.registration_refused",
    /// The verification letter was asked for again.
    VerificationResent = "account.verification_resent",
    /// The mailbox was proved for the first time.
    MailboxProved = "account.mailbox_proved",
    /// An unverified account gave way to the mailbox's owner.
    AccountDisplaced = "account.displaced",
    /// A session was started with the right password.
    SignedIn = "session.started",
    /// A sign-in was refused.
    SignInRefused = "session.refused",
    /// The password was proved again in a session.
    Reauthenticated = "session.reauthenticated",
    /// A proof of the password in a session, or with a link, was refused.
    ProofRefused = "session.proof_refused",
    /// A session was ended by its own customer.
    SignedOut = "session.signed_out",
    /// A session was ended from another.
    SessionEnded = "session.ended",
    /// All other sessions were ended.
    OtherSessionsEnded = "session.others_ended",
    /// The password changed.
    PasswordChanged = "account.password_changed",
    /// Somebody asked to have the password of the account of some address reset. Nothing was looked up.
    PasswordResetAsked = "password_reset.asked",
    /// A link that resets the password was issued to the mailbox in force.
    PasswordResetIssued = "password_reset.issued",
    /// The password was reset by mail.
    PasswordReset = "password_reset.completed",
    /// Somebody asked whether some address has an account. Nothing was looked up.
    ReminderAsked = "account.reminder_asked",
    /// The mailbox of an account was told that it has one.
    AccountReminded = "account.reminded",
    /// An address that the shop knows was told that it has no account.
    AbsenceTold = "account.absence_told",
    /// The verification link of an unverified account was issued again.
    VerificationIssued = "account.verification_issued",
    /// Its customer looked through what secures the account.
    SecurityChecked = "account.security_checked",
    /// The name or the language changed.
    ProfileChanged = "account.profile_changed",
    /// A change of address was requested.
    EmailChangeRequested = "email_change.requested",
    /// A change of address was refused because of the target.
    EmailChangeRefused = "email_change.refused",
    /// The letter to the new mailbox was asked for again.
    EmailChangeResent = "email_change.resent",
    /// The old mailbox agreed to a pending change.
    EmailChangeApproved = "email_change.approved",
    /// A pending change was cancelled.
    EmailChangeCancelled = "email_change.cancelled",
    /// The new address is in force.
    EmailChangeConfirmed = "email_change.confirmed",
    /// The new mailbox refused the letter.
    EmailChangeUndeliverable = "email_change.undeliverable",
    /// The old mailbox said "this was not me".
    EmailChangeDisputed = "email_change.disputed",
    /// The old address was restored.
    EmailChangeReverted = "email_change.reverted",
    /// An authenticator app was begun with.
    FactorBegun = "second_factor.begun",
    /// A second factor was bound.
    FactorBound = "second_factor.bound",
    /// A second factor was removed.
    FactorRemoved = "second_factor.removed",
    /// A code was refused.
    FactorRefused = "second_factor.refused",
    /// Backup codes were issued anew.
    BackupCodesRenewed = "second_factor.backup_codes_renewed",
    /// The password was right: a second step is asked for.
    SecondStepAsked = "sign_in.second_step_asked",
    /// A device skips the second step from now on.
    DeviceTrusted = "trusted_device.trusted",
    /// A device is asked for the second step again.
    TrustEnded = "trusted_device.ended",
    /// What was over for long was forgotten.
    PastForgotten = "retention.past_forgotten",
    /// A letter was given up.
    LetterDied = "letter.died",
    /// A dead letter was put back into the queue.
    LetterRevived = "letter.revived",
}

/// What is to be told of one act.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct AuditEvent {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor: Actor,
    pub act: Act,
    /// The account that it happened to.
    pub account: Option<AccountId>,
    /// A keyed tag of the network: equal for equal networks, meaningless without the data key.
    pub source: String,
    /// The request that caused it, for finding its log lines.
    pub request: String,
    /// Ids and codes; never an address, a name or a secret.
    pub details: BTreeMap<&'static str, String>,
}

impl AuditEvent {
    /// Adds a detail.
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.details.insert(key, value.to_string());
        self
    }
}

/// An event in its place in the chain, as stored: texts, so that what was hashed can be read back whatever
/// this version knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in AuditEvent; the others have a line")]
pub struct Entry {
    /// 1, 2, 3, … without gaps.
    pub seq: i64,
    pub id: AuditId,
    pub at: Timestamp,
    pub actor: String,
    pub act: String,
    pub account: Option<AccountId>,
    pub source: String,
    pub request: String,
    pub details: BTreeMap<String, String>,
    /// The hash of the entry before.
    pub previous: [u8; 32],
    /// Of this entry: over everything above.
    pub hash: [u8; 32],
}

impl Entry {
    /// Gives `event` its place after the entry with `previous` as its hash and `seq - 1` as its number.
    pub fn chain(event: AuditEvent, seq: i64, previous: [u8; 32]) -> Self {
        let mut entry = Self {
            seq,
            id: event.id,
            at: event.at,
            actor: event.actor.to_string(),
            act: event.act.as_str().to_owned(),
            account: event.account,
            source: event.source,
            request: event.request,
            details: event.details.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
            previous,
            hash: GENESIS,
        };
        entry.hash = entry.computed_hash();
        entry
    }

    /// SHA-256 over every field, each preceded by its length, so that no two entries give the same bytes.
    pub fn computed_hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hasher.update((bytes.len() as u64).to_be_bytes());
            hasher.update(bytes);
        };
        field(b"rightful audit v1");
        field(&self.seq.to_be_bytes());
        field(self.id.as_uuid().as_bytes());
        field(&self.at.as_millis().to_be_bytes());
        field(self.actor.as_bytes());
        field(self.act.as_bytes());
        field(self.account.map(|account| account.to_string()).unwrap_or_default().as_bytes());
        field(self.source.as_bytes());
        field(self.request.as_bytes());
        for (key, value) in &self.details {
            field(key.as_bytes());
            field(value.as_bytes());
        }
        field(&self.previous);
        hasher.finalize().into()
    }
}

/// The end of the chain at some moment: kept elsewhere, it shows a later truncation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Checkpoint {
    pub seq: i64,
    pub hash: [u8; 32],
}

/// Where the chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ChainFault {
    /// The numbers are not 1, 2, 3, …: an entry was removed, added or moved.
    #[error("entry {expected} is missing; {found} stands in its place")]
    Gap {
        /// The number that should come.
        expected: i64,
        /// The number that came.
        found: i64,
    },
    /// An entry does not follow from the one before.
    #[error("entry {seq} does not follow from the entry before it")]
    Unchained {
        /// Which.
        seq: i64,
    },
    /// An entry's content is not what was hashed.
    #[error("entry {seq} was altered")]
    Altered {
        /// Which.
        seq: i64,
    },
    /// The chain ends before the checkpoint, or has another entry there.
    #[error("the checkpoint at entry {seq} is not in the chain: it was cut or rewritten")]
    Checkpoint {
        /// Which.
        seq: i64,
    },
}

/// Follows a chain entry by entry.
#[derive(Clone, Debug)]
pub struct Verifier {
    head: Checkpoint,
    wanted: Option<Checkpoint>,
}

impl Verifier {
    /// From the beginning; `wanted` is a checkpoint kept elsewhere.
    pub const fn new(wanted: Option<Checkpoint>) -> Self {
        Self { head: Checkpoint { seq: 0, hash: GENESIS }, wanted }
    }

    /// Takes the next entry.
    pub fn follow(&mut self, entry: &Entry) -> Result<(), ChainFault> {
        let seq = self.head.seq + 1;
        if entry.seq != seq {
            return Err(ChainFault::Gap { expected: seq, found: entry.seq });
        }
        if entry.previous != self.head.hash {
            return Err(ChainFault::Unchained { seq });
        }
        if entry.hash != entry.computed_hash() {
            return Err(ChainFault::Altered { seq });
        }
        self.head = Checkpoint { seq, hash: entry.hash };
        match self.wanted {
            Some(wanted) if wanted.seq == seq && wanted.hash != entry.hash => {
                Err(ChainFault::Checkpoint { seq })
            }
            _ => Ok(()),
        }
    }

    /// The end of the chain, which is good up to here.
    pub fn finish(self) -> Result<Checkpoint, ChainFault> {
        match self.wanted {
            Some(wanted) if wanted.seq > self.head.seq => {
                Err(ChainFault::Checkpoint { seq: wanted.seq })
            }
            _ => Ok(self.head),
        }
    }
}
