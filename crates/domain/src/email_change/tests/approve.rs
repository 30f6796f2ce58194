//! Where the shop asks the old mailbox too (security, decision 1).

use super::{ADA, NEW, change, link_of};
use crate::accounts::SecurityEpoch;
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::email_change::{
    Approval, ChangeRefusal, ChangeState, EmailChange, EmailChangeError, NewAddress, OldMailbox,
    OwnerProof,
};
use crate::links::Link;
use crate::links::LinkPurpose::{ApproveEmailChange, ConfirmEmailChange, DisputeEmailChange};
use crate::policy::Policy;
use crate::ports::CommitError;
use crate::reason::{NextAction, Reason, Refusal};
use crate::sessions::LiveSession;
use crate::tests_support::{
    Edit, MS, NOW, Stage, ada, email, fresh, frozen_ada, id, secret, stale, told, verified, visit,
};
use crate::values::Span;

fn asked() -> Policy {
    Policy { old_mailbox: OldMailbox::Confirm, ..Policy::default() }
}

fn awaiting() -> EmailChange {
    change().edit(|record| record.approval = Approval::Awaited)
}

fn agreed() -> EmailChange {
    change().edit(|record| record.approval = Approval::Given { at: NOW })
}

fn approve_link() -> Link {
    link_of(ApproveEmailChange)
}

fn stage(change: EmailChange, link: Link) -> Stage {
    Stage::under(&asked()).and(|world| {
        world.accounts.push(ada());
        world.sessions.push(stale(&ada()).session);
        world.changes.push(change);
        world.links.push(link);
    })
}

async fn approve(stage: &Stage) -> Result<(), EmailChangeError> {
    let secret = secret("apv", 1);
    stage.rightful.email_changes().approve(secret.expose(), &visit()).await
}

/// Both letters go to the old mailbox, one link each, and the new mailbox has its own.
#[tokio::test]
async fn a_request_asks_the_old_mailbox_and_tells_it_how_to_object() {
    let stage = Stage::under(&asked()).and(|world| {
        world.accounts.push(ada());
        world.sessions.push(fresh(&ada()).session);
    });
    let wanted = NewAddress { email: NEW, confirm: NEW };
    let changes = stage.rightful.email_changes();
    let panel = changes.request(&fresh(&ada()), wanted, &visit()).await.unwrap();
    assert_eq!(panel.approval, Approval::Awaited);
    let done = stage.commit();
    let letters: Vec<_> = done.letters.iter().map(|(kind, to)| (&**kind, &**to)).collect();
    assert_eq!(
        letters,
        [
            ("confirm_email_change", NEW),
            ("approve_email_change", ADA),
            ("email_change_requested", ADA)
        ]
    );
    for purpose in [ConfirmEmailChange, ApproveEmailChange, DisputeEmailChange] {
        assert!(done.writes.contains(&done.link(purpose, &ada(), Some(panel.id), NOW)));
    }
    // Asked again with the letter, as long as it has not answered.
    // A change of before the shop asked is asked about now (CS-21).
    for (change, asks) in [(awaiting(), true), (agreed(), false), (change(), true)] {
        let stage = self::stage(change, approve_link());
        stage.rightful.email_changes().resend(&stale(&ada()), &visit()).await.unwrap();
        let asked = stage.commit().letters.iter().any(|(kind, _)| kind == "approve_email_change");
        assert_eq!(asked, asks);
    }
}

#[tokio::test]
async fn the_old_mailbox_agrees_and_nothing_else_changes() {
    let stage = stage(awaiting(), approve_link());
    approve(&stage).await.unwrap();
    assert_eq!(
        stage.commit(),
        told(Act::EmailChangeApproved, Actor::Anonymous, Some(ada().id()))
            .write(Write::UpdateEmailChange(agreed()))
            .write(Write::RedeemLink { link: id(1), at: NOW })
    );
}

