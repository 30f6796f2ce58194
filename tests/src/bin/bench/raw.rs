//! argon2id with nothing around it: what the cores can hash at all.

use std::thread::available_parallelism;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use rightful_crypto::hasher::HashSettings;
use tokio::time::Instant;

use crate::Outcome;
use crate::load::count;
use crate::process;
use crate::seed::PASSWORD;

/// What came of it.
pub(crate) struct Hashed {
    pub(crate) per_second: f64,
    /// Milliseconds of CPU time for each.
    pub(crate) cost: f64,
    /// What it got of the cores, of 1. Less means that others were at them.
    pub(crate) share: f64,
}

/// Hashes for so long on a thread for each core, with the parameters that the server has by default. Each
/// thread keeps its memory from hash to hash.
pub(crate) fn hashes(time: Duration) -> Outcome<Hashed> {
    let HashSettings { memory_kib, passes, lanes, .. } = HashSettings::default();
    let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(|e| e.to_string())?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let me = std::process::id();
    let (before, began) = (process::cpu(me)?, Instant::now());
    let end = began + time;
    let cores = available_parallelism()?.get();
    let done: u32 = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..cores).map(|_| scope.spawn(|| one_after_the_other(&argon2, end))).collect();
        let ended = threads.into_iter().map(|thread| match thread.join() {
            Ok(done) => done,
            Err(_) => Err("a hashing thread panicked".into()),
        });
        ended.sum::<Outcome<u32>>()
    })?;
    let (took, used) = (began.elapsed(), process::cpu(me)? - before);
    Ok(Hashed {
        per_second: f64::from(done) / took.as_secs_f64(),
        cost: used * 1e3 / f64::from(done),
        share: used / (took.as_secs_f64() * count(cores)),
    })
}

fn one_after_the_other(argon2: &Argon2<'_>, end: Instant) -> Outcome<u32> {
    let mut memory = vec![Block::new(); argon2.params().block_count()];
    let (mut salt, mut out) = ([0; 16], [0; 32]);
    let mut done = 0_u32;
    while Instant::now() < end {
        salt[..4].copy_from_slice(&done.to_be_bytes());
        argon2
            .hash_password_into_with_memory(PASSWORD.as_bytes(), &salt, &mut out, &mut memory[..])
            .map_err(|error| error.to_string())?;
        done += 1;
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_counted_and_cost_time() {
        let hashed = hashes(Duration::from_millis(50)).unwrap();
        assert!(hashed.per_second > 0.0);
        assert!(hashed.cost > 0.0);
        assert!(hashed.share > 0.0);
    }
}
