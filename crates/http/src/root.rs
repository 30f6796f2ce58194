//! `/`: what this is, and where the rest is. For a person a page, for a program the same as JSON.

use std::fmt::Write as _;
use std::sync::Arc;

use poem::http::{HeaderValue, header};
use poem::web::Data;
use poem::{Request, Response, handler};
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::html::{escape, language, page};
use crate::pages::other_language;
use crate::shared::Shared;

const CACHE: &str = "no-cache";

/// `GET /`.
#[handler]
pub(crate) fn page_of_api(
    Data(shared): Data<&Arc<Shared>>,
    context: Context,
    request: &Request,
) -> Response {
    let mut places = vec![
        ("documentation", "/docs"),
        ("openapi", "/openapi.json"),
        ("problems", "/problems"),
        ("health", "/healthz"),
    ];
    places.extend(shared.settings.inbox.map(|path| ("inbox", path)));
    let mut response = if wants_html(request) {
        let locale = language(request, context.locale);
        let text = |key: &str| escape(&shared.texts.text(locale, key));
        let mut body = format!(
            "<h1>{}</h1>\n<p>{}</p>\n<p>{} <code>{}/v1</code></p>\n<ul>\n",
            text("root-page-title"),
            text("root-page-what"),
            text("root-page-api"),
            escape(shared.settings.public.as_str()),
        );
        for (name, path) in &places {
            let words = text(&format!("root-page-{name}"));
            writeln!(body, "<li><a href=\"{path}\"><code>{path}</code></a> {words}</li>")
                .expect("a String takes everything");
        }
        body.push_str("</ul>\n");
        body.push_str(&other_language(shared, locale, "/"));
        page(locale, &shared.texts.text(locale, "root-page-title"), &body, CACHE)
    } else {
        let mut index = Map::new();
        index.insert("name".to_owned(), json!("Rightful"));

        index.insert("api".to_owned(), json!("/v1"));
        index.extend(places.iter().map(|(name, path)| ((*name).to_owned(), json!(path))));
        Response::builder()
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(header::CACHE_CONTROL, CACHE)
            .body(format!("{:#}\n", Value::Object(index)))
    };
    let vary = HeaderValue::from_static("Accept, Accept-Language");
    response.headers_mut().insert(header::VARY, vary);
    response
}

/// Whether a browser asks: programs name JSON, or anything.
pub(crate) fn wants_html(request: &Request) -> bool {
    request.header(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
}
