//! The commit in a database of its own kind: given up in the middle, joined to somebody else's transaction,
//! held up by another process, cut off.

use std::sync::Arc;
use std::time::Duration;

use rightful_database::{Db, commit_in};
use rightful_domain::accounts::AccountRepository;
use rightful_domain::audit::{AuditRepository, Verifier};
use rightful_domain::changes::{Changes, Write};
use rightful_domain::ports::{CommitError, Unique, UnitOfWork};
use rightful_domain::reason::Outage;
use rightful_domain::sessions::{EndReason, SessionRepository};
use rightful_testkit::builders::{
    Edit, NOW, account, changes, contact, email, event_about, id, letter, secret, session, verified,
};
use sea_orm::{SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::task::JoinSet;

use crate::fresh::{self, Raw};

async fn verify_chain(db: &Db) -> i64 {
    let mut verifier = Verifier::new(None);
    for entry in AuditRepository::list(db, 0, 10_000).await.expect("reads") {
        verifier.follow(&entry).expect("follows");
    }
    verifier.finish().expect("ends").seq
}

/// A client hangs up at any moment: what it asked for is there as a whole or not at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_given_up_at_any_moment_is_whole_or_not_there() {
    for fresh in fresh::each().await {
        let db = Arc::new(fresh.db.clone());
        let mut given_up = 0;
        for n in 1..=120 {
            let (db, owner) = (Arc::clone(&db), verified(n));
            let all = Changes::told_by(event_about(&owner))
                .write(Write::InsertAccount(owner.clone()))
                .write(Write::InsertSession(session(&owner, n)))
                .post(letter(n));
            let task = tokio::spawn(async move { db.commit(all).await });
            // Later and later, from before the first statement to after the last.
            for _ in 0..n * 3 {
                tokio::task::yield_now().await;
            }
            task.abort();
            given_up += i32::from(task.await.is_err());
        }
        assert!(given_up > 0, "none was given up: this test proves nothing");
        // The writer's queue is fair: whatever was begun is done when this is. PostgreSQL has no such queue, so
        // all is counted in one statement, which sees one moment.
        fresh.db.commit(Changes::told_by(event_about(&verified(999)))).await.unwrap();
        let raw = fresh.raw().await;
        let torn = "SELECT count(*) FROM accounts a \
            FULL JOIN sessions s ON s.account = a.id FULL JOIN (SELECT * FROM audit_entries WHERE account <> {other}) e \
            ON e.account = a.id WHERE a.id IS NULL OR s.id IS NULL OR e.id IS NULL";
        let other = fresh.ids(&format!("'{}'", verified(999).id().as_uuid()));
        assert_eq!(raw.number(&torn.replace("{other}", &other)).await, 0);
        let counts = "SELECT (SELECT count(*) FROM accounts) - (SELECT count(*) FROM letters)";
        assert_eq!(raw.number(counts).await, 0);
        verify_chain(&fresh.db).await;
    }
}

/// The client that hung up must not take with it that the end of a session is seen. SQLite's writer is a queue:
/// when a later commit is done, so is whatever was begun before.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_end_of_a_session_is_seen_though_the_commit_was_given_up() {
    let fresh = fresh::sqlite().await;
    let raw = fresh.raw().await;
    let owner = verified(1);
    fresh.db.commit(changes([Write::InsertAccount(owner.clone())])).await.unwrap();
    let mut ended_though_given_up = 0;
    for n in 1..=150 {
        fresh.db.commit(changes([Write::InsertSession(session(&owner, n))])).await.unwrap();
        let seen = SessionRepository::find(&fresh.db, &secret(n)).await.unwrap().unwrap();
        assert!(seen.session.record().ended.is_none());
        let (db, account, session) = (fresh.db.clone(), owner.id(), id(n));
        let why = EndReason::EndedElsewhere;
        let end = changes([Write::EndSession { account, session, at: NOW, why }]);
        let task = tokio::spawn(async move { db.commit(end).await });
        for _ in 0..n * 4 {
            tokio::task::yield_now().await;
        }
        task.abort();
        let given_up = task.await.is_err();
        fresh.db.commit(changes([Write::PutContact(contact("next@example.com"))])).await.unwrap();
        let count = "SELECT count(*) FROM sessions WHERE ended_at IS NOT NULL AND id = {id}";
        let id = fresh.ids(&format!("'{}'", session.as_uuid()));
        let ended = raw.number(&count.replace("{id}", &id)).await == 1;
        let seen = SessionRepository::find(&fresh.db, &secret(n)).await.unwrap().unwrap();
        assert_eq!(seen.session.record().ended.is_some(), ended, "session {n}");
        ended_though_given_up += i32::from(ended && given_up);
    }
    assert!(ended_though_given_up > 0, "none was given up in the middle: this test proves nothing");
}

