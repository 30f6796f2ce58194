//! The links in letters.
//!
//! A link is made from the configured address of the service, never from a request: whoever forges a `Host`
//! header would be mailed into the letter (CS-6). The secret stands in the fragment, which no browser sends:
//! it reaches no server log, no proxy and no `Referer` (CS-56, CS-57).

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use rightful_domain::letters::LetterContent;
use thiserror::Error;

/// The public address that links begin with, such as `https://shop.example/account`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkBase(String);

/// A link of a letter.
#[derive(Clone, PartialEq, Eq)]
pub struct MailLink {
    /// What the page behind it does: `verify`, `confirm-email-change`, `approve-email-change`,
    /// `dispute-email-change`, `reset-password` or `bind-second-factor`.
    pub purpose: &'static str,
    /// The whole link.
    pub url: String,
    /// The bare secret in it.
    pub secret: String,
}

/// Why an address cannot begin links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidLinkBase {
    /// Neither `https://` nor `http://`.
    #[error("the address must begin with https://")]
    Scheme,
    /// `http://` on a host that is not this machine: the link would be readable and forgeable on its way.
    #[error("the address must begin with https:// unless its host is localhost")]
    NotEncrypted,
    /// No host, or one with characters that host names have not, with a port out of range, with a name and
    /// password.
    #[error("the address has no valid host name and port")]
    Host,
    /// A query, a fragment, an empty or dot segment, or a character that would need escaping.
    #[error(
        "the path of the address may hold letters, digits and - . _ ~ between single slashes only"
    )]
    Path,
}

impl LinkBase {
    /// Reads an address. A trailing slash does not matter.
    pub fn parse(text: &str) -> Result<Self, InvalidLinkBase> {
        let (encrypted, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://"))
        {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(InvalidLinkBase::Scheme),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host = host_of(authority).ok_or(InvalidLinkBase::Host)?;
        if !encrypted && !is_loopback(host) {
            return Err(InvalidLinkBase::NotEncrypted);
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        if !path.is_empty() && !path.strip_prefix('/').is_some_and(|p| p.split('/').all(is_segment))
        {
            return Err(InvalidLinkBase::Path);
        }
        let scheme = if encrypted { "https" } else { "http" };
        Ok(Self(format!("{scheme}://{}{path}", authority.to_ascii_lowercase())))
    }

    /// The address, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The link of a letter; `None` for a kind without one, and for a welcome that verifies nothing.
    pub fn link(&self, content: &LetterContent) -> Option<MailLink> {
        let (purpose, secret) = match content {
            LetterContent::Welcome { verify, .. } => ("verify", verify.as_ref()?),
            LetterContent::VerifyAddress { verify, .. } => ("verify", verify),
            LetterContent::ResetPassword { reset, .. } => ("reset-password", reset),
            LetterContent::ConfirmEmailChange { confirm, .. } => ("confirm-email-change", confirm),
            LetterContent::ApproveEmailChange { approve, .. } => ("approve-email-change", approve),
            LetterContent::EmailChangeRequested { dispute, .. }
            | LetterContent::EmailChangedOld { dispute, .. } => ("dispute-email-change", dispute),
            LetterContent::BindFactor { bind, .. } => ("bind-second-factor", bind),
            LetterContent::AlreadyRegistered { .. }
            | LetterContent::AddressResting { .. }
            | LetterContent::MailboxProved { .. }
            | LetterContent::NewSignIn { .. }
            | LetterContent::PasswordChanged { .. }
            | LetterContent::PasswordReset { .. }
            | LetterContent::NoAccount { .. }
            | LetterContent::AccountReminder { .. }
            | LetterContent::ProfileChanged { .. }
            | LetterContent::SessionsEnded { .. }
            | LetterContent::EmailChangedNew { .. }
            | LetterContent::EmailChangeCancelled { .. }
            | LetterContent::AddressTried { .. }
            | LetterContent::EmailChangeDisputed { .. }
            | LetterContent::EmailChangeReverted { .. }
            | LetterContent::FactorBound { .. }
            | LetterContent::FactorRemoved { .. }
            | LetterContent::BackupCodesRenewed { .. }
            | LetterContent::BackupCodeUsed { .. }
            | LetterContent::SecondStepFailed { .. }
            | LetterContent::DeviceTrusted { .. } => return None,
        };
        let secret = secret.0.expose();
        let url = format!("{}/links/{purpose}#{secret}", self.0);
        Some(MailLink { purpose, url, secret: secret.to_owned() })
    }
}

impl fmt::Debug for MailLink {
    /// The purpose only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailLink({})", self.purpose)
    }
}

/// Whether a host is this machine, where nothing travels.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(&host);
    match bare.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// The host of `host`, `host:port` or `[v6]:port`.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.find(']') {
        Some(end) => authority.split_at(end + 1),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port_fits = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(digits) => {
            digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|p| p > 0)
        }
    };
    let host_fits = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(v6) => v6.parse::<Ipv6Addr>().is_ok(),
        None => is_host_name(host),
    };
    (port_fits && host_fits).then_some(host)
}

