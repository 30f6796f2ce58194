//! Second factors: an app, backup codes, trusted devices (R-106, MN-11 to MN-16, MN-20, MN-24, MN-44).

use rightful_domain::values::Span;
use rightful_tests::{
    Answer, App, Customer, Ground, NEW_PASSWORD, PASSWORD, Session, Shop, Visitor,
};
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";
/// Longer than any code lives.
const NEXT_CODE: Span = Span::minutes(2);

/// A customer with an app and ten backup codes, and the session that bound them.
struct Secured {
    customer: Customer,
    session: Session,
    app: App,
    backup_codes: Vec<String>,
}

async fn begin(session: &Session, proof: &Value) -> Answer {
    session.post("/v1/me/second-factors/totp", proof).await
}

async fn bind(session: &Session, id: &str, body: &Value) -> Answer {
    session.post(&format!("/v1/me/second-factors/{id}/bind"), body).await
}

fn codes_of(answer: &Answer) -> Vec<String> {
    let codes = answer.json()["backup_codes"].clone();
    serde_json::from_value(codes).expect("it tells backup codes")
}

async fn secured(shop: &Shop) -> Secured {
    let customer = shop.customer(ADA).await;
    let mut session = customer.sign_in().await;
    let begun = begin(&session, &json!({})).await.expect(201);
    let app = App::typed(&begun.str("/key"));
    let token = shop.secret(ADA, "bind_factor").await;
    let body = json!({"code": app.code(shop.now()), "token": token});
    let bound = bind(&session, &begun.str("/id"), &body).await.expect(200);
    session.token = bound.str("/session/token");
    shop.wait(NEXT_CODE);
    Secured { customer, session, app, backup_codes: codes_of(&bound) }
}

async fn signed_in(shop: &Shop, ada: &Secured, visitor: &Visitor) -> Session {
    let step = ada.customer.first_step_at(visitor).await;
    let answer = visitor.second_step(&step, &ada.app.code(shop.now())).await;
    shop.wait(NEXT_CODE);
    Session::started(&answer, visitor)
}

/// MN-12, MN-14b, R-106: the whole way, and what it ends.
async fn mn_12_an_app_is_bound_with_the_mailbox_and_asked_for_from_then_on(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let mut session = ada.sign_in().await;
    let elsewhere = ada.sign_in_at(&shop.visitor()).await;
    session.request_change("new@example.org").await.expect(202);
    let change = shop.secret("new@example.org", "confirm_email_change").await;

    let begun = begin(&session, &json!({})).await.expect(201);
    assert_eq!(begun.json()["mailbox_asked"], true);
    assert!(begun.str("/qr_svg").contains("<svg"), "{begun}");
    assert!(begun.str("/uri").starts_with("otpauth://totp/"), "{begun}");
    let (id, app) = (begun.str("/id"), App::typed(&begun.str("/key")));
    let code = app.code(shop.now());
    let without = bind(&session, &id, &json!({"code": code})).await;
    without.refused(403, "mailbox_proof_required");
    let token = shop.secret(ADA, "bind_factor").await;
    let wrong = bind(&session, &id, &json!({"code": "000000", "token": token})).await;
    wrong.refused(403, "wrong_code");
    let forged = json!({"code": code, "token": format!("bnd_{}", "A".repeat(43))});
    bind(&session, &id, &forged).await.refused(404, "link_unknown");
    assert!(elsewhere.is_alive().await, "nothing is bound yet");

    let body = json!({"code": code, "token": token});
    let bound = bind(&session, &id, &body).await.expect(200);
    assert_eq!(codes_of(&bound).len(), 10);
    assert!(!session.is_alive().await, "its secret is renewed");
    session.token = bound.str("/session/token");
    assert!(session.is_alive().await && !elsewhere.is_alive().await);
    assert_eq!(session.panel().await["pending"], Value::Null, "CS-32");
    shop.visitor().confirm(&change, Some(PASSWORD)).await.refused(410, "link_superseded");
    assert!(shop.kinds_to(ADA).await.contains(&"factor_bound".to_owned()));
    let listed = session.get("/v1/me/second-factors").await.expect(200).json();
    assert_eq!((&listed["data"][0]["id"], &listed["backup_codes_left"]), (&json!(id), &json!(10)));
    assert_eq!(session.get("/v1/me").await.json()["second_factor"], true);
    bind(&session, &id, &body).await.refused(410, "enrolment_over");

    let visitor = shop.visitor();
    let step = ada.first_step_at(&visitor).await;
    // The code that bound it is used up (RFC 6238 §5.2).
    visitor.second_step(&step, &code).await.refused(403, "wrong_code");
    shop.wait(NEXT_CODE);
    let answer = visitor.second_step(&step, &app.code(shop.now())).await;
    assert!(Session::started(&answer, &visitor).is_alive().await);
    visitor.second_step(&step, &app.code(shop.now())).await.refused(410, "link_used");
}

