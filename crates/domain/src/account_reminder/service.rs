use thiserror::Error;

use crate::Rightful;
use crate::Visit;
use crate::audit::{Act, Actor};
use crate::changes::Changes;
use crate::letters::Errand;
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::throttle::Limit;
use crate::values::{EmailAddress, InvalidEmail, Locale, Span, Timestamp};

/// A forgotten address.
#[derive(Clone, Copy)]
pub struct AccountReminders<'a> {
    rightful: &'a Rightful,
}

/// Why a reminder was not asked for. None of it tells whether an address has an account.
#[derive(Debug, Error)]
pub enum AccountReminderError {
    /// Not an address that a mailbox can have.
    #[error(transparent)]
    Email(InvalidEmail),
    /// One a day for an address; so many letters from a source.
    #[error("too often")]
    TooOften {
        /// How long to wait.
        wait: Span,
    },
    /// A part failed.
    #[error(transparent)]
    Outage(#[from] Outage),
}

impl Refusal for AccountReminderError {
    fn reason(&self) -> Reason {
        match self {
            Self::Email(_) => Reason::Invalid,
            Self::TooOften { .. } => Reason::TooMany,
            Self::Outage(outage) => outage.reason(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Email(_) => "invalid_email",
            Self::TooOften { .. } => "too_many_requests",
            Self::Outage(outage) => outage.code(),
        }
    }
    fn field(&self) -> Option<&'static str> {
        matches!(self, Self::Email(_)).then_some("email")
    }
    fn retry_after(&self) -> Option<Span> {
        match self {
            Self::TooOften { wait } => Some(*wait),
            Self::Outage(outage) => outage.retry_after(),
            Self::Email(_) => None,
        }
    }
    fn next_actions(&self) -> &'static [NextAction] {
        match self {
            Self::Email(_) => &[],
            Self::TooOften { .. } | Self::Outage(_) => &[NextAction::Wait],
        }
    }
}

impl<'a> AccountReminders<'a> {
    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    /// Has this address told whether it has an account. `Ok` says only that the mailbox is told what is to be
    /// told; nothing is looked up. `locale` is for a letter to an address without an account. Gives when the address
    /// may be asked about again.
    pub async fn ask(
        self,
        email: &str,
        locale: Locale,
        visit: &Visit,
    ) -> Result<Timestamp, AccountReminderError> {
        let email = EmailAddress::parse(email).map_err(AccountReminderError::Email)?;
        let limits = self.rightful.policy().limits;
        let key = |name: &str, subject: &str| self.rightful.limit_key(name, &[subject]);
        let counted = [
            (key("letters_source", &visit.source.to_string()), limits.letters_source),
            (key("account_reminders", email.key().as_str()), limits.account_reminders),
        ];
        if let Some(wait) = self.rightful.too_often(&counted).await? {
            return Err(AccountReminderError::TooOften { wait });
        }
        let event = self.rightful.event(visit, Actor::Anonymous, Act::ReminderAsked, None);
        let errand = self.rightful.errand(Errand::RemindOfAccount, &email, locale, visit)?;
        self.rightful.commit(Changes::told_by(event).post(errand)).await?;
        let next = match limits.account_reminders {
            Limit::Quota { most: 1, window } => window,
            _ => Span::default(),
        };
        Ok(self.rightful.now() + next)
    }
}
