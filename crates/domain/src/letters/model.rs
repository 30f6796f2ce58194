use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::accounts::Account;
use crate::contacts::Contact;
use crate::ports::{Entropy, Vault};
use crate::reason::Outage;
use crate::second_factors::FactorKind;
use crate::values::{
    AccountId, EmailAddress, EmailChangeId, LetterId, Locale, Sealed, SecretText, Span, Timestamp,
    mint,
};

/// A secret inside a letter. It is serialized only to be sealed with the letter.
#[derive(Clone, PartialEq, Eq)]
pub struct LetterSecret(pub SecretText);

impl fmt::Debug for LetterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
impl Serialize for LetterSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}
impl<'de> Deserialize<'de> for LetterSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretText::from_letter(text)))
    }
}

/// When, on which device and from where something was done: every notice says it (security §3.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Deed {
    pub at: Timestamp,
    pub device: String,
    pub source: String,
}

/// What a letter says. Each kind has its templates; none carries a link that signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LetterContent {
    /// The one welcome of an account. With `verify`, it is the verification letter too. It holds no
    /// personal datum: the mailbox may be a stranger's.
    Welcome {
        /// The link that proves the mailbox, when welcome and verification are one letter.
        verify: Option<LetterSecret>,
        /// The end of that link.
        expires_at: Option<Timestamp>,
    },
    /// Proves the mailbox of a new account.
    VerifyAddress {
        /// The link.
        verify: LetterSecret,
        /// Its end.
        expires_at: Timestamp,
    },
    /// Somebody tried to register an address that has an account (CS-44).
    AlreadyRegistered {
        /// The attempt.
        deed: Deed,
    },
    /// Somebody tried to register an address that an account left a short time ago.
    AddressResting {
        /// When it can be registered.
        free_at: Timestamp,
    },
    /// The mailbox was proved: the account is complete, the password is the one just typed.
    MailboxProved {
        /// The proof.
        deed: Deed,
    },
    /// The account was used from a device that it did not know.
    NewSignIn {
        /// The sign-in.
        deed: Deed,
    },
    /// The password was changed.
    PasswordChanged {
        /// The change.
        deed: Deed,
    },
    /// Somebody asked to reset the password: the link that does.
    ResetPassword {
        /// The request.
        deed: Deed,
        /// The link.
        reset: LetterSecret,
        /// Its end.
        expires_at: Timestamp,
    },
    /// The password was reset by mail (CS-12). While a change of address can be disputed, to both addresses.
    PasswordReset {
        /// The reset.
        deed: Deed,
    },
    /// To an address that the shop knows: somebody asked for its account, and it has none.
    NoAccount {
        /// The request.
        deed: Deed,
    },
    /// Somebody asked whether this address has an account: it has.
    AccountReminder {
        /// The request.
        deed: Deed,
    },
    /// The name or the language was changed.
    ProfileChanged {
        /// The change.
        deed: Deed,
    },
    /// All other sessions were ended.
    SessionsEnded {
        /// The act.
        deed: Deed,
    },
    /// To the new mailbox: confirm.
    ConfirmEmailChange {
        /// The link.
        confirm: LetterSecret,
        /// Its end.
        expires_at: Timestamp,
        /// The address in force, masked.
        old_masked: String,
    },
    /// To the old mailbox, at the request: this is about to happen; "this was not me".
    EmailChangeRequested {
        /// The request.
        deed: Deed,
        /// The new address, masked.
        new_masked: String,
        /// The dispute link.
        dispute: LetterSecret,
        /// Its end.
        dispute_until: Timestamp,
    },
    /// To the old mailbox, beside [`LetterContent::EmailChangeRequested`], where the shop asks it too: agree.
    ApproveEmailChange {
        /// The request.
        deed: Deed,
        /// The new address, whole: whoever is asked to agree must see what to.
        new: String,
        /// The link that agrees.
        approve: LetterSecret,
        /// Its end.
        expires_at: Timestamp,
    },
    /// To the old mailbox, after the change: it happened; "this was not me" (CS-28).
    EmailChangedOld {
        /// The confirmation.
        deed: Deed,
        /// The new address, masked.
        new_masked: String,
        /// The dispute link.
        dispute: LetterSecret,
        /// Its end.
        dispute_until: Timestamp,
    },
    /// To the new mailbox, after the change.
    EmailChangedNew {
        /// The confirmation.
        deed: Deed,
        /// The address of before, masked.
        old_masked: String,
    },
    /// The pending change was cancelled.
    EmailChangeCancelled {
        /// The act.
        deed: Deed,
        /// The address that was asked for, masked.
        new_masked: String,
    },
    /// To the mailbox of another account, in blind disclosure: somebody asked to use this address (CS-30).
    AddressTried {
        /// The request.
        deed: Deed,
    },
    /// "This was not me" was said: sessions ended, sensitive acts frozen. To both addresses.
    EmailChangeDisputed {
        /// The dispute.
        deed: Deed,
        /// The end of the freeze.
        frozen_until: Timestamp,
    },
    /// The old address was restored, with a new password. To both addresses.
    EmailChangeReverted {
        /// The act.
        deed: Deed,
        /// The address in force again, masked.
        old_masked: String,
    },
    /// Brings what binds the account's first second factor (MN-12).
    BindFactor {
        /// The request.
        deed: Deed,
        /// The link.
        bind: LetterSecret,
        /// Its end.
        expires_at: Timestamp,
    },
    /// A second factor was bound.
    FactorBound {
        /// The act.
        deed: Deed,
        /// What kind.
        factor: FactorKind,
    },
    /// A second factor was removed.
    FactorRemoved {
        /// The act.
        deed: Deed,
        /// What kind.
        factor: FactorKind,
    },
    /// New backup codes took the place of those of before.
    BackupCodesRenewed {
        /// The act.
        deed: Deed,
    },
    /// A backup code was used.
    BackupCodeUsed {
        /// The act.
        deed: Deed,
        /// How many are left.
        left: usize,
    },
    /// The password was right and the code beside it was not: somebody may know the password.
    SecondStepFailed {
        /// The try.
        deed: Deed,
    },
    /// A device skips the second step from now on.
    DeviceTrusted {
        /// The act.
        deed: Deed,
        /// Until when.
        until: Timestamp,
    },
}

