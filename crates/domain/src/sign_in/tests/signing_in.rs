use crate::Visit;
use crate::accounts::{Account, SecurityEpoch, Standing};
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::ports::CommitError;
use crate::reason::{NextAction, Outage, Reason, Refusal};
use crate::sessions::{Carrier, Session};
use crate::sign_in::model::KnownDevice;
use crate::sign_in::{Credentials, Entry, SignInError, SignedIn};
use crate::tests_support::{
    Call, Edit, MS, NOW, PASSWORD, Stage, ada, counting_entropy, email, hash, id, session, told,
    untold, unverified, verified, visit,
};
use crate::throttle::ThrottleKey;
use crate::values::{PasswordHash, Source, Span};

const ADA: &str = "ada@example.org";
/// Longer than any password.
const LONG: usize = 1_025;

async fn sign_in(
    stage: &Stage,
    email: &str,
    password: &str,
    visit: &Visit,
) -> Result<SignedIn, SignInError> {
    let credentials = Credentials { email, password, carrier: Carrier::Cookie };
    match stage.rightful.sign_in().sign_in(credentials, visit).await? {
        Entry::SignedIn(signed_in) => Ok(*signed_in),
        Entry::SecondStep(step) => panic!("a second step: {step:?}"),
    }
}

fn from(last: u8) -> Visit {
    Visit { source: Source::of([192, 0, 2, last].into()), ..visit() }
}

/// The keys whose counts a success from [`visit`] forgets.
fn forgotten(stage: &Stage) -> Vec<ThrottleKey> {
    vec![
        stage.rightful.limit_key("sign_in_pair", &[ADA, "192.0.2.1"]),
        stage.rightful.limit_key("sign_in_address", &[ADA]),
        stage.rightful.limit_key("sign_in_ceiling", &[ADA]),
    ]
}

fn signed_in(stage: &Stage, account: &Account, session: &Session) -> crate::tests_support::Told {
    told(Act::SignedIn, Actor::Customer(account.id()), Some(account.id()))
        .write(Write::ForgetTries(forgotten(stage)))
        .write(Write::InsertSession(session.clone()))
}

/// Ada, whose mailbox was proved a moment ago: a first sign-in is then told to nobody.
fn new_ada() -> Account {
    ada().edit(|record| record.standing = Standing::Verified { at: NOW - Span::minutes(5) })
}

/// the session, its audit event and the forgotten tries are one commit; the source's count stays.
#[tokio::test]
async fn asvs_v16_3_1_the_right_password_starts_a_session() {
    for account in [new_ada(), unverified(ADA)] {
        let stage = Stage::with(&account);
        let done = sign_in(&stage, " ADA@Example.ORG ", PASSWORD, &visit()).await.unwrap();
        assert_eq!(done.account, account);
        let (wanted, _) = Session::start(
            &account,
            Carrier::Cookie,
            visit().device,
            visit().source,
            &counting_entropy(),
            NOW,
        );
        let wanted = wanted.edit(|record| {
            record.id = done.session.id();
            record.secret = done.secret.hash();
        });
        assert_eq!(done.session, wanted);
        assert_eq!(stage.commit(), signed_in(&stage, &account, &done.session));
        let details = [("session", done.session.id().to_string())];
        assert_eq!(stage.commit().details, details);
    }
}

