//! Registering, and proving the mailbox (R-007 to R-018, MN-1 to MN-9).

use rightful_domain::policy::Welcome;
use rightful_domain::values::Span;
use rightful_tests::{Ground, NEW_PASSWORD, PASSWORD};
use serde_json::json;

use crate::assert_alike;

const ADA: &str = "ada@example.org";

/// R-009, ASVS V6.2: ten code points of any kind, and nothing that thieves try first.
async fn asvs_v6_2_1_v6_2_4_v6_2_5_v6_2_11_v6_2_12_ten_characters_pass_and_easy_ones_do_not(
    ground: &Ground,
) {
    let shop = ground.open().await;
    let refused = [
        ("ninechars", "password_too_short"),
        ("🦀🐙🦑🐠🐟🐬🐳🦈🐊", "password_too_short"),
        ("         ", "password_too_short"),
        ("", "password_too_short"),
        ("qwertyuiop", "password_leaked"),
        ("QwertyUiop", "password_leaked"),
        ("zoe.martin@example.org", "password_own_data"),
        ("zoe.martin", "password_own_data"),
        ("Zoë Martin", "password_own_data"),
        ("aaaaaaaaaa", "password_repetition"),
        ("          ", "password_repetition"),
        ("abcabcabcabc", "password_repetition"),
        (&"x y".repeat(86), "password_too_long"),
    ];
    let visitor = shop.visitor();
    for (password, code) in refused {
        let body =
            json!({"email": "Zoe.Martin@example.org", "password": password, "name": "Zoë Martin"});
        let answer = visitor.post("/v1/registrations", &body).await.refused(422, code);
        assert_eq!(answer.str("/errors/0/pointer"), "#/password", "{password}");
        if code == "password_too_short" {
            assert!(answer.str("/detail").contains("10"), "R-009: the message names the number");
        }
    }
    assert_eq!(shop.letters().await.len(), 0);

    let accepted =
        ["ten chars!", "🦀🐙🦑🐠🐟🐬🐳🦈🐊🐢", "  kept  as  typed  ", "alllowercaseletters"];
    for (number, password) in accepted.into_iter().enumerate() {
        let email = format!("person{number}@example.org");
        shop.visitor().register(&email, password).await.expect(202);
        shop.visitor().sign_in(&email, password).await.expect(201);
        shop.visitor()
            .sign_in(&email, password.trim_end_matches([' ', '!', '🐢', 's']))
            .await
            .refused(401, "wrong_credentials");
    }
}

/// ASVS V6.2.9, V6.2.8: 64 and more are taken whole, and nothing is cut off.
async fn asvs_v6_2_8_v6_2_9_a_long_password_counts_to_its_last_character(ground: &Ground) {
    let shop = ground.open().await;
    let long: String = (0..=255_u8).map(|n| char::from(b'a' + n.wrapping_mul(n) % 23)).collect();
    shop.visitor().register(ADA, &long).await.expect(202);
    shop.visitor().sign_in(ADA, &long).await.expect(201);
    for wrong in [&long[..255], &format!("{long}x"), &long.to_uppercase(), &long[1..]] {
        shop.visitor().sign_in(ADA, wrong).await.refused(401, "wrong_credentials");
    }
}

