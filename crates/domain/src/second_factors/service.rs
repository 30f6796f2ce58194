mod errors;
mod proof;

use super::model::{COUNT, ENROLMENT, MOST};
pub use errors::FactorError;
pub(crate) use proof::CheckedFactor;
pub use proof::FactorProof;
pub(super) use proof::place_of;

use crate::Rightful;
use crate::Visit;
use crate::accounts::Account;
use crate::audit::Act;
use crate::changes::{Changes, Write};
use crate::email_change::EmailChange;
use crate::letters::{LetterContent, LetterSecret};
use crate::links::{Link, LinkPurpose, LinkRefusal};
use crate::one_time_codes::{Step, TotpKey, accept};
use crate::ports::decide_again;
use crate::reason::Outage;
use crate::second_factors::{
    BackupCode, BackupCodeText, Factor, FactorEnd, FactorKind, FactorSecret,
};
use crate::sessions::{EndReason, LiveSession, Session, SessionProof};
use crate::sign_in::Renewed;
use crate::throttle::ThrottleKey;
use crate::values::{FactorId, SecretText, Timestamp, mint};

/// Second factors of the customer's own account.
#[derive(Clone, Copy)]
pub struct SecondFactors<'a> {
    rightful: &'a Rightful,
}

/// What an account asks for beside the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorPanel {
    /// The factors that are bound, the oldest first.
    pub factors: Vec<Factor>,
    /// How many backup codes are left; `None` when none were issued.
    pub codes_left: Option<usize>,
}

/// An authenticator app to be: the key is shown once, here.
#[derive(Clone, Debug)]
pub struct TotpEnrolment {
    /// The factor that a code of the key binds.
    pub factor: FactorId,
    /// The key.
    pub key: TotpKey,
    /// Until when.
    pub expires_at: Timestamp,
    /// Whether the mailbox was sent a secret that is needed too.
    pub mailbox_asked: bool,
}

/// The factors changed: every other session is over, this one goes on with a new secret.
#[derive(Clone, Debug)]
pub struct Changed {
    /// This session.
    pub renewed: Renewed,
    /// A new set of backup codes, shown once, here; `None` when those of before stand.
    pub backup_codes: Option<Vec<BackupCodeText>>,
}

/// New codes with what is kept of them.
struct CodeSet {
    texts: Vec<BackupCodeText>,
    kept: Vec<BackupCode>,
}

impl<'a> SecondFactors<'a> {
    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    /// The factors of the account.
    pub async fn panel(self, live: &LiveSession) -> Result<FactorPanel, FactorError> {
        let mut factors = self.list(&live.account).await?;
        factors.retain(|factor| factor.bound_at().is_some());
        let codes_left = factors.iter().find_map(Factor::codes_left);
        factors.retain(Factor::is_bound_factor);
        Ok(FactorPanel { factors, codes_left })
    }

    /// Begins with an authenticator app: shows its key. The account's first factor needs a fresh proof of the
    /// password, and the mailbox is sent a secret (MN-12); every other needs a code of those that are bound.
    pub async fn begin_totp(
        self,
        live: &LiveSession,
        proof: Option<FactorProof<'_>>,
        visit: &Visit,
    ) -> Result<TotpEnrolment, FactorError> {
        let live = &self.still(live).await?;
        self.demand_ready(&live.account)?;
        self.demand_first_or_proof(live, proof)?;
        let limit = self.rightful.policy().limits.factor_enrolments;
        let account = live.account.id();
        let counted = self.rightful.account_too_often(account, "factor_enrolments", limit);
        if let Some(wait) = counted.await? {
            return Err(FactorError::TooOften { wait });
        }
        let tries = self.count(live, proof, visit).await?;
        decide_again!(self.decide_begin(live, proof, tries, visit))
    }

