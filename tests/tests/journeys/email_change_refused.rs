//! What a change of address is refused for (R-053 to, decision 0011).

use rightful_domain::email_change::Disclosure;
use rightful_domain::ports::MailDomain;
use rightful_domain::values::Span;
use rightful_tests::{Answer, Ground, PASSWORD, Session};
use serde_json::{Value, json};

use crate::{assert_alike, shape};

const ADA: &str = "ada@example.org";

async fn request(session: &Session, email: &str, confirm: &str) -> Answer {
    let body = json!({"email": email, "confirm_email": confirm});
    session.post("/v1/me/email/change", &body).await
}

/// the five errors, each with its code, its field and the way out of it.
async fn asvs_v2_2_3_the_five_errors_have_their_codes_and_ways_out(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    let unproved = shop.registered("carol@example.org").await.sign_in().await;
    shop.customer("bob@example.org").await;
    shop.known_contact("reader@example.org").await;
    ground.mail_domains.set("gmial.com", MailDomain::Refuses);
    let (letters, panel) = (shop.letters().await.len(), session.panel().await);

    let first = request(&session, "ada@new.example.org", "ada@nwe.example.org").await;
    let first = first.refused(422, "emails_mismatch");
    assert_eq!(first.str("/errors/0/pointer"), "#/confirm_email");

    let second = request(&session, "BOB@example.org", "bob@Example.org").await;
    let second = second.refused(409, "email_in_use_by_account");
    assert_eq!(second.json()["next_actions"], json!(["choose_account", "contact_shop"]));

    let third = request(&session, "reader@example.org", "reader@example.org").await;
    let third = third.refused(409, "email_known_contact");
    assert_eq!(third.json()["next_actions"], json!(["sign_out_and_register"]));

    for wrong in ["ada", "ada@new", "a b@example.org", "ada@example..org", ""] {
        let fourth = request(&session, wrong, wrong).await.refused(422, "email_undeliverable");
        assert_eq!(fourth.str("/errors/0/pointer"), "#/email", "{wrong}");
    }
    let fourth = request(&session, "ada@gmial.com", "ada@gmial.com").await;
    assert_eq!(fourth.refused(422, "email_undeliverable").str("/suggestion"), "ada@gmail.com");

    let fifth = request(&unproved, "carol@new.example.org", "carol@new.example.org").await;
    let fifth = fifth.refused(403, "current_email_not_verified");
    assert_eq!(fifth.json()["next_actions"], json!(["resend_verification"]));

    // Nothing was sent, nothing is pending.
    assert_eq!((shop.letters().await.len(), session.panel().await), (letters, panel));
    assert_eq!(shop.told("email_change.requested").await, 0);
    assert_eq!(shop.told("email_change.refused").await, 2, "who asks for others' is in the trail");
}

/// R-063, decision 0011: when several apply, the first of this order is told, whatever else is wrong.
async fn errors_are_told_in_one_order(ground: &Ground) {
    let shop = ground.open().await;
    let (bob, reader) = ("bob@refusing.example.org", "reader@refusing.example.org");
    shop.customer(bob).await;
    shop.known_contact(bob).await;
    shop.known_contact(reader).await;
    ground.mail_domains.set("refusing.example.org", MailDomain::Refuses);
    let ada = shop.customer(ADA).await;
    let unproved = shop.registered("carol@example.org").await.sign_in().await;
    let anonymous = json!({"email": "no address", "confirm_email": "another"});

    // Nobody; somebody unproved with a stale proof; with a fresh one.
    let answer = shop.visitor().post("/v1/me/email/change", &anonymous).await;
    answer.refused(401, "unauthenticated");
    shop.wait(Span::minutes(5));
    request(&unproved, "no address", "another").await.refused(403, "reauthentication_required");
    let mut unproved = unproved;
    unproved.prove_again(PASSWORD).await;
    request(&unproved, "no address", "another").await.refused(403, "current_email_not_verified");

    let session = ada.sign_in().await;
    request(&session, "no address", "another").await.refused(422, "emails_mismatch");
    request(&session, ADA, bob).await.refused(422, "emails_mismatch");
    request(&session, "no address", " NO ADDRESS ").await.refused(422, "email_undeliverable");
    request(&session, " ADA@example.org", ADA).await.refused(422, "email_unchanged");
    request(&session, bob, bob).await.refused(409, "email_in_use_by_account");
    request(&session, reader, reader).await.refused(409, "email_known_contact");
    let free = "free@refusing.example.org";
    request(&session, free, free).await.refused(422, "email_undeliverable");
    for _ in 0..2 {
        request(&session, bob, bob).await.refused(409, "email_in_use_by_account");
    }
    for target in [bob, reader, free, "free@example.org"] {
        request(&session, target, target).await.refused(429, "email_change_quota");
    }
    // What tells nothing is not counted, and goes before.
    request(&session, ADA, ADA).await.refused(422, "email_unchanged");
    request(&session, ADA, bob).await.refused(422, "emails_mismatch");
    request(&session, "no address", "no address").await.refused(422, "email_undeliverable");
}

