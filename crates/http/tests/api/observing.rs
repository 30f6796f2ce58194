//! What operators see: counters by closed labels, and one line for each request without anything private.

use std::cell::RefCell;
use std::io::Write;

use rightful_http::Checks;
use rightful_testkit::world::{PASSWORD, World};
use serde_json::json;

use crate::support::{ADA, Shop};

#[tokio::test]
async fn requests_are_counted_by_the_template_of_their_route() {
    let shop = Shop::new();
    let token = shop.ada().await;
    for id in ["ses_01h455vb4pex5vsknk084sn02q", "ses_x"] {
        let ask = shop.ask("DELETE", &format!("/v1/sessions/{id}")).bearer(&token);
        ask.send().await.problem(404, "not_found");
    }
    shop.get("/wp-login.php?user=1").send().await.problem(404, "not_found");
    shop.ask("BREW", "/v1/me").send().await.problem(405, "method_not_allowed");
    let wrong = json!({"email": ADA, "password": "not the password"});
    shop.post("/v1/sessions", wrong).send().await.problem(401, "wrong_credentials");
    for _ in 0..2 {
        shop.post("/v1/verifications/resend", json!({"email": "x@example.org"})).send().await;
    }
    let text = shop.settings.metrics.encode().unwrap();
    for line in [
        "http_server_request_duration_seconds_count{http_request_method=\"DELETE\",http_route=\"/v1/sessions/{id}\",http_response_status_code=\"404\"} 2",
        "http_server_request_duration_seconds_count{http_request_method=\"GET\",http_route=\"unmatched\",http_response_status_code=\"404\"} 1",
        "http_server_request_duration_seconds_count{http_request_method=\"_OTHER\",http_route=\"/v1/me\",http_response_status_code=\"405\"} 1",
        "rightful_sign_in_attempts_total{outcome=\"ok\"} 1",
        "rightful_sign_in_attempts_total{outcome=\"wrong_credentials\"} 1",
        "rightful_rate_limited_total{http_route=\"/v1/verifications/resend\"} 1",
    ] {
        assert!(text.contains(line), "{line}\nis not in\n{text}");
    }
    assert!(!text.contains("wp-login") && !text.contains("ses_") && !text.contains("example.org"));
}

#[tokio::test]
async fn changes_of_address_are_counted_by_outcome() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let change = |email: &str| {
        let body = json!({"email": email, "confirm_email": email});
        shop.post("/v1/me/email/change", body).bearer(&token)
    };
    change(ADA).send().await.problem(422, "email_unchanged");
    change("new@example.org").send().await.expect(202);
    shop.ask("DELETE", "/v1/me/email/change").bearer(&token).send().await.expect(204);
    let text = shop.settings.metrics.encode().unwrap();
    for outcome in ["email_unchanged", "requested", "cancelled"] {
        let line = format!("rightful_email_changes_total{{outcome=\"{outcome}\"}} 1");
        assert!(text.contains(&line), "{line}\nis not in\n{text}");
    }
}

thread_local! {
    /// The log of this thread: a test runs on one.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_request_is_one_line_without_anything_private() {
    // For the whole process: a subscriber of one thread alone would not see what another thread met first.
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(|| Log)
        .init();

    let shop = Shop::new();
    let token = shop.ada().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let ask = shop.ask("DELETE", "/v1/sessions/ses_x?secret=query").bearer(&token);
    let ask = ask.header("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01"));
    ask.header("request-id", "my-request-id-7").send().await.problem(404, "not_found");
    let sign_in = shop.post("/v1/sessions", json!({"email": ADA, "password": "wrong-secret-word"}));
    sign_in.header("cookie", "a=b").send().await.problem(401, "wrong_credentials");

    let ill = Checks::default().with("db", || async { Err("10.0.0.7 refuses".to_owned()) });
    let ill = Shop::with(World::new(), |settings| settings.health = ill);
    ill.get("/healthz").send().await.problem(503, "outage");
    for _ in 0..2 {
        let ask = shop.post("/v1/verifications/resend", json!({"email": "private-text"}));
        ask.header("idempotency-key", "private-key").send().await.expect(422);
    }

    let text = LOG.with_borrow(|log| String::from_utf8(log.clone()).unwrap());
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let requests: Vec<_> =
        lines.iter().filter(|line| line["target"] == "rightful::request").collect();
    let requests: Vec<_> =
        requests.into_iter().filter(|line| line["fields"]["message"] == "request").collect();
    assert_eq!(requests.len(), 6, "sign-in, delete, sign-in, health, the same twice: {text}");
    let level_and_code = |n: usize| (&requests[n]["level"], &requests[n]["fields"]["code"]);
    assert_eq!(level_and_code(0), (&json!("INFO"), &json!(null)));
    assert_eq!(level_and_code(1), (&json!("INFO"), &json!("not_found")));
    assert_eq!(level_and_code(2), (&json!("INFO"), &json!("wrong_credentials")));
    assert_eq!(level_and_code(3), (&json!("ERROR"), &json!("outage")));
    // The same refusal from the keeping of answers.
    assert_eq!(level_and_code(4), (&json!("INFO"), &json!("invalid_email")));
    assert_eq!(level_and_code(5), (&json!("INFO"), &json!("invalid_email")));
    let fields = &requests[1]["fields"];
    assert_eq!(fields["method"], "DELETE");
    assert_eq!(fields["route"], "/v1/sessions/{id}");
    assert_eq!(fields["status"], 404);
    assert_eq!(fields["request_id"], "my-request-id-7");
    assert_eq!(fields["trace_id"], trace);
    assert!(fields["ms"].is_u64());
    for private in [&*token, ADA, PASSWORD, "wrong-secret-word", "query", "ses_x", "private"] {
        assert!(!text.contains(private), "{private} in {text}");
    }
}
