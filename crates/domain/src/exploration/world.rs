//! The small world: one account at stake, an owner, a thief, a clock with four hands.

use std::sync::atomic::{AtomicU64, Ordering};

use stateright::{Model, Property};

use super::acts::{self, Act, Decision};
use super::properties;
use crate::accounts::{Account, Origin, PasswordSetBy, ReplacedPassword};
use crate::email_change::{EmailChange, OldMailbox};
use crate::guards::{Guard, removal};
use crate::links::Link;
use crate::ports::Entropy;
use crate::sessions::{Session, SessionPolicy};
use crate::values::{
    AccountId, EmailAddress, Locale, PasswordHash, SecretHash, Span, Timestamp, mint,
};

/// What the thief has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scenario {
    /// C7: registers the owner's address before the owner does.
    Squatter,
    /// C7, and the owner answers by a reset.
    Claimed,
    /// C3: knows the password of a verified account.
    Password,
    /// C3, and the owner changed the password almost a week ago.
    Rotated,
    /// C3 where the shop asks the old mailbox too.
    Asked,
    /// C3 with three acts: where rows of the matrix are explored to the end.
    Brief,
    /// C4: may copy the owner's session, once.
    Session,
    /// C1, C2: reads the owner's first mailbox, which the owner may leave. Nobody resets the password: this is what
    /// the other letters are worth.
    Mailbox,
    /// C1, C2: the same, with resets by whoever reads the mailbox in force. Its reader has the account, by design,
    /// as long as there is no second factor; but the owner can flee, and cannot be brought back.
    Reset,
    /// C3 or C4, and the owner resets the password: the thief is out.
    Evicted,
    /// C3 and C14: knows the password, and commits what was decided on a state that has passed.
    Late,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    Owner,
    Thief,
}

/// The mailboxes of the world. Who reads them does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mailbox {
    /// The owner's, and the thief's with C1.
    First,
    /// The owner's only.
    Second,
    /// The thief's.
    Thiefs,
    /// Nobody's: a typing mistake, or a name that a thief made up.
    Nobodys,
}

impl Mailbox {
    pub(super) fn address(self) -> EmailAddress {
        EmailAddress::parse(match self {
            Self::First => "owner@first.example",
            Self::Second => "owner@second.example",
            Self::Thiefs => "thief@third.example",
            Self::Nobodys => "nobody@fourth.example",
        })
        .unwrap()
    }
    pub(super) fn of(address: &EmailAddress) -> Self {
        [Self::First, Self::Second, Self::Thiefs, Self::Nobodys]
            .into_iter()
            .find(|mailbox| mailbox.address() == *address)
            .unwrap()
    }
    pub(super) fn is_read_by(self, who: Who, scenario: Scenario) -> bool {
        match self {
            Self::First => {
                who == Who::Owner || matches!(scenario, Scenario::Mailbox | Scenario::Reset)
            }
            Self::Second => who == Who::Owner,
            Self::Thiefs => who == Who::Thief,
            Self::Nobodys => false,
        }
    }
}

/// A link on its way: the secret is known to whoever reads the mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct SentLink {
    pub(super) link: Link,
    pub(super) mailbox: Mailbox,
}

/// What must never have happened. Set when it happens; the properties read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Seen {
    pub(super) unproved_address: bool,
    pub(super) expired_link: bool,
    pub(super) spent_link: bool,
    pub(super) finished_change: bool,
    pub(super) stale_proof: bool,
    pub(super) unverified_change: bool,
    pub(super) frozen_act: bool,
    pub(super) window_ignored: bool,
    pub(super) worn_session: bool,
    pub(super) ended_session: bool,
    pub(super) stranger: bool,
    pub(super) restarted: bool,
    pub(super) stale_decision: bool,
    pub(super) taken_twice: bool,
    pub(super) evicted_act: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) hand: usize,
    pub(super) renewals: usize,
    /// How many more acts each may do.
    pub(super) left: [u8; 2],
    pub(super) account: Option<Account>,
    pub(super) sessions: Vec<(Session, Who)>,
    /// The secret that the thief copied, and whether it was fresh then.
    pub(super) copied: Option<(SecretHash, bool)>,
    pub(super) links: Vec<SentLink>,
    pub(super) changes: Vec<EmailChange>,
    /// What the thief decided on and did not commit yet (C14).
    pub(super) held: Option<Box<Decision>>,
    /// When the owner said "this was not me" and did not restore since.
    pub(super) disputed: Option<Timestamp>,
    /// The owner restored the account.
    pub(super) restored: bool,
    /// The owner left the mailbox that the thief reads, and did not come back.
    pub(super) fled: bool,
    /// When the owner first had the password set by mail: that one is no proof against the same mailbox.
    pub(super) reset_at: Option<Timestamp>,
    /// Since when the password in force is the thief's.
    pub(super) password_lost_at: Option<Timestamp>,
    /// The owner did what throws every thief out, and the thief copied nothing since.
    pub(super) evicted: bool,
    pub(super) seen: Seen,
}

/// The hands of the clock: now; past the freshness of a proof; past the life of a link; past the window.
pub(super) const HANDS: [Span; 4] =
    [Span::from_millis(0), Span::minutes(6), Span::hours(49), Span::days(8)];

