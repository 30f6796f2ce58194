//! Swagger UI over the published document, with nothing from elsewhere: poem-openapi has its script and style
//! inside the page, and the page's policy names exactly those by their hashes.

use std::sync::Arc;

use poem::endpoint::make_sync;
use poem::http::header;
use poem::{Endpoint, Response};
use serde_json::Value;

use crate::api::Documented;
use crate::html::hash_source;

/// The page at `/docs`.
pub(crate) fn endpoint(
    raw: &Documented,
    document: &Value,
) -> impl Endpoint<Output = Response> + 'static {
    let html: Arc<str> = page(raw, document).into();
    let policy: Arc<str> = policy(&html).into();
    make_sync(move |_| {
        Response::builder()
            .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, &*policy)
            .header(header::CACHE_CONTROL, "no-cache")
            .body(html.to_string())
    })
}

/// poem-openapi's page, with the published document in place of the one that it emits.
fn page(raw: &Documented, document: &Value) -> String {
    // A closing tag in a text must not end the script that the document stands in.
    let published = document.to_string().replace("</", "<\\/");
    let html = raw.swagger_ui_html().replace(&raw.spec(), &published);
    let html = html.replacen("<title>Swagger UI</title>", "<title>Rightful API</title>", 1);
    format!("<!doctype html>{html}")
}

fn policy(html: &str) -> String {
    let sources =
        |tag: &str| -> String { bodies(html, tag).map(hash_source).collect::<Vec<_>>().join(" ") };
    format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; connect-src 'self'; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        sources("script"),
        sources("style")
    )
}

/// The content of each element called `tag`.
fn bodies<'a>(html: &'a str, tag: &str) -> impl Iterator<Item = &'a str> {
    let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
    let mut rest = html;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&open)?;
        let (_, inside) = after.split_once('>')?;
        let (body, next) = inside.split_once(&close)?;
        rest = next;
        Some(body)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_inline_element_is_named_by_its_hash() {
        let html = "<style charset=\"x\">a{}</style><script>1<2</script><p><script>2</script>";
        assert_eq!(bodies(html, "script").collect::<Vec<_>>(), ["1<2", "2"]);
        assert_eq!(bodies(html, "style").collect::<Vec<_>>(), ["a{}"]);
        let policy = policy(html);
        // echo -n 2 | openssl dgst -sha256 -binary | base64
        assert!(
            policy.contains("'sha256-1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR+Q2jpmbuwTqzU='"),
            "{policy}"
        );
    }
}