/// MN-11: password and mailbox together open nothing.
async fn mn_11_password_and_mailbox_open_no_session(ground: &Ground) {
    let shop = ground.open().await;
    let ada = secured(&shop).await;
    let thief = shop.visitor();
    let step = ada.customer.first_step_at(&thief).await;
    for code in ["", "123456", "000000", "12345", "abcdef"] {
        thief.second_step(&step, code).await.refused(403, "wrong_code");
    }
    let late = thief.second_step(&step, &ada.app.code(shop.now())).await;
    late.refused(429, "too_many_requests");
    // The first step opens nothing by itself, whatever it is shown as.
    let posing = thief.ask("GET", "/v1/session").bearer(&step).send().await;
    posing.refused(401, "unauthenticated");
    assert!(shop.kinds_to(ADA).await.contains(&"second_step_failed".to_owned()), "security §3.5");
    assert_eq!(shop.told("session.started").await, 1, "the owner, before");
}

/// 63B §3.1.3: ten minutes, to the millisecond; and dead with the password that it was taken with (MN-22).
async fn a_first_step_ends(ground: &Ground) {
    let shop = ground.open().await;
    let mut ada = secured(&shop).await;
    let visitor = shop.visitor();
    let step = ada.customer.first_step_at(&visitor).await;
    shop.wait_almost(Span::minutes(10));
    let app = ada.app.clone();
    Session::started(&visitor.second_step(&step, &app.code(shop.now())).await, &visitor);
    shop.wait(NEXT_CODE);
    let step = ada.customer.first_step_at(&visitor).await;
    shop.wait(Span::minutes(10));
    visitor.second_step(&step, &app.code(shop.now())).await.refused(410, "link_expired");

    let step = ada.customer.first_step_at(&visitor).await;
    ada.session.prove_factor(&app.code(shop.now())).await;
    ada.session.change_password(PASSWORD, NEW_PASSWORD).await;
    shop.wait(NEXT_CODE);
    visitor.second_step(&step, &app.code(shop.now())).await.refused(410, "link_superseded");
}

/// ASVS V6.5.1: each opens one session, and the mailbox is told.
async fn asvs_v6_5_1_a_backup_code_signs_in_once(ground: &Ground) {
    let shop = ground.open().await;
    let ada = secured(&shop).await;
    let visitor = shop.visitor();
    let take = async |code: &str| {
        let step = ada.customer.first_step_at(&visitor).await;
        let body = json!({"token": step, "backup_code": code});
        visitor.post("/v1/sessions/second-step", &body).await
    };
    let typed = ada.backup_codes[3].to_lowercase().replace('-', " ");
    let session = Session::started(&take(&typed).await, &visitor);
    assert!(shop.kinds_to(ADA).await.contains(&"backup_code_used".to_owned()));
    let listed = session.get("/v1/me/second-factors").await.expect(200).json();
    assert_eq!(listed["backup_codes_left"], 9);
    take(&ada.backup_codes[3]).await.refused(403, "wrong_code");
    Session::started(&take(&ada.backup_codes[4]).await, &visitor);
    let both = json!({"token": "x", "code": "123456", "backup_code": ada.backup_codes[5]});
    let refused = visitor.post("/v1/sessions/second-step", &both).await;
    assert_eq!(refused.refused(422, "invalid_request").str("/errors/0/pointer"), "#/backup_code");
}

