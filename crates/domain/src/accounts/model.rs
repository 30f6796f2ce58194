use thiserror::Error;

use crate::guards::guard;
use crate::values::{AccountId, EmailAddress, Locale, PasswordHash, PersonName, Span, Timestamp};

/// How often a stored record was written: an update is refused unless it was decided on the stored version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(i64);

impl Version {
    /// The version of a record that is stored for the first time.
    pub const FIRST: Self = Self(1);
    /// From a stored row.
    pub const fn from_stored(number: i64) -> Self {
        Self(number)
    }
    /// The number, for storing and for an `ETag`.
    pub const fn number(self) -> i64 {
        self.0
    }
    /// What an adapter stores when it writes a record of this version.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Part of every issued secret: when an account's epoch advances, everything older is dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecurityEpoch(i64);

impl SecurityEpoch {
    /// Before the first proof of the mailbox.
    pub const UNPROVED: Self = Self(0);
    /// From a stored row.
    pub const fn from_stored(number: i64) -> Self {
        Self(number)
    }
    /// The number, for storing.
    pub const fn number(self) -> i64 {
        self.0
    }
    const fn advanced(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Whether the mailbox was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Somebody typed the address; nobody has shown that it is theirs.
    Unverified,
    /// The mailbox was proved.
    Verified {
        /// When the address in force was proved.
        at: Timestamp,
    },
}

/// Which door the account came through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Origin {
    /// From the sign-in link.
    #[default]
    Direct,
    /// During a checkout.
    Checkout,
    /// From the pages after a checkout.
    PostCheckout,
}

/// Not a door that we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the origin is not one of: direct, checkout, post_checkout")]
pub struct UnknownOrigin;

impl Origin {
    /// Reads the stable text form.
    pub fn parse(text: &str) -> Result<Self, UnknownOrigin> {
        [Self::Direct, Self::Checkout, Self::PostCheckout]
            .into_iter()
            .find(|origin| origin.as_str() == text)
            .ok_or(UnknownOrigin)
    }
    /// The stable text form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Checkout => "checkout",
            Self::PostCheckout => "post_checkout",
        }
    }
}

/// Sensitive acts are stopped: somebody with an old mailbox said that a change was not theirs (decision 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Freeze {
    /// Since when.
    pub since: Timestamp,
    /// Until when, if nobody restores the account before.
    pub until: Timestamp,
}

/// What somebody had to have in order to set a password (decision 0019).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PasswordSetBy {
    /// What makes somebody the owner: the first proof of the mailbox, the password before it, or a mailbox that
    /// only an owner brought into force.
    #[default]
    Owner,
    /// The mailbox, which others may read as well: a reset by mail, or a password that descends from one.
    Mailbox,
}

impl PasswordSetBy {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Owner, Self::Mailbox];
    /// The stable text form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Mailbox => "mailbox",
        }
    }
}

/// A password that another replaced. For some days it still proves a dispute, so that a thief who changes the
/// password first, and the address then, has not shut the owner out (MN-29, decision 0009).
///
/// All of them are remembered, because nobody can tell the owner's last one from a thief's first. How many there
/// can be is limited by how often a password may change ([`crate::policy::Limits::password_changes`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReplacedPassword {
    /// Its hash.
    pub hash: PasswordHash,
    /// When another took its place.
    pub at: Timestamp,
    /// By what it had been set: one that the mailbox alone had set is forgotten at the next reset.
    pub set_by: PasswordSetBy,
}

/// How long a replaced password proves a dispute.
const REPLACED_COUNTS: Span = Span::days(7);

/// All that is stored of an account. Adapters read and write it; only [`Account`] decides on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each field is what its type says; the others have a line")]
pub struct AccountRecord {
    pub id: AccountId,
    /// The address in force: for sign-in, letters and recovery.
    pub email: EmailAddress,
    pub standing: Standing,
    pub password: PasswordHash,
    pub password_set_at: Timestamp,
    pub password_set_by: PasswordSetBy,
    /// Earlier passwords, the oldest first. Those that count no more may still be among them.
    pub replaced_passwords: Vec<ReplacedPassword>,
    pub name: Option<PersonName>,
    pub locale: Locale,
    pub origin: Origin,
    pub epoch: SecurityEpoch,
    pub freeze: Option<Freeze>,
    /// Since when a second factor is asked for, whichever; `None` while the password alone signs in.
    pub second_factor_at: Option<Timestamp>,
    /// When the account was last given back to somebody: by a reset of the password, by a proved dispute.
    pub recovered_at: Option<Timestamp>,
    /// When its customer last looked through what secures it.
    pub security_checked_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// The version that this record was read at.
    pub version: Version,
}

/// An account. Transitions consume it and give the account as it is after.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account(AccountRecord);

/// The account is verified: registering again changes nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the account is verified")]
pub struct AlreadyVerified;

