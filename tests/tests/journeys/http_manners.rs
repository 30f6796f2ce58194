//! How the API behaves to whatever is sent to it.

use std::collections::BTreeSet;

use rightful_domain::values::Span;
use rightful_http::CATALOGUE;
use rightful_tests::{Answer, Ground, NEW_PASSWORD, ORIGIN, PASSWORD, Visitor};
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";

async fn raw(visitor: &Visitor, path: &str, body: &str) -> Answer {
    visitor.ask("POST", path).header("content-type", "application/json").body(body).send().await
}

/// ASVS V15.3.7, V15.3.5, V2.2.1: bodies are taken at their word, and every fault is named.
async fn asvs_v2_2_1_v15_3_3_v15_3_7_a_body_is_what_was_asked_for_or_nothing(ground: &Ground) {
    let shop = ground.open().await;
    let visitor = shop.visitor();
    let path = "/v1/registrations";
    let faults = |answer: &Answer| -> Vec<(String, String)> {
        let json = answer.json();
        let of = |fault: &Value, key: &str| fault[key].as_str().unwrap_or_default().to_owned();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|fault| (of(fault, "pointer"), of(fault, "code"))).collect()
    };
    let pair = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());

    for (body, wanted) in [
        (
            r#"{"email":"ada@example.org","password":"correct horse battery staple","admin":true}"#,
            vec![pair("#/admin", "unknown_field")],
        ),
        (
            r#"{"email":12345,"password":1234567890,"name":["Ada"],"language":"xx"}"#,
            vec![
                pair("#/email", "wrong_type"),
                pair("#/password", "wrong_type"),
                pair("#/name", "wrong_type"),
                pair("#/language", "unknown_value"),
            ],
        ),
        ("{}", vec![pair("#/email", "missing_field"), pair("#/password", "missing_field")]),
        ("[]", vec![pair("#", "wrong_type")]),
        (
            r#"{"email":["a@b.example","c@d.example"],"password":"correct horse battery staple"}"#,
            vec![pair("#/email", "wrong_type")],
        ),
    ] {
        let answer = raw(&visitor, path, body).await.refused(422, "invalid_request");
        assert_eq!(faults(&answer), wanted, "{body}");
    }
    // CVE-2023-7028 and its kin: which of two would be taken?
    let twice = r#"{"email":"ada@example.org","email":"thief@example.org","password":"correct horse battery staple"}"#;
    let answer = raw(&visitor, path, twice).await.refused(400, "malformed_json");
    assert_eq!(faults(&answer), [pair("#/email", "duplicate_key")]);
    for broken in
        ["", "{", "{\"email\":", "{'email':'x'}", "null null", "\u{feff}{}", "{\"a\":NaN}"]
    {
        raw(&visitor, path, broken).await.refused(400, "malformed_json");
    }
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    raw(&visitor, path, &deep).await.refused(400, "malformed_json");
    // ASVS V14.2.1: what stands in the address is not looked at.
    let in_address = format!("{path}?email={ADA}&password=correct%20horse%20battery%20staple");
    raw(&visitor, &in_address, "{}").await.refused(422, "invalid_request");
    assert_eq!(shop.letters().await.len(), 0);
}

