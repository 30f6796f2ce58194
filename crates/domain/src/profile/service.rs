use thiserror::Error;

use crate::Rightful;
use crate::Visit;
use crate::accounts::{Account, Version};
use crate::audit::Act;
use crate::changes::{Changes, Write};
use crate::letters::LetterContent;
use crate::ports::decide_again;
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::sessions::{EndReason, LiveSession, SessionProof};
use crate::sign_in::{Renewed, SignInError};
use crate::values::{
    InvalidName, InvalidPassword, Locale, PasswordHash, PersonName, Span, TypedPassword,
};

/// The customer's own data.
#[derive(Clone, Copy)]
pub struct Profile<'a> {
    rightful: &'a Rightful,
}

/// What is to change; `None` leaves it.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct ProfileChange<'a> {
    /// `Some(None)` takes the name away.
    pub name: Option<Option<&'a str>>,
    pub locale: Option<Locale>,
}

/// Why the profile did not change.
#[derive(Debug, Error)]
pub enum ProfileError {
    /// Not a name.
    #[error(transparent)]
    Name(InvalidName),
    /// Not a password that we accept.
    #[error(transparent)]
    Password(InvalidPassword),
    /// The new password is the one in force.
    #[error("the new password is the one in force")]
    SamePassword,
    /// Decided on another version than the stored one.
    #[error("the account has changed since it was read")]
    Outdated,
    /// Too many changes.
    #[error("too often")]
    TooOften {
        /// How long to wait.
        wait: Span,
    },
    /// Sensitive acts are frozen.
    #[error("sensitive acts are frozen")]
    Frozen {
        /// For how long.
        wait: Span,
    },
    /// The account has a second factor, and it was not proved lately (MN-14b, MN-15).
    #[error("the second factor was proved too long ago")]
    NotFresh,
    /// The current password was not proved.
    #[error(transparent)]
    Proof(#[from] SignInError),
    /// The session ended meanwhile.
    #[error("the session is over")]
    SessionOver,
    /// A part failed.
    #[error(transparent)]
    Outage(#[from] Outage),
}

impl ProfileError {
    const fn is_contended(&self) -> bool {
        matches!(self, Self::Outage(Outage::Contended))
    }
}

impl Refusal for ProfileError {
    fn reason(&self) -> Reason {
        match self {
            Self::Name(_) | Self::Password(_) | Self::SamePassword => Reason::Invalid,
            Self::Outdated => Reason::Conflict,
            Self::TooOften { .. } => Reason::TooMany,
            Self::Frozen { .. } | Self::NotFresh => Reason::Forbidden,
            Self::Proof(proof) => proof.reason(),
            Self::SessionOver => Reason::Unauthenticated,
            Self::Outage(outage) => outage.reason(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Name(_) => "invalid_name",
            Self::Password(password) => password.code(),
            Self::SamePassword => "password_unchanged",
            Self::Outdated => "version_mismatch",
            Self::TooOften { .. } => "too_many_requests",
            Self::Frozen { .. } => "account_frozen",
            Self::NotFresh => "reauthentication_required",
            Self::Proof(proof) => proof.code(),
            Self::SessionOver => "unauthenticated",
            Self::Outage(outage) => outage.code(),
        }
    }
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Name(_) => Some("name"),
            Self::Password(_) | Self::SamePassword => Some("new_password"),
            Self::Proof(SignInError::WrongPassword) => Some("current_password"),
            Self::Proof(proof) => proof.field(),
            _ => None,
        }
    }
    fn retry_after(&self) -> Option<Span> {
        match self {
            Self::Frozen { wait } | Self::TooOften { wait } => Some(*wait),
            Self::Proof(proof) => proof.retry_after(),
            Self::Outage(outage) => outage.retry_after(),
            _ => None,
        }
    }
    fn next_actions(&self) -> &'static [NextAction] {
        match self {
            Self::Frozen { .. } => &[NextAction::Wait, NextAction::ContactShop],
            Self::NotFresh => &[NextAction::Reauthenticate],
            Self::TooOften { .. } => &[NextAction::Wait],
            Self::SessionOver => &[NextAction::SignIn],
            Self::Proof(proof) => proof.next_actions(),
            Self::Outage(outage) => outage.next_actions(),
            _ => &[],
        }
    }
}

