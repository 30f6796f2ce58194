//! Why something was refused, in words that know no transport. HTTP maps a [`Reason`] to a status once.

use std::error::Error;

use thiserror::Error;

use crate::values::Span;

/// The kind of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// What was sent cannot be accepted, whatever the state.
    Invalid,
    /// We do not know who asks, or not freshly enough.
    Unauthenticated,
    /// We know who asks, and they may not.
    Forbidden,
    /// There is no such thing, or none that the caller may know of.
    NotFound,
    /// The state of things stands against it.
    Conflict,
    /// It was there once: used, expired, replaced.
    Gone,
    /// Too often; later again.
    TooMany,
    /// We cannot answer now, for reasons of our own.
    Unavailable,
}

/// What a person can do next, for `next_actions` of a problem. The text form is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NextAction {
    /// Sign in.
    SignIn,
    /// Prove the password again.
    Reauthenticate,
    /// Ask for the verification letter of the current address again.
    ResendVerification,
    /// Ask for the letter of the pending change again.
    ResendEmailChange,
    /// Start a new change of address.
    RequestEmailChange,
    /// Sign out, then register with the new address.
    SignOutAndRegister,
    /// Open the letter in the mailbox of the address in force, and agree.
    CheckOldMailbox,
    /// Choose which of two accounts to go on with.
    ChooseAccount,
    /// Register again.
    Register,
    /// Prove a second factor: a code of the app, or a backup code.
    ProveSecondFactor,
    /// Open the letter in the mailbox, and bring what it holds.
    CheckMailbox,
    /// Begin the enrolment of the factor again.
    EnrolAgain,
    /// Have another password set by mail.
    ResetPassword,
    /// Look through what secures the account.
    CheckSecurity,
    /// Change the password.
    ChangePassword,
    /// Look at the pending change of address: confirm it, or stop it.
    ReviewEmailChange,
    /// Look through the sessions, and end those that are not one's own.
    ReviewSessions,
    /// Come back after `retry_after`.
    Wait,
    /// Write to the shop.
    ContactShop,
}

impl NextAction {
    /// The stable text form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Reauthenticate => "reauthenticate",
            Self::ResendVerification => "resend_verification",
            Self::ResendEmailChange => "resend_email_change",
            Self::RequestEmailChange => "request_email_change",
            Self::SignOutAndRegister => "sign_out_and_register",
            Self::CheckOldMailbox => "check_old_mailbox",
            Self::ChooseAccount => "choose_account",
            Self::Register => "register",
            Self::ProveSecondFactor => "prove_second_factor",
            Self::CheckMailbox => "check_mailbox",
            Self::EnrolAgain => "enrol_again",
            Self::ResetPassword => "reset_password",
            Self::CheckSecurity => "check_security",
            Self::ChangePassword => "change_password",
            Self::ReviewEmailChange => "review_email_change",
            Self::ReviewSessions => "review_sessions",
            Self::Wait => "wait",
            Self::ContactShop => "contact_shop",
        }
    }
}

/// Every code that a [`Refusal`] can have, in order. A code that was published never goes and never changes its
/// meaning.
pub const CODES: &[&str] = &[
    "account_frozen",
    "accounts_disabled",
    "contended",
    "current_email_not_verified",
    "email_change_not_approved",
    "email_change_quota",
    "email_change_window",
    "email_in_use_by_account",
    "email_known_contact",
    "email_unchanged",
    "email_undeliverable",
    "emails_mismatch",
    "enrolment_over",
    "invalid_email",
    "invalid_name",
    "link_expired",
    "link_superseded",
    "link_unknown",
    "link_used",
    "mailbox_proof_required",
    "no_pending_email_change",
    "not_found",
    "outage",
    "overloaded",
    "password_disabled",
    "password_leaked",
    "password_own_data",
    "password_repetition",
    "password_too_long",
    "password_too_short",
    "password_unchanged",
    "proof_required",
    "reauthentication_required",
    "resend_limit",
    "resend_too_soon",
    "second_factor_required",
    "signed_in_to_other_account",
    "too_many_factors",
    "too_many_requests",
    "unauthenticated",
    "version_mismatch",
    "wrong_code",
    "wrong_credentials",
    "wrong_password",
];

/// What every error of a use case can tell. `Display` is for engineers; customers read the text that
/// rightful-wording has for the code.
pub trait Refusal: Error {
    /// The kind of refusal.
    fn reason(&self) -> Reason;
    /// The stable code, snake case; once published it never changes its meaning.
    fn code(&self) -> &'static str;
    /// Which field of the request, as the last part of a JSON pointer.
    fn field(&self) -> Option<&'static str> {
        None
    }
    /// How long to wait before the same call can succeed.
    fn retry_after(&self) -> Option<Span> {
        None
    }
    /// What the person can do next.
    fn next_actions(&self) -> &'static [NextAction] {
        &[]
    }
}

/// A part that we depend on did not do its work. The one variant that every use case's error shares.
#[derive(Debug, Error)]
pub enum Outage {
    /// Others changed the same records, again and again; deciding once more may succeed.
    #[error("the same records were changed by others at the same time")]
    Contended,
    /// There is more work than can be done; it was not queued without end.
    #[error("more work than can be done at present")]
    Overloaded,
    /// A database, a vault or a server failed.
    #[error("{part} failed")]
    Failed {
        /// Which part.
        part: &'static str,
        /// What it said. For logs only.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl Outage {
    /// A failure of `part`.
    pub fn failed(part: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed { part, source: source.into() }
    }

    pub(crate) const fn is_contended(&self) -> bool {
        matches!(self, Self::Contended)
    }
}

impl Refusal for Outage {
    fn reason(&self) -> Reason {
        Reason::Unavailable
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Contended => "contended",
            Self::Overloaded => "overloaded",
            Self::Failed { .. } => "outage",
        }
    }
    fn retry_after(&self) -> Option<Span> {
        Some(match self {
            Self::Contended => Span::seconds(1),
            Self::Overloaded => Span::seconds(2),
            Self::Failed { .. } => Span::seconds(10),
        })
    }
    fn next_actions(&self) -> &'static [NextAction] {
        &[NextAction::Wait]
    }
}

#[cfg(test)]
mod tests;
