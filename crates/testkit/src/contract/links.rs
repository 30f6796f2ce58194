//! Links: redeemed once, in every interleaving.

use rightful_domain::accounts::SecurityEpoch;
use rightful_domain::changes::Write;
use rightful_domain::links::LinkPurpose;
use rightful_domain::ports::Unique;
use rightful_domain::values::{Span, Timestamp};

use super::{Adapters, assert_stale, assert_taken, is_stale, race};
use crate::builders::{
    Edit, NOW, account, changes, email_change, id, letter, link, secret, verified,
};

/// Every purpose, with and without a change, used or not, at the ends of time.
pub async fn every_field_of_a_link_reads_back(adapters: Adapters) {
    let owner = verified(1);
    let change = email_change(&owner, "new@example.com", 1);
    adapters
        .write([Write::InsertAccount(owner.clone()), Write::InsertEmailChange(change.clone())])
        .await;
    let mut n = 0;
    for purpose in LinkPurpose::ALL {
        for millis in [0, -1, i64::MIN, i64::MAX] {
            for email_change in [None, Some(change.id())] {
                n += 1;
                let at = Timestamp::from_millis(millis);
                let wanted = link(&owner, purpose, n).edit(|record| {
                    record.email_change = email_change;
                    record.epoch = SecurityEpoch::from_stored(i64::MAX);
                    record.issued_at = at;
                    record.expires_at = at;
                });
                adapters.write([Write::InsertLink(wanted.clone())]).await;
                let found = adapters.links.find(&secret(n)).await.expect("reads");
                assert_eq!(found, Some(wanted.clone()));
                adapters.write([Write::RedeemLink { link: wanted.record().id, at }]).await;
                let found = adapters.links.find(&secret(n)).await.expect("reads");
                assert_eq!(found, Some(wanted.edit(|record| record.redeemed_at = Some(at))));
            }
        }
    }
}

/// We never issued it.
pub async fn a_link_that_is_not_there_is_none(adapters: Adapters) {
    let owner = account(1);
    let issued = link(&owner, LinkPurpose::VerifyAddress, 1);
    adapters.write([Write::InsertAccount(owner), Write::InsertLink(issued)]).await;
    assert_eq!(adapters.links.find(&secret(2)).await.expect("reads"), None);
}

/// MN-19: the second time is refused, and says when the first was.
pub async fn a_link_is_redeemed_once(adapters: Adapters) {
    let owner = account(1);
    let issued = link(&owner, LinkPurpose::VerifyAddress, 1);
    let untouched = link(&owner, LinkPurpose::VerifyAddress, 2);
    adapters
        .write([
            Write::InsertAccount(owner),
            Write::InsertLink(issued.clone()),
            Write::InsertLink(untouched.clone()),
        ])
        .await;
    adapters.write([Write::RedeemLink { link: id(1), at: NOW }]).await;
    let audited = adapters.audited().await;
    let again = [Write::RedeemLink { link: id(1), at: NOW + Span::seconds(1) }];
    assert_stale(&adapters.try_write(again).await);
    let found = adapters.links.find(&secret(1)).await.expect("reads");
    assert_eq!(found, Some(issued.edit(|record| record.redeemed_at = Some(NOW))));
    assert_eq!(adapters.links.find(&secret(2)).await.expect("reads"), Some(untouched));
    assert_eq!(adapters.audited().await, audited);
    // Not even twice in one commit.
    let twice = [NOW, NOW].map(|at| Write::RedeemLink { link: id(2), at });
    assert_stale(&adapters.try_write(twice).await);
}

/// It went with its account.
pub async fn a_link_that_is_not_there_is_not_redeemed(adapters: Adapters) {
    assert_stale(&adapters.try_write([Write::RedeemLink { link: id(1), at: NOW }]).await);
}

/// MN-16: one success, one audit entry, one letter.
pub async fn of_thirty_two_that_redeem_one_link_one_wins(adapters: Adapters) {
    let owner = account(1);
    let links = (1..=4).map(|n| link(&owner, LinkPurpose::VerifyAddress, n));
    let inserts: Vec<_> = links.map(Write::InsertLink).collect();
    adapters.write([Write::InsertAccount(owner)]).await;
    adapters.write(inserts).await;
    for round in 1..=4_u64 {
        let audited = adapters.audited().await;
        let found = race(32, |runner| {
            let adapters = adapters.clone();
            async move {
                let redeem = Write::RedeemLink { link: id(round), at: NOW };
                let told = changes([redeem]).post(letter(round * 100 + runner as u64));
                adapters.commit(told).await
            }
        })
        .await;
        assert_eq!(found.iter().filter(|result| result.is_ok()).count(), 1, "{found:?}");
        assert_eq!(found.iter().filter(|result| is_stale(result)).count(), 31, "{found:?}");
        assert_eq!(adapters.audited().await, audited + 1);
        let waiting = adapters.letters.queue_state().await.expect("reads").waiting;
        assert_eq!(waiting, round, "one letter for each link");
    }
}

/// CS-51: a secret opens one thing.
pub async fn a_secret_belongs_to_one_link(adapters: Adapters) {
    let owner = account(1);
    let first = link(&owner, LinkPurpose::VerifyAddress, 1);
    adapters.write([Write::InsertAccount(owner.clone()), Write::InsertLink(first.clone())]).await;
    let same_secret =
        link(&owner, LinkPurpose::DisputeEmailChange, 2).edit(|record| record.secret = secret(1));
    let same_id =
        link(&owner, LinkPurpose::VerifyAddress, 1).edit(|record| record.secret = secret(3));
    for twin in [same_secret, same_id] {
        assert_taken(&adapters.try_write([Write::InsertLink(twin)]).await, Unique::Other);
    }
    assert_eq!(adapters.links.find(&secret(1)).await.expect("reads"), Some(first));
    assert_eq!(adapters.links.find(&secret(3)).await.expect("reads"), None);
}

/// It gave way between the decision and the commit: the service reads again and finds nobody.
pub async fn a_link_of_an_account_that_is_gone_is_stale(adapters: Adapters) {
    let orphan = link(&account(1), LinkPurpose::VerifyAddress, 1);
    assert_stale(&adapters.try_write([Write::InsertLink(orphan)]).await);
    assert_eq!(adapters.links.find(&secret(1)).await.expect("reads"), None);
}