impl LetterContent {
    /// The stable name of the kind: of templates, of metrics, of the stored row.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Welcome { .. } => "welcome",
            Self::VerifyAddress { .. } => "verify_address",
            Self::AlreadyRegistered { .. } => "already_registered",
            Self::AddressResting { .. } => "address_resting",
            Self::MailboxProved { .. } => "mailbox_proved",
            Self::NewSignIn { .. } => "new_sign_in",
            Self::PasswordChanged { .. } => "password_changed",
            Self::ResetPassword { .. } => "reset_password",
            Self::PasswordReset { .. } => "password_reset",
            Self::NoAccount { .. } => "no_account",
            Self::AccountReminder { .. } => "account_reminder",
            Self::ProfileChanged { .. } => "profile_changed",
            Self::SessionsEnded { .. } => "sessions_ended",
            Self::ConfirmEmailChange { .. } => "confirm_email_change",
            Self::EmailChangeRequested { .. } => "email_change_requested",
            Self::ApproveEmailChange { .. } => "approve_email_change",
            Self::EmailChangedOld { .. } => "email_changed_old",
            Self::EmailChangedNew { .. } => "email_changed_new",
            Self::EmailChangeCancelled { .. } => "email_change_cancelled",
            Self::AddressTried { .. } => "address_tried",
            Self::EmailChangeDisputed { .. } => "email_change_disputed",
            Self::EmailChangeReverted { .. } => "email_change_reverted",
            Self::BindFactor { .. } => "bind_factor",
            Self::FactorBound { .. } => "factor_bound",
            Self::FactorRemoved { .. } => "factor_removed",
            Self::BackupCodesRenewed { .. } => "backup_codes_renewed",
            Self::BackupCodeUsed { .. } => "backup_code_used",
            Self::SecondStepFailed { .. } => "second_step_failed",
            Self::DeviceTrusted { .. } => "device_trusted",
        }
    }

    /// Every kind.
    pub const KINDS: [&'static str; 29] = [
        "welcome",
        "verify_address",
        "already_registered",
        "address_resting",
        "mailbox_proved",
        "new_sign_in",
        "password_changed",
        "reset_password",
        "password_reset",
        "no_account",
        "account_reminder",
        "profile_changed",
        "sessions_ended",
        "confirm_email_change",
        "email_change_requested",
        "approve_email_change",
        "email_changed_old",
        "email_changed_new",
        "email_change_cancelled",
        "address_tried",
        "email_change_disputed",
        "email_change_reverted",
        "bind_factor",
        "factor_bound",
        "factor_removed",
        "backup_codes_renewed",
        "backup_code_used",
        "second_step_failed",
        "device_trusted",
    ];
}

