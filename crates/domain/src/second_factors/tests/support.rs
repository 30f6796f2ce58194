//! Accounts with second factors.

use crate::accounts::{Account, Freeze};
use crate::one_time_codes::{Step, TotpKey};
use crate::ports::OneTimeCodes;
use crate::second_factors::service::place_of;
use crate::second_factors::{BackupCode, Factor, FactorSecret, FactorState};
use crate::sessions::LiveSession;
use crate::tests_support::{
    Edit, NOW, Stage, ada, counting_entropy, fresh, hash, id, one_time_codes,
};
use crate::values::{Span, Timestamp};

/// Ada, who has bound an authenticator app a month ago.
pub(crate) fn secured() -> Account {
    ada().edit(|record| record.second_factor_at = Some(NOW - Span::days(30)))
}

pub(crate) fn key() -> TotpKey {
    TotpKey::from_bytes(*b"12345678901234567890")
}

/// The code of the step of `now`, as the mocked port has it.
pub(crate) fn code(now: Timestamp) -> String {
    one_time_codes().code(&key(), Step::at(now))
}

/// App number `n` of the account, whose key was shown at `begun_at`.
pub(crate) fn begun(account: &Account, n: u64, begun_at: Timestamp) -> Factor {
    let stage = Stage::empty();
    let vault = &*stage.rightful.ports().vault;
    let sealed = key().seal(vault, &place_of(id(n)));
    Factor::begin_totp(account.verified().unwrap(), id(n), sealed, begun_at)
}

/// App number `n` of the account, bound a month ago.
pub(crate) fn app(account: &Account, n: u64) -> Factor {
    let at = NOW - Span::days(30);
    begun(account, n, at).edit(|record| record.state = FactorState::Bound { at })
}

/// Backup code number `n` of [`codes`].
pub(crate) fn backup_code(n: usize) -> String {
    format!("{n}AAA-BBBB-CCCC")
}

/// The ten backup codes of the account, as factor number 90.
pub(crate) fn codes(account: &Account) -> Factor {
    let kept = (0..10)
        .map(|n| BackupCode { hash: hash(&backup_code(n).replace('-', "")), used_at: None })
        .collect();
    let at = NOW - Span::days(30);
    Factor::issue_backup_codes(account, kept, &counting_entropy(), at)
        .edit(|record| record.id = id(90))
}

/// The same with code number `n` used at `at`.
pub(crate) fn codes_without(account: &Account, n: usize, at: Timestamp) -> Factor {
    codes(account).edit(|record| {
        let FactorSecret::BackupCodes(kept) = &mut record.secret else { unreachable!() };
        kept[n].used_at = Some(at);
        record.last_used_at = Some(at);
    })
}

/// A session in which the second factor was proved a minute ago.
pub(crate) fn proved(account: &Account) -> LiveSession {
    let live = fresh(account);
    let session = live.session.edit(|record| record.factor_at = Some(NOW - Span::minutes(1)));
    LiveSession { session, ..live }
}

/// The account and its session; an app and backup codes, if it has a second factor.
pub(crate) fn stage(live: &LiveSession) -> Stage {
    let account = live.account.clone();
    Stage::signed_in(live).and(|world| {
        if account.has_second_factor() {
            world.factors = vec![app(&account, 80), codes(&account)];
        }
    })
}

/// The account, frozen an hour ago.
pub(crate) fn frozen(account: &Account) -> Account {
    let since = NOW - Span::hours(1);
    let freeze = Freeze { since, until: since + Span::days(7) };
    account.clone().edit(|record| record.freeze = Some(freeze))
}
