//! Whatever goes wrong, a problem leaves.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use poem::{Body, EndpointExt};
use rightful_domain::ports::{MockVault, PasswordMatch};
use rightful_domain::reason::Outage;
use rightful_http::{Api, Checks};
use rightful_testkit::world::{PASSWORD, World};
use serde_json::json;

use crate::support::{ADA, Reply, Shop};

fn registration() -> serde_json::Value {
    json!({"email": ADA, "password": PASSWORD})
}

#[tokio::test]
async fn unknown_paths_are_problems_everywhere() {
    let shop = Shop::new();
    for path in [
        "/nothing",
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v1/sessions/",
        "/problems/no_such_code",
        "/links/other",
        "/docs/x",
        "//",
        "/v1/%ff",
    ] {
        let reply = shop.get(path).send().await;
        reply.problem(404, "not_found");
    }
}

#[tokio::test]
async fn another_method_is_told_which_ones_there_are() {
    let shop = Shop::new();
    for (method, path, allow) in [
        ("GET", "/v1/registrations", "POST"),
        ("PUT", "/v1/me", "GET, HEAD, PATCH"),
        ("OPTIONS", "/v1/sessions", "GET, HEAD, POST"),
        ("POST", "/v1/session", "DELETE, GET, HEAD"),
        ("DELETE", "/v1/sessions/end-others", "POST"),
        ("POST", "/problems", "GET, HEAD"),
        ("DELETE", "/openapi.json", "GET, HEAD"),
        ("BREW", "/v1/me/password", "POST"),
    ] {
        let reply = shop.ask(method, path).send().await;
        reply.problem(405, "method_not_allowed");
        assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
    }
}

#[tokio::test]
async fn a_head_request_has_the_head_of_its_answer_only() {
    let shop = Shop::new();
    for (path, status) in [("/v1/session/label", 200), ("/v1/me", 401), ("/nothing", 404)] {
        let reply = shop.ask("HEAD", path).send().await.expect(status);
        assert_eq!(reply.text, "", "{path}");
        assert!(reply.header("request-id").is_some());
    }
}

