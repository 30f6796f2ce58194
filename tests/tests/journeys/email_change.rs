//! Changing the e-mail address, from the request to the new mailbox (R-040 to, CS-20 to
//! CS-31). What is refused is in `email_change_refused.rs`, "this was not me" in `email_change_disputed.rs`.

use rightful_domain::values::Span;
use rightful_tests::{Ground, NEW_PASSWORD, PASSWORD, Shop, SmtpSink};
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";
const NEW: &str = "ada@new.example.org";

/// The secret in the last letter that asks a new mailbox to confirm.
async fn confirm_secret(shop: &Shop, new: &str) -> String {
    shop.secret(new, "confirm_email_change").await
}

/// CS-21, CS-23, CS-27: the seven steps.
async fn asvs_v2_3_1_v6_3_7_v7_5_1_the_new_address_is_in_force_once_its_mailbox_is_proved(
    ground: &Ground,
) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    let elsewhere = ada.sign_in_at(&shop.visitor()).await;
    shop.settle().await;
    let (mails, entries) = (shop.letters().await.len(), shop.audit().await.len());
    assert_eq!(session.panel().await["pending"], Value::Null);

    let pending = session.request_change(NEW).await.expect(202).json();
    assert_eq!(pending["new_email"], NEW);
    assert_eq!(pending["state"], "pending");
    assert_eq!(pending["requested_at"], shop.now().to_string());
    assert_eq!(pending["expires_at"], (shop.now() + Span::hours(48)).to_string());
    assert_eq!(pending["next_letter_at"], (shop.now() + Span::seconds(60)).to_string());
    let panel = session.panel().await;
    assert_eq!(panel["pending"], pending);
    assert_eq!((&panel["email"], &panel["verified"]), (&json!(ADA), &json!(true)));

    let kinds = |letters: Vec<rightful_email::InboxLetter>| -> Vec<(String, String)> {
        let mut kinds: Vec<_> = letters.into_iter().map(|l| (l.to, l.kind)).collect();
        kinds.sort();
        kinds
    };
    let pair = |to: &str, kind: &str| (to.to_owned(), kind.to_owned());
    let sent = kinds(shop.letters().await.split_off(mails));
    assert_eq!(sent, [pair(ADA, "email_change_requested"), pair(NEW, "confirm_email_change")]);
    // Each mailbox knows the other address by its outline only.
    let to_new = shop.letter(NEW, "confirm_email_change").await;
    let to_old = shop.letter(ADA, "email_change_requested").await;
    assert!(!to_new.text.contains(ADA) && !to_new.html.contains(ADA));
    assert!(!to_old.text.contains(NEW) && !to_old.html.contains(NEW));

    // Until then the old one is in force, for everything.
    shop.visitor().sign_in(NEW, PASSWORD).await.refused(401, "wrong_credentials");
    assert!(elsewhere.is_alive().await);
    let mails = shop.letters().await.len();

    let secret = confirm_secret(&shop, NEW).await;
    let done = session.confirm(&secret).await.expect(200);
    assert_eq!(done.str("/email"), NEW);
    assert_eq!(done.str("/verified_at"), shop.now().to_string());
    assert!(!done.text().contains("ses_") && done.headers.get("set-cookie").is_none());
    assert!(!session.is_alive().await && !elsewhere.is_alive().await, "every session has ended");
    shop.visitor().sign_in(ADA, PASSWORD).await.refused(401, "wrong_credentials");
    let moved = shop.visitor().sign_in(NEW, PASSWORD).await.expect(201);
    assert_eq!(moved.str("/account/id"), session.account, "it is the same account");
    let sent = kinds(shop.letters().await.split_off(mails));
    assert_eq!(sent, [pair(ADA, "email_changed_old"), pair(NEW, "email_changed_new")]);

    session.confirm(&secret).await.refused(401, "unauthenticated");
    shop.visitor().confirm(&secret, Some(PASSWORD)).await.refused(410, "link_used");
    assert_eq!(
        shop.acts_from(entries).await,
        [
            "email_change.requested",
            "session.refused",
            "email_change.confirmed",
            "session.refused",
            "session.started",
        ]
    );
}

