use super::{ADA, NEW, change, confirmed, link_of, moved};
use crate::accounts::{Account, SecurityEpoch};
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::contacts::{Contact, ContactSource};
use crate::email_change::{ChangeState, EmailChangeError, OldMailbox};
use crate::letters::LetterContent;
use crate::links::LinkPurpose::{ConfirmEmailChange, DisputeEmailChange};
use crate::ports::{CommitError, Unique};
use crate::reason::{Reason, Refusal};
use crate::sessions::{EndReason, LiveSession};
use crate::sign_in::Proof;
use crate::tests_support::{
    Call, Edit, MS, NEW_PASSWORD, NOW, PASSWORD, Stage, Told, ada, email, forgets_tries_of,
    frozen_ada, hash, id, pending, secret, stale, told, unverified, verified, visit,
};
use crate::values::{PasswordHash, Span};

type Answer = Result<Account, EmailChangeError>;

/// Ada's change 5 is pending; link 1 confirms it.
fn stage() -> Stage {
    Stage::signed_in(&stale(&ada())).and(|world| {
        world.changes.push(change());
        world.links.push(link_of(ConfirmEmailChange));
    })
}

async fn confirm(stage: &Stage, live: Option<&LiveSession>, password: Option<&str>) -> Answer {
    let secret = secret("chg", 1);
    stage.rightful.email_changes().confirm(secret.expose(), live, password, &visit()).await
}

async fn in_session(stage: &Stage) -> Answer {
    confirm(stage, Some(&stale(&ada())), None).await
}

fn ada_did(act: Act) -> Told {
    told(act, Actor::Customer(ada().id()), Some(ada().id()))
}

/// What a confirmation writes and tells.
fn whole(done: &Told, mut wanted: Told) -> Told {
    let after = ada().move_to(email(NEW), NOW);
    let changed = change().edit(|record| record.state = ChangeState::Confirmed { at: NOW });
    for write in [
        Write::UpdateAccount(after.clone()),
        Write::UpdateEmailChange(changed),
        Write::RedeemLink { link: id(1), at: NOW },
        forgets_tries_of(&after),
        Write::EndSessions {
            account: ada().id(),
            except: None,
            at: NOW,
            why: EndReason::EmailChanged,
        },
        Write::RemoveContact(email(NEW).key().clone()),
        Write::PutContact(Contact::released(&ada(), NOW)),
        done.link(DisputeEmailChange, &ada(), Some(id(5)), NOW),
    ] {
        wanted = wanted.write(write);
    }
    wanted.letter("email_changed_old", ADA).letter("email_changed_new", NEW)
}

/// CS-27, CS-28: with a session of the account or with its password, and no session after it.
#[tokio::test]
async fn r_049_a_session_or_the_password_confirms_and_everything_older_is_dead() {
    let live = stale(&ada());
    for (session, password) in
        [(Some(&live), None), (None, Some(PASSWORD)), (Some(&live), Some("x"))]
    {
        let stage = stage();
        let account = confirm(&stage, session, password).await.unwrap();
        assert_eq!(account, ada().move_to(email(NEW), NOW));
        assert_eq!(account.epoch(), SecurityEpoch::from_stored(2));
        let done = stage.commit();
        assert_eq!(done, whole(&done, ada_did(Act::EmailChangeConfirmed)));
        assert_eq!(done.details, [("email_change", change().id().to_string())]);
    }
}

#[tokio::test]
async fn asvs_v6_3_7_both_mailboxes_are_told_with_the_other_address_masked() {
    let stage = stage();
    in_session(&stage).await.unwrap();
    let done = stage.commit();
    let LetterContent::EmailChangedOld { new_masked, dispute_until, .. } = &done.opened[0].content
    else {
        panic!("{done:#?}")
    };
    assert_eq!((new_masked, *dispute_until), (&email(NEW).masked(), NOW + Span::days(7)));
    let LetterContent::EmailChangedNew { old_masked, .. } = &done.opened[1].content else {
        panic!("{done:#?}")
    };
    assert_eq!(*old_masked, ada().email().masked());
}

