//! A request that is sent again has its effect once.

use std::sync::Arc;

use futures_util::future::join_all;
use poem::EndpointExt;
use rightful_domain::idempotency::{Claim, MockIdempotencyRepository};
use rightful_domain::ports::Ports;
use rightful_domain::reason::Outage;
use rightful_domain::throttle::MockThrottle;
use rightful_http::Api;
use rightful_testkit::world::PASSWORD;
use serde_json::json;

use crate::support::{ADA, Reply, Shop};

#[tokio::test]
async fn a_repeated_sign_in_is_the_same_session() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let ask = |key: &str| {
        let body = json!({"email": ADA, "password": PASSWORD});
        shop.post("/v1/sessions", body).header("idempotency-key", key)
    };
    let first = ask("one").send().await.expect(201);
    assert_eq!(first.header("idempotent-replayed"), None);
    for key in ["one", "\"one\""] {
        let again = ask(key).send().await.expect(201);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.text, first.text);
        assert_eq!(again.header("location"), Some("/v1/session"));
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_ne!(again.header("request-id"), first.header("request-id"));
        assert_eq!(again.header("cache-control"), Some("no-store"));
    }
    let token = first.json()["token"].as_str().unwrap().to_owned();
    let sessions = || async {
        shop.get("/v1/sessions").bearer(&token).send().await.expect(200).json()["data"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(sessions().await, 1);
    ask("two").send().await.expect(201);
    assert_eq!(sessions().await, 2);
}

#[tokio::test]
async fn of_many_at_once_one_does_the_work() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let asks = (0..20).map(|_| {
        let body = json!({"email": ADA, "password": PASSWORD});
        shop.post("/v1/sessions", body).header("idempotency-key", "race").send()
    });
    let replies = join_all(asks).await;
    let mut bodies = std::collections::BTreeSet::new();
    for reply in replies {
        if reply.status == 201 {
            bodies.insert(reply.text);
        } else {
            let problem = reply.problem(409, "idempotency_in_flight");
            assert_eq!(problem["retry_after"], 1);
        }
    }
    assert_eq!(bodies.len(), 1);
    let list = shop.get("/v1/sessions").bearer(&token).send().await.expect(200);
    assert_eq!(
        list.json()["data"].as_array().unwrap().len(),
        2,
        "ada's own and the one of the race"
    );
}

#[tokio::test]
async fn a_key_belongs_to_one_body() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let ask = |password: &str| {
        let body = json!({"email": ADA, "password": password});
        shop.post("/v1/sessions", body).header("idempotency-key", "one")
    };
    ask(PASSWORD).send().await.expect(201);
    ask("another password").send().await.problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn a_key_belongs_to_whoever_sent_it_and_to_one_path() {
    let shop = Shop::new();
    let ada = shop.ada().await;
    shop.world.customer("bob@example.org").await;
    let bob = shop.sign_in("bob@example.org").await;
    let body = json!({"password": PASSWORD});
    let ask = |token: &str| {
        let ask = shop.post("/v1/session/reauthentication", body.clone());
        ask.bearer(token).header("idempotency-key", "same")
    };
    let adas = ask(&ada).send().await.expect(200);
    let bobs = ask(&bob).send().await.expect(200);
    assert_eq!(bobs.header("idempotent-replayed"), None);
    assert_ne!(adas.json()["token"], bobs.json()["token"]);
    let ada = adas.json()["token"].as_str().unwrap().to_owned();
    let elsewhere = shop.ask("POST", "/v1/sessions/end-others").bearer(&ada);
    elsewhere.header("idempotency-key", "same").send().await.expect(204);
}

