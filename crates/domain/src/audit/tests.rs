use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::tests_support::{MS, NOW, Stage, ada, id};
use crate::values::Span;

/// Four entries of a good chain.
fn chain() -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let acts = [Act::AccountRegistered, Act::MailboxProved, Act::SignedIn, Act::SignedOut];
    for (n, act) in (1..).zip(acts) {
        let event = AuditEvent {
            id: id(n),
            at: NOW + Span::seconds(i64::try_from(n).unwrap()),
            actor: Actor::Customer(ada().id()),
            act,
            account: Some(ada().id()),
            source: String::from("00ff"),
            request: format!("req-{n}"),
            details: BTreeMap::from([("session", String::from("ses_1"))]),
        };
        let (seq, previous) = entries.last().map_or((1, GENESIS), |last| (last.seq + 1, last.hash));
        entries.push(Entry::chain(event, seq, previous));
    }
    entries
}

fn verify(entries: &[Entry], kept: Option<Checkpoint>) -> Result<Checkpoint, ChainFault> {
    let mut verifier = Verifier::new(kept);
    entries.iter().try_for_each(|entry| verifier.follow(entry))?;
    verifier.finish()
}

fn end(entries: &[Entry]) -> Checkpoint {
    let last = entries.last().unwrap();
    Checkpoint { seq: last.seq, hash: last.hash }
}

#[test]
fn a_chain_that_nobody_touched_is_whole() {
    let chain = chain();
    assert_eq!(verify(&chain, None), Ok(end(&chain)));
    assert_eq!(verify(&[], None), Ok(Checkpoint { seq: 0, hash: GENESIS }));
    for kept in 1..=chain.len() {
        assert_eq!(verify(&chain, Some(end(&chain[..kept]))), Ok(end(&chain)));
    }
}

/// MN-68: an edit of any field of any entry.
#[test]
fn asvs_v16_4_2_an_altered_field_is_found() {
    type Edit = fn(&mut Entry);
    let edits: [(&str, Edit); 12] = [
        ("id", |entry| entry.id = id(99)),
        ("at", |entry| entry.at = entry.at + MS),
        ("actor", |entry| entry.actor = Actor::System.to_string()),
        ("act", |entry| entry.act = String::from("account.displaced")),
        ("account", |entry| entry.account = Some(id(99))),
        ("no account", |entry| entry.account = None),
        ("source", |entry| entry.source.push('0')),
        ("request", |entry| entry.request.clear()),
        ("detail's value", |entry| {
            entry.details.insert(String::from("session"), String::new());
        }),
        ("another detail", |entry| {
            entry.details.insert(String::from("cause"), String::new());
        }),
        ("no details", |entry| entry.details.clear()),
        ("hash", |entry| entry.hash[0] ^= 1),
    ];
    for place in 0..4 {
        for (field, edit) in &edits {
            let mut chain = chain();
            edit(&mut chain[place]);
            let seq = chain[place].seq;
            assert_eq!(verify(&chain, None), Err(ChainFault::Altered { seq }), "{field} of {seq}");
        }
    }
}

/// What is moved from one field to its neighbour changes the hash, too.
#[test]
fn fields_cannot_run_into_each_other() {
    let entry = &chain()[0];
    let moved = |source: &str, request: &str| Entry {
        source: source.to_owned(),
        request: request.to_owned(),
        ..entry.clone()
    };
    let hashes = [moved("ab", "c"), moved("a", "bc"), moved("abc", ""), moved("", "abc")]
        .map(|entry| entry.computed_hash());
    assert_eq!(hashes.into_iter().collect::<BTreeSet<_>>().len(), 4);
}

