//! What a browser is shown for a path that does not exist: a person followed a link that was cut off, or looks
//! around. Programs get the problem.

use poem::Response;
use poem::http::{HeaderValue, StatusCode, header};
use rightful_domain::values::Locale;

use crate::html::{escape, page};
use crate::problem::Code;
use crate::shared::Shared;

/// The page that stands for `problem`, with the code that the log tells.
pub(crate) fn page_instead_of(problem: &Response, shared: &Shared, locale: Locale) -> Response {
    let text = |key: &str| escape(&shared.texts.text(locale, key));
    let body = format!(
        "<h1>{}</h1>\n<p>{}</p>\n<ul>\n<li><a href=\"/?lang={locale}\"><code>/</code></a> {}</li>\n\
         <li><a href=\"/problems?lang={locale}\"><code>/problems</code></a> {}</li>\n</ul>\n",
        text("not-found-page-title"),
        text("not-found-page-what"),
        text("not-found-page-root"),
        text("root-page-problems"),
    );
    let title = shared.texts.text(locale, "not-found-page-title");
    let mut response = page(locale, &title, &body, "no-store");
    response.set_status(StatusCode::NOT_FOUND);
    let vary = HeaderValue::from_static("Accept, Accept-Language");
    response.headers_mut().insert(header::VARY, vary);
    if let Some(code) = problem.extensions().get::<Code>() {
        response.extensions_mut().insert(*code);
    }
    response
}
