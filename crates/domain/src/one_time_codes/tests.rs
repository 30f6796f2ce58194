use super::*;
use crate::ports::OneTimeCodes;
use crate::tests_support::{MS, NOW, Stage, counting_entropy, one_time_codes};
use crate::values::{Sealed, Span, Timestamp};

fn key() -> TotpKey {
    TotpKey::from_bytes(*b"12345678901234567890")
}

fn code_of(step: i64) -> String {
    one_time_codes().code(&key(), Step::from_stored(step))
}

fn try_code(typed: &str, last: Option<i64>, now: Timestamp) -> Option<i64> {
    accept(&one_time_codes(), &key(), typed, last.map(Step::from_stored), now).map(Step::number)
}

#[test]
fn a_step_is_thirty_seconds_from_1970() {
    for (millis, step) in [(0, 0), (29_999, 0), (30_000, 1), (59_999, 1), (-1, -1)] {
        assert_eq!(Step::at(Timestamp::from_millis(millis)).number(), step, "{millis}");
    }
}

#[test]
fn asvs_v6_5_5_a_code_is_accepted_one_step_early_or_late_and_no_more() {
    let this = Step::at(NOW).number();
    for (step, accepted) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let found = try_code(&code_of(this + step), None, NOW);
        assert_eq!(found, accepted.then_some(this + step), "step {step}");
    }
    // To the very millisecond.
    let begin = Timestamp::from_millis(this * 30_000);
    let code = code_of(this);
    assert_eq!(try_code(&code, None, begin - Span::seconds(30)), Some(this));
    assert_eq!(try_code(&code, None, begin - Span::seconds(30) - MS), None);
    assert_eq!(try_code(&code, None, begin + Span::seconds(60) - MS), Some(this));
    assert_eq!(try_code(&code, None, begin + Span::seconds(60)), None);
}

#[test]
fn asvs_v6_5_1_a_code_works_once_and_older_ones_no_more_even_when_the_clock_steps_back() {
    let this = Step::at(NOW).number();
    for (step, last, accepted) in [
        (0, 0, false),
        (-1, 0, false),
        (1, 0, true),
        (0, -1, true),
        (-1, -1, false),
        (1, 1, false),
        // The clock stepped back behind what was accepted (MN-49).
        (1, 5, false),
    ] {
        let found = try_code(&code_of(this + step), Some(this + last), NOW);
        assert_eq!(found.is_some(), accepted, "step {step} after {last}");
    }
}

#[test]
fn spaces_are_no_part_of_a_code_and_everything_else_is_none() {
    let this = Step::at(NOW).number();
    let code = code_of(this);
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    assert_eq!(try_code(&spaced, None, NOW), Some(this));
    for wrong in ["", "12345", &format!("{code}0"), "12345x", "１２３４５６", "-12345", "+12345"]
    {
        assert_eq!(try_code(wrong, None, NOW), None, "{wrong}");
    }
}

#[test]
fn a_key_is_typed_in_the_base32_of_rfc_4648() {
    assert_eq!(key().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

#[test]
fn keys_are_random_and_never_shown_by_debug() {
    let entropy = counting_entropy();
    let (one, other) = (TotpKey::issue(&entropy), TotpKey::issue(&entropy));
    assert_ne!(one, other);
    assert_eq!(format!("{one:?}"), "TotpKey(…)");
}

#[test]
fn a_sealed_key_opens_in_its_place_only_and_whole() {
    let stage = Stage::empty();
    let vault = &*stage.rightful.ports().vault;
    let sealed = key().seal(vault, "totp:1");
    assert_eq!(TotpKey::open(vault, "totp:1", &sealed).ok(), Some(key()));
    assert!(TotpKey::open(vault, "totp:2", &sealed).is_err());
    let short = Sealed::from_bytes(b"totp:1\0short".to_vec());
    assert!(TotpKey::open(vault, "totp:1", &short).is_err());
}