    async fn decide_begin(
        self,
        live: &LiveSession,
        proof: Option<FactorProof<'_>>,
        tries: Option<ThrottleKey>,
        visit: &Visit,
    ) -> Result<TotpEnrolment, FactorError> {
        let live = &self.still(live).await?;
        let account = &live.account;
        self.demand_ready(account)?;
        self.demand_first_or_proof(live, proof)?;
        let owner = account.verified().ok_or(FactorError::NotVerified)?;
        let ports = self.rightful.ports();
        let now = self.rightful.now();
        let earlier = self.list(account).await?;
        if earlier.iter().filter(|factor| factor.is_bound_factor()).count() >= MOST {
            return Err(FactorError::TooMany);
        }
        let checked = self.check(live, proof, visit).await?;
        let (id, key) = (mint(&*ports.entropy, now), TotpKey::issue(&*ports.entropy));
        let factor = Factor::begin_totp(owner, id, key.seal(&*ports.vault, &place_of(id)), now);
        let event = self.rightful.own_event(visit, Act::FactorBegun, account.id());
        let mut changes = Changes::told_by(event.with("factor", id));
        for begun in earlier.into_iter().filter(|factor| factor.bound_at().is_none()) {
            changes = changes.write(Write::UpdateFactor(begun.end(FactorEnd::Replaced, now)));
        }
        changes = used(changes, checked, tries).write(Write::InsertFactor(factor));
        let mailbox_asked = !account.has_second_factor();
        if mailbox_asked {
            let purpose = LinkPurpose::BindFactor;
            let (link, secret) = Link::issue(purpose, account, None, &*ports.entropy, now);
            let content = LetterContent::BindFactor {
                deed: visit.deed(now),
                bind: LetterSecret(secret),
                expires_at: link.record().expires_at,
            };
            let letter = self.rightful.letter(account, content)?;
            changes = changes.write(Write::InsertLink(link)).post(letter);
        }
        self.rightful.commit_in(live, changes).await?;
        Ok(TotpEnrolment { factor: id, key, expires_at: now + ENROLMENT, mailbox_asked })
    }

    /// Binds an authenticator app: a code of the shown key came back, and for the account's first factor the
    /// secret from its mailbox. With the first factor come ten backup codes.
    pub async fn bind_totp(
        self,
        live: &LiveSession,
        factor: FactorId,
        code: &str,
        token: Option<&str>,
        visit: &Visit,
    ) -> Result<Changed, FactorError> {
        let live = &self.still(live).await?;
        self.demand_ready(&live.account)?;
        let first = !live.account.has_second_factor();
        let secret = match token {
            None if first => return Err(FactorError::MailboxRequired),
            Some(token) if first => {
                if let Some(wait) = self.rightful.too_many_links(visit).await? {
                    return Err(FactorError::TooOften { wait });
                }
                let secret = SecretText::present(LinkPurpose::BindFactor.prefix(), token);
                Some(secret.ok_or(LinkRefusal::Unknown)?)
            }
            // A later factor was proved with a code of another.
            _ => None,
        };
        // What cannot be bound costs no try, and no hash.
        self.enrolment(&live.account, factor).await?;
        let tries = self.rightful.factor_key(&live.account, visit);
        self.count_under(tries).await?;
        let codes = if first { Some(self.new_codes().await?) } else { None };
        decide_again!(self.decide_bind(
            live,
            (factor, code),
            secret.as_ref(),
            codes.as_ref(),
            tries,
            visit
        ))
    }

