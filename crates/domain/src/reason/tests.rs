//! Every refusal of every use case, made once.

use std::collections::{BTreeMap, BTreeSet};

use super::{CODES, NextAction, Outage, Reason, Refusal};
use crate::account_reminder::AccountReminderError;
use crate::email_change::EmailChangeError;
use crate::letters::DeadLetterError;
use crate::links::LinkRefusal;
use crate::password_reset::PasswordResetError;
use crate::profile::ProfileError;
use crate::registration::RegistrationError;
use crate::second_factors::FactorError;
use crate::security_checkup::SecurityCheckupError;
use crate::sessions::SessionError;
use crate::sign_in::SignInError;
use crate::trusted_devices::TrustedDeviceError;
use crate::values::{InvalidEmail, InvalidName, InvalidPassword, Span};
use Reason::{Conflict, Forbidden, Gone, Invalid, NotFound, TooMany, Unauthenticated, Unavailable};

const WAIT: Span = Span::seconds(7);

/// A refusal and the name of its variant.
type Named = (&'static str, Box<dyn Refusal>);

/// Lists the refusals of an enum by variant. A variant that is not listed does not compile. What stands after
/// `as` tells what an inner error tells: checked here, and listed where the inner one is at home.
macro_rules! every {
    ($type:ident { $($variant:ident $(= $made:expr)?,)* } as { $($outer:ident = $inner:expr,)* }) => {{
        fn listed(refusal: &$type) {
            match refusal {
                $($type::$variant { .. } => (),)*
                $($type::$outer { .. } => (),)*
            }
        }
        let mut all: Vec<Named> = Vec::new();
        $({
            let refusal: $type = every!(@made $type $variant $($made)?);
            listed(&refusal);
            let name = concat!(stringify!($type), "::", stringify!($variant));
            assert!(matches!(refusal, $type::$variant { .. }), "{name}");
            all.push((name, Box::new(refusal)));
        })*
        $(for inner in $inner {
            let told = (inner.code(), inner.reason(), inner.retry_after());
            let refusal = $type::$outer(inner);
            assert_eq!((refusal.code(), refusal.reason(), refusal.retry_after()), told);
        })*
        all
    }};
    (@made $type:ident $variant:ident) => { $type::$variant };
    (@made $type:ident $variant:ident $made:expr) => { $made };
}

fn outages() -> Vec<Outage> {
    vec![Outage::Contended, Outage::Overloaded, Outage::failed("a part", "what it said")]
}

fn links() -> [LinkRefusal; 4] {
    [LinkRefusal::Unknown, LinkRefusal::Used, LinkRefusal::Expired, LinkRefusal::Superseded]
}

fn passwords() -> [InvalidPassword; 5] {
    [
        InvalidPassword::TooShort { min: 10 },
        InvalidPassword::TooLong,
        InvalidPassword::Leaked,
        InvalidPassword::OwnData,
        InvalidPassword::Repetition,
    ]
}

fn proofs() -> Vec<SignInError> {
    let mut proofs = vec![
        SignInError::WrongCredentials,
        SignInError::WrongPassword,
        SignInError::WrongCode,
        SignInError::SecondFactorRequired,
        SignInError::Step(LinkRefusal::Expired),
        SignInError::PasswordDisabled,
        SignInError::SessionOver,
        SignInError::TooOften { wait: WAIT },
    ];
    proofs.extend(outages().into_iter().map(SignInError::Outage));
    proofs
}

fn every_refusal() -> Vec<Named> {
    let mut all = every!(Outage {
        Contended,
        Overloaded,
        Failed = Outage::failed("a part", "what it said"),
    } as {});
    all.extend(every!(LinkRefusal { Unknown, Used, Expired, Superseded, } as {}));
    all.extend(every!(InvalidPassword {
        TooShort = InvalidPassword::TooShort { min: 10 },
        TooLong,
        Leaked,
        OwnData,
        Repetition,
    } as {}));
    all.extend(every!(SignInError {
        WrongCredentials,
        WrongPassword,
        WrongCode,
        SecondFactorRequired,
        PasswordDisabled,
        SessionOver,
        TooOften = SignInError::TooOften { wait: WAIT },
    } as { Step = links(), Outage = outages(), }));
    all.extend(every!(FactorError {
        Required,
        WrongCode,
        NotFresh,
        NotVerified,
        Frozen = FactorError::Frozen { wait: WAIT },
        WindowOpen = FactorError::WindowOpen { wait: WAIT },
        MailboxRequired,
        TooMany,
        Unknown,
        EnrolmentOver,
        TooOften = FactorError::TooOften { wait: WAIT },
        SessionOver,
    } as { Link = links(), Outage = outages(), }));
    all.extend(every!(TrustedDeviceError {
        Unknown,
        SessionOver,
    } as { Outage = outages(), }));
    all.extend(every!(SessionError {
        Over,
        Unknown,
        NotFresh,
        TooOften = SessionError::TooOften { wait: WAIT },
    } as { Outage = outages(), }));
    all.extend(every!(RegistrationError {
        AccountsDisabled,
        Email = RegistrationError::Email(InvalidEmail::NoAt),
        Name = RegistrationError::Name(InvalidName::Empty),
        TooOften = RegistrationError::TooOften { wait: WAIT },
        SessionOver,
    } as { Password = passwords(), Link = links(), Outage = outages(), }));
    all.extend(every!(PasswordResetError {
        Email = PasswordResetError::Email(InvalidEmail::NoAt),
        TooOften = PasswordResetError::TooOften { wait: WAIT },
    } as { Password = passwords(), Link = links(), Outage = outages(), }));
    all.extend(every!(AccountReminderError {
        Email = AccountReminderError::Email(InvalidEmail::NoAt),
        TooOften = AccountReminderError::TooOften { wait: WAIT },
    } as { Outage = outages(), }));
    all.extend(every!(SecurityCheckupError { SessionOver, } as { Outage = outages(), }));
    all.extend(every!(ProfileError {
        Name = ProfileError::Name(InvalidName::Empty),
        SamePassword,
        Outdated,
        TooOften = ProfileError::TooOften { wait: WAIT },
        Frozen = ProfileError::Frozen { wait: WAIT },
        NotFresh,
        SessionOver,
    } as { Password = passwords(), Proof = proofs(), Outage = outages(), }));
    all.extend(every!(EmailChangeError {
        NotFresh,
        Frozen = EmailChangeError::Frozen { wait: WAIT },
        NotVerified,
        Mismatch,
        Undeliverable = EmailChangeError::Undeliverable { suggestion: None },
        Unchanged,
        QuotaUsed = EmailChangeError::QuotaUsed { wait: WAIT },
        InUseByAccount,
        KnownContact,
        WindowOpen = EmailChangeError::WindowOpen { wait: WAIT },
        NotPending,
        NotApproved,
        ResendTooSoon = EmailChangeError::ResendTooSoon { wait: WAIT },
        TooManyLetters,
        ProofRequired,
        OtherAccount,
        TooOften = EmailChangeError::TooOften { wait: WAIT },
        SessionOver,
    } as {
        Link = links(), Proof = proofs(), Password = passwords(), Outage = outages(),
    }));
    all.extend(every!(DeadLetterError { Unknown, } as { Outage = outages(), }));
    all
}

/// What each code means: one reason, and the variants that say it. Once published, a code keeps its meaning.
#[test]
fn every_code_has_one_meaning() {
    let table: [(&str, Reason, &[&str]); 44] = [
        (
            "account_frozen",
            Forbidden,
            &["EmailChangeError::Frozen", "FactorError::Frozen", "ProfileError::Frozen"],
        ),
        ("accounts_disabled", Forbidden, &["RegistrationError::AccountsDisabled"]),
        ("contended", Unavailable, &["Outage::Contended"]),
        (
            "current_email_not_verified",
            Forbidden,
            &["EmailChangeError::NotVerified", "FactorError::NotVerified"],
        ),
        ("email_change_not_approved", Conflict, &["EmailChangeError::NotApproved"]),
        ("email_change_quota", TooMany, &["EmailChangeError::QuotaUsed"]),
        (
            "email_change_window",
            Conflict,
            &["EmailChangeError::WindowOpen", "FactorError::WindowOpen"],
        ),
        ("email_in_use_by_account", Conflict, &["EmailChangeError::InUseByAccount"]),
        ("email_known_contact", Conflict, &["EmailChangeError::KnownContact"]),
        ("email_unchanged", Invalid, &["EmailChangeError::Unchanged"]),
        ("email_undeliverable", Invalid, &["EmailChangeError::Undeliverable"]),
        ("emails_mismatch", Invalid, &["EmailChangeError::Mismatch"]),
        ("enrolment_over", Gone, &["FactorError::EnrolmentOver"]),
        (
            "invalid_email",
            Invalid,
            &[
                "AccountReminderError::Email",
                "PasswordResetError::Email",
                "RegistrationError::Email",
            ],
        ),
        ("invalid_name", Invalid, &["ProfileError::Name", "RegistrationError::Name"]),
        ("link_expired", Gone, &["LinkRefusal::Expired"]),
        ("link_superseded", Gone, &["LinkRefusal::Superseded"]),
        ("link_unknown", NotFound, &["LinkRefusal::Unknown"]),
        ("link_used", Gone, &["LinkRefusal::Used"]),
        ("mailbox_proof_required", Forbidden, &["FactorError::MailboxRequired"]),
        ("no_pending_email_change", Conflict, &["EmailChangeError::NotPending"]),
        (
            "not_found",
            NotFound,
            &[
                "DeadLetterError::Unknown",
                "FactorError::Unknown",
                "SessionError::Unknown",
                "TrustedDeviceError::Unknown",
            ],
        ),
        ("outage", Unavailable, &["Outage::Failed"]),
        ("overloaded", Unavailable, &["Outage::Overloaded"]),
        ("password_disabled", Forbidden, &["SignInError::PasswordDisabled"]),
        ("password_leaked", Invalid, &["InvalidPassword::Leaked"]),
        ("password_own_data", Invalid, &["InvalidPassword::OwnData"]),
        ("password_repetition", Invalid, &["InvalidPassword::Repetition"]),
        ("password_too_long", Invalid, &["InvalidPassword::TooLong"]),
        ("password_too_short", Invalid, &["InvalidPassword::TooShort"]),
        ("password_unchanged", Invalid, &["ProfileError::SamePassword"]),
        ("proof_required", Unauthenticated, &["EmailChangeError::ProofRequired"]),
        (
            "reauthentication_required",
            Forbidden,
            &[
                "EmailChangeError::NotFresh",
                "FactorError::NotFresh",
                "ProfileError::NotFresh",
                "SessionError::NotFresh",
            ],
        ),
        ("resend_limit", TooMany, &["EmailChangeError::TooManyLetters"]),
        ("resend_too_soon", TooMany, &["EmailChangeError::ResendTooSoon"]),
        (
            "second_factor_required",
            Forbidden,
            &["FactorError::Required", "SignInError::SecondFactorRequired"],
        ),
        ("signed_in_to_other_account", Forbidden, &["EmailChangeError::OtherAccount"]),
        ("too_many_factors", Conflict, &["FactorError::TooMany"]),
        (
            "too_many_requests",
            TooMany,
            &[
                "AccountReminderError::TooOften",
                "EmailChangeError::TooOften",
                "FactorError::TooOften",
                "PasswordResetError::TooOften",
                "ProfileError::TooOften",
                "RegistrationError::TooOften",
                "SessionError::TooOften",
                "SignInError::TooOften",
            ],
        ),
        (
            "unauthenticated",
            Unauthenticated,
            &[
                "EmailChangeError::SessionOver",
                "FactorError::SessionOver",
                "ProfileError::SessionOver",
                "RegistrationError::SessionOver",
                "SecurityCheckupError::SessionOver",
                "SessionError::Over",
                "SignInError::SessionOver",
                "TrustedDeviceError::SessionOver",
            ],
        ),
        ("version_mismatch", Conflict, &["ProfileError::Outdated"]),
        ("wrong_code", Forbidden, &["FactorError::WrongCode", "SignInError::WrongCode"]),
        ("wrong_credentials", Unauthenticated, &["SignInError::WrongCredentials"]),
        ("wrong_password", Forbidden, &["SignInError::WrongPassword"]),
    ];
    let mut found: BTreeMap<&str, (BTreeSet<&str>, Vec<Reason>)> = BTreeMap::new();
    for (name, refusal) in every_refusal() {
        let (names, reasons) = found.entry(refusal.code()).or_default();
        names.insert(name);
        reasons.push(refusal.reason());
    }
    for (code, reason, names) in table {
        let (found, reasons) = found.remove(code).unwrap_or_default();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), names, "{code}");
        assert!(reasons.iter().all(|found| *found == reason), "{code}: {reasons:?}");
    }
    assert!(found.is_empty(), "codes without a meaning: {found:?}");
    assert_eq!(table.map(|(code, ..)| code), CODES, "the published list");
}

