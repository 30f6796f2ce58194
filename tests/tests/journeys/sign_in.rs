//! Signing in (R-020, R-026, R-027, CS-40 to CS-47, MN-50).

use rightful_domain::values::Span;
use rightful_tests::{Answer, Ground, NEW_PASSWORD, PASSWORD, Shop, Visitor};
use serde_json::{Value, json};

use crate::assert_alike;

const ADA: &str = "ada@example.org";
const COOKIE: &str = "__Host-rightful_session";
const DEVICE_COOKIE: &str = "__Host-rightful_device";

/// A session in a cookie, and the value that its pages send.
struct Browser {
    visitor: Visitor,
    cookie: String,
    csrf: String,
}

impl Browser {
    async fn sign_in(visitor: &Visitor, email: &str, password: &str) -> (Self, Answer) {
        let body = json!({"email": email, "password": password, "carrier": "cookie"});
        let ask = visitor.ask("POST", "/v1/sessions").json(&body);
        let answer = ask.header("sec-fetch-site", "same-origin").send().await.expect(201);
        let cookie = answer.cookie(COOKIE).expect("a session cookie").1;
        let csrf = answer.str("/csrf_token");
        (Self { visitor: visitor.clone(), cookie, csrf }, answer)
    }

    fn ask(&self, method: &str, path: &str) -> rightful_tests::Ask {
        let cookies = format!("basket=42; {COOKIE}={}; other=1", self.cookie);
        self.visitor.ask(method, path).header("cookie", &cookies)
    }

    fn own_page(&self, method: &str, path: &str) -> rightful_tests::Ask {
        let ask = self.ask(method, path).header("x-csrf-token", &self.csrf);
        ask.header("sec-fetch-site", "same-origin")
    }

    async fn is_alive(&self) -> bool {
        self.ask("GET", "/v1/session").send().await.status == 200
    }
}

/// CS-1, CS-40, CS-42: whatever is wrong, the answer is one.
async fn asvs_v6_3_8_whatever_is_wrong_is_one_answer(ground: &Ground) {
    let shop = ground.open().await;
    shop.customer("verified@example.org").await;
    shop.registered("unverified@example.org").await;
    let long = "x".repeat(2_000);
    let mut answers = Vec::new();
    for (email, password) in [
        ("verified@example.org", NEW_PASSWORD),
        ("verified@example.org", ""),
        ("verified@example.org", &long),
        ("unverified@example.org", NEW_PASSWORD),
        ("unknown@example.org", PASSWORD),
        ("no address at all", PASSWORD),
        ("", ""),
    ] {
        let answer = shop.visitor().sign_in(email, password).await;
        answers.push(answer.refused(401, "wrong_credentials"));
    }
    assert_alike(&answers);
    assert_eq!(shop.told("session.refused").await, answers.len(), "each is in the trail");
}

/// the address in any spelling of its case, with outer spaces; the password exactly as typed.
async fn asvs_v6_2_8_the_address_is_folded_and_the_password_is_not(ground: &Ground) {
    let shop = ground.open().await;
    shop.customer("Zoé.Martin@Bücher.example").await;
    for spelling in [
        "zoé.martin@bücher.example",
        "  ZOÉ.MARTIN@BÜCHER.EXAMPLE ",
        "Zoe\u{301}.Martin@xn--bcher-kva.example",
    ] {
        let answer = shop.visitor().sign_in(spelling, PASSWORD).await.expect(201);
        assert_eq!(answer.str("/account/email"), "Zoé.Martin@bücher.example");
    }
    let other_case = PASSWORD.to_uppercase();
    for other in [&*other_case, &format!(" {PASSWORD}"), &format!("{PASSWORD} ")] {
        let answer = shop.visitor().sign_in("zoé.martin@bücher.example", other).await;
        answer.refused(401, "wrong_credentials");
    }
    // Dots and tags are part of the name (security §3.11).
    for other in ["zoémartin@bücher.example", "zoé.martin+x@bücher.example"] {
        shop.visitor().sign_in(other, PASSWORD).await.refused(401, "wrong_credentials");
    }
}

/// an unverified customer gets in, as far as the e-mail panel.
async fn an_unverified_customer_signs_in_and_cannot_change_the_address(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.registered(ADA).await.sign_in().await;
    let panel = session.panel().await;
    assert_eq!((&panel["verified"], &panel["pending"]), (&json!(false), &Value::Null));
    let refused = session.request_change("ada.new@example.org").await;
    let refused = refused.refused(403, "current_email_not_verified");
    assert_eq!(refused.json()["next_actions"], json!(["resend_verification"]), "R-062");
    assert_eq!(session.panel().await, panel);
    assert_eq!(shop.kinds_to("ada.new@example.org").await.len(), 0);
}