/// CS-40 to CS-42: whichever part is wrong, the error, the work and what is told are the same.
#[tokio::test]
async fn asvs_v6_3_8_every_refusal_is_the_same_error_for_the_same_work() {
    let long = "x".repeat(LONG);
    let (proved, claim) = (Stage::with(&ada()), Stage::with(&unverified(ADA)));
    let table = [
        ("unknown address", Stage::empty(), PASSWORD, None),
        ("wrong password", proved, "not the password", Some(ada().id())),
        ("wrong password, unverified", claim, "not the password", Some(ada().id())),
        ("empty password", Stage::with(&ada()), "", Some(ada().id())),
        ("too long a password", Stage::with(&ada()), &long, Some(ada().id())),
        ("unknown address, too long a password", Stage::empty(), &long, None),
        ("another case", Stage::with(&ada()), "Correct Horse Battery", Some(ada().id())),
        ("a blank more", Stage::with(&ada()), "correct horse battery ", Some(ada().id())),
    ];
    for (what, stage, password, account) in table {
        let refused = sign_in(&stage, ADA, password, &visit()).await.unwrap_err();
        assert_eq!(refused.code(), "wrong_credentials", "{what}");
        assert_eq!(refused.reason(), Reason::Unauthenticated, "{what}");
        let calls = [Call::Take(4), Call::Read("accounts"), Call::Compare, Call::Commit];
        assert_eq!(stage.calls(), calls, "{what}");
        let wanted = told(Act::SignInRefused, Actor::Anonymous, account);
        assert_eq!(stage.commit(), wanted, "{what}");
    }
}

/// A text that no account can have is compared like an address that none has.
#[tokio::test]
async fn asvs_v6_3_8_what_is_no_address_is_refused_like_an_unknown_one() {
    let stage = Stage::with(&ada());
    let refused = sign_in(&stage, "ada", PASSWORD, &visit()).await.unwrap_err();
    assert_eq!(refused.code(), "wrong_credentials");
    assert_eq!(stage.calls(), [Call::Take(4), Call::Compare, Call::Commit]);
}

/// An account whose password is empty cannot be reached by a text that is too long to be compared.
#[tokio::test]
async fn a_text_that_is_too_long_is_compared_with_nothing() {
    let account = ada().edit(|record| record.password = hash(""));
    let stage = Stage::with(&account);
    let refused = sign_in(&stage, ADA, &"x".repeat(LONG), &visit()).await.unwrap_err();
    assert_eq!(refused.code(), "wrong_credentials");
}

/// 63B §3.1.1.2: a password that is kept with weaker parameters is hashed again, in the same commit.
#[tokio::test]
async fn an_outdated_hash_is_renewed_after_the_commit_of_the_session() {
    let weak = PasswordHash::from_phc(format!("earlier${PASSWORD}"));
    let account = new_ada().edit(|record| record.password = weak.clone());
    let stage = Stage::with(&account);
    let done = sign_in(&stage, ADA, PASSWORD, &visit()).await.unwrap();
    let renewed = account.clone().rehash(hash(PASSWORD));
    assert_eq!(
        stage.commits(),
        [
            told(Act::SignedIn, Actor::Customer(account.id()), Some(account.id()))
                .write(Write::ForgetTries(forgotten(&stage)))
                .write(Write::InsertSession(done.session)),
            untold().write(Write::UpdateAccount(renewed)),
        ]
    );
}

/// Another writer of the account takes the better hash away, not the sign-in.
#[tokio::test]
async fn a_hash_that_cannot_be_renewed_refuses_nobody() {
    let weak = PasswordHash::from_phc(format!("earlier${PASSWORD}"));
    let account = new_ada().edit(|record| record.password = weak);
    let stage = Stage::with(&account);
    stage.next_commit_succeeds();
    stage.next_commit(CommitError::Stale);
    assert!(sign_in(&stage, ADA, PASSWORD, &visit()).await.is_ok());
    assert_eq!(stage.commits().len(), 2);

    stage.next_commit_succeeds();
    stage.next_commit(CommitError::Outage(Outage::Overloaded));
    assert_eq!(sign_in(&stage, ADA, PASSWORD, &visit()).await.unwrap_err().code(), "overloaded");
}

/// CS-45: after five wrong passwords from one network even the right one waits, and nothing is hashed.
#[tokio::test]
async fn asvs_v6_3_1_a_closed_limit_looks_nothing_up_and_hashes_nothing() {
    for stage in [Stage::empty(), Stage::with(&ada()), Stage::with(&unverified(ADA))] {
        for _ in 0..5 {
            sign_in(&stage, ADA, "wrong password", &visit()).await.unwrap_err();
        }
        stage.forget();
        let refused = sign_in(&stage, ADA, PASSWORD, &visit()).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), ("too_many_requests", Reason::TooMany));
        assert_eq!(refused.retry_after(), Some(Span::seconds(30)));
        assert_eq!(stage.calls(), [Call::Take(4)]);
    }
}

