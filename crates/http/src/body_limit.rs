//! Bodies: so many bytes, within so long, whole before anybody looks at them.
//!
//! poem's own limit answers 411 to every request without `Content-Length`, every GET included, and believes
//! what is declared. This one counts. Bodies are small, so that reading them here costs little and lets the
//! layers inside see the same bytes twice.

use std::io;
use std::time::Duration;

use futures_util::StreamExt;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Body, Endpoint, IntoResponse, Middleware, Request, Response, Result};

use crate::problem::Refused;

/// The largest body: the longest password, address and name together are far below.
pub(crate) const MAX_BYTES: usize = 64 * 1024;

/// The layer. Inside it, a request's [`Whole`] is its body.
pub(crate) struct BodyLimit {
    pub(crate) deadline: Duration,
}

/// A body that has arrived, for layers that look at it before the handler does.
#[derive(Clone)]
pub(crate) struct Whole(pub(crate) Vec<u8>);

impl<E: Endpoint> Middleware<E> for BodyLimit {
    type Output = BodyLimitEndpoint<E>;
    fn transform(&self, inner: E) -> Self::Output {
        BodyLimitEndpoint { inner, deadline: self.deadline }
    }
}

pub(crate) struct BodyLimitEndpoint<E> {
    inner: E,
    deadline: Duration,
}

impl<E: Endpoint> Endpoint for BodyLimitEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let declared = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if declared.is_some_and(|bytes| bytes > MAX_BYTES as u64) {
            return Err(too_large().into());
        }
        let body = request.take_body();
        let whole = match tokio::time::timeout(self.deadline, read(body)).await {
            Ok(read) => read?,
            Err(_) => return Err(too_slow().into()),
        };
        request.set_body(whole.clone());
        request.set_data(Whole(whole));
        self.inner.call(request).await.map(IntoResponse::into_response)
    }
}

async fn read(body: Body) -> Result<Vec<u8>, Refused> {
    let mut whole = Vec::new();
    let mut chunks = std::pin::pin!(body.into_bytes_stream());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error: io::Error| {
            // The client went away, or sent less or other than it declared.
            Refused::new(StatusCode::BAD_REQUEST, "bad_request").caused_by(error)
        })?;
        if whole.len() + chunk.len() > MAX_BYTES {
            return Err(too_large());
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}

fn too_large() -> Refused {
    Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large")
}

fn too_slow() -> Refused {
    Refused::new(StatusCode::REQUEST_TIMEOUT, "request_timeout")
}

/// After these answers the rest of a body may still be on its way: the connection must not be used again
/// (RFC 9110 §15.5.9).
pub(crate) fn close_after(response: &mut Response) {
    if matches!(response.status(), StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}
