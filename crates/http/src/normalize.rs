//! The `OpenAPI` document as it is published: poem-openapi emits 3.0.0 with habits that generators and linters
//! dislike. The same code gives the same bytes.

use serde_json::{Map, Value, json};

use crate::answers;

/// Normalizes what poem-openapi emitted: version 3.0.3, media types without parameters, header names as they
/// are written, explicitly public operations, bodies closed to unknown fields; tags in the order of `tags`, each
/// operation's refusals by status.
///
/// # Panics
///
/// When `emitted` is no JSON, which poem-openapi's serializer cannot give, or has an operation whose refusals
/// are not told in [`crate::answers`].
pub(crate) fn normalize(emitted: &str, tags: &[&str]) -> Value {
    let mut document: Value = serde_json::from_str(emitted).expect("poem-openapi emits JSON");
    document["openapi"] = json!("3.0.3");
    if let Some(known) = document.get_mut("tags").and_then(Value::as_array_mut) {
        known.sort_by_key(|tag| tags.iter().position(|name| tag["name"] == *name));
    }
    walk(&mut document);
    document["components"]["examples"] = answers::examples().into();
    document["components"]["headers"] = answers::headers();
    let requests = request_schemas(&document);
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        if requests.contains(name) {
            schema["additionalProperties"] = json!(false);
        } else {
            require_nullable(schema);
        }
    }
    for (_, path) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in path.as_object_mut().into_iter().flatten() {
            if operation.get("security").is_none() {
                operation["security"] = json!([]);
            }
            demand_preconditions(operation);
            tell_refusals(method, operation);
            for parameter in header_parameters(method, operation) {
                match operation.get_mut("parameters").and_then(Value::as_array_mut) {
                    Some(parameters) => parameters.push(parameter),
                    None => operation["parameters"] = json!([parameter]),
                }
            }
        }
    }
    document
}

/// `If-Match` is optional to the handler alone, which answers 428 without it.
fn demand_preconditions(operation: &mut Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        if parameter["name"] == "If-Match" {
            parameter["required"] = json!(true);
        }
    }
}

/// Adds what the operation can refuse with, by status, before the ranges that hold for all.
fn tell_refusals(method: &str, operation: &mut Value) {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let codes = answers::of(id, method, operation.get("requestBody").is_some());
    for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        answers::share_headers(response);
    }
    for (status, response) in answers::responses(&codes) {
        operation["responses"][status] = response;
    }
}

/// What is null when it is empty is always there in an answer; poem-openapi calls it optional.
fn require_nullable(schema: &mut Value) {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let nullable = properties.filter(|(_, property)| property["nullable"] == true);
    let mut required: Vec<Value> = nullable.map(|(name, _)| json!(name)).collect();
    if required.is_empty() {
        return;
    }
    required.extend(schema["required"].as_array().into_iter().flatten().cloned());
    required.sort_by_key(ToString::to_string);
    schema["required"] = Value::Array(required);
}

/// The headers that layers take before any handler, so that no handler declares them. They have no example: a
/// page that sends examples as they stand would send somebody else's key or value.
fn header_parameters(method: &str, operation: &Value) -> Vec<Value> {
    let header = |name: &str, description: &str| {
        json!({
            "name": name,
            "in": "header",
            "required": false,
            "description": description,
            "schema": {"type": "string"},
        })
    };
    let mut parameters = Vec::new();
    if method == "post" {
        let mut key = header(
            crate::idempotency::HEADER,
            "1 to 255 visible ASCII characters, a random UUID for example, new for each thing that you want \
             done. Sent again with the same body, the request has its effect once and gets the first answer, \
             with `Idempotent-Replayed: true`, for a day.",
        );
        key["schema"] = json!({"type": "string", "minLength": 1, "maxLength": 255});
        parameters.push(key);
    }
    if method != "get" {
        parameters.push(header(
            crate::csrf::HEADER,
            "Required when a session comes in the cookie: the `csrf_token` of the sign-in, or of \
             `GET /v1/session`. Programs with a bearer token leave it out.",
        ));
    }
    if operation["operationId"] == "signIn" {
        parameters.push(header(
            "X-Device-Token",
            "The `device_token` of an earlier sign-in from this device. Browsers have it in a cookie.",
        ));
    }
    parameters
}