/// CS-45: a token that is nobody's opens no limit, and nothing is looked up for it.
#[tokio::test]
async fn asvs_v6_3_1_a_made_up_token_passes_no_limit() {
    for stage in [Stage::empty(), Stage::with(&ada()), Stage::with(&unverified(ADA))] {
        let visit = Visit { known_device: Some(String::from("dev_00")), ..visit() };
        for _ in 0..5 {
            sign_in(&stage, ADA, "wrong password", &visit).await.unwrap_err();
        }
        stage.forget();
        let refused = sign_in(&stage, ADA, PASSWORD, &visit).await.unwrap_err();
        assert_eq!(refused.code(), "too_many_requests");
        assert_eq!(stage.calls(), [Call::Take(4)]);
    }
}

/// A made-up token changes nothing of the work.
#[tokio::test]
async fn asvs_v6_3_8_a_made_up_token_changes_nothing_of_the_work() {
    for stage in [Stage::empty(), Stage::with(&ada())] {
        let visit = Visit { known_device: Some(String::from("dev_00")), ..visit() };
        let refused = sign_in(&stage, ADA, "wrong password", &visit).await.unwrap_err();
        assert_eq!(refused.code(), "wrong_credentials");
        let calls = [Call::Take(4), Call::Read("accounts"), Call::Compare, Call::Commit];
        assert_eq!(stage.calls(), calls);
    }
    let stage = Stage::with(&ada());
    let visit = Visit { known_device: Some(String::from("dev_00")), ..visit() };
    sign_in(&stage, "ada", PASSWORD, &visit).await.unwrap_err();
    assert_eq!(stage.calls(), [Call::Take(4), Call::Compare, Call::Commit], "no address");
}

/// MN-20: after another password, a thief's device waits like a stranger, and so does one of a year ago.
#[tokio::test]
async fn mn_20_a_device_of_an_earlier_epoch_or_year_is_a_stranger() {
    let stage = Stage::with(&ada());
    let token = sign_in(&stage, ADA, PASSWORD, &visit()).await.unwrap().device_token;
    let known = Visit { known_device: Some(token.clone()), ..visit() };
    let later = ada().change_password(hash(PASSWORD), NOW);
    let year = NOW + Span::days(365);
    let table = [
        ("another epoch", later, NOW + Span::hours(1), Call::Take(4)),
        ("the same", ada(), year - MS, Call::Take(3)),
        ("a year later", ada(), year, Call::Take(4)),
    ];
    for (what, account, now, taken) in table {
        stage.forget();
        stage.set(|world| (world.accounts[0], world.now) = (account, now));
        let done = sign_in(&stage, ADA, PASSWORD, &known).await.unwrap();
        assert!(stage.calls()[..2].contains(&taken), "{what}");
        let stranger = taken == Call::Take(4);
        assert_eq!(done.device_token != token, stranger, "{what}");
        assert_eq!(stage.commit().letters.len(), usize::from(stranger), "{what}: told");
    }
}

/// CS-3: in and out again and again must not bury other letters.
#[tokio::test]
async fn a_network_is_told_of_once_an_hour() {
    let stage = Stage::with(&ada());
    let letters = async |visit: &Visit| {
        stage.forget();
        sign_in(&stage, ADA, PASSWORD, visit).await.unwrap();
        stage.posted()
    };
    assert_eq!(letters(&visit()).await, 1);
    assert_eq!(letters(&visit()).await, 0);
    assert_eq!(letters(&from(7)).await, 1, "another network is news");
    stage.set(|world| world.now = NOW + Span::hours(1) - MS);
    assert_eq!(letters(&visit()).await, 0);
    stage.set(|world| world.now = NOW + Span::hours(1));
    assert_eq!(letters(&visit()).await, 1);
}

