//! Secrets that open something: session tokens and the tokens in links.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::ports::Entropy;

/// A secret in the form that a person or program carries: a prefix for its purpose and 256 random bits in
/// base64url without padding, `vfy_k3…` (security CS-50: secret scanners know the prefix).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SecretText(String);

/// SHA-256 of a secret's text: what we keep and look up by (CS-51). Nobody can present it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretHash([u8; 32]);

/// Bytes that only [`crate::ports::Vault`] can open.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed(Vec<u8>);

impl SecretText {
    /// Characters after the prefix: 32 bytes in base64url.
    const DIGITS: usize = 43;

    /// A new secret.
    pub fn issue(prefix: &str, entropy: &dyn Entropy) -> Self {
        let mut random = [0; 32];
        entropy.fill(&mut random);
        let mut text = String::with_capacity(prefix.len() + 1 + Self::DIGITS);
        text.push_str(prefix);
        text.push('_');
        encode(&random, &mut text);
        random.zeroize();
        Self(text)
    }

    /// Takes a secret that somebody presents. `None` when it has not the form of one with this prefix, so
    /// that a token of another purpose is refused before anything is looked up (MN-19).
    pub fn present(prefix: &str, text: &str) -> Option<Self> {
        let digits = text.strip_prefix(prefix)?.strip_prefix('_')?;
        let well_formed = digits.len() == Self::DIGITS
            && digits.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        well_formed.then(|| Self(text.to_owned()))
    }

    /// From a letter that was sealed with it.
    pub fn from_letter(text: String) -> Self {
        Self(text)
    }

    /// The text, to hand to its one receiver.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.0.as_bytes()).into())
    }

    /// A second secret that only a holder of this one can know, for `purpose` (the CSRF value of a session).
    pub fn derive(&self, purpose: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(purpose.as_bytes());
        hasher.update([0]);
        hasher.update(self.0.as_bytes());
        let mut text = String::new();
        encode(&hasher.finalize(), &mut text);
        text
    }
}

/// base64url (RFC 4648 §5) without padding; 12 lines instead of a dependency of the domain.
fn encode(bytes: &[u8], into: &mut String) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0u32, |w, b| (w << 8) | u32::from(*b)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let digit = DIGITS[((word >> (18 - 6 * place)) & 63) as usize];
            into.push(char::from(digit));
        }
    }
}

impl fmt::Debug for SecretText {
    /// The prefix only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_…", self.0.split('_').next().unwrap_or_default())
    }
}

impl SecretHash {
    /// From a stored row.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    /// For storing and looking up.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

impl Sealed {
    /// From the vault or a stored row.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
    /// For storing and opening.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn base64url_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("foobar", "Zm9vYmFy"),
        ] {
            let mut out = String::new();
            encode(bytes.as_bytes(), &mut out);
            assert_eq!(out, text);
        }
        let mut out = String::new();
        encode(&[0xfb, 0xff, 0xfe], &mut out);
        assert_eq!(out, "-__-");
    }

    #[test]
    fn a_secret_is_presented_only_under_its_own_prefix() {
        let secret = SecretText::issue("vfy", &Fixed(7));
        assert_eq!(secret.expose().len(), 4 + 43);
        assert_eq!(SecretText::present("vfy", secret.expose()), Some(secret.clone()));
        assert_eq!(SecretText::present("chg", secret.expose()), None);
        for wrong in [
            "",
            "vfy_",
            "vfy",
            &secret.expose()[..46],
            &format!("{}A", secret.expose()),
            &secret.expose().replace("vfy_B", "vfy_ "),
        ] {
            assert_eq!(SecretText::present("vfy", wrong), None, "{wrong}");
        }
    }

    #[test]
    fn nothing_of_a_secret_is_printed() {
        assert_eq!(format!("{:?}", SecretText::issue("vfy", &Fixed(7))), "vfy_…");
    }

    #[test]
    fn derived_values_differ_by_purpose_and_secret() {
        let (a, b) = (SecretText::issue("ses", &Fixed(1)), SecretText::issue("ses", &Fixed(2)));
        assert_ne!(a.derive("csrf"), b.derive("csrf"));
        assert_ne!(a.derive("csrf"), a.derive("other"));
        assert_eq!(a.derive("csrf"), a.derive("csrf"));
    }
}
