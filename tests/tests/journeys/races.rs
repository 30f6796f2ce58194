//! Many at once, from a barrier (security §4.5, MN-13, MN-16, MN-44, MN-46, MN-69, ASVS V15.4.2).

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use rightful::config::Quota;
use rightful_domain::email_change::OldMailbox;
use rightful_domain::throttle::Limit;
use rightful_domain::values::Span;
use rightful_tests::{Answer, App, Ask, Customer, Ground, NEW_PASSWORD, PASSWORD, Session, Shop};
use serde_json::json;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

const CROWDS: [usize; 2] = [32, 64];

/// Sends all of them at the same moment; the answers in their order.
async fn at_once(asks: Vec<Ask>) -> Vec<Answer> {
    let barrier = Arc::new(Barrier::new(asks.len()));
    let mut tasks = JoinSet::new();
    for (place, ask) in asks.into_iter().enumerate() {
        let barrier = Arc::clone(&barrier);
        tasks.spawn(async move {
            barrier.wait().await;
            (place, ask.send().await)
        });
    }
    let mut answers: Vec<_> = tasks.join_all().await;
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// The places of those that succeeded; every other one must be refused with one of `others`.
#[track_caller]
fn winners(answers: &[Answer], others: &[(u16, &str)]) -> Vec<usize> {
    let mut won = Vec::new();
    for (place, answer) in answers.iter().enumerate() {
        if answer.status < 300 {
            won.push(place);
        } else {
            let code = answer.code();
            assert!(others.contains(&(answer.status, &code)), "{answer}");
        }
    }
    won
}

/// Whoever comes too late to a link, and whoever met others at it too often.
const TOO_LATE: [(u16, &str); 3] =
    [(410, "link_used"), (410, "link_superseded"), (503, "contended")];

async fn letters_of(shop: &Shop, kind: &str) -> usize {
    shop.letters().await.iter().filter(|letter| letter.kind == kind).count()
}

/// MN-14, MN-44: one code, 32 and 64 first steps.
async fn asvs_v6_5_1_v15_4_2_one_code_opens_one_session(ground: &Ground) {
    let shop = ground.open().await;
    for crowd in CROWDS {
        let email = format!("crowd{crowd}@example.org");
        let ada = shop.customer(&email).await;
        let session = ada.sign_in().await;
        let begun = session.post("/v1/me/second-factors/totp", &json!({})).await.expect(201);
        let app = App::typed(&begun.str("/key"));
        let token = shop.secret(&email, "bind_factor").await;
        let bind = format!("/v1/me/second-factors/{}/bind", begun.str("/id"));
        let body = json!({"code": app.code(shop.now()), "token": token});
        let bound = session.post(&bind, &body).await.expect(200);
        shop.wait(Span::minutes(2));
        let code = app.code(shop.now());
        let backup = bound.json()["backup_codes"][0].clone();
        for proof in [json!({"code": code}), json!({"backup_code": backup})] {
            let mut asks = Vec::new();
            for _ in 0..4 {
                let step = ada.first_step_at(&shop.visitor()).await;
                for _ in 0..crowd / 4 {
                    let mut body = proof.clone();
                    body["token"] = json!(step);
                    asks.push(shop.visitor().ask("POST", "/v1/sessions/second-step").json(&body));
                }
            }
            let before = shop.told("session.started").await;
            let answers = at_once(asks).await;
            let refused = [
                (403, "wrong_code"),
                (410, "link_used"),
                (429, "too_many_requests"),
                (503, "contended"),
                (503, "overloaded"),
            ];
            assert_eq!(winners(&answers, &refused).len(), 1, "exactly one session");
            assert_eq!(shop.told("session.started").await, before + 1);
            shop.wait(Span::hours(2));
        }
    }
}

/// MN-44: one verification link, each client with a password of their own.
async fn asvs_v2_3_4_v15_4_2_one_verification_link_proves_once(ground: &Ground) {
    let shop = ground.open().await;
    for crowd in CROWDS {
        let email = format!("crowd{crowd}@example.org");
        shop.registered(&email).await;
        let secret = shop.secret(&email, "welcome").await;
        let (entries, letters) =
            (shop.told("account.mailbox_proved").await, letters_of(&shop, "mailbox_proved").await);
        let password = |place: usize| format!("the words of number {place}");
        let asks = (0..crowd).map(|place| {
            let body = json!({"token": secret, "password": password(place)});
            shop.visitor().ask("POST", "/v1/verifications").json(&body)
        });
        let answers = at_once(asks.collect()).await;
        let won = winners(&answers, &TOO_LATE);
        assert_eq!(won.len(), 1, "exactly one proves");
        assert_eq!(shop.told("account.mailbox_proved").await, entries + 1);
        assert_eq!(letters_of(&shop, "mailbox_proved").await, letters + 1);
        shop.visitor().sign_in(&email, &password(won[0])).await.expect(201);
        for place in (0..crowd).filter(|place| *place != won[0]).take(4) {
            let loser = shop.visitor().sign_in(&email, &password(place)).await;
            loser.refused(401, "wrong_credentials");
        }
    }
}

/// MN-44, MN-18: one link that resets the password, each client with a password of their own.
async fn asvs_v2_3_4_v15_4_2_one_reset_link_resets_once(ground: &Ground) {
    let shop = ground.open().await;
    for crowd in CROWDS {
        let email = format!("crowd{crowd}@example.org");
        let session = shop.customer(&email).await.sign_in().await;
        shop.visitor().forget_password(&email).await.expect(202);
        let secret = shop.secret(&email, "reset_password").await;
        let (entries, letters) =
            (shop.audit().await.len(), letters_of(&shop, "password_reset").await);
        let password = |place: usize| format!("the words of number {place}");
        let asks = (0..crowd).map(|place| {
            let body = json!({"token": secret, "password": password(place)});
            shop.visitor().ask("POST", "/v1/password-resets/complete").json(&body)
        });
        let answers = at_once(asks.collect()).await;
        let won = winners(&answers, &TOO_LATE);
        assert_eq!(won.len(), 1, "exactly one resets");
        assert_eq!(shop.acts_from(entries).await, ["password_reset.completed"]);
        assert_eq!(letters_of(&shop, "password_reset").await, letters + 1);
        assert!(!session.is_alive().await);
        shop.visitor().sign_in(&email, &password(won[0])).await.expect(201);
        for place in (0..crowd).filter(|place| *place != won[0]).take(4) {
            let loser = shop.visitor().sign_in(&email, &password(place)).await;
            loser.refused(401, "wrong_credentials");
        }
    }
}

/// CS-3, MN-9: many ask at once for one address: one letter, and the others wait.
async fn asvs_v2_4_1_resets_asked_for_at_once_send_one_letter(ground: &Ground) {
    let shop = ground.open().await;
    let email = "crowd@example.org";
    shop.customer(email).await;
    let ask = json!({"email": email});
    let asks = (0..32).map(|_| shop.visitor().ask("POST", "/v1/password-resets").json(&ask));
    let answers = at_once(asks.collect()).await;
    let won = winners(&answers, &[(429, "too_many_requests"), (503, "contended")]);
    assert_eq!(won.len(), 1);
    assert_eq!(letters_of(&shop, "reset_password").await, 1);
}

/// MN-44: one confirmation link, in the same session and by password.
async fn asvs_v2_3_4_v15_4_2_one_confirmation_link_confirms_once(ground: &Ground) {
    let shop = ground.open().await;
    for crowd in CROWDS {
        let (old, new) =
            (format!("crowd{crowd}@example.org"), format!("crowd{crowd}@new.example.org"));
        let session = shop.customer(&old).await.sign_in().await;
        session.request_change(&new).await.expect(202);
        let secret = shop.secret(&new, "confirm_email_change").await;
        let entries = shop.audit().await.len();
        let asks = (0..crowd).map(|place| {
            // Four by password: that many wrong ones would be free.
            let visitor = shop.visitor();
            let path = "/v1/email-changes/confirm";
            if place % (crowd / 4) == 0 {
                visitor.ask("POST", path).json(&json!({"token": secret, "password": PASSWORD}))
            } else {
                visitor.ask("POST", path).bearer(&session.token).json(&json!({"token": secret}))
            }
        });
        let answers = at_once(asks.collect()).await;
        let mut late = TOO_LATE.to_vec();
        // The session has ended with the confirmation.
        late.push((401, "unauthenticated"));
        assert_eq!(winners(&answers, &late).len(), 1, "exactly one confirms");
        assert_eq!(shop.acts_from(entries).await, ["email_change.confirmed"]);
        assert_eq!(shop.kinds_to(&new).await, ["confirm_email_change", "email_changed_new"]);
        let kinds = shop.kinds_to(&old).await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "email_changed_old").count(), 1);
        shop.visitor().sign_in(&new, PASSWORD).await.expect(201);
        shop.visitor().sign_in(&old, PASSWORD).await.refused(401, "wrong_credentials");
    }
}

