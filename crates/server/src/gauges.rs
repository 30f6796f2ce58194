//! What the server counts beside the API's own figures: letters, hashes, the build.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use rightful_crypto::hasher::Argon2Hasher;
use rightful_domain::letters::{Delivery, QueueState};
use rightful_domain::values::Timestamp;
use rightful_http::Metrics;

/// The figures. A clone counts into the same.
#[derive(Clone, Default)]
pub(crate) struct Gauges {
    deliveries: Family<DeliveryLabels, Counter>,
    waiting: Gauge,
    oldest: Gauge,
    dead: Gauge,
    hashes: Counter,
    hashes_refused: Counter,
    hashes_waiting: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeliveryLabels {
    kind: String,
    outcome: &'static str,
}

impl Gauges {
    /// Puts them into the registry of the process.
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let gauges = Self::default();
        let Self { deliveries, waiting, oldest, dead, hashes, hashes_refused, hashes_waiting } =
            &gauges;
        metrics.register(|registry| {
            let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
            registry.register("rightful_build", "What this binary is", build);
            registry.register(
                "rightful_mail_deliveries",
                "Tries to send a letter, by kind and by what became of them",
                deliveries.clone(),
            );
            registry.register(
                "rightful_mail_queue_letters",
                "Letters that wait to be sent, or for another try",
                waiting.clone(),
            );
            registry.register(
                "rightful_mail_queue_oldest_seconds",
                "How long the oldest waiting letter has waited",
                oldest.clone(),
            );
            registry.register(
                "rightful_mail_dead_letters",
                "Letters that were given up",
                dead.clone(),
            );
            registry.register(
                "rightful_password_hashes",
                "Password hashes computed",
                hashes.clone(),
            );
            registry.register(
                "rightful_password_hashes_refused",
                "Password hashes refused because too many waited",
                hashes_refused.clone(),
            );
            registry.register(
                "rightful_password_hashes_waiting",
                "Password hashes that wait for a thread",
                hashes_waiting.clone(),
            );
        });
        gauges
    }

    /// Counts what became of letters.
    pub(crate) fn delivered(&self, deliveries: &[Delivery]) {
        for Delivery { kind, outcome, .. } in deliveries {
            let labels = DeliveryLabels { kind: kind.clone(), outcome: outcome.as_str() };
            self.deliveries.get_or_create(&labels).inc();
        }
    }

    /// How the outbox stands.
    pub(crate) fn queue(&self, state: QueueState, now: Timestamp) {
        let waited = state.oldest.map_or(0, |oldest| now.since(oldest).as_millis() / 1_000);
        self.waiting.set(whole(state.waiting));
        self.dead.set(whole(state.dead));
        self.oldest.set(waited);
    }

    /// What the hashing threads did.
    pub(crate) fn hashing(&self, hasher: &Arc<Argon2Hasher>) {
        let counts = hasher.counts();
        self.hashes.inner().store(counts.computed, Ordering::Relaxed);
        self.hashes_refused.inner().store(counts.refused, Ordering::Relaxed);
        self.hashes_waiting.set(whole(counts.waiting as u64));
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