/// MN-27: the new mailbox alone is not enough.
#[tokio::test]
async fn mn_27_the_secret_alone_confirms_nothing() {
    let refused_proof = told(Act::ProofRefused, Actor::Anonymous, Some(ada().id()));
    let bob = stale(&verified("bob@example.org"));
    let table = [
        ("neither", None, None, "proof_required", Reason::Unauthenticated, None),
        (
            "another account's session",
            Some(&bob),
            None,
            "signed_in_to_other_account",
            Reason::Forbidden,
            None,
        ),
        // CVE-2026-35407: whose browser is it?
        (
            "another account's session and the password",
            Some(&bob),
            Some(PASSWORD),
            "signed_in_to_other_account",
            Reason::Forbidden,
            None,
        ),
        (
            "a wrong password",
            None,
            Some("not the password"),
            "wrong_password",
            Reason::Forbidden,
            Some(refused_proof),
        ),
    ];
    for (what, session, password, code, reason, commit) in table {
        let stage = stage();
        let refused = confirm(&stage, session, password).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), (code, reason), "{what}");
        assert_eq!(stage.commits(), commit.into_iter().collect::<Vec<_>>(), "{what}");
    }
}

#[tokio::test]
async fn asvs_v6_3_1_guesses_of_the_password_with_a_link_are_counted() {
    let stage = stage();
    for _ in 0..5 {
        let refused = confirm(&stage, None, Some("wrong password")).await.unwrap_err();
        assert_eq!(refused.code(), "wrong_password");
    }
    let compared = stage.count(&Call::Compare);
    let refused = confirm(&stage, None, Some(PASSWORD)).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.retry_after()),
        ("too_many_requests", Some(Span::seconds(30)))
    );
    assert_eq!(stage.count(&Call::Compare), compared, "nothing is compared");
}

/// MN-29: the tries of a link are its own. Neither a thief who guesses in a session nor another link of the
/// same change uses them up, nor do they use up those of a session.
#[tokio::test]
async fn mn_29_each_link_and_each_account_has_tries_of_its_own() {
    let stage = stage().and(|world| {
        let other = link_of(ConfirmEmailChange)
            .edit(|record| (record.id, record.secret) = (id(2), secret("chg", 2).hash()));
        world.links.push(other);
    });
    let again = async |password| {
        let sign_in = stage.rightful.sign_in();
        sign_in.prove_again(&stale(&ada()), Proof::Password(password), &visit()).await.map(|_| ())
    };
    for _ in 0..5 {
        assert_eq!(again("wrong password").await.unwrap_err().code(), "wrong_password");
    }
    assert_eq!(again(PASSWORD).await.unwrap_err().code(), "too_many_requests");
    for _ in 0..5 {
        let refused = confirm(&stage, None, Some("wrong password")).await.unwrap_err();
        assert_eq!(refused.code(), "wrong_password");
    }
    let refused = confirm(&stage, None, Some(PASSWORD)).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_requests");
    let (changes, other) = (stage.rightful.email_changes(), secret("chg", 2));
    changes.confirm(other.expose(), None, Some(PASSWORD), &visit()).await.unwrap();
}

#[tokio::test]
async fn asvs_v6_3_1_guesses_with_a_link_leave_the_session_its_tries() {
    let stage = stage().and(|world| world.sessions.push(stale(&ada()).session));
    for _ in 0..5 {
        confirm(&stage, None, Some("wrong password")).await.unwrap_err();
    }
    let refused = confirm(&stage, None, Some(PASSWORD)).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_requests");
    stage
        .rightful
        .sign_in()
        .prove_again(&stale(&ada()), Proof::Password(PASSWORD), &visit())
        .await
        .unwrap();
}

