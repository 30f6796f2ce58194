//! Where the links of letters lead when the shop has configured no page of its own. A link carries its secret
//! in the fragment of its address, which browsers do not send: these pages never see it. Opening one changes
//! nothing, however often a mail scanner does (CS-54), and says so.

use std::sync::Arc;

use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::context::Context;
use crate::html::{contact, escape, language, page};
use crate::pages::other_language;
use crate::problem::Refused;
use crate::shared::Shared;

/// A kind of link, and what completes it.
struct Kind {
    name: &'static str,
    operation: &'static str,
    /// A body that works on a development server, `TOKEN` being the secret of the link.
    body: &'static str,
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "verify",
        operation: "/v1/verifications",
        body: r#"{"token": "TOKEN", "password": "nine quiet harbours"}"#,
    },
    Kind {
        name: "confirm-email-change",
        operation: "/v1/email-changes/confirm",
        body: r#"{"token": "TOKEN", "password": "PASSWORD"}"#,
    },
    Kind {
        name: "approve-email-change",
        operation: "/v1/email-changes/approve",
        body: r#"{"token": "TOKEN"}"#,
    },
    Kind {
        name: "dispute-email-change",
        operation: "/v1/email-changes/dispute",
        body: r#"{"token": "TOKEN"}"#,
    },
    Kind {
        name: "bind-second-factor",
        operation: "/v1/me/second-factors/ID/bind",
        body: r#"{"token": "TOKEN", "code": "CODE"}"#,
    },
    Kind {
        name: "reset-password",
        operation: "/v1/password-resets/complete",
        body: r#"{"token": "TOKEN", "password": "nine quiet harbours"}"#,
    },
];

/// `/links/<kind>`.
#[handler]
pub(crate) fn page_of_link(
    Data(shared): Data<&Arc<Shared>>,
    context: Context,
    Path(kind): Path<String>,
    request: &Request,
) -> Result<Response, Refused> {
    let kind = KINDS.iter().find(|known| known.name == kind).ok_or_else(Refused::not_found)?;
    let name = kind.name;
    let locale = language(request, context.locale);
    let text = |key: &str| escape(&shared.texts.text(locale, key));
    let paragraph = |key: &str| format!("<p>{}</p>\n", text(key));
    let heading = |key: &str| format!("<h2>{}</h2>\n", text(key));
    let settings = &shared.settings;
    let mut parts = vec![
        format!("<h1>{}</h1>\n", text(&format!("link-page-{name}-title"))),
        paragraph(&format!("link-page-{name}-what")),
        paragraph("link-page-next"),
    ];
    if let Some(support) = &settings.support {
        parts.push(format!("<p>{} {}</p>\n", text("link-page-contact"), contact(support)));
    }
    parts.push(format!("<p class=\"note\">{}</p>\n", text("link-page-nothing-changed")));
    if settings.inbox.is_some() {
        parts.push(heading("link-page-dev-title"));
        parts.push(paragraph(&format!("link-page-dev-{name}")));
        parts.push(format!("<pre><code>{}</code></pre>\n", escape(&command(shared, kind))));
    }
    parts.push(heading("link-page-shop-title"));
    parts.push(paragraph(&format!("link-page-{name}-shop")));
    parts.push(paragraph("link-page-shop-fragment"));
    if settings.links_lead_here {
        parts.push(paragraph("link-page-shop-default"));
    }
    parts.push(other_language(shared, locale, &format!("/links/{name}")));
    let title = shared.texts.text(locale, &format!("link-page-{name}-title"));
    Ok(page(locale, &title, &parts.concat(), "no-store"))
}

/// What completes a link, for a terminal on the machine of a developer.
fn command(shared: &Shared, kind: &Kind) -> String {
    format!(
        "curl -sS '{origin}{path}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'",
        origin = shared.settings.public.as_str(),
        path = kind.operation,
        body = kind.body,
    )
}