#[test]
fn codes_and_next_actions_are_snake_case() {
    let snake = |text: &str| {
        text.split('_').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()))
    };
    assert!(CODES.iter().all(|code| snake(code)));
    let offered = every_refusal();
    let actions: Vec<NextAction> =
        offered.iter().flat_map(|(_, refusal)| refusal.next_actions()).copied().collect();
    assert!(actions.iter().all(|action| snake(action.as_str())), "{actions:?}");
}

/// Whoever is told to come back later is told when, and that waiting is what to do (RFC 9110 §10.2.3).
#[test]
fn whoever_shall_wait_is_told_how_long() {
    for (name, refusal) in every_refusal() {
        let later = matches!(refusal.reason(), TooMany | Unavailable);
        // There will be no further letter of this change, however long one waits.
        let never = name == "EmailChangeError::TooManyLetters";
        if later && !never {
            assert!(refusal.retry_after().is_some(), "{name}");
            assert!(refusal.next_actions().contains(&NextAction::Wait), "{name}");
        }
        if refusal.retry_after().is_some() {
            assert!(refusal.next_actions().contains(&NextAction::Wait), "{name}");
        }
    }
}

/// A field is named exactly where what was typed is at fault.
#[test]
fn a_refused_field_is_named() {
    for (name, refusal) in every_refusal() {
        // The use cases name the field of a password; `InvalidPassword` does not know it.
        if refusal.reason() == Invalid && !name.starts_with("InvalidPassword") {
            assert!(refusal.field().is_some(), "{name}");
        }
    }
}

/// Security §3.9: what engineers read holds neither address nor secret.
#[test]
fn no_error_text_holds_what_was_typed() {
    for (name, refusal) in every_refusal() {
        // "The address has no @."
        let of_addresses = name.ends_with("Error::Email");
        assert!(!refusal.to_string().contains('@') || of_addresses, "{name}");
        assert!(!refusal.to_string().is_empty(), "{name}");
    }
    assert_eq!(RegistrationError::Email(InvalidEmail::NoAt).to_string(), "the address has no @");
}
