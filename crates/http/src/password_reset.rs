//! A forgotten password.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use rightful_domain::links::LinkPurpose;
use rightful_domain::reason::NextAction;

use crate::api::Tag;
use crate::context::Context;
use crate::problem::Refused;
use crate::registration::{Accepted, AcceptedResponse};
use crate::shared::Shared;
use crate::strict_json::{Secret, StrictJson, Text};
use crate::wire::{Moment, example};

pub(crate) struct PasswordResetApi(pub(crate) Arc<Shared>);

/// Whose password was forgotten.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct PasswordResetRequest {
    /// The address of the account.
    email: Text,
}

impl Example for PasswordResetRequest {
    fn example() -> Self {
        Self { email: example::EMAIL.into() }
    }
}

/// What sets another password.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct PasswordResetCompletion {
    /// The secret of the link in the e-mail, `rst_…`.
    token: Secret,
    /// The password from now on: at least ten characters; any are allowed.
    password: Secret,
}

impl Example for PasswordResetCompletion {
    fn example() -> Self {
        Self {
            token: example::token("rst").as_str().into(),
            password: "nine quiet harbours".into(),
        }
    }
}

/// The new password is in force.
#[derive(Debug, Object)]
#[oai(example)]
struct PasswordResetDone {
    /// Always `completed`.
    status: String,
    /// What comes next: sign in, then look through what secures the account. New values may be added.
    next_actions: Vec<String>,
}

impl PasswordResetDone {
    fn new() -> Self {
        let next = [NextAction::SignIn, NextAction::CheckSecurity];
        Self {
            status: "completed".to_owned(),
            next_actions: next.map(|action| action.as_str().to_owned()).to_vec(),
        }
    }
}

impl Example for PasswordResetDone {
    fn example() -> Self {
        Self::new()
    }
}

#[derive(ApiResponse)]
enum CompletedResponse {
    /// The password is in force, every session has ended, the mailbox is told. Nobody is signed in by it.
    #[oai(status = 200)]
    Completed(Json<PasswordResetDone>),
}

#[OpenApi(tag = "Tag::Recovery")]
impl PasswordResetApi {
    /// Ask for a new password
    ///
    /// Answers the same for every address, known or not; what differs goes to the mailbox: a link that works once,
    /// for an hour, or, to an address that the shop knows otherwise, a word that there is no account. Nothing of
    /// the account changes.
    #[oai(path = "/v1/password-resets", method = "post", operation_id = "askForPasswordReset")]
    async fn ask(
        &self,
        context: Context,
        body: StrictJson<PasswordResetRequest>,
    ) -> Result<AcceptedResponse, Refused> {
        let email = body.0.email;
        let resets = self.0.rightful.password_resets();
        let next = resets.ask(email.as_str(), context.locale, &context.visit()).await?;
        Ok(AcceptedResponse::Accepted(Json(Accepted::until(Moment(next)))))
    }

    /// Set the new password
    ///
    /// The e-mail's link leads to a page of the shop, which posts the link's secret here with the password that its
    /// reader types. Every session of the account ends and none is started. A mailbox that was not proved yet is.
    #[oai(
        path = "/v1/password-resets/complete",
        method = "post",
        operation_id = "completePasswordReset"
    )]
    async fn complete(
        &self,
        context: Context,
        body: StrictJson<PasswordResetCompletion>,
    ) -> Result<CompletedResponse, Refused> {
        let PasswordResetCompletion { token, password } = body.0;
        self.0
            .rightful
            .password_resets()
            .complete(token.as_str(), password.as_str(), &context.visit())
            .await
            .map_err(|e| Refused::from(e).about_link(LinkPurpose::ResetPassword, token.as_str()))?;
        Ok(CompletedResponse::Completed(Json(PasswordResetDone::new())))
    }
}
