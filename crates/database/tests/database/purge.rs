//! What is over is removed along the way.

use rightful_domain::idempotency::{Claim, IdempotencyKey, IdempotencyRepository};
use rightful_domain::throttle::{Limit, Throttle, ThrottleKey, Verdict};
use rightful_domain::values::{Sealed, Span};
use rightful_testkit::builders::NOW;
use rightful_testkit::fakes::FakeVault;

use crate::fresh;

fn key(n: u8) -> IdempotencyKey {
    IdempotencyKey([n; 32])
}

#[tokio::test]
async fn tallies_that_are_over_go_and_the_others_stay() {
    for fresh in fresh::each().await {
        let raw = fresh.raw().await;
        let of = |n: u32| ThrottleKey::of(&FakeVault::default(), "purge", &[&n.to_string()]);
        let short = Limit::Quota { most: 5, window: Span::minutes(1) };
        let long = Limit::Quota { most: 1, window: Span::days(1) };
        for n in 0..40 {
            assert_eq!(fresh.db.take(&[(of(n), short)], NOW).await.unwrap(), Verdict::Go);
        }
        assert_eq!(fresh.db.take(&[(of(100), long)], NOW).await.unwrap(), Verdict::Go);
        assert_eq!(raw.number("SELECT count(*) FROM throttle_tallies").await, 41);
        let later = NOW + Span::minutes(2);
        let many = Limit::Quota { most: 1_000, window: Span::minutes(1) };
        for _ in 0..64 {
            assert_eq!(fresh.db.take(&[(of(200), many)], later).await.unwrap(), Verdict::Go);
        }
        assert_eq!(raw.number("SELECT count(*) FROM throttle_tallies").await, 2);
        assert!(matches!(
            fresh.db.take(&[(of(100), long)], later).await.unwrap(),
            Verdict::Wait(_)
        ));
    }
}

#[tokio::test]
async fn a_refused_try_leaves_no_row_behind() {
    for fresh in fresh::each().await {
        let raw = fresh.raw().await;
        let of = |n: &str| ThrottleKey::of(&FakeVault::default(), "purge", &[n]);
        let one = Limit::Quota { most: 1, window: Span::minutes(1) };
        fresh.db.take(&[(of("closed"), one)], NOW).await.unwrap();
        let both = [(of("closed"), one), (of("open"), one)];
        assert!(matches!(fresh.db.take(&both, NOW).await.unwrap(), Verdict::Wait(_)));
        assert_eq!(raw.number("SELECT count(*) FROM throttle_tallies").await, 1);
    }
}

#[tokio::test]
async fn answers_older_than_a_day_go_with_the_next_claim_of_any_key() {
    for fresh in fresh::each().await {
        let raw = fresh.raw().await;
        for n in 0..5 {
            assert_eq!(fresh.db.claim(key(n), [0; 32], NOW).await.unwrap(), Claim::Yours);
            fresh.db.finish(key(n), Sealed::from_bytes(vec![n])).await.unwrap();
        }
        let next_day = NOW + Span::hours(24);
        assert_eq!(
            fresh.db.claim(key(9), [0; 32], next_day - Span::from_millis(1)).await.unwrap(),
            Claim::Yours
        );
        assert_eq!(raw.number("SELECT count(*) FROM idempotency_answers").await, 6);
        assert_eq!(fresh.db.claim(key(10), [0; 32], next_day).await.unwrap(), Claim::Yours);
        assert_eq!(raw.number("SELECT count(*) FROM idempotency_answers").await, 2);
    }
}

/// A slow process that lost its claim must not undo what the next one answered.
#[tokio::test]
async fn an_answer_stands() {
    for fresh in fresh::each().await {
        let answer = |n: u8| Sealed::from_bytes(vec![n]);
        fresh.db.claim(key(1), [0; 32], NOW).await.unwrap();
        fresh.db.finish(key(1), answer(1)).await.unwrap();
        fresh.db.finish(key(1), answer(2)).await.unwrap();
        fresh.db.abandon(key(1)).await.unwrap();
        assert_eq!(fresh.db.claim(key(1), [0; 32], NOW).await.unwrap(), Claim::Answered(answer(1)));
    }
}
