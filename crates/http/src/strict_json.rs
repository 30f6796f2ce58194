//! JSON bodies, taken at their word: `application/json` and nothing else, no key twice, no key unknown, no
//! number where a text is meant. What is wrong is said for every field at once.
//!
//! The shape that is checked is the schema that the `OpenAPI` document publishes, so that the two cannot differ.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::{self, Write as _};

use poem::http::StatusCode;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::error::ContentTypeError;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::problem::{Fault, Refused};

/// Deeper bodies are refused before they are looked at; ours are flat.
const MAX_DEPTH: usize = 8;

/// A JSON body of the shape `T`.
pub(crate) struct StrictJson<T>(pub(crate) T);

impl<T: Type> Payload for StrictJson<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn check_content_type(content_type: &str) -> bool {
        let mut parts = content_type.split(';').map(str::trim);
        parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(Self::CONTENT_TYPE))
            && parts.all(|parameter| {
                // JSON is UTF-8 (RFC 8259 §8.1): another charset would be read wrong.
                parameter.is_empty()
                    || parameter.eq_ignore_ascii_case("charset=utf-8")
                    || parameter.eq_ignore_ascii_case("charset=\"utf-8\"")
            })
    }
    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }
    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for StrictJson<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        <Self as Payload>::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: Self::CONTENT_TYPE,
                schema: Self::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        match request.content_type() {
            None => return Err(ContentTypeError::ExpectContentType.into()),
            Some(kind) if !Self::check_content_type(kind) => {
                return Err(ContentTypeError::NotSupported { content_type: kind.to_owned() }.into());
            }
            Some(_) => {}
        }
        let bytes = <Vec<u8> as FromRequest>::from_request(request, body).await?;
        Ok(Self(read::<T>(&bytes)?))
    }
}

/// Reads a body of the shape `T`, or says everything that is wrong with it.
fn read<T: ParseFromJSON>(bytes: &[u8]) -> Result<T, Refused> {
    let value = parse(bytes)?;
    let mut registry = Registry::new();
    T::register(&mut registry);
    if let Some(shape) = registry.schemas.get(T::name().as_ref()) {
        let faults = faults(&value, shape, &registry);
        if !faults.is_empty() {
            return Err(Refused::invalid(faults));
        }
    }
    T::parse_from_json(Some(value)).map_err(|_| Refused::invalid(Vec::new()))
}

fn malformed() -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "malformed_json")
}

/// Parses, refusing what parsers disagree about: a key that stands twice is read by one as the first and by
/// another as the last, which is how a check is talked past.
fn parse(bytes: &[u8]) -> Result<Value, Refused> {
    let fault = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let seed = Strict { depth: 0, pointer: "#", fault: &fault };
    let parsed = seed.deserialize(&mut deserializer).and_then(|value| {
        deserializer.end()?;
        Ok(value)
    });
    parsed.map_err(|_| malformed().with_faults(fault.take().into_iter().collect()))
}

/// Builds a value and notes which key stands twice.
#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    pointer: &'a str,
    fault: &'a RefCell<Option<Fault>>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.depth > MAX_DEPTH {
            return Err(D::Error::custom("too deep"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        let below = Strict { depth: self.depth + 1, ..self };
        while let Some(item) = seq.next_element_seed(below)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let pointer = format!("{}/{}", self.pointer, token(&key));
            if members.contains_key(&key) {
                self.fault.replace(Some(Fault { pointer, code: "duplicate_key" }));
                return Err(A::Error::custom("a key stands twice"));
            }
            let below = Strict { depth: self.depth + 1, pointer: &pointer, ..self };
            let value = map.next_value_seed(below)?;
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}

/// A key as a token of a JSON pointer in a URI fragment (RFC 6901 §3 and §6), at most 64 characters of it:
/// what a stranger sends is not echoed without end.
fn token(key: &str) -> String {
    let mut token = String::new();
    for c in key.chars().take(64) {
        match c {
            '~' => token.push_str("~0"),
            '/' => token.push_str("~1"),
            c if c.is_ascii_alphanumeric() || "-._!$&'()*+,;=:@".contains(c) => token.push(c),
            c => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    write!(token, "%{byte:02X}").expect("a String takes everything");
                }
            }
        }
    }
    token
}

/// Everything that is wrong with `value` under `shape`, in the order of the shape, then the unknown keys.
fn faults(value: &Value, shape: &MetaSchema, registry: &Registry) -> Vec<Fault> {
    let Value::Object(members) = value else {
        return vec![Fault { pointer: "#".to_owned(), code: "wrong_type" }];
    };
    let mut faults = Vec::new();
    for (name, schema) in &shape.properties {
        let code = match members.get(*name) {
            None if shape.required.contains(name) => Some("missing_field"),
            None => None,
            Some(value) => Expected::of(schema, registry).objection(value),
        };
        faults.extend(code.map(|code| Fault { pointer: format!("#/{}", token(name)), code }));
    }
    for name in members.keys().filter(|key| shape.properties.iter().all(|(name, _)| name != key)) {
        faults.push(Fault { pointer: format!("#/{}", token(name)), code: "unknown_field" });
    }
    faults
}

/// What a field may hold: a text, one of some texts, or yes and no. No request of ours has anything else.
struct Expected<'a> {
    nullable: bool,
    boolean: bool,
    one_of: &'a [Value],
}

