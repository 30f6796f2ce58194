//! The outbox: leased to one at a time, sent once, given up in sight of everybody.

use std::collections::BTreeSet;

use rightful_domain::changes::{Changes, Write};
use rightful_domain::letters::{
    DeadLetter, Errand, Lease, LetterContent, LetterRecord, PostedLetter, QueueState,
};
use rightful_domain::ports::Unique;
use rightful_domain::values::{LetterId, Sealed, Span, Timestamp};

use super::{Adapters, assert_stale, assert_taken, is_stale, race};
use crate::builders::{NOW, account, changes, event, id, letter};

const LIFE: Span = Span::minutes(2);

/// Long after all letters here are due.
const LATER: Timestamp = Timestamp::from_millis(NOW.as_millis() + 3_600_000);

async fn post(adapters: &Adapters, numbers: impl IntoIterator<Item = u64>) {
    let letters = numbers.into_iter().map(letter);
    adapters.commit(Changes::told_by(event()).post_all(letters)).await.expect("posts");
}

async fn lease(adapters: &Adapters, most: u32, now: Timestamp) -> Vec<LetterRecord> {
    adapters.letters.lease(most, now, LIFE).await.expect("leases")
}

/// Leases the one letter that is due.
async fn lease_one(adapters: &Adapters, now: Timestamp) -> LetterRecord {
    let mut leased = lease(adapters, 10, now).await;
    assert_eq!(leased.len(), 1, "one letter is due at {now}");
    leased.remove(0)
}

async fn dead(adapters: &Adapters) -> Vec<DeadLetter> {
    adapters.letters.list_dead(100).await.expect("reads")
}

async fn queue(adapters: &Adapters) -> QueueState {
    adapters.letters.queue_state().await.expect("reads")
}

fn die(letter: &LetterRecord, at: Timestamp, error: &str) -> Write {
    Write::LetterDead { lease: letter.lease, at, error: error.to_owned() }
}

fn defer(letter: &LetterRecord, due_at: Timestamp) -> Write {
    Write::LetterDeferred { lease: letter.lease, due_at, error: "451 later".to_owned() }
}

/// What a lease gives of `letter` at its first try.
fn as_leased(letter: PostedLetter, until: Timestamp) -> LetterRecord {
    LetterRecord {
        lease: Lease { letter: letter.id, until },
        kind: letter.kind,
        account: letter.account,
        email_change: letter.email_change,
        posted_at: letter.posted_at,
        payload: letter.payload,
        attempts: 0,
    }
}

/// Every kind, with and without what it is about, every byte, nothing, and much.
pub async fn every_field_of_a_letter_reads_back(adapters: Adapters) {
    let payloads =
        [vec![], (0..=255).collect::<Vec<u8>>(), vec![0; 100_000]].map(Sealed::from_bytes);
    let errands = Errand::ALL.map(Errand::kind);
    for (n, kind) in (1..).zip(LetterContent::KINDS.into_iter().chain(errands)) {
        let posted = PostedLetter {
            kind: kind.to_owned(),
            account: (n % 2 == 0).then(|| id(n)),
            email_change: (n % 3 == 0).then(|| id(n + 1)),
            payload: payloads[usize::try_from(n).expect("small") % 3].clone(),
            ..letter(n)
        };
        adapters.commit(changes([]).post(posted.clone())).await.expect("posts");
        let leased = lease_one(&adapters, LATER).await;
        assert_eq!(leased, as_leased(posted, LATER + LIFE));
        let sent = Write::LetterSent { lease: leased.lease, at: LATER };
        adapters.write([sent]).await;
    }
}

