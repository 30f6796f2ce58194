//! Mann and Whitney: how often a time of one class is longer than one of another. Half of the time when the time
//! tells nothing.

use crate::classes::Class;
use crate::client::Times;

/// Each class against each other: the area under the curve.
pub(crate) fn pairs(times: &Times) -> Vec<(Class, Class, f64)> {
    let [verified, unverified, unknown] = Class::ALL;
    [(verified, unknown), (unverified, unknown), (verified, unverified)]
        .into_iter()
        .map(|(one, other)| (one, other, auc(&times.of(one), &times.of(other))))
        .collect()
}

/// The part of all pairs in which `one` took longer; equal times count half.
#[expect(clippy::cast_precision_loss, reason = "ranks of some thousands")]
pub(crate) fn auc(one: &[u64], other: &[u64]) -> f64 {
    let mut all: Vec<(u64, bool)> = one.iter().map(|time| (*time, true)).collect();
    all.extend(other.iter().map(|time| (*time, false)));
    all.sort_unstable();
    let mut ranks = 0.0;
    let mut place = 0;
    while place < all.len() {
        let ties = all[place..].iter().take_while(|(time, _)| *time == all[place].0).count();
        let ours = all[place..place + ties].iter().filter(|(_, is_one)| *is_one).count();
        // Ranks begin with one; equal times share the middle of theirs.
        let rank = place as f64 + f64::midpoint(1.0, ties as f64);
        ranks += rank * ours as f64;
        place += ties;
    }
    let (m, n) = (one.len() as f64, other.len() as f64);
    (ranks - m * (m + 1.0) / 2.0) / (m * n)
}

/// How far from a half chance alone takes it, once in some thousand runs.
pub(crate) fn chance(each: u32) -> f64 {
    let n = f64::from(each);
    4.0 * ((2.0 * n + 1.0) / (12.0 * n * n)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 1e-9, "{found} and not {wanted}");
    }

    #[test]
    fn the_area_is_the_part_of_pairs_that_took_longer() {
        close(auc(&[1, 2, 3], &[1, 2, 3]), 0.5);
        close(auc(&[4, 5, 6], &[1, 2, 3]), 1.0);
        close(auc(&[1, 2, 3], &[4, 5, 6]), 0.0);
        close(auc(&[7, 7, 7], &[7, 7]), 0.5);
        close(auc(&[1, 3], &[2]), 0.5);
        close(auc(&[2, 3], &[1, 2]), 0.875);
    }

    #[test]
    fn chance_shrinks_with_the_number_of_requests() {
        assert!(chance(5_000) < 0.024 && chance(5_000) > 0.022);
        assert!(chance(100) > 0.15);
    }
}
