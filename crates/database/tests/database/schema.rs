//! The tables: how they come about, and what they refuse by themselves.

use rightful_database::{DatabaseError, Db, Migration};
use rightful_domain::changes::Changes;
use rightful_domain::ports::UnitOfWork;
use rightful_migrations::{Migrator, MigratorTrait};
use rightful_testkit::builders::event;
use tokio::task::JoinSet;

use crate::fresh::{self, Fresh};

const FIRST: &str = "m20261122_000001_foundation";

#[tokio::test]
async fn an_empty_database_lacks_every_migration_and_looking_changes_nothing() {
    for fresh in fresh::each_empty().await {
        for _ in 0..2 {
            let status = fresh.db.migrations().await.unwrap();
            assert!(status.contains(&Migration { name: FIRST.to_owned(), applied: false }));
            assert_eq!(fresh.db.pending_migrations().await.unwrap().len(), status.len());
        }
        assert_eq!(tables(&fresh).await, 0);
    }
}

#[tokio::test]
async fn migrating_applies_all_once() {
    for fresh in fresh::each_empty().await {
        let pending = fresh.db.pending_migrations().await.unwrap();
        assert_eq!(fresh.db.migrate().await.unwrap(), pending);
        assert_eq!(fresh.db.pending_migrations().await.unwrap(), Vec::<String>::new());
        assert!(fresh.db.migrations().await.unwrap().iter().all(|one| one.applied));
        assert_eq!(fresh.db.migrate().await.unwrap(), Vec::<String>::new());
        assert_eq!(tables(&fresh).await, 13, "twelve, and the list of migrations");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_processes_that_migrate_at_once_one_does_it() {
    for fresh in fresh::each_empty().await {
        let mut running = JoinSet::new();
        for _ in 0..6 {
            let settings = fresh.settings.clone();
            running
                .spawn(async move { Db::open(&settings).await.unwrap().migrate().await.unwrap() });
        }
        let done = running.join_all().await;
        assert_eq!(done.iter().filter(|names| !names.is_empty()).count(), 1, "{done:?}");
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_in_words() {
    for fresh in fresh::each().await {
        let raw = fresh.raw().await;
        raw.run("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_flight', 0)")
            .await
            .unwrap();
        for error in
            [fresh.db.migrate().await.unwrap_err(), fresh.db.migrations().await.unwrap_err()]
        {
            assert!(
                matches!(&error, DatabaseError::Newer(names) if names == &["m29991231_000001_flight"])
            );
            let text = error.to_string();
            assert!(
                text.contains("newer version") && text.contains("m29991231_000001_flight"),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing() {
    for fresh in fresh::each_empty().await {
        let raw = fresh.raw().await;
        // In the way of the last table but two.
        raw.run("CREATE TABLE audit_entries (mine integer)").await.unwrap();
        let error = fresh.db.migrate().await.unwrap_err();
        assert!(error.to_string().contains("audit_entries"), "{error}");
        assert_eq!(tables(&fresh).await, 1);
        assert_eq!(
            fresh.db.pending_migrations().await.unwrap().len(),
            Migrator::migrations().len()
        );
        raw.run("DROP TABLE audit_entries").await.unwrap();
        fresh.db.migrate().await.unwrap();
    }
}

#[tokio::test]
async fn the_way_back_leaves_nothing_and_the_way_forth_works_again() {
    for fresh in fresh::each().await {
        let raw = fresh.raw().await;
        Migrator::down(&raw.0, None).await.unwrap();
        assert_eq!(tables(&fresh).await, 1, "the list of migrations");
        Migrator::up(&raw.0, None).await.unwrap();
        assert_eq!(tables(&fresh).await, 13);
    }
}

#[tokio::test]
async fn the_audit_trail_refuses_every_change_but_an_entry_more() {
    for fresh in fresh::each().await {
        for _ in 0..3 {
            fresh.db.commit(Changes::told_by(event())).await.unwrap();
        }
        let raw = fresh.raw().await;
        let before = raw
            .texts("SELECT CAST(seq AS text) || act || request FROM audit_entries ORDER BY seq")
            .await;
        let copied = "id, at, actor, act, account, source, 'forged', details, previous, hash FROM audit_entries \
                      WHERE seq = 2";
        let mut attacks = vec![
            "UPDATE audit_entries SET request = 'forged' WHERE seq = 2".to_owned(),
            "UPDATE audit_entries SET seq = 9 WHERE seq = 3".to_owned(),
            "DELETE FROM audit_entries WHERE seq = 3".to_owned(),
            "DELETE FROM audit_entries".to_owned(),
        ];
        if fresh.is_sqlite() {
            attacks.push(format!("INSERT OR REPLACE INTO audit_entries SELECT 2, {copied}"));
            attacks.push(format!("INSERT OR REPLACE INTO audit_entries SELECT 9, {copied}"));
            attacks.push(format!("REPLACE INTO audit_entries SELECT 9, {copied}"));
        } else {
            attacks.push("TRUNCATE audit_entries".to_owned());
            attacks.push(format!(
                "INSERT INTO audit_entries SELECT 2, {copied} ON CONFLICT (seq) DO UPDATE SET request = 'forged'"
            ));
        }
        for attack in attacks {
            let error = raw.run(&attack).await.expect_err(&attack).to_string();
            assert!(error.contains("append-only"), "{attack}: {error}");
        }
        let after = raw
            .texts("SELECT CAST(seq AS text) || act || request FROM audit_entries ORDER BY seq")
            .await;
        assert_eq!(after, before);
        fresh.db.commit(Changes::told_by(event())).await.unwrap();
    }
}

#[tokio::test]
async fn rows_that_no_model_makes_are_refused() {
    for fresh in fresh::each().await {
        let raw = fresh.raw().await;
        raw.run(&fresh.ids(&account("1", "a@example.com", "NULL", "0"))).await.unwrap();
        raw.run(&fresh.ids(&account("2", "b@example.com", "5", "1"))).await.unwrap();
        let mut refused = vec![
            ("unverified with an epoch", account("3", "c@example.com", "NULL", "1")),
            ("verified without an epoch", account("3", "c@example.com", "5", "0")),
            ("a key that is taken", account("3", "a@example.com", "NULL", "0")),
            ("half a freeze", "UPDATE accounts SET freeze_since = 1".to_owned()),
            ("half a freeze", "UPDATE accounts SET freeze_until = 1".to_owned()),
            (
                "a freeze that ends first",
                "UPDATE accounts SET freeze_since = 2, freeze_until = 1".to_owned(),
            ),
            ("half a replaced password", "UPDATE accounts SET replaced_at = 1".to_owned()),
            ("no version", "UPDATE accounts SET version = 0".to_owned()),
            ("an unknown origin", "UPDATE accounts SET origin = 'elsewhere'".to_owned()),
            ("an endless name", format!("UPDATE accounts SET name = '{}'", "x".repeat(101))),
            ("a short secret", session(&fresh.bytes("00"), "NULL, NULL")),
            ("an end without a reason", session(&fresh.bytes(&"00".repeat(32)), "5, NULL")),
            (
                "nobody's session",
                session(&fresh.bytes(&"00".repeat(32)), "NULL, NULL")
                    .replace("-000000000001'", "-000000000009'"),
            ),
            ("sent with its content", letter("'sent'", &fresh.bytes("00"), "5")),
            ("due without content", letter("'due'", "NULL", "NULL")),
            ("dead without an end", letter("'dead'", &fresh.bytes("00"), "NULL")),
            ("an unknown state", letter("'lost'", &fresh.bytes("00"), "5")),
        ];
        if fresh.is_sqlite() {
            refused.push(("a text for a number", "UPDATE accounts SET epoch = 'many'".to_owned()));
        }
        for (what, sql) in refused {
            let sql = fresh.ids(&sql);
            assert!(raw.run(&sql).await.is_err(), "{what} was taken: {sql}");
        }
        // And what differs from these by the fault alone is taken.
        let secret = fresh.bytes(&"00".repeat(32));
        let content = fresh.bytes("00");
        for sql in [
            "UPDATE accounts SET freeze_since = 1, freeze_until = 2".to_owned(),
            session(&secret, "5, 'signed_out'"),
            letter("'sent'", "NULL", "5"),
            letter("'due'", &content, "NULL").replace("-000000000005'", "-000000000006'"),
        ] {
            raw.run(&fresh.ids(&sql)).await.unwrap();
        }
    }
}

fn account(n: &str, email: &str, verified_at: &str, epoch: &str) -> String {
    format!(
        "INSERT INTO accounts (id, email, email_key, verified_at, password, password_set_at, password_set_by, \
         locale, origin, epoch, created_at, version) VALUES ('00000000-0000-0000-0000-00000000000{n}', '{email}', '{email}', \
         {verified_at}, 'x', 0, 'owner', 'en', 'direct', {epoch}, 0, 1)"
    )
}

fn session(secret: &str, end: &str) -> String {
    format!(
        "INSERT INTO sessions (id, account, secret, epoch, carrier, device, source, started_at, last_used_at, \
         proved_at, ended_at, ended_why, version) VALUES ('00000000-0000-0000-0000-000000000004', \
         '00000000-0000-0000-0000-000000000001', {secret}, 0, 'cookie', '', '', 0, 0, 0, {end}, 1)"
    )
}

fn letter(state: &str, payload: &str, ended_at: &str) -> String {
    format!(
        "INSERT INTO letters (id, kind, posted_at, payload, state, due_at, attempts, ended_at) VALUES \
         ('00000000-0000-0000-0000-000000000005', 'welcome', 0, {payload}, {state}, 0, 0, {ended_at})"
    )
}

async fn tables(fresh: &Fresh) -> i64 {
    let sql = if fresh.is_sqlite() {
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    };
    fresh.raw().await.number(sql).await
}