/// R-050, MN-19, CS-24, CS-32: what a dead link says.
#[tokio::test]
async fn asvs_v6_4_1_a_dead_link_confirms_nothing() {
    let with = |change: fn(&mut crate::links::LinkRecord)| {
        stage().and(|world| world.links[0] = link_of(ConfirmEmailChange).edit(change))
    };
    let state = |state| stage().and(|world| world.changes[0] = change().edit(|r| r.state = state));
    let at = NOW;
    let earlier = stage().and(|world| {
        world.accounts[0] = ada().change_password(hash(NEW_PASSWORD), NOW);
    });
    let table = [
        ("used", with(|r| r.redeemed_at = Some(NOW)), "link_used", Reason::Gone),
        ("over now", with(|r| r.expires_at = NOW), "link_expired", Reason::Gone),
        (
            "another purpose's",
            with(|r| r.purpose = DisputeEmailChange),
            "link_unknown",
            Reason::NotFound,
        ),
        ("of no change", with(|r| r.email_change = None), "link_unknown", Reason::NotFound),
        (
            "of a change that is gone",
            stage().and(|world| world.changes.clear()),
            "link_unknown",
            Reason::NotFound,
        ),
        (
            "of an account that is gone",
            stage().and(|world| world.accounts.clear()),
            "link_unknown",
            Reason::NotFound,
        ),
        (
            "never issued",
            stage().and(|world| world.links.clear()),
            "link_unknown",
            Reason::NotFound,
        ),
        ("another password since", earlier, "link_superseded", Reason::Gone),
        ("superseded", state(ChangeState::Superseded { at }), "link_superseded", Reason::Gone),
        ("cancelled", state(ChangeState::Cancelled { at }), "link_superseded", Reason::Gone),
        ("disputed", state(ChangeState::Disputed { at }), "link_superseded", Reason::Gone),
        ("reverted", state(ChangeState::Reverted { at }), "link_superseded", Reason::Gone),
        ("confirmed", state(ChangeState::Confirmed { at }), "link_superseded", Reason::Gone),
    ];
    for (what, stage, code, reason) in table {
        let refused = in_session(&stage).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), (code, reason), "{what}");
        assert_eq!(stage.commits(), [], "{what}");
    }
    in_session(&with(|r| r.expires_at = NOW + MS)).await.unwrap();
}

#[tokio::test]
async fn mn_19_a_secret_of_another_purpose_is_refused_by_its_form() {
    for text in [secret("vfy", 1).expose(), secret("dsp", 1).expose(), "chg_", ""] {
        let stage = stage();
        let changes = stage.rightful.email_changes();
        let refused = changes.confirm(text, Some(&stale(&ada())), None, &visit()).await;
        assert_eq!(refused.unwrap_err().code(), "link_unknown", "{text}");
        assert_eq!(stage.calls(), [Call::Take(1)], "{text}");
    }
}

/// Decision 3: an earlier letter's link, and one whose other copy bounced, confirm until their own ends.
#[tokio::test]
async fn an_earlier_letters_link_confirms_until_its_own_end() {
    let resent = change().resend(&ada(), OldMailbox::Notify, NOW).unwrap();
    let bounced = change().bounce(NOW).unwrap();
    for change in [resent, bounced] {
        let stage = stage().and(|world| world.changes[0] = change);
        in_session(&stage).await.unwrap();
    }
}

/// the full check again, in both disclosures: whoever is here has proved the new mailbox.
#[tokio::test]
async fn r_064_a_target_that_was_taken_meanwhile_is_refused() {
    let order = Contact::heard_of(email(NEW), ContactSource::Order, NOW);
    let resting = Contact::released(&verified(NEW), NOW);
    let mine = Contact::released(&ada().move_to(email(NEW), NOW), NOW);
    let table = [
        (
            "an account",
            stage().and(|w| w.accounts.push(verified(NEW))),
            Some("email_in_use_by_account"),
        ),
        ("a contact", stage().and(|w| w.contacts.push(order)), Some("email_known_contact")),
        ("resting", stage().and(|w| w.contacts.push(resting)), Some("email_known_contact")),
        // back to an address of one's own.
        ("its own of earlier", stage().and(|w| w.contacts.push(mine)), None),
    ];
    for (what, stage, code) in table {
        let refused = in_session(&stage).await.err();
        assert_eq!(refused.as_ref().map(Refusal::code), code, "{what}");
        assert_eq!(stage.commits().len(), usize::from(code.is_none()), "{what}");
    }
}

/// CS-31, MN-7: two accounts race for one address; the loser decides again and is refused.
#[tokio::test]
async fn cs_31_the_loser_of_a_race_for_an_address_is_told_that_it_is_taken() {
    let stage = stage();
    stage.meanwhile(|world| world.accounts.push(verified(NEW)));
    assert_eq!(in_session(&stage).await.unwrap_err().code(), "email_in_use_by_account");
    assert_eq!(stage.commits().len(), 1);
}

