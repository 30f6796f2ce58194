use thiserror::Error;

use crate::Rightful;
use crate::Visit;
use crate::accounts::{Account, Origin};
use crate::audit::{Act, Actor};
use crate::changes::{Changes, Write};
use crate::letters::{Errand, LetterContent, LetterSecret, PostedLetter};
use crate::links::{Link, LinkPurpose, LinkRefusal};
use crate::policy::Welcome;
use crate::ports::{PasswordMatch, decide_again};
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::sessions::{EndReason, LiveSession};
use crate::throttle::{Limit, ThrottleKey};
use crate::values::{
    EmailAddress, EmailKey, InvalidEmail, InvalidName, InvalidPassword, Locale, Password,
    PasswordHash, PersonName, SecretText, Span, Timestamp, mint,
};

/// Registering, and proving the mailbox.
#[derive(Clone, Copy)]
pub struct Registration<'a> {
    rightful: &'a Rightful,
}

/// What a person types to register.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct NewAccount<'a> {
    pub email: &'a str,
    pub password: &'a str,
    pub name: Option<&'a str>,
    /// Of the letters.
    pub locale: Locale,
    /// Which door.
    pub origin: Origin,
}

/// Why registering or proving the mailbox did not go on. None of it tells whether an address has an account.
#[derive(Debug, Error)]
pub enum RegistrationError {
    /// The shop has no accounts.
    #[error("the shop has no customer accounts")]
    AccountsDisabled,
    /// Not an address that a mailbox can have.
    #[error(transparent)]
    Email(InvalidEmail),
    /// Not a name.
    #[error(transparent)]
    Name(InvalidName),
    /// Not a password that we accept.
    #[error(transparent)]
    Password(InvalidPassword),
    /// Too many letters to this address or from this source.
    #[error("too often")]
    TooOften {
        /// How long to wait.
        wait: Span,
    },
    /// The link opens nothing.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// The session ended meanwhile.
    #[error("the session is over")]
    SessionOver,
    /// A part failed.
    #[error(transparent)]
    Outage(#[from] Outage),
}

impl RegistrationError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Outage(Outage::Contended))
    }
}

impl Refusal for RegistrationError {
    fn reason(&self) -> Reason {
        match self {
            Self::AccountsDisabled => Reason::Forbidden,
            Self::Email(_) | Self::Name(_) | Self::Password(_) => Reason::Invalid,
            Self::TooOften { .. } => Reason::TooMany,
            Self::Link(link) => link.reason(),
            Self::SessionOver => Reason::Unauthenticated,
            Self::Outage(outage) => outage.reason(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::AccountsDisabled => "accounts_disabled",
            Self::Email(_) => "invalid_email",
            Self::Name(_) => "invalid_name",
            Self::Password(password) => password.code(),
            Self::TooOften { .. } => "too_many_requests",
            Self::Link(link) => link.code(),
            Self::SessionOver => "unauthenticated",
            Self::Outage(outage) => outage.code(),
        }
    }
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Email(_) => Some("email"),
            Self::Name(_) => Some("name"),
            Self::Password(_) => Some("password"),
            Self::Link(link) => link.field(),
            _ => None,
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
            Self::AccountsDisabled => &[NextAction::ContactShop],
            Self::SessionOver | Self::Link(LinkRefusal::Used | LinkRefusal::Superseded) => {
                &[NextAction::SignIn]
            }
            Self::Link(_) => &[NextAction::ResendVerification, NextAction::Register],
            Self::TooOften { .. } | Self::Outage(_) => &[NextAction::Wait],
            _ => &[],
        }
    }
}