async fn begin(raw: &Raw) -> sea_orm::DatabaseTransaction {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    raw.0.begin_with_options(options).await.expect("begins")
}

/// An embedding service joins the change to its own.
#[tokio::test]
async fn a_commit_in_a_transaction_of_the_callers_stands_and_falls_with_it() {
    for fresh in fresh::each().await {
        let raw = fresh.raw().await;
        raw.run("CREATE TABLE orders (number integer)").await.unwrap();
        let owner = verified(1);
        let mine = [Write::InsertAccount(owner.clone()), Write::InsertSession(session(&owner, 1))];
        for stands in [false, true] {
            let tx = begin(&raw).await;
            sea_orm::ConnectionTrait::execute_unprepared(&tx, "INSERT INTO orders VALUES (1)")
                .await
                .unwrap();
            let touched = commit_in(&tx, changes(mine.clone())).await.unwrap();
            if stands {
                tx.commit().await.unwrap();
            } else {
                tx.rollback().await.unwrap();
            }
            fresh.db.apply(touched);
            let found = AccountRepository::find(&fresh.db, owner.id()).await.unwrap();
            assert_eq!(found.is_some(), stands);
            assert_eq!(raw.number("SELECT count(*) FROM orders").await, i64::from(stands));
            assert_eq!(verify_chain(&fresh.db).await, i64::from(stands));
        }
        // What it touched is seen once it is applied.
        let found = SessionRepository::find(&fresh.db, &secret(1)).await.unwrap().unwrap();
        assert!(found.session.record().ended.is_none());
        let end = Write::EndSessions {
            account: owner.id(),
            except: None,
            at: NOW,
            why: EndReason::Disputed,
        };
        let tx = begin(&raw).await;
        let touched = commit_in(&tx, changes([end])).await.unwrap();
        tx.commit().await.unwrap();
        fresh.db.apply(touched);
        let found = SessionRepository::find(&fresh.db, &secret(1)).await.unwrap().unwrap();
        assert!(found.session.record().ended.is_some());
    }
}

/// The same errors as by the port.
#[tokio::test]
async fn a_commit_in_a_transaction_of_the_callers_is_refused_as_any() {
    for fresh in fresh::each().await {
        let raw = fresh.raw().await;
        fresh.db.commit(changes([Write::InsertAccount(account(1))])).await.unwrap();
        let twin = account(2).edit(|record| record.email = email("CUSTOMER1@example.com"));
        let tx = begin(&raw).await;
        let refused = commit_in(&tx, changes([Write::InsertAccount(twin)])).await;
        assert!(matches!(refused, Err(CommitError::Taken(Unique::EmailKey))), "{refused:?}");
        tx.rollback().await.unwrap();
        let tx = begin(&raw).await;
        let refused = commit_in(&tx, changes([Write::UpdateAccount(verified(3))])).await;
        assert!(matches!(refused, Err(CommitError::Stale)), "{refused:?}");
        tx.rollback().await.unwrap();
        assert_eq!(verify_chain(&fresh.db).await, 1);
    }
}

