use rightful_domain::letters::LetterContent;
use rightful_domain::values::{EmailAddress, LetterId, Locale, Timestamp};

use super::*;
use crate::brand::Brand;
use crate::links::LinkBase;
use crate::samples;

fn inbox() -> Inbox {
    let brand = Brand::parse("Maison <Lune>", "#204080", "help@lune.example").unwrap();
    let links = LinkBase::parse("http://localhost:8080").unwrap();
    let templates = Arc::new(Templates::built_in(brand, links));
    Inbox::new(templates, Sender::parse("Maison <Lune>", "noreply@lune.example").unwrap())
}

/// The letter with the number `n`.
fn letter(n: usize, content: LetterContent) -> Letter {
    Letter {
        id: LetterId::parse(&format!("ltr_0{n:025}")).unwrap(),
        to: EmailAddress::parse("o'brien&co@lune.example").unwrap(),
        locale: Locale::Fr,
        posted_at: Timestamp::from_millis(1_795_322_100_000),
        content,
    }
}

async fn filled() -> Inbox {
    let inbox = inbox();
    for (n, content) in samples::all().into_iter().enumerate() {
        inbox.send(&letter(n, content)).await.unwrap();
    }
    inbox
}

#[tokio::test]
async fn a_letter_is_kept_with_its_link_taken_apart() {
    let inbox = inbox();
    let content = samples::of("verify_address").unwrap();
    inbox.send(&letter(7, content)).await.unwrap();
    let json = serde_json::to_value(inbox.list()).unwrap();
    let received = &json[0];
    assert_eq!(received["id"], "ltr_00000000000000000000000007");
    assert_eq!(received["kind"], "verify_address");
    assert_eq!(received["from"], "Maison <Lune> <noreply@lune.example>");
    assert_eq!(received["to"], "o'brien&co@lune.example");
    assert_eq!(received["language"], "fr");
    assert_eq!(received["posted_at"], "2026-11-22T04:35:00Z");
    assert_eq!(received["subject"], "Confirmez votre adresse e-mail pour Maison <Lune>");
    let secret = received["links"][0]["secret"].as_str().unwrap();
    assert!(secret.starts_with("vfy_Sample"));
    assert_eq!(received["links"][0]["purpose"], "verify");
    assert_eq!(received["links"][0]["url"], format!("http://localhost:8080/links/verify#{secret}"));
    assert!(received["text"].as_str().unwrap().contains(secret));
    assert!(received["html"].as_str().unwrap().contains(secret));
    assert!(inbox.find("ltr_00000000000000000000000007").is_some());
    assert!(inbox.find("ltr_00000000000000000000000008").is_none());
}

#[tokio::test]
async fn the_latest_five_hundred_are_kept_and_a_second_sending_replaces_the_first() {
    let inbox = inbox();
    let content = || samples::of("sessions_ended").unwrap();
    for n in 0..502 {
        inbox.send(&letter(n, content())).await.unwrap();
    }
    inbox.send(&letter(10, content())).await.unwrap();
    let ids: Vec<String> = inbox.list().iter().map(|letter| letter.id.clone()).collect();
    assert_eq!(ids.len(), 500);
    assert_eq!(ids[0], letter(10, content()).id.to_string());
    assert_eq!(ids[1], letter(501, content()).id.to_string());
    assert_eq!(ids[499], letter(2, content()).id.to_string());
}

#[tokio::test]
async fn pages_show_every_letter_and_load_nothing_but_their_stylesheet() {
    let inbox = filled().await;
    // minijinja escapes slashes too.
    let plain = |page: String| page.replace("&#x2f;", "/");
    let list = plain(inbox.list_page("/dev/inbox"));
    let mut pages = vec![list.clone()];
    for letter in inbox.list() {
        assert!(list.contains(&format!("<a href=\"/dev/inbox/{}\">", letter.id)), "{list}");
        let page = plain(inbox.message_page("/dev/inbox", &letter.id).unwrap());
        for link in &letter.links {
            assert!(page.contains(&format!("<code>{}</code>", link.secret)), "{page}");
            assert!(page.contains(&format!("<a href=\"{}\" ", link.url)), "{page}");
        }
        assert!(page.contains(&format!("src=\"/dev/inbox/{}/letter\"", letter.id)), "{page}");
        assert!(page.contains("o&#x27;brien&amp;co@lune.example"), "{page}");
        assert_eq!(inbox.letter_page(&letter.id).unwrap(), letter.html);
        pages.push(page);
    }
    for page in pages {
        for refused in ["style=", "<style", "<script", "javascript:", "<img", "@import", "\" on"] {
            assert!(!page.contains(refused), "{refused}: {page}");
        }
        assert_eq!(page.matches("<link ").count(), 1);
        assert!(page.contains("<link rel=\"stylesheet\" href=\"/dev/inbox.css\">"), "{page}");
        assert!(!page.contains("<Lune>"), "{page}");
    }
    assert!(!Inbox::STYLESHEET.contains("url("));
}

#[tokio::test]
async fn an_unknown_letter_has_no_page_and_an_empty_inbox_says_so() {
    let inbox = inbox();
    assert!(inbox.list_page("/dev/inbox").contains("No e-mails yet."));
    assert_eq!(inbox.message_page("/dev/inbox", "ltr_x"), None);
    assert_eq!(inbox.letter_page("ltr_x"), None);
}
