//! `/dev/inbox`: every letter, for everybody who reaches this server, which is this machine alone.

use std::net::SocketAddr;
use std::sync::Arc;

use poem::endpoint::make_sync;
use poem::http::{StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response, Route, get};
use rightful_email::Inbox;

/// Where the list of letters is.
pub(crate) const BASE: &str = "/dev/inbox";

/// The API, and the inbox beside it.
pub(crate) fn with_inbox<E>(
    api: E,
    inbox: &Arc<Inbox>,
    address: SocketAddr,
) -> impl Endpoint + 'static
where
    E: Endpoint + 'static,
{
    // A page of another site can give its own name our address and read what it likes (DNS rebinding).
    // Letters are for those who came by one of our names.
    let hosts: Arc<[String]> =
        ["127.0.0.1", "localhost"].map(|name| format!("{name}:{}", address.port())).into();
    let page = |answer: fn(&Inbox, &Request) -> Option<Response>| {
        let (inbox, hosts) = (Arc::clone(inbox), Arc::clone(&hosts));
        get(make_sync(move |request: Request| {
            let host = request.header(header::HOST).unwrap_or_default();
            if !hosts.iter().any(|known| known == host) {
                return StatusCode::MISDIRECTED_REQUEST.into_response();
            }
            answer(&inbox, &request).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
        }))
    };
    Route::new()
        .at(BASE, page(|inbox, _| Some(html(inbox.list_page(BASE), Inbox::PAGE_CSP))))
        .at(
            "/dev/inbox.css",
            page(|_, _| Some(plain(Inbox::STYLESHEET.to_owned(), "text/css; charset=utf-8"))),
        )
        .at("/dev/inbox.json", page(|inbox, _| json(&inbox.list())))
        .at(
            "/dev/inbox/:id",
            page(|inbox, request| {
                let id = id_of(request);
                match id.strip_suffix(".json") {
                    Some(id) => json(&inbox.find(id)?),
                    None => Some(html(inbox.message_page(BASE, &id)?, Inbox::PAGE_CSP)),
                }
            }),
        )
        .at(
            "/dev/inbox/:id/letter",
            page(|inbox, request| {
                Some(html(inbox.letter_page(&id_of(request))?, Inbox::LETTER_CSP))
            }),
        )
        .nest_no_strip("/", api)
}

fn id_of(request: &Request) -> String {
    request.path_params::<String>().unwrap_or_default()
}

fn html(body: String, policy: &'static str) -> Response {
    let mut response = plain(body, "text/html; charset=utf-8");
    let policy = poem::http::HeaderValue::from_static(policy);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn json(letters: &impl serde::Serialize) -> Option<Response> {
    Some(plain(serde_json::to_string_pretty(letters).ok()?, "application/json"))
}

fn plain(body: String, kind: &'static str) -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, kind)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::REFERRER_POLICY, "no-referrer")
        .body(body)
}
