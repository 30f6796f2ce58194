//! Who is written to when a reset is asked for.

use crate::accounts::Account;
use crate::contacts::Contact;
use crate::letters::Reply;

/// An account gets a link, verified or not: completing it proves the mailbox. An address that the shop knows
/// without an account is told that there is none; nobody can make us write to an address that never dealt with
/// the shop (decision 0020).
pub(crate) fn reply(holder: Option<Account>, known: Option<Contact>) -> Reply {
    match (holder, known) {
        (Some(account), _) => Reply::ResetLink(account),
        (None, Some(contact)) => Reply::HasNone(contact),
        (None, None) => Reply::Nothing,
    }
}
