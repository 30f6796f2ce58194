//! The commit: all of it, or nothing of it, wherever it fails.

use std::fmt;

use rightful_domain::changes::{Changes, Write};
use rightful_domain::letters::Lease;
use rightful_domain::links::LinkPurpose;
use rightful_domain::ports::{CommitError, Unique};
use rightful_domain::reason::Outage;
use rightful_domain::sessions::EndReason;
use rightful_domain::throttle::{Limit, ThrottleKey, Verdict};
use rightful_domain::values::{Locale, Span, Timestamp};

use super::{Adapters, assert_stale, assert_taken, race};
use crate::builders::{
    Edit, NOW, account, contact, email, email_change, event, id, letter, link, secret, session,
    verified,
};
use crate::fakes::FakeVault;

const LATER: Timestamp = Timestamp::from_millis(NOW.as_millis() + 3_600_000);

/// A limit that is closed before the commit under test, which forgets its one try.
fn tried() -> (ThrottleKey, Limit) {
    let key = ThrottleKey::of(&FakeVault::default(), "contract", &["ada"]);
    (key, Limit::Quota { most: 1, window: Span::days(1) })
}

/// What stands before the commit under test, with the leases of letters 1, 2 and 3. Letter 4 is dead.
async fn begin(adapters: &Adapters) -> [Lease; 3] {
    let owner = verified(1);
    adapters
        .write([
            Write::InsertAccount(owner.clone()),
            Write::InsertAccount(account(2)),
            Write::InsertAccount(verified(5)),
            Write::InsertSession(session(&owner, 1)),
            Write::InsertSession(session(&owner, 2)),
            Write::InsertSession(session(&owner, 3)),
            Write::InsertSession(session(&verified(5), 5)),
            Write::InsertSession(session(&account(2), 6)),
            Write::InsertEmailChange(email_change(&owner, "new@example.com", 1)),
            Write::InsertLink(link(&owner, LinkPurpose::ConfirmEmailChange, 1)),
            Write::PutContact(contact("old@example.com")),
        ])
        .await;
    let verdict = adapters.throttle.take(&[tried()], NOW).await.expect("counts");
    assert_eq!(verdict, Verdict::Go);
    let letters = (1..=4).map(letter);
    adapters.commit(Changes::told_by(event()).post_all(letters)).await.expect("posts");
    let leased = adapters.letters.lease(4, LATER, Span::minutes(2)).await.expect("leases");
    let lease =
        |n: u64| leased.iter().map(|l| l.lease).find(|l| l.letter == id(n)).expect("leased");
    adapters
        .write([Write::LetterDead { lease: lease(4), at: LATER, error: "550".to_owned() }])
        .await;
    [lease(1), lease(2), lease(3)]
}

/// One write of each kind.
fn one_of_each(leases: [Lease; 3]) -> Vec<Write> {
    let owner = verified(1);
    let confirmed = email_change(&owner, "new@example.com", 1).supersede(NOW).expect("unfinished");
    let at = LATER;
    vec![
        Write::UpdateAccount(owner.clone().speak(Locale::Fr)),
        Write::RemoveAccount(account(2)),
        Write::InsertAccount(account(3)),
        Write::PutContact(contact("heard@example.com")),
        Write::RemoveContact(email("old@example.com").key().clone()),
        Write::UpdateSession(session(&owner, 1).edit(|record| record.secret = secret(11))),
        Write::TouchSession { session: id(1), at },
        Write::EndSession { account: owner.id(), session: id(2), at, why: EndReason::SignedOut },
        Write::EndSessions { account: id(5), except: None, at, why: EndReason::PasswordChanged },
        Write::InsertSession(session(&owner, 4)),
        Write::RedeemLink { link: id(1), at },
        Write::InsertLink(link(&owner, LinkPurpose::DisputeEmailChange, 2)),
        Write::UpdateEmailChange(confirmed),
        Write::InsertEmailChange(email_change(&owner, "newer@example.com", 2)),
        Write::LetterSent { lease: leases[0], at },
        Write::LetterDeferred { lease: leases[1], due_at: at, error: "451".to_owned() },
        Write::LetterDead { lease: leases[2], at, error: "550".to_owned() },
        Write::ReviveLetter { letter: id(4), due_at: at },
        Write::ForgetTries(vec![tried().0]),
    ]
}

