use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::account_reminder::AccountReminders;
use crate::accounts::Account;
use crate::audit::{Act, Actor, AuditEvent, AuditTrail};
use crate::changes::{Changes, Write};
use crate::email_change::EmailChanges;
use crate::letters::{Deed, Errand, LetterContent, PostedErrand, PostedLetter, Postroom};
use crate::password_reset::PasswordResets;
use crate::policy::Policy;
use crate::ports::Ports;
use crate::profile::Profile;
use crate::reason::Outage;
use crate::registration::Registration;
use crate::retention::Retention;
use crate::second_factors::SecondFactors;
use crate::security_checkup::SecurityCheckups;
use crate::sessions::{LiveSession, Sessions};
use crate::sign_in::SignIn;
use crate::throttle::{Limit, ThrottleKey, Verdict};
use crate::trusted_devices::TrustedDevices;
use crate::values::{
    AccountId, EmailAddress, InvalidPassword, Locale, Password, PersonName, Source, Span,
    Timestamp, mint,
};

/// Everything that Rightful can do, over some ports and under a policy. One for a process.
#[derive(Clone)]
pub struct Rightful {
    ports: Ports,
    policy: Policy,
}

/// Where a request comes from. It decides limits and stands in notices; it never decides who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The client's network.
    pub source: Source,
    /// The device in words: "Firefox on Linux".
    pub device: String,
    /// The request's id, for the audit trail and the logs.
    pub request: String,
    /// What an earlier sign-in gave this device to be known by, if it presents it.
    pub known_device: Option<String>,
    /// What trusting this device gave it to skip the second step with, if it presents it.
    pub trusted_device: Option<String>,
}

