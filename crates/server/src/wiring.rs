//! Which adapter stands behind which port.

use std::sync::Arc;

use rightful_crypto::blocklist::LeakedPasswords;
use rightful_crypto::entropy::OsEntropy;
use rightful_crypto::hasher::{Argon2Hasher, HashSettings, HasherError};
use rightful_crypto::vault::KeyedVault;
use rightful_database::{Db, Place, Settings};
use rightful_domain::Rightful;
use rightful_domain::ports::{Clock, MailDomains, Mailer, Ports};
use rightful_email::{
    Brand, Important, Inbox, LinkBase, Sender, SmtpMailer, SmtpPassword, SmtpSettings, Templates,
    Tls,
};
use tokio::sync::Notify;

use crate::config::{Config, ConfigError, Fault, Synchronous, TlsMode, Transport};
use crate::waking::WakingUnitOfWork;

/// The use cases over their adapters, and the adapters that the server needs by themselves.
pub(crate) struct Wired {
    pub(crate) rightful: Arc<Rightful>,
    pub(crate) hasher: Arc<Argon2Hasher>,
    /// Rings when a letter is posted.
    pub(crate) bell: Arc<Notify>,
    pub(crate) inbox: Option<Arc<Inbox>>,
}

/// Wires everything. `links` is where letters lead when the configuration does not say.
pub(crate) fn wire(
    config: &Config,
    db: &Db,
    clock: Arc<dyn Clock>,
    mail_domains: Arc<dyn MailDomains>,
    links: &str,
) -> Result<Wired, ConfigError> {
    let Some(data_key) = &config.secrets.data_key else {
        let why = "there is none. Make one with `rightful secrets generate`";
        return Err(rule("secrets.data_key", why));
    };
    let vault = KeyedVault::from_keys(data_key, &config.secrets.previous_data_keys);
    let hasher = Arc::new(hasher(config)?);
    let (mailer, inbox) = mailer(config, links)?;
    let bell = Arc::new(Notify::new());
    let db = Arc::new(db.clone());
    let unit_of_work = WakingUnitOfWork { inner: Arc::<Db>::clone(&db), bell: Arc::clone(&bell) };
    let ports = Ports {
        clock,
        entropy: Arc::new(OsEntropy),
        passwords: Arc::<Argon2Hasher>::clone(&hasher),
        blocklist: Arc::new(LeakedPasswords::new()),
        vault: Arc::new(vault),
        mail_domains,
        mailer,
        throttle: Arc::<Db>::clone(&db),
        unit_of_work: Arc::new(unit_of_work),
        accounts: Arc::<Db>::clone(&db),
        contacts: Arc::<Db>::clone(&db),
        sessions: Arc::<Db>::clone(&db),
        links: Arc::<Db>::clone(&db),
        email_changes: Arc::<Db>::clone(&db),
        letters: Arc::<Db>::clone(&db),
        audit: Arc::<Db>::clone(&db),
        idempotency: db,
    };
    let rightful = Arc::new(Rightful::new(ports, config.policy()));
    Ok(Wired { rightful, hasher, bell, inbox })
}

/// How to work with the configured database.
pub(crate) fn database(config: &Config) -> Settings {
    let mut settings = Settings::new(config.database.url.clone());
    if let Some(most) = config.database.max_connections {
        settings.connections = most;
    }
    settings.synchronous = match config.database.synchronous {
        Synchronous::Full => rightful_database::Synchronous::Full,
        Synchronous::Normal => rightful_database::Synchronous::Normal,
    };
    settings
}

/// Makes the folder of an SQLite file, for its owner only.
pub(crate) fn make_folder(place: &Place) -> std::io::Result<()> {
    match place {
        Place::Sqlite { path } => match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => private_folder(folder),
            _ => Ok(()),
        },
        Place::Postgres { .. } => Ok(()),
    }
}

