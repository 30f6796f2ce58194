//! The customer's own data (R-038, R-039, CS-32).

use rightful_domain::values::Span;
use rightful_tests::{Answer, Ground, NEW_PASSWORD, PASSWORD, Session};
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";

async fn patch(session: &Session, etag: &str, body: &Value) -> Answer {
    session.ask("PATCH", "/v1/me").header("if-match", etag).json(body).send().await
}

/// The account is changed on the version that was read, or not at all.
async fn a_change_is_decided_on_the_version_that_was_read(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    let etag = session.get("/v1/me").await.expect(200).header("etag").to_owned();
    let name = json!({"name": "Ada"});
    session.ask("PATCH", "/v1/me").json(&name).send().await.refused(428, "precondition_required");

    let first = patch(&session, &etag, &name).await.expect(200);
    assert_eq!(first.str("/name"), "Ada");
    assert_ne!(first.header("etag"), etag);
    for outdated in [&*etag, "\"999\"", "W/\"1\"", "nonsense", "\"\""] {
        let refused = patch(&session, outdated, &json!({"name": "Eve"})).await;
        refused.refused(412, "precondition_failed");
    }
    assert_eq!(session.get("/v1/me").await.str("/name"), "Ada");
    patch(&session, "*", &json!({"name": "Ada Lovelace"})).await.expect(200);

    let now = session.get("/v1/me").await.expect(200);
    let unchanged = session.ask("GET", "/v1/me").header("if-none-match", now.header("etag"));
    assert!(unchanged.send().await.expect(304).body.is_empty());
    let changed = session.ask("GET", "/v1/me").header("if-none-match", &etag).send().await;
    assert_eq!(changed.expect(200).str("/name"), "Ada Lovelace");
}

/// a name in any script, without what breaks lines or turns them round; at most a hundred characters.
async fn asvs_v2_2_1_a_name_is_what_its_bearer_writes(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    for (typed, kept) in [
        ("Nguyễn Thị Minh Khai", "Nguyễn Thị Minh Khai"),
        ("李雷", "李雷"),
        ("أحمد", "أحمد"),
        ("👩‍🚀 Ada", "👩‍🚀 Ada"),
        ("O’Brien-d'Arc", "O’Brien-d'Arc"),
        (" A\u{0}d\r\na\u{202e} ", "Ada"),
        ("e\u{301}", "é"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("'; DROP TABLE accounts; --", "'; DROP TABLE accounts; --"),
        (&"é".repeat(100), &"é".repeat(100)),
    ] {
        shop.wait(Span::minutes(10));
        let answer = patch(&session, "*", &json!({"name": typed})).await.expect(200);
        assert_eq!(answer.str("/name"), kept);
        assert_eq!(session.get("/v1/me").await.str("/name"), kept, "it is kept so");
    }
    for wrong in ["", "   ", "\u{200b}\r\n", &"é".repeat(101)] {
        let refused = patch(&session, "*", &json!({"name": wrong})).await;
        assert_eq!(refused.refused(422, "invalid_name").str("/errors/0/pointer"), "#/name");
    }
    let cleared = patch(&session, "*", &json!({"name": null})).await.expect(200);
    assert_eq!(cleared.json()["name"], Value::Null);
    let untouched = patch(&session, "*", &json!({})).await.expect(200);
    assert_eq!(
        untouched.header("etag"),
        cleared.header("etag"),
        "nothing changed, nothing written"
    );
}

/// ASVS V2.4.1: each change is told to the mailbox, so that there are not too many: ten in an hour.
async fn asvs_v2_3_2_v2_4_1_the_profile_changes_ten_times_an_hour(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    for number in 0..10 {
        patch(&session, "*", &json!({"name": format!("Ada {number}")})).await.expect(200);
    }
    let full = patch(&session, "*", &json!({"name": "Ada 10"})).await;
    assert_eq!(full.refused(429, "too_many_requests").header("retry-after"), "3600");
    assert_eq!(session.get("/v1/me").await.str("/name"), "Ada 9");
    let kinds = shop.kinds_to(ADA).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "profile_changed").count(), 10);
    shop.wait(Span::hours(1));
    patch(&session, "*", &json!({"name": "Ada 10"})).await.expect(200);
}

/// ASVS V15.3.3: nothing but the process changes the address; no field slips in.
async fn asvs_v15_3_3_v8_2_3_nothing_else_of_the_account_can_be_set(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    let before = session.get("/v1/me").await.json();
    for (field, value) in [
        ("email", json!("thief@example.org")),
        ("verified", json!(true)),
        ("id", json!("acc_01h455vb4pex5vsknk084sn02q")),
        ("password", json!(NEW_PASSWORD)),
        ("frozen_until", Value::Null),
        ("__proto__", json!({})),
    ] {
        let mut body = json!({"name": "Eve"});
        body[field] = value;
        let refused = patch(&session, "*", &body).await.refused(422, "invalid_request");
        assert_eq!(refused.str("/errors/0/pointer"), format!("#/{field}"));
        assert_eq!(refused.str("/errors/0/code"), "unknown_field");
    }
    for (method, path) in [
        ("PUT", "/v1/me"),
        ("PUT", "/v1/me/email"),
        ("PATCH", "/v1/me/email"),
        ("POST", "/v1/me/email"),
        ("DELETE", "/v1/me"),
    ] {
        let body = json!({"email": "thief@example.org"});
        let answer = session.ask(method, path).header("if-match", "*").json(&body).send().await;
        answer.refused(405, "method_not_allowed");
    }
    assert_eq!(session.get("/v1/me").await.json(), before);
}