/// A backup, a shell: whoever writes to the file past us is waited for, and then told of.
#[tokio::test]
async fn another_writer_of_the_file_is_waited_for_to_the_end_of_patience() {
    let fresh = fresh::sqlite().await;
    let mut settings = fresh.settings.clone();
    settings.busy_timeout = Duration::from_millis(200);
    let hasty = Db::open(&settings).await.unwrap();
    let raw = fresh.raw().await;
    let other = begin(&raw).await;
    let patient = fresh.db.clone();
    let insert = |n| changes([Write::InsertAccount(account(n))]);
    let waiting = tokio::spawn(async move { patient.commit(insert(1)).await });
    let refused = hasty.commit(insert(2)).await;
    assert!(matches!(refused, Err(CommitError::Outage(Outage::Contended))), "{refused:?}");
    assert!(!waiting.is_finished(), "the patient one waits on");
    other.rollback().await.unwrap();
    waiting.await.unwrap().unwrap();
    assert!(AccountRepository::find(&fresh.db, id(1)).await.unwrap().is_some());
}

/// With one writer, the others wait in a queue; the queue has an end.
#[tokio::test]
async fn who_waits_too_long_for_a_connection_is_told_that_there_is_too_much_work() {
    let fresh = fresh::sqlite().await;
    let mut settings = fresh.settings.clone();
    settings.acquire_timeout = Duration::from_millis(200);
    let db = Arc::new(Db::open(&settings).await.unwrap());
    let raw = fresh.raw().await;
    let other = begin(&raw).await;
    let mut waiting = JoinSet::new();
    for n in 1..=2 {
        let db = Arc::clone(&db);
        waiting.spawn(async move { db.commit(changes([Write::InsertAccount(account(n))])).await });
    }
    // The one that has the writer waits for the file, 5 seconds long; the other waits for the writer.
    let first = waiting.join_next().await.unwrap().unwrap();
    assert!(matches!(first, Err(CommitError::Outage(Outage::Overloaded))), "{first:?}");
    other.rollback().await.unwrap();
    waiting.join_next().await.unwrap().unwrap().unwrap();
}

/// The server restarts, an administrator ends our connections: the next commit works.
#[tokio::test]
async fn connections_that_were_cut_are_made_anew() {
    let Some(fresh) = fresh::postgres().await else { return };
    fresh.db.commit(changes([Write::InsertAccount(account(1))])).await.unwrap();
    let raw = fresh.raw().await;
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(raw.number(cut).await > 0);
    fresh.db.commit(changes([Write::InsertAccount(account(2))])).await.unwrap();
    assert!(AccountRepository::find(&fresh.db, id(2)).await.unwrap().is_some());
}

/// What an administrator sees, and what bounds a statement.
#[tokio::test]
async fn postgres_knows_us_by_name_and_bounds_our_statements() {
    let Some(fresh) = fresh::postgres().await else { return };
    let raw = fresh.raw().await;
    fresh.db.ping().await.unwrap();
    let ours = "SELECT count(*) FROM pg_stat_activity \
                WHERE datname = current_database() AND application_name = 'rightful'";
    assert!(raw.number(ours).await > 0);
    // A statement that waits for a lock ends with its limit.
    fresh.db.commit(changes([Write::InsertAccount(account(1))])).await.unwrap();
    let mut settings = fresh.settings.clone();
    settings.statement_timeout = Duration::from_millis(200);
    let hasty = Db::open(&settings).await.unwrap();
    let tx = begin(&raw).await;
    sea_orm::ConnectionTrait::execute_unprepared(&tx, "UPDATE accounts SET version = version")
        .await
        .unwrap();
    let refused = hasty.commit(changes([Write::UpdateAccount(account(1))])).await;
    assert!(matches!(refused, Err(CommitError::Outage(Outage::Overloaded))), "{refused:?}");
    tx.rollback().await.unwrap();
    hasty.commit(changes([Write::UpdateAccount(account(1))])).await.unwrap();
}
