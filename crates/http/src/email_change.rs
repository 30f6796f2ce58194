//! Changing the e-mail address.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use rightful_domain::email_change::{
    Approval, Dispute, Disputed, EmailChangeError, EmailPanel, NewAddress, PendingPanel,
};
use rightful_domain::links::LinkPurpose;
use rightful_domain::reason::Refusal;

use crate::api::Tag;
use crate::auth::{Anybody, Caller, SignedIn};
use crate::context::Context;
use crate::problem::{Fault, Refused};
use crate::registration::{Accepted, AcceptedResponse};
use crate::sessions::DoneResponse;
use crate::shared::Shared;
use crate::strict_json::{Secret, StrictJson, Text};
use crate::wire::{AccountView, Moment, WithCookies, example};

pub(crate) struct EmailChangeApi(pub(crate) Arc<Shared>);

/// The new address, twice.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct NewEmail {
    email: Text,
    /// The same again.
    confirm_email: Text,
}

impl Example for NewEmail {
    fn example() -> Self {
        Self { email: example::NEW_EMAIL.into(), confirm_email: example::NEW_EMAIL.into() }
    }
}

/// What proves the new mailbox, and that its reader is the account's owner.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct EmailConfirmation {
    /// The secret of the link in the e-mail, `chg_…`.
    token: Secret,
    /// The account's password. Not needed in a session of the account.
    password: Option<Secret>,
}

impl Example for EmailConfirmation {
    fn example() -> Self {
        Self {
            token: example::token("chg").as_str().into(),
            password: Some(example::PASSWORD.into()),
        }
    }
}

/// What proves the old mailbox.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct EmailApproval {
    /// The secret of the link in the e-mail to the old mailbox, `apv_…`.
    token: Secret,
}

impl Example for EmailApproval {
    fn example() -> Self {
        Self { token: example::token("apv").as_str().into() }
    }
}

/// "This was not me."
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct EmailDispute {
    /// The secret of the link in the e-mail to the old mailbox, `dsp_…`.
    token: Secret,
    /// The password that was in force when the change was requested. With it the old address is restored.
    password: Option<Secret>,
    /// With `password`, a new one: whoever made the change knows the old.
    new_password: Option<Secret>,
}

impl Example for EmailDispute {
    fn example() -> Self {
        Self {
            token: example::token("dsp").as_str().into(),
            password: Some(example::PASSWORD.into()),
            new_password: Some("four other words entirely".into()),
        }
    }
}

/// The address in force and what is pending.
#[derive(Debug, Object)]
#[oai(rename = "EmailPanel", example)]
struct PanelView {
    /// The address in force.
    email: String,
    /// Whether the mailbox was proved.
    verified: bool,
    /// Left out when nothing is pending.
    #[oai(skip_serializing_if_is_none)]
    pending: Option<PendingView>,
    /// Sensitive acts are stopped until then.
    #[oai(nullable)]
    frozen_until: Option<Moment>,
}

impl From<EmailPanel> for PanelView {
    fn from(panel: EmailPanel) -> Self {
        Self {
            email: panel.email.as_str().to_owned(),
            verified: panel.verified,
            pending: panel.pending.map(Into::into),
            frozen_until: panel.frozen_until.map(Moment),
        }
    }
}

impl Example for PanelView {
    fn example() -> Self {
        Self {
            email: example::EMAIL.to_owned(),
            verified: true,
            pending: Some(PendingView::example()),
            frozen_until: None,
        }
    }
}

/// How a pending change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum PendingState {
    /// Waits for the new mailbox.
    Pending,
    /// Its time is over; another e-mail revives it.
    Expired,
    /// The new mailbox refused the e-mail; another e-mail revives it.
    Undeliverable,
}

/// Whether the mailbox of the address in force agreed, where the shop asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum ApprovalState {
    /// It was told, not asked.
    NotNeeded,
    /// It was asked; the change waits for its answer too.
    Awaited,
    /// It agreed.
    Given,
}

impl From<Approval> for ApprovalState {
    fn from(approval: Approval) -> Self {
        match approval {
            Approval::NotNeeded => Self::NotNeeded,
            Approval::Awaited => Self::Awaited,
            Approval::Given { .. } => Self::Given,
        }
    }
}

/// A change that waits for its mailbox. Until then, the address in force stays.
#[derive(Debug, Object)]
#[oai(rename = "PendingEmailChange", example)]
struct PendingView {
    id: String,
    new_email: String,
    state: PendingState,
    /// Whether the old mailbox agreed.
    approval: ApprovalState,
    requested_at: Moment,
    /// The end of the last e-mail's 48 hours.
    expires_at: Moment,
    /// When the e-mail can be asked for again; `null` when it cannot.
    #[oai(nullable)]
    next_letter_at: Option<Moment>,
}

