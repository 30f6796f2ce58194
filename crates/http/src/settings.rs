//! What the deployment tells this layer.

use std::time::Duration;

use thiserror::Error;

use crate::client_address::Network;
use crate::health::Checks;
use crate::metrics::Metrics;

/// Settings of the API.
#[derive(Clone)]
pub struct HttpSettings {
    /// Where clients reach us.
    pub public: PublicOrigin,
    /// Proxies whose `X-Forwarded-For` is believed. None by default: the peer is the client.
    pub trusted_proxies: Vec<Network>,
    /// Longest time for a whole request, its body included. 30 s.
    pub request_deadline: Duration,
    /// Longest time for a body to arrive. 10 s.
    pub body_deadline: Duration,
    /// What `/healthz` asks. It tells nobody which check fails.
    pub health: Checks,
    /// Where requests and outcomes are counted.
    pub metrics: Metrics,
    /// What the shop is called: authenticator apps show it.
    pub shop: String,
    /// Whom customers turn to, for the pages that they may see: an address, a URL or words.
    pub support: Option<String>,
    /// Links of letters lead to the pages here because nobody configured `mail.link_base`.
    pub links_lead_here: bool,
    /// The path at which a development server shows its letters; `None` on every other.
    pub inbox: Option<&'static str>,
}

impl HttpSettings {
    /// The defaults for this origin.
    pub fn new(public: PublicOrigin) -> Self {
        Self {
            public,
            trusted_proxies: Vec::new(),
            request_deadline: Duration::from_secs(30),
            body_deadline: Duration::from_secs(10),
            health: Checks::default(),
            metrics: Metrics::new(),
            shop: String::from("Rightful"),
            support: None,
            links_lead_here: false,
            inbox: None,
        }
    }
}

/// The origin at which clients reach us: `https://accounts.example.com`. It is the base of links to problem
/// pages, the origin that cookie requests must come from, and it decides how cookies are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicOrigin {
    text: String,
    secure: bool,
}

/// The text is no origin that we can be served at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidOrigin {
    /// Not `scheme://host[:port]`, lower case, without path.
    #[error("not an origin of the form https://host or https://host:port, in lower case")]
    Form,
    /// Plain HTTP carries cookies and passwords in clear: on this machine only (ASVS V12.2.1).
    #[error("http:// is for localhost, 127.0.0.1 and [::1] only; elsewhere it must be https://")]
    PlainHttp,
}

impl PublicOrigin {
    /// Reads an origin as browsers write it in `Origin`, without a trailing slash.
    pub fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        let (secure, authority) = if let Some(rest) = text.strip_prefix("https://") {
            (true, rest)
        } else if let Some(rest) = text.strip_prefix("http://") {
            (false, rest)
        } else {
            return Err(InvalidOrigin::Form);
        };
        let uri: poem::http::Uri = text.parse().map_err(|_| InvalidOrigin::Form)?;
        let host = uri.host().ok_or(InvalidOrigin::Form)?;
        let port = uri.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        // Browsers leave the default port out; with it, nothing would ever be of the same origin.
        let default_port = port == if secure { ":443" } else { ":80" };
        if authority != format!("{host}{port}") || text != text.to_lowercase() || default_port {
            return Err(InvalidOrigin::Form);
        }
        if !secure && !matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
            return Err(InvalidOrigin::PlainHttp);
        }
        Ok(Self { text: text.to_owned(), secure })
    }

    /// The origin, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is HTTPS: cookies are `__Host-` and `Secure` then.
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// What the `type` of a problem begins with.
    pub(crate) fn problems(&self) -> String {
        format!("{}/problems/", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for good in [
            "https://accounts.example.com",
            "https://a.example:8443",
            "http://localhost:8080",
            "http://[::1]:1",
            "http://127.0.0.1",
        ] {
            assert_eq!(PublicOrigin::parse(good).unwrap().as_str(), good);
        }
        assert!(PublicOrigin::parse("https://a.example").unwrap().is_secure());
        assert!(!PublicOrigin::parse("http://localhost:8080").unwrap().is_secure());
    }

    #[test]
    fn anything_else_is_refused_with_the_reason() {
        for bad in [
            "",
            "a.example",
            "https://",
            "https://a.example/",
            "https://a.example/x",
            "https://A.example",
            "https://a.example:443",
            "http://localhost:80",
            "https://u@a.example",
            "ftp://a.example",
            "https://a.example?x",
        ] {
            assert_eq!(PublicOrigin::parse(bad), Err(InvalidOrigin::Form), "{bad}");
        }
        for plain in ["http://a.example", "http://localhost.evil.example", "http://127.0.0.2"] {
            assert_eq!(PublicOrigin::parse(plain), Err(InvalidOrigin::PlainHttp), "{plain}");
        }
    }
}
