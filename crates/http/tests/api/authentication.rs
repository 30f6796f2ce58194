//! Who asks, by what, and what a browser must show besides.

use rightful_domain::values::Span;
use rightful_http::PublicOrigin;
use rightful_testkit::world::{PASSWORD, World};
use serde_json::json;

use crate::support::{ADA, ORIGIN, Shop};

#[tokio::test]
async fn a_wrong_bearer_token_is_refused_on_every_route() {
    let shop = Shop::new();
    shop.ada().await;
    let wrong = "ses_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for header in [
        format!("Bearer {wrong}"),
        "Bearer".into(),
        "Bearer ".into(),
        format!("Basic {wrong}"),
        wrong.into(),
        String::new(),
    ] {
        for (method, path) in [
            ("GET", "/v1/me"),
            ("GET", "/v1/session/label"),
            ("POST", "/v1/sessions"),
            ("DELETE", "/v1/session"),
            ("GET", "/v1/nothing"),
        ] {
            let ask = shop.ask(method, path).header("authorization", &header);
            let reply = ask.send().await;
            let problem = reply.problem(401, "unauthenticated");
            assert_eq!(problem["next_actions"], json!(["sign_in"]), "{header} {method} {path}");
        }
    }
    let twice = shop.get("/v1/session/label").bearer(wrong).bearer(wrong);
    twice.send().await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn nobody_is_refused_where_somebody_is_needed() {
    let shop = Shop::new();
    for (method, path) in [
        ("GET", "/v1/session"),
        ("GET", "/v1/sessions"),
        ("GET", "/v1/me"),
        ("GET", "/v1/me/email"),
        ("GET", "/v1/me/security-checkup"),
        ("POST", "/v1/me/security-checkup/done"),
        ("DELETE", "/v1/sessions/ses_01h455vb4pex5vsknk084sn02q"),
        ("POST", "/v1/sessions/end-others"),
        ("POST", "/v1/me/email/change/resend"),
        ("DELETE", "/v1/me/email/change"),
        ("POST", "/v1/me/email/verification"),
    ] {
        shop.ask(method, path).send().await.problem(401, "unauthenticated");
    }
    for path in ["/v1/me/password", "/v1/me/email/change", "/v1/session/reauthentication"] {
        shop.post(path, json!({})).send().await.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn the_token_counts_when_a_cookie_comes_with_it() {
    let shop = Shop::new();
    let token = shop.ada().await;
    shop.world.customer("bob@example.org").await;
    let (bobs, _) = shop.sign_in_by_cookie("bob@example.org").await;
    let both = shop.get("/v1/me").bearer(&token).session_cookie(&bobs).send().await.expect(200);
    assert_eq!(both.json()["email"], ADA);
    // A good cookie does not help a bad token, and a bad cookie does not hurt a good one.
    let bad = "ses_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let reply = shop.get("/v1/me").bearer(bad).session_cookie(&bobs).send().await;
    reply.problem(401, "unauthenticated");
    let reply = shop.get("/v1/me").bearer(&token).session_cookie(bad).send().await.expect(200);
    assert_eq!(reply.set_cookie("__Host-rightful_session"), None);
    // With the token, no CSRF value is asked for.
    let ask = shop.ask("DELETE", "/v1/session").bearer(&token).session_cookie(&bobs);
    ask.header("sec-fetch-site", "cross-site").send().await.expect(204);
    shop.get("/v1/me").session_cookie(&bobs).send().await.expect(200);
}

#[tokio::test]
async fn a_session_is_good_in_its_own_carrier_only() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let (cookie, _) = shop.sign_in_by_cookie(ADA).await;
    shop.get("/v1/me").bearer(&cookie).send().await.problem(401, "unauthenticated");
    shop.get("/v1/me").session_cookie(&token).send().await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_dead_cookie_is_nobody_and_is_taken_away() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let (cookie, csrf) = shop.sign_in_by_cookie(ADA).await;
    shop.world.clock.advance(Span::days(31));
    let gone = "__Host-rightful_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure";

    let label = shop.get("/v1/session/label").session_cookie(&cookie).send().await.expect(200);
    assert_eq!(label.json()["state"], "signed_out");
    assert_eq!(label.set_cookie("__Host-rightful_session").as_deref(), Some(gone));

    let me = shop.get("/v1/me").session_cookie(&cookie).send().await;
    me.problem(401, "unauthenticated");
    assert_eq!(me.set_cookie("__Host-rightful_session").as_deref(), Some(gone));

    // Signing in anew with the dead cookie still there sets the new one, and that alone.
    let body = json!({"email": ADA, "password": PASSWORD, "carrier": "cookie"});
    let ask = shop.post("/v1/sessions", body).session_cookie(&cookie).own_page(&csrf);
    let reply = ask.send().await.expect(201);
    assert_ne!(reply.cookie("__Host-rightful_session").as_deref(), Some(""));
    let lines = reply
        .headers
        .get_all("set-cookie")
        .iter()
        .filter(|line| line.to_str().unwrap().starts_with("__Host-rightful_session="));
    assert_eq!(lines.count(), 1);
}

#[tokio::test]
async fn cookies_have_every_attribute_that_keeps_them() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let body = json!({"email": ADA, "password": PASSWORD, "carrier": "cookie"});
    let ask = shop.post("/v1/sessions", body).header("origin", ORIGIN);
    let reply = ask.send().await.expect(201);
    let session = reply.set_cookie("__Host-rightful_session").unwrap();
    assert!(
        session.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"),
        "{session}"
    );
    let device = reply.set_cookie("__Host-rightful_device").unwrap();
    assert!(
        device.ends_with("; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure"),
        "{device}"
    );
    // The secrets are in the cookies and nowhere a script can read them.
    let json = reply.json();
    assert!(json.get("token").is_none() && json.get("device_token").is_none(), "{json}");
    assert!(!reply.text.contains(&reply.cookie("__Host-rightful_session").unwrap()));
}

