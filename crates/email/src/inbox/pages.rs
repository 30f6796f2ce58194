//! The pages of the inbox. In English only: they are a tool of development, and no customer sees them.

use std::sync::OnceLock;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

use super::InboxLetter;

/// The list of letters.
pub(super) fn list(base: &str, letters: &[InboxLetter]) -> String {
    let letters = Serde(letters);
    render("list.html", context! { base, letters })
}

/// One letter.
pub(super) fn message(base: &str, letter: &InboxLetter) -> String {
    render("message.html", context! { base, letter => Serde(letter) })
}

fn render(name: &str, context: minijinja::Value) -> String {
    environment()
        .get_template(name)
        .and_then(|template| template.render(context))
        .expect("the pages of the inbox ask for nothing but what a letter has: inbox::tests")
}

fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        for (name, source) in [
            ("page.html", include_str!("../../templates/inbox/page.html")),
            ("list.html", include_str!("../../templates/inbox/list.html")),
            ("message.html", include_str!("../../templates/inbox/message.html")),
        ] {
            environment.add_template(name, source).expect("it compiles: inbox::tests");
        }
        environment
    })
}