/// MN-7, CS-31: many accounts confirm the same address at once.
async fn asvs_v2_3_4_v15_4_2_many_accounts_race_for_one_address(ground: &Ground) {
    let many = Quota(Limit::Quota { most: 100, window: Span::hours(1) });
    let shop = ground.open_with(|config| config.limits.letters_address = many).await;
    let crowd = 8;
    let target = "wanted@example.org";
    let mut asks = Vec::new();
    let mut sessions = Vec::new();
    for number in 0..crowd {
        let session = shop.customer(&format!("person{number}@example.org")).await.sign_in().await;
        session.request_change(target).await.expect(202);
        let secret = shop.secret(target, "confirm_email_change").await;
        asks.push(session.ask("POST", "/v1/email-changes/confirm").json(&json!({"token": secret})));
        sessions.push(session);
    }
    let answers = at_once(asks).await;
    let late = [(409, "email_in_use_by_account"), (503, "contended")];
    let won = winners(&answers, &late);
    assert_eq!(won.len(), 1, "{answers:?}");
    let owner = shop.visitor().sign_in(target, PASSWORD).await.expect(201);
    assert_eq!(owner.str("/account/id"), sessions[won[0]].account);
    assert_eq!(shop.told("email_change.confirmed").await, 1);
    for (number, session) in sessions.iter().enumerate().filter(|(number, _)| *number != won[0]) {
        let email = session.get("/v1/me").await.str("/email");
        assert_eq!(email, format!("person{number}@example.org"));
    }
}

