use thiserror::Error;

use crate::accounts::{Account, SecurityEpoch, VerifiedAccount, Version};
use crate::guards::guard;
use crate::links::{LinkPurpose, LinkRecord};
use crate::ports::Entropy;
use crate::sessions::{FreshProof, LiveSession};
use crate::values::{AccountId, EmailAddress, EmailChangeId, PasswordHash, Span, Timestamp, mint};

/// How long a change can be disputed, from its request and again from its confirmation (decision 1).
pub(crate) const DISPUTE_WINDOW: Span = Span::days(7);

/// How a customer learns that the new address is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Disclosure {
    /// At once, to a customer who proved the password, under a quota (decision 6).
    #[default]
    Explicit,
    /// The same answer to everyone; the mailbox is told, and who proves it.
    Blind,
}

/// What the old mailbox has to say to a change of address (security, decision 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OldMailbox {
    /// It is told at once, and can dispute.
    #[default]
    Notify,
    /// It is asked too: nothing changes unless it agrees. An owner who has lost it changes the address by
    /// recovery.
    Confirm,
}

/// Whether the old mailbox agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Approval {
    /// It was not asked.
    NotNeeded,
    /// It was asked, and has not answered.
    Awaited,
    /// It agreed.
    Given {
        /// When.
        at: Timestamp,
    },
}

/// Where a change stands. Expiry is not stored: it is `Pending` past its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeState {
    /// Waits for the new mailbox.
    Pending,
    /// The new address is in force.
    Confirmed {
        /// Since when.
        at: Timestamp,
    },
    /// Another request took its place.
    Superseded {
        /// When.
        at: Timestamp,
    },
    /// The customer, or another password, stopped it.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// The new mailbox refused the letter for good. A resend tries again.
    Undeliverable {
        /// When.
        at: Timestamp,
    },
    /// The old mailbox stopped it while it was pending.
    Disputed {
        /// When.
        at: Timestamp,
    },
    /// The owner of the old mailbox proved it a theft; the old address is in force again.
    Reverted {
        /// When.
        at: Timestamp,
    },
}

/// All that is stored of a change of address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct EmailChangeRecord {
    pub id: EmailChangeId,
    pub account: AccountId,
    pub old: EmailAddress,
    pub new: EmailAddress,
    pub state: ChangeState,
    /// The epoch of the request: any advance kills the change (CS-32).
    pub epoch: SecurityEpoch,
    /// The password in force at the request: what a dispute is proved with (decision 2).
    pub password_then: PasswordHash,
    /// Those that it had replaced in the days before, which prove a dispute too (MN-29), the oldest first.
    pub passwords_before: Vec<PasswordHash>,
    pub approval: Approval,
    pub requested_at: Timestamp,
    /// The end of the last letter's 48 hours.
    pub deadline: Timestamp,
    /// Letters to the new mailbox so far.
    pub letters: u32,
    pub last_letter_at: Timestamp,
    /// When the old mailbox first said "this was not me".
    pub disputed_at: Option<Timestamp>,
    pub version: Version,
}

/// A change of an account's e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailChange(EmailChangeRecord);

/// How often a letter may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resend;

impl Resend {
    /// Between two letters.
    pub const COOLDOWN: Span = Span::seconds(60);
    /// Letters in all for one request.
    pub const MOST: u32 = 6;
}

/// Proof that somebody acts as an account's owner: by a session that was checked, or by its password.
#[derive(Clone, Copy, Debug)]
pub struct OwnerProof {
    account: AccountId,
}

impl OwnerProof {
    /// By a live session.
    pub const fn by_session(live: &LiveSession) -> Self {
        Self { account: live.account.id() }
    }
    /// By the password in force, compared a moment ago.
    pub const fn by_password(account: &Account) -> Self {
        Self { account: account.id() }
    }
    /// Whether it is this account's owner.
    pub fn is_of(self, account: &Account) -> bool {
        guard!(ConfirmerIsOwner, self.account == account.id())
    }
}

/// Why a change does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ChangeRefusal {
    /// There is no pending change, or not any more.
    #[error("no change is pending")]
    NotPending,
    /// The last letter is too young.
    #[error("a letter was sent just now")]
    TooSoon {
        /// How long to wait.
        wait: Span,
    },
    /// As many letters as one request may cause.
    #[error("no more letters for this change")]
    TooManyLetters,
    /// Another password, another factor, another change: everything older is dead.
    #[error("the change was superseded")]
    Superseded,
    /// An earlier change can still be disputed.
    #[error("an earlier change can still be disputed")]
    WindowOpen {
        /// Until when.
        until: Timestamp,
    },
    /// The old mailbox has not agreed yet.
    #[error("the old mailbox has not agreed")]
    NotApproved,
    /// Past the days in which it can be disputed, or restored already.
    #[error("the change can no longer be disputed")]
    NotDisputable,
}

