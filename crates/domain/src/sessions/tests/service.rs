use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::ports::CommitError;
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::sessions::{EndReason, Ended, LiveSession, SessionError};
use crate::tests_support::{
    Call, Edit, MS, NEW_PASSWORD, NOW, Stage, ada, fresh, hash, id, secret, session, stale, told,
    untold, unverified, verified, visit,
};
use crate::values::{SessionId, Span};

async fn check(stage: &Stage, text: &str) -> Result<LiveSession, SessionError> {
    stage.rightful.sessions().check(text).await
}

/// Ada's sessions 1 to 3, and Bob's 4; the last two are over.
fn many() -> Stage {
    let (ada, bob) = (ada(), verified("bob@example.org"));
    let idle = session(&ada, 3).edit(|record| {
        record.started_at = NOW - Span::days(8);
        record.last_used_at = NOW - Span::days(7);
    });
    let earlier =
        session(&ada, 5).edit(|record| record.epoch = crate::accounts::SecurityEpoch::UNPROVED);
    Stage::signed_in(&fresh(&ada)).and(|world| {
        world.accounts.push(bob.clone());
        world.sessions.extend([session(&ada, 2), idle, session(&bob, 4), earlier]);
    })
}

#[tokio::test]
async fn a_live_session_is_found_by_its_secret() {
    let stage = Stage::signed_in(&stale(&ada()));
    let live = check(&stage, secret("ses", 1).expose()).await.unwrap();
    assert_eq!(live, stale(&ada()));
    assert_eq!(stage.calls(), [Call::Read("sessions")], "used just now: nothing is written");
}

/// Every reason is one answer (ASVS V7.4.1); what has not the form of a secret is not looked up.
#[tokio::test]
async fn asvs_v7_4_1_whatever_is_wrong_with_a_session_is_one_answer() {
    let live = stale(&ada());
    let with = |change: fn(&mut crate::sessions::SessionRecord)| {
        let session = live.session.clone().edit(change);
        Stage::with(&live.account).and(|world| world.sessions.push(session))
    };
    let good = secret("ses", 1).expose().to_owned();
    let table = [
        ("never issued", Stage::with(&ada()), good.clone(), 1),
        (
            "ended",
            with(|r| r.ended = Some(Ended { at: NOW, why: EndReason::SignedOut })),
            good.clone(),
            1,
        ),
        ("idle", with(|r| r.last_used_at = NOW - Span::days(7)), good.clone(), 1),
        ("old", with(|r| r.started_at = NOW - Span::days(30)), good.clone(), 1),
        (
            "of another epoch",
            with(|r| r.epoch = crate::accounts::SecurityEpoch::UNPROVED),
            good.clone(),
            1,
        ),
        ("a link's secret", Stage::signed_in(&live), secret("vfy", 1).expose().to_owned(), 0),
        ("cut short", Stage::signed_in(&live), good[..good.len() - 1].to_owned(), 0),
        ("nothing", Stage::signed_in(&live), String::new(), 0),
    ];
    for (what, stage, text, looked_up) in table {
        let refused = check(&stage, &text).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.reason()),
            ("unauthenticated", Reason::Unauthenticated),
            "{what}"
        );
        assert_eq!(stage.count(&Call::Read("sessions")), looked_up, "{what}");
        assert_eq!(stage.commits(), [], "{what}");
    }
}

/// Use is written once a minute, without an event: nobody decided anything.
#[tokio::test]
async fn the_use_of_a_session_is_written_once_a_minute() {
    let minute = NOW + Span::minutes(1);
    for (now, written) in [(minute - MS, false), (minute, true)] {
        let stage = Stage::signed_in(&stale(&ada())).and(|world| world.now = now);
        check(&stage, secret("ses", 1).expose()).await.unwrap();
        let touch = untold().write(Write::TouchSession { session: id(1), at: now });
        assert_eq!(stage.commits(), written.then_some(touch).into_iter().collect::<Vec<_>>());
    }
}

/// The time of last use is upkeep: where it cannot be written now, the customer is signed in all the same.
#[tokio::test]
async fn a_full_queue_of_writers_refuses_nobody_who_is_signed_in() {
    for (end, refused) in [
        (CommitError::Stale, None),
        (CommitError::Outage(Outage::Overloaded), None),
        (CommitError::Outage(Outage::failed("database", "gone")), Some("outage")),
    ] {
        let stage =
            Stage::signed_in(&stale(&ada())).and(|world| world.now = NOW + Span::minutes(1));
        stage.next_commit(end);
        let found = check(&stage, secret("ses", 1).expose()).await;
        assert_eq!(found.err().map(|error| error.code()), refused);
    }
}

#[tokio::test]
async fn asvs_v7_5_2_the_list_holds_the_customers_own_live_sessions() {
    let stage = many();
    let listed = stage.rightful.sessions().list(&fresh(&ada())).await.unwrap();
    assert!(!listed.more);
    let ids: Vec<SessionId> = listed.sessions.iter().map(crate::sessions::Session::id).collect();
    assert_eq!(ids, [id(1), id(2)]);
}

///
#[tokio::test]
async fn r_096_signing_out_ends_the_session_on_the_server() {
    let ada = ada();
    let stage = Stage::signed_in(&stale(&ada));
    stage.rightful.sessions().sign_out(&stale(&ada), &visit()).await.unwrap();
    let ended =
        told(Act::SignedOut, Actor::Customer(ada.id()), Some(ada.id())).write(Write::EndSession {
            account: ada.id(),
            session: id(1),
            at: NOW,
            why: EndReason::SignedOut,
        });
    assert_eq!(stage.commit(), ended);
    // To end the session in which one is, is to sign out; no fresh proof is asked for.
    stage.forget();
    stage.rightful.sessions().end(&stale(&ada), id(1), &visit()).await.unwrap();
    assert_eq!(stage.commit(), ended);
}

