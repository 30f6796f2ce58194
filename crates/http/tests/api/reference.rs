//! `docs/reference/api.md`: what it must not forget.

use std::fs::read_to_string;

use rightful_http::openapi_document;
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn page() -> String {
    read_to_string(format!("{ROOT}/docs/reference/api.md")).unwrap()
}

/// The server names its checks in its own crate, which knows this one and not the other way round.
#[test]
fn every_check_of_readiness_is_explained() {
    let source = read_to_string(format!("{ROOT}/crates/server/src/readiness.rs")).unwrap();
    let names: Vec<&str> =
        source.split(".with(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(names.len() >= 4, "where have the checks gone? {names:?}");
    let page = page();
    for name in names {
        assert!(page.contains(&format!("\n| `{name}` | ")), "{name} is not in the table of checks");
    }
}

#[test]
fn every_path_of_the_document_is_listed() {
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let page = page();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().map(|method| method.to_uppercase()) {
            // `GET /v1/me`, `PATCH /v1/me`: as they stand in the table.
            assert!(page.contains(&format!("`{method} {path}`")), "{method} {path}");
        }
    }
}

#[test]
fn every_member_of_a_problem_is_explained() {
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let page = page();
    let problem = &document["components"]["schemas"]["Problem"]["properties"];
    for member in problem.as_object().unwrap().keys() {
        let row = page.lines().any(|line| {
            let first = line.strip_prefix("| ").and_then(|line| line.split(" | ").next());
            first.is_some_and(|first| first.contains(&format!("`{member}`")))
        });
        assert!(row, "{member} has no line");
    }
}

#[test]
fn every_next_action_is_listed() {
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let page = page();
    let examples = document["components"]["examples"].as_object().unwrap().values();
    let actions = examples.filter_map(|example| example["value"]["next_actions"].as_array());
    let actions: Vec<&str> = actions.flatten().map(|action| action.as_str().unwrap()).collect();
    assert!(actions.contains(&"sign_in"));
    for action in actions {
        assert!(page.contains(&format!("`{action}`")), "{action}");
    }
}

/// A shop writes its pages by this one: a link that it does not know of leads a customer nowhere.
#[test]
fn every_kind_of_link_is_on_the_page_for_production() {
    let page = read_to_string(format!("{ROOT}/docs/how-to/production.md")).unwrap();
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let served = read_to_string(format!("{ROOT}/crates/http/src/landing.rs")).unwrap();
    let (_, kinds) = served.split_once("const KINDS").unwrap();
    let (kinds, _) = kinds.split_once("];").unwrap();
    let after = |part: &'static str| {
        kinds.split(part).skip(1).map(|rest| rest.split('"').next().unwrap()).collect::<Vec<_>>()
    };
    let (names, operations) = (after("name: \""), after("operation: \""));
    assert!(names.len() >= 4 && names.len() == operations.len(), "{names:?} {operations:?}");
    for (name, operation) in names.into_iter().zip(operations) {
        let path = operation.replace("ID", "{id}");
        assert!(document["paths"][&path]["post"].is_object(), "{operation}");
        let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` | ")));
        let row = row.unwrap_or_else(|| panic!("{name} is not in the table of pages"));
        assert!(row.ends_with(&format!("`POST {path}` |")), "{row}");
    }
}
