use thiserror::Error;

use crate::Rightful;
use crate::Visit;
use crate::accounts::{Account, VerifiedAccount};
use crate::audit::{Act, Actor};
use crate::changes::{Changes, Write};
use crate::contacts::{Contact, Target, judge_target};
use crate::email_change::{
    Approval, ChangeRefusal, ChangeState, Disclosure, EmailChange, OwnerProof,
};
use crate::letters::{LetterContent, LetterSecret, PostedLetter};
use crate::links::{Link, LinkPurpose, LinkRefusal};
use crate::ports::{MailDomain, decide_again};
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::second_factors::{Factor, FactorEnd};
use crate::sessions::{EndReason, FreshProof, LiveSession};
use crate::sign_in::SignInError;
use crate::values::{
    EmailAddress, EmailChangeId, InvalidPassword, PasswordHash, SecretText, Span, Timestamp,
};

/// Changing the e-mail address.
#[derive(Clone, Copy)]
pub struct EmailChanges<'a> {
    rightful: &'a Rightful,
}

/// What the customer types.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct NewAddress<'a> {
    pub email: &'a str,
    /// The same again.
    pub confirm: &'a str,
}

/// What proves a dispute.
#[derive(Clone, Copy, Debug)]
pub struct Dispute<'a> {
    /// The password in force when the change was requested, or one that it had replaced a short time before.
    pub password: &'a str,
    /// A new one: whoever made the change knows the old.
    pub new_password: &'a str,
}

/// What a dispute did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disputed {
    /// Sessions ended, sensitive acts frozen; the proof can still be brought with the same link.
    Frozen {
        /// The end of the freeze.
        until: Timestamp,
    },
    /// The old address and the new password are in force.
    Restored,
}

/// The e-mail panel: the address in force and what is pending.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct EmailPanel {
    pub email: EmailAddress,
    pub verified: bool,
    pub pending: Option<PendingPanel>,
    /// Sensitive acts are frozen until then.
    pub frozen_until: Option<Timestamp>,
}

/// A change that waits for its mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct PendingPanel {
    pub id: EmailChangeId,
    pub new: EmailAddress,
    /// Whether the old mailbox was asked, and agreed.
    pub approval: Approval,
    pub requested_at: Timestamp,
    /// The end of the last letter's 48 hours.
    pub deadline: Timestamp,
    /// The deadline has passed; a resend revives it.
    pub expired: bool,
    /// The new mailbox refused the letter.
    pub undeliverable: bool,
    /// When the letter can be asked for again; `None` when it cannot.
    pub next_letter_at: Option<Timestamp>,
}

impl PendingPanel {
    fn of(change: &EmailChange, now: Timestamp) -> Self {
        let record = change.record();
        Self {
            id: record.id,
            new: record.new.clone(),
            approval: record.approval,
            requested_at: record.requested_at,
            deadline: record.deadline,
            expired: matches!(record.state, ChangeState::Pending) && !change.is_open(now),
            undeliverable: matches!(record.state, ChangeState::Undeliverable { .. }),
            next_letter_at: change.next_letter_at(),
        }
    }
}

