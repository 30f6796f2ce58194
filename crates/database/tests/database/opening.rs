//! Opening, failing to, and errors that tell nothing they must not.

use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

use rightful_database::{Db, Place, Settings};
use rightful_domain::accounts::AccountRepository;
use rightful_domain::changes::Write;
use rightful_domain::ports::{CommitError, UnitOfWork};
use rightful_domain::reason::Outage;
use rightful_testkit::builders::{Edit, changes, hash, id, verified};

use crate::fresh;

#[tokio::test]
async fn a_file_that_cannot_be_made_is_an_error_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing").join("records.db");
    let error = Db::open(&Settings::new(Place::Sqlite { path: path.clone() })).await.unwrap_err();
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
}

#[tokio::test]
async fn what_is_no_database_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.db");
    std::fs::write(&path, "a letter to my grandmother, which is longer than a header".repeat(20))
        .unwrap();
    let error = Db::open(&Settings::new(Place::Sqlite { path })).await.unwrap_err();
    assert!(error.to_string().contains("not a database"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_without_its_password() {
    // Port 9 is discard: nobody listens.
    for url in
        ["postgres://me:hunter2@127.0.0.1:9/x", "hunter2://nonsense", "postgres://me:hunter2@[::/x"]
    {
        let mut settings = Settings::new(Place::Postgres { url: url.to_owned() });
        settings.acquire_timeout = Duration::from_millis(300);
        let error = Db::open(&settings).await.unwrap_err();
        assert!(!all_of(&error).contains("hunter2"), "{error:?}");
        assert!(error.to_string().contains("PostgreSQL"), "{error}");
    }
}

#[tokio::test]
async fn a_database_that_answers_says_so() {
    for fresh in fresh::each().await {
        fresh.db.ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_stored_text_that_no_longer_parses_is_an_outage_without_the_text() {
    for fresh in fresh::each().await {
        fresh.db.commit(changes([Write::InsertAccount(verified(1))])).await.unwrap();
        for (column, text) in [("email", "grandmother at home"), ("locale", "tlh"), ("name", "  ")]
        {
            let raw = fresh.raw().await;
            let before = raw.texts(&format!("SELECT {column} FROM accounts")).await.remove(0);
            raw.run(&format!("UPDATE accounts SET {column} = '{text}'")).await.unwrap();
            let error = AccountRepository::find(&fresh.db, id(1)).await.unwrap_err();
            assert!(matches!(error, Outage::Failed { .. }), "{error:?}");
            let all = all_of(&error);
            assert!(all.contains(&format!("accounts.{column}")), "{all}");
            assert!(text.trim().is_empty() || !all.contains(text), "{all}");
            raw.run(&format!("UPDATE accounts SET {column} = '{before}'")).await.unwrap();
            AccountRepository::find(&fresh.db, id(1)).await.unwrap();
        }
    }
}

/// PostgreSQL's detail quotes the whole row.
#[tokio::test]
async fn a_refused_row_is_not_quoted() {
    for fresh in fresh::each().await {
        let impossible = verified(1).edit(|record| record.password = hash(&"x".repeat(2_000)));
        let error = fresh.db.commit(changes([Write::InsertAccount(impossible)])).await.unwrap_err();
        assert!(matches!(error, CommitError::Outage(Outage::Failed { .. })), "{error:?}");
        let all = all_of(&error);
        assert!(all.contains("CHECK") || all.contains("check"), "{all}");
        assert!(!all.contains("customer1@example.com") && !all.contains("xxxx"), "{all}");
    }
}

/// Everything that a log could show of an error.
fn all_of(error: &dyn Error) -> String {
    let mut all = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(error) = source {
        write!(all, " {error:?} {error}").expect("a String takes all");
        source = error.source();
    }
    all
}
