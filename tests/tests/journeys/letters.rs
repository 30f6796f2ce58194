//! Letters (R-018, R-019, R-150, security §3.5, CS-6, CS-51, MN-47).

use std::time::Duration;

use rightful_domain::values::Span;
use rightful_tests::{Customer, Ground, NEW_PASSWORD, ORIGIN, PASSWORD, Shop, SmtpSink};
use serde_json::json;
use tokio::time::{sleep, timeout};

const ADA: &str = "ada@example.org";
const NEW: &str = "ada@new.example.org";

/// One letter of every kind that a customer's life brings, to somebody who reads this language.
async fn a_life(shop: &Shop, language: &str) {
    let visitor = shop.visitor().with("accept-language", language);
    visitor.register(ADA, PASSWORD).await.expect(202);
    visitor.register(ADA, PASSWORD).await.expect(202);
    let secret = shop.secret(ADA, "welcome").await;
    visitor.verify(&secret, PASSWORD).await.expect(200);
    visitor.register(ADA, PASSWORD).await.expect(202);
    shop.wait(Span::hours(2));
    let answer = visitor.sign_in(ADA, PASSWORD).await.expect(201);
    let ada = Customer { email: ADA.into(), password: PASSWORD.into(), visitor: visitor.clone() };
    assert_eq!(answer.str("/account/language"), language);
    let mut session = ada.sign_in_at(&shop.visitor()).await;
    let name = json!({"name": "Ada"});
    session.ask("PATCH", "/v1/me").header("if-match", "*").json(&name).send().await.expect(200);
    session.poke("/v1/sessions/end-others").await.expect(204);
    session.change_password(PASSWORD, NEW_PASSWORD).await;
    session.request_change(NEW).await.expect(202);
    session.cancel_change().await.expect(204);
    session.request_change(NEW).await.expect(202);
    session.confirm(&shop.secret(NEW, "confirm_email_change").await).await.expect(200);
    visitor.register(ADA, PASSWORD).await.expect(202);
    let dispute = shop.secret(ADA, "email_changed_old").await;
    visitor.dispute(&dispute).await.expect(200);
    visitor.restore(&dispute, NEW_PASSWORD, "only the owner knows these").await.expect(200);
    visitor.forget_password(ADA).await.expect(202);
    let reset = shop.secret(ADA, "reset_password").await;
    visitor.reset_password(&reset, NEW_PASSWORD).await.expect(200);
    visitor.forget_address(ADA).await.expect(202);
    shop.known_contact("reader@example.org").await;
    visitor.forget_address("reader@example.org").await.expect(202);
}

/// Every kind but those that only another configuration sends.
const KINDS: [&str; 20] = [
    "account_reminder",
    "address_resting",
    "already_registered",
    "confirm_email_change",
    "email_change_cancelled",
    "email_change_disputed",
    "email_change_requested",
    "email_change_reverted",
    "email_changed_new",
    "email_changed_old",
    "mailbox_proved",
    "new_sign_in",
    "no_account",
    "password_changed",
    "password_reset",
    "profile_changed",
    "reset_password",
    "sessions_ended",
    "verify_address",
    "welcome",
];

/// a letter is in the language of its account, whatever the request that caused it speaks.
async fn letters_are_in_the_language_of_the_account(ground: &Ground) {
    let shop = ground.open().await;
    a_life(&shop, "fr").await;
    let letters = shop.letters().await;
    let mut kinds: Vec<_> = letters.iter().map(|letter| letter.kind.clone()).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, KINDS);
    for letter in &letters {
        assert_eq!(letter.language, "fr", "{}", letter.kind);
        assert!(letter.html.contains("lang=\"fr\""), "{}", letter.kind);
        assert!(letter.subject.chars().count() > 8, "{}", letter.subject);
    }
    let changed = shop.letter(ADA, "email_changed_old").await;
    assert_eq!(changed.subject, "Votre adresse e-mail a été modifiée");

    // Said at registration, it goes before the language of the browser.
    let french = shop.visitor().with("accept-language", "fr");
    let body = json!({"email": "bob@example.org", "password": PASSWORD, "language": "en"});
    french.post("/v1/registrations", &body).await.expect(202);
    assert_eq!(shop.letter("bob@example.org", "welcome").await.language, "en");
    // What is neither of ours is English.
    let german = shop.visitor().with("accept-language", "de-CH, de;q=0.9");
    german.register("eva@example.org", PASSWORD).await.expect(202);
    assert_eq!(shop.letter("eva@example.org", "welcome").await.language, "en");
}

