mod second_step;

use thiserror::Error;

pub use second_step::{SecondStep, SecondStepTaken};

use super::model::{KnownDevice, OpenedToken};
use crate::Rightful;
use crate::Visit;
use crate::accounts::{Account, Standing};
use crate::audit::{Act, Actor};
use crate::changes::{Changes, Write};
use crate::letters::LetterContent;
use crate::links::LinkRefusal;
use crate::ports::{PasswordMatch, decide_again};
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::second_factors::{CheckedFactor, FactorProof};
use crate::sessions::{Carrier, LiveSession, Session, SessionProof};
use crate::throttle::{Limit, ThrottleKey, Verdict};
use crate::trusted_devices::TrustedDevice;
use crate::values::{
    AccountId, EmailAddress, LinkId, PasswordHash, SecretText, Span, Timestamp, TypedPassword,
};

/// Signing in.
#[derive(Clone, Copy)]
pub struct SignIn<'a> {
    rightful: &'a Rightful,
}

/// What a person types to sign in.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Credentials<'a> {
    pub email: &'a str,
    pub password: &'a str,
    pub carrier: Carrier,
}

/// A started session.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct SignedIn {
    pub session: Session,
    pub account: Account,
    /// The session's secret, handed out once.
    pub secret: SecretText,
    /// By what this device is known from now on.
    pub device_token: String,
    /// By what it skips the second step from now on, when that was wished; handed out once.
    pub trusted_device: Option<TrustGiven>,
}

/// A device that skips the second step from now on.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct TrustGiven {
    pub secret: SecretText,
    pub until: Timestamp,
}

/// What a right password gives.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A session.
    SignedIn(Box<SignedIn>),
    /// The account has a second factor, and the device is not trusted: one step more.
    SecondStep(SecondStep),
}

/// How somebody gets in: what is told of it, and what is written with the session.
pub(super) struct Entering<'a> {
    pub(super) account: Account,
    pub(super) carrier: Carrier,
    /// The factor that was proved, its code used up.
    pub(super) factor: Option<CheckedFactor>,
    /// The device that skips the second step.
    pub(super) trusted: Option<TrustedDevice>,
    /// Whether this device is to skip it from now on.
    pub(super) trust: bool,
    /// The tries that led here.
    pub(super) succeeded: Vec<ThrottleKey>,
    /// The first step, which is over.
    pub(super) step: Option<LinkId>,
    pub(super) visit: &'a Visit,
}

/// What is proved again in a session.
#[derive(Clone, Copy, Debug)]
pub enum Proof<'a> {
    /// The password of an account that has nothing else.
    Password(&'a str),
    /// A second factor.
    Factor(FactorProof<'a>),
}

/// A session that goes on with a new secret.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct Renewed {
    pub session: Session,
    pub account: Account,
    /// The session's new secret, handed out once; the old one is dead.
    pub secret: SecretText,
}

