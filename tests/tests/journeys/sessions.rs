//! Sessions: the list, the ends, the limits (R-096, R-097, security §3.6, MN-13).

use rightful_domain::values::Span;
use rightful_tests::{Ground, NEW_PASSWORD, PASSWORD};
use serde_json::json;

use crate::assert_alike;

const ADA: &str = "ada@example.org";

/// ASVS V7.5.2: the customer sees their sessions and ends one, after a fresh proof.
async fn asvs_v7_5_2_v7_4_1_sessions_are_listed_and_one_is_ended_after_a_fresh_proof(
    ground: &Ground,
) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let phone = shop
        .visitor_from("2001:db8:1:2:3:4:5:6")
        .with("user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) CriOS/142.0 Mobile/15E148 Safari/604.1");
    let mut here = ada.sign_in().await;
    shop.wait(Span::minutes(2));
    let there = ada.sign_in_at(&phone).await;

    let list = here.get("/v1/sessions").await.expect(200).json();
    let list = list["data"].as_array().expect("a list");
    let seen: Vec<_> = list
        .iter()
        .map(|one| {
            (
                one["id"].clone(),
                one["current"].clone(),
                one["device"].clone(),
                one["source"].clone(),
            )
        })
        .collect();
    assert_eq!(seen.len(), 2);
    assert!(seen.contains(&(
        json!(there.id),
        json!(false),
        json!("Chrome on iPhone"),
        json!("2001:db8:1:2::/64")
    )));
    assert!(seen.iter().any(|(id, current, ..)| *id == json!(here.id) && *current == true));
    assert!(
        !list.iter().any(|one| one.to_string().contains("ses_A") && one.get("token").is_some())
    );

    // Signed in two minutes ago: fresh. After five, not.
    let path = format!("/v1/sessions/{}", there.id);
    shop.wait(Span::minutes(3));
    let stale = here.delete(&path).await.refused(403, "reauthentication_required");
    assert_eq!(stale.json()["next_actions"], json!(["reauthenticate"]));
    assert!(there.is_alive().await);
    here.prove_again(PASSWORD).await;
    here.delete(&path).await.expect(204);
    assert!(!there.is_alive().await);
    here.delete(&path).await.refused(404, "not_found");
    let list = here.get("/v1/sessions").await.expect(200).json();
    assert_eq!(list["data"].as_array().expect("a list").len(), 1);
}

/// MN-65, ASVS V8.2.2: another account's session is not there, like one that never was.
async fn asvs_v8_2_2_another_accounts_session_is_not_there(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await.sign_in().await;
    let bob = shop.customer("bob@example.org").await.sign_in().await;
    let mut answers = Vec::new();
    for id in
        [&*bob.id, "ses_01h455vb4pex5vsknk084sn02q", "nonsense", "acc_01h455vb4pex5vsknk084sn02q"]
    {
        let answer = ada.delete(&format!("/v1/sessions/{id}")).await;
        answers.push(answer.refused(404, "not_found"));
    }
    assert_alike(&answers);
    assert!(bob.is_alive().await);
    assert_eq!(ada.get("/v1/sessions").await.json()["data"].as_array().map(Vec::len), Some(1));
}

/// Ending all others needs a fresh proof, leaves this one, and is told to the mailbox.
async fn asvs_v7_4_3_v7_5_2_all_others_end_after_a_fresh_proof(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let bob = shop.customer("bob@example.org").await.sign_in().await;
    let mut here = ada.sign_in().await;
    let others = [ada.sign_in().await, ada.sign_in().await];
    shop.wait(Span::minutes(5));
    here.poke("/v1/sessions/end-others").await.refused(403, "reauthentication_required");
    assert!(others[0].is_alive().await);
    here.prove_again(PASSWORD).await;
    here.poke("/v1/sessions/end-others").await.expect(204);
    assert!(here.is_alive().await && bob.is_alive().await);
    for other in &others {
        assert!(!other.is_alive().await);
    }
    shop.letter(ADA, "sessions_ended").await;
    assert_eq!(shop.told("session.others_ended").await, 1);
}

/// signing out ends the session on the server and clears the browser; twice does no harm.
async fn asvs_v7_4_1_v14_3_1_signing_out_ends_the_session_on_the_server(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    let other = ada.sign_in().await;
    let done = session.delete("/v1/session").await.expect(204);
    assert_eq!(done.header("clear-site-data"), "\"cache\"");
    session.get("/v1/me").await.refused(401, "unauthenticated");
    session.request_change("x@example.org").await.refused(401, "unauthenticated");
    assert!(other.is_alive().await);
    shop.visitor().ask("DELETE", "/v1/session").send().await.expect(204);

    // In a browser the cookie goes too; by its own id is the same as signing out.
    let body = json!({"email": ADA, "password": PASSWORD, "carrier": "cookie"});
    let started = shop.visitor().ask("POST", "/v1/sessions").json(&body);
    let started = started.header("sec-fetch-site", "same-origin").send().await.expect(201);
    let name = "__Host-rightful_session";
    let cookie = format!("{name}={}", started.cookie(name).expect("a cookie").1);
    let out = shop
        .visitor()
        .ask("DELETE", &format!("/v1/sessions/{}", started.str("/session/id")))
        .header("cookie", &cookie)
        .header("x-csrf-token", &started.str("/csrf_token"))
        .header("sec-fetch-site", "same-origin")
        .send()
        .await
        .expect(204);
    assert!(out.cookie(name).expect("it is taken away").0.contains("Max-Age=0"));
    let again = shop.visitor().ask("GET", "/v1/me").header("cookie", &cookie).send().await;
    again.refused(401, "unauthenticated");
    assert_eq!(shop.told("session.signed_out").await, 2);
}

