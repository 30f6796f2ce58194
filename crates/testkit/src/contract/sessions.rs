//! Sessions: what ends is over for every reader at once, and only its own account ends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rightful_domain::accounts::{Account, SecurityEpoch, Version};
use rightful_domain::changes::{Changes, Write};
use rightful_domain::ports::{CommitError, Unique};
use rightful_domain::sessions::{Carrier, EndReason, Ended, LiveSession, Session};
use rightful_domain::values::{AccountId, Locale, SecretHash, SessionId, Span, Timestamp};

use super::{Adapters, assert_stale, assert_taken, race};
use crate::builders::{Edit, NOW, account, email, event, hash, id, secret, session, verified};

async fn find(adapters: &Adapters, secret: &SecretHash) -> Option<LiveSession> {
    adapters.sessions.find(secret).await.expect("reads")
}

/// The session with this secret, as it is stored now.
async fn stored(adapters: &Adapters, n: u64) -> Session {
    find(adapters, &secret(n)).await.expect("the session is there").session
}

/// Account 1 with sessions of these numbers.
async fn signed_in(adapters: &Adapters, numbers: impl IntoIterator<Item = u64>) -> Account {
    let owner = verified(1);
    adapters.write([Write::InsertAccount(owner.clone())]).await;
    for n in numbers {
        adapters.write([Write::InsertSession(session(&owner, n))]).await;
    }
    owner
}

fn end(account: AccountId, session: SessionId, why: EndReason) -> Write {
    Write::EndSession { account, session, at: NOW, why }
}

fn end_all(account: AccountId, except: Option<SessionId>) -> Write {
    Write::EndSessions { account, except, at: NOW, why: EndReason::PasswordChanged }
}

/// Both carriers, any words, the ends of time, every reason to end.
pub async fn every_field_of_a_session_reads_back(adapters: Adapters) {
    let owner = signed_in(&adapters, []).await;
    let mut n = 0;
    for carrier in [Carrier::Cookie, Carrier::Bearer] {
        for millis in [0, -1, i64::MIN, i64::MAX] {
            for device in ["", "Firefox on Linux", "携帯電話 \"'; --"] {
                n += 1;
                let at = Timestamp::from_millis(millis);
                let wanted = session(&owner, n).edit(|record| {
                    record.carrier = carrier;
                    record.device = String::from(device);
                    record.source = String::from("2001:db8:1:2::/64");
                    record.epoch = SecurityEpoch::from_stored(i64::MAX);
                    record.started_at = at;
                    record.last_used_at = at;
                    record.proved_at = at;
                    record.factor_at = Some(at);
                });
                adapters.write([Write::InsertSession(wanted.clone())]).await;
                assert_eq!(stored(&adapters, n).await, wanted);
            }
        }
    }
    for (n, why) in (100..).zip(EndReason::ALL) {
        let at = NOW + Span::from_millis(1);
        let ended = [
            Write::InsertSession(session(&owner, n)),
            Write::EndSession { account: owner.id(), session: id(n), at, why },
        ];
        adapters.write(ended).await;
        assert_eq!(stored(&adapters, n).await.record().ended, Some(Ended { at, why }));
    }
}

/// We never issued the secret.
pub async fn a_session_that_is_not_there_is_none(adapters: Adapters) {
    signed_in(&adapters, [1]).await;
    assert_eq!(find(&adapters, &secret(2)).await, None);
    // Asked again, in case the absence is remembered: it is there once it is committed.
    adapters.write([Write::InsertSession(session(&verified(1), 2))]).await;
    assert!(find(&adapters, &secret(2)).await.is_some());
}

