//! Whole ways through the API, letters included.

use rightful_domain::ports::MailDomain;
use rightful_domain::values::Span;
use rightful_testkit::world::{PASSWORD, link_in};
use serde_json::json;

use crate::support::{ADA, Shop};

const NEW: &str = "ada@new.example.org";

#[tokio::test]
async fn from_registration_to_a_session() {
    let shop = Shop::new();
    let body = json!({"email": ADA, "password": PASSWORD, "name": "Ada Lovelace", "language": "fr", "origin": "checkout"});
    let accepted = shop.post("/v1/registrations", body).send().await.expect(202);
    assert_eq!(accepted.json()["status"], "accepted");
    let link = shop.world.last_link_to(ADA).await;
    let verify = |password: &str| {
        shop.post("/v1/verifications", json!({"token": link, "password": password}))
    };
    let short = verify("short").send().await;
    short.problem(422, "password_too_short");
    let account = verify("the prover chooses this").send().await.expect(200).json();
    assert_eq!(
        (&account["verified"], &account["language"], &account["origin"]),
        (&json!(true), &json!("fr"), &json!("checkout"))
    );
    let used = verify("the prover chooses this").send().await;
    let problem = used.problem(410, "link_used");
    assert_eq!(problem["next_actions"], json!(["sign_in"]));
    assert_eq!(used.faults(), [("#/token".to_owned(), "link_used".to_owned())]);
    // The password in force is the prover's.
    let sign_in =
        |password: &str| shop.post("/v1/sessions", json!({"email": ADA, "password": password}));
    sign_in(PASSWORD).send().await.problem(401, "wrong_credentials");
    sign_in("the prover chooses this").send().await.expect(201);
}

#[tokio::test]
async fn registering_answers_the_same_for_every_address() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let unverified = json!({"email": "eve@example.org", "password": PASSWORD});
    shop.post("/v1/registrations", unverified).send().await.expect(202);
    shop.world.clock.advance(Span::hours(2));
    for path in ["/v1/registrations", "/v1/verifications/resend"] {
        let mut answers = Vec::new();
        for email in [ADA, "eve@example.org", "nobody@example.org"] {
            let body = match path {
                "/v1/registrations" => json!({"email": email, "password": PASSWORD}),
                _ => json!({"email": email}),
            };
            let ask = shop.post(path, body).header("request-id", "the-same-id-1");
            let reply = ask.send().await.expect(202);
            let headers: Vec<_> =
                reply.headers.iter().map(|(n, v)| format!("{n}: {v:?}")).collect();
            answers.push((headers, reply.text));
        }
        assert_eq!(answers[0], answers[1], "{path}");
        assert_eq!(answers[0], answers[2], "{path}");
        shop.world.clock.advance(Span::hours(2));
    }
}

#[tokio::test]
async fn the_address_changes_when_its_mailbox_is_proved() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let body = json!({"email": NEW, "confirm_email": NEW});
    let pending =
        shop.post("/v1/me/email/change", body).bearer(&token).send().await.expect(202).json();
    assert_eq!((&pending["new_email"], &pending["state"]), (&json!(NEW), &json!("pending")));
    let panel = shop.get("/v1/me/email").bearer(&token).send().await.expect(200).json();
    assert_eq!((&panel["email"], &panel["pending"]["id"]), (&json!(ADA), &pending["id"]));
    let resend = || shop.ask("POST", "/v1/me/email/change/resend").bearer(&token);
    let soon = resend().send().await.problem(429, "resend_too_soon");
    assert_eq!(soon["retry_after"], 60);
    shop.world.clock.advance(Span::seconds(60));
    resend().send().await.expect(202);

    let link = shop.world.last_link_to(NEW).await;
    let confirm = |body| shop.post("/v1/email-changes/confirm", body);
    let bare = confirm(json!({"token": link})).send().await;
    assert_eq!(bare.problem(401, "proof_required")["next_actions"], json!(["sign_in"]));
    shop.world.customer("bob@example.org").await;
    let bob = shop.sign_in("bob@example.org").await;
    let others = confirm(json!({"token": link})).bearer(&bob).send().await;
    others.problem(403, "signed_in_to_other_account");
    let done = confirm(json!({"token": link})).bearer(&token).send().await.expect(200).json();
    assert_eq!(done["email"], NEW);
    // Everything older is dead, the session that confirmed too.
    shop.get("/v1/me").bearer(&token).send().await.problem(401, "unauthenticated");
    shop.sign_in(NEW).await;
}