    async fn decide_bind(
        self,
        live: &LiveSession,
        (factor, code): (FactorId, &str),
        secret: Option<&SecretText>,
        codes: Option<&CodeSet>,
        tries: ThrottleKey,
        visit: &Visit,
    ) -> Result<Changed, FactorError> {
        let live = &self.still(live).await?;
        self.demand_ready(&live.account)?;
        let factor = self.enrolment(&live.account, factor).await?;
        let ports = self.rightful.ports();
        let now = self.rightful.now();
        let Some(step) = self.step_of(&factor, code)? else {
            return Err(self.refuse(&live.account, visit).await?);
        };
        let link = match secret {
            Some(secret) => {
                let found = ports.links.find(&secret.hash()).await?;
                Some(found.ok_or(LinkRefusal::Unknown)?)
            }
            None => None,
        };
        let id = factor.id();
        let account = live.account.clone().bind_factor(now);
        let bound = factor.bind(&live.account, step, link.as_ref(), now)?;
        let event = self.rightful.own_event(visit, Act::FactorBound, account.id());
        let event = event.with("factor", id).with("kind", FactorKind::Totp.as_str());
        let mut changes = Changes::told_by(event)
            .write(Write::UpdateAccount(account.clone()))
            .write(Write::UpdateFactor(bound))
            .write(Write::ForgetTries(vec![tries]));
        if let Some(link) = link {
            changes = changes.write(Write::RedeemLink { link: link.record().id, at: now });
        }
        if let Some(codes) = codes {
            let kept = codes.kept.clone();
            let set = Factor::issue_backup_codes(&account, kept, &*ports.entropy, now);
            changes = changes.write(Write::InsertFactor(set));
        }
        let content =
            LetterContent::FactorBound { deed: visit.deed(now), factor: FactorKind::Totp };
        let renewed = self.settle(live, account, changes, content, visit).await?;
        Ok(Changed { renewed, backup_codes: codes.map(|codes| codes.texts.clone()) })
    }

    /// Removes a factor, with a code of one that is bound. With the last one go the backup codes: the password
    /// alone signs in.
    pub async fn remove(
        self,
        live: &LiveSession,
        factor: FactorId,
        proof: FactorProof<'_>,
        visit: &Visit,
    ) -> Result<Changed, FactorError> {
        let live = &self.still(live).await?;
        self.demand_ready(&live.account)?;
        self.demand_window_closed(&live.account).await?;
        self.bound(&live.account, factor).await?;
        let tries = self.count(live, Some(proof), visit).await?;
        decide_again!(self.decide_remove(live, factor, proof, tries, visit))
    }

    async fn decide_remove(
        self,
        live: &LiveSession,
        factor: FactorId,
        proof: FactorProof<'_>,
        tries: Option<ThrottleKey>,
        visit: &Visit,
    ) -> Result<Changed, FactorError> {
        let live = &self.still(live).await?;
        self.demand_ready(&live.account)?;
        self.demand_window_closed(&live.account).await?;
        let now = self.rightful.now();
        let going = self.bound(&live.account, factor).await?;
        let checked = self.check(live, Some(proof), visit).await?;
        let kind = going.kind();
        let mut others = self.list(&live.account).await?;
        others.retain(|other| other.id() != factor);
        let remains = others.iter().any(Factor::is_bound_factor);
        let account = live.account.clone().release_factor(remains);
        let event = self.rightful.own_event(visit, Act::FactorRemoved, account.id());
        let event = event.with("factor", factor).with("kind", kind.as_str());
        let mut changes = Changes::told_by(event).write(Write::UpdateAccount(account.clone()));
        let mut checked = checked.map(|checked| checked.0);
        // The code may be of the very factor that goes, or of the backup codes that go with it.
        for ending in std::iter::once(going).chain(others.into_iter().filter(|_| !remains)) {
            let ending = match checked.take_if(|checked| checked.id() == ending.id()) {
                Some(used) => used,
                None => ending,
            };
            changes = changes.write(Write::UpdateFactor(ending.end(FactorEnd::Removed, now)));
        }
        changes = used(changes, checked.map(CheckedFactor), tries);
        let content = LetterContent::FactorRemoved { deed: visit.deed(now), factor: kind };
        let renewed = self.settle(live, account, changes, content, visit).await?;
        Ok(Changed { renewed, backup_codes: None })
    }

    /// Issues ten new backup codes, with a code of a factor that is bound: those of before are dead.
    pub async fn renew_backup_codes(
        self,
        live: &LiveSession,
        proof: FactorProof<'_>,
        visit: &Visit,
    ) -> Result<Changed, FactorError> {
        let live = &self.still(live).await?;
        self.demand_ready(&live.account)?;
        if !live.account.has_second_factor() {
            return Err(FactorError::Unknown);
        }
        let tries = self.count(live, Some(proof), visit).await?;
        let codes = self.new_codes().await?;
        decide_again!(self.decide_renew(live, proof, &codes, tries, visit))
    }

