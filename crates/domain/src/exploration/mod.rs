//! The rules of this slice, explored exhaustively: every order of acts of an owner and a thief, within a small
//! world, calling the functions of the models themselves (security §4.2, §4.4).
//!
//! A scenario says what the thief has at the start: nothing but a head start (C7), the password (C3), a copied
//! session (C4), the mailbox or a former one (C1, C2), several of them, and decisions held back and committed
//! later (C14). Opening a link (C8, C9) calls no rule at all, so there is no act for it. In every state that
//! can be reached, the properties of [`properties`] hold.
//!
//! [`matrix`] takes each guard out of the rules, alone or with the one that stands behind it, and demands
//! that a property breaks: a guard that nothing needs would be one that nothing tests.

mod acts;
mod matrix;
mod properties;
mod world;

use stateright::{Checker, Model};

use world::{Scenario, World};

/// Asserts that nothing breaks, and that the world was not so small that nothing could.
fn holds(scenario: Scenario, at_least: usize) {
    let checker = World { scenario, removed: Vec::new() }.checker().threads(1).spawn_bfs().join();
    if let Some((name, path)) = checker.discoveries().into_iter().next() {
        panic!("{scenario:?} breaks {name}: {:#?}", path.into_actions());
    }
    let states = checker.unique_state_count();
    println!("{scenario:?}: {states} states");
    assert!(states >= at_least, "{scenario:?} has only {states} states");
}

#[test]
fn c7_a_squatter_gains_nothing_and_blocks_nobody() {
    holds(Scenario::Squatter, 15_000);
}

#[test]
fn c7_a_reset_is_a_first_proof_like_any() {
    holds(Scenario::Claimed, 5_000);
}

#[test]
fn c3_a_thief_of_the_password_can_always_be_undone() {
    holds(Scenario::Password, 90_000);
}

#[test]
fn c3_an_earlier_change_of_the_password_opens_no_gap() {
    holds(Scenario::Rotated, 10_000);
}

#[test]
fn c4_a_thief_of_a_session_keeps_nothing() {
    holds(Scenario::Session, 8_000);
}

#[test]
fn c1_a_reader_of_the_mailbox_takes_nothing_over() {
    holds(Scenario::Mailbox, 40_000);
}

#[test]
fn c1_a_mailbox_that_its_owner_left_brings_nothing_back() {
    holds(Scenario::Reset, 20_000);
}

#[test]
fn c3_a_reset_throws_a_thief_of_the_password_out() {
    holds(Scenario::Evicted, 5_000);
}

#[test]
fn c14_decisions_that_come_late_change_nothing() {
    holds(Scenario::Late, 150_000);
}

#[test]
fn c3_where_the_old_mailbox_is_asked_a_password_moves_nothing() {
    holds(Scenario::Asked, 1_000);
}