/// RFC 1123 names in A-labels, and with them IPv4 addresses.
pub(crate) fn is_host_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

/// RFC 3986 unreserved characters; not the segments that a browser would resolve away.
fn is_segment(segment: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    !segment.is_empty() && segment != "." && segment != ".." && segment.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use rightful_domain::letters::LetterSecret;
    use rightful_domain::values::{SecretText, Timestamp};

    use super::InvalidLinkBase::{Host, NotEncrypted, Path, Scheme};
    use super::*;

    #[test]
    fn a_link_base_is_an_encrypted_address_without_anything_behind_its_path() {
        for (text, base) in [
            ("https://shop.example", "https://shop.example"),
            ("https://shop.example/", "https://shop.example"),
            ("https://Shop.Example:8443/My-Account/", "https://shop.example:8443/My-Account"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://shop.localhost/a/b", "http://shop.localhost/a/b"),
            ("http://127.0.0.9", "http://127.0.0.9"),
            ("http://[::1]:9/x", "http://[::1]:9/x"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ] {
            assert_eq!(LinkBase::parse(text).unwrap().as_str(), base);
        }
        for (text, refusal) in [
            ("", Scheme),
            ("shop.example", Scheme),
            ("javascript:alert(1)", Scheme),
            ("HTTPS://shop.example", Scheme),
            ("http://shop.example", NotEncrypted),
            ("http://localhost.example", NotEncrypted),
            ("http://192.0.2.1", NotEncrypted),
            ("https://", Host),
            ("https:///x", Host),
            ("https://user@shop.example", Host),
            ("https://shop.example:0", Host),
            ("https://shop.example:+1", Host),
            ("https://shop.example:65536", Host),
            ("https://shop.example:", Host),
            ("https://shop_.example", Host),
            ("https://shöp.example", Host),
            ("https://shop.example.", Host),
            ("https://[::1", Host),
            ("https://[x]", Host),
            ("https://shop.example\\evil.example", Host),
            ("https://shop.example?x", Path),
            ("https://shop.example/#x", Path),
            ("https://shop.example/a?x", Path),
            ("https://shop.example//a", Path),
            ("https://shop.example/a/../b", Path),
            ("https://shop.example/a b", Path),
            ("https://shop.example/\"onclick=x", Path),
            ("https://shop.example/a\r\nb", Path),
            ("https://shop.example/%2e", Path),
        ] {
            assert_eq!(LinkBase::parse(text), Err(refusal), "{text:?}");
        }
    }

    #[test]
    fn the_secret_is_in_the_fragment_of_a_link_below_the_base() {
        let secret = || LetterSecret(SecretText::from_letter("dsp_AbC-_9".to_owned()));
        let base = LinkBase::parse("https://shop.example/account").unwrap();
        let verify =
            LetterContent::VerifyAddress { verify: secret(), expires_at: Timestamp::default() };
        let link = base.link(&verify).unwrap();
        assert_eq!(link.url, "https://shop.example/account/links/verify#dsp_AbC-_9");
        assert_eq!(link.secret, "dsp_AbC-_9");
        assert_eq!(format!("{link:?}"), "MailLink(verify)");
        let welcome = LetterContent::Welcome { verify: None, expires_at: None };
        assert_eq!(base.link(&welcome), None);
    }
}