#[tokio::test]
async fn asvs_v7_5_2_another_session_ends_after_a_fresh_proof() {
    let ada = ada();
    let stage = many();
    stage.rightful.sessions().end(&fresh(&ada), id(2), &visit()).await.unwrap();
    assert_eq!(
        stage.commit(),
        told(Act::SessionEnded, Actor::Customer(ada.id()), Some(ada.id())).write(
            Write::EndSession {
                account: ada.id(),
                session: id(2),
                at: NOW,
                why: EndReason::EndedElsewhere,
            }
        )
    );
}

/// MN-65: another account's session is as unknown as one that never was; freshness is not even asked.
#[tokio::test]
async fn mn_65_a_foreign_session_is_unknown() {
    for which in [3, 4, 5, 77] {
        for live in [fresh(&ada()), stale(&ada())] {
            let stage = many();
            let refused = stage.rightful.sessions().end(&live, id(which), &visit()).await;
            let refused = refused.unwrap_err();
            assert_eq!((refused.code(), refused.reason()), ("not_found", Reason::NotFound));
            assert_eq!(stage.commits(), [], "session {which}");
        }
    }
}

/// Security §3.6: a thief of one session cannot throw the owner out.
#[tokio::test]
async fn asvs_v7_5_2_without_a_fresh_proof_no_other_session_ends() {
    let live = stale(&ada());
    let stage = many().and(|world| world.sessions[0] = live.session.clone());
    for refused in [
        stage.rightful.sessions().end(&live, id(2), &visit()).await,
        stage.rightful.sessions().end_others(&live, &visit()).await,
    ] {
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.code(), refused.reason()),
            ("reauthentication_required", Reason::Forbidden)
        );
    }
    assert_eq!(stage.commits(), []);
}

#[tokio::test]
async fn asvs_v7_4_3_all_other_sessions_end_and_a_proved_mailbox_is_told() {
    for (account, letter) in [(ada(), true), (unverified("ada@example.org"), false)] {
        let alone = Stage::signed_in(&fresh(&account));
        alone.rightful.sessions().end_others(&fresh(&account), &visit()).await.unwrap();
        assert_eq!(alone.commits(), [], "there is no other: nothing is done, nobody told");

        let stage = alone.and(|world| world.sessions.push(session(&account, 2)));
        stage.rightful.sessions().end_others(&fresh(&account), &visit()).await.unwrap();
        let wanted =
            told(Act::OtherSessionsEnded, Actor::Customer(account.id()), Some(account.id())).write(
                Write::EndSessions {
                    account: account.id(),
                    except: Some(id(1)),
                    at: NOW,
                    why: EndReason::EndedElsewhere,
                },
            );
        let wanted =
            if letter { wanted.letter("sessions_ended", "ada@example.org") } else { wanted };
        assert_eq!(stage.commit(), wanted);
    }
}

/// A full page of records may hide a session that is alive behind those that are over.
#[tokio::test]
async fn all_other_sessions_end_although_a_full_page_shows_none_alive() {
    let live = fresh(&ada());
    let worn = session(&ada(), 2).edit(|record| record.started_at = NOW - Span::days(400));
    for (records, commits) in [(99, 0), (100, 1)] {
        let stage = Stage::signed_in(&live)
            .and(|world| world.sessions.extend(vec![worn.clone(); records - 1]));
        let listed = stage.rightful.sessions().list(&live).await.unwrap();
        assert_eq!((listed.sessions.len(), listed.more), (1, records == 100));
        stage.rightful.sessions().end_others(&live, &visit()).await.unwrap();
        assert_eq!(stage.commits().len(), commits, "{records} records");
    }
}

/// CS-3: a thief must not bury other letters under these.
#[tokio::test]
async fn all_other_sessions_end_ten_times_an_hour() {
    let live = fresh(&ada());
    let stage = Stage::signed_in(&live).and(|world| world.sessions.push(session(&ada(), 2)));
    for _ in 0..10 {
        stage.rightful.sessions().end_others(&live, &visit()).await.unwrap();
    }
    let refused = stage.rightful.sessions().end_others(&live, &visit()).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), ("too_many_requests", Reason::TooMany));
    assert_eq!(refused.retry_after(), Some(Span::hours(1)));
    assert_eq!(refused.next_actions(), [NextAction::Wait]);
    assert_eq!(stage.commits().len(), 10);
}

/// MN-13: a session of before another password lists nothing and ends nothing else.
#[tokio::test]
async fn mn_13_a_session_of_an_earlier_epoch_sees_no_session() {
    let changed = ada().change_password(hash(NEW_PASSWORD), NOW);
    let stage = many();
    let live = LiveSession { account: changed, ..fresh(&ada()) };
    assert_eq!(stage.rightful.sessions().list(&live).await.unwrap().sessions, []);
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["sessions", "unit_of_work"] {
        let stage = many().and(|world| {
            world.broken = Some(part);
            world.now = NOW + Span::minutes(2);
        });
        let sessions = stage.rightful.sessions();
        let live = fresh(&ada());
        for failed in [
            check(&stage, secret("ses", 1).expose()).await.map(drop),
            sessions.end(&live, id(2), &visit()).await,
        ] {
            let failed = failed.unwrap_err();
            assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
        }
        assert_eq!(stage.commits(), [], "{part}");
    }
}
