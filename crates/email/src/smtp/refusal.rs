//! What a mail server's answer means, and how much of it may be told.

use std::error::Error as _;
use std::fmt;

use lettre::transport::smtp::Error;
use rightful_domain::ports::MailFailure;
use rightful_domain::values::EmailAddress;

/// The command that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Connect,
    StartTls,
    Auth,
    MailFrom,
    RcptTo,
    Data,
    Content,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::MailFrom => "MAIL",
            Self::RcptTo => "RCPT",
            Self::Data => "DATA",
            Self::Content => "the content",
        })
    }
}

/// What an answer to a command means for the letter. Without an answer, or with 4xx, another try is worth it.
pub(super) fn failure_of(step: Step, error: &Error, to: Option<&EmailAddress>) -> MailFailure {
    let Some(code) = error.status() else {
        return MailFailure::Transient(format!("{step}: {}", without_answer(error)));
    };
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    let text = format!("{step} answered {code} {}", tellable(&said, to));
    let text = text.trim_end().to_owned();
    if !error.is_permanent() {
        MailFailure::Transient(text)
    } else if step == Step::RcptTo && is_about_the_mailbox(code.into(), &said) {
        MailFailure::Undeliverable(text)
    } else {
        MailFailure::Permanent(text)
    }
}

/// What went wrong when no server answered. The texts of the system and of TLS hold host names at most; the
/// text of an answer that is no SMTP could hold anything.
fn without_answer(error: &Error) -> String {
    if error.is_response() {
        return "the answer is not SMTP, or the connection was closed".to_owned();
    }
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

/// Whether a 5xx to RCPT is about this mailbox, and not about us: a missing or wrong sign-in (530, 534, 535,
/// 538; RFC 4954), a conversation out of step (500, 502, 503, 504), or the enhanced codes X.7.Z (RFC 3463
/// §3.8: security and policy, "relaying denied" above all). A mistake in our configuration must not tell
/// every customer that their address does not exist.
fn is_about_the_mailbox(code: u16, said: &str) -> bool {
    let about_us = matches!(code, 500 | 502..=504 | 530 | 534 | 535 | 538);
    let policy = |word: &str| word.starts_with("5.7.") && is_enhanced_code(word);
    !about_us && !said.split_whitespace().any(policy)
}

/// A server's words without what could be an address or a secret: it may quote either. Words of letters
/// alone, and enhanced codes; none that occurs in the address.
fn tellable(said: &str, to: Option<&EmailAddress>) -> String {
    const MOST_WORDS: usize = 16;
    const LONGEST_WORD: usize = 20;
    let address = to.map(|to| to.as_str().to_lowercase()).unwrap_or_default();
    let parts: Vec<&str> = address.split(|c: char| !c.is_alphanumeric()).collect();
    let tellable = |word: &&str| {
        let core = word.trim_matches(|c: char| ".,;:!()".contains(c));
        let letters =
            !core.is_empty() && core.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
        let known = core.to_lowercase();
        let quoted = known.split('-').any(|piece| parts.contains(&piece));
        is_enhanced_code(core) || (letters && core.len() <= LONGEST_WORD && !quoted)
    };
    said.split_whitespace().filter(tellable).take(MOST_WORDS).collect::<Vec<_>>().join(" ")
}

/// `5.1.1` (RFC 3463).
fn is_enhanced_code(word: &str) -> bool {
    let numbers: Vec<&str> = word.split('.').collect();
    let short = |n: &&str| (1..=3).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit());
    numbers.len() == 3 && numbers.iter().all(short) && matches!(numbers[0], "2" | "4" | "5")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_address_nor_secret_is_told() {
        let to = EmailAddress::parse("Zoe.Martin+tag@Mail.Example").unwrap();
        let told = |said: &str| tellable(said, Some(&to));
        assert_eq!(
            told(
                "5.1.1 <zoe.martin+tag@mail.example>: Recipient address rejected: User unknown in table"
            ),
            "5.1.1 Recipient address rejected: User unknown in table"
        );
        assert_eq!(told("5.1.1 User zoe.martin unknown"), "5.1.1 User unknown");
        assert_eq!(told("no mailbox ZOE MARTIN here (mail)"), "no mailbox here");
        assert_eq!(told("mailbox zoe-martin unknown"), "mailbox unknown");
        assert_eq!(told("see https://x.example/?u=zoe vfy_k3AbC SampleSecretSampleSecret"), "see");
        assert_eq!(told("bad 192.0.2.1 id=7f3a [x] Zo\u{eb}"), "bad");
        assert_eq!(told("a\r\nb\u{0}c d"), "a d");
        assert_eq!(told(&"word ".repeat(100)).split(' ').count(), 16);
    }

    #[test]
    fn a_refusal_of_us_is_not_a_refusal_of_the_mailbox() {
        for (code, said) in [
            (550, "5.1.1 no such user"),
            (550, "no such user"),
            (550, "5.4.1 Recipient address rejected: Access denied"),
            (551, "user not local"),
            (552, "5.2.2 mailbox full"),
            (553, "5.1.3 mailbox name not allowed"),
            (554, "5.1.0 rejected"),
            (501, "5.1.3 bad address syntax"),
        ] {
            assert!(is_about_the_mailbox(code, said), "{code} {said}");
        }
        for (code, said) in [
            (554, "5.7.1 <x@y>: Relay access denied"),
            (550, "5.7.1 relaying denied"),
            (550, "5.1.1 first line 5.7.1 second line"),
            (530, "5.7.0 authentication required"),
            (530, "authentication required"),
            (535, "bad credentials"),
            (503, "5.5.1 bad sequence of commands"),
            (502, "not implemented"),
        ] {
            assert!(!is_about_the_mailbox(code, said), "{code} {said}");
        }
    }
}
