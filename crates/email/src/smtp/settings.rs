//! Which mail server, and in whose name.

use std::fmt;
use std::time::Duration;

use lettre::Address;
use lettre::message::Mailbox;
use thiserror::Error;

use crate::links::{is_host_name, is_loopback};

/// How the conversation is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all. For a server on this machine; [`SmtpSettings::allow_plaintext`] allows it elsewhere.
    None,
    /// From STARTTLS on (RFC 3207), most often on port 587. A server that does not offer it gets nothing.
    StartTls,
    /// From the first byte (RFC 8314), most often on port 465.
    Implicit,
}

/// A password that is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpPassword(pub String);

impl fmt::Debug for SmtpPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpPassword(…)")
    }
}

/// How to reach the mail server, and in whose name to write.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// A host name or an IP address.
    pub host: String,
    /// Usually 587, 465 or 25.
    pub port: u16,
    /// How the conversation is encrypted.
    pub tls: Tls,
    /// Allows [`Tls::None`] to another machine: letters, and with them secrets, travel readable.
    pub allow_plaintext: bool,
    /// Certificates, in PEM, that are trusted besides those of web browsers: for a mail server of one's own.
    pub extra_roots: Option<Vec<u8>>,
    /// With a password, or neither.
    pub username: Option<String>,
    /// With a user name, or neither.
    pub password: Option<SmtpPassword>,
    /// The sender of every letter. Its domain is that of Message-IDs too.
    pub from: Sender,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Sender>,
    /// How long one answer is waited for, connecting included. A whole letter takes twice this at most.
    pub timeout: Duration,
    /// The name that we greet with; `None` for this machine's host name.
    pub helo: Option<String>,
}

/// Why settings are refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// Not a host name and not an IP address.
    #[error("the mail server must be a host name or an IP address")]
    Host,
    /// Plain text to another machine.
    #[error("a mail server on another machine needs TLS: letters hold secrets")]
    Plaintext,
    /// A user name without a password, or the other way round.
    #[error("the mail server's user name and password go together: give both or neither")]
    Credentials,
    /// The greeting is not a host name.
    #[error("the name to greet the mail server with must be a host name")]
    Helo,
    /// No time at all.
    #[error("the time to wait for the mail server must be more than zero")]
    Timeout,
    /// The extra certificates are not PEM, or hold none.
    #[error("the extra certificates cannot be read as PEM")]
    Roots,
    /// TLS cannot be prepared.
    #[error("TLS cannot be prepared: {0}")]
    Tls(String),
}

/// Somebody in a `From` or `Reply-To` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// Why a sender is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidSender {
    /// A line break or another control character, or more than 100 characters.
    #[error("the sender's name must have at most 100 characters and no line break")]
    Name,
    /// Not an address, or not in ASCII: not every mail server takes senders in other scripts.
    #[error("the sender's address must be an e-mail address in ASCII")]
    Address,
}

impl Sender {
    /// Reads a sender; the name may be empty. Hosts of a private network are allowed.
    pub fn parse(name: &str, address: &str) -> Result<Self, InvalidSender> {
        let name = name.trim();
        if name.chars().count() > 100 || name.contains(char::is_control) {
            return Err(InvalidSender::Name);
        }
        let address: Address = match address.trim().parse() {
            Ok(address) if address_is_plain(&address) => address,
            _ => return Err(InvalidSender::Address),
        };
        let name = (!name.is_empty()).then(|| name.to_owned());
        Ok(Self(Mailbox::new(name, address)))
    }

    /// The bare address.
    pub fn address(&self) -> &str {
        self.0.email.as_ref()
    }

    /// `Name <address>`, for eyes.
    pub fn display(&self) -> String {
        match &self.0.name {
            Some(name) => format!("{name} <{}>", self.address()),
            None => self.address().to_owned(),
        }
    }

    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.0
    }
}

/// A quoted local part may hold anything at all.
fn address_is_plain(address: &Address) -> bool {
    let plain = |b: u8| b.is_ascii_graphic() && !b"\"\\<>(),;:[]".contains(&b);
    address.user().bytes().all(plain) && is_host_name(address.domain())
}

