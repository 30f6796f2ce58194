use thiserror::Error;

use crate::Rightful;
use crate::Visit;
use crate::accounts::Account;
use crate::audit::{Act, Actor};
use crate::changes::{Changes, Write};
use crate::letters::{Errand, LetterContent};
use crate::links::{Link, LinkPurpose, LinkRefusal};
use crate::ports::{PasswordMatch, decide_again};
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::sessions::EndReason;
use crate::throttle::Limit;
use crate::values::{
    EmailAddress, InvalidEmail, InvalidPassword, Locale, PasswordHash, SecretText, Span, Timestamp,
};

/// A forgotten password.
#[derive(Clone, Copy)]
pub struct PasswordResets<'a> {
    rightful: &'a Rightful,
}

/// Why a reset did not go on. None of it tells whether an address has an account.
#[derive(Debug, Error)]
pub enum PasswordResetError {
    /// Not an address that a mailbox can have.
    #[error(transparent)]
    Email(InvalidEmail),
    /// Not a password that we accept.
    #[error(transparent)]
    Password(InvalidPassword),
    /// Too many letters to this address or from this source, or too many secrets from this source.
    #[error("too often")]
    TooOften {
        /// How long to wait.
        wait: Span,
    },
    /// The link opens nothing.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// A part failed.
    #[error(transparent)]
    Outage(#[from] Outage),
}

impl PasswordResetError {
    const fn is_contended(&self) -> bool {
        matches!(self, Self::Outage(Outage::Contended))
    }
}

impl Refusal for PasswordResetError {
    fn reason(&self) -> Reason {
        match self {
            Self::Email(_) | Self::Password(_) => Reason::Invalid,
            Self::TooOften { .. } => Reason::TooMany,
            Self::Link(link) => link.reason(),
            Self::Outage(outage) => outage.reason(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Email(_) => "invalid_email",
            Self::Password(password) => password.code(),
            Self::TooOften { .. } => "too_many_requests",
            Self::Link(link) => link.code(),
            Self::Outage(outage) => outage.code(),
        }
    }
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Email(_) => Some("email"),
            Self::Password(_) => Some("password"),
            Self::Link(link) => link.field(),
            Self::TooOften { .. } | Self::Outage(_) => None,
        }
    }
    fn retry_after(&self) -> Option<Span> {
        match self {
            Self::TooOften { wait } => Some(*wait),
            Self::Outage(outage) => outage.retry_after(),
            _ => None,
        }
    }
    fn next_actions(&self) -> &'static [NextAction] {
        match self {
            Self::Email(_) | Self::Password(_) => &[],
            // Another letter is to be had at once, whatever became of this one.
            Self::Link(_) => &[NextAction::ResetPassword, NextAction::SignIn],
            Self::TooOften { .. } | Self::Outage(_) => &[NextAction::Wait],
        }
    }
}

impl<'a> PasswordResets<'a> {
    /// Between two letters to one address.
    pub const COOLDOWN: Span = Span::seconds(60);

    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    /// Asks to have the password of the account of this address reset. `Ok` says only that the mailbox is
    /// told what is to be told; nothing is looked up, nothing of any account changes (CS-1, CS-2, CS-4, CS-13).
    /// `locale` is for a letter to an address without an account. Gives when the next letter may be asked for.
    pub async fn ask(
        self,
        email: &str,
        locale: Locale,
        visit: &Visit,
    ) -> Result<Timestamp, PasswordResetError> {
        let email = EmailAddress::parse(email).map_err(PasswordResetError::Email)?;
        self.may_ask(&email, visit).await?;
        let event = self.rightful.event(visit, Actor::Anonymous, Act::PasswordResetAsked, None);
        let errand = self.rightful.errand(Errand::ResetPassword, &email, locale, visit)?;
        self.rightful.commit(Changes::told_by(event).post(errand)).await?;
        Ok(self.rightful.now() + Self::COOLDOWN)
    }

    /// All limits in one step, keyed by what was typed (CS-3, CS-45).
    async fn may_ask(self, email: &EmailAddress, visit: &Visit) -> Result<(), PasswordResetError> {
        let limits = self.rightful.policy().limits;
        let (source, address) = (visit.source.to_string(), email.key().as_str());
        let key = |name: &str, subject: &str| self.rightful.limit_key(name, &[subject]);
        let cooldown = Limit::Quota { most: 1, window: Self::COOLDOWN };
        let counted = [
            (key("letters_source", &source), limits.letters_source),
            (key("password_resets", address), limits.password_resets),
            (key("password_reset_cooldown", address), cooldown),
        ];
        match self.rightful.too_often(&counted).await? {
            None => Ok(()),
            Some(wait) => Err(PasswordResetError::TooOften { wait }),
        }
    }

