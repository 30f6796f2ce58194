//! A server, from its configuration to its end.
//!
//! [`prepare`] binds the listeners, looks the whole configuration over, and only then opens the database: what
//! cannot start leaves nothing behind. [`Prepared::run`] serves;
//! [`Running::stop`] ends in the order that loses nothing: readiness says no, a pause for load balancers, no
//! new connections, requests under way, letters under way, connections to the database.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use poem::IntoEndpoint;
use rightful_database::{DatabaseError, Db};
use rightful_domain::Rightful;
use rightful_domain::ports::{Clock, MailDomains};
use rightful_domain::reason::Outage;
use rightful_email::{AlwaysAccepts, DnsMailDomains, Inbox};
use rightful_http::{Api, Limits, Metrics, PublicOrigin, management, serve};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::clock::SystemClock;
use crate::config::{Config, ConfigError, Transport, rules};
use crate::database;
use crate::dev;
use crate::embedded::{BUILD, http};
use crate::gauges::Gauges;
use crate::key_check;
use crate::readiness::{Draining, checks};
use crate::wiring::{Parts, Wired, wire};
use crate::workers::Workers;

/// What a server is made with beside its configuration. [`Options::default`] is the production server.
#[derive(Clone)]
pub struct Options {
    /// The clock of every rule. Tests give one that can be set.
    pub clock: Arc<dyn Clock>,
    /// Who says whether a domain takes mail; the DNS when `None`, and everybody's with the inbox.
    pub mail_domains: Option<Arc<dyn MailDomains>>,
    /// Brings the tables up to date first. Without it, tables that are behind are an error.
    pub migrate: bool,
    /// Sends letters. Without it another process must, or a test by itself.
    pub workers: bool,
    /// Shows the inbox at `/dev/inbox`, to everybody who reaches the API.
    pub inbox_pages: bool,
    /// For tests, examples and a look around: takes a configuration that `rightful serve` refuses, such as one
    /// with the inbox as transport, a mail server or a PostgreSQL server that is reached in clear, or without the
    /// addresses that letters need. Nobody's account is safe with it.
    pub trial: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock::default()),
            mail_domains: None,
            migrate: true,
            workers: true,
            inbox_pages: false,
            trial: false,
        }
    }
}

/// Why a server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An address cannot be listened at.
    #[error("{}", bind_refused(key, *address, source))]
    Bind {
        /// The key of the configuration that names the address.
        key: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The SQLite file would lie in a folder that is none, and making it is not for us: it may be a disk that
    /// is not mounted.
    #[error(
        "database.url: the folder {} does not exist: make it, for the account of the server only \
         (install -d -m 700), or name another", .0.display()
    )]
    Folder(PathBuf),
    /// There is no SQLite file where records were to be looked at.
    #[error("database.url: there is no database at {}", .0.display())]
    NoDatabase(PathBuf),
    /// The database cannot be opened.
    #[error("{source}\ndatabase.url: {advice}")]
    Open {
        /// What the database said, and where it is.
        source: DatabaseError,
        /// What to look at.
        advice: &'static str,
    },
    /// The database cannot be worked with, or is of a newer version.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The data key is not the one that this database was written under.
    #[error(
        "secrets.data_key: this database was written under another key: configure that one, or, to change the \
         key, this one with that one among secrets.previous_data_keys"
    )]
    OtherKey,
    /// A part of the start failed.
    #[error(transparent)]
    Outage(#[from] Outage),
    /// Tables are behind and may not be changed.
    #[error("{} migrations are pending, and --no-migrate was given: run `rightful db migrate`", .0.len())]
    Pending(Vec<String>),
}

/// A server that is ready to answer and does not yet.
pub struct Prepared {
    config: Config,
    options: Options,
    db: Db,
    wired: Wired,
    public: (TcpListener, SocketAddr),
    management: (TcpListener, SocketAddr),
    origin: PublicOrigin,
}

/// A server that answers.
pub struct Running {
    public: SocketAddr,
    management: SocketAddr,
    origin: PublicOrigin,
    rightful: Arc<Rightful>,
    inbox: Option<Arc<Inbox>>,
    db: Db,
    draining: Draining,
    drain_delay: Duration,
    stop_timeout: Duration,
    stop_public: watch::Sender<bool>,
    stop_management: watch::Sender<bool>,
    serving: [JoinHandle<()>; 2],
    workers: Workers,
}

