//! Removing factors, and new backup codes.

use super::support::{
    app, backup_code, code, codes, codes_without, frozen, proved, secured, stage,
};
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::email_change::EmailChange;
use crate::one_time_codes::Step;
use crate::reason::Refusal;
use crate::second_factors::{Changed, FactorEnd, FactorError, FactorProof, FactorSecret};
use crate::sessions::{EndReason, LiveSession, SessionProof};
use crate::tests_support::{
    Edit, MS, NOW, Stage, counting_entropy, id, pending, stale, told, visit,
};
use crate::values::Span;

async fn remove(
    stage: &Stage,
    live: &LiveSession,
    factor: u64,
    proof: FactorProof<'_>,
) -> Result<Changed, FactorError> {
    stage.rightful.second_factors().remove(live, id(factor), proof, &visit()).await
}

fn settled(live: &LiveSession, done: &Changed) -> [Write; 2] {
    let account = &done.renewed.account;
    let (session, _) =
        live.session.clone().renew(account, SessionProof::Factor, &counting_entropy(), NOW);
    let session = session.edit(|record| record.secret = done.renewed.secret.hash());
    let end = Write::EndSessions {
        account: account.id(),
        except: Some(session.id()),
        at: NOW,
        why: EndReason::FactorsChanged,
    };
    [Write::UpdateSession(session), end]
}

#[tokio::test]
async fn asvs_v6_5_6_the_last_app_goes_with_the_backup_codes_and_other_sessions_end() {
    let live = stale(&secured());
    let stage = stage(&live);
    let done = remove(&stage, &live, 80, FactorProof::Code(&code(NOW))).await.unwrap();
    let account = secured().release_factor(false);
    assert_eq!(done.renewed.account, account);
    let used = app(&secured(), 80).use_step(Step::at(NOW), NOW).unwrap();
    let [session, end] = settled(&live, &done);
    let wanted = told(Act::FactorRemoved, Actor::Customer(account.id()), Some(account.id()))
        .write(Write::UpdateAccount(account))
        .write(Write::UpdateFactor(used.end(FactorEnd::Removed, NOW)))
        .write(Write::UpdateFactor(codes(&secured()).end(FactorEnd::Removed, NOW)))
        .write(Write::ForgetTries(vec![stage.rightful.factor_key(&secured(), &visit())]))
        .write(session)
        .write(end)
        .letter("factor_removed", "ada@example.org");
    assert_eq!(stage.commit(), wanted);
}

#[tokio::test]
async fn one_of_two_apps_goes_and_the_other_and_the_codes_stay() {
    let live = stale(&secured());
    let stage = stage(&live).and(|world| world.factors.push(app(&secured(), 81)));
    let done = remove(&stage, &live, 81, FactorProof::BackupCode(&backup_code(2))).await.unwrap();
    assert!(done.renewed.account.has_second_factor());
    let writes = stage.commit().writes;
    assert_eq!(writes[1], Write::UpdateFactor(app(&secured(), 81).end(FactorEnd::Removed, NOW)));
    assert_eq!(writes[2], Write::UpdateFactor(codes_without(&secured(), 2, NOW)));
}

#[tokio::test]
async fn mn_24_without_a_right_code_nothing_is_removed() {
    // The factor was proved a minute ago in this session: that opens no change of factors (MN-14).
    let live = proved(&secured());
    for proof in [FactorProof::Code("000000"), FactorProof::BackupCode("0AAA-BBBB-DDDD")] {
        let stage = stage(&live);
        assert_eq!(remove(&stage, &live, 80, proof).await.unwrap_err().code(), "wrong_code");
        let account = live.account.id();
        let wanted = told(Act::FactorRefused, Actor::Customer(account), Some(account));
        assert_eq!(stage.commit(), wanted);
    }
}

#[tokio::test]
async fn what_is_no_bound_app_of_the_account_is_not_found() {
    let live = stale(&secured());
    // 90: the backup codes go with the last app, never alone.
    for factor in [90, 99] {
        let stage = stage(&live);
        let refused = remove(&stage, &live, factor, FactorProof::Code(&code(NOW))).await;
        assert_eq!(refused.unwrap_err().code(), "not_found");
        assert_eq!(stage.commits().len(), 0);
    }
}

