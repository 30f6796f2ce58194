//! The audit trail (decision 8, MN-67, MN-68, security §3.9). That the chain is whole and tells no address and
//! no secret is looked at after every journey, by `Ground::finish`.

use std::collections::BTreeSet;

use rightful_domain::audit::{Act, Entry, Verified};
use rightful_domain::values::Span;
use rightful_tests::{Customer, Ground, NEW_PASSWORD, PASSWORD, SmtpSink};
use serde_json::json;

const ADA: &str = "ada@example.org";
const NEW: &str = "ada@new.example.org";
const OWNERS: &str = "only the owner knows these";

/// MN-67, ASVS V16.3.1, V16.3.3: every act left exactly one entry, in its order; every refusal of a password
/// left one; what only reads, and what was refused before anything was looked at, left none.
async fn asvs_v16_3_1_v16_3_3_every_act_leaves_one_entry(ground: &Ground) {
    let shop = ground.open().await;
    let visitor = shop.visitor();
    let mut wanted: Vec<&str> = Vec::new();
    let mut told = |acts: &[&'static str]| wanted.extend(acts);

    visitor.register(ADA, "short").await.refused(422, "password_too_short");
    visitor.register(ADA, PASSWORD).await.expect(202);
    told(&["account.registered"]);
    visitor.register(ADA, PASSWORD).await.expect(202);
    told(&["account.restarted"]);
    shop.wait(Span::minutes(1));
    visitor.resend_verification(ADA).await.expect(202);
    shop.settle().await;
    told(&["account.verification_resent", "account.verification_issued"]);
    visitor.resend_verification("unknown@example.org").await.expect(202);
    shop.settle().await;
    told(&["account.verification_resent"]);
    let secret = shop.secret(ADA, "welcome").await;
    visitor.verify("vfy_nonsense", PASSWORD).await.refused(404, "link_unknown");
    visitor.verify(&secret, PASSWORD).await.expect(200);
    told(&["account.mailbox_proved"]);
    visitor.register(ADA, PASSWORD).await.expect(202);
    told(&["account.registration_refused"]);
    visitor.sign_in(ADA, NEW_PASSWORD).await.refused(401, "wrong_credentials");
    visitor.sign_in("unknown@example.org", PASSWORD).await.refused(401, "wrong_credentials");
    told(&["session.refused", "session.refused"]);
    shop.wait(Span::minutes(1));
    let ada = Customer { email: ADA.into(), password: PASSWORD.into(), visitor: visitor.clone() };
    let mut session = ada.sign_in().await;
    let other = ada.sign_in().await;
    let third = ada.sign_in().await;
    told(&["session.started", "session.started", "session.started"]);
    session.get("/v1/me").await.expect(200);
    session.get("/v1/sessions").await.expect(200);
    session.panel().await;
    let wrong = json!({"password": NEW_PASSWORD});
    session.post("/v1/session/reauthentication", &wrong).await.refused(403, "wrong_password");
    told(&["session.proof_refused"]);
    session.prove_again(PASSWORD).await;
    told(&["session.reauthenticated"]);
    session.delete(&format!("/v1/sessions/{}", other.id)).await.expect(204);
    told(&["session.ended"]);
    third.delete("/v1/session").await.expect(204);
    told(&["session.signed_out"]);
    // Where there is no other, nothing is done.
    session.poke("/v1/sessions/end-others").await.expect(204);
    ada.sign_in().await;
    session.poke("/v1/sessions/end-others").await.expect(204);
    told(&["session.started", "session.others_ended"]);
    let patch = |body: serde_json::Value| {
        session.ask("PATCH", "/v1/me").header("if-match", "*").json(&body).send()
    };
    patch(json!({"name": "Ada"})).await.expect(200);
    told(&["account.profile_changed"]);
    patch(json!({"name": "Ada"})).await.expect(200);
    session.request_change(NEW).await.expect(202);
    told(&["email_change.requested"]);
    session.change_password(PASSWORD, NEW_PASSWORD).await;
    told(&["account.password_changed", "email_change.cancelled"]);
    session.request_change(ADA).await.refused(422, "email_unchanged");
    shop.known_contact("known@example.org").await;
    session.request_change("known@example.org").await.refused(409, "email_known_contact");
    told(&["email_change.refused"]);
    session.request_change(NEW).await.expect(202);
    told(&["email_change.requested"]);
    shop.wait(Span::minutes(1));
    session.resend_change().await.expect(202);
    told(&["email_change.resent"]);
    session.cancel_change().await.expect(204);
    told(&["email_change.cancelled"]);
    shop.visitor().register(NEW, PASSWORD).await.expect(202);
    told(&["account.registered"]);
    session.request_change(NEW).await.expect(202);
    told(&["email_change.requested"]);
    session.confirm(&shop.secret(NEW, "confirm_email_change").await).await.expect(200);
    told(&["email_change.confirmed", "account.displaced"]);
    let dispute = shop.secret(ADA, "email_changed_old").await;
    visitor.dispute(&dispute).await.expect(200);
    told(&["email_change.disputed"]);
    visitor.restore(&dispute, NEW_PASSWORD, OWNERS).await.expect(200);
    told(&["email_change.reverted"]);
    visitor.forget_password("unknown@example.org").await.expect(202);
    shop.settle().await;
    told(&["password_reset.asked"]);
    visitor.forget_password("known@example.org").await.expect(202);
    shop.settle().await;
    told(&["password_reset.asked", "account.absence_told"]);
    visitor.forget_password(ADA).await.expect(202);
    let secret = shop.secret(ADA, "reset_password").await;
    told(&["password_reset.asked", "password_reset.issued"]);
    visitor.reset_password(&secret, "short").await.refused(422, "password_too_short");
    visitor.reset_password(&secret, NEW_PASSWORD).await.expect(200);
    told(&["password_reset.completed"]);
    visitor.forget_address(ADA).await.expect(202);
    shop.settle().await;
    told(&["account.reminder_asked", "account.reminded"]);
    let ada = Customer { password: NEW_PASSWORD.into(), ..ada };
    let session = ada.sign_in().await;
    session.checkup().await;
    session.poke("/v1/me/security-checkup/done").await.expect(200);
    told(&["session.started", "account.security_checked"]);

    assert_eq!(shop.acts_from(0).await, wanted);
    // Beside these there are those that a mail server, the calendar and an operator cause.
    let seen: BTreeSet<&str> = wanted.into_iter().collect();
    let all = Act::ALL.iter().map(|act| act.as_str());
    let unseen: Vec<_> = all.filter(|act| !seen.contains(act)).collect();
    let caused = [
        // Where the shop asks the old mailbox: `email_change_approved.rs`.
        "email_change.approved",
        "email_change.undeliverable",
        // Where there is a second factor: `second_factors.rs`.
        "second_factor.begun",
        "second_factor.bound",
        "second_factor.removed",
        "second_factor.refused",
        "second_factor.backup_codes_renewed",
        "sign_in.second_step_asked",
        "trusted_device.trusted",
        "trusted_device.ended",
        "retention.past_forgotten",
        "letter.died",
        "letter.revived",
    ];
    assert_eq!(unseen, caused);
}

/// ASVS V16.2.1: when, who, what, to which account, from where, in which request.
async fn asvs_v16_2_1_v16_4_1_an_entry_says_when_who_what_and_in_which_request(ground: &Ground) {
    let shop = ground.open().await;
    let ada = shop.customer(ADA).await;
    let session = ada.sign_in().await;
    shop.wait(Span::hours(1));
    let name = json!({"name": "Ada\r\n2026-11-22 root granted"});
    let ask = session.ask("PATCH", "/v1/me").header("if-match", "*").json(&name);
    ask.header("request-id", "order-42.retry_1").send().await.expect(200);
    let anonymous = shop.visitor_from("203.0.113.77").sign_in(ADA, NEW_PASSWORD).await;
    let again = shop.visitor_from("203.0.113.77").sign_in("nobody@example.org", PASSWORD).await;

    let last: Vec<Entry> = shop.audit().await.into_iter().rev().take(3).rev().collect();
    let [changed, refused, unknown] = &last[..] else { panic!("{last:?}") };
    assert_eq!(changed.at, shop.now());
    assert_eq!(changed.actor, format!("customer:{}", session.account));
    assert_eq!(changed.account.map(|id| id.to_string()), Some(session.account.clone()));
    assert_eq!((&*changed.act, &*changed.request), ("account.profile_changed", "order-42.retry_1"));
    let details: Vec<_> = changed.details.iter().map(|(k, v)| (&**k, &**v)).collect();
    assert_eq!(details, [("name", "changed")], "what was typed is nobody's business");

    assert_eq!((&*refused.actor, &*refused.act), ("anonymous", "session.refused"));
    assert_eq!(refused.account, changed.account);
    assert_eq!(refused.request, anonymous.header("request-id"));
    assert_eq!(unknown.account, None);
    assert_eq!(unknown.request, again.header("request-id"));
    // The network can be compared and not read.
    assert_eq!(refused.source, unknown.source);
    assert_ne!(refused.source, changed.source);
    assert!(!refused.source.contains("203.0.113"));
}

/// MN-68: the chain goes on through restarts, and a checkpoint that was kept elsewhere is found in it.
async fn asvs_v16_4_2_the_chain_goes_on_through_restarts(ground: &Ground) {
    let shop = ground.open().await;
    shop.customer(ADA).await;
    let Verified::Whole(kept) = shop.rightful().audit_trail().verify(None).await.expect("read")
    else {
        panic!("it is broken")
    };
    assert_eq!(kept.seq, 2);
    shop.close().await;
    let shop = ground.open().await;
    shop.customer("bob@example.org").await;
    let verified = shop.rightful().audit_trail().verify(Some(kept)).await.expect("read");
    let Verified::Whole(head) = verified else { panic!("{verified:?}") };
    assert_eq!(head.seq, 4);
    // A checkpoint of another chain, or of one that was longer, is not in it.
    let mut foreign = kept;
    foreign.hash[0] ^= 1;
    let mut longer = head;
    longer.seq += 1;
    for wrong in [foreign, longer] {
        let verified = shop.rightful().audit_trail().verify(Some(wrong)).await.expect("read");
        assert!(matches!(verified, Verified::Broken(_)), "{verified:?}");
    }
}

/// What a mail server causes is told too, by nobody's hand.
async fn what_the_mail_server_causes_is_told(ground: &Ground) {
    let sink = SmtpSink::start().await;
    let shop = ground.open_with_mail_server(&sink).await;
    sink.refuse(ADA, true);
    shop.visitor().register(ADA, PASSWORD).await.expect(202);
    shop.settle().await;
    let entries = shop.audit().await;
    let [registered, died] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!((&*died.act, &*died.actor), ("letter.died", "system"));
    assert_eq!(died.account, registered.account);
    assert_eq!(died.details.get("kind").map(String::as_str), Some("welcome"));
}

rightful_tests::on_both_databases![
    asvs_v16_3_1_v16_3_3_every_act_leaves_one_entry,
    asvs_v16_2_1_v16_4_1_an_entry_says_when_who_what_and_in_which_request,
    asvs_v16_4_2_the_chain_goes_on_through_restarts,
    what_the_mail_server_causes_is_told,
];