#[tokio::test]
async fn confirming_in_a_browser_takes_its_dead_cookie_away() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let (cookie, csrf) = shop.sign_in_by_cookie(ADA).await;
    let body = json!({"email": NEW, "confirm_email": NEW});
    let ask = shop.post("/v1/me/email/change", body).session_cookie(&cookie).own_page(&csrf);
    ask.send().await.expect(202);
    let link = shop.world.last_link_to(NEW).await;
    let ask = shop.post("/v1/email-changes/confirm", json!({"token": link}));
    let reply = ask.session_cookie(&cookie).own_page(&csrf).send().await.expect(200);
    assert_eq!(reply.cookie("__Host-rightful_session").as_deref(), Some(""));
}

#[tokio::test]
async fn refusals_of_a_change_name_the_field_and_the_way_on() {
    let shop = Shop::new();
    let token = shop.ada().await;
    shop.world.customer("bob@example.org").await;
    let ask = |email: &str, confirm: &str| {
        let body = json!({"email": email, "confirm_email": confirm});
        shop.post("/v1/me/email/change", body).bearer(&token)
    };
    let reply = ask(NEW, "other@example.org").send().await;
    reply.problem(422, "emails_mismatch");
    assert_eq!(reply.faults(), [("#/confirm_email".to_owned(), "emails_mismatch".to_owned())]);
    let reply = ask("ADA@example.org", "ADA@example.org").send().await;
    reply.problem(422, "email_unchanged");
    let occupied = ask("bob@example.org", "bob@example.org").send().await;
    let problem = occupied.problem(409, "email_in_use_by_account");
    assert_eq!(problem["next_actions"], json!(["choose_account", "contact_shop"]));
    let none = shop.ask("DELETE", "/v1/me/email/change").bearer(&token).send().await;
    none.problem(409, "no_pending_email_change");
    shop.world.clock.advance(Span::minutes(6));
    let stale = ask(NEW, NEW).send().await.problem(403, "reauthentication_required");
    assert_eq!(stale["next_actions"], json!(["reauthenticate"]));
}

#[tokio::test]
async fn a_slip_of_the_pen_is_suggested() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let slip = "ada@gmial.com";
    shop.world.mail_domains.set("gmial.com", MailDomain::Refuses);
    let body = json!({"email": slip, "confirm_email": slip});
    let reply = shop.post("/v1/me/email/change", body).bearer(&token).send().await;
    let problem = reply.problem(422, "email_undeliverable");
    assert_eq!(problem["suggestion"], "ada@gmail.com");
    assert_eq!(reply.faults(), [("#/email".to_owned(), "email_undeliverable".to_owned())]);
}

#[tokio::test]
async fn a_pending_change_is_stopped_by_its_owner() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let body = json!({"email": NEW, "confirm_email": NEW});
    shop.post("/v1/me/email/change", body).bearer(&token).send().await.expect(202);
    let link = shop.world.last_link_to(NEW).await;
    let reply = shop.ask("DELETE", "/v1/me/email/change").bearer(&token).send().await.expect(204);
    assert_eq!(reply.text, "");
    let panel = shop.get("/v1/me/email").bearer(&token).send().await.expect(200).json();
    assert_eq!(panel.get("pending"), None, "{panel}");
    let confirm =
        shop.post("/v1/email-changes/confirm", json!({"token": link, "password": PASSWORD}));
    confirm.send().await.problem(410, "link_superseded");
}