    async fn decide_renew(
        self,
        live: &LiveSession,
        proof: FactorProof<'_>,
        codes: &CodeSet,
        tries: Option<ThrottleKey>,
        visit: &Visit,
    ) -> Result<Changed, FactorError> {
        let live = &self.still(live).await?;
        self.demand_ready(&live.account)?;
        let now = self.rightful.now();
        let checked = self.check(live, Some(proof), visit).await?;
        let account = live.account.clone().bind_factor(now);
        let event = self.rightful.own_event(visit, Act::BackupCodesRenewed, account.id());
        let mut changes = Changes::told_by(event).write(Write::UpdateAccount(account.clone()));
        let mut checked = checked.map(|checked| checked.0);
        for old in self.list(&live.account).await? {
            if old.kind() == FactorKind::BackupCodes {
                let old = checked.take_if(|checked| checked.id() == old.id()).unwrap_or(old);
                changes = changes.write(Write::UpdateFactor(old.end(FactorEnd::Replaced, now)));
            }
        }
        let entropy = &*self.rightful.ports().entropy;
        let set = Factor::issue_backup_codes(&account, codes.kept.clone(), entropy, now);
        changes = used(changes, checked.map(CheckedFactor), tries).write(Write::InsertFactor(set));
        let content = LetterContent::BackupCodesRenewed { deed: visit.deed(now) };
        let renewed = self.settle(live, account, changes, content, visit).await?;
        Ok(Changed { renewed, backup_codes: Some(codes.texts.clone()) })
    }

    /// What every change of factors brings: this session goes on with a new secret and as one that has just
    /// proved a factor, all others end, a pending change of address is cancelled, the mailbox is told.
    async fn settle(
        self,
        live: &LiveSession,
        account: Account,
        changes: Changes,
        content: LetterContent,
        visit: &Visit,
    ) -> Result<Renewed, FactorError> {
        let ports = self.rightful.ports();
        let now = self.rightful.now();
        let (session, secret) =
            live.session.clone().renew(&account, SessionProof::Factor, &*ports.entropy, now);
        let mut changes =
            changes.write(Write::UpdateSession(session.clone())).write(Write::EndSessions {
                account: account.id(),
                except: Some(Session::id(&session)),
                at: now,
                why: EndReason::FactorsChanged,
            });
        if let Some(pending) = ports.email_changes.find_unfinished(account.id()).await? {
            let event = self
                .rightful
                .own_event(visit, Act::EmailChangeCancelled, account.id())
                .with("cause", "factors_changed");
            let cancelled = pending.cancel(now).map_err(|_| Outage::Contended)?;
            changes = changes.write(Write::UpdateEmailChange(cancelled)).also_told_by(event);
        }
        changes = changes.post(self.rightful.letter(&account, content)?);
        self.rightful.commit(changes).await?;
        Ok(Renewed { session, account, secret })
    }

    async fn new_codes(self) -> Result<CodeSet, Outage> {
        let ports = self.rightful.ports();
        let texts = BackupCodeText::issue_set(&*ports.entropy);
        let mut kept = Vec::with_capacity(COUNT);
        for text in &texts {
            let typed = text.as_typed().expect("a code is shorter than any password may be");
            kept.push(BackupCode { hash: ports.passwords.hash(&typed).await?, used_at: None });
        }
        Ok(CodeSet { texts, kept })
    }

    fn step_of(self, factor: &Factor, code: &str) -> Result<Option<Step>, Outage> {
        let ports = self.rightful.ports();
        let FactorSecret::Totp { key, last } = &factor.record().secret else { return Ok(None) };
        let key = TotpKey::open(&*ports.vault, &place_of(factor.id()), key)?;
        Ok(accept(&*ports.one_time_codes, &key, code, *last, self.rightful.now()))
    }

    async fn enrolment(self, account: &Account, id: FactorId) -> Result<Factor, FactorError> {
        let factors = self.list(account).await?;
        let factor = factors.into_iter().find(|factor| factor.id() == id);
        let factor = factor.ok_or(FactorError::Unknown)?;
        factor.enrolling(account, self.rightful.now())?;
        Ok(factor)
    }

