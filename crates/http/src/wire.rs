//! Small types that several requests and answers share.

use std::borrow::Cow;

use poem::http::{HeaderValue, header};
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaHeader, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{Example, ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use poem_openapi::{ApiResponse, Enum, Object};
use rightful_domain::accounts::{Account, Origin, Standing};
use rightful_domain::sessions::Carrier;
use rightful_domain::values::{Locale, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// An instant in an answer: RFC 3339, UTC, whole seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl Type for Moment {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;
    fn name() -> Cow<'static, str> {
        "string_date-time".into()
    }
    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "date-time")))
    }
    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(self.as_raw_value().into_iter())
    }
}
impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
impl ToJSON for Moment {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.0.to_string()))
    }
}
impl ParseFromJSON for Moment {
    /// Times come from the server's clock alone: no request holds one.
    fn parse_from_json(_: Option<Value>) -> ParseResult<Self> {
        Err(ParseError::custom("an instant is never read from a request"))
    }
}

/// A language of the product (BCP 47).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename = "Language", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub(crate) enum LanguageTag {
    En,
    Fr,
}

impl From<Locale> for LanguageTag {
    fn from(locale: Locale) -> Self {
        match locale {
            Locale::En => Self::En,
            Locale::Fr => Self::Fr,
        }
    }
}
impl From<LanguageTag> for Locale {
    fn from(tag: LanguageTag) -> Self {
        match tag {
            LanguageTag::En => Self::En,
            LanguageTag::Fr => Self::Fr,
        }
    }
}

/// Which door a registration came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename = "Origin", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub(crate) enum OriginName {
    Direct,
    Checkout,
    PostCheckout,
}

impl From<Origin> for OriginName {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Direct => Self::Direct,
            Origin::Checkout => Self::Checkout,
            Origin::PostCheckout => Self::PostCheckout,
        }
    }
}
impl From<OriginName> for Origin {
    fn from(name: OriginName) -> Self {
        match name {
            OriginName::Direct => Self::Direct,
            OriginName::Checkout => Self::Checkout,
            OriginName::PostCheckout => Self::PostCheckout,
        }
    }
}

/// How a session's secret travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename = "Carrier", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub(crate) enum CarrierName {
    /// In a cookie, for browsers.
    Cookie,
    /// In `Authorization: Bearer`, for programs.
    Bearer,
}

impl From<Carrier> for CarrierName {
    fn from(carrier: Carrier) -> Self {
        match carrier {
            Carrier::Cookie => Self::Cookie,
            Carrier::Bearer => Self::Bearer,
        }
    }
}
impl From<CarrierName> for Carrier {
    fn from(name: CarrierName) -> Self {
        match name {
            CarrierName::Cookie => Self::Cookie,
            CarrierName::Bearer => Self::Bearer,
        }
    }
}

/// An account, as its customer sees it.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
#[oai(rename = "Account", example)]
pub(crate) struct AccountView {
    /// Its id, for good.
    pub(crate) id: String,
    /// The address in force: for sign-in and for e-mails.
    pub(crate) email: String,
    /// Whether the mailbox was proved.
    pub(crate) verified: bool,
    /// When the address in force was proved.
    #[oai(nullable)]
    pub(crate) verified_at: Option<Moment>,
    /// What the customer is called.
    #[oai(nullable)]
    pub(crate) name: Option<String>,
    /// Of e-mails.
    pub(crate) language: LanguageTag,
    /// Which door it came through.
    pub(crate) origin: OriginName,
    pub(crate) created_at: Moment,
    /// When the password in force was set.
    pub(crate) password_set_at: Moment,
    /// Whether signing in takes a second step.
    pub(crate) second_factor: bool,
    /// Sensitive acts are stopped until then, after somebody said "this was not me".
    #[oai(nullable)]
    pub(crate) frozen_until: Option<Moment>,
}

impl AccountView {
    pub(crate) fn of(account: &Account, now: Timestamp) -> Self {
        let record = account.record();
        let verified_at = match record.standing {
            Standing::Unverified => None,
            Standing::Verified { at } => Some(Moment(at)),
        };
        Self {
            id: record.id.to_string(),
            email: record.email.as_str().to_owned(),
            verified: verified_at.is_some(),
            verified_at,
            name: record.name.as_ref().map(|name| name.as_str().to_owned()),
            language: record.locale.into(),
            origin: record.origin.into(),
            created_at: Moment(record.created_at),
            password_set_at: Moment(record.password_set_at),
            second_factor: account.has_second_factor(),
            frozen_until: account.frozen(now).map(|freeze| Moment(freeze.until)),
        }
    }
}

/// What examples share: the demonstration customer of `rightful dev`, so that they work there as they stand,
/// and instants, in order.
pub(crate) mod example {
    use super::Moment;
    use rightful_domain::values::Timestamp;

    pub(crate) const EMAIL: &str = "ada@maison-lune.example";
    pub(crate) const PASSWORD: &str = "violet lantern harbour";
    pub(crate) const NEW_EMAIL: &str = "lovelace@maison-lune.example";
    pub(crate) const REGISTERED: Moment = Moment(Timestamp::from_millis(1_795_322_100_000));
    pub(crate) const SIGNED_IN: Moment = Moment(Timestamp::from_millis(1_795_347_000_000));
    pub(crate) const NEXT_LETTER: Moment = Moment(Timestamp::from_millis(1_795_347_060_000));
    pub(crate) const IN_TWO_DAYS: Moment = Moment(Timestamp::from_millis(1_795_519_800_000));
    pub(crate) const IN_A_WEEK: Moment = Moment(Timestamp::from_millis(1_795_951_800_000));
    /// A token in the form of a link's or session's secret.
    pub(crate) fn token(prefix: &str) -> String {
        format!("{prefix}_Zm9yIGV4YW1wbGUgb25seSwgb3BlbnMgbm90aGluZyE")
    }
}

impl Example for AccountView {
    fn example() -> Self {
        Self {
            id: "acc_01h455vb4pex5vsknk084sn02q".to_owned(),
            email: example::EMAIL.to_owned(),
            verified: true,
            verified_at: Some(example::REGISTERED),
            name: Some("Ada Lovelace".to_owned()),
            language: LanguageTag::En,
            origin: OriginName::Direct,
            created_at: example::REGISTERED,
            password_set_at: example::REGISTERED,
            second_factor: false,
            frozen_until: None,
        }
    }
}

/// An answer that sets cookies too. poem-openapi's own headers hold one value each, and a sign-in sets two
/// cookies.
pub(crate) struct WithCookies<T> {
    pub(crate) answer: T,
    pub(crate) cookies: Vec<HeaderValue>,
}

impl<T: IntoResponse> IntoResponse for WithCookies<T> {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        for cookie in self.cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

impl<T: ApiResponse> ApiResponse for WithCookies<T> {
    fn meta() -> MetaResponses {
        let mut meta = T::meta();
        for response in &mut meta.responses {
            response.headers.push(MetaHeader {
                name: "Set-Cookie".to_owned(),
                description: Some("For sessions in cookies.".to_owned()),
                required: false,
                deprecated: false,
                schema: String::schema_ref(),
            });
        }
        meta
    }
    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