/// What a reader of the mailbox in force has done already: nothing; reset the password and signed in; changed it
/// then; or asked for a change of address and disputed it.
const BEGINNINGS: [&[Act]; 4] = [
    &[],
    &[Act::AskReset, Act::Reset(Who::Thief, 0), Act::SignIn(Who::Thief)],
    &[
        Act::AskReset,
        Act::Reset(Who::Thief, 0),
        Act::SignIn(Who::Thief),
        Act::ChangePassword(Who::Thief, 0),
    ],
    &[
        Act::AskReset,
        Act::Reset(Who::Thief, 0),
        Act::SignIn(Who::Thief),
        Act::Request(Who::Thief, 0, Mailbox::Thiefs),
        Act::Restore(Who::Thief, 2),
    ],
];

/// Passwords by name: comparing hashes is comparing names.
pub(super) const OWNERS: &str = "owner-1";
pub(super) const OWNERS_NEW: &str = "owner-2";
pub(super) const THIEFS: [&str; 2] = ["thief-1", "thief-2"];

pub(super) fn hash(name: &str) -> PasswordHash {
    PasswordHash::from_phc(name.to_owned())
}

impl State {
    pub(super) fn now(&self) -> Timestamp {
        start() + HANDS[self.hand]
    }
    pub(super) fn policy() -> SessionPolicy {
        SessionPolicy::default()
    }
    pub(super) fn old_mailbox(scenario: Scenario) -> OldMailbox {
        if scenario == Scenario::Asked { OldMailbox::Confirm } else { OldMailbox::Notify }
    }
    /// Whether the account is not there at the beginning.
    pub(super) const fn is_claim(scenario: Scenario) -> bool {
        matches!(scenario, Scenario::Squatter | Scenario::Claimed)
    }
    /// Whether a password is known to somebody.
    pub(super) fn knows(scenario: Scenario, who: Who, password: &PasswordHash) -> bool {
        let leaked = matches!(
            scenario,
            Scenario::Password
                | Scenario::Rotated
                | Scenario::Asked
                | Scenario::Brief
                | Scenario::Evicted
                | Scenario::Late
        );
        match who {
            Who::Owner => [OWNERS, OWNERS_NEW].contains(&password.as_phc()),
            Who::Thief => {
                THIEFS.contains(&password.as_phc()) || (leaked && password.as_phc() == OWNERS)
            }
        }
    }
}

/// Gives another number each time.
pub(super) struct Numbers(pub(super) AtomicU64);
impl Entropy for Numbers {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        bytes.fill(0);
        for (byte, of) in bytes.iter_mut().zip(number.to_be_bytes().iter().rev()) {
            *byte = *of;
        }
    }
}

pub(super) fn start() -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000)
}

pub(super) struct World {
    pub(super) scenario: Scenario,
    pub(super) removed: Vec<Guard>,
}

impl World {
    /// The account of the owner as it stands at the beginning.
    fn verified() -> Account {
        let id: AccountId = mint(&Numbers(AtomicU64::new(1 << 40)), start());
        Account::register(
            id,
            Mailbox::First.address(),
            hash(OWNERS),
            None,
            Locale::En,
            Origin::Direct,
            start(),
        )
        .prove_mailbox(hash(OWNERS), start())
        .unwrap()
    }
}

impl World {
    /// The same, with a password before that stops counting while the thief is at work.
    fn rotated() -> Account {
        let mut record = Self::verified().record().clone();
        let at = start() - Span::days(7) + Span::minutes(1);
        record.replaced_passwords =
            vec![ReplacedPassword { hash: hash("owner-0"), at, set_by: PasswordSetBy::Owner }];
        Account::from_record(record)
    }
}

impl Model for World {
    type State = State;
    type Action = Act;

    fn init_states(&self) -> Vec<State> {
        let left = match self.scenario {
            Scenario::Squatter | Scenario::Late => [2, 4],
            Scenario::Password => [1, 6],
            Scenario::Claimed | Scenario::Brief => [2, 3],
            Scenario::Asked | Scenario::Rotated => [1, 5],
            Scenario::Session => [3, 3],
            Scenario::Mailbox => [5, 2],
            Scenario::Reset => [4, 2],
            Scenario::Evicted => [2, 2],
        };
        let start = State {
            hand: 0,
            renewals: 0,
            left,
            account: match self.scenario {
                Scenario::Squatter | Scenario::Claimed => None,
                Scenario::Rotated => Some(Self::rotated()),
                _ => Some(Self::verified()),
            },
            sessions: Vec::new(),
            copied: None,
            links: Vec::new(),
            changes: Vec::new(),
            held: None,
            disputed: None,
            restored: false,
            fled: false,
            reset_at: None,
            password_lost_at: None,
            evicted: false,
            seen: Seen::default(),
        };
        let beginnings =
            if self.scenario == Scenario::Reset { &BEGINNINGS[..] } else { &[&[][..]] };
        let begin = |acts: &&[Act]| {
            let mut state = State { left: [9, 9], ..start.clone() };
            for act in *acts {
                state = acts::perform(self.scenario, &state, act.clone()).expect("a thief can");
            }
            State { left, ..state }
        };
        removal::without(&self.removed, || beginnings.iter().map(begin).collect())
    }

    fn actions(&self, state: &State, into: &mut Vec<Act>) {
        removal::without(&self.removed, || acts::offer(self.scenario, state, into));
    }

    fn next_state(&self, state: &State, act: Act) -> Option<State> {
        removal::without(&self.removed, || acts::perform(self.scenario, state, act))
            .filter(|next| next != state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
