//! The account's own data, decided on the version that was read.

use rightful_testkit::world::PASSWORD;
use serde_json::json;

use crate::support::{ADA, Shop};

#[tokio::test]
async fn a_change_needs_the_version_that_was_read() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let me = shop.get("/v1/me").bearer(&token).send().await.expect(200);
    let tag = me.header("etag").unwrap().to_owned();
    let patch = |body: serde_json::Value| shop.ask("PATCH", "/v1/me").json(body).bearer(&token);

    patch(json!({"name": "Ada"})).send().await.problem(428, "precondition_required");
    for stale in ["\"0\"", "\"999\"", "W/\"1\"", "\"x\"", "nonsense"] {
        let reply = patch(json!({"name": "Ada"})).header("if-match", stale).send().await;
        reply.problem(412, "precondition_failed");
    }
    let done = patch(json!({"name": "Ada", "language": "fr"}))
        .header("if-match", &tag)
        .send()
        .await
        .expect(200);
    assert_eq!((&done.json()["name"], &done.json()["language"]), (&json!("Ada"), &json!("fr")));
    let next = done.header("etag").unwrap().to_owned();
    assert_ne!(next, tag);
    patch(json!({"name": "B"}))
        .header("if-match", &tag)
        .send()
        .await
        .problem(412, "precondition_failed");
    // Left out stays, null goes.
    let done = patch(json!({"language": "en"})).header("if-match", &next).send().await.expect(200);
    assert_eq!(done.json()["name"], "Ada");
    let done = patch(json!({"name": null})).header("if-match", "*").send().await.expect(200);
    assert_eq!(done.json()["name"], json!(null));
}

#[tokio::test]
async fn of_two_who_read_the_same_version_one_writes() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let me = shop.get("/v1/me").bearer(&token).send().await.expect(200);
    let tag = me.header("etag").unwrap().to_owned();
    let patch = |name: &str| {
        let ask = shop.ask("PATCH", "/v1/me").json(json!({"name": name}));
        ask.bearer(&token).header("if-match", &tag).send()
    };
    let names: Vec<String> = (0..8).map(|n| format!("Ada {n}")).collect();
    let replies = futures_util::future::join_all(names.iter().map(|name| patch(name))).await;
    let (won, lost): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 200);
    assert_eq!(won.len(), 1);
    for reply in lost {
        reply.problem(412, "precondition_failed");
    }
}

#[tokio::test]
async fn an_unchanged_account_is_not_sent_again() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let me = shop.get("/v1/me").bearer(&token).send().await.expect(200);
    let tag = me.header("etag").unwrap().to_owned();
    assert!(tag.starts_with('"'), "strong");
    let again =
        shop.get("/v1/me").bearer(&token).header("if-none-match", &tag).send().await.expect(304);
    assert_eq!((again.text.as_str(), again.header("etag")), ("", Some(&*tag)));
    shop.get("/v1/me").bearer(&token).header("if-none-match", "\"0\"").send().await.expect(200);
}

#[tokio::test]
async fn the_account_is_shown_with_its_ids_and_times_as_promised() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let me = shop.get("/v1/me").bearer(&token).send().await.expect(200).json();
    assert!(me["id"].as_str().unwrap().starts_with("acc_"), "{me}");
    assert_eq!(me["email"], ADA);
    assert_eq!(
        (&me["verified"], &me["name"], &me["origin"]),
        (&json!(true), &json!(null), &json!("direct"))
    );
    for time in ["created_at", "verified_at", "password_set_at"] {
        let text = me[time].as_str().unwrap();
        assert!(text.len() == 20 && text.ends_with('Z'), "{time}: {text}");
    }
    assert_eq!(me["frozen_until"], json!(null));
}

#[tokio::test]
async fn names_are_checked_and_pointed_at() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let ask = shop.ask("PATCH", "/v1/me").json(json!({"name": "x".repeat(101)}));
    let reply = ask.bearer(&token).header("if-match", "*").send().await;
    reply.problem(422, "invalid_name");
    assert_eq!(reply.faults(), [("#/name".to_owned(), "invalid_name".to_owned())]);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let shop = Shop::new();
    let (here, there) = (shop.ada().await, shop.sign_in(ADA).await);
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        shop.post("/v1/me/password", body).bearer(&here)
    };
    let wrong = change("not the password", "four other words entirely").send().await;
    wrong.problem(403, "wrong_password");
    assert_eq!(wrong.faults(), [("#/current_password".to_owned(), "wrong_password".to_owned())]);
    let leaked = change(PASSWORD, "password1234").send().await;
    leaked.problem(422, "password_leaked");
    assert_eq!(leaked.faults(), [("#/new_password".to_owned(), "password_leaked".to_owned())]);

    let done = change(PASSWORD, "four other words entirely").send().await.expect(200);
    let renewed = done.json()["token"].as_str().unwrap().to_owned();
    shop.get("/v1/me").bearer(&renewed).send().await.expect(200);
    for dead in [&here, &there] {
        shop.get("/v1/me").bearer(dead).send().await.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let shop = Shop::new();
    let (here, there) = (shop.ada().await, shop.sign_in(ADA).await);
    let list = shop.get("/v1/sessions").bearer(&here).send().await.expect(200).json();
    let sessions = list["data"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    let id = other["id"].as_str().unwrap();
    shop.ask("DELETE", &format!("/v1/sessions/{id}")).bearer(&here).send().await.expect(204);
    shop.get("/v1/me").bearer(&there).send().await.problem(401, "unauthenticated");
    // Ended, of another kind, of another account: nothing that the caller may know of.
    shop.world.customer("bob@example.org").await;
    let bob = shop.sign_in("bob@example.org").await;
    let bobs =
        shop.get("/v1/session").bearer(&bob).send().await.expect(200).json()["session"]["id"]
            .as_str()
            .unwrap()
            .to_owned();
    for id in [id, &bobs, "acc_01h455vb4pex5vsknk084sn02q", "x", "ses_"] {
        let ask = shop.ask("DELETE", &format!("/v1/sessions/{id}")).bearer(&here);
        ask.send().await.problem(404, "not_found");
    }
    // Its own session, without a fresh proof; the others need one.
    shop.world.clock.advance(rightful_domain::values::Span::minutes(6));
    let stale = shop.ask("POST", "/v1/sessions/end-others").bearer(&here).send().await;
    assert_eq!(
        stale.problem(403, "reauthentication_required")["next_actions"],
        json!(["reauthenticate"])
    );
    let own =
        shop.get("/v1/session").bearer(&here).send().await.expect(200).json()["session"]["id"]
            .as_str()
            .unwrap()
            .to_owned();
    shop.ask("DELETE", &format!("/v1/sessions/{own}")).bearer(&here).send().await.expect(204);
    shop.get("/v1/me").bearer(&here).send().await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_label_of_a_shops_link_follows_the_session() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let ask = || shop.get("/v1/session/label");
    let out = ask().send().await.expect(200);
    assert_eq!(out.json(), json!({"state": "signed_out", "label": "Sign in"}));
    assert_eq!(out.header("cache-control"), Some("no-store"));
    assert!(out.header("vary").unwrap().contains("Cookie"));
    let named = shop.ask("PATCH", "/v1/me").json(json!({"name": "Zoë"})).bearer(&token);
    named.header("if-match", "*").send().await.expect(200);
    let signed_in = ask().bearer(&token).header("accept-language", "fr").send().await.expect(200);
    assert_eq!(
        signed_in.json(),
        json!({"state": "signed_in", "label": "Compte", "display_name": "Zoë"})
    );
}