/// What is to be found out before anybody knows whether there is a letter to write. A request that must not tell
/// whether an address has an account looks nothing up: it posts an errand, and the postroom does the rest
/// (CS-2, CS-43, decision 0020). No mailer ever sees one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// The account of this address is to have a link that resets its password.
    ResetPassword,
    /// This address is to be told whether it has an account.
    RemindOfAccount,
    /// The unverified account of this address is to have its verification letter again.
    ResendVerification,
}

impl Errand {
    /// Every errand.
    pub const ALL: [Self; 3] =
        [Self::ResetPassword, Self::RemindOfAccount, Self::ResendVerification];

    /// The stable name: of metrics, of the stored row. No letter has it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::ResetPassword => "errand_reset_password",
            Self::RemindOfAccount => "errand_remind_of_account",
            Self::ResendVerification => "errand_resend_verification",
        }
    }

    /// Whether a stored row of this kind is an errand.
    pub fn is_kind(kind: &str) -> bool {
        Self::ALL.iter().any(|errand| errand.kind() == kind)
    }
}

/// An errand, readable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct PostedErrand {
    pub errand: Errand,
    /// As it was typed. A letter goes to it only when the shop knows the address; else to the address that is
    /// stored of its account.
    pub typed: EmailAddress,
    /// Of the request: for letters to an address without an account.
    pub locale: Locale,
    /// The request.
    pub deed: Deed,
}

/// What an errand leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Nobody is written to.
    Nothing,
    /// A link that resets the password, to the mailbox in force.
    ResetLink(Account),
    /// Another verification link, to the mailbox that is to be proved.
    VerificationLink(Account),
    /// "You have an account."
    HasAccount(Account),
    /// "There is no account", to an address that the shop knows.
    HasNone(Contact),
}

/// What is sealed of an errand.
#[derive(Serialize, Deserialize)]
struct ErrandPayload {
    errand: Errand,
    typed: String,
    locale: Locale,
    deed: Deed,
}

/// A letter, readable: what a mailer renders and sends.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct Letter {
    /// Its Message-ID is made of it.
    pub id: LetterId,
    /// Always an address that is stored, never one that was submitted with the request (security §3.11).
    pub to: EmailAddress,
    pub locale: Locale,
    pub posted_at: Timestamp,
    pub content: LetterContent,
}

/// What is sealed of a letter.
#[derive(Serialize, Deserialize)]
struct Payload {
    to: String,
    locale: Locale,
    content: LetterContent,
}

/// A letter as it goes into the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct PostedLetter {
    pub id: LetterId,
    /// [`LetterContent::kind`], or [`Errand::kind`].
    pub kind: String,
    pub account: Option<AccountId>,
    /// The change that fails when this letter is undeliverable.
    pub email_change: Option<EmailChangeId>,
    pub posted_at: Timestamp,
    pub payload: Sealed,
}

impl PostedLetter {
    /// Seals a letter.
    pub fn seal(
        vault: &dyn Vault,
        entropy: &dyn Entropy,
        account: Option<AccountId>,
        to: &EmailAddress,
        locale: Locale,
        content: LetterContent,
        now: Timestamp,
    ) -> Result<Self, Outage> {
        let id = mint(entropy, now);
        let kind = content.kind().to_owned();
        let payload = Payload { to: to.as_str().to_owned(), locale, content };
        let plain = serde_json::to_vec(&payload).map_err(|e| Outage::failed("letter", e))?;
        Ok(Self {
            id,
            kind,
            account,
            email_change: None,
            posted_at: now,
            payload: vault.seal(&context(id), &plain),
        })
    }

