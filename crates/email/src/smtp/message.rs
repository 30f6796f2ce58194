//! A letter as the bytes that travel (RFC 5322).

use std::time::{Duration, SystemTime};

use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, MultiPartKind, SinglePart};
use rightful_domain::letters::Letter;
use rightful_domain::ports::MailFailure;
use rightful_domain::values::Timestamp;

use super::conversation::envelope_address;
use super::settings::Sender;
use crate::templates::Rendered;

/// The message of a letter. Everything in it comes from the letter, so that sending it again sends the same
/// bytes, and receivers that drop a second Message-ID show it once.
pub(super) fn compose(
    letter: &Letter,
    rendered: &Rendered,
    from: &Sender,
    reply_to: Option<&Sender>,
) -> Result<Vec<u8>, MailFailure> {
    let fault = |error: lettre::error::Error| {
        MailFailure::Permanent(format!("the message cannot be built: {error}"))
    };
    let to = envelope_address(&letter.to);
    let envelope =
        Envelope::new(Some(from.mailbox().email.clone()), vec![to.clone()]).map_err(fault)?;
    let domain = from.mailbox().email.domain();
    let mut message = Message::builder()
        .envelope(envelope)
        .from(from.mailbox().clone())
        .to(Mailbox::new(None, to))
        .subject(&rendered.subject)
        .date(date(letter.posted_at))
        .message_id(Some(format!("<{}@{domain}>", letter.id)))
        // RFC 3834: no answering machine may answer.
        .raw_header(plain("Auto-Submitted", "auto-generated"))
        .raw_header(plain("Content-Language", letter.locale.as_str()));
    if let Some(reply_to) = reply_to {
        message = message.reply_to(reply_to.mailbox().clone());
    }
    let message = message.multipart(parts(letter, rendered)).map_err(fault)?;
    Ok(message.formatted())
}

/// Both forms in quoted-printable: seven bits and short lines pass through every server unchanged.
fn parts(letter: &Letter, rendered: &Rendered) -> MultiPart {
    let part = |kind: ContentType, body: &str| {
        SinglePart::builder()
            .header(kind)
            .header(ContentTransferEncoding::QuotedPrintable)
            .body(body.to_owned())
    };
    MultiPart::builder()
        .kind(MultiPartKind::Alternative)
        // Of the letter's id, because a random one would differ on the next try. `=_` cannot stand in
        // quoted-printable (RFC 2045 §6.7), so that no body can end its part.
        .boundary(format!("=_{}", letter.id))
        .singlepart(part(ContentType::TEXT_PLAIN, &rendered.text))
        .singlepart(part(ContentType::TEXT_HTML, &rendered.html))
}

fn plain(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The date of posting; a date that HTTP and mail cannot write becomes the nearest that they can.
fn date(posted_at: Timestamp) -> SystemTime {
    const END_OF_9999: u64 = 253_402_300_799_000;
    let millis = u64::try_from(posted_at.as_millis()).unwrap_or(0).min(END_OF_9999);
    SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
}

#[cfg(test)]
mod tests {
    use rightful_domain::values::{EmailAddress, LetterId, Locale};

    use super::*;
    use crate::samples;

    const ID: &str = "ltr_01h455vb4pex5vsknk084sn02q";

    fn letter(to: &str) -> Letter {
        Letter {
            id: LetterId::parse(ID).unwrap(),
            to: EmailAddress::parse(to).unwrap(),
            locale: Locale::Fr,
            posted_at: Timestamp::from_millis(1_795_322_100_123),
            content: samples::of("sessions_ended").unwrap(),
        }
    }
    fn rendered(subject: &str, body: &str) -> Rendered {
        Rendered {
            subject: subject.to_owned(),
            text: body.to_owned(),
            html: format!("<p>{body}</p>"),
            link: None,
        }
    }
    fn compose_to(to: &str, rendered: &Rendered) -> String {
        let from =
            Sender::parse("Maison Lune, \"Boutique\" <x@y>", "noreply@lune.example").unwrap();
        let reply_to = Sender::parse("", "help@lune.example").unwrap();
        String::from_utf8(compose(&letter(to), rendered, &from, Some(&reply_to)).unwrap()).unwrap()
    }

    #[test]
    fn the_headers_are_these_and_no_others() {
        let message =
            compose_to("camille@b\u{fc}cher.example", &rendered("Vous êtes là", "Bonjour"));
        let head = message.split("\r\n\r\n").next().unwrap();
        assert_eq!(
            head.split("\r\n").collect::<Vec<_>>(),
            [
                "From: =?utf-8?b?TWFpc29uIEx1bmUsICJCb3V0aXF1ZSIgPHhAeT4=?= <noreply@lune.example>",
                "To: camille@xn--bcher-kva.example",
                "Subject: Vous =?utf-8?b?w6p0ZXMgbMOg?=",
                "Date: Sun, 22 Nov 2026 04:35:00 +0000",
                "Message-ID: <ltr_01h455vb4pex5vsknk084sn02q@lune.example>",
                "Auto-Submitted: auto-generated",
                "Content-Language: fr",
                "Reply-To: help@lune.example",
                "MIME-Version: 1.0",
                "Content-Type: multipart/alternative;",
                " boundary=\"=_ltr_01h455vb4pex5vsknk084sn02q\"",
            ]
        );
    }

    #[test]
    fn the_same_letter_is_the_same_bytes() {
        let rendered = rendered("Oui", "Bonjour\n");
        assert_eq!(compose_to("a@b.example", &rendered), compose_to("a@b.example", &rendered));
    }

    #[test]
    fn neither_subject_nor_body_adds_a_header_or_a_part() {
        let evil = "x\r\nBcc: evil@e.example\r\n\r\n--=_ltr_01h455vb4pex5vsknk084sn02q--\r\n.\r\nMAIL FROM:<>";
        let message = compose_to("a@b.example", &rendered(evil, evil));
        let names: Vec<&str> = message
            .split("\r\n\r\n")
            .next()
            .unwrap()
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split_once(": ").unwrap().0)
            .collect();
        assert!(!names.contains(&"Bcc"), "{names:?}");
        assert_eq!(names.len(), 10);
        assert_eq!(message.matches("\r\n--=_ltr_").count(), 3, "{message}");
    }

    #[test]
    fn bodies_travel_in_seven_bits_and_short_lines() {
        let message = compose_to("zoé@b.example", &rendered("é", &"été ".repeat(500)));
        let (head, body) = message.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("\r\nTo: zoé@b.example\r\n"), "{head}");
        assert!(body.is_ascii());
        assert!(body.split("\r\n").all(|line| line.len() <= 76), "{body}");
        assert!(body.contains("Content-Type: text/plain; charset=utf-8\r\n"));
        assert!(body.contains("Content-Type: text/html; charset=utf-8\r\n"));
    }

    #[test]
    fn dates_that_mail_cannot_write_do_not_panic() {
        for millis in [i64::MIN, -1, i64::MAX] {
            let header = lettre::message::header::Date::new(date(Timestamp::from_millis(millis)));
            assert!(SystemTime::from(header) >= SystemTime::UNIX_EPOCH);
        }
    }
}