/// RFC 9457: every refusal is a problem, whoever makes it.
async fn asvs_v3_5_2_v4_1_4_v13_4_4_v16_5_1_every_refusal_is_a_problem(ground: &Ground) {
    let shop = ground.open().await;
    let visitor = shop.visitor();
    let mut answers = Vec::new();
    for path in [
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v1/sessions/",
        "/v1//me",
        "/.git/config",
        "/problems/no_such_code",
        "/links/other",
        "/dev/inbox",
        "/metrics",
        "/%2e%2e/etc/passwd",
    ] {
        answers.push(visitor.get(path).await.refused(404, "not_found"));
    }
    for (method, path, allow) in [
        ("GET", "/v1/registrations", "POST"),
        ("PUT", "/v1/sessions", "GET, HEAD, POST"),
        ("POST", "/v1/me", "GET, HEAD, PATCH"),
        ("DELETE", "/v1/me/email", "GET, HEAD"),
        ("TRACE", "/v1/me", "GET, HEAD, PATCH"),
        ("OPTIONS", "/v1/sessions", "GET, HEAD, POST"),
        ("POST", "/problems", "GET, HEAD"),
        ("MADEUP", "/healthz", "GET, HEAD"),
    ] {
        let answer = visitor.ask(method, path).send().await.refused(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
        answers.push(answer);
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin1",
        "application/jsonx",
    ] {
        let ask = visitor.ask("POST", "/v1/sessions").header("content-type", kind);
        let answer =
            ask.body(&json!({"email": ADA, "password": PASSWORD}).to_string()).send().await;
        answers.push(answer.refused(415, "unsupported_media_type"));
    }
    let bare = visitor.ask("POST", "/v1/sessions").body("{}").send().await;
    answers.push(bare.refused(415, "unsupported_media_type"));
    let large = format!("{{\"email\":\"{}\"}}", "x".repeat(64 * 1024));
    answers.push(raw(&visitor, "/v1/sessions", &large).await.refused(413, "payload_too_large"));
    let huge_id = format!("/v1/sessions/{}", "x".repeat(4_000));
    answers.push(visitor.ask("DELETE", &huge_id).send().await.refused(401, "unauthenticated"));

    for answer in &answers {
        let json = answer.json();
        assert_eq!(json["status"], answer.status);
        assert_eq!(json["request_id"], answer.header("request-id"));
        assert_eq!(json["instance"], format!("urn:request:{}", answer.header("request-id")));
        assert_eq!(json["type"], format!("{ORIGIN}/problems/{}", answer.code()));
        for words in ["title", "detail"] {
            assert!(json[words].as_str().is_some_and(|text| text.len() > 5), "{answer}");
        }
        for inside in ["poem", "serde", "sqlx", "panicked", ".rs", "SELECT"] {
            assert!(!answer.text().contains(inside), "{answer}");
        }
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

/// ASVS V3.4, V4.1.1: the headers that every answer has.
async fn asvs_v3_4_1_v3_4_2_v3_4_4_v3_4_5_v3_4_6_v4_1_1_every_answer_has_its_headers(
    ground: &Ground,
) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    let evil = shop.visitor().with("origin", "https://evil.example");
    let mut answers = vec![session.get("/v1/me").await, session.get("/v1/me/email").await];
    for path in [
        "/v1/me",
        "/v1/session/label",
        "/openapi.json",
        "/docs",
        "/problems",
        "/problems/not_found",
        "/links/verify",
        "/healthz",
        "/nowhere",
    ] {
        answers.push(evil.get(path).await);
        answers.push(evil.ask("HEAD", path).send().await);
    }
    answers.push(
        evil.ask("OPTIONS", "/v1/me").header("access-control-request-method", "POST").send().await,
    );
    answers.push(session.delete("/v1/session").await);
    for answer in &answers {
        assert_eq!(
            answer.header("strict-transport-security"),
            "max-age=31536000; includeSubDomains"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert!(!answer.header("request-id").is_empty());
        let cross = answer.headers.keys().find(|name| name.as_str().starts_with("access-control"));
        assert_eq!(cross, None, "no other origin reads anything");
        for tells in ["server", "x-powered-by", "via"] {
            assert!(answer.headers.get(tells).is_none(), "ASVS V13.4.6: {tells}");
        }
        if !answer.body.is_empty() {
            let kind = answer.header("content-type");
            let known = kind.starts_with("application/") || kind == "text/html; charset=utf-8";
            assert!(known, "{kind}");
        }
    }
}

/// A request has an id: the client's own when it is a plain one, ours otherwise.
async fn every_request_has_an_id(ground: &Ground) {
    let shop = ground.open().await;
    let visitor = shop.visitor();
    let mut ids = BTreeSet::new();
    for _ in 0..3 {
        ids.insert(visitor.get("/healthz").await.expect(200).header("request-id").to_owned());
    }
    assert_eq!(ids.len(), 3);
    for (sent, taken) in
        [("order-42.retry_1", true), ("operator", false), ("semi;colon-and-more1", false)]
    {
        for name in ["request-id", "x-request-id"] {
            let answer = visitor.ask("GET", "/v1/me").header(name, sent).send().await;
            assert_eq!(answer.header("request-id") == sent, taken, "{name}: {sent}");
            assert_eq!(answer.str("/request_id"), answer.header("request-id"));
        }
    }
}

/// R-150: problems and pages speak the language that was asked for.
async fn problems_are_in_the_language_asked_for(ground: &Ground) {
    let shop = ground.open().await;
    for (asked, language) in [
        ("fr", "fr"),
        ("fr-CA, en;q=0.9", "fr"),
        ("de, fr;q=0.5, en;q=0.2", "fr"),
        ("en-GB, fr;q=0.9", "en"),
        ("de", "en"),
        ("", "en"),
        (";;q=nonsense", "en"),
    ] {
        let visitor = shop.visitor().with("accept-language", asked);
        let answer = visitor.sign_in(ADA, PASSWORD).await.refused(401, "wrong_credentials");
        assert_eq!(answer.header("content-language"), language, "{asked}");
        assert!(answer.header("vary").to_lowercase().contains("accept-language"));
        let word = if language == "fr" { "mot de passe" } else { "password" };
        let words = answer.str("/detail");
        assert!(words.contains(word), "{asked}: {words}");
        let page = visitor.get("/problems/wrong_credentials").await.expect(200);
        assert!(page.text().contains(&format!("lang=\"{language}\"")), "{asked}");
    }
}

/// Every `type` that a problem can have is a page, in both languages.
async fn every_problem_type_is_a_page(ground: &Ground) {
    let shop = ground.open().await;
    let visitor = shop.visitor();
    let index = visitor.get("/problems").await.expect(200).text();
    for known in CATALOGUE {
        let path = format!("/problems/{}", known.code);
        assert!(index.contains(&format!("href=\"{path}")), "{path}");
        for language in ["en", "fr"] {
            let page = visitor.get(&format!("{path}?lang={language}")).await.expect(200);
            let text = page.text();
            assert!(text.contains(known.code) && text.contains(&known.status.to_string()));
            assert!(text.contains(&format!("<html lang=\"{language}\"")), "{path}");
        }
    }
    let problem = visitor.get("/v1/me").await.refused(401, "unauthenticated");
    let page = problem.str("/type").strip_prefix(ORIGIN).expect("our own origin").to_owned();
    visitor.get(&page).await.expect(200);
}

/// MN-69: the same request sent again has its effect once and gets the first answer.
async fn a_repeated_request_gets_its_first_answer(ground: &Ground) {
    let shop = ground.open().await;
    let visitor = shop.visitor();
    let body = json!({"email": ADA, "password": PASSWORD});
    let keyed = |visitor: &Visitor, path: &str, key: &str, body: &Value| {
        visitor.ask("POST", path).header("idempotency-key", key).json(body).send()
    };
    let first = keyed(&visitor, "/v1/registrations", "key-1", &body).await.expect(202);
    assert_eq!(first.header("idempotent-replayed"), "");
    shop.wait(Span::minutes(10));
    for key in ["key-1", "\"key-1\""] {
        let again = keyed(&visitor, "/v1/registrations", key, &body).await.expect(202);
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.body, first.body);
    }
    assert_eq!(shop.told("account.registered").await, 1);
    assert_eq!(shop.told("account.restarted").await, 0);
    assert_eq!(shop.kinds_to(ADA).await, ["welcome"]);

    let other_body = json!({"email": ADA, "password": NEW_PASSWORD});
    let reused = keyed(&visitor, "/v1/registrations", "key-1", &other_body).await;
    reused.refused(422, "idempotency_key_reused");
    // Another path, another visitor: another key.
    keyed(&visitor, "/v1/sessions", "key-1", &body).await.expect(201);
    let elsewhere = keyed(&shop.visitor(), "/v1/registrations", "key-1", &other_body).await;
    assert_eq!(elsewhere.expect(202).header("idempotent-replayed"), "");
    for bad in ["", " ", "two words", &"k".repeat(256)] {
        let answer = keyed(&visitor, "/v1/sessions", bad, &body).await;
        answer.refused(400, "malformed_idempotency_key");
    }

    // A secret that was lost on its way comes again, to whoever had the one before.
    let secret = shop.secret(ADA, "welcome").await;
    visitor.verify(&secret, PASSWORD).await.expect(200);
    let signed_in = keyed(&visitor, "/v1/sessions", "sign-in", &body).await.expect(201);
    let lost = keyed(&visitor, "/v1/sessions", "sign-in", &body).await.expect(201);
    assert_eq!(lost.str("/token"), signed_in.str("/token"));
    let token = signed_in.str("/token");
    let change = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    let ask = |key: &str| {
        let ask = visitor.ask("POST", "/v1/me/password").bearer(&token).json(&change);
        ask.header("idempotency-key", key).send()
    };
    let changed = ask("change").await.expect(200);
    let again = ask("change").await.expect(200);
    assert_eq!(again.str("/token"), changed.str("/token"));
    ask("another").await.refused(401, "unauthenticated");
    assert_eq!(shop.told("account.password_changed").await, 1);

    // Refusals are answers too, but for those that waiting mends.
    let wrong = json!({"token": format!("vfy_{}", "A".repeat(43)), "password": PASSWORD});
    for replayed in ["", "true"] {
        let answer = keyed(&visitor, "/v1/verifications", "wrong", &wrong).await;
        assert_eq!(answer.refused(404, "link_unknown").header("idempotent-replayed"), replayed);
    }
    // After a day the key is new.
    shop.wait(Span::hours(24));
    let fresh = keyed(&visitor, "/v1/registrations", "key-1", &other_body).await.expect(202);
    assert_eq!(fresh.header("idempotent-replayed"), "");
}

/// The documentation is there, and the machines' side is not on the public one.
async fn asvs_v13_4_3_v13_4_5_what_is_public_is_meant_to_be(ground: &Ground) {
    let shop = ground.open().await;
    let visitor = shop.visitor();
    let document = visitor.get("/openapi.json").await.expect(200).json();
    assert_eq!(document["openapi"], "3.0.3");
    visitor.get("/docs").await.expect(200);
    for path in
        ["/readyz", "/livez", "/metrics", "/version", "/dev/inbox.json", "/v1/accounts", "/debug"]
    {
        visitor.get(path).await.refused(404, "not_found");
    }
    let health = visitor.get("/healthz").await.expect(200);
    assert_eq!(health.json(), json!({"status": "ok"}));
}

rightful_tests::on_both_databases![
    asvs_v2_2_1_v15_3_3_v15_3_7_a_body_is_what_was_asked_for_or_nothing,
    asvs_v3_5_2_v4_1_4_v13_4_4_v16_5_1_every_refusal_is_a_problem,
    asvs_v3_4_1_v3_4_2_v3_4_4_v3_4_5_v3_4_6_v4_1_1_every_answer_has_its_headers,
    every_request_has_an_id,
    problems_are_in_the_language_asked_for,
    every_problem_type_is_a_page,
    a_repeated_request_gets_its_first_answer,
    asvs_v13_4_3_v13_4_5_what_is_public_is_meant_to_be,
];
