//! By what a device is known.

use crate::ports::{Entropy, Vault};
use crate::values::{EmailKey, Sealed};

const CONTEXT: &str = "known-device";
const PREFIX: &str = "dev_";

/// A device that once signed in with an address. It opens nothing: it only has a count of its own for wrong
/// passwords, and no "new sign-in" letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KnownDevice {
    /// Sixteen random bytes of its own.
    pub(super) id: [u8; 16],
}

impl KnownDevice {
    /// A new token for a device, and the device.
    pub(super) fn issue(vault: &dyn Vault, entropy: &dyn Entropy, email: &EmailKey) -> String {
        let mut id = [0; 16];
        entropy.fill(&mut id);
        let mut plain = id.to_vec();
        plain.extend(vault.fingerprint(CONTEXT, email.as_str().as_bytes()));
        let mut text = String::from(PREFIX);
        for byte in vault.seal(CONTEXT, &plain).as_bytes() {
            text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or_default());
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or_default());
        }
        text
    }

    /// Reads a token; `None` when it is not ours or was given for another address.
    pub(super) fn recognize(vault: &dyn Vault, token: &str, email: &EmailKey) -> Option<Self> {
        let digits = token.strip_prefix(PREFIX)?.as_bytes();
        if digits.len() > 512 || !digits.len().is_multiple_of(2) {
            return None;
        }
        let sealed: Option<Vec<u8>> = digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        let plain = vault.open(CONTEXT, &Sealed::from_bytes(sealed?)).ok()?;
        let (id, of) = plain.split_first_chunk::<16>()?;
        (of == vault.fingerprint(CONTEXT, email.as_str().as_bytes())).then_some(Self { id: *id })
    }

    /// The subject of its limits.
    pub(super) fn subject(self) -> String {
        format!("device:{:032x}", u128::from_be_bytes(self.id))
    }
}
