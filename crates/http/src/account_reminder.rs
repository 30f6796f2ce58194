//! "Which address did I use?".

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use crate::api::Tag;
use crate::context::Context;
use crate::problem::Refused;
use crate::registration::{Accepted, AcceptedResponse};
use crate::shared::Shared;
use crate::strict_json::{StrictJson, Text};
use crate::wire::{Moment, example};

pub(crate) struct AccountReminderApi(pub(crate) Arc<Shared>);

/// Which mailbox is to be told whether it has an account.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct AccountReminderRequest {
    /// An address that the account may have.
    email: Text,
}

impl Example for AccountReminderRequest {
    fn example() -> Self {
        Self { email: example::EMAIL.into() }
    }
}

#[OpenApi(tag = "Tag::Recovery")]
impl AccountReminderApi {
    /// Ask whether an address has an account
    ///
    /// Answers the same for every address. The mailbox alone is told: that it has an account or, if the shop knows
    /// the address otherwise, that it has none. Once a day for an address.
    #[oai(path = "/v1/account-reminders", method = "post", operation_id = "askForAccountReminder")]
    async fn ask(
        &self,
        context: Context,
        body: StrictJson<AccountReminderRequest>,
    ) -> Result<AcceptedResponse, Refused> {
        let email = body.0.email;
        let reminders = self.0.rightful.account_reminders();
        let next = reminders.ask(email.as_str(), context.locale, &context.visit()).await?;
        Ok(AcceptedResponse::Accepted(Json(Accepted::until(Moment(next)))))
    }
}