/// MN-14: the code that signed in, a minute ago, changes no factor and removes none.
async fn mn_14_every_change_of_factors_needs_a_code_of_its_own(ground: &Ground) {
    let shop = ground.open().await;
    let ada = secured(&shop).await;
    let visitor = shop.visitor();
    let mut session = signed_in(&shop, &ada, &visitor).await;
    begin(&session, &json!({})).await.refused(403, "second_factor_required");
    let listed = session.get("/v1/me/second-factors").await.expect(200);
    let remove = format!("/v1/me/second-factors/{}/remove", listed.str("/data/0/id"));
    let empty = session.post(&remove, &json!({})).await;
    assert_eq!(empty.refused(422, "invalid_request").str("/errors/0/pointer"), "#/code");
    session.post(&remove, &json!({"code": "000000"})).await.refused(403, "wrong_code");

    let again = json!({"code": ada.app.code(shop.now())});
    let begun = begin(&session, &again).await.expect(201);
    assert_eq!(begun.json()["mailbox_asked"], false);
    begin(&session, &again).await.refused(403, "wrong_code");
    let second = App::typed(&begun.str("/key"));
    let code = json!({"code": second.code(shop.now())});
    let bound = bind(&session, &begun.str("/id"), &code).await.expect(200);
    assert_eq!(bound.json()["backup_codes"], Value::Null, "those of before stand");
    session.token = bound.str("/session/token");
    assert!(!ada.session.is_alive().await);
    shop.wait(NEXT_CODE);

    let removed = session.post(&remove, &json!({"code": second.code(shop.now())})).await;
    session.token = removed.expect(200).str("/session/token");
    assert!(shop.kinds_to(ADA).await.contains(&"factor_removed".to_owned()));
    shop.wait(NEXT_CODE);
    let step = ada.customer.first_step_at(&visitor).await;
    visitor.second_step(&step, &ada.app.code(shop.now())).await.refused(403, "wrong_code");
    let last = format!("/v1/me/second-factors/{}/remove", begun.str("/id"));
    let proof = json!({"backup_code": ada.backup_codes[0]});
    session.post(&last, &proof).await.expect(200);
    ada.customer.sign_in().await;
}

/// MN-67: every act leaves one entry, in the order of the acts.
async fn asvs_v16_3_1_every_act_with_a_factor_leaves_one_entry(ground: &Ground) {
    let shop = ground.open().await;
    let mut ada = secured(&shop).await;
    let from = shop.audit().await.len();
    let visitor = shop.visitor();
    let step = ada.customer.first_step_at(&visitor).await;
    visitor.second_step(&step, "000000").await.refused(403, "wrong_code");
    let code = ada.app.code(shop.now());
    let body = json!({"token": step, "code": code, "trust_device": true});
    visitor.post("/v1/sessions/second-step", &body).await.expect(201);
    let listed = ada.session.get("/v1/me/trusted-devices").await.expect(200);
    let path = format!("/v1/me/trusted-devices/{}", listed.str("/data/0/id"));
    ada.session.delete(&path).await.expect(204);
    let proof = |n: usize| json!({"backup_code": ada.backup_codes[n]});
    begin(&ada.session, &proof(0)).await.expect(201);
    let renewed = ada.session.post("/v1/me/backup-codes", &proof(1)).await.expect(200);
    ada.session.token = renewed.str("/session/token");
    let listed = ada.session.get("/v1/me/second-factors").await.expect(200);
    let remove = format!("/v1/me/second-factors/{}/remove", listed.str("/data/0/id"));
    let code = json!({"backup_code": codes_of(&renewed)[0]});
    ada.session.post(&remove, &code).await.expect(200);
    let wanted = [
        "sign_in.second_step_asked",
        "second_factor.refused",
        "session.started",
        "trusted_device.trusted",
        "trusted_device.ended",
        "second_factor.begun",
        "second_factor.backup_codes_renewed",
        "second_factor.removed",
    ];
    assert_eq!(shop.acts_from(from).await, wanted);
}

/// New codes kill the old ones; removing the last app kills them too.
async fn asvs_v6_5_6_backup_codes_are_replaced(ground: &Ground) {
    let shop = ground.open().await;
    let mut ada = secured(&shop).await;
    let proof = json!({"code": ada.app.code(shop.now())});
    let renewed = ada.session.post("/v1/me/backup-codes", &proof).await.expect(200);
    ada.session.token = renewed.str("/session/token");
    let visitor = shop.visitor();
    let take = async |code: &str| {
        let step = ada.customer.first_step_at(&visitor).await;
        let body = json!({"token": step, "backup_code": code});
        visitor.post("/v1/sessions/second-step", &body).await
    };
    take(&ada.backup_codes[0]).await.refused(403, "wrong_code");
    take(&codes_of(&renewed)[0]).await.expect(201);
    assert!(shop.kinds_to(ADA).await.contains(&"backup_codes_renewed".to_owned()));
}

