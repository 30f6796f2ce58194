//! Whether this process can do its work: the database, its tables, the data key. Never the mail server: when
//! it is away, letters wait, and everything else goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rightful_database::Db;
use rightful_domain::ports::Vault;
use rightful_http::Checks;

/// Set when the process was told to stop.
#[derive(Clone, Default)]
pub(crate) struct Draining(Arc<AtomicBool>);

impl Draining {
    pub(crate) fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
    fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The checks of `/readyz` and `/healthz`.
pub(crate) fn checks(db: &Db, vault: &Arc<dyn Vault>, draining: &Draining) -> Checks {
    let (pinged, migrated) = (db.clone(), db.clone());
    let (vault, draining) = (Arc::clone(vault), draining.clone());
    Checks::default()
        .with("stopping", move || {
            let stopping = draining.is_on();
            async move { if stopping { Err(String::from("told to stop")) } else { Ok(()) } }
        })
        .with("database", move || {
            let db = pinged.clone();
            async move { db.ping().await.map_err(|error| error.to_string()) }
        })
        .with("migrations", move || {
            let db = migrated.clone();
            async move {
                match db.pending_migrations().await {
                    Ok(pending) if pending.is_empty() => Ok(()),
                    Ok(pending) => {
                        Err(format!("{} pending: run rightful db migrate", pending.len()))
                    }
                    Err(error) => Err(error.to_string()),
                }
            }
        })
        .with("data_key", move || {
            let works = opens_what_it_seals(&*vault);
            async move { works }
        })
}

fn opens_what_it_seals(vault: &dyn Vault) -> Result<(), String> {
    const PLACE: &str = "readiness";
    match vault.open(PLACE, &vault.seal(PLACE, b"ready")) {
        Ok(plain) if plain == b"ready" => Ok(()),
        _ => Err(String::from("the data key does not open what it seals")),
    }
}