/// R-015, CS-1, CS-44: nobody learns from the answer whether an address has an account.
async fn asvs_v6_3_8_every_address_gets_the_same_answer(ground: &Ground) {
    let shop = ground.open().await;
    let moved = shop.customer("resting@example.org").await;
    let session = moved.sign_in().await;
    session.request_change("elsewhere@example.org").await.expect(202);
    let secret = shop.secret("elsewhere@example.org", "confirm_email_change").await;
    session.confirm(&secret).await.expect(200);
    shop.customer("verified@example.org").await;
    shop.registered("unverified@example.org").await;
    shop.settle().await;
    let before = shop.letters().await.len();

    let mut answers = Vec::new();
    let cases = ["unknown", "unverified", "verified", "resting"];
    for case in cases {
        let email = format!("{case}@example.org");
        let body = json!({"email": email, "password": NEW_PASSWORD, "name": "Mallory Nobody"});
        answers.push(shop.visitor().post("/v1/registrations", &body).await.expect(202));
    }
    assert_alike(&answers);
    let kinds: Vec<_> =
        shop.letters().await.split_off(before).into_iter().map(|l| (l.to, l.kind)).collect();
    for (to, kind) in [
        ("unknown@example.org", "welcome"),
        ("unverified@example.org", "verify_address"),
        ("verified@example.org", "already_registered"),
        ("resting@example.org", "address_resting"),
    ] {
        let told: Vec<_> = kinds.iter().filter(|(known, _)| known == to).collect();
        assert_eq!(told, [&(to.to_owned(), kind.to_owned())]);
    }

    // The same for those who ask for the letter again.
    shop.wait(Span::minutes(2));
    let mut answers = Vec::new();
    for case in cases {
        let email = format!("{case}@example.org");
        answers.push(shop.visitor().resend_verification(&email).await.expect(202));
    }
    assert_alike(&answers);
}

/// R-018, CS-44: the owner of an address hears of an attempt, and nothing that the stranger typed; the letter
/// goes to the address as the owner wrote it (security §3.11). The account stays as it is.
async fn an_attempt_on_an_account_is_told_to_its_owner_without_the_strangers_words(
    ground: &Ground,
) {
    let shop = ground.open().await;
    let owner = shop.customer("Ada.Lovelace@example.org").await;
    let session = owner.sign_in().await;
    let before = session.get("/v1/me").await.expect(200).json();

    let typed = "ADA.LOVELACE@EXAMPLE.ORG";
    let body = json!({"email": typed, "password": NEW_PASSWORD, "name": "Mallory <b>Thief</b>"});
    let stranger = shop.visitor().with("user-agent", "click http://evil.example/now");
    stranger.post("/v1/registrations", &body).await.expect(202);

    let letter = shop.letter(&owner.email, "already_registered").await;
    assert_eq!(letter.to, "Ada.Lovelace@example.org");
    for words in ["Mallory", "Thief", "evil.example", typed, NEW_PASSWORD] {
        assert!(!letter.text.contains(words) && !letter.html.contains(words), "{words}");
    }
    assert!(letter.links.is_empty());
    assert_eq!(session.get("/v1/me").await.expect(200).json(), before);
    shop.visitor().sign_in(&owner.email, NEW_PASSWORD).await.refused(401, "wrong_credentials");
    owner.sign_in().await;
    let kinds = shop.kinds_to(&owner.email).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "welcome").count(), 1, "{kinds:?}");
}

/// exactly one welcome, in one letter or in two, however often somebody registers.
async fn there_is_exactly_one_welcome_in_either_mode(ground: &Ground) {
    for (mode, first, email) in [
        (Welcome::Combined, vec!["welcome"], "one@example.org"),
        (Welcome::Separate, vec!["verify_address", "welcome"], "two@example.org"),
    ] {
        let shop = ground.open_with(|config| config.accounts.welcome = mode).await;
        shop.visitor().register(email, PASSWORD).await.expect(202);
        let mut kinds = shop.kinds_to(email).await;
        kinds.sort();
        assert_eq!(kinds, first);
        shop.visitor().register(email, PASSWORD).await.expect(202);
        let secret = shop.secret(email, "verify_address").await;
        shop.visitor().verify(&secret, PASSWORD).await.expect(200);
        shop.visitor().register(email, PASSWORD).await.expect(202);
        let kinds = shop.kinds_to(email).await;
        let count = |kind: &str| kinds.iter().filter(|one| *one == kind).count();
        assert_eq!((count("welcome"), count("mailbox_proved")), (1, 1), "{kinds:?}");
        assert_eq!((count("verify_address"), count("already_registered")), (first.len(), 1));
        // It may be a stranger's mailbox: nothing personal, and a word for whoever did not register.
        let welcome = shop.letter(email, "welcome").await;
        assert!(!welcome.text.contains("Ada"), "{}", welcome.text);
        shop.close().await;
    }
}