/// The answer replaced the secret that asked: whoever lost it can still have it, and nothing else.
#[tokio::test]
async fn a_lost_answer_with_a_new_secret_can_be_had_again() {
    let shop = Shop::new();
    let old = shop.ada().await;
    let body = json!({"current_password": PASSWORD, "new_password": "four other words entirely"});
    let ask = |body: serde_json::Value, key: &str| {
        shop.post("/v1/me/password", body).bearer(&old).header("idempotency-key", key)
    };
    let first = ask(body.clone(), "k").send().await.expect(200);
    let again = ask(body.clone(), "k").send().await.expect(200);
    assert_eq!(first.text, again.text);
    let new = again.json()["token"].as_str().unwrap().to_owned();
    shop.get("/v1/me").bearer(&new).send().await.expect(200);
    // The old secret does nothing new.
    ask(body.clone(), "other").send().await.problem(401, "unauthenticated");
    ask(json!({"current_password": "x", "new_password": "y"}), "k")
        .send()
        .await
        .problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn cookies_come_again_with_the_answer() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let ask = || {
        let body = json!({"email": ADA, "password": PASSWORD, "carrier": "cookie"});
        let ask = shop.post("/v1/sessions", body).header("sec-fetch-site", "same-origin");
        ask.header("idempotency-key", "k")
    };
    let first = ask().send().await.expect(201);
    let again = ask().send().await.expect(201);
    for name in ["__Host-rightful_session", "__Host-rightful_device"] {
        assert!(first.set_cookie(name).is_some());
        assert_eq!(first.set_cookie(name), again.set_cookie(name));
    }
}

#[tokio::test]
async fn a_decided_refusal_is_kept_and_a_passing_one_is_not() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let change = |key: &str, email: &str| {
        let body = json!({"email": email, "confirm_email": email});
        shop.post("/v1/me/email/change", body).bearer(&token).header("idempotency-key", key)
    };
    // Decided: the same again, even in another language than the repetition asks for.
    change("a", ADA).send().await.problem(422, "email_unchanged");
    let again = change("a", ADA).header("accept-language", "fr").send().await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("content-language"), Some("en"));
    assert_eq!(again.json()["code"], "email_unchanged");

    // Passing: a body that was not read, a limit.
    let odd = || shop.post("/v1/sessions", json!({"x": 1})).header("idempotency-key", "b");
    odd().send().await.problem(422, "invalid_request");
    assert_eq!(odd().send().await.header("idempotent-replayed"), None);
    let resend = || {
        let ask = shop.post("/v1/verifications/resend", json!({"email": "new@example.org"}));
        ask.header("idempotency-key", "c")
    };
    let unkeyed = shop.post("/v1/verifications/resend", json!({"email": "new@example.org"}));
    unkeyed.send().await.expect(202);
    resend().send().await.problem(429, "too_many_requests");
    shop.world.clock.advance(rightful_domain::values::Span::seconds(60));
    resend().send().await.expect(202);
}

#[tokio::test]
async fn malformed_keys_are_refused_and_other_methods_take_none() {
    let shop = Shop::new();
    for key in ["", "two words", &"k".repeat(256)] {
        let ask = shop.post("/v1/sessions", json!({})).header("idempotency-key", key);
        ask.send().await.problem(400, "malformed_idempotency_key");
    }
    let get = shop.get("/v1/session/label").header("idempotency-key", "two words");
    get.send().await.expect(200);
}

