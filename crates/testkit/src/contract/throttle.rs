//! Limits: every try is counted once, before its work, in every interleaving.

use rightful_domain::changes::Write;
use rightful_domain::throttle::{Limit, ThrottleKey, Verdict};
use rightful_domain::values::{Span, Timestamp};

use super::{Adapters, race};
use crate::builders::NOW;
use crate::fakes::FakeVault;

const QUOTA: Limit = Limit::Quota { most: 3, window: Span::minutes(10) };
const LADDER: Limit =
    Limit::Ladder { free: 2, first: Span::seconds(30), longest: Span::minutes(2) };

fn key(subject: &str) -> ThrottleKey {
    ThrottleKey::of(&FakeVault::default(), "contract", &[subject])
}

fn after(seconds: i64) -> Timestamp {
    NOW + Span::seconds(seconds)
}

async fn take(adapters: &Adapters, limits: &[(ThrottleKey, Limit)], now: Timestamp) -> Verdict {
    adapters.throttle.take(limits, now).await.expect("counts")
}

/// And says how long the others wait: to the end of the window that the first began.
pub async fn a_quota_lets_through_as_many_as_it_says(adapters: Adapters) {
    let limits = [(key("ada"), QUOTA)];
    for second in [0, 10, 20] {
        assert_eq!(take(&adapters, &limits, after(second)).await, Verdict::Go);
    }
    for second in [20, 30, 599] {
        let wait = Verdict::Wait(Span::seconds(600 - second));
        assert_eq!(take(&adapters, &limits, after(second)).await, wait);
    }
    let last = Timestamp::from_millis(after(600).as_millis() - 1);
    assert_eq!(take(&adapters, &limits, last).await, Verdict::Wait(Span::from_millis(1)));
}

/// With its full number, from the first try after.
pub async fn a_quota_opens_again_when_its_window_is_over(adapters: Adapters) {
    let limits = [(key("ada"), QUOTA)];
    for window in [0, 600, 5_000] {
        for second in [0, 1, 2] {
            assert_eq!(take(&adapters, &limits, after(window + second)).await, Verdict::Go);
        }
        let wait = take(&adapters, &limits, after(window + 2)).await;
        assert_eq!(wait, Verdict::Wait(Span::seconds(598)));
    }
}

/// Up to the longest wait; long after the last try it is forgotten.
pub async fn a_ladder_waits_twice_as_long_each_time(adapters: Adapters) {
    let limits = [(key("ada"), LADDER)];
    let mut now = NOW;
    assert_eq!(take(&adapters, &limits, now).await, Verdict::Go);
    for wait in [30, 60, 120, 120, 120] {
        assert_eq!(take(&adapters, &limits, now).await, Verdict::Go);
        let early = now + Span::from_millis(1);
        let left = Span::from_millis(wait * 1_000 - 1);
        assert_eq!(take(&adapters, &limits, early).await, Verdict::Wait(left));
        now = now + Span::seconds(wait);
    }
    now = now + Span::minutes(2 * 24);
    for _ in 0..2 {
        assert_eq!(take(&adapters, &limits, now).await, Verdict::Go);
    }
    assert_eq!(take(&adapters, &limits, now).await, Verdict::Wait(Span::seconds(30)));
}

/// Waiting out the wait is enough, however often somebody asked meanwhile.
pub async fn a_refused_try_is_not_counted(adapters: Adapters) {
    for limit in [QUOTA, LADDER] {
        let limits = [(key(&format!("{limit:?}")), limit)];
        while take(&adapters, &limits, NOW).await == Verdict::Go {}
        let Verdict::Wait(wait) = take(&adapters, &limits, NOW).await else { panic!("closed") };
        for _ in 0..50 {
            assert_eq!(take(&adapters, &limits, NOW).await, Verdict::Wait(wait));
        }
        assert_eq!(take(&adapters, &limits, NOW + wait).await, Verdict::Go);
    }
}

/// CS-45: a refusal by one limit spends nothing of another, in whatever order they stand.
pub async fn when_one_limit_says_wait_none_counts_and_the_longest_wait_is_told(adapters: Adapters) {
    let one = Limit::Quota { most: 1, window: Span::seconds(10) };
    let long = Limit::Quota { most: 1, window: Span::seconds(90) };
    let (short, longer, open) = ((key("short"), one), (key("long"), long), (key("open"), QUOTA));
    assert_eq!(take(&adapters, &[short], NOW).await, Verdict::Go);
    assert_eq!(take(&adapters, &[longer], NOW).await, Verdict::Go);
    for order in [[short, longer, open], [open, longer, short], [longer, open, short]] {
        assert_eq!(take(&adapters, &order, NOW).await, Verdict::Wait(Span::seconds(90)));
    }
    assert_eq!(take(&adapters, &[open, short], NOW).await, Verdict::Wait(Span::seconds(10)));
    // The open one has all its three tries left.
    for _ in 0..3 {
        assert_eq!(take(&adapters, &[open], NOW).await, Verdict::Go);
    }
    assert_eq!(take(&adapters, &[open], NOW).await, Verdict::Wait(Span::minutes(10)));
    // Together they count together.
    let (a, b) = ((key("a"), QUOTA), (key("b"), one));
    assert_eq!(take(&adapters, &[a, b], NOW).await, Verdict::Go);
    assert_eq!(take(&adapters, &[b], NOW).await, Verdict::Wait(Span::seconds(10)));
    for _ in 0..2 {
        assert_eq!(take(&adapters, &[a], NOW).await, Verdict::Go);
    }
    assert_eq!(take(&adapters, &[a], NOW).await, Verdict::Wait(Span::minutes(10)));
}

