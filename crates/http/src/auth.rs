//! Who asks: decided once, here, before any handler. What handlers take only documents it and hands its
//! result on: a list of schemes that are tried one after the other, as poem-openapi has it, swallows every
//! error but the last and turns a wrong credential into an anonymous request.
//!
//! - A bearer token that is presented must be good, on every route, public ones included: 401 otherwise.
//! - With a bearer token the cookie is not looked at. A program says explicitly who it is, and a browser
//!   cannot be made to add that header from another site, so nothing can be forged by it.
//! - A cookie that is good for nothing is no attack but a session that ended: the request is anonymous and
//!   the cookie is taken away.
//! - A session is good in the carrier that it was made for, and in no other.

use std::sync::Arc;

use poem::http::{HeaderMap, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, RequestBody, Response, Result};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use rightful_domain::sessions::{Carrier, LiveSession, SessionError};
use rightful_domain::values::SecretText;

use crate::context::Context;
use crate::csrf;
use crate::hint::Hint;
use crate::problem::Refused;
use crate::shared::Shared;

/// Somebody who showed a live session.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The session and its account, as read at the beginning of the request.
    pub(crate) live: LiveSession,
    /// What was presented.
    pub(crate) secret: SecretText,
    /// How.
    pub(crate) carrier: Carrier,
}

/// Why nobody is known, for a handler that needs somebody.
#[derive(Clone, Copy, Debug)]
struct Nobody(Hint);

/// What a request presents, good or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    Nothing,
    Bearer(String),
    Cookie(String),
    /// An `Authorization` that is no bearer token, or more than one.
    Unreadable,
}

impl Presented {
    pub(crate) fn of(headers: &HeaderMap, shared: &Shared) -> Self {
        let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
        match (authorizations.next(), authorizations.next()) {
            (Some(one), None) => match one.to_str().ok().and_then(|one| one.split_once(' ')) {
                Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                    Self::Bearer(token.trim_start_matches(' ').to_owned())
                }
                _ => Self::Unreadable,
            },
            (Some(_), Some(_)) => Self::Unreadable,
            (None, _) => match shared.cookies.session().read(headers) {
                Some(secret) => Self::Cookie(secret),
                None => Self::Nothing,
            },
        }
    }
}

/// The layer.
pub(crate) struct Authenticate(pub(crate) Arc<Shared>);

impl<E: Endpoint> Middleware<E> for Authenticate {
    type Output = AuthenticateEndpoint<E>;
    fn transform(&self, inner: E) -> Self::Output {
        AuthenticateEndpoint { inner, shared: Arc::clone(&self.0) }
    }
}

pub(crate) struct AuthenticateEndpoint<E> {
    inner: E,
    shared: Arc<Shared>,
}

impl<E: Endpoint> Endpoint for AuthenticateEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let shared = &*self.shared;
        let context = request.data::<Context>().cloned();
        let mut dead_cookie = false;
        match Presented::of(request.headers(), shared) {
            Presented::Nothing => request.set_data(Nobody(Hint::NoCredential)),
            Presented::Unreadable => {
                let hint = open_to_all(&request, shared).unwrap_or(Hint::AuthorizationForm);
                return Err(Refused::unauthenticated().hint(hint).into());
            }
            Presented::Bearer(secret) => {
                let Some(caller) = find(shared, &secret, Carrier::Bearer).await? else {
                    let hint = open_to_all(&request, shared)
                        .unwrap_or_else(|| Hint::of_session(&secret, Carrier::Bearer));
                    return Err(Refused::unauthenticated().hint(hint).into());
                };
                request.set_data(caller);
            }
            Presented::Cookie(secret) => {
                if let Some(caller) = find(shared, &secret, Carrier::Cookie).await? {
                    if csrf::is_unsafe(request.method()) {
                        let origin = &shared.settings.public;
                        csrf::demand(request.headers(), &caller.secret, origin)?;
                    }
                    request.set_data(caller);
                } else {
                    request.set_data(Nobody(Hint::of_session(&secret, Carrier::Cookie)));
                    dead_cookie = true;
                }
            }
        }
        let response = self.inner.call(request).await.map(IntoResponse::into_response);
        if !dead_cookie {
            return response;
        }
        let mut response = match (response, context) {
            (Ok(response), _) => response,
            (Err(error), Some(context)) => shared.render(error, &context),
            (Err(error), None) => return Err(error),
        };
        let session = shared.cookies.session();
        let cookies = response.headers().get_all(header::SET_COOKIE);
        if !cookies.iter().any(|line| session.is_set_by(line)) {
            response.headers_mut().append(header::SET_COOKIE, session.clear());
        }
        Ok(response)
    }
}