/// Epoch, address and freeze decide whether the session is good: an old account would let it live.
pub async fn a_session_comes_with_its_account_as_it_is_now(adapters: Adapters) {
    let owner = signed_in(&adapters, [1]).await;
    let stranger = verified(2);
    adapters
        .write([
            Write::InsertAccount(stranger.clone()),
            Write::InsertSession(session(&stranger, 2)),
        ])
        .await;
    assert_eq!(find(&adapters, &secret(1)).await.map(|live| live.account), Some(owner.clone()));
    let mut now = owner;
    for round in 0..3_u64 {
        let moved = now.clone().move_to(email(&format!("new{round}@example.com")), NOW);
        adapters.write([Write::UpdateAccount(moved.clone())]).await;
        now = moved.edit(|record| record.version = record.version.next());
        assert_eq!(find(&adapters, &secret(1)).await.map(|live| live.account), Some(now.clone()));
    }
    assert_eq!(find(&adapters, &secret(2)).await.map(|live| live.account), Some(stranger));
}

/// The version is the adapter's to count.
pub async fn an_update_moves_the_version_on_by_one(adapters: Adapters) {
    signed_in(&adapters, [1]).await;
    for version in 2..5 {
        let decided =
            stored(&adapters, 1).await.edit(|record| record.proved_at = NOW + Span::hours(version));
        adapters.write([Write::UpdateSession(decided.clone())]).await;
        let wanted = decided.edit(|record| record.version = Version::from_stored(version));
        assert_eq!(stored(&adapters, 1).await, wanted);
    }
}

/// Neither an older version nor one that is not there yet, nor a session that is not there at all.
pub async fn an_update_decided_on_another_version_is_stale(adapters: Adapters) {
    let owner = signed_in(&adapters, [1]).await;
    let first = session(&owner, 1);
    adapters.write([Write::UpdateSession(first.clone())]).await;
    for wrong in [0, 1, 3] {
        let decided = first.clone().edit(|record| {
            record.version = Version::from_stored(wrong);
            record.secret = secret(9);
        });
        assert_stale(&adapters.try_write([Write::UpdateSession(decided)]).await);
    }
    assert_stale(&adapters.try_write([Write::UpdateSession(session(&owner, 2))]).await);
    assert_eq!(find(&adapters, &secret(9)).await, None);
    assert_eq!(stored(&adapters, 1).await.record().version, Version::from_stored(2));
}

/// A session that was ended is never renewed, whatever version the decision was made on.
pub async fn an_update_of_an_ended_session_is_stale(adapters: Adapters) {
    let owner = signed_in(&adapters, [1]).await;
    let before = stored(&adapters, 1).await;
    adapters.write([end(owner.id(), id(1), EndReason::SignedOut)]).await;
    let after = stored(&adapters, 1).await.edit(|record| record.ended = None);
    for decided in [before, after] {
        let renewed = decided.edit(|record| record.secret = secret(9));
        assert_stale(&adapters.try_write([Write::UpdateSession(renewed)]).await);
    }
    assert_eq!(find(&adapters, &secret(9)).await, None);
    assert!(stored(&adapters, 1).await.record().ended.is_some());
}

/// ASVS V7.2.4: whoever copied the old secret has nothing.
pub async fn a_renewed_secret_works_at_once_and_the_old_one_no_more(adapters: Adapters) {
    signed_in(&adapters, [1]).await;
    let renewed = stored(&adapters, 1).await.edit(|record| record.secret = secret(2));
    assert_eq!(find(&adapters, &secret(2)).await, None);
    adapters.write([Write::UpdateSession(renewed)]).await;
    assert_eq!(find(&adapters, &secret(1)).await, None);
    assert_eq!(stored(&adapters, 2).await.id(), id(1));
}

/// CS-51: a secret opens one thing.
pub async fn a_secret_belongs_to_one_session(adapters: Adapters) {
    let owner = signed_in(&adapters, [1, 2]).await;
    let same_secret = session(&owner, 3).edit(|record| record.secret = secret(1));
    let same_id = session(&owner, 1).edit(|record| record.secret = secret(4));
    for twin in [same_secret, same_id] {
        assert_taken(&adapters.try_write([Write::InsertSession(twin)]).await, Unique::Other);
    }
    let renewed = session(&owner, 2).edit(|record| record.secret = secret(1));
    assert_taken(&adapters.try_write([Write::UpdateSession(renewed)]).await, Unique::Other);
    assert_eq!(stored(&adapters, 1).await, session(&owner, 1));
    assert_eq!(stored(&adapters, 2).await, session(&owner, 2));
}