/// Why a change of address did not go on. When several apply, the first in the order of R-063 is told:
/// authentication, R-061, R-053, syntax, same as current, quota, R-054, R-057, deliverability.
///
/// The quota comes before, unlike in R-063: it limits how often they are told at all
///
#[derive(Debug, Error)]
pub enum EmailChangeError {
    /// The password must be proved again first (CS-20).
    #[error("the password was proved too long ago")]
    NotFresh,
    /// Sensitive acts are frozen after a dispute.
    #[error("sensitive acts are frozen")]
    Frozen {
        /// For how long.
        wait: Span,
    },
    /// The address in force is not proved.
    #[error("the current address is not verified")]
    NotVerified,
    /// The two fields differ.
    #[error("the two addresses differ")]
    Mismatch,
    /// No mailbox can have this address: by its form, by its domain.
    #[error("the address cannot receive mail")]
    Undeliverable {
        /// What was probably meant.
        suggestion: Option<EmailAddress>,
    },
    /// The new address is the one in force.
    #[error("the new address is the one in force")]
    Unchanged,
    /// As many requests as one account may make in a day.
    #[error("too many requests to change the address")]
    QuotaUsed {
        /// How long to wait.
        wait: Span,
    },
    /// Another account has proved it. Accounts are never merged.
    #[error("the address is in use by another account")]
    InUseByAccount,
    /// The shop knows it, without an account.
    #[error("the address is a known contact")]
    KnownContact,
    /// An earlier change can still be disputed (CS-29, decision 0014).
    #[error("an earlier change can still be disputed")]
    WindowOpen {
        /// How long to wait.
        wait: Span,
    },
    /// No change is pending.
    #[error("no change is pending")]
    NotPending,
    /// The old mailbox has not agreed yet, and this shop asks it.
    #[error("the old mailbox has not agreed to the change")]
    NotApproved,
    /// A letter was sent just now.
    #[error("a letter was sent just now")]
    ResendTooSoon {
        /// How long to wait.
        wait: Span,
    },
    /// As many letters as one change may cause.
    #[error("no more letters for this change")]
    TooManyLetters,
    /// The link opens nothing.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// Confirming needs a session of the account, or its password.
    #[error("confirming needs a session of the account or its password")]
    ProofRequired,
    /// The session is another account's.
    #[error("signed in to another account")]
    OtherAccount,
    /// The password was not proved.
    #[error(transparent)]
    Proof(#[from] SignInError),
    /// The new password is not one that we accept.
    #[error(transparent)]
    Password(InvalidPassword),
    /// Too many tries.
    #[error("too often")]
    TooOften {
        /// How long to wait.
        wait: Span,
    },
    /// The session ended meanwhile.
    #[error("the session is over")]
    SessionOver,
    /// A part failed.
    #[error(transparent)]
    Outage(#[from] Outage),
}

impl EmailChangeError {
    const fn is_contended(&self) -> bool {
        matches!(self, Self::Outage(Outage::Contended))
    }
}

impl From<Target> for Result<(), EmailChangeError> {
    fn from(target: Target) -> Self {
        match target {
            Target::Free => Ok(()),
            Target::InUseByAccount => Err(EmailChangeError::InUseByAccount),
            Target::KnownContact => Err(EmailChangeError::KnownContact),
        }
    }
}

impl Refusal for EmailChangeError {
    fn reason(&self) -> Reason {
        match self {
            Self::NotFresh | Self::Frozen { .. } | Self::NotVerified | Self::OtherAccount => {
                Reason::Forbidden
            }
            Self::Mismatch | Self::Undeliverable { .. } | Self::Unchanged | Self::Password(_) => {
                Reason::Invalid
            }
            Self::InUseByAccount
            | Self::KnownContact
            | Self::NotPending
            | Self::NotApproved
            | Self::WindowOpen { .. } => Reason::Conflict,
            Self::QuotaUsed { .. }
            | Self::ResendTooSoon { .. }
            | Self::TooManyLetters
            | Self::TooOften { .. } => Reason::TooMany,
            Self::ProofRequired | Self::SessionOver => Reason::Unauthenticated,
            Self::Link(link) => link.reason(),
            Self::Proof(proof) => proof.reason(),
            Self::Outage(outage) => outage.reason(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::NotFresh => "reauthentication_required",
            Self::Frozen { .. } => "account_frozen",
            Self::NotVerified => "current_email_not_verified",
            Self::Mismatch => "emails_mismatch",
            Self::Undeliverable { .. } => "email_undeliverable",
            Self::Unchanged => "email_unchanged",
            Self::QuotaUsed { .. } => "email_change_quota",
            Self::InUseByAccount => "email_in_use_by_account",
            Self::KnownContact => "email_known_contact",
            Self::WindowOpen { .. } => "email_change_window",
            Self::NotPending => "no_pending_email_change",
            Self::NotApproved => "email_change_not_approved",
            Self::ResendTooSoon { .. } => "resend_too_soon",
            Self::TooManyLetters => "resend_limit",
            Self::Link(link) => link.code(),
            Self::ProofRequired => "proof_required",
            Self::OtherAccount => "signed_in_to_other_account",
            Self::Proof(proof) => proof.code(),
            Self::Password(password) => password.code(),
            Self::TooOften { .. } => "too_many_requests",
            Self::SessionOver => "unauthenticated",
            Self::Outage(outage) => outage.code(),
        }
    }
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Mismatch => Some("confirm_email"),
            Self::Undeliverable { .. } | Self::Unchanged => Some("email"),
            Self::Password(_) => Some("new_password"),
            Self::Link(link) => link.field(),
            Self::Proof(proof) => proof.field(),
            _ => None,
        }
    }
    fn retry_after(&self) -> Option<Span> {
        match self {
            Self::Frozen { wait }
            | Self::QuotaUsed { wait }
            | Self::WindowOpen { wait }
            | Self::ResendTooSoon { wait }
            | Self::TooOften { wait } => Some(*wait),
            Self::Proof(proof) => proof.retry_after(),
            Self::Outage(outage) => outage.retry_after(),
            _ => None,
        }
    }
    fn next_actions(&self) -> &'static [NextAction] {
        match self {
            Self::NotFresh => &[NextAction::Reauthenticate],
            Self::NotVerified => &[NextAction::ResendVerification],
            Self::InUseByAccount => &[NextAction::ChooseAccount, NextAction::ContactShop],
            Self::KnownContact => &[NextAction::SignOutAndRegister],
            Self::Frozen { .. } | Self::WindowOpen { .. } => {
                &[NextAction::Wait, NextAction::ContactShop]
            }
            Self::NotApproved => &[NextAction::CheckOldMailbox, NextAction::ResendEmailChange],
            Self::NotPending | Self::TooManyLetters => &[NextAction::RequestEmailChange],
            Self::Link(LinkRefusal::Used)
            | Self::ProofRequired
            | Self::OtherAccount
            | Self::SessionOver => &[NextAction::SignIn],
            Self::Link(_) => &[NextAction::ResendEmailChange, NextAction::RequestEmailChange],
            Self::QuotaUsed { .. } | Self::ResendTooSoon { .. } | Self::TooOften { .. } => {
                &[NextAction::Wait]
            }
            Self::Proof(proof) => proof.next_actions(),
            Self::Outage(outage) => outage.next_actions(),
            _ => &[],
        }
    }
}