/// MN-2, MN-3, MN-6: whoever registered somebody else's address has nothing of it once its owner proves it.
async fn a_squatter_loses_password_and_sessions_when_the_mailbox_is_proved(ground: &Ground) {
    let shop = ground.open().await;
    let squatter = shop.registered(ADA).await;
    let session = squatter.sign_in().await;
    session.get("/v1/me").await.expect(200);

    let secret = shop.secret(ADA, "welcome").await;
    let proved = shop.visitor().verify(&secret, NEW_PASSWORD).await.expect(200);
    assert!(proved.headers.get("set-cookie").is_none(), "no session is made (CS-10)");
    assert!(!proved.text().contains("ses_"), "{proved}");
    assert_eq!(proved.json()["verified"], true);

    session.get("/v1/me").await.refused(401, "unauthenticated");
    shop.visitor().sign_in(ADA, PASSWORD).await.refused(401, "wrong_credentials");
    shop.visitor().sign_in(ADA, NEW_PASSWORD).await.expect(201);
    // Nobody proves twice.
    shop.visitor().verify(&secret, PASSWORD).await.refused(410, "link_used");
    assert_eq!(shop.told("account.mailbox_proved").await, 1);
}

/// MN-7, decision 0010: registering an unproved address again kills nothing of its owner's, and ends the
/// sessions of whoever registered before.
async fn registering_again_keeps_the_links_of_earlier_letters(ground: &Ground) {
    let shop = ground.open().await;
    let first = shop.registered(ADA).await;
    let session = first.sign_in().await;
    let link = shop.secret(ADA, "welcome").await;
    for _ in 0..2 {
        shop.visitor().register(ADA, NEW_PASSWORD).await.expect(202);
    }
    assert!(!session.is_alive().await);
    shop.visitor().sign_in(ADA, PASSWORD).await.refused(401, "wrong_credentials");
    shop.visitor().verify(&link, "the owner's own words").await.expect(200);
    // The later letters are dead: another mailbox proof stands.
    let later = shop.secret(ADA, "verify_address").await;
    shop.visitor().verify(&later, PASSWORD).await.refused(410, "link_superseded");
    shop.visitor().sign_in(ADA, "the owner's own words").await.expect(201);
}

/// a minute between letters, five in a day, signed in and signed out alike.
async fn asvs_v2_3_2_another_letter_after_a_minute_and_five_in_a_day(ground: &Ground) {
    let shop = ground.open().await;
    let customer = shop.registered(ADA).await;
    let session = customer.sign_in().await;
    let again = || session.poke("/v1/me/email/verification");

    let soon = again().await.refused(429, "too_many_requests");
    assert_eq!(soon.header("retry-after"), "60");
    assert_eq!(soon.json()["retry_after"], 60);
    shop.visitor().resend_verification(ADA).await.refused(429, "too_many_requests");
    shop.wait(Span::from_millis(59_999));
    assert_eq!(again().await.refused(429, "too_many_requests").header("retry-after"), "1");
    shop.wait(Span::from_millis(1));
    for number in 1..=5 {
        if number % 2 == 1 {
            let answer = again().await.expect(202);
            assert_eq!(
                answer.str("/next_allowed_at"),
                (shop.now() + Span::seconds(60)).to_string()
            );
        } else {
            shop.visitor().resend_verification(ADA).await.expect(202);
        }
        assert_eq!(shop.kinds_to(ADA).await.len(), 1 + number);
        shop.wait(Span::hours(1));
    }
    let full = again().await.refused(429, "too_many_requests");
    let wait: u64 = full.header("retry-after").parse().expect("seconds");
    assert_eq!(wait, 19 * 3600, "a day from the first of the five");
    shop.visitor().resend_verification(ADA).await.refused(429, "too_many_requests");
    shop.wait(Span::seconds(19 * 3600));
    again().await.expect(202);

    // for a proved mailbox it does nothing, and says the same.
    let secret = shop.secret(ADA, "verify_address").await;
    shop.visitor().verify(&secret, PASSWORD).await.expect(200);
    let session = customer.sign_in().await;
    let letters = shop.letters().await.len();
    session.poke("/v1/me/email/verification").await.expect(202);
    shop.wait(Span::days(2));
    shop.visitor().resend_verification(ADA).await.expect(202);
    assert_eq!(shop.letters().await.len(), letters);
}

