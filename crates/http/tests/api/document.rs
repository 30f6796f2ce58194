//! The `OpenAPI` document: true, whole, and the committed one.

use std::collections::BTreeSet;
use std::path::Path;

use rightful_http::openapi_document;
use serde_json::{Value, json};

use crate::support::Shop;

fn document() -> Value {
    serde_json::from_str(&openapi_document()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(|(m, op)| (path.clone(), m.clone(), op.clone()))
        })
        .collect()
}

/// `RIGHTFUL_BLESS=1` writes it anew, for a change that is meant.
#[test]
fn the_committed_document_is_the_codes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    if std::env::var_os("RIGHTFUL_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, openapi_document()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == openapi_document(),
        "docs/reference/openapi.json is not what the code makes. If the change is meant: RIGHTFUL_BLESS=1"
    );
}

#[test]
fn the_same_code_gives_the_same_bytes() {
    assert_eq!(openapi_document(), openapi_document());
}

#[tokio::test]
async fn a_running_server_serves_it() {
    let reply = Shop::new().get("/openapi.json").send().await.expect(200);
    assert_eq!(reply.text, openapi_document());
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[test]
fn it_is_3_0_3_and_normalized() {
    let document = document();
    assert_eq!(document["openapi"], "3.0.3");
    assert_eq!(document["servers"][0]["url"], "/");
    let text = openapi_document();
    for habit in ["charset=utf-8", "RETRY-AFTER", "\"ETAG\"", "REQUEST-ID", "\"nullable\": false"] {
        assert!(!text.contains(habit), "{habit}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(to)) = members.get("$ref") {
                    found.insert(to.clone());
                }
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let examples = document["components"]["examples"].as_object().unwrap();
    // The codes that no operation answers have an example all the same.
    let router = ["method_not_allowed", "length_required"];
    let examples = examples.keys().filter(|code| !router.contains(&code.as_str()));
    let headers = document["components"]["headers"].as_object().unwrap();
    let known: BTreeSet<String> = schemas
        .keys()
        .map(|name| format!("#/components/schemas/{name}"))
        .chain(examples.map(|code| format!("#/components/examples/{code}")))
        .chain(headers.keys().map(|name| format!("#/components/headers/{name}")))
        .collect();
    assert_eq!(found, known);
}

#[test]
fn every_operation_is_told_of_in_full() {
    let document = document();
    let operations = operations(&document);
    let ids: BTreeSet<&str> =
        operations.iter().filter_map(|(_, _, op)| op["operationId"].as_str()).collect();
    assert_eq!(ids.len(), operations.len(), "each has an id of its own");
    let schemes: BTreeSet<&str> = document["components"]["securitySchemes"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(schemes, BTreeSet::from(["bearer", "session"]));
    let names =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap());
    let tags: Vec<&str> = names.collect();
    assert_eq!(
        tags,
        ["Registration", "Sessions", "Second factors", "Profile", "E-mail change", "Recovery"]
    );
    assert_eq!(document["info"]["title"], "Rightful");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    for (path, method, operation) in &operations {
        let name = format!("{method} {path}");
        assert!(path.starts_with("/v1/"), "{name}");
        assert!(
            operation["summary"].as_str().is_some_and(|s| !s.is_empty()),
            "{name} has no summary"
        );
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name}");
        assert!(tags.contains(&operation["tags"][0].as_str().unwrap()), "{name}");
        let responses = operation["responses"].as_object().unwrap();
        for range in ["4XX", "5XX"] {
            let schema = responses[range].pointer("/content/application~1problem+json/schema/$ref");
            assert_eq!(schema, Some(&json!("#/components/schemas/Problem")), "{name} {range}");
        }
        for (status, response) in responses {
            assert!(
                response["description"].as_str().is_some_and(|d| !d.is_empty()),
                "{name} {status}"
            );
            assert!(response["headers"].get("Request-Id").is_some(), "{name} {status}");
        }
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name}");
        let statuses = ["400", "401", "408", "413", "500", "503"];
        assert!(statuses.iter().all(|status| responses.contains_key(*status)), "{name}");
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let has = |wanted: &str| parameters.iter().any(|p| p["name"] == wanted);
        assert_eq!(has("Idempotency-Key"), method == "post", "{name}");
        assert_eq!(has("X-CSRF-Token"), method != "get", "{name}");
        for parameter in &parameters {
            // A page to try operations with sends an example as it stands: somebody else's key or value.
            if parameter["in"] == "header" {
                assert_eq!(parameter.get("example"), None, "{name}: {parameter}");
                assert_eq!(parameter["schema"].get("example"), None, "{name}: {parameter}");
            }
            assert_eq!(
                parameter["required"] == true,
                parameter["in"] == "path" || parameter["name"] == "If-Match",
                "{name}: {parameter}"
            );
            assert!(
                parameter["description"].as_str().is_some_and(|d| !d.is_empty()),
                "{name}: {parameter}"
            );
            if parameter["in"] == "path" {
                assert!(
                    path.contains(&format!("{{{}}}", parameter["name"].as_str().unwrap())),
                    "{name}"
                );
            }
        }
        assert_eq!(
            path.matches('{').count(),
            parameters.iter().filter(|p| p["in"] == "path").count()
        );
        assert!(operation["security"].is_array(), "{name}");
    }
}