/// A dead link of a change tells of the change, not of the link's own end.
fn refusal(refusal: ChangeRefusal, now: Timestamp) -> EmailChangeError {
    match refusal {
        ChangeRefusal::NotPending => EmailChangeError::NotPending,
        ChangeRefusal::NotApproved => EmailChangeError::NotApproved,
        ChangeRefusal::TooSoon { wait } => EmailChangeError::ResendTooSoon { wait },
        ChangeRefusal::TooManyLetters => EmailChangeError::TooManyLetters,
        ChangeRefusal::Superseded => EmailChangeError::Link(LinkRefusal::Superseded),
        ChangeRefusal::NotDisputable => EmailChangeError::Link(LinkRefusal::Used),
        ChangeRefusal::WindowOpen { until } => {
            EmailChangeError::WindowOpen { wait: until.since(now) }
        }
    }
}

impl<'a> EmailChanges<'a> {
    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    /// The e-mail panel.
    pub async fn panel(self, live: &LiveSession) -> Result<EmailPanel, EmailChangeError> {
        let now = self.rightful.now();
        let account = self.account(live).await?;
        let pending = self.rightful.ports().email_changes.find_unfinished(account.id()).await?;
        Ok(EmailPanel {
            email: account.email().clone(),
            verified: account.is_verified(),
            // A change of an earlier epoch is dead, whatever its state says.
            pending: pending
                .filter(|change| change.record().epoch == account.epoch())
                .map(|change| PendingPanel::of(&change, now)),
            frozen_until: account.frozen(now).map(|freeze| freeze.until),
        })
    }

    /// Requests a change. The address in force stays until the new mailbox is proved.
    pub async fn request(
        self,
        live: &LiveSession,
        wanted: NewAddress<'_>,
        visit: &Visit,
    ) -> Result<PendingPanel, EmailChangeError> {
        let account = self.account(live).await?;
        let proof = self.demand_fresh(live)?;
        self.demand_thawed(&account)?;
        account.verified().ok_or(EmailChangeError::NotVerified)?;
        let new = same_twice(wanted)?;
        if new.key() == account.email().key() {
            return Err(EmailChangeError::Unchanged);
        }
        let limit = self.rightful.policy().limits.email_changes;
        let counted = self.rightful.account_too_often(account.id(), "email_changes", limit);
        if let Some(wait) = counted.await? {
            return Err(EmailChangeError::QuotaUsed { wait });
        }
        self.letter_allowed(&new).await?;
        if self.rightful.policy().disclosure == Disclosure::Explicit {
            let (target, _) = self.judge(&account, &new).await?;
            if let Err(refusal) = <Result<(), _>>::from(target) {
                self.tell_refused(&account, refusal.code(), visit).await?;
                return Err(refusal);
            }
        }
        if self.rightful.ports().mail_domains.look_up(new.domain()).await == MailDomain::Refuses {
            return Err(EmailChangeError::Undeliverable { suggestion: new.suggestion() });
        }
        decide_again!(self.decide_request(live, proof, &new, visit))
    }

