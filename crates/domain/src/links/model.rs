use thiserror::Error;

use crate::accounts::{Account, SecurityEpoch};
use crate::guards::guard;
use crate::ports::Entropy;
use crate::reason::{Reason, Refusal};
use crate::values::{
    AccountId, EmailChangeId, LinkId, SecretHash, SecretText, Span, Timestamp, mint,
};

/// What a link is for. A link is never good for anything else (MN-19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LinkPurpose {
    /// Proves the mailbox of a new account. Lives 48 hours.
    VerifyAddress,
    /// Proves the new mailbox of a change of address. Lives 48 hours from its own letter.
    ConfirmEmailChange,
    /// The old mailbox agrees to a change, where the shop asks it. Lives as long as the link to the new one.
    ApproveEmailChange,
    /// "This was not me", in the old mailbox. Lives 7 days, and outlives every epoch (decision 2).
    DisputeEmailChange,
    /// The mailbox agrees to the account's first second factor (MN-12). Lives as long as its enrolment.
    BindFactor,
    /// Not in a letter: what the first step of a sign-in gives, to take the second with (63B §3.1.3: ten
    /// minutes).
    SecondStep,
    /// Sets another password with the mailbox alone. Lives an hour.
    ResetPassword,
}

impl LinkPurpose {
    /// Every purpose.
    pub const ALL: [Self; 7] = [
        Self::VerifyAddress,
        Self::ConfirmEmailChange,
        Self::ApproveEmailChange,
        Self::DisputeEmailChange,
        Self::BindFactor,
        Self::SecondStep,
        Self::ResetPassword,
    ];

    /// The prefix of the secret, and the stored name of the purpose (CS-50).
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::VerifyAddress => "vfy",
            Self::ConfirmEmailChange => "chg",
            Self::ApproveEmailChange => "apv",
            Self::DisputeEmailChange => "dsp",
            Self::BindFactor => "bnd",
            Self::SecondStep => "stp",
            Self::ResetPassword => "rst",
        }
    }

    /// How long a link lives.
    pub const fn life(self) -> Span {
        match self {
            Self::VerifyAddress | Self::ConfirmEmailChange | Self::ApproveEmailChange => {
                Span::hours(48)
            }
            Self::DisputeEmailChange => Span::days(7),
            Self::BindFactor | Self::ResetPassword => Span::hours(1),
            Self::SecondStep => Span::minutes(10),
        }
    }

    /// Whether the account's epoch kills it. The dispute link must outlive the very change that it disputes.
    const fn dies_with_epoch(self) -> bool {
        !matches!(self, Self::DisputeEmailChange)
    }
}

/// All that is stored of a link; the secret itself is not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct LinkRecord {
    pub id: LinkId,
    pub secret: SecretHash,
    pub purpose: LinkPurpose,
    pub account: AccountId,
    /// The change of address that it belongs to, if it belongs to one.
    pub email_change: Option<EmailChangeId>,
    pub epoch: SecurityEpoch,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    pub redeemed_at: Option<Timestamp>,
}

/// A link sent by mail.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link(LinkRecord);

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LinkRefusal {
    /// Never issued, another purpose's, or of an account that is gone.
    #[error("no such link")]
    Unknown,
    /// Redeemed before.
    #[error("the link was used")]
    Used,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
    /// Something newer stands: another link, another password, a proved mailbox.
    #[error("the link was superseded")]
    Superseded,
}

impl Link {
    /// Issues a link under the account's epoch. The secret is handed out once, here.
    pub fn issue(
        purpose: LinkPurpose,
        account: &Account,
        email_change: Option<EmailChangeId>,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> (Self, SecretText) {
        let secret = SecretText::issue(purpose.prefix(), entropy);
        let link = Self(LinkRecord {
            id: mint(entropy, now),
            secret: secret.hash(),
            purpose,
            account: account.id(),
            email_change,
            epoch: account.epoch(),
            issued_at: now,
            expires_at: now + purpose.life(),
            redeemed_at: None,
        });
        (link, secret)
    }

    /// For adapters that read back what was stored.
    pub const fn from_record(record: LinkRecord) -> Self {
        Self(record)
    }

    /// All that is stored.
    pub const fn record(&self) -> &LinkRecord {
        &self.0
    }

    /// Whether it opens what `purpose` guards, on `account`, at `now`. Expired is expired at the very
    /// millisecond of its end. Used comes first: a person who clicks twice is told so.
    pub fn check(
        &self,
        purpose: LinkPurpose,
        account: &Account,
        now: Timestamp,
    ) -> Result<(), LinkRefusal> {
        let link = &self.0;
        if !guard!(LinkPurpose, link.purpose == purpose && link.account == account.id()) {
            Err(LinkRefusal::Unknown)
        } else if !guard!(LinkUnused, link.redeemed_at.is_none()) {
            Err(LinkRefusal::Used)
        } else if !guard!(LinkUnexpired, now < link.expires_at) {
            Err(LinkRefusal::Expired)
        } else if !guard!(LinkEpoch, !purpose.dies_with_epoch() || link.epoch == account.epoch()) {
            Err(LinkRefusal::Superseded)
        } else {
            Ok(())
        }
    }
}

impl Refusal for LinkRefusal {
    fn reason(&self) -> Reason {
        match self {
            Self::Unknown => Reason::NotFound,
            Self::Used | Self::Expired | Self::Superseded => Reason::Gone,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "link_unknown",
            Self::Used => "link_used",
            Self::Expired => "link_expired",
            Self::Superseded => "link_superseded",
        }
    }
    fn field(&self) -> Option<&'static str> {
        Some("token")
    }
}
