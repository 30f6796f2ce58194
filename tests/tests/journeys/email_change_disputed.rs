//! "This was not me" (decisions 2, 0009, 0013; CS-28, CS-29, MN-28, MN-29).

use rightful_domain::values::Span;
use rightful_tests::{Customer, Ground, NEW_PASSWORD, PASSWORD, Session, Shop};
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";
const THIEFS: &str = "thief@evil.example.org";
const OWNERS: &str = "only the owner knows these";

async fn confirm_secret(shop: &Shop) -> String {
    shop.secret(THIEFS, "confirm_email_change").await
}

/// A thief with the password moves the account to a mailbox of theirs.
async fn stolen(shop: &Shop) -> (Customer, Session) {
    let ada = shop.customer(ADA).await;
    shop.wait(Span::seconds(1));
    let thief = ada.sign_in_at(&shop.visitor()).await;
    thief.request_change(THIEFS).await.expect(202);
    thief.confirm(&confirm_secret(shop).await).await.expect(200);
    let moved = Customer { email: THIEFS.to_owned(), ..ada.clone() };
    let thief = moved.sign_in_at(&thief.visitor).await;
    (ada, thief)
}

/// Decision 2, decision 0013: while the change is pending, the link alone stops it, ends every session and
/// freezes sensitive acts for seven days.
async fn without_proof_a_pending_change_is_stopped_and_the_account_freezes(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    let thief = ada.sign_in_at(&shop.visitor()).await;
    thief.request_change(THIEFS).await.expect(202);
    let confirm = confirm_secret(&shop).await;
    let dispute = shop.secret(ADA, "email_change_requested").await;
    let entries = shop.audit().await.len();

    let until = (shop.now() + Span::days(7)).to_string();
    let done = shop.visitor().dispute(&dispute).await.expect(200);
    assert_eq!(done.json(), json!({"outcome": "frozen", "frozen_until": until}));
    assert!(done.headers.get("set-cookie").is_none(), "it never signs in");
    assert!(!session.is_alive().await && !thief.is_alive().await);
    shop.visitor().confirm(&confirm, Some(PASSWORD)).await.refused(410, "link_superseded");
    shop.letter(ADA, "email_change_disputed").await;
    assert_eq!(shop.kinds_to(THIEFS).await, ["confirm_email_change"], "it was never proved");

    // Signing in shows it; nothing sensitive can be done, by whoever knows the password.
    let session = ada.sign_in().await;
    assert_eq!(session.get("/v1/me").await.str("/frozen_until"), until);
    let panel = session.panel().await;
    assert_eq!((&panel["pending"], &panel["frozen_until"]), (&Value::Null, &json!(until)));
    let refused = session.request_change(THIEFS).await.refused(403, "account_frozen");
    assert_eq!(refused.header("retry-after"), (7 * 86_400).to_string());
    assert_eq!(refused.json()["next_actions"], json!(["wait", "contact_shop"]));
    let password = session.try_change_password(PASSWORD, NEW_PASSWORD).await;
    password.refused(403, "account_frozen");
    // Said again, it neither prolongs the freeze nor writes to anybody.
    shop.wait(Span::days(1));
    let letters = shop.letters().await.len();
    let again = shop.visitor().dispute(&dispute).await.expect(200);
    assert_eq!(again.str("/frozen_until"), until);
    assert!(session.is_alive().await);
    assert_eq!(shop.letters().await.len(), letters);
    assert_eq!(
        shop.acts_from(entries).await,
        ["email_change.disputed", "session.started"],
        "{:?}",
        shop.acts_from(entries).await
    );

    // The freeze ends by itself, to the millisecond.
    shop.wait_almost(Span::days(6));
    let session = ada.sign_in().await;
    session.request_change("ada@new.example.org").await.refused(403, "account_frozen");
    shop.wait(Span::from_millis(1));
    assert_eq!(session.panel().await["frozen_until"], Value::Null);
    session.request_change("ada@new.example.org").await.expect(202);
}

