//! The API from outside: requests in, answers out, over the use cases with records in memory.

mod authentication;
mod document;
mod errors;
mod idempotency;
mod journeys;
mod observing;
mod pages;
mod profile;
mod serving;
mod strictness;
mod support;