impl<'a> Registration<'a> {
    /// Between two verification letters that somebody asked for.
    pub const RESEND_COOLDOWN: Span = Span::seconds(60);
    /// Verification letters that may be asked for in a day.
    pub const RESENDS_A_DAY: u32 = 5;

    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    /// Registers. `Ok` says only that the mailbox will be told; every address gets the same answer for the
    /// same work (R-015, CS-1, CS-44).
    pub async fn register(
        self,
        wanted: NewAccount<'_>,
        visit: &Visit,
    ) -> Result<(), RegistrationError> {
        if !self.rightful.policy().accounts_enabled {
            return Err(RegistrationError::AccountsDisabled);
        }
        let email = EmailAddress::parse(wanted.email).map_err(RegistrationError::Email)?;
        let name =
            wanted.name.map(PersonName::parse).transpose().map_err(RegistrationError::Name)?;
        let password = self.accept(wanted.password, &email, name.as_ref())?;
        self.letter_allowed(email.key(), visit).await?;
        // The first letter starts the cooldown of those that are asked for; it is never refused by it.
        self.rightful.too_often(&self.resend_limits(email.key())[..1]).await?;
        let hash = self.rightful.ports().passwords.hash(password.as_typed()).await?;
        decide_again!(self.decide(&email, &hash, name.as_ref(), wanted, visit))
    }

    async fn decide(
        self,
        email: &EmailAddress,
        hash: &PasswordHash,
        name: Option<&PersonName>,
        wanted: NewAccount<'_>,
        visit: &Visit,
    ) -> Result<(), RegistrationError> {
        let ports = self.rightful.ports();
        let now = self.rightful.now();
        let holder = ports.accounts.find_by_email(email.key()).await?;
        let contact = ports.contacts.find(email.key()).await?;
        let told = |act, account| self.rightful.event(visit, Actor::Anonymous, act, account);
        let changes = match holder {
            Some(owner) if owner.is_verified() => {
                let content = LetterContent::AlreadyRegistered { deed: visit.deed(now) };
                Changes::told_by(told(Act::RegistrationRefused, Some(owner.id())))
                    .post(self.rightful.letter(&owner, content)?)
            }
            Some(claim) => {
                let claim = claim
                    .restart(hash.clone(), name.cloned(), wanted.locale, wanted.origin, now)
                    .map_err(|_| Outage::Contended)?;
                let (link, letter) = self.verification(&claim)?;
                let account = claim.id();
                Changes::told_by(told(Act::AccountRestarted, Some(account)))
                    .write(Write::UpdateAccount(claim))
                    .write(Write::EndSessions {
                        account,
                        except: None,
                        at: now,
                        why: EndReason::MailboxProved,
                    })
                    .write(Write::InsertLink(link))
                    .post(letter)
            }
            None => {
                if let Some((free_at, contact)) =
                    contact.and_then(|contact| Some((contact.resting_until(now)?, contact)))
                {
                    // Only ever to the address that is stored (security §3.11).
                    let to = &contact.record().email;
                    let content = LetterContent::AddressResting { free_at };
                    Changes::told_by(told(Act::RegistrationRefused, None))
                        .post(self.rightful.letter_to(to, None, wanted.locale, content)?)
                } else {
                    let account = Account::register(
                        mint(&*ports.entropy, now),
                        email.clone(),
                        hash.clone(),
                        name.cloned(),
                        wanted.locale,
                        wanted.origin,
                        now,
                    );
                    let (link, letters) = self.welcome(&account)?;
                    let event = told(Act::AccountRegistered, Some(account.id()));
                    Changes::told_by(event.with("origin", wanted.origin.as_str()))
                        .write(Write::InsertAccount(account))
                        .write(Write::InsertLink(link))
                        .post_all(letters)
                }
            }
        };
        Ok(self.rightful.commit(changes).await?)
    }