    /// To the address that an account has in force, in its language.
    pub fn to_account(
        vault: &dyn Vault,
        entropy: &dyn Entropy,
        account: &Account,
        content: LetterContent,
        now: Timestamp,
    ) -> Result<Self, Outage> {
        let (to, locale) = (account.email(), account.locale());
        Self::seal(vault, entropy, Some(account.id()), to, locale, content, now)
    }

    /// Seals an errand. All that its row shows is its kind.
    pub fn errand(
        vault: &dyn Vault,
        entropy: &dyn Entropy,
        posted: &PostedErrand,
        now: Timestamp,
    ) -> Result<Self, Outage> {
        let id = mint(entropy, now);
        let PostedErrand { errand, typed, locale, deed } = posted.clone();
        let kind = errand.kind().to_owned();
        let typed = typed.as_str().to_owned();
        let plain = serde_json::to_vec(&ErrandPayload { errand, typed, locale, deed })
            .map_err(|e| Outage::failed("letter", e))?;
        Ok(Self {
            id,
            kind,
            account: None,
            email_change: None,
            posted_at: now,
            payload: vault.seal(&context(id), &plain),
        })
    }

    /// Says which change fails when this letter is undeliverable.
    pub fn about(mut self, change: EmailChangeId) -> Self {
        self.email_change = Some(change);
        self
    }
}

/// A sealed letter is bound to its row.
fn context(id: LetterId) -> String {
    format!("letter:{id}")
}

/// Where a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LetterState {
    /// Waits to be sent.
    Due,
    /// The mail server took it; the content is destroyed.
    Sent,
    /// Given up.
    Dead,
}

/// A leased letter, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct LetterRecord {
    pub lease: Lease,
    pub kind: String,
    pub account: Option<AccountId>,
    pub email_change: Option<EmailChangeId>,
    pub posted_at: Timestamp,
    pub payload: Sealed,
    /// Earlier tries, those of dead processes included.
    pub attempts: u32,
}

/// The right to send one letter, until its end: another worker may take it then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Lease {
    pub letter: LetterId,
    pub until: Timestamp,
}

impl LetterRecord {
    /// Opens the letter.
    pub fn open(&self, vault: &dyn Vault) -> Result<Letter, Outage> {
        let plain = vault.open(&context(self.lease.letter), &self.payload)?;
        let payload: Payload =
            serde_json::from_slice(&plain).map_err(|e| Outage::failed("letter", e))?;
        let to = EmailAddress::parse(&payload.to).map_err(|e| Outage::failed("letter", e))?;
        Ok(Letter {
            id: self.lease.letter,
            to,
            locale: payload.locale,
            posted_at: self.posted_at,
            content: payload.content,
        })
    }

    /// Whether it is an errand, and no letter yet.
    pub fn is_errand(&self) -> bool {
        Errand::is_kind(&self.kind)
    }

    /// Opens the errand.
    pub fn open_errand(&self, vault: &dyn Vault) -> Result<PostedErrand, Outage> {
        let plain = vault.open(&context(self.lease.letter), &self.payload)?;
        let ErrandPayload { errand, typed, locale, deed } =
            serde_json::from_slice(&plain).map_err(|e| Outage::failed("letter", e))?;
        let typed = EmailAddress::parse(&typed).map_err(|e| Outage::failed("letter", e))?;
        Ok(PostedErrand { errand, typed, locale, deed })
    }

    /// How long to wait after this try failed: 10 s, doubling, an hour at most; `None` after 20 tries, which
    /// is half a day.
    pub fn back_off(&self) -> Option<Span> {
        const TRIES: u32 = 20;
        let tries = self.attempts + 1;
        let wait = Span::seconds(10 << tries.saturating_sub(1).min(9)).min(Span::hours(1));
        (tries < TRIES).then_some(wait)
    }
}
