use std::cmp::Reverse;

use async_trait::async_trait;
use rightful_domain::accounts::Account;
use rightful_domain::ports::{CommitError, Unique};
use rightful_domain::reason::Outage;
use rightful_domain::sessions::{
    EndReason, Ended, LISTED, LiveSession, Session, SessionRecord, SessionRepository,
};
use rightful_domain::values::{AccountId, SecretHash, SessionId, Timestamp};

use super::{Memory, Records, unless_taken};
use crate::builders::Edit;

#[async_trait]
impl SessionRepository for Memory {
    async fn find(&self, secret: &SecretHash) -> Result<Option<LiveSession>, Outage> {
        let records = self.records();
        let session = records.sessions.values().find(|s| s.record().secret == *secret);
        Ok(session.and_then(|session| {
            let account = records.accounts.get(&session.record().account)?.clone();
            Some(LiveSession { session: session.clone(), account })
        }))
    }

    async fn list(&self, account: AccountId) -> Result<Vec<Session>, Outage> {
        let records = self.records();
        let mut list: Vec<_> = records
            .sessions
            .values()
            .filter(|s| s.record().account == account && s.record().ended.is_none())
            .cloned()
            .collect();
        list.sort_by_key(|session| Reverse(session.record().last_used_at));
        list.truncate(LISTED);
        Ok(list)
    }
}

impl Records {
    pub(super) fn insert_session(&mut self, session: Session) -> Result<(), CommitError> {
        self.living(session.record().account)?;
        unless_taken(Unique::Other, self.sessions.contains_key(&session.id()))?;
        self.keep_session_secret_unique(&session)?;
        self.sessions.insert(session.id(), session);
        Ok(())
    }

    pub(super) fn update_session(&mut self, session: Session) -> Result<(), CommitError> {
        let stored = self.sessions.get(&session.id()).map(Session::record);
        stored
            .filter(|s| s.version == session.record().version && s.ended.is_none())
            .ok_or(CommitError::Stale)?;
        self.keep_session_secret_unique(&session)?;
        let written = session.edit(|record| record.version = record.version.next());
        self.sessions.insert(written.id(), written);
        Ok(())
    }

    pub(super) fn demand_session(
        &self,
        account: AccountId,
        session: SessionId,
    ) -> Result<(), CommitError> {
        let epoch = self.accounts.get(&account).map(Account::epoch);
        let is_alive = |s: &&SessionRecord| {
            s.account == account && s.ended.is_none() && Some(s.epoch) == epoch
        };
        let stored = self.sessions.get(&session).map(Session::record).filter(is_alive);
        stored.map(drop).ok_or(CommitError::Stale)
    }

    #[expect(clippy::unnecessary_wraps, reason = "every write of a commit has one shape")]
    pub(super) fn end_sessions(
        &mut self,
        account: AccountId,
        at: Timestamp,
        why: EndReason,
        is_meant: impl Fn(SessionId) -> bool,
    ) -> Result<(), CommitError> {
        for session in self.sessions.values_mut() {
            let stored = session.record();
            if stored.account == account && stored.ended.is_none() && is_meant(stored.id) {
                *session = session.clone().edit(|record| record.ended = Some(Ended { at, why }));
            }
        }
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "every write of a commit has one shape")]
    pub(super) fn touch_session(
        &mut self,
        session: SessionId,
        at: Timestamp,
    ) -> Result<(), CommitError> {
        if let Some(session) = self.sessions.get_mut(&session)
            && session.record().ended.is_none()
        {
            let touched = session.record().last_used_at.max(at);
            *session = session.clone().edit(|record| record.last_used_at = touched);
        }
        Ok(())
    }

    fn keep_session_secret_unique(&self, session: &Session) -> Result<(), CommitError> {
        let mut others = self.sessions.values().filter(|other| other.id() != session.id());
        let is_taken = others.any(|other| other.record().secret == session.record().secret);
        unless_taken(Unique::Other, is_taken)
    }
}
