//! `/`: where everything is.

use rightful_testkit::world::World;
use serde_json::json;

use crate::support::{ORIGIN, Shop};

#[tokio::test]
async fn a_program_reads_where_everything_is() {
    let reply = Shop::new().get("/").header("accept", "*/*").send().await.expect(200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(
        reply.json(),
        json!({
            "name": "Rightful",
            "api": "/v1",
            "documentation": "/docs",
            "openapi": "/openapi.json",
            "problems": "/problems",
            "health": "/healthz",
        })
    );
}

#[tokio::test]
async fn a_person_reads_the_same_as_a_page_whose_links_lead_somewhere() {
    let shop = Shop::new();
    for language in ["en", "fr"] {
        let ask = shop.get("/").header("accept", "text/html,*/*;q=0.8");
        let reply = ask.header("accept-language", language).send().await.expect(200);
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(reply.header("vary"), Some("Accept, Accept-Language"));
        assert!(reply.text.contains(&format!("<html lang=\"{language}\">")));
        assert!(reply.text.contains(&format!("<code>{ORIGIN}/v1</code>")), "{}", reply.text);
        assert!(!reply.text.contains("root-page-"), "a text is missing: {}", reply.text);
        let links: Vec<&str> =
            reply.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(links.len() >= 5 && links.contains(&"/docs"), "{links:?}");
        for link in links {
            shop.get(link).send().await.expect(200);
        }
    }
}

#[tokio::test]
async fn only_a_development_server_tells_of_its_inbox() {
    let shop = Shop::with(World::new(), |settings| settings.inbox = Some("/dev/inbox"));
    assert_eq!(shop.get("/").send().await.expect(200).json()["inbox"], "/dev/inbox");
    let page = shop.get("/").header("accept", "text/html").send().await.expect(200);
    assert!(page.text.contains("href=\"/dev/inbox\""), "{}", page.text);
    let page = Shop::new().get("/").header("accept", "text/html").send().await.expect(200);
    assert!(!page.text.contains("inbox"), "{}", page.text);
}
