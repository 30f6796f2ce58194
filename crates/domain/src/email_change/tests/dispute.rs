use super::{ADA, NEW, change, confirmed, link_of, moved};
use crate::accounts::{Account, PasswordSetBy, ReplacedPassword, SecurityEpoch};
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::contacts::Contact;
use crate::email_change::{ChangeState, Dispute, Disputed, EmailChange, EmailChangeError};
use crate::links::LinkPurpose::{ConfirmEmailChange, DisputeEmailChange};
use crate::ports::CommitError;
use crate::reason::{Reason, Refusal};
use crate::sessions::EndReason;
use crate::sign_in::Proof;
use crate::tests_support::{
    Call, Edit, MS, NEW_PASSWORD, NOW, PASSWORD, Stage, Told, ada, email, forgets_tries_of, hash,
    id, pending, secret, stale, told, visit,
};
use crate::values::{EmailAddress, Span};

type Answer = Result<Disputed, EmailChangeError>;

const PROOF: Dispute<'_> = Dispute { password: PASSWORD, new_password: NEW_PASSWORD };

/// This account, this change of it, and link 1 to dispute it.
fn stage(account: &Account, change: &EmailChange) -> Stage {
    Stage::with(account).and(|world| {
        world.changes.push(change.clone());
        world.links.push(link_of(DisputeEmailChange));
    })
}

/// The address was changed an hour ago, by somebody who changed the password then.
fn stolen() -> (Account, Stage) {
    let account = moved().edit(|record| {
        record.password = hash("the thief's password");
        record.password_set_at = NOW - Span::minutes(50);
    });
    let stage = stage(&account, &confirmed());
    (account, stage)
}

async fn dispute(stage: &Stage, proof: Option<Dispute<'_>>) -> Answer {
    let secret = secret("dsp", 1);
    stage.rightful.email_changes().dispute(secret.expose(), proof, &visit()).await
}

fn somebody_did(act: Act) -> Told {
    told(act, Actor::Anonymous, Some(ada().id()))
}

fn sessions_end() -> Write {
    Write::EndSessions { account: ada().id(), except: None, at: NOW, why: EndReason::Disputed }
}

fn frozen() -> Disputed {
    Disputed::Frozen { until: NOW + Span::days(7) }
}

/// Decision 2: a pending change is stopped, sensitive acts freeze, sessions end. A mailbox that nobody proved
/// is told nothing.
#[tokio::test]
async fn a_dispute_stops_what_is_pending_and_freezes() {
    let stage = stage(&ada(), &change());
    assert_eq!(dispute(&stage, None).await.unwrap(), frozen());
    let (disputed, account) = change().dispute(ada(), NOW).unwrap();
    assert_eq!(
        stage.commit(),
        somebody_did(Act::EmailChangeDisputed)
            .write(Write::UpdateAccount(account))
            .write(sessions_end())
            .write(Write::UpdateEmailChange(disputed))
            .letter("email_change_disputed", ADA)
    );
}

/// The same after the change: the address stays until the proof, and both proved mailboxes are told.
#[tokio::test]
async fn a_dispute_of_a_confirmed_change_freezes_and_tells_both_mailboxes() {
    let (account, stage) = stolen();
    assert_eq!(dispute(&stage, None).await.unwrap(), frozen());
    let (disputed, after) = confirmed().dispute(account, NOW).unwrap();
    assert_eq!(after.email(), &email(NEW));
    assert_eq!(
        stage.commit(),
        somebody_did(Act::EmailChangeDisputed)
            .write(Write::UpdateAccount(after))
            .write(sessions_end())
            .write(Write::UpdateEmailChange(disputed))
            .letter("email_change_disputed", ADA)
            .letter("email_change_disputed", NEW)
    );
}

/// A mail scanner that fetches and posts, or a second click: no effect, the same answer.
#[tokio::test]
async fn a_second_dispute_has_no_effect_and_the_same_answer() {
    let (disputed, frozen_account) = change().dispute(ada(), NOW).unwrap();
    let stage = stage(&frozen_account, &disputed);
    stage.set(|world| world.now = NOW + Span::hours(1));
    assert_eq!(dispute(&stage, None).await.unwrap(), frozen());
    assert_eq!(stage.commits(), []);
}

/// A change that was requested after the disputed one does not go on either.
#[tokio::test]
async fn a_dispute_stops_a_later_request_too() {
    let later = pending(&ada(), "third@example.org", 6);
    let stage = stage(&ada(), &change().supersede(NOW).unwrap());
    stage.set(|world| world.changes.push(later.clone()));
    dispute(&stage, None).await.unwrap();
    let writes = stage.commit().writes;
    assert_eq!(writes[1], Write::UpdateEmailChange(later.supersede(NOW).unwrap()));
}

