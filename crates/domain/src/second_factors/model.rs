mod backup_codes;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub(super) use backup_codes::COUNT;
pub use backup_codes::{BackupCode, BackupCodeText};

use crate::accounts::{Account, SecurityEpoch, VerifiedAccount, Version};
use crate::links::{Link, LinkPurpose, LinkRefusal};
use crate::one_time_codes::Step;
use crate::ports::Entropy;
use crate::values::{AccountId, FactorId, Sealed, Span, Timestamp};

/// How long an enrolment may take.
pub(super) const ENROLMENT: Span = Span::hours(1);
/// Authenticator apps of one account.
pub(super) const MOST: usize = 5;

/// What kind of factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// An authenticator app: a code that changes every thirty seconds.
    Totp,
    /// Ten codes on paper. They stand in for another factor, and are none by themselves.
    BackupCodes,
}

impl FactorKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Totp, Self::BackupCodes];
    /// The stable text form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::BackupCodes => "backup_codes",
        }
    }
}

/// What is kept to recognize a factor by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FactorSecret {
    /// An app's key, sealed for this factor, and the step of the last code that was accepted.
    Totp {
        /// The key.
        key: Sealed,
        /// Codes of this step and before it are used up.
        last: Option<Step>,
    },
    /// The codes of a set, by their numbers.
    BackupCodes(Vec<BackupCode>),
    /// Nothing any more: the factor has ended. It was of this kind.
    Destroyed(FactorKind),
}

/// Why a factor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactorEnd {
    /// Its customer removed it.
    Removed,
    /// A newer one took its place: backup codes, an enrolment that was begun again.
    Replaced,
    /// It was bound after a change of address that its owner disputed.
    Disputed,
}

impl FactorEnd {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Removed, Self::Replaced, Self::Disputed];
    /// The stable text form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Replaced => "replaced",
            Self::Disputed => "disputed",
        }
    }
}

/// Where a factor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactorState {
    /// The key was shown; no code of it has come back yet.
    Begun {
        /// Until when one may.
        until: Timestamp,
    },
    /// It is asked for.
    Bound {
        /// Since when.
        at: Timestamp,
    },
    /// It is asked for no more; its secret is destroyed.
    Ended {
        /// Since when.
        at: Timestamp,
        /// Why.
        why: FactorEnd,
    },
}

/// All that is stored of a factor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct FactorRecord {
    pub id: FactorId,
    pub account: AccountId,
    pub secret: FactorSecret,
    pub state: FactorState,
    /// Of the account when it was begun: an enrolment dies with it.
    pub epoch: SecurityEpoch,
    pub begun_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub version: Version,
}

/// A second factor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Factor(FactorRecord);

/// Why a factor cannot be bound or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FactorRefusal {
    /// The enrolment is over: too late, begun again, or something changed how the account is secured.
    #[error("the enrolment is over")]
    EnrolmentOver,
    /// Not one that is asked for.
    #[error("the factor is not bound")]
    NotBound,
    /// The account's first factor needs its mailbox.
    #[error("the first factor needs the mailbox")]
    MailboxRequired,
    /// The link of the mailbox opens nothing.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
}

impl Factor {
    /// An app's key is shown to the owner of a verified account (MN-1).
    pub fn begin_totp(
        owner: VerifiedAccount<'_>,
        id: FactorId,
        key: Sealed,
        now: Timestamp,
    ) -> Self {
        Self(FactorRecord {
            id,
            account: owner.account().id(),
            secret: FactorSecret::Totp { key, last: None },
            state: FactorState::Begun { until: now + ENROLMENT },
            epoch: owner.account().epoch(),
            begun_at: now,
            last_used_at: None,
            version: Version::FIRST,
        })
    }

