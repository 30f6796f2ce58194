//! Sealing and fingerprints under the deployment's data key.
//!
//! A sealed thing is one format byte, 24 random bytes of nonce, and what XChaCha20-Poly1305
//! (draft-irtf-cfrg-xchacha) makes of the plain bytes; with so long a nonce random ones never meet. The format
//! byte and the context are authenticated with it, so that nothing can be moved to another place or be read as
//! another format. The data key itself encrypts nothing: each purpose has a key of its own, derived with
//! HMAC-SHA-256 (the expand step of RFC 5869).
//!
//! To change the data key, configure the new one as current and the old one as previous: what is sealed from
//! then on needs the new one, what was sealed before still opens. Fingerprints change at once.

use std::fmt;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hmac::{Hmac, Mac};
use rightful_domain::ports::Vault;
use rightful_domain::reason::Outage;
use rightful_domain::values::Sealed;
use sha2::Sha256;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::entropy::random;

/// The key that a deployment guards beside its database: 32 random bytes.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct DataKey([u8; DataKey::BYTES]);

/// Why a text is no data key. No text holds anything of what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidDataKey {
    /// Nothing, or only spaces.
    #[error("the data key is empty")]
    Empty,
    /// Not base64 of the usual alphabet.
    #[error("the data key is not base64")]
    NotBase64,
    /// Base64 of more or fewer than 32 bytes.
    #[error("the data key has {bytes} bytes, and must have 32")]
    WrongLength {
        /// How many bytes it has.
        bytes: usize,
    },
    /// One byte 32 times: somebody filled in a form.
    #[error("the data key is one byte over and over: generate a random one")]
    NotRandom,
}

/// The usual base64 alphabet; padding as one likes, because shells and editors lose it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl DataKey {
    /// Bytes of a key.
    pub const BYTES: usize = 32;

    /// A new key from the operating system.
    pub fn generate() -> Self {
        Self(random())
    }

    /// Reads base64 (RFC 4648 §4), with or without padding; space around it, such as the end of a file's last
    /// line, does not count.
    pub fn parse(text: &str) -> Result<Self, InvalidDataKey> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidDataKey::Empty);
        }
        let bytes = Zeroizing::new(BASE64.decode(text).map_err(|_| InvalidDataKey::NotBase64)?);
        let key = <[u8; Self::BYTES]>::try_from(bytes.as_slice())
            .map_err(|_| InvalidDataKey::WrongLength { bytes: bytes.len() })?;
        if key.iter().all(|byte| *byte == key[0]) {
            return Err(InvalidDataKey::NotRandom);
        }
        Ok(Self(key))
    }

    /// The key as base64, to hand to whoever guards it. [`DataKey::parse`] reads it.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64.encode(self.0))
    }

    /// A key for one purpose alone.
    fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        // RFC 5869 §2.3 with an output of one block: T(1) = HMAC(key, info | 0x01). The data key is uniformly
        // random already, so there is nothing to extract (§3.3).
        Zeroizing::new(hmac(&self.0, &[purpose.as_bytes(), &[1]]))
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

/// The [`Vault`] that holds keys in memory.
pub struct KeyedVault {
    /// The first seals; all open.
    seals: Vec<Zeroizing<[u8; 32]>>,
    fingerprints: Zeroizing<[u8; 32]>,
}

/// Why something sealed does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CannotOpen {
    /// Too short to have been sealed.
    #[error("not something that was sealed")]
    TooShort,
    /// Sealed by a later version of this program.
    #[error("sealed in the unknown format {0}")]
    UnknownFormat(u8),
    /// Altered, moved from another place, or sealed under a key that is not configured any more.
    #[error("altered, moved, or sealed under a key that is not configured")]
    Refused,
}

/// XChaCha20-Poly1305 under the derived key, as described above.
const FORMAT: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;
/// What an [`Outage`] of this adapter names.
const PART: &str = "the vault";

impl KeyedVault {
    /// A vault that seals under `current`, and opens what was sealed under it or under one of `previous`.
    pub fn from_keys(current: &DataKey, previous: &[DataKey]) -> Self {
        let keys = std::iter::once(current).chain(previous);
        Self {
            seals: keys.map(|key| key.derive("rightful/seal/1")).collect(),
            fingerprints: current.derive("rightful/fingerprint/1"),
        }
    }