/// Starts a server: [`prepare`], then [`Prepared::run`]. It answers when this returns.
pub async fn start(config: Config, options: Options) -> Result<Running, StartError> {
    Ok(prepare(config, options).await?.run())
}

/// Looks the configuration over as `rightful serve` does (unless [`Options::trial`] is set), binds, opens,
/// migrates and wires. Nothing is answered yet.
pub async fn prepare(config: Config, options: Options) -> Result<Prepared, StartError> {
    let faults = if options.trial { rules::always(&config) } else { rules::serve(&config) };
    if !faults.is_empty() {
        return Err(ConfigError(faults).into());
    }
    let listeners = Listeners::bind(&config).await?;
    open(config, options, listeners).await
}

/// The addresses that a server listens at, taken and not answered yet.
pub(crate) struct Listeners {
    public: (TcpListener, SocketAddr),
    management: (TcpListener, SocketAddr),
}

impl Listeners {
    /// Takes both: the first thing that a start does, for it is what fails most often.
    pub(crate) async fn bind(config: &Config) -> Result<Self, StartError> {
        let faults = rules::always(config);
        if !faults.is_empty() {
            return Err(ConfigError(faults).into());
        }
        let server = &config.server;
        Ok(Self {
            public: bind("server.listen", server.listen).await?,
            management: bind("server.management_listen", server.management_listen).await?,
        })
    }
}

/// Opens, migrates and wires, when everything that needs no connection is found good.
pub(crate) async fn open(
    config: Config,
    options: Options,
    listeners: Listeners,
) -> Result<Prepared, StartError> {
    let Listeners { public, management } = listeners;
    let origin = match &config.server.public_url {
        Some(origin) => origin.clone(),
        None => own_origin(public.1),
    };
    let (db, wired) = assemble(&config, &options, &origin).await?;
    Ok(Prepared { config, options, db, wired, public, management, origin })
}

/// The database with its tables, and the use cases over it.
pub(crate) async fn assemble(
    config: &Config,
    options: &Options,
    origin: &PublicOrigin,
) -> Result<(Db, Wired), StartError> {
    install_tls();
    let parts = Parts::of(config, origin.as_str())?;
    let db = database::open(config).await?;
    // Before anything is changed: tables that another key wrote are not ours to bring up to date.
    if db.migrations().await?.iter().any(|one| one.applied) {
        key_check::refuse_another(&db, parts.vault()).await?;
    }
    if options.migrate {
        db.migrate().await?;
    } else {
        let pending = db.pending_migrations().await?;
        if !pending.is_empty() {
            return Err(StartError::Pending(pending));
        }
    }
    key_check::check(&db, parts.vault()).await?;
    let mail_domains = options.mail_domains.clone().unwrap_or_else(|| mail_domains(config));
    let wired = wire(parts, config, &db, Arc::clone(&options.clock), mail_domains);
    Ok((db, wired))
}

impl Prepared {
    /// The use cases, for what must be done before anybody is answered.
    pub fn rightful(&self) -> &Arc<Rightful> {
        &self.wired.rightful
    }

    /// The inbox, when it is the transport.
    pub fn inbox(&self) -> Option<&Arc<Inbox>> {
        self.wired.inbox.as_ref()
    }

    /// Answers from now on.
    pub fn run(self) -> Running {
        let Self { config, options, db, wired, public, management: beside, origin } = self;
        let Wired { rightful, hasher, bell, inbox } = wired;
        let metrics = Metrics::new();
        let gauges = Gauges::register(&metrics);
        let draining = Draining::default();
        let ready = checks(&db, &rightful.ports().vault, &draining);
        let mut settings = http(&config, &origin, ready.clone(), metrics.clone());
        settings.inbox = (options.inbox_pages && inbox.is_some()).then_some(dev::INBOX);

        let limits = Limits {
            connections: config.server.max_connections,
            header: config.server.header_timeout,
            grace: config.server.stop_timeout,
            ..Limits::default()
        };
        let api = Api::new(Arc::clone(&rightful), settings);
        let (stop_public, serving_public) = match &inbox {
            Some(inbox) if options.inbox_pages => {
                spawn(public.0, dev::with_inbox(api, inbox, public.1), limits)
            }
            _ => spawn(public.0, api, limits),
        };
        // Its own few connections: readiness is asked for most when the public side is full.
        let few = Limits { connections: 64, grace: Duration::from_secs(1), ..limits };
        let (stop_management, serving_management) =
            spawn(beside.0, management(metrics, ready, BUILD), few);

        let count = if options.workers { config.mail.workers } else { 0 };
        let workers = Workers::start(&rightful, &hasher, &bell, &gauges, count);
        tracing::info!(
            api = %public.1,
            management = %beside.1,
            version = env!("CARGO_PKG_VERSION"),
            "serving"
        );
        Running {
            public: public.1,
            management: beside.1,
            origin,
            rightful,
            inbox,
            db,
            draining,
            drain_delay: config.server.drain_delay,
            stop_timeout: config.server.stop_timeout,
            stop_public,
            stop_management,
            serving: [serving_public, serving_management],
            workers,
        }
    }
}

