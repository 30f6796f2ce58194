//! What a person reads: problems, links, the document.

use rightful_http::{CATALOGUE, PublicOrigin};
use rightful_testkit::world::World;

use crate::support::Shop;

#[tokio::test]
async fn every_problem_has_a_page_in_both_languages() {
    let shop = Shop::new();
    for known in CATALOGUE {
        let mut pages = Vec::new();
        for language in ["en", "fr"] {
            let path = format!("/problems/{}", known.code);
            let reply =
                shop.get(&path).header("accept-language", language).send().await.expect(200);
            assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
            assert_eq!(reply.header("content-language"), Some(language));
            assert_eq!(reply.header("vary"), Some("Accept-Language"));
            assert!(reply.text.contains(&format!("<html lang=\"{language}\">")));
            assert!(reply.text.contains(&format!("<code>{}</code>", known.code)));
            assert!(reply.text.contains(&known.status.to_string()));
            for key in ["problem-", "next-action-"] {
                assert!(!reply.text.contains(key), "a text is missing: {}", reply.text);
            }
            let (_, example) = reply.text.split_once("<pre><code>").unwrap();
            let (example, _) = example.split_once("</code></pre>").unwrap();
            let example: serde_json::Value =
                serde_json::from_str(&example.replace("&quot;", "\"").replace("&#39;", "'"))
                    .unwrap();
            assert_eq!(example["status"], known.status, "{path}");
            let inside = &example["errors"][0]["code"];
            assert!(example["code"] == known.code || *inside == known.code, "{path}: {example}");
            for action in example["next_actions"].as_array().into_iter().flatten() {
                let line = format!("<li><code>{}</code> ", action.as_str().unwrap());
                assert!(reply.text.contains(&line), "{path}: {line}");
            }
            assert!(!reply.text.contains("<script"), "{path}");
            pages.push(reply.text);
            let chosen = shop.get(&format!("{path}?lang={language}")).send().await.expect(200);
            assert_eq!(chosen.text, *pages.last().unwrap());
        }
        assert_ne!(pages[0], pages[1]);
    }
}

#[tokio::test]
async fn the_list_of_problems_leads_to_each() {
    let reply = Shop::new().get("/problems").send().await.expect(200);
    for known in CATALOGUE {
        assert!(
            reply.text.contains(&format!("href=\"/problems/{}?lang=en\"", known.code)),
            "{}",
            known.code
        );
    }
}

#[tokio::test]
async fn opening_a_link_changes_nothing_and_says_so() {
    let shop = Shop::new();
    for kind in [
        "verify",
        "confirm-email-change",
        "approve-email-change",
        "dispute-email-change",
        "reset-password",
    ] {
        for (language, words) in [
            ("en", "Opening this page changed nothing."),
            ("fr", "L’ouverture de cette page n’a rien modifié."),
        ] {
            let ask = shop.get(&format!("/links/{kind}")).header("accept-language", language);
            let reply = ask.send().await.expect(200);
            assert!(reply.text.contains(words), "{}", reply.text);
            assert!(reply.text.contains("POST /v1/"), "{}", reply.text);
            assert!(!reply.text.contains("link-page-"), "a text is missing: {}", reply.text);
            for active in ["<script", "<form", "<img", "<iframe", "<link", "http://", "https://"] {
                assert!(!reply.text.contains(active), "{kind}: {active}");
            }
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            assert!(reply.headers.get("set-cookie").is_none());
        }
    }
}

