mod approve;
mod confirm;
mod dispute;
mod model;
mod panel;
mod pending;
mod request;

use crate::accounts::{Account, VerifiedAccount};
use crate::email_change::{ChangeRefusal, ChangeState, EmailChange, OldMailbox};
use crate::links::{Link, LinkPurpose};
use crate::sessions::FreshProof;
use crate::tests_support::{Edit, NOW, ada, counting_entropy, id, link, pending};
use crate::values::{Span, Timestamp};

const ADA: &str = "ada@example.org";
const NEW: &str = "new@example.org";

/// Ada's pending change to [`NEW`], number 5.
fn change() -> EmailChange {
    pending(&ada(), NEW, 5)
}

/// Asks for a change to [`NEW`], with these proofs.
fn request_to_new(
    owner: VerifiedAccount<'_>,
    proof: FreshProof,
    earlier: Option<&EmailChange>,
    now: Timestamp,
) -> Result<EmailChange, ChangeRefusal> {
    let (new, entropy) = (crate::tests_support::email(NEW), counting_entropy());
    EmailChange::request(owner, proof, new, OldMailbox::Notify, earlier, &entropy, now)
}

/// [`change`], confirmed an hour ago.
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