impl SmtpSettings {
    /// Refuses what cannot work and what must not.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        if !is_host_name(&self.host) && self.host.parse::<std::net::IpAddr>().is_err() {
            return Err(SettingsError::Host);
        }
        if self.tls == Tls::None && !self.allow_plaintext && !is_loopback(&self.host) {
            return Err(SettingsError::Plaintext);
        }
        if self.username.is_some() != self.password.is_some() {
            return Err(SettingsError::Credentials);
        }
        if self.helo.as_deref().is_some_and(|name| !is_host_name(name)) {
            return Err(SettingsError::Helo);
        }
        if self.timeout.is_zero() {
            return Err(SettingsError::Timeout);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> SmtpSettings {
        SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: 25,
            tls: Tls::None,
            allow_plaintext: false,
            extra_roots: None,
            username: None,
            password: None,
            from: Sender::parse("Lune", "noreply@lune.example").unwrap(),
            reply_to: None,
            timeout: Duration::from_secs(1),
            helo: None,
        }
    }

    #[test]
    fn plain_text_leaves_this_machine_only_when_told_to() {
        for here in ["127.0.0.1", "127.1.2.3", "::1", "localhost", "::ffff:127.0.0.1"] {
            assert_eq!(
                SmtpSettings { host: here.to_owned(), ..settings() }.check(),
                Ok(()),
                "{here}"
            );
        }
        for there in ["192.0.2.1", "mail.example", "2001:db8::1", "localhost.example"] {
            let settings = SmtpSettings { host: there.to_owned(), ..settings() };
            assert_eq!(settings.check(), Err(SettingsError::Plaintext), "{there}");
            let allowed = SmtpSettings { allow_plaintext: true, ..settings.clone() };
            assert_eq!(allowed.check(), Ok(()));
            for tls in [Tls::StartTls, Tls::Implicit] {
                assert_eq!(SmtpSettings { tls, ..settings.clone() }.check(), Ok(()));
            }
        }
    }

    #[test]
    fn what_cannot_work_is_refused() {
        let refused = |change: fn(&mut SmtpSettings)| {
            let mut settings = settings();
            change(&mut settings);
            settings.check().unwrap_err()
        };
        assert_eq!(refused(|s| s.host = "a b".to_owned()), SettingsError::Host);
        assert_eq!(refused(|s| s.host = String::new()), SettingsError::Host);
        assert_eq!(refused(|s| s.helo = Some("a\r\nMAIL".to_owned())), SettingsError::Helo);
        assert_eq!(refused(|s| s.username = Some("x".to_owned())), SettingsError::Credentials);
        let password = |s: &mut SmtpSettings| s.password = Some(SmtpPassword("x".to_owned()));
        assert_eq!(refused(password), SettingsError::Credentials);
        assert_eq!(refused(|s| s.timeout = Duration::ZERO), SettingsError::Timeout);
    }

    #[test]
    fn a_sender_cannot_add_headers() {
        assert_eq!(Sender::parse("", " a@b.example ").unwrap().display(), "a@b.example");
        assert_eq!(Sender::parse("Lune", "a@localhost").unwrap().display(), "Lune <a@localhost>");
        for name in ["Lune\r\nBcc: x@y.example", "Lu\nne", "\u{7f}", &"x".repeat(101)] {
            assert_eq!(Sender::parse(name, "a@b.example"), Err(InvalidSender::Name), "{name:?}");
        }
        for address in [
            "",
            "a",
            "a@",
            "@b",
            "a@b.example\r\nBcc: x",
            "é@b.example",
            "a@é.example",
            "\"a b\"@b.example",
            "a@[127.0.0.1]",
        ] {
            assert_eq!(Sender::parse("", address), Err(InvalidSender::Address), "{address:?}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let settings =
            SmtpSettings { password: Some(SmtpPassword("hunter2".to_owned())), ..settings() };
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