impl<'a> Expected<'a> {
    fn of(schema: &'a MetaSchemaRef, registry: &'a Registry) -> Self {
        let mut expected = Self { nullable: false, boolean: false, one_of: &[] };
        let named = |name: &String| registry.schemas.get(name).map(|s| s.enum_items.as_slice());
        match schema {
            MetaSchemaRef::Reference(name) => expected.one_of = named(name).unwrap_or_default(),
            MetaSchemaRef::Inline(schema) => {
                expected.nullable = schema.nullable;
                expected.boolean = schema.ty == "boolean";
                expected.one_of = &schema.enum_items;
                // A field with its own description is `allOf: [reference, description]`.
                for part in &schema.all_of {
                    if let MetaSchemaRef::Reference(name) = part {
                        expected.one_of = named(name).unwrap_or_default();
                    }
                }
            }
        }
        expected
    }

    fn objection(&self, value: &Value) -> Option<&'static str> {
        match value {
            Value::Null if self.nullable => None,
            Value::Bool(_) if self.boolean => None,
            _ if self.boolean => Some("wrong_type"),
            Value::String(_) if self.one_of.is_empty() || self.one_of.contains(value) => None,
            Value::String(_) => Some("unknown_value"),
            _ => Some("wrong_type"),
        }
    }
}

macro_rules! strict_text {
    ($(#[$doc:meta])* $name:ident, $format:expr) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq)]
        pub(crate) struct $name(String);

        impl $name {
            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
        impl Type for $name {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;
            fn name() -> Cow<'static, str> {
                "string".into()
            }
            fn schema_ref() -> MetaSchemaRef {
                let format: Option<&'static str> = $format;
                MetaSchemaRef::Inline(Box::new(MetaSchema { format, ..MetaSchema::new("string") }))
            }
            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(self.as_raw_value().into_iter())
            }
        }
        impl ParseFromJSON for $name {
            /// A text and nothing else: poem-openapi's own strings take numbers and booleans too.
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                match value {
                    Some(Value::String(text)) => Ok(Self(text)),
                    _ => Err(ParseError::custom("a text is expected")),
                }
            }
        }
        impl ToJSON for $name {
            fn to_json(&self) -> Option<Value> {
                Some(Value::String(self.0.clone()))
            }
        }
    };
}

strict_text! {
    /// A text in a request.
    Text, None
}
strict_text! {
    /// A password or a token in a request: never printed.
    Secret, Some("password")
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::{Enum, Object};

    #[derive(Debug, PartialEq, Enum)]
    #[oai(rename_all = "snake_case")]
    enum Colour {
        Red,
        DarkBlue,
    }

    #[derive(Debug, PartialEq, Object)]
    #[oai(deny_unknown_fields)]
    struct Body {
        email: Text,
        /// Why it is said.
        password: Secret,
        #[oai(nullable)]
        name: Option<Text>,
        nick: Option<Text>,
        /// Which.
        colour: Option<Colour>,
    }

    fn wrong(json: &str) -> (&'static str, Vec<(String, &'static str)>) {
        let refused = read::<Body>(json.as_bytes()).expect_err(json);
        let faults = refused.faults().iter().map(|f| (f.pointer.clone(), f.code)).collect();
        (refused.code(), faults)
    }

    #[test]
    fn what_fits_is_read() {
        let body: Body =
            read(br#"{"email":"a","password":"b","name":null,"colour":"dark_blue"}"#).unwrap();
        assert_eq!(body.email.as_str(), "a");
        assert_eq!(body.password.as_str(), "b");
        assert_eq!((body.name, body.nick, body.colour), (None, None, Some(Colour::DarkBlue)));
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let (code, faults) =
            wrong(r#"{"email":1,"name":false,"nick":null,"colour":"green","~/é":0}"#);
        assert_eq!(code, "invalid_request");
        let named: Vec<(&str, &str)> = faults.iter().map(|(p, c)| (p.as_str(), *c)).collect();
        assert_eq!(
            named,
            [
                ("#/email", "wrong_type"),
                ("#/password", "missing_field"),
                ("#/name", "wrong_type"),
                ("#/nick", "wrong_type"),
                ("#/colour", "unknown_value"),
                ("#/~0~1%C3%A9", "unknown_field"),
            ]
        );
    }

    #[test]
    fn a_body_that_is_no_object_is_of_the_wrong_type() {
        for body in ["null", "[]", "1", "\"email\"", "true"] {
            assert_eq!(wrong(body), ("invalid_request", vec![("#".to_owned(), "wrong_type")]));
        }
    }

    #[test]
    fn no_key_stands_twice_at_any_depth() {
        let twice = r#"{"email":"a","email":"b","password":"c"}"#;
        assert_eq!(wrong(twice), ("malformed_json", vec![("#/email".to_owned(), "duplicate_key")]));
        let deeper = r#"{"email":{"a":[{"b":1,"b":2}]}}"#;
        assert_eq!(
            wrong(deeper),
            ("malformed_json", vec![("#/email/a/b".to_owned(), "duplicate_key")])
        );
        // Two spellings of one key are one key.
        assert_eq!(wrong(r#"{"email":"a","\u0065mail":"b"}"#).0, "malformed_json");
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        let deep = "[".repeat(60_000);
        for body in ["", "{", "{}x", "{'email':1}", "\u{feff}{}", "{\"email\":\"\\ud800\"}", &deep]
        {
            assert_eq!(wrong(body), ("malformed_json", vec![]), "{body:.20}");
        }
        assert_eq!(
            read::<Body>(b"{\"email\":\"\xff\"}").expect_err("not UTF-8").code(),
            "malformed_json"
        );
    }

    #[test]
    fn only_json_is_json() {
        let is = <StrictJson<Body> as Payload>::check_content_type;
        for yes in ["application/json", "Application/JSON; charset=UTF-8", "application/json;"] {
            assert!(is(yes), "{yes}");
        }
        for no in [
            "text/plain",
            "application/json+x",
            "application/ld+json",
            "application/json; charset=latin1",
            "",
        ] {
            assert!(!is(no), "{no}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        assert_eq!(format!("{:?}", Secret::from("hunter22222")), "Secret(…)");
    }
}
