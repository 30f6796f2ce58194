//! Proving a second factor: counted before it is compared, compared with all that are bound, used up in the
//! commit of what it opens.

use crate::Rightful;
use crate::Visit;
use crate::accounts::Account;
use crate::one_time_codes::{TotpKey, accept};
use crate::ports::PasswordMatch;
use crate::reason::Outage;
use crate::second_factors::{BackupCodeText, Factor, FactorKind, FactorSecret};
use crate::sign_in::KnownDevice;
use crate::throttle::ThrottleKey;
use crate::values::{FactorId, Span, TypedPassword};

/// What a customer shows beside the password.
#[derive(Clone, Copy, Debug)]
pub enum FactorProof<'a> {
    /// The six digits of an authenticator app.
    Code(&'a str),
    /// A backup code.
    BackupCode(&'a str),
}

/// A factor whose code was right: as it is after, with the code used up. Written in the same commit, guarded by
/// its version, so that one code opens one thing (MN-14, MN-44).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CheckedFactor(pub(crate) Factor);

impl CheckedFactor {
    pub(crate) const fn kind(&self) -> FactorKind {
        self.0.kind()
    }
}

/// Where an app's key is sealed: it opens nowhere else.
pub(in crate::second_factors) fn place_of(factor: FactorId) -> String {
    format!("totp:{factor}")
}

impl Rightful {
    /// What counts wrong codes of an account: a device that is known to it has a count of its own, so that a
    /// thief of the password shuts nobody out (MN-50).
    pub(crate) fn factor_key(&self, account: &Account, visit: &Visit) -> ThrottleKey {
        let known = visit.known_device.as_deref();
        let device = known
            .and_then(|token| {
                KnownDevice::recognize(&*self.ports().vault, token, account, self.now())
            })
            .map(KnownDevice::subject)
            .unwrap_or_default();
        self.limit_key("second_factor", &[&account.id().to_string(), &device])
    }

    /// Counts a try under `key`; how long to wait when there were too many.
    pub(crate) async fn factor_too_often(&self, key: ThrottleKey) -> Result<Option<Span>, Outage> {
        self.too_often(&[(key, self.policy().limits.second_factor)]).await
    }

    /// Compares a proof with the factors of the account; `None` when it fits none that is bound. A backup code
    /// costs one hash, whatever was typed.
    pub(crate) async fn check_factor(
        &self,
        account: &Account,
        proof: FactorProof<'_>,
    ) -> Result<Option<CheckedFactor>, Outage> {
        let factors = self.ports().second_factors.list(account.id()).await?;
        let bound = factors.into_iter().filter(|factor| factor.bound_at().is_some());
        match proof {
            FactorProof::Code(typed) => self.check_code(bound, typed),
            FactorProof::BackupCode(typed) => self.check_backup_code(bound, typed).await,
        }
    }

    fn check_code(
        &self,
        bound: impl Iterator<Item = Factor>,
        typed: &str,
    ) -> Result<Option<CheckedFactor>, Outage> {
        let now = self.now();
        let mut checked = None;
        for factor in bound {
            let FactorSecret::Totp { key, last } = &factor.record().secret else { continue };
            let key = TotpKey::open(&*self.ports().vault, &place_of(factor.id()), key)?;
            let step = accept(&*self.ports().one_time_codes, &key, typed, *last, now);
            if let Some(used) = step.and_then(|step| factor.use_step(step, now).ok()) {
                checked = checked.or(Some(CheckedFactor(used)));
            }
        }
        Ok(checked)
    }

    async fn check_backup_code(
        &self,
        mut bound: impl Iterator<Item = Factor> + Send,
        typed: &str,
    ) -> Result<Option<CheckedFactor>, Outage> {
        let set = bound.find(|factor| factor.kind() == FactorKind::BackupCodes);
        let code = BackupCodeText::read(typed);
        let number = code.as_ref().and_then(BackupCodeText::number);
        let kept = match (set.as_ref().map(|set| &set.record().secret), number) {
            (Some(FactorSecret::BackupCodes(codes)), Some(number)) => codes.get(number),
            _ => None,
        };
        let typed = code.as_ref().and_then(BackupCodeText::as_typed);
        let nothing = TypedPassword::EMPTY;
        let compared = typed.as_ref().unwrap_or(&nothing);
        let passwords = &self.ports().passwords;
        let found = passwords.verify(compared, kept.map(|code| &code.hash)).await?;
        Ok(match (set, number) {
            (Some(set), Some(number)) if found != PasswordMatch::No => {
                set.use_backup_code(number, self.now()).ok().map(CheckedFactor)
            }
            _ => None,
        })
    }
}