    async fn decide_request(
        self,
        live: &LiveSession,
        proof: FreshProof,
        new: &EmailAddress,
        visit: &Visit,
    ) -> Result<PendingPanel, EmailChangeError> {
        let ports = self.rightful.ports();
        let now = self.rightful.now();
        let account = self.account(live).await?;
        self.demand_thawed(&account)?;
        let owner: VerifiedAccount<'_> = account.verified().ok_or(EmailChangeError::NotVerified)?;
        let earlier = ports.email_changes.find_last_confirmed(account.id()).await?;
        let old_mailbox = self.rightful.policy().old_mailbox;
        let (earlier, entropy) = (earlier.as_ref(), &*ports.entropy);
        let change =
            EmailChange::request(owner, proof, new.clone(), old_mailbox, earlier, entropy, now)
                .map_err(|refused| refusal(refused, now))?;
        let event = self
            .rightful
            .own_event(visit, Act::EmailChangeRequested, account.id())
            .with("email_change", change.id());
        let mut changes = Changes::told_by(event);
        if let Some(older) = ports.email_changes.find_unfinished(account.id()).await? {
            let older = older.supersede(now).map_err(|refused| refusal(refused, now))?;
            changes = changes.write(Write::UpdateEmailChange(older));
        }
        changes = changes.write(Write::InsertEmailChange(change.clone()));
        changes = self.write_to_new(changes, &account, &change, visit).await?;
        changes = self.ask_old(changes, &account, &change, visit)?;
        let (dispute, letter) =
            self.notice(&account, &change, |secret, link| LetterContent::EmailChangeRequested {
                deed: visit.deed(now),
                new_masked: change.record().new.masked(),
                dispute: LetterSecret(secret),
                dispute_until: link.record().expires_at,
            })?;
        // Both addresses are in one commit with the account's version: a dispute or another password that
        // came in between is seen.
        changes = changes
            .write(Write::UpdateAccount(account.clone()))
            .write(Write::InsertLink(dispute))
            .post(letter);
        self.rightful.commit_in(live, changes).await?;
        Ok(PendingPanel::of(&change, now))
    }

    /// Asks for the letter to the new mailbox again, with 48 hours of its own.
    pub async fn resend(
        self,
        live: &LiveSession,
        visit: &Visit,
    ) -> Result<PendingPanel, EmailChangeError> {
        let account = self.account(live).await?;
        let pending = self.rightful.ports().email_changes.find_unfinished(account.id()).await?;
        let pending = pending.ok_or(EmailChangeError::NotPending)?;
        // Refused before it is counted, when the account or the change itself refuses.
        let now = self.rightful.now();
        self.demand_thawed(&account)?;
        pending
            .clone()
            .resend(&account, self.rightful.policy().old_mailbox, now)
            .map_err(|refused| refusal(refused, now))?;
        self.letter_allowed(&pending.record().new).await?;
        decide_again!(self.decide_resend(live, visit))
    }

    async fn decide_resend(
        self,
        live: &LiveSession,
        visit: &Visit,
    ) -> Result<PendingPanel, EmailChangeError> {
        let now = self.rightful.now();
        let account = self.account(live).await?;
        self.demand_thawed(&account)?;
        let pending = self.rightful.ports().email_changes.find_unfinished(account.id()).await?;
        let pending = pending.ok_or(EmailChangeError::NotPending)?;
        let old_mailbox = self.rightful.policy().old_mailbox;
        let change =
            pending.resend(&account, old_mailbox, now).map_err(|refused| refusal(refused, now))?;
        if self.rightful.policy().disclosure == Disclosure::Explicit {
            let (target, _) = self.judge(&account, &change.record().new).await?;
            <Result<(), _>>::from(target)?;
        }
        let event = self
            .rightful
            .own_event(visit, Act::EmailChangeResent, account.id())
            .with("email_change", change.id());
        let changes = Changes::told_by(event).write(Write::UpdateEmailChange(change.clone()));
        let changes = self.write_to_new(changes, &account, &change, visit).await?;
        let changes = self.ask_old(changes, &account, &change, visit)?;
        self.rightful.commit_in(live, changes).await?;
        Ok(PendingPanel::of(&change, now))
    }

    /// Stops the pending change.
    pub async fn cancel(self, live: &LiveSession, visit: &Visit) -> Result<(), EmailChangeError> {
        decide_again!(self.decide_cancel(live, visit))
    }

    async fn decide_cancel(
        self,
        live: &LiveSession,
        visit: &Visit,
    ) -> Result<(), EmailChangeError> {
        let now = self.rightful.now();
        let account = self.account(live).await?;
        let pending = self.rightful.ports().email_changes.find_unfinished(account.id()).await?;
        let pending = pending.ok_or(EmailChangeError::NotPending)?;
        let change = pending.cancel(now).map_err(|refused| refusal(refused, now))?;
        let event = self
            .rightful
            .own_event(visit, Act::EmailChangeCancelled, account.id())
            .with("email_change", change.id());
        let content = LetterContent::EmailChangeCancelled {
            deed: visit.deed(now),
            new_masked: change.record().new.masked(),
        };
        let changes = Changes::told_by(event)
            .write(Write::UpdateEmailChange(change))
            .post(self.rightful.letter(&account, content)?);
        Ok(self.rightful.commit_in(live, changes).await?)
    }

    /// The old mailbox agrees to the pending change, where the shop asks it (security, decision 1). It needs
    /// no session: the request had a fresh proof of the password, and this is the mailbox. It signs nobody
    /// in, and the change waits for the new mailbox still.
    pub async fn approve(self, token: &str, visit: &Visit) -> Result<(), EmailChangeError> {
        let secret = self.present(LinkPurpose::ApproveEmailChange, token, visit).await?;
        decide_again!(self.decide_approve(&secret, visit))
    }

