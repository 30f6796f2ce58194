//! The catalogue: every code that can leave in a problem, with the status it leaves under.
//!
//! A code is published the moment it leaves: it never changes its meaning and never disappears
//! (`published_codes.txt` is the memory, a test compares). Its texts stand in rightful-wording under
//! `problem-<code>-…`, and `/problems/<code>` is its page.

use poem::http::StatusCode;
use rightful_domain::reason::Reason;

/// A problem type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The stable code, snake case.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
}

macro_rules! catalogue {
    ($($status:literal: $($code:literal)*;)*) => {
        /// Every problem type, by status.
        pub const CATALOGUE: &[Known] = &[$($(Known { code: $code, status: $status },)*)*];
    };
}

catalogue! {
    400: "bad_request" "malformed_json" "duplicate_key" "malformed_idempotency_key";
    401: "unauthenticated" "wrong_credentials" "proof_required";
    403: "csrf_failed" "accounts_disabled" "reauthentication_required" "wrong_password"
        "account_frozen" "current_email_not_verified" "signed_in_to_other_account"
        "second_factor_required" "wrong_code" "mailbox_proof_required" "password_disabled";
    404: "not_found" "link_unknown";
    405: "method_not_allowed";
    408: "request_timeout";
    409: "idempotency_in_flight" "version_mismatch" "email_in_use_by_account" "email_known_contact"
        "email_change_window" "email_change_not_approved" "no_pending_email_change"
        "too_many_factors";
    410: "link_used" "link_expired" "link_superseded" "enrolment_over";
    411: "length_required";
    412: "precondition_failed";
    413: "payload_too_large";
    415: "unsupported_media_type";
    422: "invalid_request" "missing_field" "unknown_field" "wrong_type" "unknown_value"
        "idempotency_key_reused" "invalid_email" "invalid_name" "password_too_short"
        "password_too_long" "password_leaked" "password_own_data" "password_repetition"
        "password_unchanged" "emails_mismatch" "email_undeliverable" "email_unchanged";
    428: "precondition_required";
    429: "too_many_requests" "email_change_quota" "resend_too_soon" "resend_limit";
    500: "internal";
    503: "timeout" "contended" "overloaded" "outage";
}

/// The problem type of this code; `None` when we never send it.
pub(crate) fn find(code: &str) -> Option<&'static Known> {
    CATALOGUE.iter().find(|known| known.code == code)
}