/// It gave way between the decision and the commit: the service reads again and finds nobody.
pub async fn a_session_of_an_account_that_is_gone_is_stale(adapters: Adapters) {
    let orphan = session(&account(1), 1);
    assert_stale(&adapters.try_write([Write::InsertSession(orphan)]).await);
    assert_eq!(find(&adapters, &secret(1)).await, None);
}

/// Read before, so that whatever an adapter remembers would show.
pub async fn the_end_of_a_session_is_seen_at_once(adapters: Adapters) {
    let owner = signed_in(&adapters, 1..=20).await;
    for n in 1..=20 {
        assert_eq!(stored(&adapters, n).await.record().ended, None);
    }
    for n in 1..=10 {
        adapters.write([end(owner.id(), id(n), EndReason::EndedElsewhere)]).await;
        let wanted = Some(Ended { at: NOW, why: EndReason::EndedElsewhere });
        assert_eq!(stored(&adapters, n).await.record().ended, wanted);
    }
    adapters.write([end_all(owner.id(), None)]).await;
    for n in 11..=20 {
        assert!(stored(&adapters, n).await.record().ended.is_some());
    }
}

/// Why it ended, and when, is told once.
pub async fn the_first_end_of_a_session_stands(adapters: Adapters) {
    let owner = signed_in(&adapters, [1]).await;
    adapters.write([end(owner.id(), id(1), EndReason::SignedOut)]).await;
    let later = NOW + Span::hours(1);
    let (account, session, why) = (owner.id(), id(1), EndReason::Disputed);
    adapters.write([Write::EndSession { account, session, at: later, why }]).await;
    adapters.write([Write::EndSessions { account, except: None, at: later, why }]).await;
    let wanted = Some(Ended { at: NOW, why: EndReason::SignedOut });
    assert_eq!(stored(&adapters, 1).await.record().ended, wanted);
}

/// Knowing a session's id is not enough to end it.
pub async fn a_session_is_ended_only_by_its_own_account(adapters: Adapters) {
    signed_in(&adapters, [1]).await;
    let stranger = verified(2);
    adapters
        .write([
            Write::InsertAccount(stranger.clone()),
            Write::InsertSession(session(&stranger, 2)),
        ])
        .await;
    adapters.write([end(stranger.id(), id(1), EndReason::EndedElsewhere)]).await;
    assert_eq!(stored(&adapters, 1).await.record().ended, None);
    // An exception that is another account's protects nothing and harms nothing.
    adapters.write([end_all(stranger.id(), Some(id(1)))]).await;
    assert_eq!(stored(&adapters, 1).await.record().ended, None);
    assert!(stored(&adapters, 2).await.record().ended.is_some());
}

/// Signing out twice is no fault.
pub async fn ending_what_is_not_there_is_no_error(adapters: Adapters) {
    let owner = signed_in(&adapters, []).await;
    adapters.write([end(owner.id(), id(1), EndReason::SignedOut)]).await;
    adapters.write([end_all(owner.id(), Some(id(1)))]).await;
    adapters.write([end_all(id(99), None)]).await;
}

/// "End all others."
pub async fn all_sessions_end_but_the_one_that_is_named(adapters: Adapters) {
    let owner = signed_in(&adapters, 1..=5).await;
    adapters.write([end_all(owner.id(), Some(id(3)))]).await;
    for n in 1..=5 {
        assert_eq!(stored(&adapters, n).await.record().ended.is_none(), n == 3, "session {n}");
    }
    let left = adapters.sessions.list(owner.id()).await.expect("reads");
    assert_eq!(left, vec![session(&owner, 3)]);
    adapters.write([end_all(owner.id(), None)]).await;
    assert_eq!(adapters.sessions.list(owner.id()).await.expect("reads"), vec![]);
}