    async fn decide_approve(
        self,
        secret: &SecretText,
        visit: &Visit,
    ) -> Result<(), EmailChangeError> {
        let now = self.rightful.now();
        let (link, account) = self.open(LinkPurpose::ApproveEmailChange, secret).await?;
        self.demand_thawed(&account)?;
        let change = self.change_of(&link).await?;
        let change = change
            .approve(&account, link.record(), now)
            .map_err(|refused| refusal(refused, now))?;
        let event = self
            .rightful
            .event(visit, Actor::Anonymous, Act::EmailChangeApproved, Some(account.id()))
            .with("email_change", change.id());
        let changes = Changes::told_by(event)
            .write(Write::UpdateEmailChange(change))
            .write(Write::RedeemLink { link: link.record().id, at: now });
        Ok(self.rightful.commit(changes).await?)
    }

    /// Confirms with the secret of the new mailbox and either a session of the account or its password
    /// . The new address is in force; everything older is dead, this session too (CS-27).
    pub async fn confirm(
        self,
        token: &str,
        session: Option<&LiveSession>,
        password: Option<&str>,
        visit: &Visit,
    ) -> Result<Account, EmailChangeError> {
        let secret = self.present(LinkPurpose::ConfirmEmailChange, token, visit).await?;
        let (link, account) = self.open(LinkPurpose::ConfirmEmailChange, &secret).await?;
        let tries = self.rightful.link_proof_tries(link.record().id);
        let proof = match (session, password) {
            (Some(live), _) => OwnerProof::by_session(live),
            (None, Some(password)) => {
                let in_force = std::iter::once(account.password());
                self.rightful.prove_one_of(tries, &account, in_force, password, visit).await?;
                OwnerProof::by_password(&account)
            }
            (None, None) => return Err(EmailChangeError::ProofRequired),
        };
        // Another account's session is refused even with the right password: whose browser is it?
        if !proof.is_of(&account) {
            return Err(EmailChangeError::OtherAccount);
        }
        decide_again!(self.decide_confirm(&secret, proof, session, account.password(), visit))
    }

    async fn decide_confirm(
        self,
        secret: &SecretText,
        proof: OwnerProof,
        session: Option<&LiveSession>,
        proved: &PasswordHash,
        visit: &Visit,
    ) -> Result<Account, EmailChangeError> {
        let now = self.rightful.now();
        let (link, account) = self.open(LinkPurpose::ConfirmEmailChange, secret).await?;
        if let Some(live) = session {
            self.account(live).await?;
        }
        if account.password() != proved {
            return Err(LinkRefusal::Superseded.into());
        }
        self.demand_thawed(&account)?;
        let change = self.change_of(&link).await?;
        let (target, holder) = self.judge(&account, &change.record().new).await?;
        if !matches!(change.record().state, ChangeState::Confirmed { .. }) {
            <Result<(), _>>::from(target)?;
        }
        let left = Contact::released(&account, now);
        let old = account.clone();
        let (change, account) = change
            .confirm(account, proof, link.record(), self.rightful.policy().old_mailbox, now)
            .map_err(|refused| refusal(refused, now))?;
        let event = self
            .rightful
            .own_event(visit, Act::EmailChangeConfirmed, account.id())
            .with("email_change", change.id());
        let mut changes = Changes::told_by(event);
        if let Some(claim) = holder.filter(|other| other.id() != account.id()) {
            // An unverified claim gives way to whoever proved the mailbox (MN-7).
            let actor = Actor::Customer(account.id());
            let event = self.rightful.event(visit, actor, Act::AccountDisplaced, Some(claim.id()));
            changes = changes.write(Write::RemoveAccount(claim)).also_told_by(event);
        }
        let (dispute, letter) =
            self.notice(&old, &change, |secret, link| LetterContent::EmailChangedOld {
                deed: visit.deed(now),
                new_masked: change.record().new.masked(),
                dispute: LetterSecret(secret),
                dispute_until: link.record().expires_at,
            })?;
        let content = LetterContent::EmailChangedNew {
            deed: visit.deed(now),
            old_masked: old.email().masked(),
        };
        let changes = changes
            .write(Write::UpdateAccount(account.clone()))
            .write(Write::UpdateEmailChange(change))
            .write(Write::RedeemLink { link: link.record().id, at: now })
            // Strangers may have guessed at the new address before it was anybody's.
            .write(Write::ForgetTries(self.rightful.tries_of_password(&account, visit)))
            .write(Write::EndSessions {
                account: account.id(),
                except: None,
                at: now,
                why: EndReason::EmailChanged,
            })
            .write(Write::RemoveContact(account.email().key().clone()))
            .write(Write::PutContact(left))
            .write(Write::InsertLink(dispute))
            .post(letter)
            .post(self.rightful.letter(&account, content)?);
        match session {
            Some(live) => self.rightful.commit_in(live, changes).await?,
            None => self.rightful.commit(changes).await?,
        }
        Ok(account)
    }