/// 63B §5, ASVS V7.3.1: seven days without a request, to the millisecond.
async fn asvs_v7_3_1_a_session_ends_after_seven_idle_days(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    let expires = session.get("/v1/session").await.str("/session/expires_at");
    assert_eq!(expires, (shop.now() + Span::days(7)).to_string());
    shop.wait_almost(Span::days(7));
    assert!(session.is_alive().await, "used in time, and so used now");
    shop.wait_almost(Span::days(7));
    assert!(session.is_alive().await);
    shop.wait(Span::days(7));
    assert!(!session.is_alive().await);
}

/// ASVS V7.3.2: thirty days whatever happens, re-authentication included.
async fn asvs_v7_3_2_a_session_ends_after_thirty_days(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let mut session = ada.sign_in().await;
    let begun = shop.now();
    for _ in 0..5 {
        shop.wait(Span::days(5));
        session.prove_again(PASSWORD).await;
    }
    ground.clock.set(begun + Span::days(30) - Span::from_millis(1));
    let seen = session.get("/v1/session").await.expect(200);
    assert_eq!(seen.str("/session/expires_at"), (begun + Span::days(30)).to_string());
    shop.wait(Span::from_millis(1));
    assert!(!session.is_alive().await);
}

/// A deployment sets its own limits.
async fn limits_are_those_of_the_configuration(ground: &Ground) {
    let shop = ground
        .open_with(|config| {
            config.sessions.idle = Span::minutes(30);
            config.sessions.absolute = Span::hours(1);
        })
        .await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    shop.wait(Span::minutes(29));
    assert!(session.is_alive().await);
    shop.wait(Span::minutes(29));
    assert!(session.is_alive().await);
    shop.wait(Span::minutes(2));
    assert!(!session.is_alive().await, "an hour since it began");
    let idle = ada.sign_in().await;
    shop.wait(Span::minutes(30));
    assert!(!idle.is_alive().await);
}

/// ASVS V7.2.4, CS-20: proving the password again gives a new secret, kills the old one, and opens sensitive
/// acts for five minutes.
async fn asvs_v7_2_4_v7_5_1_proving_again_gives_a_new_secret_and_five_minutes(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let mut session = ada.sign_in().await;
    shop.wait(Span::minutes(5));
    let stale = session.request_change("ada.new@example.org").await;
    stale.refused(403, "reauthentication_required");

    let wrong = json!({"password": NEW_PASSWORD});
    let path = "/v1/session/reauthentication";
    let refused = session.post(path, &wrong).await.refused(403, "wrong_password");
    assert_eq!(refused.str("/errors/0/pointer"), "#/password");
    assert!(session.is_alive().await, "a slip does not end the session");

    let before = session.clone();
    session.prove_again(PASSWORD).await;
    assert_ne!(before.token, session.token);
    assert!(!before.is_alive().await);
    assert_eq!(session.get("/v1/session").await.str("/session/id"), before.id);
    shop.wait_almost(Span::minutes(5));
    session.request_change("ada.new@example.org").await.expect(202);
    shop.wait(Span::from_millis(1));
    session.request_change("ada.newer@example.org").await.refused(403, "reauthentication_required");
}

/// ASVS V6.3.1: guesses in a stolen session are slowed like those at the door.
async fn asvs_v6_3_1_guessing_in_a_session_is_slowed(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    let path = "/v1/session/reauthentication";
    for _ in 0..5 {
        session.post(path, &json!({"password": NEW_PASSWORD})).await.refused(403, "wrong_password");
    }
    let slowed = session.post(path, &json!({"password": PASSWORD})).await;
    assert_eq!(slowed.refused(429, "too_many_requests").header("retry-after"), "30");
    // By another door of the same proof as well.
    session.try_change_password(PASSWORD, NEW_PASSWORD).await.refused(429, "too_many_requests");
    shop.wait(Span::seconds(30));
    session.post(path, &json!({"password": PASSWORD})).await.expect(200);
    assert_eq!(shop.told("session.proof_refused").await, 5);
}

rightful_tests::on_both_databases![
    asvs_v7_5_2_v7_4_1_sessions_are_listed_and_one_is_ended_after_a_fresh_proof,
    asvs_v8_2_2_another_accounts_session_is_not_there,
    asvs_v7_4_3_v7_5_2_all_others_end_after_a_fresh_proof,
    asvs_v7_4_1_v14_3_1_signing_out_ends_the_session_on_the_server,
    asvs_v7_3_1_a_session_ends_after_seven_idle_days,
    asvs_v7_3_2_a_session_ends_after_thirty_days,
    limits_are_those_of_the_configuration,
    asvs_v7_2_4_v7_5_1_proving_again_gives_a_new_secret_and_five_minutes,
    asvs_v6_3_1_guessing_in_a_session_is_slowed,
];
