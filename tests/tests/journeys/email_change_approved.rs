//! A shop that asks the old mailbox too (security, decision 1; `accounts.old_mailbox = "confirm"`).

use std::sync::Arc;

use rightful_domain::email_change::OldMailbox;
use rightful_domain::values::Span;
use rightful_tests::{Ground, PASSWORD, Shop};
use serde_json::json;

const ADA: &str = "ada@example.org";
const NEW: &str = "ada@new.example.org";

async fn open(ground: &Ground) -> Arc<Shop> {
    ground.open_with(|config| config.accounts.old_mailbox = OldMailbox::Confirm).await
}

/// The old mailbox first, then the new one; a refusal on the way uses nothing up.
async fn the_new_address_waits_for_both_mailboxes(ground: &Ground) {
    let shop = open(ground).await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    let pending = session.request_change(NEW).await.expect(202).json();
    assert_eq!(pending["approval"], "awaited");
    let confirm = shop.secret(NEW, "confirm_email_change").await;
    let approve = shop.secret(ADA, "approve_email_change").await;

    let refused = session.confirm(&confirm).await.refused(409, "email_change_not_approved").json();
    assert_eq!(refused["next_actions"], json!(["check_old_mailbox", "resend_email_change"]));
    let visitor = shop.visitor();
    visitor.confirm(&confirm, Some(PASSWORD)).await.refused(409, "email_change_not_approved");
    assert_eq!(session.panel().await["email"], ADA);

    let mails = shop.letters().await.len();
    let answer = visitor.approve(&approve).await.expect(204);
    assert!(answer.headers.get("set-cookie").is_none(), "it signs nobody in");
    assert_eq!(shop.letters().await.len(), mails);
    let panel = session.panel().await;
    assert_eq!((&panel["pending"]["approval"], &panel["email"]), (&json!("given"), &json!(ADA)));
    visitor.approve(&approve).await.refused(410, "link_used");

    session.confirm(&confirm).await.expect(200);
    shop.visitor().sign_in(NEW, PASSWORD).await.expect(201);
    shop.visitor().sign_in(ADA, PASSWORD).await.refused(401, "wrong_credentials");
}

/// C3: whoever has the password and the new mailbox moves nothing; the notice stops it.
async fn a_thief_with_the_password_waits_for_ever(ground: &Ground) {
    let shop = open(ground).await;
    let ada = shop.customer(ADA).await;
    let thief = ada.sign_in_at(&shop.visitor()).await;
    thief.request_change("thief@evil.example.org").await.expect(202);
    let confirm = shop.secret("thief@evil.example.org", "confirm_email_change").await;
    let dispute = shop.secret(ADA, "email_change_requested").await;
    // None of the secrets that the thief has, or that the owner uses to object, agrees.
    for wrong in [&confirm, &dispute] {
        shop.visitor().approve(wrong).await.refused(404, "link_unknown");
    }
    let approve = shop.secret(ADA, "approve_email_change").await;
    shop.visitor().dispute(&dispute).await.expect(200);
    shop.visitor().approve(&approve).await.refused(410, "link_superseded");
    shop.visitor().confirm(&confirm, Some(PASSWORD)).await.refused(410, "link_superseded");
    shop.visitor().sign_in(ADA, PASSWORD).await.expect(201);
}

/// its link lives as long as the other, to the millisecond, and comes again with it.
async fn asvs_v6_4_1_the_link_to_the_old_mailbox_lives_48_hours_and_comes_again(ground: &Ground) {
    let shop = open(ground).await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    session.request_change(NEW).await.expect(202);
    let first = shop.secret(ADA, "approve_email_change").await;
    shop.wait(Span::hours(48));
    shop.visitor().approve(&first).await.refused(410, "link_expired");
    session.resend_change().await.expect(202);
    let second = shop.secret(ADA, "approve_email_change").await;
    assert_ne!(first, second);
    shop.wait(Span::from_millis(48 * 3_600_000 - 1));
    shop.visitor().approve(&second).await.expect(204);
    // Agreed to, it is not asked for again.
    let mails = shop.letters().await.len();
    session.resend_change().await.expect(202);
    let kinds: Vec<_> = shop.letters().await.split_off(mails).into_iter().map(|l| l.kind).collect();
    assert_eq!(kinds, ["confirm_email_change"]);
}

rightful_tests::on_both_databases![
    the_new_address_waits_for_both_mailboxes,
    a_thief_with_the_password_waits_for_ever,
    asvs_v6_4_1_the_link_to_the_old_mailbox_lives_48_hours_and_comes_again,
];