/// CS-25: the letter is opened on a telephone without a session: the password proves the owner.
async fn asvs_v7_6_2_v6_3_6_confirming_takes_the_mailbox_and_its_owner(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    let bob = shop.customer("bob@example.org").await.sign_in().await;
    session.request_change(NEW).await.expect(202);
    let secret = confirm_secret(&shop, NEW).await;
    let phone = shop.visitor();

    let nobody = phone.confirm(&secret, None).await.refused(401, "proof_required");
    assert_eq!(nobody.json()["next_actions"], json!(["sign_in"]));
    let wrong = phone.confirm(&secret, Some(NEW_PASSWORD)).await.refused(403, "wrong_password");
    assert_eq!(wrong.str("/errors/0/pointer"), "#/password");
    // R-049, MN-6: in somebody else's session it is refused, whatever they know.
    bob.confirm(&secret).await.refused(403, "signed_in_to_other_account");
    let body = json!({"token": secret, "password": PASSWORD});
    let with_password = bob.post("/v1/email-changes/confirm", &body).await;
    with_password.refused(403, "signed_in_to_other_account");
    assert_eq!(bob.get("/v1/me").await.str("/email"), "bob@example.org");
    assert_eq!(session.panel().await["pending"]["state"], "pending");

    let done = phone.confirm(&secret, Some(PASSWORD)).await.expect(200);
    assert_eq!(done.str("/email"), NEW);
    assert!(!session.is_alive().await);
    assert!(done.headers.get("set-cookie").is_none());
}

/// ASVS V6.3.1: a stolen link is no way to guess the password without end.
async fn asvs_v6_3_1_guessing_with_a_link_is_slowed(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    session.request_change(NEW).await.expect(202);
    let secret = confirm_secret(&shop, NEW).await;
    for _ in 0..5 {
        let guess = shop.visitor().confirm(&secret, Some(NEW_PASSWORD)).await;
        guess.refused(403, "wrong_password");
    }
    let slowed = shop.visitor().confirm(&secret, Some(PASSWORD)).await;
    assert_eq!(slowed.refused(429, "too_many_requests").header("retry-after"), "30");
    // A session needs no guess.
    session.confirm(&secret).await.expect(200);
}

/// R-050, decision 3: 48 hours from each letter, to the millisecond; the earlier letters to the same mailbox
/// keep working until their own ends.
async fn asvs_v6_4_1_each_letter_lives_its_own_48_hours(ground: &Ground) {
    let shop = ground.open().await;
    let mut links = Vec::new();
    let begun = shop.now();
    for name in ["first", "second", "early", "late"] {
        let session = shop.customer(&format!("{name}@example.org")).await.sign_in().await;
        session.request_change(&format!("{name}@new.example.org")).await.expect(202);
        links.push((
            name,
            session,
            confirm_secret(&shop, &format!("{name}@new.example.org")).await,
        ));
    }
    shop.wait(Span::hours(1));
    for (name, session, _) in &links[..2] {
        let resent = session.resend_change().await.expect(202);
        assert_eq!(resent.str("/expires_at"), (shop.now() + Span::hours(48)).to_string());
        assert_eq!(resent.json()["new_email"], format!("{name}@new.example.org"));
    }
    let second = confirm_secret(&shop, "second@new.example.org").await;
    let confirm = async |secret: &str| shop.visitor().confirm(secret, Some(PASSWORD)).await;

    ground.clock.set(begun + Span::hours(48) - Span::from_millis(1));
    confirm(&links[0].2).await.expect(200);
    confirm(&links[2].2).await.expect(200);
    assert_eq!(links[3].1.panel().await["pending"]["state"], "pending");
    shop.wait(Span::from_millis(1));
    let expired = confirm(&links[3].2).await.refused(410, "link_expired");
    let actions = expired.json()["next_actions"].clone();
    assert_eq!(actions, json!(["resend_email_change", "request_email_change"]));
    confirm(&links[1].2).await.refused(410, "link_expired");
    shop.wait_almost(Span::hours(1));
    confirm(&second).await.expect(200);

    // expired is shown; another letter revives the change, with 48 hours of its own.
    let late = &links[3].1;
    let panel = late.panel().await;
    assert_eq!(
        (&panel["pending"]["state"], &panel["email"]),
        (&json!("expired"), &json!("late@example.org"))
    );
    late.resend_change().await.expect(202);
    assert_eq!(late.panel().await["pending"]["state"], "pending");
    confirm(&links[3].2).await.refused(410, "link_expired");
    let fresh = confirm_secret(&shop, "late@new.example.org").await;
    shop.wait_almost(Span::hours(48));
    confirm(&fresh).await.expect(200);
}

