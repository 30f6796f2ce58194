//! What a session asks for is not written when the session has ended in between (MN-13).

use std::future::Future;
use std::pin::Pin;

use crate::accounts::Version;
use crate::email_change::NewAddress;
use crate::links::LinkPurpose::ConfirmEmailChange;
use crate::profile::ProfileChange;
use crate::reason::Refusal;
use crate::sessions::{EndReason, Ended, LiveSession};
use crate::tests_support::{
    Edit, NOW, Stage, ada, fresh, id, link, pending, secret, session, unverified, visit,
};
use crate::values::Span;

type Code = Option<&'static str>;
type Act = for<'a> fn(&'a Stage, &'a LiveSession) -> Pin<Box<dyn Future<Output = Code> + 'a>>;

const ADA: &str = "ada@example.org";
const NEW: &str = "new@example.org";

fn code<T, E: Refusal>(done: Result<T, E>) -> Code {
    done.err().map(|refused| refused.code())
}

/// Every act that a session asks for, but for those that write the session itself (another password, another
/// proof of it: the session's own version stands for it) and the sign-out.
const ACTS: [(&str, Act); 8] = [
    ("end another session", |stage, live| {
        Box::pin(async { code(stage.rightful.sessions().end(live, id(2), &visit()).await) })
    }),
    ("end all others", |stage, live| {
        Box::pin(async { code(stage.rightful.sessions().end_others(live, &visit()).await) })
    }),
    ("change the profile", |stage, live| {
        Box::pin(async {
            let change = ProfileChange { name: Some(None), locale: None };
            let read = Version::from_stored(4);
            code(stage.rightful.profile().update(live, read, change, &visit()).await)
        })
    }),
    ("request a change of address", |stage, live| {
        Box::pin(async {
            let wanted = NewAddress { email: "third@example.org", confirm: "third@example.org" };
            code(stage.rightful.email_changes().request(live, wanted, &visit()).await)
        })
    }),
    ("send its letter again", |stage, live| {
        Box::pin(async { code(stage.rightful.email_changes().resend(live, &visit()).await) })
    }),
    ("cancel it", |stage, live| {
        Box::pin(async { code(stage.rightful.email_changes().cancel(live, &visit()).await) })
    }),
    ("confirm it", |stage, live| {
        Box::pin(async {
            let secret = secret("chg", 1);
            let changes = stage.rightful.email_changes();
            code(changes.confirm(secret.expose(), Some(live), None, &visit()).await)
        })
    }),
    ("send the verification letter again", |stage, live| {
        Box::pin(async { code(stage.rightful.registration().resend_for(live, &visit()).await) })
    }),
];

/// Two sessions, a pending change with its link; unverified where the act is for the unverified.
fn stage(act: &str) -> (Stage, LiveSession) {
    let account = match act {
        "send the verification letter again" => unverified(ADA),
        _ => ada(),
    };
    let live = fresh(&account);
    let stage = Stage::signed_in(&live).and(|world| {
        world.sessions.push(session(&account, 2));
        if !account.is_verified() {
            return;
        }
        let change = pending(&account, NEW, 5);
        world.changes.push(change.edit(|record| record.last_letter_at = NOW - Span::minutes(2)));
        let link = link(ConfirmEmailChange, &account, 1);
        world.links.push(link.edit(|record| record.email_change = Some(id(5))));
    });
    (stage, live)
}

#[tokio::test]
async fn mn_13_whatever_a_session_asks_for_demands_that_it_is_alive() {
    for (what, act) in ACTS {
        let (quiet, live) = stage(what);
        assert_eq!(act(&quiet, &live).await, None, "{what}");
        assert_eq!(quiet.commit().demanded, Some(live.session.id()), "{what}");

        // Ended between the decision and the commit: nothing else is tried, and the answer is honest.
        let (racing, live) = stage(what);
        racing.meanwhile(|world| {
            let ended = Some(Ended { at: NOW, why: EndReason::EndedElsewhere });
            world.sessions[0] = world.sessions[0].clone().edit(|record| record.ended = ended);
        });
        assert_eq!(act(&racing, &live).await, Some("unauthenticated"), "{what}");
        assert_eq!(racing.commits().len(), 1, "{what}");
    }
}
