//! RFC 9457 for everything that is refused, whoever refuses it: a use case, the parser, the router, a limit.

use std::error::Error as StdError;
use std::fmt;

use poem::error::{
    MethodNotAllowedError, NotFoundError, ParsePathError as PoemParsePathError, ReadBodyError,
    ResponseError,
};
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::error::{
    AuthorizationError, ContentTypeError, ParseParamError, ParsePathError, ParseRequestPayloadError,
};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry,
};
use poem_openapi::types::{ToJSON, Type};
use poem_openapi::{ApiResponse, Object};
use rightful_domain::links::LinkPurpose;
use rightful_domain::reason::{NextAction, Refusal};
use rightful_domain::values::Locale;
use serde_json::Value;

use crate::context::Context;
use crate::hint::Hint;
use crate::problems::status_of;
use crate::texts::Texts;

/// Problem details (RFC 9457): every answer from 400 on.
#[derive(Clone, Debug, PartialEq, Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Problem {
    /// Where this type of problem is explained. Resolves to a page.
    #[oai(rename = "type")]
    pub(crate) kind: String,
    /// What went wrong, in the language asked for with `Accept-Language`. The same for every occurrence.
    pub(crate) title: String,
    /// The HTTP status, again.
    pub(crate) status: u16,
    /// A sentence in the language asked for: what can be shown to the customer or, where only the program that
    /// asks is at fault, what to change in the request.
    pub(crate) detail: String,
    /// Decide by this one and by nothing else. Published codes keep their meaning.
    pub(crate) code: String,
    /// For whoever wrote the program: what the form of this very request has to do with it. Not for customers.
    pub(crate) hint: Option<String>,
    /// The request's id, the same as in the `Request-Id` header and in the server's log.
    pub(crate) request_id: String,
    /// The request's id as a URN.
    pub(crate) instance: String,
    /// Which fields, where fields are at fault.
    pub(crate) errors: Option<Vec<FieldError>>,
    /// Seconds until the same request can succeed, where waiting helps.
    pub(crate) retry_after: Option<u64>,
    /// What was probably meant, where an address looks like a slip of the pen.
    pub(crate) suggestion: Option<String>,
    /// What this person can still do. New values may be added.
    pub(crate) next_actions: Option<Vec<String>>,
}

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Object)]
pub(crate) struct FieldError {
    /// A JSON pointer into the request body, as a URI fragment (RFC 6901 §6).
    pub(crate) pointer: String,
    /// Why, from the same catalogue as the problem's code.
    pub(crate) code: String,
    /// A sentence that can be shown beside the field.
    pub(crate) detail: String,
}

/// A problem with its media type, for the `OpenAPI` document and for the wire.
pub(crate) struct ProblemJson(pub(crate) Problem);

impl ProblemJson {
    /// Its media type (RFC 9457 §3).
    pub(crate) const MEDIA_TYPE: &'static str = "application/problem+json";

    /// It as JSON.
    pub(crate) fn value(&self) -> Value {
        self.0.to_json().unwrap_or_default()
    }
}

impl Payload for ProblemJson {
    const CONTENT_TYPE: &'static str = Self::MEDIA_TYPE;
    fn schema_ref() -> MetaSchemaRef {
        Problem::schema_ref()
    }
    fn register(registry: &mut Registry) {
        Problem::register(registry);
    }
}

impl IntoResponse for ProblemJson {
    fn into_response(self) -> Response {
        Response::builder()
            .status(
                StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            )
            .header(header::CONTENT_TYPE, Self::CONTENT_TYPE)
            .body(self.0.to_json_string())
    }
}

/// The code of a problem, beside its answer: what the log line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) &'static str);

/// A field at fault, before it has words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) pointer: String,
    pub(crate) code: &'static str,
}

/// A refusal on its way out. Every handler and every layer answers with this one; [`Refused::render`] gives
/// it words.
#[derive(Debug)]
pub(crate) struct Refused(Box<Parts>);