/// a minute between letters, six in all, and to one mailbox not more than five in an hour (CS-3).
async fn asvs_v2_3_2_letters_to_the_new_mailbox_have_a_cooldown_and_an_end(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    let nothing = session.resend_change().await.refused(409, "no_pending_email_change");
    assert_eq!(nothing.json()["next_actions"], json!(["request_email_change"]));
    session.request_change(NEW).await.expect(202);
    for letters in 1..=5 {
        let soon = session.resend_change().await.refused(429, "resend_too_soon");
        assert_eq!(soon.header("retry-after"), "60");
        shop.wait_almost(Span::seconds(60));
        session.resend_change().await.refused(429, "resend_too_soon");
        shop.wait(Span::from_millis(1));
        if letters == 5 {
            let full = session.resend_change().await.refused(429, "too_many_requests");
            assert_eq!(full.header("retry-after"), (3_600 - 5 * 60).to_string());
            shop.wait(Span::minutes(55));
        }
        session.resend_change().await.expect(202);
    }
    shop.wait(Span::hours(1));
    session.resend_change().await.refused(429, "resend_limit");
    assert_eq!(session.panel().await["pending"]["next_letter_at"], Value::Null);
    assert_eq!(shop.kinds_to(NEW).await, ["confirm_email_change"; 6]);
    // The old mailbox heard of it once.
    let kinds = shop.kinds_to(ADA).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "email_change_requested").count(), 1);
    let last = confirm_secret(&shop, NEW).await;
    session.confirm(&last).await.expect(200);
}

/// CS-22: one pending change; a new request takes its place and its links die.
async fn asvs_v2_3_4_a_new_request_supersedes_the_one_before(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    let first = session.request_change("first@new.example.org").await.expect(202).str("/id");
    shop.wait(Span::minutes(1));
    session.resend_change().await.expect(202);
    let links: Vec<_> = shop
        .letters_to("first@new.example.org")
        .await
        .into_iter()
        .map(|letter| letter.links[0].secret.clone())
        .collect();
    assert_eq!(links.len(), 2);
    let second = session.request_change("second@new.example.org").await.expect(202).str("/id");
    assert_ne!(first, second);
    assert_eq!(session.panel().await["pending"]["new_email"], "second@new.example.org");
    for link in &links {
        session.confirm(link).await.refused(410, "link_superseded");
        shop.visitor().confirm(link, Some(PASSWORD)).await.refused(410, "link_superseded");
    }
    let link = confirm_secret(&shop, "second@new.example.org").await;
    session.confirm(&link).await.expect(200);
    shop.visitor().sign_in("second@new.example.org", PASSWORD).await.expect(201);
}

/// The customer stops the change.
async fn a_cancelled_change_is_over(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    session.cancel_change().await.refused(409, "no_pending_email_change");
    session.request_change(NEW).await.expect(202);
    let link = confirm_secret(&shop, NEW).await;
    session.cancel_change().await.expect(204);
    assert_eq!(session.panel().await["pending"], Value::Null);
    session.confirm(&link).await.refused(410, "link_superseded");
    session.cancel_change().await.refused(409, "no_pending_email_change");
    session.resend_change().await.refused(409, "no_pending_email_change");
    shop.letter(ADA, "email_change_cancelled").await;
    assert_eq!(shop.told("email_change.cancelled").await, 1);
    // Expired is cancelled like pending.
    session.request_change(NEW).await.expect(202);
    shop.wait(Span::hours(48));
    assert_eq!(session.panel().await["pending"]["state"], "expired");
    session.cancel_change().await.expect(204);
    assert_eq!(session.panel().await["pending"], Value::Null);
}

