//! The history of the database schema, for SQLite and PostgreSQL alike.
//!
//! A migration that was released is frozen: whoever ran it has exactly what it says, so a change of mind is
//! another migration. It knows no type of the domain, because the domain moves on and history does not; it is
//! SQL text for the same reason, since what a builder generates may change with the builder's version.
//!
//! The file's name is the migration's name: `m<date>_<number of the day>_<what>.rs`.

mod m20261122_000001_foundation;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

/// Every migration, the oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261122_000001_foundation::Migration)]
    }
}