/// MN-19, MN-44, R-050: never issued, another purpose's, used, expired by a millisecond, of an earlier epoch, of
/// a change that came to an end or was never asked about, of a frozen account.
#[tokio::test]
async fn asvs_v6_4_1_a_dead_link_agrees_to_nothing() {
    let table = [
        ("never issued", awaiting(), link_of(ConfirmEmailChange), "link_unknown", Reason::NotFound),
        (
            "used",
            awaiting(),
            approve_link().edit(|record| record.redeemed_at = Some(NOW - MS)),
            "link_used",
            Reason::Gone,
        ),
        (
            "expired",
            awaiting(),
            approve_link().edit(|record| record.expires_at = NOW),
            "link_expired",
            Reason::Gone,
        ),
        (
            "of an earlier epoch",
            awaiting(),
            approve_link().edit(|record| record.epoch = SecurityEpoch::UNPROVED),
            "link_superseded",
            Reason::Gone,
        ),
        (
            "of a cancelled change",
            awaiting().edit(|record| record.state = ChangeState::Cancelled { at: NOW }),
            approve_link(),
            "link_superseded",
            Reason::Gone,
        ),
        (
            "of a change of an earlier epoch",
            awaiting().edit(|record| record.epoch = SecurityEpoch::UNPROVED),
            approve_link(),
            "link_superseded",
            Reason::Gone,
        ),
    ];
    for (what, change, link, code, reason) in table {
        let stage = stage(change, link);
        let refused = approve(&stage).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), (code, reason), "{what}");
        assert_eq!(stage.commits(), [], "{what}");
    }
    let frozen = stage(awaiting(), approve_link());
    frozen.set(|world| world.accounts = vec![frozen_ada()]);
    assert_eq!(approve(&frozen).await.unwrap_err().code(), "account_frozen");
    for purpose in ["vfy", "chg", "dsp"] {
        let stage = stage(awaiting(), approve_link());
        let text = secret(purpose, 1);
        let refused = stage.rightful.email_changes().approve(text.expose(), &visit()).await;
        assert_eq!(refused.unwrap_err().code(), "link_unknown", "{purpose}");
    }
}

#[tokio::test]
async fn mn_44_of_two_agreements_at_once_one_counts() {
    let racing = stage(awaiting(), approve_link());
    racing.meanwhile(|world| {
        world.links[0] = world.links[0].clone().edit(|record| record.redeemed_at = Some(NOW));
    });
    assert_eq!(approve(&racing).await.unwrap_err().code(), "link_used");
    let contended = stage(awaiting(), approve_link());
    for _ in 0..3 {
        contended.next_commit(CommitError::Stale);
    }
    assert_eq!(approve(&contended).await.unwrap_err().code(), "contended");
}

/// By the session and with the password; the link to the new mailbox stays good for later.
#[tokio::test]
async fn nothing_is_confirmed_before_the_old_mailbox_has_agreed() {
    let confirm = async |stage: &Stage, live: Option<&LiveSession>| {
        let password = live.is_none().then_some(crate::tests_support::PASSWORD);
        let (changes, secret) = (stage.rightful.email_changes(), secret("chg", 1));
        changes.confirm(secret.expose(), live, password, &visit()).await
    };
    for live in [Some(stale(&ada())), None] {
        let stage = stage(awaiting(), link_of(ConfirmEmailChange));
        let refused = confirm(&stage, live.as_ref()).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.reason()),
            ("email_change_not_approved", Reason::Conflict)
        );
        assert!(refused.next_actions().contains(&NextAction::CheckOldMailbox));
        assert_eq!(stage.commits(), []);

        stage.set(|world| world.changes = vec![agreed()]);
        assert_eq!(confirm(&stage, live.as_ref()).await.unwrap().email(), &email(NEW));
    }
}

/// CS-21: the stricter of the two counts, and what was asked for under the laxer one is asked for anew.
#[test]
fn cs_21_the_stricter_of_request_and_confirmation_counts() {
    let agreed = Approval::Given { at: NOW - Span::hours(1) };
    for (approval, now, wanted) in [
        (Approval::NotNeeded, OldMailbox::Notify, None),
        (Approval::NotNeeded, OldMailbox::Confirm, Some(ChangeRefusal::Superseded)),
        (Approval::Awaited, OldMailbox::Notify, Some(ChangeRefusal::NotApproved)),
        (Approval::Awaited, OldMailbox::Confirm, Some(ChangeRefusal::NotApproved)),
        (agreed, OldMailbox::Notify, None),
        (agreed, OldMailbox::Confirm, None),
    ] {
        let change = change().edit(|record| record.approval = approval);
        let link = link_of(ConfirmEmailChange);
        let proof = OwnerProof::by_password(&ada());
        let found = change.confirm(ada(), proof, link.record(), now, NOW).err();
        assert_eq!(found, wanted, "{approval:?}, then {now:?}");
    }
}

/// Said twice, it is said; of another change or account it says nothing.
#[test]
fn an_agreement_is_of_one_change() {
    let link = approve_link();
    assert_eq!(agreed().approve(&ada(), link.record(), NOW + MS), Ok(agreed()));
    assert_eq!(change().approve(&ada(), link.record(), NOW), Ok(change()));
    let other = approve_link().edit(|record| record.email_change = Some(id(6)));
    let refused = Err(ChangeRefusal::NotPending);
    assert_eq!(awaiting().approve(&ada(), other.record(), NOW), refused);
    let bob = verified("bob@example.org");
    assert_eq!(awaiting().approve(&bob, link.record(), NOW), refused);
}
