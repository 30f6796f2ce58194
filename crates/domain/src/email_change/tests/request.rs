use super::{ADA, NEW, change, confirmed, moved, request_to_new};
use crate::accounts::{Account, Freeze, Origin, SecurityEpoch, Standing};
use crate::audit::{Act, Actor};
use crate::changes::Write;
use crate::contacts::{Contact, ContactSource};
use crate::email_change::{
    Approval, Disclosure, EmailChange, EmailChangeError, NewAddress, PendingPanel,
};
use crate::letters::LetterContent;
use crate::links::LinkPurpose::{ConfirmEmailChange, DisputeEmailChange};
use crate::policy::Policy;
use crate::ports::CommitError;
use crate::reason::{Reason, Refusal};
use crate::registration::{NewAccount, RegistrationError};
use crate::sessions::{EndReason, Ended, LiveSession, Session, SessionPolicy};
use crate::tests_support::{
    Call, Edit, MS, NEW_PASSWORD, NOW, Stage, Told, ada, email, fresh, frozen_ada, secret, session,
    told, unverified, verified, visit,
};
use crate::values::{Locale, Span};

type Answer = Result<PendingPanel, EmailChangeError>;

/// Asks in this session, which is the one that is stored.
async fn request(stage: &Stage, live: &LiveSession, email: &str, confirm: &str) -> Answer {
    stage.set(|world| world.sessions = vec![live.session.clone()]);
    ask_in(stage, live, email, confirm).await
}

async fn ask_in(stage: &Stage, live: &LiveSession, email: &str, confirm: &str) -> Answer {
    let wanted = NewAddress { email, confirm };
    stage.rightful.email_changes().request(live, wanted, &visit()).await
}

async fn ask(stage: &Stage) -> Answer {
    request(stage, &fresh(&ada()), NEW, NEW).await
}

/// Somebody registers with [`NEW`].
async fn register_new(stage: &Stage) -> Result<(), RegistrationError> {
    let wanted = NewAccount {
        email: NEW,
        password: NEW_PASSWORD,
        name: None,
        locale: Locale::En,
        origin: Origin::Direct,
    };
    stage.rightful.registration().register(wanted, &visit()).await
}

fn blind() -> Stage {
    Stage::under(&Policy { disclosure: Disclosure::Blind, ..Policy::default() })
        .and(|world| world.accounts.push(ada()))
}

/// The change that a commit writes, whole: as requested now, by Ada.
fn requested(told: &Told) -> EmailChange {
    let written = told.writes.iter().find_map(|write| match write {
        Write::InsertEmailChange(change) => Some(change.id()),
        _ => None,
    });
    let owner = ada();
    let proof = fresh(&owner).session.fresh_proof(&owner, &SessionPolicy::default(), NOW).unwrap();
    let owner = owner.verified().unwrap();
    request_to_new(owner, proof, None, NOW).unwrap().edit(|record| record.id = written.unwrap())
}

fn ada_did(act: Act) -> Told {
    told(act, Actor::Customer(ada().id()), Some(ada().id()))
}

/// R-049, decision 1: a letter to the new mailbox to confirm, one to the old mailbox to dispute. The account
/// is written as it is, so that its version meets whatever comes in between.
#[tokio::test]
async fn r_049_a_request_writes_to_both_mailboxes_and_changes_nothing_of_the_account() {
    let stage = Stage::with(&ada());
    let panel = ask(&stage).await.unwrap();
    let done = stage.commit();
    let change = requested(&done);
    assert_eq!(
        done,
        ada_did(Act::EmailChangeRequested)
            .write(Write::InsertEmailChange(change.clone()))
            .write(done.link(ConfirmEmailChange, &ada(), Some(change.id()), NOW))
            .write(Write::UpdateAccount(ada()))
            .write(done.link(DisputeEmailChange, &ada(), Some(change.id()), NOW))
            .letter("confirm_email_change", NEW)
            .letter("email_change_requested", ADA)
    );
    // only the letter to the new mailbox fails the change when it bounces.
    let about: Vec<_> = done.posted.iter().map(|letter| letter.email_change).collect();
    assert_eq!(about, [Some(change.id()), None]);
    let wanted = PendingPanel {
        approval: Approval::NotNeeded,
        id: change.id(),
        new: email(NEW),
        requested_at: NOW,
        deadline: NOW + Span::hours(48),
        expired: false,
        undeliverable: false,
        next_letter_at: Some(NOW + Span::seconds(60)),
    };
    assert_eq!(panel, wanted);
}