/// Why signing in, or proving the password, did not succeed.
#[derive(Debug, Error)]
pub enum SignInError {
    /// No such account, another password: never which (CS-40).
    #[error("the address or the password is not correct")]
    WrongCredentials,
    /// In a session: not the password of its account.
    #[error("the password is not correct")]
    WrongPassword,
    /// Not a code that is good now: wrong, used, or of a factor that is not bound. Never which.
    #[error("the code is not correct")]
    WrongCode,
    /// The account has a second factor: it is what must be proved.
    #[error("the second factor must be proved")]
    SecondFactorRequired,
    /// The first step opens nothing any more: used, too long ago, never taken.
    #[error(transparent)]
    Step(#[from] LinkRefusal),
    /// So many wrong ones in a row that the password opens nothing more here, right or not: it must be reset
    /// (63B §3.2.2). Said of an address without an account just so.
    #[error("too many wrong passwords in a row")]
    PasswordDisabled,
    /// The session ended meanwhile.
    #[error("the session is over")]
    SessionOver,
    /// Too many tries.
    #[error("too often")]
    TooOften {
        /// How long to wait.
        wait: Span,
    },
    /// A part failed.
    #[error(transparent)]
    Outage(#[from] Outage),
}

impl SignInError {
    pub(super) const fn is_contended(&self) -> bool {
        matches!(self, Self::Outage(Outage::Contended))
    }
}

impl Refusal for SignInError {
    fn reason(&self) -> Reason {
        match self {
            Self::WrongCredentials | Self::SessionOver => Reason::Unauthenticated,
            Self::WrongPassword
            | Self::PasswordDisabled
            | Self::WrongCode
            | Self::SecondFactorRequired => Reason::Forbidden,
            Self::Step(step) => step.reason(),
            Self::TooOften { .. } => Reason::TooMany,
            Self::Outage(outage) => outage.reason(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::WrongCredentials => "wrong_credentials",
            Self::WrongPassword => "wrong_password",
            Self::WrongCode => "wrong_code",
            Self::SecondFactorRequired => "second_factor_required",
            Self::Step(step) => step.code(),
            Self::PasswordDisabled => "password_disabled",
            Self::SessionOver => "unauthenticated",
            Self::TooOften { .. } => "too_many_requests",
            Self::Outage(outage) => outage.code(),
        }
    }
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::WrongPassword => Some("password"),
            Self::WrongCode | Self::SecondFactorRequired => Some("code"),
            Self::Step(step) => step.field(),
            _ => None,
        }
    }
    fn retry_after(&self) -> Option<Span> {
        match self {
            Self::TooOften { wait } => Some(*wait),
            Self::Outage(outage) => outage.retry_after(),
            _ => None,
        }
    }
    fn next_actions(&self) -> &'static [NextAction] {
        match self {
            Self::WrongCredentials => {
                &[NextAction::SignIn, NextAction::ResetPassword, NextAction::Register]
            }
            Self::WrongPassword | Self::WrongCode => &[],
            Self::PasswordDisabled => &[NextAction::ResetPassword],
            Self::SecondFactorRequired => &[NextAction::ProveSecondFactor],
            Self::SessionOver | Self::Step(_) => &[NextAction::SignIn],
            Self::TooOften { .. } | Self::Outage(_) => &[NextAction::Wait],
        }
    }
}

