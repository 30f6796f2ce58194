//! Empty databases for tests.

use std::any::Any;
use std::sync::Arc;

use rightful_database::{Db, Place, Settings, Synchronous};
use rightful_migrations::{Migrator, MigratorTrait};
use rightful_testkit::contract::Adapters;
use rightful_testkit::postgres::Postgres;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, ExecResult};
use sea_orm::{QueryResult, Statement};

/// A migrated database, gone when it is dropped.
pub(crate) struct Fresh {
    pub(crate) settings: Settings,
    pub(crate) db: Db,
    keep: Arc<dyn Any + Send + Sync>,
}

/// In a file of its own. Durability is tested by nobody who pulls no plug.
pub(crate) async fn sqlite() -> Fresh {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut settings =
        Settings::new(Place::Sqlite { path: folder.path().join("records ?%20#.db") });
    settings.synchronous = Synchronous::Normal;
    open(settings, Arc::new(folder)).await
}

/// `None` on a machine without PostgreSQL.
pub(crate) async fn postgres() -> Option<Fresh> {
    let database = Postgres::shared()?.database();
    let settings = Settings::new(Place::Postgres { url: database.url() });
    Some(open(settings, Arc::new(database)).await)
}

/// Both, or the one that there is.
pub(crate) async fn each() -> Vec<Fresh> {
    [Some(sqlite().await), postgres().await].into_iter().flatten().collect()
}

/// Both, before the first migration.
pub(crate) async fn each_empty() -> Vec<Fresh> {
    let mut empty = Vec::new();
    for mut fresh in each().await {
        let raw = fresh.raw().await;
        Migrator::down(&raw.0, None).await.expect("goes back");
        raw.run("DROP TABLE seaql_migrations").await.expect("drops");
        // Nothing that the connections remember of the tables may matter.
        fresh.db = Db::open(&fresh.settings).await.expect("opens");
        empty.push(fresh);
    }
    empty
}

async fn open(settings: Settings, keep: Arc<dyn Any + Send + Sync>) -> Fresh {
    let db = Db::open(&settings).await.expect("opens");
    db.migrate().await.expect("migrates");
    Fresh { settings, db, keep }
}

impl Fresh {
    pub(crate) fn adapters(self) -> Adapters {
        let keep = Arc::clone(&self.keep);
        Adapters { keep, ..Adapters::all_of(Arc::new(self.db)) }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.settings.place, Place::Sqlite { .. })
    }

    /// A literal of bytes, from hexadecimal.
    pub(crate) fn bytes(&self, hex: &str) -> String {
        if self.is_sqlite() { format!("X'{hex}'") } else { format!("'\\x{hex}'::bytea") }
    }

    /// SQLite keeps an id as its 16 bytes.
    pub(crate) fn ids(&self, sql: &str) -> String {
        if !self.is_sqlite() {
            return sql.to_owned();
        }
        let parts = sql.split('\'').map(|part| match uuid::Uuid::try_parse(part) {
            Ok(id) if part.len() == 36 => format!("\u{0}{}", id.simple()),
            _ => part.to_owned(),
        });
        parts.collect::<Vec<_>>().join("'").replace("'\u{0}", "X'")
    }

    /// A connection past the adapters.
    pub(crate) async fn raw(&self) -> Raw {
        let url = match &self.settings.place {
            Place::Sqlite { .. } => "sqlite:?mode=rwc".to_owned(),
            Place::Postgres { url } => url.clone(),
        };
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        if let Place::Sqlite { path } = self.settings.place.clone() {
            options.map_sqlx_sqlite_opts(move |options| options.filename(&path).foreign_keys(true));
        }
        Raw(Database::connect(options).await.expect("connects"))
    }
}

pub(crate) struct Raw(pub(crate) DatabaseConnection);

impl Raw {
    pub(crate) async fn run(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.0.execute_unprepared(sql).await
    }

    async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        self.0.query_all_raw(statement).await.expect("reads")
    }

    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.rows(sql).await;
        rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.rows(sql).await[0].try_get_by_index(0).expect("a number")
    }
}