/// R-065, MN-7: an unverified claim gives way, in the same commit and before the account moves. It is the
/// mover who did it.
#[tokio::test]
async fn mn_7_an_unverified_claim_is_displaced() {
    let claim = unverified(NEW);
    let stage = stage().and(|world| world.accounts.push(claim.clone()));
    in_session(&stage).await.unwrap();
    let done = stage.commit();
    let wanted = ada_did(Act::EmailChangeConfirmed)
        .act(Act::AccountDisplaced, Actor::Customer(ada().id()), claim.id())
        .write(Write::RemoveAccount(claim));
    assert_eq!(done, whole(&done, wanted));
}

/// MN-44: of two who confirm at once, the second finds the link used, and tells nobody anything.
#[tokio::test]
async fn mn_44_of_two_confirmations_at_once_one_counts() {
    let stage = stage();
    stage.meanwhile(|world| {
        world.accounts[0] = moved();
        world.changes[0] = confirmed();
        world.links[0] = world.links[0].clone().edit(|record| record.redeemed_at = Some(NOW));
    });
    assert_eq!(in_session(&stage).await.unwrap_err().code(), "link_used");
    assert_eq!(stage.commits().len(), 1);
}

/// Decision 2: while the account is frozen, nothing is confirmed.
#[tokio::test]
async fn a_frozen_account_confirms_nothing() {
    let stage = stage().and(|world| world.accounts[0] = frozen_ada());
    let refused = in_session(&stage).await.unwrap_err();
    assert_eq!((refused.code(), refused.retry_after()), ("account_frozen", Some(Span::days(1))));
    assert_eq!(stage.commits(), []);
}

/// MN-46: the password that was proved must still be in force when it counts.
#[tokio::test]
async fn mn_46_a_password_that_changed_in_between_proves_nothing() {
    let stage = stage();
    let other = PasswordHash::from_phc(String::from("today$another one's"));
    stage.meanwhile(|world| world.accounts[0] = ada().edit(|record| record.password = other));
    let refused = confirm(&stage, None, Some(PASSWORD)).await.unwrap_err();
    assert_eq!(refused.code(), "link_superseded");
    assert_eq!(stage.commits().len(), 1);
}

/// CS-8.
#[tokio::test]
async fn cs_8_tries_of_secrets_are_counted_by_source() {
    let stage = stage();
    let changes = stage.rightful.email_changes();
    for n in 2..62 {
        let wrong = secret("chg", n);
        let refused = changes.confirm(wrong.expose(), None, Some(PASSWORD), &visit()).await;
        assert_eq!(refused.unwrap_err().code(), "link_unknown");
    }
    assert_eq!(in_session(&stage).await.unwrap_err().code(), "too_many_requests");
}

#[tokio::test]
async fn a_confirmation_is_decided_three_times_at_most() {
    let stage = stage();
    for end in [CommitError::Stale, CommitError::Taken(Unique::EmailKey), CommitError::Stale] {
        stage.next_commit(end);
    }
    assert_eq!(in_session(&stage).await.unwrap_err().code(), "contended");
    assert_eq!(stage.commits().len(), 3);
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in
        ["throttle", "links", "accounts", "passwords", "email_changes", "contacts", "unit_of_work"]
    {
        let stage = stage().and(|world| world.broken = Some(part));
        let failed = confirm(&stage, None, Some(PASSWORD)).await.unwrap_err();
        assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
        assert_eq!(stage.commits(), [], "{part}");
    }
}

/// CS-24: the link of one change confirms no other, although both are the account's.
#[tokio::test]
async fn cs_24_a_link_confirms_the_change_that_it_was_issued_for() {
    let other = pending(&ada(), "third@example.org", 6);
    let stage = stage().and(|world| {
        world.changes[0] = change().supersede(NOW).unwrap();
        world.changes.push(other);
    });
    assert_eq!(in_session(&stage).await.unwrap_err().code(), "link_superseded");
    assert_eq!(stage.commits(), []);
}
