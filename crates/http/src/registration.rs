//! Registering, and proving the mailbox.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use rightful_domain::links::LinkPurpose;
use rightful_domain::registration::{NewAccount, Registration};

use crate::api::Tag;
use crate::context::Context;
use crate::problem::Refused;
use crate::shared::Shared;
use crate::strict_json::{Secret, StrictJson, Text};
use crate::wire::{AccountView, LanguageTag, Moment, OriginName, example};

pub(crate) struct RegistrationApi(pub(crate) Arc<Shared>);

/// What a person types to register.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct NewRegistration {
    /// The address to register.
    email: Text,
    /// At least ten characters; any are allowed. It is in force until the mailbox is proved, with the
    /// password that its owner types then.
    password: Secret,
    /// What the customer is called. It is kept only if the password that proves the mailbox is this one:
    /// otherwise somebody else may have typed it, and the owner says it anew.
    #[oai(nullable)]
    name: Option<Text>,
    /// Of e-mails; that of the request when left out.
    language: Option<LanguageTag>,
    /// Which door; `direct` when left out.
    origin: Option<OriginName>,
}

impl Example for NewRegistration {
    fn example() -> Self {
        Self {
            email: "grace@maison-lune.example".into(),
            password: "seven copper kettles".into(),
            name: Some("Grace Hopper".into()),
            language: Some(LanguageTag::En),
            origin: Some(OriginName::Direct),
        }
    }
}

/// Whose verification e-mail is to be sent again.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct ResendVerification {
    /// The address that was registered.
    email: Text,
}

impl Example for ResendVerification {
    fn example() -> Self {
        Self { email: "grace@maison-lune.example".into() }
    }
}

/// What proves a mailbox.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct Verification {
    /// The secret of the link in the e-mail, `vfy_…`.
    token: Secret,
    /// The password from now on, whoever registered: at least ten characters.
    password: Secret,
}

impl Example for Verification {
    fn example() -> Self {
        Self {
            token: example::token("vfy").as_str().into(),
            password: "nine quiet harbours".into(),
        }
    }
}

/// The same for every address.
#[derive(Debug, Object)]
#[oai(example)]
pub(crate) struct Accepted {
    /// Always `accepted`: the mailbox is told what is to be told.
    status: String,
    /// When an e-mail may be asked for again.
    next_allowed_at: Moment,
}

impl Accepted {
    pub(crate) fn until(next_allowed_at: Moment) -> Self {
        Self { status: "accepted".to_owned(), next_allowed_at }
    }
}

impl Example for Accepted {
    fn example() -> Self {
        Self::until(example::NEXT_LETTER)
    }
}

#[derive(ApiResponse)]
pub(crate) enum AcceptedResponse {
    /// Accepted. What happens next is told to the mailbox, and to nobody else.
    #[oai(status = 202)]
    Accepted(Json<Accepted>),
}

#[derive(ApiResponse)]
enum VerifiedResponse {
    /// The mailbox is proved, the password is in force, every earlier session has ended. Sign in next.
    #[oai(status = 200)]
    Verified(Json<AccountView>),
}

impl RegistrationApi {
    /// The same for every address: a minute from now, whatever happened.
    fn accepted(&self) -> AcceptedResponse {
        let next = self.0.rightful.ports().clock.now() + Registration::RESEND_COOLDOWN;
        AcceptedResponse::Accepted(Json(Accepted::until(Moment(next))))
    }
}

#[OpenApi(tag = "Tag::Registration")]
impl RegistrationApi {
    /// Register an account
    ///
    /// Answers the same for every address, known or not; what differs goes to the mailbox: a link to prove
    /// it, or a word that there is an account already.
    #[oai(path = "/v1/registrations", method = "post", operation_id = "register")]
    async fn register(
        &self,
        context: Context,
        body: StrictJson<NewRegistration>,
    ) -> Result<AcceptedResponse, Refused> {
        let body = body.0;
        let wanted = NewAccount {
            email: body.email.as_str(),
            password: body.password.as_str(),
            name: body.name.as_ref().map(Text::as_str),
            locale: body.language.map_or(context.locale, Into::into),
            origin: body.origin.map(Into::into).unwrap_or_default(),
        };
        self.0.rightful.registration().register(wanted, &context.visit()).await?;
        Ok(self.accepted())
    }

    /// Ask for the verification e-mail again, signed out
    ///
    /// Answers the same for every address.
    #[oai(path = "/v1/verifications/resend", method = "post", operation_id = "resendVerification")]
    async fn resend_verification(
        &self,
        context: Context,
        body: StrictJson<ResendVerification>,
    ) -> Result<AcceptedResponse, Refused> {
        let email = body.0.email;
        self.0.rightful.registration().resend(email.as_str(), &context.visit()).await?;
        Ok(self.accepted())
    }

    /// Prove the mailbox
    ///
    /// The e-mail's link leads to a page of the shop, which posts the link's secret here with the password
    /// that its reader types. That password is the one in force from then on. No session is started.
    #[oai(path = "/v1/verifications", method = "post", operation_id = "verify")]
    async fn verify(
        &self,
        context: Context,
        body: StrictJson<Verification>,
    ) -> Result<VerifiedResponse, Refused> {
        let Verification { token, password } = body.0;
        let registration = self.0.rightful.registration();
        let account = registration
            .verify(token.as_str(), password.as_str(), &context.visit())
            .await
            .map_err(|e| Refused::from(e).about_link(LinkPurpose::VerifyAddress, token.as_str()))?;
        let now = self.0.rightful.ports().clock.now();
        Ok(VerifiedResponse::Verified(Json(AccountView::of(&account, now))))
    }
}