/// What a proved dispute of `change` writes and tells, `account` being in force.
fn restored(change: EmailChange, account: &Account, mailboxes: &[&str]) -> Told {
    let (reverted, after) = change.revert(account.clone(), true, hash(NEW_PASSWORD), NOW).unwrap();
    assert_eq!(after.email(), &email(ADA));
    let mut wanted =
        somebody_did(Act::EmailChangeReverted).write(Write::UpdateAccount(after.clone()));
    if account.email().key() != after.email().key() {
        wanted = wanted
            .write(Write::RemoveContact(after.email().key().clone()))
            .write(Write::PutContact(Contact::released(account, NOW)));
    }
    wanted = wanted
        .write(Write::RedeemLink { link: id(1), at: NOW })
        .write(forgets_tries_of(&after))
        .write(sessions_end())
        .write(Write::UpdateEmailChange(reverted));
    mailboxes.iter().fold(wanted, |wanted, to| wanted.letter("email_change_reverted", to))
}

/// MN-29, decision 2: with the password in force at the request, the old address and a new password are in
/// force, whatever the thief did since.
#[tokio::test]
async fn mn_29_the_password_of_the_request_restores_the_account() {
    let (account, stage) = stolen();
    assert_eq!(dispute(&stage, Some(PROOF)).await.unwrap(), Disputed::Restored);
    assert_eq!(stage.commit(), restored(confirmed(), &account, &[ADA, NEW]));
    assert_eq!(stage.forgotten(), stage.rightful.link_proof_tries(id(1)).keys());
}

#[tokio::test]
async fn mn_29_so_does_the_password_that_the_thief_replaced_before_the_request() {
    let change = confirmed().edit(|record| {
        record.password_then = hash("the thief's password");
        record.passwords_before = vec![hash("long before"), hash(PASSWORD)];
    });
    let (account, _) = stolen();
    let stage = stage(&account, &change);
    assert_eq!(dispute(&stage, Some(PROOF)).await.unwrap(), Disputed::Restored);
    assert_eq!(stage.commit(), restored(change, &account, &[ADA, NEW]));
}

/// Whatever became of the change: frozen by a first click, still pending, undeliverable, superseded, cancelled.
#[tokio::test]
async fn mn_29_a_proved_dispute_restores_from_every_state() {
    let (account, _) = stolen();
    let (disputed, frozen_account) = confirmed().dispute(account.clone(), NOW - MS).unwrap();
    let ended = |end| change().edit(|record| record.state = end);
    let undeliverable = ended(ChangeState::Undeliverable { at: NOW });
    let table: [(&str, EmailChange, Account, &[&str]); 5] = [
        ("disputed before", disputed, frozen_account, &[ADA, NEW]),
        ("pending", change(), ada(), &[ADA]),
        ("undeliverable", undeliverable, ada(), &[ADA]),
        ("superseded", ended(ChangeState::Superseded { at: NOW }), ada(), &[ADA]),
        ("cancelled", ended(ChangeState::Cancelled { at: NOW }), ada(), &[ADA]),
    ];
    for (what, change, account, mailboxes) in table {
        let stage = stage(&account, &change);
        assert_eq!(dispute(&stage, Some(PROOF)).await.unwrap(), Disputed::Restored, "{what}");
        assert_eq!(stage.commit(), restored(change, &account, mailboxes), "{what}");
    }
}

/// Decision 2: a stolen old mailbox alone undoes nothing, but it stops things.
#[tokio::test]
async fn mn_26_a_wrong_proof_freezes_and_is_refused() {
    let (account, stage) = stolen();
    let proof = Dispute { password: "not the password", ..PROOF };
    let refused = dispute(&stage, Some(proof)).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), ("wrong_password", Some("password")));
    let (disputed, after) = confirmed().dispute(account, NOW).unwrap();
    let wanted = [
        somebody_did(Act::ProofRefused),
        somebody_did(Act::EmailChangeDisputed)
            .write(Write::UpdateAccount(after))
            .write(sessions_end())
            .write(Write::UpdateEmailChange(disputed))
            .letter("email_change_disputed", ADA)
            .letter("email_change_disputed", NEW),
    ];
    assert_eq!(stage.commits(), wanted);
}

/// The password that is in force now is the thief's: it proves nothing.
#[tokio::test]
async fn mn_29_the_password_in_force_now_is_no_proof() {
    let (account, stage) = stolen();
    let proof = Dispute { password: "the thief's password", ..PROOF };
    assert_eq!(dispute(&stage, Some(proof)).await.unwrap_err().code(), "wrong_password");
    assert_eq!(account.password(), &hash("the thief's password"));
}

