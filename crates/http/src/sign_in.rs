//! Signing in, in one step or two, and proving again.

use std::sync::Arc;

use poem::Request;
use poem::http::HeaderValue;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use rightful_domain::links::LinkPurpose;
use rightful_domain::reason::Refusal;
use rightful_domain::sessions::Carrier;
use rightful_domain::sign_in::{
    Credentials, Entry, Proof, Renewed, SecondStep, SecondStepTaken, SignedIn as Started,
};

use crate::api::Tag;
use crate::auth::SignedIn;
use crate::context::Context;
use crate::cookies::Cookie;
use crate::csrf;
use crate::problem::Refused;
use crate::second_factors::{FactorKindName, invalid, proof_of};
use crate::sessions::SessionView;
use crate::shared::Shared;
use crate::strict_json::{Secret, StrictJson, Text};
use crate::wire::{AccountView, CarrierName, Moment, WithCookies, example};

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

/// What the account is secured by: the password, or where there is a second factor, a code of it.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, skip_serializing_if_is_none, example)]
struct Reauthentication {
    /// The password in force, of an account without a second factor.
    password: Option<Secret>,
    /// Six digits of the authenticator app.
    code: Option<Secret>,
    /// A backup code.
    backup_code: Option<Secret>,
}

impl Example for Reauthentication {
    fn example() -> Self {
        Self { password: Some(example::PASSWORD.into()), code: None, backup_code: None }
    }
}

/// What a person brings to the second step.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, skip_serializing_if_is_none, example)]
struct NewSecondStep {
    /// What the first step gave.
    token: Secret,
    /// Six digits of the authenticator app; this or `backup_code`.
    code: Option<Secret>,
    /// A backup code; this or `code`.
    backup_code: Option<Secret>,
    /// How the session's secret travels; `bearer` when left out. `cookie` is for pages of this origin.
    carrier: Option<CarrierName>,
    /// Whether this device is to skip the second step for thirty days; no when left out.
    trust_device: Option<bool>,
}

impl Example for NewSecondStep {
    fn example() -> Self {
        Self {
            token: example::token("stp").as_str().into(),
            code: Some("287082".into()),
            backup_code: None,
            carrier: Some(CarrierName::Bearer),
            trust_device: Some(false),
        }
    }
}

/// The password was right, and the account asks for a second step.
#[derive(Debug, Object)]
#[oai(example)]
struct SecondStepAsked {
    second_step: SecondStepView,
}

/// What the second step is taken with.
#[derive(Debug, Object)]
#[oai(rename = "SecondStep", example)]
struct SecondStepView {
    /// For `POST /v1/sessions/second-step`. It opens nothing by itself.
    token: String,
    /// Its end.
    expires_at: Moment,
    /// What can be shown, the best first.
    kinds: Vec<FactorKindName>,
}

impl Example for SecondStepAsked {
    fn example() -> Self {
        Self { second_step: SecondStepView::example() }
    }
}