/// Notices name the other address masked: each mailbox may be a stranger's by now.
#[tokio::test]
async fn asvs_v6_3_7_the_notices_name_the_other_address_masked() {
    let stage = Stage::with(&ada());
    ask(&stage).await.unwrap();
    let done = stage.commit();
    let LetterContent::ConfirmEmailChange { old_masked, expires_at, .. } = &done.opened[0].content
    else {
        panic!("{done:#?}")
    };
    assert_eq!(*old_masked, ada().email().masked());
    assert_eq!(*expires_at, NOW + Span::hours(48));
    let LetterContent::EmailChangeRequested { new_masked, dispute_until, .. } =
        &done.opened[1].content
    else {
        panic!("{done:#?}")
    };
    assert_eq!(*new_masked, email(NEW).masked());
    assert_eq!(*dispute_until, NOW + Span::days(7));
}

/// CS-22: one pending change at most; the new one takes its place, in the same commit and before it.
#[tokio::test]
async fn cs_22_a_request_supersedes_the_one_before() {
    let stage = Stage::with(&ada()).and(|world| world.changes.push(change()));
    ask(&stage).await.unwrap();
    let writes = stage.commit().writes;
    assert_eq!(writes[0], Write::UpdateEmailChange(change().supersede(NOW).unwrap()));
    assert!(matches!(writes[1], Write::InsertEmailChange(_)));
}

/// what is the same address is the same, however it is typed.
#[tokio::test]
async fn r_053_case_and_blanks_are_no_difference() {
    for (typed, again) in [
        (NEW, "NEW@Example.ORG"),
        ("  new@example.org ", NEW),
        ("new@exämple.org", "new@xn--exmple-cua.org"),
    ] {
        let stage = Stage::with(&ada());
        assert!(request(&stage, &fresh(&ada()), typed, again).await.is_ok(), "{typed} {again}");
    }
    let table = [
        (NEW, "newer@example.org", "emails_mismatch", Some("confirm_email")),
        (NEW, "new.@example.org", "emails_mismatch", Some("confirm_email")),
        (NEW, "", "emails_mismatch", Some("confirm_email")),
        ("", NEW, "emails_mismatch", Some("confirm_email")),
        // dots and tags are not folded.
        ("ne.w@example.org", NEW, "emails_mismatch", Some("confirm_email")),
        ("new+a@example.org", NEW, "emails_mismatch", Some("confirm_email")),
        ("new", "NEW ", "email_undeliverable", Some("email")),
        ("", "", "email_undeliverable", Some("email")),
        ("ADA@example.org", ADA, "email_unchanged", Some("email")),
    ];
    for (typed, again, code, field) in table {
        let stage = Stage::with(&ada());
        let refused = request(&stage, &fresh(&ada()), typed, again).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), (code, field), "{typed} {again}");
        assert_eq!(refused.reason(), Reason::Invalid);
        assert_eq!(stage.commits(), []);
    }
}

/// One thing that is wrong with a request, in the order in which they are told (R-063, with the quota before
/// what it limits, R-066).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    SessionOver,
    NotFresh,
    Frozen,
    NotVerified,
    Mismatch,
    Syntax,
    SameAsCurrent,
    Quota,
    Letters,
    InUseByAccount,
    KnownContact,
    DomainRefuses,
    WindowOpen,
}