/// Boxed, so that an answer that succeeds does not carry the size of one that does not.
#[derive(Debug)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    faults: Vec<Fault>,
    retry_after: Option<u64>,
    next_actions: &'static [NextAction],
    suggestion: Option<String>,
    hint: Option<Hint>,
    /// Sent as `Allow`.
    allow: Option<String>,
    /// For the log, when the fault is ours.
    cause: Option<String>,
    /// A use case said it: its work was done, and the answer is worth keeping for a repeated request.
    decided: bool,
}

impl Refused {
    /// A refusal of this layer.
    pub(crate) fn new(status: StatusCode, code: &'static str) -> Self {
        Self(Box::new(Parts {
            status,
            code,
            faults: Vec::new(),
            retry_after: None,
            next_actions: &[],
            suggestion: None,
            hint: None,
            allow: None,
            cause: None,
            decided: false,
        }))
    }

    pub(crate) fn unauthenticated() -> Self {
        let mut refused = Self::new(StatusCode::UNAUTHORIZED, "unauthenticated");
        refused.0.next_actions = &[NextAction::SignIn];
        refused
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// Fields of a body that has the right syntax and the wrong content.
    pub(crate) fn invalid(faults: Vec<Fault>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request").with_faults(faults)
    }

    pub(crate) fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.0.faults = faults;
        self
    }

    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self.0.next_actions = &[NextAction::Wait];
        self
    }

    pub(crate) fn with_actions(mut self, actions: &'static [NextAction]) -> Self {
        self.0.next_actions = actions;
        self
    }

    pub(crate) fn hint(mut self, hint: Hint) -> Self {
        self.0.hint = Some(hint);
        self
    }

    pub(crate) fn suggesting(mut self, suggestion: String) -> Self {
        self.0.suggestion = Some(suggestion);
        self
    }

    pub(crate) fn allow(mut self, methods: &str) -> Self {
        self.0.allow = Some(methods.to_owned());
        self
    }

    pub(crate) fn caused_by(mut self, cause: impl fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    #[cfg(test)]
    pub(crate) fn code(&self) -> &'static str {
        self.0.code
    }

    /// Says what is wrong with the form of a link's token, when that is why it opened nothing.
    pub(crate) fn about_link(self, purpose: LinkPurpose, token: &str) -> Self {
        match Hint::of_link(purpose, token) {
            Some(hint) if self.0.code == "link_unknown" => self.hint(hint),
            _ => self,
        }
    }

    #[cfg(test)]
    pub(crate) fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// Whether a use case was asked and answered for good: what a repeated request may be given again.
    pub(crate) fn is_final(&self) -> bool {
        self.0.decided
            && !self.0.status.is_server_error()
            && self.0.status != StatusCode::TOO_MANY_REQUESTS
    }

    /// What poem or poem-openapi refused, in our words. Their messages stay out: they quote what was sent.
    pub(crate) fn from_framework(error: &poem::Error) -> Self {
        let status = error.status();
        if error.is::<MethodNotAllowedError>() {
            Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
        } else if error.is::<NotFoundError>() {
            Self::not_found().hint(Hint::NoPath)
        } else if error.is::<ParsePathError>() || error.is::<PoemParsePathError>() {
            // An id that cannot be one is an id that nothing has.
            Self::not_found()
        } else if error.is::<ContentTypeError>() {
            Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
        } else if error.is::<AuthorizationError>() {
            Self::unauthenticated()
        } else if error.is::<ParseRequestPayloadError>()
            || error.is::<ParseParamError>()
            || error.is::<ReadBodyError>()
        {
            Self::new(StatusCode::BAD_REQUEST, "bad_request")
        } else if status.is_server_error() {
            Self::from_status(status).caused_by(error)
        } else {
            Self::from_status(status)
        }
    }

    /// A bare status that some layer answered with.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        let code = match status.as_u16() {
            401 => return Self::unauthenticated(),
            404 => return Self::not_found(),
            405 => "method_not_allowed",
            408 => "request_timeout",
            411 => "length_required",
            412 => "precondition_failed",
            413 => "payload_too_large",
            415 => "unsupported_media_type",
            428 => "precondition_required",
            429 => "too_many_requests",
            503 => return Self::new(status, "outage").retry_after(10),
            500..=599 => "internal",
            _ => "bad_request",
        };
        Self::new(status, code)
    }

    /// The problem that leaves for the request of this id, in this language.
    pub(crate) fn problem(
        &self,
        request_id: &str,
        locale: Locale,
        texts: Texts,
        problems: &str,
    ) -> Problem {
        let detail = |code: &str| texts.problem(locale, code, "customer");
        let errors = self.0.faults.iter().map(|fault| FieldError {
            pointer: fault.pointer.clone(),
            code: fault.code.to_owned(),
            detail: detail(fault.code),
        });
        let actions = self.0.next_actions.iter().map(|action| action.as_str().to_owned());
        Problem {
            kind: format!("{problems}{}", self.0.code),
            title: texts.problem(locale, self.0.code, "title"),
            status: self.0.status.as_u16(),
            detail: detail(self.0.code),
            code: self.0.code.to_owned(),
            hint: self.0.hint.map(|hint| Texts::hint(locale, hint)),
            request_id: request_id.to_owned(),
            instance: format!("urn:request:{request_id}"),
            errors: (!self.0.faults.is_empty()).then(|| errors.collect()),
            retry_after: self.0.retry_after,
            suggestion: self.0.suggestion.clone(),
            next_actions: (!self.0.next_actions.is_empty()).then(|| actions.collect()),
        }
    }

    /// The answer, in the language of the request.
    pub(crate) fn render(&self, context: &Context, texts: Texts, problems: &str) -> Response {
        if self.0.status.is_server_error() {
            tracing::error!(
                target: "rightful::request",
                request_id = %context.request_id,
                code = self.0.code,
                cause = self.0.cause.as_deref().unwrap_or("unknown"),
                "the request failed"
            );
        }
        let problem = self.problem(&context.request_id, context.locale, texts, problems);
        let mut response = ProblemJson(problem).into_response();
        response.extensions_mut().insert(Code(self.0.code));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(context.locale.as_str()));
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"rightful\""),
            );
        }
        if let Some(allow) = self.0.allow.as_deref().and_then(|a| HeaderValue::from_str(a).ok()) {
            headers.insert(header::ALLOW, allow);
        }
        response
    }
}

