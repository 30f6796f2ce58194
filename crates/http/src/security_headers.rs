//! The headers that every answer has (ASVS V3.4).

use poem::Response;
use poem::http::{HeaderName, HeaderValue, header};

/// For answers that no page shows: nothing may be loaded, nobody may frame it.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// Adds what is missing. `is_api`: answers that depend on who asks, never to be kept by anybody.
pub(crate) fn complete(response: &mut Response, is_api: bool, secure: bool) {
    let refused = response.status().as_u16() >= 400;
    let headers = response.headers_mut();
    // All of them at once, instead of growing three times.
    headers.reserve(8);
    let mut fill = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    let word = HeaderValue::from_static;
    fill(header::CONTENT_SECURITY_POLICY, NOTHING);
    fill(header::X_CONTENT_TYPE_OPTIONS, word("nosniff"));
    fill(header::REFERRER_POLICY, word("no-referrer"));
    fill(HeaderName::from_static("cross-origin-resource-policy"), word("same-origin"));
    fill(HeaderName::from_static("cross-origin-opener-policy"), word("same-origin"));
    if secure {
        let year = "max-age=31536000; includeSubDomains";
        fill(header::STRICT_TRANSPORT_SECURITY, word(year));
    }
    if is_api || refused {
        fill(header::CACHE_CONTROL, word("no-store"));
        fill(header::VARY, word("Accept-Language, Authorization, Cookie"));
    }
}
