//! The pages of problems: what the `type` of a problem resolves to.

use std::fmt::Write as _;
use std::sync::Arc;

use poem::web::{Data, Path};
use poem::{Request, Response, handler};
use rightful_domain::values::Locale;

use crate::context::Context;
use crate::html::{escape, language, page};
use crate::problem::{ProblemJson, Refused};
use crate::problems::{CATALOGUE, find};
use crate::samples::{self, Sample};
use crate::shared::Shared;

const CACHE: &str = "public, max-age=300";

/// `/problems`: all of them.
#[handler]
pub(crate) fn index(
    Data(shared): Data<&Arc<Shared>>,
    context: Context,
    request: &Request,
) -> Response {
    let locale = language(request, context.locale);
    let text = |key: &str| escape(&shared.texts.text(locale, key));
    let mut body = format!(
        "<h1>{}</h1>\n<p>{}</p>\n",
        text("problems-page-title"),
        text("problems-page-intro")
    );
    let mut status = 0;
    for known in CATALOGUE {
        if known.status != status {
            if status != 0 {
                body.push_str("</ul>\n");
            }
            status = known.status;
            write!(body, "<h2>{status}</h2>\n<ul>\n").expect("a String takes everything");
        }
        let title = escape(&shared.texts.problem(locale, known.code, "title"));
        writeln!(
            body,
            "<li><a href=\"/problems/{code}?lang={locale}\"><code>{code}</code></a> {title}</li>",
            code = known.code
        )
        .expect("a String takes everything");
    }
    body.push_str("</ul>\n");
    body.push_str(&other_language(shared, locale, "/problems"));
    page(locale, &shared.texts.text(locale, "problems-page-title"), &body, CACHE)
}

/// `/problems/<code>`: one of them.
#[handler]
pub(crate) fn problem(
    Data(shared): Data<&Arc<Shared>>,
    context: Context,
    Path(code): Path<String>,
    request: &Request,
) -> Result<Response, Refused> {
    let known = find(&code).ok_or_else(Refused::not_found)?;
    let locale = language(request, context.locale);
    let text = |key: &str| escape(&shared.texts.text(locale, key));
    let title = shared.texts.problem(locale, known.code, "title");
    let mut body = format!(
        "<h1>{}</h1>\n<p><code>{}</code> · {} {}</p>\n",
        escape(&title),
        known.code,
        text("problem-page-status"),
        known.status
    );
    for part in ["meaning", "cause", "client", "customer"] {
        let heading = text(&format!("problem-page-{part}"));
        let words = escape(&shared.texts.problem(locale, known.code, part));
        writeln!(body, "<h2>{heading}</h2>\n<p>{words}</p>").expect("a String takes everything");
    }
    let sample = Sample::of(known.code);
    let actions = sample.all_actions();
    let heading = text("problem-page-actions");
    writeln!(body, "<h2>{heading}</h2>").expect("a String takes everything");
    if actions.is_empty() {
        writeln!(body, "<p>{}</p>", text("problem-page-no-actions"))
            .expect("a String takes everything");
    } else {
        body.push_str("<ul>\n");
        for action in actions {
            let word = action.as_str();
            let meaning = text(&format!("next-action-{word}"));
            writeln!(body, "<li><code>{word}</code> {meaning}</li>")
                .expect("a String takes everything");
        }
        body.push_str("</ul>\n");
    }
    let example = samples::problem(*known, locale, shared.texts, &shared.problems);
    let example = format!("{:#}", ProblemJson(example).value());
    let heading = text("problem-page-example");
    writeln!(body, "<h2>{heading}</h2>\n<pre><code>{}</code></pre>", escape(&example))
        .expect("a String takes everything");
    writeln!(body, "<p><a href=\"/problems?lang={locale}\">{}</a></p>", text("problem-page-all"))
        .expect("a String takes everything");
    body.push_str(&other_language(shared, locale, &format!("/problems/{}", known.code)));
    Ok(page(locale, &title, &body, CACHE))
}

/// The way to the same page in the other language.
pub(crate) fn other_language(shared: &Shared, locale: Locale, path: &str) -> String {
    let mut links = String::new();
    for other in Locale::ALL.into_iter().filter(|other| *other != locale) {
        let name = escape(&shared.texts.text(other, "page-this-language"));
        let link =
            format!("<a href=\"{path}?lang={other}\" hreflang=\"{other}\" lang=\"{other}\">");
        writeln!(links, "<p>{link}{name}</a></p>").expect("a String takes everything");
    }
    links
}
