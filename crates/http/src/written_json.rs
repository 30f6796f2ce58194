//! An answer that is written as JSON from the value itself. poem-openapi's own `Json` builds a tree of the answer
//! first, which costs more than all else that happens to the one question that every request of a shop asks.

use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde::Serialize;

/// A JSON answer of a type whose [`Serialize`] gives what its schema says: a test beside the type compares it
/// with what poem-openapi makes of it.
#[derive(Debug)]
pub(crate) struct WrittenJson<T>(pub(crate) T);

impl<T: Type> Payload for WrittenJson<T> {
    const CONTENT_TYPE: &'static str = Json::<T>::CONTENT_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }
    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Serialize + Send> IntoResponse for WrittenJson<T> {
    fn into_response(self) -> Response {
        // At once what most answers take, instead of growing four times on the way.
        let mut body = Vec::with_capacity(1024);
        match serde_json::to_writer(&mut body, &self.0) {
            Ok(()) => {
                let mut response = Response::builder().body(body);
                let kind = HeaderValue::from_static("application/json; charset=utf-8");
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
                response
            }
            Err(error) => {
                tracing::error!(%error, "an answer could not be written");
                StatusCode::INTERNAL_SERVER_ERROR.into()
            }
        }
    }
}