    /// Sets another password with the secret of a link in the mailbox in force (R-102, MN-18). Every session has
    /// ended and everything older is dead (CS-11, MN-20); no session is made (CS-10, MN-21). A frozen account
    /// stays frozen.
    pub async fn complete(
        self,
        token: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<Account, PasswordResetError> {
        if let Some(wait) = self.rightful.too_many_links(visit).await? {
            return Err(PasswordResetError::TooOften { wait });
        }
        let secret = SecretText::present(LinkPurpose::ResetPassword.prefix(), token)
            .ok_or(LinkRefusal::Unknown)?;
        // Checked before the password is hashed, so that random secrets cost a look-up and no more; and
        // again in the commit.
        let (_, account) = self.open(&secret).await?;
        let accepted = self
            .rightful
            .accept_password(password, account.email(), account.record().name.as_ref())
            .map_err(PasswordResetError::Password)?;
        let passwords = &self.rightful.ports().passwords;
        let same = passwords.verify(accepted.as_typed(), Some(account.password())).await?;
        let hash = passwords.hash(accepted.as_typed()).await?;
        let before = (same != PasswordMatch::No).then(|| account.password());
        decide_again!(self.decide(&secret, &hash, before, visit))
    }

    /// `same` is the hash in force, when the password is the one that it was made of.
    async fn decide(
        self,
        secret: &SecretText,
        hash: &PasswordHash,
        same: Option<&PasswordHash>,
        visit: &Visit,
    ) -> Result<Account, PasswordResetError> {
        let now = self.rightful.now();
        let (link, mut before) = self.open(secret).await?;
        let is_first_proof = !before.is_verified();
        if is_first_proof && same != Some(before.password()) {
            // Another password than at the registration: somebody else may have typed the name (MN-4).
            before = before.rename(None);
        }
        let account = before.reset_password(hash.clone(), now);
        let told = |act| self.rightful.own_event(visit, act, account.id());
        let mut changes = Changes::told_by(told(Act::PasswordReset))
            .write(Write::UpdateAccount(account.clone()))
            .write(Write::RedeemLink { link: link.record().id, at: now })
            .write(Write::ForgetTries(self.rightful.tries_of_password(&account, visit)))
            .write(Write::EndSessions {
                account: account.id(),
                except: None,
                at: now,
                why: EndReason::PasswordReset,
            });
        if is_first_proof {
            changes = changes.also_told_by(told(Act::MailboxProved));
            let content = LetterContent::MailboxProved { deed: visit.deed(now) };
            changes = changes.post(self.rightful.letter(&account, content)?);
        } else {
            changes = self.stop_pending(changes, &account, visit).await?;
            changes = self.tell(changes, &account, visit).await?;
        }
        self.rightful.commit(changes).await?;
        Ok(account)
    }

    /// CS-32: a pending change of address does not go on.
    async fn stop_pending(
        self,
        changes: Changes,
        account: &Account,
        visit: &Visit,
    ) -> Result<Changes, Outage> {
        let repository = &self.rightful.ports().email_changes;
        let Some(pending) = repository.find_unfinished(account.id()).await? else {
            return Ok(changes);
        };
        let cancelled = pending.cancel(self.rightful.now()).map_err(|_| Outage::Contended)?;
        let event = self
            .rightful
            .own_event(visit, Act::EmailChangeCancelled, account.id())
            .with("cause", "password_reset");
        Ok(changes.write(Write::UpdateEmailChange(cancelled)).also_told_by(event))
    }

    /// To the mailbox in force and, while a change of address can be disputed, to the one before: the channel
    /// that carried the link must not be the only one that carries the alarm (63B §4.6).
    async fn tell(
        self,
        changes: Changes,
        account: &Account,
        visit: &Visit,
    ) -> Result<Changes, Outage> {
        let now = self.rightful.now();
        let content = LetterContent::PasswordReset { deed: visit.deed(now) };
        let changes = changes.post(self.rightful.letter(account, content.clone())?);
        let repository = &self.rightful.ports().email_changes;
        let last = repository.find_last_confirmed(account.id()).await?;
        let Some(left) = last.filter(|change| now < change.disputable_until()) else {
            return Ok(changes);
        };
        let (to, about) = (&left.record().old, Some(account.id()));
        Ok(changes.post(self.rightful.letter_to(to, about, account.locale(), content)?))
    }

    /// The link of a secret and its account, when it opens.
    async fn open(self, secret: &SecretText) -> Result<(Link, Account), PasswordResetError> {
        let ports = self.rightful.ports();
        let link = ports.links.find(&secret.hash()).await?.ok_or(LinkRefusal::Unknown)?;
        let account =
            ports.accounts.find(link.record().account).await?.ok_or(LinkRefusal::Unknown)?;
        link.check(LinkPurpose::ResetPassword, &account, self.rightful.now())?;
        Ok((link, account))
    }
}