/// CS-28: after the change, the link freezes the thief too, and both mailboxes are told.
async fn without_proof_a_confirmed_change_stays_and_is_frozen(ground: &Ground) {
    let shop = ground.open().await;
    let (_, thief) = stolen(&shop).await;
    let dispute = shop.secret(ADA, "email_changed_old").await;
    shop.visitor().dispute(&dispute).await.expect(200);
    assert!(!thief.is_alive().await);
    for mailbox in [ADA, THIEFS] {
        let letter = shop.letter(mailbox, "email_change_disputed").await;
        assert!(letter.links.is_empty());
    }
    // The address stays the new one: an old mailbox alone undoes nothing.
    shop.visitor().sign_in(ADA, PASSWORD).await.refused(401, "wrong_credentials");
    let again = shop.visitor().sign_in(THIEFS, PASSWORD).await.expect(201);
    let token = again.str("/token");
    let next = json!({"email": "next@evil.example.org", "confirm_email": "next@evil.example.org"});
    let ask = shop.visitor().ask("POST", "/v1/me/email/change").bearer(&token).json(&next);
    ask.send().await.refused(403, "account_frozen");
    // The same link still restores, once the proof is brought.
    shop.visitor().restore(&dispute, PASSWORD, OWNERS).await.expect(200);
    shop.visitor().sign_in(ADA, OWNERS).await.expect(201);
}

/// Decision 0013: a wrong password with the link freezes all the same, and then refuses.
async fn with_a_wrong_proof_the_account_freezes_and_the_dispute_is_refused(ground: &Ground) {
    let shop = ground.open().await;
    let (ada, thief) = stolen(&shop).await;
    let dispute = shop.secret(ADA, "email_changed_old").await;
    let refused = shop.visitor().restore(&dispute, NEW_PASSWORD, OWNERS).await;
    refused.refused(403, "wrong_password");
    assert!(!thief.is_alive().await);
    let moved = Customer { email: THIEFS.to_owned(), ..ada };
    let thief = moved.sign_in().await;
    assert!(thief.get("/v1/me").await.json()["frozen_until"].is_string());
    assert_eq!(shop.told("email_change.disputed").await, 1);
    assert_eq!(shop.told("session.proof_refused").await, 1);
    // Guesses are counted; the right one in time still restores.
    for _ in 0..4 {
        let guess = shop.visitor().restore(&dispute, NEW_PASSWORD, OWNERS).await;
        guess.refused(403, "wrong_password");
    }
    let slowed = shop.visitor().restore(&dispute, PASSWORD, OWNERS).await;
    slowed.refused(429, "too_many_requests");
    shop.wait(Span::seconds(30));
    shop.visitor().restore(&dispute, PASSWORD, OWNERS).await.expect(200);
}

/// Decision 2: with the proof, the old address is back under a password that the thief does not know.
async fn asvs_v6_3_7_v7_4_3_v7_5_3_with_the_proof_the_old_address_is_restored(ground: &Ground) {
    let shop = ground.open().await;
    let (ada, thief) = stolen(&shop).await;
    let entries = shop.audit().await.len();
    let at_request = shop.secret(ADA, "email_change_requested").await;
    let dispute = shop.secret(ADA, "email_changed_old").await;

    // What is not complete or not strong enough restores nothing.
    let visitor = shop.visitor();
    for body in [
        json!({"token": dispute, "password": PASSWORD}),
        json!({"token": dispute, "new_password": OWNERS}),
    ] {
        let refused = visitor.post("/v1/email-changes/dispute", &body).await;
        let refused = refused.refused(422, "invalid_request");
        assert_eq!(refused.str("/errors/0/code"), "missing_field");
    }
    assert!(thief.is_alive().await);
    visitor.restore(&dispute, PASSWORD, "short").await.refused(422, "password_too_short");
    visitor.restore(&dispute, PASSWORD, ADA).await.refused(422, "password_own_data");
    // The thief at least does nothing more.
    assert!(!thief.is_alive().await);

    let done = visitor.restore(&dispute, PASSWORD, OWNERS).await.expect(200);
    assert_eq!(done.json(), json!({"outcome": "restored", "frozen_until": null}));
    assert!(!done.text().contains("ses_") && done.headers.get("set-cookie").is_none());
    assert!(!thief.is_alive().await);
    for (email, password) in [(THIEFS, PASSWORD), (THIEFS, OWNERS), (ADA, PASSWORD)] {
        shop.visitor().sign_in(email, password).await.refused(401, "wrong_credentials");
    }
    let owner = Customer { password: OWNERS.to_owned(), ..ada }.sign_in().await;
    assert_eq!(owner.account, thief.account);
    let me = owner.get("/v1/me").await.json();
    assert_eq!(
        (&me["email"], &me["verified"], &me["frozen_until"]),
        (&json!(ADA), &json!(true), &Value::Null)
    );
    for mailbox in [ADA, THIEFS] {
        shop.letter(mailbox, "email_change_reverted").await;
    }
    // Neither link works again, nor can the thief take that mailbox's address elsewhere.
    visitor.dispute(&dispute).await.refused(410, "link_used");
    visitor.restore(&at_request, PASSWORD, NEW_PASSWORD).await.refused(410, "link_used");
    assert_eq!(
        shop.acts_from(entries).await[..2],
        ["email_change.disputed", "email_change.reverted"],
        "frozen by the first refusal, and only once"
    );
    // The owner goes on as before.
    owner.request_change("ada@new.example.org").await.expect(202);
}