/// MN-68: the chain with an entry removed, added or moved, or rewritten from some entry on.
#[test]
fn mn_68_removal_insertion_and_reordering_are_found() {
    let good = chain();
    let mut without_first = good.clone();
    without_first.remove(0);
    let mut without_second = good.clone();
    without_second.remove(1);
    let mut twice = good.clone();
    twice.insert(2, good[1].clone());
    let mut swapped = good.clone();
    swapped.swap(1, 2);
    let gap = |expected, found| Err(ChainFault::Gap { expected, found });
    assert_eq!(verify(&without_first, None), gap(1, 2));
    assert_eq!(verify(&without_second, None), gap(2, 3));
    assert_eq!(verify(&twice, None), gap(3, 2));
    assert_eq!(verify(&swapped, None), gap(2, 3));

    // Renumbered after the removal, with hashes made anew for the entry that follows only.
    let mut closed = without_second;
    closed[1].seq = 2;
    closed[1].hash = closed[1].computed_hash();
    assert_eq!(verify(&closed, None), Err(ChainFault::Unchained { seq: 2 }));
    closed[1].previous = closed[0].hash;
    closed[1].hash = closed[1].computed_hash();
    assert_eq!(verify(&closed, None), gap(3, 4));
    let mut first = good;
    first[0].previous = [1; 32];
    first[0].hash = first[0].computed_hash();
    assert_eq!(verify(&first, None), Err(ChainFault::Unchained { seq: 1 }));
}

/// MN-68: what a chain alone cannot show, a checkpoint that was kept elsewhere does.
#[test]
fn mn_68_truncation_and_rewriting_before_a_checkpoint_are_found() {
    let good = chain();
    let kept = end(&good[..3]);
    let fault = Err(ChainFault::Checkpoint { seq: 3 });
    for cut in 0..3 {
        assert!(verify(&good[..cut], None).is_ok(), "a chain that was cut looks whole");
        assert_eq!(verify(&good[..cut], Some(kept)), fault, "cut after {cut}");
    }
    // After the checkpoint nothing can be known.
    assert!(verify(&good[..3], Some(kept)).is_ok());

    let mut rewritten = good;
    rewritten[1].actor = Actor::Anonymous.to_string();
    for place in 1..4 {
        rewritten[place].previous = rewritten[place - 1].hash;
        rewritten[place].hash = rewritten[place].computed_hash();
    }
    assert!(verify(&rewritten, None).is_ok(), "a chain that was made anew looks whole");
    assert_eq!(verify(&rewritten, Some(kept)), fault);
}

#[tokio::test]
async fn the_trail_is_followed_page_by_page_to_its_end_or_first_fault() {
    let mut entries = Vec::new();
    let mut previous = GENESIS;
    for (n, seq) in (1..=2_500).zip(1_i64..) {
        let event = AuditEvent {
            id: id(n),
            at: NOW,
            actor: Actor::System,
            act: Act::LetterDied,
            account: None,
            source: String::new(),
            request: String::new(),
            details: BTreeMap::new(),
        };
        let entry = Entry::chain(event, seq, previous);
        previous = entry.hash;
        entries.push(entry);
    }
    let whole = end(&entries);
    let stage = Stage::empty().and(|world| world.entries = entries);
    let trail = stage.rightful.audit_trail();
    assert_eq!(trail.verify(None).await.unwrap(), Verified::Whole(whole));

    stage.set(|world| world.entries[2_345].request.push('x'));
    let broken = Verified::Broken(ChainFault::Altered { seq: 2_346 });
    assert_eq!(trail.verify(None).await.unwrap(), broken);

    stage.set(|world| world.entries.truncate(2_000));
    let cut = Verified::Broken(ChainFault::Checkpoint { seq: 2_500 });
    assert_eq!(trail.verify(Some(whole)).await.unwrap(), cut);
}

#[tokio::test]
async fn a_trail_that_cannot_be_read_is_neither_whole_nor_broken() {
    let stage = Stage::empty().and(|world| world.broken = Some("audit"));
    assert!(stage.rightful.audit_trail().verify(None).await.is_err());
}

#[test]
fn every_act_and_every_actor_has_a_name_of_its_own() {
    let acts: BTreeSet<_> = Act::ALL.iter().map(|act| act.as_str()).collect();
    assert_eq!(acts.len(), Act::ALL.len());
    let well_formed = |name: &&str| {
        name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'.')
            && name.split('.').count() == 2
    };
    assert!(acts.iter().all(well_formed), "{acts:?}");
    let actors = [Actor::Anonymous, Actor::Customer(ada().id()), Actor::System, Actor::Operator];
    let names = actors.map(|actor| actor.to_string());
    assert_eq!(names, ["anonymous", &format!("customer:{}", ada().id()), "system", "operator"]);
}
