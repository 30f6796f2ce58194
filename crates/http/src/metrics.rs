//! What is counted. Labels are closed sets: codes of the catalogue, templates of routes, methods, statuses.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The bounds that OpenTelemetry's HTTP conventions advise, in seconds.
const SECONDS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// The registry of the process, and the counters of this layer. A clone counts into the same.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    requests: Family<Request, Histogram, Buckets>,
    sign_ins: Family<Outcome, Counter>,
    email_changes: Family<Outcome, Counter>,
    rate_limited: Family<Route, Counter>,
}

#[derive(Clone)]
struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(SECONDS)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
#[expect(clippy::struct_field_names, reason = "the names of OpenTelemetry's HTTP conventions")]
struct Request {
    http_request_method: &'static str,
    http_route: String,
    http_response_status_code: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    http_route: String,
}

impl Metrics {
    /// A new registry with everything of this layer in it.
    pub fn new() -> Self {
        let metrics = Self {
            registry: Arc::default(),
            requests: Family::new_with_constructor(Buckets),
            sign_ins: Family::default(),
            email_changes: Family::default(),
            rate_limited: Family::default(),
        };
        metrics.register(|registry| {
            let Self { requests, sign_ins, email_changes, rate_limited, .. } = &metrics;
            registry.register(
                "http_server_request_duration_seconds",
                "Time from the head of a request to its answer",
                requests.clone(),
            );
            registry.register("rightful_sign_in_attempts", "Tries to sign in", sign_ins.clone());
            registry.register(
                "rightful_email_changes",
                "Steps of changes of address",
                email_changes.clone(),
            );
            registry.register("rightful_rate_limited", "Answers 429", rate_limited.clone());
        });
        metrics
    }

    /// Adds metrics of other parts, under names of theirs.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry());
    }

    /// Everything, as `OpenMetrics` text.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry())?;
        Ok(text)
    }

    /// Counts a try to sign in: `ok`, or the code it was refused with.
    pub fn sign_in_attempt(&self, outcome: &'static str) {
        self.sign_ins.get_or_create(&Outcome { outcome }).inc();
    }

    /// Counts a step of a change of address: `requested`, `confirmed`, …, or the code it was refused with.
    pub fn email_change(&self, outcome: &'static str) {
        self.email_changes.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn request(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let labels = Request {
            http_request_method: method,
            http_route: route.to_owned(),
            http_response_status_code: status,
        };
        self.requests.get_or_create(&labels).observe(took.as_secs_f64());
        if status == 429 {
            self.rate_limited.get_or_create(&Route { http_route: route.to_owned() }).inc();
        }
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        // Nothing is left half done by whoever panicked while it held the registry.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_outcomes_are_counted_by_closed_labels() {
        let metrics = Metrics::new();
        metrics.request("POST", "/v1/sessions", 201, Duration::from_millis(40));
        metrics.request("POST", "/v1/sessions", 429, Duration::from_millis(1));
        metrics.sign_in_attempt("ok");
        metrics.email_change("requested");
        let text = metrics.encode().unwrap();
        for line in [
            "http_server_request_duration_seconds_count{http_request_method=\"POST\",http_route=\"/v1/sessions\",http_response_status_code=\"201\"} 1",
            "http_server_request_duration_seconds_bucket{le=\"0.05\",http_request_method=\"POST\",http_route=\"/v1/sessions\",http_response_status_code=\"201\"} 1",
            "rightful_sign_in_attempts_total{outcome=\"ok\"} 1",
            "rightful_email_changes_total{outcome=\"requested\"} 1",
            "rightful_rate_limited_total{http_route=\"/v1/sessions\"} 1",
        ] {
            assert!(text.contains(line), "{line}\nis not in\n{text}");
        }
    }
}
