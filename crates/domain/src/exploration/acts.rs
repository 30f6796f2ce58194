//! What owner and thief can do: each act decides by the models, as the services do, and commits.

use std::sync::atomic::AtomicU64;

use super::world::{
    Mailbox, Numbers, OWNERS, OWNERS_NEW, Scenario, Seen, SentLink, State, THIEFS, Who, hash,
};
use crate::accounts::{Account, Origin, Version};
use crate::contacts::{Target, judge_target};
use crate::email_change::{ChangeState, EmailChange, OwnerProof};
use crate::guards::guard;
use crate::links::{Link, LinkPurpose};
use crate::sessions::{Carrier, EndReason, Ended, LiveSession, Session, SessionProof};
use crate::values::{EmailChangeId, Locale, PasswordHash, Source, Span, Timestamp, mint};

/// By what a confirmation is made the owner's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum How {
    Session(usize),
    Password,
    /// A session of an account of the thief's own.
    Foreign,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Act {
    Tick,
    Register(Who),
    Verify(Who, usize),
    SignIn(Who),
    ProveAgain(Who, usize),
    SignOut(usize),
    ChangePassword(Who, usize),
    Request(Who, usize, Mailbox),
    Confirm(Who, usize, usize, How),
    Approve(Who, usize, usize),
    Dispute(Who, usize),
    Restore(Who, usize),
    /// Somebody asks for a reset, whoever it is; the letter goes to the mailbox in force.
    AskReset,
    /// Whoever reads it sets another password.
    Reset(Who, usize),
    /// C4: the thief copies the secret of a session as it is.
    Copy(usize),
    /// The thief's own account asks for the owner's address, whose mailbox the thief reads.
    Intrude,
    /// C14: decide now, commit later.
    Hold(Box<Self>),
    Release,
}

#[expect(clippy::option_option, reason = "whether something is said, and what")]
/// What an act decided: the model of [`crate::changes::Changes`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Decision {
    based_on: Option<Version>,
    account: Option<Account>,
    changes: Vec<(usize, EmailChange)>,
    new_change: Option<EmailChange>,
    redeem: Option<usize>,
    new_links: Vec<SentLink>,
    new_session: Option<(Session, Who)>,
    renewed: Option<(usize, Session)>,
    /// Which sessions end: all but one, if one is named.
    end: Option<Option<usize>>,
    seen: Seen,
    disputed: Option<Option<Timestamp>>,
    restores: bool,
    evicts: bool,
    /// Whether the owner is away from the mailbox that the thief reads.
    fled: Option<bool>,
    resets: bool,
}

pub(super) fn offer(scenario: Scenario, state: &State, into: &mut Vec<Act>) {
    // Time makes no difference to who comes back from where, and the world without it is small.
    if state.hand + 1 < super::world::HANDS.len() && scenario != Scenario::Reset {
        into.push(Act::Tick);
    }
    if state.held.is_some() {
        into.push(Act::Release);
    }
    let asked = state.links.iter().filter(|sent| is_reset(sent)).count();
    let most = if scenario == Scenario::Reset { 3 } else { 1 };
    if resets(scenario) && state.account.is_some() && asked < most && !has_reset_link(state) {
        into.push(Act::AskReset);
    }
    for who in [Who::Owner, Who::Thief] {
        if state.left[who as usize] == 0 {
            continue;
        }
        let mut acts = Vec::new();
        offer_to(scenario, state, who, &mut acts);
        if scenario == Scenario::Late && who == Who::Thief && state.held.is_none() {
            let held = acts.iter().filter(|act| matches!(act, Act::Confirm(..) | Act::Request(..)));
            into.extend(held.cloned().map(|act| Act::Hold(Box::new(act))));
        }
        into.append(&mut acts);
    }
}

fn resets(scenario: Scenario) -> bool {
    matches!(scenario, Scenario::Claimed | Scenario::Reset | Scenario::Evicted)
}

fn is_reset(sent: &SentLink) -> bool {
    sent.link.record().purpose == LinkPurpose::ResetPassword
}

