//! Name and language.

use crate::accounts::{Account, Version};
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::ports::CommitError;
use crate::profile::{ProfileChange, ProfileError};
use crate::reason::{NextAction, Reason, Refusal};
use crate::sessions::LiveSession;
use crate::tests_support::{
    MS, NOW, Stage, ada, fresh, frozen_ada, session, stale, told, unverified, verified, visit,
};
use crate::values::{Locale, PersonName, Span};

const READ: Version = Version::from_stored(4);

async fn update(
    stage: &Stage,
    expected: Version,
    change: ProfileChange<'_>,
) -> Result<Account, ProfileError> {
    let live = stale(&ada());
    stage.rightful.profile().update(&live, expected, change, &visit()).await
}

/// what changed is told by its field's name, never by its value.
#[tokio::test]
async fn r_039_name_and_language_change_freely_and_the_mailbox_is_told() {
    let named = |text: &str| ada().rename(PersonName::parse(text).ok());
    let name = |text| ProfileChange { name: Some(text), locale: None };
    let french = ProfileChange { name: None, locale: Some(Locale::Fr) };
    let both = ProfileChange { name: Some(Some("Zoë 🚀")), locale: Some(Locale::Fr) };
    let table = [
        (name(Some("  Zoë \u{202e}🚀")), named("Zoë 🚀"), vec![("name", "changed")]),
        (name(None), ada().rename(None), vec![("name", "changed")]),
        (french, ada().speak(Locale::Fr), vec![("language", "fr")]),
        (both, named("Zoë 🚀").speak(Locale::Fr), vec![("language", "fr"), ("name", "changed")]),
    ];
    for (change, after, details) in table {
        let stage = Stage::signed_in(&stale(&ada()));
        update(&stage, READ, change).await.unwrap();
        let done = stage.commit();
        assert_eq!(
            done,
            told(Act::ProfileChanged, Actor::Customer(ada().id()), Some(ada().id()))
                .write(Write::UpdateAccount(after.clone()))
                .letter("profile_changed", "ada@example.org")
        );
        assert_eq!(
            done.details,
            details.iter().map(|(k, v)| (*k, (*v).to_owned())).collect::<Vec<_>>()
        );
        assert_eq!(done.opened[0].locale, after.locale(), "in the language that is in force now");
    }
}

/// The mailbox of an unverified account may be a stranger's: it is told nothing.
#[tokio::test]
async fn an_unproved_mailbox_is_not_told_of_a_name() {
    let claim = unverified("ada@example.org");
    let stage = Stage::signed_in(&stale(&claim));
    let change = ProfileChange { name: Some(None), locale: None };
    let live = fresh(&claim);
    stage.rightful.profile().update(&live, READ, change, &visit()).await.unwrap();
    assert_eq!(stage.commit().letters, []);
    assert_eq!(stage.commit().writes, [Write::UpdateAccount(claim.rename(None))]);
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing_and_tells_nobody() {
    for change in [
        ProfileChange::default(),
        ProfileChange { name: Some(Some("Ada Lovelace")), locale: None },
        ProfileChange { name: Some(Some(" Ada Lovelace\n")), locale: Some(Locale::En) },
    ] {
        let stage = Stage::signed_in(&stale(&ada()));
        assert_eq!(update(&stage, READ, change).await.unwrap(), ada());
        assert_eq!(stage.commits(), []);
    }
}

/// Lost updates: decided on another version than the stored one, before or within the commit.
#[tokio::test]
async fn an_update_of_an_outdated_version_is_refused() {
    let change = ProfileChange { name: Some(None), locale: None };
    for version in [1, 3, 5] {
        let stage = Stage::signed_in(&stale(&ada()));
        let refused = update(&stage, Version::from_stored(version), change).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), ("version_mismatch", Reason::Conflict));
        assert_eq!(stage.commits(), []);
    }
    let stage = Stage::signed_in(&stale(&ada()));
    stage.next_commit(CommitError::Stale);
    let refused = update(&stage, READ, change).await.unwrap_err();
    assert_eq!(refused.code(), "version_mismatch");
    assert_eq!(stage.commits().len(), 1, "it is the customer who decides again");
}

#[tokio::test]
async fn a_text_that_is_no_name_is_refused() {
    let long = "é".repeat(101);
    for text in ["", "\u{200b}\n", &long] {
        let stage = Stage::signed_in(&stale(&ada()));
        let change = ProfileChange { name: Some(Some(text)), locale: None };
        let refused = update(&stage, READ, change).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), ("invalid_name", Some("name")));
        assert_eq!(stage.commits(), []);
    }
}

/// Decision 2 freezes sensitive acts; a name is none.
#[tokio::test]
async fn a_frozen_account_may_still_change_its_name() {
    let stage = Stage::signed_in(&stale(&frozen_ada()));
    update(&stage, READ, ProfileChange { name: Some(None), locale: None }).await.unwrap();
    assert_eq!(stage.commit().writes, [Write::UpdateAccount(frozen_ada().rename(None))]);
}

/// Ten changes an hour: each is a letter to the mailbox. Only what changes something counts.
#[tokio::test]
async fn a_profile_changes_ten_times_an_hour() {
    let nameless = ProfileChange { name: Some(None), locale: None };
    let stage = Stage::signed_in(&stale(&ada()));
    let spare = || async {
        update(&stage, READ, ProfileChange::default()).await.unwrap();
        update(&stage, Version::from_stored(3), nameless).await.unwrap_err();
        let invalid = ProfileChange { name: Some(Some("")), locale: None };
        update(&stage, READ, invalid).await.unwrap_err();
    };
    for _ in 0..10 {
        spare().await;
        update(&stage, READ, nameless).await.unwrap();
    }
    stage.forget();
    let refused = update(&stage, READ, nameless).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), ("too_many_requests", Reason::TooMany));
    assert_eq!(refused.retry_after(), Some(Span::hours(1)));
    assert_eq!(refused.next_actions(), [NextAction::Wait]);
    assert_eq!(stage.commits(), []);
    // What changes nothing is answered as ever, and so is everybody else.
    spare().await;
    let bob = verified("bob@example.org");
    let bobs = LiveSession { session: session(&bob, 2), account: bob.clone() };
    stage.set(|world| {
        world.accounts.push(bob.clone());
        world.sessions.push(session(&bob, 2));
    });
    stage.rightful.profile().update(&bobs, READ, nameless, &visit()).await.unwrap();

    stage.set(|world| world.now = NOW + Span::hours(1) - MS);
    let refused = update(&stage, READ, nameless).await.unwrap_err();
    assert_eq!(refused.retry_after(), Some(MS));
    stage.set(|world| world.now = NOW + Span::hours(1));
    update(&stage, READ, nameless).await.unwrap();
}

/// MN-13: the account gave way to the mailbox's owner.
#[tokio::test]
async fn mn_13_the_session_of_an_account_that_is_gone_is_over() {
    let refused = update(&Stage::empty(), READ, ProfileChange::default()).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), ("unauthenticated", Reason::Unauthenticated));
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["throttle", "sessions", "unit_of_work"] {
        let stage = Stage::signed_in(&stale(&ada())).and(|world| world.broken = Some(part));
        let change = ProfileChange { name: Some(None), locale: None };
        let failed = update(&stage, READ, change).await.unwrap_err();
        assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
        assert_eq!(stage.commits(), [], "{part}");
    }
}