/// the account's language is the letters' language, from the next letter on.
async fn a_change_of_the_profile_is_told_in_the_accounts_language(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    let answer = patch(&session, "*", &json!({"language": "fr"})).await.expect(200);
    assert_eq!(answer.str("/language"), "fr");
    let letter = shop.letter(ADA, "profile_changed").await;
    assert_eq!(letter.language, "fr");
    assert!(letter.subject.contains("modifiées"), "{}", letter.subject);
    let refused = patch(&session, "*", &json!({"language": "de"})).await;
    assert_eq!(refused.refused(422, "invalid_request").str("/errors/0/code"), "unknown_value");
}

/// R-039, CS-27, ASVS V6.2.2 and V6.2.3: another password.
async fn asvs_v6_2_2_v6_2_3_v6_3_7_v7_4_3_another_password_ends_everything_older(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let mut here = ada.sign_in().await;
    let there = ada.sign_in().await;
    here.request_change("ada.new@example.org").await.expect(202);
    let confirm = shop.secret("ada.new@example.org", "confirm_email_change").await;

    let before = here.clone();
    here.change_password(PASSWORD, NEW_PASSWORD).await;
    assert_ne!(before.token, here.token);
    assert!(here.is_alive().await && !there.is_alive().await && !before.is_alive().await);
    shop.visitor().sign_in(ADA, PASSWORD).await.refused(401, "wrong_credentials");
    shop.visitor().sign_in(ADA, NEW_PASSWORD).await.expect(201);
    // CS-32: a change of address that somebody else may have asked for is cancelled.
    assert_eq!(here.panel().await["pending"], Value::Null);
    here.confirm(&confirm).await.refused(410, "link_superseded");
    shop.visitor().confirm(&confirm, Some(NEW_PASSWORD)).await.refused(410, "link_superseded");
    assert_eq!(here.get("/v1/me").await.str("/email"), ADA);
    here.resend_change().await.refused(409, "no_pending_email_change");

    let letter = shop.letter(ADA, "password_changed").await;
    assert!(letter.links.is_empty() && !letter.text.contains(NEW_PASSWORD));
    assert_eq!(shop.told("account.password_changed").await, 1);
    assert_eq!(shop.told("email_change.cancelled").await, 1);
}

/// What a password change refuses changes nothing.
async fn asvs_v6_2_3_v6_2_11_a_refused_password_changes_nothing(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    let other = ada.sign_in().await;
    for (current, new, status, code, field) in [
        (NEW_PASSWORD, "yet another few words", 403, "wrong_password", "current_password"),
        ("", "yet another few words", 403, "wrong_password", "current_password"),
        (PASSWORD, PASSWORD, 422, "password_unchanged", "new_password"),
        (PASSWORD, "short", 422, "password_too_short", "new_password"),
        (PASSWORD, "qwertyuiop", 422, "password_leaked", "new_password"),
        (PASSWORD, ADA, 422, "password_own_data", "new_password"),
        (PASSWORD, "abababababab", 422, "password_repetition", "new_password"),
    ] {
        let refused = session.try_change_password(current, new).await.refused(status, code);
        assert_eq!(refused.str("/errors/0/pointer"), format!("#/{field}"));
    }
    for body in [json!({"new_password": NEW_PASSWORD}), json!({"current_password": PASSWORD})] {
        let refused = session.post("/v1/me/password", &body).await.refused(422, "invalid_request");
        assert_eq!(refused.str("/errors/0/code"), "missing_field");
    }
    assert!(other.is_alive().await && session.is_alive().await);
    assert_eq!(shop.told("account.password_changed").await, 0);
    ada.sign_in().await;
}

/// A squatter may change the password of what they registered: it kills nothing of the owner's (MN-7).
async fn an_unproved_accounts_password_changes_without_killing_the_owners_link(ground: &Ground) {
    let shop = ground.open().await;
    let squatter = shop.registered(ADA).await;
    let link = shop.secret(ADA, "welcome").await;
    let mut session = squatter.sign_in().await;
    session.change_password(PASSWORD, NEW_PASSWORD).await;
    assert_eq!(shop.kinds_to(ADA).await, ["welcome"], "a stranger's mailbox is not told");
    shop.visitor().verify(&link, "the owner's own words").await.expect(200);
    assert!(!session.is_alive().await);
    shop.visitor().sign_in(ADA, NEW_PASSWORD).await.refused(401, "wrong_credentials");
}

rightful_tests::on_both_databases![
    a_change_is_decided_on_the_version_that_was_read,
    asvs_v2_3_2_v2_4_1_the_profile_changes_ten_times_an_hour,
    asvs_v2_2_1_a_name_is_what_its_bearer_writes,
    asvs_v15_3_3_v8_2_3_nothing_else_of_the_account_can_be_set,
    a_change_of_the_profile_is_told_in_the_accounts_language,
    asvs_v6_2_2_v6_2_3_v6_3_7_v7_4_3_another_password_ends_everything_older,
    asvs_v6_2_3_v6_2_11_a_refused_password_changes_nothing,
    an_unproved_accounts_password_changes_without_killing_the_owners_link,
];
