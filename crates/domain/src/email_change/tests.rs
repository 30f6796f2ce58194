mod approve;
mod confirm;
mod dispute;
mod model;
mod panel;
mod pending;
mod request;

use crate::accounts::Account;
use crate::email_change::{ChangeState, EmailChange};
use crate::links::{Link, LinkPurpose};
use crate::tests_support::{Edit, NOW, ada, id, link, pending};
use crate::values::Span;

const ADA: &str = "ada@example.org";
const NEW: &str = "new@example.org";

/// Ada's pending change to [`NEW`], number 5.
fn change() -> EmailChange {
    pending(&ada(), NEW, 5)
}

/// The same, confirmed an hour ago.
fn confirmed() -> EmailChange {
    change().edit(|record| {
        record.requested_at = NOW - Span::hours(2);
        record.state = ChangeState::Confirmed { at: NOW - Span::hours(1) };
    })
}

/// Ada's account after [`confirmed`].
fn moved() -> Account {
    ada().move_to(crate::tests_support::email(NEW), NOW - Span::hours(1))
}

/// Link 1 of change 5.
fn link_of(purpose: LinkPurpose) -> Link {
    link(purpose, &ada(), 1).edit(|record| record.email_change = Some(id(5)))
}