/// MN-44: the link to the old mailbox, where it is asked.
async fn asvs_v2_3_4_v15_4_2_one_approval_link_agrees_once(ground: &Ground) {
    let shop = ground.open_with(|config| config.accounts.old_mailbox = OldMailbox::Confirm).await;
    let session = shop.customer("ada@example.org").await.sign_in().await;
    session.request_change("ada@new.example.org").await.expect(202);
    let secret = shop.secret("ada@example.org", "approve_email_change").await;
    let path = "/v1/email-changes/approve";
    let asks = (0..32).map(|_| shop.visitor().ask("POST", path).json(&json!({"token": secret})));
    let entries = shop.audit().await.len();
    let answers = at_once(asks.collect()).await;
    let late = [(410, "link_used"), (503, "contended")];
    assert_eq!(winners(&answers, &late).len(), 1, "{answers:?}");
    assert_eq!(shop.acts_from(entries).await, ["email_change.approved"]);
}

/// MN-44: one dispute link, disputed and restored by many.
async fn asvs_v2_3_4_v15_4_2_one_dispute_freezes_once_and_restores_once(ground: &Ground) {
    let shop = ground.open().await;
    for crowd in CROWDS {
        let (old, new) =
            (format!("crowd{crowd}@example.org"), format!("crowd{crowd}@new.example.org"));
        let session = shop.customer(&old).await.sign_in().await;
        session.request_change(&new).await.expect(202);
        session.confirm(&shop.secret(&new, "confirm_email_change").await).await.expect(200);
        let secret = shop.secret(&old, "email_changed_old").await;
        let entries = shop.audit().await.len();
        let path = "/v1/email-changes/dispute";

        let asks =
            (0..crowd).map(|_| shop.visitor().ask("POST", path).json(&json!({"token": secret})));
        let answers = at_once(asks.collect()).await;
        let heard = winners(&answers, &[(503, "contended")]);
        assert!(!heard.is_empty());
        let until = answers[heard[0]].str("/frozen_until");
        assert!(heard.iter().all(|place| answers[*place].str("/frozen_until") == until));
        assert_eq!(shop.acts_from(entries).await, ["email_change.disputed"]);
        for mailbox in [&old, &new] {
            let kinds = shop.kinds_to(mailbox).await;
            let told = kinds.iter().filter(|kind| *kind == "email_change_disputed").count();
            assert_eq!(told, 1, "{mailbox}");
        }

        let words = |place: usize| format!("the words of number {place}");
        let asks = (0..crowd).map(|place| {
            let body = json!({"token": secret, "password": PASSWORD, "new_password": words(place)});
            shop.visitor().ask("POST", path).json(&body)
        });
        let answers = at_once(asks.collect()).await;
        let mut late = TOO_LATE.to_vec();
        // Proofs are counted before they are made; so many at once are too many.
        late.push((429, "too_many_requests"));
        let won = winners(&answers, &late);
        assert_eq!(won.len(), 1, "exactly one restores");
        assert_eq!(
            shop.acts_from(entries).await,
            ["email_change.disputed", "email_change.reverted"]
        );
        for mailbox in [&old, &new] {
            let kinds = shop.kinds_to(mailbox).await;
            let told = kinds.iter().filter(|kind| *kind == "email_change_reverted").count();
            assert_eq!(told, 1, "{mailbox}");
        }
        let visitor = shop.visitor();
        visitor.sign_in(&old, &words(won[0])).await.expect(201);
    }
}

