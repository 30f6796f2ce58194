//! What docs/architecture.md promises, looked at.

mod crates;
mod denied;
mod documents;
mod domain;
mod house;
