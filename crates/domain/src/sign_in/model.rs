//! By what a device is known.

use crate::accounts::Account;
use crate::ports::{Entropy, Vault};
use crate::values::{Sealed, Span, Timestamp};

const CONTEXT: &str = "known-device";
const PREFIX: &str = "dev_";
/// How long a device is known without signing in anew.
const LIFE: Span = Span::days(365);

/// A device that once signed in to an account. It opens nothing: it only has a count of its own for wrong
/// passwords, and no "new sign-in" letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KnownDevice {
    /// Sixteen random bytes of its own.
    pub(super) id: [u8; 16],
}

impl KnownDevice {
    /// A new token for a device, and the device.
    pub(super) fn issue(
        vault: &dyn Vault,
        entropy: &dyn Entropy,
        account: &Account,
        now: Timestamp,
    ) -> String {
        let mut id = [0; 16];
        entropy.fill(&mut id);
        let mut plain = id.to_vec();
        plain.extend(now.as_millis().to_be_bytes());
        plain.extend(Self::bound_to(vault, account));
        let mut text = String::from(PREFIX);
        for byte in vault.seal(CONTEXT, &plain).as_bytes() {
            text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or_default());
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or_default());
        }
        text
    }

    /// Reads a token for an account; `None` when it is not ours, too old, or was given for another account or
    /// under an earlier epoch.
    pub(crate) fn recognize(
        vault: &dyn Vault,
        token: &str,
        account: &Account,
        now: Timestamp,
    ) -> Option<Self> {
        OpenedToken::open(vault, token, now)?.of(vault, account)
    }

    /// The account and its epoch: another password, another address or the first proof of the mailbox, and a
    /// thief's devices are strangers again (MN-20). So are the owner's, until they sign in.
    fn bound_to(vault: &dyn Vault, account: &Account) -> [u8; 32] {
        let subject = format!("{}:{}", account.id(), account.epoch().number());
        vault.fingerprint(CONTEXT, subject.as_bytes())
    }

    /// The subject of its limits.
    pub(crate) fn subject(self) -> String {
        format!("device:{:032x}", u128::from_be_bytes(self.id))
    }
}

/// A token that we gave to some device, not too long ago.
pub(super) struct OpenedToken {
    device: KnownDevice,
    bound_to: Vec<u8>,
}

impl OpenedToken {
    /// Opens a token; `None` when it is not ours, or too old.
    pub(super) fn open(vault: &dyn Vault, token: &str, now: Timestamp) -> Option<Self> {
        let digits = token.strip_prefix(PREFIX)?.as_bytes();
        if digits.len() > 512 || !digits.len().is_multiple_of(2) {
            return None;
        }
        let sealed: Option<Vec<u8>> = digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        let plain = vault.open(CONTEXT, &Sealed::from_bytes(sealed?)).ok()?;
        let (id, plain) = plain.split_first_chunk::<16>()?;
        let (issued_at, bound_to) = plain.split_first_chunk::<8>()?;
        let issued_at = Timestamp::from_millis(i64::from_be_bytes(*issued_at));
        (now.since(issued_at) < LIFE)
            .then(|| Self { device: KnownDevice { id: *id }, bound_to: bound_to.to_vec() })
    }

    /// The device, when its token was given for this account under the epoch of now.
    pub(super) fn of(&self, vault: &dyn Vault, account: &Account) -> Option<KnownDevice> {
        (self.bound_to == KnownDevice::bound_to(vault, account)).then_some(self.device)
    }
}
