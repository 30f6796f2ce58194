//! Hints: what the form of a request has to do with its refusal, and nothing of what exists.

use rightful_testkit::world::PASSWORD;
use serde_json::{Value, json};

use crate::support::{ADA, Ask, Reply, Shop};

const DIGITS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn hint(reply: &Reply) -> String {
    let problem = reply.json();
    problem["hint"].as_str().unwrap_or_else(|| panic!("no hint: {problem}")).to_owned()
}

/// What an unauthenticated request is told.
async fn told(ask: Ask<'_>) -> String {
    let reply = ask.send().await;
    reply.problem(401, "unauthenticated");
    hint(&reply)
}

#[tokio::test]
async fn who_is_not_known_is_told_what_the_request_shows() {
    let shop = Shop::new();
    let me = || shop.get("/v1/me");
    assert!(told(me()).await.starts_with("The request came without a session."));
    for odd in ["Basic YTpi", "Bearer", "ses_x"] {
        let words = told(me().header("authorization", odd)).await;
        assert!(words.starts_with("The header Authorization must stand once"), "{odd}: {words}");
    }
    let words = told(me().bearer("ses_cut-off")).await;
    assert!(words.contains("has not the form") && words.contains("ses_ and 43"), "{words}");
    let words = told(me().session_cookie("anything")).await;
    assert!(words.contains("with this cookie"), "{words}");
    let french = told(me().header("accept-language", "fr")).await;
    assert!(french.starts_with("La requête est arrivée sans session."), "{french}");
}

/// A token that was never issued, one whose session is over, and one of another carrier: one answer.
#[tokio::test]
async fn nobody_learns_whether_a_session_exists() {
    let shop = Shop::new();
    let over = shop.ada().await;
    shop.ask("DELETE", "/v1/session").bearer(&over).send().await.expect(204);
    let (cookie, _) = shop.sign_in_by_cookie(ADA).await;
    let live = shop.sign_in(ADA).await;
    let never = format!("ses_{DIGITS}");
    let mut answers = Vec::new();
    for token in [&never, &over, &cookie] {
        let ask = shop.get("/v1/me").bearer(token).header("request-id", "the-same-id-1");
        answers.push(ask.send().await.text);
    }
    for secret in [&never, &over, &live] {
        let ask = shop.get("/v1/me").session_cookie(secret).header("request-id", "the-same-id-1");
        answers.push(ask.send().await.text);
    }
    assert!(answers[0].contains("\"hint\""), "{}", answers[0]);
    assert!(answers[..3].iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert!(answers[3..].iter().all(|answer| *answer == answers[3]), "{answers:?}");
}

#[tokio::test]
async fn a_page_is_told_which_proof_is_missing() {
    let shop = Shop::new();
    shop.world.customer(ADA).await;
    let (cookie, csrf) = shop.sign_in_by_cookie(ADA).await;
    let ask = || shop.ask("POST", "/v1/sessions/end-others").session_cookie(&cookie);
    for (ask, words) in [
        (ask(), "X-CSRF-Token is missing"),
        (ask().own_page("another"), "not the one of the session"),
        (ask().header("x-csrf-token", &csrf), "a page of this origin"),
    ] {
        let reply = ask.send().await;
        reply.problem(403, "csrf_failed");
        assert!(hint(&reply).contains(words), "{}", reply.text);
    }
    let body = json!({"email": ADA, "password": PASSWORD, "carrier": "cookie"});
    let reply = shop.post("/v1/sessions", body).send().await;
    reply.problem(403, "csrf_failed");
    assert!(hint(&reply).contains("a page of this origin"));
}

#[tokio::test]
async fn a_token_of_a_wrong_form_is_told_so_and_one_of_the_right_form_nothing() {
    let shop = Shop::new();
    for (path, prefix, other) in [
        ("/v1/verifications", "vfy", "chg"),
        ("/v1/email-changes/confirm", "chg", "dsp"),
        ("/v1/email-changes/approve", "apv", "dsp"),
        ("/v1/email-changes/dispute", "dsp", "vfy"),
    ] {
        let ask = |token: String| {
            let mut body = json!({"token": token});
            if prefix == "vfy" {
                body["password"] = Value::from(PASSWORD);
            }
            shop.post(path, body)
        };
        let odd = ask(format!("{prefix}_cut-off")).send().await;
        odd.problem(404, "link_unknown");
        assert!(hint(&odd).contains(&format!("is {prefix}_ and 43 more")), "{}", odd.text);
        let strange = ask(format!("{other}_{DIGITS}")).send().await;
        strange.problem(404, "link_unknown");
        assert!(hint(&strange).ends_with(&format!("begins with {prefix}_.")), "{}", strange.text);
        let unknown = ask(format!("{prefix}_{DIGITS}")).send().await;
        assert_eq!(unknown.problem(404, "link_unknown").get("hint"), None);
    }
}

#[tokio::test]
async fn an_unknown_path_is_told_where_everything_is() {
    let shop = Shop::new();
    for path in ["/nothing", "/v1/nothing", "/v1"] {
        let reply = shop.get(path).send().await;
        reply.problem(404, "not_found");
        for place in ["/v1", "/docs", "/openapi.json"] {
            assert!(hint(&reply).contains(place), "{path}: {}", reply.text);
        }
    }
    // A path that exists, of something that does not.
    let token = shop.ada().await;
    let reply = shop.ask("DELETE", "/v1/sessions/ses_x").bearer(&token).send().await;
    assert_eq!(reply.problem(404, "not_found").get("hint"), None);
}

/// A program that sends the token of an earlier session along with its sign-in is not told to sign in.
#[tokio::test]
async fn a_dead_token_where_none_is_needed_is_told_to_be_left_out() {
    let shop = Shop::new();
    let over = shop.ada().await;
    shop.ask("DELETE", "/v1/session").bearer(&over).send().await.expect(204);
    let sign_in = || shop.post("/v1/sessions", json!({"email": ADA, "password": PASSWORD}));
    let never = format!("Bearer ses_{DIGITS}");
    for odd in [&format!("Bearer {over}"), &never, "Bearer ses_cut-off", "Basic YTpi"] {
        let words = told(sign_in().header("authorization", odd)).await;
        assert!(words.contains("Send the request without that header"), "{odd}: {words}");
    }
    sign_in().send().await.expect(201);
    let words = told(shop.get("/v1/session/label").bearer(&over)).await;
    assert!(words.contains("this operation needs none"), "{words}");
    let words = told(shop.get("/v1/sessions").bearer(&over)).await;
    assert!(words.contains("with this bearer token"), "{words}");
}