/// CS-20: with a second factor the password opens no sensitive act.
async fn cs_20_sensitive_acts_ask_for_the_second_factor(ground: &Ground) {
    let shop = ground.open().await;
    let mut ada = secured(&shop).await;
    shop.wait(Span::minutes(5));
    ada.session.request_change("new@example.org").await.refused(403, "reauthentication_required");
    let password = json!({"password": PASSWORD});
    let refused = ada.session.post("/v1/session/reauthentication", &password).await;
    refused.refused(403, "second_factor_required");
    ada.session
        .try_change_password(PASSWORD, NEW_PASSWORD)
        .await
        .refused(403, "reauthentication_required");
    ada.session.prove_factor(&ada.app.code(shop.now())).await;
    ada.session.request_change("new@example.org").await.expect(202);
}

/// CS-29: the thief who moved the address cannot take the factor away while the owner can object.
async fn cs_29_no_factor_is_removed_for_a_week_after_a_change_of_address(ground: &Ground) {
    let shop = ground.open().await;
    let mut ada = secured(&shop).await;
    ada.session.prove_factor(&ada.app.code(shop.now())).await;
    shop.wait(NEXT_CODE);
    ada.session.request_change("new@example.org").await.expect(202);
    let secret = shop.secret("new@example.org", "confirm_email_change").await;
    ada.session.confirm(&secret).await.expect(200);
    ada.customer.email = String::from("new@example.org");
    let session = signed_in(&shop, &ada, &shop.visitor()).await;
    let listed = session.get("/v1/me/second-factors").await.expect(200);
    let remove = format!("/v1/me/second-factors/{}/remove", listed.str("/data/0/id"));
    let proof = |shop: &Shop| json!({"code": ada.app.code(shop.now())});
    session.post(&remove, &proof(&shop)).await.refused(409, "email_change_window");
    // The session does not live that long unused.
    shop.wait(Span::days(7));
    let session = signed_in(&shop, &ada, &shop.visitor()).await;
    session.post(&remove, &proof(&shop)).await.expect(200);
}

/// MN-29: the thief who moved the address binds an app, with the mailbox that is theirs now. The owner's dispute
/// ends it with everything else.
async fn mn_29_a_factor_that_a_thief_bound_does_not_outlive_the_dispute(ground: &Ground) {
    let shop = ground.open().await;
    let owner = shop.customer(ADA).await;
    let thief = shop.visitor();
    let session = owner.sign_in_at(&thief).await;
    session.request_change("eve@example.org").await.expect(202);
    let secret = shop.secret("eve@example.org", "confirm_email_change").await;
    session.confirm(&secret).await.expect(200);
    let eve = Customer {
        email: String::from("eve@example.org"),
        password: PASSWORD.to_owned(),
        visitor: thief.clone(),
    };
    let session = eve.sign_in().await;
    let begun = begin(&session, &json!({})).await.expect(201);
    let token = shop.secret("eve@example.org", "bind_factor").await;
    let code = App::typed(&begun.str("/key")).code(shop.now());
    let body = json!({"code": code, "token": token});
    bind(&session, &begun.str("/id"), &body).await.expect(200);
    shop.visitor().sign_in("eve@example.org", PASSWORD).await.expect(202);

    let dispute = shop.secret(ADA, "email_changed_old").await;
    let restored = owner.visitor.restore(&dispute, PASSWORD, NEW_PASSWORD).await;
    restored.expect(200);
    let answer = owner.visitor.sign_in(ADA, NEW_PASSWORD).await;
    let session = Session::started(&answer, &owner.visitor);
    let listed = session.get("/v1/me/second-factors").await.expect(200).json();
    assert_eq!((&listed["data"], &listed["backup_codes_left"]), (&json!([]), &Value::Null));
}

