use proptest::prelude::*;

use super::*;
use crate::tests_support::{
    Edit, MS, NEW_PASSWORD, NOW, PASSWORD, ada, email, frozen_ada, hash, id, unverified,
};
use crate::values::{Locale, PersonName, Span};

/// Everything that can be asked of an account.
#[derive(Clone, Copy, Debug)]
enum Command {
    RegisterAgain,
    Prove,
    ChangePassword,
    Rehash,
    Rename,
    Speak,
    MoveTo,
    Freeze,
    Restore,
    Reset,
    CheckSecurity,
}

/// What a command changes of an account. What is not listed stays as it was.
#[derive(Clone, Copy, Debug)]
enum Effect {
    /// Another hash, set now.
    Password,
    /// Another hash of the same password.
    HashOnly,
    /// The password of before is remembered since now.
    Remembered,
    /// No earlier password is remembered.
    Forgotten,
    /// The password counts as the owner's.
    Owners,
    /// The password counts as set with the mailbox.
    ByMailbox,
    /// The account was given back now.
    Recovered,
    /// What secures it was looked through now.
    Checked,
    Verified,
    Epoch,
    Email,
    Name,
    Language,
    Door,
    Frozen,
    Thawed,
}

use Command::{
    ChangePassword, CheckSecurity, Freeze as FreezeIt, MoveTo, Prove, RegisterAgain, Rehash,
    Rename, Reset, Restore, Speak,
};
use Effect::{
    ByMailbox, Checked, Door, Email, Epoch, Forgotten, Frozen, HashOnly, Language, Name, Owners,
    Password, Recovered, Remembered, Thawed, Verified,
};

const COMMANDS: [Command; 11] = [
    RegisterAgain,
    Prove,
    ChangePassword,
    Rehash,
    Rename,
    Speak,
    MoveTo,
    FreezeIt,
    Restore,
    Reset,
    CheckSecurity,
];

fn run(command: Command, account: Account) -> Result<Account, AlreadyVerified> {
    let password = hash(NEW_PASSWORD);
    let other = email("ada@example.com");
    Ok(match command {
        RegisterAgain => account.restart(password, None, Locale::Fr, Origin::Checkout, NOW)?,
        Prove => account.prove_mailbox(password, NOW)?,
        ChangePassword => account.change_password(password, NOW),
        Rehash => account.rehash(password),
        Rename => account.rename(None),
        Speak => account.speak(Locale::Fr),
        MoveTo => account.move_to(other, NOW),
        FreezeIt => account.freeze(NOW, Span::days(7)),
        Restore => account.restore(other, password, NOW),
        Reset => account.reset_password(password, NOW),
        CheckSecurity => account.security_checked(NOW),
    })
}

fn expected(before: &Account, effects: &[Effect]) -> Account {
    before.clone().edit(|record| {
        for effect in effects {
            match effect {
                Password => {
                    record.password = hash(NEW_PASSWORD);
                    record.password_set_at = NOW;
                }
                HashOnly => record.password = hash(NEW_PASSWORD),
                Remembered => {
                    let (hash, set_by) =
                        (before.password().clone(), before.record().password_set_by);
                    record.replaced_passwords.push(ReplacedPassword { hash, at: NOW, set_by });
                }
                Forgotten => record.replaced_passwords.clear(),
                Owners => record.password_set_by = PasswordSetBy::Owner,
                ByMailbox => record.password_set_by = PasswordSetBy::Mailbox,
                Recovered => record.recovered_at = Some(NOW),
                Checked => record.security_checked_at = Some(NOW),
                Verified => record.standing = Standing::Verified { at: NOW },
                Epoch => record.epoch = SecurityEpoch::from_stored(record.epoch.number() + 1),
                Email => record.email = email("ada@example.com"),
                Name => record.name = None,
                Language => record.locale = Locale::Fr,
                Door => record.origin = Origin::Checkout,
                Frozen => record.freeze = Some(Freeze { since: NOW, until: NOW + Span::days(7) }),
                Thawed => record.freeze = None,
            }
        }
    })
}