/// Everything that can be read without changing it.
async fn all_of_it(adapters: &Adapters) -> Vec<String> {
    let mut all = Vec::new();
    let mut note = |thing: &dyn fmt::Debug| all.push(format!("{thing:?}"));
    for n in 1..=5 {
        note(&adapters.accounts.find(id(n)).await.expect("reads"));
        note(&adapters.sessions.list(id(n)).await.expect("reads"));
        note(&adapters.email_changes.find(id(n)).await.expect("reads"));
        note(&adapters.email_changes.find_unfinished(id(n)).await.expect("reads"));
    }
    for n in 1..=12 {
        note(&adapters.sessions.find(&secret(n)).await.expect("reads"));
        note(&adapters.links.find(&secret(n)).await.expect("reads"));
    }
    for address in ["old@example.com", "heard@example.com"] {
        note(&adapters.contacts.find(email(address).key()).await.expect("reads"));
    }
    note(&adapters.letters.queue_state().await.expect("reads"));
    note(&adapters.letters.list_dead(100).await.expect("reads"));
    note(&adapters.audit.list(0, 1_000).await.expect("reads"));
    // A refused try is not counted, so this looks and changes nothing.
    let verdict = adapters.throttle.take(&[tried()], NOW).await.expect("reads");
    assert!(matches!(verdict, Verdict::Wait(_)), "a refused commit forgot a try");
    all
}

/// Commits one write of each kind with two letters and two events, and looks for all of it.
async fn commit_and_look(adapters: &Adapters, leases: [Lease; 3]) {
    let audited = adapters.audited().await;
    let mut changes = Changes::told_by(event()).also_told_by(event());
    changes.writes = one_of_each(leases);
    let changes = changes.post(letter(20)).post(letter(21));
    adapters.commit(changes).await.expect("nothing stands against it");

    let owner = adapters.accounts.find(id(1)).await.expect("reads");
    assert_eq!(owner.map(|account| account.locale()), Some(Locale::Fr));
    assert_eq!(adapters.accounts.find(id(2)).await.expect("reads"), None);
    assert_eq!(adapters.accounts.find(id(3)).await.expect("reads"), Some(account(3)));
    // By secret: renewed from 1 to 11; 2 ended alone, 5 with all of its account; 6 gone with its account.
    for n in [11, 3, 4, 2, 5, 1, 6] {
        let found = adapters.sessions.find(&secret(n)).await.expect("reads");
        let ended = found.map(|live| live.session.record().ended.is_some());
        let wanted = [(11, false), (3, false), (4, false), (2, true), (5, true)];
        let wanted = wanted.into_iter().find(|(secret, _)| *secret == n).map(|(_, ended)| ended);
        assert_eq!(ended, wanted, "the session with secret {n}");
    }
    let renewed = adapters.sessions.find(&secret(11)).await.expect("reads").expect("is there");
    assert_eq!(renewed.session.record().last_used_at, LATER);
    let redeemed = adapters.links.find(&secret(1)).await.expect("reads").expect("is there");
    assert_eq!(redeemed.record().redeemed_at, Some(LATER));
    assert!(adapters.links.find(&secret(2)).await.expect("reads").is_some());
    let unfinished = adapters.email_changes.find_unfinished(id(1)).await.expect("reads");
    assert_eq!(unfinished.map(|change| change.id()), Some(id(2)));
    for (address, there) in [("old@example.com", false), ("heard@example.com", true)] {
        let found = adapters.contacts.find(email(address).key()).await.expect("reads");
        assert_eq!(found.is_some(), there, "{address}");
    }
    let dead = adapters.letters.list_dead(100).await.expect("reads");
    assert_eq!(dead.iter().map(|letter| letter.id).collect::<Vec<_>>(), [id(3)]);
    let due = LATER + Span::hours(1);
    let waiting = adapters.letters.lease(100, due, Span::minutes(2)).await.expect("leases");
    let waiting: Vec<_> = waiting.iter().map(|letter| letter.lease.letter).collect();
    assert_eq!(waiting, [2, 4, 20, 21].map(id));
    let verdict = adapters.throttle.take(&[tried()], NOW).await.expect("counts");
    assert_eq!(verdict, Verdict::Go, "the try was forgotten");
    assert_eq!(adapters.audited().await, audited + 2);
}

/// One write of each kind, letters and events.
pub async fn all_of_a_commit_is_written(adapters: Adapters) {
    let leases = begin(&adapters).await;
    commit_and_look(&adapters, leases).await;
}