/// MN-9, CS-3: letters to one address, from one source: known or unknown, the same.
async fn asvs_v2_4_1_a_mailbox_cannot_be_flooded(ground: &Ground) {
    let shop = ground.open().await;
    shop.customer("verified@example.org").await;
    shop.wait(Span::hours(1));
    let mut refusals = Vec::new();
    for email in ["verified@example.org", "unknown@example.org"] {
        for _ in 0..5 {
            shop.visitor().register(email, PASSWORD).await.expect(202);
        }
        let refused = shop.visitor().register(email, PASSWORD).await;
        refusals.push(refused.refused(429, "too_many_requests"));
    }
    assert_alike(&refusals);
    let to = shop.kinds_to("verified@example.org").await;
    assert_eq!(to.iter().filter(|kind| *kind == "already_registered").count(), 5);

    let busy = shop.visitor();
    for number in 0..30 {
        busy.register(&format!("person{number}@example.org"), PASSWORD).await.expect(202);
    }
    busy.register("one.more@example.org", PASSWORD).await.refused(429, "too_many_requests");
    shop.visitor().register("one.more@example.org", PASSWORD).await.expect(202);
    shop.wait(Span::hours(1));
    busy.register("another@example.org", PASSWORD).await.expect(202);
}

/// R-050 (for accounts: decision 3), CS-52: 48 hours to the millisecond; used, foreign and made-up links.
async fn asvs_v6_4_1_a_link_lives_48_hours_and_opens_one_thing_once(ground: &Ground) {
    let shop = ground.open().await;
    let issued = shop.now();
    let (early, late) = ("early@example.org", "late@example.org");
    shop.registered(early).await;
    shop.registered(late).await;
    let early_link = shop.secret(early, "welcome").await;
    let late_link = shop.secret(late, "welcome").await;

    // Another purpose's, and one that was never issued.
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    session.request_change("ada.new@example.org").await.expect(202);
    let change = shop.secret("ada.new@example.org", "confirm_email_change").await;
    let dispute = shop.secret(ADA, "email_change_requested").await;
    let digits = |secret: &str| secret[4..].to_owned();
    let foreign = [
        change.clone(),
        dispute.clone(),
        format!("vfy_{}", digits(&change)),
        format!("vfy_{}", digits(&dispute)),
        format!("vfy_{}", "A".repeat(43)),
        early_link.to_uppercase(),
        early_link[..46].to_owned(),
        format!("{early_link}A"),
        String::new(),
    ];
    for token in &foreign {
        shop.visitor().verify(token, PASSWORD).await.refused(404, "link_unknown");
    }
    for token in [&early_link, &format!("chg_{}", digits(&early_link))] {
        shop.visitor().confirm(token, Some(PASSWORD)).await.refused(404, "link_unknown");
    }

    ground.clock.set(issued + Span::hours(48) - Span::from_millis(1));
    shop.visitor().verify(&early_link, PASSWORD).await.expect(200);
    shop.visitor().verify(&early_link, PASSWORD).await.refused(410, "link_used");
    shop.wait(Span::from_millis(1));
    let expired = shop.visitor().verify(&late_link, PASSWORD).await.refused(410, "link_expired");
    let actions = expired.json()["next_actions"].clone();
    assert_eq!(actions, json!(["resend_verification", "register"]), "the page offers a new one");
    shop.visitor().resend_verification(late).await.expect(202);
    let fresh = shop.secret(late, "verify_address").await;
    shop.visitor().verify(&fresh, PASSWORD).await.expect(200);
}