/// Whether a letter with a link that works is in the mailbox in force: another one would do nothing that this one
/// does not.
fn has_reset_link(state: &State) -> bool {
    let Some(account) = &state.account else { return false };
    let opens = |sent: &SentLink| {
        sent.mailbox.address() == *account.email()
            && sent.link.check(LinkPurpose::ResetPassword, account, state.now()).is_ok()
    };
    state.links.iter().any(opens)
}

fn offer_to(scenario: Scenario, state: &State, who: Who, into: &mut Vec<Act>) {
    let Some(account) = &state.account else {
        into.push(Act::Register(who));
        return;
    };
    if State::is_claim(scenario) {
        into.push(Act::Register(who));
    }
    let mine: Vec<_> = (0..state.sessions.len()).filter(|i| usable(state, who, *i)).collect();
    // A second session would do nothing that the first does not.
    if mine.is_empty() && State::knows(scenario, who, account.password()) {
        into.push(Act::SignIn(who));
    }
    for &session in &mine {
        let worn =
            state.sessions[session].0.fresh_proof(account, &State::policy(), state.now()).is_none();
        if State::knows(scenario, who, account.password()) {
            into.extend(worn.then_some(Act::ProveAgain(who, session)));
            into.push(Act::ChangePassword(who, session));
        }
        // An owner who changes the address matters where somebody reads a mailbox or has a session.
        let targets: &[Mailbox] = match (who, scenario) {
            (Who::Owner, Scenario::Session | Scenario::Reset) => &[Mailbox::Second],
            (Who::Owner, Scenario::Mailbox) => &[Mailbox::First, Mailbox::Second, Mailbox::Nobodys],
            (Who::Owner, _) => &[],
            (Who::Thief, Scenario::Reset | Scenario::Evicted) => &[Mailbox::Thiefs],
            (Who::Thief, _) => &[Mailbox::Thiefs, Mailbox::Nobodys],
        };
        for target in targets {
            if target.address() != *account.email() && state.changes.len() < 2 {
                into.push(Act::Request(who, session, *target));
            }
        }
        if who == Who::Owner && scenario == Scenario::Session {
            into.push(Act::SignOut(session));
        }
    }
    for (i, sent) in state.links.iter().enumerate() {
        if !sent.mailbox.is_read_by(who, scenario) {
            continue;
        }
        if resets(scenario) && (is_reset(sent) || scenario == Scenario::Evicted) {
            into.push(Act::Reset(who, i));
        }
        if is_reset(sent) && !State::is_claim(scenario) {
            continue;
        }
        if State::is_claim(scenario) {
            into.push(Act::Verify(who, i));
            continue;
        }
        for change in 0..state.changes.len() {
            into.extend(mine.iter().map(|s| Act::Confirm(who, i, change, How::Session(*s))));
            if State::knows(scenario, who, account.password()) {
                into.push(Act::Confirm(who, i, change, How::Password));
            }
            if who == Who::Thief && scenario != Scenario::Reset {
                into.push(Act::Confirm(who, i, change, How::Foreign));
            }
        }
        // The owner agrees to nothing that the owner did not ask for.
        if scenario == Scenario::Asked && who == Who::Thief {
            into.extend((0..state.changes.len()).map(|change| Act::Approve(who, i, change)));
        }
        into.push(Act::Dispute(who, i));
        into.push(Act::Restore(who, i));
    }
    if scenario == Scenario::Session && who == Who::Thief && state.copied.is_none() {
        into.extend((0..state.sessions.len()).map(Act::Copy));
    }
    if scenario == Scenario::Mailbox && who == Who::Thief {
        into.push(Act::Intrude);
    }
}

/// Whether somebody holds the session's present secret and the session is good.
pub(super) fn usable(state: &State, who: Who, index: usize) -> bool {
    let (session, holder) = &state.sessions[index];
    let copied = state.copied.is_some_and(|(secret, _)| secret == session.record().secret);
    (*holder == who || (who == Who::Thief && copied))
        && state
            .account
            .as_ref()
            .is_some_and(|account| session.check(account, &State::policy(), state.now()).is_ok())
}

