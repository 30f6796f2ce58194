//! What an operation can answer when it refuses: the one table from which the `OpenAPI` document tells each
//! operation's statuses, with the codes under each. The tests of this crate hold every answer that they see
//! against it.

use std::collections::BTreeMap;

use rightful_domain::values::{Locale, PasswordPolicy};
use serde_json::{Map, Value, json};

use crate::problem::ProblemJson;
use crate::problems::{CATALOGUE, Known};
use crate::samples::{self, Sample};
use crate::texts::Texts;

/// Of a password that is not accepted.
const PASSWORD: &[&str] = &[
    "password_too_short",
    "password_too_long",
    "password_leaked",
    "password_own_data",
    "password_repetition",
];
/// Of every change of second factors.
const FACTORS: &[&str] = &["wrong_code", "account_frozen", "current_email_not_verified"];
const LINK: &[&str] = &["link_unknown", "link_used", "link_expired", "link_superseded"];
const TOO_MANY: &[&str] = &["too_many_requests"];

/// Whatever is asked: a credential is judged everywhere, a body may break off, a part may be down.
const EVERYWHERE: &[&str] = &[
    "bad_request",
    "unauthenticated",
    "request_timeout",
    "payload_too_large",
    "internal",
    "timeout",
    "contended",
    "overloaded",
    "outage",
];
/// With a method that can change something, and a session in the cookie.
const UNSAFE: &[&str] = &["csrf_failed"];
/// With `Idempotency-Key`, which every POST takes; strangers' keys are counted.
const KEYED: &[&str] = &[
    "malformed_idempotency_key",
    "idempotency_in_flight",
    "idempotency_key_reused",
    "too_many_requests",
];
/// With a body.
const BODY: &[&str] = &[
    "malformed_json",
    "duplicate_key",
    "unsupported_media_type",
    "invalid_request",
    "missing_field",
    "unknown_field",
    "wrong_type",
    "unknown_value",
];

/// What each operation adds, by its id.
const OPERATIONS: &[(&str, &[&[&str]])] = &[
    ("register", &[&["accounts_disabled", "invalid_email", "invalid_name"], PASSWORD, TOO_MANY]),
    ("resendVerification", &[&["invalid_email"], TOO_MANY]),
    ("verify", &[LINK, PASSWORD, TOO_MANY]),
    ("secondStep", &[&["wrong_code"], LINK, TOO_MANY]),
    (
        "reauthenticate",
        &[
            &["wrong_password", "password_disabled", "wrong_code", "second_factor_required"],
            TOO_MANY,
        ],
    ),
    ("listSecondFactors", &[]),
    (
        "beginAuthenticatorApp",
        &[
            FACTORS,
            &["reauthentication_required", "second_factor_required", "too_many_factors"],
            TOO_MANY,
        ],
    ),
    (
        "bindAuthenticatorApp",
        &[FACTORS, &["not_found", "enrolment_over", "mailbox_proof_required"], LINK, TOO_MANY],
    ),
    (
        "removeSecondFactor",
        &[FACTORS, &["not_found", "second_factor_required", "email_change_window"], TOO_MANY],
    ),
    ("renewBackupCodes", &[FACTORS, &["not_found", "second_factor_required"], TOO_MANY]),
    ("listTrustedDevices", &[]),
    ("endTrust", &[&["not_found"]]),
    ("signIn", &[&["wrong_credentials", "password_disabled"], TOO_MANY]),
    ("askForPasswordReset", &[&["invalid_email"], TOO_MANY]),
    ("completePasswordReset", &[LINK, PASSWORD, TOO_MANY]),
    ("askForAccountReminder", &[&["invalid_email"], TOO_MANY]),
    ("getSecurityCheckup", &[]),
    ("completeSecurityCheckup", &[]),
    ("whoAmI", &[]),
    ("sessionLabel", &[]),
    ("signOut", &[]),
    ("listSessions", &[]),
    ("endSession", &[&["not_found", "reauthentication_required"]]),
    ("endOtherSessions", &[&["reauthentication_required"], TOO_MANY]),
    ("getMe", &[]),
    ("updateMe", &[&["precondition_required", "precondition_failed", "invalid_name"], TOO_MANY]),
    (
        "changePassword",
        &[
            &[
                "account_frozen",
                "reauthentication_required",
                "wrong_password",
                "password_disabled",
                "password_unchanged",
                "version_mismatch",
            ],
            PASSWORD,
            TOO_MANY,
        ],
    ),
    ("getEmailPanel", &[]),
    ("resendOwnVerification", &[TOO_MANY]),
    (
        "requestEmailChange",
        &[
            &[
                "reauthentication_required",
                "account_frozen",
                "current_email_not_verified",
                "emails_mismatch",
                "email_undeliverable",
                "email_unchanged",
                "email_change_quota",
                "email_in_use_by_account",
                "email_known_contact",
                "email_change_window",
            ],
            TOO_MANY,
        ],
    ),
    (
        "resendEmailChange",
        &[
            &[
                "no_pending_email_change",
                "resend_too_soon",
                "resend_limit",
                "account_frozen",
                "email_in_use_by_account",
                "email_known_contact",
            ],
            TOO_MANY,
        ],
    ),
    ("cancelEmailChange", &[&["no_pending_email_change"]]),
    (
        "confirmEmailChange",
        &[
            &[
                "proof_required",
                "wrong_password",
                "password_disabled",
                "signed_in_to_other_account",
                "account_frozen",
                "email_in_use_by_account",
                "email_known_contact",
                "no_pending_email_change",
                "email_change_not_approved",
            ],
            LINK,
            TOO_MANY,
        ],
    ),
    ("approveEmailChange", &[&["account_frozen", "no_pending_email_change"], LINK, TOO_MANY]),
    ("disputeEmailChange", &[&["wrong_password", "password_disabled"], LINK, PASSWORD, TOO_MANY]),
];