fn confirmed(at: crate::values::Timestamp) -> EmailChange {
    pending(&secured(), "new@example.org", 9).edit(|record| {
        record.state = crate::email_change::ChangeState::Confirmed { at };
    })
}

/// CS-29: a thief who moved the address cannot take the owner's factor away while the owner can still object.
#[tokio::test]
async fn cs_29_no_factor_is_removed_within_seven_days_of_a_change_of_address() {
    let live = stale(&secured());
    let week = Span::days(7);
    for (at, wait) in [(NOW, Some(week)), (NOW - week + MS, Some(MS)), (NOW - week, None)] {
        let stage = stage(&live).and(|world| world.changes.push(confirmed(at)));
        let done = remove(&stage, &live, 80, FactorProof::Code(&code(NOW))).await;
        match wait {
            None => assert!(done.is_ok()),
            Some(wait) => {
                let refused = done.unwrap_err();
                assert_eq!(
                    (refused.code(), refused.retry_after()),
                    ("email_change_window", Some(wait))
                );
                assert_eq!(stage.commits().len(), 0);
            }
        }
    }
}

#[tokio::test]
async fn a_frozen_account_changes_no_factor() {
    let live = proved(&frozen(&secured()));
    let stage = stage(&live);
    let refused = remove(&stage, &live, 80, FactorProof::Code(&code(NOW))).await.unwrap_err();
    assert_eq!(refused.code(), "account_frozen");
    let renewed = stage.rightful.second_factors();
    let refused = renewed.renew_backup_codes(&live, FactorProof::Code(&code(NOW)), &visit()).await;
    assert_eq!(refused.unwrap_err().code(), "account_frozen");
    assert_eq!(stage.commits().len(), 0);
}

#[tokio::test]
async fn new_backup_codes_take_the_place_of_the_old_ones() {
    let live = stale(&secured());
    let stage = stage(&live);
    let factors = stage.rightful.second_factors();
    // With one of the old codes: it is used up, and goes with its set.
    let proof = FactorProof::BackupCode(&backup_code(0));
    let done = factors.renew_backup_codes(&live, proof, &visit()).await.unwrap();
    assert_eq!(done.backup_codes.as_ref().map(Vec::len), Some(10));
    let commit = stage.commit();
    let replaced = codes_without(&secured(), 0, NOW).end(FactorEnd::Replaced, NOW);
    let set = commit.writes.iter().find_map(|write| match write {
        Write::InsertFactor(set) => Some(set.clone()),
        _ => None,
    });
    let set = set.unwrap();
    assert!(matches!(&set.record().secret, FactorSecret::BackupCodes(kept) if kept.len() == 10));
    let [session, end] = settled(&live, &done);
    let account = secured().bind_factor(NOW);
    let wanted = told(Act::BackupCodesRenewed, Actor::Customer(account.id()), Some(account.id()))
        .write(Write::UpdateAccount(account))
        .write(Write::UpdateFactor(replaced))
        .write(Write::ForgetTries(vec![stage.rightful.factor_key(&secured(), &visit())]))
        .write(Write::InsertFactor(set))
        .write(session)
        .write(end)
        .letter("backup_codes_renewed", "ada@example.org");
    assert_eq!(commit, wanted);
}

#[tokio::test]
async fn without_a_second_factor_there_are_no_backup_codes() {
    let live = crate::tests_support::fresh(&crate::tests_support::ada());
    let stage = Stage::signed_in(&live);
    let factors = stage.rightful.second_factors();
    let refused = factors.renew_backup_codes(&live, FactorProof::Code("000000"), &visit()).await;
    assert_eq!(refused.unwrap_err().code(), "not_found");
}

#[tokio::test]
async fn the_panel_shows_what_is_bound_and_how_many_codes_are_left() {
    let live = stale(&secured());
    let stage = stage(&live).and(|world| {
        world.factors[1] = codes_without(&secured(), 3, NOW);
        world.factors.push(super::support::begun(&secured(), 1, NOW));
    });
    let panel = stage.rightful.second_factors().panel(&live).await.unwrap();
    assert_eq!(panel.factors, [app(&secured(), 80)]);
    assert_eq!(panel.codes_left, Some(9));
}
