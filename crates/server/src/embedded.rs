//! Rightful inside another program: the use cases, their letters, and the API as an endpoint, without a
//! listener of its own.

use std::fmt;
use std::sync::Arc;

use poem::Endpoint;
use rightful_database::Db;
use rightful_domain::Rightful;
use rightful_email::Inbox;
use rightful_http::{Api, BuildInfo, Checks, HttpSettings, Metrics, PublicOrigin, management};

use crate::config::{Config, ConfigError, rules};
use crate::gauges::Gauges;
use crate::readiness::{Draining, checks};
use crate::server::{Options, StartError, assemble};
use crate::wiring::Wired;
use crate::workers::Workers;

/// What another program has of Rightful. Letters are sent and what is over is forgotten for as long as it
/// lives; end it with [`Embedded::stop`].
pub struct Embedded {
    config: Config,
    origin: PublicOrigin,
    db: Db,
    rightful: Arc<Rightful>,
    inbox: Option<Arc<Inbox>>,
    metrics: Metrics,
    ready: Checks,
    draining: Draining,
    workers: Workers,
}

/// Opens the database, brings its tables up to date and wires the use cases, as [`start`](crate::start) does,
/// and listens nowhere. `server.public_url` must be given: letters and refusals name it. What `rightful serve`
/// refuses to start with is refused here too, but for the listeners, unless [`Options::trial`] is set.
pub async fn embed(config: Config, options: Options) -> Result<Embedded, StartError> {
    let faults = rules::embedded(&config, options.trial);
    let origin = match &config.server.public_url {
        Some(origin) if faults.is_empty() => origin.clone(),
        _ => return Err(ConfigError(faults).into()),
    };
    let (db, wired) = assemble(&config, &options, &origin).await?;
    let Wired { rightful, hasher, bell, inbox } = wired;
    let metrics = Metrics::new();
    let gauges = Gauges::register(&metrics);
    let draining = Draining::default();
    let ready = checks(&db, &rightful.ports().vault, &draining);
    let count = if options.workers { config.mail.workers } else { 0 };
    let workers = Workers::start(&rightful, &hasher, &bell, &gauges, count);
    Ok(Embedded { config, origin, db, rightful, inbox, metrics, ready, draining, workers })
}

impl Embedded {
    /// The use cases.
    pub const fn rightful(&self) -> &Arc<Rightful> {
        &self.rightful
    }

    /// The inbox, when it is the transport.
    pub const fn inbox(&self) -> Option<&Arc<Inbox>> {
        self.inbox.as_ref()
    }

    /// Everything that customers may reach: `/v1`, its document and the pages of problems and links.
    pub fn api(&self) -> impl Endpoint + 'static {
        let (ready, metrics) = (self.ready.clone(), self.metrics.clone());
        Api::new(Arc::clone(&self.rightful), http(&self.config, &self.origin, ready, metrics))
    }

    /// Health, readiness and metrics, for an address that only your own machines reach.
    pub fn management(&self) -> impl Endpoint + 'static {
        management(self.metrics.clone(), self.ready.clone(), BUILD)
    }

    /// Ends the loops and closes the database; letters under way get at most `server.stop_timeout`. Stop
    /// answering requests first.
    pub async fn stop(self) {
        self.draining.begin();
        self.workers.stop_within(self.config.server.stop_timeout).await;
        if let Err(error) = self.db.close().await {
            tracing::warn!(%error, "the database did not say good-bye");
        }
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Embedded({})", self.origin.as_str())
    }
}

/// What this is.
pub(crate) const BUILD: BuildInfo = BuildInfo { version: env!("CARGO_PKG_VERSION"), commit: None };

/// The API's settings of a configuration.
pub(crate) fn http(
    config: &Config,
    origin: &PublicOrigin,
    ready: Checks,
    metrics: Metrics,
) -> HttpSettings {
    let mut settings = HttpSettings::new(origin.clone());
    settings.trusted_proxies.clone_from(&config.server.trusted_proxies);
    settings.request_deadline = config.server.request_timeout;
    settings.body_deadline = config.server.body_timeout;
    settings.health = ready;
    settings.metrics = metrics;
    if let Some(shop) = &config.mail.shop {
        settings.shop.clone_from(shop);
    }
    settings.support.clone_from(&config.mail.support);
    settings.links_lead_here = config.mail.link_base.is_none();
    settings
}