/// Security §2.2, ASVS V6.3.1: five tries from one place, then half a minute, doubling to an hour.
async fn asvs_v6_3_1_wrong_passwords_wait_longer_and_longer(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let guesser = shop.visitor();
    for _ in 0..5 {
        guesser.sign_in(ADA, NEW_PASSWORD).await.refused(401, "wrong_credentials");
    }
    for wait in [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
        // The right password waits as well: nothing tells a guesser that it was right.
        for password in [NEW_PASSWORD, PASSWORD] {
            let slowed = guesser.sign_in(ADA, password).await.refused(429, "too_many_requests");
            assert_eq!(slowed.header("retry-after"), wait.to_string());
            assert_eq!(slowed.json()["next_actions"], json!(["wait"]));
        }
        shop.wait_almost(Span::seconds(wait));
        guesser.sign_in(ADA, NEW_PASSWORD).await.refused(429, "too_many_requests");
        shop.wait(Span::from_millis(1));
        guesser.sign_in(ADA, NEW_PASSWORD).await.refused(401, "wrong_credentials");
    }
    // Who waits and knows the password gets in, and begins anew.
    shop.wait(Span::hours(1));
    guesser.sign_in(ADA, PASSWORD).await.expect(201);
    for _ in 0..5 {
        guesser.sign_in(ADA, NEW_PASSWORD).await.refused(401, "wrong_credentials");
    }
    // Elsewhere nobody waits for one guesser.
    ada.sign_in_at(&shop.visitor()).await;
}

/// MN-16, MN-50, CS-45: many sources close the address to strangers, known or not, and never to a device
/// that signed in before.
async fn asvs_v6_3_1_a_stranger_cannot_lock_a_known_device_out(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let at_home = ada.sign_in().await;
    let somebody = shop.customer("bob@example.org").await.sign_in().await;

    let mut closed = Vec::new();
    for email in [ADA, "unknown@example.org"] {
        for _ in 0..25 {
            let guess = shop.visitor().sign_in(email, NEW_PASSWORD).await;
            guess.refused(401, "wrong_credentials");
        }
        let slowed = shop.visitor().sign_in(email, PASSWORD).await;
        closed.push(slowed.refused(429, "too_many_requests"));
    }
    assert_alike(&closed);

    let from_anywhere = |token: &str| shop.visitor().with("x-device-token", token);
    ada.sign_in_at(&from_anywhere(&at_home.device_token)).await;
    // The device opens nothing by itself, and its guesses are counted too.
    let stolen = from_anywhere(&at_home.device_token);
    for _ in 0..5 {
        stolen.sign_in(ADA, NEW_PASSWORD).await.refused(401, "wrong_credentials");
    }
    stolen.sign_in(ADA, PASSWORD).await.refused(429, "too_many_requests");
    // Another customer's device is no device of this one, nor is a made-up one.
    for token in [&*somebody.device_token, "dev_00", &at_home.device_token.replace('a', "b")] {
        from_anywhere(token).sign_in(ADA, PASSWORD).await.refused(429, "too_many_requests");
    }
    shop.wait(Span::seconds(30));
    ada.sign_in_at(&shop.visitor()).await;
}

/// Credential stuffing: one source tries many addresses.
async fn asvs_v2_4_1_one_source_tries_so_many_addresses_in_a_minute(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let stuffer = shop.visitor();
    for number in 0..120 {
        let email = format!("person{number}@example.org");
        stuffer.sign_in(&email, PASSWORD).await.refused(401, "wrong_credentials");
    }
    let slowed = stuffer.sign_in(ADA, PASSWORD).await.refused(429, "too_many_requests");
    assert_eq!(slowed.header("retry-after"), "60");
    ada.sign_in_at(&shop.visitor()).await;
    shop.wait(Span::minutes(1));
    ada.sign_in_at(&stuffer).await;
}

/// ASVS V3.3: the cookies of a browser.
async fn asvs_v3_3_1_v3_3_2_v3_3_3_v3_3_4_v3_3_5_a_session_cookie_belongs_to_this_host_alone(
    ground: &Ground,
) {
    let shop = ground.open().await;
    shop.customer(ADA).await;
    let (browser, answer) = Browser::sign_in(&shop.visitor(), ADA, PASSWORD).await;
    for (name, age) in [(COOKIE, 30 * 86_400), (DEVICE_COOKIE, 365 * 86_400)] {
        let (line, value) = answer.cookie(name).expect(name);
        assert_eq!(
            line,
            format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax; Secure")
        );
        assert!(line.len() <= 4_096);
    }
    let body = answer.text();
    assert!(!body.contains(&browser.cookie), "the secret is in the cookie and nowhere else");
    assert_eq!(
        (&answer.json()["token"], &answer.json()["device_token"]),
        (&Value::Null, &Value::Null)
    );
    assert!(browser.is_alive().await);
    let again = browser.ask("GET", "/v1/session").send().await.expect(200);
    assert_eq!(again.str("/csrf_token"), browser.csrf);

    // A session is good in its own carrier only.
    let as_bearer = browser.visitor.ask("GET", "/v1/me").bearer(&browser.cookie).send().await;
    as_bearer.refused(401, "unauthenticated");
    let bearer = shop.visitor().sign_in(ADA, PASSWORD).await.expect(201).str("/token");
    let cookie = format!("{COOKIE}={bearer}");
    let as_cookie = shop.visitor().ask("GET", "/v1/me").header("cookie", &cookie).send().await;
    assert!(as_cookie.cookie(COOKIE).expect("it is taken away").0.contains("Max-Age=0"));
    as_cookie.refused(401, "unauthenticated");
}

