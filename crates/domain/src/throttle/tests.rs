use super::*;
use crate::policy::Limits;
use crate::tests_support::{MS, NOW, Stage};
use crate::values::{Span, Timestamp};
use Verdict::{Closed, Go, Wait};

const QUOTA: Limit = Limit::Quota { most: 3, window: Span::hours(1) };
const LADDER: Limit =
    Limit::Ladder { free: 3, first: Span::seconds(30), longest: Span::minutes(5) };

/// Tries at these instants, one after the other.
fn try_at(limit: Limit, times: impl IntoIterator<Item = Timestamp>) -> (Tally, Vec<Verdict>) {
    let mut tally = None;
    let verdicts = times
        .into_iter()
        .map(|now| {
            let (after, verdict) = limit.take(tally, now);
            tally = Some(after);
            verdict
        })
        .collect();
    (tally.expect("at least one try"), verdicts)
}

fn after(span: Span) -> Timestamp {
    NOW + span
}

#[test]
fn asvs_v2_4_1_a_quota_lets_so_many_through_in_its_window() {
    let (_, verdicts) = try_at(
        QUOTA,
        [
            NOW,
            NOW,
            after(Span::minutes(30)),
            after(Span::minutes(30)),
            after(Span::hours(1)) - MS,
            // The window starts with the first try.
            after(Span::hours(1)),
            after(Span::hours(1)),
            after(Span::hours(1)),
            after(Span::hours(1)),
        ],
    );
    let wanted = [Go, Go, Go, Wait(Span::minutes(30)), Wait(MS), Go, Go, Go, Wait(Span::hours(1))];
    assert_eq!(verdicts, wanted);
}

#[test]
fn asvs_v6_3_1_each_wrong_password_after_the_free_ones_waits_twice_as_long() {
    // Each try as soon as it may be.
    let mut now = NOW;
    let mut tally = None;
    let waits: Vec<_> = (0..9)
        .map(|_| {
            let (next, verdict) = LADDER.take(tally, now);
            assert_eq!(verdict, Go, "at {now}");
            let wait = next.closed_until.since(now);
            if wait > Span::default() {
                let early = LADDER.take(Some(next), next.closed_until - MS);
                assert_eq!(early, (next, Wait(MS)), "a refused try is not counted");
            }
            now = next.closed_until;
            tally = Some(next);
            wait.as_seconds_ceil()
        })
        .collect();
    assert_eq!(waits, [0, 0, 30, 60, 120, 240, 300, 300, 300]);
}

#[test]
fn a_ladder_of_any_length_keeps_to_its_longest_wait() {
    let tally = Tally { count: u32::MAX, since: NOW, closed_until: NOW };
    let (tally, verdict) = LADDER.take(Some(tally), NOW);
    assert_eq!((tally.count, verdict), (u32::MAX, Go));
    assert_eq!(tally.closed_until, NOW + Span::minutes(5));
}

#[test]
fn a_ladder_is_forgotten_after_a_rest_of_24_times_its_longest_wait() {
    let (tally, _) = try_at(LADDER, [NOW, NOW, NOW]);
    let rested = NOW + Span::hours(2);
    assert_eq!(LADDER.over_at(&tally), rested);
    let (still, _) = LADDER.take(Some(tally), rested - MS);
    assert_eq!(still.count, 4);
    let (forgotten, _) = LADDER.take(Some(tally), rested);
    assert_eq!(forgotten.count, 1);
}

#[test]
fn a_window_that_is_over_is_forgotten() {
    let (tally, _) = try_at(QUOTA, [NOW, NOW, NOW]);
    assert_eq!(QUOTA.over_at(&tally), NOW + Span::hours(1));
    let (forgotten, verdict) = QUOTA.take(Some(tally), NOW + Span::hours(1));
    assert_eq!((forgotten.count, forgotten.since, verdict), (1, NOW + Span::hours(1), Go));
}