/// R-007, MN-7: many register one address at once: one account.
async fn asvs_v2_3_4_one_address_is_registered_once(ground: &Ground) {
    let many = Quota(Limit::Quota { most: 100, window: Span::hours(1) });
    let shop = ground.open_with(|config| config.limits.letters_address = many).await;
    let crowd = 32;
    let asks = (0..crowd).map(|place| {
        let body =
            json!({"email": "crowd@example.org", "password": format!("words of number {place}")});
        shop.visitor().ask("POST", "/v1/registrations").json(&body)
    });
    let answers = at_once(asks.collect()).await;
    let won = winners(&answers, &[(503, "contended")]);
    assert_eq!(shop.told("account.registered").await, 1);
    assert_eq!(shop.told("account.restarted").await, won.len() - 1);
    assert_eq!(letters_of(&shop, "welcome").await, 1);
    assert_eq!(letters_of(&shop, "verify_address").await, won.len() - 1);
}

/// MN-16, ASVS V6.3.1: guesses at the same moment get no further than guesses in a row.
async fn asvs_v6_3_1_v15_4_2_parallel_guesses_never_pass_the_limit(ground: &Ground) {
    let shop = ground.open().await;
    for crowd in CROWDS {
        let email = format!("crowd{crowd}@example.org");
        shop.customer(&email).await;
        let body = json!({"email": email, "password": NEW_PASSWORD});
        let one_place = shop.visitor();
        let asks = (0..crowd).map(|_| one_place.ask("POST", "/v1/sessions").json(&body));
        let answers = at_once(asks.collect()).await;
        assert_eq!(tally(&answers), BTreeMap::from([(401, 5), (429, crowd - 5)]));
        one_place.sign_in(&email, PASSWORD).await.refused(429, "too_many_requests");

        // From everywhere: five of the twenty-five are used.
        let asks = (0..crowd).map(|_| shop.visitor().ask("POST", "/v1/sessions").json(&body));
        let answers = at_once(asks.collect()).await;
        assert_eq!(tally(&answers), BTreeMap::from([(401, 20), (429, crowd - 20)]));
        shop.visitor().sign_in(&email, PASSWORD).await.refused(429, "too_many_requests");
    }
    assert_eq!(shop.told("session.started").await, 0);
}