impl Running {
    /// Where the API listens.
    pub const fn public_addr(&self) -> SocketAddr {
        self.public
    }

    /// Where health, readiness and metrics listen.
    pub const fn management_addr(&self) -> SocketAddr {
        self.management
    }

    /// The origin that clients reach the API at, without a slash at its end.
    pub fn origin(&self) -> &str {
        self.origin.as_str()
    }

    /// The use cases, past HTTP: for tests that look behind it.
    pub const fn rightful(&self) -> &Arc<Rightful> {
        &self.rightful
    }

    /// The inbox, when it is the transport.
    pub const fn inbox(&self) -> Option<&Arc<Inbox>> {
        self.inbox.as_ref()
    }

    /// Stops, in the order that loses nothing. It takes the drain delay and at most the stop timeout.
    pub async fn stop(self) {
        self.draining.begin();
        tracing::info!("told to stop: not ready any more");
        sleep(self.drain_delay).await;

        let deadline = Instant::now() + self.stop_timeout;
        let [public, management] = self.serving;
        self.stop_public.send_replace(true);
        wait_for(public).await;
        self.workers.stop(deadline).await;
        self.stop_management.send_replace(true);
        wait_for(management).await;
        match self.db.close().await {
            Ok(()) => tracing::info!("stopped"),
            Err(error) => tracing::warn!(%error, "stopped; the database did not say good-bye"),
        }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Running({})", self.public)
    }
}

fn bind_refused(key: &str, address: SocketAddr, source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::AddrInUse => format!(
            "{key}: {address} is taken by another program (perhaps this one, started twice): stop that one, or \
             choose another address"
        ),
        _ => format!("{key}: cannot listen at {address}: {source}"),
    }
}

/// rustls has to be told its provider before anything builds a configuration. Told twice is as good as once.
pub(crate) fn install_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

async fn bind(
    key: &'static str,
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let refused = |source| StartError::Bind { key, address, source };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    Ok((listener, bound))
}

/// Without a configured origin, on this machine: the one that a browser here uses.
fn own_origin(address: SocketAddr) -> PublicOrigin {
    let text = format!("http://127.0.0.1:{}", address.port());
    PublicOrigin::parse(&text)
        .or_else(|_| PublicOrigin::parse("http://127.0.0.1"))
        .expect("an origin on this machine is one")
}

fn mail_domains(config: &Config) -> Arc<dyn MailDomains> {
    match config.mail.transport {
        Transport::Smtp if config.mail.check_domains => Arc::new(DnsMailDomains::from_system()),
        Transport::Smtp | Transport::Inbox => Arc::new(AlwaysAccepts),
    }
}

fn spawn<E>(
    listener: TcpListener,
    endpoint: E,
    limits: Limits,
) -> (watch::Sender<bool>, JoinHandle<()>)
where
    E: IntoEndpoint + Send + 'static,
    E::Endpoint: 'static,
{
    let (stop, mut stopped) = watch::channel(false);
    let serving = tokio::spawn(async move {
        serve(listener, endpoint, limits, async move {
            // An error means that whoever could stop us is gone: stop.
            let _ = stopped.wait_for(|stop| *stop).await;
        })
        .await;
    });
    (stop, serving)
}

async fn wait_for(task: JoinHandle<()>) {
    if let Err(error) = task.await {
        tracing::error!(%error, "a listener died");
    }
}
