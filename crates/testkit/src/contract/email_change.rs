//! Changes of address: one unfinished for an account, decided on the version that is stored.

use rightful_domain::accounts::{SecurityEpoch, Version};
use rightful_domain::changes::Write;
use rightful_domain::email_change::{Approval, ChangeState, EmailChange};
use rightful_domain::ports::Unique;
use rightful_domain::values::{EmailChangeId, Span, Timestamp};

use super::{Adapters, assert_stale, assert_taken, is_taken, race};
use crate::builders::{
    Edit, NOW, account, changes, email, email_change, event_about, hash, id, letter, verified,
};

fn every_state(at: Timestamp) -> [ChangeState; 7] {
    [
        ChangeState::Pending,
        ChangeState::Confirmed { at },
        ChangeState::Superseded { at },
        ChangeState::Cancelled { at },
        ChangeState::Undeliverable { at },
        ChangeState::Disputed { at },
        ChangeState::Reverted { at },
    ]
}

async fn stored(adapters: &Adapters, id: EmailChangeId) -> EmailChange {
    adapters.email_changes.find(id).await.expect("reads").expect("the change is there")
}

/// Change number `n` of account 1, in `state`, requested `n` hours after the others.
fn change(n: u64, state: ChangeState) -> EmailChange {
    email_change(&verified(1), &format!("new{n}@example.com"), n).edit(|record| {
        record.state = state;
        record.requested_at = NOW + Span::hours(i64::try_from(n).expect("small"));
    })
}

async fn unfinished(adapters: &Adapters) -> Option<EmailChange> {
    adapters.email_changes.find_unfinished(id(1)).await.expect("reads")
}

async fn last_confirmed(adapters: &Adapters) -> Option<EmailChange> {
    adapters.email_changes.find_last_confirmed(id(1)).await.expect("reads")
}

/// Every state, fields that are absent, the ends of time.
pub async fn every_field_of_a_change_reads_back(adapters: Adapters) {
    let mut n = 0;
    for millis in [0, -1, i64::MIN, i64::MAX] {
        let at = Timestamp::from_millis(millis);
        let approvals = [Approval::NotNeeded, Approval::Awaited, Approval::Given { at }];
        for state in every_state(at) {
            n += 1;
            let owner = verified(n);
            let wanted = email_change(&owner, "Jörg@bücher.example", n).edit(|record| {
                record.old = email("Ada@Example.com");
                record.state = state;
                record.epoch = SecurityEpoch::from_stored(i64::MAX);
                record.approval = approvals[usize::from(n.to_le_bytes()[0]) % 3];
                record.password_then = hash("ß'\"");
                record.passwords_before =
                    (0..n % 3).map(|before| hash(&format!("before {before}"))).collect();
                record.requested_at = at;
                record.deadline = at;
                record.letters = 6;
                record.last_letter_at = at;
                record.disputed_at = (n % 2 == 0).then_some(at);
            });
            adapters.write([Write::InsertAccount(owner)]).await;
            adapters.write([Write::InsertEmailChange(wanted.clone())]).await;
            assert_eq!(stored(&adapters, id(n)).await, wanted);
            // And once more as an update writes it.
            let other = wanted.edit(|record| {
                record.disputed_at = record.disputed_at.xor(Some(at));
                record.letters = 0;
            });
            adapters.write([Write::UpdateEmailChange(other.clone())]).await;
            let wanted = other.edit(|record| record.version = record.version.next());
            assert_eq!(stored(&adapters, id(n)).await, wanted);
        }
    }
}

/// By none of the doors.
pub async fn a_change_that_is_not_there_is_none(adapters: Adapters) {
    let other = verified(2);
    adapters.write([verified(1), other.clone()].map(Write::InsertAccount)).await;
    adapters.write([Write::InsertEmailChange(email_change(&other, "new@example.com", 2))]).await;
    assert_eq!(adapters.email_changes.find(id(1)).await.expect("reads"), None);
    assert_eq!(unfinished(&adapters).await, None);
    assert_eq!(last_confirmed(&adapters).await, None);
}

/// The version is the adapter's to count.
pub async fn an_update_moves_the_version_on_by_one(adapters: Adapters) {
    adapters.write([Write::InsertAccount(verified(1))]).await;
    adapters.write([Write::InsertEmailChange(change(1, ChangeState::Pending))]).await;
    for version in 2..5 {
        let decided = stored(&adapters, id(1)).await.edit(|record| record.letters += 1);
        adapters.write([Write::UpdateEmailChange(decided.clone())]).await;
        let wanted = decided.edit(|record| record.version = Version::from_stored(version));
        assert_eq!(stored(&adapters, id(1)).await, wanted);
    }
}

