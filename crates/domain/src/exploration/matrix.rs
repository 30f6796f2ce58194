//! Takes guards out and demands that a property breaks.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use stateright::{Checker, HasDiscoveries, Model};

use super::world::{Scenario, World};
use crate::guards::Guard::{self, *};

/// Each guard alone, and where a property breaks without it.
const ALONE: &[(Guard, Scenario)] = &[
    (MailboxProvedBeforeChange, Scenario::Squatter),
    (RestartOnlyUnverified, Scenario::Squatter),
    (ProverSetsPassword, Scenario::Squatter),
    (ProofForgetsReplaced, Scenario::Squatter),
    (UnprovedEpochStays, Scenario::Squatter),
    (ReplacedRemembered, Scenario::Rotated),
    (DisputeFreezes, Scenario::Late),
    (LinkPurpose, Scenario::Mailbox),
    (LinkUnexpired, Scenario::Squatter),
    (SessionLimits, Scenario::Session),
    (SessionNotEnded, Scenario::Session),
    (FreshProof, Scenario::Session),
    (FrozenRefuses, Scenario::Late),
    (ChangePending, Scenario::Late),
    (ChangeIsOfLink, Scenario::Late),
    (TargetFree, Scenario::Mailbox),
    (DisputeProof, Scenario::Mailbox),
    (ConfirmerIsOwner, Scenario::Mailbox),
    (CommitVersion, Scenario::Late),
    (WindowHoldsChange, Scenario::Password),
    (OldMailboxAgrees, Scenario::Asked),
    (ResetRemembers, Scenario::Reset),
    (MailboxSetForgotten, Scenario::Reset),
    (DescentStays, Scenario::Reset),
    (RestoreIsByMailbox, Scenario::Reset),
];

/// Guards that stand behind each other: the property breaks only when all of a row are out.
const IN_DEPTH: &[(&[Guard], Scenario, &str)] = &[
    (&[ProofAdvancesEpoch, SessionNotEnded], Scenario::Squatter, "MN-2..4"),
    (&[PasswordAdvancesEpoch, SessionNotEnded], Scenario::Brief, "MN-20"),
    (&[MoveAdvancesEpoch, SessionNotEnded], Scenario::Session, "MN-20"),
    (&[FreezeAdvancesEpoch, SessionNotEnded], Scenario::Session, "MN-20"),
    (&[ResetAdvancesEpoch, SessionNotEnded], Scenario::Evicted, "MN-20"),
    (&[SessionEpoch, SessionNotEnded], Scenario::Session, "MN-20"),
    (&[WindowHoldsChange, DisputeOfWhatIs], Scenario::Password, "MN-29: what"),
    (&[LinkUnused, DisputeOnce], Scenario::Brief, "MN-44"),
    (
        &[LinkEpoch, ChangeEpoch, ChangePending, SessionEpoch, SessionNotEnded],
        Scenario::Brief,
        "MN-22",
    ),
];

/// The properties that break, up to the first of those that are looked for.
fn broken(removed: Vec<Guard>, scenario: Scenario, wanted: &str) -> Vec<&'static str> {
    let world = World { scenario, removed };
    let names = world.properties().into_iter().map(|property| property.name);
    let wanted: BTreeSet<_> = names.filter(|name| name.starts_with(wanted)).collect();
    assert!(!wanted.is_empty());
    let enough = HasDiscoveries::AnyOf(wanted);
    let checker = world.checker().threads(1).finish_when(enough).spawn_bfs().join();
    let mut broken: Vec<_> = checker.discoveries().into_keys().collect();
    broken.sort_unstable();
    broken
}

#[test]
fn every_guard_is_needed() {
    let mut page = String::from(PAGE);
    for (guard, scenario) in ALONE {
        let broken = broken(vec![*guard], *scenario, "");
        assert!(!broken.is_empty(), "nothing breaks without {guard:?}");
        writeln!(page, "| {guard:?} | {scenario:?} | {} |", broken[0]).unwrap();
    }
    for (guards, scenario, wanted) in IN_DEPTH {
        let breaks = |removed: Vec<Guard>| {
            let broken = broken(removed, *scenario, wanted);
            broken.into_iter().find(|name| name.starts_with(wanted))
        };
        let name = breaks(guards.to_vec());
        let name = name.unwrap_or_else(|| panic!("{wanted} holds without {guards:?}"));
        for one in *guards {
            let others: Vec<_> = guards.iter().copied().filter(|guard| guard != one).collect();
            assert_eq!(breaks(others), None, "{wanted} needs no {one:?}");
        }
        writeln!(page, "| {guards:?} | {scenario:?} | {name} |").unwrap();
    }
    let listed = ALONE.iter().map(|(guard, _)| *guard);
    let listed: BTreeSet<_> =
        listed.chain(IN_DEPTH.iter().flat_map(|row| row.0.to_vec())).collect();
    assert_eq!(listed, Guard::ALL.iter().copied().collect(), "a guard stands in no row");
    publish(&page);
}

const PAGE: &str = "# What each guard is good for\n\n\
    Written by the exploration of the rules (`crates/domain/src/exploration`): with the guards of a row taken\n\
    out, a thief or chance breaks the property. In rows of several, every one of them stands behind the others.\n\n\
    | taken out | scenario | what breaks |\n|---|---|---|\n";

/// The committed page is the one that the exploration writes; `RIGHTFUL_BLESS=1` writes it anew.
fn publish(page: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/security/guards.md");
    if std::env::var_os("RIGHTFUL_BLESS").is_some() {
        std::fs::write(path, page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), page, "run again with RIGHTFUL_BLESS=1");
}
