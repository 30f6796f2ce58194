//! "Which address did I use?".

use rightful_domain::values::Span;
use rightful_tests::Ground;

use super::assert_alike;

const ADA: &str = "ada@example.org";
const READER: &str = "reader@example.org";
const STRANGER: &str = "stranger@example.org";

/// R-105, CS-1: only the mailbox learns, once a day; a stranger's is not written to at all.
async fn r_105_only_the_mailbox_in_question_is_told(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    let claimed = "claimed@example.org";
    shop.registered(claimed).await;
    shop.known_contact(READER).await;
    let before = (session.get("/v1/me").await.json(), shop.letters().await.len());

    let mut answers = Vec::new();
    for email in [ADA, claimed, READER, STRANGER] {
        let answer = shop.visitor().forget_address(email).await.expect(202);
        let tomorrow = (shop.now() + Span::days(1)).to_string();
        assert_eq!(answer.str("/next_allowed_at"), tomorrow);
        assert!(!answer.text().contains(email));
        answers.push(answer);
    }
    assert_alike(&answers);
    assert_eq!(shop.letters().await.len(), before.1 + 3);
    for (email, kind) in
        [(ADA, "account_reminder"), (claimed, "account_reminder"), (READER, "no_account")]
    {
        let letter = shop.letter(email, kind).await;
        assert!(letter.links.is_empty(), "it opens nothing");
    }
    assert_eq!(shop.kinds_to(STRANGER).await, [""; 0], "decision 0020");
    assert_eq!(session.get("/v1/me").await.json(), before.0, "nothing changed");

    // Once a day, known or not, wherever one asks from.
    let mut refused = Vec::new();
    for email in [ADA, READER, STRANGER, "ADA@EXAMPLE.ORG"] {
        let answer = shop.visitor().forget_address(email).await;
        refused.push(answer.refused(429, "too_many_requests"));
    }
    assert_alike(&refused);
    shop.wait(Span::days(1));
    shop.visitor().forget_address(ADA).await.expect(202);
    let kinds = shop.kinds_to(ADA).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "account_reminder").count(), 2);
}

/// A letter to an address without an account speaks the language of the request; one to an account its own.
async fn reminders_are_in_the_language_of_who_reads_them(ground: &Ground) {
    let shop = ground.open().await;
    shop.customer(ADA).await;
    shop.known_contact(READER).await;
    let french = shop.visitor().with("accept-language", "fr");
    for email in [ADA, READER] {
        french.forget_address(email).await.expect(202);
    }
    let told = shop.letter(ADA, "account_reminder").await;
    assert!(told.subject.starts_with("Your account"), "{}", told.subject);
    let told = shop.letter(READER, "no_account").await;
    assert!(told.subject.starts_with("Pas de compte"), "{}", told.subject);
}

async fn what_is_no_address_is_refused(ground: &Ground) {
    let shop = ground.open().await;
    for wrong in ["", "ada", "ada@", "ada@example.org\r\nBcc: x@y.org"] {
        let refused = shop.visitor().forget_address(wrong).await.refused(422, "invalid_email");
        assert_eq!(refused.str("/errors/0/pointer"), "#/email", "{wrong:?}");
        shop.visitor().forget_password(wrong).await.refused(422, "invalid_email");
    }
    assert_eq!(shop.letters().await.len(), 0);
}

rightful_tests::on_both_databases![
    r_105_only_the_mailbox_in_question_is_told,
    reminders_are_in_the_language_of_who_reads_them,
    what_is_no_address_is_refused,
];