fn tally(answers: &[Answer]) -> BTreeMap<u16, usize> {
    let mut tally = BTreeMap::new();
    for answer in answers {
        *tally.entry(answer.status).or_default() += 1;
    }
    tally
}

/// Sixty-four clients use a session without a pause until they are refused; `end` ends it meanwhile. Gives how
/// long the audit trail was when `end` returned.
async fn ended_while_in_use<F>(shop: &Shop, session: &Session, end: impl FnOnce() -> F) -> usize
where
    F: Future<Output = Answer>,
{
    let crowd = 64;
    let barrier = Arc::new(Barrier::new(crowd + 1));
    let mut users = JoinSet::new();
    for place in 0..crowd as u64 {
        let (session, barrier) = (session.clone(), Arc::clone(&barrier));
        users.spawn(async move {
            // An account changes ten times an hour: those changes come about when the session ends.
            let mut writes = place < 10;
            barrier.wait().await;
            if writes {
                sleep(Duration::from_millis(42 + 2 * place)).await;
            }
            let mut answers = Vec::new();
            loop {
                let asked = Instant::now();
                let answer = if writes {
                    let body = json!({"name": format!("{place}, {}", answers.len())});
                    let ask = session.ask("PATCH", "/v1/me").header("if-match", "*");
                    ask.json(&body).send().await
                } else {
                    session.get("/v1/me").await
                };
                assert!([200, 401, 412, 429, 503].contains(&answer.status), "{answer}");
                answers.push((asked, answer.status));
                match answer.status {
                    401 => return answers,
                    429 => writes = false,
                    _ => {}
                }
            }
        });
    }
    barrier.wait().await;
    sleep(Duration::from_millis(50)).await;
    let ended = end().await;
    assert!(ended.status < 300, "{ended}");
    let returned = Instant::now();
    let written = shop.audit().await.len();
    let answers: Vec<_> = users.join_all().await.into_iter().flatten().collect();
    assert!(answers.iter().any(|(_, status)| *status == 200), "it was in use");
    let late = answers.iter().filter(|(asked, status)| *asked > returned && *status != 401);
    assert_eq!(late.count(), 0, "asked after the end and not refused");
    written
}

/// ASVS V7.4.1: a session is ended while many use it; whatever is asked after the answer is refused.
async fn asvs_v7_4_1_v15_4_2_an_ended_session_opens_nothing_more(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer("ada@example.org").await;
    for _ in 0..3 {
        shop.wait(Span::hours(1));
        let (session, owner) = (ada.sign_in().await, ada.sign_in().await);
        let path = format!("/v1/sessions/{}", session.id);
        ended_while_in_use(&shop, &session, || owner.delete(&path)).await;
        assert!(owner.is_alive().await);
    }
}

/// MN-13, MN-46: when another password ends the sessions, nothing of theirs is written after its answer, even
/// if it was asked before.
async fn asvs_v7_4_3_v8_3_2_v15_4_2_after_another_password_nothing_older_is_written(
    ground: &Ground,
) {
    let shop = ground.open().await;
    let ada = shop.customer("ada@example.org").await;
    let words = [PASSWORD, NEW_PASSWORD, "a third few words", "a fourth few words"];
    for pair in words.windows(2) {
        shop.wait(Span::hours(1));
        let customer = Customer { password: pair[0].to_owned(), ..ada.clone() };
        let (session, owner) = (customer.sign_in().await, customer.sign_in().await);
        // The owner meets the crowd at the account and may be told so.
        let change = async || {
            loop {
                let answer = owner.try_change_password(pair[0], pair[1]).await;
                if answer.status != 503 {
                    return answer;
                }
            }
        };
        let written = ended_while_in_use(&shop, &session, change).await;
        assert_eq!(shop.acts_from(written).await, [""; 0], "written after the end");
    }
}