/// Every body that is sent and every answer with a body has an example.
#[test]
fn every_operation_has_examples() {
    let document = document();
    let resolve = |reference: &Value| {
        let path = reference.as_str().and_then(|r| r.strip_prefix('#')).unwrap();
        document.pointer(path).unwrap().clone()
    };
    for (path, method, operation) in operations(&document) {
        let name = format!("{method} {path}");
        let body = operation.pointer("/requestBody/content/application~1json/schema/$ref");
        if let Some(body) = body {
            assert!(resolve(body)["example"].is_object(), "{name}");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            if let Some(good) = response.pointer("/content/application~1json/schema/$ref") {
                assert!(resolve(good)["example"].is_object(), "{name} {status}");
            }
            let examples = response.pointer("/content/application~1problem+json/examples");
            assert_eq!(examples.is_some(), status.parse::<u16>().is_ok_and(|s| s >= 400), "{name}");
            for (code, example) in examples.and_then(Value::as_object).into_iter().flatten() {
                let value = &resolve(&example["$ref"])["value"];
                assert_eq!(value["status"].to_string(), *status, "{name} {code}");
                // A field's code stands in the errors of another.
                let inside = &value["errors"][0]["code"];
                assert!(value["code"] == **code || *inside == **code, "{name} {code}: {value}");
            }
        }
    }
}

/// What stands in the document works on a development server as it stands: the tutorial tells of the same
/// customer, and a test of the server runs the tutorial.
#[test]
fn the_examples_are_the_demonstration_customers() {
    let document = document();
    let sign_in = &document["components"]["schemas"]["NewSession"]["example"];
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/tutorial/first-steps.md");
    let tutorial = std::fs::read_to_string(page).unwrap();
    for (label, member) in [("sign in as", "email"), ("with", "password")] {
        let value = sign_in[member].as_str().unwrap();
        let line = tutorial.lines().find(|line| line.trim_start().starts_with(label)).unwrap();
        assert!(line.trim_end().ends_with(value), "{line}: {value}");
    }
}

/// The whole API, by name: what appears or disappears is seen here first.
#[test]
fn these_are_the_operations() {
    let document = document();
    let mut found: Vec<String> = operations(&document)
        .iter()
        .map(|(path, method, op)| {
            let security = op["security"].as_array().unwrap();
            let who = match (security.is_empty(), security.contains(&json!({}))) {
                (true, _) => "anybody",
                (false, true) => "anybody or somebody",
                (false, false) => "somebody",
            };
            format!(
                "{} {path} {} ({who})",
                method.to_uppercase(),
                op["operationId"].as_str().unwrap()
            )
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "DELETE /v1/me/email/change cancelEmailChange (somebody)",
            "DELETE /v1/me/trusted-devices/{id} endTrust (somebody)",
            "DELETE /v1/session signOut (anybody or somebody)",
            "DELETE /v1/sessions/{id} endSession (somebody)",
            "GET /v1/me getMe (somebody)",
            "GET /v1/me/email getEmailPanel (somebody)",
            "GET /v1/me/second-factors listSecondFactors (somebody)",
            "GET /v1/me/security-checkup getSecurityCheckup (somebody)",
            "GET /v1/me/trusted-devices listTrustedDevices (somebody)",
            "GET /v1/session whoAmI (somebody)",
            "GET /v1/session/label sessionLabel (anybody or somebody)",
            "GET /v1/sessions listSessions (somebody)",
            "PATCH /v1/me updateMe (somebody)",
            "POST /v1/account-reminders askForAccountReminder (anybody)",
            "POST /v1/email-changes/approve approveEmailChange (anybody)",
            "POST /v1/email-changes/confirm confirmEmailChange (anybody or somebody)",
            "POST /v1/email-changes/dispute disputeEmailChange (anybody)",
            "POST /v1/me/backup-codes renewBackupCodes (somebody)",
            "POST /v1/me/email/change requestEmailChange (somebody)",
            "POST /v1/me/email/change/resend resendEmailChange (somebody)",
            "POST /v1/me/email/verification resendOwnVerification (somebody)",
            "POST /v1/me/password changePassword (somebody)",
            "POST /v1/me/second-factors/totp beginAuthenticatorApp (somebody)",
            "POST /v1/me/second-factors/{id}/bind bindAuthenticatorApp (somebody)",
            "POST /v1/me/second-factors/{id}/remove removeSecondFactor (somebody)",
            "POST /v1/me/security-checkup/done completeSecurityCheckup (somebody)",
            "POST /v1/password-resets askForPasswordReset (anybody)",
            "POST /v1/password-resets/complete completePasswordReset (anybody)",
            "POST /v1/registrations register (anybody)",
            "POST /v1/session/reauthentication reauthenticate (somebody)",
            "POST /v1/sessions signIn (anybody)",
            "POST /v1/sessions/end-others endOtherSessions (somebody)",
            "POST /v1/sessions/second-step secondStep (anybody)",
            "POST /v1/verifications verify (anybody)",
            "POST /v1/verifications/resend resendVerification (anybody)",
        ]
    );
}

/// What is documented exists, and takes nobody where it says that it takes somebody.
#[tokio::test]
async fn the_document_tells_the_truth_about_who_may_ask() {
    let shop = Shop::new();
    for (path, method, operation) in operations(&document()) {
        let path = path.replace("{id}", "ses_01h455vb4pex5vsknk084sn02q");
        let reply = shop.ask(&method.to_uppercase(), &path).send().await;
        let name = format!("{method} {path}: {} {}", reply.status, reply.text);
        assert!(![404, 405].contains(&reply.status), "{name}");
        let security = operation["security"].as_array().unwrap();
        let needs_somebody = !security.is_empty() && !security.contains(&json!({}));
        assert_eq!(reply.status == 401, needs_somebody, "{name}");
    }
}
