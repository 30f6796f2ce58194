//! Where journeys happen.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

use rightful::config::{Config, TlsMode, Transport};
use rightful::{Options, Place, start};
use rightful_crypto::vault::DataKey;
use rightful_domain::audit::Verified;
use rightful_domain::values::SecretText;
use rightful_http::PublicOrigin;
use rightful_testkit::fakes::{FakeClock, FakeMailDomains};
use rightful_testkit::postgres::{Database, Postgres};
use rightful_testkit::smtp_sink::SmtpSink;
use tempfile::TempDir;

use crate::people::{NEW_PASSWORD, PASSWORD};
use crate::shop::{ORIGIN, Shop};

/// A database with its time and its key.
pub struct Ground {
    kind: Kind,
    key: DataKey,
    /// The time of every server on it.
    pub clock: Arc<FakeClock>,
    /// Which domains take mail: all but those that a journey names.
    pub mail_domains: Arc<FakeMailDomains>,
    open: Mutex<Vec<Arc<Shop>>>,
}

enum Kind {
    Sqlite(TempDir),
    Postgres(Database),
}

impl Ground {
    /// On an SQLite file in a folder of its own.
    ///
    /// # Panics
    ///
    /// When there can be no folder.
    pub fn sqlite() -> Self {
        let folder = tempfile::Builder::new().prefix("rightful-journey").tempdir();
        Self::on(Kind::Sqlite(folder.expect("a temporary folder can be made")))
    }

    /// On a PostgreSQL database of its own; `None` without PostgreSQL on this machine, which says so.
    pub fn postgres() -> Option<Self> {
        Some(Self::on(Kind::Postgres(Postgres::shared()?.database())))
    }

    fn on(kind: Kind) -> Self {
        Self {
            kind,
            key: DataKey::generate(),
            clock: Arc::default(),
            mail_domains: Arc::default(),
            open: Mutex::default(),
        }
    }

    /// Where it is.
    pub fn place(&self) -> Place {
        match &self.kind {
            Kind::Sqlite(folder) => Place::Sqlite { path: folder.path().join("rightful.db") },
            Kind::Postgres(database) => Place::Postgres { url: database.url() },
        }
    }

    /// A server as a shop would run it: at [`ORIGIN`] behind a proxy on this machine, letters in the inbox.
    pub async fn open(&self) -> Arc<Shop> {
        self.open_with(|_| {}).await
    }

    /// The same with another configuration.
    pub async fn open_with(&self, change: impl FnOnce(&mut Config)) -> Arc<Shop> {
        self.open_by(change, true).await
    }

    /// The same with a mail server instead of the inbox.
    pub async fn open_with_mail_server(&self, sink: &SmtpSink) -> Arc<Shop> {
        let port = sink.port();
        self.open_with(|config| {
            config.mail.transport = Transport::Smtp;
            config.mail.host = Some(String::from("127.0.0.1"));
            config.mail.port = port;
            config.mail.tls = TlsMode::Off;
        })
        .await
    }

    /// The same without mail workers: letters stay where they were posted.
    pub async fn open_without_workers(&self) -> Arc<Shop> {
        self.open_by(|_| {}, false).await
    }

    async fn open_by(&self, change: impl FnOnce(&mut Config), workers: bool) -> Arc<Shop> {
        let mut config = Config::for_tests(self.place());
        config.secrets.data_key = Some(self.key.clone());
        config.server.public_url = Some(PublicOrigin::parse(ORIGIN).expect("it is an origin"));
        // The proxy is this machine, so that each visitor can come from a network of their own.
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().expect("it is a network")];
        change(&mut config);
        let options = Options {
            clock: Arc::<FakeClock>::clone(&self.clock),
            mail_domains: Some(Arc::<FakeMailDomains>::clone(&self.mail_domains)),
            workers,
            trial: true,
            ..Options::default()
        };
        let running = start(config, options).await.expect("the server starts");
        assert_eq!(running.public_addr().ip(), IpAddr::V4(Ipv4Addr::LOCALHOST));
        let shop = Arc::new(Shop::new(running, Arc::clone(&self.clock)));
        self.shops().push(Arc::clone(&shop));
        shop
    }

    /// Everything that the database holds, as bytes: files of SQLite, rows of PostgreSQL.
    ///
    /// # Panics
    ///
    /// When it cannot be read.
    pub fn everything_stored(&self) -> Vec<u8> {
        match &self.kind {
            Kind::Sqlite(folder) => {
                let files = std::fs::read_dir(folder.path()).expect("the folder is there");
                let read = |file: std::io::Result<std::fs::DirEntry>| {
                    let path = file.expect("the folder can be listed").path();
                    std::fs::read(path).expect("its files can be read")
                };
                files.flat_map(read).collect()
            }
            Kind::Postgres(database) => {
                let ask = |sql: &str| database.ask(sql).expect("psql answers");
                let tables = ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
                let mut all = Vec::new();
                for table in tables.lines() {
                    for row in ask(&format!("SELECT t::text FROM \"{table}\" t")).lines() {
                        all.extend_from_slice(row.as_bytes());
                        // Columns of bytes are shown in hexadecimal: read them as well.
                        for part in row.split("\\\\x").skip(1) {
                            all.extend(unhex(part));
                        }
                    }
                }
                all
            }
        }
    }

    /// Stops its servers and looks at what every journey must leave behind: a whole audit chain without an
    /// address, a secret or a password in it (MN-48, MN-68).
    ///
    /// # Panics
    ///
    /// When something is wrong with it.
    pub async fn finish(self) {
        let reader = self.shops().iter().rev().find(|shop| shop.is_open()).cloned();
        let last = match reader {
            Some(reader) => reader,
            None => self.open_without_workers().await,
        };
        let verified = last.rightful().audit_trail().verify(None).await.expect("it can be read");
        assert!(matches!(verified, Verified::Whole(_)), "{verified:?}");
        for entry in last.audit().await {
            let details = entry.details.iter().flat_map(|(key, value)| [key, value]);
            for text in [&entry.actor, &entry.source, &entry.request].into_iter().chain(details) {
                let is_secret = |prefix| SecretText::present(prefix, text).is_some();
                let tells = text.contains('@')
                    || text.contains(PASSWORD)
                    || text.contains(NEW_PASSWORD)
                    || ["vfy", "chg", "dsp", "rst", "ses"].into_iter().any(is_secret);
                assert!(!tells, "{entry:?} tells {text}");
            }
        }
        let shops = std::mem::take(&mut *self.shops());
        for shop in &shops {
            shop.close().await;
        }
    }

    fn shops(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Shop>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().take_while(char::is_ascii_hexdigit).collect();
    let byte = |two: &[char]| u8::from_str_radix(&two.iter().collect::<String>(), 16).ok();
    digits.chunks_exact(2).filter_map(byte).collect()
}