/// The link of the first notice restores a change that was confirmed since.
async fn the_notice_of_the_request_restores_too(ground: &Ground) {
    let shop = ground.open().await;
    let (ada, _) = stolen(&shop).await;
    let dispute = shop.secret(ADA, "email_change_requested").await;
    shop.visitor().restore(&dispute, PASSWORD, OWNERS).await.expect(200);
    shop.visitor().sign_in(&ada.email, OWNERS).await.expect(201);
}

/// MN-29, decision 0009: a thief who changes the password first, once or twice, and the address then, is
/// undone by the password of before.
async fn asvs_v6_3_7_a_thief_who_changes_the_password_first_is_undone_by_the_old_one(
    ground: &Ground,
) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let mut thief = ada.sign_in_at(&shop.visitor()).await;
    thief.change_password(PASSWORD, NEW_PASSWORD).await;
    thief.change_password(NEW_PASSWORD, "a second one of the thief").await;
    thief.request_change(THIEFS).await.expect(202);
    thief.confirm(&confirm_secret(&shop).await).await.expect(200);
    let moved = Customer {
        email: THIEFS.to_owned(),
        password: "a second one of the thief".to_owned(),
        visitor: thief.visitor.clone(),
    };
    let thief = moved.sign_in().await;

    let dispute = shop.secret(ADA, "email_changed_old").await;
    let in_force = shop.visitor().restore(&dispute, "never a password", OWNERS).await;
    in_force.refused(403, "wrong_password");
    shop.visitor().restore(&dispute, PASSWORD, OWNERS).await.expect(200);
    assert!(!thief.is_alive().await);
    shop.visitor().sign_in(THIEFS, &moved.password).await.refused(401, "wrong_credentials");
    shop.visitor().sign_in(ADA, OWNERS).await.expect(201);
}

/// MN-29, decision 0017: a thief who waits until an earlier password counts no more, with a change of the
/// password right before and of the address right after, is undone by the password in between.
async fn asvs_v6_3_7_a_thief_who_waits_for_the_right_moment_is_undone_too(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let mut owner = ada.sign_in().await;
    owner.change_password(PASSWORD, NEW_PASSWORD).await;
    shop.wait(Span::from_millis(Span::days(7).as_millis() - 60_000));
    let phished = Customer {
        email: ADA.to_owned(),
        password: NEW_PASSWORD.to_owned(),
        visitor: shop.visitor(),
    };
    let mut thief = phished.sign_in_at(&shop.visitor()).await;
    thief.change_password(NEW_PASSWORD, "the words of a thief").await;
    shop.wait(Span::minutes(2));
    thief.request_change(THIEFS).await.expect(202);
    thief.confirm(&confirm_secret(&shop).await).await.expect(200);

    let dispute = shop.secret(ADA, "email_changed_old").await;
    let long_ago = shop.visitor().restore(&dispute, PASSWORD, OWNERS).await;
    long_ago.refused(403, "wrong_password");
    shop.visitor().restore(&dispute, NEW_PASSWORD, OWNERS).await.expect(200);
    shop.visitor().sign_in(ADA, OWNERS).await.expect(201);
    shop.visitor().sign_in(THIEFS, "the words of a thief").await.refused(401, "wrong_credentials");
}

