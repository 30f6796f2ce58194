//! The audit trail: every commit in it, in one chain without gaps.

use std::collections::BTreeMap;

use rightful_domain::audit::{Act, Actor, AuditEvent, Entry, GENESIS, Verifier};
use rightful_domain::changes::{Changes, Write};
use rightful_domain::ports::Unique;
use rightful_domain::values::Timestamp;

use super::{Adapters, assert_taken, race};
use crate::builders::{account, event, event_about, id, verified};

async fn trail(adapters: &Adapters) -> Vec<Entry> {
    adapters.audit.list(0, 10_000).await.expect("reads")
}

async fn tell(adapters: &Adapters, event: AuditEvent) {
    adapters.commit(Changes::told_by(event)).await.expect("commits");
}

/// Follows the chain to its end, which must be entry number `length`.
fn assert_chained(trail: &[Entry], length: usize) {
    let mut verifier = Verifier::new(None);
    for entry in trail {
        verifier.follow(entry).expect("the chain holds");
    }
    let head = verifier.finish().expect("the chain holds");
    assert_eq!(usize::try_from(head.seq), Ok(length));
}

/// Every act, every actor, with and without account and details, the ends of time: exactly as chained.
pub async fn every_field_of_an_entry_reads_back(adapters: Adapters) {
    let actors = [Actor::Anonymous, Actor::Customer(id(7)), Actor::System, Actor::Operator];
    let times = [i64::MIN, -1, 0, i64::MAX].map(Timestamp::from_millis);
    let details = [
        BTreeMap::new(),
        BTreeMap::from([("code", "name".to_owned())]),
        BTreeMap::from([("a", String::new()), ("b", "李雷 \"'\\ \u{1F469}".to_owned())]),
    ];
    let mut wanted: Vec<Entry> = Vec::new();
    for (n, act) in Act::ALL.iter().enumerate() {
        let event = AuditEvent {
            at: times[n % 4],
            actor: actors[n % 4],
            act: *act,
            account: (n % 3 == 0).then(|| id(n as u64)),
            source: "tag ü".repeat(n % 2),
            request: "req".repeat(n % 5),
            details: details[n % 3].clone(),
            ..event()
        };
        let previous = wanted.last().map_or(GENESIS, |entry| entry.hash);
        let seq = i64::try_from(n).expect("small") + 1;
        wanted.push(Entry::chain(event.clone(), seq, previous));
        tell(&adapters, event).await;
    }
    let found = trail(&adapters).await;
    assert_eq!(found, wanted);
    assert_chained(&found, Act::ALL.len());
}

/// A refused commit leaves no gap behind.
pub async fn the_trail_begins_empty_and_counts_without_gaps(adapters: Adapters) {
    assert_eq!(trail(&adapters).await, vec![]);
    for n in 1..=5 {
        tell(&adapters, event()).await;
        let refused = [Write::UpdateAccount(verified(99))];
        adapters.try_write(refused).await.expect_err("there is no such account");
        let numbers: Vec<i64> = trail(&adapters).await.iter().map(|entry| entry.seq).collect();
        assert_eq!(numbers, (1..=n).collect::<Vec<_>>());
    }
    assert_chained(&trail(&adapters).await, 5);
}

/// As the service told them.
pub async fn events_of_one_commit_stand_in_their_order(adapters: Adapters) {
    let events: Vec<_> = (0..6).map(|n| event().with("n", n)).collect();
    let mut told = Changes::told_by(events[0].clone());
    for event in &events[1..] {
        told = told.also_told_by(event.clone());
    }
    adapters.commit(told).await.expect("commits");
    let found: Vec<_> = trail(&adapters).await.iter().map(|entry| entry.id).collect();
    assert_eq!(found, events.iter().map(|event| event.id).collect::<Vec<_>>());
    assert_chained(&trail(&adapters).await, 6);
}

/// MN-68: none lost, none doubled, none refused, the events of each commit side by side.
pub async fn the_chain_holds_after_thirty_two_commits_at_once(adapters: Adapters) {
    let found = race(32, |runner| {
        let adapters = adapters.clone();
        let told = Changes::told_by(event().with("runner", runner))
            .also_told_by(event().with("runner", runner))
            .write(Write::InsertAccount(account(runner as u64 + 1)));
        async move { adapters.commit(told).await }
    })
    .await;
    assert!(found.iter().all(Result::is_ok), "{found:?}");
    let trail = trail(&adapters).await;
    assert_chained(&trail, 64);
    let runners: Vec<_> = trail.iter().map(|entry| entry.details["runner"].clone()).collect();
    for pair in runners.chunks(2) {
        assert_eq!(pair[0], pair[1]);
    }
}

/// What `rightful audit verify` walks along.
pub async fn the_trail_is_read_in_pages(adapters: Adapters) {
    for _ in 0..7 {
        tell(&adapters, event()).await;
    }
    let all = trail(&adapters).await;
    let mut read = Vec::new();
    for (page, length) in [3, 3, 1, 0].into_iter().enumerate() {
        let after = read.last().map_or(0, |entry: &Entry| entry.seq);
        let entries = adapters.audit.list(after, 3).await.expect("reads");
        assert_eq!(entries.len(), length, "page {page}");
        read.extend(entries);
    }
    assert_eq!(read, all);
    assert_eq!(adapters.audit.list(0, 0).await.expect("reads"), vec![]);
    assert_eq!(adapters.audit.list(i64::MAX, 3).await.expect("reads"), vec![]);
}

/// Also after the account gave way: the trail forgets nobody.
pub async fn entries_about_an_account_are_listed_the_latest_first(adapters: Adapters) {
    let (ada, bob) = (account(1), account(2));
    adapters.write([Write::InsertAccount(ada.clone())]).await;
    let mut about_ada = Vec::new();
    for _ in 0..4 {
        let told = event_about(&ada);
        about_ada.insert(0, told.id);
        tell(&adapters, told).await;
        tell(&adapters, event_about(&bob)).await;
        // Done by her, and about nobody.
        tell(&adapters, AuditEvent { account: None, ..event_about(&ada) }).await;
    }
    adapters.write([Write::RemoveAccount(ada.clone())]).await;
    let ids = |list: Vec<Entry>| list.into_iter().map(|entry| entry.id).collect::<Vec<_>>();
    let found = adapters.audit.list_about(ada.id(), 100).await.expect("reads");
    assert_eq!(ids(found), about_ada);
    let two = adapters.audit.list_about(ada.id(), 2).await.expect("reads");
    assert_eq!(ids(two), about_ada[..2]);
    assert_eq!(adapters.audit.list_about(id(3), 100).await.expect("reads"), vec![]);
}

/// Ids are minted; one that comes twice is a fault.
pub async fn an_event_id_is_told_once(adapters: Adapters) {
    let told = event();
    tell(&adapters, told.clone()).await;
    let again =
        adapters.commit(Changes::told_by(told).write(Write::InsertAccount(account(1)))).await;
    assert_taken(&again, Unique::Other);
    assert_eq!(trail(&adapters).await.len(), 1);
    assert_eq!(adapters.accounts.find(id(1)).await.expect("reads"), None);
}