/// Nor is one that was replaced too long before the request to be remembered.
#[tokio::test]
async fn a_password_of_long_before_the_request_is_no_proof() {
    let account = ada().edit(|record| {
        record.password = hash("the new one");
        let at = NOW - Span::hours(1) - Span::days(7);
        record.replaced_passwords =
            vec![ReplacedPassword { hash: hash(PASSWORD), at, set_by: PasswordSetBy::Owner }];
    });
    let change = pending(&account, NEW, 5);
    let stage = stage(&account, &change);
    assert_eq!(dispute(&stage, Some(PROOF)).await.unwrap_err().code(), "wrong_password");
}

#[tokio::test]
async fn asvs_v6_3_1_guesses_with_a_dispute_link_are_counted_and_the_freeze_stands() {
    let (_, stage) = stolen();
    let wrong = Dispute { password: "not the password", ..PROOF };
    for _ in 0..5 {
        assert_eq!(dispute(&stage, Some(wrong)).await.unwrap_err().code(), "wrong_password");
    }
    stage.forget();
    let refused = dispute(&stage, Some(PROOF)).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.retry_after()),
        ("too_many_requests", Some(Span::seconds(30)))
    );
    assert_eq!(stage.count(&Call::Compare), 0, "nothing is compared");
    assert_eq!(stage.commit().acts[0].0, Act::EmailChangeDisputed);
}

/// a new password that is refused restores nothing, and the thief's change goes on no more either: the
/// link is still good for the restoration.
#[tokio::test]
async fn r_009_a_refused_new_password_freezes_and_restores_nothing() {
    for (new_password, code) in [
        ("short", "password_too_short"),
        ("password1234", "password_leaked"),
        (ADA, "password_own_data"),
    ] {
        let (_, stage) = stolen();
        let refused = dispute(&stage, Some(Dispute { new_password, ..PROOF })).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), (code, Some("new_password")));
        assert_eq!(stage.count(&Call::Compare), 0);
        assert_eq!(stage.commit().acts[0].0, Act::EmailChangeDisputed, "{code}");
    }
}

/// CS-28, MN-19: seven days to the millisecond, one purpose, one restoration.
#[tokio::test]
async fn asvs_v6_4_1_a_dead_link_disputes_nothing() {
    let (account, _) = stolen();
    let link = |change: fn(&mut crate::links::LinkRecord)| {
        let (_, stage) = stolen();
        stage.and(|world| world.links[0] = link_of(DisputeEmailChange).edit(change))
    };
    let long_ago = confirmed().edit(|record| {
        record.requested_at = NOW - Span::days(9);
        record.state = ChangeState::Confirmed { at: NOW - Span::days(7) };
    });
    let third = account.clone().move_to(email("third@example.org"), NOW - MS);
    let reverted = confirmed().edit(|r| r.state = ChangeState::Reverted { at: NOW });
    let table = [
        ("used", link(|r| r.redeemed_at = Some(NOW)), "link_used", Reason::Gone),
        ("over now", link(|r| r.expires_at = NOW), "link_expired", Reason::Gone),
        (
            "another purpose's",
            link(|r| r.purpose = ConfirmEmailChange),
            "link_unknown",
            Reason::NotFound,
        ),
        ("of no change", link(|r| r.email_change = None), "link_unknown", Reason::NotFound),
        ("never issued", stolen().1.and(|w| w.links.clear()), "link_unknown", Reason::NotFound),
        (
            "of a change that is gone",
            stolen().1.and(|w| w.changes.clear()),
            "link_unknown",
            Reason::NotFound,
        ),
        ("the window over", stage(&account, &long_ago), "link_used", Reason::Gone),
        ("of an address that was left", stage(&third, &confirmed()), "link_used", Reason::Gone),
        ("of an address that came back", stage(&ada(), &confirmed()), "link_used", Reason::Gone),
        (
            "stopped, of an address that was left",
            stage(&account, &change().supersede(NOW).unwrap()),
            "link_used",
            Reason::Gone,
        ),
        ("reverted", stage(&account, &reverted), "link_used", Reason::Gone),
    ];
    for (what, stage, code, reason) in table {
        for proof in [None, Some(PROOF)] {
            let refused = dispute(&stage, proof).await.unwrap_err();
            assert_eq!((refused.code(), refused.reason()), (code, reason), "{what}");
            assert_eq!(stage.commits(), [], "{what}");
        }
    }
    let stage = link(|record| record.expires_at = NOW + MS);
    assert_eq!(dispute(&stage, None).await.unwrap(), frozen());
}

/// Decision 2: the link outlives the epochs that the change and its thief advanced.
#[tokio::test]
async fn a_dispute_link_outlives_every_epoch() {
    let (account, _) = stolen();
    let later = account.edit(|record| record.epoch = SecurityEpoch::from_stored(99));
    let stage = stage(&later, &confirmed());
    assert_eq!(dispute(&stage, Some(PROOF)).await.unwrap(), Disputed::Restored);
}

