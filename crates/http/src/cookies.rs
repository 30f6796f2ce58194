//! The three cookies: which session, which device, and whether the device skips the second step.
//!
//! Over HTTPS both have the `__Host-` prefix, by which browsers refuse what another subdomain, another path
//! or plain HTTP sets (RFC 6265bis §4.1.3.2). On plain HTTP, which is for this machine only, browsers would
//! refuse the prefix itself, so there the names go without it.

use poem::http::{HeaderMap, HeaderValue, header};
use rightful_domain::values::Span;

/// How this deployment names its cookies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cookies {
    secure: bool,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cookie {
    name: &'static str,
    secure: bool,
}

impl Cookies {
    pub(crate) const fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// Which session: the session's secret.
    pub(crate) const fn session(self) -> Cookie {
        let name = if self.secure { "__Host-rightful_session" } else { "rightful_session" };
        Cookie { name, secure: self.secure }
    }

    /// Which device: opens nothing, see `rightful_domain::sign_in`.
    pub(crate) const fn device(self) -> Cookie {
        let name = if self.secure { "__Host-rightful_device" } else { "rightful_device" };
        Cookie { name, secure: self.secure }
    }

    /// By what a trusted device skips the second step, beside the password.
    pub(crate) const fn trusted(self) -> Cookie {
        let name = if self.secure { "__Host-rightful_trusted" } else { "rightful_trusted" };
        Cookie { name, secure: self.secure }
    }
}

impl Cookie {
    /// How long a device is known.
    pub(crate) const DEVICE_LIFE: Span = Span::days(365);

    /// What the request presents under this name; the first one where there are several.
    pub(crate) fn read(self, headers: &HeaderMap) -> Option<String> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(self.name)?.strip_prefix('='))
            .map(str::to_owned)
    }

    /// Sets it for `life`.
    pub(crate) fn set(self, value: &str, life: Span) -> HeaderValue {
        self.line(value, life.as_seconds_ceil())
    }

    /// Takes it away.
    pub(crate) fn clear(self) -> HeaderValue {
        self.line("", 0)
    }

    /// Whether a `Set-Cookie` line is about this cookie.
    pub(crate) fn is_set_by(self, line: &HeaderValue) -> bool {
        let line = line.to_str().unwrap_or_default();
        line.strip_prefix(self.name).is_some_and(|rest| rest.starts_with('='))
    }

    fn line(self, value: &str, max_age: u64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let line = format!(
            "{}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}",
            self.name
        );
        HeaderValue::from_str(&line).expect("our secrets are visible ASCII without semicolons")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_https_cookies_belong_to_this_host_alone() {
        let cookies = Cookies::new(true);
        assert_eq!(
            cookies.session().set("ses_x", Span::days(1)),
            "__Host-rightful_session=ses_x; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            cookies.device().clear(),
            "__Host-rightful_device=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn a_plain_cookie_is_not_read_as_a_host_cookie() {
        let mut headers = HeaderMap::new();
        headers
            .insert(header::COOKIE, HeaderValue::from_static("a=1; rightful_session=plain; b=2"));
        assert_eq!(Cookies::new(true).session().read(&headers), None);
        assert_eq!(Cookies::new(false).session().read(&headers).as_deref(), Some("plain"));
        headers.append(header::COOKIE, HeaderValue::from_static("__Host-rightful_session=host"));
        assert_eq!(Cookies::new(true).session().read(&headers).as_deref(), Some("host"));
    }
}
