//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a POST that is sent again after a lost
//! answer has its effect once and gets the first answer (MN-69).
//!
//! A key belongs to whoever presents a credential, signed in or not: the scope is a keyed hash of the
//! credential (for strangers, of their network), the method, the path and the key. What is presented
//! counts, not whether it is still good, because the answer to "change my password" replaces the very
//! secret that asked: repeated with the old secret, the same key and the same body, it is the only way to
//! learn the new one. Nothing new is ever done for a secret that is dead; the layer inside refuses it.
//!
//! Answers are sealed, for they may hold secrets. Kept are answers of use cases, refusals included; what
//! was refused before one was asked, 429 and 5xx are not, and the same key may be sent again.
//!
//! Every claim is a row, so strangers get only so many: a path or method that is none of ours claims nothing,
//! and whoever shows no live session is counted by source first ([`STRANGERS`]).

use std::fmt::Write as _;
use std::sync::Arc;

use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use rightful_domain::idempotency::{Claim, IdempotencyKey};
use rightful_domain::reason::Outage;
use rightful_domain::sessions::Carrier;
use rightful_domain::throttle::{Limit, ThrottleKey, Verdict};
use rightful_domain::values::{Sealed, Span};
use serde::{Deserialize, Serialize};

use crate::auth::{self, Presented};
use crate::body_limit::Whole;
use crate::context::Context;
use crate::problem::{Code, Refused, chain};
use crate::problems;
use crate::shared::Shared;

/// The request header.
pub(crate) const HEADER: &str = "Idempotency-Key";
/// Set on an answer that was given before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// The longest key.
const MAX_KEY: usize = 255;
/// Requests with a key from one source that show no live session: as many as there may be tries to sign in.
const STRANGERS: Limit = Limit::Quota { most: 120, window: Span::minutes(1) };

/// The headers of an answer that belong to what was done; the others belong to the exchange.
const KEPT: [HeaderName; 7] = [
    header::CONTENT_TYPE,
    header::CONTENT_LANGUAGE,
    header::LOCATION,
    header::ETAG,
    header::SET_COOKIE,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
];

/// The layer: outside of [`crate::auth::Authenticate`], inside of [`crate::body_limit::BodyLimit`].
pub(crate) struct Idempotency(pub(crate) Arc<Shared>);

impl<E: Endpoint + 'static> Middleware<E> for Idempotency {
    type Output = IdempotencyEndpoint<E>;
    fn transform(&self, inner: E) -> Self::Output {
        IdempotencyEndpoint { inner: Arc::new(inner), shared: Arc::clone(&self.0) }
    }
}

pub(crate) struct IdempotencyEndpoint<E> {
    inner: Arc<E>,
    shared: Arc<Shared>,
}

impl<E: Endpoint + 'static> Endpoint for IdempotencyEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let shared = &self.shared;
        let route = shared.routes.find(request.uri().path());
        if *request.method() != Method::POST || !route.is_some_and(|r| r.takes(&Method::POST)) {
            return self.inner.call(request).await.map(IntoResponse::into_response);
        }
        let context: Context = request.data().cloned().ok_or_else(|| internal("no context"))?;
        let presented = Presented::of(request.headers(), shared);
        let Some(key) = key_of(request.headers())?
            .and_then(|key| scope(shared, &context, &presented, &request, &key))
        else {
            return self.inner.call(request).await.map(IntoResponse::into_response);
        };
        if !is_live(shared, &presented).await? {
            count_stranger(shared, &context).await?;
        }
        let body = request.data::<Whole>().map(|whole| whole.0.as_slice()).unwrap_or_default();
        let body = shared.rightful.ports().vault.fingerprint("idempotency:body", body);
        let ports = shared.rightful.ports();
        match ports.idempotency.claim(key, body, ports.clock.now()).await.map_err(Refused::from)? {
            Claim::Yours => {}
            Claim::Answered(sealed) => return Ok(Answer::open(shared, key, &sealed)?.replay()?),
            Claim::InFlight => {
                let refused = Refused::new(StatusCode::CONFLICT, "idempotency_in_flight");
                return Err(refused.retry_after(1).into());
            }
            Claim::OtherBody => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return Err(Refused::new(status, "idempotency_key_reused").into());
            }
        }
        // In a task of its own: a client that hangs up must not stop the work between its commit and the
        // keeping of its answer.
        let (inner, shared) = (Arc::clone(&self.inner), Arc::clone(shared));
        let work =
            tokio::spawn(async move { work(&*inner, request, &shared, &context, key).await });
        match work.await {
            Ok(done) => done,
            Err(died) => {
                // The claim is given back, or it would be in flight for a minute.
                abandon(&self.shared, key).await;
                Err(internal(died).into())
            }
        }
    }
}

