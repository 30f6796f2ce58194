//! The use cases over records in memory and fakes, with a handle to each.

use std::sync::Arc;

use rightful_domain::Rightful;
use rightful_domain::accounts::{Account, Origin};
use rightful_domain::letters::{Delivery, Letter, LetterContent};
use rightful_domain::policy::Policy;
use rightful_domain::ports::{Clock, Ports};
use rightful_domain::registration::NewAccount;
use rightful_domain::sessions::{Carrier, LiveSession};
use rightful_domain::sign_in::{Credentials, Entry};
use rightful_domain::values::{Locale, Timestamp};

use crate::builders::{email, visit};
use crate::contract::Adapters;
use crate::fakes::{
    FakeClock, FakeMailDomains, FakeMailer, FakeVault, FixedBlocklist, PlainCodes, PlainHasher,
    SeededEntropy,
};
use crate::memory::Memory;

/// The password of everybody that [`World`] registers.
pub const PASSWORD: &str = "correct horse battery";

/// Rightful in a test: the same for the same acts, whenever and wherever it runs.
#[expect(missing_docs, reason = "each field is the port of its name, as a test may decide it")]
pub struct World {
    pub rightful: Rightful,
    pub clock: Arc<FakeClock>,
    pub passwords: Arc<PlainHasher>,
    pub mail_domains: Arc<FakeMailDomains>,
    pub mailer: Arc<FakeMailer>,
    pub vault: FakeVault,
}

impl World {
    /// Over records in memory, under the default policy.
    pub fn new() -> Self {
        Self::with(Policy::default(), Adapters::all_of(Arc::new(Memory::new())))
    }

    /// Under another policy, or over other records. `password1234` is a leaked password.
    pub fn with(policy: Policy, adapters: Adapters) -> Self {
        let clock = Arc::new(FakeClock::default());
        let passwords = Arc::new(PlainHasher::default());
        let mail_domains = Arc::new(FakeMailDomains::default());
        let mailer = Arc::new(FakeMailer::default());
        let vault = FakeVault::default();
        let ports = Ports {
            clock: clock.clone(),
            entropy: Arc::new(SeededEntropy::default()),
            passwords: passwords.clone(),
            blocklist: Arc::new(FixedBlocklist::of(&["password1234"])),
            vault: Arc::new(vault.clone()),
            one_time_codes: Arc::new(PlainCodes),
            mail_domains: mail_domains.clone(),
            mailer: mailer.clone(),
            throttle: adapters.throttle,
            unit_of_work: adapters.unit_of_work,
            accounts: adapters.accounts,
            contacts: adapters.contacts,
            sessions: adapters.sessions,
            second_factors: adapters.second_factors,
            trusted_devices: adapters.trusted_devices,
            links: adapters.links,
            email_changes: adapters.email_changes,
            letters: adapters.letters,
            audit: adapters.audit,
            idempotency: adapters.idempotency,
        };
        let rightful = Rightful::new(ports, policy);
        Self { rightful, clock, passwords, mail_domains, mailer, vault }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sends what is due now, however much it is, and tells what became of each letter. What is deferred
    /// comes at its time: [`FakeClock::advance`].
    ///
    /// # Panics
    ///
    /// When a record or a letter cannot be read.
    pub async fn deliver_all(&self) -> Vec<Delivery> {
        let mut all = Vec::new();
        loop {
            let some = self.rightful.postroom().deliver_due(100).await.expect("the postroom works");
            if some.is_empty() {
                return all;
            }
            all.extend(some);
        }
    }

    /// The letters that came to the mailbox of `address`, the first first.
    ///
    /// # Panics
    ///
    /// When the text is no address.
    pub fn letters_to(&self, address: &str) -> Vec<Letter> {
        self.mailer.sent_to(&email(address))
    }

    /// Sends what is due, and gives the secret of the last letter to `address` that has one.
    ///
    /// # Panics
    ///
    /// When no letter to `address` has one.
    pub async fn last_link_to(&self, address: &str) -> String {
        self.deliver_all().await;
        let letters = self.letters_to(address);
        let link = letters.iter().rev().find_map(link_in);
        link.expect("a letter with a link came to this mailbox").to_owned()
    }

    /// Registers `address` with [`PASSWORD`] and proves its mailbox.
    ///
    /// # Panics
    ///
    /// When a rule stands against it.
    pub async fn customer(&self, address: &str) -> Account {
        let wanted = NewAccount {
            email: address,
            password: PASSWORD,
            name: None,
            locale: Locale::En,
            origin: Origin::Direct,
        };
        let registration = self.rightful.registration();
        registration.register(wanted, &visit()).await.expect("registers");
        let link = self.last_link_to(address).await;
        registration.verify(&link, PASSWORD, &visit()).await.expect("proves the mailbox")
    }

    /// Signs in with [`PASSWORD`], in a browser.
    ///
    /// # Panics
    ///
    /// When a rule stands against it.
    pub async fn sign_in(&self, address: &str) -> LiveSession {
        let credentials =
            Credentials { email: address, password: PASSWORD, carrier: Carrier::Cookie };
        let signed_in = self.rightful.sign_in().sign_in(credentials, &visit()).await;
        match signed_in.expect("signs in") {
            Entry::SignedIn(in_) => LiveSession { session: in_.session, account: in_.account },
            Entry::SecondStep(step) => panic!("a second step is asked: {step:?}"),
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// The secret in a letter; `None` when it has none. No letter has two.
pub fn link_in(letter: &Letter) -> Option<&str> {
    let secret = match &letter.content {
        LetterContent::Welcome { verify, .. } => verify.as_ref()?,
        LetterContent::ResetPassword { reset, .. } => reset,
        LetterContent::VerifyAddress { verify, .. } => verify,
        LetterContent::ConfirmEmailChange { confirm, .. } => confirm,
        LetterContent::ApproveEmailChange { approve, .. } => approve,
        LetterContent::EmailChangeRequested { dispute, .. }
        | LetterContent::EmailChangedOld { dispute, .. } => dispute,
        LetterContent::BindFactor { bind, .. } => bind,
        LetterContent::AlreadyRegistered { .. }
        | LetterContent::AddressResting { .. }
        | LetterContent::MailboxProved { .. }
        | LetterContent::NewSignIn { .. }
        | LetterContent::PasswordChanged { .. }
        | LetterContent::PasswordReset { .. }
        | LetterContent::NoAccount { .. }
        | LetterContent::AccountReminder { .. }
        | LetterContent::ProfileChanged { .. }
        | LetterContent::SessionsEnded { .. }
        | LetterContent::EmailChangedNew { .. }
        | LetterContent::EmailChangeCancelled { .. }
        | LetterContent::AddressTried { .. }
        | LetterContent::EmailChangeDisputed { .. }
        | LetterContent::EmailChangeReverted { .. }
        | LetterContent::FactorBound { .. }
        | LetterContent::FactorRemoved { .. }
        | LetterContent::BackupCodesRenewed { .. }
        | LetterContent::BackupCodeUsed { .. }
        | LetterContent::SecondStepFailed { .. }
        | LetterContent::DeviceTrusted { .. } => return None,
    };
    Some(secret.0.expose())
}