#[tokio::test]
async fn bodies_are_limited_whether_their_length_is_declared_or_not() {
    let shop = Shop::new();
    let declared = shop.ask("POST", "/v1/sessions").header("content-length", "65537");
    let declared = declared.header("content-type", "application/json").send().await;
    declared.problem(413, "payload_too_large");
    assert_eq!(declared.header("connection"), Some("close"));

    let chunked = |chunks: usize| {
        let pieces = (0..chunks).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1024]));
        let body = Body::from_bytes_stream(stream::iter(pieces.collect::<Vec<_>>()));
        shop.ask("POST", "/v1/sessions").header("content-type", "application/json").body(body)
    };
    chunked(65).send().await.problem(413, "payload_too_large");
    // As much as is allowed is read, and then it is no JSON.
    chunked(64).send().await.problem(400, "malformed_json");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let shop = Shop::new();
    let body = Body::from_bytes_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let reply = shop.ask("POST", "/v1/sessions").body(body).send().await;
    reply.problem(408, "request_timeout");
    assert_eq!(reply.header("connection"), Some("close"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let shop = Shop::new();
    let pieces = [Ok(b"{\"em".to_vec()), Err(std::io::Error::other("reset"))];
    let body = Body::from_bytes_stream(stream::iter(pieces));
    shop.ask("POST", "/v1/sessions").body(body).send().await.problem(400, "bad_request");
}

/// A shop whose password hasher does what it is told.
fn shop_with_hasher(
    hash: impl Fn() -> Result<PasswordMatch, Outage> + Send + Sync + 'static,
) -> Shop {
    let mut hasher = rightful_domain::ports::MockPasswordHasher::new();
    hasher.expect_verify().returning(move |_, _| hash());
    let mut shop = Shop::new();
    let mut ports = shop.world.rightful.ports().clone();
    ports.passwords = Arc::new(hasher);
    let policy = *shop.world.rightful.policy();
    shop.world.rightful = rightful_domain::Rightful::new(ports, policy);
    Shop::with(shop.world, |_| {})
}

#[tokio::test]
async fn a_panic_is_a_problem_and_the_next_request_is_served() {
    let shop = shop_with_hasher(|| panic!("a fault in the program"));
    let reply = shop.post("/v1/sessions", registration()).send().await;
    let problem = reply.problem(500, "internal");
    assert!(!reply.text.contains("a fault"), "{problem}");
    shop.get("/v1/session/label").send().await.expect(200);
    // The same under an idempotency key, where the work has a task of its own; the key is free again.
    for _ in 0..2 {
        let keyed = shop.post("/v1/sessions", registration()).header("idempotency-key", "k1");
        keyed.send().await.problem(500, "internal");
    }
}

#[tokio::test]
async fn an_outage_says_when_to_come_back_and_nothing_else() {
    let shop = shop_with_hasher(|| Err(Outage::failed("the hasher", "secret detail")));
    let reply = shop.post("/v1/sessions", registration()).send().await;
    let problem = reply.problem(503, "outage");
    assert_eq!(problem["retry_after"], 10);
    assert_eq!(problem["next_actions"], json!(["wait"]));
    assert!(!reply.text.contains("secret detail") && !reply.text.contains("hasher"));

    let shop = shop_with_hasher(|| Err(Outage::Overloaded));
    shop.post("/v1/sessions", registration()).send().await.problem(503, "overloaded");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_answered_all_the_same() {
    let slow = Checks::default().with("slow", || async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(())
    });
    let shop = Shop::with(World::new(), |settings| {
        settings.health = slow;
        settings.request_deadline = Duration::from_millis(500);
    });
    let problem = shop.get("/healthz").send().await.problem(503, "timeout");
    assert_eq!(problem["retry_after"], 5);
}

#[tokio::test]
async fn health_says_yes_or_no_and_never_why() {
    let well = Shop::new().get("/healthz").send().await.expect(200);
    assert_eq!(well.json(), json!({"status": "ok"}));
    let ill = Checks::default().with("db", || async { Err("10.0.0.7 refuses".to_owned()) });
    let shop = Shop::with(World::new(), |settings| settings.health = ill);
    let reply = shop.get("/healthz").send().await;
    reply.problem(503, "outage");
    assert!(!reply.text.contains("10.0.0.7") && !reply.text.contains("\"db\""));
}

#[tokio::test]
async fn limits_are_429_with_the_time_to_wait() {
    let shop = Shop::new();
    let body = json!({"email": ADA});
    shop.post("/v1/verifications/resend", body.clone()).send().await.expect(202);
    let reply = shop.post("/v1/verifications/resend", body).send().await;
    let problem = reply.problem(429, "too_many_requests");
    assert_eq!(problem["retry_after"], 60);
    assert_eq!(problem["next_actions"], json!(["wait"]));
}

#[tokio::test]
async fn problems_speak_the_language_that_was_asked_for() {
    let shop = Shop::new();
    let ask = |languages| shop.get("/v1/me").header("accept-language", languages);
    let english = ask("de, en;q=0.5").send().await;
    let french = ask("fr-CH, fr;q=0.9, en;q=0.8").send().await;
    assert_eq!(english.problem(401, "unauthenticated")["title"], "Sign in first");
    assert_eq!(french.problem(401, "unauthenticated")["title"], "Connectez-vous d’abord");
    assert_eq!(french.header("content-language"), Some("fr"));
    assert!(french.header("vary").unwrap().contains("Accept-Language"));
}

#[tokio::test]
async fn the_minimum_of_the_policy_is_named() {
    let shop = Shop::under(|policy| {
        policy.passwords = rightful_domain::values::PasswordPolicy::new(13);
    });
    let body = json!({"email": ADA, "password": "twelve chars"});
    let reply = shop.post("/v1/registrations", body).send().await;
    let problem = reply.problem(422, "password_too_short");
    assert_eq!(reply.faults(), [("#/password".to_owned(), "password_too_short".to_owned())]);
    assert!(problem["detail"].as_str().unwrap().contains("13"), "{problem}");
    assert_eq!(problem["errors"][0]["detail"], problem["detail"]);
}

#[tokio::test]
async fn a_clients_request_id_is_kept_when_it_is_a_sane_one() {
    let shop = Shop::new();
    let reply = shop.get("/v1/me").header("request-id", "order-42.retry_1").send().await;
    assert_eq!(reply.problem(401, "unauthenticated")["request_id"], "order-42.retry_1");
    // In the audit trail, "operator" is who works on the server itself.
    for odd in ["x1", "a b c d e f g 1", &"1".repeat(65), "operator", "retention"] {
        let reply = shop.get("/v1/me").header("request-id", odd).send().await;
        reply.problem(401, "unauthenticated");
        assert_ne!(reply.header("request-id"), Some(odd));
    }
}

#[tokio::test]
async fn every_answer_has_the_headers_of_a_careful_server() {
    let shop = Shop::new();
    for path in [
        "/",
        "/v1/session/label",
        "/v1/me",
        "/nothing",
        "/openapi.json",
        "/problems",
        "/docs",
        "/healthz",
    ] {
        let reply = shop.get(path).send().await;
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"), "{path}");
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert!(reply.header("strict-transport-security").unwrap().contains("max-age=31536000"));
        assert!(reply.header("server").is_none());
        if path.starts_with("/v1") {
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            assert!(reply.header("vary").unwrap().contains("Cookie"));
        }
    }
}

/// A keyed request for a letter.
async fn keyed(shop: &Shop) -> Reply {
    let ask = shop.post("/v1/verifications/resend", json!({"email": ADA}));
    ask.header("idempotency-key", "k1").send().await
}

/// An answer that cannot be opened any more is an outage, not a second effect.
#[tokio::test]
async fn a_kept_answer_that_cannot_be_opened_is_an_outage() {
    let shop = Shop::new();
    keyed(&shop).await.expect(202);

    let vault = shop.world.vault.clone();
    let mut broken = MockVault::new();
    broken.expect_fingerprint().returning(move |context, data| {
        use rightful_domain::ports::Vault;
        vault.fingerprint(context, data)
    });
    broken.expect_open().returning(|_, _| Err(Outage::failed("the vault", "another key")));
    let mut ports = shop.world.rightful.ports().clone();
    ports.vault = Arc::new(broken);
    let rightful = rightful_domain::Rightful::new(ports, *shop.world.rightful.policy());
    let api = Api::new(Arc::new(rightful), shop.settings.clone());
    let shop = Shop { api: Arc::new(api.map_to_response().boxed()), ..shop };
    keyed(&shop).await.problem(503, "outage");
}