/// And no more than asked for. A letter is due as soon as it is posted.
pub async fn a_posted_letter_is_leased_the_oldest_first(adapters: Adapters) {
    post(&adapters, [3, 1, 5, 2, 4]).await;
    assert_eq!(lease(&adapters, 0, LATER).await, vec![]);
    let before = Timestamp::from_millis(letter(1).posted_at.as_millis() - 1);
    assert_eq!(lease(&adapters, 10, before).await, vec![]);
    let first = lease(&adapters, 10, letter(1).posted_at).await;
    assert_eq!(first, vec![as_leased(letter(1), letter(1).posted_at + LIFE)]);
    let soon = NOW + Span::seconds(30);
    let next = lease(&adapters, 2, soon).await;
    assert_eq!(next, [2, 3].map(|n| as_leased(letter(n), soon + LIFE)));
    let rest = lease(&adapters, 10, soon).await;
    assert_eq!(rest, [4, 5].map(|n| as_leased(letter(n), soon + LIFE)));
    assert_eq!(lease(&adapters, 10, soon).await, vec![]);
}

/// In any number of tasks: every letter goes out once.
pub async fn no_letter_is_leased_to_two_at_once(adapters: Adapters) {
    post(&adapters, 1..=60).await;
    let leased = race(16, |_| {
        let adapters = adapters.clone();
        async move {
            let mut mine: Vec<LetterId> = Vec::new();
            // Until the outbox says that it is empty: an empty hand may mean that others hold the rest.
            for _ in 0..12 {
                mine.extend(lease(&adapters, 5, LATER).await.iter().map(|l| l.lease.letter));
            }
            mine
        }
    })
    .await;
    let all: Vec<LetterId> = leased.into_iter().flatten().collect();
    assert_eq!(all.len(), 60, "each letter once");
    let different: BTreeSet<_> = all.iter().copied().collect();
    assert_eq!(different, (1..=60).map(id).collect());
    assert_eq!(lease(&adapters, 100, LATER).await, vec![]);
}

/// Its process died: somebody else tries, and knows that it was tried.
pub async fn a_lease_that_ended_gives_the_letter_again_and_counts_the_try(adapters: Adapters) {
    post(&adapters, [1]).await;
    let mut now = LATER;
    for attempts in 0..4 {
        let leased = lease_one(&adapters, now).await;
        assert_eq!(leased, LetterRecord { attempts, ..as_leased(letter(1), now + LIFE) });
        let last = now + LIFE - Span::from_millis(1);
        assert_eq!(lease(&adapters, 10, last).await, vec![], "the lease holds to its end");
        now = now + LIFE;
    }
}

/// MN-49: no live secret stays behind. What was sent is neither leased nor dead, ever.
pub async fn a_sent_letter_is_gone_for_good(adapters: Adapters) {
    post(&adapters, [1]).await;
    let leased = lease_one(&adapters, LATER).await;
    adapters.write([Write::LetterSent { lease: leased.lease, at: LATER }]).await;
    let long_after = LATER + Span::days(400);
    assert_eq!(lease(&adapters, 10, long_after).await, vec![]);
    assert_eq!(dead(&adapters).await, vec![]);
    assert_eq!(queue(&adapters).await, QueueState::default());
    // Whoever still holds the lease can do nothing more with it.
    let again = [
        Write::LetterSent { lease: leased.lease, at: LATER },
        defer(&leased, LATER),
        die(&leased, LATER, "550"),
        Write::ReviveLetter { letter: id(1), due_at: LATER },
    ];
    for write in again {
        assert_stale(&adapters.try_write([write]).await);
    }
    assert_eq!(lease(&adapters, 10, long_after).await, vec![]);
}

/// The lease ends with the deferral; the try is counted.
pub async fn a_deferred_letter_comes_back_at_its_time_and_no_millisecond_before(
    adapters: Adapters,
) {
    post(&adapters, [1]).await;
    let leased = lease_one(&adapters, LATER).await;
    let due_at = LATER + Span::seconds(10);
    adapters.write([defer(&leased, due_at)]).await;
    assert_eq!(lease(&adapters, 10, due_at - Span::from_millis(1)).await, vec![]);
    let again = lease_one(&adapters, due_at).await;
    assert_eq!(again, LetterRecord { attempts: 1, ..as_leased(letter(1), due_at + LIFE) });
    // Later than the lease's end as well.
    let tomorrow = LATER + Span::days(1);
    adapters.write([defer(&again, tomorrow)]).await;
    assert_eq!(lease(&adapters, 10, tomorrow - Span::from_millis(1)).await, vec![]);
    assert_eq!(lease_one(&adapters, tomorrow).await.attempts, 2);
}

