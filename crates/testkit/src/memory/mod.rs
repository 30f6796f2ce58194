//! Every repository in memory: plain maps behind one lock, with the contract of the ports to the letter.
//!
//! A commit works on a copy and swaps it in at its end, so that nothing of a refused commit is ever seen.
//! The suite in [`crate::contract`] holds it to the same rules as the databases.

mod accounts;
mod audit;
mod contacts;
mod email_change;
mod idempotency;
mod letters;
mod links;
mod retention;
mod second_factors;
mod sessions;
mod throttle;
mod trusted_devices;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use rightful_domain::accounts::Account;
use rightful_domain::audit::Entry;
use rightful_domain::changes::{Changes, Write};
use rightful_domain::contacts::Contact;
use rightful_domain::email_change::EmailChange;
use rightful_domain::idempotency::IdempotencyKey;
use rightful_domain::links::Link;
use rightful_domain::ports::{CommitError, Unique, UnitOfWork};
use rightful_domain::second_factors::Factor;
use rightful_domain::sessions::Session;
use rightful_domain::throttle::ThrottleKey;
use rightful_domain::trusted_devices::TrustedDevice;
use rightful_domain::values::{
    AccountId, EmailChangeId, EmailKey, FactorId, LetterId, LinkId, SessionId, TrustedDeviceId,
};

/// All records, in memory.
#[derive(Debug, Default)]
pub struct Memory {
    records: Mutex<Records>,
}

#[derive(Clone, Debug, Default)]
struct Records {
    accounts: BTreeMap<AccountId, Account>,
    contacts: BTreeMap<EmailKey, Contact>,
    sessions: BTreeMap<SessionId, Session>,
    factors: BTreeMap<FactorId, Factor>,
    trusted_devices: BTreeMap<TrustedDeviceId, TrustedDevice>,
    links: BTreeMap<LinkId, Link>,
    email_changes: BTreeMap<EmailChangeId, EmailChange>,
    letters: BTreeMap<LetterId, letters::Row>,
    audit: Vec<Entry>,
    tallies: BTreeMap<ThrottleKey, throttle::Row>,
    answers: BTreeMap<IdempotencyKey, idempotency::Row>,
}

impl Memory {
    /// With no record at all.
    pub fn new() -> Self {
        Self::default()
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        // A commit replaces the records in one step, so a panic elsewhere cannot have left half of one.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl UnitOfWork for Memory {
    async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        let mut records = self.records();
        let mut after = records.clone();
        for write in changes.writes {
            after.write(write)?;
        }
        for letter in changes.letters {
            after.post(letter)?;
        }
        for event in changes.audit {
            after.tell(event)?;
        }
        *records = after;
        Ok(())
    }
}

impl Records {
    fn write(&mut self, write: Write) -> Result<(), CommitError> {
        match write {
            Write::InsertAccount(account) => self.insert_account(account),
            Write::UpdateAccount(account) => self.update_account(account),
            Write::RemoveAccount(account) => self.remove_account(&account),
            Write::PutContact(contact) => self.put_contact(contact),
            Write::RemoveContact(key) => self.remove_contact(&key),
            Write::InsertSession(session) => self.insert_session(session),
            Write::UpdateSession(session) => self.update_session(session),
            Write::DemandSession { account, session } => self.demand_session(account, session),
            Write::EndSession { account, session, at, why } => {
                self.end_sessions(account, at, why, |id| id == session)
            }
            Write::EndSessions { account, except, at, why } => {
                self.end_sessions(account, at, why, |id| Some(id) != except)
            }
            Write::TouchSession { session, at } => self.touch_session(session, at),
            Write::ForgetPast(past) => {
                self.forget_past(past);
                Ok(())
            }
            Write::ForgetTries(keys) => self.forget_tries(&keys),
            Write::InsertFactor(factor) => self.insert_factor(factor),
            Write::UpdateFactor(factor) => self.update_factor(factor),
            Write::InsertTrustedDevice(device) => self.insert_trusted_device(device),
            Write::EndTrust { account, device, at } => {
                self.end_trust(account, device, at);
                Ok(())
            }
            Write::InsertLink(link) => self.insert_link(link),
            Write::RedeemLink { link, at } => self.redeem_link(link, at),
            Write::InsertEmailChange(change) => self.insert_email_change(change),
            Write::UpdateEmailChange(change) => self.update_email_change(change),
            Write::LetterSent { lease, at } => self.letter_sent(lease, at),
            Write::LetterDeferred { lease, due_at, error } => {
                self.letter_deferred(lease, due_at, error)
            }
            Write::LetterDead { lease, at, error } => self.letter_dead(lease, at, error),
            Write::ReviveLetter { letter, due_at } => self.revive_letter(letter, due_at),
        }
    }

    /// What hangs on an account cannot be written when the account is gone: it gave way meanwhile.
    fn living(&self, account: AccountId) -> Result<(), CommitError> {
        if self.accounts.contains_key(&account) { Ok(()) } else { Err(CommitError::Stale) }
    }
}

/// Refuses when `is_taken`.
fn unless_taken(what: Unique, is_taken: bool) -> Result<(), CommitError> {
    if is_taken { Err(CommitError::Taken(what)) } else { Ok(()) }
}

/// A limit as a length.
fn at_most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
