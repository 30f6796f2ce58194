use thiserror::Error;

use crate::Rightful;
use crate::Visit;
use crate::accounts::Account;
use crate::audit::Act;
use crate::changes::{Changes, Write};
use crate::ports::decide_again;
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::sessions::LiveSession;
use crate::trusted_devices::{PREFIX, TrustedDevice};
use crate::values::{SecretText, Span, TrustedDeviceId};

/// Trusted devices of the customer's own account.
#[derive(Clone, Copy)]
pub struct TrustedDevices<'a> {
    rightful: &'a Rightful,
}

/// Why something with trusted devices did not go on.
#[derive(Debug, Error)]
pub enum TrustedDeviceError {
    /// The account trusts no such device.
    #[error("no such trusted device")]
    Unknown,
    /// The session ended meanwhile.
    #[error("the session is over")]
    SessionOver,
    /// A part failed.
    #[error(transparent)]
    Outage(#[from] Outage),
}

impl TrustedDeviceError {
    const fn is_contended(&self) -> bool {
        matches!(self, Self::Outage(Outage::Contended))
    }
}

impl Refusal for TrustedDeviceError {
    fn reason(&self) -> Reason {
        match self {
            Self::Unknown => Reason::NotFound,
            Self::SessionOver => Reason::Unauthenticated,
            Self::Outage(outage) => outage.reason(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "not_found",
            Self::SessionOver => "unauthenticated",
            Self::Outage(outage) => outage.code(),
        }
    }
    fn retry_after(&self) -> Option<Span> {
        match self {
            Self::Outage(outage) => outage.retry_after(),
            Self::Unknown | Self::SessionOver => None,
        }
    }
    fn next_actions(&self) -> &'static [NextAction] {
        match self {
            Self::Unknown => &[],
            Self::SessionOver => &[NextAction::SignIn],
            Self::Outage(outage) => outage.next_actions(),
        }
    }
}

impl<'a> TrustedDevices<'a> {
    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    /// The devices that skip the second step now, the latest first.
    pub async fn list(self, live: &LiveSession) -> Result<Vec<TrustedDevice>, TrustedDeviceError> {
        let now = self.rightful.now();
        let mut devices = self.rightful.ports().trusted_devices.list(live.account.id()).await?;
        devices.retain(|device| device.check(&live.account, now).is_ok());
        Ok(devices)
    }

    /// Trusts a device no more. It takes a right away and gives none, so no fresh proof is asked for.
    pub async fn end(
        self,
        live: &LiveSession,
        which: TrustedDeviceId,
        visit: &Visit,
    ) -> Result<(), TrustedDeviceError> {
        decide_again!(self.decide_end(live, which, visit))
    }

    async fn decide_end(
        self,
        live: &LiveSession,
        which: TrustedDeviceId,
        visit: &Visit,
    ) -> Result<(), TrustedDeviceError> {
        let live = self.rightful.still(live).await?.ok_or(TrustedDeviceError::SessionOver)?;
        if !self.list(&live).await?.iter().any(|device| device.id() == which) {
            return Err(TrustedDeviceError::Unknown);
        }
        let account = live.account.id();
        let event = self.rightful.own_event(visit, Act::TrustEnded, account);
        let end = Write::EndTrust { account, device: which, at: self.rightful.now() };
        let changes = Changes::told_by(event.with("device", which)).write(end);
        Ok(self.rightful.commit_in(&live, changes).await?)
    }
}

impl Rightful {
    /// The device of a presented secret, if `account` skips the second step on it now.
    pub(crate) async fn trusted_device(
        &self,
        account: &Account,
        presented: Option<&str>,
    ) -> Result<Option<TrustedDevice>, Outage> {
        let Some(secret) = presented.and_then(|text| SecretText::present(PREFIX, text)) else {
            return Ok(None);
        };
        let found = self.ports().trusted_devices.find(&secret.hash()).await?;
        let now = self.now();
        Ok(found.filter(|device| device.check(account, now).is_ok()))
    }
}
