//! Bringing the tables up to date.

use rightful_migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};
use sea_orm_migration::{IntoSchemaManagerConnection, SchemaManager};

use crate::Db;
use crate::connection::begin_on;
use crate::errors::{DatabaseError, Failure};
use crate::reading::statement;

/// Names the lock that one process holds while it migrates. ("Rightful" in ASCII.)
const MIGRATING: i64 = 0x5269_6768_7466_756C;

/// A step of the schema's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its name, which begins with its date.
    pub name: String,
    /// Whether this database has it.
    pub applied: bool,
}

impl Db {
    /// Every migration that this program knows, the oldest first. Changes nothing.
    ///
    /// [`DatabaseError::Newer`] when the database has one that this program does not know.
    pub async fn migrations(&self) -> Result<Vec<Migration>, DatabaseError> {
        status(&self.read).await
    }

    /// The names of those that this database lacks.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, DatabaseError> {
        Ok(pending(self.migrations().await?))
    }

    /// Brings the tables up to date, and gives the names of what was applied: all that was pending or, on an
    /// error, nothing. Of several processes that do it at once, one does it and the others wait.
    ///
    /// [`DatabaseError::Newer`] when the database has a migration that this program does not know.
    pub async fn migrate(&self) -> Result<Vec<String>, DatabaseError> {
        let connection = self.for_migrating().await?;
        let tx = begin_on(&connection).await.map_err(failed)?;
        if tx.get_database_backend() == DbBackend::Postgres {
            // Neither the wait for another process nor a large table may run into the limit of one statement.
            tx.execute_unprepared("SET LOCAL statement_timeout = 0").await.map_err(failed)?;
            let lock = statement(&tx, "SELECT pg_advisory_xact_lock($1)", [MIGRATING.into()]);
            tx.execute_raw(lock).await.map_err(failed)?;
        }
        let names = pending(status(&tx).await?);
        Migrator::up(&tx, None).await.map_err(failed)?;
        check_references(&tx).await?;
        tx.commit().await.map_err(failed)?;
        self.done_migrating(connection).await.map_err(failed)?;
        for name in &names {
            tracing::info!(name, "migrated");
        }
        Ok(names)
    }
}

fn pending(all: Vec<Migration>) -> Vec<String> {
    all.into_iter().filter(|one| !one.applied).map(|one| one.name).collect()
}

async fn status<'c, C>(on: &'c C) -> Result<Vec<Migration>, DatabaseError>
where
    C: ConnectionTrait,
    &'c C: IntoSchemaManagerConnection<'c>,
{
    let applied = applied(on).await.map_err(failed)?;
    let known: Vec<String> =
        Migrator::migrations().iter().map(|one| one.name().to_owned()).collect();
    let unknown: Vec<String> =
        applied.iter().filter(|name| !known.contains(name)).cloned().collect();
    if !unknown.is_empty() {
        return Err(DatabaseError::Newer(unknown));
    }
    let known = known.into_iter();
    Ok(known.map(|name| Migration { applied: applied.contains(&name), name }).collect())
}

async fn applied<'c, C>(on: &'c C) -> Result<Vec<String>, DbErr>
where
    C: ConnectionTrait,
    &'c C: IntoSchemaManagerConnection<'c>,
{
    const TABLE: &str = "seaql_migrations";
    if !SchemaManager::new(on).has_table(TABLE).await? {
        return Ok(Vec::new());
    }
    let asked = statement(on, "SELECT version FROM seaql_migrations ORDER BY version", []);
    on.query_all_raw(asked).await?.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// SQLite does not look at foreign keys while it migrates, so they are looked at in the end.
async fn check_references(tx: &DatabaseTransaction) -> Result<(), DatabaseError> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let check = statement(tx, "PRAGMA foreign_key_check", []);
    let broken = tx.query_all_raw(check).await.map_err(failed)?;
    match broken.first() {
        None => Ok(()),
        Some(row) => {
            let table: String = row.try_get_by_index(0).map_err(failed)?;
            let text = format!("{} rows refer to nothing, the first in {table}", broken.len());
            Err(DatabaseError::Migration(Failure::new(text)))
        }
    }
}

fn failed(error: DbErr) -> DatabaseError {
    DatabaseError::Migration((&error).into())
}
