//! What holds in every state that can be reached.

use std::sync::atomic::AtomicU64;

use stateright::Property;

use super::acts::{self, Act};
use super::world::{Mailbox, Numbers, Scenario, Seen, State, Who, World, hash};
use crate::accounts::{Account, Origin};
use crate::email_change::ChangeState;
use crate::guards::removal;
use crate::links::{Link, LinkPurpose};
use crate::values::{Locale, Span};

macro_rules! never_seen {
    ($($name:literal => $field:ident,)*) => {
        impl Seen {
            /// Once seen, seen for ever.
            pub(super) fn note(&mut self, other: Self) {
                $(self.$field |= other.$field;)*
            }
        }
        fn never_seen() -> Vec<Property<World>> {
            vec![$(Property::always($name, |_, state: &State| !state.seen.$field),)*]
        }
    };
}

never_seen! {
    "MN-27: an address comes into force only by its own mailbox" => unproved_address,
    "R-050, MN-49: an expired link opens nothing" => expired_link,
    "MN-44: a link works once" => spent_link,
    "CS-22, CS-26: a finished change is not confirmed" => finished_change,
    "CS-20: a change needs a fresh proof of the password" => stale_proof,
    "R-040: an unverified account changes no address" => unverified_change,
    "decision 0013: a disputed account does nothing sensitive" => frozen_act,
    "CS-29: in the window, no second change" => window_ignored,
    "MN-13: no session works past its limits" => worn_session,
    "MN-13: an ended session does nothing" => ended_session,
    "R-049: nobody confirms but the owner" => stranger,
    "R-015: registering a verified address changes nothing" => restarted,
    "MN-46: nothing commits on records that have changed" => stale_decision,
    "MN-7: one proved account for an address" => taken_twice,
    "MN-22: what a thief asked for before dies with the eviction" => evicted_act,
}

pub(super) fn all() -> Vec<Property<World>> {
    let mut all = never_seen();
    all.extend([
        Property::always("MN-2..4: the first proof leaves a squatter nothing", proof_evicts),
        Property::always("MN-7: a squatter blocks no owner", owner_can_prove),
        Property::always("MN-28, MN-29: within seven days the owner can undo", owner_can_undo),
        Property::always("MN-29: what the owner restored stays restored", stays_restored),
        Property::always("MN-26: a mailbox takes nothing over but by a reset", mailbox_alone),
        Property::always(
            "MN-26: from a mailbox that the owner left nothing comes back",
            fled_is_safe,
        ),
        Property::always("decision 1: where the old mailbox is asked, it decides", old_decides),
        Property::always("MN-20, CS-27: an evicted thief holds no session", evicted_is_out),
    ]);
    all
}

fn thief_is_in(state: &State) -> bool {
    (0..state.sessions.len()).any(|i| acts::usable(state, Who::Thief, i))
}

fn proof_evicts(world: &World, state: &State) -> bool {
    removal::without(&world.removed, || {
        let Some(account) = state.account.as_ref().filter(|account| account.is_verified()) else {
            return true;
        };
        let thiefs = |password| State::knows(world.scenario, Who::Thief, password);
        let mut remembered = account.replaced_passwords(state.now());
        !State::is_claim(world.scenario)
            || (!thief_is_in(state)
                && !thiefs(account.password())
                && !remembered.any(|old| thiefs(&old.hash)))
    })
}

/// Every link that the owner has opens, and registering again gives another that does.
fn owner_can_prove(world: &World, state: &State) -> bool {
    removal::without(&world.removed, || {
        if state.account.as_ref().is_some_and(Account::is_verified) {
            return true;
        }
        let now = state.now();
        let opens = |link: &Link, account: &Account| {
            let purpose = link.record().purpose;
            let proved = match purpose {
                LinkPurpose::ResetPassword => account.clone().reset_password(hash("any"), now),
                _ => match account.clone().prove_mailbox(hash("any"), now) {
                    Ok(proved) => proved,
                    Err(_) => return false,
                },
            };
            link.check(purpose, account, now).is_ok() && proved.is_verified()
        };
        let held = state.links.iter().filter(|sent| {
            let issued = sent.link.record().issued_at;
            let life = match sent.link.record().purpose {
                LinkPurpose::ResetPassword => Span::hours(1),
                _ => Span::hours(48),
            };
            sent.mailbox == Mailbox::First && now < issued + life
        });
        let mut held = held.zip(state.account.iter().cycle());
        if !held.all(|(sent, account)| opens(&sent.link, account)) {
            return false;
        }
        let again = match state.account.clone() {
            Some(account) => account.restart(hash("any"), None, Locale::En, Origin::Direct, now),
            None => return true,
        };
        let entropy = Numbers(AtomicU64::new(1 << 42));
        again.is_ok_and(|account| {
            let purpose = LinkPurpose::VerifyAddress;
            opens(&Link::issue(purpose, &account, None, &entropy, now).0, &account)
        })
    })
}