pub(super) fn perform(scenario: Scenario, state: &State, act: Act) -> Option<State> {
    let mut next = state.clone();
    match act {
        Act::Tick => next.hand += 1,
        Act::Release => {
            let held = next.held.take()?;
            commit(&mut next, *held);
        }
        Act::Hold(act) => {
            let decision = decide(scenario, state, &act)?;
            spend(&mut next, Who::Thief)?;
            next.held = Some(Box::new(decision));
        }
        Act::Copy(index) => {
            spend(&mut next, Who::Thief)?;
            let record = state.sessions[index].0.record();
            let account = state.account.as_ref()?;
            let session = &state.sessions[index].0;
            let fresh = session.fresh_proof(account, &State::policy(), state.now());
            next.copied = Some((record.secret, fresh.is_some()));
            next.evicted = false;
        }
        Act::AskReset => {
            let decision = decide(scenario, state, &act)?;
            commit(&mut next, decision);
        }
        act => {
            let decision = decide(scenario, state, &act)?;
            spend(&mut next, who(&act))?;
            commit(&mut next, decision);
        }
    }
    Some(next)
}

fn who(act: &Act) -> Who {
    match act {
        Act::Register(who)
        | Act::Verify(who, _)
        | Act::SignIn(who)
        | Act::ProveAgain(who, _)
        | Act::ChangePassword(who, _)
        | Act::Request(who, ..)
        | Act::Confirm(who, ..)
        | Act::Approve(who, ..)
        | Act::Dispute(who, _)
        | Act::Reset(who, _)
        | Act::Restore(who, _) => *who,
        Act::SignOut(_) => Who::Owner,
        Act::Tick | Act::AskReset | Act::Copy(_) | Act::Intrude | Act::Hold(_) | Act::Release => {
            Who::Thief
        }
    }
}

fn spend(state: &mut State, who: Who) -> Option<()> {
    let left = &mut state.left[who as usize];
    *left = left.checked_sub(1)?;
    Some(())
}

