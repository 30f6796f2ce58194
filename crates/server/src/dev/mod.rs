//! What the development server has and the production server has not: an inbox for everybody to read, a data
//! key of its own, somebody to sign in as.

mod banner;
mod data_key;
mod inbox;
mod seed;

pub(crate) use banner::banner;
pub(crate) use data_key::data_key;
pub(crate) use inbox::with_inbox;
pub(crate) use seed::{CONTACT, CUSTOMER, PASSWORD, seed};