/// It is not tried again by itself.
pub async fn a_dead_letter_is_listed_with_what_the_server_said(adapters: Adapters) {
    post(&adapters, [1]).await;
    let leased = lease_one(&adapters, LATER).await;
    adapters.write([defer(&leased, LATER)]).await;
    let leased = lease_one(&adapters, LATER).await;
    let died_at = LATER + Span::seconds(1);
    adapters.write([die(&leased, died_at, "550 no such mailbox: „nein“")]).await;
    let wanted = DeadLetter {
        id: id(1),
        kind: letter(1).kind,
        posted_at: letter(1).posted_at,
        died_at,
        attempts: 2,
        error: "550 no such mailbox: „nein“".to_owned(),
    };
    assert_eq!(dead(&adapters).await, vec![wanted]);
    assert_eq!(lease(&adapters, 10, LATER + Span::days(400)).await, vec![]);
}

/// And no more than asked for.
pub async fn dead_letters_are_listed_the_latest_first(adapters: Adapters) {
    post(&adapters, 1..=4).await;
    let leased = lease(&adapters, 10, LATER).await;
    for (letter, minutes) in leased.iter().zip([3, 1, 4, 2]) {
        adapters.write([die(letter, LATER + Span::minutes(minutes), "550")]).await;
    }
    let ids = |list: Vec<DeadLetter>| list.into_iter().map(|d| d.id).collect::<Vec<_>>();
    assert_eq!(ids(dead(&adapters).await), [3, 1, 4, 2].map(id));
    let two = adapters.letters.list_dead(2).await.expect("reads");
    assert_eq!(ids(two), [3, 1].map(id));
}

/// The same letter with the same content, from the first try on.
pub async fn a_dead_letter_revived_is_due_and_has_its_tries_again(adapters: Adapters) {
    post(&adapters, [1]).await;
    let leased = lease_one(&adapters, LATER).await;
    adapters.write([die(&leased, LATER, "550")]).await;
    let due_at = LATER + Span::hours(1);
    adapters.write([Write::ReviveLetter { letter: id(1), due_at }]).await;
    assert_eq!(dead(&adapters).await, vec![]);
    assert_eq!(lease(&adapters, 10, due_at - Span::from_millis(1)).await, vec![]);
    assert_eq!(lease_one(&adapters, due_at).await, as_leased(letter(1), due_at + LIFE));
}

/// Not one that waits, not one that is leased, not one that is not there; a dead one once.
pub async fn only_a_dead_letter_is_revived(adapters: Adapters) {
    post(&adapters, [1]).await;
    let revive = || Write::ReviveLetter { letter: id(1), due_at: LATER };
    assert_stale(&adapters.try_write([revive()]).await);
    let leased = lease_one(&adapters, LATER).await;
    assert_stale(&adapters.try_write([revive()]).await);
    assert_stale(&adapters.try_write([Write::ReviveLetter { letter: id(2), due_at: LATER }]).await);
    adapters.write([die(&leased, LATER, "550")]).await;
    let found = race(8, |_| {
        let (adapters, revive) = (adapters.clone(), revive());
        async move { adapters.try_write([revive]).await }
    })
    .await;
    assert_eq!(found.iter().filter(|result| result.is_ok()).count(), 1, "{found:?}");
    assert_eq!(found.iter().filter(|result| is_stale(result)).count(), 7, "{found:?}");
}