#[tokio::test]
async fn a_development_server_shows_what_completes_a_link() {
    let shop = Shop::with(World::new(), |settings| {
        settings.public = PublicOrigin::parse("http://127.0.0.1:8080").unwrap();
        settings.inbox = Some("/dev/inbox");
        settings.links_lead_here = true;
        settings.support = Some("help@shop.example".to_owned());
    });
    for (kind, path) in [
        ("verify", "/v1/verifications"),
        ("confirm-email-change", "/v1/email-changes/confirm"),
        ("approve-email-change", "/v1/email-changes/approve"),
        ("dispute-email-change", "/v1/email-changes/dispute"),
        ("reset-password", "/v1/password-resets/complete"),
    ] {
        for language in ["en", "fr"] {
            let ask = shop.get(&format!("/links/{kind}?lang={language}"));
            let text = ask.send().await.expect(200).text;
            assert!(!text.contains("link-page-"), "a text is missing: {text}");
            assert!(text.contains("mail.link_base"), "{text}");
            let contact = "<a href=\"mailto:help@shop.example\">help@shop.example</a>";
            assert!(text.contains(contact), "{text}");
            let (_, command) = text.split_once("<pre><code>").unwrap();
            let (command, _) = command.split_once("</code></pre>").unwrap();
            let command = command.replace("&quot;", "\"").replace("&#39;", "'");
            let address = format!("curl -sS 'http://127.0.0.1:8080{path}' ");
            assert!(command.starts_with(&address), "{command}");
            assert!(command.is_ascii(), "{command}");
            // The body is one that the operation takes: only the token is not a real one.
            let (_, body) = command.split_once("-d '").unwrap();
            let body = body.strip_suffix('\'').unwrap();
            let body = serde_json::from_str(body).unwrap();
            let reply = shop.post(path, body).send().await.expect(404);
            assert_eq!(reply.json()["code"], "link_unknown");
        }
    }
    let text = Shop::new().get("/links/verify").send().await.expect(200).text;
    for only_there in ["curl", "mailto:", "because mail.link_base"] {
        assert!(!text.contains(only_there), "{only_there}: {text}");
    }
}

#[tokio::test]
async fn the_style_of_a_page_is_the_one_that_its_policy_names() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let reply = Shop::new().get("/problems").send().await.expect(200);
    let (_, rest) = reply.text.split_once("<style>").unwrap();
    let (style, _) = rest.split_once("</style>").unwrap();
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.contains(&format!("style-src 'sha256-{hash}'")), "{policy}");
}

#[tokio::test]
async fn the_documentation_needs_nothing_from_elsewhere() {
    let reply = Shop::new().get("/docs").send().await.expect(200);
    let policy = reply.header("content-security-policy").unwrap();
    assert_eq!(policy.matches("'sha256-").count(), 3, "two scripts and a style: {policy}");
    for loose in ["unsafe", "http", "*", "script-src 'self'"] {
        assert!(!policy.contains(loose), "{loose}: {policy}");
    }
    assert!(reply.text.starts_with("<!doctype html>"));
    // The page shows the published document, not the one that poem-openapi emits.
    assert!(
        reply.text.contains("\"openapi\":\"3.0.3\"")
            && !reply.text.contains("\"openapi\": \"3.0.0\"")
    );
    // Nothing is loaded by the page itself.
    let (head, rest) = reply.text.split_once("<script charset").unwrap();
    let tail = rest.rsplit_once("</script>\n</head>").unwrap().1;
    for part in [head, tail] {
        assert!(!part.contains(" src=") && !part.contains("<link"), "{part:.200}");
    }
}

#[tokio::test]
async fn a_browser_is_shown_a_page_where_there_is_nothing() {
    let shop = Shop::new();
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for path in ["/nothing", "/v1", "/v1/nothing", "/problems/nothing", "/links/nothing"] {
        for (language, words) in [("en", "There is nothing here"), ("fr", "Il n’y a rien ici")] {
            let ask = shop.get(path).header("accept", browser).header("accept-language", language);
            let reply = ask.send().await.expect(404);
            assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            assert_eq!(reply.header("vary"), Some("Accept, Accept-Language"));
            assert!(reply.header("request-id").is_some());
            assert!(reply.text.contains(&format!("<h1>{words}</h1>")), "{}", reply.text);
            assert!(!reply.text.contains("-page-"), "a text is missing: {}", reply.text);
            for place in ["/", "/problems"] {
                let link = format!("href=\"{place}?lang={language}\"");
                assert!(reply.text.contains(&link), "{path}: {}", reply.text);
            }
        }
        for accept in ["application/json", "*/*"] {
            let reply = shop.get(path).header("accept", accept).send().await;
            reply.problem(404, "not_found");
        }
        shop.get(path).send().await.problem(404, "not_found");
    }
    // What changes something is no page, and neither is a thing of the API that is not there.
    let ask = shop.post("/nothing", serde_json::json!({})).header("accept", browser);
    ask.send().await.problem(404, "not_found");
    let ask = shop.get("/v1/me").header("accept", browser);
    ask.send().await.problem(401, "unauthenticated");
}
