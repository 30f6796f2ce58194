//! The frame of the few pages that this layer serves: no script, one style, nothing from elsewhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use poem::http::{HeaderValue, header};
use poem::{Request, Response};
use rightful_domain::values::{EmailAddress, Locale};
use sha2::{Digest as _, Sha256};

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;\
color:#1a1a1a;background:#fff}h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.1rem;margin-bottom:0}\
code{font-family:ui-monospace,monospace}pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.5rem 1rem;\
border:1px solid #8888}a{color:#0b4f9e}li{margin:.25rem 0}.note{border-left:.25rem solid #0b4f9e;\
padding:.25rem 0 .25rem 1rem}@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}a{color:#8ec5ff}}";

/// A page. `body` is HTML already, its texts escaped by [`escape`].
pub(crate) fn page(locale: Locale, title: &str, body: &str, cache: &'static str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"{locale}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        escape(title)
    );
    let policy = format!(
        "default-src 'none'; style-src {}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        hash_source(STYLE)
    );
    Response::builder()
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.as_str()))
        .header(header::CONTENT_SECURITY_POLICY, policy)
        .header(header::CACHE_CONTROL, cache)
        .header(header::VARY, "Accept-Language")
        .body(html)
}

/// The language of a page: `?lang=` in its address, or what the browser asks for.
pub(crate) fn language(request: &Request, asked: Locale) -> Locale {
    let query = request.uri().query().unwrap_or_default();
    let named = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
    named.and_then(|name| Locale::parse(name).ok()).unwrap_or(asked)
}

/// A text in HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Whom customers turn to, as a link where it is an e-mail address or a page.
pub(crate) fn contact(support: &str) -> String {
    let text = escape(support);
    if EmailAddress::parse(support).is_ok() {
        format!("<a href=\"mailto:{text}\">{text}</a>")
    } else if support.starts_with("https://") {
        format!("<a href=\"{text}\">{text}</a>")
    } else {
        text
    }
}

/// How a policy names an inline script or style (CSP level 2 §4.2.4).
pub(crate) fn hash_source(content: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(content.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_a_link_where_it_can_be_one() {
        let address = "help@shop.example";
        assert_eq!(contact(address), format!("<a href=\"mailto:{address}\">{address}</a>"));
        let page = "https://shop.example/help?a&b";
        let safe = "https://shop.example/help?a&amp;b";
        assert_eq!(contact(page), format!("<a href=\"{safe}\">{safe}</a>"));
        assert_eq!(contact("javascript:alert(1)"), "javascript:alert(1)");
        assert_eq!(contact("call <us>"), "call &lt;us&gt;");
        assert!(!contact("\"x y\"@shop.example").contains("href=\"mailto:\"x"));
    }
}