/// Security §3.5, CS-10, ASVS V6.3.6: no letter holds anything that signs in, a password, or a link elsewhere
/// than to the pages of links.
async fn asvs_v6_3_6_v14_2_1_no_letter_signs_anybody_in(ground: &Ground) {
    let shop = ground.open().await;
    a_life(&shop, "en").await;
    let letters = shop.letters().await;
    assert!(letters.len() >= KINDS.len());
    for letter in &letters {
        let whole = format!("{}\n{}\n{}", letter.subject, letter.text, letter.html);
        for forbidden in [PASSWORD, NEW_PASSWORD, "ses_", "dev_", "http://", "<img", "<script"] {
            assert!(!whole.contains(forbidden), "{} holds {forbidden}", letter.kind);
        }
        for part in whole.split("https://").skip(1) {
            let known = part.starts_with("accounts.maison-lune.example/links/");
            assert!(known, "{} leads to {part:.60}", letter.kind);
        }
        assert!(letter.links.len() <= 1);
        for link in &letter.links {
            // The secret is behind the #, which no browser sends (CS-56).
            assert_eq!(link.url, format!("{ORIGIN}/links/{}#{}", link.purpose, link.secret));
            let answer = shop.visitor().ask("GET", "/v1/me").bearer(&link.secret).send().await;
            answer.refused(401, "unauthenticated");
            let cookie = format!("__Host-rightful_session={}", link.secret);
            let answer = shop.visitor().ask("GET", "/v1/me").header("cookie", &cookie).send().await;
            answer.refused(401, "unauthenticated");
        }
        assert!(letter.text.contains("Maison Lune"), "who writes: {}", letter.kind);
        assert!(letter.text.contains("help@maison-lune.example"), "whom to ask: {}", letter.kind);
    }
}

/// Security §3.5: every notice of a deed says when, from where and with what.
async fn asvs_v6_3_7_a_notice_says_when_from_where_and_with_what(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let at = shop.visitor_from("203.0.113.77");
    let mut session = ada.sign_in_at(&at).await;
    session.change_password(PASSWORD, NEW_PASSWORD).await;
    session.request_change(NEW).await.expect(202);
    for kind in ["password_changed", "email_change_requested"] {
        let letter = shop.letter(ADA, kind).await;
        for fact in ["203.0.113.77", "Firefox on Linux", "2026", "09:00"] {
            assert!(letter.text.contains(fact), "{kind} lacks {fact}: {}", letter.text);
            assert!(letter.html.contains(fact), "{kind} lacks {fact}");
        }
    }
}

