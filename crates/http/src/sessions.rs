//! Sessions: who is signed in, on which devices, and the end of it.

use std::sync::Arc;

use poem::http::HeaderValue;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use rightful_domain::sessions::{Carrier, Session};
use rightful_domain::values::{SecretText, SessionId};
use serde::Serialize;

use crate::api::Tag;
use crate::auth::{Anybody, Caller, SignedIn};
use crate::context::Context;
use crate::csrf;
use crate::problem::Refused;
use crate::shared::Shared;
use crate::wire::{AccountView, CarrierName, Moment, WithCookies, example};
use crate::written_json::WrittenJson;

pub(crate) struct SessionsApi(pub(crate) Arc<Shared>);

/// A session.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
#[oai(rename = "Session", example)]
pub(crate) struct SessionView {
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    carrier: CarrierName,
    /// The device in words, as its program called itself.
    device: String,
    /// The network of the sign-in.
    source: String,
    started_at: Moment,
    /// To the minute.
    last_used_at: Moment,
    /// When the password was proved last.
    authenticated_at: Moment,
    /// When a second factor was proved last; null when none was.
    #[oai(nullable)]
    second_factor_at: Option<Moment>,
    /// When it ends if it is not used.
    expires_at: Moment,
}

impl SessionView {
    pub(crate) fn of(session: &Session, current: SessionId, shared: &Shared) -> Self {
        let record = session.record();
        Self {
            id: record.id.to_string(),
            current: record.id == current,
            carrier: record.carrier.into(),
            device: record.device.clone(),
            source: record.source.clone(),
            started_at: Moment(record.started_at),
            last_used_at: Moment(record.last_used_at),
            authenticated_at: Moment(record.proved_at),
            second_factor_at: record.factor_at.map(Moment),
            expires_at: Moment(session.expires_at(&shared.rightful.policy().sessions)),
        }
    }
}

impl Example for SessionView {
    fn example() -> Self {
        Self {
            id: "ses_01h455vb4pex5vsknk084sn02q".to_owned(),
            current: true,
            carrier: CarrierName::Bearer,
            device: "Firefox on Linux".to_owned(),
            source: "203.0.113.9".to_owned(),
            started_at: example::SIGNED_IN,
            last_used_at: example::SIGNED_IN,
            authenticated_at: example::SIGNED_IN,
            second_factor_at: None,
            expires_at: example::IN_A_WEEK,
        }
    }
}

/// Who is signed in.
#[derive(Debug, Object, Serialize)]
#[oai(skip_serializing_if_is_none, example)]
struct WhoAmI {
    session: SessionView,
    account: AccountView,
    /// For the header `X-CSRF-Token`. For sessions in cookies only.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
}

impl Example for WhoAmI {
    fn example() -> Self {
        Self { session: SessionView::example(), account: AccountView::example(), csrf_token: None }
    }
}

/// Whether somebody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum SessionState {
    SignedOut,
    SignedIn,
}

/// What the link in a shop's navigation reads.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none, example)]
struct SessionLabel {
    state: SessionState,
    /// In the language asked for with `Accept-Language`.
    label: String,
    /// What the customer is called, if they said.
    display_name: Option<String>,
}

impl Example for SessionLabel {
    fn example() -> Self {
        Self {
            state: SessionState::SignedIn,
            label: "Account".to_owned(),
            display_name: Some("Ada Lovelace".to_owned()),
        }
    }
}

/// The live sessions of the account.
#[derive(Debug, Object)]
#[oai(example)]
struct SessionList {
    /// Last used first, a hundred at most.
    data: Vec<SessionView>,
    /// Whether there may be more than these. `POST /v1/sessions/end-others` ends all of them, told here or not.
    more: bool,
}

impl Example for SessionList {
    fn example() -> Self {
        Self { data: vec![SessionView::example()], more: false }
    }
}

#[derive(ApiResponse)]
enum WhoAmIResponse {
    /// The session that asks.
    #[oai(status = 200)]
    Session(WrittenJson<WhoAmI>),
}

#[derive(ApiResponse)]
enum LabelResponse {
    /// The state and the label. Never to be cached.
    #[oai(status = 200)]
    Label(Json<SessionLabel>),
}

#[derive(ApiResponse)]
enum ListResponse {
    /// The sessions.
    #[oai(status = 200)]
    Sessions(Json<SessionList>),
}

#[derive(ApiResponse)]
pub(crate) enum DoneResponse {
    /// Done.
    #[oai(status = 204)]
    Done,
}

#[derive(ApiResponse)]
enum SignedOutResponse {
    /// Signed out.
    #[oai(status = 204)]
    SignedOut(
        /// The cache of this origin. Neither storage nor cookies are named: the origin is the shop's, and
        /// browsers would take its basket along.
        #[oai(header = "Clear-Site-Data")]
        String,
    ),
}

#[OpenApi(tag = "Tag::Sessions")]
impl SessionsApi {
    /// Who is signed in
    #[oai(path = "/v1/session", method = "get", operation_id = "whoAmI")]
    #[expect(clippy::unused_async, reason = "poem-openapi takes async functions only")]
    async fn who_am_i(&self, auth: SignedIn) -> Result<WhoAmIResponse, Refused> {
        let Caller { live, secret, carrier } = auth.caller();
        let now = self.0.rightful.ports().clock.now();
        Ok(WhoAmIResponse::Session(WrittenJson(WhoAmI {
            session: SessionView::of(&live.session, live.session.id(), &self.0),
            account: AccountView::of(&live.account, now),
            csrf_token: (carrier == Carrier::Cookie).then(|| csrf::token(&secret)),
        })))
    }

