//! The second step of a sign-in.
//!
//! What the first step gives is a secret of its own: for this one sign-in, for ten minutes, dead with the
//! account's epoch (63B §3.1.3). A wrong code leaves it; the tries are counted by the account and the device, not
//! by the secret, so that signing in anew gives nobody more of them (63B §3.1.3.2, MN-16).

use super::{Entering, SignIn, SignInError, SignedIn};
use crate::Visit;
use crate::accounts::Account;
use crate::audit::{Act, Actor};
use crate::changes::{Changes, Write};
use crate::letters::LetterContent;
use crate::links::{Link, LinkPurpose, LinkRefusal};
use crate::ports::decide_again;
use crate::reason::Outage;
use crate::second_factors::{FactorKind, FactorProof};
use crate::sessions::Carrier;
use crate::throttle::ThrottleKey;
use crate::values::{SecretText, Timestamp};

/// What the second step is taken with.
#[derive(Clone, Debug)]
pub struct SecondStep {
    /// The secret of this sign-in, handed out once. It opens nothing by itself.
    pub secret: SecretText,
    /// Its end.
    pub expires_at: Timestamp,
    /// What can be shown, the best first.
    pub kinds: Vec<FactorKind>,
}

/// What a person brings to the second step.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct SecondStepTaken<'a> {
    /// The secret that the first step gave.
    pub secret: &'a str,
    pub proof: FactorProof<'a>,
    pub carrier: Carrier,
    /// Whether this device is to skip the second step from now on.
    pub trust: bool,
}

impl SignIn<'_> {
    /// The password was right: gives what the second step is taken with.
    pub(super) async fn ask_second_step(
        self,
        account: &Account,
        succeeded: Vec<ThrottleKey>,
        visit: &Visit,
    ) -> Result<SecondStep, Outage> {
        let ports = self.rightful().ports();
        let now = self.rightful().now();
        let factors = ports.second_factors.list(account.id()).await?;
        let is_there = |kind: &FactorKind| {
            let mut bound = factors.iter().filter(|factor| factor.bound_at().is_some());
            bound.any(|factor| factor.kind() == *kind && factor.codes_left() != Some(0))
        };
        let kinds = FactorKind::ALL.into_iter().filter(is_there).collect();
        let purpose = LinkPurpose::SecondStep;
        let (link, secret) = Link::issue(purpose, account, None, &*ports.entropy, now);
        let expires_at = link.record().expires_at;
        let event = self.rightful().own_event(visit, Act::SecondStepAsked, account.id());
        let changes = Changes::told_by(event)
            .write(Write::ForgetTries(succeeded))
            .write(Write::InsertLink(link));
        self.rightful().commit(changes).await?;
        Ok(SecondStep { secret, expires_at, kinds })
    }

    /// Takes the second step: the session starts.
    pub async fn second_step(
        self,
        taken: SecondStepTaken<'_>,
        visit: &Visit,
    ) -> Result<SignedIn, SignInError> {
        if let Some(wait) = self.rightful().too_many_links(visit).await? {
            return Err(SignInError::TooOften { wait });
        }
        let secret = SecretText::present(LinkPurpose::SecondStep.prefix(), taken.secret);
        let secret = secret.ok_or(LinkRefusal::Unknown)?;
        let (_, account) = self.first_step(&secret).await?;
        let tries = self.rightful().factor_key(&account, visit);
        if let Some(wait) = self.rightful().factor_too_often(tries).await? {
            return Err(SignInError::TooOften { wait });
        }
        decide_again!(self.take(&secret, taken, tries, visit))
    }

    async fn take(
        self,
        secret: &SecretText,
        taken: SecondStepTaken<'_>,
        tries: ThrottleKey,
        visit: &Visit,
    ) -> Result<SignedIn, SignInError> {
        let (link, account) = self.first_step(secret).await?;
        let Some(factor) = self.rightful().check_factor(&account, taken.proof).await? else {
            return Err(self.refuse_step(&account, visit).await?);
        };
        let entering = Entering {
            account,
            carrier: taken.carrier,
            factor: Some(factor),
            trusted: None,
            trust: taken.trust,
            succeeded: vec![tries],
            step: Some(link.record().id),
            visit,
        };
        self.enter(entering).await
    }

    /// The first step of a secret and its account, when the second can be taken.
    async fn first_step(self, secret: &SecretText) -> Result<(Link, Account), SignInError> {
        let ports = self.rightful().ports();
        let link = ports.links.find(&secret.hash()).await?.ok_or(LinkRefusal::Unknown)?;
        let account =
            ports.accounts.find(link.record().account).await?.ok_or(LinkRefusal::Unknown)?;
        link.check(LinkPurpose::SecondStep, &account, self.rightful().now())?;
        Ok((link, account))
    }

    /// Somebody knows the password and not the code: the mailbox is told, once a day (security §3.5).
    async fn refuse_step(self, account: &Account, visit: &Visit) -> Result<SignInError, Outage> {
        let rightful = self.rightful();
        let event = rightful.event(visit, Actor::Anonymous, Act::FactorRefused, Some(account.id()));
        let mut changes = Changes::told_by(event);
        let limit = rightful.policy().limits.second_step_failed;
        let told = rightful.account_too_often(account.id(), "second_step_failed", limit).await?;
        if told.is_none() {
            let content = LetterContent::SecondStepFailed { deed: visit.deed(rightful.now()) };
            changes = changes.post(rightful.letter(account, content)?);
        }
        rightful.commit(changes).await?;
        Ok(SignInError::WrongCode)
    }
}