/// MN-15, MN-20: beside the password only, for thirty days only, and for nothing sensitive.
async fn mn_15_a_trusted_device_skips_the_second_step(ground: &Ground) {
    let shop = ground.open().await;
    let ada = secured(&shop).await;
    let visitor = shop.visitor();
    let trust = async |visitor: &Visitor| {
        let step = ada.customer.first_step_at(visitor).await;
        let code = ada.app.code(shop.now());
        let body = json!({"token": step, "code": code, "trust_device": true});
        let answer = visitor.post("/v1/sessions/second-step", &body).await.expect(201);
        shop.wait(NEXT_CODE);
        answer.str("/trusted_device_token")
    };
    let token = trust(&visitor).await;
    assert!(shop.kinds_to(ADA).await.contains(&"device_trusted".to_owned()));
    let device = visitor.with("x-trusted-device", &token);
    let mut session = ada.customer.sign_in_at(&device).await;
    device.sign_in(ADA, NEW_PASSWORD).await.refused(401, "wrong_credentials");
    ada.customer.first_step_at(&shop.visitor()).await;

    session.request_change("new@example.org").await.refused(403, "reauthentication_required");
    session
        .try_change_password(PASSWORD, NEW_PASSWORD)
        .await
        .refused(403, "reauthentication_required");
    let listed = session.get("/v1/me/trusted-devices").await.expect(200);
    assert_eq!(listed.str("/data/0/device"), "Firefox on Linux");
    let path = format!("/v1/me/trusted-devices/{}", listed.str("/data/0/id"));
    let stranger = shop.customer("eve@example.org").await.sign_in().await;
    stranger.delete(&path).await.refused(404, "not_found");
    session.delete(&path).await.expect(204);
    ada.customer.first_step_at(&device).await;
    session.delete(&path).await.refused(404, "not_found");

    let token = trust(&visitor).await;
    let device = visitor.with("x-trusted-device", &token);
    session.prove_factor(&ada.app.code(shop.now())).await;
    session.change_password(PASSWORD, NEW_PASSWORD).await;
    let answer = device.sign_in(ADA, NEW_PASSWORD).await;
    answer.expect(202);
}

async fn trust_ends_after_thirty_days(ground: &Ground) {
    let shop = ground.open().await;
    let ada = secured(&shop).await;
    let visitor = shop.visitor();
    let step = ada.customer.first_step_at(&visitor).await;
    let body = json!({"token": step, "code": ada.app.code(shop.now()), "trust_device": true});
    let answer = visitor.post("/v1/sessions/second-step", &body).await.expect(201);
    let device = visitor.with("x-trusted-device", &answer.str("/trusted_device_token"));
    shop.wait_almost(Span::days(30));
    ada.customer.sign_in_at(&device).await;
    shop.wait(Span::from_millis(1));
    ada.customer.first_step_at(&device).await;
}

/// The cookie of a browser does the same; no script reads it.
async fn a_browser_keeps_its_trust_in_a_cookie(ground: &Ground) {
    let shop = ground.open().await;
    let ada = secured(&shop).await;
    let browser = shop.visitor().with("origin", rightful_tests::ORIGIN);
    let step = ada.customer.first_step_at(&browser).await;
    let code = ada.app.code(shop.now());
    let body = json!({"token": step, "code": code, "carrier": "cookie", "trust_device": true});
    let elsewhere = shop.visitor().with("origin", "https://evil.example");
    elsewhere.post("/v1/sessions/second-step", &body).await.refused(403, "csrf_failed");
    let answer = browser.post("/v1/sessions/second-step", &body).await.expect(201);
    assert_eq!(answer.json().get("trusted_device_token"), None);
    let cookies: Vec<String> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|line| line.to_str().expect("plain").to_owned())
        .collect();
    let trusted = cookies.iter().find(|line| line.starts_with("__Host-rightful_trusted=tdv_"));
    let trusted = trusted.unwrap_or_else(|| panic!("{cookies:?}"));
    assert!(trusted.ends_with("; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"), "{trusted}");
    let pair = trusted.split(';').next().expect("a pair");
    let again = json!({"email": ADA, "password": PASSWORD, "carrier": "cookie"});
    let device = browser.with("cookie", pair);
    device.post("/v1/sessions", &again).await.expect(201);
}

rightful_tests::on_both_databases![
    mn_12_an_app_is_bound_with_the_mailbox_and_asked_for_from_then_on,
    mn_11_password_and_mailbox_open_no_session,
    a_first_step_ends,
    asvs_v6_5_1_a_backup_code_signs_in_once,
    mn_14_every_change_of_factors_needs_a_code_of_its_own,
    asvs_v16_3_1_every_act_with_a_factor_leaves_one_entry,
    asvs_v6_5_6_backup_codes_are_replaced,
    cs_20_sensitive_acts_ask_for_the_second_factor,
    cs_29_no_factor_is_removed_for_a_week_after_a_change_of_address,
    mn_29_a_factor_that_a_thief_bound_does_not_outlive_the_dispute,
    mn_15_a_trusted_device_skips_the_second_step,
    trust_ends_after_thirty_days,
    a_browser_keeps_its_trust_in_a_cookie,
];