#[tokio::test]
async fn on_this_machine_cookies_go_without_the_prefix() {
    let shop = Shop::with(World::new(), |settings| {
        settings.public = PublicOrigin::parse("http://localhost:8080").unwrap();
    });
    shop.world.customer(ADA).await;
    let body = json!({"email": ADA, "password": PASSWORD, "carrier": "cookie"});
    let ask = shop.post("/v1/sessions", body).header("origin", "http://localhost:8080");
    let reply = ask.send().await.expect(201);
    let line = reply.set_cookie("rightful_session").unwrap();
    assert!(line.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"), "{line}");
    assert!(reply.header("strict-transport-security").is_none());
    let cookie = format!("rightful_session={}", reply.cookie("rightful_session").unwrap());
    shop.get("/v1/me").header("cookie", &cookie).send().await.expect(200);
}

#[tokio::test]
async fn a_cookie_changes_nothing_without_both_proofs_of_its_page() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let (cookie, csrf) = shop.sign_in_by_cookie(ADA).await;
    let (_, others) = shop.sign_in_by_cookie(ADA).await;
    let ask = || shop.ask("POST", "/v1/sessions/end-others").session_cookie(&cookie);
    for refused in [
        ask(),
        ask().header("x-csrf-token", &csrf),
        ask().header("sec-fetch-site", "same-origin"),
        ask().own_page(&others),
        ask().header("x-csrf-token", &csrf).header("sec-fetch-site", "cross-site"),
        ask()
            .header("x-csrf-token", &csrf)
            .header("sec-fetch-site", "same-site")
            .header("origin", ORIGIN),
        ask().header("x-csrf-token", &csrf).header("origin", "https://evil.example"),
        ask().header("x-csrf-token", &csrf).header("origin", "null"),
    ] {
        refused.send().await.problem(403, "csrf_failed");
    }
    // Public operations too: with the cookie, they act for somebody.
    let confirm = shop.post("/v1/email-changes/confirm", json!({"token": "chg_x"}));
    confirm.session_cookie(&cookie).send().await.problem(403, "csrf_failed");
    // Reading needs none, and tells the value again.
    let me = shop.get("/v1/session").session_cookie(&cookie).header("sec-fetch-site", "cross-site");
    assert_eq!(me.send().await.expect(200).json()["csrf_token"], csrf.as_str());

    ask().own_page(&csrf).send().await.expect(204);
    ask().header("x-csrf-token", &csrf).header("origin", ORIGIN).send().await.expect(204);
}