    /// Asks for the verification letter again, signed out. The answer is the same for every address.
    pub async fn resend(self, email: &str, visit: &Visit) -> Result<(), RegistrationError> {
        let email = EmailAddress::parse(email).map_err(RegistrationError::Email)?;
        // All of them in one step: what one refuses, none counts.
        let mut limits = self.letter_limits(email.key(), visit).to_vec();
        limits.extend(self.resend_limits(email.key()));
        self.allowed(&limits).await?;
        // Not looked up here: the work is the same for every address because it is the same (CS-2).
        let event = self.rightful.event(visit, Actor::Anonymous, Act::VerificationResent, None);
        let locale = Locale::default();
        let errand = self.rightful.errand(Errand::ResendVerification, &email, locale, visit)?;
        Ok(self.rightful.commit(Changes::told_by(event).post(errand)).await?)
    }

    /// Asks for the verification letter again, from the e-mail panel. Nothing is sent to a
    /// mailbox that is proved. Gives when the next one may be asked for.
    pub async fn resend_for(
        self,
        live: &LiveSession,
        visit: &Visit,
    ) -> Result<Timestamp, RegistrationError> {
        if live.account.is_verified() {
            return Ok(self.rightful.now());
        }
        self.resend_allowed(live.account.email().key()).await?;
        decide_again!(self.decide_resend_for(live, visit))
    }

    async fn decide_resend_for(
        self,
        live: &LiveSession,
        visit: &Visit,
    ) -> Result<Timestamp, RegistrationError> {
        let live = &self.rightful.still(live).await?.ok_or(RegistrationError::SessionOver)?;
        let account = &live.account;
        if account.is_verified() {
            return Ok(self.rightful.now());
        }
        let (link, letter) = self.verification(account)?;
        let event = self.rightful.own_event(visit, Act::VerificationResent, account.id());
        let changes = Changes::told_by(event).write(Write::InsertLink(link)).post(letter);
        self.rightful.commit_in(live, changes).await?;
        Ok(self.rightful.now() + Self::RESEND_COOLDOWN)
    }