/// ASVS V3.5.1: what a page of another origin makes a browser send does nothing.
async fn asvs_v3_5_1_a_foreign_page_changes_nothing(ground: &Ground) {
    let shop = ground.open().await;
    shop.customer(ADA).await;
    shop.customer("bob@example.org").await;
    let (ada, _) = Browser::sign_in(&shop.visitor(), ADA, PASSWORD).await;
    let (bob, _) = Browser::sign_in(&shop.visitor(), "bob@example.org", PASSWORD).await;
    let body = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    let from = |site: &str| ada.ask("POST", "/v1/me/password").header("sec-fetch-site", site);

    let forged = [
        ada.ask("POST", "/v1/me/password"),
        ada.ask("POST", "/v1/me/password").header("x-csrf-token", &ada.csrf),
        from("same-origin"),
        from("cross-site").header("x-csrf-token", &ada.csrf),
        from("same-site").header("x-csrf-token", &ada.csrf),
        from("same-origin").header("x-csrf-token", &bob.csrf),
        from("same-origin").header("x-csrf-token", ""),
        ada.ask("POST", "/v1/me/password")
            .header("x-csrf-token", &ada.csrf)
            .header("origin", "https://accounts.maison-lune.example.evil.example"),
    ];
    for ask in forged {
        ask.json(&body).send().await.refused(403, "csrf_failed");
    }
    for (method, path) in [
        ("DELETE", "/v1/session"),
        ("DELETE", "/v1/me/email/change"),
        ("PATCH", "/v1/me"),
        ("POST", "/v1/sessions/end-others"),
        ("POST", "/v1/email-changes/confirm"),
    ] {
        let ask = ada.ask(method, path).header("sec-fetch-site", "cross-site");
        ask.json(&json!({})).send().await.refused(403, "csrf_failed");
    }
    // Nobody is signed in by a foreign page, as themselves or as its author.
    let sign_in = json!({"email": ADA, "password": PASSWORD, "carrier": "cookie"});
    for site in ["cross-site", "same-site"] {
        let ask = shop.visitor().ask("POST", "/v1/sessions").json(&sign_in);
        let refused = ask.header("sec-fetch-site", site).send().await.refused(403, "csrf_failed");
        assert!(refused.headers.get("set-cookie").is_none());
    }
    shop.visitor().post("/v1/sessions", &sign_in).await.refused(403, "csrf_failed");
    assert!(ada.is_alive().await);
    // Our own page, by either way of saying so.
    ada.own_page("POST", "/v1/me/password").json(&body).send().await.expect(200);
    let (again, _) = Browser::sign_in(&shop.visitor(), ADA, NEW_PASSWORD).await;
    let ask = again.ask("DELETE", "/v1/session").header("x-csrf-token", &again.csrf);
    ask.header("origin", rightful_tests::ORIGIN).send().await.expect(204);
    assert!(!again.is_alive().await);
}

/// A token that is shown must be good, everywhere; and one that was never issued gets the answer of one that is
/// over. What is wrong with the form of a token may be told: whoever sent it sees it too.
async fn asvs_v7_2_1_a_bad_token_is_refused_everywhere_alike(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    let ended = ada.sign_in().await;
    ended.delete("/v1/session").await.expect(204);

    let good = format!("Bearer {}", session.token);
    let bad = [
        format!("Bearer {}", ended.token),
        format!("Bearer ses_{}", "A".repeat(43)),
        format!("Bearer {}x", session.token),
        format!("Bearer {}", &session.token[..46]),
        format!("Bearer {}", session.token.to_lowercase()),
        "Bearer ".to_owned(),
        "Bearer".to_owned(),
        format!("Basic {}", session.token),
        session.token.clone(),
        "Bearer null".to_owned(),
    ];
    for path in ["/v1/me", "/v1/session", "/v1/session/label", "/v1/sessions", "/v1/me/email"] {
        let mut answers = Vec::new();
        for value in &bad {
            let answer =
                shop.visitor().ask("GET", path).header("authorization", value).send().await;
            answers.push(answer.refused(401, "unauthenticated"));
        }
        assert_alike(&answers[..2]);
        for answer in &answers {
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"rightful\"");
            assert_eq!(answer.json()["next_actions"], json!(["sign_in"]));
        }
    }
    // Two of them are none, and a good cookie beside a bad token does not help.
    let twice = shop.visitor().ask("GET", "/v1/me").header("authorization", &good);
    twice.header("authorization", &good).send().await.refused(401, "unauthenticated");
    let (browser, _) = Browser::sign_in(&shop.visitor(), ADA, PASSWORD).await;
    let both = browser.ask("GET", "/v1/me").bearer(&ended.token).send().await;
    both.refused(401, "unauthenticated");
    session.get("/v1/me").await.expect(200);
}

