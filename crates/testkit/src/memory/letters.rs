use std::cmp::Reverse;

use async_trait::async_trait;
use rightful_domain::letters::{
    DeadLetter, Lease, LetterRecord, LetterRepository, PostedLetter, QueueState,
};
use rightful_domain::ports::{CommitError, Unique};
use rightful_domain::reason::Outage;
use rightful_domain::values::{LetterId, Sealed, Span, Timestamp};

use super::{Memory, Records, at_most, unless_taken};

#[derive(Clone, Debug)]
pub(super) struct Row {
    posted: PostedLetter,
    state: State,
    attempts: u32,
}

#[derive(Clone, Debug)]
enum State {
    Due { at: Timestamp },
    Leased { until: Timestamp },
    Sent { at: Timestamp },
    Dead { at: Timestamp, error: String },
}

impl Row {
    fn is_waiting(&self) -> bool {
        matches!(self.state, State::Due { .. } | State::Leased { .. })
    }

    fn may_be_leased(&self, now: Timestamp) -> bool {
        match self.state {
            State::Due { at } => at <= now,
            State::Leased { until } => until <= now,
            State::Sent { .. } | State::Dead { .. } => false,
        }
    }

    fn lease(&mut self, until: Timestamp) -> LetterRecord {
        let letter = self.posted.clone();
        let leased = LetterRecord {
            lease: Lease { letter: letter.id, until },
            kind: letter.kind,
            account: letter.account,
            email_change: letter.email_change,
            posted_at: letter.posted_at,
            payload: letter.payload,
            attempts: self.attempts,
        };
        self.state = State::Leased { until };
        self.attempts += 1;
        leased
    }

    fn as_dead(&self) -> Option<DeadLetter> {
        let State::Dead { at, error } = &self.state else { return None };
        Some(DeadLetter {
            id: self.posted.id,
            kind: self.posted.kind.clone(),
            posted_at: self.posted.posted_at,
            died_at: *at,
            attempts: self.attempts,
            error: error.clone(),
        })
    }
}

#[async_trait]
impl LetterRepository for Memory {
    async fn lease(
        &self,
        most: u32,
        now: Timestamp,
        life: Span,
    ) -> Result<Vec<LetterRecord>, Outage> {
        let mut records = self.records();
        let mut rows: Vec<_> =
            records.letters.values_mut().filter(|row| row.may_be_leased(now)).collect();
        rows.sort_by_key(|row| row.posted.posted_at);
        Ok(rows.into_iter().take(at_most(most)).map(|row| row.lease(now + life)).collect())
    }

    async fn list_dead(&self, most: u32) -> Result<Vec<DeadLetter>, Outage> {
        let mut list: Vec<_> = self.records().letters.values().filter_map(Row::as_dead).collect();
        list.sort_by_key(|letter| Reverse(letter.died_at));
        list.truncate(at_most(most));
        Ok(list)
    }

    async fn queue_state(&self) -> Result<QueueState, Outage> {
        let records = self.records();
        let waiting = || records.letters.values().filter(|row| row.is_waiting());
        Ok(QueueState {
            waiting: waiting().count() as u64,
            dead: records.letters.values().filter_map(Row::as_dead).count() as u64,
            oldest: waiting().map(|row| row.posted.posted_at).min(),
        })
    }
}

impl Records {
    pub(super) fn post(&mut self, letter: PostedLetter) -> Result<(), CommitError> {
        unless_taken(Unique::Other, self.letters.contains_key(&letter.id))?;
        let state = State::Due { at: letter.posted_at };
        self.letters.insert(letter.id, Row { posted: letter, state, attempts: 0 });
        Ok(())
    }

    fn leased(&mut self, lease: Lease) -> Result<&mut Row, CommitError> {
        let row = self.letters.get_mut(&lease.letter);
        row.filter(|row| matches!(row.state, State::Leased { until } if until == lease.until))
            .ok_or(CommitError::Stale)
    }

    pub(super) fn letter_sent(&mut self, lease: Lease, at: Timestamp) -> Result<(), CommitError> {
        let row = self.leased(lease)?;
        row.state = State::Sent { at };
        row.posted.payload = Sealed::from_bytes(Vec::new());
        Ok(())
    }

    pub(super) fn forget_ended_letters(&mut self, before: Timestamp) {
        self.letters.retain(|_, row| !matches!(row.state, State::Sent { at } | State::Dead { at, .. } if at < before));
    }

    pub(super) fn letter_deferred(
        &mut self,
        lease: Lease,
        due_at: Timestamp,
        _error: String,
    ) -> Result<(), CommitError> {
        self.leased(lease)?.state = State::Due { at: due_at };
        Ok(())
    }

    pub(super) fn letter_dead(
        &mut self,
        lease: Lease,
        at: Timestamp,
        error: String,
    ) -> Result<(), CommitError> {
        self.leased(lease)?.state = State::Dead { at, error };
        Ok(())
    }

    pub(super) fn revive_letter(
        &mut self,
        letter: LetterId,
        due_at: Timestamp,
    ) -> Result<(), CommitError> {
        let row = self.letters.get_mut(&letter);
        let row =
            row.filter(|row| matches!(row.state, State::Dead { .. })).ok_or(CommitError::Stale)?;
        row.state = State::Due { at: due_at };
        row.attempts = 0;
        Ok(())
    }
}
