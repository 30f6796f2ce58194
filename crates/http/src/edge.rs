//! The outermost layer. Whatever happens inside, an answer leaves: with a request id, in the form of a
//! problem when it refuses, with the headers that every answer has, counted and told in one log line.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use poem::error::MethodNotAllowedError;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Error, IntoResponse, Middleware, Request, Response, Result};
use tokio::time::{Instant, timeout};

use crate::body_limit::close_after;
use crate::html::language;
use crate::not_found;
use crate::problem::{Code, Refused};
use crate::request_log::{self, Line};
use crate::root::wants_html;
use crate::routes::UNMATCHED;
use crate::security_headers;
use crate::shared::Shared;

/// The layer.
pub(crate) struct Edge(pub(crate) Arc<Shared>);

impl<E: Endpoint> Middleware<E> for Edge {
    type Output = EdgeEndpoint<E>;
    fn transform(&self, inner: E) -> Self::Output {
        EdgeEndpoint { inner, shared: Arc::clone(&self.0) }
    }
}

pub(crate) struct EdgeEndpoint<E> {
    inner: E,
    shared: Arc<Shared>,
}

impl<E: Endpoint> Endpoint for EdgeEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let began = Instant::now();
        let shared = &*self.shared;
        let context = shared.context(&request);
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let route = shared.routes.find(&path);
        let is_api = path.starts_with("/v1/");
        // What a person opened in a browser; the calls of a page do not ask for HTML.
        let locale = (matches!(method, Method::GET | Method::HEAD)
            && wants_html(&request)
            && !(is_api && route.is_some()))
        .then(|| language(&request, context.locale));
        request.set_data(context.clone());

        let inner = timeout(shared.settings.request_deadline, self.inner.call(request));
        // Nothing that a panic leaves half done is seen again: a request owns what it works on.
        let outcome = AssertUnwindSafe(inner).catch_unwind().await;
        let mut response = match outcome {
            Ok(Ok(Ok(response))) => {
                let response = response.into_response();
                if is_bare_refusal(&response) {
                    shared.render_refused(&Refused::from_status(response.status()), &context)
                } else {
                    response
                }
            }
            Ok(Ok(Err(error))) if error.is::<MethodNotAllowedError>() => {
                let allow = route.map(|route| route.allow.as_str()).unwrap_or_default();
                shared.render_refused(&Refused::from_framework(&error).allow(allow), &context)
            }
            Ok(Ok(Err(error))) => shared.render(error, &context),
            Ok(Err(_)) => {
                let late = Refused::new(StatusCode::SERVICE_UNAVAILABLE, "timeout").retry_after(5);
                shared.render_refused(&late.caused_by("the request's deadline"), &context)
            }
            Err(panic) => {
                let internal = Refused::from_status(StatusCode::INTERNAL_SERVER_ERROR);
                shared.render_refused(&internal.caused_by(words_of(&*panic)), &context)
            }
        };
        if let Some(locale) = locale
            && response.status() == StatusCode::NOT_FOUND
        {
            response = not_found::page_instead_of(&response, shared, locale);
        }
        if method == Method::HEAD {
            response.set_body(());
        }
        if let Ok(id) = HeaderValue::from_str(&context.request_id) {
            response.headers_mut().insert("Request-Id", id);
        }
        security_headers::complete(&mut response, is_api, shared.settings.public.is_secure());
        close_after(&mut response);

        let line = Line {
            method: method_name(&method),
            route: route.map_or(UNMATCHED, |route| &*route.template),
            status: response.status().as_u16(),
            code: response.extensions().get::<Code>().map(|code| code.0),
            took: began.elapsed(),
            context: &context,
        };
        request_log::write(&line);
        shared.settings.metrics.request(line.method, line.route, line.status, line.took);
        Ok(response)
    }
}

/// A refusal that some layer made of a status alone.
fn is_bare_refusal(response: &Response) -> bool {
    let status = response.status();
    let is_problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    (status.is_client_error() || status.is_server_error()) && !is_problem
}

/// What a panic said, for the log.
fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panicked: {}", words.as_deref().unwrap_or("without words"))
}

/// The names of OpenTelemetry's conventions: a closed set, whatever a client makes up.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        _ => "_OTHER",
    }
}

/// An error that `Edge` alone may make of a missing context.
pub(crate) fn no_context() -> Error {
    Refused::from_status(StatusCode::INTERNAL_SERVER_ERROR).caused_by("no context").into()
}
