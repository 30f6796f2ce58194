use std::sync::Arc;
use std::time::Duration;

use rightful_domain::letters::{Deed, Letter, LetterContent, LetterSecret};
use rightful_domain::ports::{MailFailure, Mailer};
use rightful_domain::values::{EmailAddress, LetterId, Locale, SecretText, Timestamp};
use rightful_email::{
    Brand, LinkBase, Sender, SettingsError, SmtpMailer, SmtpPassword, SmtpSettings, Templates, Tls,
};
use serde_json::{Value, json};

use crate::peer::Peer;

const ROOT: &[u8] = include_bytes!("../tls/ca.pem");
const SECRET: &str = "vfy_SampleSecretSampleSecretSampleSecretSampleS";

/// Starts a peer, or ends the test where there can be none.
macro_rules! peer {
    ($($argument:expr),*) => {
        match Peer::start(&[$($argument),*]).await {
            Some(peer) => peer,
            None => return,
        }
    };
}

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "localhost".to_owned(),
        port,
        tls: Tls::None,
        allow_plaintext: false,
        extra_roots: Some(ROOT.to_vec()),
        username: None,
        password: None,
        from: Sender::parse("Maison Lune", "noreply@lune.example").unwrap(),
        reply_to: Some(Sender::parse("", "help@lune.example").unwrap()),
        timeout: Duration::from_secs(30),
        helo: Some("shop.lune.example".to_owned()),
    }
}

fn templates() -> Arc<Templates> {
    let brand = Brand::parse("Maison Lune", "#204080", "help@lune.example").unwrap();
    Arc::new(Templates::built_in(brand, LinkBase::parse("https://shop.example").unwrap()))
}

fn mailer(settings: SmtpSettings) -> SmtpMailer {
    SmtpMailer::new(settings, templates()).unwrap()
}

fn letter(to: &str) -> Letter {
    Letter {
        id: LetterId::parse("ltr_01h455vb4pex5vsknk084sn02q").unwrap(),
        to: EmailAddress::parse(to).unwrap(),
        locale: Locale::Fr,
        posted_at: Timestamp::from_millis(1_795_322_100_000),
        content: LetterContent::VerifyAddress {
            verify: LetterSecret(SecretText::from_letter(SECRET.to_owned())),
            expires_at: Timestamp::from_millis(1_795_494_900_000),
        },
    }
}

fn header<'a>(message: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = message["headers"].as_array().unwrap().iter();
    headers.filter(|h| h[0] == name).map(|h| h[1].as_str().unwrap()).collect()
}

/// The failure of sending to this address.
async fn refused(mailer: &SmtpMailer, to: &str) -> MailFailure {
    let failure = mailer.send(&letter(to)).await.unwrap_err();
    let text = failure.to_string();
    for untold in ["@", "mail.example", "noreply", "SampleSecret", "correct", "horse", "wrong"] {
        assert!(!text.contains(untold), "{untold}: {text}");
    }
    failure
}

