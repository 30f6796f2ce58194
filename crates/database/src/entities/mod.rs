//! The rows as they are stored. Nothing outside of this crate sees one: the file of each feature turns rows into
//! the domain's records and back.

#![expect(unreachable_pub, reason = "the derives write public items")]

pub(crate) mod accounts;
pub(crate) mod audit_entries;
pub(crate) mod contacts;
pub(crate) mod email_changes;
pub(crate) mod idempotency_answers;
pub(crate) mod letters;
pub(crate) mod links;
pub(crate) mod second_factors;
pub(crate) mod sessions;
pub(crate) mod throttle_tallies;
pub(crate) mod trusted_devices;
