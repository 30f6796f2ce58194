//! The example of docs/how-to/embed.md: it is what the page shows, and it works.

use poem::http::{Method, StatusCode, Uri, header};
use poem::{Endpoint as _, Request, Route};
use rightful_testkit::builders::visit;
use serde_json::{Value, json};
use tempfile::tempdir;

#[path = "../../examples/embed.rs"]
#[expect(dead_code, reason = "nobody calls its main here")]
mod shown;

const SOURCE: &str = include_str!("../../examples/embed.rs");
const PAGE: &str = include_str!("../../../../docs/how-to/embed.md");

#[test]
fn the_page_shows_the_example() {
    let shown = PAGE.split_once("```rust\n").and_then(|(_, rest)| rest.split_once("```"));
    let shown = shown.expect("a block of Rust").0;
    assert!(
        shown == SOURCE,
        "docs/how-to/embed.md shows another text than crates/server/examples/embed.rs"
    );
}

async fn ask(
    shop: &Route,
    method: Method,
    path: &str,
    body: Option<Value>,
    token: &str,
) -> (StatusCode, String) {
    let uri: Uri = path.parse().expect("a path");
    let mut request =
        Request::builder().method(method).uri(uri).header(header::HOST, "localhost:3000");
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = match body {
        Some(body) => request.content_type("application/json").body(body.to_string()),
        None => request.finish(),
    };
    let response = shop.get_response(request).await;
    let status = response.status();
    (status, response.into_body().into_string().await.expect("text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_is_a_shop_with_accounts() {
    let folder = tempdir().unwrap();
    let key = rightful_crypto::vault::DataKey::generate().to_base64().as_str().to_owned();
    let accounts = shown::accounts(folder.path(), key).await.unwrap();
    let shop = shown::shop(&accounts);

    let (email, password) = ("ada@maison-lune.example", "violet lantern harbour");
    let body = json!({"email": email, "password": password});
    let (status, said) =
        ask(&shop, Method::POST, "/accounts/v1/registrations", Some(body.clone()), "").await;
    assert_eq!(status, StatusCode::ACCEPTED, "{said}");
    // The mailbox is proved past HTTP, by the use case itself.
    let letter = crate::letter_of(accounts.inbox().expect("the inbox"), email).await;
    let link = &letter.links[0];
    assert!(link.url.starts_with("http://localhost:3000/accounts/links/verify#"), "{}", link.url);
    accounts.rightful().registration().verify(&link.secret, password, &visit()).await.unwrap();
    let (status, page) = ask(&shop, Method::GET, "/accounts/links/verify", None, "").await;
    assert_eq!(status, StatusCode::OK, "the link leads to a page: {page}");

    let (status, _) = ask(&shop, Method::GET, "/basket", None, "").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (status, said) = ask(&shop, Method::POST, "/accounts/v1/sessions", Some(body), "").await;
    assert_eq!(status, StatusCode::CREATED, "{said}");
    let session: Value = serde_json::from_str(&said).unwrap();
    let token = session["token"].as_str().unwrap();
    let (status, said) = ask(&shop, Method::GET, "/basket", None, token).await;
    assert_eq!(
        (status, said.as_str()),
        (StatusCode::OK, "The basket of ada@maison-lune.example\n")
    );

    // What a refusal links to is there.
    let (_, refusal) = ask(&shop, Method::GET, "/accounts/v1/me", None, "").await;
    let refusal: Value = serde_json::from_str(&refusal).unwrap();
    let explained = refusal["type"].as_str().unwrap();
    let path = explained.strip_prefix("http://localhost:3000").unwrap();
    assert_eq!(ask(&shop, Method::GET, path, None, "").await.0, StatusCode::OK, "{path}");
    accounts.stop().await;
}
