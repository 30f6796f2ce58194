use rightful_domain::ports::Vault;
use rightful_domain::reason::Outage;
use rightful_domain::values::Sealed;
use sha2::{Digest, Sha256};

/// Seals as a vault must, and no better: what is sealed opens only whole, under its context and its key. It
/// hides the plain text from a test that looks for it, and from nobody else.
#[derive(Clone, Debug, Default)]
pub struct FakeVault {
    key: u64,
}

impl FakeVault {
    /// With data key number `key`.
    pub fn new(key: u64) -> Self {
        Self { key }
    }

    /// SHA-256 over key, purpose, context and data, each with its length.
    fn digest(&self, purpose: &str, context: &str, data: &[u8]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.key.to_be_bytes());
        for part in [purpose.as_bytes(), context.as_bytes(), data] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        hasher.finalize().into()
    }

    /// Adds a stream that depends on key and context; adding it again takes it away.
    fn mask(&self, context: &str, bytes: &mut [u8]) {
        for (block, part) in (0_u64..).zip(bytes.chunks_mut(32)) {
            let stream = self.digest("stream", context, &block.to_be_bytes());
            for (byte, mask) in part.iter_mut().zip(stream) {
                *byte ^= mask;
            }
        }
    }
}

impl Vault for FakeVault {
    fn seal(&self, context: &str, plain: &[u8]) -> Sealed {
        let mut sealed = self.digest("tag", context, plain).to_vec();
        sealed.extend_from_slice(plain);
        self.mask(context, &mut sealed[32..]);
        Sealed::from_bytes(sealed)
    }

    fn open(&self, context: &str, sealed: &Sealed) -> Result<Vec<u8>, Outage> {
        let refused = || Outage::failed("vault", "altered, moved or sealed under another key");
        let (tag, masked) = sealed.as_bytes().split_at_checked(32).ok_or_else(refused)?;
        let mut plain = masked.to_vec();
        self.mask(context, &mut plain);
        if tag == self.digest("tag", context, &plain) { Ok(plain) } else { Err(refused()) }
    }

    fn fingerprint(&self, context: &str, data: &[u8]) -> [u8; 32] {
        self.digest("fingerprint", context, data)
    }
}