/// A folder that only its owner can look into; one that exists keeps its rights.
pub(crate) fn private_folder(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The templates of this deployment. `links` is where letters lead when the configuration does not say.
pub(crate) fn templates(config: &Config, links: &str) -> Result<Arc<Templates>, ConfigError> {
    let mail = &config.mail;
    let shop = mail.shop.as_deref().unwrap_or("Maison Lune");
    let support = mail.support.as_deref().unwrap_or("help@maison-lune.example");
    let important = Important { en: mail.important_en.clone(), fr: mail.important_fr.clone() };
    let brand = Brand::parse(shop, &mail.colour, support)
        .and_then(|brand| brand.with_important(important))
        .map_err(|refusal| rule("mail", refusal))?;
    let base = match &mail.link_base {
        Some(base) => base.clone(),
        None => LinkBase::parse(links).map_err(|refusal| rule("mail.link_base", refusal))?,
    };
    Ok(Arc::new(match &mail.templates_dir {
        None => Templates::built_in(brand, base),
        Some(folder) => Templates::with_overrides(brand, base, folder)
            .map_err(|refusal| rule("mail.templates_dir", refusal))?,
    }))
}

/// The hashing threads.
fn hasher(config: &Config) -> Result<Argon2Hasher, ConfigError> {
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
    Argon2Hasher::new(&settings).map_err(|refusal| {
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
        rule(path, refusal)
    })
}

type MailerAndInbox = (Arc<dyn Mailer>, Option<Arc<Inbox>>);

fn mailer(config: &Config, links: &str) -> Result<MailerAndInbox, ConfigError> {
    let mail = &config.mail;
    let templates = templates(config, links)?;
    let from = mail.from.as_deref().unwrap_or("accounts@maison-lune.example");
    let from = Sender::parse(templates.brand().shop(), from)
        .map_err(|refusal| rule("mail.from", refusal))?;
    match mail.transport {
        Transport::Inbox => {
            let inbox = Arc::new(Inbox::new(templates, from));
            Ok((Arc::<Inbox>::clone(&inbox), Some(inbox)))
        }
        Transport::Smtp => {
            let settings = smtp(config, from)?;
            let mailer =
                SmtpMailer::new(settings, templates).map_err(|refusal| rule("mail", refusal))?;
            Ok((Arc::new(mailer), None))
        }
    }
}

fn smtp(config: &Config, from: Sender) -> Result<SmtpSettings, ConfigError> {
    let mail = &config.mail;
    let reply_to = match mail.reply_to.as_deref() {
        None => None,
        Some(address) => {
            Some(Sender::parse("", address).map_err(|refusal| rule("mail.reply_to", refusal))?)
        }
    };
    let extra_roots =
        match &mail.extra_roots {
            None => None,
            Some(path) => Some(std::fs::read(path).map_err(|error| {
                rule("mail.extra_roots", format!("{}: {error}", path.display()))
            })?),
        };
    Ok(SmtpSettings {
        host: mail
            .host
            .clone()
            .ok_or_else(|| rule("mail.host", "there is none. Name the mail server"))?,
        port: mail.port,
        tls: match mail.tls {
            TlsMode::Implicit => Tls::Implicit,
            TlsMode::Starttls => Tls::StartTls,
            TlsMode::Off => Tls::None,
        },
        allow_plaintext: false,
        extra_roots,
        username: mail.username.clone(),
        password: mail.password.as_ref().map(|secret| SmtpPassword(secret.expose().to_owned())),
        from,
        reply_to,
        timeout: mail.timeout,
        helo: None,
    })
}

/// Everything that can be wrong in the configuration without a connection being made.
pub(crate) fn rehearse(config: &Config) -> Result<(), ConfigError> {
    let links = config.server.public_url.as_ref().map_or("http://localhost", |url| url.as_str());
    hasher(config)?;
    mailer(config, links).map(drop)
}

fn rule(path: &'static str, why: impl ToString) -> ConfigError {
    ConfigError(vec![Fault::Rule { path, why: why.to_string() }])
}