    /// "This was not me", from the old mailbox (decision 2). Without `proof` it freezes; with it, it
    /// restores. It never signs in.
    pub async fn dispute(
        self,
        token: &str,
        proof: Option<Dispute<'_>>,
        visit: &Visit,
    ) -> Result<Disputed, EmailChangeError> {
        let secret = self.present(LinkPurpose::DisputeEmailChange, token, visit).await?;
        let (link, account) = self.open(LinkPurpose::DisputeEmailChange, &secret).await?;
        let change = self.change_of(&link).await?;
        let Some(proof) = proof else {
            return decide_again!(self.decide_dispute(&secret, visit));
        };
        let (old, name) = (&change.record().old, account.record().name.as_ref());
        let accepted = match self.rightful.accept_password(proof.new_password, old, name) {
            Ok(accepted) => accepted,
            Err(refused) => {
                // Whoever holds the link may at least stop things, and meant to.
                decide_again!(self.decide_dispute(&secret, visit))?;
                return Err(EmailChangeError::Password(refused));
            }
        };
        let tries = self.rightful.link_proof_tries(link.record().id);
        let proved = self
            .rightful
            .prove_one_of(tries, &account, change.proofs(), proof.password, visit)
            .await;
        if let Err(error) = proved {
            decide_again!(self.decide_dispute(&secret, visit))?;
            return Err(error.into());
        }
        let hash = self.rightful.ports().passwords.hash(accepted.as_typed()).await?;
        decide_again!(self.decide_revert(&secret, &hash, visit))
    }

    async fn decide_dispute(
        self,
        secret: &SecretText,
        visit: &Visit,
    ) -> Result<Disputed, EmailChangeError> {
        let now = self.rightful.now();
        let (link, account) = self.open(LinkPurpose::DisputeEmailChange, secret).await?;
        let before = self.change_of(&link).await?;
        let (change, account) =
            before.clone().dispute(account, now).map_err(|refused| refusal(refused, now))?;
        if change == before {
            // The account was read before the change: whoever said it a moment ago may have frozen it in
            // between.
            let (_, account) = self.open(LinkPurpose::DisputeEmailChange, secret).await?;
            let until = account.frozen(now).map_or(now, |freeze| freeze.until);
            return Ok(Disputed::Frozen { until });
        }
        let until = account.frozen(now).map_or(now, |freeze| freeze.until);
        let event = self
            .rightful
            .event(visit, Actor::Anonymous, Act::EmailChangeDisputed, Some(account.id()))
            .with("email_change", change.id());
        let content =
            LetterContent::EmailChangeDisputed { deed: visit.deed(now), frozen_until: until };
        // The account first, as in every commit: two that cross do not wait for each other.
        let mut changes = Changes::told_by(event).write(Write::UpdateAccount(account.clone()));
        changes = self.stop_other(changes, &change).await?;
        let changes = changes
            .write(Write::EndSessions {
                account: account.id(),
                except: None,
                at: now,
                why: EndReason::Disputed,
            })
            .post_all(self.to_both(&account, account.email(), &change, &content)?)
            .write(Write::UpdateEmailChange(change));
        self.rightful.commit(changes).await?;
        Ok(Disputed::Frozen { until })
    }

    async fn decide_revert(
        self,
        secret: &SecretText,
        hash: &PasswordHash,
        visit: &Visit,
    ) -> Result<Disputed, EmailChangeError> {
        let now = self.rightful.now();
        let (link, account) = self.open(LinkPurpose::DisputeEmailChange, secret).await?;
        let change = self.change_of(&link).await?;
        let left = Contact::released(&account, now);
        let before = account.clone();
        let (change, account) = change
            .revert(account, true, hash.clone(), now)
            .map_err(|refused| refusal(refused, now))?;
        let since = change.record().requested_at;
        let (account, ended) = self.end_factors_since(account, since).await?;
        let event = self
            .rightful
            .event(visit, Actor::Anonymous, Act::EmailChangeReverted, Some(account.id()))
            .with("email_change", change.id());
        let content = LetterContent::EmailChangeReverted {
            deed: visit.deed(now),
            old_masked: account.email().masked(),
        };
        let mut changes = Changes::told_by(event).write(Write::UpdateAccount(account.clone()));
        for factor in ended {
            changes = changes.write(Write::UpdateFactor(factor));
        }
        changes = self.stop_other(changes, &change).await?;
        if before.email().key() != account.email().key() {
            changes = changes
                .write(Write::RemoveContact(account.email().key().clone()))
                .write(Write::PutContact(left));
        }
        let changes = changes
            .write(Write::RedeemLink { link: link.record().id, at: now })
            .write(Write::ForgetTries(self.rightful.tries_of_password(&account, visit)))
            .write(Write::EndSessions {
                account: account.id(),
                except: None,
                at: now,
                why: EndReason::Disputed,
            })
            .post_all(self.to_both(&account, before.email(), &change, &content)?)
            .write(Write::UpdateEmailChange(change));
        self.rightful.commit(changes).await?;
        Ok(Disputed::Restored)
    }

