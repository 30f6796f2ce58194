use thiserror::Error;

use crate::links::LinkRefusal;
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::second_factors::FactorRefusal;
use crate::values::Span;

/// Why something with second factors did not go on.
#[derive(Debug, Error)]
pub enum FactorError {
    /// A change of factors needs a code of the factors that are bound (MN-14), and there was none.
    #[error("a code of the second factor is needed")]
    Required,
    /// Not a code that is good now: wrong, used, or of a factor that is not bound. Never which.
    #[error("the code is not correct")]
    WrongCode,
    /// The password must be proved again first.
    #[error("the password was proved too long ago")]
    NotFresh,
    /// The account's mailbox was not proved yet.
    #[error("the account's mailbox was not proved")]
    NotVerified,
    /// Sensitive acts are frozen.
    #[error("sensitive acts are frozen")]
    Frozen {
        /// For how long.
        wait: Span,
    },
    /// The address changed a short time ago: until its dispute is over, no factor is removed (CS-29).
    #[error("the address changed a short time ago")]
    WindowOpen {
        /// How long to wait.
        wait: Span,
    },
    /// The account's first factor is bound with the secret that its mailbox was sent (MN-12).
    #[error("the first factor needs the mailbox")]
    MailboxRequired,
    /// As many apps as an account can have.
    #[error("as many authenticator apps as an account can have")]
    TooMany,
    /// The account has no such factor.
    #[error("no such factor")]
    Unknown,
    /// The enrolment is over.
    #[error("the enrolment is over")]
    EnrolmentOver,
    /// The link of the letter opens nothing.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// Too often.
    #[error("too often")]
    TooOften {
        /// How long to wait.
        wait: Span,
    },
    /// The session ended meanwhile.
    #[error("the session is over")]
    SessionOver,
    /// A part failed.
    #[error(transparent)]
    Outage(#[from] Outage),
}

impl FactorError {
    pub(super) const fn is_contended(&self) -> bool {
        matches!(self, Self::Outage(Outage::Contended))
    }
}

impl From<FactorRefusal> for FactorError {
    fn from(refusal: FactorRefusal) -> Self {
        match refusal {
            FactorRefusal::EnrolmentOver => Self::EnrolmentOver,
            FactorRefusal::NotBound => Self::WrongCode,
            FactorRefusal::MailboxRequired => Self::MailboxRequired,
            FactorRefusal::Link(link) => Self::Link(link),
        }
    }
}

impl Refusal for FactorError {
    fn reason(&self) -> Reason {
        match self {
            Self::Required
            | Self::WrongCode
            | Self::NotFresh
            | Self::NotVerified
            | Self::MailboxRequired
            | Self::Frozen { .. } => Reason::Forbidden,
            Self::WindowOpen { .. } | Self::TooMany => Reason::Conflict,
            Self::Unknown => Reason::NotFound,
            Self::EnrolmentOver => Reason::Gone,
            Self::Link(link) => link.reason(),
            Self::TooOften { .. } => Reason::TooMany,
            Self::SessionOver => Reason::Unauthenticated,
            Self::Outage(outage) => outage.reason(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Required => "second_factor_required",
            Self::WrongCode => "wrong_code",
            Self::NotFresh => "reauthentication_required",
            Self::NotVerified => "current_email_not_verified",
            Self::Frozen { .. } => "account_frozen",
            Self::WindowOpen { .. } => "email_change_window",
            Self::MailboxRequired => "mailbox_proof_required",
            Self::TooMany => "too_many_factors",
            Self::Unknown => "not_found",
            Self::EnrolmentOver => "enrolment_over",
            Self::Link(link) => link.code(),
            Self::TooOften { .. } => "too_many_requests",
            Self::SessionOver => "unauthenticated",
            Self::Outage(outage) => outage.code(),
        }
    }
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Required | Self::WrongCode => Some("code"),
            Self::MailboxRequired => Some("token"),
            Self::Link(link) => link.field(),
            _ => None,
        }
    }
    fn retry_after(&self) -> Option<Span> {
        match self {
            Self::Frozen { wait } | Self::WindowOpen { wait } | Self::TooOften { wait } => {
                Some(*wait)
            }
            Self::Outage(outage) => outage.retry_after(),
            _ => None,
        }
    }
    fn next_actions(&self) -> &'static [NextAction] {
        match self {
            Self::Required => &[NextAction::ProveSecondFactor],
            Self::NotFresh => &[NextAction::Reauthenticate],
            Self::NotVerified => &[NextAction::ResendVerification],
            Self::Frozen { .. } | Self::WindowOpen { .. } => {
                &[NextAction::Wait, NextAction::ContactShop]
            }
            Self::MailboxRequired => &[NextAction::CheckMailbox],
            Self::EnrolmentOver | Self::Link(_) => &[NextAction::EnrolAgain],
            Self::TooOften { .. } => &[NextAction::Wait],
            Self::SessionOver => &[NextAction::SignIn],
            Self::Outage(outage) => outage.next_actions(),
            Self::WrongCode | Self::TooMany | Self::Unknown => &[],
        }
    }
}