/// Decision 0002: a stale write or a taken key at any place among the writes, a letter or an event that was
/// there before: nothing of the rest is there, and the very same commit without the fault succeeds after.
pub async fn a_failure_at_any_place_leaves_nothing_written(adapters: Adapters) {
    let leases = begin(&adapters).await;
    let before = all_of_it(&adapters).await;
    let told_before = event();
    adapters.commit(Changes::told_by(told_before.clone())).await.expect("commits");
    let before_and_told = all_of_it(&adapters).await;
    assert_ne!(before, before_and_told, "the look at everything sees the audit trail");

    let whole = |writes: Vec<Write>| {
        let mut changes = Changes::told_by(event()).also_told_by(event());
        changes.writes = writes;
        changes.post(letter(20)).post(letter(21))
    };
    let stale = Write::UpdateAccount(verified(99));
    let twin = account(98).edit(|record| record.email = verified(5).email().clone());
    let taken = Write::InsertAccount(twin);
    for place in 0..=one_of_each(leases).len() {
        let mut writes = one_of_each(leases);
        writes.insert(place, stale.clone());
        assert_stale(&adapters.commit(whole(writes)).await);
        assert_eq!(all_of_it(&adapters).await, before_and_told, "stale at {place}");

        let mut writes = one_of_each(leases);
        writes.insert(place, taken.clone());
        assert_taken(&adapters.commit(whole(writes)).await, Unique::EmailKey);
        assert_eq!(all_of_it(&adapters).await, before_and_told, "taken at {place}");
    }
    for place in 0..=2 {
        let mut changes = whole(one_of_each(leases));
        changes.letters.insert(place, letter(4));
        assert_taken(&adapters.commit(changes).await, Unique::Other);
        assert_eq!(all_of_it(&adapters).await, before_and_told, "letter at {place}");

        let mut changes = whole(one_of_each(leases));
        changes.audit.insert(place, told_before.clone());
        assert_taken(&adapters.commit(changes).await, Unique::Other);
        assert_eq!(all_of_it(&adapters).await, before_and_told, "event at {place}");
    }
    commit_and_look(&adapters, leases).await;
}

/// A refusal may be nothing but its event: the wrong password is told.
pub async fn a_commit_of_nothing_but_its_event_is_told(adapters: Adapters) {
    let told = event();
    adapters.commit(Changes::told_by(told.clone())).await.expect("commits");
    let trail = adapters.audit.list(0, 10).await.expect("reads");
    assert_eq!(trail.iter().map(|entry| entry.id).collect::<Vec<_>>(), [told.id]);
}

/// Upkeep decides nothing, so there is nothing to tell.
pub async fn upkeep_is_written_and_not_told(adapters: Adapters) {
    begin(&adapters).await;
    let audited = adapters.audited().await;
    let touch = Write::TouchSession { session: id(1), at: LATER };
    let upkeep = Changes { writes: vec![touch], letters: vec![], audit: vec![] };
    adapters.commit(upkeep).await.expect("commits");
    let touched = adapters.sessions.find(&secret(1)).await.expect("reads").expect("is there");
    assert_eq!(touched.session.record().last_used_at, LATER);
    assert_eq!(adapters.audited().await, audited);
}

/// Each writes what the other writes, in the other order: a database that locks row by row must not let them
/// wait for each other, and whoever loses is told to decide again.
pub async fn of_two_commits_that_cross_one_wins_and_none_hangs(adapters: Adapters) {
    for round in 0..8_u64 {
        let pair = [verified(round * 2 + 1), verified(round * 2 + 2)];
        adapters.write(pair.clone().map(Write::InsertAccount)).await;
        let found = race(2, |runner| {
            let adapters = adapters.clone();
            let mut writes = pair.clone().map(|a| Write::UpdateAccount(a.speak(Locale::Fr)));
            if runner == 1 {
                writes.reverse();
            }
            async move { adapters.try_write(writes).await }
        })
        .await;
        assert_eq!(found.iter().filter(|result| result.is_ok()).count(), 1, "{found:?}");
        let told_to_decide_again = |result: &&Result<(), CommitError>| {
            matches!(result, Err(CommitError::Stale | CommitError::Outage(Outage::Contended)))
        };
        assert_eq!(found.iter().filter(told_to_decide_again).count(), 1, "{found:?}");
    }
}