    fn try_open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let (format, rest) = sealed.split_first().ok_or(CannotOpen::TooShort)?;
        if *format != FORMAT {
            return Err(CannotOpen::UnknownFormat(*format));
        }
        let (nonce, msg) = rest.split_first_chunk::<NONCE>().ok_or(CannotOpen::TooShort)?;
        if msg.len() < TAG {
            return Err(CannotOpen::TooShort);
        }
        let aad = &place(context);
        self.seals
            .iter()
            .find_map(|key| cipher(key).decrypt(nonce.into(), Payload { msg, aad }).ok())
            .ok_or(CannotOpen::Refused)
    }
}

impl Vault for KeyedVault {
    fn seal(&self, context: &str, plain: &[u8]) -> Sealed {
        let nonce: [u8; NONCE] = random();
        let payload = Payload { msg: plain, aad: &place(context) };
        let closed = cipher(&self.seals[0])
            .encrypt(&nonce.into(), payload)
            .expect("only more than 256 GiB cannot be sealed");
        Sealed::from_bytes([&[FORMAT], nonce.as_slice(), &closed].concat())
    }

    fn open(&self, context: &str, sealed: &Sealed) -> Result<Vec<u8>, Outage> {
        self.try_open(context, sealed.as_bytes()).map_err(|error| Outage::failed(PART, error))
    }

    fn fingerprint(&self, context: &str, data: &[u8]) -> [u8; 32] {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        let length = (context.len() as u64).to_be_bytes();
        hmac(&self.fingerprints, &[&length, context.as_bytes(), data])
    }
}

impl fmt::Debug for KeyedVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyedVault({} keys)", self.seals.len())
    }
}

