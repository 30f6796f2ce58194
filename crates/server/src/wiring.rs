//! Which adapter stands behind which port.

use std::sync::Arc;

use rightful_crypto::blocklist::LeakedPasswords;
use rightful_crypto::entropy::OsEntropy;
use rightful_crypto::hasher::{Argon2Hasher, HashSettings, HasherError};
use rightful_crypto::one_time_codes::TotpCodes;
use rightful_crypto::vault::KeyedVault;
use rightful_database::Db;
use rightful_domain::Rightful;
use rightful_domain::ports::{
    Clock, MailDomains, Mailer, PasswordHasher, Ports, UnitOfWork, Vault,
};
use rightful_email::{AlwaysAccepts, Inbox};
use tokio::sync::Notify;

use crate::clock::SystemClock;
use crate::config::{Config, ConfigError, Fault, Faults};
use crate::mailing::mailer;
use crate::operator::Unneeded;
use crate::waking::WakingUnitOfWork;

/// The adapters that are made of the configuration alone: no connection, and nothing written.
pub(crate) struct Parts {
    vault: Arc<dyn Vault>,
    hasher: Arc<Argon2Hasher>,
    mailer: Arc<dyn Mailer>,
    inbox: Option<Arc<Inbox>>,
}

/// The use cases over their adapters, and the adapters that the server needs by themselves.
pub(crate) struct Wired {
    pub(crate) rightful: Arc<Rightful>,
    pub(crate) hasher: Arc<Argon2Hasher>,
    /// Rings when a letter is posted.
    pub(crate) bell: Arc<Notify>,
    pub(crate) inbox: Option<Arc<Inbox>>,
}

impl Parts {
    pub(crate) fn vault(&self) -> &dyn Vault {
        &*self.vault
    }

    /// Makes them. `links` is where letters lead when the configuration does not say. Every fault is told.
    pub(crate) fn of(config: &Config, links: &str) -> Result<Self, ConfigError> {
        let mut faults = Faults::default();
        let vault = vault(config, &mut faults);
        let hasher = hasher(config, &mut faults);
        let mailer = mailer(&config.mail, links, &mut faults);
        match (vault, hasher, mailer) {
            (Some(vault), Some(hasher), Some((mailer, inbox))) => {
                Ok(Self { vault, hasher: Arc::new(hasher), mailer, inbox })
            }
            _ => Err(ConfigError(faults.0)),
        }
    }
}

/// Everything that can be wrong in the configuration without a connection being made.
pub(crate) fn rehearse(config: &Config) -> Vec<Fault> {
    match Parts::of(config, "http://localhost") {
        Ok(_) => Vec::new(),
        Err(ConfigError(faults)) => faults,
    }
}

/// Wires everything.
pub(crate) fn wire(
    parts: Parts,
    config: &Config,
    db: &Db,
    clock: Arc<dyn Clock>,
    mail_domains: Arc<dyn MailDomains>,
) -> Wired {
    let Parts { vault, hasher, mailer, inbox } = parts;
    let bell = Arc::new(Notify::new());
    let db = Arc::new(db.clone());
    let unit_of_work = WakingUnitOfWork { inner: Arc::<Db>::clone(&db), bell: Arc::clone(&bell) };
    let hands = Hands {
        clock,
        passwords: Arc::<Argon2Hasher>::clone(&hasher),
        vault,
        mail_domains,
        mailer,
        unit_of_work: Arc::new(unit_of_work),
    };
    let rightful = Arc::new(Rightful::new(ports(db, hands), config.policy()));
    Wired { rightful, hasher, bell, inbox }
}

/// The use cases for a command of an operator that only reads: no data key is needed.
pub(crate) fn look(config: &Config, db: &Db) -> Rightful {
    beside_a_server(config, db, Arc::new(Unneeded))
}