/// What no operation answers: the router refuses these, or a proxy in front.
#[cfg(test)]
const OF_NO_OPERATION: &[&str] = &["method_not_allowed", "length_required"];

/// The codes that an operation can refuse with, in the order of the catalogue.
///
/// # Panics
///
/// When the operation is not in the table: a new one cannot be published without its line.
pub(crate) fn of(id: &str, method: &str, has_body: bool) -> Vec<Known> {
    let (_, own) = OPERATIONS
        .iter()
        .find(|(known, _)| *known == id)
        .unwrap_or_else(|| panic!("{id} has no line in crates/http/src/answers.rs"));
    let mut lists = vec![EVERYWHERE];
    lists.extend(own.iter().copied());
    if method != "get" {
        lists.push(UNSAFE);
    }
    if method == "post" {
        lists.push(KEYED);
    }
    if has_body {
        lists.push(BODY);
    }
    let can = |code: &str| lists.iter().any(|list| list.contains(&code));
    CATALOGUE.iter().filter(|known| can(known.code)).copied().collect()
}

/// The responses of these codes, by status, for the `OpenAPI` document.
pub(crate) fn responses(codes: &[Known]) -> Map<String, Value> {
    let mut by_status: BTreeMap<u16, Vec<&'static str>> = BTreeMap::new();
    for known in codes {
        by_status.entry(known.status).or_default().push(known.code);
    }
    let response = |codes: &[&'static str]| {
        let whole = codes.iter().filter(|code| samples::stands_in(code).is_none());
        let lines: Vec<String> = whole.map(|code| line(code, codes)).collect();
        let examples: Map<String, Value> = codes
            .iter()
            .map(|code| ((*code).to_owned(), json!({"$ref": format!("{EXAMPLES}{code}")})))
            .collect();
        let mut headers = Map::new();
        headers.insert(REQUEST_ID.to_owned(), header(REQUEST_ID));
        if codes.iter().any(|code| Sample::of(code).retry_after.is_some()) {
            headers.insert(RETRY_AFTER.to_owned(), header(RETRY_AFTER));
        }
        json!({
            "description": lines.join("\n"),
            "headers": headers,
            "content": {ProblemJson::MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": examples,
            }},
        })
    };
    by_status
        .iter()
        .map(|(status, codes)| {
            let mut response = response(codes);
            if *status == 401 {
                response["headers"][CHALLENGE] = header(CHALLENGE);
            }
            (status.to_string(), response)
        })
        .collect()
}

const EXAMPLES: &str = "#/components/examples/";
const REQUEST_ID: &str = "Request-Id";
const RETRY_AFTER: &str = "Retry-After";
const CHALLENGE: &str = "WWW-Authenticate";

