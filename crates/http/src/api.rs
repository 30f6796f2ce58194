//! Everything put together: the routes, the layers around them, the document.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::web::Data;
use poem::{Endpoint, EndpointExt, Response, Route, get, handler};
use poem_openapi::registry::{MetaApi, MetaPath, Registry};
use poem_openapi::{ExtraHeader, LicenseObject, OpenApi, OpenApiService, ServerObject, Tags};
use rightful_domain::Rightful;
use serde_json::Value;

use crate::account_reminder::AccountReminderApi;
use crate::auth::Authenticate;
use crate::body_limit::BodyLimit;
use crate::docs;
use crate::edge::Edge;
use crate::email_change::EmailChangeApi;
use crate::idempotency::Idempotency;
use crate::landing;
use crate::normalize::normalize;
use crate::pages;
use crate::password_reset::PasswordResetApi;
use crate::profile::ProfileApi;
use crate::registration::RegistrationApi;
use crate::root;
use crate::routes::Routes;
use crate::second_factors::SecondFactorsApi;
use crate::security_checkup::SecurityCheckupApi;
use crate::sessions::SessionsApi;
use crate::settings::HttpSettings;
use crate::shared::Shared;
use crate::sign_in::SignInApi;
use crate::trusted_devices::TrustedDevicesApi;

/// The parts of the API.
#[derive(Tags)]
pub(crate) enum Tag {
    /// Registering, and proving the mailbox.
    Registration,
    /// Signing in and out, and the sessions of an account.
    Sessions,
    /// Second factors: an app, backup codes, devices that are trusted.
    #[oai(rename = "Second factors")]
    SecondFactors,
    /// The customer's own data.
    Profile,
    /// Changing the e-mail address, confirming it, disputing it.
    #[oai(rename = "E-mail change")]
    EmailChange,
    /// Getting back in: a forgotten password, a forgotten address.
    Recovery,
}

type Operations = (
    RegistrationApi,
    SignInApi,
    SessionsApi,
    SecondFactorsApi,
    TrustedDevicesApi,
    ProfileApi,
    EmailChangeApi,
    PasswordResetApi,
    AccountReminderApi,
    SecurityCheckupApi,
);

/// Pages that are only read, beside the documented operations.
const PAGES: [&str; 7] =
    ["/", "/openapi.json", "/docs", "/problems", "/problems/{code}", "/links/{kind}", "/healthz"];

/// The parts in the order in which somebody meets them.
const TAGS: [&str; 6] =
    ["Registration", "Sessions", "Second factors", "Profile", "E-mail change", "Recovery"];

const DESCRIPTION: &str = "Accounts that stay with their rightful owner.

A program sends the token of its session as `Authorization: Bearer`; a page of this origin uses the session \
cookie and sends `X-CSRF-Token` with everything that changes something. When both are there, the token counts. \
A token that is not good is refused everywhere, public operations included.

Every refusal is `application/problem+json` (RFC 9457). Decide by `code`; its `type` is a page that explains it.";

/// The API as an endpoint.
pub struct Api;

impl Api {
    /// Everything that the public may reach: `/v1`, its document and pages to browse it, the pages of
    /// problems and links, `/healthz`, and at `/` a word on where all of it is.
    #[expect(clippy::new_ret_no_self, reason = "an endpoint has a name that cannot be written")]
    pub fn new(rightful: Arc<Rightful>, settings: HttpSettings) -> impl Endpoint + 'static {
        let document = document();
        let routes = Routes::new(&document, &PAGES);
        let shared = Arc::new(Shared::new(rightful, settings, routes));
        let operations: Operations = (
            RegistrationApi(Arc::clone(&shared)),
            SignInApi(Arc::clone(&shared)),
            SessionsApi(Arc::clone(&shared)),
            SecondFactorsApi(Arc::clone(&shared)),
            TrustedDevicesApi(Arc::clone(&shared)),
            ProfileApi(Arc::clone(&shared)),
            EmailChangeApi(Arc::clone(&shared)),
            PasswordResetApi(Arc::clone(&shared)),
            AccountReminderApi(Arc::clone(&shared)),
            SecurityCheckupApi(Arc::clone(&shared)),
        );
        let v1 = OpenApiService::new(operations, "", "")
            .with(Authenticate(Arc::clone(&shared)))
            .with(Idempotency(Arc::clone(&shared)))
            .with(BodyLimit { deadline: shared.settings.body_deadline });
        let text: Arc<str> = pretty(&document).into();
        Route::new()
            .nest_no_strip("/v1", v1)
            .at("/", get(root::page_of_api))
            .at("/openapi.json", get(openapi_json).data(text))
            .at("/docs", get(docs::endpoint(&raw(), &document)))
            .at("/problems", get(pages::index))
            .at("/problems/:code", get(pages::problem))
            .at("/links/:kind", get(landing::page_of_link))
            .at("/healthz", get(healthz))
            .data(Arc::clone(&shared))
            .with(Edge(shared))
    }
}

/// The `OpenAPI` document (3.0.3, pretty JSON with a line feed at its end). The same code gives the same bytes.
pub fn openapi_document() -> String {
    pretty(&document())
}

fn pretty(document: &Value) -> String {
    format!("{document:#}\n")
}

fn document() -> Value {
    let mut document = normalize(&raw().spec(), &TAGS);
    // Some other crate may have switched serde_json to insertion order.
    document.sort_all_objects();
    document
}

/// What documents the operations without serving them.
pub(crate) type Documented = OpenApiService<Signatures<Operations>, ()>;

fn raw() -> Documented {
    OpenApiService::new(
        Signatures(PhantomData::<Operations>),
        "Rightful",
        env!("CARGO_PKG_VERSION"),
    )
    .description(DESCRIPTION)
    .license(LicenseObject::new("MIT OR Apache-2.0").url("https://spdx.org/licenses/MIT.html"))
    .server(ServerObject::new("/").description("Where this document is served."))
    .extra_response_header::<String, _>(
        ExtraHeader::new("Request-Id")
            .description("The request's id, the client's own if it sent one."),
    )
}

/// The operations of `T` as far as a document tells of them: there is nobody behind them.
pub(crate) struct Signatures<T>(PhantomData<T>);

impl<T: OpenApi> OpenApi for Signatures<T> {
    /// One path, one entry: two features may have operations on it, and of two members of one name in a
    /// JSON object readers take one.
    fn meta() -> Vec<MetaApi> {
        let mut paths: Vec<MetaPath> = Vec::new();
        for MetaPath { path, operations } in T::meta().into_iter().flat_map(|api| api.paths) {
            match paths.iter_mut().find(|known| known.path == path) {
                Some(known) => known.operations.extend(operations),
                None => paths.push(MetaPath { path, operations }),
            }
        }
        vec![MetaApi { paths }]
    }
    fn register(registry: &mut Registry) {
        T::register(registry);
    }
    fn add_routes(self, _: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}

#[handler]
fn openapi_json(Data(text): Data<&Arc<str>>) -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(header::CACHE_CONTROL, "no-cache")
        .body(text.to_string())
}

/// For the load balancer on the public side: whether to send people here, and nothing else.
#[handler]
async fn healthz(Data(shared): Data<&Arc<Shared>>) -> Response {
    if shared.settings.health.all_well().await {
        Response::builder()
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(header::CACHE_CONTROL, "no-store")
            .body("{\"status\":\"ok\"}")
    } else {
        StatusCode::SERVICE_UNAVAILABLE.into()
    }
}