impl Example for SecondStepView {
    fn example() -> Self {
        Self {
            token: example::token("stp"),
            expires_at: example::NEXT_LETTER,
            kinds: vec![FactorKindName::Totp, FactorKindName::BackupCodes],
        }
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
    /// Keep it on this device and send it as `X-Trusted-Device` when signing in: the second step is skipped. With
    /// `carrier: bearer` only; a cookie otherwise.
    trusted_device_token: Option<String>,
    /// Until when this device skips the second step.
    trusted_until: Option<Moment>,
}

impl Example for SessionStarted {
    fn example() -> Self {
        Self {
            session: SessionView::example(),
            account: AccountView::example(),
            token: Some(example::token("ses")),
            csrf_token: None,
            device_token: Some("dev_5f1c8e".to_owned()),
            trusted_device_token: None,
            trusted_until: None,
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
#[expect(clippy::large_enum_variant, reason = "an answer is made and written once")]
enum StartedResponse {
    /// Signed in.
    #[oai(status = 201)]
    Started(
        Json<SessionStarted>,
        /// The session, to its holder.
        #[oai(header = "Location")]
        String,
    ),
    /// The password was right; the account asks for a second step.
    #[oai(status = 202)]
    SecondStep(Json<SecondStepAsked>),
}

#[derive(ApiResponse)]
enum EnteredResponse {
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
    /// Unknown addresses, unproved ones and wrong passwords get one answer. An account with a second factor asks
    /// for a second step (202), unless the device is trusted. A session in a cookie is for
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
        let outcome = tried.as_ref().map_or_else(Refusal::code, |entry| match entry {
            Entry::SignedIn(_) => "ok",
            Entry::SecondStep(_) => "second_step",
        });
        shared.settings.metrics.sign_in_attempt(outcome);
        Ok(match tried? {
            Entry::SignedIn(started) => {
                let (answer, cookies) = shared.started(&started);
                let answer = StartedResponse::Started(Json(answer), "/v1/session".to_owned());
                WithCookies { answer, cookies }
            }
            Entry::SecondStep(SecondStep { secret, expires_at, kinds }) => {
                let second_step = SecondStepView {
                    token: secret.expose().to_owned(),
                    expires_at: Moment(expires_at),
                    kinds: kinds.into_iter().map(Into::into).collect(),
                };
                let answer = StartedResponse::SecondStep(Json(SecondStepAsked { second_step }));
                WithCookies { answer, cookies: Vec::new() }
            }
        })
    }

    /// Take the second step
    ///
    /// With what the first step gave and a code: the session starts. A wrong code leaves the first step as it
    /// is, for ten minutes in all; wrong codes are counted.
    #[oai(path = "/v1/sessions/second-step", method = "post", operation_id = "secondStep")]
    async fn second_step(
        &self,
        context: Context,
        request: &Request,
        body: StrictJson<NewSecondStep>,
    ) -> Result<WithCookies<EnteredResponse>, Refused> {
        let shared = &*self.0;
        let NewSecondStep { token, code, backup_code, carrier, trust_device } = body.0;
        let carrier = carrier.map_or(Carrier::Bearer, Into::into);
        if carrier == Carrier::Cookie {
            csrf::demand_own_origin(request.headers(), &shared.settings.public)?;
        }
        let taken = SecondStepTaken {
            secret: token.as_str(),
            proof: proof_of(code.as_ref(), backup_code.as_ref())?,
            carrier,
            trust: trust_device.unwrap_or(false),
        };
        let tried = shared.rightful.sign_in().second_step(taken, &context.visit()).await;
        let outcome = tried.as_ref().map_or_else(Refusal::code, |_| "ok");
        shared.settings.metrics.sign_in_attempt(outcome);
        let purpose = LinkPurpose::SecondStep;
        let started = tried.map_err(|e| Refused::from(e).about_link(purpose, token.as_str()))?;
        let (answer, cookies) = shared.started(&started);
        let answer = EnteredResponse::Started(Json(answer), "/v1/session".to_owned());
        Ok(WithCookies { answer, cookies })
    }

    /// Prove again who is there
    ///
    /// With the password; where the account has a second factor, with a code of it. Opens the acts that need a
    /// fresh proof for five minutes. The session gets a new secret.
    #[oai(path = "/v1/session/reauthentication", method = "post", operation_id = "reauthenticate")]
    async fn reauthenticate(
        &self,
        auth: SignedIn,
        context: Context,
        body: StrictJson<Reauthentication>,
    ) -> Result<WithCookies<RenewedResponse>, Refused> {
        let live = auth.caller().live;
        let Reauthentication { password, code, backup_code } = body.0;
        let proof = match (&password, &code, &backup_code) {
            (Some(password), None, None) => Proof::Password(password.as_str()),
            (Some(_), ..) => return Err(invalid("#/password", "unknown_field")),
            (None, None, None) => return Err(invalid("#/password", "missing_field")),
            (None, code, backup_code) => {
                Proof::Factor(proof_of(code.as_ref(), backup_code.as_ref())?)
            }
        };
        let sign_in = self.0.rightful.sign_in();
        let renewed = sign_in.prove_again(&live, proof, &context.visit()).await?;
        Ok(self.0.renewed(&renewed))
    }
}

impl Shared {
    /// The answer that hands out a started session, and its cookies.
    fn started(&self, started: &Started) -> (SessionStarted, Vec<HeaderValue>) {
        let now = self.rightful.ports().clock.now();
        let in_cookie = started.session.record().carrier == Carrier::Cookie;
        let trusted = started.trusted_device.as_ref();
        let answer = SessionStarted {
            session: SessionView::of(&started.session, started.session.id(), self),
            account: AccountView::of(&started.account, now),
            token: (!in_cookie).then(|| started.secret.expose().to_owned()),
            csrf_token: in_cookie.then(|| csrf::token(&started.secret)),
            device_token: (!in_cookie).then(|| started.device_token.clone()),
            trusted_device_token: trusted
                .filter(|_| !in_cookie)
                .map(|given| given.secret.expose().to_owned()),
            trusted_until: trusted.map(|given| Moment(given.until)),
        };
        let mut cookies = Vec::new();
        if in_cookie {
            cookies.push(self.session_cookie(&started.session, &started.secret));
            let device = self.cookies.device();
            cookies.push(device.set(&started.device_token, Cookie::DEVICE_LIFE));
            cookies.extend(trusted.map(|given| {
                self.cookies.trusted().set(given.secret.expose(), given.until.since(now))
            }));
        }
        (answer, cookies)
    }
}

impl Shared {
    /// The answer that hands out a session's new secret, in the carrier that the session has.
    pub(crate) fn renewed(&self, renewed: &Renewed) -> WithCookies<RenewedResponse> {
        let (answer, cookies) = self.renewed_parts(renewed);
        WithCookies { answer: RenewedResponse::Renewed(Json(answer)), cookies }
    }

    /// The same, for an answer that tells more.
    pub(crate) fn renewed_parts(&self, renewed: &Renewed) -> (SessionRenewed, Vec<HeaderValue>) {
        let Renewed { session, secret, .. } = renewed;
        let in_cookie = session.record().carrier == Carrier::Cookie;
        let answer = SessionRenewed {
            session: SessionView::of(session, session.id(), self),
            token: (!in_cookie).then(|| secret.expose().to_owned()),
            csrf_token: in_cookie.then(|| csrf::token(secret)),
        };
        let cookies = in_cookie.then(|| self.session_cookie(session, secret));
        (answer, cookies.into_iter().collect())
    }
}