pub(super) fn decide(scenario: Scenario, state: &State, act: &Act) -> Option<Decision> {
    // Numbers by what there is, not by the way here: states that differ in nothing else are one.
    let count = state.sessions.len() + 16 * state.links.len() + 256 * state.renewals;
    let entropy = Numbers(AtomicU64::new(1_000 * count as u64));
    let now = state.now();
    let mut decided =
        Decision { based_on: state.account.as_ref().map(Account::version), ..Decision::default() };
    match act {
        Act::Register(who) => {
            let password = hash(if *who == Who::Owner { OWNERS } else { THIEFS[0] });
            let account = match state.account.clone() {
                None => Account::register(
                    mint(&entropy, now),
                    Mailbox::First.address(),
                    password,
                    None,
                    Locale::En,
                    Origin::Direct,
                    now,
                ),
                Some(account) => {
                    decided.seen.restarted = account.is_verified();
                    decided.end = Some(None);
                    account.restart(password, None, Locale::En, Origin::Direct, now).ok()?
                }
            };
            let (link, _) = Link::issue(LinkPurpose::VerifyAddress, &account, None, &entropy, now);
            decided.new_links.push(SentLink { link, mailbox: Mailbox::First });
            decided.account = Some(account);
        }
        Act::Verify(who, index) => {
            let account = state.account.clone()?;
            open(state, &mut decided, *index, LinkPurpose::VerifyAddress, &account)?;
            let password = hash(if *who == Who::Owner { OWNERS } else { THIEFS[0] });
            decided.account = Some(account.prove_mailbox(password, now).ok()?);
            decided.redeem = Some(*index);
            decided.end = Some(None);
            decided.evicts = *who == Who::Owner;
        }
        Act::SignIn(who) => {
            let account = state.account.as_ref()?;
            let (session, _) = Session::start(
                account,
                Carrier::Cookie,
                String::new(),
                Source::INTERNAL,
                &entropy,
                now,
            );
            decided.new_session = Some((session, *who));
        }
        Act::ProveAgain(who, index) => {
            let session = used(state, &mut decided, *who, *index)?;
            let (session, _) =
                session.renew(state.account.as_ref()?, SessionProof::Password, &entropy, now);
            decided.renewed = Some((*index, session));
        }
        Act::SignOut(index) => {
            used(state, &mut decided, Who::Owner, *index)?;
            let mut record = state.sessions[*index].0.record().clone();
            record.ended = Some(Ended { at: now, why: EndReason::SignedOut });
            decided.renewed = Some((*index, Session::from_record(record)));
        }
        Act::ChangePassword(who, index) => {
            let session = used(state, &mut decided, *who, *index)?;
            let account = state.account.clone()?;
            account.demand_thawed(now).ok()?;
            decided.seen.frozen_act = is_disputed(state);
            let account = account.change_password(next_password(*who, state), now);
            let (session, _) = session.renew(&account, SessionProof::Password, &entropy, now);
            decided.renewed = Some((*index, session));
            decided.end = Some(Some(*index));
            decided.evicts = *who == Who::Owner;
            for (i, change) in unfinished(state) {
                decided.changes.push((i, change.cancel(now).ok()?));
            }
            decided.account = Some(account);
        }
        Act::Request(who, index, target) => {
            let session = used(state, &mut decided, *who, *index)?;
            let account = state.account.clone()?;
            account.demand_thawed(now).ok()?;
            let proof = session.fresh_proof(&account, &State::policy(), now)?;
            let owner = account.verified()?;
            let asked = State::old_mailbox(scenario);
            let earlier = state
                .changes
                .iter()
                .rfind(|change| matches!(change.record().state, ChangeState::Confirmed { .. }));
            let change =
                EmailChange::request(owner, proof, target.address(), asked, earlier, &entropy, now)
                    .ok()?;
            decided.seen.stale_proof = now.since(session.record().proved_at) >= Span::minutes(5);
            decided.seen.unverified_change = !account.is_verified();
            decided.seen.frozen_act = is_disputed(state);
            decided.seen.window_ignored =
                earlier.is_some_and(|earlier| now < earlier.disputable_until());
            for (i, older) in unfinished(state) {
                decided.changes.push((i, older.supersede(now).ok()?));
            }
            let id = Some(change.id());
            let mut send = |purpose, mailbox| {
                let (link, _) = Link::issue(purpose, &account, id, &entropy, now);
                decided.new_links.push(SentLink { link, mailbox });
            };
            send(LinkPurpose::ConfirmEmailChange, *target);
            send(LinkPurpose::DisputeEmailChange, Mailbox::of(account.email()));
            if scenario == Scenario::Asked {
                send(LinkPurpose::ApproveEmailChange, Mailbox::of(account.email()));
            }
            decided.new_change = Some(change);
            decided.account = Some(account.clone());
        }
        Act::Confirm(who, index, change, how) => {
            let account = state.account.clone()?;
            let sent =
                open(state, &mut decided, *index, LinkPurpose::ConfirmEmailChange, &account)?;
            let proof = match how {
                How::Session(session) => {
                    let session = used(state, &mut decided, *who, *session)?;
                    OwnerProof::by_session(&LiveSession { session, account: account.clone() })
                }
                How::Password => OwnerProof::by_password(&account),
                How::Foreign => {
                    decided.seen.stranger = true;
                    OwnerProof::by_password(&thiefs_own())
                }
            };
            account.demand_thawed(now).ok()?;
            let before = state.changes[*change].clone();
            decided.seen.frozen_act = is_disputed(state);
            decided.seen.evicted_act = before.record().epoch != account.epoch();
            decided.seen.finished_change = !before.is_unfinished();
            let old = Mailbox::of(account.email());
            let asked = State::old_mailbox(scenario);
            let (after, account) =
                before.confirm(account, proof, sent.link.record(), asked, now).ok()?;
            decided.seen.unproved_address = sent.mailbox.address() != *account.email();
            let purpose = LinkPurpose::DisputeEmailChange;
            let (link, _) = Link::issue(purpose, &account, Some(after.id()), &entropy, now);
            decided.new_links.push(SentLink { link, mailbox: old });
            decided.changes.push((*change, after));
            decided.account = Some(account);
            decided.redeem = Some(*index);
            decided.end = Some(None);
            decided.evicts = *who == Who::Owner;
            decided.fled = (*who == Who::Owner).then_some(true);
        }
        Act::Approve(_, index, change) => {
            let account = state.account.clone()?;
            let sent =
                open(state, &mut decided, *index, LinkPurpose::ApproveEmailChange, &account)?;
            account.demand_thawed(now).ok()?;
            let before = state.changes[*change].clone();
            let after = before.approve(&account, sent.link.record(), now).ok()?;
            decided.changes.push((*change, after));
            decided.redeem = Some(*index);
        }
        Act::Dispute(who, index) => {
            let (change, account) = disputed(state, &mut decided, *index)?;
            let (after, account) = state.changes[change].clone().dispute(account, now).ok()?;
            if after == state.changes[change] {
                return None;
            }
            for (i, other) in unfinished(state).into_iter().filter(|(i, _)| *i != change) {
                decided.changes.push((i, other.supersede(now).ok()?));
            }
            decided.changes.push((change, after));
            decided.account = Some(account);
            decided.end = Some(None);
            decided.disputed = Some(Some(now));
            // Whoever knows the password may sign in again; a copied session is dead.
            decided.evicts = *who == Who::Owner && scenario == Scenario::Session;
        }
        Act::Restore(who, index) => {
            let (change, account) = disputed(state, &mut decided, *index)?;
            let before = state.changes[change].clone();
            let proved = before.proofs().any(|proof| State::knows(scenario, *who, proof));
            let password = hash(if *who == Who::Owner { OWNERS_NEW } else { THIEFS[0] });
            let (after, account) = before.revert(account, proved, password, now).ok()?;
            for (i, other) in unfinished(state).into_iter().filter(|(i, _)| *i != change) {
                decided.changes.push((i, other.supersede(now).ok()?));
            }
            decided.changes.push((change, after));
            decided.account = Some(account);
            decided.redeem = Some(*index);
            decided.end = Some(None);
            decided.disputed = Some(None);
            decided.restores = *who == Who::Owner;
            decided.evicts = *who == Who::Owner;
            decided.fled = (*who == Who::Owner).then_some(false);
        }
        Act::AskReset => {
            let account = state.account.as_ref()?;
            let (link, _) = Link::issue(LinkPurpose::ResetPassword, account, None, &entropy, now);
            let mailbox = Mailbox::of(account.email());
            decided.new_links.push(SentLink { link, mailbox });
        }
        Act::Reset(who, index) => {
            let account = state.account.clone()?;
            open(state, &mut decided, *index, LinkPurpose::ResetPassword, &account)?;
            decided.account = Some(account.reset_password(next_password(*who, state), now));
            decided.redeem = Some(*index);
            decided.end = Some(None);
            decided.evicts = *who == Who::Owner;
            decided.resets = *who == Who::Owner;
            for (i, change) in unfinished(state) {
                decided.changes.push((i, change.cancel(now).ok()?));
            }
        }
        Act::Intrude => {
            let target = judge_target(thiefs_own().id(), state.account.as_ref(), None, now);
            if target != Target::Free {
                return None;
            }
            decided.seen.taken_twice = true;
        }
        Act::Tick | Act::Copy(_) | Act::Hold(_) | Act::Release => return None,
    }
    // Whoever reads the mailbox in force may be back by a reset of their own: what counts is the flight.
    if scenario == Scenario::Reset {
        (decided.evicts, decided.restores) = (false, false);
    }
    Some(decided)
}

