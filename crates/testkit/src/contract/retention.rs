//! Forgetting: what is over for long goes, what may still matter stays.

use rightful_domain::accounts::{PasswordSetBy, ReplacedPassword};
use rightful_domain::changes::{Changes, Write};
use rightful_domain::contacts::ContactSource;
use rightful_domain::email_change::ChangeState;
use rightful_domain::links::LinkPurpose;
use rightful_domain::retention::Past;
use rightful_domain::second_factors::{Factor, FactorState};
use rightful_domain::sessions::{EndReason, Ended, SessionPolicy};
use rightful_domain::trusted_devices::TRUST;
use rightful_domain::values::{Span, Timestamp};

use super::Adapters;
use crate::builders::{
    Edit, NOW, account, contact, email, email_change, event, event_about, factor, hash, id, letter,
    link, secret, session, trusted_device, verified,
};

const TICK: Span = Span::from_millis(1);

fn past() -> Past {
    Past::as_of(NOW, &SessionPolicy::default())
}

/// Of each kind one on this side of its line and one on the other.
pub async fn what_is_over_for_long_is_forgotten_and_nothing_else(adapters: Adapters) {
    let owner = verified(1);
    adapters.write([Write::InsertAccount(owner.clone())]).await;
    sessions_and_links(&adapters).await;
    devices_and_enrolments(&adapters).await;
    letters(&adapters).await;
    changes(&adapters).await;
    contacts_and_claims(&adapters).await;
}

async fn forget(adapters: &Adapters) {
    adapters.write([Write::ForgetPast(past())]).await;
}

async fn sessions_and_links(adapters: &Adapters) {
    let owner = verified(1);
    let line = past().sessions;
    let used = |n, last: Timestamp, ended: Option<Timestamp>| {
        session(&owner, n).edit(|record| {
            record.last_used_at = last;
            record.ended = ended.map(|at| Ended { at, why: EndReason::SignedOut });
        })
    };
    let issued = |n, expires: Timestamp| {
        link(&owner, LinkPurpose::VerifyAddress, n).edit(|record| record.expires_at = expires)
    };
    let line_of_links = past().links_and_letters;
    adapters
        .write([
            Write::InsertSession(used(1, line - TICK, None)),
            Write::InsertSession(used(2, line, None)),
            Write::InsertSession(used(3, line - TICK, Some(line - TICK))),
            Write::InsertSession(used(4, line - TICK, Some(line))),
            Write::InsertLink(issued(11, line_of_links - TICK)),
            Write::InsertLink(issued(12, line_of_links)),
        ])
        .await;
    forget(adapters).await;
    for (n, stays) in [(1, false), (2, true), (3, false), (4, true)] {
        let found = adapters.sessions.find(&secret(n)).await.expect("reads");
        assert_eq!(found.is_some(), stays, "session {n}");
    }
    for (n, stays) in [(11, false), (12, true)] {
        let found = adapters.links.find(&secret(n)).await.expect("reads");
        assert_eq!(found.is_some(), stays, "link {n}");
    }
}

async fn devices_and_enrolments(adapters: &Adapters) {
    let owner = verified(1);
    let line = past().devices_and_enrolments;
    let device = |n, until: Timestamp| {
        trusted_device(&owner, n).edit(|record| record.trusted_at = until - TRUST)
    };
    let enrolment = |n, state| factor(&owner, n).edit(|record| record.state = state);
    adapters
        .write([
            Write::InsertTrustedDevice(device(31, line - TICK)),
            Write::InsertTrustedDevice(device(32, line)),
            Write::InsertFactor(enrolment(41, FactorState::Begun { until: line - TICK })),
            Write::InsertFactor(enrolment(42, FactorState::Begun { until: line })),
            // Bound for long: it is in force.
            Write::InsertFactor(enrolment(43, FactorState::Bound { at: line - TICK })),
        ])
        .await;
    forget(adapters).await;
    for (n, stays) in [(31, false), (32, true)] {
        let found = adapters.trusted_devices.find(&secret(n)).await.expect("reads");
        assert_eq!(found.is_some(), stays, "trusted device {n}");
    }
    let left = adapters.second_factors.list(owner.id()).await.expect("reads");
    assert_eq!(left.iter().map(Factor::id).collect::<Vec<_>>(), [id(42), id(43)]);
}