/// A password that is refused leaves the link good: nobody loses a mailbox proof to a slip.
async fn a_refused_password_does_not_use_the_link_up(ground: &Ground) {
    let shop = ground.open().await;
    shop.registered(ADA).await;
    let secret = shop.secret(ADA, "welcome").await;
    let visitor = shop.visitor();
    visitor.verify(&secret, "short").await.refused(422, "password_too_short");
    visitor.verify(&secret, ADA).await.refused(422, "password_own_data");
    visitor.verify(&secret, PASSWORD).await.expect(200);
}

/// CS-8: guessing links is slowed by source.
async fn asvs_v2_4_1_guessed_links_are_counted_by_source(ground: &Ground) {
    let shop = ground.open().await;
    shop.registered(ADA).await;
    let secret = shop.secret(ADA, "welcome").await;
    let guesser = shop.visitor();
    for number in 0..60 {
        let guess = format!("vfy_{number:043}");
        guesser.verify(&guess, PASSWORD).await.refused(404, "link_unknown");
    }
    for guess in [format!("vfy_{:043}", 60), secret.clone()] {
        let slowed = guesser.verify(&guess, PASSWORD).await.refused(429, "too_many_requests");
        assert_eq!(slowed.header("retry-after"), "60");
    }
    shop.visitor().verify(&secret, PASSWORD).await.expect(200);
}

/// R-049, CS-54, MN-8: scanners open every link of every letter, with GET and HEAD, with and without what
/// stands behind the `#`: nothing happens.
async fn asvs_v3_5_3_opening_a_mailed_link_changes_nothing(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    session.request_change("ada.new@example.org").await.expect(202);
    shop.registered("bob@example.org").await;
    let letters = shop.letters().await;
    let links: Vec<_> = letters.iter().flat_map(|letter| &letter.links).collect();
    let purposes: Vec<_> = links.iter().map(|link| link.purpose).collect();
    for purpose in ["verify", "confirm-email-change", "dispute-email-change"] {
        assert!(purposes.contains(&purpose), "{purposes:?}");
    }

    let before = (shop.audit().await.len(), letters.len());
    let panel = session.panel().await;
    let scanner = shop.visitor().with("user-agent", "LinkScanner/1.0");
    for link in &links {
        let path = link.url.strip_prefix(rightful_tests::ORIGIN).expect("our own origin");
        let (page, secret) = path.split_once('#').expect("the secret is behind the #");
        assert_eq!(secret, link.secret);
        for path in [page.to_owned(), format!("{page}?token={secret}"), format!("{page}?{secret}")]
        {
            for method in ["GET", "HEAD", "GET", "HEAD"] {
                let answer = scanner.ask(method, &path).send().await.expect(200);
                assert!(!answer.text().contains(secret), "a page never sees the secret");
                // ASVS V3.4.5: nothing leaks on, nothing runs, nothing is kept.
                assert_eq!(answer.header("referrer-policy"), "no-referrer");
                assert!(answer.header("cache-control").contains("no-store"));
                let policy = answer.header("content-security-policy");
                assert!(policy.contains("default-src 'none'"), "{policy}");
                assert!(!answer.text().contains("<script"), "no page acts by itself (CS-55)");
            }
        }
        for path in ["/v1/verifications", "/v1/email-changes/confirm", "/v1/email-changes/dispute"]
        {
            for method in ["GET", "HEAD"] {
                let path = format!("{path}?token={secret}");
                assert_eq!(scanner.ask(method, &path).send().await.status, 405, "{path}");
            }
        }
    }
    assert_eq!((shop.audit().await.len(), shop.letters().await.len()), before);
    assert_eq!(session.panel().await, panel);
    // And they all still open.
    let confirm = shop.secret("ada.new@example.org", "confirm_email_change").await;
    session.confirm(&confirm).await.expect(200);
    let verify = shop.secret("bob@example.org", "welcome").await;
    shop.visitor().verify(&verify, PASSWORD).await.expect(200);
    let dispute = shop.secret(ADA, "email_change_requested").await;
    shop.visitor().dispute(&dispute).await.expect(200);
}

