use super::*;
use crate::accounts::{Account, AccountRecord, PasswordSetBy, SecurityEpoch};
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::reason::{NextAction, Reason, Refusal};
use crate::sessions::{EndReason, Ended};
use crate::tests_support::{
    Edit, MS, NOW, Stage, ada, fresh, frozen_ada, hash, pending, session, told, unverified, visit,
};
use crate::values::{Span, Timestamp};
use ItemCode::{EmailChange, Freeze, Mailbox, Password, Sessions};
use State::{Due, Good, Recommended};

const YEAR: Span = Span::days(365);
const ALMOST_A_WEEK: Span = Span::from_millis(7 * 86_400_000 - 1);

fn look(account: &Account) -> Checkup {
    let sessions = [session(account, 1)];
    let session = sessions[0].id();
    Checkup::of(Holdings { account, session, sessions: &sessions, pending: None }, NOW)
}

fn item(checkup: &Checkup, code: ItemCode) -> Item {
    *checkup.items.iter().find(|item| item.code == code).expect("every item is there")
}

fn stands(checkup: &Checkup, code: ItemCode) -> (State, Option<NextAction>) {
    let item = item(checkup, code);
    (item.state, item.next_action)
}

/// every item once, in their order; an account with nothing amiss is all good.
#[test]
fn r_146_every_item_is_told_in_its_order() {
    let checkup = look(&ada());
    let codes: Vec<_> = checkup.items.iter().map(|item| item.code).collect();
    assert_eq!(codes, ItemCode::ALL);
    for item in checkup.items {
        assert_eq!((item.state, item.next_action), (Good, None), "{:?}", item.code);
    }
    let names = ItemCode::ALL.map(ItemCode::as_str);
    assert_eq!(names, ["password", "mailbox", "freeze", "email_change", "sessions"]);
    assert_eq!([Good, Recommended, Due].map(State::as_str), ["good", "recommended", "due"]);
}

/// 63B §3.1.1.2: no password is due for its age; one that the mailbox alone set is told of for seven days.
#[test]
fn r_145_a_password_is_judged_by_who_set_it_and_not_by_its_age() {
    let set = |by, ago: Span| {
        ada().edit(|record| {
            record.password_set_by = by;
            record.password_set_at = NOW - ago;
        })
    };
    for (by, ago, wanted) in [
        (PasswordSetBy::Owner, Span::days(3_650), (Good, None)),
        (PasswordSetBy::Owner, MS, (Good, None)),
        (PasswordSetBy::Mailbox, MS, (Recommended, Some(NextAction::ChangePassword))),
        (PasswordSetBy::Mailbox, ALMOST_A_WEEK, (Recommended, Some(NextAction::ChangePassword))),
        (PasswordSetBy::Mailbox, Span::days(7), (Good, None)),
    ] {
        let checkup = look(&set(by, ago));
        assert_eq!(stands(&checkup, Password), wanted, "{by:?} {ago:?}");
        assert_eq!(item(&checkup, Password).since, Some(NOW - ago));
    }
}

#[test]
fn what_is_amiss_is_told_with_what_to_do() {
    let unproved = look(&unverified("ada@example.org"));
    assert_eq!(stands(&unproved, Mailbox), (Due, Some(NextAction::ResendVerification)));
    let frozen = look(&frozen_ada());
    assert_eq!(stands(&frozen, Freeze), (Due, Some(NextAction::ContactShop)));
    let account = ada();
    let change = pending(&account, "new@example.org", 5);
    let sessions = [session(&account, 1), session(&account, 2), session(&account, 3)];
    let session = sessions[0].id();
    let holdings =
        Holdings { account: &account, session, sessions: &sessions, pending: Some(&change) };
    let checkup = Checkup::of(holdings, NOW);
    let review = (Recommended, Some(NextAction::ReviewEmailChange));
    assert_eq!(stands(&checkup, EmailChange), review);
    assert_eq!(stands(&checkup, Sessions), (Recommended, Some(NextAction::ReviewSessions)));
    assert_eq!(item(&checkup, Sessions).count, Some(2));
    // Those that were there at the last check-up were looked at.
    let checked = account.clone().security_checked(NOW);
    let checkup = Checkup::of(Holdings { account: &checked, ..holdings }, NOW);
    assert_eq!(
        (stands(&checkup, Sessions), item(&checkup, Sessions).count),
        ((Good, None), Some(2))
    );
}