/// spellings of one address are one; what its owner typed is kept.
async fn addresses_are_compared_folded_and_kept_as_typed(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    let body = json!({"email": "  Ada.Lovelace+shop@Bücher.Example ", "confirm_email": "ada.lovelace+SHOP@xn--bcher-kva.example"});
    let pending = session.post("/v1/me/email/change", &body).await.expect(202);
    assert_eq!(pending.str("/new_email"), "Ada.Lovelace+shop@bücher.example");
    let link = confirm_secret(&shop, "ada.lovelace+shop@bücher.example").await;
    let done = session.confirm(&link).await.expect(200);
    assert_eq!(done.str("/email"), "Ada.Lovelace+shop@bücher.example");
}

/// what became of the target between request and confirmation counts.
async fn asvs_v2_3_4_a_target_that_is_taken_meanwhile_is_refused_at_confirmation(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer(ADA).await.sign_in().await;
    session.request_change(NEW).await.expect(202);
    let link = confirm_secret(&shop, NEW).await;
    // the request has not reserved it. Its mailbox's owner registers.
    let owner = shop.customer(NEW).await;
    let refused = session.confirm(&link).await.refused(409, "email_in_use_by_account");
    assert_eq!(refused.json()["next_actions"], json!(["choose_account", "contact_shop"]));
    let by_password = shop.visitor().confirm(&link, Some(PASSWORD)).await;
    by_password.refused(409, "email_in_use_by_account");
    shop.wait(Span::minutes(1));
    session.resend_change().await.refused(409, "email_in_use_by_account");
    assert!(session.is_alive().await);
    assert_eq!(session.get("/v1/me").await.str("/email"), ADA);
    assert_eq!(owner.sign_in().await.get("/v1/me").await.str("/email"), NEW);

    // a contact that was heard of meanwhile.
    let contact = "known@example.org";
    session.request_change(contact).await.expect(202);
    let link = confirm_secret(&shop, contact).await;
    shop.known_contact(contact).await;
    let refused = session.confirm(&link).await.refused(409, "email_known_contact");
    assert_eq!(refused.json()["next_actions"], json!(["sign_out_and_register"]));
    shop.wait(Span::minutes(1));
    session.resend_change().await.refused(409, "email_known_contact");
    assert_eq!(shop.told("email_change.confirmed").await, 0);
}

/// MN-7, R-065, decision 0010: a squatter's unproved account gives way to whoever proves the mailbox.
async fn an_unproved_claim_gives_way_to_the_mailbox(ground: &Ground) {
    let shop = ground.open().await;
    let squatter = shop.registered(NEW).await;
    let squatting = squatter.sign_in().await;
    let squatters_link = shop.secret(NEW, "welcome").await;
    let session = shop.customer(ADA).await.sign_in().await;
    session.request_change(NEW).await.expect(202);
    assert!(squatting.is_alive().await, "a request touches nobody");
    let link = confirm_secret(&shop, NEW).await;
    session.confirm(&link).await.expect(200);
    assert!(!squatting.is_alive().await);
    shop.visitor().verify(&squatters_link, NEW_PASSWORD).await.refused(404, "link_unknown");
    let moved = shop.visitor().sign_in(NEW, PASSWORD).await.expect(201);
    assert_eq!(moved.str("/account/id"), session.account);
    assert_eq!(shop.told("account.displaced").await, 1);
}

/// R-064, CS-31: two accounts want one address; who confirms first has it.
async fn asvs_v2_3_4_of_two_that_want_one_address_the_first_to_confirm_has_it(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await.sign_in().await;
    let bob = shop.customer("bob@example.org").await.sign_in().await;
    ada.request_change(NEW).await.expect(202);
    let adas = confirm_secret(&shop, NEW).await;
    bob.request_change(NEW).await.expect(202);
    let bobs = confirm_secret(&shop, NEW).await;
    assert_ne!(adas, bobs);
    // Neither is good for the other.
    ada.confirm(&bobs).await.refused(403, "signed_in_to_other_account");
    bob.confirm(&bobs).await.expect(200);
    ada.confirm(&adas).await.refused(409, "email_in_use_by_account");
    assert_eq!(ada.get("/v1/me").await.str("/email"), ADA);
    assert_eq!(shop.told("email_change.confirmed").await, 1);
}