/// Every state against every command. `None`: refused, because the account is verified.
#[test]
fn every_command_in_every_state_does_exactly_this() {
    let again: &[Effect] = &[Password, Name, Language, Door];
    let proved: &[Effect] = &[Password, Verified, Epoch, Forgotten];
    let reset: &[Effect] = &[Password, Remembered, ByMailbox, Recovered, Epoch];
    // Set with the mailbox alone: not remembered by the next reset.
    let reset_again: &[Effect] = &[Password, ByMailbox, Recovered, Epoch];
    let by_mailbox = ada().edit(|record| record.password_set_by = PasswordSetBy::Mailbox);
    let table: [(Account, [Option<&[Effect]>; 11]); 4] = [
        (
            unverified("ada@example.org"),
            [
                Some(again),
                Some(proved),
                Some(&[Password, Remembered]), // MN-7: no epoch before there is an owner.
                Some(&[HashOnly]),
                Some(&[Name]),
                Some(&[Language]),
                Some(&[Email, Verified, Epoch]),
                Some(&[Frozen, Epoch]),
                Some(&[Email, Password, Forgotten, ByMailbox, Recovered, Thawed, Epoch]),
                Some(&[Password, Verified, Epoch, Forgotten, Recovered]),
                Some(&[Checked]),
            ],
        ),
        (
            ada(),
            [
                None,
                None,
                Some(&[Password, Remembered, Epoch]),
                Some(&[HashOnly]),
                Some(&[Name]),
                Some(&[Language]),
                Some(&[Email, Verified, Epoch]),
                Some(&[Frozen, Epoch]),
                Some(&[Email, Password, Forgotten, ByMailbox, Recovered, Thawed, Epoch]),
                Some(reset),
                Some(&[Checked]),
            ],
        ),
        (
            frozen_ada(),
            [
                None,
                None,
                Some(&[Password, Remembered, Epoch]),
                Some(&[HashOnly]),
                Some(&[Name]),
                Some(&[Language]),
                Some(&[Email, Verified, Epoch]),
                Some(&[Frozen, Epoch]),
                Some(&[Email, Password, Forgotten, ByMailbox, Recovered, Thawed, Epoch]),
                Some(reset),
                Some(&[Checked]),
            ],
        ),
        (
            by_mailbox,
            [
                None,
                None,
                Some(&[Password, Remembered, Epoch]),
                Some(&[HashOnly]),
                Some(&[Name]),
                Some(&[Language]),
                Some(&[Email, Owners, Verified, Epoch]),
                Some(&[Frozen, Epoch]),
                Some(&[Email, Password, Forgotten, ByMailbox, Recovered, Thawed, Epoch]),
                Some(reset_again),
                Some(&[Checked]),
            ],
        ),
    ];
    for (state, row) in table {
        for (command, effects) in COMMANDS.into_iter().zip(row) {
            let wanted = effects.map(|effects| expected(&state, effects)).ok_or(AlreadyVerified);
            assert_eq!(run(command, state.clone()), wanted, "{command:?} of {state:?}");
        }
    }
}

#[test]
fn r_017_a_new_account_is_unverified_at_epoch_zero() {
    let name = PersonName::parse("Ada").unwrap();
    let account = Account::register(
        id(1),
        email("ada@example.org"),
        hash("secret"),
        Some(name.clone()),
        Locale::Fr,
        Origin::PostCheckout,
        NOW,
    );
    let record = AccountRecord {
        id: id(1),
        email: email("ada@example.org"),
        standing: Standing::Unverified,
        password: hash("secret"),
        password_set_at: NOW,
        password_set_by: PasswordSetBy::Owner,
        replaced_passwords: Vec::new(),
        name: Some(name),
        locale: Locale::Fr,
        origin: Origin::PostCheckout,
        epoch: SecurityEpoch::UNPROVED,
        freeze: None,
        second_factor_at: None,
        recovered_at: None,
        security_checked_at: None,
        created_at: NOW,
        version: Version::FIRST,
    };
    assert_eq!(account.record(), &record);
}

#[test]
fn r_040_only_a_verified_account_gives_the_proof_that_a_change_of_address_asks_for() {
    assert!(unverified("ada@example.org").verified().is_none());
    let ada = ada();
    assert_eq!(ada.verified().map(VerifiedAccount::account), Some(&ada));
}

#[test]
fn a_freeze_holds_to_the_millisecond_before_its_end() {
    let account = frozen_ada();
    let freeze = account.record().freeze.unwrap();
    for (now, holds) in [
        (freeze.since, true),
        (freeze.until - MS, true),
        (freeze.until, false),
        (freeze.until + MS, false),
    ] {
        assert_eq!(account.frozen(now), holds.then_some(freeze), "{now}");
    }
    assert_eq!(ada().frozen(NOW), None);
}

