use thiserror::Error;

use super::model::PREFIX;
use crate::Rightful;
use crate::Visit;
use crate::audit::Act;
use crate::changes::{Changes, Write};
use crate::letters::LetterContent;
use crate::ports::decide_again;
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::sessions::{EndReason, LISTED, LiveSession, Session};
use crate::values::{SecretText, SessionId, Span};

/// Sessions.
#[derive(Clone, Copy)]
pub struct Sessions<'a> {
    rightful: &'a Rightful,
}

/// The live sessions of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionList {
    /// The last used first.
    pub sessions: Vec<Session>,
    /// Whether there may be others: the page of records was full, some perhaps of sessions that are over.
    pub more: bool,
}

/// Why something with a session did not go on.
#[derive(Debug, Error)]
pub enum SessionError {
    /// Never issued, over, ended: never which.
    #[error("no live session")]
    Over,
    /// The account has no session of that id.
    #[error("no such session")]
    Unknown,
    /// The password must be proved again first.
    #[error("the password was proved too long ago")]
    NotFresh,
    /// Too often.
    #[error("too often")]
    TooOften {
        /// How long to wait.
        wait: Span,
    },
    /// A part failed.
    #[error(transparent)]
    Outage(#[from] Outage),
}

impl SessionError {
    const fn is_contended(&self) -> bool {
        matches!(self, Self::Outage(Outage::Contended))
    }
}

impl Refusal for SessionError {
    fn reason(&self) -> Reason {
        match self {
            Self::Over => Reason::Unauthenticated,
            Self::NotFresh => Reason::Forbidden,
            Self::Unknown => Reason::NotFound,
            Self::TooOften { .. } => Reason::TooMany,
            Self::Outage(outage) => outage.reason(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Over => "unauthenticated",
            Self::NotFresh => "reauthentication_required",
            Self::Unknown => "not_found",
            Self::TooOften { .. } => "too_many_requests",
            Self::Outage(outage) => outage.code(),
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
            Self::Over => &[NextAction::SignIn],
            Self::NotFresh => &[NextAction::Reauthenticate],
            Self::Unknown => &[],
            Self::TooOften { .. } => &[NextAction::Wait],
            Self::Outage(outage) => outage.next_actions(),
        }
    }
}

impl<'a> Sessions<'a> {
    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    /// The session of a presented secret, if it is good now.
    pub async fn check(self, secret: &str) -> Result<LiveSession, SessionError> {
        let secret = SecretText::present(PREFIX, secret).ok_or(SessionError::Over)?;
        let repository = &self.rightful.ports().sessions;
        let live = repository.find(&secret.hash()).await?.ok_or(SessionError::Over)?;
        let policy = &self.rightful.policy().sessions;
        let now = self.rightful.now();
        live.session.check(&live.account, policy, now).map_err(|_| SessionError::Over)?;
        if live.session.wants_touch(policy, now) {
            let touch = Write::TouchSession { session: live.session.id(), at: now };
            match self.rightful.commit(Changes::upkeep(touch)).await {
                // The next check writes it: a full queue of writers refuses no customer who is signed in.
                Ok(()) | Err(Outage::Contended | Outage::Overloaded) => {}
                Err(outage) => return Err(outage.into()),
            }
        }
        Ok(live)
    }

    /// The live sessions of the account, last used first.
    pub async fn list(self, live: &LiveSession) -> Result<SessionList, SessionError> {
        let now = self.rightful.now();
        let policy = &self.rightful.policy().sessions;
        let mut sessions = self.rightful.ports().sessions.list(live.account.id()).await?;
        let more = sessions.len() >= LISTED;
        sessions.retain(|session| session.check(&live.account, policy, now).is_ok());
        Ok(SessionList { sessions, more })
    }

    /// Ends one session of the account: itself at any time, another after a fresh proof of the password
    /// (security §3.6), so that a thief of one session cannot throw the owner out.
    pub async fn end(
        self,
        live: &LiveSession,
        which: SessionId,
        visit: &Visit,
    ) -> Result<(), SessionError> {
        if which == live.session.id() {
            return self.sign_out(live, visit).await;
        }
        decide_again!(self.decide_end(live, which, visit))
    }

    async fn decide_end(
        self,
        live: &LiveSession,
        which: SessionId,
        visit: &Visit,
    ) -> Result<(), SessionError> {
        let live = &self.still(live).await?;
        let mine = self.list(live).await?;
        if !mine.sessions.iter().any(|session| session.id() == which) {
            return Err(SessionError::Unknown);
        }
        self.demand_fresh(live)?;
        let account = live.account.id();
        let event =
            self.rightful.own_event(visit, Act::SessionEnded, account).with("session", which);
        let end = Write::EndSession {
            account,
            session: which,
            at: self.rightful.now(),
            why: EndReason::EndedElsewhere,
        };
        Ok(self.rightful.commit_in(live, Changes::told_by(event).write(end)).await?)
    }

    /// Ends every other session of the account, after a fresh proof of the password. Where there is none,
    /// nothing is done and nobody told.
    pub async fn end_others(self, live: &LiveSession, visit: &Visit) -> Result<(), SessionError> {
        self.demand_fresh(&self.still(live).await?)?;
        let mine = self.list(live).await?;
        if !mine.more && mine.sessions.iter().all(|session| session.id() == live.session.id()) {
            return Ok(());
        }
        let limit = self.rightful.policy().limits.sessions_ended;
        let counted = self.rightful.account_too_often(live.account.id(), "sessions_ended", limit);
        if let Some(wait) = counted.await? {
            return Err(SessionError::TooOften { wait });
        }
        decide_again!(self.decide_end_others(live, visit))
    }

    async fn decide_end_others(
        self,
        live: &LiveSession,
        visit: &Visit,
    ) -> Result<(), SessionError> {
        let live = &self.still(live).await?;
        self.demand_fresh(live)?;
        let now = self.rightful.now();
        let account = &live.account;
        let event = self.rightful.own_event(visit, Act::OtherSessionsEnded, account.id());
        let mut changes = Changes::told_by(event).write(Write::EndSessions {
            account: account.id(),
            except: Some(live.session.id()),
            at: now,
            why: EndReason::EndedElsewhere,
        });
        if account.is_verified() {
            let content = LetterContent::SessionsEnded { deed: visit.deed(now) };
            changes = changes.post(self.rightful.letter(account, content)?);
        }
        Ok(self.rightful.commit_in(live, changes).await?)
    }

    /// Signs out: this session ends on the server.
    pub async fn sign_out(self, live: &LiveSession, visit: &Visit) -> Result<(), SessionError> {
        let account = live.account.id();
        let session = live.session.id();
        let event =
            self.rightful.own_event(visit, Act::SignedOut, account).with("session", session);
        let at = self.rightful.now();
        let end = Write::EndSession { account, session, at, why: EndReason::SignedOut };
        Ok(self.rightful.commit(Changes::told_by(event).write(end)).await?)
    }

    async fn still(self, live: &LiveSession) -> Result<LiveSession, SessionError> {
        self.rightful.still(live).await?.ok_or(SessionError::Over)
    }

    fn demand_fresh(self, live: &LiveSession) -> Result<(), SessionError> {
        let policy = &self.rightful.policy().sessions;
        let proof = live.session.fresh_proof(&live.account, policy, self.rightful.now());
        proof.map(drop).ok_or(SessionError::NotFresh)
    }
}