/// CS-29, decision 0014: a thief gets no second change, whose dispute link would be theirs, while the owner
/// can undo the first; and what the owner has restored stays restored.
async fn a_thief_gets_no_second_change_to_undo_the_owner_with(ground: &Ground) {
    let shop = ground.open().await;
    let (_, thief) = stolen(&shop).await;
    let next = "next@evil.example.org";
    thief.request_change(next).await.refused(409, "email_change_window");
    assert_eq!(shop.kinds_to(next).await.len(), 0);
    let links: Vec<_> = shop.letters_to(THIEFS).await.into_iter().flat_map(|l| l.links).collect();
    let purposes: Vec<_> = links.iter().map(|link| link.purpose).collect();
    assert_eq!(purposes, ["confirm-email-change"], "no dispute link went to the thief");

    let dispute = shop.secret(ADA, "email_changed_old").await;
    shop.visitor().restore(&dispute, PASSWORD, OWNERS).await.expect(200);
    for link in &links {
        shop.visitor()
            .restore(&link.secret, PASSWORD, "the thief's words")
            .await
            .refused(404, "link_unknown");
        shop.visitor().confirm(&link.secret, Some(PASSWORD)).await.refused(410, "link_used");
    }
    let owner = Customer { password: OWNERS.into(), email: ADA.into(), visitor: shop.visitor() };
    assert_eq!(owner.sign_in().await.get("/v1/me").await.str("/email"), ADA);
}

/// CS-28, MN-26: seven days, to the millisecond; afterwards the old mailbox has no say.
async fn asvs_v6_4_1_after_seven_days_the_dispute_is_over(ground: &Ground) {
    let shop = ground.open().await;
    stolen(&shop).await;
    let begun = shop.now();
    let carol = shop.customer("carol@example.org").await;
    let session = carol.sign_in().await;
    session.request_change("carol@new.example.org").await.expect(202);
    session
        .confirm(&shop.secret("carol@new.example.org", "confirm_email_change").await)
        .await
        .expect(200);
    let in_time = shop.secret(ADA, "email_changed_old").await;
    let late = shop.secret("carol@example.org", "email_changed_old").await;

    ground.clock.set(begun + Span::days(7) - Span::from_millis(1));
    shop.visitor().restore(&in_time, PASSWORD, OWNERS).await.expect(200);
    shop.wait(Span::from_millis(1));
    shop.visitor().dispute(&late).await.refused(410, "link_expired");
    shop.visitor().restore(&late, PASSWORD, OWNERS).await.refused(410, "link_expired");
    let moved = Customer { email: "carol@new.example.org".to_owned(), ..carol };
    let session = moved.sign_in().await;
    assert_eq!(session.get("/v1/me").await.json()["frozen_until"], Value::Null);
}

/// MN-19, MN-45: a dispute link disputes and nothing else, and nothing else disputes.
async fn a_dispute_link_is_good_for_nothing_else(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    session.request_change(THIEFS).await.expect(202);
    let (confirm, dispute) =
        (confirm_secret(&shop).await, shop.secret(ADA, "email_change_requested").await);
    let visitor = shop.visitor();
    for token in [&confirm, &session.token, &format!("dsp_{}", &confirm[4..])] {
        visitor.dispute(token).await.refused(404, "link_unknown");
    }
    for token in [&dispute, &format!("chg_{}", &dispute[4..])] {
        session.confirm(token).await.refused(404, "link_unknown");
        visitor.verify(token, PASSWORD).await.refused(404, "link_unknown");
        visitor.ask("GET", "/v1/me").bearer(token).send().await.refused(401, "unauthenticated");
    }
    session.confirm(&confirm).await.expect(200);
}

rightful_tests::on_both_databases![
    without_proof_a_pending_change_is_stopped_and_the_account_freezes,
    without_proof_a_confirmed_change_stays_and_is_frozen,
    with_a_wrong_proof_the_account_freezes_and_the_dispute_is_refused,
    asvs_v6_3_7_v7_4_3_v7_5_3_with_the_proof_the_old_address_is_restored,
    the_notice_of_the_request_restores_too,
    asvs_v6_3_7_a_thief_who_changes_the_password_first_is_undone_by_the_old_one,
    asvs_v6_3_7_a_thief_who_waits_for_the_right_moment_is_undone_too,
    a_thief_gets_no_second_change_to_undo_the_owner_with,
    asvs_v6_4_1_after_seven_days_the_dispute_is_over,
    a_dispute_link_is_good_for_nothing_else,
];
