use super::request_to_new;
use crate::accounts::{Account, PasswordSetBy, ReplacedPassword, SecurityEpoch};
use crate::email_change::{
    Approval, ChangeRefusal, ChangeState, EmailChange, EmailChangeRecord, OldMailbox, OwnerProof,
    Resend,
};
use crate::links::{LinkPurpose, LinkRecord};
use crate::sessions::SessionPolicy;
use crate::tests_support::{
    Edit, MS, NEW_PASSWORD, NOW, PASSWORD, ada, email, fresh, hash, id, link, pending, verified,
};
use crate::values::{Span, Timestamp};
use ChangeRefusal::{NotDisputable, NotPending, Superseded, TooManyLetters, TooSoon};

const NEW: &str = "new@example.org";
const EARLIER: Timestamp = Timestamp::from_millis(NOW.as_millis() - 1_000);

/// What a change came to, as short as a table can say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Pending,
    Confirmed,
    Superseded,
    Cancelled,
    Undeliverable,
    Disputed,
    Reverted,
}

fn is(change: &EmailChange) -> Is {
    match change.record().state {
        ChangeState::Pending => Is::Pending,
        ChangeState::Confirmed { .. } => Is::Confirmed,
        ChangeState::Superseded { .. } => Is::Superseded,
        ChangeState::Cancelled { .. } => Is::Cancelled,
        ChangeState::Undeliverable { .. } => Is::Undeliverable,
        ChangeState::Disputed { .. } => Is::Disputed,
        ChangeState::Reverted { .. } => Is::Reverted,
    }
}

#[derive(Clone, Copy, Debug)]
enum Command {
    Resend,
    Cancel,
    Bounce,
    Confirm,
    Dispute,
    Revert,
    RevertUnproved,
}

const COMMANDS: [Command; 7] = [
    Command::Resend,
    Command::Cancel,
    Command::Bounce,
    Command::Confirm,
    Command::Dispute,
    Command::Revert,
    Command::RevertUnproved,
];

fn link_of(change: &EmailChange, account: &Account) -> LinkRecord {
    link(LinkPurpose::ConfirmEmailChange, account, 1)
        .edit(|record| record.email_change = Some(change.id()))
        .record()
        .clone()
}

/// Ada's account with the address that is in force after this.
fn after(change: &EmailChange) -> Account {
    match is(change) {
        Is::Confirmed => ada().move_to(email(NEW), EARLIER),
        _ => ada(),
    }
}

fn run(
    command: Command,
    change: EmailChange,
    account: Account,
    now: Timestamp,
) -> Result<(EmailChange, Account), ChangeRefusal> {
    let proof = OwnerProof::by_password(&account);
    let new_password = hash(NEW_PASSWORD);
    match command {
        Command::Resend => {
            change.resend(&account, OldMailbox::Notify, now).map(|change| (change, account))
        }
        Command::Cancel => change.cancel(now).map(|change| (change, account)),
        Command::Bounce => change.bounce(now).map(|change| (change, account)),
        Command::Confirm => {
            let link = link_of(&change, &account);
            change.confirm(account, proof, &link, OldMailbox::Notify, now)
        }
        Command::Dispute => change.dispute(account, now),
        Command::Revert => change.revert(account, true, new_password, now),
        Command::RevertUnproved => change.revert(account, false, new_password, now),
    }
}