/// five a day for an account, refused ones included; the sixth waits for the day's end.
async fn asvs_v2_3_2_v2_4_1_five_requests_a_day(ground: &Ground) {
    let shop = ground.open().await;
    shop.customer("bob@example.org").await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    for number in 0..4 {
        session.request_change(&format!("ada{number}@new.example.org")).await.expect(202);
    }
    session.request_change("bob@example.org").await.refused(409, "email_in_use_by_account");
    for target in ["bob@example.org", "ada5@new.example.org"] {
        let full = session.request_change(target).await.refused(429, "email_change_quota");
        assert_eq!(full.header("retry-after"), "86400");
        assert_eq!(full.json()["next_actions"], json!(["wait"]));
    }
    // From another session and network it is the same account's quota; another account has its own.
    let elsewhere = ada.sign_in_at(&shop.visitor()).await;
    elsewhere.request_change("ada5@new.example.org").await.refused(429, "email_change_quota");
    let carol = shop.customer("carol@example.org").await.sign_in().await;
    carol.request_change("carol@new.example.org").await.expect(202);
    // The pending change goes on.
    assert_eq!(session.panel().await["pending"]["new_email"], "ada3@new.example.org");
    shop.wait(Span::days(1));
    let session = ada.sign_in().await;
    session.request_change("ada5@new.example.org").await.expect(202);
}

/// R-067, CS-30: blind disclosure answers the same for every target; the mailbox is told, and who proves it.
async fn asvs_v6_3_8_in_blind_disclosure_every_target_gets_the_same_answer(ground: &Ground) {
    let shop = ground.open_with(|config| config.accounts.disclosure = Disclosure::Blind).await;
    shop.customer("used@example.org").await;
    shop.known_contact("known@example.org").await;
    shop.registered("claimed@example.org").await;
    let mut answers = Vec::new();
    let cases = ["used", "known", "claimed", "fresh"];
    let mut sessions = Vec::new();
    for case in cases {
        let session = shop.customer(&format!("by.{case}@example.org")).await.sign_in().await;
        let mut answer = session.request_change(&format!("{case}@example.org")).await.expect(202);
        // The two things that must differ.
        let text = answer.text().replace(&answer.str("/id"), "…");
        answer.body = text.replace(&format!("{case}@"), "…@").into_bytes();
        let length = answer.body.len().to_string();
        answer.headers.insert("content-length", length.parse().expect("a number"));
        answers.push(answer);
        let panel = session.panel().await;
        assert_eq!(panel["pending"]["state"], "pending");
        sessions.push(session);
    }
    assert_alike(&answers);
    assert_eq!(shape(&answers[0]).0, 202);

    // The owner of the used address hears of it, and nobody gets a link to it.
    let told = shop.letter("used@example.org", "address_tried").await;
    assert!(told.links.is_empty() && !told.text.contains("by.used"));
    assert!(!shop.kinds_to("used@example.org").await.contains(&"confirm_email_change".to_owned()));
    let letters = shop.letters().await;
    let requested = letters.iter().filter(|letter| letter.kind == "email_change_requested");
    assert_eq!(requested.count(), 4);
    // Whoever proves the mailbox is told.
    let link = shop.secret("known@example.org", "confirm_email_change").await;
    sessions[1].confirm(&link).await.refused(409, "email_known_contact");
    for (place, case) in [(2, "claimed"), (3, "fresh")] {
        let link = shop.secret(&format!("{case}@example.org"), "confirm_email_change").await;
        sessions[place].confirm(&link).await.expect(200);
    }
    // And asking for the letter again tells as little.
    shop.wait(Span::minutes(1));
    let again = sessions[0].resend_change().await.expect(202);
    assert_eq!(again.str("/state"), "pending");
    assert_eq!(shop.told("email_change.refused").await, 0);
}

/// CS-23: who is told of an address is signed in, verified and fresh; registration and sign-in never tell.
async fn asvs_v6_3_8_a_pending_change_shows_nowhere_else(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    session.request_change("wanted@example.org").await.expect(202);
    let answers = [
        shop.visitor().register("wanted@example.org", PASSWORD).await.expect(202),
        shop.visitor().register("unwanted@example.org", PASSWORD).await.expect(202),
    ];
    assert_alike(&answers);
    shop.letter("wanted@example.org", "welcome").await;
    let label = shop.visitor().get("/v1/session/label").await.expect(200);
    assert_eq!(label.json()["display_name"], Value::Null);
}

rightful_tests::on_both_databases![
    asvs_v2_2_3_the_five_errors_have_their_codes_and_ways_out,
    errors_are_told_in_one_order,
    asvs_v2_3_2_v2_4_1_five_requests_a_day,
    asvs_v6_3_8_in_blind_disclosure_every_target_gets_the_same_answer,
    asvs_v6_3_8_a_pending_change_shows_nowhere_else,
];
