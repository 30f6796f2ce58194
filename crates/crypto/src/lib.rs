//! The secrets of Rightful: password hashing on threads of its own, sealing under the deployment's data key,
//! random bytes from the operating system, and the list of passwords that thieves try first.
//!
//! Each module is the adapter of one port of [`rightful_domain::ports`]:
//!
//! | port | adapter |
//! |---|---|
//! | `PasswordHasher` | [`hasher::Argon2Hasher`] |
//! | `OneTimeCodes` | [`one_time_codes::TotpCodes`] |
//! | `Vault` | [`vault::KeyedVault`] |
//! | `Entropy` | [`entropy::OsEntropy`] |
//! | `Blocklist` | [`blocklist::LeakedPasswords`] |
//!
//! Nothing here draws its randomness from a port: a salt or a nonce that repeats is a hole, so it cannot be
//! wired to anything but the operating system.

#![deny(missing_docs)]

pub mod blocklist;
pub mod entropy;
pub mod filter;
pub mod hasher;
pub mod one_time_codes;
mod pool;
pub mod vault;