impl Rightful {
    /// Over these ports, under this policy.
    pub const fn new(ports: Ports, policy: Policy) -> Self {
        Self { ports, policy }
    }
    /// The ports, for adapters that need one too.
    pub const fn ports(&self) -> &Ports {
        &self.ports
    }
    /// What the deployment decided.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }
    /// Registering and proving the mailbox.
    pub const fn registration(&self) -> Registration<'_> {
        Registration::new(self)
    }
    /// Signing in and proving the password again.
    pub const fn sign_in(&self) -> SignIn<'_> {
        SignIn::new(self)
    }
    /// Sessions.
    pub const fn sessions(&self) -> Sessions<'_> {
        Sessions::new(self)
    }
    /// Second factors.
    pub const fn second_factors(&self) -> SecondFactors<'_> {
        SecondFactors::new(self)
    }
    /// Trusted devices.
    pub const fn trusted_devices(&self) -> TrustedDevices<'_> {
        TrustedDevices::new(self)
    }
    /// Name, language, password.
    pub const fn profile(&self) -> Profile<'_> {
        Profile::new(self)
    }
    /// Changing the e-mail address.
    pub const fn email_changes(&self) -> EmailChanges<'_> {
        EmailChanges::new(self)
    }
    /// A forgotten password.
    pub const fn password_resets(&self) -> PasswordResets<'_> {
        PasswordResets::new(self)
    }
    /// A forgotten address.
    pub const fn account_reminders(&self) -> AccountReminders<'_> {
        AccountReminders::new(self)
    }
    /// What secures an account.
    pub const fn security_checkups(&self) -> SecurityCheckups<'_> {
        SecurityCheckups::new(self)
    }
    /// Sending what was posted.
    pub const fn postroom(&self) -> Postroom<'_> {
        Postroom::new(self)
    }
    /// Forgetting what is over.
    pub const fn retention(&self) -> Retention<'_> {
        Retention::new(self)
    }
    /// The audit trail.
    pub const fn audit_trail(&self) -> AuditTrail<'_> {
        AuditTrail::new(self)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    pub(crate) async fn commit(&self, changes: Changes) -> Result<(), Outage> {
        self.ports.commit(changes).await
    }

    /// Commits what a session asked for; contended when it has ended since it was checked (MN-13). Whoever
    /// decides again asks [`Rightful::still`].
    pub(crate) async fn commit_in(
        &self,
        live: &LiveSession,
        mut changes: Changes,
    ) -> Result<(), Outage> {
        let (account, session) = (live.account.id(), live.session.id());
        changes.writes.insert(0, Write::DemandSession { account, session });
        self.commit(changes).await
    }

    /// The session and its account as they stand now; `None` when it is over.
    pub(crate) async fn still(&self, live: &LiveSession) -> Result<Option<LiveSession>, Outage> {
        let found = self.ports.sessions.find(&live.session.record().secret).await?;
        let policy = &self.policy.sessions;
        let is_good =
            |live: &LiveSession| live.session.check(&live.account, policy, self.now()).is_ok();
        Ok(found.filter(is_good))
    }

    /// An event of this moment.
    pub(crate) fn event(
        &self,
        visit: &Visit,
        actor: Actor,
        act: Act,
        account: Option<AccountId>,
    ) -> AuditEvent {
        let at = self.now();
        let tag = self.ports.vault.fingerprint("audit:source", visit.source.to_string().as_bytes());
        let mut source = String::new();
        for byte in &tag[..8] {
            write!(source, "{byte:02x}").expect("writing to a String cannot fail");
        }
        AuditEvent {
            id: mint(&*self.ports.entropy, at),
            at,
            actor,
            act,
            account,
            source,
            request: visit.request.clone(),
            details: BTreeMap::new(),
        }
    }

    /// An event that a customer caused on their own account.
    pub(crate) fn own_event(&self, visit: &Visit, act: Act, account: AccountId) -> AuditEvent {
        self.event(visit, Actor::Customer(account), act, Some(account))
    }

    /// A letter to the address that an account has in force.
    pub(crate) fn letter(
        &self,
        account: &Account,
        content: LetterContent,
    ) -> Result<PostedLetter, Outage> {
        let Ports { vault, entropy, .. } = &self.ports;
        PostedLetter::to_account(&**vault, &**entropy, account, content, self.now())
    }

    /// A letter about an account to another address than the one in force.
    pub(crate) fn letter_to(
        &self,
        to: &EmailAddress,
        about: Option<AccountId>,
        locale: Locale,
        content: LetterContent,
    ) -> Result<PostedLetter, Outage> {
        let Ports { vault, entropy, .. } = &self.ports;
        PostedLetter::seal(&**vault, &**entropy, about, to, locale, content, self.now())
    }

    /// An errand of a request that looks nothing up.
    pub(crate) fn errand(
        &self,
        errand: Errand,
        typed: &EmailAddress,
        locale: Locale,
        visit: &Visit,
    ) -> Result<PostedLetter, Outage> {
        let Ports { vault, entropy, .. } = &self.ports;
        let now = self.now();
        let posted = PostedErrand { errand, typed: typed.clone(), locale, deed: visit.deed(now) };
        PostedLetter::errand(&**vault, &**entropy, &posted, now)
    }

    /// The key of a limit.
    pub(crate) fn limit_key(&self, name: &str, subject: &[&str]) -> ThrottleKey {
        ThrottleKey::of(&*self.ports.vault, name, subject)
    }

    /// Accepts a new password for somebody with this address and name.
    pub(crate) fn accept_password(
        &self,
        text: &str,
        email: &EmailAddress,
        name: Option<&PersonName>,
    ) -> Result<Password, InvalidPassword> {
        let mut own = vec![email.as_str(), email.local()];
        own.extend(name.map(PersonName::as_str));
        let blocked = |candidate: &str| self.ports.blocklist.contains(candidate);
        self.policy.passwords.accept(text, &own, &blocked)
    }

    /// Counts a try; `Some(wait)` when it may not go on.
    pub(crate) async fn too_often(
        &self,
        limits: &[(ThrottleKey, Limit)],
    ) -> Result<Option<Span>, Outage> {
        match self.ports.throttle.take(limits, self.now()).await? {
            Verdict::Go => Ok(None),
            Verdict::Wait(wait) => Ok(Some(wait)),
            // A ceiling is for guesses, which sign_in counts; elsewhere it would be a wait without an end.
            Verdict::Closed => Ok(Some(Span::days(365))),
        }
    }

    /// Counts what an account does of itself, under the limit called `name`.
    pub(crate) async fn account_too_often(
        &self,
        account: AccountId,
        name: &str,
        limit: Limit,
    ) -> Result<Option<Span>, Outage> {
        let key = self.limit_key(name, &[&account.to_string()]);
        self.too_often(&[(key, limit)]).await
    }

    /// Counts a try of a link's secret (CS-8).
    pub(crate) async fn too_many_links(&self, visit: &Visit) -> Result<Option<Span>, Outage> {
        let key = self.limit_key("links_source", &[&visit.source.to_string()]);
        self.too_often(&[(key, self.policy.limits.links_source)]).await
    }
}

impl Visit {
    /// Of work that no request asked for.
    pub fn internal(request: impl Into<String>) -> Self {
        Self {
            source: Source::INTERNAL,
            device: String::from("the server"),
            request: request.into(),
            known_device: None,
            trusted_device: None,
        }
    }

    /// What a notice says of an act of this visit.
    pub(crate) fn deed(&self, at: Timestamp) -> Deed {
        Deed { at, device: self.device.clone(), source: self.source.to_string() }
    }
}
