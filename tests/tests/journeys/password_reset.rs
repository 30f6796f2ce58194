//! A forgotten password (R-098 to R-103, CS-1 to CS-13, MN-17 to MN-22), and the ceiling of failures (63B §3.2.2).

use rightful_domain::values::Span;
use rightful_tests::{Ground, NEW_PASSWORD, PASSWORD, Session, Shop, Visitor};
use serde_json::{Value, json};

use super::assert_alike;

const ADA: &str = "ada@example.org";
const THIEFS: &str = "thief@evil.example.org";
const OWNERS: &str = "only the owner knows these";

/// The secret of a new letter that resets the password.
async fn asked(shop: &Shop, email: &str) -> String {
    shop.visitor().forget_password(email).await.expect(202);
    shop.secret(email, "reset_password").await
}

async fn signed_in(visitor: &Visitor, email: &str, password: &str) -> Session {
    let answer = visitor.sign_in(email, password).await.expect(201);
    Session {
        token: answer.str("/token"),
        id: answer.str("/session/id"),
        account: answer.str("/account/id"),
        device_token: answer.str("/device_token"),
        visitor: visitor.clone(),
    }
}

async fn count(shop: &Shop, email: &str, kind: &str) -> usize {
    shop.kinds_to(email).await.iter().filter(|found| *found == kind).count()
}

/// MN-20, MN-21, CS-10 to CS-12: from "forgot password?" to a new session, and everything older is
/// dead.
async fn asvs_v6_3_7_v7_4_3_a_forgotten_password_is_replaced_and_everything_older_dies(
    ground: &Ground,
) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let (old, other) = (ada.sign_in().await, ada.sign_in_at(&shop.visitor()).await);
    let pending = "ada.new@example.org";
    old.request_change(pending).await.expect(202);
    let confirm = shop.secret(pending, "confirm_email_change").await;
    let entries = shop.audit().await.len();

    // Asking changes nothing (CS-4).
    let next = shop.visitor().forget_password("ADA@example.org").await.expect(202);
    let minute = (shop.now() + Span::seconds(60)).to_string();
    assert_eq!((next.str("/status"), next.str("/next_allowed_at")), ("accepted".into(), minute));
    let letter = shop.letter(ADA, "reset_password").await;
    assert_eq!(letter.links[0].purpose, "reset-password");
    assert!(letter.links[0].secret.starts_with("rst_"));
    for fact in ["Firefox on Linux", "198.18."] {
        assert!(letter.text.contains(fact), "who asked: {fact}");
    }
    assert!(old.is_alive().await && other.is_alive().await);
    assert!(old.panel().await["pending"].is_object());
    assert_eq!(shop.acts_from(entries).await, ["password_reset.asked", "password_reset.issued"]);

    let secret = letter.links[0].secret.clone();
    let done = shop.visitor().reset_password(&secret, NEW_PASSWORD).await.expect(200);
    assert_eq!(
        done.json(),
        json!({"status": "completed", "next_actions": ["sign_in", "check_security"]})
    );
    assert!(done.headers.get("set-cookie").is_none(), "MN-21: no session");
    assert!(!old.is_alive().await && !other.is_alive().await);
    assert_eq!(
        shop.acts_from(entries + 2).await,
        ["password_reset.completed", "email_change.cancelled"]
    );
    let told = shop.letter(ADA, "password_reset").await;
    assert!(told.links.is_empty() && !told.text.contains(NEW_PASSWORD));

    shop.visitor().sign_in(ADA, PASSWORD).await.refused(401, "wrong_credentials");
    let session = signed_in(&shop.visitor(), ADA, NEW_PASSWORD).await;
    assert_eq!(session.panel().await["pending"], Value::Null, "CS-32");
    shop.visitor().confirm(&confirm, Some(NEW_PASSWORD)).await.refused(410, "link_superseded");
    // MN-20: a device of before is a stranger now, and so it is told of.
    let known = shop.visitor().with("x-device-token", &other.device_token);
    let again = known.sign_in(ADA, NEW_PASSWORD).await.expect(201);
    assert_ne!(again.str("/device_token"), other.device_token);
}