    async fn bound(self, account: &Account, id: FactorId) -> Result<Factor, FactorError> {
        let factors = self.list(account).await?;
        let mut bound = factors.into_iter().filter(Factor::is_bound_factor);
        bound.find(|factor| factor.id() == id).ok_or(FactorError::Unknown)
    }

    async fn list(self, account: &Account) -> Result<Vec<Factor>, Outage> {
        self.rightful.ports().second_factors.list(account.id()).await
    }

    /// Counts the try of a proof, if there is one to try.
    async fn count(
        self,
        live: &LiveSession,
        proof: Option<FactorProof<'_>>,
        visit: &Visit,
    ) -> Result<Option<ThrottleKey>, FactorError> {
        if proof.is_none() || !live.account.has_second_factor() {
            return Ok(None);
        }
        let tries = self.rightful.factor_key(&live.account, visit);
        self.count_under(tries).await?;
        Ok(Some(tries))
    }

    async fn count_under(self, tries: ThrottleKey) -> Result<(), FactorError> {
        match self.rightful.factor_too_often(tries).await? {
            Some(wait) => Err(FactorError::TooOften { wait }),
            None => Ok(()),
        }
    }

    /// The factor that a proof uses up; refused, and told in the audit trail, when it is wrong.
    async fn check(
        self,
        live: &LiveSession,
        proof: Option<FactorProof<'_>>,
        visit: &Visit,
    ) -> Result<Option<CheckedFactor>, FactorError> {
        if !live.account.has_second_factor() {
            return Ok(None);
        }
        let proof = proof.ok_or(FactorError::Required)?;
        match self.rightful.check_factor(&live.account, proof).await? {
            Some(checked) => Ok(Some(checked)),
            None => Err(self.refuse(&live.account, visit).await?),
        }
    }

    async fn refuse(self, account: &Account, visit: &Visit) -> Result<FactorError, Outage> {
        let event = self.rightful.own_event(visit, Act::FactorRefused, account.id());
        self.rightful.commit(Changes::told_by(event)).await?;
        Ok(FactorError::WrongCode)
    }

    async fn still(self, live: &LiveSession) -> Result<LiveSession, FactorError> {
        self.rightful.still(live).await?.ok_or(FactorError::SessionOver)
    }

    fn demand_ready(self, account: &Account) -> Result<(), FactorError> {
        let now = self.rightful.now();
        account.verified().ok_or(FactorError::NotVerified)?;
        account
            .demand_thawed(now)
            .map_err(|freeze| FactorError::Frozen { wait: freeze.until.since(now) })
    }

    /// The first factor needs a fresh proof of the password; later ones a code of those that are bound.
    fn demand_first_or_proof(
        self,
        live: &LiveSession,
        proof: Option<FactorProof<'_>>,
    ) -> Result<(), FactorError> {
        if live.account.has_second_factor() {
            return proof.map(drop).ok_or(FactorError::Required);
        }
        let policy = &self.rightful.policy().sessions;
        let fresh = live.session.fresh_proof(&live.account, policy, self.rightful.now());
        fresh.map(drop).ok_or(FactorError::NotFresh)
    }

    async fn demand_window_closed(self, account: &Account) -> Result<(), FactorError> {
        let now = self.rightful.now();
        let last = self.rightful.ports().email_changes.find_last_confirmed(account.id()).await?;
        let until = last.as_ref().map(EmailChange::disputable_until);
        match until.filter(|until| now < *until) {
            Some(until) => Err(FactorError::WindowOpen { wait: until.since(now) }),
            None => Ok(()),
        }
    }
}

/// Writes down that a code is used up, and forgets the tries before it.
fn used(
    mut changes: Changes,
    checked: Option<CheckedFactor>,
    tries: Option<ThrottleKey>,
) -> Changes {
    if let Some(CheckedFactor(factor)) = checked {
        changes = changes.write(Write::UpdateFactor(factor));
    }
    match tries {
        Some(tries) => changes.write(Write::ForgetTries(vec![tries])),
        None => changes,
    }
}