async fn work<E: Endpoint>(
    inner: &E,
    request: Request,
    shared: &Shared,
    context: &Context,
    key: IdempotencyKey,
) -> Result<Response> {
    let (response, keep) = match inner.call(request).await {
        Ok(response) => {
            let response = response.into_response();
            let keep = response.is_success();
            (response, keep)
        }
        Err(error) => {
            let keep = error.downcast_ref::<Refused>().is_some_and(Refused::is_final);
            (shared.render(error, context), keep)
        }
    };
    if !keep {
        abandon(shared, key).await;
        return Ok(response);
    }
    let (answer, response) = Answer::take(response).await?;
    let sealed = answer.seal(shared, key)?;
    if let Err(outage) = shared.rightful.ports().idempotency.finish(key, sealed).await {
        // What was asked for is done and the client must hear so; only a repetition would not be known.
        tracing::error!(cause = chain(&outage), "an answer could not be kept under its key");
    }
    Ok(response)
}

async fn abandon(shared: &Shared, key: IdempotencyKey) {
    if let Err(outage) = shared.rightful.ports().idempotency.abandon(key).await {
        tracing::warn!(cause = chain(&outage), "an idempotency key could not be given back");
    }
}

/// The key that was sent; bare or as a structured-field string, which is the same key.
fn key_of(headers: &HeaderMap) -> Result<Option<String>, Refused> {
    let malformed = || Refused::new(StatusCode::BAD_REQUEST, "malformed_idempotency_key");
    let mut lines = headers.get_all(HEADER).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(malformed());
    }
    let text = line.to_str().map_err(|_| malformed())?.trim();
    let key = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    let sane = (1..=MAX_KEY).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
    if sane { Ok(Some(key.to_owned())) } else { Err(malformed()) }
}

/// Whether a live session is shown. A credential that is merely made up would be a new stranger every time.
async fn is_live(shared: &Shared, presented: &Presented) -> Result<bool, Refused> {
    let caller = match presented {
        Presented::Bearer(secret) => auth::find(shared, secret, Carrier::Bearer).await?,
        Presented::Cookie(secret) => auth::find(shared, secret, Carrier::Cookie).await?,
        Presented::Nothing | Presented::Unreadable => None,
    };
    Ok(caller.is_some())
}