impl Account {
    /// A new account, whose mailbox nobody has proved.
    pub fn register(
        id: AccountId,
        email: EmailAddress,
        password: PasswordHash,
        name: Option<PersonName>,
        locale: Locale,
        origin: Origin,
        now: Timestamp,
    ) -> Self {
        Self(AccountRecord {
            id,
            email,
            standing: Standing::Unverified,
            password,
            password_set_at: now,
            password_set_by: PasswordSetBy::Owner,
            replaced_passwords: Vec::new(),
            name,
            locale,
            origin,
            epoch: SecurityEpoch::UNPROVED,
            freeze: None,
            second_factor_at: None,
            recovered_at: None,
            security_checked_at: None,
            created_at: now,
            version: Version::FIRST,
        })
    }

    /// For adapters that read back what was stored.
    pub const fn from_record(record: AccountRecord) -> Self {
        Self(record)
    }

    /// All that is stored.
    pub const fn record(&self) -> &AccountRecord {
        &self.0
    }

    /// The id.
    pub const fn id(&self) -> AccountId {
        self.0.id
    }
    /// The address in force.
    pub const fn email(&self) -> &EmailAddress {
        &self.0.email
    }
    /// The hash in force.
    pub const fn password(&self) -> &PasswordHash {
        &self.0.password
    }
    /// The epoch that secrets are issued under now.
    pub const fn epoch(&self) -> SecurityEpoch {
        self.0.epoch
    }
    /// The language of letters.
    pub const fn locale(&self) -> Locale {
        self.0.locale
    }
    /// The version that it was read at.
    pub const fn version(&self) -> Version {
        self.0.version
    }
    /// Whether the mailbox was proved.
    pub const fn is_verified(&self) -> bool {
        matches!(self.0.standing, Standing::Verified { .. })
    }
    /// Whether signing in takes a second step.
    pub const fn has_second_factor(&self) -> bool {
        self.0.second_factor_at.is_some()
    }
    /// The freeze that holds at `now`.
    pub fn frozen(&self, now: Timestamp) -> Option<Freeze> {
        self.0.freeze.filter(|freeze| now < freeze.until)
    }
    /// Refuses sensitive acts while a freeze holds.
    pub fn demand_thawed(&self, now: Timestamp) -> Result<(), Freeze> {
        match self.frozen(now) {
            Some(freeze) if guard!(FrozenRefuses) => Err(freeze),
            _ => Ok(()),
        }
    }
    /// The proof that later steps ask for; `None` while the mailbox is unproved.
    pub fn verified(&self) -> Option<VerifiedAccount<'_>> {
        guard!(MailboxProvedBeforeChange, self.is_verified()).then_some(VerifiedAccount(self))
    }

    /// Registered again before anybody proved the mailbox: the last intent stands. Neither the epoch nor any
    /// link changes, so that a stranger who registers again and again kills nothing of the owner's (MN-7).
    pub fn restart(
        mut self,
        password: PasswordHash,
        name: Option<PersonName>,
        locale: Locale,
        origin: Origin,
        now: Timestamp,
    ) -> Result<Self, AlreadyVerified> {
        if !guard!(RestartOnlyUnverified, !self.is_verified()) {
            return Err(AlreadyVerified);
        }
        self.0.password = password;
        self.0.password_set_at = now;
        self.0.password_set_by = PasswordSetBy::Owner;
        self.0.name = name;
        self.0.locale = locale;
        self.0.origin = origin;
        Ok(self)
    }

    /// The first proof of the mailbox. The password in force is the one that the *prover* typed, whoever
    /// registered, and everything issued before is dead (MN-2 to MN-4).
    pub fn prove_mailbox(
        self,
        password: PasswordHash,
        now: Timestamp,
    ) -> Result<Self, AlreadyVerified> {
        if self.is_verified() { Err(AlreadyVerified) } else { Ok(self.proved(password, now)) }
    }

    fn proved(mut self, password: PasswordHash, now: Timestamp) -> Self {
        self.0.standing = Standing::Verified { at: now };
        if guard!(ProofForgetsReplaced) {
            self.0.replaced_passwords.clear();
        }
        if guard!(ProverSetsPassword) {
            self.0.password = password;
            self.0.password_set_at = now;
            self.0.password_set_by = PasswordSetBy::Owner;
        }
        if guard!(ProofAdvancesEpoch) {
            self.0.epoch = self.0.epoch.advanced();
        }
        self
    }

    /// The passwords that were replaced a short time ago and count still, the oldest first.
    pub fn replaced_passwords(&self, now: Timestamp) -> impl Iterator<Item = &ReplacedPassword> {
        self.0.replaced_passwords.iter().filter(move |old| now < old.at + REPLACED_COUNTS)
    }

    /// Another password, by whoever proved the one before, which is remembered; everything issued before is
    /// dead, once there is an owner to protect. What the mailbox alone had set stays marked as such: whoever
    /// changes it need not be the owner either.
    pub fn change_password(mut self, password: PasswordHash, now: Timestamp) -> Self {
        let replaced = std::mem::replace(&mut self.0.password, password);
        self.0.replaced_passwords.retain(|old| now < old.at + REPLACED_COUNTS);
        let set_by = self.0.password_set_by;
        if guard!(ReplacedRemembered) {
            self.0.replaced_passwords.push(ReplacedPassword { hash: replaced, at: now, set_by });
        }
        self.0.password_set_by = if guard!(DescentStays) { set_by } else { PasswordSetBy::Owner };
        self.0.password_set_at = now;
        if guard!(UnprovedEpochStays, self.is_verified()) && guard!(PasswordAdvancesEpoch) {
            self.0.epoch = self.0.epoch.advanced();
        }
        self
    }

    /// Another password, by whoever reads the mailbox in force (R-102, MN-18). Everything issued before is dead.
    /// A freeze stays as it is, and so does every dispute: the mailbox in force may be the thief's.
    ///
    /// The password before is remembered like every other that was replaced, unless the mailbox alone had set
    /// it; those of the days before that it had set are forgotten. A thief who reads the mailbox has then no
    /// password that could undo the change by which the owner leaves it (decision 0019).
    ///
    /// For an account that nobody has proved it is the first proof of the mailbox.
    pub fn reset_password(mut self, password: PasswordHash, now: Timestamp) -> Self {
        if !self.is_verified() {
            let mut proved = self.proved(password, now);
            proved.0.recovered_at = Some(now);
            return proved;
        }
        let hash = std::mem::replace(&mut self.0.password, password);
        let set_by = self.0.password_set_by;
        if guard!(ResetRemembers) {
            self.0.replaced_passwords.push(ReplacedPassword { hash, at: now, set_by });
        }
        self.0.replaced_passwords.retain(|old| {
            now < old.at + REPLACED_COUNTS
                && guard!(MailboxSetForgotten, old.set_by == PasswordSetBy::Owner)
        });
        self.0.password_set_at = now;
        self.0.password_set_by = PasswordSetBy::Mailbox;
        self.0.recovered_at = Some(now);
        if guard!(ResetAdvancesEpoch) {
            self.0.epoch = self.0.epoch.advanced();
        }
        self
    }

    /// Its customer looked through what secures it.
    pub fn security_checked(mut self, now: Timestamp) -> Self {
        self.0.security_checked_at = Some(now);
        self
    }

    /// The same password under today's parameters: nothing else changes.
    pub fn rehash(mut self, password: PasswordHash) -> Self {
        self.0.password = password;
        self
    }

    /// Another name, or none.
    pub fn rename(mut self, name: Option<PersonName>) -> Self {
        self.0.name = name;
        self
    }

    /// Another language.
    pub fn speak(mut self, locale: Locale) -> Self {
        self.0.locale = locale;
        self
    }

    /// The new mailbox was proved: it is the address in force, and everything issued before is dead (CS-27).
    /// Whoever only read the mailbox of before has no part in the password any more: its mover proved it.
    pub fn move_to(mut self, email: EmailAddress, now: Timestamp) -> Self {
        self.0.email = email;
        self.0.password_set_by = PasswordSetBy::Owner;
        self.0.standing = Standing::Verified { at: now };
        if guard!(MoveAdvancesEpoch) {
            self.0.epoch = self.0.epoch.advanced();
        }
        self
    }

    /// A second factor was bound, or backup codes issued: everything issued before is dead (MN-14b).
    pub fn bind_factor(mut self, now: Timestamp) -> Self {
        self.0.second_factor_at = self.0.second_factor_at.or(Some(now));
        self.0.epoch = self.0.epoch.advanced();
        self
    }

    /// A second factor was removed; whether another `remains`. Everything issued before is dead (MN-14b).
    pub fn release_factor(mut self, remains: bool) -> Self {
        if !remains {
            self.0.second_factor_at = None;
        }
        self.0.epoch = self.0.epoch.advanced();
        self
    }

    /// "This was not me": sensitive acts stop for `how_long`, everything issued before is dead.
    pub fn freeze(mut self, now: Timestamp, how_long: Span) -> Self {
        if guard!(DisputeFreezes) {
            self.0.freeze = Some(Freeze { since: now, until: now + how_long });
        }
        if guard!(FreezeAdvancesEpoch) {
            self.0.epoch = self.0.epoch.advanced();
        }
        self
    }

    /// The owner proved a change to be a theft: the address as it was, a password that the thief does not
    /// know, no freeze, everything issued before dead (decision 2). The password counts as set with the mailbox:
    /// a thief who reads it may have disputed a change of the thief's own.
    pub fn restore(mut self, email: EmailAddress, password: PasswordHash, now: Timestamp) -> Self {
        self.0.email = email;
        self.0.password = password;
        self.0.password_set_at = now;
        self.0.password_set_by =
            if guard!(RestoreIsByMailbox) { PasswordSetBy::Mailbox } else { PasswordSetBy::Owner };
        self.0.replaced_passwords.clear();
        self.0.recovered_at = Some(now);
        self.0.freeze = None;
        self.0.epoch = self.0.epoch.advanced();
        self
    }
}

/// Proof that an account's mailbox was proved. Only [`Account::verified`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedAccount<'a>(&'a Account);

impl<'a> VerifiedAccount<'a> {
    /// The account.
    pub const fn account(self) -> &'a Account {
        self.0
    }
}
