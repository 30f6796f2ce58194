//! Changes in a form that a test can write down whole.

use crate::accounts::Account;
use crate::audit::{Act, Actor};
use crate::changes::{Changes, Write};
use crate::letters::{
    Deed, Errand, Lease, Letter, LetterContent, LetterRecord, PostedErrand, PostedLetter,
};
use crate::links::{Link, LinkPurpose, LinkRecord};
use crate::ports::Vault;
use crate::values::{AccountId, EmailChangeId, SecretText, SessionId, Timestamp};

/// Changes, with what is random in letters and events left out. Compare it with [`told`].
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) writes: Vec<Write>,
    /// The session that must be alive when the commit happens (MN-13). Left out of the comparison, and of
    /// `writes`: `mn_13_whatever_a_session_asks_for_demands_that_it_is_alive` looks at all of them.
    pub(crate) demanded: Option<SessionId>,
    pub(crate) acts: Vec<(Act, Actor, Option<AccountId>)>,
    /// The kind of each letter and its receiver.
    pub(crate) letters: Vec<(String, String)>,
    /// The details of the first event.
    pub(crate) details: Vec<(&'static str, String)>,
    /// The letters, opened.
    pub(crate) opened: Vec<Letter>,
    /// What is to be found out before there is a letter.
    pub(crate) errands: Vec<PostedErrand>,
    /// The letters, as posted.
    pub(crate) posted: Vec<PostedLetter>,
}

/// What is expected to be told: that `actor` did `act` to `account`.
pub(crate) fn told(act: Act, actor: Actor, account: Option<AccountId>) -> Told {
    Told {
        writes: Vec::new(),
        demanded: None,
        acts: vec![(act, actor, account)],
        letters: Vec::new(),
        details: Vec::new(),
        opened: Vec::new(),
        errands: Vec::new(),
        posted: Vec::new(),
    }
}

/// What is expected of upkeep: nothing is told.
pub(crate) fn untold() -> Told {
    Told { acts: Vec::new(), ..told(Act::SignedIn, Actor::System, None) }
}

impl PartialEq for Told {
    fn eq(&self, other: &Self) -> bool {
        self.writes == other.writes && self.acts == other.acts && self.letters == other.letters
    }
}

impl Told {
    /// Reads changes, and checks what is to be true of all: an event tells neither address nor secret
    /// (MN-48), and every notice says when and where (security §3.5).
    pub(super) fn read(changes: &Changes, vault: &dyn Vault) -> Self {
        let (errands, letters): (Vec<_>, Vec<_>) =
            changes.letters.iter().partition(|letter| Errand::is_kind(&letter.kind));
        let opened: Vec<Letter> = letters.into_iter().map(|letter| open(letter, vault)).collect();
        let errands: Vec<PostedErrand> = errands
            .into_iter()
            .map(|posted| record(posted).open_errand(vault).expect("a posted errand opens"))
            .collect();
        for event in &changes.audit {
            let text = format!("{event:?}");
            assert!(!text.contains('@'), "an event tells an address: {text}");
            for secret in opened.iter().filter_map(|letter| secret_of(&letter.content)) {
                assert!(!text.contains(secret.expose()), "an event tells a secret: {text}");
            }
        }
        let mut writes = changes.writes.clone();
        let demanded = match writes.first() {
            Some(Write::DemandSession { session, .. }) => Some(*session),
            _ => None,
        };
        writes.drain(..usize::from(demanded.is_some()));
        Self {
            writes,
            demanded,
            acts: changes.audit.iter().map(|e| (e.act, e.actor, e.account)).collect(),
            letters: opened
                .iter()
                .map(|l| (l.content.kind().to_owned(), l.to.as_str().to_owned()))
                .collect(),
            details: changes
                .audit
                .first()
                .map(|event| event.details.clone().into_iter().collect())
                .unwrap_or_default(),
            opened,
            errands,
            posted: changes.letters.clone(),
        }
    }

    /// And this is written.
    pub(crate) fn write(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    /// And a letter of this kind goes to this address.
    pub(crate) fn letter(mut self, kind: &str, to: &str) -> Self {
        self.letters.push((kind.to_owned(), to.to_owned()));
        self
    }

    /// And this is told too.
    pub(crate) fn act(mut self, act: Act, actor: Actor, account: AccountId) -> Self {
        self.acts.push((act, actor, Some(account)));
        self
    }

    /// The secret that one of the letters carries for this purpose.
    pub(crate) fn secret(&self, purpose: LinkPurpose) -> SecretText {
        let prefix = format!("{}_", purpose.prefix());
        let mut secrets = self.opened.iter().filter_map(|letter| secret_of(&letter.content));
        let secret = secrets.find(|secret| secret.expose().starts_with(&prefix)).cloned();
        secret.unwrap_or_else(|| panic!("no letter carries a secret {prefix}…: {self:#?}"))
    }

    /// The write of the link that a letter carries: of this purpose, for this account, issued at `now`
    /// under the epoch that `account` has, whole.
    pub(crate) fn link(
        &self,
        purpose: LinkPurpose,
        account: &Account,
        email_change: Option<EmailChangeId>,
        now: Timestamp,
    ) -> Write {
        let secret = self.secret(purpose).hash();
        let id = self.writes.iter().find_map(|write| match write {
            Write::InsertLink(link) if link.record().secret == secret => Some(link.record().id),
            _ => None,
        });
        Write::InsertLink(Link::from_record(LinkRecord {
            id: id.unwrap_or_else(|| panic!("the {purpose:?} link is not written: {self:#?}")),
            secret,
            purpose,
            account: account.id(),
            email_change,
            epoch: account.epoch(),
            issued_at: now,
            expires_at: now + purpose.life(),
            redeemed_at: None,
        }))
    }
}

fn open(letter: &PostedLetter, vault: &dyn Vault) -> Letter {
    let opened = record(letter).open(vault).expect("a posted letter opens");
    assert_eq!(letter.kind, opened.content.kind());
    let content = serde_json::to_value(&opened.content).unwrap();
    if let Some(deed) = content.get("deed") {
        let deed: Deed = serde_json::from_value(deed.clone()).unwrap();
        assert_eq!(deed, super::visit().deed(letter.posted_at), "{}", letter.kind);
    }
    opened
}

/// A posted row as a lease gives it.
pub(crate) fn record(letter: &PostedLetter) -> LetterRecord {
    LetterRecord {
        lease: Lease { letter: letter.id, until: letter.posted_at },
        kind: letter.kind.clone(),
        account: letter.account,
        email_change: letter.email_change,
        posted_at: letter.posted_at,
        payload: letter.payload.clone(),
        attempts: 0,
    }
}

fn secret_of(content: &LetterContent) -> Option<&SecretText> {
    match content {
        LetterContent::Welcome { verify, .. } => verify.as_ref().map(|secret| &secret.0),
        LetterContent::VerifyAddress { verify, .. } => Some(&verify.0),
        LetterContent::ResetPassword { reset, .. } => Some(&reset.0),
        LetterContent::ConfirmEmailChange { confirm, .. } => Some(&confirm.0),
        LetterContent::ApproveEmailChange { approve, .. } => Some(&approve.0),
        LetterContent::EmailChangeRequested { dispute, .. }
        | LetterContent::EmailChangedOld { dispute, .. } => Some(&dispute.0),
        LetterContent::BindFactor { bind, .. } => Some(&bind.0),
        _ => None,
    }
}