/// The one place where the domain's reasons become statuses.
pub const fn status_of(reason: Reason) -> StatusCode {
    match reason {
        Reason::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Reason::Unauthenticated => StatusCode::UNAUTHORIZED,
        Reason::Forbidden => StatusCode::FORBIDDEN,
        Reason::NotFound => StatusCode::NOT_FOUND,
        Reason::Conflict => StatusCode::CONFLICT,
        Reason::Gone => StatusCode::GONE,
        Reason::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Reason::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rightful_domain::account_reminder::AccountReminderError;
    use rightful_domain::email_change::EmailChangeError;
    use rightful_domain::links::LinkRefusal;
    use rightful_domain::password_reset::PasswordResetError;
    use rightful_domain::profile::ProfileError;
    use rightful_domain::reason::{Outage, Refusal};
    use rightful_domain::registration::RegistrationError;
    use rightful_domain::second_factors::FactorError;
    use rightful_domain::security_checkup::SecurityCheckupError;
    use rightful_domain::sessions::SessionError;
    use rightful_domain::sign_in::SignInError;
    use rightful_domain::trusted_devices::TrustedDeviceError;
    use rightful_domain::values::{EmailAddress, InvalidName, InvalidPassword, PersonName, Span};
    use rightful_wording::{Arg, Language, catalog};

    use super::*;
    use crate::samples::Sample;

    const PARTS: [&str; 5] = ["title", "meaning", "cause", "client", "customer"];

    #[test]
    fn a_code_stands_once() {
        let codes: BTreeSet<_> = CATALOGUE.iter().map(|known| known.code).collect();
        assert_eq!(codes.len(), CATALOGUE.len());
    }

    #[test]
    fn every_code_has_its_texts_in_both_languages_and_no_text_is_left_over() {
        let wanted: BTreeSet<String> = CATALOGUE
            .iter()
            .flat_map(|known| PARTS.map(|part| format!("problem-{}-{part}", known.code)))
            .collect();
        for key in &wanted {
            let texts = Language::ALL.map(|language| {
                catalog()
                    .try_text(language, key, &[("min", Arg::Text("10"))])
                    .unwrap_or_else(|error| panic!("{language:?}: {error}"))
            });
            assert_ne!(texts[0], texts[1], "{key} is not translated");
        }
        let found: BTreeSet<String> = catalog()
            .keys()
            .filter(|key| key.starts_with("problem-") && !key.starts_with("problem-page-"))
            .map(str::to_owned)
            .collect();
        assert_eq!(found, wanted);
    }

    /// The file is the memory of what clients may rely on. Add lines to it; never take one away.
    #[test]
    fn no_published_code_disappears_and_new_ones_are_written_down() {
        let published: BTreeSet<&str> = include_str!("../published_codes.txt")
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .collect();
        let lines: Vec<String> =
            CATALOGUE.iter().map(|known| format!("{} {}", known.status, known.code)).collect();
        let known: BTreeSet<&str> = lines.iter().map(String::as_str).collect();
        let gone: Vec<_> = published.difference(&known).collect();
        assert!(gone.is_empty(), "published, and now gone or under another status: {gone:?}");
        let new: Vec<_> = known.difference(&published).collect();
        assert!(new.is_empty(), "add to crates/http/published_codes.txt: {new:?}");
    }

    /// One of each error that a use case can give. The matches below have no wildcard: a new variant does
    /// not compile until it is here.
    fn refusals() -> Vec<Box<dyn Refusal>> {
        let wait = Span::seconds(1);
        let address = || EmailAddress::parse("ada@example.org").expect("an address");
        let no_address = || EmailAddress::parse("ada").expect_err("no address");
        let no_name = || PersonName::parse("").expect_err("no name");
        let links = || {
            let all = [
                LinkRefusal::Unknown,
                LinkRefusal::Used,
                LinkRefusal::Expired,
                LinkRefusal::Superseded,
            ];
            for link in all {
                match link {
                    LinkRefusal::Unknown
                    | LinkRefusal::Used
                    | LinkRefusal::Expired
                    | LinkRefusal::Superseded => {}
                }
            }
            all
        };
        let passwords = || {
            let all = [
                InvalidPassword::TooShort { min: 10 },
                InvalidPassword::TooLong,
                InvalidPassword::Leaked,
                InvalidPassword::OwnData,
                InvalidPassword::Repetition,
            ];
            for password in all {
                match password {
                    InvalidPassword::TooShort { .. }
                    | InvalidPassword::TooLong
                    | InvalidPassword::Leaked
                    | InvalidPassword::OwnData
                    | InvalidPassword::Repetition => {}
                }
            }
            all
        };
        let outages = || {
            let all = [
                Outage::Contended,
                Outage::Overloaded,
                Outage::failed("a part", std::io::Error::other("x")),
            ];
            for outage in &all {
                match outage {
                    Outage::Contended | Outage::Overloaded | Outage::Failed { .. } => {}
                }
            }
            all
        };
        let proofs = || {
            let mut all = vec![
                SignInError::WrongCredentials,
                SignInError::WrongPassword,
                SignInError::WrongCode,
                SignInError::SecondFactorRequired,
                SignInError::PasswordDisabled,
                SignInError::TooOften { wait },
                SignInError::SessionOver,
            ];
            all.extend(links().map(SignInError::Step));
            all.extend(outages().map(SignInError::Outage));
            for proof in &all {
                match proof {
                    SignInError::WrongCredentials
                    | SignInError::WrongPassword
                    | SignInError::WrongCode
                    | SignInError::SecondFactorRequired
                    | SignInError::Step(_)
                    | SignInError::PasswordDisabled
                    | SignInError::TooOften { .. }
                    | SignInError::SessionOver
                    | SignInError::Outage(_) => {}
                }
            }
            all
        };

        let mut all: Vec<Box<dyn Refusal>> = Vec::new();
        for error in [
            RegistrationError::AccountsDisabled,
            RegistrationError::TooOften { wait },
            RegistrationError::SessionOver,
        ]
        .into_iter()
        .chain([RegistrationError::Email(no_address()), RegistrationError::Name(no_name())])
        .chain(passwords().map(RegistrationError::Password))
        .chain(links().map(RegistrationError::Link))
        .chain(outages().map(RegistrationError::Outage))
        {
            match error {
                RegistrationError::AccountsDisabled
                | RegistrationError::Email(_)
                | RegistrationError::Name(_)
                | RegistrationError::Password(_)
                | RegistrationError::TooOften { .. }
                | RegistrationError::Link(_)
                | RegistrationError::SessionOver
                | RegistrationError::Outage(_) => all.push(Box::new(error)),
            }
        }
        for error in proofs() {
            all.push(Box::new(error));
        }
        for error in [
            SessionError::Over,
            SessionError::Unknown,
            SessionError::NotFresh,
            SessionError::TooOften { wait },
        ]
        .into_iter()
        .chain(outages().map(SessionError::Outage))
        {
            match error {
                SessionError::Over
                | SessionError::Unknown
                | SessionError::NotFresh
                | SessionError::TooOften { .. }
                | SessionError::Outage(_) => all.push(Box::new(error)),
            }
        }
        for error in [
            FactorError::Required,
            FactorError::WrongCode,
            FactorError::NotFresh,
            FactorError::NotVerified,
            FactorError::Frozen { wait },
            FactorError::WindowOpen { wait },
            FactorError::MailboxRequired,
            FactorError::TooMany,
            FactorError::Unknown,
            FactorError::EnrolmentOver,
            FactorError::TooOften { wait },
            FactorError::SessionOver,
        ]
        .into_iter()
        .chain(links().map(FactorError::Link))
        .chain(outages().map(FactorError::Outage))
        {
            match error {
                FactorError::Required
                | FactorError::WrongCode
                | FactorError::NotFresh
                | FactorError::NotVerified
                | FactorError::Frozen { .. }
                | FactorError::WindowOpen { .. }
                | FactorError::MailboxRequired
                | FactorError::TooMany
                | FactorError::Unknown
                | FactorError::EnrolmentOver
                | FactorError::Link(_)
                | FactorError::TooOften { .. }
                | FactorError::SessionOver
                | FactorError::Outage(_) => all.push(Box::new(error)),
            }
        }
        for error in [TrustedDeviceError::Unknown, TrustedDeviceError::SessionOver]
            .into_iter()
            .chain(outages().map(TrustedDeviceError::Outage))
        {
            match error {
                TrustedDeviceError::Unknown
                | TrustedDeviceError::SessionOver
                | TrustedDeviceError::Outage(_) => all.push(Box::new(error)),
            }
        }
        for error in [
            ProfileError::Name(InvalidName::TooLong),
            ProfileError::SamePassword,
            ProfileError::Outdated,
            ProfileError::TooOften { wait },
            ProfileError::Frozen { wait },
            ProfileError::NotFresh,
            ProfileError::SessionOver,
        ]
        .into_iter()
        .chain(passwords().map(ProfileError::Password))
        .chain(proofs().into_iter().map(ProfileError::Proof))
        .chain(outages().map(ProfileError::Outage))
        {
            match error {
                ProfileError::Name(_)
                | ProfileError::Password(_)
                | ProfileError::SamePassword
                | ProfileError::Outdated
                | ProfileError::TooOften { .. }
                | ProfileError::Frozen { .. }
                | ProfileError::NotFresh
                | ProfileError::Proof(_)
                | ProfileError::SessionOver
                | ProfileError::Outage(_) => all.push(Box::new(error)),
            }
        }
        for error in
            [PasswordResetError::Email(no_address()), PasswordResetError::TooOften { wait }]
                .into_iter()
                .chain(passwords().map(PasswordResetError::Password))
                .chain(links().map(PasswordResetError::Link))
                .chain(outages().map(PasswordResetError::Outage))
        {
            match error {
                PasswordResetError::Email(_)
                | PasswordResetError::Password(_)
                | PasswordResetError::TooOften { .. }
                | PasswordResetError::Link(_)
                | PasswordResetError::Outage(_) => all.push(Box::new(error)),
            }
        }
        for error in
            [AccountReminderError::Email(no_address()), AccountReminderError::TooOften { wait }]
                .into_iter()
                .chain(outages().map(AccountReminderError::Outage))
        {
            match error {
                AccountReminderError::Email(_)
                | AccountReminderError::TooOften { .. }
                | AccountReminderError::Outage(_) => all.push(Box::new(error)),
            }
        }
        for error in [SecurityCheckupError::SessionOver]
            .into_iter()
            .chain(outages().map(SecurityCheckupError::Outage))
        {
            match error {
                SecurityCheckupError::SessionOver | SecurityCheckupError::Outage(_) => {
                    all.push(Box::new(error));
                }
            }
        }
        for error in [
            EmailChangeError::NotFresh,
            EmailChangeError::Frozen { wait },
            EmailChangeError::NotVerified,
            EmailChangeError::Mismatch,
            EmailChangeError::Undeliverable { suggestion: Some(address()) },
            EmailChangeError::Unchanged,
            EmailChangeError::QuotaUsed { wait },
            EmailChangeError::InUseByAccount,
            EmailChangeError::KnownContact,
            EmailChangeError::WindowOpen { wait },
            EmailChangeError::NotPending,
            EmailChangeError::NotApproved,
            EmailChangeError::ResendTooSoon { wait },
            EmailChangeError::TooManyLetters,
            EmailChangeError::ProofRequired,
            EmailChangeError::OtherAccount,
            EmailChangeError::TooOften { wait },
            EmailChangeError::SessionOver,
        ]
        .into_iter()
        .chain(links().map(EmailChangeError::Link))
        .chain(passwords().map(EmailChangeError::Password))
        .chain(proofs().into_iter().map(EmailChangeError::Proof))
        .chain(outages().map(EmailChangeError::Outage))
        {
            match error {
                EmailChangeError::NotFresh
                | EmailChangeError::Frozen { .. }
                | EmailChangeError::NotVerified
                | EmailChangeError::Mismatch
                | EmailChangeError::Undeliverable { .. }
                | EmailChangeError::Unchanged
                | EmailChangeError::QuotaUsed { .. }
                | EmailChangeError::InUseByAccount
                | EmailChangeError::KnownContact
                | EmailChangeError::WindowOpen { .. }
                | EmailChangeError::NotPending
                | EmailChangeError::NotApproved
                | EmailChangeError::ResendTooSoon { .. }
                | EmailChangeError::TooManyLetters
                | EmailChangeError::Link(_)
                | EmailChangeError::ProofRequired
                | EmailChangeError::OtherAccount
                | EmailChangeError::Proof(_)
                | EmailChangeError::Password(_)
                | EmailChangeError::TooOften { .. }
                | EmailChangeError::SessionOver
                | EmailChangeError::Outage(_) => all.push(Box::new(error)),
            }
        }

        all
    }

    #[test]
    fn every_refusal_of_the_domain_is_in_the_catalogue_under_the_status_of_its_reason() {
        for refusal in refusals() {
            let known = find(refusal.code());
            let status = status_of(refusal.reason()).as_u16();
            assert_eq!(known.map(|known| known.status), Some(status), "{refusal:?}");
            let waits = matches!(refusal.reason(), Reason::Unavailable);
            assert!(!waits || refusal.retry_after().is_some(), "{refusal:?} says 503 and not when");
        }
    }

    /// The samples are what pages and document show: they hold what the use cases answer, no more, no less.
    #[test]
    fn samples_hold_what_refusals_hold() {
        let mut fields = BTreeSet::new();
        let mut actions = BTreeSet::new();
        for refusal in refusals() {
            let (code, sample) = (refusal.code(), Sample::of(refusal.code()));
            assert_eq!(
                sample.retry_after.is_some(),
                refusal.retry_after().is_some(),
                "{refusal:?}"
            );
            assert_eq!(refusal.field().is_none(), sample.fields.is_empty(), "{refusal:?}");
            if let Some(field) = refusal.field() {
                assert!(sample.fields.contains(&field), "{refusal:?}: {field}");
                fields.insert((code, field));
            }
            if refusal.next_actions().is_empty() {
                assert!(sample.actions.is_empty(), "{refusal:?}");
            } else {
                assert!(sample.actions.contains(&refusal.next_actions()), "{refusal:?}");
                actions.insert((code, format!("{:?}", refusal.next_actions())));
            }
        }
        // And what they hold is answered by somebody: by a use case, or by this layer itself.
        let ours = ["idempotency_in_flight", "timeout"];
        for known in CATALOGUE.iter().filter(|known| !ours.contains(&known.code)) {
            let sample = Sample::of(known.code);
            for field in sample.fields {
                assert!(fields.contains(&(known.code, field)), "{}: {field}", known.code);
            }
            for list in sample.actions {
                let told = actions.contains(&(known.code, format!("{list:?}")));
                assert!(told, "{}: {list:?}", known.code);
            }
        }
    }
}
