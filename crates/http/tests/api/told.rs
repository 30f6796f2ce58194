//! Whether the `OpenAPI` document tells of an answer: its operation, its status, the code under that status.

use std::sync::OnceLock;

use poem::http::Method;
use rightful_http::openapi_document;
use serde_json::{Value, json};

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(&openapi_document()).unwrap())
}

/// The operation of a request; `None` when the document has none.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next()?;
    let fits = |template: &str| {
        let (wanted, found) = (template.split('/'), path.split('/'));
        wanted.clone().count() == found.clone().count()
            && wanted.zip(found).all(|(part, value)| part == value || part.starts_with('{'))
    };
    let paths = document()["paths"].as_object().unwrap();
    let item = paths.get(path).or_else(|| paths.iter().find(|(t, _)| fits(t)).map(|(_, i)| i))?;
    let method = if method == Method::HEAD { "get" } else { &*method.as_str().to_lowercase() };
    item.get(method)
}

/// `Err` says what of the answer is not told of.
pub(crate) fn answer(method: &Method, path: &str, status: u16, text: &str) -> Result<(), String> {
    let Some(operation) = operation(method, path) else { return Ok(()) };
    let response = operation["responses"].get(status.to_string());
    let response = response.ok_or_else(|| format!("the document has no {status}: {text}"))?;
    if status < 400 || text.is_empty() {
        return Ok(());
    }
    let problem: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let examples = response.pointer("/content/application~1problem+json/examples");
    let told = |code: &Value| {
        let code = code.as_str().unwrap_or_default();
        examples.and_then(|examples| examples.get(code)).is_some()
    };
    let inside = problem["errors"].as_array().into_iter().flatten().map(|error| &error["code"]);
    for code in std::iter::once(&problem["code"]).chain(inside) {
        if !told(code) {
            return Err(format!("the document does not tell of {code} under {status}"));
        }
    }
    Ok(())
}

#[test]
fn what_is_not_told_is_found() {
    let problem = |code: &str| json!({"code": code}).to_string();
    let me = |status, code: &str| answer(&Method::GET, "/v1/me?x", status, &problem(code));
    assert_eq!(me(401, "unauthenticated"), Ok(()));
    assert!(me(401, "wrong_credentials").is_err(), "another operation's code");
    assert!(me(503, "unauthenticated").is_err(), "the code of another status");
    assert!(me(418, "teapot").is_err());
    let end = |code: &str| answer(&Method::DELETE, "/v1/sessions/ses_x", 404, &problem(code));
    assert!(end("not_found").is_ok() && end("link_unknown").is_err());
    let field =
        json!({"code": "invalid_request", "errors": [{"code": "link_unknown"}]}).to_string();
    assert!(answer(&Method::POST, "/v1/sessions", 422, &field).is_err());
    assert_eq!(answer(&Method::GET, "/elsewhere", 404, ""), Ok(()));
}