impl From<PendingPanel> for PendingView {
    fn from(pending: PendingPanel) -> Self {
        let state = match (pending.undeliverable, pending.expired) {
            (true, _) => PendingState::Undeliverable,
            (false, true) => PendingState::Expired,
            (false, false) => PendingState::Pending,
        };
        Self {
            id: pending.id.to_string(),
            new_email: pending.new.as_str().to_owned(),
            state,
            approval: pending.approval.into(),
            requested_at: Moment(pending.requested_at),
            expires_at: Moment(pending.deadline),
            next_letter_at: pending.next_letter_at.map(Moment),
        }
    }
}

impl Example for PendingView {
    fn example() -> Self {
        Self {
            id: "ech_01h455vb4pex5vsknk084sn02q".to_owned(),
            new_email: example::NEW_EMAIL.to_owned(),
            state: PendingState::Pending,
            approval: ApprovalState::NotNeeded,
            requested_at: example::SIGNED_IN,
            expires_at: example::IN_TWO_DAYS,
            next_letter_at: Some(example::NEXT_LETTER),
        }
    }
}

/// What a dispute did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum DisputeResult {
    /// A pending change is stopped, sessions ended, sensitive acts stopped. The same link with the proof
    /// still restores.
    Frozen,
    /// The old address and the new password are in force.
    Restored,
}

/// What a dispute did.
#[derive(Debug, Object)]
#[oai(rename = "DisputeOutcome", example)]
struct DisputeView {
    outcome: DisputeResult,
    #[oai(nullable)]
    frozen_until: Option<Moment>,
}

impl From<Disputed> for DisputeView {
    fn from(disputed: Disputed) -> Self {
        match disputed {
            Disputed::Frozen { until } => {
                Self { outcome: DisputeResult::Frozen, frozen_until: Some(Moment(until)) }
            }
            Disputed::Restored => Self { outcome: DisputeResult::Restored, frozen_until: None },
        }
    }
}

impl Example for DisputeView {
    fn example() -> Self {
        Self { outcome: DisputeResult::Frozen, frozen_until: Some(example::IN_A_WEEK) }
    }
}

#[derive(ApiResponse)]
enum PanelResponse {
    /// The panel.
    #[oai(status = 200)]
    Panel(Json<PanelView>),
}

#[derive(ApiResponse)]
enum PendingResponse {
    /// An e-mail is on its way to the new mailbox, a notice to the old one. Nothing else has changed.
    #[oai(status = 202)]
    Pending(Json<PendingView>),
}

#[derive(ApiResponse)]
enum ConfirmedResponse {
    /// The new address is in force, and every session has ended. Sign in with it.
    #[oai(status = 200)]
    Confirmed(Json<AccountView>),
}

#[derive(ApiResponse)]
enum DisputedResponse {
    /// Heard.
    #[oai(status = 200)]
    Disputed(Json<DisputeView>),
}

impl EmailChangeApi {
    /// Counts what became of a step, and gives its refusal words.
    fn counted<T>(
        &self,
        step: &'static str,
        outcome: Result<T, EmailChangeError>,
    ) -> Result<T, Refused> {
        let label = outcome.as_ref().map_or_else(Refusal::code, |_| step);
        self.0.settings.metrics.email_change(label);
        outcome.map_err(|error| match &error {
            EmailChangeError::Undeliverable { suggestion: Some(meant) } => {
                let meant = meant.as_str().to_owned();
                Refused::from(error).suggesting(meant)
            }
            _ => error.into(),
        })
    }
}

#[OpenApi(tag = "Tag::EmailChange")]
impl EmailChangeApi {
    /// The e-mail panel
    #[oai(path = "/v1/me/email", method = "get", operation_id = "getEmailPanel")]
    async fn panel(&self, auth: SignedIn) -> Result<PanelResponse, Refused> {
        let live = auth.caller().live;
        let panel = self.0.rightful.email_changes().panel(&live).await?;
        Ok(PanelResponse::Panel(Json(panel.into())))
    }