/// every fault alone, and with every fault that comes after it.
#[tokio::test]
async fn r_063_of_several_faults_the_first_in_this_order_is_told() {
    let order = [
        (Fault::SessionOver, "unauthenticated"),
        (Fault::NotFresh, "reauthentication_required"),
        (Fault::Frozen, "account_frozen"),
        (Fault::NotVerified, "current_email_not_verified"),
        (Fault::Mismatch, "emails_mismatch"),
        (Fault::Syntax, "email_undeliverable"),
        (Fault::SameAsCurrent, "email_unchanged"),
        (Fault::Quota, "email_change_quota"),
        (Fault::Letters, "too_many_requests"),
        (Fault::InUseByAccount, "email_in_use_by_account"),
        (Fault::KnownContact, "email_known_contact"),
        (Fault::DomainRefuses, "email_undeliverable"),
        (Fault::WindowOpen, "email_change_window"),
    ];
    for (first, (fault, code)) in order.iter().enumerate() {
        for last in first..order.len() {
            let faults: Vec<_> = order[first..=last].iter().map(|(fault, _)| *fault).collect();
            let refused = refused_for(&faults).await;
            assert_eq!(refused.code(), *code, "{fault:?} first of {faults:?}");
        }
    }
}

async fn refused_for(faults: &[Fault]) -> EmailChangeError {
    let has = |fault| faults.contains(&fault);
    let account = ada().edit(|record| {
        if has(Fault::Frozen) {
            record.freeze = Some(Freeze { since: NOW, until: NOW + Span::days(1) });
        }
        if has(Fault::NotVerified) {
            record.standing = Standing::Unverified;
        }
    });
    let mut live = fresh(&account);
    if has(Fault::NotFresh) {
        live.session = session(&account, 1);
    }
    if has(Fault::SessionOver) {
        live.session = live.session.edit(|r| r.epoch = SecurityEpoch::UNPROVED);
    }
    let typed = match () {
        () if has(Fault::Syntax) => "not an address",
        () if has(Fault::SameAsCurrent) => "ADA@example.org",
        () => NEW,
    };
    let again = if has(Fault::Mismatch) { "newer@example.org" } else { typed };
    let stage = Stage::with(&account).and(|world| {
        world.domain_refuses = has(Fault::DomainRefuses);
        if has(Fault::InUseByAccount) {
            world.accounts.push(verified(NEW));
        }
        if has(Fault::KnownContact) {
            world.contacts.push(Contact::heard_of(email(NEW), ContactSource::Order, NOW));
        }
        if has(Fault::WindowOpen) {
            world.changes.push(confirmed());
        }
    });
    if has(Fault::Quota) {
        let key = stage.rightful.limit_key("email_changes", &[&account.id().to_string()]);
        let limit = stage.rightful.policy().limits.email_changes;
        for _ in 0..5 {
            assert_eq!(stage.rightful.too_often(&[(key, limit)]).await.unwrap(), None);
        }
    }
    if has(Fault::Letters) {
        let key = stage.rightful.limit_key("letters_address", &[NEW]);
        let limit = stage.rightful.policy().limits.letters_address;
        for _ in 0..5 {
            assert_eq!(stage.rightful.too_often(&[(key, limit)]).await.unwrap(), None);
        }
    }
    let refused = request(&stage, &live, typed, again).await.unwrap_err();
    // Nothing is sent and nothing stored; R-066: what was disclosed is told in the audit trail.
    let disclosed = ["email_in_use_by_account", "email_known_contact"].contains(&refused.code());
    let wanted = told(Act::EmailChangeRefused, Actor::Customer(account.id()), Some(account.id()));
    assert_eq!(stage.commits(), disclosed.then_some(wanted).into_iter().collect::<Vec<_>>());
    refused
}