/// Confirmed on one thread, cancelled on another: one of them decides again.
pub async fn an_update_decided_on_another_version_is_stale(adapters: Adapters) {
    adapters.write([Write::InsertAccount(verified(1))]).await;
    let first = change(1, ChangeState::Pending);
    adapters.write([Write::InsertEmailChange(first.clone())]).await;
    adapters
        .write([Write::UpdateEmailChange(first.clone().supersede(NOW).expect("unfinished"))])
        .await;
    let now = stored(&adapters, id(1)).await;
    for wrong in [0, 1, 3] {
        let decided = change(1, ChangeState::Confirmed { at: NOW })
            .edit(|record| record.version = Version::from_stored(wrong));
        assert_stale(&adapters.try_write([Write::UpdateEmailChange(decided)]).await);
    }
    let unknown = change(2, ChangeState::Pending);
    assert_stale(&adapters.try_write([Write::UpdateEmailChange(unknown)]).await);
    assert_eq!(stored(&adapters, id(1)).await, now);
}

/// Pending and undeliverable are unfinished, by insert and by update; every other state leaves room.
pub async fn a_second_unfinished_change_of_one_account_is_refused(adapters: Adapters) {
    adapters.write([Write::InsertAccount(verified(1))]).await;
    let open = [ChangeState::Pending, ChangeState::Undeliverable { at: NOW }];
    let mut n = 10;
    for first in open {
        adapters.write([Write::InsertEmailChange(change(n, first))]).await;
        for (step, second) in (1..).zip(open) {
            let insert = Write::InsertEmailChange(change(n + step, second));
            assert_taken(&adapters.try_write([insert]).await, Unique::PendingEmailChange);
            assert_eq!(adapters.email_changes.find(id(n + step)).await.expect("reads"), None);
        }
        // A finished one may stand beside it, and may not become unfinished again.
        let finished = change(n + 5, ChangeState::Cancelled { at: NOW });
        adapters.write([Write::InsertEmailChange(finished.clone())]).await;
        let reopened = finished.edit(|record| record.state = ChangeState::Pending);
        let update = Write::UpdateEmailChange(reopened);
        assert_taken(&adapters.try_write([update]).await, Unique::PendingEmailChange);
        adapters
            .write([Write::UpdateEmailChange(change(n, first).supersede(NOW).expect("unfinished"))])
            .await;
        n += 10;
    }
    // From pending to undeliverable and back it is still the one.
    adapters.write([Write::InsertEmailChange(change(n, ChangeState::Pending))]).await;
    for state in [ChangeState::Undeliverable { at: NOW }, ChangeState::Pending] {
        let decided = stored(&adapters, id(n)).await.edit(|record| record.state = state);
        adapters.write([Write::UpdateEmailChange(decided)]).await;
    }
}

/// another request supersedes.
pub async fn a_change_may_follow_a_finished_one_in_the_same_commit(adapters: Adapters) {
    adapters.write([Write::InsertAccount(verified(1))]).await;
    adapters.write([Write::InsertEmailChange(change(1, ChangeState::Pending))]).await;
    for (n, state) in (2..).zip(&every_state(NOW)[1..]) {
        if matches!(state, ChangeState::Undeliverable { .. }) {
            continue;
        }
        let Some(open) = unfinished(&adapters).await else { panic!("one is unfinished") };
        let next = change(n, ChangeState::Pending);
        adapters
            .write([
                Write::UpdateEmailChange(open.edit(|record| record.state = *state)),
                Write::InsertEmailChange(next.clone()),
            ])
            .await;
        assert_eq!(unfinished(&adapters).await, Some(next));
    }
}

/// MN-16: two taps on the button, and thirty more.
pub async fn of_thirty_two_requests_of_one_account_one_wins(adapters: Adapters) {
    let owner = verified(1);
    adapters.write([Write::InsertAccount(owner.clone())]).await;
    let audited = adapters.audited().await;
    let found = race(32, |runner| {
        let (adapters, told) = (adapters.clone(), event_about(&owner));
        let n = runner as u64 + 1;
        async move {
            let insert = Write::InsertEmailChange(change(n, ChangeState::Pending));
            adapters.commit(changes([insert]).also_told_by(told).post(letter(n))).await
        }
    })
    .await;
    assert_eq!(found.iter().filter(|result| result.is_ok()).count(), 1, "{found:?}");
    let taken = found.iter().filter(|r| is_taken(r, Unique::PendingEmailChange)).count();
    assert_eq!(taken, 31, "{found:?}");
    let winner = found.iter().position(Result::is_ok).expect("one won") as u64 + 1;
    assert_eq!(unfinished(&adapters).await, Some(change(winner, ChangeState::Pending)));
    assert_eq!(adapters.audited().await, audited + 2);
    assert_eq!(adapters.letters.queue_state().await.expect("reads").waiting, 1);
}

