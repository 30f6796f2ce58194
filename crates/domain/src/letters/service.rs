use thiserror::Error;

use crate::Rightful;
use crate::Visit;
use crate::accounts::Account;
use crate::audit::{Act, Actor};
use crate::changes::{Changes, Write};
use crate::letters::{
    DeadLetter, Errand, LetterContent, LetterRecord, LetterSecret, PostedErrand, QueueState, Reply,
};
use crate::links::{Link, LinkPurpose};
use crate::ports::{MailFailure, decide_again};
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::values::{LetterId, Span};
use crate::{account_reminder, password_reset, registration};

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
    /// It was an errand: it is done, and the letters that it led to are posted, if there are any.
    Done,
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
            Self::Done => "done",
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
        if record.is_errand() {
            return self.run(record).await;
        }
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

    /// Does an errand. What keeps it from being done is treated like a mail server that refuses: the next letter
    /// of the lease does not wait for it, and it does not stay for ever.
    async fn run(self, record: &LetterRecord) -> Result<Outcome, Outage> {
        let failure = match record.open_errand(&*self.rightful.ports().vault) {
            Err(_) => MailFailure::Permanent(String::from("the errand cannot be opened")),
            Ok(errand) => match decide_again!(self.decide(record, &errand)) {
                Ok(()) => return Ok(Outcome::Done),
                Err(Outage::Contended) => return Ok(Outcome::LeaseLost),
                Err(outage) => MailFailure::Transient(outage.to_string()),
            },
        };
        match decide_again!(self.settle(record, &Err(failure.clone()))) {
            Err(Outage::Contended) => Ok(Outcome::LeaseLost),
            done => Ok(done?),
        }
    }

    /// Looks up what the request did not, and decides by the models of the features. Nobody waits for it, so
    /// nobody sees how long it takes.
    async fn decide(self, record: &LetterRecord, posted: &PostedErrand) -> Result<(), Outage> {
        let ports = self.rightful.ports();
        let now = self.rightful.now();
        let key = posted.typed.key();
        let holder = ports.accounts.find_by_email(key).await?;
        let policy = self.rightful.policy();
        let known = match &holder {
            None if policy.tell_unknown && policy.accounts_enabled => {
                ports.contacts.find(key).await?
            }
            _ => None,
        };
        let reply = match posted.errand {
            Errand::ResetPassword => password_reset::reply(holder, known),
            Errand::RemindOfAccount => account_reminder::reply(holder, known),
            Errand::ResendVerification => registration::reply(holder),
        };
        let used_up = Write::LetterSent { lease: record.lease, at: now };
        let changes = match self.written(reply, posted)? {
            Some(changes) => changes.write(used_up),
            None => Changes::upkeep(used_up),
        };
        self.rightful.commit(changes).await
    }

    /// The letter that a reply is, with its link; `None` for none.
    fn written(self, reply: Reply, posted: &PostedErrand) -> Result<Option<Changes>, Outage> {
        let now = self.rightful.now();
        let deed = posted.deed.clone();
        let told = |act, account: Option<&Account>| {
            let visit = Visit::internal("postroom");
            self.rightful.event(&visit, Actor::System, act, account.map(Account::id))
        };
        let link = |account: &Account, purpose: LinkPurpose| {
            Link::issue(purpose, account, None, &*self.rightful.ports().entropy, now)
        };
        let (event, link, letter) = match reply {
            Reply::Nothing => return Ok(None),
            Reply::ResetLink(account) => {
                let (link, secret) = link(&account, LinkPurpose::ResetPassword);
                let (reset, expires_at) = (LetterSecret(secret), link.record().expires_at);
                let content = LetterContent::ResetPassword { deed, reset, expires_at };
                let event = told(Act::PasswordResetIssued, Some(&account));
                (event, Some(link), self.rightful.letter(&account, content)?)
            }
            Reply::VerificationLink(account) => {
                let (link, secret) = link(&account, LinkPurpose::VerifyAddress);
                let (verify, expires_at) = (LetterSecret(secret), link.record().expires_at);
                let content = LetterContent::VerifyAddress { verify, expires_at };
                let event = told(Act::VerificationIssued, Some(&account));
                (event, Some(link), self.rightful.letter(&account, content)?)
            }
            Reply::HasAccount(account) => {
                let content = LetterContent::AccountReminder { deed };
                let event = told(Act::AccountReminded, Some(&account));
                (event, None, self.rightful.letter(&account, content)?)
            }
            Reply::HasNone(contact) => {
                let content = LetterContent::NoAccount { deed };
                // Only ever to an address that is stored (security §3.11).
                let to = &contact.record().email;
                let letter = self.rightful.letter_to(to, None, posted.locale, content)?;
                (told(Act::AbsenceTold, None), None, letter)
            }
        };
        let mut changes = Changes::told_by(event).post(letter);
        changes.writes.extend(link.map(Write::InsertLink));
        Ok(Some(changes))
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