/// CS-20, to the millisecond.
#[tokio::test]
async fn asvs_v7_5_1_a_request_needs_a_proof_of_the_password_of_the_last_five_minutes() {
    let live = |age| {
        let session = session(&ada(), 1).edit(|record| record.proved_at = NOW - age);
        LiveSession { session, account: ada() }
    };
    let minutes = Span::minutes(5);
    let almost = Span::from_millis(minutes.as_millis() - 1);
    let stage = Stage::with(&ada());
    assert!(request(&stage, &live(almost), NEW, NEW).await.is_ok());
    stage.forget();
    let refused = request(&stage, &live(minutes), NEW, NEW).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.reason()),
        ("reauthentication_required", Reason::Forbidden)
    );
    assert_eq!(stage.calls(), [Call::Read("sessions")], "nothing is counted or looked up");
}

/// unverified, frozen.
#[tokio::test]
async fn r_061_an_unproved_or_frozen_account_requests_nothing() {
    let claim = unverified(ADA);
    for (account, code) in [(claim, "current_email_not_verified"), (frozen_ada(), "account_frozen")]
    {
        let stage = Stage::with(&account);
        let refused = request(&stage, &fresh(&account), NEW, NEW).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), (code, Reason::Forbidden));
        assert_eq!(stage.commits(), []);
    }
}

/// five requests a day for one account, refused ones included, whatever the session.
#[tokio::test]
async fn r_066_five_requests_a_day() {
    let stage = Stage::with(&ada()).and(|world| world.accounts.push(verified(NEW)));
    for hour in 0..5 {
        stage.set(|world| world.now = NOW + Span::seconds(hour));
        assert_eq!(ask(&stage).await.unwrap_err().code(), "email_in_use_by_account");
    }
    stage.forget();
    let refused = request(&stage, &fresh(&ada()), "free@example.org", "free@example.org").await;
    let refused = refused.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), ("email_change_quota", Reason::TooMany));
    let wait = Span::from_millis(Span::days(1).as_millis() - 4_000);
    assert_eq!(refused.retry_after(), Some(wait));
    assert_eq!(stage.calls(), [Call::Read("sessions"), Call::Take(1)], "nothing is looked up");

    stage.set(|world| world.now = NOW + Span::days(1));
    let live = {
        let session = session(&ada(), 1).edit(|r| r.proved_at = NOW + Span::days(1));
        LiveSession { session, account: ada() }
    };
    assert!(request(&stage, &live, "free@example.org", "free@example.org").await.is_ok());
}

/// decision 6: told at once to a customer who proved the password, and audited by code.
#[tokio::test]
async fn explicit_disclosure_tells_at_once_and_audits() {
    let order = Contact::heard_of(email(NEW), ContactSource::Order, NOW);
    let taken = Stage::with(&ada()).and(|world| world.accounts.push(verified(NEW)));
    let known = Stage::with(&ada()).and(|world| world.contacts.push(order));
    for (stage, code) in [(taken, "email_in_use_by_account"), (known, "email_known_contact")] {
        let refused = ask(&stage).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), (code, Reason::Conflict));
        assert_eq!(stage.commit(), ada_did(Act::EmailChangeRefused));
        assert_eq!(stage.commit().details, [("code", code.to_owned())]);
    }
}

/// an unverified account holds nothing.
#[tokio::test]
async fn r_065_an_unverified_claim_is_no_hindrance_to_a_request() {
    let stage = Stage::with(&ada()).and(|world| world.accounts.push(unverified(NEW)));
    ask(&stage).await.unwrap();
    let letters = stage.commit().letters;
    assert_eq!(letters[0], (String::from("confirm_email_change"), NEW.to_owned()));
}

/// CS-30, R-067: in blind disclosure a taken address gets no link; its owner is told that somebody tried.
#[tokio::test]
async fn cs_30_blind_disclosure_writes_to_the_other_owner_instead() {
    let stage = blind().and(|world| world.accounts.push(verified("New@example.org")));
    ask(&stage).await.unwrap();
    let done = stage.commit();
    let change = requested(&done);
    assert_eq!(
        done,
        ada_did(Act::EmailChangeRequested)
            .write(Write::InsertEmailChange(change.clone()))
            .write(Write::UpdateAccount(ada()))
            .write(done.link(DisputeEmailChange, &ada(), Some(change.id()), NOW))
            .letter("address_tried", "New@example.org")
            .letter("email_change_requested", ADA)
    );
    assert_eq!(done.posted[0].email_change, None, "its bounce is no news of the change");
}