/// Another account's sessions are never among them.
pub async fn the_list_leaves_out_ended_sessions_and_puts_the_last_used_first(adapters: Adapters) {
    let owner = signed_in(&adapters, []).await;
    let stranger = verified(2);
    let used = |n: u64, minutes| {
        session(&owner, n).edit(|record| record.last_used_at = NOW + Span::minutes(minutes))
    };
    let inserted = [used(1, 5), used(2, 1), used(3, 9), used(4, 7)];
    adapters.write(inserted.clone().map(Write::InsertSession)).await;
    adapters
        .write([
            Write::InsertAccount(stranger.clone()),
            Write::InsertSession(session(&stranger, 9)),
        ])
        .await;
    adapters.write([end(owner.id(), id(4), EndReason::EndedElsewhere)]).await;
    let [first, second, third, _] = inserted;
    let list = adapters.sessions.list(owner.id()).await.expect("reads");
    assert_eq!(list, vec![third, first, second]);
    assert_eq!(adapters.sessions.list(id(77)).await.expect("reads"), vec![]);
}

/// A page that a person reads; the ones used last are on it.
pub async fn the_list_ends_at_a_hundred(adapters: Adapters) {
    let owner = signed_in(&adapters, []).await;
    let many = (1..=105_u64).map(|n| {
        let minutes = i64::try_from(n).expect("small");
        session(&owner, n).edit(|record| record.last_used_at = NOW + Span::minutes(minutes))
    });
    adapters.write(many.map(Write::InsertSession)).await;
    let list = adapters.sessions.list(owner.id()).await.expect("reads");
    let ids: Vec<SessionId> = list.iter().map(Session::id).collect();
    assert_eq!(ids, (6..=105).rev().map(id).collect::<Vec<_>>());
}

/// The time of last use is upkeep: who decided on the session before goes on.
pub async fn a_touch_is_kept_and_makes_no_decision_stale(adapters: Adapters) {
    let owner = signed_in(&adapters, [1, 2]).await;
    let decided = stored(&adapters, 1).await;
    let at = NOW + Span::minutes(3);
    adapters.write([Write::TouchSession { session: id(1), at }]).await;
    let touched = session(&owner, 1).edit(|record| record.last_used_at = at);
    assert_eq!(stored(&adapters, 1).await, touched);
    assert_eq!(stored(&adapters, 2).await, session(&owner, 2));
    adapters.write([Write::UpdateSession(decided)]).await;
}

/// Two requests of one session may be written in the other order.
pub async fn a_late_touch_does_not_turn_back_time(adapters: Adapters) {
    signed_in(&adapters, [1]).await;
    for minutes in [5, 3] {
        let at = NOW + Span::minutes(minutes);
        adapters.write([Write::TouchSession { session: id(1), at }]).await;
    }
    assert_eq!(stored(&adapters, 1).await.record().last_used_at, NOW + Span::minutes(5));
}

/// Nor one that is gone. It stays ended.
pub async fn touching_an_ended_session_is_no_error(adapters: Adapters) {
    let owner = signed_in(&adapters, [1]).await;
    adapters.write([end(owner.id(), id(1), EndReason::SignedOut)]).await;
    let at = NOW + Span::minutes(5);
    adapters.write([1, 2].map(|n| Write::TouchSession { session: id(n), at })).await;
    let wanted = Some(Ended { at: NOW, why: EndReason::SignedOut });
    assert_eq!(stored(&adapters, 1).await.record().ended, wanted);
    assert_eq!(adapters.sessions.list(owner.id()).await.expect("reads"), vec![]);
}

/// A reader who began before the commit must not leave behind what it read: after the commit has answered,
/// everybody sees the end.
pub async fn a_reader_in_a_race_with_the_end_never_keeps_the_session_alive(adapters: Adapters) {
    let owner = signed_in(&adapters, 1..=10).await;
    for n in 1..=10_u64 {
        let over = Arc::new(AtomicBool::new(false));
        race(9, |runner| {
            let (adapters, over, owner) = (adapters.clone(), Arc::clone(&over), owner.id());
            async move {
                if runner == 0 {
                    adapters.write([end(owner, id(n), EndReason::SignedOut)]).await;
                    over.store(true, Ordering::SeqCst);
                    return;
                }
                loop {
                    let was_over = over.load(Ordering::SeqCst);
                    let ended = stored(&adapters, n).await.record().ended;
                    if was_over {
                        assert!(
                            ended.is_some(),
                            "session {n} lived on after its end was committed"
                        );
                        return;
                    }
                    tokio::task::yield_now().await;
                }
            }
        })
        .await;
        assert!(stored(&adapters, n).await.record().ended.is_some());
    }
}