#[tokio::test]
async fn asvs_v6_3_1_wrong_passwords_from_many_networks_close_the_address() {
    let stage = Stage::with(&ada());
    for n in 1..=25 {
        let refused = sign_in(&stage, ADA, "wrong password", &from(n)).await.unwrap_err();
        assert_eq!(refused.code(), "wrong_credentials", "try {n}");
    }
    let refused = sign_in(&stage, "Ada@example.org", PASSWORD, &from(99)).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_requests");
}

#[tokio::test]
async fn asvs_v6_3_1_one_source_may_try_so_many_addresses_a_minute() {
    let stage = Stage::with(&ada());
    for n in 0..120 {
        let address = format!("ada{n}@example.org");
        sign_in(&stage, &address, "wrong password", &visit()).await.unwrap_err();
    }
    stage.forget();
    let refused = sign_in(&stage, ADA, PASSWORD, &visit()).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_requests");
    assert_eq!(stage.calls(), [Call::Take(4)]);
}

/// MN-50: whatever strangers do, the owner's known device signs in.
#[tokio::test]
async fn mn_50_a_known_device_is_counted_apart() {
    let stage = Stage::with(&ada());
    let first = sign_in(&stage, ADA, PASSWORD, &visit()).await.unwrap();
    let known = Visit { known_device: Some(first.device_token.clone()), ..visit() };
    for n in 1..=25 {
        sign_in(&stage, ADA, "wrong password", &from(n)).await.unwrap_err();
    }
    for _ in 0..5 {
        let _ = sign_in(&stage, ADA, "wrong password", &visit()).await.unwrap_err();
    }
    let refused = sign_in(&stage, ADA, PASSWORD, &visit()).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_requests", "an unknown device waits");

    stage.forget();
    let done = sign_in(&stage, ADA, PASSWORD, &known).await.unwrap();
    let calls = &stage.calls()[..2];
    assert_eq!(calls, [Call::Read("accounts"), Call::Take(3)], "not counted for the address");
    assert_eq!(done.device_token, first.device_token, "the device keeps its token");
    let writes = stage.commit().writes;
    let [Write::ForgetTries(keys), Write::InsertSession(_)] = &writes[..] else {
        panic!("{writes:#?}")
    };
    assert_eq!(keys.len(), 2, "the strangers' tries stay counted");
    assert!(!forgotten(&stage).iter().any(|key| keys.contains(key)));
}

/// 63B §3.2.2, MN-16, MN-50, CS-45: after a hundred wrong passwords in a row the right one opens nothing more,
/// known address or not; but for a device that is known, which has a hundred of its own.
#[tokio::test]
async fn mn_16_after_a_hundred_wrong_passwords_the_password_is_disabled() {
    let refuse = async |stage: &Stage, password: &str, visit: &Visit| {
        sign_in(stage, ADA, password, visit).await.map(drop).unwrap_err()
    };
    for stage in [Stage::empty(), Stage::with(&unverified(ADA)), Stage::with(&ada())] {
        for n in 1..=100_i64 {
            // Nobody is in a hurry.
            stage.set(|world| world.now = NOW + Span::days(n));
            let refused = refuse(&stage, "wrong password", &from(1)).await;
            assert_eq!(refused.code(), "wrong_credentials", "try {n}");
        }
        stage.set(|world| world.now = NOW + Span::days(300));
        stage.forget();
        let refused = refuse(&stage, PASSWORD, &from(2)).await;
        assert_eq!((refused.code(), refused.reason()), ("password_disabled", Reason::Forbidden));
        assert_eq!((refused.retry_after(), refused.field()), (None, None));
        assert_eq!(refused.next_actions(), [NextAction::ResetPassword]);
        assert_eq!(stage.calls(), [Call::Take(4)], "nothing is looked up");
    }
    let stage = Stage::with(&ada());
    let device = sign_in(&stage, ADA, PASSWORD, &visit()).await.unwrap().device_token;
    let known = Visit { known_device: Some(device), ..visit() };
    for n in 1..=100_i64 {
        stage.set(|world| world.now = NOW + Span::days(n));
        refuse(&stage, "wrong password", &from(1)).await;
    }
    sign_in(&stage, ADA, PASSWORD, &known).await.unwrap();
    for n in 101..=200_i64 {
        stage.set(|world| world.now = NOW + Span::days(n));
        let refused = refuse(&stage, "wrong password", &known).await;
        assert_eq!(refused.code(), "wrong_credentials");
    }
    stage.set(|world| world.now = NOW + Span::days(202));
    assert_eq!(refuse(&stage, PASSWORD, &known).await.code(), "password_disabled");
}