#[tokio::test]
async fn the_old_mailbox_stops_a_theft_and_takes_the_account_back() {
    let shop = Shop::new();
    let thief = shop.ada().await;
    let body = json!({"email": NEW, "confirm_email": NEW});
    shop.post("/v1/me/email/change", body).bearer(&thief).send().await.expect(202);
    let link = shop.world.last_link_to(NEW).await;
    let confirm = shop.post("/v1/email-changes/confirm", json!({"token": link}));
    confirm.bearer(&thief).send().await.expect(200);
    let thief = shop.sign_in(NEW).await;

    let dispute = shop.world.last_link_to(ADA).await;
    let ask = |body: serde_json::Value| shop.post("/v1/email-changes/dispute", body);
    let half = ask(json!({"token": dispute, "password": PASSWORD})).send().await;
    half.problem(422, "invalid_request");
    assert_eq!(half.faults(), [("#/new_password".to_owned(), "missing_field".to_owned())]);
    let frozen = ask(json!({"token": dispute})).send().await.expect(200).json();
    assert_eq!(frozen["outcome"], "frozen");
    assert!(frozen["frozen_until"].is_string());
    shop.get("/v1/me").bearer(&thief).send().await.problem(401, "unauthenticated");

    let again = shop.sign_in(NEW).await;
    let body = json!({"current_password": PASSWORD, "new_password": "four other words entirely"});
    let stopped = shop.post("/v1/me/password", body).bearer(&again).send().await;
    let problem = stopped.problem(403, "account_frozen");
    assert_eq!(problem["next_actions"], json!(["wait", "contact_shop"]));
    assert!(problem["retry_after"].as_u64().unwrap() > 600_000);

    let proof = json!({"token": dispute, "password": PASSWORD, "new_password": "four other words entirely"});
    let restored = ask(proof).send().await.expect(200).json();
    assert_eq!(
        (&restored["outcome"], &restored["frozen_until"]),
        (&json!("restored"), &json!(null))
    );
    let back = json!({"email": ADA, "password": "four other words entirely"});
    shop.post("/v1/sessions", back).send().await.expect(201);
}

#[tokio::test]
async fn an_unverified_customer_signs_in_and_asks_for_the_letter_again() {
    let shop = Shop::new();
    let body = json!({"email": ADA, "password": PASSWORD});
    shop.post("/v1/registrations", body.clone()).send().await.expect(202);
    let token = shop.sign_in(ADA).await;
    let change = json!({"email": NEW, "confirm_email": NEW});
    let refused = shop.post("/v1/me/email/change", change).bearer(&token).send().await;
    let problem = refused.problem(403, "current_email_not_verified");
    assert_eq!(problem["next_actions"], json!(["resend_verification"]));
    shop.world.clock.advance(Span::seconds(61));
    let again =
        shop.ask("POST", "/v1/me/email/verification").bearer(&token).send().await.expect(202);
    assert!(again.json()["next_allowed_at"].is_string());
    shop.world.deliver_all().await;
    let links =
        shop.world.letters_to(ADA).iter().filter(|letter| link_in(letter).is_some()).count();
    assert_eq!(links, 2);
}

#[tokio::test]
async fn links_of_another_purpose_open_nothing() {
    let shop = Shop::new();
    shop.post("/v1/registrations", json!({"email": ADA, "password": PASSWORD}))
        .send()
        .await
        .expect(202);
    let link = shop.world.last_link_to(ADA).await;
    for path in ["/v1/email-changes/confirm", "/v1/email-changes/dispute"] {
        let reply = shop.post(path, json!({"token": link})).send().await;
        reply.problem(404, "link_unknown");
    }
    shop.world.clock.advance(Span::hours(48));
    let late = shop.post("/v1/verifications", json!({"token": link, "password": PASSWORD}));
    late.send().await.problem(410, "link_expired");
}

#[tokio::test]
async fn a_shop_without_accounts_says_so() {
    let shop = Shop::under(|policy| policy.accounts_enabled = false);
    let ask = shop.post("/v1/registrations", json!({"email": ADA, "password": PASSWORD}));
    let problem = ask.send().await.problem(403, "accounts_disabled");
    assert_eq!(problem["next_actions"], json!(["contact_shop"]));
}