    /// Factors that were bound since a theft are the thief's, and would shut the owner out (MN-29).
    async fn end_factors_since(
        self,
        account: Account,
        since: Timestamp,
    ) -> Result<(Account, Vec<Factor>), Outage> {
        let factors = self.rightful.ports().second_factors.list(account.id()).await?;
        let now = self.rightful.now();
        let is_later = |factor: &Factor| factor.bound_at().is_none_or(|at| at >= since);
        let (mut over, earlier): (Vec<_>, Vec<_>) = factors.into_iter().partition(is_later);
        if over.is_empty() {
            return Ok((account, over));
        }
        let remains = earlier.iter().any(Factor::is_bound_factor);
        // Backup codes stand in for a factor, and for nothing else.
        over.extend(earlier.into_iter().filter(|_| !remains));
        let ended = over.into_iter().map(|factor| factor.end(FactorEnd::Disputed, now)).collect();
        Ok((account.release_factor(remains), ended))
    }

    /// The letter to the new mailbox: a link, or in blind disclosure a word to whoever has the address.
    async fn write_to_new(
        self,
        changes: Changes,
        account: &Account,
        change: &EmailChange,
        visit: &Visit,
    ) -> Result<Changes, EmailChangeError> {
        let now = self.rightful.now();
        let new = &change.record().new;
        if let (Target::InUseByAccount, Some(other)) = self.judge(account, new).await? {
            let content = LetterContent::AddressTried { deed: visit.deed(now) };
            return Ok(changes.post(self.rightful.letter(&other, content)?));
        }
        let entropy = &*self.rightful.ports().entropy;
        let purpose = LinkPurpose::ConfirmEmailChange;
        let (link, secret) = Link::issue(purpose, account, Some(change.id()), entropy, now);
        let content = LetterContent::ConfirmEmailChange {
            confirm: LetterSecret(secret),
            expires_at: link.record().expires_at,
            old_masked: account.email().masked(),
        };
        let letter = self
            .rightful
            .letter_to(new, Some(account.id()), account.locale(), content)?
            .about(change.id());
        Ok(changes.write(Write::InsertLink(link)).post(letter))
    }

    /// The letter to the old mailbox that asks it to agree, unless it did or is not asked.
    fn ask_old(
        self,
        changes: Changes,
        account: &Account,
        change: &EmailChange,
        visit: &Visit,
    ) -> Result<Changes, Outage> {
        if change.record().approval != Approval::Awaited {
            return Ok(changes);
        }
        let entropy = &*self.rightful.ports().entropy;
        let now = self.rightful.now();
        let purpose = LinkPurpose::ApproveEmailChange;
        let (link, secret) = Link::issue(purpose, account, Some(change.id()), entropy, now);
        let content = LetterContent::ApproveEmailChange {
            deed: visit.deed(now),
            new: change.record().new.as_str().to_owned(),
            approve: LetterSecret(secret),
            expires_at: link.record().expires_at,
        };
        let letter = self.rightful.letter(account, content)?;
        Ok(changes.write(Write::InsertLink(link)).post(letter))
    }

    /// A letter to the address that `account` has in force, with a new dispute link.
    fn notice(
        self,
        account: &Account,
        change: &EmailChange,
        content: impl FnOnce(SecretText, &Link) -> LetterContent,
    ) -> Result<(Link, PostedLetter), Outage> {
        let entropy = &*self.rightful.ports().entropy;
        let now = self.rightful.now();
        let purpose = LinkPurpose::DisputeEmailChange;
        let (link, secret) = Link::issue(purpose, account, Some(change.id()), entropy, now);
        let letter = self.rightful.letter(account, content(secret, &link))?;
        Ok((link, letter))
    }

    /// The same letter to the address before the change and to the one in force: both were proved. A new
    /// address that nobody proved is told nothing.
    fn to_both(
        self,
        account: &Account,
        in_force: &EmailAddress,
        change: &EmailChange,
        content: &LetterContent,
    ) -> Result<Vec<PostedLetter>, Outage> {
        let old = &change.record().old;
        [Some(old), Some(in_force).filter(|address| address.key() != old.key())]
            .into_iter()
            .flatten()
            .map(|to| {
                self.rightful.letter_to(to, Some(account.id()), account.locale(), content.clone())
            })
            .collect()
    }