/// Where a header is told of.
fn header(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

/// The headers that many answers share, for `components/headers`.
pub(crate) fn headers() -> Value {
    json!({
        REQUEST_ID: {
            "description": "The request's id, the client's own if it sent one that can be taken.",
            "required": true,
            "schema": {"type": "string"},
        },
        RETRY_AFTER: {
            "description": "Seconds until the same request can succeed, where waiting helps.",
            "schema": {"type": "integer", "minimum": 1},
        },
        CHALLENGE: {
            "description": "How to show who asks: `Bearer realm=\"rightful\"`.",
            "required": true,
            "schema": {"type": "string"},
        },
    })
}

/// Puts a reference in the place of every header that many answers share.
pub(crate) fn share_headers(response: &mut Value) {
    for (name, told) in response["headers"].as_object_mut().into_iter().flatten() {
        if [REQUEST_ID, RETRY_AFTER].contains(&name.as_str()) {
            *told = header(name);
        }
    }
}

/// One problem of each kind, for `components/examples`.
pub(crate) fn examples() -> Map<String, Value> {
    let texts = texts();
    CATALOGUE
        .iter()
        .map(|known| {
            let base = "https://accounts.example.com/problems/";
            let problem = samples::problem(*known, Locale::En, texts, base);
            let example = json!({
                "summary": texts.problem(Locale::En, known.code, "title"),
                "value": ProblemJson(problem).value(),
            });
            (known.code.to_owned(), example)
        })
        .collect()
}

/// Of the default policy: the document is the same for every deployment.
fn texts() -> Texts {
    Texts::new(PasswordPolicy::default().min_chars())
}

/// A code with its title, and the codes that stand in its `errors`.
fn line(code: &str, codes: &[&'static str]) -> String {
    let inside: Vec<String> = codes
        .iter()
        .filter(|field| samples::stands_in(field) == Some(code))
        .map(|field| format!("`{field}`"))
        .collect();
    let title = texts().problem(Locale::En, code, "title");
    if inside.is_empty() {
        format!("- `{code}`: {title}.")
    } else {
        format!("- `{code}`: {title}. In `errors`: {}.", inside.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn only_codes_of_the_catalogue_stand_in_the_table_and_each_of_them_somewhere() {
        let own = OPERATIONS.iter().flat_map(|(_, lists)| lists.iter().copied());
        let told: BTreeSet<&str> = own
            .chain([EVERYWHERE, UNSAFE, KEYED, BODY, OF_NO_OPERATION])
            .flatten()
            .copied()
            .collect();
        let known: BTreeSet<&str> = CATALOGUE.iter().map(|known| known.code).collect();
        assert_eq!(told, known);
    }

    #[test]
    fn an_operation_stands_once() {
        let ids: BTreeSet<&str> = OPERATIONS.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids.len(), OPERATIONS.len());
    }

    #[test]
    fn shared_codes_come_by_method_and_body() {
        let of = |method, body| of("signOut", method, body).into_iter().map(|known| known.code);
        let has = |method, body, code: &str| of(method, body).any(|known| known == code);
        assert!(has("get", false, "outage") && !has("get", false, "csrf_failed"));
        assert!(has("delete", false, "csrf_failed"));
        assert!(!has("delete", false, "idempotency_in_flight"));
        assert!(has("post", false, "idempotency_in_flight"));
        assert!(!has("post", false, "malformed_json") && has("post", true, "malformed_json"));
    }

    #[test]
    fn a_status_tells_its_codes() {
        let codes = of("signOut", "post", true);
        let responses = responses(&codes);
        let of_422 = &responses["422"];
        let text = of_422["description"].as_str().unwrap();
        assert!(text.starts_with("- `invalid_request`: Some fields are not right."), "{text}");
        assert!(text.contains("In `errors`: `missing_field`, `unknown_field`"), "{text}");
        assert!(!text.contains("- `missing_field`"), "{text}");
        assert!(of_422["headers"].get("Retry-After").is_none());
        assert_eq!(responses["429"]["headers"]["Retry-After"], header("Retry-After"));
        let refused = Value::Object(responses.clone());
        let told = headers();
        for (status, response) in refused.as_object().into_iter().flatten() {
            for name in response["headers"].as_object().into_iter().flatten().map(|(name, _)| name)
            {
                assert!(told.get(name).is_some(), "{status} {name}");
            }
        }
        assert!(responses["401"]["headers"].get("WWW-Authenticate").is_some());
    }
}