fn demand(account: AccountId, session: SessionId) -> Write {
    Write::DemandSession { account, session }
}

/// And stays alive by it: nothing of the session is written.
pub async fn what_demands_a_live_session_is_written_with_one(adapters: Adapters) {
    let owner = signed_in(&adapters, [1]).await;
    let before = stored(&adapters, 1).await;
    let spoken = Write::UpdateAccount(owner.clone().speak(Locale::Fr));
    adapters.write([demand(owner.id(), id(1)), spoken]).await;
    let after = find(&adapters, &secret(1)).await.expect("is there");
    assert_eq!((after.session, after.account.locale()), (before, Locale::Fr));
    // The epoch may advance in the same commit, after the demand.
    let moved = after.account.change_password(hash("another"), NOW);
    adapters.write([demand(owner.id(), id(1)), Write::UpdateAccount(moved)]).await;
}

/// MN-13: never issued, another account's, ended, of an earlier epoch, of an account that is gone.
pub async fn what_demands_a_session_that_is_over_is_stale_and_writes_nothing(adapters: Adapters) {
    let owner = signed_in(&adapters, [1, 2]).await;
    let (other, claim) = (verified(2), account(3));
    adapters.write([other.clone(), claim.clone()].map(Write::InsertAccount)).await;
    let older = session(&owner, 3).edit(|record| record.epoch = SecurityEpoch::UNPROVED);
    adapters.write([session(&other, 4), older, session(&claim, 5)].map(Write::InsertSession)).await;
    adapters.write([end(owner.id(), id(2), EndReason::SignedOut)]).await;
    adapters.write([Write::RemoveAccount(claim.clone())]).await;
    let demands = [
        ("never issued", demand(owner.id(), id(9))),
        ("another account's", demand(owner.id(), id(4))),
        ("another's, by its name", demand(other.id(), id(1))),
        ("ended", demand(owner.id(), id(2))),
        ("of an earlier epoch", demand(owner.id(), id(3))),
        ("of an account that is gone", demand(claim.id(), id(5))),
    ];
    let audited = adapters.audited().await;
    for (what, demanded) in demands {
        let spoken = Write::UpdateAccount(owner.clone().speak(Locale::Fr));
        let found = adapters.try_write([demanded, spoken]).await;
        assert!(matches!(found, Err(CommitError::Stale)), "{what}: {found:?}");
        let stored = adapters.accounts.find(owner.id()).await.expect("reads");
        assert_eq!(stored, Some(owner.clone()), "{what}");
    }
    assert_eq!(adapters.audited().await, audited);
}

/// MN-13 in a race: the audit trail has the order of the commits, and in it no act of a session stands after
/// the session's end.
pub async fn nothing_that_demands_a_session_comes_after_its_end(adapters: Adapters) {
    let owner = signed_in(&adapters, 1..=10).await;
    for n in 1..=10_u64 {
        let before = i64::try_from(adapters.audited().await).expect("few");
        let found = race(8, |runner| {
            let (adapters, owner) = (adapters.clone(), owner.id());
            async move {
                let (event, write) = match runner {
                    0 => (event().with("did", "end"), end(owner, id(n), EndReason::EndedElsewhere)),
                    _ => (event().with("did", "act"), demand(owner, id(n))),
                };
                adapters.commit(Changes::told_by(event).write(write)).await.is_ok()
            }
        })
        .await;
        assert!(found[0], "the end is refused to nobody");
        let trail = adapters.audit.list(before, 100).await.expect("reads");
        let did: Vec<_> = trail.iter().map(|entry| entry.details["did"].as_str()).collect();
        let acts = found[1..].iter().filter(|done| **done).count();
        assert_eq!(did, [vec!["act"; acts], vec!["end"]].concat(), "session {n}");
    }
}
