//! What a deployment decides: one value, from its configuration.

use crate::email_change::{Disclosure, OldMailbox};
use crate::sessions::SessionPolicy;
use crate::throttle::Limit;
use crate::values::{PasswordPolicy, Span};

/// One welcome, in one letter or two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Welcome {
    /// The verification letter is the welcome.
    #[default]
    Combined,
    /// A welcome of its own beside the verification letter.
    Separate,
}

/// What a deployment decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// Whether accounts exist at all.
    pub accounts_enabled: bool,
    /// New passwords.
    pub passwords: PasswordPolicy,
    /// Sessions.
    pub sessions: SessionPolicy,
    /// One welcome, in one letter or two.
    pub welcome: Welcome,
    /// Whether a taken address is told at once.
    pub disclosure: Disclosure,
    /// Whether the old mailbox is asked about a change of address, or told.
    pub old_mailbox: OldMailbox,
    /// Whether an address that the shop knows without an account is told so when somebody asks to reset its
    /// password, or whether it has one. An address that the shop does not know is never written to.
    pub tell_unknown: bool,
    /// How often.
    pub limits: Limits,
}

/// How often (security §2.2, MN-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Wrong passwords for one address from one source or one known device.
    pub sign_in_pair: Limit,
    /// Wrong passwords for one address from everywhere else but its known devices.
    pub sign_in_address: Limit,
    /// Wrong passwords in a row, however far apart: of an address, of each of its known devices, in an account's
    /// sessions, with a link. Then the password is disabled there until it is reset (63B §3.2.2 allows 100).
    pub password_ceiling: Limit,
    /// Tries to sign in from one source.
    pub sign_in_source: Limit,
    /// Letters that strangers can cause to one address.
    pub letters_address: Limit,
    /// Letters that one source can cause.
    pub letters_source: Limit,
    /// Letters that reset a password, for one address: a count of their own, so that no other letter that
    /// strangers cause keeps the owner from it. As long as its window is no longer than a link lives, there is at
    /// every moment a link that works or a letter to be had (CS-13).
    pub password_resets: Limit,
    /// Answers to "has this address an account?", for one address.
    pub account_reminders: Limit,
    /// Requests to change the address that one account may make.
    pub email_changes: Limit,
    /// Changes of name and language that one account may make: each is told to its mailbox, and a thief in a
    /// session must not bury other letters under them.
    pub profile_changes: Limit,
    /// Changes of the password of one account: all that were replaced in a week prove a dispute, so there is
    /// an end to them.
    pub password_changes: Limit,
    /// Wrong codes of one account from one known device, and from everywhere else.
    pub second_factor: Limit,
    /// Authenticator apps that one account may begin with.
    pub factor_enrolments: Limit,
    /// Letters of one account that a code was wrong after the right password.
    pub second_step_failed: Limit,
    /// Letters that one account can cause by ending its other sessions.
    pub sessions_ended: Limit,
    /// Letters of one account about sign-ins from one network: it was told of that network a short time ago.
    pub new_sign_in_source: Limit,
    /// Tries of link secrets from one source (CS-8).
    pub links_source: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        let quota = |most, window| Limit::Quota { most, window };
        let ladder = |free, longest| Limit::Ladder { free, first: Span::seconds(30), longest };
        Self {
            sign_in_pair: ladder(5, Span::hours(1)),
            sign_in_address: ladder(25, Span::minutes(15)),
            password_ceiling: Limit::Ceiling { most: 100 },
            sign_in_source: quota(120, Span::minutes(1)),
            letters_address: quota(5, Span::hours(1)),
            letters_source: quota(30, Span::hours(1)),
            password_resets: quota(5, Span::hours(1)),
            account_reminders: quota(1, Span::days(1)),
            email_changes: quota(5, Span::days(1)),
            profile_changes: quota(10, Span::hours(1)),
            password_changes: quota(10, Span::days(7)),
            second_factor: ladder(5, Span::hours(1)),
            factor_enrolments: quota(10, Span::days(1)),
            second_step_failed: quota(1, Span::days(1)),
            sessions_ended: quota(10, Span::hours(1)),
            new_sign_in_source: quota(1, Span::hours(1)),
            links_source: quota(60, Span::minutes(1)),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            accounts_enabled: true,
            passwords: PasswordPolicy::default(),
            sessions: SessionPolicy::default(),
            welcome: Welcome::default(),
            disclosure: Disclosure::default(),
            old_mailbox: OldMailbox::default(),
            tell_unknown: true,
            limits: Limits::default(),
        }
    }
}
