//! The server inside another process, as journeys use it: on SQLite and on PostgreSQL, with a clock that is
//! set and an inbox.

mod example;

use std::sync::Arc;
use std::time::Duration;

use rightful::config::Config;
use rightful::{Options, Place, Running, StartError, embed, prepare, start};
use rightful_domain::accounts::Origin;
use rightful_domain::registration::{NewAccount, RegistrationError};
use rightful_domain::values::{Locale, Span};
use rightful_email::{Inbox, InboxLetter};
use rightful_http::PublicOrigin;
use rightful_testkit::builders::visit;
use rightful_testkit::fakes::FakeClock;
use rightful_testkit::postgres::{Database, Postgres};
use tempfile::{TempDir, tempdir};
use tokio::time::{sleep, timeout};

const PASSWORD: &str = "amber window sparrow";

/// An empty database that lives as long as this.
enum Ground {
    File(TempDir),
    Server(Database),
}

impl Ground {
    fn place(&self) -> Place {
        match self {
            Self::File(folder) => Place::Sqlite { path: folder.path().join("test.db") },
            Self::Server(database) => Place::Postgres { url: database.url() },
        }
    }
}

/// SQLite, and PostgreSQL where there is one.
fn grounds() -> Vec<Ground> {
    let mut grounds = vec![Ground::File(tempdir().expect("a folder"))];
    grounds.extend(Postgres::shared().map(|cluster| Ground::Server(cluster.database())));
    grounds
}

async fn register(running: &Running, email: &str) -> Result<(), RegistrationError> {
    let account = NewAccount {
        email,
        password: PASSWORD,
        name: None,
        locale: Locale::Fr,
        origin: Origin::Direct,
    };
    running.rightful().registration().register(account, &visit()).await
}

/// What tests start with: the inbox is the transport.
fn trial() -> Options {
    Options { trial: true, ..Options::default() }
}

/// The letter to this address, when a worker has sent it.
async fn letter_to(running: &Running, email: &str) -> InboxLetter {
    letter_of(running.inbox().expect("the inbox is the transport"), email).await
}