    /// Proves the mailbox with the secret of a verification link. `password` becomes the one in force,
    /// whoever registered (MN-3); every session ends (MN-2), and none is made: sign in next.
    pub async fn verify(
        self,
        token: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<Account, RegistrationError> {
        if let Some(wait) = self.rightful.too_many_links(visit).await? {
            return Err(RegistrationError::TooOften { wait });
        }
        let secret = SecretText::present(LinkPurpose::VerifyAddress.prefix(), token)
            .ok_or(LinkRefusal::Unknown)?;
        // Checked before the password is hashed, so that random secrets cost a look-up and no more; and
        // again in the commit.
        let (_, account) = self.open(&secret).await?;
        let name = account.record().name.as_ref();
        let accepted = self.accept(password, account.email(), name)?;
        let passwords = &self.rightful.ports().passwords;
        let same = passwords.verify(accepted.as_typed(), Some(account.password())).await?;
        let hash = passwords.hash(accepted.as_typed()).await?;
        let registrants = (same != PasswordMatch::No).then(|| account.password());
        decide_again!(self.prove(&secret, &hash, registrants, visit))
    }

    async fn prove(
        self,
        secret: &SecretText,
        hash: &PasswordHash,
        registrants: Option<&PasswordHash>,
        visit: &Visit,
    ) -> Result<Account, RegistrationError> {
        let now = self.rightful.now();
        let (link, mut account) = self.open(secret).await?;
        if registrants != Some(account.password()) {
            // Another password than at the registration that stands now: somebody else may have typed the
            // name.
            account = account.rename(None);
        }
        let account =
            account.prove_mailbox(hash.clone(), now).map_err(|_| LinkRefusal::Superseded)?;
        let content = LetterContent::MailboxProved { deed: visit.deed(now) };
        let event = self.rightful.own_event(visit, Act::MailboxProved, account.id());
        let changes = Changes::told_by(event)
            .write(Write::UpdateAccount(account.clone()))
            .write(Write::RedeemLink { link: link.record().id, at: now })
            .write(Write::ForgetTries(self.rightful.tries_of_password(&account, visit)))
            .write(Write::EndSessions {
                account: account.id(),
                except: None,
                at: now,
                why: EndReason::MailboxProved,
            })
            .post(self.rightful.letter(&account, content)?);
        self.rightful.commit(changes).await?;
        Ok(account)
    }

    /// The link of a secret and its account, when it opens.
    async fn open(self, secret: &SecretText) -> Result<(Link, Account), RegistrationError> {
        let ports = self.rightful.ports();
        let link = ports.links.find(&secret.hash()).await?.ok_or(LinkRefusal::Unknown)?;
        let account =
            ports.accounts.find(link.record().account).await?.ok_or(LinkRefusal::Unknown)?;
        link.check(LinkPurpose::VerifyAddress, &account, self.rightful.now())?;
        Ok((link, account))
    }

    fn accept(
        self,
        password: &str,
        email: &EmailAddress,
        name: Option<&PersonName>,
    ) -> Result<Password, RegistrationError> {
        self.rightful.accept_password(password, email, name).map_err(RegistrationError::Password)
    }

    /// A new verification link and its letter.
    fn verification(self, account: &Account) -> Result<(Link, PostedLetter), Outage> {
        let (link, secret) = self.link(account);
        let expires_at = link.record().expires_at;
        let content = LetterContent::VerifyAddress { verify: LetterSecret(secret), expires_at };
        Ok((link, self.rightful.letter(account, content)?))
    }

    /// The letters of a new account: exactly one of them is its welcome.
    fn welcome(self, account: &Account) -> Result<(Link, Vec<PostedLetter>), Outage> {
        match self.rightful.policy().welcome {
            Welcome::Combined => {
                let (link, secret) = self.link(account);
                let content = LetterContent::Welcome {
                    verify: Some(LetterSecret(secret)),
                    expires_at: Some(link.record().expires_at),
                };
                Ok((link, vec![self.rightful.letter(account, content)?]))
            }
            Welcome::Separate => {
                let (link, verification) = self.verification(account)?;
                let content = LetterContent::Welcome { verify: None, expires_at: None };
                Ok((link, vec![verification, self.rightful.letter(account, content)?]))
            }
        }
    }

    fn link(self, account: &Account) -> (Link, SecretText) {
        let entropy = &*self.rightful.ports().entropy;
        Link::issue(LinkPurpose::VerifyAddress, account, None, entropy, self.rightful.now())
    }

    async fn letter_allowed(self, to: &EmailKey, visit: &Visit) -> Result<(), RegistrationError> {
        self.allowed(&self.letter_limits(to, visit)).await
    }

    /// MN-9: so many letters to one address and from one source, whoever asks, whatever is known of it.
    fn letter_limits(self, to: &EmailKey, visit: &Visit) -> [(ThrottleKey, Limit); 2] {
        let limits = self.rightful.policy().limits;
        let source = visit.source.to_string();
        [
            (self.rightful.limit_key("letters_source", &[&source]), limits.letters_source),
            (self.rightful.limit_key("letters_address", &[to.as_str()]), limits.letters_address),
        ]
    }

    async fn resend_allowed(self, to: &EmailKey) -> Result<(), RegistrationError> {
        self.allowed(&self.resend_limits(to)).await
    }

    /// The cooldown first.
    fn resend_limits(self, to: &EmailKey) -> [(ThrottleKey, Limit); 2] {
        let quota = |most, window| Limit::Quota { most, window };
        [
            (
                self.rightful.limit_key("resend_cooldown", &[to.as_str()]),
                quota(1, Self::RESEND_COOLDOWN),
            ),
            (
                self.rightful.limit_key("resend_daily", &[to.as_str()]),
                quota(Self::RESENDS_A_DAY, Span::days(1)),
            ),
        ]
    }

    async fn allowed(self, limits: &[(ThrottleKey, Limit)]) -> Result<(), RegistrationError> {
        match self.rightful.too_often(limits).await? {
            None => Ok(()),
            Some(wait) => Err(RegistrationError::TooOften { wait }),
        }
    }
}