/// CS-1, CS-41, CS-45: one answer for every address, accepted or refused.
async fn asvs_v6_3_8_every_address_gets_the_same_answer(ground: &Ground) {
    let shop = ground.open().await;
    shop.customer(ADA).await;
    shop.registered("claimed@example.org").await;
    shop.known_contact("reader@example.org").await;
    let before = shop.letters().await.len();
    let everybody = [ADA, "claimed@example.org", "reader@example.org", "stranger@example.org"];
    let mut answers = Vec::new();
    for email in everybody {
        answers.push(shop.visitor().forget_password(email).await.expect(202));
    }
    assert_alike(&answers);
    let mut refused = Vec::new();
    for email in everybody {
        let answer = shop.visitor().forget_password(email).await;
        refused.push(answer.refused(429, "too_many_requests"));
    }
    assert_alike(&refused);
    assert_eq!(refused[0].header("retry-after"), "60");
    for (email, kind) in everybody.iter().zip(["reset_password", "reset_password", "no_account"]) {
        assert_eq!(count(&shop, email, kind).await, 1, "{email}");
    }
    assert_eq!(shop.letters().await.len(), before + 3, "nobody writes to strangers");
    // Neither the audit trail nor the answer has an address in it.
    let audit = format!("{:?}", shop.audit().await);
    assert!(!audit.contains('@'));
}

/// CS-3: so many letters an hour for an address, whatever the sources; and CS-13: the owner has always one that
/// works, or can have another.
async fn asvs_v2_4_1_a_mailbox_is_not_flooded_with_resets(ground: &Ground) {
    let shop = ground.open().await;
    shop.customer(ADA).await;
    // Letters of another kind leave these alone.
    for _ in 0..4 {
        shop.visitor().register(ADA, PASSWORD).await.expect(202);
    }
    for _ in 0..5 {
        shop.visitor().forget_password(ADA).await.expect(202);
        // The link's hour begins when its errand is done.
        shop.settle().await;
        shop.wait(Span::minutes(1));
    }
    shop.visitor().forget_password(ADA).await.refused(429, "too_many_requests");
    assert_eq!(count(&shop, ADA, "reset_password").await, 5);
    shop.wait_almost(Span::minutes(55));
    shop.visitor().forget_password(ADA).await.refused(429, "too_many_requests");
    let secret = shop.secret(ADA, "reset_password").await;
    let letters = shop.letters_to(ADA).await;
    let first = letters.iter().find(|letter| letter.kind == "reset_password").expect("the first");
    let first = first.links[0].secret.clone();
    shop.wait(Span::from_millis(1));
    // The first link is over in the very moment in which another letter can be had.
    shop.visitor().reset_password(&first, NEW_PASSWORD).await.refused(410, "link_expired");
    shop.visitor().forget_password(ADA).await.expect(202);
    shop.visitor().reset_password(&secret, NEW_PASSWORD).await.expect(200);
}

/// R-101, MN-17, MN-19, MN-44, CS-8, CS-52: an hour to the millisecond, once, for this account and this purpose.
async fn asvs_v6_4_1_a_reset_link_opens_one_account_once_for_an_hour(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let bob = shop.customer("bob@example.org").await;
    let (adas, bobs) = (asked(&shop, ADA).await, asked(&shop, "bob@example.org").await);
    assert_ne!(adas, bobs);
    for odd in ["", "rst_", &format!("rst_{}", "A".repeat(43)), &adas[..46], &adas.to_lowercase()] {
        let refused = shop.visitor().reset_password(odd, NEW_PASSWORD).await;
        let refused = refused.refused(404, "link_unknown");
        assert_eq!(refused.json()["next_actions"], json!(["reset_password", "sign_in"]));
    }
    // Another purpose's, either way.
    shop.registered("claimed@example.org").await;
    let verify = shop.secret("claimed@example.org", "welcome").await;
    shop.visitor().reset_password(&verify, NEW_PASSWORD).await.refused(404, "link_unknown");
    shop.visitor().verify(&adas, NEW_PASSWORD).await.refused(404, "link_unknown");
    shop.visitor().dispute(&adas).await.refused(404, "link_unknown");
    let renamed = adas.replacen("rst_", "vfy_", 1);
    shop.visitor().verify(&renamed, NEW_PASSWORD).await.refused(404, "link_unknown");

    // CS-9: a password that is refused uses nothing up.
    shop.visitor().reset_password(&bobs, "short").await.refused(422, "password_too_short");
    shop.visitor().reset_password(&bobs, "bob@example.org").await.refused(422, "password_own_data");
    shop.wait_almost(Span::hours(1));
    shop.visitor().reset_password(&bobs, NEW_PASSWORD).await.expect(200);
    shop.visitor().reset_password(&bobs, OWNERS).await.refused(410, "link_used");
    shop.wait(Span::from_millis(1));
    shop.visitor().reset_password(&adas, NEW_PASSWORD).await.refused(410, "link_expired");
    // It was Bob's: Ada's password is what it was.
    ada.sign_in().await;
    shop.visitor().sign_in(&bob.email, NEW_PASSWORD).await.expect(201);

    // Two letters: each works until its own end, and one that was used kills the other.
    let first = asked(&shop, ADA).await;
    shop.wait(Span::minutes(1));
    let second = asked(&shop, ADA).await;
    shop.visitor().reset_password(&first, NEW_PASSWORD).await.expect(200);
    shop.visitor().reset_password(&second, OWNERS).await.refused(410, "link_superseded");
    // And so does another password, and another address.
    let third = asked(&shop, "bob@example.org").await;
    let mut session = signed_in(&shop.visitor(), "bob@example.org", NEW_PASSWORD).await;
    session.change_password(NEW_PASSWORD, OWNERS).await;
    shop.visitor().reset_password(&third, PASSWORD).await.refused(410, "link_superseded");
    shop.wait(Span::minutes(1));
    let fourth = asked(&shop, "bob@example.org").await;
    session.request_change("bob.new@example.org").await.expect(202);
    let confirm = shop.secret("bob.new@example.org", "confirm_email_change").await;
    session.confirm(&confirm).await.expect(200);
    shop.visitor().reset_password(&fourth, PASSWORD).await.refused(410, "link_superseded");
}

