//! Opening a database, and the connections to it.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use rightful_domain::reason::Outage;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use crate::errors::{DatabaseError, Failure, outage};
use crate::session_cache::SessionCache;

/// Where the records are.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// In one file, which is made if there is none.
    Sqlite {
        /// The file; two more beside it hold what was written last (`-wal`, `-shm`).
        path: PathBuf,
    },
    /// In a PostgreSQL database.
    Postgres {
        /// `postgres://role:password@host/database?sslmode=verify-full`.
        url: String,
    },
}

impl fmt::Debug for Place {
    /// A URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => write!(f, "{}", path.display()),
            Self::Postgres { .. } => f.write_str("PostgreSQL"),
        }
    }
}

/// What SQLite waits for before it says that something is committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// Until the disk has it: what was acknowledged survives a power failure. A disk that takes 4 ms for it
    /// allows some 250 commits a second.
    #[default]
    Full,
    /// Until the operating system has it: it survives a crash of the program, but a power failure may undo the
    /// last commits that were acknowledged. The file stays sound.
    Normal,
}

/// How to work with a database.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Where it is.
    pub place: Place,
    /// Connections: all of them on PostgreSQL; on SQLite those that read, beside the one that writes.
    pub connections: u32,
    /// How long to wait for a free connection before the work is refused as too much. 5 seconds.
    pub acquire_timeout: Duration,
    /// SQLite: how long to wait for another process that writes. 5 seconds.
    pub busy_timeout: Duration,
    /// SQLite: how durable a commit is.
    pub synchronous: Synchronous,
    /// PostgreSQL: how long one statement may take, waiting for locks included. 10 seconds.
    pub statement_timeout: Duration,
}

impl Settings {
    /// The settings that suit most: 4 connections for SQLite, 10 for PostgreSQL.
    pub const fn new(place: Place) -> Self {
        let connections = match place {
            Place::Sqlite { .. } => 4,
            Place::Postgres { .. } => 10,
        };
        Self {
            place,
            connections,
            acquire_timeout: Duration::from_secs(5),
            busy_timeout: Duration::from_secs(5),
            synchronous: Synchronous::Full,
            statement_timeout: Duration::from_secs(10),
        }
    }
}

/// An open database: every repository, the unit of work, the throttle. Clones share the connections and what is
/// remembered of sessions, so one process opens one.
#[derive(Clone)]
pub struct Db {
    pub(crate) read: DatabaseConnection,
    pub(crate) write: DatabaseConnection,
    pub(crate) sessions: Arc<SessionCache>,
    /// Counts the limits that were asked, to clean up after every so many.
    pub(crate) takes: Arc<AtomicU32>,
    pub(crate) settings: Arc<Settings>,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Db({})", self.settings.place)
    }
}

impl Db {
    /// Opens the database, and makes the file of an SQLite one if there is none. It neither makes nor changes
    /// a table: see [`Db::migrate`].
    pub async fn open(settings: &Settings) -> Result<Self, DatabaseError> {
        let (read, write) = match &settings.place {
            Place::Sqlite { path } => {
                make_file(path).map_err(|failure| unopened(settings, failure))?;
                // The writer first: it turns the log on that readers need.
                let write = connect(settings, sqlite(settings, path, Role::Writer)).await?;
                let read = connect(settings, sqlite(settings, path, Role::Reader)).await?;
                (read, write)
            }
            Place::Postgres { url } => {
                check_url(url).map_err(|failure| unopened(settings, failure))?;
                let both = connect(settings, postgres(settings, url)).await?;
                (both.clone(), both)
            }
        };
        Ok(Self {
            read,
            write,
            sessions: Arc::new(SessionCache::new()),
            takes: Arc::default(),
            settings: Arc::new(settings.clone()),
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        self.read.ping().await.map_err(|error| DatabaseError::Unreachable((&error).into()))
    }

    /// Closes every connection, after the work that they are at. Every clone is closed with it.
    pub async fn close(self) -> Result<(), DatabaseError> {
        let unreachable = |error| DatabaseError::Unreachable(Failure::from(&error));
        self.read.close_by_ref().await.map_err(unreachable)?;
        self.write.close_by_ref().await.map_err(unreachable)
    }

    /// Begins what is to be written whole or not at all. On SQLite it is a writer's transaction from the
    /// start: one that begins by reading cannot become one while others write. PostgreSQL's default, READ
    /// COMMITTED, is meant.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, Outage> {
        begin_on(&self.write).await.map_err(outage)
    }

    /// A connection for changing tables. SQLite can rebuild a table only while foreign keys are not looked
    /// at: dropping the old one would delete all that refers to it.
    pub(crate) async fn for_migrating(&self) -> Result<DatabaseConnection, DatabaseError> {
        match &self.settings.place {
            Place::Sqlite { path } => {
                connect(&self.settings, sqlite(&self.settings, path, Role::Migrator)).await
            }
            Place::Postgres { .. } => Ok(self.write.clone()),
        }
    }

    /// Gives back what [`Db::for_migrating`] gave.
    pub(crate) async fn done_migrating(&self, connection: DatabaseConnection) -> Result<(), DbErr> {
        match self.settings.place {
            Place::Sqlite { .. } => connection.close().await,
            Place::Postgres { .. } => Ok(()),
        }
    }
}

pub(crate) async fn begin_on(
    connection: &DatabaseConnection,
) -> Result<DatabaseTransaction, DbErr> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    connection.begin_with_options(immediate).await
}