async fn letter_of(inbox: &Inbox, email: &str) -> InboxLetter {
    let come = async {
        loop {
            if let Some(letter) = inbox.list().into_iter().find(|letter| letter.to == email) {
                return letter;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_mins(1), come).await.expect("the letter comes")
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_go_by_the_clock_that_is_given_and_workers_send() {
    for ground in grounds() {
        let clock = Arc::new(FakeClock::default());
        let options = Options { clock: clock.clone(), ..trial() };
        let running = start(Config::for_tests(ground.place()), options).await.unwrap();
        assert_eq!(running.origin(), format!("http://{}", running.public_addr()));

        register(&running, "ada@example.org").await.unwrap();
        let letter = letter_to(&running, "ada@example.org").await;
        assert_eq!(letter.language, "fr");
        let link = &letter.links[0];
        assert!(link.url.starts_with(&format!("{}/links/verify#", running.origin())));

        clock.advance(Span::hours(48));
        let late = running.rightful().registration().verify(&link.secret, PASSWORD, &visit()).await;
        assert!(matches!(late, Err(RegistrationError::Link(_))), "{late:?}");
        timeout(Duration::from_mins(1), running.stop()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_workers_letters_wait_for_a_server_that_has_them() {
    for ground in grounds() {
        let config = Config::for_tests(ground.place());
        let idle = Options { workers: false, ..trial() };
        let first = start(config.clone(), idle).await.unwrap();
        register(&first, "ada@example.org").await.unwrap();
        assert_eq!(first.rightful().postroom().queue_state().await.unwrap().waiting, 1);
        first.stop().await;

        // The same data key, or the letter could not be opened.
        let second = start(config, trial()).await.unwrap();
        letter_to(&second, "ada@example.org").await;
        second.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_are_behind_are_refused_when_they_may_not_be_changed() {
    for ground in grounds() {
        let config = Config::for_tests(ground.place());
        let frozen = Options { migrate: false, ..trial() };
        let refused = start(config.clone(), frozen.clone()).await.unwrap_err();
        assert!(matches!(&refused, StartError::Pending(names) if !names.is_empty()), "{refused}");
        start(config.clone(), trial()).await.unwrap().stop().await;
        start(config, frozen).await.unwrap().stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_a_newer_version_are_refused() {
    let Some(cluster) = Postgres::shared() else { return };
    let database = cluster.database();
    let config = Config::for_tests(Place::Postgres { url: database.url() });
    start(config.clone(), trial()).await.unwrap().stop().await;
    let newer =
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_tomorrow', 0)";
    database.ask(newer).unwrap();
    for migrate in [true, false] {
        let options = Options { migrate, ..trial() };
        let refused = start(config.clone(), options).await.unwrap_err();
        assert!(refused.to_string().contains("newer version"), "{refused}");
        assert!(refused.to_string().contains("m29991231_tomorrow"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_data_key_nothing_starts() {
    let folder = tempdir().unwrap();
    let mut config = Config::for_tests(Place::Sqlite { path: folder.path().join("test.db") });
    config.secrets.data_key = None;
    let refused = prepare(config, trial()).await.err().expect("refused");
    assert!(matches!(&refused, StartError::Config(_)), "{refused}");
    assert!(refused.to_string().starts_with("secrets.data_key: "), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_origin_nothing_is_embedded_and_nothing_made() {
    let folder = tempdir().unwrap();
    let config = Config::for_tests(Place::Sqlite { path: folder.path().join("test.db") });
    let refused = embed(config, trial()).await.unwrap_err();
    assert!(refused.to_string().starts_with("server.public_url: "), "{refused}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_not_be_served_is_neither_started_nor_embedded_unless_it_is_a_trial() {
    let folder = tempdir().unwrap();
    let mut config = Config::for_tests(Place::Sqlite { path: folder.path().join("test.db") });
    config.server.public_url = Some(PublicOrigin::parse("https://accounts.shop.example").unwrap());
    let started = start(config.clone(), Options::default()).await.unwrap_err();
    let embedded = embed(config.clone(), Options::default()).await.unwrap_err();
    for refused in [started, embedded] {
        assert!(matches!(refused, StartError::Config(_)), "{refused}");
        let all = refused.to_string();
        let paths: Vec<&str> = all.lines().filter_map(|line| line.split(": ").next()).collect();
        assert_eq!(paths, ["mail.transport", "mail.host", "mail.link_base"], "{all}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    embed(config, trial()).await.unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_another_key_nothing_starts_and_nothing_is_changed() {
    for ground in grounds() {
        let ours = Config::for_tests(ground.place());
        start(ours.clone(), trial()).await.unwrap().stop().await;
        let other = Config::for_tests(ground.place());
        let refused = start(other, trial()).await.unwrap_err();
        assert!(matches!(refused, StartError::OtherKey), "{refused}");
        start(ours, trial()).await.unwrap().stop().await;
    }
}

/// Who may not read the records does not bring their tables up to date: here, whoever tries is told off.
#[tokio::test(flavor = "multi_thread")]
async fn another_key_is_refused_before_the_tables_are_touched() {
    let Some(cluster) = Postgres::shared() else { return };
    let database = cluster.database();
    let place = || Place::Postgres { url: database.url() };
    let ours = Config::for_tests(place());
    start(ours.clone(), trial()).await.unwrap().stop().await;
    let kept = || {
        database.ask("SELECT sealed FROM key_seals").unwrap()
            + &database.ask("SELECT * FROM seaql_migrations").unwrap()
    };
    let before = kept();
    for sql in [
        "CREATE FUNCTION frozen() RETURNS event_trigger LANGUAGE plpgsql \
         AS 'BEGIN RAISE EXCEPTION ''frozen''; END'",
        "CREATE EVENT TRIGGER frozen ON ddl_command_start EXECUTE FUNCTION frozen()",
    ] {
        database.ask(sql).unwrap();
    }

    let refused = start(Config::for_tests(place()), trial()).await.unwrap_err();
    assert!(matches!(refused, StartError::OtherKey), "{refused}");
    assert_eq!(kept(), before);
    // The right key gets further, and even the seal stays as it was until the tables are good.
    let mended = start(ours.clone(), trial()).await.unwrap_err();
    assert!(matches!(mended, StartError::Database(_)), "{mended}");
    assert_eq!(kept(), before);

    database.ask("DROP EVENT TRIGGER frozen").unwrap();
    start(ours, trial()).await.unwrap().stop().await;
}
