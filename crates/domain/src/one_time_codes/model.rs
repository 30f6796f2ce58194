use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::ports::{Entropy, OneTimeCodes, Vault};
use crate::reason::Outage;
use crate::values::{Sealed, Timestamp};

/// How long a step is, in milliseconds.
const STEP: i64 = 30_000;

/// A span of thirty seconds, counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(i64);

impl Step {
    /// The step of an instant.
    pub const fn at(now: Timestamp) -> Self {
        Self(now.as_millis().div_euclid(STEP))
    }
    /// From a stored row.
    pub const fn from_stored(number: i64) -> Self {
        Self(number)
    }
    /// The number, for storing and for computing the code.
    pub const fn number(self) -> i64 {
        self.0
    }
}

/// The key of an authenticator: 160 random bits, as RFC 4226 §4 recommends (63B §3.1.4 asks for 112).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct TotpKey([u8; 20]);

impl TotpKey {
    /// A new key.
    pub fn issue(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 20];
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// From its bytes: of a vector, or of a demonstration.
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The bytes, for computing codes.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The text that a person types into an app without a camera: base32 (RFC 4648 §6), 32 characters.
    pub fn base32(&self) -> String {
        const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        self.0
            .chunks_exact(5)
            .flat_map(|chunk| {
                let word = chunk.iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
                (0..8).map(move |place| DIGITS[(word >> (35 - 5 * place) & 31) as usize])
            })
            .map(char::from)
            .collect()
    }

    /// Seals it for `context`, the place where it is kept (MN-42).
    pub fn seal(&self, vault: &dyn Vault, context: &str) -> Sealed {
        vault.seal(context, &self.0)
    }

    /// Opens what [`TotpKey::seal`] made for the same place.
    pub fn open(vault: &dyn Vault, context: &str, sealed: &Sealed) -> Result<Self, Outage> {
        let mut plain = vault.open(context, sealed)?;
        let key = <[u8; 20]>::try_from(&plain[..])
            .map_err(|_| Outage::failed("vault", "a key of another length"));
        plain.zeroize();
        key.map(Self)
    }
}

impl fmt::Debug for TotpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpKey(…)")
    }
}

/// The step of a typed code, when it is one to accept at `now`: of this step, the one before or the one
/// after, and of a later one than `last`, the step that was accepted last. Spaces are no part of a code:
/// apps show it in two groups.
///
/// Whoever accepts it writes the step down in the same commit, guarded by the version of the record that
/// `last` was read from: of two who type one code at the same moment, one is refused.
pub fn accept(
    codes: &dyn OneTimeCodes,
    key: &TotpKey,
    typed: &str,
    last: Option<Step>,
    now: Timestamp,
) -> Option<Step> {
    let typed: Vec<u8> = typed.bytes().filter(|byte| *byte != b' ').collect();
    if typed.len() != 6 || !typed.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let Step(this) = Step::at(now);
    // All three are compared, whichever fits, so that the time tells nothing.
    [this, this - 1, this + 1]
        .map(Step)
        .into_iter()
        .filter(|step| last.is_none_or(|last| *step > last))
        .filter(|step| is_same(&typed, codes.code(key, *step).as_bytes()))
        .reduce(|first, _| first)
}

/// Compares in a time that depends on the lengths alone.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}
