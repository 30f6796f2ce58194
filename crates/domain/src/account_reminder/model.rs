//! Who is told what.

use crate::accounts::Account;
use crate::contacts::Contact;
use crate::letters::Reply;

/// Whether there is an account for exactly this address.
pub(crate) fn reply(holder: Option<Account>, known: Option<Contact>) -> Reply {
    match (holder, known) {
        (Some(account), _) => Reply::HasAccount(account),
        (None, Some(contact)) => Reply::HasNone(contact),
        (None, None) => Reply::Nothing,
    }
}
