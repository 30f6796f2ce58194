mod backup_codes;
mod changing;
mod enrolling;
mod model;
pub(crate) mod support;
