//! Who is written to when a verification letter is asked for again.

use crate::accounts::Account;
use crate::letters::Reply;

/// Only a mailbox that is not proved yet.
pub(crate) fn reply(holder: Option<Account>) -> Reply {
    match holder {
        Some(claim) if !claim.is_verified() => Reply::VerificationLink(claim),
        Some(_) | None => Reply::Nothing,
    }
}