/// MN-44: of two restorations at once, one counts.
#[tokio::test]
async fn mn_44_of_two_restorations_at_once_one_counts() {
    let (_, stage) = stolen();
    stage.meanwhile(|world| {
        world.links[0] = world.links[0].clone().edit(|record| record.redeemed_at = Some(NOW));
    });
    assert_eq!(dispute(&stage, Some(PROOF)).await.unwrap_err().code(), "link_used");
    assert_eq!(stage.commits().len(), 1);
}

/// A confirmation in between is undone too: the thief does not win by being quick.
#[tokio::test]
async fn a_dispute_meets_a_confirmation_that_came_in_between() {
    let stage = stage(&ada(), &change());
    stage.meanwhile(|world| {
        world.accounts[0] = moved();
        world.changes[0] = confirmed();
    });
    assert_eq!(dispute(&stage, Some(PROOF)).await.unwrap(), Disputed::Restored);
    let [_, second] = &stage.commits()[..] else { panic!("decided twice") };
    assert_eq!(*second, restored(confirmed(), &moved(), &[ADA, NEW]));
    assert_eq!(stage.count(&Call::Hash), 1, "the new password is hashed once");
}

#[tokio::test]
async fn a_dispute_is_decided_three_times_at_most() {
    for proof in [None, Some(PROOF)] {
        let (_, stage) = stolen();
        for _ in 0..3 {
            stage.next_commit(CommitError::Stale);
        }
        assert_eq!(dispute(&stage, proof).await.unwrap_err().code(), "contended");
        assert_eq!(stage.commits().len(), 3);
    }
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["throttle", "links", "accounts", "email_changes", "unit_of_work"] {
        for proof in [None, Some(PROOF)] {
            let (_, stage) = stolen();
            stage.set(|world| world.broken = Some(part));
            let failed = dispute(&stage, proof).await.unwrap_err();
            assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
            assert_eq!(stage.commits(), [], "{part}");
        }
    }
    // Whoever holds the link meant to stop things: a hasher that fails does not keep them from it.
    let (_, stage) = stolen();
    stage.set(|world| world.broken = Some("passwords"));
    let failed = dispute(&stage, Some(PROOF)).await.unwrap_err();
    assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable));
    assert_eq!(stage.commit().acts[0].0, Act::EmailChangeDisputed);
}

/// Security §3.11: letters go to the addresses that are stored, in the account's language.
#[tokio::test]
async fn the_letters_go_to_stored_addresses() {
    let (_, stage) = stolen();
    dispute(&stage, Some(PROOF)).await.unwrap();
    let to: Vec<EmailAddress> = stage.commit().opened.into_iter().map(|letter| letter.to).collect();
    assert_eq!(to, [email(ADA), email(NEW)]);
}

/// MN-26, MN-29: what was requested from a stolen account cannot be "restored": its old mailbox is the
/// thief's.
#[tokio::test]
async fn mn_29_a_thief_cannot_dispute_what_the_thief_requested() {
    let (account, _) = stolen();
    let (reverted, restored) = confirmed().revert(account, true, hash(NEW_PASSWORD), NOW).unwrap();
    // From the stolen account, whose old address is the thief's, the thief asked for a third one: the dispute
    // link of that went to the thief's mailbox, and the password of then was the phished one.
    let theirs = pending(&moved(), "third@example.org", 6).supersede(NOW).unwrap();
    let stage = Stage::with(&restored).and(|world| {
        world.changes = vec![reverted, theirs];
        world.links.push(link_of(DisputeEmailChange).edit(|r| r.email_change = Some(id(6))));
    });
    for proof in [None, Some(PROOF)] {
        assert_eq!(dispute(&stage, proof).await.unwrap_err().code(), "link_used");
        assert_eq!(stage.commits(), []);
    }
}

/// MN-29: a thief who guesses in a session uses up no try of the owner, who holds the link.
#[tokio::test]
async fn mn_29_guesses_in_a_session_leave_the_link_its_tries() {
    let (account, stage) = stolen();
    let live = stale(&account);
    for _ in 0..5 {
        let again = stage
            .rightful
            .sign_in()
            .prove_again(&live, Proof::Password("wrong password"), &visit())
            .await;
        assert_eq!(again.map(|_| ()).unwrap_err().code(), "wrong_password");
    }
    let again = stage
        .rightful
        .sign_in()
        .prove_again(&live, Proof::Password("wrong password"), &visit())
        .await;
    assert_eq!(again.map(|_| ()).unwrap_err().code(), "too_many_requests");
    assert_eq!(dispute(&stage, Some(PROOF)).await.unwrap(), Disputed::Restored);
}