/// A known device that guesses has a count of its own, too.
#[tokio::test]
async fn asvs_v6_3_1_a_known_device_that_guesses_is_stopped() {
    let stage = Stage::with(&ada());
    let token = sign_in(&stage, ADA, PASSWORD, &visit()).await.unwrap().device_token;
    for n in 1..=5 {
        let moving = Visit { known_device: Some(token.clone()), ..from(n) };
        let refused = sign_in(&stage, ADA, "wrong password", &moving).await.unwrap_err();
        assert_eq!(refused.code(), "wrong_credentials");
    }
    let moving = Visit { known_device: Some(token), ..from(6) };
    let refused = sign_in(&stage, ADA, PASSWORD, &moving).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_requests");
}

/// MN-15: a token that is not this address's is as good as none; the device gets its own.
#[tokio::test]
async fn mn_15_a_foreign_device_token_is_ignored() {
    let stage = Stage::with(&ada());
    let ports = stage.rightful.ports();
    let issue =
        |account: &Account| KnownDevice::issue(&*ports.vault, &*ports.entropy, account, NOW);
    let bobs = issue(&verified("bob@example.org"));
    let earlier = issue(&ada().edit(|record| record.epoch = SecurityEpoch::UNPROVED));
    let mine = issue(&ada());
    let altered = format!("{}0", &mine[..mine.len() - 1]);
    let (odd, cut) = (format!("{mine}0"), mine[..20].to_owned());
    let texts = [
        bobs,
        earlier,
        altered,
        odd,
        cut,
        String::from("dev_"),
        String::from("dev_ëë"),
        String::new(),
    ];
    for text in texts {
        let stage = Stage::with(&ada());
        let visit = Visit { known_device: Some(text.clone()), ..visit() };
        let done = sign_in(&stage, ADA, PASSWORD, &visit).await.unwrap();
        assert!(stage.calls()[..2].contains(&Call::Take(4)), "{text}");
        assert_ne!(done.device_token, text);
    }
    let visit = Visit { known_device: Some(mine.clone()), ..visit() };
    assert_eq!(sign_in(&stage, ADA, PASSWORD, &visit).await.unwrap().device_token, mine);
}

/// ASVS V6.3.5, security §3.5: a sign-in from where the account was not used is told to its mailbox, if that
/// was proved.
#[tokio::test]
async fn asvs_v6_3_5_a_sign_in_from_somewhere_new_is_told() {
    let stage = Stage::empty();
    let ports = stage.rightful.ports();
    let token = KnownDevice::issue(&*ports.vault, &*ports.entropy, &ada(), NOW);
    let known = Visit { known_device: Some(token), ..visit() };
    let here = |account: &Account| vec![session(account, 1)];
    let elsewhere = |account: &Account| {
        vec![session(account, 1).edit(|record| record.source = String::from("198.51.100.7"))]
    };
    let claim = unverified(ADA);
    let table = [
        ("proved a moment ago", new_ada(), Vec::new(), visit(), false),
        ("used nowhere at present", ada(), Vec::new(), visit(), true),
        ("used nowhere at present, a known device", ada(), Vec::new(), known.clone(), false),
        ("the same network", ada(), here(&ada()), visit(), false),
        (
            "one of several networks",
            ada(),
            [elsewhere(&ada()), here(&ada())].concat(),
            visit(),
            false,
        ),
        ("another network", ada(), elsewhere(&ada()), visit(), true),
        ("another network, a known device", ada(), elsewhere(&ada()), known.clone(), false),
        ("another network, unverified", claim.clone(), elsewhere(&claim), visit(), false),
    ];
    for (what, account, sessions, visit, told) in table {
        let stage = Stage::with(&account).and(|world| world.sessions = sessions);
        sign_in(&stage, ADA, PASSWORD, &visit).await.unwrap();
        let letter = (String::from("new_sign_in"), String::from(ADA));
        let wanted: Vec<_> = told.then_some(letter).into_iter().collect();
        assert_eq!(stage.commit().letters, wanted, "{what}");
    }
}