/// What a header that is good for nothing is told where none was needed: a program that sends the token of an
/// earlier session along with its sign-in would otherwise be told to sign in.
fn open_to_all(request: &Request, shared: &Shared) -> Option<Hint> {
    let route = shared.routes.find(request.uri().path())?;
    route.is_open_to_all(request.method()).then_some(Hint::NoSessionNeeded)
}

/// The caller of a secret; `None` when its session is over, or is good in another carrier only.
pub(crate) async fn find(
    shared: &Shared,
    secret: &str,
    carrier: Carrier,
) -> Result<Option<Caller>, Refused> {
    match shared.rightful.sessions().check(secret).await {
        Ok(live) if live.session.record().carrier == carrier => {
            let secret = SecretText::from_letter(secret.to_owned());
            Ok(Some(Caller { live, secret, carrier }))
        }
        Ok(_) | Err(SessionError::Over) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// What the document says of the two ways to show a session.
fn register_schemes(registry: &mut Registry) {
    let scheme = |ty, description| MetaSecurityScheme {
        ty,
        description: Some(description),
        name: None,
        key_in: None,
        scheme: None,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    };
    let bearer = scheme("http", "The token of a session in `Authorization`, for programs.");
    registry.create_security_scheme(
        SCHEMES[0],
        MetaSecurityScheme { scheme: Some("bearer"), bearer_format: Some("opaque"), ..bearer },
    );
    let cookie = scheme(
        "apiKey",
        "The cookie of a session, for pages of this origin. Whatever changes something needs the header \
         `X-CSRF-Token` too.",
    );
    registry.create_security_scheme(
        SCHEMES[1],
        MetaSecurityScheme {
            name: Some("__Host-rightful_session"),
            key_in: Some("cookie"),
            ..cookie
        },
    );
}

const SCHEMES: [&str; 2] = ["bearer", "session"];

/// Somebody signed in, as an argument of a handler: 401 without. poem-openapi's own schemes would read the
/// headers again; this one takes what [`Authenticate`] found.
pub(crate) struct SignedIn(Caller);

impl SignedIn {
    pub(crate) fn caller(self) -> Caller {
        self.0
    }
}

/// Somebody signed in, or nobody.
pub(crate) struct Anybody(Option<Caller>);

impl Anybody {
    pub(crate) fn caller(self) -> Option<Caller> {
        self.0
    }
}

impl<'a> ApiExtractor<'a> for SignedIn {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_schemes(registry);
    }
    fn security_schemes() -> Vec<&'static str> {
        SCHEMES.to_vec()
    }
    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let caller = request.data::<Caller>().cloned();
        Ok(Self(caller.ok_or_else(|| match request.data::<Nobody>() {
            Some(Nobody(hint)) => Refused::unauthenticated().hint(*hint),
            None => Refused::unauthenticated(),
        })?))
    }
}

impl<'a> ApiExtractor<'a> for Anybody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_schemes(registry);
    }
    fn security_schemes() -> Vec<&'static str> {
        SCHEMES.to_vec()
    }
    fn has_security_fallback() -> bool {
        true
    }
    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self(request.data::<Caller>().cloned()))
    }
}
