use super::support::{app, begun, codes, secured};
use crate::accounts::SecurityEpoch;
use crate::links::{Link, LinkPurpose, LinkRefusal};
use crate::one_time_codes::Step;
use crate::second_factors::{
    Factor, FactorEnd, FactorKind, FactorRefusal, FactorSecret, FactorState,
};
use crate::tests_support::{Edit, MS, NOW, ada, link, verified};
use crate::values::Span;

const STEP: Step = Step::from_stored(7);

fn mailbox() -> Link {
    link(LinkPurpose::BindFactor, &ada(), 1).edit(|record| record.expires_at = NOW + MS)
}

#[test]
fn mn_12_the_first_factor_needs_the_mailbox_and_later_ones_do_not() {
    fn bind(link: Option<&Link>) -> Result<Factor, FactorRefusal> {
        begun(&ada(), 1, NOW).bind(&ada(), STEP, link, NOW)
    }
    assert_eq!(bind(None), Err(FactorRefusal::MailboxRequired));
    assert!(bind(Some(&mailbox())).is_ok());
    for (link, refusal) in [
        (
            mailbox().edit(|record| record.purpose = LinkPurpose::VerifyAddress),
            LinkRefusal::Unknown,
        ),
        (
            mailbox().edit(|record| record.account = verified("eve@example.org").id()),
            LinkRefusal::Unknown,
        ),
        (mailbox().edit(|record| record.redeemed_at = Some(NOW)), LinkRefusal::Used),
        (mailbox().edit(|record| record.expires_at = NOW), LinkRefusal::Expired),
        (mailbox().edit(|record| record.epoch = SecurityEpoch::UNPROVED), LinkRefusal::Superseded),
    ] {
        assert_eq!(bind(Some(&link)), Err(FactorRefusal::Link(refusal)));
    }
    let account = secured();
    assert!(begun(&account, 1, NOW).bind(&account, STEP, None, NOW).is_ok());
}

#[test]
fn a_bound_app_remembers_the_step_of_its_first_code() {
    let account = secured();
    let bound = begun(&account, 1, NOW).bind(&account, STEP, None, NOW).unwrap();
    assert_eq!(bound.bound_at(), Some(NOW));
    assert!(matches!(bound.record().secret, FactorSecret::Totp { last: Some(STEP), .. }));
    assert!(bound.is_bound_factor());
}

#[test]
fn an_enrolment_ends_after_an_hour_with_another_epoch_and_when_it_is_over() {
    let account = secured();
    let enrolling = |factor: &Factor, now| factor.enrolling(&account, now).is_ok();
    let factor = begun(&account, 1, NOW);
    assert!(enrolling(&factor, NOW + Span::hours(1) - MS));
    assert!(!enrolling(&factor, NOW + Span::hours(1)));
    let elsewhere = verified("eve@example.org");
    assert_eq!(factor.enrolling(&elsewhere, NOW), Err(FactorRefusal::EnrolmentOver));
    let later = account.clone().bind_factor(NOW);
    assert_eq!(factor.enrolling(&later, NOW), Err(FactorRefusal::EnrolmentOver));
    for over in [app(&account, 1), factor.end(FactorEnd::Replaced, NOW)] {
        assert!(!enrolling(&over, NOW));
        assert_eq!(over.bind(&account, STEP, None, NOW), Err(FactorRefusal::EnrolmentOver));
    }
}

/// Every kind and state with every use.
#[test]
fn only_what_is_bound_is_used_and_only_as_what_it_is() {
    let account = secured();
    let ended = |factor: Factor| factor.end(FactorEnd::Removed, NOW);
    for (factor, step, backup_code) in [
        (app(&account, 1), true, false),
        (begun(&account, 1, NOW), false, false),
        (ended(app(&account, 1)), false, false),
        (codes(&account), false, true),
        (ended(codes(&account)), false, false),
    ] {
        assert_eq!(factor.clone().use_step(STEP, NOW).is_ok(), step, "{factor:?}");
        assert_eq!(factor.clone().use_backup_code(0, NOW).is_ok(), backup_code, "{factor:?}");
    }
}

#[test]
fn asvs_v6_5_1_a_backup_code_is_used_once() {
    let account = secured();
    assert_eq!(codes(&account).codes_left(), Some(10));
    let used = codes(&account).use_backup_code(3, NOW).unwrap();
    assert_eq!((used.codes_left(), used.record().last_used_at), (Some(9), Some(NOW)));
    assert_eq!(used.clone().use_backup_code(3, NOW), Err(FactorRefusal::NotBound));
    assert!(used.clone().use_backup_code(4, NOW).is_ok());
    assert_eq!(used.use_backup_code(10, NOW), Err(FactorRefusal::NotBound));
}

#[test]
fn nothing_is_kept_of_a_factor_that_ended_but_that_it_was() {
    for (factor, kind) in
        [(app(&secured(), 1), FactorKind::Totp), (codes(&secured()), FactorKind::BackupCodes)]
    {
        let ended = factor.end(FactorEnd::Removed, NOW);
        assert_eq!(ended.record().secret, FactorSecret::Destroyed(kind));
        let over = FactorState::Ended { at: NOW, why: FactorEnd::Removed };
        assert_eq!((ended.kind(), ended.record().state), (kind, over));
        assert_eq!((ended.bound_at(), ended.codes_left()), (None, None));
    }
}

#[test]
fn backup_codes_alone_are_no_second_factor() {
    assert!(!codes(&secured()).is_bound_factor());
}

#[test]
fn mn_14b_every_change_of_factors_advances_the_epoch() {
    let before = ada();
    let one = before.clone().bind_factor(NOW);
    assert!(one.has_second_factor() && one.epoch() > before.epoch());
    let two = one.clone().bind_factor(NOW + MS);
    assert!(two.epoch() > one.epoch());
    assert_eq!(two.record().second_factor_at, Some(NOW), "since the first");
    let still = two.clone().release_factor(true);
    assert!(still.has_second_factor() && still.epoch() > two.epoch());
    let none = still.clone().release_factor(false);
    assert!(!none.has_second_factor() && none.epoch() > still.epoch());
}