/// the same answer for the same work, whatever is known of the address.
#[tokio::test]
async fn asvs_v6_3_8_blind_disclosure_answers_alike() {
    let order = Contact::heard_of(email(NEW), ContactSource::Order, NOW);
    let worlds = [
        blind(),
        blind().and(|world| world.accounts.push(verified(NEW))),
        blind().and(|world| world.accounts.push(unverified(NEW))),
        blind().and(|world| world.contacts.push(order)),
    ];
    let mut answers = Vec::new();
    for stage in worlds {
        let panel = ask(&stage).await.unwrap();
        answers.push((PendingPanel { id: change().id(), ..panel }, stage.calls()));
        assert_eq!(stage.commit().letters.len(), 2);
    }
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "{answers:#?}");
}

/// what is refused by its domain comes with what was probably meant.
#[tokio::test]
async fn r_060_a_domain_without_mail_is_refused_with_a_suggestion() {
    for (typed, meant) in [("new@gmial.com", Some("new@gmail.com")), (NEW, None)] {
        let stage = Stage::with(&ada()).and(|world| world.domain_refuses = true);
        let refused = request(&stage, &fresh(&ada()), typed, typed).await.unwrap_err();
        let EmailChangeError::Undeliverable { suggestion } = refused else { panic!("{refused:?}") };
        assert_eq!(suggestion, meant.map(email));
        assert_eq!(stage.commits(), []);
    }
}

/// CS-29, to the millisecond: the wait is to the end of the window.
#[tokio::test]
async fn cs_29_a_change_that_can_be_disputed_holds_the_next_one_back() {
    let until = NOW - Span::hours(1) + Span::days(7);
    // Decision 0014: whatever the password, that of the request too.
    for password_set_at in [moved().record().password_set_at, NOW - Span::minutes(30)] {
        let account = moved().edit(|record| record.password_set_at = password_set_at);
        let stage = Stage::with(&account).and(|world| {
            world.changes.push(confirmed());
            world.now = until - MS;
        });
        let live = {
            let session = session(&account, 1).edit(|r| {
                r.proved_at = until - MS;
                r.started_at = until - MS;
                r.last_used_at = until - MS;
            });
            LiveSession { session, account }
        };
        let third = "third@example.org";
        let refused = request(&stage, &live, third, third).await.unwrap_err();
        assert_eq!((refused.code(), refused.retry_after()), ("email_change_window", Some(MS)));
        assert_eq!(stage.commits(), []);
        stage.set(|world| world.now = until);
        assert!(request(&stage, &live, third, third).await.is_ok());
    }
}

/// CS-3, MN-9: five letters an hour to one address, whoever causes them; the sixth is refused before the
/// address is looked up, whatever is known of it.
#[tokio::test]
async fn mn_9_letters_to_the_new_address_are_counted_with_all_others() {
    let order = Contact::heard_of(email(NEW), ContactSource::Order, NOW);
    let worlds = [
        Stage::with(&ada()),
        Stage::with(&ada()).and(|world| world.accounts.push(verified(NEW))),
        Stage::with(&ada()).and(|world| world.contacts.push(order)),
        blind(),
    ];
    for stage in worlds {
        for _ in 0..5 {
            register_new(&stage).await.unwrap();
        }
        stage.forget();
        let loud = "NEW@Example.org";
        let refused = request(&stage, &fresh(&ada()), loud, loud).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), ("too_many_requests", Reason::TooMany));
        assert_eq!(refused.retry_after(), Some(Span::hours(1)));
        let calls = [Call::Read("sessions"), Call::Take(1), Call::Take(1)];
        assert_eq!(stage.calls(), calls, "nothing is looked up or told");
        // Another address is another count.
        let free = "free@example.org";
        assert!(request(&stage, &fresh(&ada()), free, free).await.is_ok());
    }
}

