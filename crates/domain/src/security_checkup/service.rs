use thiserror::Error;

use crate::Rightful;
use crate::Visit;
use crate::audit::Act;
use crate::changes::{Changes, Write};
use crate::ports::decide_again;
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::security_checkup::{Checkup, Holdings};
use crate::sessions::LiveSession;
use crate::values::Span;

/// The security check-up.
#[derive(Clone, Copy)]
pub struct SecurityCheckups<'a> {
    rightful: &'a Rightful,
}

/// Why there is no check-up.
#[derive(Debug, Error)]
pub enum SecurityCheckupError {
    /// The session ended meanwhile.
    #[error("the session is over")]
    SessionOver,
    /// A part failed.
    #[error(transparent)]
    Outage(#[from] Outage),
}

impl SecurityCheckupError {
    const fn is_contended(&self) -> bool {
        matches!(self, Self::Outage(Outage::Contended))
    }
}

impl Refusal for SecurityCheckupError {
    fn reason(&self) -> Reason {
        match self {
            Self::SessionOver => Reason::Unauthenticated,
            Self::Outage(outage) => outage.reason(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::SessionOver => "unauthenticated",
            Self::Outage(outage) => outage.code(),
        }
    }
    fn retry_after(&self) -> Option<Span> {
        match self {
            Self::SessionOver => None,
            Self::Outage(outage) => outage.retry_after(),
        }
    }
    fn next_actions(&self) -> &'static [NextAction] {
        match self {
            Self::SessionOver => &[NextAction::SignIn],
            Self::Outage(outage) => outage.next_actions(),
        }
    }
}

impl<'a> SecurityCheckups<'a> {
    /// A check-up that was done so short a time ago is not written again.
    const AGAIN: Span = Span::hours(1);

    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    /// What secures the account of this session.
    pub async fn look(self, live: &LiveSession) -> Result<Checkup, SecurityCheckupError> {
        let live = self.rightful.still(live).await?.ok_or(SecurityCheckupError::SessionOver)?;
        self.of(&live).await
    }

    async fn of(self, live: &LiveSession) -> Result<Checkup, SecurityCheckupError> {
        let ports = self.rightful.ports();
        let now = self.rightful.now();
        let (account, policy) = (&live.account, &self.rightful.policy().sessions);
        let mut sessions = ports.sessions.list(account.id()).await?;
        sessions.retain(|session| session.check(account, policy, now).is_ok());
        let pending = ports.email_changes.find_unfinished(account.id()).await?;
        let pending = pending.filter(|change| change.record().epoch == account.epoch());
        let session = live.session.id();
        let holdings =
            Holdings { account, session, sessions: &sessions, pending: pending.as_ref() };
        Ok(Checkup::of(holdings, now))
    }

    /// Its customer looked through it. Gives it as it is after.
    pub async fn done(
        self,
        live: &LiveSession,
        visit: &Visit,
    ) -> Result<Checkup, SecurityCheckupError> {
        decide_again!(self.decide_done(live, visit))
    }

    async fn decide_done(
        self,
        live: &LiveSession,
        visit: &Visit,
    ) -> Result<Checkup, SecurityCheckupError> {
        let now = self.rightful.now();
        let live = self.rightful.still(live).await?.ok_or(SecurityCheckupError::SessionOver)?;
        let before = self.of(&live).await?;
        if !before.is_due && before.done_at.is_some_and(|at| now.since(at) < Self::AGAIN) {
            return Ok(before);
        }
        let account = live.account.clone().security_checked(now);
        let event = self.rightful.own_event(visit, Act::SecurityChecked, account.id());
        let changes = Changes::told_by(event).write(Write::UpdateAccount(account.clone()));
        self.rightful.commit_in(&live, changes).await?;
        self.of(&LiveSession { account, ..live }).await
    }
}