/// MN-2 to MN-4, MN-7: of an account that nobody has proved, it is the first proof; what a squatter had is dead.
async fn mn_3_a_reset_takes_a_squatters_claim(ground: &Ground) {
    let shop = ground.open().await;
    let squatter = shop.registered(ADA).await;
    let session = squatter.sign_in().await;
    let welcome = shop.secret(ADA, "welcome").await;
    let secret = asked(&shop, ADA).await;
    // The squatter registers again in between, and kills nothing.
    shop.visitor().register(ADA, "the squatters own words").await.expect(202);
    shop.visitor().reset_password(&secret, OWNERS).await.expect(200);
    assert!(!session.is_alive().await);
    let owner = signed_in(&shop.visitor(), ADA, OWNERS).await;
    let me = owner.get("/v1/me").await.expect(200).json();
    assert_eq!((&me["verified"], &me["name"]), (&json!(true), &Value::Null));
    shop.visitor().verify(&welcome, NEW_PASSWORD).await.refused(410, "link_superseded");
    for password in [PASSWORD, "the squatters own words"] {
        shop.visitor().sign_in(ADA, password).await.refused(401, "wrong_credentials");
    }
    assert_eq!(count(&shop, ADA, "mailbox_proved").await, 1);
}

/// MN-29, decisions 0009, 0013, 0019: a thief moved the account to a mailbox of theirs and resets the password
/// there. The old mailbox hears of it; its freeze and its dispute are what they were.
async fn mn_29_a_reset_by_the_thief_leaves_the_dispute_as_strong(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    shop.wait(Span::seconds(1));
    let thief = ada.sign_in_at(&shop.visitor()).await;
    thief.request_change(THIEFS).await.expect(202);
    let confirm = shop.secret(THIEFS, "confirm_email_change").await;
    thief.confirm(&confirm).await.expect(200);
    let dispute = shop.secret(ADA, "email_changed_old").await;

    let secret = asked(&shop, THIEFS).await;
    assert_eq!(count(&shop, ADA, "reset_password").await, 0, "MN-17: the mailbox in force alone");
    shop.visitor().reset_password(&secret, "the thiefs own words").await.expect(200);
    assert_eq!(count(&shop, ADA, "password_reset").await, 1, "63B §4.6");
    assert_eq!(count(&shop, THIEFS, "password_reset").await, 1);

    // Frozen, it is reset once more, and stays frozen.
    shop.visitor().dispute(&dispute).await.expect(200);
    shop.wait(Span::minutes(1));
    let secret = asked(&shop, THIEFS).await;
    shop.visitor().reset_password(&secret, "other words of the thief").await.expect(200);
    let thief = signed_in(&shop.visitor(), THIEFS, "other words of the thief").await;
    assert!(thief.get("/v1/me").await.json()["frozen_until"].is_string());
    thief.request_change("elsewhere@evil.example.org").await.refused(403, "account_frozen");
    let refused = thief.try_change_password("other words of the thief", NEW_PASSWORD).await;
    refused.refused(403, "account_frozen");
    shop.visitor()
        .restore(&dispute, "the thiefs own words", NEW_PASSWORD)
        .await
        .refused(403, "wrong_password");
    shop.visitor().restore(&dispute, PASSWORD, OWNERS).await.expect(200);
    assert!(!thief.is_alive().await);
    signed_in(&shop.visitor(), ADA, OWNERS).await;
    shop.visitor()
        .sign_in(THIEFS, "other words of the thief")
        .await
        .refused(401, "wrong_credentials");
    // Asked from the mailbox that is no longer in force: there is nothing there to reset.
    shop.wait(Span::minutes(1));
    let before = count(&shop, THIEFS, "reset_password").await;
    shop.visitor().forget_password(THIEFS).await.expect(202);
    assert_eq!(count(&shop, THIEFS, "reset_password").await, before);
}

