//! Proving the mailbox.

use crate::accounts::{Account, SecurityEpoch};
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::links::{Link, LinkPurpose};
use crate::reason::{Reason, Refusal};
use crate::registration::RegistrationError;
use crate::sessions::EndReason;
use crate::tests_support::{
    Call, Edit, MS, NEW_PASSWORD, NOW, PASSWORD, Stage, ada, forgets_tries_of, hash, link, secret,
    told, unverified, visit,
};
use crate::values::{PasswordHash, PersonName, Span};
use LinkPurpose::VerifyAddress;

const ADA: &str = "ada@example.org";

/// A stage with an account, and link 1 of it.
fn stage(account: &Account, link: Link) -> Stage {
    Stage::with(account).and(|world| world.links.push(link))
}

fn claimed() -> Stage {
    let claim = unverified(ADA);
    stage(&claim, link(VerifyAddress, &claim, 1))
}

async fn verify(stage: &Stage, password: &str) -> Result<Account, RegistrationError> {
    let secret = secret("vfy", 1);
    stage.rightful.registration().verify(secret.expose(), password, &visit()).await
}

/// MN-2, MN-3, MN-4: the prover's password is in force, every session ends, none is made.
#[tokio::test]
async fn mn_3_the_password_in_force_is_the_provers() {
    let claim = unverified(ADA);
    let stage = claimed();
    let account = verify(&stage, NEW_PASSWORD).await.unwrap();
    // Somebody else may have typed the name, as the password is another.
    let nameless = claim.clone().rename(None);
    assert_eq!(account, nameless.prove_mailbox(hash(NEW_PASSWORD), NOW).unwrap());
    assert_eq!(account.epoch(), SecurityEpoch::from_stored(1));
    assert_eq!(
        stage.commit(),
        told(Act::MailboxProved, Actor::Customer(claim.id()), Some(claim.id()))
            .write(Write::UpdateAccount(account.clone()))
            .write(Write::RedeemLink { link: link(VerifyAddress, &claim, 1).record().id, at: NOW })
            .write(forgets_tries_of(&account))
            .write(Write::EndSessions {
                account: claim.id(),
                except: None,
                at: NOW,
                why: EndReason::MailboxProved,
            })
            .letter("mailbox_proved", ADA)
    );
}

/// MN-3: also when the squatter's password happens to be the prover's.
#[tokio::test]
async fn mn_2_the_same_password_ends_the_sessions_too() {
    let stage = claimed();
    let account = verify(&stage, PASSWORD).await.unwrap();
    assert_eq!(account.record().password_set_at, NOW);
    assert_eq!(account.epoch(), SecurityEpoch::from_stored(1));
}

/// MN-3, MN-4: the name that a squatter typed does not greet the owner; the owner's own stays. Whoever knows
/// the password of the registration is the one who typed it.
#[tokio::test]
async fn mn_4_the_name_stays_only_with_the_password_of_the_registration() {
    let named = unverified(ADA);
    let weak = named.clone().edit(|record| {
        record.password = PasswordHash::from_phc(format!("earlier${PASSWORD}"));
    });
    let table = [
        ("the same password", named.clone(), PASSWORD, true),
        ("the same, kept with weaker parameters", weak, PASSWORD, true),
        ("another password", named.clone(), NEW_PASSWORD, false),
        ("another case", named.clone(), "Correct horse battery", false),
        ("no name, the same password", named.clone().rename(None), PASSWORD, false),
    ];
    for (what, claim, password, kept) in table {
        let stage = stage(&claim, link(VerifyAddress, &claim, 1));
        let account = verify(&stage, password).await.unwrap();
        let wanted = named.record().name.clone().filter(|_| kept);
        assert_eq!(account.record().name, wanted, "{what}");
        assert_eq!(account.password(), &hash(password), "{what}");
        assert_eq!(stage.commit().writes[0], Write::UpdateAccount(account), "{what}");
        let (compared, hashed) = (stage.count(&Call::Compare), stage.count(&Call::Hash));
        assert_eq!((compared, hashed), (1, 1), "{what}: the same work");
    }
}

/// R-050, MN-19, MN-44: a secret that opens nothing costs a look-up, no hash and no commit.
#[tokio::test]
async fn asvs_v6_4_1_a_link_that_is_dead_proves_nothing() {
    let claim = unverified(ADA);
    let open = link(VerifyAddress, &claim, 1);
    let ends = |at| open.clone().edit(|record| record.expires_at = at);
    let used = open.clone().edit(|record| record.redeemed_at = Some(NOW - MS));
    let other_purpose = open.clone().edit(|r| r.purpose = LinkPurpose::ConfirmEmailChange);
    let earlier = open.clone().edit(|r| r.epoch = SecurityEpoch::from_stored(7));
    let table = [
        ("used", stage(&claim, used), "link_used", Reason::Gone),
        ("over now", stage(&claim, ends(NOW)), "link_expired", Reason::Gone),
        ("superseded", stage(&claim, earlier), "link_superseded", Reason::Gone),
        ("another purpose's", stage(&claim, other_purpose), "link_unknown", Reason::NotFound),
        ("never issued", Stage::with(&claim), "link_unknown", Reason::NotFound),
        (
            "of an account that is gone",
            Stage::empty().and(|world| world.links.push(open.clone())),
            "link_unknown",
            Reason::NotFound,
        ),
    ];
    for (what, stage, code, reason) in table {
        let refused = verify(&stage, NEW_PASSWORD).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), (code, reason), "{what}");
        let work = [Call::Compare, Call::Hash, Call::Commit].map(|call| stage.count(&call));
        assert_eq!(work, [0; 3], "{what}");
    }
    // And one millisecond before its end it does.
    verify(&stage(&claim, ends(NOW + MS)), NEW_PASSWORD).await.unwrap();
}