/// Whenever the address in force is not the owner's, a link in a mailbox of the owner restores it, and
/// throws the thief out.
fn owner_can_undo(world: &World, state: &State) -> bool {
    removal::without(&world.removed, || {
        let Some(account) = &state.account else { return true };
        let is_owners = |address: Mailbox| matches!(address, Mailbox::First | Mailbox::Second);
        if is_owners(Mailbox::of(account.email())) {
            return true;
        }
        // The window of the change by which the owner lost the address.
        let lost = state.changes.iter().find(|change| {
            matches!(change.record().state, ChangeState::Confirmed { .. })
                && is_owners(Mailbox::of(&change.record().old))
        });
        let Some(lost) = lost.filter(|change| state.now() < change.disputable_until()) else {
            return true;
        };
        // A thief who changed the password and then waited seven days: the owner had seven days of a notice in
        // the mailbox in force, and its reset.
        let requested_at = lost.record().requested_at;
        if state.password_lost_at.is_some_and(|at| requested_at >= at + Span::days(7)) {
            return true;
        }
        // An owner who had the password set by mail has, a week later, no password that the mailbox did not give.
        if state.reset_at.is_some_and(|at| requested_at >= at + Span::days(7)) {
            return true;
        }
        // A mistake of the owner's own is disputed like a theft; nobody's mailbox is left out.
        (0..state.links.len()).any(|link| {
            let mut able = state.clone();
            able.left = [1, 0];
            state.links[link].mailbox.is_read_by(Who::Owner, world.scenario)
                && acts::perform(world.scenario, &able, Act::Restore(Who::Owner, link)).is_some_and(
                    |after| {
                        let account = after.account.as_ref().expect("an account stays");
                        is_owners(Mailbox::of(account.email()))
                            && !State::knows(world.scenario, Who::Thief, account.password())
                            && !thief_is_in(&after)
                    },
                )
        })
    })
}

fn stays_restored(world: &World, state: &State) -> bool {
    let Some(account) = &state.account else { return true };
    !state.restored
        || (Mailbox::of(account.email()) != Mailbox::Thiefs
            && !State::knows(world.scenario, Who::Thief, account.password()))
}

fn mailbox_alone(world: &World, state: &State) -> bool {
    removal::without(&world.removed, || {
        let Some(account) = &state.account else { return true };
        world.scenario != Scenario::Mailbox
            || (Mailbox::of(account.email()) != Mailbox::Thiefs
                && !State::knows(world.scenario, Who::Thief, account.password())
                && !thief_is_in(state))
    })
}

/// Whoever reads the mailbox in force has the account: a reset asks for no more. The owner flees by changing the
/// address; from then on the mailbox is a former one (decision 0019).
fn fled_is_safe(world: &World, state: &State) -> bool {
    removal::without(&world.removed, || {
        let Some(account) = &state.account else { return true };
        world.scenario != Scenario::Reset
            || !state.fled
            || (Mailbox::of(account.email()) == Mailbox::Second
                && !State::knows(world.scenario, Who::Thief, account.password())
                && !thief_is_in(state))
    })
}

fn old_decides(world: &World, state: &State) -> bool {
    let Some(account) = &state.account else { return true };
    world.scenario != Scenario::Asked || Mailbox::of(account.email()) == Mailbox::First
}

fn evicted_is_out(world: &World, state: &State) -> bool {
    removal::without(&world.removed, || !state.evicted || !thief_is_in(state))
}