/// what the link in the shop's navigation reads, never cached, in the visitor's language.
async fn asvs_v14_3_2_the_label_says_whether_somebody_is_signed_in(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let label = |answer: &Answer| {
        assert_eq!(answer.header("cache-control"), "no-store");
        let json = answer.json();
        (answer.str("/state"), answer.str("/label"), json["display_name"].clone())
    };
    let path = "/v1/session/label";
    let out = shop.visitor().get(path).await.expect(200);
    assert_eq!(label(&out), ("signed_out".into(), "Sign in".into(), Value::Null));
    let french = shop.visitor().with("accept-language", "fr-CA, en;q=0.5").get(path).await;
    assert_eq!(label(&french).1, "Se connecter");

    let session = ada.sign_in().await;
    let me = session.get("/v1/me").await.expect(200);
    let named = session.ask("PATCH", "/v1/me").header("if-match", me.header("etag"));
    named.json(&json!({"name": "Ada"})).send().await.expect(200);
    let inside = session.get(path).await.expect(200);
    assert_eq!(label(&inside), ("signed_in".into(), "Account".into(), json!("Ada")));

    // A cookie whose session has ended flips back, and goes.
    let (browser, _) = Browser::sign_in(&shop.visitor(), ADA, PASSWORD).await;
    assert_eq!(label(&browser.ask("GET", path).send().await).0, "signed_in");
    shop.wait(Span::days(7));
    let expired = browser.ask("GET", path).send().await.expect(200);
    assert_eq!(label(&expired).0, "signed_out");
    assert!(expired.cookie(COOKIE).expect("it is taken away").0.contains("Max-Age=0"));
}

/// ASVS V6.3.5: a sign-in from somewhere new is told to the mailbox; from a known place or device it is not.
async fn asvs_v6_3_5_a_sign_in_from_somewhere_new_is_told(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let told = async |shop: &Shop| {
        let kinds = shop.kinds_to(ADA).await;
        kinds.iter().filter(|kind| *kind == "new_sign_in").count()
    };
    let home = ada.sign_in().await;
    ada.sign_in().await;
    assert_eq!(told(&shop).await, 0, "the first of all, and the same place again");
    ada.sign_in_at(&shop.visitor_from("203.0.113.77")).await;
    assert_eq!(told(&shop).await, 1);
    let letter = shop.letter(ADA, "new_sign_in").await;
    for fact in ["Firefox on Linux", "203.0.113.77"] {
        assert!(letter.text.contains(fact) && letter.html.contains(fact), "{fact}");
    }
    assert!(letter.links.is_empty());
    let abroad = shop.visitor().with("x-device-token", &home.device_token);
    ada.sign_in_at(&abroad).await;
    assert_eq!(told(&shop).await, 1, "a known device from a new place");
    // Nobody tells a mailbox that is not proved, which may be a stranger's.
    let squatter = shop.registered("victim@example.org").await;
    squatter.sign_in().await;
    squatter.sign_in_at(&shop.visitor()).await;
    assert_eq!(shop.kinds_to("victim@example.org").await, ["welcome"]);
}

rightful_tests::on_both_databases![
    asvs_v6_3_8_whatever_is_wrong_is_one_answer,
    asvs_v6_2_8_the_address_is_folded_and_the_password_is_not,
    an_unverified_customer_signs_in_and_cannot_change_the_address,
    asvs_v6_3_1_wrong_passwords_wait_longer_and_longer,
    asvs_v6_3_1_a_stranger_cannot_lock_a_known_device_out,
    asvs_v2_4_1_one_source_tries_so_many_addresses_in_a_minute,
    asvs_v3_3_1_v3_3_2_v3_3_3_v3_3_4_v3_3_5_a_session_cookie_belongs_to_this_host_alone,
    asvs_v3_5_1_a_foreign_page_changes_nothing,
    asvs_v7_2_1_a_bad_token_is_refused_everywhere_alike,
    asvs_v14_3_2_the_label_says_whether_somebody_is_signed_in,
    asvs_v6_3_5_a_sign_in_from_somewhere_new_is_told,
];