    /// What the sign-in link reads
    ///
    /// For a shop's navigation: needs nobody to be signed in, and says whether somebody is.
    #[oai(path = "/v1/session/label", method = "get", operation_id = "sessionLabel")]
    #[expect(clippy::unused_async, reason = "poem-openapi takes async functions only")]
    async fn label(&self, auth: Anybody, context: Context) -> Result<LabelResponse, Refused> {
        let caller = auth.caller();
        let (state, key) = match caller {
            None => (SessionState::SignedOut, "session-label-signed-out"),
            Some(_) => (SessionState::SignedIn, "session-label-signed-in"),
        };
        let name = caller.and_then(|caller| caller.live.account.record().name.clone());
        Ok(LabelResponse::Label(Json(SessionLabel {
            state,
            label: self.0.texts.text(context.locale, key),
            display_name: name.map(|name| name.as_str().to_owned()),
        })))
    }

    /// Sign out
    ///
    /// The session ends on the server. Somebody who is signed out already is so afterwards too.
    #[oai(path = "/v1/session", method = "delete", operation_id = "signOut")]
    async fn sign_out(
        &self,
        auth: Anybody,
        context: Context,
    ) -> Result<WithCookies<SignedOutResponse>, Refused> {
        let mut cookies = Vec::new();
        if let Some(caller) = auth.caller() {
            self.0.rightful.sessions().sign_out(&caller.live, &context.visit()).await?;
            cookies.extend(self.0.forget(&caller));
        }
        let clear = "\"cache\"".to_owned();
        Ok(WithCookies { answer: SignedOutResponse::SignedOut(clear), cookies })
    }

    /// The account's sessions
    ///
    /// The hundred that were used last; `more` says whether there may be others.
    #[oai(path = "/v1/sessions", method = "get", operation_id = "listSessions")]
    async fn list(&self, auth: SignedIn) -> Result<ListResponse, Refused> {
        let live = auth.caller().live;
        let listed = self.0.rightful.sessions().list(&live).await?;
        let view = |session| SessionView::of(session, live.session.id(), &self.0);
        let data = listed.sessions.iter().map(view).collect();
        Ok(ListResponse::Sessions(Json(SessionList { data, more: listed.more })))
    }

    /// End one session
    ///
    /// Another than the one that asks needs a fresh proof: of the second factor if there is one, else of the password.
    #[oai(path = "/v1/sessions/:id", method = "delete", operation_id = "endSession")]
    async fn end(
        &self,
        auth: SignedIn,
        context: Context,
        /// The session's id, `ses_…`.
        id: Path<String>,
    ) -> Result<WithCookies<DoneResponse>, Refused> {
        let caller = auth.caller();
        let id = SessionId::parse(&id.0).map_err(|_| Refused::not_found())?;
        self.0.rightful.sessions().end(&caller.live, id, &context.visit()).await?;
        let own = id == caller.live.session.id();
        let cookies = own.then(|| self.0.forget(&caller)).flatten();
        Ok(WithCookies { answer: DoneResponse::Done, cookies: cookies.into_iter().collect() })
    }

    /// End every other session
    ///
    /// All of them, those that the list does not tell of too. Needs a fresh proof: of the second factor if there is one, else of the password.
    #[oai(path = "/v1/sessions/end-others", method = "post", operation_id = "endOtherSessions")]
    async fn end_others(&self, auth: SignedIn, context: Context) -> Result<DoneResponse, Refused> {
        let live = auth.caller().live;
        self.0.rightful.sessions().end_others(&live, &context.visit()).await?;
        Ok(DoneResponse::Done)
    }
}

impl Shared {
    /// The cookie that carries a session, until it ends at the latest.
    pub(crate) fn session_cookie(&self, session: &Session, secret: &SecretText) -> HeaderValue {
        let ends = session.record().started_at + self.rightful.policy().sessions.absolute;
        let left = ends.since(self.rightful.ports().clock.now());
        self.cookies.session().set(secret.expose(), left)
    }

    /// Takes the cookie away from somebody whose session has ended.
    pub(crate) fn forget(&self, caller: &Caller) -> Option<HeaderValue> {
        (caller.carrier == Carrier::Cookie).then(|| self.cookies.session().clear())
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::ToJSON as _;

    use super::*;
    use crate::wire::{LanguageTag, OriginName};

    #[test]
    fn who_asks_is_written_as_the_document_says() {
        let full = || WhoAmI {
            csrf_token: Some("a \"token\"".to_owned()),
            ..<WhoAmI as Example>::example()
        };
        let mut bare = <WhoAmI as Example>::example();
        bare.account.verified_at = None;
        bare.account.name = None;
        let mut answers = vec![full(), bare];
        for carrier in [CarrierName::Bearer, CarrierName::Cookie] {
            for origin in [OriginName::Direct, OriginName::Checkout, OriginName::PostCheckout] {
                for language in [LanguageTag::En, LanguageTag::Fr] {
                    let mut one = full();
                    one.session.carrier = carrier;
                    one.account.origin = origin;
                    one.account.language = language;
                    one.account.frozen_until = Some(example::IN_TWO_DAYS);
                    one.session.second_factor_at = Some(example::SIGNED_IN);
                    one.account.second_factor = true;
                    answers.push(one);
                }
            }
        }
        for answer in answers {
            assert_eq!(serde_json::to_value(&answer).ok(), answer.to_json());
        }
    }
}
