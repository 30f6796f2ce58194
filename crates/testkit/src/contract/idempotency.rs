//! Idempotency keys: one effect and one answer, however often a request is sent (MN-69).

use rightful_domain::idempotency::{Claim, IdempotencyKey};
use rightful_domain::values::{Sealed, Span, Timestamp};

use super::{Adapters, race};
use crate::builders::NOW;

const BODY: [u8; 32] = [0xb0; 32];
const OTHER_BODY: [u8; 32] = [0x0b; 32];

fn key(n: u8) -> IdempotencyKey {
    IdempotencyKey([n; 32])
}

fn answer(text: &str) -> Sealed {
    Sealed::from_bytes(text.as_bytes().to_vec())
}

async fn claim(adapters: &Adapters, n: u8, body: [u8; 32], now: Timestamp) -> Claim {
    adapters.idempotency.claim(key(n), body, now).await.expect("answers")
}

async fn finish(adapters: &Adapters, n: u8, answer: Sealed) {
    adapters.idempotency.finish(key(n), answer).await.expect("keeps the answer");
}

/// The caller does the work.
pub async fn a_new_key_is_yours(adapters: Adapters) {
    assert_eq!(claim(&adapters, 1, BODY, NOW).await, Claim::Yours);
}

/// The first has not answered yet.
pub async fn a_key_in_flight_is_not_given_again(adapters: Adapters) {
    assert_eq!(claim(&adapters, 1, BODY, NOW).await, Claim::Yours);
    for millis in [0, 1, 59_999] {
        let now = NOW + Span::from_millis(millis);
        assert_eq!(claim(&adapters, 1, BODY, now).await, Claim::InFlight);
    }
}

/// Before and after the answer: the client confuses two requests.
pub async fn a_key_with_another_body_is_refused(adapters: Adapters) {
    assert_eq!(claim(&adapters, 1, BODY, NOW).await, Claim::Yours);
    assert_eq!(claim(&adapters, 1, OTHER_BODY, NOW).await, Claim::OtherBody);
    finish(&adapters, 1, answer("done")).await;
    assert_eq!(claim(&adapters, 1, OTHER_BODY, NOW).await, Claim::OtherBody);
    assert_eq!(claim(&adapters, 1, BODY, NOW).await, Claim::Answered(answer("done")));
}

/// Every byte, none, and many.
pub async fn an_answer_is_given_again_byte_for_byte(adapters: Adapters) {
    let answers = [vec![], (0..=255).collect::<Vec<u8>>(), vec![0; 100_000]];
    for (n, answer) in (1..).zip(answers.map(Sealed::from_bytes)) {
        assert_eq!(claim(&adapters, n, BODY, NOW).await, Claim::Yours);
        finish(&adapters, n, answer.clone()).await;
        for _ in 0..3 {
            assert_eq!(claim(&adapters, n, BODY, NOW).await, Claim::Answered(answer.clone()));
        }
    }
}

/// The work was not done: the client may send it again, even otherwise.
pub async fn an_abandoned_key_is_free_at_once(adapters: Adapters) {
    for body in [BODY, OTHER_BODY, BODY] {
        assert_eq!(claim(&adapters, 1, body, NOW).await, Claim::Yours);
        adapters.idempotency.abandon(key(1)).await.expect("gives the key back");
    }
    adapters.idempotency.abandon(key(9)).await.expect("nothing to give back is no error");
}

/// Nobody will ever answer it; whoever takes it over has a minute of its own.
pub async fn a_claim_whose_process_died_is_taken_over_after_a_minute(adapters: Adapters) {
    assert_eq!(claim(&adapters, 1, BODY, NOW).await, Claim::Yours);
    let taken_over = NOW + Span::seconds(61);
    assert_eq!(claim(&adapters, 1, BODY, taken_over).await, Claim::Yours);
    let soon = taken_over + Span::seconds(59);
    assert_eq!(claim(&adapters, 1, BODY, soon).await, Claim::InFlight);
    finish(&adapters, 1, answer("done")).await;
    let later = taken_over + Span::hours(1);
    assert_eq!(claim(&adapters, 1, BODY, later).await, Claim::Answered(answer("done")));
}

/// A key may come again after that, with any body.
pub async fn an_answer_is_kept_for_a_day_and_then_forgotten(adapters: Adapters) {
    assert_eq!(claim(&adapters, 1, BODY, NOW).await, Claim::Yours);
    finish(&adapters, 1, answer("done")).await;
    let almost = NOW + Span::hours(23);
    assert_eq!(claim(&adapters, 1, BODY, almost).await, Claim::Answered(answer("done")));
    assert_eq!(claim(&adapters, 1, OTHER_BODY, NOW + Span::hours(25)).await, Claim::Yours);
    let then = NOW + Span::hours(25);
    assert_eq!(claim(&adapters, 1, OTHER_BODY, then).await, Claim::InFlight);
}

/// MN-16: one does the work.
pub async fn of_thirty_two_claims_of_one_key_one_is_yours(adapters: Adapters) {
    for n in 1..=4 {
        let found = race(32, |_| {
            let adapters = adapters.clone();
            async move { claim(&adapters, n, BODY, NOW).await }
        })
        .await;
        assert_eq!(found.iter().filter(|claim| **claim == Claim::Yours).count(), 1, "{found:?}");
        let waiting = found.iter().filter(|claim| **claim == Claim::InFlight).count();
        assert_eq!(waiting, 31, "{found:?}");
    }
}

/// The same when the first process died.
pub async fn of_thirty_two_that_take_over_a_dead_claim_one_is_yours(adapters: Adapters) {
    for n in 1..=4 {
        assert_eq!(claim(&adapters, n, BODY, NOW).await, Claim::Yours);
        let found = race(32, |_| {
            let adapters = adapters.clone();
            async move { claim(&adapters, n, BODY, NOW + Span::minutes(5)).await }
        })
        .await;
        assert_eq!(found.iter().filter(|claim| **claim == Claim::Yours).count(), 1, "{found:?}");
        let waiting = found.iter().filter(|claim| **claim == Claim::InFlight).count();
        assert_eq!(waiting, 31, "{found:?}");
    }
}

/// Nor do they lose them together.
pub async fn keys_do_not_share_their_answers(adapters: Adapters) {
    for n in [1, 2, 3] {
        assert_eq!(claim(&adapters, n, BODY, NOW).await, Claim::Yours);
    }
    finish(&adapters, 1, answer("first")).await;
    adapters.idempotency.abandon(key(2)).await.expect("gives the key back");
    assert_eq!(claim(&adapters, 1, BODY, NOW).await, Claim::Answered(answer("first")));
    assert_eq!(claim(&adapters, 2, BODY, NOW).await, Claim::Yours);
    assert_eq!(claim(&adapters, 3, BODY, NOW).await, Claim::InFlight);
}