/// The schemas that are the body of a request: they refuse what they do not name.
fn request_schemas(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(_, path)| path.as_object().into_iter().flatten());
    operations
        .filter_map(|(_, operation)| {
            let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref")?;
            Some(schema.as_str()?.rsplit('/').next()?.to_owned())
        })
        .collect()
}

fn walk(value: &mut Value) {
    match value {
        Value::Object(members) => {
            rename(members, "content", |name| {
                name.split(';').next().unwrap_or(name).trim().to_owned()
            });
            rename(members, "headers", header_case);
            // The name of the Rust type, again: the schema has it as its key.
            if members.get("title").is_some_and(Value::is_string)
                && members.contains_key("properties")
            {
                members.remove("title");
            }
            // `allOf: [reference, {description}]` beside the same description.
            if let Some(parts) = members.get_mut("allOf").and_then(Value::as_array_mut) {
                parts.retain(|part| part.get("$ref").is_some());
            }
            members.values_mut().for_each(walk);
        }
        Value::Array(items) => items.iter_mut().for_each(walk),
        _ => {}
    }
}

/// Renames the keys of the object under `key`.
fn rename(members: &mut Map<String, Value>, key: &str, name: impl Fn(&str) -> String) {
    if let Some(map) = members.get_mut(key).and_then(Value::as_object_mut) {
        *map = std::mem::take(map).into_iter().map(|(old, value)| (name(&old), value)).collect();
    }
}

/// `RETRY-AFTER` is `Retry-After`.
fn header_case(name: &str) -> String {
    if name.eq_ignore_ascii_case("etag") {
        return "ETag".to_owned();
    }
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters.map(|c| c.to_ascii_lowercase())).collect::<String>()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn habits_are_mended() {
        let emitted = json!({
            "openapi": "3.0.0",
            "tags": [{"name": "B"}, {"name": "A"}],
            "paths": {"/a": {"post": {
                "operationId": "signIn",
                "requestBody": {"content": {"application/json; charset=utf-8": {"schema": {"$ref": "#/components/schemas/New"}}}},
                "responses": {"201": {"headers": {"ETAG": {}, "REQUEST-ID": {}, "SET-COOKIE": {}}, "content": {}}},
            }, "get": {"operationId": "getMe", "security": [{"bearer": []}]}, "delete": {
                "operationId": "signOut",
                "security": [{"session": []}],
                "parameters": [{"name": "If-Match", "required": false}],
            }}},
            "components": {"schemas": {
                "New": {"type": "object", "title": "New", "properties": {
                    "colour": {"allOf": [{"$ref": "#/c"}, {"description": "x"}], "description": "x"},
                }},
                "View": {"type": "object", "required": ["a", "c"], "properties": {"a": {}, "b": {"nullable": true}, "c": {}, "d": {}}},
            }},
        });
        let document = normalize(&emitted.to_string(), &["A", "B"]);
        assert_eq!(document["tags"], json!([{"name": "A"}, {"name": "B"}]));
        assert_eq!(document["openapi"], "3.0.3");
        let post = &document["paths"]["/a"]["post"];
        assert!(post["requestBody"]["content"]["application/json"].is_object());
        assert_eq!(post["security"], json!([]));
        assert_eq!(post["parameters"][0]["name"], "Idempotency-Key");
        assert_eq!(document["paths"]["/a"]["get"]["security"], json!([{"bearer": []}]));
        assert!(document["paths"]["/a"]["get"].get("parameters").is_none());
        let delete = &document["paths"]["/a"]["delete"]["parameters"];
        assert_eq!(delete[0], json!({"name": "If-Match", "required": true}));
        assert_eq!(delete[1]["name"], "X-CSRF-Token");
        assert_eq!(delete.as_array().map(Vec::len), Some(2));
        let refused = &post["responses"]["401"]["content"]["application/problem+json"];
        assert!(refused["examples"]["wrong_credentials"]["$ref"].is_string());
        let headers = post["responses"]["201"]["headers"].as_object().unwrap();
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["ETag", "Request-Id", "Set-Cookie"]);
        assert!(headers["Request-Id"]["$ref"].is_string());
        let new = &document["components"]["schemas"]["New"];
        assert_eq!(new["additionalProperties"], json!(false));
        assert_eq!(new["properties"]["colour"]["allOf"], json!([{"$ref": "#/c"}]));
        assert!(new.get("title").is_none());
        let view = &document["components"]["schemas"]["View"];
        assert!(view.get("additionalProperties").is_none());
        assert_eq!(view["required"], json!(["a", "b", "c"]));
    }
}