/// The same through two processes: what one ends, the other refuses within a second.
async fn asvs_v7_4_1_a_session_that_one_process_ends_is_dead_in_the_other(ground: &Ground) {
    let one = ground.open().await;
    let ada = one.customer("ada@example.org").await;
    let two = ground.open().await;
    let session = ada.sign_in().await;
    let over_there = two.visitor();
    let ask = || over_there.ask("GET", "/v1/me").bearer(&session.token).send();
    ask().await.expect(200);
    session.delete("/v1/session").await.expect(204);
    let ended = Instant::now();
    while ask().await.status != 401 {
        assert!(ended.elapsed() < Duration::from_secs(1), "it is alive there");
        sleep(Duration::from_millis(10)).await;
    }
    // And links are spent once among all processes.
    let target = "ada@new.example.org";
    let session = ada.sign_in().await;
    session.request_change(target).await.expect(202);
    one.settle().await;
    let mut secrets = Vec::new();
    for shop in [&one, &two] {
        let letters = shop.letters_to(target).await;
        secrets.extend(letters.into_iter().flat_map(|letter| letter.links));
    }
    assert_eq!(secrets.len(), 1, "two processes send a letter once");
    let body = json!({"token": secrets[0].secret, "password": PASSWORD});
    let asks = (0..4).map(|place| {
        let shop = if place % 2 == 0 { &one } else { &two };
        shop.visitor().ask("POST", "/v1/email-changes/confirm").json(&body)
    });
    let answers = at_once(asks.collect()).await;
    assert_eq!(winners(&answers, &TOO_LATE).len(), 1);
}

/// MN-69: one idempotency key, many at once: one effect, one answer.
async fn asvs_v15_4_2_one_key_has_one_effect(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer("ada@example.org").await;
    let visitor = ada.visitor.clone();
    let register = json!({"email": "crowd@example.org", "password": PASSWORD});
    let sign_in = json!({"email": ada.email, "password": PASSWORD});
    for (path, body, act) in [
        ("/v1/registrations", register, "account.registered"),
        ("/v1/sessions", sign_in, "session.started"),
    ] {
        let before = shop.told(act).await;
        let ask = || visitor.ask("POST", path).header("idempotency-key", "the-one-key").json(&body);
        let answers = at_once((0..32).map(|_| ask()).collect()).await;
        let won = winners(&answers, &[(409, "idempotency_in_flight")]);
        let first: Vec<_> = won
            .iter()
            .filter(|place| answers[**place].header("idempotent-replayed") != "true")
            .collect();
        assert_eq!(first.len(), 1, "one did it");
        assert_eq!(shop.told(act).await, before + 1);
        for place in &won {
            assert_eq!(answers[*place].body, answers[*first[0]].body);
        }
        // Whoever met it in flight comes again and gets the same.
        let again = ask().send().await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.body, answers[*first[0]].body);
    }
}