/// MN-48: neither the address nor the password nor the device's token is told.
#[tokio::test]
async fn mn_48_a_refused_sign_in_tells_ids_only() {
    let stage = Stage::with(&ada());
    sign_in(&stage, ADA, "wrong password", &visit()).await.unwrap_err();
    assert_eq!(stage.commit().details, []);
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["throttle", "accounts", "passwords", "sessions", "unit_of_work"] {
        let stage = Stage::with(&ada()).and(|world| world.broken = Some(part));
        let failed = sign_in(&stage, ADA, PASSWORD, &visit()).await.unwrap_err();
        assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
        assert_eq!(stage.commits().len(), 0, "{part}");
    }
    // Security decision 8: a refusal that cannot be told is an outage, too.
    let stage = Stage::empty().and(|world| world.broken = Some("unit_of_work"));
    let failed = sign_in(&stage, ADA, PASSWORD, &visit()).await.unwrap_err();
    assert_eq!(failed.code(), "outage");
}

/// MN-20: a device is known to one account, under one epoch, for a year.
#[test]
fn mn_20_a_device_token_is_recognized_for_its_account_and_epoch_only() {
    let stage = Stage::empty();
    let ports = stage.rightful.ports();
    let year = Span::days(365);
    let token = KnownDevice::issue(&*ports.vault, &*ports.entropy, &ada(), NOW);
    let claim = unverified(ADA);
    let table = [
        ("at once", ada(), NOW, true),
        ("renamed", ada().rename(None), NOW, true),
        ("a clock that stepped back", ada(), NOW - Span::hours(1), true),
        ("after a year, less a moment", ada(), NOW + year - MS, true),
        ("after a year", ada(), NOW + year, false),
        ("after a year and a moment", ada(), NOW + year + MS, false),
        ("another account", verified("bob@example.org"), NOW, false),
        ("the same address, another account", ada().edit(|r| r.id = id(77)), NOW, false),
        ("before the proof of the mailbox", claim.clone(), NOW, false),
        ("another password", ada().change_password(hash("another one's"), NOW), NOW, false),
        ("another address", ada().move_to(email("new@example.org"), NOW), NOW, false),
        ("disputed", ada().freeze(NOW, Span::days(7)), NOW, false),
        ("restored", ada().restore(email(ADA), hash(PASSWORD), NOW), NOW, false),
    ];
    for (what, account, now, known) in table {
        let found = KnownDevice::recognize(&*ports.vault, &token, &account, now);
        assert_eq!(found.is_some(), known, "{what}");
    }
    let claimed = KnownDevice::issue(&*ports.vault, &*ports.entropy, &claim, NOW);
    assert!(KnownDevice::recognize(&*ports.vault, &claimed, &claim, NOW).is_some());
    let proved = claim.prove_mailbox(hash(PASSWORD), NOW).unwrap();
    assert_eq!(KnownDevice::recognize(&*ports.vault, &claimed, &proved, NOW), None);
    let other = KnownDevice::issue(&*ports.vault, &*ports.entropy, &ada(), NOW);
    assert_ne!(token, other, "each device has an id of its own");
}