/// a mail server that refuses the mailbox for good makes the change undeliverable; the panel says so,
/// and another letter revives it.
async fn asvs_v16_5_2_a_mailbox_that_does_not_exist_shows_in_the_panel(ground: &Ground) {
    let sink = SmtpSink::start().await;
    let shop = ground.open_with_mail_server(&sink).await;
    shop.visitor().register(ADA, PASSWORD).await.expect(202);
    shop.settle().await;
    let secret_to = |to: &str| {
        let mut messages = sink.messages();
        messages.retain(|message| message.to == to);
        messages.iter().rev().find_map(rightful_testkit::smtp_sink::Message::secret).expect(to)
    };
    shop.visitor().verify(&secret_to(ADA), PASSWORD).await.expect(200);
    let answer = shop.visitor().sign_in(ADA, PASSWORD).await.expect(201);
    let token = answer.str("/token");
    let visitor = shop.visitor();
    let ask = |method: &str, path: &str| visitor.ask(method, path).bearer(&token);

    sink.refuse(NEW, true);
    let body = json!({"email": NEW, "confirm_email": NEW});
    ask("POST", "/v1/me/email/change").json(&body).send().await.expect(202);
    shop.settle().await;
    let panel = ask("GET", "/v1/me/email").send().await.json();
    assert_eq!(panel["pending"]["state"], "undeliverable");
    assert_eq!((&panel["email"], &panel["verified"]), (&json!(ADA), &json!(true)));
    assert_eq!(shop.told("email_change.undeliverable").await, 1);
    assert_eq!(shop.told("letter.died").await, 1);
    let dead = shop.rightful().postroom().dead_letters(10).await.expect("they are listed");
    let seen: Vec<_> = dead.iter().map(|letter| (&*letter.kind, letter.attempts)).collect();
    assert_eq!(seen, [("confirm_email_change", 1)]);
    assert!(dead[0].error.contains("550") && !dead[0].error.contains('@'), "{}", dead[0].error);

    // Still wrong: the same again. Put right: it goes on.
    shop.wait(Span::minutes(1));
    let resend = "/v1/me/email/change/resend";
    assert_eq!(ask("POST", resend).send().await.expect(202).str("/state"), "pending");
    shop.settle().await;
    let panel = ask("GET", "/v1/me/email").send().await.json();
    assert_eq!(panel["pending"]["state"], "undeliverable");
    sink.refuse(NEW, false);
    shop.wait(Span::minutes(1));
    ask("POST", resend).send().await.expect(202);
    shop.settle().await;
    let panel = ask("GET", "/v1/me/email").send().await.json();
    assert_eq!(panel["pending"]["state"], "pending");
    shop.visitor().confirm(&secret_to(NEW), Some(PASSWORD)).await.expect(200);
    shop.visitor().sign_in(NEW, PASSWORD).await.expect(201);
}