/// A worker that slept through its lease must not undo what the next one did.
pub async fn whoever_lost_the_lease_decides_nothing(adapters: Adapters) {
    post(&adapters, [1]).await;
    let lost = lease_one(&adapters, LATER).await;
    let now = LATER + LIFE;
    let held = lease_one(&adapters, now).await;
    let audited = adapters.audited().await;
    let outcomes = [
        Write::LetterSent { lease: lost.lease, at: now },
        defer(&lost, now),
        die(&lost, now, "550"),
        Write::LetterSent { lease: Lease { letter: id(2), until: held.lease.until }, at: now },
    ];
    for outcome in outcomes {
        assert_stale(&adapters.try_write([outcome]).await);
    }
    assert_eq!(adapters.audited().await, audited);
    assert_eq!(dead(&adapters).await, vec![]);
    // Who holds it still can, even after its end, as long as nobody took it.
    adapters.write([defer(&held, now + Span::days(1))]).await;
    assert_eq!(lease(&adapters, 10, now + Span::hours(1)).await, vec![]);
    // The deferral gave the lease back.
    assert_stale(&adapters.try_write([Write::LetterSent { lease: held.lease, at: now }]).await);
}

/// Ids are minted; its Message-ID is made of it.
pub async fn a_letter_id_is_posted_once(adapters: Adapters) {
    post(&adapters, [1]).await;
    let again = PostedLetter { kind: "password_changed".to_owned(), ..letter(1) };
    assert_taken(&adapters.commit(changes([]).post(again)).await, Unique::Other);
    assert_eq!(lease_one(&adapters, LATER).await, as_leased(letter(1), LATER + LIFE));
}

/// A leased letter still waits: it was not sent yet.
pub async fn the_state_of_the_queue_counts_what_waits_and_what_died(adapters: Adapters) {
    assert_eq!(queue(&adapters).await, QueueState::default());
    post(&adapters, 1..=4).await;
    let oldest = |n| Some(letter(n).posted_at);
    assert_eq!(queue(&adapters).await, QueueState { waiting: 4, dead: 0, oldest: oldest(1) });
    let leased = lease(&adapters, 3, LATER).await;
    assert_eq!(queue(&adapters).await, QueueState { waiting: 4, dead: 0, oldest: oldest(1) });
    adapters
        .write([
            Write::LetterSent { lease: leased[0].lease, at: LATER },
            die(&leased[1], LATER, "550"),
            defer(&leased[2], LATER + Span::hours(1)),
        ])
        .await;
    assert_eq!(queue(&adapters).await, QueueState { waiting: 2, dead: 1, oldest: oldest(3) });
    adapters.write([Write::ReviveLetter { letter: id(2), due_at: LATER }]).await;
    assert_eq!(queue(&adapters).await, QueueState { waiting: 3, dead: 0, oldest: oldest(2) });
}

/// A stranger's server must not be able to stop the outbox with an odd answer. PostgreSQL keeps no zero byte
/// in a text: an adapter may leave that out.
pub async fn what_a_server_said_is_kept_whatever_it_said(adapters: Adapters) {
    post(&adapters, [1]).await;
    let odd = format!("550\u{0} \r\n\u{202E}'; -- {}", "x".repeat(5_000));
    let leased = lease_one(&adapters, LATER).await;
    let (lease, due_at, error) = (leased.lease, LATER, odd.clone());
    adapters.write([Write::LetterDeferred { lease, due_at, error }]).await;
    let leased = lease_one(&adapters, LATER).await;
    adapters.write([die(&leased, LATER, &odd)]).await;
    let [dead] = &dead(&adapters).await[..] else { panic!("one letter is dead") };
    assert_eq!(dead.error.replace('\u{0}', ""), odd.replace('\u{0}', ""));
}

/// Somebody is still told: a letter has its address sealed in it.
pub async fn letters_outlive_the_account_that_gave_way(adapters: Adapters) {
    let gone = account(1);
    let posted = PostedLetter { account: Some(gone.id()), ..letter(1) };
    adapters
        .commit(changes([Write::InsertAccount(gone.clone())]).post(posted.clone()))
        .await
        .expect("posts");
    adapters.write([Write::RemoveAccount(gone)]).await;
    assert_eq!(lease_one(&adapters, LATER).await, as_leased(posted, LATER + LIFE));
}