/// CS-22, R-051: parallel requests leave one pending change; parallel resends one letter.
async fn asvs_v2_3_4_parallel_requests_leave_one_pending_change(ground: &Ground) {
    let shop = ground.open().await;
    let session = shop.customer("ada@example.org").await.sign_in().await;
    let asks = (0..32).map(|place| {
        let email = format!("ada{place}@new.example.org");
        let body = json!({"email": email, "confirm_email": email});
        session.ask("POST", "/v1/me/email/change").json(&body)
    });
    let answers = at_once(asks.collect()).await;
    let won = winners(&answers, &[(429, "email_change_quota"), (503, "contended")]);
    assert!((1..=5).contains(&won.len()), "the quota holds: {}", won.len());
    assert_eq!(shop.told("email_change.requested").await, won.len());
    assert_eq!(letters_of(&shop, "confirm_email_change").await, won.len());
    let pending = session.panel().await["pending"]["new_email"].clone();
    // Only the pending one's link opens.
    let mut opened = Vec::new();
    for place in won {
        let email = format!("ada{place}@new.example.org");
        let secret = shop.secret(&email, "confirm_email_change").await;
        if pending == *email {
            opened.push(secret);
        } else {
            session.confirm(&secret).await.refused(410, "link_superseded");
        }
    }
    assert_eq!(opened.len(), 1);

    shop.wait(Span::minutes(1));
    let letters = letters_of(&shop, "confirm_email_change").await;
    let asks = (0..32).map(|_| session.ask("POST", "/v1/me/email/change/resend"));
    let answers = at_once(asks.collect()).await;
    let late = [(429, "resend_too_soon"), (429, "too_many_requests"), (503, "contended")];
    let sent = winners(&answers, &late);
    assert_eq!(sent.len(), 1);
    assert_eq!(letters_of(&shop, "confirm_email_change").await, letters + 1);
    session.confirm(&opened[0]).await.expect(200);
}

/// the password is changed at the same moment from two sessions, and while the address is confirmed:
/// one order of things, never a mixture.
async fn asvs_v15_4_2_password_and_address_change_one_after_the_other(ground: &Ground) {
    let shop = ground.open().await;
    for round in 0..6 {
        let (old, new) = (format!("p{round}@example.org"), format!("p{round}@new.example.org"));
        let customer = shop.customer(&old).await;
        let (here, there) = (customer.sign_in().await, customer.sign_in().await);
        here.request_change(&new).await.expect(202);
        let secret = shop.secret(&new, "confirm_email_change").await;
        let password = |session: &Session, words: &str| {
            let body = json!({"current_password": PASSWORD, "new_password": words});
            session.ask("POST", "/v1/me/password").json(&body)
        };
        let asks = vec![
            password(&here, "the words from here"),
            password(&there, "the words from there"),
            here.ask("POST", "/v1/email-changes/confirm").json(&json!({"token": secret})),
        ];
        let answers = at_once(asks).await;
        let lost = [
            (401, "unauthenticated"),
            (403, "wrong_password"),
            (409, "version_mismatch"),
            (410, "link_superseded"),
            (503, "contended"),
        ];
        let won = winners(&answers, &lost);
        assert_eq!(won.len(), 1, "each ends what the others stand on: {answers:?}");
        let (email, words) = match won[0] {
            0 => (&old, "the words from here"),
            1 => (&old, "the words from there"),
            _ => (&new, PASSWORD),
        };
        let owner = Customer { email: email.clone(), password: words.to_owned(), ..customer };
        owner.sign_in_at(&shop.visitor()).await;
    }
}

rightful_tests::on_both_databases![
    asvs_v6_5_1_v15_4_2_one_code_opens_one_session,
    asvs_v2_3_4_v15_4_2_one_verification_link_proves_once,
    asvs_v2_3_4_v15_4_2_one_reset_link_resets_once,
    asvs_v2_4_1_resets_asked_for_at_once_send_one_letter,
    asvs_v2_3_4_v15_4_2_one_confirmation_link_confirms_once,
    asvs_v2_3_4_v15_4_2_many_accounts_race_for_one_address,
    asvs_v2_3_4_v15_4_2_one_approval_link_agrees_once,
    asvs_v2_3_4_v15_4_2_one_dispute_freezes_once_and_restores_once,
    asvs_v2_3_4_one_address_is_registered_once,
    asvs_v6_3_1_v15_4_2_parallel_guesses_never_pass_the_limit,
    asvs_v7_4_1_v15_4_2_an_ended_session_opens_nothing_more,
    asvs_v7_4_3_v8_3_2_v15_4_2_after_another_password_nothing_older_is_written,
    asvs_v7_4_1_a_session_that_one_process_ends_is_dead_in_the_other,
    asvs_v15_4_2_one_key_has_one_effect,
    asvs_v2_3_4_parallel_requests_leave_one_pending_change,
    asvs_v15_4_2_password_and_address_change_one_after_the_other,
];
