//! The API from outside: requests in, answers out, over the use cases with records in memory.

#[cfg(test)]
mod authentication;
#[cfg(test)]
mod document;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod hints;
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
mod reference;
#[cfg(test)]
mod root;
#[cfg(test)]
mod serving;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod strictness;
#[cfg(test)]
mod support;
#[cfg(test)]
mod told;