impl<'a> SignIn<'a> {
    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    pub(super) const fn rightful(self) -> &'a Rightful {
        self.rightful
    }

    /// Starts a session; or, where the account has a second factor and the device is not trusted, gives what the
    /// second step is taken with. An unverified account may sign in too, and do little.
    pub async fn sign_in(
        self,
        credentials: Credentials<'_>,
        visit: &Visit,
    ) -> Result<Entry, SignInError> {
        let ports = self.rightful.ports();
        let email = EmailAddress::parse(credentials.email).ok();
        // A device is known to an account, so the account is looked up first, but only for a token that is
        // ours; every other request is counted before anything is looked up (CS-45).
        let now = self.rightful.now();
        let token = visit.known_device.as_deref();
        let token = token.and_then(|token| OpenedToken::open(&*ports.vault, token, now));
        let (early, device) = match (&email, token) {
            (Some(email), Some(token)) => {
                let account = ports.accounts.find_by_email(email.key()).await?;
                let device = account.as_ref().and_then(|account| token.of(&*ports.vault, account));
                (Some(account), device)
            }
            _ => (None, None),
        };
        let limits = self.limits(credentials.email, email.as_ref(), device, visit);
        self.rightful.may_guess(&limits).await?;
        let account = match (early, &email) {
            (Some(account), _) => account,
            (None, Some(email)) => ports.accounts.find_by_email(email.key()).await?,
            (None, None) => None,
        };
        // A password longer than any account's is compared like every other, with nothing.
        let typed = TypedPassword::new(credentials.password);
        let against = account.as_ref().filter(|_| typed.is_some()).map(Account::password);
        let nothing = TypedPassword::EMPTY;
        let compared = typed.as_ref().unwrap_or(&nothing);
        let found = ports.passwords.verify(compared, against).await?;
        let (account, found) = match (account, found) {
            (Some(account), found @ (PasswordMatch::Yes | PasswordMatch::YesButOutdated)) => {
                (account, found)
            }
            (account, _) => {
                let id = account.as_ref().map(Account::id);
                let event = self.rightful.event(visit, Actor::Anonymous, Act::SignInRefused, id);
                self.rightful.commit(Changes::told_by(event)).await?;
                return Err(SignInError::WrongCredentials);
            }
        };
        let rehashed = match found {
            PasswordMatch::YesButOutdated => Some(ports.passwords.hash(compared).await?),
            _ => None,
        };
        let succeeded = limits[1..].iter().map(|(key, _)| *key).collect::<Vec<_>>();
        let presented = visit.trusted_device.as_deref().filter(|_| account.has_second_factor());
        let trusted = self.rightful.trusted_device(&account, presented).await?;
        let rehash = rehashed.map(|hash| Write::UpdateAccount(account.clone().rehash(hash)));
        let entry = if account.has_second_factor() && trusted.is_none() {
            Entry::SecondStep(self.ask_second_step(&account, succeeded, visit).await?)
        } else {
            let carrier = credentials.carrier;
            let (factor, trust, step) = (None, false, None);
            let entering =
                Entering { account, carrier, factor, trusted, trust, succeeded, step, visit };
            Entry::SignedIn(Box::new(self.enter(entering).await?))
        };
        if let Some(rehash) = rehash {
            match self.rightful.commit(Changes::upkeep(rehash)).await {
                // Somebody changed the account at this moment: the next sign-in hashes again.
                Ok(()) | Err(Outage::Contended) => {}
                Err(outage) => return Err(outage.into()),
            }
        }
        Ok(entry)
    }

    /// Starts the session of somebody who showed all that the account asks for.
    pub(super) async fn enter(self, entering: Entering<'_>) -> Result<SignedIn, SignInError> {
        let Entering { account, carrier, factor, trusted, trust, succeeded, step, visit } =
            entering;
        let ports = self.rightful.ports();
        let vault = &*ports.vault;
        let now = self.rightful.now();
        let entropy = &*ports.entropy;
        let token = visit.known_device.as_deref();
        let device = token.and_then(|token| KnownDevice::recognize(vault, token, &account, now));
        let known = device.is_some() || self.source_is_known(&account, visit).await?;
        let (mut session, secret) =
            Session::start(&account, carrier, visit.device.clone(), visit.source, entropy, now);
        let mut event = self
            .rightful
            .own_event(visit, Act::SignedIn, account.id())
            .with("session", session.id());
        if let Some(trusted) = &trusted {
            event = event.with("trusted_device", trusted.id());
        }
        if let Some(factor) = &factor {
            session = session.with_second_step(now);
            event = event.with("factor", factor.0.id()).with("kind", factor.kind().as_str());
        }
        let mut changes = Changes::told_by(event).write(Write::ForgetTries(succeeded));
        // An unverified mailbox may be a stranger's: it is not told of what a squatter does.
        if !known && account.is_verified() && self.is_news(&account, visit).await? {
            let content = LetterContent::NewSignIn { deed: visit.deed(now) };
            changes = changes.post(self.rightful.letter(&account, content)?);
        }
        if let Some(link) = step {
            changes = changes.write(Write::RedeemLink { link, at: now });
        }
        if let Some(CheckedFactor(factor)) = factor {
            if let Some(left) = factor.codes_left() {
                let content = LetterContent::BackupCodeUsed { deed: visit.deed(now), left };
                changes = changes.post(self.rightful.letter(&account, content)?);
            }
            changes = changes.write(Write::UpdateFactor(factor));
        }
        changes = changes.write(Write::InsertSession(session.clone()));
        let mut trusted_device = None;
        if trust {
            let device = visit.device.clone();
            let (device, secret) =
                TrustedDevice::trust(&account, device, visit.source, entropy, now);
            let until = device.trusted_until();
            let event = self.rightful.own_event(visit, Act::DeviceTrusted, account.id());
            let content = LetterContent::DeviceTrusted { deed: visit.deed(now), until };
            changes = changes
                .also_told_by(event.with("device", device.id()))
                .write(Write::InsertTrustedDevice(device))
                .post(self.rightful.letter(&account, content)?);
            trusted_device = Some(TrustGiven { secret, until });
        }
        self.rightful.commit(changes).await?;
        let device_token = match (&device, token) {
            (Some(_), Some(token)) => token.to_owned(),
            _ => KnownDevice::issue(vault, entropy, &account, now),
        };
        Ok(SignedIn { session, account, secret, device_token, trusted_device })
    }

    /// Proves again what the account is secured by: sensitive acts are open for five minutes, and the session has
    /// a new secret (ASVS V7.2.4). Where a second factor is bound, the password is not enough (CS-20).
    pub async fn prove_again(
        self,
        live: &LiveSession,
        proof: Proof<'_>,
        visit: &Visit,
    ) -> Result<Renewed, SignInError> {
        match proof {
            Proof::Password(_) if live.account.has_second_factor() => {
                Err(SignInError::SecondFactorRequired)
            }
            Proof::Password(password) => {
                self.rightful.prove_password(live, password, visit).await?;
                decide_again!(self.renew(live, visit))
            }
            Proof::Factor(proof) => {
                let tries = self.rightful.factor_key(&live.account, visit);
                if let Some(wait) = self.rightful.factor_too_often(tries).await? {
                    return Err(SignInError::TooOften { wait });
                }
                decide_again!(self.renew_by_factor(live, proof, tries, visit))
            }
        }
    }

    async fn renew(self, live: &LiveSession, visit: &Visit) -> Result<Renewed, SignInError> {
        // What ended the session while the password was compared stands (MN-13).
        let live = self.rightful.still(live).await?.ok_or(SignInError::SessionOver)?;
        let event = self.rightful.own_event(visit, Act::Reauthenticated, live.account.id());
        let changes = Changes::told_by(event.with("session", live.session.id()));
        self.renewed(live, SessionProof::Password, changes).await
    }

    async fn renew_by_factor(
        self,
        live: &LiveSession,
        proof: FactorProof<'_>,
        tries: ThrottleKey,
        visit: &Visit,
    ) -> Result<Renewed, SignInError> {
        let live = self.rightful.still(live).await?.ok_or(SignInError::SessionOver)?;
        let account = &live.account;
        let Some(CheckedFactor(factor)) = self.rightful.check_factor(account, proof).await? else {
            let event = self.rightful.own_event(visit, Act::FactorRefused, account.id());
            self.rightful.commit(Changes::told_by(event)).await?;
            return Err(SignInError::WrongCode);
        };
        let event = self
            .rightful
            .own_event(visit, Act::Reauthenticated, account.id())
            .with("session", live.session.id())
            .with("factor", factor.id());
        let mut changes = Changes::told_by(event).write(Write::ForgetTries(vec![tries]));
        if let Some(left) = factor.codes_left() {
            let deed = visit.deed(self.rightful.now());
            let content = LetterContent::BackupCodeUsed { deed, left };
            changes = changes.post(self.rightful.letter(account, content)?);
        }
        let changes = changes.write(Write::UpdateFactor(factor));
        self.renewed(live, SessionProof::Factor, changes).await
    }

    async fn renewed(
        self,
        live: LiveSession,
        proof: SessionProof,
        changes: Changes,
    ) -> Result<Renewed, SignInError> {
        let entropy = &*self.rightful.ports().entropy;
        let account = live.account;
        let (session, secret) = live.session.renew(&account, proof, entropy, self.rightful.now());
        self.rightful.commit(changes.write(Write::UpdateSession(session.clone()))).await?;
        Ok(Renewed { session, account, secret })
    }

    /// The limits of a try: first the source's, which a success does not forget.
    fn limits(
        self,
        typed: &str,
        email: Option<&EmailAddress>,
        device: Option<KnownDevice>,
        visit: &Visit,
    ) -> Vec<(ThrottleKey, Limit)> {
        let policy = self.rightful.policy().limits;
        let address = email.map_or(typed, |email| email.key().as_str());
        let source = visit.source.to_string();
        let from = device.map_or_else(|| source.clone(), KnownDevice::subject);
        let key = |name: &str, subject: &[&str]| self.rightful.limit_key(name, subject);
        let mut limits = vec![
            (key("sign_in_source", &[&source]), policy.sign_in_source),
            (key("sign_in_pair", &[address, &from]), policy.sign_in_pair),
        ];
        if let Some(device) = device {
            // Apart from everybody else, so that no stranger disables the password for it (MN-50).
            let ceiling = key("sign_in_ceiling", &[address, &device.subject()]);
            limits.push((ceiling, policy.password_ceiling));
        } else {
            limits.push((key("sign_in_address", &[address]), policy.sign_in_address));
            limits.push((key("sign_in_ceiling", &[address]), policy.password_ceiling));
        }
        limits
    }

    /// Whether the mailbox was not told of this network a short time ago: signing in and out again and again
    /// must not bury other letters.
    async fn is_news(self, account: &Account, visit: &Visit) -> Result<bool, Outage> {
        let subject = [account.id().to_string(), visit.source.to_string()];
        let key = self.rightful.limit_key("new_sign_in", &[&subject[0], &subject[1]]);
        let limit = self.rightful.policy().limits.new_sign_in_source;
        Ok(self.rightful.too_often(&[(key, limit)]).await?.is_none())
    }

    /// Whether the account is in use from this network, or its mailbox was proved a moment ago, most likely
    /// by whoever signs in now: no letter then.
    async fn source_is_known(self, account: &Account, visit: &Visit) -> Result<bool, Outage> {
        const MOMENT: Span = Span::hours(1);
        let source = visit.source.to_string();
        let sessions = self.rightful.ports().sessions.list(account.id()).await?;
        let just_proved = match account.record().standing {
            Standing::Verified { at } => self.rightful.now().since(at) < MOMENT,
            Standing::Unverified => true,
        };
        let in_use = sessions.iter().any(|session| session.record().source == source);
        Ok(in_use || (sessions.is_empty() && just_proved))
    }
}

