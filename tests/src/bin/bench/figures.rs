//! Figures taken several times, and times of answers.

use std::fmt;
use std::time::Duration;

/// A figure, taken several times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures(Vec<f64>);

impl Figures {
    pub(crate) fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    /// The middle one.
    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        match sorted.len() {
            0 => f64::NAN,
            n if n % 2 == 1 => sorted[n / 2],
            n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
        }
    }

    /// Each divided by the one of the same round.
    pub(crate) fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one / other).collect())
    }

    /// The one figure that was taken.
    pub(crate) fn once(figure: f64) -> Self {
        Self(vec![figure])
    }

    /// The least.
    pub(crate) fn least(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn most(&self) -> f64 {
        self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

impl fmt::Display for Figures {
    /// `median (least to most)`, with three digits or so.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            0 => f.write_str("-"),
            1 => f.write_str(&short(self.0[0])),
            _ => write!(
                f,
                "{} ({} to {})",
                short(self.median()),
                short(self.least()),
                short(self.most())
            ),
        }
    }
}

/// Three digits or so.
pub(crate) fn short(figure: f64) -> String {
    match figure.abs() {
        least if least < 1.0 => format!("{figure:.3}"),
        few if few < 10.0 => format!("{figure:.2}"),
        some if some < 100.0 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}

/// How long answers took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies(Vec<u32>);

impl Latencies {
    pub(crate) fn push(&mut self, took: Duration) {
        self.0.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    pub(crate) fn merge(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In milliseconds, the time that this share of the answers took at most.
    pub(crate) fn within(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(place).map_or(f64::NAN, |micros| f64::from(*micros) / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_by_their_middle() {
        let of = |figures: &[f64]| Figures(figures.to_vec());
        assert_eq!(of(&[3.0, 1.0, 200.0]).to_string(), "3.00 (1.00 to 200)");
        assert_eq!(of(&[1.0, 2.0]).to_string(), "1.50 (1.00 to 2.00)");
        assert_eq!(of(&[0.25]).to_string(), "0.250");
        assert_eq!(of(&[]).to_string(), "-");
        assert_eq!(of(&[4.0, 9.0]).over(&of(&[2.0, 3.0])).to_string(), "2.50 (2.00 to 3.00)");
    }

    #[test]
    fn a_share_of_answers_is_within_its_time() {
        let mut latencies = Latencies::default();
        for millis in (1..=100).rev() {
            latencies.push(Duration::from_millis(millis));
        }
        for (percent, millis) in [(1, 1.0), (50, 50.0), (99, 99.0), (100, 100.0)] {
            assert!((latencies.within(percent) - millis).abs() < 1e-9, "{percent}");
        }
        assert!(Latencies::default().within(99).is_nan());
    }
}