/// CS-6, MN-47, ASVS V15.3.4: whatever headers a request forges, nothing of them gets into a letter.
async fn asvs_v4_1_3_v15_3_4_forged_headers_never_reach_a_letter(ground: &Ground) {
    // Behind no proxy that we know.
    let shop = ground.open_with(|config| config.server.trusted_proxies = Vec::new()).await;
    let forged = shop
        .visitor_from("6.6.6.6")
        .with("host", "evil.example")
        .with("x-forwarded-host", "evil.example")
        .with("x-forwarded-proto", "http")
        .with("x-forwarded-port", "666")
        .with("x-original-url", "https://evil.example/")
        .with("x-real-ip", "6.6.6.6")
        .with("forwarded", "for=6.6.6.6;host=evil.example;proto=http")
        .with("origin", "https://evil.example")
        .with("referer", "https://evil.example/")
        .with("user-agent", "https://evil.example/ (call 6.6.6.6)")
        .with("request-id", "evil.example-6.6.6.6");
    forged.register(ADA, PASSWORD).await.expect(202);
    forged.register(ADA, PASSWORD).await.expect(202);
    let secret = shop.secret(ADA, "welcome").await;
    forged.verify(&secret, PASSWORD).await.expect(200);
    forged.register(ADA, PASSWORD).await.expect(202);
    shop.wait(Span::minutes(2));
    forged.resend_verification(ADA).await.expect(202);
    let ada = Customer { email: ADA.into(), password: PASSWORD.into(), visitor: forged.clone() };
    let mut session = ada.sign_in().await;
    session.change_password(PASSWORD, NEW_PASSWORD).await;
    session.request_change(NEW).await.expect(202);
    shop.wait(Span::minutes(1));
    session.resend_change().await.expect(202);
    session.confirm(&shop.secret(NEW, "confirm_email_change").await).await.expect(200);
    let dispute = shop.secret(ADA, "email_changed_old").await;
    forged.dispute(&dispute).await.expect(200);
    let problem = forged.get("/v1/me").await.refused(401, "unauthenticated");
    assert_eq!(problem.str("/type"), format!("{ORIGIN}/problems/unauthenticated"));

    let letters = shop.letters().await;
    assert!(letters.len() > 8);
    for letter in letters {
        let whole =
            format!("{}\n{}\n{}\n{}", letter.from, letter.subject, letter.text, letter.html);
        for part in ["evil", "6.6.6.6", "666"] {
            // Secrets are random: they may hold anything.
            let told =
                letter.links.iter().fold(whole.clone(), |w, link| w.replace(&link.secret, ""));
            assert!(!told.contains(part), "{} holds {part}: {told}", letter.kind);
        }
        for link in &letter.links {
            assert!(link.url.starts_with(ORIGIN));
        }
    }
}

