//! What is known of a request before anybody looks at what it wants.

use std::sync::Arc;

use poem::http::{HeaderMap, HeaderValue, header};
use poem::{FromRequest, Request, RequestBody};
use rightful_domain::Visit;
use rightful_domain::ports::Entropy;
use rightful_domain::values::{Locale, Source};

use crate::client_address::{Network, origin_of};
use crate::cookies::Cookies;
use crate::device;
use crate::edge::no_context;
use crate::texts::Texts;

/// What a request is, apart from its body. Made once, at the edge; handlers take it as an argument.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// Ours, or the client's own when it is a sane one.
    pub(crate) request_id: Arc<str>,
    /// The trace that a caller is in (W3C trace context), for the log.
    pub(crate) trace_id: Option<Arc<str>>,
    /// Of problems and pages. Letters go by the account's own.
    pub(crate) locale: Locale,
    pub(crate) source: Source,
    /// The source as the log has it.
    pub(crate) neighbourhood: Arc<str>,
    /// The `User-Agent`, which only acts put into words.
    agent: Option<HeaderValue>,
    /// The device token that was presented, by cookie or header.
    pub(crate) known_device: Option<Arc<str>>,
    /// What a trusted device presents to skip the second step, by cookie or header.
    pub(crate) trusted_device: Option<Arc<str>>,
}

impl Context {
    pub(crate) fn of(
        request: &Request,
        entropy: &dyn Entropy,
        cookies: Cookies,
        trusted: &[Network],
    ) -> Self {
        let headers = request.headers();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let known_device = text("x-device-token")
            .map(str::to_owned)
            .or_else(|| cookies.device().read(headers))
            .map(Arc::from);
        let trusted_device = text("x-trusted-device")
            .map(str::to_owned)
            .or_else(|| cookies.trusted().read(headers))
            .map(Arc::from);
        let origin = origin_of(request, trusted);
        Self {
            request_id: incoming_id(headers).unwrap_or_else(|| mint(entropy)),
            trace_id: text("traceparent").and_then(trace_id).map(Arc::from),
            locale: Texts::negotiate(text("accept-language").unwrap_or_default()),
            source: origin.source,
            neighbourhood: origin.coarse.into(),
            agent: headers.get(header::USER_AGENT).cloned(),
            known_device,
            trusted_device,
        }
    }

    /// The visit that the use cases are told of.
    pub(crate) fn visit(&self) -> Visit {
        Visit {
            source: self.source,
            device: device::label(self.agent.as_ref().and_then(|agent| agent.to_str().ok())),
            request: self.request_id.to_string(),
            known_device: self.known_device.as_deref().map(str::to_owned),
            trusted_device: self.trusted_device.as_deref().map(str::to_owned),
        }
    }
}

impl<'a> FromRequest<'a> for Context {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        request.data::<Self>().cloned().ok_or_else(no_context)
    }
}

/// A client's id is taken when it is short and plain: it goes into the log, the audit trail and a header. It
/// holds a digit, because in the audit trail a word in its place is work of our own: `operator`, `retention`.
fn incoming_id(headers: &HeaderMap) -> Option<Arc<str>> {
    let id = headers.get("request-id").or_else(|| headers.get("x-request-id"))?.to_str().ok()?;
    let sane = (8..=64).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_' || b == b'.')
        && id.bytes().any(|b| b.is_ascii_digit());
    sane.then(|| Arc::from(id))
}

fn mint(entropy: &dyn Entropy) -> Arc<str> {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    uuid::Builder::from_random_bytes(random).into_uuid().to_string().into()
}

/// The trace id of a `traceparent` (version 00).
fn trace_id(header: &str) -> Option<&str> {
    let mut parts = header.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |part: &str, length| {
        part.len() == length
            && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let whole = hex(version, 2) && hex(trace, 32) && hex(parent, 16) && hex(flags, 2);
    let zero = |part: &str| part.bytes().all(|b| b == b'0');
    (whole && version != "ff" && !zero(trace) && !zero(parent)).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_request_id_is_taken() {
        let taken = |id: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("request-id", HeaderValue::from_str(id).unwrap());
            incoming_id(&headers).is_some()
        };
        assert!(taken("0192f0c4-1f2e-7abc-9def-0123456789ab") && taken("order_42.retry-1"));
        for bad in ["short-1", "1 has space in it", "semi;colon-1xx", &"1".repeat(65)] {
            assert!(!taken(bad), "{bad}");
        }
        // The names of our own work: rightful_domain::Visit::internal.
        for ours in ["operator", "retention", "postroom", "dev", "operators.work"] {
            assert!(!taken(ours), "{ours}");
        }
        for bad in ["", "-"] {
            assert!(!taken(bad), "{bad}");
        }
    }

    #[test]
    fn a_trace_is_read_or_left() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(trace_id(&format!("00-{trace}-00f067aa0ba902b7-01")), Some(trace));
        for bad in [
            "",
            "00",
            &format!("ff-{trace}-00f067aa0ba902b7-01"),
            &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            &format!("00-{trace}-0000000000000000-01"),
            &format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()),
        ] {
            assert_eq!(trace_id(bad), None, "{bad}");
        }
    }
}