/// And the other way round: the letters of changes count against whoever registers the address.
#[tokio::test]
async fn mn_9_letters_of_changes_count_for_registrations_too() {
    let stage = Stage::with(&ada());
    for _ in 0..5 {
        ask(&stage).await.unwrap();
    }
    let refused = register_new(&stage).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.retry_after()),
        ("too_many_requests", Some(Span::hours(1)))
    );
}

/// MN-13: the session is read and checked again when it counts: it may have ended while the domain was
/// looked up, or before a commit that is decided again.
#[tokio::test]
async fn mn_13_a_session_that_ended_in_between_requests_nothing() {
    type Interference = fn(&mut Session);
    let ended = |session: &mut Session| {
        let ended = Ended { at: NOW, why: EndReason::EndedElsewhere };
        *session = session.clone().edit(|record| record.ended = Some(ended));
    };
    let renewed = |session: &mut Session| {
        *session = session.clone().edit(|record| record.secret = secret("ses", 2).hash());
    };
    let worn = |session: &mut Session| {
        *session = session.clone().edit(|r| r.started_at = NOW - Span::days(400));
    };
    let interferences: [(&str, Interference); 3] =
        [("ended", ended), ("another secret", renewed), ("worn out", worn)];
    for (what, interfere) in interferences {
        let stage = Stage::signed_in(&fresh(&ada())).and(|world| interfere(&mut world.sessions[0]));
        let refused = ask_in(&stage, &fresh(&ada()), NEW, NEW).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.reason()),
            ("unauthenticated", Reason::Unauthenticated)
        );
        assert_eq!(stage.commits(), [], "{what}");

        let stage = Stage::with(&ada());
        stage.meanwhile(move |world| interfere(&mut world.sessions[0]));
        assert_eq!(ask(&stage).await.unwrap_err().code(), "unauthenticated", "{what}");
        assert_eq!(stage.commits().len(), 1, "{what}");
    }
}

/// MN-13, MN-46: what comes in between is seen by the commit and decided on.
#[tokio::test]
async fn mn_13_a_dispute_or_another_password_in_between_stops_the_request() {
    type Interference = fn(Account) -> Account;
    let interferences: [(Interference, &str); 3] = [
        (|ada| ada.freeze(NOW, Span::days(7)), "unauthenticated"),
        (|ada| ada.change_password(crate::tests_support::hash("x"), NOW), "unauthenticated"),
        (|ada| ada.edit(|r| r.freeze = frozen_ada().record().freeze), "account_frozen"),
    ];
    for (interfere, code) in interferences {
        let stage = Stage::with(&ada());
        stage.meanwhile(move |world| world.accounts[0] = interfere(world.accounts[0].clone()));
        assert_eq!(ask(&stage).await.unwrap_err().code(), code);
        assert_eq!(stage.commits().len(), 1);
    }
    // A rename in between is no reason to refuse.
    let stage = Stage::with(&ada());
    stage.meanwhile(|world| world.accounts[0] = ada().rename(None));
    ask(&stage).await.unwrap();
    assert_eq!((stage.commits().len(), stage.count(&Call::LookUp)), (2, 1));
}

#[tokio::test]
async fn a_request_is_decided_three_times_at_most() {
    let stage = Stage::with(&ada());
    for _ in 0..3 {
        stage.next_commit(CommitError::Stale);
    }
    let failed = ask(&stage).await.unwrap_err();
    assert_eq!((failed.code(), failed.reason()), ("contended", Reason::Unavailable));
    assert_eq!(stage.commits().len(), 3);
}

#[tokio::test]
async fn asvs_v16_5_3_an_outage_is_no_refusal() {
    for part in ["accounts", "throttle", "contacts", "sessions", "email_changes", "unit_of_work"] {
        let stage = Stage::with(&ada()).and(|world| world.broken = Some(part));
        let failed = ask(&stage).await.unwrap_err();
        assert_eq!((failed.code(), failed.reason()), ("outage", Reason::Unavailable), "{part}");
        assert_eq!(stage.commits(), [], "{part}");
    }
}
