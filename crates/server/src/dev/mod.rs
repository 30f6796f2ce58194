//! What the development server has and the production server has not: an inbox for everybody to read, a data
//! key of its own, somebody to sign in as.

mod banner;
pub(crate) mod data_key;
mod inbox;
mod lock;
mod seed;

pub(crate) use banner::banner;
pub(crate) use inbox::{BASE as INBOX, with_inbox};
pub(crate) use lock::FolderLock;
pub(crate) use seed::{CONTACT, CUSTOMER, PASSWORD, seed};