impl EmailChange {
    /// A new pending change. It takes the proofs that R-040 and CS-20 ask for: a proved mailbox, a fresh
    /// proof of the password. `earlier` is the last confirmed change: while it can be disputed, there is no
    /// second one (CS-29).
    pub fn request(
        owner: VerifiedAccount<'_>,
        proof: FreshProof,
        new: EmailAddress,
        old_mailbox: OldMailbox,
        earlier: Option<&Self>,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<Self, ChangeRefusal> {
        let account = owner.account();
        if proof.account() != account.id() {
            return Err(ChangeRefusal::Superseded);
        }
        if let Some(until) = earlier.and_then(|change| change.holds_back(now)) {
            return Err(ChangeRefusal::WindowOpen { until });
        }
        Ok(Self(EmailChangeRecord {
            id: mint(entropy, now),
            account: account.id(),
            old: account.email().clone(),
            new,
            state: ChangeState::Pending,
            epoch: account.epoch(),
            password_then: account.password().clone(),
            passwords_before: account.replaced_passwords(now).map(|old| old.hash.clone()).collect(),
            approval: match old_mailbox {
                OldMailbox::Notify => Approval::NotNeeded,
                OldMailbox::Confirm => Approval::Awaited,
            },
            requested_at: now,
            deadline: now + LinkPurpose::ConfirmEmailChange.life(),
            letters: 1,
            last_letter_at: now,
            disputed_at: None,
            version: Version::FIRST,
        }))
    }

    /// Until when this confirmed change holds back another one (CS-29, decision 0014): the dispute link of a
    /// second change would go to the address that the first one brought, which may be a thief's.
    fn holds_back(&self, now: Timestamp) -> Option<Timestamp> {
        let ChangeState::Confirmed { at } = self.0.state else { return None };
        let until = at + DISPUTE_WINDOW;
        (!guard!(WindowHoldsChange, now >= until)).then_some(until)
    }

    /// For adapters that read back what was stored.
    pub const fn from_record(record: EmailChangeRecord) -> Self {
        Self(record)
    }
    /// All that is stored.
    pub const fn record(&self) -> &EmailChangeRecord {
        &self.0
    }
    /// The id.
    pub const fn id(&self) -> EmailChangeId {
        self.0.id
    }
    /// Whether it waits for the new mailbox and its time is not over.
    pub fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.0.state, ChangeState::Pending) && now < self.0.deadline
    }
    /// Whether a resend can bring it on: pending, expired or undeliverable.
    pub const fn is_unfinished(&self) -> bool {
        matches!(self.0.state, ChangeState::Pending | ChangeState::Undeliverable { .. })
    }
    /// When the next letter may be asked for; `None` when there will be none.
    pub fn next_letter_at(&self) -> Option<Timestamp> {
        (self.is_unfinished() && self.0.letters < Resend::MOST)
            .then(|| self.0.last_letter_at + Resend::COOLDOWN)
    }

    /// Another letter to the same mailbox, with 48 hours of its own; the earlier ones keep working until
    /// their own ends (decision 3). It works after expiry, and after a refusal of the mailbox.
    pub fn resend(
        mut self,
        account: &Account,
        old_mailbox: OldMailbox,
        now: Timestamp,
    ) -> Result<Self, ChangeRefusal> {
        if !self.is_unfinished() || account.epoch() != self.0.epoch {
            return Err(ChangeRefusal::NotPending);
        }
        let Some(next) = self.next_letter_at() else { return Err(ChangeRefusal::TooManyLetters) };
        if now < next {
            return Err(ChangeRefusal::TooSoon { wait: next.since(now) });
        }
        // Requested before the shop asked the old mailbox: it is asked now (CS-21).
        if self.0.approval == Approval::NotNeeded && old_mailbox == OldMailbox::Confirm {
            self.0.approval = Approval::Awaited;
        }
        self.0.state = ChangeState::Pending;
        self.0.deadline = now + LinkPurpose::ConfirmEmailChange.life();
        self.0.letters += 1;
        self.0.last_letter_at = now;
        Ok(self)
    }

    /// Another request takes its place.
    pub fn supersede(self, now: Timestamp) -> Result<Self, ChangeRefusal> {
        self.stop(ChangeState::Superseded { at: now })
    }

    /// The customer stops it.
    pub fn cancel(self, now: Timestamp) -> Result<Self, ChangeRefusal> {
        self.stop(ChangeState::Cancelled { at: now })
    }

    fn stop(self, state: ChangeState) -> Result<Self, ChangeRefusal> {
        if !self.is_unfinished() {
            return Err(ChangeRefusal::NotPending);
        }
        Ok(self.finish(state))
    }

    /// The mail server of the new mailbox refused it for good. Only a pending change is touched.
    pub fn bounce(self, now: Timestamp) -> Result<Self, ChangeRefusal> {
        if !matches!(self.0.state, ChangeState::Pending) {
            return Err(ChangeRefusal::NotPending);
        }
        Ok(self.finish(ChangeState::Undeliverable { at: now }))
    }

    /// The old mailbox agrees, by a checked link. Said twice, it is said.
    pub fn approve(
        mut self,
        account: &Account,
        link: &LinkRecord,
        now: Timestamp,
    ) -> Result<Self, ChangeRefusal> {
        if link.email_change != Some(self.0.id) || self.0.account != account.id() {
            return Err(ChangeRefusal::NotPending);
        }
        if !self.is_unfinished() || self.0.epoch != account.epoch() {
            return Err(ChangeRefusal::Superseded);
        }
        if self.0.approval == Approval::Awaited {
            self.0.approval = Approval::Given { at: now };
        }
        Ok(self)
    }

    /// The stricter of what the shop asked for at the request and what it asks for now (CS-21): a change that
    /// was requested without the old mailbox does not come through once it is asked.
    fn check_approval(&self, old_mailbox: OldMailbox) -> Result<(), ChangeRefusal> {
        match (self.0.approval, old_mailbox) {
            (Approval::Given { .. }, _) | (Approval::NotNeeded, OldMailbox::Notify) => Ok(()),
            (Approval::Awaited, _) => Err(ChangeRefusal::NotApproved),
            (Approval::NotNeeded, OldMailbox::Confirm) => Err(ChangeRefusal::Superseded),
        }
    }

    /// The new mailbox was proved by a checked link (CS-26). Gives the change as confirmed and the account
    /// with the new address in force.
    pub fn confirm(
        self,
        account: Account,
        proof: OwnerProof,
        link: &LinkRecord,
        old_mailbox: OldMailbox,
        now: Timestamp,
    ) -> Result<(Self, Account), ChangeRefusal> {
        if !guard!(
            ChangeIsOfLink,
            link.email_change == Some(self.0.id) && self.0.account == account.id()
        ) {
            return Err(ChangeRefusal::NotPending);
        }
        // A letter may arrive although another copy of it was refused: its secret is proof enough.
        if !guard!(ChangePending, self.is_unfinished()) {
            return Err(ChangeRefusal::Superseded);
        }
        if !proof.is_of(&account) {
            return Err(ChangeRefusal::NotPending);
        }
        if !guard!(ChangeEpoch, self.0.epoch == account.epoch()) {
            return Err(ChangeRefusal::Superseded);
        }
        let approval = self.check_approval(old_mailbox);
        if !guard!(OldMailboxAgrees, approval.is_ok()) {
            approval?;
        }
        let account = account.move_to(self.0.new.clone(), now);
        Ok((self.finish(ChangeState::Confirmed { at: now }), account))
    }

    /// The passwords that prove a dispute, the likelier first.
    pub fn proofs(&self) -> impl Iterator<Item = &PasswordHash> {
        std::iter::once(&self.0.password_then).chain(self.0.passwords_before.iter().rev())
    }

    /// Until when it can be disputed: 7 days from the request, or from the confirmation.
    pub fn disputable_until(&self) -> Timestamp {
        let from = match self.0.state {
            ChangeState::Confirmed { at } => at,
            _ => self.0.requested_at,
        };
        from + DISPUTE_WINDOW
    }

    /// Whether the address in force is the one that this change brought, or left in force. A change that was
    /// asked for from a stolen account says nothing about the account that its owner has restored.
    fn is_about(&self, in_force: &EmailAddress) -> bool {
        let said = match self.0.state {
            ChangeState::Confirmed { .. } => &self.0.new,
            _ => &self.0.old,
        };
        said.key() == in_force.key()
    }

    fn check_disputable(&self, account: &Account, now: Timestamp) -> Result<(), ChangeRefusal> {
        let over = now >= self.disputable_until()
            || !guard!(DisputeOnce, !matches!(self.0.state, ChangeState::Reverted { .. }))
            || self.0.account != account.id()
            || !guard!(DisputeOfWhatIs, self.is_about(account.email()));
        if over { Err(ChangeRefusal::NotDisputable) } else { Ok(()) }
    }

    /// "This was not me", without any proof: a pending change is stopped, sensitive acts freeze. Gives the
    /// same again, without effect, when it was said before.
    pub fn dispute(
        mut self,
        account: Account,
        now: Timestamp,
    ) -> Result<(Self, Account), ChangeRefusal> {
        self.check_disputable(&account, now)?;
        if self.0.disputed_at.is_some() {
            return Ok((self, account));
        }
        self.0.disputed_at = Some(now);
        if self.is_unfinished() {
            self.0.state = ChangeState::Disputed { at: now };
        }
        Ok((self, account.freeze(now, DISPUTE_WINDOW)))
    }

    /// "This was not me", proved with a password of [`EmailChange::proofs`] (`proved`, from the hasher): the
    /// old address and a new password, whatever happened since (decision 2).
    pub fn revert(
        mut self,
        account: Account,
        proved: bool,
        password: PasswordHash,
        now: Timestamp,
    ) -> Result<(Self, Account), ChangeRefusal> {
        self.check_disputable(&account, now)?;
        if !guard!(DisputeProof, proved) {
            return Err(ChangeRefusal::NotDisputable);
        }
        self.0.disputed_at = self.0.disputed_at.or(Some(now));
        let account = account.restore(self.0.old.clone(), password, now);
        Ok((self.finish(ChangeState::Reverted { at: now }), account))
    }

    fn finish(mut self, state: ChangeState) -> Self {
        self.0.state = state;
        self
    }
}
