//! Signing in, and proving the password again.

use std::sync::Arc;

use poem::Request;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use rightful_domain::reason::Refusal;
use rightful_domain::sessions::Carrier;
use rightful_domain::sign_in::{Credentials, Renewed};

use crate::api::Tag;
use crate::auth::SignedIn;
use crate::context::Context;
use crate::cookies::Cookie;
use crate::csrf;
use crate::problem::Refused;
use crate::sessions::SessionView;
use crate::shared::Shared;
use crate::strict_json::{Secret, StrictJson, Text};
use crate::wire::{AccountView, CarrierName, WithCookies, example};

pub(crate) struct SignInApi(pub(crate) Arc<Shared>);

/// What a person types to sign in.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct NewSession {
    /// The address in force.
    email: Text,
    /// The password in force.
    password: Secret,
    /// How the session's secret travels; `bearer` when left out. `cookie` is for pages of this origin.
    carrier: Option<CarrierName>,
}

impl Example for NewSession {
    fn example() -> Self {
        Self {
            email: example::EMAIL.into(),
            password: example::PASSWORD.into(),
            carrier: Some(CarrierName::Bearer),
        }
    }
}

/// The password in force.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct Reauthentication {
    password: Secret,
}

impl Example for Reauthentication {
    fn example() -> Self {
        Self { password: example::PASSWORD.into() }
    }
}

/// A started session. Its secrets are told here, once.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none, example)]
struct SessionStarted {
    session: SessionView,
    account: AccountView,
    /// The session's secret, for `Authorization: Bearer`. With `carrier: bearer` only.
    token: Option<String>,
    /// For the header `X-CSRF-Token`. With `carrier: cookie` only; `GET /v1/session` tells it again.
    csrf_token: Option<String>,
    /// Keep it on this device and send it as `X-Device-Token` when signing in: tries from here are counted
    /// apart, so that a stranger's guesses lock nobody out. With `carrier: bearer` only; a cookie otherwise.
    device_token: Option<String>,
}

impl Example for SessionStarted {
    fn example() -> Self {
        Self {
            session: SessionView::example(),
            account: AccountView::example(),
            token: Some(example::token("ses")),
            csrf_token: None,
            device_token: Some("dev_5f1c8e".to_owned()),
        }
    }
}

/// A session with a new secret; the old one is dead.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none, example)]
pub(crate) struct SessionRenewed {
    session: SessionView,
    /// The new secret. For sessions in `Authorization: Bearer` only.
    token: Option<String>,
    /// The new value for `X-CSRF-Token`. For sessions in cookies only.
    csrf_token: Option<String>,
}

impl Example for SessionRenewed {
    fn example() -> Self {
        Self {
            session: SessionView::example(),
            token: Some(example::token("ses")),
            csrf_token: None,
        }
    }
}

#[derive(ApiResponse)]
enum StartedResponse {
    /// Signed in.
    #[oai(status = 201)]
    Started(
        Json<SessionStarted>,
        /// The session, to its holder.
        #[oai(header = "Location")]
        String,
    ),
}

#[derive(ApiResponse)]
pub(crate) enum RenewedResponse {
    /// The session goes on with a new secret; the one that asked is dead.
    #[oai(status = 200)]
    Renewed(Json<SessionRenewed>),
}

#[OpenApi(tag = "Tag::Sessions")]
impl SignInApi {
    /// Sign in
    ///
    /// Unknown addresses, unproved ones and wrong passwords get one answer. A session in a cookie is for
    /// pages of this origin: the browser must say that the request comes from one.
    #[oai(path = "/v1/sessions", method = "post", operation_id = "signIn")]
    async fn sign_in(
        &self,
        context: Context,
        request: &Request,
        body: StrictJson<NewSession>,
    ) -> Result<WithCookies<StartedResponse>, Refused> {
        let shared = &*self.0;
        let NewSession { email, password, carrier } = body.0;
        let carrier = carrier.map_or(Carrier::Bearer, Into::into);
        if carrier == Carrier::Cookie {
            csrf::demand_own_origin(request.headers(), &shared.settings.public)?;
        }
        let credentials =
            Credentials { email: email.as_str(), password: password.as_str(), carrier };
        let tried = shared.rightful.sign_in().sign_in(credentials, &context.visit()).await;
        let outcome = tried.as_ref().map_or_else(Refusal::code, |_| "ok");
        shared.settings.metrics.sign_in_attempt(outcome);
        let started = tried?;
        let now = shared.rightful.ports().clock.now();
        let in_cookie = carrier == Carrier::Cookie;
        let answer = SessionStarted {
            session: SessionView::of(&started.session, started.session.id(), shared),
            account: AccountView::of(&started.account, now),
            token: (!in_cookie).then(|| started.secret.expose().to_owned()),
            csrf_token: in_cookie.then(|| csrf::token(&started.secret)),
            device_token: (!in_cookie).then(|| started.device_token.clone()),
        };
        let mut cookies = Vec::new();
        if in_cookie {
            cookies.push(shared.session_cookie(&started.session, &started.secret));
            let device = shared.cookies.device();
            cookies.push(device.set(&started.device_token, Cookie::DEVICE_LIFE));
        }
        let answer = StartedResponse::Started(Json(answer), "/v1/session".to_owned());
        Ok(WithCookies { answer, cookies })
    }

    /// Prove the password again
    ///
    /// Opens the acts that need a fresh proof for five minutes. The session gets a new secret.
    #[oai(path = "/v1/session/reauthentication", method = "post", operation_id = "reauthenticate")]
    async fn reauthenticate(
        &self,
        auth: SignedIn,
        context: Context,
        body: StrictJson<Reauthentication>,
    ) -> Result<WithCookies<RenewedResponse>, Refused> {
        let live = auth.caller().live;
        let password = body.0.password;
        let sign_in = self.0.rightful.sign_in();
        let renewed = sign_in.prove_again(&live, password.as_str(), &context.visit()).await?;
        Ok(self.0.renewed(&renewed))
    }
}

impl Shared {
    /// The answer that hands out a session's new secret, in the carrier that the session has.
    pub(crate) fn renewed(&self, renewed: &Renewed) -> WithCookies<RenewedResponse> {
        let Renewed { session, secret, .. } = renewed;
        let in_cookie = session.record().carrier == Carrier::Cookie;
        let answer = SessionRenewed {
            session: SessionView::of(session, session.id(), self),
            token: (!in_cookie).then(|| secret.expose().to_owned()),
            csrf_token: in_cookie.then(|| csrf::token(secret)),
        };
        let cookies = in_cookie.then(|| self.session_cookie(session, secret));
        WithCookies {
            answer: RenewedResponse::Renewed(Json(answer)),
            cookies: cookies.into_iter().collect(),
        }
    }
}