impl<'a> Profile<'a> {
    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    /// Changes name and language, decided on the version that the caller read. Nothing is written, and
    /// nobody told, when nothing changes.
    pub async fn update(
        self,
        live: &LiveSession,
        expected: Version,
        change: ProfileChange<'_>,
        visit: &Visit,
    ) -> Result<Account, ProfileError> {
        let now = self.rightful.now();
        let account = self.account(live).await?;
        if account.version() != expected {
            return Err(ProfileError::Outdated);
        }
        let mut after = account.clone();
        let mut event = self.rightful.own_event(visit, Act::ProfileChanged, account.id());
        if let Some(name) = change.name {
            let name = name.map(PersonName::parse).transpose().map_err(ProfileError::Name)?;
            if name != account.record().name {
                after = after.rename(name);
                event = event.with("name", "changed");
            }
        }
        if let Some(locale) = change.locale.filter(|locale| *locale != account.locale()) {
            after = after.speak(locale);
            event = event.with("language", locale);
        }
        if after == account {
            return Ok(account);
        }
        let limit = self.rightful.policy().limits.profile_changes;
        let counted = self.rightful.account_too_often(account.id(), "profile_changes", limit);
        if let Some(wait) = counted.await? {
            return Err(ProfileError::TooOften { wait });
        }
        let mut changes = Changes::told_by(event).write(Write::UpdateAccount(after.clone()));
        if after.is_verified() {
            let content = LetterContent::ProfileChanged { deed: visit.deed(now) };
            changes = changes.post(self.rightful.letter(&after, content)?);
        }
        match self.rightful.commit_in(live, changes).await {
            // Over, or another version.
            Err(Outage::Contended) => {
                Err(self.account(live).await.err().unwrap_or(ProfileError::Outdated))
            }
            done => {
                done?;
                self.account(live).await
            }
        }
    }

    /// Changes the password: the current one is proved, this session goes on with a new secret, all
    /// others end, a pending change of address is cancelled (CS-32), and the mailbox is told.
    pub async fn change_password(
        self,
        live: &LiveSession,
        current: &str,
        new: &str,
        visit: &Visit,
    ) -> Result<Renewed, ProfileError> {
        self.demand_thawed(&live.account)?;
        self.demand_factor(live)?;
        let (email, name) = (live.account.email(), live.account.record().name.as_ref());
        let accepted =
            self.rightful.accept_password(new, email, name).map_err(ProfileError::Password)?;
        self.rightful.prove_password(live, current, visit).await?;
        if TypedPassword::new(current).as_ref() == Some(accepted.as_typed()) {
            return Err(ProfileError::SamePassword);
        }
        let limit = self.rightful.policy().limits.password_changes;
        let counted = self.rightful.account_too_often(live.account.id(), "password_changes", limit);
        if let Some(wait) = counted.await? {
            return Err(ProfileError::TooOften { wait });
        }
        let hash = self.rightful.ports().passwords.hash(accepted.as_typed()).await?;
        decide_again!(self.decide(live, &hash, visit))
    }

    async fn decide(
        self,
        live: &LiveSession,
        hash: &PasswordHash,
        visit: &Visit,
    ) -> Result<Renewed, ProfileError> {
        let ports = self.rightful.ports();
        let now = self.rightful.now();
        let proved = live.account.password();
        let live = self.rightful.still(live).await?.ok_or(ProfileError::SessionOver)?;
        // What was proved must still be what is in force: another change may have come in between.
        if live.account.password() != proved {
            return Err(ProfileError::Outdated);
        }
        self.demand_thawed(&live.account)?;
        self.demand_factor(&live)?;
        let pending = ports.email_changes.find_unfinished(live.account.id()).await?;
        let account = live.account.change_password(hash.clone(), now);
        let (session, secret) =
            live.session.renew(&account, SessionProof::Password, &*ports.entropy, now);
        let mut changes =
            Changes::told_by(self.rightful.own_event(visit, Act::PasswordChanged, account.id()))
                .write(Write::UpdateAccount(account.clone()))
                .write(Write::UpdateSession(session.clone()))
                .write(Write::ForgetTries(self.rightful.tries_of_password(&account, visit)))
                .write(Write::EndSessions {
                    account: account.id(),
                    except: Some(session.id()),
                    at: now,
                    why: EndReason::PasswordChanged,
                });
        if let Some(pending) = pending {
            let event = self
                .rightful
                .own_event(visit, Act::EmailChangeCancelled, account.id())
                .with("cause", "password_changed");
            let cancelled = pending.cancel(now).map_err(|_| Outage::Contended)?;
            changes = changes.write(Write::UpdateEmailChange(cancelled)).also_told_by(event);
        }
        if account.is_verified() {
            let content = LetterContent::PasswordChanged { deed: visit.deed(now) };
            changes = changes.post(self.rightful.letter(&account, content)?);
        }
        self.rightful.commit(changes).await?;
        Ok(Renewed { session, account, secret })
    }

    async fn account(self, live: &LiveSession) -> Result<Account, ProfileError> {
        let live = self.rightful.still(live).await?.ok_or(ProfileError::SessionOver)?;
        Ok(live.account)
    }

    /// The current password is proved by the request itself; a second factor must have been, lately.
    fn demand_factor(self, live: &LiveSession) -> Result<(), ProfileError> {
        if !live.account.has_second_factor() {
            return Ok(());
        }
        let policy = &self.rightful.policy().sessions;
        let proof = live.session.fresh_proof(&live.account, policy, self.rightful.now());
        proof.map(drop).ok_or(ProfileError::NotFresh)
    }

    fn demand_thawed(self, account: &Account) -> Result<(), ProfileError> {
        let now = self.rightful.now();
        account
            .demand_thawed(now)
            .map_err(|freeze| ProfileError::Frozen { wait: freeze.until.since(now) })
    }
}