/// All or nothing: what was decided on another version of the account is refused.
fn commit(state: &mut State, decided: Decision) {
    let version = state.account.as_ref().map(Account::version);
    if !guard!(CommitVersion, decided.based_on == version) {
        return;
    }
    let mut seen = decided.seen;
    seen.stale_decision = decided.based_on != version;
    if let Some(account) = decided.account {
        let thiefs = THIEFS.contains(&account.password().as_phc());
        state.password_lost_at =
            thiefs.then(|| state.password_lost_at.unwrap_or_else(|| state.now()));
        let mut record = account.record().clone();
        record.version = version.map_or(Version::FIRST, Version::next);
        state.account = Some(Account::from_record(record));
    }
    for (i, change) in decided.changes {
        state.changes[i] = change;
    }
    state.changes.extend(decided.new_change);
    if let Some(i) = decided.redeem {
        let mut record = state.links[i].link.record().clone();
        record.redeemed_at = Some(state.now());
        state.links[i].link = Link::from_record(record);
    }
    state.links.extend(decided.new_links);
    if let Some(except) = decided.end {
        let now = state.now();
        for (i, (session, _)) in state.sessions.iter_mut().enumerate() {
            if Some(i) != except && session.record().ended.is_none() {
                let mut record = session.record().clone();
                record.ended = Some(Ended { at: now, why: EndReason::PasswordChanged });
                *session = Session::from_record(record);
            }
        }
    }
    if let Some((i, session)) = decided.renewed {
        state.sessions[i].0 = session;
        state.renewals += 1;
    }
    state.sessions.extend(decided.new_session);
    if let Some(disputed) = decided.disputed {
        state.disputed = disputed;
    }
    state.restored |= decided.restores;
    state.evicted |= decided.evicts;
    state.fled = decided.fled.unwrap_or(state.fled);
    if decided.resets {
        state.reset_at = state.reset_at.or(Some(state.now()));
    }
    state.seen.note(seen);
}

