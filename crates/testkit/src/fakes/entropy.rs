use std::sync::atomic::{AtomicU64, Ordering};

use rightful_domain::ports::Entropy;
use sha2::{Digest, Sha256};

/// Bytes that look random and come again for the same seed: SHA-256 of seed, call and block.
#[derive(Debug, Default)]
pub struct SeededEntropy {
    seed: u64,
    calls: AtomicU64,
}

impl SeededEntropy {
    /// The stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, calls: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        for (block, part) in (0_u64..).zip(bytes.chunks_mut(32)) {
            let mut hasher = Sha256::new();
            for number in [self.seed, call, block] {
                hasher.update(number.to_be_bytes());
            }
            part.copy_from_slice(&hasher.finalize()[..part.len()]);
        }
    }
}