/// Counts a keyed request of a source, and refuses it when there were too many.
async fn count_stranger(shared: &Shared, context: &Context) -> Result<(), Refused> {
    let ports = shared.rightful.ports();
    let source = context.source.to_string();
    let key = ThrottleKey::of(&*ports.vault, "idempotency_source", &[&source]);
    match ports.throttle.take(&[(key, STRANGERS)], ports.clock.now()).await? {
        Verdict::Go => Ok(()),
        Verdict::Wait(wait) => {
            let refused = Refused::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests");
            Err(refused.retry_after(wait.as_seconds_ceil().max(1)))
        }
        Verdict::Closed => Err(Refused::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests")),
    }
}

/// Whose key it is, for which request. `None` for a credential that cannot be read: the layer inside refuses
/// it, and it must not be taken for a stranger without one.
fn scope(
    shared: &Shared,
    context: &Context,
    presented: &Presented,
    request: &Request,
    key: &str,
) -> Option<IdempotencyKey> {
    let credential = match presented {
        Presented::Bearer(secret) => format!("bearer:{secret}"),
        Presented::Cookie(secret) => format!("cookie:{secret}"),
        Presented::Nothing => format!("source:{}", context.source),
        Presented::Unreadable => return None,
    };
    // The path, not its template: the same key on another session's id is another request.
    let parts = [&*credential, request.method().as_str(), request.uri().path(), key];
    // A line feed stands in none of them.
    let data = parts.join("\n");
    Some(IdempotencyKey(shared.rightful.ports().vault.fingerprint("idempotency", data.as_bytes())))
}

/// An answer in the form that is kept.
#[derive(Serialize, Deserialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// The code of the problem, when it is one, for the log line of a repetition.
    #[serde(default)]
    code: Option<String>,
}

impl Answer {
    /// Copies a response and gives it back.
    async fn take(mut response: Response) -> Result<(Self, Response)> {
        let body = response.take_body().into_string().await.map_err(internal)?;
        let headers = KEPT.iter().flat_map(|name| {
            let values = response.headers().get_all(name).iter();
            values.filter_map(|value| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            })
        });
        let answer = Self {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: body.clone(),
            code: response.extensions().get::<Code>().map(|code| code.0.to_owned()),
        };
        response.set_body(body);
        Ok((answer, response))
    }

    fn seal(&self, shared: &Shared, key: IdempotencyKey) -> Result<Sealed, Refused> {
        let plain = serde_json::to_vec(self).map_err(internal)?;
        Ok(shared.rightful.ports().vault.seal(&seal_context(key), &plain))
    }

    fn open(shared: &Shared, key: IdempotencyKey, sealed: &Sealed) -> Result<Self, Refused> {
        let plain = shared.rightful.ports().vault.open(&seal_context(key), sealed)?;
        serde_json::from_slice(&plain).map_err(|e| Outage::failed("the kept answer", e).into())
    }

    fn replay(self) -> Result<Response, Refused> {
        let status = StatusCode::from_u16(self.status).map_err(internal)?;
        let mut response = Response::builder().status(status).body(self.body);
        for (name, value) in self.headers {
            let name: HeaderName = name.parse().map_err(internal)?;
            let value = HeaderValue::from_str(&value).map_err(internal)?;
            response.headers_mut().append(name, value);
        }
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        if let Some(known) = self.code.as_deref().and_then(problems::find) {
            response.extensions_mut().insert(Code(known.code));
        }
        Ok(response)
    }
}

/// An answer opens under its own key only.
fn seal_context(key: IdempotencyKey) -> String {
    let mut context = String::from("idempotency:");
    for byte in key.0 {
        write!(context, "{byte:02x}").expect("writing to a String cannot fail");
    }
    context
}

fn internal(cause: impl std::fmt::Display) -> Refused {
    Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").caused_by(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(values: &[&str]) -> Result<Option<String>, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, HeaderValue::from_str(value).unwrap());
        }
        key_of(&headers).map_err(|refused| refused.code())
    }

    #[test]
    fn quotes_make_no_difference() {
        assert_eq!(key(&[]), Ok(None));
        assert_eq!(key(&["8e03978e-40d5"]), key(&["\"8e03978e-40d5\""]));
        assert_eq!(key(&["k"]), Ok(Some("k".into())));
        assert_eq!(key(&[&"k".repeat(255)]).unwrap().unwrap().len(), 255);
    }

    #[test]
    fn a_key_is_one_visible_word() {
        for bad in ["", "\"\"", " ", "two words", "qu\"ote", "back\\slash", &"k".repeat(256)] {
            assert_eq!(key(&[bad]), Err("malformed_idempotency_key"), "{bad}");
        }
        assert_eq!(key(&["a", "b"]), Err("malformed_idempotency_key"));
    }
}