#[tokio::test]
async fn a_letter_arrives_as_text_and_page_with_its_headers() {
    let mut peer = peer!();
    mailer(settings(peer.port)).send(&letter("camille@mail.example")).await.unwrap();
    let got = peer.received().await;
    assert_eq!(got["from"], "noreply@lune.example");
    assert_eq!(got["to"], json!(["camille@mail.example"]));
    assert_eq!(got["helo"], "shop.lune.example");
    assert_eq!(got["defects"], json!([]));
    assert_eq!(got["type"], "multipart/alternative");
    for (name, value) in [
        ("From", "Maison Lune <noreply@lune.example>"),
        ("Reply-To", "help@lune.example"),
        ("To", "camille@mail.example"),
        ("Subject", "Confirmez votre adresse e-mail pour Maison Lune"),
        ("Message-ID", "<ltr_01h455vb4pex5vsknk084sn02q@lune.example>"),
        ("Date", "Sun, 22 Nov 2026 04:35:00 +0000"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", "fr"),
    ] {
        assert_eq!(header(&got, name), [value], "{name}");
    }
    assert_eq!(got["headers"].as_array().unwrap().len(), 10, "{}", got["headers"]);
    let part = |at: usize| {
        let [kind, body] = got["parts"][at].as_array().unwrap().as_slice() else { panic!("{got}") };
        (kind.as_str().unwrap(), body.as_str().unwrap().replace("\r\n", "\n"))
    };
    assert_eq!(got["parts"].as_array().unwrap().len(), 2);
    let rendered = templates().render(&letter("camille@mail.example")).unwrap();
    assert_eq!(part(0), ("text/plain", rendered.text));
    assert_eq!(part(1), ("text/html", rendered.html));
    let link = format!("https://shop.example/links/verify#{SECRET}");
    assert!(part(0).1.contains(&format!("\n{link}\n")), "{got}");
    assert!(part(0).1.contains("jusqu’au 24 novembre 2026 à 04:35 UTC."), "{got}");
}

#[tokio::test]
async fn sending_again_sends_the_same_bytes() {
    let mut peer = peer!();
    let mailer = mailer(settings(peer.port));
    mailer.send(&letter("camille@mail.example")).await.unwrap();
    mailer.send(&letter("camille@mail.example")).await.unwrap();
    assert_eq!(peer.received().await["raw"], peer.received().await["raw"]);
}

#[tokio::test]
async fn words_of_strangers_reach_no_header_and_no_command() {
    let mut peer = peer!();
    let evil = "x\r\nBcc: evil@mail.example\r\n\r\n.\r\nMAIL FROM:<evil@mail.example>\r\n";
    let deed = Deed { at: Timestamp::default(), device: evil.to_owned(), source: evil.to_owned() };
    let letter =
        Letter { content: LetterContent::NewSignIn { deed }, ..letter("camille@mail.example") };
    mailer(settings(peer.port)).send(&letter).await.unwrap();
    let got = peer.received().await;
    assert_eq!(header(&got, "Bcc"), [""; 0]);
    assert_eq!(got["to"], json!(["camille@mail.example"]));
    assert_eq!(got["parts"].as_array().unwrap().len(), 2);
    assert!(got["parts"][0][1].as_str().unwrap().contains("x  Bcc: evil@mail.example"));
}

#[tokio::test]
async fn a_refusal_of_the_mailbox_is_told_from_every_other() {
    let mut peer = peer!();
    let mailer = mailer(settings(peer.port));
    assert_eq!(
        refused(&mailer, "gone@mail.example").await,
        MailFailure::Undeliverable(
            "RCPT answered 550 5.1.1 Recipient address rejected: User unknown".to_owned()
        )
    );
    assert_eq!(
        refused(&mailer, "relay@mail.example").await,
        MailFailure::Permanent("RCPT answered 554 5.7.1 access denied".to_owned())
    );
    assert_eq!(
        refused(&mailer, "busy@mail.example").await,
        MailFailure::Transient("RCPT answered 452 4.2.2 mailbox full".to_owned())
    );
    assert_eq!(
        refused(&mailer, "content@mail.example").await,
        MailFailure::Permanent("the content answered 550 5.6.0 we do not like".to_owned())
    );
    assert!(matches!(
        refused(&mailer, "drop@mail.example").await,
        MailFailure::Transient(text) if text.starts_with("RCPT: ")
    ));
    // After all these refusals the same mailer still delivers.
    mailer.send(&letter("camille@mail.example")).await.unwrap();
    assert_eq!(peer.received().await["to"], json!(["camille@mail.example"]));
}

#[tokio::test]
async fn greylisting_costs_one_more_try() {
    let mut peer = peer!();
    let mailer = mailer(settings(peer.port));
    assert_eq!(
        refused(&mailer, "later@mail.example").await,
        MailFailure::Transient("RCPT answered 451 4.7.1 greylisted, come back".to_owned())
    );
    mailer.send(&letter("later@mail.example")).await.unwrap();
    assert_eq!(peer.received().await["to"], json!(["later@mail.example"]));
}

#[tokio::test]
async fn a_refusal_of_the_sender_or_of_everything_is_permanent_and_not_the_mailboxs_fault() {
    let peer = peer!("--fault", "sender");
    assert_eq!(
        refused(&mailer(settings(peer.port)), "camille@mail.example").await,
        MailFailure::Permanent("MAIL answered 550 5.7.1 we do not like".to_owned())
    );
    let peer = peer!("--fault", "refuses-all");
    assert_eq!(
        refused(&mailer(settings(peer.port)), "camille@mail.example").await,
        MailFailure::Permanent("connecting answered 554 no service here".to_owned())
    );
}

#[tokio::test]
async fn silence_and_broken_connections_are_worth_another_try() {
    let short = |port| SmtpSettings { timeout: Duration::from_millis(400), ..settings(port) };
    let transient = |text: &str| MailFailure::Transient(text.to_owned());
    let peer = peer!("--fault", "banner");
    let silent = refused(&mailer(short(peer.port)), "camille@mail.example").await;
    assert_eq!(silent, transient("connecting: no answer in time"));
    let peer = peer!("--fault", "closes");
    let closed = refused(&mailer(settings(peer.port)), "camille@mail.example").await;
    assert!(matches!(closed, MailFailure::Transient(_)), "{closed}");
    let peer = peer!("--fault", "babbles");
    let babble = refused(&mailer(settings(peer.port)), "camille@mail.example").await;
    let no_smtp = "connecting: the answer is not SMTP, or the connection was closed";
    assert_eq!(babble, transient(no_smtp));
    let port = peer.port;
    drop(peer);
    let nobody = mailer(SmtpSettings { host: "127.0.0.2".to_owned(), ..settings(port) });
    let nobody = refused(&nobody, "camille@mail.example").await;
    assert!(matches!(&nobody, MailFailure::Transient(t) if t.contains("refused")), "{nobody}");
}

#[tokio::test]
async fn silence_after_the_content_is_worth_another_try() {
    let peer = peer!();
    let patient = SmtpSettings { timeout: Duration::from_secs(3), ..settings(peer.port) };
    assert_eq!(
        refused(&mailer(patient), "silent@mail.example").await,
        MailFailure::Transient("the content: no answer in time".to_owned())
    );
}

#[tokio::test]
async fn addresses_beyond_ascii_travel_where_the_server_takes_them() {
    let mut peer = peer!();
    let sender = mailer(settings(peer.port));
    sender.send(&letter("zoé@bücher.example")).await.unwrap();
    let got = peer.received().await;
    assert_eq!(got["to"], json!(["zoé@xn--bcher-kva.example"]));
    assert!(got["options"].as_array().unwrap().contains(&json!("SMTPUTF8")));
    assert_eq!(header(&got, "To"), ["zoé@xn--bcher-kva.example"]);
    // A domain alone needs no extension.
    sender.send(&letter("zoe@bücher.example")).await.unwrap();
    assert_eq!(peer.received().await["options"], json!([]));

    let mut peer = peer!("--ascii-only");
    let sender = mailer(settings(peer.port));
    assert_eq!(
        refused(&sender, "zoé@bücher.example").await,
        MailFailure::Undeliverable(
            "the mail server takes no internationalised addresses (SMTPUTF8)".to_owned()
        )
    );
    sender.send(&letter("zoe@bücher.example")).await.unwrap();
    assert_eq!(peer.received().await["to"], json!(["zoe@xn--bcher-kva.example"]));
}

#[tokio::test]
async fn letters_travel_encrypted_to_a_server_that_proves_its_name() {
    for (mode, tls) in [("starttls", Tls::StartTls), ("implicit", Tls::Implicit)] {
        let mut peer = peer!("--tls", mode);
        let trusting = SmtpSettings { tls, ..settings(peer.port) };
        let stranger = SmtpSettings { extra_roots: None, ..trusting.clone() };
        let misnamed = SmtpSettings { host: "127.0.0.1".to_owned(), ..trusting.clone() };
        for refused_peer in [stranger, misnamed] {
            let failure = refused(&mailer(refused_peer), "camille@mail.example").await;
            let text = failure.to_string();
            assert!(matches!(failure, MailFailure::Transient(_)), "{text}");
            assert!(text.contains("certificate"), "{text}");
        }
        mailer(trusting.clone()).probe().await.unwrap();
        // The first that the peer takes: nothing was sent to it in the name of the others.
        mailer(trusting).send(&letter("zoe@mail.example")).await.unwrap();
        let got = peer.received().await;
        assert_eq!((&got["to"], &got["encrypted"]), (&json!(["zoe@mail.example"]), &json!(true)));
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let mut peer = peer!();
    let strict = mailer(SmtpSettings { tls: Tls::StartTls, ..settings(peer.port) });
    assert_eq!(
        refused(&strict, "camille@mail.example").await,
        MailFailure::Transient("STARTTLS is not offered: nothing is sent without TLS".to_owned())
    );
    mailer(settings(peer.port)).send(&letter("zoe@mail.example")).await.unwrap();
    assert_eq!(peer.received().await["to"], json!(["zoe@mail.example"]));
}

#[tokio::test]
async fn the_mailer_signs_in() {
    let mut peer = peer!("--tls", "starttls", "--auth");
    let with = |password: &str| SmtpSettings {
        tls: Tls::StartTls,
        username: Some("shop".to_owned()),
        password: Some(SmtpPassword(password.to_owned())),
        ..settings(peer.port)
    };
    let wrong = refused(&mailer(with("wrong pony")), "camille@mail.example").await;
    assert!(
        matches!(&wrong, MailFailure::Permanent(t) if t.starts_with("AUTH answered 535")),
        "{wrong}"
    );
    assert!(matches!(mailer(with("wrong pony")).probe().await, Err(MailFailure::Permanent(_))));
    let nobody = SmtpSettings { username: None, password: None, ..with("") };
    let unknown = refused(&mailer(nobody), "camille@mail.example").await;
    assert!(matches!(&unknown, MailFailure::Permanent(t) if t.contains("530")), "{unknown}");
    let right = mailer(with("correct horse"));
    right.probe().await.unwrap();
    right.send(&letter("camille@mail.example")).await.unwrap();
    assert_eq!(peer.received().await["signed_in"], json!(true));
}

#[test]
fn certificates_that_are_none_are_refused() {
    for pem in [
        &b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"[..],
        b"-----BEGIN CERTIFICATE-----",
    ] {
        let settings =
            SmtpSettings { tls: Tls::Implicit, extra_roots: Some(pem.to_vec()), ..settings(1) };
        let refused = SmtpMailer::new(settings, templates()).err().unwrap();
        assert!(matches!(refused, SettingsError::Roots | SettingsError::Tls(_)), "{refused}");
    }
    let empty = SmtpSettings { tls: Tls::Implicit, extra_roots: Some(Vec::new()), ..settings(1) };
    assert_eq!(SmtpMailer::new(empty, templates()).err(), Some(SettingsError::Roots));
}