/// MN-16, 63B §3.2.2: a hundred in a row, however far apart; no rest makes them fewer, but for a year without any.
#[test]
fn mn_16_a_ceiling_does_not_decay() {
    let ceiling = Limits::default().password_ceiling;
    let week = |n: i64| NOW + Span::days(7 * n);
    let (tally, verdicts) = try_at(ceiling, (0..100).map(week));
    assert!(verdicts.iter().all(|verdict| *verdict == Go));
    assert_eq!(tally.count, 100);
    let last = week(99);
    for later in [last, last + Span::days(1), last + Span::days(365) - MS] {
        assert_eq!(ceiling.take(Some(tally), later), (tally, Closed), "a refused try counts not");
    }
    assert_eq!(ceiling.over_at(&tally), last + Span::days(365));
    let (anew, verdict) = ceiling.take(Some(tally), last + Span::days(365));
    assert_eq!((anew.count, verdict), (1, Go));
    // Each try keeps those before it.
    let (tally, _) = try_at(ceiling, [NOW, NOW + Span::days(364), NOW + Span::days(728)]);
    assert_eq!(tally.count, 3);
}

/// Of several verdicts the strictest counts.
#[test]
fn closed_is_stricter_than_any_wait() {
    let mut verdicts = [Closed, Wait(Span::days(999)), Go, Wait(MS)];
    verdicts.sort_unstable();
    assert_eq!(verdicts, [Go, Wait(MS), Wait(Span::days(999)), Closed]);
}

/// MN-49: somebody who can set the clock back gets no further try.
#[test]
fn mn_49_a_clock_that_steps_back_opens_no_limit() {
    for limit in [QUOTA, LADDER] {
        let (tally, _) = try_at(limit, [NOW, NOW, NOW]);
        for back in [MS, Span::hours(1), Span::days(365)] {
            let (still, verdict) = limit.take(Some(tally), NOW - back);
            assert_eq!(still, tally);
            assert_eq!(verdict, Wait(tally.closed_until.since(NOW - back)), "{limit:?}");
        }
    }
    let ceiling = Limit::Ceiling { most: 3 };
    let (tally, _) = try_at(ceiling, [NOW, NOW, NOW]);
    assert_eq!(ceiling.take(Some(tally), NOW - Span::days(400)), (tally, Closed));
}

/// What the default limits let through, one try after the other as soon as it may be.
#[test]
fn asvs_v6_3_1_the_default_limits_let_few_tries_through() {
    let limits = Limits::default();
    for (limit, span, most) in [
        (limits.sign_in_pair, Span::hours(1), 11),
        (limits.sign_in_address, Span::hours(1), 32),
        (limits.sign_in_source, Span::minutes(1), 120),
        (limits.letters_address, Span::hours(1), 5),
        (limits.letters_source, Span::hours(1), 30),
        (limits.email_changes, Span::days(1), 5),
        (limits.links_source, Span::minutes(1), 60),
    ] {
        let (mut now, mut tally, mut through) = (NOW, None, 0);
        while now < NOW + span {
            let (next, verdict) = limit.take(tally, now);
            assert_eq!(verdict, Go, "{limit:?}: a wait that is over is over");
            through += 1;
            now = next.closed_until.max(now);
            tally = Some(next);
        }
        assert_eq!(through, most, "{limit:?} within {span:?}");
    }
}

/// CS-45: what is counted is a keyed hash of name and subject; other names or subjects, other counts.
#[test]
fn keys_differ_by_limit_and_by_each_part_of_the_subject() {
    let stage = Stage::empty();
    let vault = &*stage.rightful.ports().vault;
    let keys = [
        ThrottleKey::of(vault, "sign_in_pair", &["a", "b"]),
        ThrottleKey::of(vault, "sign_in_pair", &["ab"]),
        ThrottleKey::of(vault, "sign_in_pair", &["b", "a"]),
        ThrottleKey::of(vault, "sign_in_pair", &["a", ""]),
        ThrottleKey::of(vault, "sign_in_address", &["a", "b"]),
    ];
    let different: std::collections::BTreeSet<_> = keys.into_iter().collect();
    assert_eq!(different.len(), keys.len());
    assert_eq!(keys[0], ThrottleKey::of(vault, "sign_in_pair", &["a", "b"]));
}
