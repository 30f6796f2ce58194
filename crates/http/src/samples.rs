//! One problem of each kind, as it would leave: for the pages of problems and for the `OpenAPI` document.

use poem::http::StatusCode;
use rightful_domain::reason::NextAction::{
    self, CheckMailbox, CheckOldMailbox, ChooseAccount, ContactShop, EnrolAgain, ProveSecondFactor,
    Reauthenticate, Register, RequestEmailChange, ResendEmailChange, ResendVerification,
    ResetPassword, SignIn, SignOutAndRegister, Wait,
};
use rightful_domain::values::Locale;

use crate::problem::{Fault, Problem, Refused};
use crate::problems::Known;
use crate::texts::Texts;

/// The request that all samples answer.
const REQUEST: &str = "0192f0c4-1f2e-7abc-9def-0123456789ab";

/// What a problem of one code holds beside its code and its words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    code: &'static str,
    /// The fields that can be at fault, the one of the sample first.
    pub(crate) fields: &'static [&'static str],
    /// The next actions: one list for each kind of operation, the one of the sample first.
    pub(crate) actions: &'static [&'static [NextAction]],
    /// Seconds to wait.
    pub(crate) retry_after: Option<u64>,
}

const fn sample(
    code: &'static str,
    fields: &'static [&'static str],
    actions: &'static [&'static [NextAction]],
    retry_after: Option<u64>,
) -> Sample {
    Sample { code, fields, actions, retry_after }
}

const PASSWORDS: &[&str] = &["password", "new_password"];
const LINKS_OF_CHANGES: &[NextAction] = &[ResendEmailChange, RequestEmailChange];
const LINKS_OF_RESETS: &[NextAction] = &[ResetPassword, SignIn];
/// Of verifications, of changes, of resets, of a second step, of a second factor.
const LINKS_THAT_OPEN_NOTHING: &[&[NextAction]] =
    &[&[ResendVerification, Register], LINKS_OF_CHANGES, LINKS_OF_RESETS, &[SignIn], &[EnrolAgain]];

/// Those that hold something. A test compares it with what the use cases answer.
const SAMPLES: &[Sample] = &[
    sample("unauthenticated", &[], &[&[SignIn]], None),
    sample("wrong_credentials", &[], &[&[SignIn, ResetPassword, Register]], None),
    sample("proof_required", &[], &[&[SignIn]], None),
    sample("accounts_disabled", &[], &[&[ContactShop]], None),
    sample("reauthentication_required", &[], &[&[Reauthenticate]], None),
    sample("wrong_password", &["password", "current_password"], &[], None),
    sample("second_factor_required", &["code"], &[&[ProveSecondFactor]], None),
    sample("wrong_code", &["code"], &[], None),
    sample("mailbox_proof_required", &["token"], &[&[CheckMailbox]], None),
    sample("enrolment_over", &[], &[&[EnrolAgain]], None),
    sample("password_disabled", &[], &[&[ResetPassword]], None),
    sample("account_frozen", &[], &[&[Wait, ContactShop]], Some(561_600)),
    sample("current_email_not_verified", &[], &[&[ResendVerification]], None),
    sample("signed_in_to_other_account", &[], &[&[SignIn]], None),
    sample("link_unknown", &["token"], LINKS_THAT_OPEN_NOTHING, None),
    sample("link_used", &["token"], &[&[SignIn], LINKS_OF_RESETS, &[EnrolAgain]], None),
    sample("link_expired", &["token"], LINKS_THAT_OPEN_NOTHING, None),
    sample(
        "link_superseded",
        &["token"],
        &[&[SignIn], LINKS_OF_CHANGES, LINKS_OF_RESETS, &[EnrolAgain]],
        None,
    ),
    sample("idempotency_in_flight", &[], &[&[Wait]], Some(1)),
    sample("email_in_use_by_account", &[], &[&[ChooseAccount, ContactShop]], None),
    sample("email_known_contact", &[], &[&[SignOutAndRegister]], None),
    sample("email_change_window", &[], &[&[Wait, ContactShop]], Some(561_600)),
    sample("email_change_not_approved", &[], &[&[CheckOldMailbox, ResendEmailChange]], None),
    sample("no_pending_email_change", &[], &[&[RequestEmailChange]], None),
    sample("invalid_email", &["email"], &[], None),
    sample("invalid_name", &["name"], &[], None),
    sample("password_too_short", PASSWORDS, &[], None),
    sample("password_too_long", PASSWORDS, &[], None),
    sample("password_leaked", PASSWORDS, &[], None),
    sample("password_own_data", PASSWORDS, &[], None),
    sample("password_repetition", PASSWORDS, &[], None),
    sample("password_unchanged", &["new_password"], &[], None),
    sample("emails_mismatch", &["confirm_email"], &[], None),
    sample("email_undeliverable", &["email"], &[], None),
    sample("email_unchanged", &["email"], &[], None),
    sample("too_many_requests", &[], &[&[Wait]], Some(60)),
    sample("email_change_quota", &[], &[&[Wait]], Some(3_600)),
    sample("resend_too_soon", &[], &[&[Wait]], Some(42)),
    sample("resend_limit", &[], &[&[RequestEmailChange]], None),
    sample("timeout", &[], &[&[Wait]], Some(5)),
    sample("contended", &[], &[&[Wait]], Some(1)),
    sample("overloaded", &[], &[&[Wait]], Some(2)),
    sample("outage", &[], &[&[Wait]], Some(10)),
];

impl Sample {
    /// That of a code; one that holds nothing, for a code that is not among them.
    pub(crate) fn of(code: &'static str) -> Self {
        let known = SAMPLES.iter().find(|sample| sample.code == code).copied();
        known.unwrap_or(sample(code, &[], &[], None))
    }

    /// Every next action that a problem of this code can name, in the order in which they are told.
    pub(crate) fn all_actions(&self) -> Vec<NextAction> {
        let mut all = Vec::new();
        for action in self.actions.iter().copied().flatten() {
            if !all.contains(action) {
                all.push(*action);
            }
        }
        all
    }
}

/// The code under which a code of a field leaves; `None` for one that leaves by itself.
pub(crate) fn stands_in(code: &str) -> Option<&'static str> {
    match code {
        "duplicate_key" => Some("malformed_json"),
        "missing_field" | "unknown_field" | "wrong_type" | "unknown_value" => {
            Some("invalid_request")
        }
        _ => None,
    }
}

/// A problem of this code, as it would leave.
pub(crate) fn problem(known: Known, locale: Locale, texts: Texts, problems: &str) -> Problem {
    let Known { code, status } = known;
    let sample = Sample::of(code);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fault = |field: &str, code| Fault { pointer: format!("#/{field}"), code };
    let mut refused = match stands_in(code) {
        Some(whole) => Refused::new(status, whole).with_faults(vec![fault("email", code)]),
        None if code == "invalid_request" => {
            Refused::new(status, code).with_faults(vec![fault("email", "missing_field")])
        }
        None => {
            let faults = sample.fields.iter().take(1).map(|field| fault(field, code));
            Refused::new(status, code).with_faults(faults.collect())
        }
    };
    if let Some(seconds) = sample.retry_after {
        refused = refused.retry_after(seconds);
    }
    if let Some(actions) = sample.actions.first() {
        refused = refused.with_actions(actions);
    }
    if code == "email_undeliverable" {
        refused = refused.suggesting("ada@gmail.com".to_owned());
    }
    refused.problem(REQUEST, locale, texts, problems)
}
