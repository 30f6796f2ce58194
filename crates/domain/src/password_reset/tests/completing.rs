//! Completing a reset.

use crate::accounts::{Account, Freeze, SecurityEpoch};
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::email_change::{ChangeState, EmailChange};
use crate::links::{Link, LinkPurpose::ResetPassword};
use crate::password_reset::PasswordResetError;
use crate::reason::{NextAction, Reason, Refusal};
use crate::sessions::EndReason;
use crate::tests_support::{
    Call, Edit, MS, NEW_PASSWORD, NOW, PASSWORD, Stage, Told, ada, email, forgets_tries_of,
    frozen_ada, hash, id, link, pending, secret, told, unverified, visit,
};
use crate::values::Span;

const ADA: &str = "ada@example.org";

/// A link that was issued a minute ago.
fn open(account: &Account) -> Link {
    link(ResetPassword, account, 1).edit(|record| {
        record.issued_at = NOW - Span::minutes(1);
        record.expires_at = NOW + Span::minutes(59);
    })
}

fn stage(account: &Account, link: Link) -> Stage {
    Stage::with(account).and(|world| world.links.push(link))
}

fn asked(account: &Account) -> Stage {
    stage(account, open(account))
}

async fn complete(stage: &Stage, password: &str) -> Result<Account, PasswordResetError> {
    let secret = secret("rst", 1);
    stage.rightful.password_resets().complete(secret.expose(), password, &visit()).await
}

fn reset(before: &Account) -> (Account, Told) {
    let after = before.clone().reset_password(hash(NEW_PASSWORD), NOW);
    let wanted = told(Act::PasswordReset, Actor::Customer(before.id()), Some(before.id()))
        .write(Write::UpdateAccount(after.clone()))
        .write(Write::RedeemLink { link: id(1), at: NOW })
        .write(forgets_tries_of(&after))
        .write(Write::EndSessions {
            account: before.id(),
            except: None,
            at: NOW,
            why: EndReason::PasswordReset,
        });
    (after, wanted)
}

/// R-102, CS-10 to CS-12, MN-18, MN-20, MN-21: another password, every session ended, the mailbox told, no
/// session made; a freeze stays.
#[tokio::test]
async fn asvs_v6_3_7_v7_4_3_a_reset_sets_the_password_and_ends_everything_older() {
    for account in [ada(), frozen_ada()] {
        let stage = asked(&account);
        let done = complete(&stage, NEW_PASSWORD).await.unwrap();
        let (after, wanted) = reset(&account);
        assert_eq!(done, after);
        assert_eq!(stage.commit(), wanted.letter("password_reset", ADA));
        assert_eq!(done.epoch(), SecurityEpoch::from_stored(2));
        assert_eq!(done.frozen(NOW), account.frozen(NOW), "decision 0013");
    }
}

/// MN-2 to MN-4: for an account that nobody has proved, a reset is the first proof of its mailbox. The name stays
/// only with the password of the registration.
#[tokio::test]
async fn mn_3_a_reset_of_an_unverified_account_is_the_first_proof() {
    let claim = unverified(ADA);
    for (password, name_stays) in [(NEW_PASSWORD, false), (PASSWORD, true)] {
        let stage = asked(&claim);
        let done = complete(&stage, password).await.unwrap();
        assert!(done.is_verified());
        assert_eq!(done.epoch(), SecurityEpoch::from_stored(1));
        assert_eq!(done.password(), &hash(password));
        assert_eq!(done.record().name.is_some(), name_stays);
        let committed = stage.commit();
        let actor = Actor::Customer(claim.id());
        let acts = [Act::PasswordReset, Act::MailboxProved];
        assert_eq!(committed.acts, acts.map(|act| (act, actor, Some(claim.id()))));
        assert_eq!(committed.letters, [("mailbox_proved".to_owned(), ADA.to_owned())]);
        let writes = &committed.writes[..];
        let [
            Write::UpdateAccount(written),
            Write::RedeemLink { .. },
            Write::ForgetTries(_),
            Write::EndSessions { except: None, .. },
        ] = writes
        else {
            panic!("{writes:#?}")
        };
        assert_eq!(written, &done);
    }
}