/// A letter that waits is never forgotten, however old.
async fn letters(adapters: &Adapters) {
    let posted = Changes::told_by(event()).post(letter(1)).post(letter(2));
    adapters.commit(posted).await.expect("posts");
    let leased =
        adapters.letters.lease(1, NOW + Span::hours(1), Span::minutes(1)).await.expect("leases");
    let at = past().links_and_letters - TICK;
    adapters.write([Write::LetterSent { lease: leased[0].lease, at }]).await;
    forget(adapters).await;
    assert_eq!(adapters.letters.queue_state().await.expect("reads").waiting, 1);
    // Its id is free again: the row is gone, not only its content.
    let again = Changes::told_by(event_about(&verified(1)));
    let sent = if leased[0].lease.letter == letter(1).id { letter(1) } else { letter(2) };
    adapters.commit(again.post(sent)).await.expect("posts");
}

async fn changes(adapters: &Adapters) {
    let owner = verified(1);
    let line = past().email_changes;
    let confirmed = |n, at: Timestamp| {
        email_change(&owner, "new@example.com", n).edit(|record| {
            record.state = ChangeState::Confirmed { at };
            record.requested_at = line - Span::days(3);
            record.deadline = line - Span::days(1);
        })
    };
    adapters
        .write([
            Write::InsertEmailChange(confirmed(21, line - TICK)),
            Write::InsertEmailChange(confirmed(22, line)),
            Write::InsertEmailChange(email_change(&owner, "other@example.com", 23)),
        ])
        .await;
    forget(adapters).await;
    for (n, stays) in [(21, false), (22, true), (23, true)] {
        let found = adapters.email_changes.find(id(n)).await.expect("reads");
        assert_eq!(found.is_some(), stays, "change {n}");
    }
}

async fn contacts_and_claims(adapters: &Adapters) {
    let line = past().released_contacts;
    let released = |address: &str, at| {
        contact(address).edit(|record| record.source = ContactSource::Released { by: id(1), at })
    };
    let claimed = |n, at| account(n).edit(|record| record.password_set_at = at);
    let remembering = |n, at| {
        verified(n).edit(|record| {
            let before = at - Span::days(2);
            record.replaced_passwords = vec![
                ReplacedPassword {
                    hash: hash("the first"),
                    at: before,
                    set_by: PasswordSetBy::Owner,
                },
                ReplacedPassword { hash: hash("the second"), at, set_by: PasswordSetBy::Mailbox },
            ];
        })
    };
    let old = Span::days(1000);
    adapters
        .write([
            Write::PutContact(released("rested@example.com", line - TICK)),
            Write::PutContact(released("resting@example.com", line)),
            Write::PutContact(contact("reader@example.com").edit(|r| r.last_seen_at = NOW - old)),
            Write::InsertAccount(claimed(31, past().unproved_accounts - TICK)),
            Write::InsertAccount(claimed(32, past().unproved_accounts)),
            Write::InsertAccount(verified(33).edit(|r| r.password_set_at = NOW - old)),
            // Registered long ago, and asked for another letter since: its link may be opened.
            Write::InsertAccount(claimed(34, past().unproved_accounts - TICK)),
            Write::InsertLink(link(&account(34), LinkPurpose::VerifyAddress, 34)),
            Write::InsertAccount(remembering(35, past().replaced_passwords - TICK)),
            Write::InsertAccount(remembering(36, past().replaced_passwords)),
        ])
        .await;
    forget(adapters).await;
    let known = [("rested", false), ("resting", true), ("reader", true)];
    for (name, stays) in known {
        let address = email(&format!("{name}@example.com"));
        let found = adapters.contacts.find(address.key()).await.expect("reads");
        assert_eq!(found.is_some(), stays, "contact {name}");
    }
    for (n, stays) in [(35, false), (36, true)] {
        let found = adapters.accounts.find(id(n)).await.expect("reads").expect("stays");
        assert_eq!(!found.record().replaced_passwords.is_empty(), stays, "account {n}");
    }
    for (n, stays) in [(31, false), (32, true), (33, true), (34, true)] {
        let found = adapters.accounts.find(id(n)).await.expect("reads");
        assert_eq!(found.is_some(), stays, "account {n}");
    }
}