    /// Ask for the verification e-mail again, signed in
    ///
    /// For the address in force. Nothing is sent to a mailbox that is proved.
    #[oai(
        path = "/v1/me/email/verification",
        method = "post",
        operation_id = "resendOwnVerification"
    )]
    async fn resend_verification(
        &self,
        auth: SignedIn,
        context: Context,
    ) -> Result<AcceptedResponse, Refused> {
        let live = auth.caller().live;
        let registration = self.0.rightful.registration();
        let next = registration.resend_for(&live, &context.visit()).await?;
        Ok(AcceptedResponse::Accepted(Json(Accepted::until(Moment(next)))))
    }

    /// Request a change of address
    ///
    /// Needs a proved mailbox and a proof of the password within five minutes. A request that is pending
    /// already is superseded.
    #[oai(path = "/v1/me/email/change", method = "post", operation_id = "requestEmailChange")]
    async fn request(
        &self,
        auth: SignedIn,
        context: Context,
        body: StrictJson<NewEmail>,
    ) -> Result<PendingResponse, Refused> {
        let live = auth.caller().live;
        let NewEmail { email, confirm_email } = body.0;
        let wanted = NewAddress { email: email.as_str(), confirm: confirm_email.as_str() };
        let changes = self.0.rightful.email_changes();
        let outcome = changes.request(&live, wanted, &context.visit()).await;
        let pending = self.counted("requested", outcome)?;
        Ok(PendingResponse::Pending(Json(pending.into())))
    }

    /// Ask for the e-mail to the new mailbox again
    ///
    /// At least a minute after the last one, six e-mails in all. Works after expiry.
    #[oai(path = "/v1/me/email/change/resend", method = "post", operation_id = "resendEmailChange")]
    async fn resend(&self, auth: SignedIn, context: Context) -> Result<PendingResponse, Refused> {
        let live = auth.caller().live;
        let outcome = self.0.rightful.email_changes().resend(&live, &context.visit()).await;
        let pending = self.counted("resent", outcome)?;
        Ok(PendingResponse::Pending(Json(pending.into())))
    }

    /// Stop the pending change
    #[oai(path = "/v1/me/email/change", method = "delete", operation_id = "cancelEmailChange")]
    async fn cancel(&self, auth: SignedIn, context: Context) -> Result<DoneResponse, Refused> {
        let live = auth.caller().live;
        let outcome = self.0.rightful.email_changes().cancel(&live, &context.visit()).await;
        self.counted("cancelled", outcome)?;
        Ok(DoneResponse::Done)
    }

    /// Confirm the new address
    ///
    /// The e-mail's link leads to a page of the shop, which posts the link's secret here: in a session of
    /// the account, or with its password.
    #[oai(path = "/v1/email-changes/confirm", method = "post", operation_id = "confirmEmailChange")]
    async fn confirm(
        &self,
        auth: Anybody,
        context: Context,
        body: StrictJson<EmailConfirmation>,
    ) -> Result<WithCookies<ConfirmedResponse>, Refused> {
        let caller = auth.caller();
        let EmailConfirmation { token, password } = body.0;
        let live = caller.as_ref().map(|caller| &caller.live);
        let password = password.as_ref().map(Secret::as_str);
        let changes = self.0.rightful.email_changes();
        let outcome = changes.confirm(token.as_str(), live, password, &context.visit()).await;
        let purpose = LinkPurpose::ConfirmEmailChange;
        let account = self
            .counted("confirmed", outcome)
            .map_err(|refused| refused.about_link(purpose, token.as_str()))?;
        let now = self.0.rightful.ports().clock.now();
        let answer = ConfirmedResponse::Confirmed(Json(AccountView::of(&account, now)));
        let cookies = caller.and_then(|caller: Caller| self.0.forget(&caller));
        Ok(WithCookies { answer, cookies: cookies.into_iter().collect() })
    }

    /// Agree to the change
    ///
    /// For whoever reads the old mailbox, where the shop asks it too (`accounts.old_mailbox`). The change still
    /// waits for the new mailbox. It never signs in.
    #[oai(path = "/v1/email-changes/approve", method = "post", operation_id = "approveEmailChange")]
    async fn approve(
        &self,
        context: Context,
        body: StrictJson<EmailApproval>,
    ) -> Result<DoneResponse, Refused> {
        let token = body.0.token;
        let changes = self.0.rightful.email_changes();
        let outcome = changes.approve(token.as_str(), &context.visit()).await;
        let purpose = LinkPurpose::ApproveEmailChange;
        self.counted("approved", outcome)
            .map_err(|refused| refused.about_link(purpose, token.as_str()))?;
        Ok(DoneResponse::Done)
    }

    /// "This was not me"
    ///
    /// For whoever reads the old mailbox. The token alone stops a pending change, ends every session and
    /// stops sensitive acts for seven days; with the password that was in force at the request, the old
    /// address is restored under a new password. It never signs in.
    #[oai(path = "/v1/email-changes/dispute", method = "post", operation_id = "disputeEmailChange")]
    async fn dispute(
        &self,
        context: Context,
        body: StrictJson<EmailDispute>,
    ) -> Result<DisputedResponse, Refused> {
        let EmailDispute { token, password, new_password } = body.0;
        let proof = match (&password, &new_password) {
            (None, None) => None,
            (Some(password), Some(new)) => {
                Some(Dispute { password: password.as_str(), new_password: new.as_str() })
            }
            (Some(_), None) => return Err(missing("new_password")),
            (None, Some(_)) => return Err(missing("password")),
        };
        let changes = self.0.rightful.email_changes();
        let outcome = changes.dispute(token.as_str(), proof, &context.visit()).await;
        let step = match &outcome {
            Ok(Disputed::Restored) => "reverted",
            _ => "disputed",
        };
        let purpose = LinkPurpose::DisputeEmailChange;
        let disputed = self
            .counted(step, outcome)
            .map_err(|refused| refused.about_link(purpose, token.as_str()))?;
        Ok(DisputedResponse::Disputed(Json(disputed.into())))
    }
}

fn missing(field: &str) -> Refused {
    Refused::invalid(vec![Fault { pointer: format!("#/{field}"), code: "missing_field" }])
}