/// after every recovery, and once a year.
#[test]
fn r_147_it_is_due_after_every_recovery_and_once_a_year() {
    let at = |change: &dyn Fn(&mut AccountRecord)| look(&ada().edit(|record| change(record)));
    let made = |at: Timestamp| move |record: &mut AccountRecord| record.created_at = at;
    let due = |checkup: Checkup| (checkup.is_due, checkup.due_at);
    assert_eq!(due(at(&made(NOW))), (false, NOW + YEAR));
    assert_eq!(due(at(&made(NOW - YEAR + MS))), (false, NOW + MS));
    assert_eq!(due(at(&made(NOW - YEAR))), (true, NOW));
    let checked = at(&|record| {
        record.created_at = NOW - Span::days(4_000);
        record.security_checked_at = Some(NOW - Span::days(300));
    });
    assert_eq!(checked.done_at, Some(NOW - Span::days(300)));
    assert_eq!(due(checked), (false, NOW + Span::days(65)));
    let recovered = at(&|record| {
        record.created_at = NOW - Span::days(20);
        record.security_checked_at = Some(NOW - Span::days(3));
        record.recovered_at = Some(NOW - Span::days(1));
    });
    assert_eq!(due(recovered), (true, NOW - Span::days(1)));
    let since = at(&|record| {
        record.security_checked_at = Some(NOW - Span::days(1));
        record.recovered_at = Some(NOW - Span::days(3));
    });
    assert_eq!(due(since), (false, NOW + Span::days(364)));
    for account in [
        ada().reset_password(hash("another password"), NOW),
        ada().restore(ada().email().clone(), hash("another password"), NOW),
    ] {
        assert!(look(&account).is_due);
        assert!(!look(&account.security_checked(NOW)).is_due);
    }
}

/// Only live sessions count, and only a change of the account's own epoch.
#[tokio::test]
async fn what_is_over_is_not_looked_at() {
    let account = ada();
    let live = fresh(&account);
    let ended = Some(Ended { at: NOW, why: EndReason::SignedOut });
    let stage = Stage::signed_in(&live).and(|world| {
        world.sessions.push(session(&account, 2));
        world.sessions.push(session(&account, 3).edit(|record| record.ended = ended));
        world
            .sessions
            .push(session(&account, 4).edit(|record| record.epoch = SecurityEpoch::UNPROVED));
        let old = pending(&account, "new@example.org", 5);
        world.changes.push(old.edit(|record| record.epoch = SecurityEpoch::UNPROVED));
    });
    let checkup = stage.rightful.security_checkups().look(&live).await.unwrap();
    assert_eq!(item(&checkup, Sessions).count, Some(1));
    assert_eq!(stands(&checkup, EmailChange), (Good, None));
    assert_eq!(stage.commits(), [], "looking changes nothing");
}

#[tokio::test]
async fn r_147_done_is_written_once_and_told() {
    let live = fresh(&ada());
    let stage = Stage::signed_in(&live);
    let checkup = stage.rightful.security_checkups().done(&live, &visit()).await.unwrap();
    assert_eq!((checkup.done_at, checkup.due_at), (Some(NOW), NOW + YEAR));
    let account = ada().security_checked(NOW);
    let wanted = told(Act::SecurityChecked, Actor::Customer(ada().id()), Some(ada().id()))
        .write(Write::UpdateAccount(account.clone()));
    assert_eq!(stage.commit(), wanted);
    assert_eq!(stage.commit().demanded, Some(live.session.id()));
    // Said again within the hour, it is said; an hour later it is news.
    for (later, written) in [(Span::minutes(59), 0), (Span::hours(1), 1)] {
        let stage = Stage::signed_in(&fresh(&account));
        stage.set(|world| world.now = NOW + later);
        stage.rightful.security_checkups().done(&live, &visit()).await.unwrap();
        assert_eq!(stage.commits().len(), written, "{later:?}");
    }
    // After a recovery it is due again at once.
    let recovered = account.edit(|record| record.recovered_at = Some(NOW + MS));
    let stage = Stage::signed_in(&fresh(&recovered));
    stage.set(|world| world.now = NOW + MS + MS);
    stage.rightful.security_checkups().done(&live, &visit()).await.unwrap();
    assert_eq!(stage.commits().len(), 1);
}

/// MN-13.
#[tokio::test]
async fn mn_13_a_session_that_is_over_looks_at_nothing() {
    let live = fresh(&ada());
    let stage = Stage::with(&ada());
    let checkups = stage.rightful.security_checkups();
    for refused in
        [checkups.look(&live).await.unwrap_err(), checkups.done(&live, &visit()).await.unwrap_err()]
    {
        assert_eq!(
            (refused.code(), refused.reason()),
            ("unauthenticated", Reason::Unauthenticated)
        );
    }
    let stage = Stage::signed_in(&live);
    stage.meanwhile(|world| world.sessions.clear());
    let refused = stage.rightful.security_checkups().done(&live, &visit()).await.unwrap_err();
    assert_eq!(refused.code(), "unauthenticated");
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    let live = fresh(&ada());
    for part in ["sessions", "email_changes", "unit_of_work"] {
        let stage = Stage::signed_in(&live).and(|world| world.broken = Some(part));
        let failed = stage.rightful.security_checkups().done(&live, &visit()).await.unwrap_err();
        assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
    }
}