impl<E: Refusal + 'static> From<E> for Refused {
    fn from(refusal: E) -> Self {
        let status = status_of(refusal.reason());
        let field = refusal
            .field()
            .map(|field| Fault { pointer: format!("#/{field}"), code: refusal.code() });
        Self(Box::new(Parts {
            status,
            code: refusal.code(),
            faults: field.into_iter().collect(),
            retry_after: refusal.retry_after().map(|span| span.as_seconds_ceil().max(1)),
            next_actions: refusal.next_actions(),
            suggestion: None,
            hint: None,
            allow: None,
            cause: status.is_server_error().then(|| chain(&refusal)),
            decided: true,
        }))
    }
}

/// An error and everything behind it, in one line.
pub(crate) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.status.as_u16(), self.0.code)
    }
}
impl StdError for Refused {}
impl ResponseError for Refused {
    fn status(&self) -> StatusCode {
        self.0.status
    }
}

impl ApiResponse for Refused {
    /// What is true of every operation; `normalize` adds the statuses that each has, from `answers`. Ranges,
    /// not `default`: generators read `default` as a success too.
    fn meta() -> MetaResponses {
        let range = |range: &str, description| MetaResponse {
            description,
            status: None,
            status_range: Some(range.to_owned()),
            content: vec![MetaMediaType {
                content_type: ProblemJson::CONTENT_TYPE,
                schema: Problem::schema_ref(),
            }],
            headers: vec![MetaHeader {
                name: "Retry-After".to_owned(),
                description: Some("Seconds; on 409, 429 and 503 where waiting helps.".to_owned()),
                required: false,
                deprecated: false,
                schema: u64::schema_ref(),
            }],
        };
        MetaResponses {
            responses: vec![
                range("4XX", "Any other refusal, in the same form; `code` says why."),
                range("5XX", "Any other failure of the server, in the same form."),
            ],
        }
    }
    fn register(registry: &mut Registry) {
        Problem::register(registry);
    }
}