/// Uses a session: whether the world, by its own reckoning, should have let it.
fn used(state: &State, decided: &mut Decision, who: Who, index: usize) -> Option<Session> {
    if !usable(state, who, index) {
        return None;
    }
    let session = state.sessions[index].0.clone();
    let (record, now) = (session.record(), state.now());
    decided.seen.ended_session = record.ended.is_some();
    decided.seen.worn_session =
        now >= record.last_used_at + Span::days(7) || now >= record.started_at + Span::days(30);
    Some(session)
}

/// Opens a link for a purpose: whether the world, by its own reckoning, should have let it.
fn open<'a>(
    state: &'a State,
    decided: &mut Decision,
    index: usize,
    purpose: LinkPurpose,
    account: &Account,
) -> Option<&'a SentLink> {
    let sent = &state.links[index];
    sent.link.check(purpose, account, state.now()).ok()?;
    let record = sent.link.record();
    let life = match record.purpose {
        LinkPurpose::DisputeEmailChange => Span::days(7),
        LinkPurpose::ResetPassword => Span::hours(1),
        _ => Span::hours(48),
    };
    decided.seen.expired_link = state.now() >= record.issued_at + life;
    decided.seen.spent_link = record.redeemed_at.is_some();
    Some(sent)
}

fn disputed(state: &State, decided: &mut Decision, index: usize) -> Option<(usize, Account)> {
    let account = state.account.clone()?;
    let sent = open(state, decided, index, LinkPurpose::DisputeEmailChange, &account)?;
    let id: EmailChangeId = sent.link.record().email_change?;
    let change = state.changes.iter().position(|change| change.id() == id)?;
    Some((change, account))
}

fn unfinished(state: &State) -> Vec<(usize, EmailChange)> {
    let all = state.changes.iter().cloned().enumerate();
    all.filter(|(_, change)| change.is_unfinished()).collect()
}

fn is_disputed(state: &State) -> bool {
    state.disputed.is_some_and(|at| state.now() < at + Span::days(7))
}

fn next_password(who: Who, state: &State) -> PasswordHash {
    let in_force = state.account.as_ref().map(|account| account.password().as_phc().to_owned());
    match who {
        Who::Owner => hash(OWNERS_NEW),
        Who::Thief if in_force.as_deref() == Some(THIEFS[0]) => hash(THIEFS[1]),
        Who::Thief => hash(THIEFS[0]),
    }
}

/// A verified account of the thief's own.
fn thiefs_own() -> Account {
    let start = super::world::start();
    let id = mint(&Numbers(AtomicU64::new(1 << 41)), start);
    let email = Mailbox::Thiefs.address();
    Account::register(id, email, hash(THIEFS[0]), None, Locale::En, Origin::Direct, start)
        .prove_mailbox(hash(THIEFS[0]), start)
        .unwrap()
}
