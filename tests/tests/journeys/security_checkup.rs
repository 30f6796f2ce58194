//! The security check-up.

use rightful_domain::values::Span;
use rightful_tests::{Ground, NEW_PASSWORD, PASSWORD, Session};
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";

async fn item(session: &Session, code: &str) -> Value {
    let items = session.checkup().await["items"].clone();
    let items = items.as_array().expect("items");
    items.iter().find(|item| item["code"] == code).expect("the item").clone()
}

fn stands(item: &Value) -> (&str, Option<&str>) {
    (item["state"].as_str().expect("a state"), item["next_action"].as_str())
}

/// due after a reset, said to be done, due again in a year.
async fn r_104_after_a_reset_the_check_up_is_due_until_it_is_done(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    let first = session.checkup().await;
    assert_eq!((&first["due"], &first["done_at"]), (&json!(false), &Value::Null));
    assert_eq!(stands(&item(&session, "password").await), ("good", None));

    shop.wait(Span::seconds(1));
    shop.visitor().forget_password(ADA).await.expect(202);
    let secret = shop.secret(ADA, "reset_password").await;
    let done = shop.visitor().reset_password(&secret, NEW_PASSWORD).await.expect(200);
    assert_eq!(done.json()["next_actions"], json!(["sign_in", "check_security"]));
    let answer = shop.visitor().sign_in(ADA, NEW_PASSWORD).await.expect(201);
    let session = Session { token: answer.str("/token"), visitor: shop.visitor(), ..session };
    let due = session.checkup().await;
    assert_eq!((&due["due"], &due["due_at"]), (&json!(true), &json!(shop.now().to_string())));
    let password = item(&session, "password").await;
    assert_eq!(stands(&password), ("recommended", Some("change_password")));
    assert_eq!(password["since"], json!(shop.now().to_string()));

    shop.wait(Span::minutes(1));
    let told = shop.told("account.security_checked").await;
    let done = session.poke("/v1/me/security-checkup/done").await.expect(200).json();
    assert_eq!((&done["due"], &done["done_at"]), (&json!(false), &json!(shop.now().to_string())));
    assert_eq!(session.checkup().await, done);
    session.poke("/v1/me/security-checkup/done").await.expect(200);
    assert_eq!(shop.told("account.security_checked").await, told + 1, "once");
    // A password that its owner knows is good, however old.
    shop.wait(Span::days(7));
    let answer = shop.visitor().sign_in(ADA, NEW_PASSWORD).await.expect(201);
    let session = Session { token: answer.str("/token"), ..session };
    assert_eq!(stands(&item(&session, "password").await), ("good", None));
    shop.wait(Span::days(358));
    let answer = shop.visitor().sign_in(ADA, NEW_PASSWORD).await.expect(201);
    let session = Session { token: answer.str("/token"), ..session };
    assert_eq!(session.checkup().await["due"], true, "a year later");
    assert_eq!(stands(&item(&session, "password").await), ("good", None));
}

/// what is amiss is told, and what to do.
async fn r_146_what_is_amiss_is_told_with_what_to_do(ground: &Ground) {
    let shop = ground.open().await;
    let claim = shop.registered("claimed@example.org").await.sign_in().await;
    let mailbox = item(&claim, "mailbox").await;
    assert_eq!(stands(&mailbox), ("due", Some("resend_verification")));

    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    for code in ["password", "mailbox", "freeze", "email_change", "sessions"] {
        assert_eq!(stands(&item(&session, code).await), ("good", None), "{code}");
    }
    ada.sign_in_at(&shop.visitor()).await;
    let sessions = item(&session, "sessions").await;
    assert_eq!(stands(&sessions), ("recommended", Some("review_sessions")));
    assert_eq!(sessions["count"], 1);
    session.request_change("ada.new@example.org").await.expect(202);
    let change = item(&session, "email_change").await;
    assert_eq!(stands(&change), ("recommended", Some("review_email_change")));
    let dispute = shop.secret(ADA, "email_change_requested").await;
    shop.visitor().dispute(&dispute).await.expect(200);
    let session = ada.sign_in().await;
    assert_eq!(stands(&item(&session, "freeze").await), ("due", Some("contact_shop")));
    assert_eq!(stands(&item(&session, "email_change").await), ("good", None));
    shop.visitor().restore(&dispute, PASSWORD, NEW_PASSWORD).await.expect(200);
    let answer = shop.visitor().sign_in(ADA, NEW_PASSWORD).await.expect(201);
    let session = Session { token: answer.str("/token"), ..session };
    assert_eq!(session.checkup().await["due"], true, "R-147: after every recovery");
    assert_eq!(stands(&item(&session, "freeze").await), ("good", None));
}

/// MN-13, MN-65: it is the customer's own, and a session's that lives.
async fn mn_13_nobody_else_sees_it(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    shop.visitor().get("/v1/me/security-checkup").await.refused(401, "unauthenticated");
    let done = shop.visitor().post("/v1/me/security-checkup/done", &json!({})).await;
    done.refused(401, "unauthenticated");
    session.delete("/v1/session").await.expect(204);
    session.get("/v1/me/security-checkup").await.refused(401, "unauthenticated");
    session.poke("/v1/me/security-checkup/done").await.refused(401, "unauthenticated");
    assert_eq!(shop.told("account.security_checked").await, 0);
}

rightful_tests::on_both_databases![
    r_104_after_a_reset_the_check_up_is_due_until_it_is_done,
    r_146_what_is_amiss_is_told_with_what_to_do,
    mn_13_nobody_else_sees_it,
];