fn states() -> [(&'static str, EmailChange); 9] {
    let change = |state| pending(&ada(), NEW, 1).edit(|record| record.state = state);
    let at = EARLIER;
    let disputed = |state| change(state).edit(|record| record.disputed_at = Some(at));
    [
        ("pending", change(ChangeState::Pending)),
        ("expired", change(ChangeState::Pending).edit(|record| record.deadline = NOW)),
        ("confirmed", change(ChangeState::Confirmed { at })),
        ("superseded", change(ChangeState::Superseded { at })),
        ("cancelled", change(ChangeState::Cancelled { at })),
        ("undeliverable", change(ChangeState::Undeliverable { at })),
        ("disputed", disputed(ChangeState::Disputed { at })),
        ("confirmed and disputed", disputed(ChangeState::Confirmed { at })),
        ("reverted", disputed(ChangeState::Reverted { at })),
    ]
}

type Outcome = Result<Is, ChangeRefusal>;

/// Every state of a change against every command.
fn table() -> [[Outcome; 7]; 9] {
    let (no, over, used) = (Err(NotPending), Err(Superseded), Err(NotDisputable));
    // Columns: resend, cancel, bounce, confirm, dispute, revert, revert without proof.
    [
        // Pending
        [
            Ok(Is::Pending),
            Ok(Is::Cancelled),
            Ok(Is::Undeliverable),
            Ok(Is::Confirmed),
            Ok(Is::Disputed),
            Ok(Is::Reverted),
            used,
        ],
        // Expired: the link tells who may still confirm, not the change (decision 3).
        [
            Ok(Is::Pending),
            Ok(Is::Cancelled),
            Ok(Is::Undeliverable),
            Ok(Is::Confirmed),
            Ok(Is::Disputed),
            Ok(Is::Reverted),
            used,
        ],
        // Confirmed
        [no, no, no, over, Ok(Is::Confirmed), Ok(Is::Reverted), used],
        // Superseded
        [no, no, no, over, Ok(Is::Superseded), Ok(Is::Reverted), used],
        // Cancelled
        [no, no, no, over, Ok(Is::Cancelled), Ok(Is::Reverted), used],
        // Undeliverable
        [
            Ok(Is::Pending),
            Ok(Is::Cancelled),
            no,
            Ok(Is::Confirmed),
            Ok(Is::Disputed),
            Ok(Is::Reverted),
            used,
        ],
        // Disputed
        [no, no, no, over, Ok(Is::Disputed), Ok(Is::Reverted), used],
        // Confirmed and disputed: the proof can still be brought (decision 2).
        [no, no, no, over, Ok(Is::Confirmed), Ok(Is::Reverted), used],
        // Reverted
        [no, no, no, over, used, used, used],
    ]
}

#[test]
fn every_command_on_a_change_in_every_state_ends_like_this() {
    for ((state, change), row) in states().into_iter().zip(table()) {
        for (command, wanted) in COMMANDS.into_iter().zip(row) {
            let account = after(&change);
            let found = run(command, change.clone(), account, NOW).map(|(change, _)| is(&change));
            assert_eq!(found, wanted, "{command:?} of a change that is {state}");
        }
    }
}

/// MN-49: what came to an end never comes back, whatever the clock says.
#[test]
fn mn_49_no_clock_revives_what_was_decided() {
    for ((state, change), row) in states().into_iter().zip(table()) {
        for (command, wanted) in COMMANDS.into_iter().zip(row).filter(|(_, wanted)| wanted.is_err())
        {
            for now in [EARLIER, change.record().requested_at, NOW - Span::days(365)] {
                let account = after(&change);
                let found =
                    run(command, change.clone(), account, now).map(|(change, _)| is(&change));
                assert_eq!(found, wanted, "{command:?} of a change that is {state}, at {now}");
            }
        }
    }
}

#[test]
fn a_request_takes_the_place_of_one_that_is_unfinished_and_of_no_other() {
    for (state, change) in states() {
        let after = change.clone().supersede(NOW);
        let superseded =
            change.clone().edit(|record| record.state = ChangeState::Superseded { at: NOW });
        let wanted = if change.is_unfinished() { Ok(superseded) } else { Err(NotPending) };
        assert_eq!(after, wanted, "{state}");
    }
}

/// CS-26, CS-27: all that a confirmation changes.
#[test]
fn a_confirmation_moves_the_account_and_advances_its_epoch() {
    let change = pending(&ada(), NEW, 1);
    let (after, account) = run(Command::Confirm, change.clone(), ada(), NOW).unwrap();
    assert_eq!(after, change.edit(|r| r.state = ChangeState::Confirmed { at: NOW }));
    assert_eq!(account, ada().move_to(email(NEW), NOW));
}

/// CS-26, CS-32: what stands against a confirmation although the change is pending.
#[test]
fn a_confirmation_is_refused_for_another_change_account_proof_or_epoch() {
    let change = pending(&ada(), NEW, 1);
    let bob = verified("bob@example.org");
    let good = link_of(&change, &ada());
    let (mine, his) = (OwnerProof::by_password(&ada()), OwnerProof::by_session(&fresh(&bob)));
    let other_change = LinkRecord { email_change: Some(id(2)), ..good.clone() };
    let no_change = LinkRecord { email_change: None, ..good.clone() };
    let other_password = ada().change_password(hash(NEW_PASSWORD), NOW);
    let table = [
        ("nothing wrong", ada(), mine, &good, None),
        ("another change's link", ada(), mine, &other_change, Some(NotPending)),
        ("a link of no change", ada(), mine, &no_change, Some(NotPending)),
        ("another account", bob.clone(), his, &good, Some(NotPending)),
        ("another account's session", ada(), his, &good, Some(NotPending)),
        ("another password since", other_password, mine, &good, Some(Superseded)),
        ("a dispute since", ada().freeze(NOW, MS), mine, &good, Some(Superseded)),
    ];
    for (what, account, proof, link, wanted) in table {
        let found = change.clone().confirm(account, proof, link, OldMailbox::Notify, NOW).err();
        assert_eq!(found, wanted, "{what}");
    }
}

/// Decision 2: a dispute without proof stops what is pending and freezes, once.
#[test]
fn a_dispute_freezes_for_seven_days_and_a_second_one_does_nothing() {
    let change = pending(&ada(), NEW, 1);
    let (disputed, frozen) = change.clone().dispute(ada(), NOW).unwrap();
    let wanted = change.edit(|record| {
        record.state = ChangeState::Disputed { at: NOW };
        record.disputed_at = Some(NOW);
    });
    assert_eq!(disputed, wanted);
    assert_eq!(frozen, ada().freeze(NOW, Span::days(7)));
    let again = disputed.clone().dispute(frozen.clone(), NOW + Span::days(1));
    assert_eq!(again, Ok((disputed, frozen)));
}

/// Decision 2: with proof, the address and a new password are in force, whatever happened since.
#[test]
fn a_proved_dispute_restores_whatever_happened_since() {
    let confirmed = pending(&ada(), NEW, 1)
        .edit(|record| record.state = ChangeState::Confirmed { at: EARLIER });
    let stolen = ada()
        .move_to(email(NEW), EARLIER)
        .change_password(hash("the thief's password"), EARLIER)
        .freeze(EARLIER, Span::days(7));
    let (reverted, restored) =
        confirmed.clone().revert(stolen.clone(), true, hash(NEW_PASSWORD), NOW).unwrap();
    let wanted = confirmed.edit(|record| {
        record.state = ChangeState::Reverted { at: NOW };
        record.disputed_at = Some(NOW);
    });
    assert_eq!(reverted, wanted);
    assert_eq!(restored, stolen.restore(email("ada@example.org"), hash(NEW_PASSWORD), NOW));
    assert_eq!(restored.email().as_str(), "ada@example.org");
}

/// MN-29, decision 0014: what a change says counts for the account that it brought about, or left as it was,
/// and for no other: its old mailbox is asked only while the address in force is the one that it concerns.
#[test]
fn mn_29_a_change_is_disputed_only_while_its_address_is_in_force() {
    let at = EARLIER;
    let change = |state| pending(&ada(), NEW, 1).edit(|record| record.state = state);
    // Columns: the address in force is the old one, the new one, a third.
    let table = [
        ("confirmed", change(ChangeState::Confirmed { at }), [false, true, false]),
        ("superseded", change(ChangeState::Superseded { at }), [true, false, false]),
        ("cancelled", change(ChangeState::Cancelled { at }), [true, false, false]),
        ("pending", change(ChangeState::Pending), [true, false, false]),
        ("undeliverable", change(ChangeState::Undeliverable { at }), [true, false, false]),
        ("disputed", change(ChangeState::Disputed { at }), [true, false, false]),
        ("reverted", change(ChangeState::Reverted { at }), [false, false, false]),
    ];
    // However its letters are written, it is the same address.
    let in_force = ["Ada@Example.org", "NEW@example.org", "third@example.org"];
    for (state, change, row) in table {
        for (address, wanted) in in_force.into_iter().zip(row) {
            for command in [Command::Dispute, Command::Revert] {
                let account = ada().edit(|record| record.email = email(address));
                let found = run(command, change.clone(), account, NOW);
                let what = format!("{command:?} of a change that is {state}, {address} in force");
                assert_eq!(found.is_ok(), wanted, "{what}");
                assert!(wanted || found == Err(NotDisputable), "{what}");
            }
        }
    }
}

#[test]
fn a_dispute_is_of_one_account() {
    let bob = verified("bob@example.org");
    for command in [Command::Dispute, Command::Revert] {
        let found = run(command, pending(&ada(), NEW, 1), bob.clone(), NOW);
        assert_eq!(found, Err(NotDisputable), "{command:?}");
    }
}

/// MN-29: the passwords that prove a dispute are the one of the request and the one that it had replaced.
#[test]
fn mn_29_a_password_that_a_thief_replaced_proves_a_dispute() {
    assert_eq!(pending(&ada(), NEW, 1).proofs().collect::<Vec<_>>(), [&hash(PASSWORD)]);
    let taken = ada().edit(|record| {
        record.password = hash("the thief's password");
        record.replaced_passwords = vec![ReplacedPassword {
            hash: hash(PASSWORD),
            at: NOW - Span::hours(2),
            set_by: PasswordSetBy::Owner,
        }];
    });
    let change = pending(&taken, NEW, 1);
    let proofs: Vec<_> = change.proofs().collect();
    assert_eq!(proofs, [&hash("the thief's password"), &hash(PASSWORD)]);
}

/// 48 hours, over at the very millisecond.
#[test]
fn r_050_a_change_is_open_for_48_hours_from_its_last_letter() {
    let change = request(&ada(), None, NOW).unwrap();
    let end = NOW + Span::hours(48);
    for (now, open) in [(NOW, true), (end - MS, true), (end, false), (end + MS, false)] {
        assert_eq!(change.is_open(now), open, "{now}");
    }
    let resent = change.resend(&ada(), OldMailbox::Notify, end).unwrap();
    assert!(resent.is_open(end + Span::hours(48) - MS));
    assert!(!resent.is_open(end + Span::hours(48)));
}

/// Seven days from the request, and from the confirmation, to the millisecond (CS-28).
#[test]
fn a_change_can_be_disputed_for_seven_days() {
    let requested_at = NOW - Span::days(3);
    for state in [
        ChangeState::Pending,
        ChangeState::Confirmed { at: NOW },
        ChangeState::Superseded { at: NOW },
        ChangeState::Cancelled { at: NOW },
        ChangeState::Undeliverable { at: NOW },
        ChangeState::Disputed { at: NOW },
    ] {
        let from = if matches!(state, ChangeState::Confirmed { .. }) { NOW } else { requested_at };
        let end = from + Span::days(7);
        let change = pending(&ada(), NEW, 1).edit(|record| {
            record.requested_at = requested_at;
            record.state = state;
        });
        assert_eq!(change.disputable_until(), end);
        for command in [Command::Dispute, Command::Revert] {
            for (now, open) in [(end - MS, true), (end, false), (end + MS, false)] {
                let found = run(command, change.clone(), after(&change), now);
                assert_eq!(found.is_ok(), open, "{command:?} of {state:?} at {now}");
            }
        }
    }
}

/// sixty seconds between two letters, six letters in all, forty-eight hours for each.
#[test]
fn r_051_a_letter_can_be_sent_again_five_times_a_minute_apart() {
    let mut change = request(&ada(), None, NOW).unwrap();
    let mut now = NOW;
    for letters in 2..=Resend::MOST {
        let next = now + Resend::COOLDOWN;
        assert_eq!(change.next_letter_at(), Some(next));
        assert_eq!(
            change.clone().resend(&ada(), OldMailbox::Notify, next - MS),
            Err(TooSoon { wait: MS })
        );
        let resent = change.clone().resend(&ada(), OldMailbox::Notify, next).unwrap();
        let wanted = change.edit(|record| {
            record.letters = letters;
            record.last_letter_at = next;
            record.deadline = next + Span::hours(48);
        });
        assert_eq!(resent, wanted);
        (change, now) = (resent, next);
    }
    assert_eq!(change.next_letter_at(), None);
    assert_eq!(change.resend(&ada(), OldMailbox::Notify, now + Span::days(1)), Err(TooManyLetters));
}

#[test]
fn a_change_of_an_earlier_epoch_gets_no_more_letters() {
    let other = ada().edit(|record| record.epoch = SecurityEpoch::from_stored(2));
    assert_eq!(pending(&ada(), NEW, 1).resend(&other, OldMailbox::Notify, NOW), Err(NotPending));
}

#[test]
fn mn_49_a_clock_that_steps_back_brings_no_letter_forward() {
    let change = pending(&ada(), NEW, 1);
    let last = change.record().last_letter_at;
    let wait = Span::seconds(60 + 3_600);
    assert_eq!(
        change.resend(&ada(), OldMailbox::Notify, last - Span::hours(1)),
        Err(TooSoon { wait })
    );
}

fn request(
    account: &Account,
    earlier: Option<&EmailChange>,
    now: Timestamp,
) -> Result<EmailChange, ChangeRefusal> {
    let live = fresh(account);
    let proof = live.session.fresh_proof(&live.account, &SessionPolicy::default(), NOW).unwrap();
    let owner = account.verified().unwrap();
    request_to_new(owner, proof, earlier, now)
}

#[test]
fn a_request_keeps_what_a_later_dispute_needs() {
    let change = request(&ada(), None, NOW).unwrap();
    let wanted = EmailChangeRecord {
        approval: Approval::NotNeeded,
        id: change.id(),
        account: ada().id(),
        old: email("ada@example.org"),
        new: email(NEW),
        state: ChangeState::Pending,
        epoch: ada().epoch(),
        password_then: hash(PASSWORD),
        passwords_before: Vec::new(),
        requested_at: NOW,
        deadline: NOW + Span::hours(48),
        letters: 1,
        last_letter_at: NOW,
        disputed_at: None,
        version: crate::accounts::Version::FIRST,
    };
    assert_eq!(change.record(), &wanted);
}

/// CS-29, decision 0014: while a confirmed change can be disputed there is no second one, whatever the
/// password.
#[test]
fn cs_29_a_confirmed_change_holds_the_next_one_back_for_seven_days() {
    let confirmed_at = NOW - Span::days(7);
    let until = NOW;
    let earlier = pending(&ada(), "ada@example.com", 1).edit(|record| {
        record.requested_at = confirmed_at - Span::hours(1);
        record.state = ChangeState::Confirmed { at: confirmed_at };
    });
    assert_eq!(earlier.disputable_until(), until, "it is held back as long as it can be disputed");
    let requested_at = earlier.record().requested_at;
    let held = Some(ChangeRefusal::WindowOpen { until });
    for password_set_at in [NOW - Span::days(90), requested_at - MS, requested_at, until - MS] {
        let account = ada().edit(|record| record.password_set_at = password_set_at);
        for (now, wanted) in
            [(confirmed_at, held), (until - MS, held), (until, None), (until + MS, None)]
        {
            let found = request(&account, Some(&earlier), now).err();
            assert_eq!(found, wanted, "password of {password_set_at}, at {now}");
        }
    }
    // Only a confirmed change holds back.
    for (state, change) in states() {
        let confirmed = matches!(change.record().state, ChangeState::Confirmed { .. });
        let found = request(&ada(), Some(&change), NOW).is_err();
        assert_eq!(found, confirmed, "{state}");
    }
}

/// CS-20: a fresh proof is of one account's password.
#[test]
fn cs_20_the_proof_of_another_account_requests_nothing() {
    let (ada, bob) = (ada(), verified("bob@example.org"));
    for (whose, wanted) in [(&ada, None), (&bob, Some(Superseded))] {
        let live = fresh(whose);
        let proof =
            live.session.fresh_proof(&live.account, &SessionPolicy::default(), NOW).unwrap();
        let owner = ada.verified().unwrap();
        let found = request_to_new(owner, proof, None, NOW);
        assert_eq!(found.err(), wanted);
    }
}
