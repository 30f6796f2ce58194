//! Opening the configured database, and saying what to look at when it cannot be opened.

use std::fs::DirBuilder;
use std::io;
use std::path::Path;

use rightful_database::{DatabaseError, Db, Place, Settings};

use crate::config::{Config, ConfigError, Fault, PostgresUrl, Synchronous, rules};
use crate::server::StartError;

/// Opens the database. An SQLite file is made if there is none, its folder is not.
pub(crate) async fn open(config: &Config) -> Result<Db, StartError> {
    let place = place(config)?;
    if let Place::Sqlite { path } = place {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(StartError::Folder(folder.to_owned()));
        }
    }
    Db::open(&settings(config, place)).await.map_err(|error| explained(place, error))
}

/// Opens the database of a deployment that has one: somebody who asks wants to know, not to make a new one.
pub(crate) async fn open_existing(config: &Config) -> Result<Db, StartError> {
    match place(config)? {
        Place::Sqlite { path } if !path.exists() => Err(StartError::NoDatabase(path.clone())),
        _ => open(config).await,
    }
}

/// A folder that only its owner can look into; one that exists keeps its rights.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn place(config: &Config) -> Result<&Place, ConfigError> {
    let lacking = || Fault::Rule { path: "database.url", why: rules::NO_DATABASE.to_owned() };
    config.database.url.as_ref().ok_or_else(|| ConfigError(vec![lacking()]))
}

fn settings(config: &Config, place: &Place) -> Settings {
    let mut settings = Settings::new(place.clone());
    if let Some(most) = config.database.max_connections {
        settings.connections = most;
    }
    settings.synchronous = match config.database.synchronous {
        Synchronous::Full => rightful_database::Synchronous::Full,
        Synchronous::Normal => rightful_database::Synchronous::Normal,
    };
    settings
}

/// Names the place, never what opens it, and says what to look at.
fn explained(asked: &Place, error: DatabaseError) -> StartError {
    let DatabaseError::Open { failure, .. } = error else { return error.into() };
    let (place, advice) = match asked {
        Place::Sqlite { path } => (
            path.display().to_string(),
            "may this account write to the file and its folder, and is it an SQLite database?",
        ),
        Place::Postgres { url } => (
            PostgresUrl::parse(url)
                .map_or_else(|_| String::from("PostgreSQL"), |url| url.in_words()),
            "does the server run, does it take connections from this machine (pg_hba.conf, firewall), and are \
             the role, its password and the database of the URL right? `psql` with the same URL tells more",
        ),
    };
    StartError::Open { source: DatabaseError::Open { place, failure }, advice }
}