/// What counts wrong proofs of a password: the waits, and the ceiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProofTries([(ThrottleKey, Limit); 2]);

impl ProofTries {
    /// What a right proof forgets.
    pub(crate) fn keys(self) -> Vec<ThrottleKey> {
        self.0.iter().map(|(key, _)| *key).collect()
    }
}

impl Rightful {
    /// Counts a guess of a password before it is compared.
    async fn may_guess(&self, limits: &[(ThrottleKey, Limit)]) -> Result<(), SignInError> {
        match self.ports().throttle.take(limits, self.now()).await? {
            Verdict::Go => Ok(()),
            Verdict::Wait(wait) => Err(SignInError::TooOften { wait }),
            Verdict::Closed => Err(SignInError::PasswordDisabled),
        }
    }

    /// Compares the password of a session's account, counted before it is made. A wrong one is told in the
    /// audit trail, then refused.
    pub(crate) async fn prove_password(
        &self,
        live: &LiveSession,
        password: &str,
        visit: &Visit,
    ) -> Result<(), SignInError> {
        let in_force = std::iter::once(live.account.password());
        let tries = self.proof_tries(live.account.id());
        self.prove_one_of(tries, &live.account, in_force, password, visit).await
    }

    /// The same against hashes that may have been in force at another time. `tries` counts: a count of its own
    /// for each link, so that a thief in a session cannot use up the tries of an owner who holds the link
    /// (MN-29).
    pub(crate) async fn prove_one_of(
        &self,
        tries: ProofTries,
        account: &Account,
        hashes: impl Iterator<Item = &PasswordHash> + Send,
        password: &str,
        visit: &Visit,
    ) -> Result<(), SignInError> {
        self.may_guess(&tries.0).await?;
        if let Some(typed) = TypedPassword::new(password) {
            for hash in hashes {
                let found = self.ports().passwords.verify(&typed, Some(hash)).await?;
                if found != PasswordMatch::No {
                    // At once: whatever becomes of the act, the proof was right.
                    let forget = Write::ForgetTries(tries.keys());
                    return Ok(self.commit(Changes::upkeep(forget)).await?);
                }
            }
        }
        let event = self.event(visit, Actor::Anonymous, Act::ProofRefused, Some(account.id()));
        self.commit(Changes::told_by(event)).await?;
        Err(SignInError::WrongPassword)
    }

