//! One line for each request. Never a body, a query, a header's value but the ids below, an address or a
//! secret.

use std::time::Duration;

use crate::context::Context;

/// What is told of a request.
pub(crate) struct Line<'a> {
    pub(crate) method: &'static str,
    /// The template of the route, or [`crate::routes::UNMATCHED`].
    pub(crate) route: &'a str,
    pub(crate) status: u16,
    /// The code of the problem, when it is one.
    pub(crate) code: Option<&'static str>,
    pub(crate) took: Duration,
    pub(crate) context: &'a Context,
}

/// Writes the line, with the level that its status deserves.
pub(crate) fn write(line: &Line<'_>) {
    macro_rules! write_at {
        ($level:ident) => {
            tracing::$level!(
                target: "rightful::request",
                method = line.method,
                route = line.route,
                status = line.status,
                code = line.code,
                ms = u64::try_from(line.took.as_millis()).unwrap_or(u64::MAX),
                request_id = %line.context.request_id,
                trace_id = line.context.trace_id.as_deref(),
                source = %line.context.neighbourhood,
                "request"
            )
        };
    }
    // A refusal is everyday business: nobody is to be woken by what a stranger can send. Its code tells.
    if line.status >= 500 { write_at!(error) } else { write_at!(info) }
}