    /// A change that was requested after this one does not go on either.
    async fn stop_other(
        self,
        changes: Changes,
        change: &EmailChange,
    ) -> Result<Changes, EmailChangeError> {
        let now = self.rightful.now();
        let repository = &self.rightful.ports().email_changes;
        let other = repository.find_unfinished(change.record().account).await?;
        let Some(other) = other.filter(|other| other.id() != change.id()) else {
            return Ok(changes);
        };
        let other = other.supersede(now).map_err(|refused| refusal(refused, now))?;
        Ok(changes.write(Write::UpdateEmailChange(other)))
    }

    async fn judge(
        self,
        mover: &Account,
        new: &EmailAddress,
    ) -> Result<(Target, Option<Account>), EmailChangeError> {
        let ports = self.rightful.ports();
        let holder = ports.accounts.find_by_email(new.key()).await?;
        let contact = ports.contacts.find(new.key()).await?;
        let now = self.rightful.now();
        let target = judge_target(mover.id(), holder.as_ref(), contact.as_ref(), now);
        Ok((target, holder))
    }

    async fn tell_refused(
        self,
        account: &Account,
        code: &str,
        visit: &Visit,
    ) -> Result<(), EmailChangeError> {
        let event = self
            .rightful
            .own_event(visit, Act::EmailChangeRefused, account.id())
            .with("code", code);
        Ok(self.rightful.commit(Changes::told_by(event)).await?)
    }

    /// So many letters to one address that nobody of the account has proved, whoever causes them (CS-3).
    async fn letter_allowed(self, to: &EmailAddress) -> Result<(), EmailChangeError> {
        let key = self.rightful.limit_key("letters_address", &[to.key().as_str()]);
        let limit = self.rightful.policy().limits.letters_address;
        match self.rightful.too_often(&[(key, limit)]).await? {
            None => Ok(()),
            Some(wait) => Err(EmailChangeError::TooOften { wait }),
        }
    }

    /// A presented secret of this purpose, counted.
    async fn present(
        self,
        purpose: LinkPurpose,
        token: &str,
        visit: &Visit,
    ) -> Result<SecretText, EmailChangeError> {
        if let Some(wait) = self.rightful.too_many_links(visit).await? {
            return Err(EmailChangeError::TooOften { wait });
        }
        Ok(SecretText::present(purpose.prefix(), token).ok_or(LinkRefusal::Unknown)?)
    }

    /// The link of a secret and its account, when it opens.
    async fn open(
        self,
        purpose: LinkPurpose,
        secret: &SecretText,
    ) -> Result<(Link, Account), EmailChangeError> {
        let ports = self.rightful.ports();
        let link = ports.links.find(&secret.hash()).await?.ok_or(LinkRefusal::Unknown)?;
        let account =
            ports.accounts.find(link.record().account).await?.ok_or(LinkRefusal::Unknown)?;
        link.check(purpose, &account, self.rightful.now())?;
        Ok((link, account))
    }

    async fn change_of(self, link: &Link) -> Result<EmailChange, EmailChangeError> {
        let id = link.record().email_change.ok_or(LinkRefusal::Unknown)?;
        let change = self.rightful.ports().email_changes.find(id).await?;
        Ok(change.ok_or(LinkRefusal::Unknown)?)
    }

    async fn account(self, live: &LiveSession) -> Result<Account, EmailChangeError> {
        // Sensitive acts decide on what stands now, not on what the session was checked with (MN-13).
        let live = self.rightful.still(live).await?.ok_or(EmailChangeError::SessionOver)?;
        Ok(live.account)
    }

    fn demand_fresh(self, live: &LiveSession) -> Result<FreshProof, EmailChangeError> {
        let policy = &self.rightful.policy().sessions;
        let proof = live.session.fresh_proof(&live.account, policy, self.rightful.now());
        proof.ok_or(EmailChangeError::NotFresh)
    }

    fn demand_thawed(self, account: &Account) -> Result<(), EmailChangeError> {
        let now = self.rightful.now();
        account
            .demand_thawed(now)
            .map_err(|freeze| EmailChangeError::Frozen { wait: freeze.until.since(now) })
    }
}

/// The address typed twice: equal up to case and surrounding space, and then well-formed.
fn same_twice(wanted: NewAddress<'_>) -> Result<EmailAddress, EmailChangeError> {
    let same = match (EmailAddress::parse(wanted.email), EmailAddress::parse(wanted.confirm)) {
        (Ok(email), Ok(confirm)) if email.key() == confirm.key() => return Ok(email),
        (Ok(_), _) | (_, Ok(_)) => false,
        (Err(_), Err(_)) => {
            wanted.email.trim().to_lowercase() == wanted.confirm.trim().to_lowercase()
        }
    };
    Err(if same {
        EmailChangeError::Undeliverable { suggestion: None }
    } else {
        EmailChangeError::Mismatch
    })
}