#[tokio::test]
async fn a_bad_credential_gets_nobodys_answer() {
    let shop = Shop::new();
    let ask = || {
        let ask = shop.post("/v1/verifications/resend", json!({"email": ADA}));
        ask.header("idempotency-key", "k")
    };
    ask().send().await.expect(202);
    for bad in ["Basic YTpi", "Bearer", "Bearer ses_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let reply = ask().header("authorization", bad).send().await;
        reply.problem(401, "unauthenticated");
        assert_eq!(reply.header("idempotent-replayed"), None);
    }
    assert_eq!(ask().send().await.expect(202).header("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn kept_answers_are_sealed() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let mut keeper = MockIdempotencyRepository::new();
    keeper.expect_claim().returning(|_, _, _| Ok(Claim::Yours));
    keeper
        .expect_finish()
        .withf(|_, sealed| {
            // What the fake vault does is told in the testkit; here only: the token is not in it in clear.
            !sealed.as_bytes().windows(4).any(|window| window == b"ses_")
        })
        .times(1)
        .returning(|_, _| Ok(()));
    let shop = with_keeper(shop, keeper);
    let ask = shop.post("/v1/sessions", json!({"email": ADA, "password": PASSWORD}));
    ask.header("idempotency-key", "k").send().await.expect(201);
}

/// Every claim is a row: what is none of our operations must not make one.
#[tokio::test]
async fn a_request_that_is_no_operation_claims_nothing() {
    // No expectation: a claim would panic, which is a 500.
    let mut shop = with_keeper(Shop::new(), MockIdempotencyRepository::new());
    let ask = |path| shop.post(path, json!({})).header("idempotency-key", "k").send();
    for path in ["/v1/nothing", "/v1/sessions/a/b", "/v1/registrations/"] {
        ask(path).await.problem(404, "not_found");
    }
    ask("/v1/me").await.problem(405, "method_not_allowed");
    // Nor is it counted as a stranger's.
    let mut throttle = MockThrottle::new();
    throttle.expect_take().never();
    let mut ports = shop.world.rightful.ports().clone();
    ports.throttle = Arc::new(throttle);
    shop = with_ports(shop, ports);
    let ask = shop.post("/v1/nothing", json!({})).header("idempotency-key", "k");
    ask.send().await.problem(404, "not_found");
}

#[tokio::test]
async fn strangers_get_so_many_keys_and_sessions_are_not_counted() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let (cookie, csrf) = shop.sign_in_by_cookie(ADA).await;
    let ask = |key: &str| shop.post("/v1/sessions", json!({})).header("idempotency-key", key);
    for n in 0..120 {
        // A credential that is made up is a stranger's.
        let made_up = format!("ses_{n:043}");
        let ask = ask(&format!("key-{n}"));
        match n % 3 {
            0 => ask.send().await.problem(422, "invalid_request"),
            1 => ask.session_cookie(&made_up).send().await.problem(422, "invalid_request"),
            _ => ask.bearer(&made_up).send().await.problem(401, "unauthenticated"),
        };
    }
    let refused = ask("one-more").send().await.problem(429, "too_many_requests");
    assert_eq!(refused["retry_after"], 60);
    ask("one-more").session_cookie("made-up").send().await.problem(429, "too_many_requests");
    ask("one-more").bearer("made-up").send().await.problem(429, "too_many_requests");

    // Without a key, and with a session, nothing has changed.
    shop.post("/v1/sessions", json!({})).send().await.problem(422, "invalid_request");
    let again =
        || shop.post("/v1/session/reauthentication", json!({})).header("idempotency-key", "k");
    again().bearer(&token).send().await.problem(422, "invalid_request");
    let by_cookie = again().session_cookie(&cookie).own_page(&csrf);
    by_cookie.send().await.problem(422, "invalid_request");

    shop.world.clock.advance(rightful_domain::values::Span::minutes(1));
    ask("one-more").send().await.problem(422, "invalid_request");
}

/// A keyed registration.
async fn register(shop: &Shop) -> Reply {
    let ask = shop.post("/v1/registrations", json!({"email": ADA, "password": PASSWORD}));
    ask.header("idempotency-key", "k").send().await
}

#[tokio::test]
async fn without_the_keeper_nothing_is_done_but_what_was_done_is_told() {
    let mut down = MockIdempotencyRepository::new();
    down.expect_claim().returning(|_, _, _| Err(Outage::failed("the database", "down")));
    let shop = with_keeper(Shop::new(), down);
    register(&shop).await.problem(503, "outage");
    shop.world.deliver_all().await;
    assert!(shop.world.letters_to(ADA).is_empty());

    let mut half = MockIdempotencyRepository::new();
    half.expect_claim().returning(|_, _, _| Ok(Claim::Yours));
    half.expect_finish().returning(|_, _| Err(Outage::failed("the database", "down")));
    let shop = with_keeper(Shop::new(), half);
    register(&shop).await.expect(202);
    shop.world.deliver_all().await;
    assert_eq!(shop.world.letters_to(ADA).len(), 1);
}

fn with_keeper(shop: Shop, keeper: MockIdempotencyRepository) -> Shop {
    let mut ports = shop.world.rightful.ports().clone();
    ports.idempotency = Arc::new(keeper);
    with_ports(shop, ports)
}

fn with_ports(shop: Shop, ports: Ports) -> Shop {
    let rightful = rightful_domain::Rightful::new(ports, *shop.world.rightful.policy());
    let api = Api::new(Arc::new(rightful), shop.settings.clone());
    Shop { api: Arc::new(api.map_to_response().boxed()), ..shop }
}
