//! The one write (decision 0002): everything that a use case decided, or nothing of it.

use async_trait::async_trait;
use rightful_domain::changes::{Changes, Write};
use rightful_domain::ports::{CommitError, UnitOfWork};
use rightful_domain::sessions::Ended;
use rightful_domain::values::{AccountId, SecretHash};
use sea_orm::DatabaseTransaction;

use crate::errors::{Tries, lost, outage};
use crate::sessions::Which;
use crate::{
    Db, accounts, audit, contacts, email_change, letters, links, retention, second_factors,
    sessions, throttle, trusted_devices,
};

/// Writes `changes` in a transaction of the caller's, and its audit entries last.
///
/// For a service that embeds Rightful and joins the change of an account to a change of its own. What the
/// caller owes:
///
/// - SQLite: begin with `BEGIN IMMEDIATE` and foreign keys on. PostgreSQL: READ COMMITTED.
/// - Roll back when this gives an error; part of the changes may be written.
/// - Commit soon, and write nothing of Rightful's afterwards: from here to its end the transaction holds the
///   lock of the audit trail, and every other commit waits for it.
/// - After its own COMMIT, whether it succeeded or its outcome is unknown, give the [`Invalidation`] to
///   [`Db::apply`].
pub async fn commit_in(
    tx: &DatabaseTransaction,
    changes: Changes,
) -> Result<Invalidation, CommitError> {
    let mut touched = Invalidation::default();
    write_all(tx, &changes, &mut touched).await?;
    Ok(touched)
}

/// What a commit touched of the sessions that this process remembers.
#[derive(Debug, Default)]
#[must_use = "give it to `Db::apply` after the COMMIT, or ended sessions live on for a second"]
pub struct Invalidation {
    pub(crate) accounts: Vec<AccountId>,
    pub(crate) secrets: Vec<SecretHash>,
}

impl Db {
    /// Forgets the sessions that a transaction of the caller's has touched. See [`commit_in`].
    pub fn apply(&self, touched: Invalidation) {
        if !touched.accounts.is_empty() || !touched.secrets.is_empty() {
            self.sessions.invalidate(&touched);
        }
    }

    async fn commit_begun(
        &self,
        mut tx: DatabaseTransaction,
        changes: &Changes,
    ) -> Result<(), CommitError> {
        let mut tries = Tries::new();
        loop {
            match self.try_commit(tx, changes).await {
                Err(CommitError::Outage(outage)) if tries.again(&outage) => {
                    tx = self.begin().await?;
                }
                done => return done,
            }
        }
    }

    async fn try_commit(
        &self,
        tx: DatabaseTransaction,
        changes: &Changes,
    ) -> Result<(), CommitError> {
        let mut touched = Invalidation::default();
        let written = write_all(&tx, changes, &mut touched).await;
        // A transaction that is dropped is rolled back.
        let done = match written {
            Ok(()) => tx.commit().await.map_err(|error| outage(error).into()),
            Err(error) => Err(error),
        };
        // When the connection broke, nobody knows whether it was committed; and what was refused as stale may
        // have been decided on a session that another process has ended. Forgetting is never wrong.
        self.apply(touched);
        done
    }
}

#[async_trait]
impl UnitOfWork for Db {
    async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        // Whoever waits for the writer may go away.
        let tx = self.begin().await?;
        // From here on it is written to its end: a client that hangs up must not part the commit from what
        // follows it.
        let db = self.clone();
        let work = tokio::spawn(async move { db.commit_begun(tx, &changes).await });
        work.await.unwrap_or_else(|panicked| Err(lost(panicked).into()))
    }
}

async fn write_all(
    tx: &DatabaseTransaction,
    changes: &Changes,
    touched: &mut Invalidation,
) -> Result<(), CommitError> {
    for write in &changes.writes {
        write_one(tx, write, touched).await?;
    }
    if !changes.letters.is_empty() {
        letters::post(tx, &changes.letters).await?;
    }
    audit::append(tx, &changes.audit).await
}

async fn write_one(
    tx: &DatabaseTransaction,
    write: &Write,
    touched: &mut Invalidation,
) -> Result<(), CommitError> {
    match write {
        Write::InsertAccount(account) => accounts::insert(tx, account).await,
        Write::UpdateAccount(account) => {
            touched.accounts.push(account.id());
            accounts::update(tx, account).await
        }
        Write::RemoveAccount(account) => {
            touched.accounts.push(account.id());
            accounts::remove(tx, account).await
        }
        Write::PutContact(contact) => contacts::put(tx, contact).await,
        Write::RemoveContact(key) => contacts::remove(tx, key).await,
        Write::InsertSession(session) => sessions::insert(tx, session).await,
        Write::UpdateSession(session) => {
            touched.accounts.push(session.record().account);
            sessions::update(tx, session).await
        }
        Write::DemandSession { account, session } => {
            touched.accounts.push(*account);
            sessions::demand(tx, *account, *session).await
        }
        Write::EndSession { account, session, at, why } => {
            touched.accounts.push(*account);
            let ended = Ended { at: *at, why: *why };
            sessions::end(tx, *account, Which::Only(*session), ended).await
        }
        Write::EndSessions { account, except, at, why } => {
            touched.accounts.push(*account);
            let ended = Ended { at: *at, why: *why };
            sessions::end(tx, *account, Which::AllBut(*except), ended).await
        }
        Write::TouchSession { session, at } => {
            touched.secrets.extend(sessions::touch(tx, *session, *at).await?);
            Ok(())
        }
        Write::InsertFactor(factor) => second_factors::insert(tx, factor).await,
        Write::UpdateFactor(factor) => second_factors::update(tx, factor).await,
        Write::InsertTrustedDevice(device) => trusted_devices::insert(tx, device).await,
        Write::EndTrust { account, device, at } => {
            trusted_devices::end(tx, *account, *device, *at).await
        }
        Write::InsertLink(link) => links::insert(tx, link).await,
        Write::ForgetPast(past) => retention::forget(tx, past).await,
        Write::ForgetTries(keys) => throttle::forget(tx, keys).await,
        Write::RedeemLink { link, at } => links::redeem(tx, *link, *at).await,
        Write::InsertEmailChange(change) => email_change::insert(tx, change).await,
        Write::UpdateEmailChange(change) => email_change::update(tx, change).await,
        Write::LetterSent { lease, at } => letters::sent(tx, *lease, *at).await,
        Write::LetterDeferred { lease, due_at, error } => {
            letters::deferred(tx, *lease, *due_at, error).await
        }
        Write::LetterDead { lease, at, error } => letters::dead(tx, *lease, *at, error).await,
        Write::ReviveLetter { letter, due_at } => letters::revive(tx, *letter, *due_at).await,
    }
}

/// A guarded write found its one row, or what it was decided on has changed.
pub(crate) const fn one(rows: u64) -> Result<(), CommitError> {
    if rows == 1 { Ok(()) } else { Err(CommitError::Stale) }
}
