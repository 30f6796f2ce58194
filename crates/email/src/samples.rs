//! A sample letter of every kind, for previews and for checking an operator's templates. The secrets have the
//! form of real ones and open nothing.

use rightful_domain::letters::{Deed, LetterContent, LetterSecret};
use rightful_domain::second_factors::FactorKind;
use rightful_domain::values::{SecretText, Span, Timestamp};

/// 22 November 2026, 04:35 UTC.
const NOW: Timestamp = Timestamp::from_millis(1_795_322_100_000);

/// Samples of every kind, in the order of [`LetterContent::KINDS`]. The welcome comes twice: with its link,
/// and without it for a deployment that sends two letters.
pub(crate) fn all() -> Vec<LetterContent> {
    let deed = || Deed {
        at: NOW,
        device: "Firefox on Linux".to_owned(),
        source: "2001:db8:1:2::/64".to_owned(),
    };
    let secret = |prefix: &str| {
        LetterSecret(SecretText::from_letter(format!(
            "{prefix}_{}",
            "SampleSecret".repeat(4).split_at(43).0
        )))
    };
    let (two_days, week) = (NOW + Span::hours(48), NOW + Span::days(7));
    let hour = NOW + Span::hours(1);
    let old_masked = || "c•••@e•••.org".to_owned();
    let new_masked = || "k•••@e•••.com".to_owned();
    vec![
        LetterContent::Welcome { verify: Some(secret("vfy")), expires_at: Some(two_days) },
        LetterContent::Welcome { verify: None, expires_at: None },
        LetterContent::VerifyAddress { verify: secret("vfy"), expires_at: two_days },
        LetterContent::AlreadyRegistered { deed: deed() },
        LetterContent::AddressResting { free_at: week },
        LetterContent::MailboxProved { deed: deed() },
        LetterContent::NewSignIn { deed: deed() },
        LetterContent::PasswordChanged { deed: deed() },
        LetterContent::ResetPassword { deed: deed(), reset: secret("rst"), expires_at: hour },
        LetterContent::PasswordReset { deed: deed() },
        LetterContent::NoAccount { deed: deed() },
        LetterContent::AccountReminder { deed: deed() },
        LetterContent::ProfileChanged { deed: deed() },
        LetterContent::SessionsEnded { deed: deed() },
        LetterContent::ConfirmEmailChange {
            confirm: secret("chg"),
            expires_at: two_days,
            old_masked: old_masked(),
        },
        LetterContent::EmailChangeRequested {
            deed: deed(),
            new_masked: new_masked(),
            dispute: secret("dsp"),
            dispute_until: week,
        },
        LetterContent::ApproveEmailChange {
            deed: deed(),
            new: "ada@new.example".to_owned(),
            approve: secret("apv"),
            expires_at: two_days,
        },
        LetterContent::EmailChangedOld {
            deed: deed(),
            new_masked: new_masked(),
            dispute: secret("dsp"),
            dispute_until: week,
        },
        LetterContent::EmailChangedNew { deed: deed(), old_masked: old_masked() },
        LetterContent::EmailChangeCancelled { deed: deed(), new_masked: new_masked() },
        LetterContent::AddressTried { deed: deed() },
        LetterContent::EmailChangeDisputed { deed: deed(), frozen_until: two_days },
        LetterContent::EmailChangeReverted { deed: deed(), old_masked: old_masked() },
        LetterContent::BindFactor {
            deed: deed(),
            bind: secret("bnd"),
            expires_at: NOW + Span::hours(1),
        },
        LetterContent::FactorBound { deed: deed(), factor: FactorKind::Totp },
        LetterContent::FactorRemoved { deed: deed(), factor: FactorKind::Totp },
        LetterContent::BackupCodesRenewed { deed: deed() },
        LetterContent::BackupCodeUsed { deed: deed(), left: 9 },
        LetterContent::SecondStepFailed { deed: deed() },
        LetterContent::DeviceTrusted { deed: deed(), until: NOW + Span::days(30) },
    ]
}

/// The sample of a kind.
pub(crate) fn of(kind: &str) -> Option<LetterContent> {
    all().into_iter().find(|content| content.kind() == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_and_kinds_agree() {
        let mut kinds: Vec<&str> = all().iter().map(LetterContent::kind).collect();
        kinds.dedup();
        assert_eq!(kinds, LetterContent::KINDS);
    }
}