/// a pending change reserves nothing.
pub async fn two_accounts_may_ask_for_one_address(adapters: Adapters) {
    for n in 1..=2 {
        let owner = verified(n);
        let asked = email_change(&owner, "wanted@example.com", n);
        adapters.write([Write::InsertAccount(owner), Write::InsertEmailChange(asked)]).await;
    }
    for n in 1..=2 {
        let open = adapters.email_changes.find_unfinished(id(n)).await.expect("reads");
        assert_eq!(open.map(|change| change.id()), Some(id(n)));
    }
    let holder = adapters.accounts.find_by_email(email("wanted@example.com").key()).await;
    assert_eq!(holder.expect("reads"), None, "what is only asked for is nobody's");
}

/// Whatever its deadline says: expiry is the model's to tell.
pub async fn an_unfinished_change_is_found_until_it_is_finished(adapters: Adapters) {
    adapters.write([Write::InsertAccount(verified(1))]).await;
    for (n, state) in (1..).zip(every_state(NOW)) {
        let long_ago = change(n, ChangeState::Pending)
            .edit(|record| record.deadline = Timestamp::from_millis(0));
        adapters.write([Write::InsertEmailChange(long_ago.clone())]).await;
        assert_eq!(unfinished(&adapters).await, Some(long_ago.clone()));
        let decided = long_ago.edit(|record| record.state = state);
        adapters.write([Write::UpdateEmailChange(decided.clone())]).await;
        let now = decided.edit(|record| record.version = record.version.next());
        assert_eq!(unfinished(&adapters).await, now.is_unfinished().then(|| now.clone()));
        if now.is_unfinished() {
            adapters
                .write([Write::UpdateEmailChange(now.supersede(NOW).expect("unfinished"))])
                .await;
        }
    }
    assert_eq!(unfinished(&adapters).await, None);
}

/// It holds back the next change, and it is what a dispute undoes (CS-29).
pub async fn the_last_confirmed_change_that_was_not_reverted_is_found(adapters: Adapters) {
    adapters.write([Write::InsertAccount(verified(1))]).await;
    let hours = |n| NOW + Span::hours(n);
    let first = change(1, ChangeState::Confirmed { at: hours(1) });
    adapters.write([Write::InsertEmailChange(first.clone())]).await;
    assert_eq!(last_confirmed(&adapters).await, Some(first.clone()));
    // What came to no end, or to another, changes nothing.
    for (n, state) in (2..).zip(every_state(NOW)) {
        if matches!(state, ChangeState::Confirmed { .. } | ChangeState::Reverted { .. }) {
            continue;
        }
        adapters.write([Write::InsertEmailChange(change(n, state))]).await;
        assert_eq!(last_confirmed(&adapters).await, Some(first.clone()), "{state:?}");
        if let Some(open) = unfinished(&adapters).await {
            adapters
                .write([Write::UpdateEmailChange(open.supersede(NOW).expect("unfinished"))])
                .await;
        }
    }
    let second = change(20, ChangeState::Confirmed { at: hours(21) });
    adapters.write([Write::InsertEmailChange(second.clone())]).await;
    assert_eq!(last_confirmed(&adapters).await, Some(second.clone()));
    let reverted = second.edit(|record| record.state = ChangeState::Reverted { at: hours(22) });
    adapters.write([Write::UpdateEmailChange(reverted)]).await;
    assert_eq!(last_confirmed(&adapters).await, Some(first));
    let third = change(30, ChangeState::Confirmed { at: hours(31) });
    adapters.write([Write::InsertEmailChange(third.clone())]).await;
    assert_eq!(last_confirmed(&adapters).await, Some(third));
}

/// Reverted while it was still pending: it was never in force.
pub async fn a_change_that_was_reverted_while_it_was_pending_hides_no_confirmed_one(
    adapters: Adapters,
) {
    adapters.write([Write::InsertAccount(verified(1))]).await;
    let first = change(1, ChangeState::Confirmed { at: NOW });
    let second = change(2, ChangeState::Pending);
    adapters.write([first.clone(), second.clone()].map(Write::InsertEmailChange)).await;
    let at = NOW + Span::hours(3);
    let reverted = second.edit(|record| record.state = ChangeState::Reverted { at });
    adapters.write([Write::UpdateEmailChange(reverted)]).await;
    assert_eq!(last_confirmed(&adapters).await, Some(first));
}

/// It gave way between the decision and the commit: the service reads again and finds nobody.
pub async fn a_change_of_an_account_that_is_gone_is_stale(adapters: Adapters) {
    let orphan = email_change(&account(1), "new@example.com", 1);
    assert_stale(&adapters.try_write([Write::InsertEmailChange(orphan)]).await);
    assert_eq!(adapters.email_changes.find(id(1)).await.expect("reads"), None);
}
