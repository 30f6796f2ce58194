//! An authenticator app.

use rightful_crypto::one_time_codes::TotpCodes;
use rightful_domain::one_time_codes::{Step, TotpKey};
use rightful_domain::ports::OneTimeCodes as _;
use rightful_domain::values::Timestamp;

/// An app that took in a key.
#[derive(Clone, Debug)]
pub struct App {
    key: TotpKey,
}

impl App {
    /// Takes in a key as a person types it: base32 (RFC 4648 §6).
    ///
    /// # Panics
    ///
    /// When it is none of 160 bits.
    pub fn typed(text: &str) -> Self {
        const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut bytes = Vec::new();
        let (mut word, mut bits) = (0_u32, 0);
        for digit in text.bytes() {
            let value = DIGITS.iter().position(|d| *d == digit).expect("it is base32");
            word = word << 5 | u32::try_from(value).expect("small");
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push(u8::try_from(word >> bits & 255).expect("masked"));
            }
        }
        let bytes = <[u8; 20]>::try_from(bytes).expect("it is a key of 160 bits");
        Self { key: TotpKey::from_bytes(bytes) }
    }

    /// What it shows at this time.
    pub fn code(&self, now: Timestamp) -> String {
        TotpCodes.code(&self.key, Step::at(now))
    }
}
