//! Several processes on one database: each opens it for itself.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rightful_database::Db;
use rightful_domain::audit::{AuditRepository, Verifier};
use rightful_domain::changes::{Changes, Write};
use rightful_domain::letters::LetterRepository;
use rightful_domain::links::LinkPurpose;
use rightful_domain::ports::{CommitError, UnitOfWork};
use rightful_domain::sessions::{EndReason, SessionRepository};
use rightful_domain::throttle::{Limit, Throttle, ThrottleKey, Verdict};
use rightful_domain::values::{Span, Timestamp};
use rightful_testkit::builders::{
    NOW, changes, event, id, letter, link, secret, session, verified,
};
use rightful_testkit::fakes::FakeVault;
use tokio::task::JoinSet;

use crate::fresh::{self, Fresh};

/// Four processes, as far as a database can tell.
async fn processes(fresh: &Fresh) -> Vec<Arc<Db>> {
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(Arc::new(Db::open(&fresh.settings).await.expect("opens")));
    }
    all
}

fn end(n: u64) -> Changes {
    let (account, session) = (verified(1).id(), id(n));
    changes([Write::EndSession { account, session, at: NOW, why: EndReason::EndedElsewhere }])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_thirty_two_in_four_processes_that_redeem_one_link_one_wins() {
    for fresh in fresh::each().await {
        let processes = processes(&fresh).await;
        let owner = verified(1);
        fresh.db.commit(changes([Write::InsertAccount(owner.clone())])).await.unwrap();
        for n in 1..=5 {
            let issued = link(&owner, LinkPurpose::VerifyAddress, n);
            fresh.db.commit(changes([Write::InsertLink(issued)])).await.unwrap();
            let mut running = JoinSet::new();
            for runner in 0..32 {
                let db = Arc::clone(&processes[runner % 4]);
                let redeem = changes([Write::RedeemLink { link: id(n), at: NOW }]);
                running.spawn(async move { db.commit(redeem).await });
            }
            let found = running.join_all().await;
            assert_eq!(found.iter().filter(|result| result.is_ok()).count(), 1, "{found:?}");
            let stale = found.iter().filter(|result| matches!(result, Err(CommitError::Stale)));
            assert_eq!(stale.count(), 31, "{found:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_chain_of_four_processes_is_one() {
    for fresh in fresh::each().await {
        let processes = processes(&fresh).await;
        let mut running = JoinSet::new();
        for runner in 0..64 {
            let db = Arc::clone(&processes[runner % 4]);
            let told = Changes::told_by(event()).also_told_by(event());
            running.spawn(async move { db.commit(told).await.unwrap() });
        }
        running.join_all().await;
        let mut verifier = Verifier::new(None);
        for entry in AuditRepository::list(&fresh.db, 0, 1_000).await.unwrap() {
            verifier.follow(&entry).unwrap();
        }
        assert_eq!(verifier.finish().unwrap().seq, 128);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_letter_is_leased_to_two_processes() {
    for fresh in fresh::each().await {
        let processes = processes(&fresh).await;
        let posted = Changes::told_by(event()).post_all((1..=80).map(letter));
        fresh.db.commit(posted).await.unwrap();
        let later = NOW + Span::hours(1);
        let mut running = JoinSet::new();
        for runner in 0..16 {
            let db = Arc::clone(&processes[runner % 4]);
            running.spawn(async move {
                let mut mine = Vec::new();
                for _ in 0..10 {
                    let leased = db.lease(4, later, Span::minutes(2)).await.unwrap();
                    assert!(leased.len() <= 4);
                    mine.extend(leased.into_iter().map(|letter| letter.lease.letter));
                }
                mine
            });
        }
        let all: Vec<_> = running.join_all().await.into_iter().flatten().collect();
        assert_eq!(all.len(), 80);
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 80);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_quota_is_one_for_all_processes() {
    for fresh in fresh::each().await {
        let processes = processes(&fresh).await;
        let key = |n: &str| ThrottleKey::of(&FakeVault::default(), "processes", &[n]);
        let seven = Limit::Quota { most: 7, window: Span::minutes(1) };
        let many = Limit::Quota { most: 1_000, window: Span::minutes(1) };
        let mut running = JoinSet::new();
        for runner in 0..48 {
            let db = Arc::clone(&processes[runner % 4]);
            let mut limits = vec![(key("a"), seven), (key("b"), many), (key("c"), many)];
            limits.rotate_left(runner % 3);
            running.spawn(async move { db.take(&limits, NOW).await.unwrap() });
        }
        let found = running.join_all().await;
        assert_eq!(found.iter().filter(|verdict| **verdict == Verdict::Go).count(), 7);
    }
}

/// It is remembered, or this would see what went past the adapter; and a commit of this process ends that.
#[tokio::test]
async fn a_session_is_remembered_until_this_process_touches_it() {
    for fresh in fresh::each().await {
        let owner = verified(1);
        let writes =
            [Write::InsertAccount(owner.clone()), Write::InsertSession(session(&owner, 1))];
        fresh.db.commit(changes(writes)).await.unwrap();
        let raw = fresh.raw().await;
        let device = async || {
            let found = SessionRepository::find(&fresh.db, &secret(1)).await.unwrap().unwrap();
            found.session.record().device.clone()
        };
        let start = now();
        assert_eq!(device().await, "Firefox on Linux");
        raw.run("UPDATE sessions SET device = 'changed'").await.unwrap();
        let remembered = device().await;
        // A machine that is slow enough has forgotten it by now, and rightly.
        if start.elapsed() < Duration::from_millis(800) {
            assert_eq!(remembered, "Firefox on Linux");
        }
        let at = Timestamp::from_millis(NOW.as_millis() + 1);
        fresh.db.commit(changes([Write::TouchSession { session: id(1), at }])).await.unwrap();
        assert_eq!(device().await, "changed");
    }
}

#[tokio::test]
async fn the_end_of_a_session_in_another_process_is_seen_within_a_second() {
    for fresh in fresh::each().await {
        let processes = processes(&fresh).await;
        let owner = verified(1);
        let writes =
            [Write::InsertAccount(owner.clone()), Write::InsertSession(session(&owner, 1))];
        fresh.db.commit(changes(writes)).await.unwrap();
        let live = async |db: &Db| {
            let found = SessionRepository::find(db, &secret(1)).await.unwrap().unwrap();
            found.session.record().ended.is_none()
        };
        for db in &processes {
            assert!(live(db).await);
        }
        processes[0].commit(end(1)).await.unwrap();
        let ended = now();
        assert!(!live(&processes[0]).await, "at once where it was committed");
        for db in &processes[1..] {
            loop {
                // Before asking: a slow machine must not fail what was right when it was asked.
                let asked = ended.elapsed();
                if !live(db).await {
                    break;
                }
                assert!(asked < Duration::from_secs(1), "a second is over");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "measures how long a test has run")]
fn now() -> Instant {
    Instant::now()
}