/// What a connection to SQLite is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Reader,
    Writer,
    Migrator,
}

fn sqlite(settings: &Settings, path: &Path, role: Role) -> ConnectOptions {
    // The path goes in as it is, further down: in a URL its `?` and `%` would mean something.
    let mut options = ConnectOptions::new("sqlite:?mode=rwc");
    pooled(&mut options, settings, if role == Role::Reader { settings.connections } else { 1 });
    // There is no server to lose, so connections neither age nor need to be asked whether they live.
    options.test_before_acquire(false).idle_timeout(None).max_lifetime(None);
    let synchronous = match settings.synchronous {
        Synchronous::Full => SqliteSynchronous::Full,
        Synchronous::Normal => SqliteSynchronous::Normal,
    };
    let (path, busy_timeout) = (path.to_owned(), settings.busy_timeout);
    options.map_sqlx_sqlite_opts(move |options: SqliteConnectOptions| {
        let options = options
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(busy_timeout)
            .foreign_keys(role != Role::Migrator)
            .statement_cache_capacity(200)
            .optimize_on_close(role == Role::Writer, 400)
            .pragma("cache_size", "-16000")
            // Pages beyond the cache are read where the system has them, without a call for each.
            .pragma("mmap_size", "268435456")
            .pragma("journal_size_limit", "67108864")
            .pragma("temp_store", "MEMORY")
            .pragma("trusted_schema", "OFF");
        if role == Role::Reader { options.pragma("query_only", "ON") } else { options }
    });
    options
}

fn postgres(settings: &Settings, url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    pooled(&mut options, settings, settings.connections);
    options.statement_timeout(settings.statement_timeout).set_application_name("rightful");
    // A process that was stopped in the middle must not keep its locks, the audit trail's least of all.
    let most_idle = settings.statement_timeout.as_millis().to_string();
    options.map_sqlx_postgres_opts(move |options| {
        options.options([("idle_in_transaction_session_timeout", &most_idle)])
    });
    options
}

fn pooled(options: &mut ConnectOptions, settings: &Settings, most: u32) {
    options
        .max_connections(most.max(1))
        .min_connections(1)
        .acquire_timeout(settings.acquire_timeout)
        // Statements are written down nowhere.
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
}

async fn connect(
    settings: &Settings,
    options: ConnectOptions,
) -> Result<DatabaseConnection, DatabaseError> {
    Database::connect(options).await.map_err(|error| unopened(settings, (&error).into()))
}

fn unopened(settings: &Settings, failure: Failure) -> DatabaseError {
    DatabaseError::Open { place: settings.place.to_string(), failure }
}

/// Refuses what is no URL of PostgreSQL in words of ours: those of the driver quote it, password and all.
fn check_url(url: &str) -> Result<(), Failure> {
    let scheme = ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
    if scheme && url.parse::<PgConnectOptions>().is_ok() {
        Ok(())
    } else {
        Err(Failure::new("its URL is not of the form postgres://role:password@host/database"))
    }
}

/// Makes the file, for its owner's eyes only: it holds password hashes. SQLite gives the files beside it the
/// same rights. A file that exists keeps the rights that somebody gave it.
fn make_file(path: &Path) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(Failure::new(error.to_string()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::ConnectionTrait;

    use crate::reading::statement;

    async fn pragma(on: &DatabaseConnection, name: &str) -> String {
        let asked = statement(on, &format!("SELECT CAST({name} AS text) FROM pragma_{name}"), []);
        let row = on.query_one_raw(asked).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    async fn opened(synchronous: Synchronous) -> (tempfile::TempDir, Db) {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(Place::Sqlite { path: folder.path().join("records.db") });
        settings.synchronous = synchronous;
        (folder, Db::open(&settings).await.unwrap())
    }

    #[tokio::test]
    async fn sqlite_is_set_up_as_promised() {
        let (_folder, db) = opened(Synchronous::default()).await;
        for (connection, query_only) in [(&db.read, "1"), (&db.write, "0")] {
            assert_eq!(pragma(connection, "journal_mode").await, "wal");
            // 2 is FULL.
            assert_eq!(pragma(connection, "synchronous").await, "2");
            assert_eq!(pragma(connection, "foreign_keys").await, "1");
            assert_eq!(pragma(connection, "query_only").await, query_only);
        }
        let migrator = db.for_migrating().await.unwrap();
        assert_eq!(pragma(&migrator, "foreign_keys").await, "0");
    }

    #[tokio::test]
    async fn less_durability_is_a_setting() {
        let (_folder, db) = opened(Synchronous::Normal).await;
        assert_eq!(pragma(&db.write, "synchronous").await, "1");
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let (_folder, db) = opened(Synchronous::Normal).await;
        let error = db.read.execute_unprepared("CREATE TABLE x (y)").await.unwrap_err();
        assert!(error.to_string().contains("readonly"), "{error}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_files_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, db) = opened(Synchronous::Normal).await;
        db.migrate().await.unwrap();
        let mut seen = 0;
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap();
            let rights = entry.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(rights, 0o600, "{:?}", entry.file_name());
            seen += 1;
        }
        assert_eq!(seen, 3, "the file, its log and the log's index");
    }

    #[test]
    fn nothing_shows_the_password_of_a_url() {
        let url = "postgres://rightful:hunter2@db.example/rightful".to_owned();
        let settings = Settings::new(Place::Postgres { url });
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