/// MN-26, decision 0019: who reads a mailbox has the account as long as it is in force; the owner flees from it, and
/// nothing that its reader had set brings the account back.
async fn mn_26_the_owner_flees_from_a_mailbox_that_others_read(ground: &Ground) {
    let shop = ground.open().await;
    shop.customer(ADA).await;
    let thiefs = ["the thiefs first words", "the thiefs second words"];
    let secret = asked(&shop, ADA).await;
    shop.visitor().reset_password(&secret, thiefs[0]).await.expect(200);
    let mut thief = signed_in(&shop.visitor(), ADA, thiefs[0]).await;
    thief.change_password(thiefs[0], thiefs[1]).await;

    shop.wait(Span::minutes(1));
    let secret = asked(&shop, ADA).await;
    shop.visitor().reset_password(&secret, OWNERS).await.expect(200);
    assert!(!thief.is_alive().await, "MN-20");
    let owner = signed_in(&shop.visitor(), ADA, OWNERS).await;
    owner.request_change("ada.safe@example.org").await.expect(202);
    let confirm = shop.secret("ada.safe@example.org", "confirm_email_change").await;
    owner.confirm(&confirm).await.expect(200);

    let dispute = shop.secret(ADA, "email_changed_old").await;
    for password in thiefs {
        let refused = shop.visitor().restore(&dispute, password, NEW_PASSWORD).await;
        refused.refused(403, "wrong_password");
    }
    shop.wait(Span::minutes(1));
    shop.visitor().forget_password(ADA).await.expect(202);
    assert_eq!(count(&shop, ADA, "reset_password").await, 2, "no more links go there");
    signed_in(&shop.visitor(), "ada.safe@example.org", OWNERS).await;
    // And the owner who forgot nothing could still undo a theft: the password from before the resets proves it.
    shop.visitor().restore(&dispute, PASSWORD, NEW_PASSWORD).await.expect(200);
}

/// CS-54, MN-8: scanners open the link of the letter, and nothing happens.
async fn asvs_v3_5_3_opening_a_reset_link_changes_nothing(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    let secret = asked(&shop, ADA).await;
    let letter = shop.letter(ADA, "reset_password").await;
    let before = shop.audit().await.len();
    let path = letter.links[0].url.strip_prefix(rightful_tests::ORIGIN).expect("our own origin");
    let (page, behind) = path.split_once('#').expect("the secret is behind the #");
    assert_eq!((page, behind), ("/links/reset-password", &*secret));
    let scanner = shop.visitor().with("user-agent", "LinkScanner/1.0");
    for path in [page.to_owned(), format!("{page}?token={secret}")] {
        for method in ["GET", "HEAD"] {
            let answer = scanner.ask(method, &path).send().await.expect(200);
            assert!(!answer.text().contains(&secret));
            assert_eq!(answer.header("referrer-policy"), "no-referrer");
        }
    }
    let get = scanner.get(&format!("/v1/password-resets/complete?token={secret}")).await;
    assert_eq!(get.status, 405);
    assert_eq!(shop.audit().await.len(), before);
    assert!(session.is_alive().await);
    shop.visitor().reset_password(&secret, NEW_PASSWORD).await.expect(200);
}

