//! Forgetting what is over (security §3.9, MN-26, ASVS V14.2.7). The worker does it once a day; here it is
//! asked to.

use rightful_domain::values::Span;
use rightful_tests::{Ground, NEW_PASSWORD, PASSWORD};

const ADA: &str = "ada@example.org";
const NEW: &str = "ada@new.example.org";

/// What is over for long is gone; what still counts is not touched.
async fn asvs_v14_2_7_what_is_over_for_long_is_forgotten_and_nothing_else(ground: &Ground) {
    let shop = ground.open().await;
    let claim = shop.registered("claim@example.org").await;
    let stale = shop.secret("claim@example.org", "welcome").await;
    let ada = shop.customer(ADA).await;
    let bob = shop.customer("bob@example.org").await;
    shop.wait(Span::seconds(1));
    let session = ada.sign_in().await;
    session.request_change(NEW).await.expect(202);
    let confirm = shop.secret(NEW, "confirm_email_change").await;
    session.confirm(&confirm).await.expect(200);
    let dispute = shop.secret(ADA, "email_changed_old").await;

    // The same day nothing is over: the dispute still restores.
    let forget = async || shop.rightful().retention().forget_past().await.expect("it is done");
    forget().await;
    shop.visitor().confirm(&confirm, Some(PASSWORD)).await.refused(410, "link_used");
    shop.visitor().restore(&dispute, PASSWORD, NEW_PASSWORD).await.expect(200);
    claim.sign_in().await;

    // Months later: links are unknown, the claim is gone, the customers are not.
    shop.wait(Span::days(100));
    shop.visitor().confirm(&confirm, Some(PASSWORD)).await.refused(410, "link_used");
    forget().await;
    shop.visitor().confirm(&confirm, Some(PASSWORD)).await.refused(404, "link_unknown");
    shop.visitor().dispute(&dispute).await.refused(404, "link_unknown");
    shop.visitor().verify(&stale, PASSWORD).await.refused(404, "link_unknown");
    let gone = shop.visitor().sign_in("claim@example.org", PASSWORD).await;
    gone.refused(401, "wrong_credentials");
    shop.visitor().register("claim@example.org", PASSWORD).await.expect(202);
    let kinds = shop.kinds_to("claim@example.org").await;
    assert_eq!(kinds, ["welcome", "welcome"], "a new account, and its own welcome");
    bob.sign_in().await;
    let back = shop.visitor().sign_in(ADA, NEW_PASSWORD).await.expect(201);
    assert_eq!(back.str("/account/id"), session.account);
    // The trail stays whole, which `Ground::finish` looks at, and tells of it.
    assert_eq!(shop.told("retention.past_forgotten").await, 2);
    assert_eq!(shop.told("email_change.reverted").await, 1);
}

rightful_tests::on_both_databases![
    asvs_v14_2_7_what_is_over_for_long_is_forgotten_and_nothing_else,
];