/// MN-16: however far apart the tries are; only what a success or another password forgets starts anew.
pub async fn a_ceiling_closes_for_good(adapters: Adapters) {
    let ceiling = (key("ada"), Limit::Ceiling { most: 3 });
    let open = (key("open"), QUOTA);
    let day = |n: i64| NOW + Span::days(n);
    for n in [0, 30, 300] {
        assert_eq!(take(&adapters, &[ceiling], day(n)).await, Verdict::Go);
    }
    for n in [300, 301, 664] {
        assert_eq!(take(&adapters, &[ceiling], day(n)).await, Verdict::Closed);
        assert_eq!(take(&adapters, &[open, ceiling], day(n)).await, Verdict::Closed);
    }
    // It outlives what other tries tidy away, and counts nothing of what it refused.
    for n in 0..200 {
        take(&adapters, &[(key(&format!("other {n}")), QUOTA)], day(660)).await;
    }
    assert_eq!(take(&adapters, &[ceiling], day(664)).await, Verdict::Closed);
    for _ in 0..3 {
        assert_eq!(take(&adapters, &[open], day(664)).await, Verdict::Go);
    }
    // Closed is stricter than any wait.
    assert_eq!(take(&adapters, &[open, ceiling], day(664)).await, Verdict::Closed);
    assert_eq!(take(&adapters, &[ceiling], day(665)).await, Verdict::Go, "after a year");
    let other = (key("bob"), Limit::Ceiling { most: 1 });
    assert_eq!(take(&adapters, &[other], NOW).await, Verdict::Go);
    assert_eq!(take(&adapters, &[other], NOW).await, Verdict::Closed);
    adapters.write([Write::ForgetTries(vec![key("bob")])]).await;
    assert_eq!(take(&adapters, &[other], NOW).await, Verdict::Go);
}

/// MN-16: parallel guesses do not slip under a ceiling either.
pub async fn of_thirty_two_tries_at_once_a_ceiling_of_five_lets_five_through(adapters: Adapters) {
    let limits = [(key("ada"), Limit::Ceiling { most: 5 })];
    let found = race(32, |_| {
        let adapters = adapters.clone();
        async move { take(&adapters, &limits, NOW).await }
    })
    .await;
    assert_eq!(found.iter().filter(|verdict| **verdict == Verdict::Go).count(), 5);
    assert_eq!(found.iter().filter(|verdict| **verdict == Verdict::Closed).count(), 27);
}

/// Nothing is limited.
pub async fn no_limit_says_go(adapters: Adapters) {
    assert_eq!(take(&adapters, &[], NOW).await, Verdict::Go);
    adapters.write([Write::ForgetTries(vec![])]).await;
}

/// MN-9, MN-16: parallel guesses do not slip under a limit.
pub async fn of_thirty_two_tries_at_once_a_quota_of_five_lets_five_through(adapters: Adapters) {
    let five = Limit::Quota { most: 5, window: Span::minutes(1) };
    for round in 0..4 {
        let found = race(32, |_| {
            let adapters = adapters.clone();
            let limits = [(key(&format!("round {round}")), five)];
            async move { take(&adapters, &limits, NOW).await }
        })
        .await;
        assert_eq!(found.iter().filter(|verdict| **verdict == Verdict::Go).count(), 5);
        let wait = Verdict::Wait(Span::minutes(1));
        assert_eq!(found.iter().filter(|verdict| **verdict == wait).count(), 27);
    }
}

/// Two use cases may name the same limits in another order, at the same time.
pub async fn limits_in_another_order_do_not_hang(adapters: Adapters) {
    let many = Limit::Quota { most: 1_000, window: Span::minutes(1) };
    let found = race(16, |runner| {
        let adapters = adapters.clone();
        let mut limits = ["a", "b", "c", "d"].map(|subject| (key(subject), many));
        if runner % 2 == 0 {
            limits.reverse();
        }
        async move {
            let mut verdicts = Vec::new();
            for _ in 0..10 {
                verdicts.push(take(&adapters, &limits, NOW).await);
            }
            verdicts
        }
    })
    .await;
    assert!(found.into_iter().flatten().all(|verdict| verdict == Verdict::Go));
}

/// A success takes back the tries; other keys keep theirs.
pub async fn what_a_success_forgets_starts_anew(adapters: Adapters) {
    let limits = ["ada", "bob", "eve"].map(|subject| (key(subject), LADDER));
    for limit in limits {
        while take(&adapters, &[limit], NOW).await == Verdict::Go {}
    }
    let forgotten = vec![key("ada"), key("eve"), key("nobody")];
    adapters.write([Write::ForgetTries(forgotten)]).await;
    for (limit, open) in limits.into_iter().zip([true, false, true]) {
        let verdict = take(&adapters, &[limit], NOW).await;
        assert_eq!(verdict == Verdict::Go, open);
    }
}

/// Neither by subject nor by the limit's name.
pub async fn keys_do_not_share_their_tries(adapters: Adapters) {
    let vault = FakeVault::default();
    let keys = [
        ThrottleKey::of(&vault, "one", &["ada"]),
        ThrottleKey::of(&vault, "other", &["ada"]),
        ThrottleKey::of(&vault, "one", &["bob"]),
        ThrottleKey::of(&vault, "one", &["ada", "bob"]),
    ];
    for key in keys {
        for _ in 0..3 {
            assert_eq!(take(&adapters, &[(key, QUOTA)], NOW).await, Verdict::Go);
        }
        let closed = take(&adapters, &[(key, QUOTA)], NOW).await;
        assert_eq!(closed, Verdict::Wait(Span::minutes(10)));
    }
}
