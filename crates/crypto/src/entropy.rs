//! Random bytes from the operating system (CS-50).

use rightful_domain::ports::Entropy;

/// The kernel's random generator, `getrandom(2)` on Linux.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    /// Fills all of `bytes`, or ends the process. A panic would not do: the runtime would catch it and go on
    /// serving others whose tokens could then be guessed.
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "this is the one real source of randomness")]
        let filled = getrandom::fill(bytes);
        if let Err(error) = filled {
            end_the_process(error);
        }
    }
}

/// Straight to standard error, because a subscriber may keep its lines in a buffer that dies with us.
#[expect(clippy::print_stderr, reason = "the process ends before any log is flushed")]
fn end_the_process(error: getrandom::Error) -> ! {
    eprintln!("fatal: the operating system gives no random bytes: {error}");
    std::process::abort()
}

/// `N` random bytes.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsEntropy.fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_place_of_the_buffer_is_filled() {
        // Each of 64 draws leaves a given byte zero once in 256: all of them zero means that it was skipped.
        let draws: Vec<[u8; 1000]> = (0..64).map(|_| random()).collect();
        for place in 0..1000 {
            assert!(draws.iter().any(|draw| draw[place] != 0), "byte {place} is never written");
        }
    }

    #[test]
    fn no_draw_repeats() {
        let draws: HashSet<[u8; 16]> = (0..1000).map(|_| random()).collect();
        assert_eq!(draws.len(), 1000);
    }

    #[test]
    fn nothing_to_fill_is_no_failure() {
        OsEntropy.fill(&mut []);
    }
}
