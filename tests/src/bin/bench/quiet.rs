//! Whether the machine had anything else to do: a ratio of rates is one of this server only if it had not.

use std::thread::available_parallelism;
use std::time::Duration;

use tokio::time::Instant;

use crate::Outcome;
use crate::load::count;
use crate::process;

/// What the machine leaves to whoever asks for all of it.
pub(crate) struct Probe {
    /// What a busy thread on each core got of the cores, of 1.
    pub(crate) share: f64,
    /// The load average of the last minute. After a run it is the run's own.
    pub(crate) load: String,
}

/// The machine before the run, and after it.
pub(crate) struct Quiet {
    pub(crate) before: Probe,
    pub(crate) after: Probe,
    /// The least that argon2id alone got of the cores in its rounds, if it ran.
    pub(crate) between: Option<f64>,
}

impl Quiet {
    /// Whether others took more than a twentieth of the cores at any of these times.
    pub(crate) fn is_disturbed(&self) -> bool {
        const ENOUGH: f64 = 0.95;
        let shares = [Some(self.before.share), Some(self.after.share), self.between];
        shares.into_iter().flatten().any(|share| share.is_nan() || share < ENOUGH)
    }
}

/// Keeps every core busy for two seconds and tells what came of it.
pub(crate) fn probe() -> Outcome<Probe> {
    const TIME: Duration = Duration::from_secs(2);
    let load = process::load_average()?;
    let cores = available_parallelism()?.get();
    let me = std::process::id();
    let (before, began) = (process::cpu(me)?, Instant::now());
    let end = began + TIME;
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while Instant::now() < end {
                    std::hint::spin_loop();
                }
            });
        }
    });
    let (took, used) = (began.elapsed(), process::cpu(me)? - before);
    Ok(Probe { share: used / (took.as_secs_f64() * count(cores)), load })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_moment_disturbs_a_run() {
        let probe = |share| Probe { share, load: String::new() };
        let run =
            |before, between, after| Quiet { before: probe(before), after: probe(after), between };
        assert!(!run(0.99, None, 0.98).is_disturbed());
        assert!(!run(0.99, Some(0.97), 0.98).is_disturbed());
        assert!(run(0.9, None, 0.99).is_disturbed());
        assert!(run(0.99, None, 0.9).is_disturbed());
        assert!(run(0.99, Some(0.36), 0.99).is_disturbed());
        assert!(run(0.99, Some(f64::NAN), 0.99).is_disturbed());
    }
}