    /// What counts wrong proofs with one link.
    pub(crate) fn link_proof_tries(&self, link: LinkId) -> ProofTries {
        self.tries_of_proofs("link_proof", "link_proof_ceiling", &link.to_string())
    }

    /// What counts wrong proofs of an account's password in its sessions.
    pub(crate) fn proof_tries(&self, account: AccountId) -> ProofTries {
        self.tries_of_proofs("proof", "proof_ceiling", &account.to_string())
    }

    fn tries_of_proofs(&self, waits: &str, ceiling: &str, subject: &str) -> ProofTries {
        let limits = &self.policy().limits;
        ProofTries([
            (self.limit_key(waits, &[subject]), limits.sign_in_pair),
            (self.limit_key(ceiling, &[subject]), limits.password_ceiling),
        ])
    }

    /// Everything that counts wrong passwords of an account, but for its known devices, which are strangers
    /// under its next epoch. Whoever sets another password with its mailbox, or proves a dispute, forgets it in
    /// the same commit: strangers' guesses leave the owner a way back (MN-50).
    pub(crate) fn tries_of_password(&self, account: &Account, visit: &Visit) -> Vec<ThrottleKey> {
        let address = account.email().key().as_str();
        let source = visit.source.to_string();
        let mut keys = vec![
            self.limit_key("sign_in_pair", &[address, &source]),
            self.limit_key("sign_in_address", &[address]),
            self.limit_key("sign_in_ceiling", &[address]),
        ];
        keys.extend(self.proof_tries(account.id()).keys());
        keys
    }
}
