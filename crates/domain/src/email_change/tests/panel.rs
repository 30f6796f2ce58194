use super::{NEW, change};
use crate::accounts::SecurityEpoch;
use crate::email_change::{Approval, ChangeState, EmailPanel, PendingPanel, Resend};
use crate::reason::Refusal;
use crate::tests_support::{
    Edit, MS, NOW, Stage, ada, email, fresh, frozen_ada, id, stale, unverified,
};
use crate::values::Span;

async fn panel(stage: &Stage) -> EmailPanel {
    stage.rightful.email_changes().panel(&stale(&ada())).await.unwrap()
}

fn quiet() -> EmailPanel {
    EmailPanel { email: ada().email().clone(), verified: true, pending: None, frozen_until: None }
}

fn shown() -> PendingPanel {
    let requested_at = NOW - Span::hours(1);
    PendingPanel {
        approval: Approval::NotNeeded,
        id: id(5),
        new: email(NEW),
        requested_at,
        deadline: requested_at + Span::hours(48),
        expired: false,
        undeliverable: false,
        next_letter_at: Some(requested_at + Resend::COOLDOWN),
    }
}

#[tokio::test]
async fn the_panel_shows_the_address_in_force_and_nothing_else_when_nothing_is_pending() {
    assert_eq!(panel(&Stage::signed_in(&stale(&ada()))).await, quiet());
    let frozen = frozen_ada();
    let until = frozen.record().freeze.map(|freeze| freeze.until);
    assert_eq!(
        panel(&Stage::signed_in(&stale(&frozen))).await,
        EmailPanel { frozen_until: until, ..quiet() }
    );
    let claim = unverified("ada@example.org");
    let panel = Stage::signed_in(&stale(&claim))
        .rightful
        .email_changes()
        .panel(&fresh(&claim))
        .await
        .unwrap();
    assert_eq!(panel, EmailPanel { verified: false, ..quiet() });
}

/// what is pending, with its deadline; expired at the very millisecond of it.
#[tokio::test]
async fn r_050_the_panel_shows_the_pending_change_and_its_deadline() {
    let end = shown().deadline;
    let ended = |end| change().edit(|record| record.state = end);
    let used_up = change().edit(|record| record.letters = Resend::MOST);
    let table = [
        ("pending", change(), NOW, shown()),
        ("a millisecond before the end", change(), end - MS, shown()),
        ("at the end", change(), end, PendingPanel { expired: true, ..shown() }),
        ("letters used up", used_up, NOW, PendingPanel { next_letter_at: None, ..shown() }),
        (
            "undeliverable",
            ended(ChangeState::Undeliverable { at: NOW }),
            NOW,
            PendingPanel { undeliverable: true, ..shown() },
        ),
    ];
    for (what, change, now, wanted) in table {
        let stage = Stage::signed_in(&stale(&ada())).and(|world| {
            world.changes.push(change);
            world.now = now;
        });
        let wanted = EmailPanel { pending: Some(wanted), ..quiet() };
        assert_eq!(panel(&stage).await, wanted, "{what}");
    }
}

#[tokio::test]
async fn what_came_to_an_end_is_not_pending() {
    let at = NOW;
    let ends = [
        ChangeState::Confirmed { at },
        ChangeState::Superseded { at },
        ChangeState::Cancelled { at },
        ChangeState::Disputed { at },
        ChangeState::Reverted { at },
    ];
    let ended = ends.map(|state| change().edit(|record| record.state = state));
    let earlier = change().edit(|record| record.epoch = SecurityEpoch::UNPROVED);
    for change in ended.into_iter().chain([earlier]) {
        let stage =
            Stage::signed_in(&stale(&ada())).and(|world| world.changes.push(change.clone()));
        assert_eq!(panel(&stage).await, quiet(), "{change:?}");
    }
}

/// MN-13.
#[tokio::test]
async fn mn_13_a_session_of_an_earlier_epoch_sees_no_panel() {
    let later = ada().edit(|record| record.epoch = SecurityEpoch::from_stored(2));
    for stage in [Stage::signed_in(&stale(&ada())), Stage::empty()] {
        stage.set(|world| world.accounts = vec![later.clone()]);
        let refused = stage.rightful.email_changes().panel(&stale(&ada())).await.unwrap_err();
        assert_eq!(refused.code(), "unauthenticated");
    }
}
