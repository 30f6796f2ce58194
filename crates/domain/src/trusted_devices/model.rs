use thiserror::Error;

use crate::accounts::{Account, SecurityEpoch};
use crate::ports::Entropy;
use crate::values::{
    AccountId, SecretHash, SecretText, Source, Span, Timestamp, TrustedDeviceId, mint,
};

/// The prefix of the secrets of trusted devices.
pub(crate) const PREFIX: &str = "tdv";

/// How long a device is trusted, used or not: then it is asked again.
pub const TRUST: Span = Span::days(30);

/// All that is stored of a trusted device; the secret itself is not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct TrustedDeviceRecord {
    pub id: TrustedDeviceId,
    pub account: AccountId,
    pub secret: SecretHash,
    pub epoch: SecurityEpoch,
    /// "Firefox on Linux": words, not the raw header.
    pub device: String,
    /// The network on that day.
    pub source: String,
    pub trusted_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// A device that skips the second step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TrustedDevice(TrustedDeviceRecord);

/// The device is not trusted, for whatever reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the device is not trusted")]
pub struct NotTrusted;

impl TrustedDevice {
    /// Trusts a device on which the second step was taken just now. The secret is handed out once, here.
    pub fn trust(
        account: &Account,
        device: String,
        source: Source,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> (Self, SecretText) {
        let secret = SecretText::issue(PREFIX, entropy);
        let device = Self(TrustedDeviceRecord {
            id: mint(entropy, now),
            account: account.id(),
            secret: secret.hash(),
            epoch: account.epoch(),
            device,
            source: source.to_string(),
            trusted_at: now,
            ended_at: None,
        });
        (device, secret)
    }

    /// For adapters that read back what was stored.
    pub const fn from_record(record: TrustedDeviceRecord) -> Self {
        Self(record)
    }
    /// All that is stored.
    pub const fn record(&self) -> &TrustedDeviceRecord {
        &self.0
    }
    /// The id.
    pub const fn id(&self) -> TrustedDeviceId {
        self.0.id
    }
    /// Until when it is trusted at most.
    pub fn trusted_until(&self) -> Timestamp {
        self.0.trusted_at + TRUST
    }

    /// Whether `account` skips the second step on it at `now`. Every reason to refuse is the same answer.
    pub fn check(&self, account: &Account, now: Timestamp) -> Result<(), NotTrusted> {
        let good = self.0.account == account.id()
            && self.0.ended_at.is_none()
            && self.0.epoch == account.epoch()
            && now < self.trusted_until();
        good.then_some(()).ok_or(NotTrusted)
    }
}