/// CS-32, MN-22: what somebody asked for before does not go on.
#[tokio::test]
async fn cs_32_a_reset_cancels_the_pending_change_of_address() {
    let change = pending(&ada(), "new@example.org", 5);
    let stage = asked(&ada()).and(|world| world.changes.push(change.clone()));
    complete(&stage, NEW_PASSWORD).await.unwrap();
    let (_, wanted) = reset(&ada());
    assert_eq!(
        stage.commit(),
        wanted
            .write(Write::UpdateEmailChange(change.cancel(NOW).unwrap()))
            .act(Act::EmailChangeCancelled, Actor::Customer(ada().id()), ada().id())
            .letter("password_reset", ADA)
    );
}

/// 63B §4.6, MN-29: while a change of address can be disputed, the mailbox of before hears of a reset too: the
/// one in force, which had the link, may be the thief's. The dispute itself is as good as before.
#[tokio::test]
async fn the_mailbox_of_before_is_told_while_it_can_dispute() {
    let moved = |at| {
        let change = pending(&ada(), "thief@example.com", 5);
        change.edit(|record| record.state = ChangeState::Confirmed { at })
    };
    let thiefs = || ada().edit(|record| record.email = email("thief@example.com"));
    for (at, told_too) in
        [(NOW, true), (NOW - Span::days(7) + MS, true), (NOW - Span::days(7), false)]
    {
        let stage = asked(&thiefs()).and(|world| world.changes.push(moved(at)));
        let account = complete(&stage, NEW_PASSWORD).await.unwrap();
        let mut mailboxes = vec!["thief@example.com"];
        mailboxes.extend(told_too.then_some(ADA));
        let wanted: Vec<_> =
            mailboxes.iter().map(|to| ("password_reset".to_owned(), (*to).to_owned())).collect();
        assert_eq!(stage.commit().letters, wanted);
        let change: EmailChange = moved(at);
        assert!(change.proofs().any(|proof| proof == &hash(PASSWORD)));
        let restored = change.revert(account, true, hash("the owner's"), NOW);
        assert_eq!(restored.is_ok(), told_too);
    }
}

/// R-101, MN-19, MN-44, CS-8: a secret that opens nothing costs a look-up, no hash and no commit.
#[tokio::test]
async fn asvs_v6_4_1_a_dead_link_resets_nothing() {
    let live = open(&ada());
    let ends = |at| live.clone().edit(|record| record.expires_at = at);
    let used = live.clone().edit(|record| record.redeemed_at = Some(NOW - MS));
    let other = live.clone().edit(|r| r.purpose = crate::links::LinkPurpose::VerifyAddress);
    let earlier = live.clone().edit(|r| r.epoch = SecurityEpoch::UNPROVED);
    let foreign = live.clone().edit(|r| r.account = id(99));
    let table = [
        ("used", stage(&ada(), used), "link_used", Reason::Gone),
        ("over now", stage(&ada(), ends(NOW)), "link_expired", Reason::Gone),
        ("over a moment ago", stage(&ada(), ends(NOW - MS)), "link_expired", Reason::Gone),
        ("superseded", stage(&ada(), earlier), "link_superseded", Reason::Gone),
        ("another purpose's", stage(&ada(), other), "link_unknown", Reason::NotFound),
        ("another account's", stage(&ada(), foreign), "link_unknown", Reason::NotFound),
        ("never issued", Stage::with(&ada()), "link_unknown", Reason::NotFound),
    ];
    for (what, stage, code, reason) in table {
        let refused = complete(&stage, NEW_PASSWORD).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), (code, reason), "{what}");
        assert_eq!(refused.next_actions(), [NextAction::ResetPassword, NextAction::SignIn]);
        let work = [Call::Compare, Call::Hash, Call::Commit].map(|call| stage.count(&call));
        assert_eq!(work, [0; 3], "{what}");
    }
    complete(&stage(&ada(), ends(NOW + MS)), NEW_PASSWORD).await.unwrap();
}