/// 63B §3.2.2, MN-16, MN-50, CS-45: after a hundred wrong passwords in a row the password is disabled, for a known
/// address as for any; a device that is known is counted apart; and a reset is the way back.
async fn mn_16_after_a_hundred_failures_only_a_reset_helps(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let at_home = ada.sign_in().await;
    let strangers = "stranger@example.org";
    for number in 0..100 {
        for email in [ADA, strangers] {
            let guess = shop.visitor().sign_in(email, NEW_PASSWORD).await;
            assert_eq!(guess.status, 401, "{email}, guess {number}: {guess}");
        }
        // However slowly: there is no rest that makes them fewer.
        shop.wait(Span::hours(7));
    }
    shop.wait(Span::days(100));
    let mut disabled = Vec::new();
    for (email, password) in [(ADA, PASSWORD), (ADA, NEW_PASSWORD), (strangers, PASSWORD)] {
        let refused = shop.visitor().sign_in(email, password).await;
        disabled.push(refused.refused(403, "password_disabled"));
    }
    assert_alike(&disabled);
    assert_eq!(disabled[0].json()["next_actions"], json!(["reset_password"]));
    assert!(disabled[0].headers.get("retry-after").is_none(), "waiting does not help");
    let known = shop.visitor().with("x-device-token", &at_home.device_token);
    known.sign_in(ADA, PASSWORD).await.expect(201);
    shop.visitor().sign_in(ADA, PASSWORD).await.refused(403, "password_disabled");

    let secret = asked(&shop, ADA).await;
    shop.visitor().reset_password(&secret, NEW_PASSWORD).await.expect(200);
    signed_in(&shop.visitor(), ADA, NEW_PASSWORD).await;
}

/// 63B §3.2.2: so it is in sessions, for the thief of one who guesses; and a reset is the way back there too.
async fn mn_16_proofs_in_sessions_have_a_ceiling_of_their_own(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let mut session = ada.sign_in().await;
    let wrong = json!({"password": NEW_PASSWORD});
    for number in 0..100 {
        let refused = session.post("/v1/session/reauthentication", &wrong).await;
        refused.refused(403, "wrong_password");
        shop.wait(Span::minutes(61));
        if number % 50 == 49 {
            session = ada.sign_in_at(&session.visitor).await;
        }
    }
    let right = json!({"password": PASSWORD});
    let refused = session.post("/v1/session/reauthentication", &right).await;
    let refused = refused.refused(403, "password_disabled");
    assert_eq!(refused.json()["next_actions"], json!(["reset_password"]));
    let secret = asked(&shop, ADA).await;
    shop.visitor().reset_password(&secret, OWNERS).await.expect(200);
    let mut session = signed_in(&shop.visitor(), ADA, OWNERS).await;
    session.prove_again(OWNERS).await;
}

/// nobody is told by a letter in a language that they do not read.
async fn letters_of_resets_are_in_the_language_of_the_account(ground: &Ground) {
    let shop = ground.open().await;
    let email = "amelie@example.org";
    let body = json!({"email": email, "password": PASSWORD, "language": "fr"});
    shop.visitor().post("/v1/registrations", &body).await.expect(202);
    let secret = shop.secret(email, "welcome").await;
    shop.visitor().verify(&secret, PASSWORD).await.expect(200);
    let secret = asked(&shop, email).await;
    let letter = shop.letter(email, "reset_password").await;
    assert!(letter.subject.starts_with("Choisissez"), "{}", letter.subject);
    shop.visitor().reset_password(&secret, NEW_PASSWORD).await.expect(200);
    assert!(shop.letter(email, "password_reset").await.subject.contains("a été remplacé"));
}

rightful_tests::on_both_databases![
    asvs_v6_3_7_v7_4_3_a_forgotten_password_is_replaced_and_everything_older_dies,
    asvs_v6_3_8_every_address_gets_the_same_answer,
    asvs_v2_4_1_a_mailbox_is_not_flooded_with_resets,
    asvs_v6_4_1_a_reset_link_opens_one_account_once_for_an_hour,
    mn_3_a_reset_takes_a_squatters_claim,
    mn_29_a_reset_by_the_thief_leaves_the_dispute_as_strong,
    mn_26_the_owner_flees_from_a_mailbox_that_others_read,
    asvs_v3_5_3_opening_a_reset_link_changes_nothing,
    mn_16_after_a_hundred_failures_only_a_reset_helps,
    mn_16_proofs_in_sessions_have_a_ceiling_of_their_own,
    letters_of_resets_are_in_the_language_of_the_account,
];