/// a released address rests thirty days: nobody else's, always its own account's again.
async fn a_released_address_rests_thirty_days_and_can_be_taken_back(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    shop.wait(Span::seconds(1));
    let session = ada.sign_in().await;
    session.request_change(NEW).await.expect(202);
    session.confirm(&confirm_secret(&shop, NEW).await).await.expect(200);
    let released = shop.now();

    // Somebody else: neither by registering nor by changing to it.
    shop.visitor().register(ADA, NEW_PASSWORD).await.expect(202);
    let letter = shop.letter(ADA, "address_resting").await;
    assert!(letter.links.is_empty());
    shop.visitor().sign_in(ADA, NEW_PASSWORD).await.refused(401, "wrong_credentials");
    let bob = shop.customer("bob@example.org").await;
    bob.sign_in().await.request_change(ADA).await.refused(409, "email_known_contact");

    // Its own account: not while the change can be disputed (decision 0014), and then as any other time.
    let moved = rightful_tests::Customer { email: NEW.to_owned(), ..ada.clone() };
    moved.sign_in().await.request_change(ADA).await.refused(409, "email_change_window");
    ground.clock.set(released + Span::days(7));
    let back = moved.sign_in().await;
    back.request_change(ADA).await.expect(202);
    back.confirm(&confirm_secret(&shop, ADA).await).await.expect(200);
    let released = shop.now();
    ada.sign_in().await;
    shop.visitor().register(NEW, NEW_PASSWORD).await.expect(202);
    shop.letter(NEW, "address_resting").await;

    // The other one has rested after thirty days, to the millisecond.
    ground.clock.set(released + Span::days(30) - Span::from_millis(1));
    shop.visitor().register(NEW, NEW_PASSWORD).await.expect(202);
    assert_eq!(shop.kinds_to(NEW).await.last().map(String::as_str), Some("address_resting"));
    bob.sign_in().await.request_change(NEW).await.refused(409, "email_known_contact");
    shop.wait(Span::from_millis(1));
    shop.visitor().register(NEW, NEW_PASSWORD).await.expect(202);
    assert_eq!(shop.kinds_to(NEW).await.last().map(String::as_str), Some("welcome"));
    let secret = shop.secret(NEW, "welcome").await;
    let fresh = shop.visitor().verify(&secret, NEW_PASSWORD).await.expect(200);
    assert_ne!(fresh.str("/id"), session.account, "it inherits nothing");
}

/// CS-29, decision 0014: while a change can be disputed there is no second one, whatever is proved.
async fn after_a_change_the_next_one_waits_seven_days(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    session.request_change(NEW).await.expect(202);
    session.confirm(&confirm_secret(&shop, NEW).await).await.expect(200);
    let confirmed = shop.now();
    let mut moved = rightful_tests::Customer { email: NEW.to_owned(), ..ada };
    let mut session = moved.sign_in().await;
    let third = "ada@third.example.org";
    session.request_change(third).await.refused(409, "email_change_window");
    shop.wait(Span::hours(1));
    session.change_password(PASSWORD, NEW_PASSWORD).await;
    NEW_PASSWORD.clone_into(&mut moved.password);
    let held = session.request_change(third).await.refused(409, "email_change_window");
    assert_eq!(held.header("retry-after"), (7 * 86_400 - 3_600).to_string());
    assert_eq!(held.json()["next_actions"], json!(["wait", "contact_shop"]));
    ground.clock.set(confirmed + Span::days(7) - Span::from_millis(1));
    let session = moved.sign_in().await;
    session.request_change(third).await.refused(409, "email_change_window");
    shop.wait(Span::from_millis(1));
    session.request_change(third).await.expect(202);
    session.confirm(&confirm_secret(&shop, third).await).await.expect(200);
}

rightful_tests::on_both_databases![
    asvs_v2_3_1_v6_3_7_v7_5_1_the_new_address_is_in_force_once_its_mailbox_is_proved,
    asvs_v7_6_2_v6_3_6_confirming_takes_the_mailbox_and_its_owner,
    asvs_v6_3_1_guessing_with_a_link_is_slowed,
    asvs_v6_4_1_each_letter_lives_its_own_48_hours,
    asvs_v2_3_2_letters_to_the_new_mailbox_have_a_cooldown_and_an_end,
    asvs_v2_3_4_a_new_request_supersedes_the_one_before,
    a_cancelled_change_is_over,
    addresses_are_compared_folded_and_kept_as_typed,
    asvs_v2_3_4_a_target_that_is_taken_meanwhile_is_refused_at_confirmation,
    an_unproved_claim_gives_way_to_the_mailbox,
    asvs_v2_3_4_of_two_that_want_one_address_the_first_to_confirm_has_it,
    asvs_v16_5_2_a_mailbox_that_does_not_exist_shows_in_the_panel,
    a_released_address_rests_thirty_days_and_can_be_taken_back,
    after_a_change_the_next_one_waits_seven_days,
];
