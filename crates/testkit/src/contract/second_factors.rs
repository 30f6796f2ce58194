//! Second factors: each code opens one thing, in every interleaving.

use rightful_domain::accounts::{Account, SecurityEpoch, Version};
use rightful_domain::changes::Write;
use rightful_domain::one_time_codes::Step;
use rightful_domain::ports::Unique;
use rightful_domain::second_factors::{BackupCode, Factor, FactorEnd, FactorSecret, FactorState};
use rightful_domain::values::{Sealed, Span, Timestamp};

use super::{Adapters, assert_stale, assert_taken, is_stale, race};
use crate::builders::{Edit, NOW, factor, hash, id, verified};

async fn list(adapters: &Adapters, owner: &Account) -> Vec<Factor> {
    adapters.second_factors.list(owner.id()).await.expect("reads")
}

fn next(factor: &Factor) -> Factor {
    factor.clone().edit(|record| record.version = record.version.next())
}

/// Every kind and state that is listed, at the ends of time.
pub async fn every_field_of_a_factor_reads_back(adapters: Adapters) {
    let mut n = 0;
    for millis in [0, -1, i64::MIN, i64::MAX] {
        let at = Timestamp::from_millis(millis);
        let codes = [None, Some(at)]
            .map(|used_at| BackupCode { hash: hash("ß'\" $argon2id$v=19$m=1"), used_at });
        let secrets = [
            FactorSecret::Totp { key: Sealed::from_bytes(vec![0, 1, 255]), last: None },
            FactorSecret::Totp {
                key: Sealed::from_bytes(vec![0; 300]),
                last: Some(Step::from_stored(millis)),
            },
            FactorSecret::BackupCodes(codes.to_vec()),
        ];
        for secret in secrets {
            for state in [FactorState::Begun { until: at }, FactorState::Bound { at }] {
                n += 1;
                let owner = verified(n);
                let wanted = factor(&owner, n).edit(|record| {
                    record.secret = secret.clone();
                    record.state = state;
                    record.epoch = SecurityEpoch::from_stored(i64::MAX);
                    record.begun_at = at;
                    record.last_used_at = Some(at);
                });
                adapters.write([Write::InsertAccount(owner.clone())]).await;
                adapters.write([Write::InsertFactor(wanted.clone())]).await;
                assert_eq!(list(&adapters, &owner).await, std::slice::from_ref(&wanted));
                // And once more as an update writes it.
                adapters.write([Write::UpdateFactor(wanted.clone())]).await;
                assert_eq!(list(&adapters, &owner).await, [next(&wanted)]);
            }
        }
    }
}

/// Nor does it have those of another account (MN-65).
pub async fn an_account_without_factors_has_an_empty_list(adapters: Adapters) {
    let (owner, other) = (verified(1), verified(2));
    adapters
        .write([
            Write::InsertAccount(owner.clone()),
            Write::InsertAccount(other.clone()),
            Write::InsertFactor(factor(&other, 1)),
        ])
        .await;
    assert_eq!(list(&adapters, &owner).await, []);
}

/// What ended is asked for no more, whatever its kind.
pub async fn the_list_leaves_out_what_ended_and_puts_the_oldest_first(adapters: Adapters) {
    let owner = verified(1);
    let begun = |n, at| factor(&owner, n).edit(|record| record.begun_at = at);
    let (young, old, twin) = (begun(1, NOW), begun(2, NOW - Span::days(1)), begun(3, NOW));
    adapters.write([Write::InsertAccount(owner.clone())]).await;
    adapters.write([&young, &old, &twin].map(|one| Write::InsertFactor(one.clone()))).await;
    assert_eq!(list(&adapters, &owner).await, [old.clone(), young.clone(), twin.clone()]);
    for why in FactorEnd::ALL {
        let ended = factor(&owner, 10).edit(|record| {
            record.id = id(20 + FactorEnd::ALL.iter().position(|w| *w == why).unwrap_or(0) as u64);
        });
        adapters.write([Write::InsertFactor(ended.clone())]).await;
        adapters.write([Write::UpdateFactor(ended.end(why, NOW))]).await;
    }
    adapters.write([Write::UpdateFactor(old.end(FactorEnd::Removed, NOW))]).await;
    assert_eq!(list(&adapters, &owner).await, [young, twin]);
}

/// A decision on another version is stale.
pub async fn an_update_of_a_factor_moves_the_version_on_by_one(adapters: Adapters) {
    let owner = verified(1);
    let stored = factor(&owner, 1);
    adapters
        .write([Write::InsertAccount(owner.clone()), Write::InsertFactor(stored.clone())])
        .await;
    adapters.write([Write::UpdateFactor(stored.clone())]).await;
    assert_stale(&adapters.try_write([Write::UpdateFactor(stored.clone())]).await);
    let later = stored.edit(|record| record.version = Version::from_stored(9));
    assert_stale(&adapters.try_write([Write::UpdateFactor(later)]).await);
    let gone = factor(&owner, 2);
    assert_stale(&adapters.try_write([Write::UpdateFactor(gone)]).await);
    let found = list(&adapters, &owner).await;
    assert_eq!(found[0].record().version, Version::FIRST.next());
}

/// MN-14, MN-44: they all accepted it; one writes that it is used.
pub async fn of_thirty_two_that_use_one_code_one_wins(adapters: Adapters) {
    let owner = verified(1);
    let app = factor(&owner, 1);
    adapters.write([Write::InsertAccount(owner.clone()), Write::InsertFactor(app.clone())]).await;
    let found = race(32, |_| {
        let (adapters, app) = (adapters.clone(), app.clone());
        async move {
            let used = app.use_step(Step::at(NOW), NOW).expect("is bound");
            adapters.try_write([Write::UpdateFactor(used)]).await
        }
    })
    .await;
    assert_eq!(found.iter().filter(|result| result.is_ok()).count(), 1, "{found:?}");
    assert_eq!(found.iter().filter(|result| is_stale(result)).count(), 31, "{found:?}");
}

/// The second is refused as taken.
pub async fn an_id_is_given_to_one_factor(adapters: Adapters) {
    let owner = verified(1);
    let first = factor(&owner, 1);
    adapters.write([Write::InsertAccount(owner), Write::InsertFactor(first.clone())]).await;
    assert_taken(&adapters.try_write([Write::InsertFactor(first)]).await, Unique::Other);
}

/// It gave way between the decision and the commit.
pub async fn a_factor_of_an_account_that_is_gone_is_stale(adapters: Adapters) {
    let orphan = factor(&verified(1), 1);
    assert_stale(&adapters.try_write([Write::InsertFactor(orphan)]).await);
}
