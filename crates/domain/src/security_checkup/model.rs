//! What the check-up says.

use crate::accounts::{Account, PasswordSetBy, Standing};
use crate::email_change::EmailChange;
use crate::reason::NextAction;
use crate::sessions::Session;
use crate::values::{SessionId, Span, Timestamp};

/// From one check-up to the next.
const EVERY: Span = Span::days(365);
/// How long a password that was set by mail is told of: as long as what it replaced proves a dispute.
const RECENT: Span = Span::days(7);

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nothing to do.
    Good,
    /// Worth a look.
    Recommended,
    /// To be done.
    Due,
}

impl State {
    /// The stable text form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Recommended => "recommended",
            Self::Due => "due",
        }
    }
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemCode {
    /// The password: since when, and whether the mailbox alone set it.
    Password,
    /// Whether the mailbox is proved.
    Mailbox,
    /// Whether sensitive acts are frozen.
    Freeze,
    /// Whether a change of address is pending.
    EmailChange,
    /// Where else somebody is signed in.
    Sessions,
}

impl ItemCode {
    /// Every one, in the order in which they are told.
    pub const ALL: [Self; 5] =
        [Self::Password, Self::Mailbox, Self::Freeze, Self::EmailChange, Self::Sessions];

    /// The stable text form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Mailbox => "mailbox",
            Self::Freeze => "freeze",
            Self::EmailChange => "email_change",
            Self::Sessions => "sessions",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// What.
    pub code: ItemCode,
    /// How it stands.
    pub state: State,
    /// Since when it is as it is, where that says something.
    pub since: Option<Timestamp>,
    /// How many, where it can be counted.
    pub count: Option<u32>,
    /// What to do about it; `None` when there is nothing to do.
    pub next_action: Option<NextAction>,
}

/// What an account holds that a check-up looks at.
#[derive(Clone, Copy, Debug)]
pub struct Holdings<'a> {
    /// The account.
    pub account: &'a Account,
    /// The session that asks.
    pub session: SessionId,
    /// Its live sessions, the one that asks among them.
    pub sessions: &'a [Session],
    /// Its change of address that is pending or undeliverable, if it is of the account's epoch.
    pub pending: Option<&'a EmailChange>,
}

/// The check-up of an account at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkup {
    /// One of each code, in their order.
    pub items: Vec<Item>,
    /// When the customer last said that it was done.
    pub done_at: Option<Timestamp>,
    /// From when on it is to be done (again).
    pub due_at: Timestamp,
    /// Whether that is now.
    pub is_due: bool,
}

impl Checkup {
    /// Looks at what an account holds.
    pub fn of(holdings: Holdings<'_>, now: Timestamp) -> Self {
        let record = holdings.account.record();
        let due_at = due_at(holdings.account);
        Self {
            items: vec![
                password(holdings.account, now),
                mailbox(holdings.account),
                freeze(holdings.account, now),
                email_change(holdings.pending),
                sessions(holdings),
            ],
            done_at: record.security_checked_at,
            due_at,
            is_due: now >= due_at,
        }
    }
}

/// After a recovery at once; otherwise a year after the last one, or after the account was made.
fn due_at(account: &Account) -> Timestamp {
    let record = account.record();
    let yearly = record.security_checked_at.unwrap_or(record.created_at) + EVERY;
    match record.recovered_at {
        Some(at) if record.security_checked_at.is_none_or(|checked| checked < at) => at.min(yearly),
        _ => yearly,
    }
}

const fn good(code: ItemCode, since: Option<Timestamp>) -> Item {
    Item { code, state: State::Good, since, count: None, next_action: None }
}

fn password(account: &Account, now: Timestamp) -> Item {
    let record = account.record();
    let item = good(ItemCode::Password, Some(record.password_set_at));
    let recent = now.since(record.password_set_at) < RECENT;
    match record.password_set_by {
        // Whoever reads the mailbox could have set it: the customer should know that it was they.
        PasswordSetBy::Mailbox if recent => Item {
            state: State::Recommended,
            next_action: Some(NextAction::ChangePassword),
            ..item
        },
        _ => item,
    }
}

fn mailbox(account: &Account) -> Item {
    match account.record().standing {
        Standing::Verified { at } => good(ItemCode::Mailbox, Some(at)),
        Standing::Unverified => Item {
            state: State::Due,
            next_action: Some(NextAction::ResendVerification),
            ..good(ItemCode::Mailbox, None)
        },
    }
}

fn freeze(account: &Account, now: Timestamp) -> Item {
    match account.frozen(now) {
        None => good(ItemCode::Freeze, None),
        Some(freeze) => Item {
            state: State::Due,
            next_action: Some(NextAction::ContactShop),
            ..good(ItemCode::Freeze, Some(freeze.since))
        },
    }
}

fn email_change(pending: Option<&EmailChange>) -> Item {
    match pending {
        None => good(ItemCode::EmailChange, None),
        Some(change) => Item {
            state: State::Recommended,
            next_action: Some(NextAction::ReviewEmailChange),
            ..good(ItemCode::EmailChange, Some(change.record().requested_at))
        },
    }
}

/// Sessions that began after the last check-up are news; those that were there then were looked at.
fn sessions(holdings: Holdings<'_>) -> Item {
    let checked = holdings.account.record().security_checked_at;
    let others = holdings.sessions.iter().filter(|session| session.id() != holdings.session);
    let started = others.clone().map(|session| session.record().started_at);
    let last = started.max();
    let item = Item { count: u32::try_from(others.count()).ok(), ..good(ItemCode::Sessions, last) };
    match last {
        Some(last) if checked.is_none_or(|checked| checked < last) => Item {
            state: State::Recommended,
            next_action: Some(NextAction::ReviewSessions),
            ..item
        },
        _ => item,
    }
}
