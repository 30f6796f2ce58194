//! Bodies are taken at their word.

use rightful_testkit::world::PASSWORD;
use serde_json::{Value, json};

use crate::support::{ADA, Shop};

fn pairs(faults: &[(&str, &str)]) -> Vec<(String, String)> {
    faults.iter().map(|(p, c)| ((*p).to_owned(), (*c).to_owned())).collect()
}

#[tokio::test]
async fn only_json_is_read() {
    let shop = Shop::new();
    let body = json!({"email": ADA, "password": PASSWORD}).to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/problem+json",
        "application/json; charset=utf-16",
    ] {
        let ask = shop.ask("POST", "/v1/registrations").header("content-type", kind);
        ask.body(body.clone()).send().await.problem(415, "unsupported_media_type");
    }
    let none = shop.ask("POST", "/v1/registrations").body(body.clone());
    none.send().await.problem(415, "unsupported_media_type");
    let ask = shop
        .ask("POST", "/v1/registrations")
        .header("content-type", "application/json; charset=utf-8");
    ask.body(body).send().await.expect(202);
}

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let shop = Shop::new();
    for body in [
        "",
        "{",
        "nonsense",
        "{\"email\":\"a\",}",
        "{} {}",
        "{\"a\":1,\"a\":2}",
        &"[".repeat(10_000),
    ] {
        let ask = shop.ask("POST", "/v1/sessions").header("content-type", "application/json");
        ask.body(body.to_owned()).send().await.problem(400, "malformed_json");
    }
    let ask = shop.ask("POST", "/v1/sessions").header("content-type", "application/json");
    let twice = ask.body("{\"email\":\"a\",\"password\":\"b\",\"email\":\"c\"}").send().await;
    twice.problem(400, "malformed_json");
    assert_eq!(twice.faults(), pairs(&[("#/email", "duplicate_key")]));
}

#[tokio::test]
async fn every_field_at_fault_is_named_at_once() {
    let shop = Shop::new();
    let body = json!({"email": 1, "name": true, "language": "de", "origin": null, "admin": true});
    let reply = shop.post("/v1/registrations", body).send().await;
    reply.problem(422, "invalid_request");
    assert_eq!(
        reply.faults(),
        pairs(&[
            ("#/email", "wrong_type"),
            ("#/password", "missing_field"),
            ("#/name", "wrong_type"),
            ("#/language", "unknown_value"),
            ("#/origin", "wrong_type"),
            ("#/admin", "unknown_field"),
        ])
    );
    let details = reply.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .all(|e| !e["detail"].as_str().unwrap().is_empty());
    assert!(details);
}

#[tokio::test]
async fn what_was_sent_is_never_sent_back() {
    let shop = Shop::new();
    let secret = "hunter2-hunter2-hunter2";
    for body in [
        json!({"email": secret, "password": 7, "carrier": secret}),
        json!({"password": [secret]}),
        json!(secret),
    ] {
        let reply = shop.post("/v1/sessions", body).send().await;
        assert!(!reply.text.contains(secret), "{}", reply.text);
    }
}

/// Every operation with a body refuses the same things, by the document's own word of what it takes.
#[tokio::test]
async fn every_body_is_as_strict() {
    let shop = Shop::new();
    let token = shop.ada().await;
    let document: Value = serde_json::from_str(&rightful_http::openapi_document()).unwrap();
    let mut seen = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let Some(schema) =
                operation.pointer("/requestBody/content/application~1json/schema/$ref")
            else {
                continue;
            };
            seen += 1;
            let name = schema.as_str().unwrap().rsplit('/').next().unwrap();
            let schema = &document["components"]["schemas"][name];
            assert_eq!(schema["additionalProperties"], false, "{name}");
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let mut wanted: Vec<(String, String)> = required
                .iter()
                .map(|field| (format!("#/{}", field.as_str().unwrap()), "missing_field".to_owned()))
                .collect();
            wanted.push(("#/surplus".to_owned(), "unknown_field".to_owned()));
            let ask = shop.ask(&method.to_uppercase(), path).json(json!({"surplus": 1}));
            let reply = ask.bearer(&token).header("if-match", "*").send().await;
            reply.problem(422, "invalid_request");
            let mut found = reply.faults();
            found.sort();
            wanted.sort();
            assert_eq!(found, wanted, "{method} {path}");
            // What the document shows as an example has the right shape.
            let example = schema["example"].clone();
            let ask = shop.ask(&method.to_uppercase(), path).json(example).bearer(&token);
            let reply = ask.header("if-match", "*").send().await;
            assert_ne!(reply.json()["code"], "invalid_request", "{method} {path}: {}", reply.text);
        }
    }
    assert_eq!(seen, 19, "operations with a body");
}
