//! The API from outside: requests in, answers out, over the use cases with records in memory.

#[cfg(test)]
mod authentication;
#[cfg(test)]
mod document;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod journeys;
#[cfg(test)]
mod observing;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod profile;
#[cfg(test)]
mod serving;
#[cfg(test)]
mod strictness;
#[cfg(test)]
mod support;