/// What is authenticated beside the sealed bytes.
fn place(context: &str) -> Vec<u8> {
    [&[FORMAT], context.as_bytes()].concat()
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is a key of HMAC");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> DataKey {
        DataKey::parse(text).unwrap()
    }

    /// `openssl rand -base64 32`, twice.
    const ONE: &str = "aSI0Y+U/Vj7VSQUUTzjRno+aN+UDJPKLP5bUwVFic70=";
    const TWO: &str = "vbm+IObxWeMb6Jp3CvqsmrD41h2EkpWWgwsZwYSY7DY=";

    fn vault() -> KeyedVault {
        KeyedVault::from_keys(&key(ONE), &[])
    }

    fn refusal(answer: Result<Vec<u8>, Outage>) -> CannotOpen {
        match answer {
            Err(Outage::Failed { part: "the vault", source }) => {
                *source.downcast_ref().expect("an error of the vault")
            }
            other => panic!("{other:?}"),
        }
    }

    /// Made with libsodium (`PyNaCl`) and Python's hmac from the description at the top of this file: key `ONE`,
    /// nonce 1, 2, … 24. What was sealed once has to open for ever, so these bytes never change.
    #[test]
    fn the_format_is_the_documented_one() {
        let sealed = "010102030405060708090a0b0c0d0e0f101112131415161718b81783e3d0f06ae24248a49004d30acb557256c975d9d6815c7ad2820a";
        let sealed = Sealed::from_bytes(from_hex(sealed));
        assert_eq!(vault().open("letter:1", &sealed).unwrap(), b"a secret link");
        assert_eq!(
            vault().fingerprint("throttle:sign_in", b"ada@example.org").to_vec(),
            from_hex("eda985c98364b067d3ac4e0817265b5c5b1643e983d047c76add2e4ad69ee48c"),
        );
    }

    fn from_hex(text: &str) -> Vec<u8> {
        let digits = |place| u8::from_str_radix(&text[place..place + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(digits).collect()
    }

    #[test]
    fn sealing_hides_and_never_repeats() {
        let (a, b) = (vault().seal("c", b"a secret link"), vault().seal("c", b"a secret link"));
        assert_ne!(a, b);
        assert_eq!(a.as_bytes().len(), 1 + NONCE + 13 + TAG);
        assert!(!a.as_bytes().windows(6).any(|bytes| bytes == b"secret"));
    }

    #[test]
    fn another_context_does_not_open() {
        let sealed = vault().seal("letter:1", b"a secret link");
        for context in ["letter:2", "letter:", "letter:11", ""] {
            assert_eq!(refusal(vault().open(context, &sealed)), CannotOpen::Refused, "{context}");
        }
    }

    #[test]
    fn no_bit_can_be_changed_and_nothing_cut_off() {
        let sealed = vault().seal("c", b"plain").as_bytes().to_vec();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let expected = match bit / 8 {
                0 => CannotOpen::UnknownFormat(changed[0]),
                _ => CannotOpen::Refused,
            };
            assert_eq!(refusal(vault().open("c", &Sealed::from_bytes(changed))), expected);
        }
        for length in 0..sealed.len() {
            let cut = Sealed::from_bytes(sealed[..length].to_vec());
            let expected =
                if length < 1 + NONCE + TAG { CannotOpen::TooShort } else { CannotOpen::Refused };
            assert_eq!(refusal(vault().open("c", &cut)), expected, "{length}");
        }
    }

    #[test]
    fn a_new_key_seals_and_the_old_one_still_opens() {
        let old = vault().seal("c", b"old");
        let rotated = KeyedVault::from_keys(&key(TWO), &[DataKey::generate(), key(ONE)]);
        assert_eq!(rotated.open("c", &old).unwrap(), b"old");
        let new = rotated.seal("c", b"new");
        assert_eq!(rotated.open("c", &new).unwrap(), b"new");
        assert_eq!(
            refusal(vault().open("c", &new)),
            CannotOpen::Refused,
            "sealed under the old key"
        );
        let only_new = KeyedVault::from_keys(&key(TWO), &[]);
        assert_eq!(only_new.open("c", &new).unwrap(), b"new");
        assert_eq!(refusal(only_new.open("c", &old)), CannotOpen::Refused);
    }

    #[test]
    fn fingerprints_depend_on_context_data_and_key() {
        let one = vault();
        assert_eq!(one.fingerprint("a", b"b"), vault().fingerprint("a", b"b"));
        let two = KeyedVault::from_keys(&key(TWO), &[key(ONE)]);
        let all = [
            one.fingerprint("a", b"b"),
            one.fingerprint("b", b"b"),
            one.fingerprint("a", b"c"),
            one.fingerprint("ab", b""),
            one.fingerprint("", b"ab"),
            two.fingerprint("a", b"b"),
        ];
        for (n, a) in all.iter().enumerate() {
            assert!(all[n + 1..].iter().all(|b| a != b), "{n} is not alone");
        }
    }

    #[test]
    fn a_key_is_exactly_32_bytes_of_base64() {
        assert_eq!(key(ONE), key(ONE.trim_end_matches('=')), "without padding");
        assert_eq!(key(ONE), key(&format!(" {ONE}\n")), "as a file has it");
        for (text, why) in [
            ("", InvalidDataKey::Empty),
            (" \n", InvalidDataKey::Empty),
            ("correct horse battery staple", InvalidDataKey::NotBase64),
            (&format!("-_{}", &ONE[2..]), InvalidDataKey::NotBase64),
            ("aGVsbG8=", InvalidDataKey::WrongLength { bytes: 5 }),
            (&ONE[..40], InvalidDataKey::WrongLength { bytes: 30 }),
            (&ONE.replace('=', "A"), InvalidDataKey::WrongLength { bytes: 33 }),
            ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", InvalidDataKey::NotRandom),
        ] {
            assert_eq!(DataKey::parse(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn generated_keys_differ_and_can_be_written_down() {
        let (a, b) = (DataKey::generate(), DataKey::generate());
        assert_ne!(a, b);
        assert_eq!(DataKey::parse(&a.to_base64()), Ok(a));
    }

    #[test]
    fn nothing_of_a_key_is_printed() {
        assert_eq!(format!("{:?}", key(ONE)), "DataKey(…)");
        assert_eq!(format!("{:?}", vault()), "KeyedVault(1 keys)");
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(context in ".{0,40}", plain in proptest::collection::vec(any::<u8>(), 0..500)) {
            let sealed = vault().seal(&context, &plain);
            prop_assert_eq!(vault().open(&context, &sealed).unwrap(), plain);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(vault().open("c", &Sealed::from_bytes(bytes)).is_err());
        }
    }
}
