use thiserror::Error;

use crate::Rightful;
use crate::Visit;
use crate::audit::{Act, Actor};
use crate::changes::{Changes, Write};
use crate::letters::{DeadLetter, LetterRecord, QueueState};
use crate::ports::{MailFailure, decide_again};
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::values::{LetterId, Span};

/// Sending what was posted.
#[derive(Clone, Copy)]
pub struct Postroom<'a> {
    rightful: &'a Rightful,
}

/// What became of one leased letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The mail server took it.
    Sent,
    /// It is tried again later.
    Deferred,
    /// It was given up.
    Dead,
    /// The lease ended before we could say what became of it: another worker has it.
    LeaseLost,
}

impl Outcome {
    /// The stable text form, for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Dead => "dead",
            Self::LeaseLost => "lease_lost",
        }
    }
}

/// One letter's try.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Delivery {
    pub letter: LetterId,
    pub kind: String,
    pub outcome: Outcome,
}

/// Why a dead letter was not put back.
#[derive(Debug, Error)]
pub enum DeadLetterError {
    /// There is no dead letter of that id.
    #[error("no dead letter of that id")]
    Unknown,
    /// A part failed.
    #[error(transparent)]
    Outage(#[from] Outage),
}

impl Refusal for DeadLetterError {
    fn reason(&self) -> Reason {
        match self {
            Self::Unknown => Reason::NotFound,
            Self::Outage(outage) => outage.reason(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "not_found",
            Self::Outage(outage) => outage.code(),
        }
    }
    fn retry_after(&self) -> Option<Span> {
        match self {
            Self::Unknown => None,
            Self::Outage(outage) => outage.retry_after(),
        }
    }
    fn next_actions(&self) -> &'static [NextAction] {
        match self {
            Self::Unknown => &[],
            Self::Outage(outage) => outage.next_actions(),
        }
    }
}

impl<'a> Postroom<'a> {
    /// Longer than any mail server is waited for, times the letters of one lease.
    const LEASE: Span = Span::minutes(15);

    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    /// Sends letters that are due, `most` at most, one after the other. Empty when none is due.
    pub async fn deliver_due(self, most: u32) -> Result<Vec<Delivery>, Outage> {
        let ports = self.rightful.ports();
        let leased = ports.letters.lease(most, self.rightful.now(), Self::LEASE).await?;
        let mut deliveries = Vec::with_capacity(leased.len());
        for record in leased {
            let outcome = self.deliver(&record).await?;
            deliveries.push(Delivery { letter: record.lease.letter, kind: record.kind, outcome });
        }
        Ok(deliveries)
    }

    async fn deliver(self, record: &LetterRecord) -> Result<Outcome, Outage> {
        let ports = self.rightful.ports();
        let sent = match record.open(&*ports.vault) {
            Ok(letter) => ports.mailer.send(&letter).await,
            Err(_) => Err(MailFailure::Permanent(String::from("the letter cannot be opened"))),
        };
        // Decided again when somebody changed the address in between: only a lost lease stays contended.
        match decide_again!(self.settle(record, &sent)) {
            Err(Outage::Contended) => Ok(Outcome::LeaseLost),
            done => done,
        }
    }

    async fn settle(
        self,
        record: &LetterRecord,
        sent: &Result<(), MailFailure>,
    ) -> Result<Outcome, Outage> {
        let now = self.rightful.now();
        let lease = record.lease;
        let (changes, outcome) = match sent {
            Ok(()) => (Changes::upkeep(Write::LetterSent { lease, at: now }), Outcome::Sent),
            Err(failure) => match (failure, record.back_off()) {
                (MailFailure::Transient(error), Some(wait)) => {
                    let error = error.clone();
                    let defer = Write::LetterDeferred { lease, due_at: now + wait, error };
                    (Changes::upkeep(defer), Outcome::Deferred)
                }
                _ => (self.give_up(record, failure).await?, Outcome::Dead),
            },
        };
        self.rightful.commit(changes).await?;
        Ok(outcome)
    }

    /// The letter dies; a change of address that waits for this mailbox fails with it.
    async fn give_up(
        self,
        record: &LetterRecord,
        failure: &MailFailure,
    ) -> Result<Changes, Outage> {
        let now = self.rightful.now();
        let visit = Visit::internal("postroom");
        let told = |act| {
            let event = self.rightful.event(&visit, Actor::System, act, record.account);
            event.with("letter", record.lease.letter).with("kind", &record.kind)
        };
        let error = failure.to_string();
        let dead = Write::LetterDead { lease: record.lease, at: now, error };
        let changes = Changes::told_by(told(Act::LetterDied)).write(dead);
        let (Some(id), MailFailure::Undeliverable(_)) = (record.email_change, failure) else {
            return Ok(changes);
        };
        let change = self.rightful.ports().email_changes.find(id).await?;
        Ok(match change.map(|change| change.bounce(now)) {
            Some(Ok(bounced)) => changes
                .write(Write::UpdateEmailChange(bounced))
                .also_told_by(told(Act::EmailChangeUndeliverable)),
            // Gone, confirmed through another copy, cancelled: the bounce changes nothing.
            Some(Err(_)) | None => changes,
        })
    }

    /// Dead letters, the latest first.
    pub async fn dead_letters(self, most: u32) -> Result<Vec<DeadLetter>, Outage> {
        self.rightful.ports().letters.list_dead(most).await
    }

    /// How the outbox stands.
    pub async fn queue_state(self) -> Result<QueueState, Outage> {
        self.rightful.ports().letters.queue_state().await
    }

    /// Puts a dead letter back into the queue, due now.
    pub async fn revive(self, letter: LetterId) -> Result<(), DeadLetterError> {
        let visit = Visit::internal("operator");
        let event = self.rightful.event(&visit, Actor::Operator, Act::LetterRevived, None);
        let revive = Write::ReviveLetter { letter, due_at: self.rightful.now() };
        let changes = Changes::told_by(event.with("letter", letter)).write(revive);
        match self.rightful.commit(changes).await {
            Err(Outage::Contended) => Err(DeadLetterError::Unknown),
            done => Ok(done?),
        }
    }
}
