//! The URL of a PostgreSQL database, read as the driver reads it.
//!
//! A password with `?`, `#`, `/` or `@` in it, that nobody encoded, makes another URL than was meant: its
//! beginning stands where a host and a port do, and would be shown like them. Such a URL is refused, and what is
//! shown of one is put together from its parts, never cut out of its text.

use std::net::IpAddr;

use url::Url;

/// Said of every URL that is none, without a word of it.
const REFUSAL: &str = "it is no URL of a PostgreSQL database. If the name or the password holds a character that \
     has a meaning in a URL, encode it (%3F, %23, %40, %2F, %3A for a question mark, a number sign, an at sign, a \
     slash, a colon); before the at sign that ends the password and in the options alike";

/// A URL that says what was meant by it.
pub(crate) struct PostgresUrl(Url);

impl PostgresUrl {
    /// Reads one. The error repeats nothing of it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| REFUSAL)?;
        let known = ["postgres", "postgresql"].contains(&url.scheme());
        // The driver reads none: what stands behind a # was meant to be part of something else.
        let whole = url.fragment().is_none();
        let behind = [url.path(), url.query().unwrap_or_default()];
        if known && whole && !behind.iter().any(|part| part.contains('@')) {
            Ok(Self(url))
        } else {
            Err(REFUSAL)
        }
    }

    /// Without name and password, and without options, where a password may stand too.
    pub(crate) fn shown(&self) -> String {
        let Self(url) = self;
        let named = !url.username().is_empty() || url.password().is_some();
        let hidden = if named { "•••@" } else { "" };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let options = if url.query().is_some() { "?•••" } else { "" };
        let (host, name) = (url.host_str().unwrap_or_default(), url.path());
        format!("{}://{hidden}{host}{port}{name}{options}", url.scheme())
    }

    /// Database, host and port, in words.
    pub(crate) fn in_words(&self) -> String {
        let Self(url) = self;
        let name = url.path().trim_start_matches('/');
        let database = if name.is_empty() { "its default database" } else { name };
        match (url.host_str(), url.port()) {
            (None, _) => format!("{database} of the PostgreSQL server that the URL's options name"),
            (Some(host), Some(port)) => {
                format!("{database} of the PostgreSQL server {host}:{port}")
            }
            (Some(host), None) => format!("{database} of the PostgreSQL server {host}, port 5432"),
        }
    }

    /// Whether nobody on the way to this server can read along or stand in for it. A URL without a host is none:
    /// the environment may name one (`PGHOST`).
    pub(crate) fn is_private(&self) -> bool {
        self.is_verified() || {
            let mut hosts = self.options(&["host", "hostaddr"]);
            hosts.extend(self.0.host_str().map(str::to_owned));
            !hosts.is_empty() && hosts.iter().all(|host| is_socket(host) || is_this_machine(host))
        }
    }

    /// Whether the server must show a certificate of its name. `verify-ca` compares no name, and the driver takes
    /// every public authority beside the one that is configured: anybody's certificate would do.
    fn is_verified(&self) -> bool {
        // The last one counts, as for the driver.
        let mode = self.options(&["sslmode", "ssl-mode"]).pop().unwrap_or_default();
        mode.eq_ignore_ascii_case("verify-full")
    }

    /// The values of an option, by all of its names, in their order.
    fn options(&self, names: &[&str]) -> Vec<String> {
        let pairs = self.0.query_pairs().filter(|(name, _)| names.contains(&&**name));
        pairs.map(|(_, value)| value.into_owned()).collect()
    }
}

/// Whether a host of a URL is the folder of a unix socket.
fn is_socket(host: &str) -> bool {
    host.starts_with('/') || host.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%2f"))
}

/// Whether nothing travels to this host.
pub(super) fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_without_what_opens_it() {
        for (text, shown, words) in [
            (
                "postgres://app:hunter2@db.example:6432/shop?sslmode=verify-full&password=hunter2",
                "postgres://•••@db.example:6432/shop?•••",
                "shop of the PostgreSQL server db.example:6432",
            ),
            (
                "postgres://app:p@ss@db.example:5432/shop?sslmode=verify-full",
                "postgres://•••@db.example:5432/shop?•••",
                "shop of the PostgreSQL server db.example:5432",
            ),
            (
                "postgresql://app:hun%2Fte%3Fr%40%232@db.example/shop",
                "postgresql://•••@db.example/shop",
                "shop of the PostgreSQL server db.example, port 5432",
            ),
            (
                "postgres://db.example",
                "postgres://db.example",
                "its default database of the PostgreSQL server db.example, port 5432",
            ),
            (
                "postgres://[::1]/shop",
                "postgres://[::1]/shop",
                "shop of the PostgreSQL server [::1], port 5432",
            ),
            (
                "postgres:///shop?host=/run/postgresql",
                "postgres:///shop?•••",
                "shop of the PostgreSQL server that the URL's options name",
            ),
        ] {
            let url = PostgresUrl::parse(text).unwrap();
            assert_eq!((url.shown().as_str(), url.in_words().as_str()), (shown, words), "{text}");
        }
    }

    #[test]
    fn a_url_that_says_something_else_than_was_meant_is_refused_and_not_repeated() {
        for wrong in [
            "postgres://app:hunt?er2@db.example/shop",
            "postgres://app:hunt#er2@db.example/shop",
            "postgres://app:hunter2",
            "postgres://app:hunter2/shop",
            "postgres://app:hun/ter2@db.example/shop",
            // Digits alone would do as a port.
            "postgres://app:1234?5678@db.example/shop",
            "postgres://app:1234#5678@db.example/shop",
            "postgres://app:1234/5678@db.example/shop",
            "postgres://app:12345678@/shop",
            "postgres://app:12345678/shop",
            "postgres://app@db.example/shop?password=hunt@er2",
            "postgres://app@db.example/shop?password=hunt#er2",
            "postgres://[hunter2/shop",
            "mysql://app:hunter2@db.example/shop",
        ] {
            let refusal = PostgresUrl::parse(wrong).err().expect(wrong);
            for part in ["app", "hunt", "er2", "1234", "5678", "example", "shop"] {
                assert!(!refusal.contains(part), "{wrong}: {refusal}");
            }
            assert!(refusal.contains("encode it (%3F, %23, %40"), "{refusal}");
        }
    }
}