/// MN-19, MN-45: a secret of another form is not even looked up.
#[tokio::test]
async fn mn_19_a_secret_of_another_purpose_is_refused_by_its_form() {
    for text in ["vfy", "chg", "dsp", "apv", "ses"] {
        let stage = asked(&ada());
        let wrong = secret(text, 1);
        let resets = stage.rightful.password_resets();
        let refused = resets.complete(wrong.expose(), NEW_PASSWORD, &visit()).await.unwrap_err();
        assert_eq!(refused.code(), "link_unknown", "{text}");
        assert_eq!(stage.calls(), [Call::Take(1)], "{text}");
    }
}

/// CS-9, R-009: a password that is refused leaves the link as it was.
#[tokio::test]
async fn cs_9_the_new_password_is_as_good_as_at_the_registration() {
    for (password, code) in [
        ("short", "password_too_short"),
        ("password1234", "password_leaked"),
        (ADA, "password_own_data"),
        ("aaaaaaaaaaaa", "password_repetition"),
    ] {
        let stage = asked(&ada());
        let refused = complete(&stage, password).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), (code, Some("password")));
        let work = [Call::Compare, Call::Hash, Call::Commit].map(|call| stage.count(&call));
        assert_eq!(work, [0; 3], "{code}");
        complete(&stage, NEW_PASSWORD).await.unwrap();
    }
}

/// MN-44, MN-46: of two who complete at once, the second finds the link used; and one that another reset came
/// before finds it superseded.
#[tokio::test]
async fn mn_44_of_two_resets_at_once_one_counts() {
    for (same_link, code) in [(true, "link_used"), (false, "link_superseded")] {
        let stage = asked(&ada());
        stage.meanwhile(move |world| {
            world.accounts[0] = world.accounts[0].clone().reset_password(hash("the other's"), NOW);
            if same_link {
                world.links[0] = world.links[0].clone().edit(|r| r.redeemed_at = Some(NOW));
            }
        });
        assert_eq!(complete(&stage, NEW_PASSWORD).await.unwrap_err().code(), code);
        assert_eq!(stage.commits().len(), 1, "the loser's only try, which wrote nothing");
    }
}

/// MN-29: a dispute that came in between stands: its freeze advanced the epoch.
#[tokio::test]
async fn mn_29_a_dispute_in_between_is_not_overwritten() {
    let stage = asked(&ada());
    stage.meanwhile(|world| {
        world.accounts[0] = world.accounts[0].clone().freeze(NOW, Span::days(7));
    });
    assert_eq!(complete(&stage, NEW_PASSWORD).await.unwrap_err().code(), "link_superseded");
    let frozen = ada().edit(|record| {
        record.freeze = Some(Freeze { since: NOW, until: NOW + Span::days(7) });
    });
    let after = complete(&asked(&frozen), NEW_PASSWORD).await.unwrap();
    assert!(after.frozen(NOW + Span::days(7) - MS).is_some());
}

/// CS-8: sixty tries a minute from one source.
#[tokio::test]
async fn cs_8_tries_of_secrets_are_counted_by_source() {
    let stage = asked(&ada());
    let resets = stage.rightful.password_resets();
    for n in 2..62 {
        let wrong = secret("rst", n);
        let refused = resets.complete(wrong.expose(), NEW_PASSWORD, &visit()).await;
        assert_eq!(refused.unwrap_err().code(), "link_unknown");
    }
    stage.forget();
    let refused = complete(&stage, NEW_PASSWORD).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_requests");
    assert_eq!(stage.calls(), [Call::Take(1)]);
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["throttle", "links", "accounts", "passwords", "email_changes", "unit_of_work"] {
        let stage = asked(&ada()).and(|world| world.broken = Some(part));
        let failed = complete(&stage, NEW_PASSWORD).await.unwrap_err();
        assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
        assert_eq!(stage.commits().len(), 0, "{part}");
    }
}