    /// A set of backup codes, beside a factor of `account`.
    pub fn issue_backup_codes(
        account: &Account,
        codes: Vec<BackupCode>,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Self {
        Self(FactorRecord {
            id: crate::values::mint(entropy, now),
            account: account.id(),
            secret: FactorSecret::BackupCodes(codes),
            state: FactorState::Bound { at: now },
            epoch: account.epoch(),
            begun_at: now,
            last_used_at: None,
            version: Version::FIRST,
        })
    }

    /// For adapters that read back what was stored.
    pub const fn from_record(record: FactorRecord) -> Self {
        Self(record)
    }
    /// All that is stored.
    pub const fn record(&self) -> &FactorRecord {
        &self.0
    }
    /// The id.
    pub const fn id(&self) -> FactorId {
        self.0.id
    }
    /// What kind it is, or was.
    pub const fn kind(&self) -> FactorKind {
        match self.0.secret {
            FactorSecret::Totp { .. } | FactorSecret::Destroyed(FactorKind::Totp) => {
                FactorKind::Totp
            }
            FactorSecret::BackupCodes(_) | FactorSecret::Destroyed(FactorKind::BackupCodes) => {
                FactorKind::BackupCodes
            }
        }
    }
    /// Since when it is asked for; `None` when it is not.
    pub const fn bound_at(&self) -> Option<Timestamp> {
        match self.0.state {
            FactorState::Bound { at } => Some(at),
            FactorState::Begun { .. } | FactorState::Ended { .. } => None,
        }
    }
    /// Whether it makes an account one with a second factor: backup codes alone do not.
    pub fn is_bound_factor(&self) -> bool {
        self.bound_at().is_some() && self.kind() != FactorKind::BackupCodes
    }
    /// How many backup codes are left; `None` for another kind.
    pub fn codes_left(&self) -> Option<usize> {
        match &self.0.secret {
            FactorSecret::BackupCodes(codes) => {
                Some(codes.iter().filter(|code| code.used_at.is_none()).count())
            }
            FactorSecret::Totp { .. } | FactorSecret::Destroyed(_) => None,
        }
    }

    /// Whether the enrolment can go on.
    pub fn enrolling(&self, account: &Account, now: Timestamp) -> Result<(), FactorRefusal> {
        let FactorState::Begun { until } = self.0.state else {
            return Err(FactorRefusal::EnrolmentOver);
        };
        let open = self.0.account == account.id() && now < until && self.0.epoch == account.epoch();
        open.then_some(()).ok_or(FactorRefusal::EnrolmentOver)
    }

    /// A code of the key came back, of `step`: the factor is bound. The account's first needs its mailbox too,
    /// by the link in a letter (MN-12).
    pub fn bind(
        mut self,
        account: &Account,
        step: Step,
        mailbox: Option<&Link>,
        now: Timestamp,
    ) -> Result<Self, FactorRefusal> {
        self.enrolling(account, now)?;
        if !account.has_second_factor() {
            let link = mailbox.ok_or(FactorRefusal::MailboxRequired)?;
            link.check(LinkPurpose::BindFactor, account, now)?;
        }
        if let FactorSecret::Totp { last, .. } = &mut self.0.secret {
            *last = Some(step);
        }
        self.0.state = FactorState::Bound { at: now };
        self.0.last_used_at = Some(now);
        Ok(self)
    }

    /// The code of `step` was accepted: it is used up, and all before it.
    pub fn use_step(mut self, step: Step, now: Timestamp) -> Result<Self, FactorRefusal> {
        let FactorSecret::Totp { last, .. } = &mut self.0.secret else {
            return Err(FactorRefusal::NotBound);
        };
        *last = Some(step);
        self.0.last_used_at = Some(now);
        self.bound()
    }

    /// The backup code of this number was accepted: it is used up.
    pub fn use_backup_code(mut self, number: usize, now: Timestamp) -> Result<Self, FactorRefusal> {
        let FactorSecret::BackupCodes(codes) = &mut self.0.secret else {
            return Err(FactorRefusal::NotBound);
        };
        let code = codes.get_mut(number).ok_or(FactorRefusal::NotBound)?;
        if code.used_at.is_some() {
            return Err(FactorRefusal::NotBound);
        }
        code.used_at = Some(now);
        self.0.last_used_at = Some(now);
        self.bound()
    }

    fn bound(self) -> Result<Self, FactorRefusal> {
        match self.0.state {
            FactorState::Bound { .. } => Ok(self),
            FactorState::Begun { .. } | FactorState::Ended { .. } => Err(FactorRefusal::NotBound),
        }
    }

    /// It is asked for no more, and nothing is kept to recognize it by.
    pub fn end(mut self, why: FactorEnd, now: Timestamp) -> Self {
        self.0.secret = FactorSecret::Destroyed(self.kind());
        self.0.state = FactorState::Ended { at: now, why };
        self
    }
}