/// three doors, one account each way, and the door is kept.
async fn every_door_leads_to_the_same_kind_of_account(ground: &Ground) {
    let shop = ground.open().await;
    for door in ["direct", "checkout", "post_checkout"] {
        let email = format!("{door}@example.org");
        let body = json!({"email": email, "password": PASSWORD, "origin": door});
        shop.visitor().post("/v1/registrations", &body).await.expect(202);
        let answer = shop.visitor().sign_in(&email, PASSWORD).await.expect(201);
        assert_eq!(answer.str("/account/origin"), door);
        assert_eq!(answer.json()["account"]["verified"], false);
    }
    let body = json!({"email": ADA, "password": PASSWORD, "origin": "back_door"});
    let refused = shop.visitor().post("/v1/registrations", &body).await;
    let refused = refused.refused(422, "invalid_request");
    assert_eq!(refused.str("/errors/0/code"), "unknown_value");
}

/// a shop without accounts says so, with a code of its own.
async fn a_shop_without_accounts_registers_nobody(ground: &Ground) {
    let shop = ground.open_with(|config| config.accounts.enabled = false).await;
    shop.visitor().register(ADA, PASSWORD).await.refused(403, "accounts_disabled");
    assert!(shop.audit().await.is_empty());
}

/// What is no address is refused by its form, before anything is known of it.
async fn asvs_v2_2_1_what_is_no_address_is_refused(ground: &Ground) {
    let shop = ground.open().await;
    for wrong in [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@localhost",
        "a b@example.org",
        "ada@example.org\r\nBcc: x@y.org",
        "\"a\"@example.org",
    ] {
        let refused = shop.visitor().register(wrong, PASSWORD).await.refused(422, "invalid_email");
        assert_eq!(refused.str("/errors/0/pointer"), "#/email", "{wrong:?}");
        shop.visitor().resend_verification(wrong).await.refused(422, "invalid_email");
    }
    assert_eq!(shop.letters().await.len(), 0);
}

rightful_tests::on_both_databases![
    asvs_v6_2_1_v6_2_4_v6_2_5_v6_2_11_v6_2_12_ten_characters_pass_and_easy_ones_do_not,
    asvs_v6_2_8_v6_2_9_a_long_password_counts_to_its_last_character,
    asvs_v6_3_8_every_address_gets_the_same_answer,
    an_attempt_on_an_account_is_told_to_its_owner_without_the_strangers_words,
    there_is_exactly_one_welcome_in_either_mode,
    a_squatter_loses_password_and_sessions_when_the_mailbox_is_proved,
    registering_again_keeps_the_links_of_earlier_letters,
    asvs_v2_3_2_another_letter_after_a_minute_and_five_in_a_day,
    asvs_v2_4_1_a_mailbox_cannot_be_flooded,
    asvs_v6_4_1_a_link_lives_48_hours_and_opens_one_thing_once,
    a_refused_password_does_not_use_the_link_up,
    asvs_v2_4_1_guessed_links_are_counted_by_source,
    asvs_v3_5_3_opening_a_mailed_link_changes_nothing,
    every_door_leads_to_the_same_kind_of_account,
    a_shop_without_accounts_registers_nobody,
    asvs_v2_2_1_what_is_no_address_is_refused,
];