/// CS-5, CS-51, MN-42, MN-48: a look into the whole database finds nothing that opens anything, whether its
/// letter is sent or not; and the waiting letters name nobody.
async fn nothing_stored_opens_anything(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    session.request_change(NEW).await.expect(202);
    let mut secrets: Vec<String> = shop
        .letters()
        .await
        .into_iter()
        .flat_map(|letter| letter.links)
        .map(|link| link.secret)
        .collect();
    assert_eq!(secrets.len(), 3);
    secrets.extend([session.token.clone(), session.device_token.clone()]);
    secrets.extend([PASSWORD.to_owned()]);
    let cookie = json!({"email": ADA, "password": PASSWORD, "carrier": "cookie"});
    let keyed = shop.visitor().ask("POST", "/v1/sessions").json(&cookie);
    let keyed =
        keyed.header("sec-fetch-site", "same-origin").header("idempotency-key", "keep-this");
    let kept = keyed.send().await.expect(201);
    secrets.push(kept.cookie("__Host-rightful_session").expect("a cookie").1);
    secrets.push(kept.str("/csrf_token"));
    shop.settle().await;
    shop.close().await;

    // Letters that wait, in a server that sends none.
    let shop = ground.open_without_workers().await;
    let unsent = "somebody.unheard.of@example.org";
    shop.visitor().register(unsent, PASSWORD).await.expect(202);
    let leased = shop.rightful().ports().letters.lease(100, shop.now(), Span::minutes(1)).await;
    let leased = leased.expect("they can be leased");
    assert_eq!(leased.len(), 1);
    for record in &leased {
        let sealed = record.payload.as_bytes();
        for clear in [unsent, "somebody", "vfy_", "kind", "welcome"] {
            assert!(!contains(sealed, clear), "{clear} can be read in the outbox");
        }
        let vault = &*shop.rightful().ports().vault;
        let letter = record.open(vault).expect("whoever has the key reads it");
        assert_eq!(letter.to.as_str(), unsent);
        match letter.content {
            rightful_domain::letters::LetterContent::Welcome { verify: Some(secret), .. } => {
                secrets.push(secret.0.expose().to_owned());
            }
            other => panic!("{other:?}"),
        }
    }
    shop.close().await;

    let stored = ground.everything_stored();
    assert!(contains(&stored, unsent), "the look itself works: the account's address is there");
    for secret in &secrets {
        assert!(!contains(&stored, secret), "{}… is stored in clear", &secret[..4]);
        let (_, digits) = secret.split_once('_').unwrap_or(("", secret));
        assert!(!contains(&stored, digits), "{}… is stored without its prefix", &secret[..4]);
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// A letter that was given up is listed and can be tried again; everything else goes on meanwhile.
async fn asvs_v16_5_2_dead_letters_are_listed_and_tried_again(ground: &Ground) {
    let sink = SmtpSink::start().await;
    let shop = ground.open_with_mail_server(&sink).await;
    sink.refuse(ADA, true);
    shop.visitor().register(ADA, PASSWORD).await.expect(202);
    shop.visitor().register("bob@example.org", PASSWORD).await.expect(202);
    shop.settle().await;
    let to = |email: &str| sink.messages().into_iter().filter(|m| m.to == email).count();
    assert_eq!((to(ADA), to("bob@example.org")), (0, 1));
    let postroom = shop.rightful().postroom();
    let dead = postroom.dead_letters(10).await.expect("they are listed");
    let [letter] = &dead[..] else { panic!("{dead:?}") };
    assert_eq!((&*letter.kind, letter.attempts, letter.died_at), ("welcome", 1, shop.now()));
    assert!(letter.error.contains("550") && !letter.error.contains("ada"), "{}", letter.error);

    sink.refuse(ADA, false);
    postroom.revive(letter.id).await.expect("it is put back");
    shop.settle().await;
    assert_eq!(to(ADA), 1);
    assert!(postroom.dead_letters(10).await.expect("they are listed").is_empty());
    postroom.revive(letter.id).await.expect_err("it is not dead any more");
    let message = sink.messages().into_iter().find(|m| m.to == ADA).expect("it came");
    assert_eq!(message.id(), letter.id.to_string(), "the same letter, by its Message-ID");
    shop.visitor().verify(&message.secret().expect("a link"), PASSWORD).await.expect(200);
    assert_eq!((shop.told("letter.died").await, shop.told("letter.revived").await), (1, 1));
}

/// Security §4.5: a mail server that is away slows nobody; the letters arrive once it is back, each once.
async fn asvs_v16_5_2_letters_wait_for_a_mail_server_that_is_away(ground: &Ground) {
    let sink = SmtpSink::start().await;
    sink.be_away(true);
    let shop = ground.open_with_mail_server(&sink).await;
    for number in 0..5 {
        let email = format!("person{number}@example.org");
        shop.visitor().register(&email, PASSWORD).await.expect(202);
        shop.visitor().sign_in(&email, PASSWORD).await.expect(201);
    }
    assert_eq!(sink.messages(), []);
    sink.be_away(false);
    // The next tries are due ten seconds on, then twenty, and so forth; the clock goes on while they wait.
    let arrived = async {
        while sink.messages().len() < 5 {
            shop.wait(Span::seconds(15));
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(30), arrived).await.expect("letters arrive");
    shop.settle().await;
    let mut to: Vec<_> = sink.messages().into_iter().map(|message| message.to).collect();
    to.sort();
    let wanted: Vec<_> = (0..5).map(|number| format!("person{number}@example.org")).collect();
    assert_eq!(to, wanted);
}

rightful_tests::on_both_databases![
    letters_are_in_the_language_of_the_account,
    asvs_v6_3_6_v14_2_1_no_letter_signs_anybody_in,
    asvs_v6_3_7_a_notice_says_when_from_where_and_with_what,
    asvs_v4_1_3_v15_3_4_forged_headers_never_reach_a_letter,
    nothing_stored_opens_anything,
    asvs_v16_5_2_dead_letters_are_listed_and_tried_again,
    asvs_v16_5_2_letters_wait_for_a_mail_server_that_is_away,
];
