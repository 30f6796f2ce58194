//! The JSON API over HTTP: routes, the `OpenAPI` document, problems, limits.
//!
//! [`Api::new`] is an endpoint over the use cases; [`serve()`] gives it a listener. What a request passes on its
//! way in, outermost first:
//!
//! 1. `edge`: request id, deadline, panics, problems, headers, log line, metrics
//! 2. `body_limit`: so many bytes within so long
//! 3. `idempotency`: a repeated POST gets its first answer
//! 4. `auth`: who asks; the CSRF value of sessions in cookies
//! 5. `strict_json`, then a handler, in the file that has its feature's name
//!
//! Nothing here decides anything about accounts, and nothing branches on whether one exists.

#![deny(missing_docs)]

mod account_reminder;
mod answers;
mod api;
mod auth;
mod body_limit;
mod client_address;
mod context;
mod cookies;
mod csrf;
mod device;
mod docs;
mod edge;
mod email_change;
mod health;
mod hint;
mod html;
mod idempotency;
mod landing;
mod management;
mod metrics;
mod normalize;
mod not_found;
mod pages;
mod password_reset;
mod problem;
mod problems;
mod profile;
mod registration;
mod request_log;
mod root;
mod routes;
mod samples;
mod second_factors;
mod security_checkup;
mod security_headers;
mod serve;
mod sessions;
mod settings;
mod shared;
mod sign_in;
mod strict_json;
mod texts;
mod trusted_devices;
mod wire;
mod written_json;

pub use api::{Api, openapi_document};
pub use client_address::{InvalidNetwork, Network};
pub use health::{Checks, Finding};
pub use management::{BuildInfo, management};
pub use metrics::Metrics;
pub use problems::{CATALOGUE, Known, status_of};
pub use serve::{Limits, serve};
pub use settings::{HttpSettings, InvalidOrigin, PublicOrigin};
