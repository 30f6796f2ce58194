//! Where the links of letters lead when the shop has configured no page of its own. A link carries its secret
//! in the fragment of its address, which browsers do not send: these pages never see it. Opening one changes
//! nothing, however often a mail scanner does (CS-54), and says so.

use std::fmt::Write as _;
use std::sync::Arc;

use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::context::Context;
use crate::html::{escape, language, page};
use crate::pages::other_language;
use crate::problem::Refused;
use crate::shared::Shared;

/// The kinds of links.
const KINDS: [&str; 3] = ["verify", "confirm-email-change", "dispute-email-change"];

/// `/links/<kind>`.
#[handler]
pub(crate) fn page_of_link(
    Data(shared): Data<&Arc<Shared>>,
    context: Context,
    Path(kind): Path<String>,
    request: &Request,
) -> Result<Response, Refused> {
    let kind = KINDS.into_iter().find(|known| *known == kind).ok_or_else(Refused::not_found)?;
    let locale = language(request, context.locale);
    let text = |key: &str| escape(&shared.texts.text(locale, key));
    let mut body = String::new();
    writeln!(body, "<h1>{}</h1>", text(&format!("link-page-{kind}-title")))
        .expect("a String takes everything");
    for key in [&format!("link-page-{kind}-what"), "link-page-next"] {
        writeln!(body, "<p>{}</p>", text(key)).expect("a String takes everything");
    }
    writeln!(
        body,
        "<p class=\"note\">{}</p>\n<h2>{}</h2>\n<p>{}</p>\n<p>{}</p>",
        text("link-page-nothing-changed"),
        text("link-page-shop-title"),
        text(&format!("link-page-{kind}-shop")),
        text("link-page-shop-fragment"),
    )
    .expect("a String takes everything");
    body.push_str(&other_language(shared, locale, &format!("/links/{kind}")));
    let title = shared.texts.text(locale, &format!("link-page-{kind}-title"));
    Ok(page(locale, &title, &body, "no-store"))
}
