//! The security check-up.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use rightful_domain::reason::NextAction;
use rightful_domain::security_checkup::{Checkup, Item, ItemCode, State};

use crate::api::Tag;
use crate::auth::SignedIn;
use crate::context::Context;
use crate::problem::Refused;
use crate::shared::Shared;
use crate::wire::{Moment, example};

pub(crate) struct SecurityCheckupApi(pub(crate) Arc<Shared>);

/// One thing that secures the account.
#[derive(Debug, Object)]
#[oai(rename = "SecurityCheckupItem")]
struct ItemView {
    /// What was looked at: `password`, `mailbox`, `freeze`, `email_change`, `sessions`. New values may be added.
    code: String,
    /// `good`, `recommended` (worth a look) or `due` (to be done).
    state: String,
    /// Since when it is as it is, where that says something.
    #[oai(nullable)]
    since: Option<Moment>,
    /// How many, where it can be counted: sessions elsewhere.
    #[oai(nullable)]
    count: Option<u32>,
    /// What to do about it. New values may be added.
    #[oai(nullable)]
    next_action: Option<String>,
}

impl ItemView {
    fn of(item: Item) -> Self {
        let Item { code, state, since, count, next_action } = item;
        Self {
            code: code.as_str().to_owned(),
            state: state.as_str().to_owned(),
            since: since.map(Moment),
            count,
            next_action: next_action.map(|action| action.as_str().to_owned()),
        }
    }
}

/// What secures the account, at this moment.
#[derive(Debug, Object)]
#[oai(rename = "SecurityCheckup", example)]
struct CheckupView {
    /// Whether the customer should look through it now: after every recovery of the account, and once a year.
    due: bool,
    /// From when on it is due.
    due_at: Moment,
    /// When the customer last did.
    #[oai(nullable)]
    done_at: Option<Moment>,
    items: Vec<ItemView>,
}

impl CheckupView {
    fn of(checkup: Checkup) -> Self {
        Self {
            due: checkup.is_due,
            due_at: Moment(checkup.due_at),
            done_at: checkup.done_at.map(Moment),
            items: checkup.items.into_iter().map(ItemView::of).collect(),
        }
    }
}

impl Example for CheckupView {
    fn example() -> Self {
        let good =
            |code| Item { code, state: State::Good, since: None, count: None, next_action: None };
        let sessions = Item {
            state: State::Recommended,
            count: Some(2),
            next_action: Some(NextAction::ReviewSessions),
            ..good(ItemCode::Sessions)
        };
        Self {
            due: true,
            due_at: example::NEXT_LETTER,
            done_at: None,
            items: vec![ItemView::of(good(ItemCode::Password)), ItemView::of(sessions)],
        }
    }
}

#[derive(ApiResponse)]
enum CheckupResponse {
    /// What secures the account.
    #[oai(status = 200)]
    Checkup(Json<CheckupView>),
}

#[OpenApi(tag = "Tag::Profile")]
impl SecurityCheckupApi {
    /// What secures the account
    ///
    /// Each thing with its state and what to do about it. Nothing is refused because something is due.
    #[oai(path = "/v1/me/security-checkup", method = "get", operation_id = "getSecurityCheckup")]
    async fn look(&self, auth: SignedIn) -> Result<CheckupResponse, Refused> {
        let live = auth.caller().live;
        let checkup = self.0.rightful.security_checkups().look(&live).await?;
        Ok(CheckupResponse::Checkup(Json(CheckupView::of(checkup))))
    }

    /// The customer looked through it
    ///
    /// It is due again after a recovery of the account, or in a year.
    #[oai(
        path = "/v1/me/security-checkup/done",
        method = "post",
        operation_id = "completeSecurityCheckup"
    )]
    async fn done(&self, auth: SignedIn, context: Context) -> Result<CheckupResponse, Refused> {
        let live = auth.caller().live;
        let checkups = self.0.rightful.security_checkups();
        let checkup = checkups.done(&live, &context.visit()).await?;
        Ok(CheckupResponse::Checkup(Json(CheckupView::of(checkup))))
    }
}