/// MN-29: a thief who changes the password first, even again and again, does not make the owner's forgotten;
/// nor does one who waits until an earlier password of the owner's counts no more.
#[test]
fn mn_29_every_password_of_the_last_seven_days_is_remembered() {
    let days = |days| NOW + Span::days(days);
    let first = ada().change_password(hash("the owner's second"), NOW);
    let second = first.change_password(hash("the thief's first"), days(7) - MS);
    let third = second.clone().change_password(hash("the thief's second"), days(7) + MS);
    let remembered = |account: &Account, now| -> Vec<String> {
        let old = account.replaced_passwords(now);
        old.map(|old| old.hash.as_phc().replace("today$", "")).collect()
    };
    assert_eq!(remembered(&second, days(7) - MS), [PASSWORD, "the owner's second"]);
    assert_eq!(remembered(&second, days(7)), ["the owner's second"], "each has an end of its own");
    let wanted = ["the owner's second", "the thief's first"];
    assert_eq!(remembered(&third, days(7) + MS), wanted);
    assert_eq!(third.record().replaced_passwords.len(), 2, "what counts no more is not kept");
    assert_eq!(remembered(&third, days(14) - MS - MS), wanted);
    assert_eq!(remembered(&third, days(14) - MS), ["the thief's first"]);
    assert_eq!(remembered(&third, days(14) + MS), [""; 0]);
}

/// Decision 0019: what a reader of the mailbox had set is no proof once the mailbox has set another password,
/// however it was changed in between; what the owner had set is one, however often it is reset.
#[test]
fn cs_28_what_the_mailbox_set_is_forgotten_by_the_next_reset() {
    let remembered = |account: &Account| -> Vec<String> {
        let old = account.replaced_passwords(NOW);
        old.map(|old| old.hash.as_phc().replace("today$", "")).collect()
    };
    let thief = ada().reset_password(hash("the thief's first"), NOW);
    assert_eq!(remembered(&thief), [PASSWORD], "MN-29: the reset remembers the owner's");
    let changed = thief.clone().change_password(hash("the thief's second"), NOW);
    assert_eq!(remembered(&changed), [PASSWORD, "the thief's first"], "it may be the owner's");
    let frozen = changed.clone().freeze(NOW, Span::days(7));
    for before in [thief, changed, frozen] {
        let freeze = before.frozen(NOW);
        let owner = before.reset_password(hash("the owner's"), NOW);
        assert_eq!(remembered(&owner), [PASSWORD]);
        assert_eq!(owner.frozen(NOW), freeze, "decision 0013: a reset thaws nothing");
    }
    // A dispute of the thief's own makes no password the owner's.
    let laundered = ada().restore(email("ada@example.org"), hash("the thief's"), NOW);
    assert_eq!(remembered(&laundered.reset_password(hash("the owner's"), NOW)), [""; 0]);
    // A mailbox that others do not read begins anew.
    let moved = ada().reset_password(hash("the owner's"), NOW).move_to(email("b@example.org"), NOW);
    assert_eq!(moved.record().password_set_by, PasswordSetBy::Owner);
    // What counts no more is not kept.
    let late = NOW + Span::days(7);
    let aged = ada().change_password(hash("second"), NOW).reset_password(hash("third"), late);
    let kept: Vec<_> = aged.record().replaced_passwords.iter().map(|old| old.at).collect();
    assert_eq!(kept, [late]);
}

#[test]
fn by_whom_a_password_was_set_has_a_name() {
    assert_eq!(PasswordSetBy::ALL.map(PasswordSetBy::as_str), ["owner", "mailbox"]);
    assert_eq!(PasswordSetBy::default(), PasswordSetBy::Owner);
}

#[test]
fn r_007_every_door_has_a_name_that_reads_back() {
    for door in [Origin::Direct, Origin::Checkout, Origin::PostCheckout] {
        assert_eq!(Origin::parse(door.as_str()), Ok(door));
    }
    for wrong in ["", "Direct", "direct ", "postcheckout"] {
        assert_eq!(Origin::parse(wrong), Err(UnknownOrigin), "{wrong}");
    }
}

proptest! {
    /// MN-4, MN-7: whatever happens in whatever order, the epoch never goes back, and it stays zero as
    /// long as nobody has proved the mailbox.
    #[test]
    fn mn_4_the_epoch_never_goes_back(commands in proptest::collection::vec(0..11_usize, 0..40)) {
        let mut account = unverified("ada@example.org");
        for command in commands.into_iter().map(|index| COMMANDS[index]) {
            // An unverified account has no change of address that could be confirmed or disputed.
            if !account.is_verified() && matches!(command, MoveTo | FreezeIt | Restore) {
                continue;
            }
            let before = account.epoch();
            account = run(command, account.clone()).unwrap_or(account);
            prop_assert!(account.epoch() >= before);
            prop_assert_eq!(account.epoch() == SecurityEpoch::UNPROVED, !account.is_verified());
        }
    }
}