/// The use cases for a command of an operator that changes something: its entry in the audit trail is made with
/// the data key.
pub(crate) fn operate(config: &Config, db: &Db) -> Result<Rightful, ConfigError> {
    let mut faults = Faults::default();
    let vault = vault(config, &mut faults).ok_or(ConfigError(faults.0))?;
    Ok(beside_a_server(config, db, vault))
}

/// They serve nobody and send nothing.
fn beside_a_server(config: &Config, db: &Db, vault: Arc<dyn Vault>) -> Rightful {
    let db = Arc::new(db.clone());
    let hands = Hands {
        clock: Arc::new(SystemClock::default()),
        passwords: Arc::new(Unneeded),
        vault,
        mail_domains: Arc::new(AlwaysAccepts),
        mailer: Arc::new(Unneeded),
        unit_of_work: Arc::<Db>::clone(&db),
    };
    Rightful::new(ports(db, hands), config.policy())
}

/// The ports that differ from one wiring to another.
struct Hands {
    clock: Arc<dyn Clock>,
    passwords: Arc<dyn PasswordHasher>,
    vault: Arc<dyn Vault>,
    mail_domains: Arc<dyn MailDomains>,
    mailer: Arc<dyn Mailer>,
    unit_of_work: Arc<dyn UnitOfWork>,
}

fn ports(db: Arc<Db>, hands: Hands) -> Ports {
    Ports {
        clock: hands.clock,
        entropy: Arc::new(OsEntropy),
        passwords: hands.passwords,
        blocklist: Arc::new(LeakedPasswords::new()),
        vault: hands.vault,
        one_time_codes: Arc::new(TotpCodes),
        mail_domains: hands.mail_domains,
        mailer: hands.mailer,
        throttle: Arc::<Db>::clone(&db),
        unit_of_work: hands.unit_of_work,
        accounts: Arc::<Db>::clone(&db),
        contacts: Arc::<Db>::clone(&db),
        sessions: Arc::<Db>::clone(&db),
        second_factors: Arc::<Db>::clone(&db),
        trusted_devices: Arc::<Db>::clone(&db),
        links: Arc::<Db>::clone(&db),
        email_changes: Arc::<Db>::clone(&db),
        letters: Arc::<Db>::clone(&db),
        audit: Arc::<Db>::clone(&db),
        idempotency: db,
    }
}

fn vault(config: &Config, faults: &mut Faults) -> Option<Arc<dyn Vault>> {
    let secrets = &config.secrets;
    let advice = "make one with `rightful secrets generate`, or name the file of the one in use with \
                  RIGHTFUL_SECRETS__DATA_KEY_FILE";
    let key = faults.needed("secrets.data_key", secrets.data_key.as_ref(), advice)?;
    Some(Arc::new(KeyedVault::from_keys(key, &secrets.previous_data_keys)))
}

/// The hashing threads.
fn hasher(config: &Config, faults: &mut Faults) -> Option<Argon2Hasher> {
    let hashing = &config.hashing;
    let usual = HashSettings::default();
    let settings = HashSettings {
        memory_kib: hashing.memory_kib,
        passes: hashing.passes,
        lanes: hashing.lanes,
        threads: hashing.threads,
        queue: hashing.queue.unwrap_or(usual.queue),
        nice: hashing.nice.into(),
    };
    let made = Argon2Hasher::new(&settings).map_err(|refusal| {
        let path = match &refusal {
            HasherError::OutOfBounds { name, .. } => match *name {
                "memory_kib" => "hashing.memory_kib",
                "passes" => "hashing.passes",
                "lanes" => "hashing.lanes",
                "queue" => "hashing.queue",
                "nice" => "hashing.nice",
                _ => "hashing.threads",
            },
            HasherError::Thread(_) => "hashing.threads",
        };
        (path, refusal)
    });
    match made {
        Ok(hasher) => Some(hasher),
        Err((path, refusal)) => faults.refused(path, refusal),
    }
}