/// MN-19, CS-50: a secret of another form is not even looked up.
#[tokio::test]
async fn mn_19_a_secret_of_another_purpose_is_refused_by_its_form() {
    for text in [secret("chg", 1).expose(), secret("ses", 1).expose(), "", "vfy_", "vfy_short"] {
        let stage = claimed();
        let registration = stage.rightful.registration();
        let refused = registration.verify(text, NEW_PASSWORD, &visit()).await.unwrap_err();
        assert_eq!(refused.code(), "link_unknown", "{text}");
        assert_eq!(stage.calls(), [Call::Take(1)], "{text}");
    }
}

/// A proved account's other links are dead (MN-4), also to somebody who has two of them.
#[tokio::test]
async fn mn_4_a_second_link_of_a_proved_account_is_superseded() {
    let stale = link(VerifyAddress, &unverified(ADA), 1);
    let refused = verify(&stage(&ada(), stale), NEW_PASSWORD).await.unwrap_err();
    assert_eq!(refused.code(), "link_superseded");
}

/// a password that is refused leaves the link as it was.
#[tokio::test]
async fn r_009_a_refused_password_consumes_nothing() {
    for (password, code) in [
        ("short", "password_too_short"),
        ("password1234", "password_leaked"),
        (ADA, "password_own_data"),
        ("Ada Lovelace", "password_own_data"),
    ] {
        let stage = claimed();
        let refused = verify(&stage, password).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), (code, Some("password")));
        let work = [Call::Compare, Call::Hash, Call::Commit].map(|call| stage.count(&call));
        assert_eq!(work, [0; 3], "{code}");
    }
}

/// MN-44, MN-46: of two who prove at once, the second finds the link used.
#[tokio::test]
async fn mn_44_of_two_proofs_at_once_one_counts() {
    let stage = claimed();
    stage.meanwhile(|world| {
        let proved = world.accounts[0].clone().prove_mailbox(hash("the other's"), NOW).unwrap();
        world.accounts[0] = proved;
        world.links[0] = world.links[0].clone().edit(|record| record.redeemed_at = Some(NOW));
    });
    assert_eq!(verify(&stage, NEW_PASSWORD).await.unwrap_err().code(), "link_used");
    assert_eq!(stage.commits().len(), 1, "the loser's only try, which wrote nothing");
}

/// MN-7: a stranger who registers again in between does not stop the owner.
#[tokio::test]
async fn mn_7_a_registration_in_between_does_not_stop_the_proof() {
    let stage = claimed();
    stage.meanwhile(|world| {
        let claim = world.accounts[0].clone().edit(|record| record.password = hash("squatter's"));
        world.accounts[0] = claim;
    });
    let account = verify(&stage, NEW_PASSWORD).await.unwrap();
    assert_eq!(account.password(), &hash(NEW_PASSWORD));
}

/// CS-8: sixty tries a minute from one source; the sixty-first is not looked up, right or not.
#[tokio::test]
async fn cs_8_tries_of_secrets_are_counted_by_source() {
    let stage = claimed();
    let registration = stage.rightful.registration();
    for n in 2..62 {
        let wrong = secret("vfy", n);
        let refused = registration.verify(wrong.expose(), NEW_PASSWORD, &visit()).await;
        assert_eq!(refused.unwrap_err().code(), "link_unknown");
    }
    stage.forget();
    let refused = verify(&stage, NEW_PASSWORD).await.unwrap_err();
    assert_eq!(refused.retry_after(), Some(Span::minutes(1)));
    assert_eq!(refused.code(), "too_many_requests");
    assert_eq!(stage.calls(), [Call::Take(1)]);
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["throttle", "links", "accounts", "passwords", "unit_of_work"] {
        let stage = claimed().and(|world| world.broken = Some(part));
        let failed = verify(&stage, NEW_PASSWORD).await.unwrap_err();
        assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
        assert_eq!(stage.commits().len(), 0, "{part}");
    }
}
/// MN-4, MN-46: a squatter who registers again in between does not slip a name in: the password that was compared
/// must be the one in force when the name is kept.
#[tokio::test]
async fn mn_46_a_name_of_a_registration_in_between_is_not_kept() {
    let stage = claimed();
    stage.meanwhile(|world| {
        world.accounts[0] = world.accounts[0].clone().edit(|record| {
            record.password = hash("squatter's");
            record.name = PersonName::parse("Some Squatter").ok();
        });
    });
    let account = verify(&stage, PASSWORD).await.unwrap();
    assert_eq!(account.record().name, None);
}