#[tokio::test]
async fn no_other_site_can_sign_its_reader_in() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let body = json!({"email": ADA, "password": PASSWORD, "carrier": "cookie"});
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("x-other", "")]
    {
        let reply = shop.post("/v1/sessions", body.clone()).header(name, value).send().await;
        reply.problem(403, "csrf_failed");
        assert_eq!(reply.set_cookie("__Host-rightful_session"), None);
    }
}

#[tokio::test]
async fn proving_the_password_changes_the_secret_in_its_carrier() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let body = json!({"password": PASSWORD});
    let reply = shop.post("/v1/session/reauthentication", body.clone()).bearer(&token);
    let reply = reply.send().await.expect(200);
    let renewed = reply.json()["token"].as_str().unwrap().to_owned();
    shop.get("/v1/me").bearer(&token).send().await.problem(401, "unauthenticated");
    shop.get("/v1/me").bearer(&renewed).send().await.expect(200);

    let (cookie, csrf) = shop.sign_in_by_cookie(ADA).await;
    let ask = shop.post("/v1/session/reauthentication", body).session_cookie(&cookie);
    let reply = ask.own_page(&csrf).send().await.expect(200);
    assert!(reply.json().get("token").is_none());
    let fresh = reply.cookie("__Host-rightful_session").unwrap();
    assert_ne!(reply.json()["csrf_token"], csrf.as_str());
    shop.get("/v1/me").session_cookie(&cookie).send().await.problem(401, "unauthenticated");
    shop.get("/v1/me").session_cookie(&fresh).send().await.expect(200);

    let wrong = shop.post("/v1/session/reauthentication", json!({"password": "not this one"}));
    let reply = wrong.bearer(&renewed).send().await;
    reply.problem(403, "wrong_password");
    assert_eq!(reply.faults(), [("#/password".to_owned(), "wrong_password".to_owned())]);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_clears_the_page() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let (cookie, csrf) = shop.sign_in_by_cookie(ADA).await;
    let out = || shop.ask("DELETE", "/v1/session").session_cookie(&cookie).own_page(&csrf);
    let reply = out().send().await.expect(204);
    assert_eq!(reply.header("clear-site-data"), Some("\"cache\""));
    assert_eq!(reply.cookie("__Host-rightful_session").as_deref(), Some(""));
    shop.get("/v1/me").session_cookie(&cookie).send().await.problem(401, "unauthenticated");
    // Another tab: it is signed out already, and that is what it wanted.
    out().send().await.expect(204);
}

#[tokio::test]
async fn the_device_is_told_in_words_and_known_again() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let body = json!({"email": ADA, "password": PASSWORD});
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let reply = shop
        .post("/v1/sessions", body.clone())
        .header("user-agent", firefox)
        .send()
        .await
        .expect(201);
    assert_eq!(reply.json()["session"]["device"], "Firefox on Linux");
    assert_eq!(reply.header("location"), Some("/v1/session"));
    let device = reply.json()["device_token"].as_str().unwrap().to_owned();
    let again = shop
        .post("/v1/sessions", body.clone())
        .header("x-device-token", &device)
        .send()
        .await
        .expect(201);
    assert_eq!(again.json()["device_token"], device.as_str());
    let unknown = shop.post("/v1/sessions", body).send().await.expect(201);
    assert_ne!(unknown.json()["device_token"], device.as_str());
}

#[tokio::test]
async fn unknown_addresses_and_wrong_passwords_get_one_answer() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let mut answers = Vec::new();
    for (email, password) in [
        (ADA, "not the password"),
        ("nobody@example.org", "not the password"),
        ("no address", "not the password"),
    ] {
        let ask = shop.post("/v1/sessions", json!({"email": email, "password": password}));
        let reply = ask.header("request-id", "the-same-id-1").send().await;
        reply.problem(401, "wrong_credentials");
        let headers: Vec<_> = reply.headers.iter().map(|(n, v)| format!("{n}: {v:?}")).collect();
        answers.push((headers, reply.text));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}
