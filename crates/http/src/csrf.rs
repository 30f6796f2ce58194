//! Requests that a browser sends with the session cookie and that change something must show that a page of
//! ours made them: by a value that only such a page can read, and by where the browser says they come from.
//! Either alone would do against today's browsers; a fault in one is caught by the other (ASVS V3.5.1).

use poem::http::{HeaderMap, HeaderValue, Method};
use rightful_domain::values::SecretText;

use crate::hint::Hint;
use crate::problem::Refused;
use crate::settings::PublicOrigin;

/// The header that carries the value.
pub(crate) const HEADER: &str = "X-CSRF-Token";

/// The value of a session, for pages to send back.
pub(crate) fn token(secret: &SecretText) -> String {
    secret.derive("csrf")
}

/// Whether a method can change something.
pub(crate) fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// Demands both proofs from a request that came with the session of `secret` in its cookie.
pub(crate) fn demand(
    headers: &HeaderMap,
    secret: &SecretText,
    origin: &PublicOrigin,
) -> Result<(), Refused> {
    let Some(sent) = headers.get(HEADER) else { return Err(failed(Hint::CsrfMissing)) };
    if same(sent.as_bytes(), token(secret).as_bytes()) {
        demand_own_origin(headers, origin)
    } else {
        Err(failed(Hint::CsrfWrong))
    }
}

/// Demands that the browser says: from a page of this origin, or from the person directly. Also for a sign-in
/// that asks for a cookie, or a stranger's page could sign its reader in as the stranger.
pub(crate) fn demand_own_origin(headers: &HeaderMap, origin: &PublicOrigin) -> Result<(), Refused> {
    let text = |name| headers.get(name).map(HeaderValue::as_bytes);
    let ours = match text("sec-fetch-site") {
        Some(site) => site == b"same-origin" || site == b"none",
        // Browsers from before 2023 say at least the origin.
        None => text("origin") == Some(origin.as_str().as_bytes()),
    };
    if ours { Ok(()) } else { Err(failed(Hint::CsrfOrigin)) }
}

fn failed(hint: Hint) -> Refused {
    Refused::new(poem::http::StatusCode::FORBIDDEN, "csrf_failed").hint(hint)
}

/// Compares in a time that depends on the lengths alone.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len()
        && std::hint::black_box(a.iter().zip(b).fold(0, |differing, (a, b)| differing | (a ^ b)))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn both_proofs_are_needed() {
        let origin = PublicOrigin::parse("https://a.example").unwrap();
        let secret = SecretText::from_letter("ses_one".into());
        let (own, other) = (token(&secret), token(&SecretText::from_letter("ses_two".into())));
        let passes =
            |pairs: &[(&'static str, &str)]| demand(&headers(pairs), &secret, &origin).is_ok();

        assert!(passes(&[("x-csrf-token", &own), ("sec-fetch-site", "same-origin")]));
        assert!(passes(&[("x-csrf-token", &own), ("sec-fetch-site", "none")]));
        assert!(passes(&[("x-csrf-token", &own), ("origin", "https://a.example")]));

        assert!(!passes(&[("x-csrf-token", &own)]), "no word of where it comes from");
        assert!(!passes(&[("sec-fetch-site", "same-origin")]), "no token");
        assert!(!passes(&[("x-csrf-token", ""), ("sec-fetch-site", "same-origin")]));
        assert!(!passes(&[("x-csrf-token", &other), ("sec-fetch-site", "same-origin")]));
        assert!(!passes(&[("x-csrf-token", &own[1..]), ("sec-fetch-site", "same-origin")]));
        for site in ["cross-site", "same-site", "", "SAME-ORIGIN"] {
            // A cross-site word is not outweighed by an Origin header.
            assert!(
                !passes(&[
                    ("x-csrf-token", &own),
                    ("sec-fetch-site", site),
                    ("origin", "https://a.example")
                ]),
                "{site}"
            );
        }
        for from in ["https://a.example.evil", "http://a.example", "null", "https://b.a.example"] {
            assert!(!passes(&[("x-csrf-token", &own), ("origin", from)]), "{from}");
        }
    }
}
