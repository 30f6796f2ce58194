//! The template engine, and the templates that are built in.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value};
use rightful_wording::{Arg, Language, catalog};

/// A letter needs some hundreds of steps. More than this is a loop that does not end.
const FUEL: u64 = 50_000;

macro_rules! sources {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// Every template by its name: the shared parts, then each kind of letter.
pub(super) const SOURCES: [(&str, &str); 64] = sources![
    "layout.html" "layout.txt" "button.html" "button.txt" "deed.html" "deed.txt"
    "welcome.html" "welcome.txt"
    "verify_address.html" "verify_address.txt"
    "already_registered.html" "already_registered.txt"
    "address_resting.html" "address_resting.txt"
    "mailbox_proved.html" "mailbox_proved.txt"
    "new_sign_in.html" "new_sign_in.txt"
    "password_changed.html" "password_changed.txt"
    "reset_password.html" "reset_password.txt"
    "password_reset.html" "password_reset.txt"
    "no_account.html" "no_account.txt"
    "account_reminder.html" "account_reminder.txt"
    "profile_changed.html" "profile_changed.txt"
    "sessions_ended.html" "sessions_ended.txt"
    "confirm_email_change.html" "confirm_email_change.txt"
    "email_change_requested.html" "email_change_requested.txt"
    "approve_email_change.html" "approve_email_change.txt"
    "email_changed_old.html" "email_changed_old.txt"
    "email_changed_new.html" "email_changed_new.txt"
    "email_change_cancelled.html" "email_change_cancelled.txt"
    "address_tried.html" "address_tried.txt"
    "email_change_disputed.html" "email_change_disputed.txt"
    "email_change_reverted.html" "email_change_reverted.txt"
    "bind_factor.html" "bind_factor.txt"
    "factor_bound.html" "factor_bound.txt"
    "factor_removed.html" "factor_removed.txt"
    "backup_codes_renewed.html" "backup_codes_renewed.txt"
    "backup_code_used.html" "backup_code_used.txt"
    "second_step_failed.html" "second_step_failed.txt"
    "device_trusted.html" "device_trusted.txt"
];

/// An engine without templates: a name that does not exist is an error, HTML is escaped, loops end.
pub(super) fn bare() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("only the treatment of white space differs from the default"),
    );
    environment.set_auto_escape_callback(|name| match name.rsplit_once('.') {
        Some((_, "txt")) => AutoEscape::None,
        _ => AutoEscape::Html,
    });
    environment.add_function("t", text);
    environment
}

/// The engine with the built-in templates.
pub(super) fn built_in() -> Environment<'static> {
    let mut environment = bare();
    for (name, source) in SOURCES {
        environment
            .add_template(name, source)
            .expect("a built-in template compiles: tests::built_in_templates_are_whole");
    }
    environment
}

/// `t("key", name=value)`: a text of the catalogue in the language of the letter.
fn text(state: &State, key: &str, named: Kwargs) -> Result<String, Error> {
    let fault = |error: String| Error::new(ErrorKind::InvalidOperation, error);
    let language = state.lookup("lang").and_then(|lang| Language::parse(lang.as_str()?).ok());
    let language = language.ok_or_else(|| fault("the letter has no language".to_owned()))?;
    let mut values: Vec<(String, Value)> = Vec::new();
    for name in named.args() {
        values.push((name.to_owned(), named.get(name)?));
    }
    named.assert_all_used()?;
    let texts: Vec<(&str, String)> =
        values.iter().map(|(name, value)| (name.as_str(), value.to_string())).collect();
    let args: Vec<(&str, Arg<'_>)> =
        texts.iter().map(|(name, text)| (*name, Arg::from(text))).collect();
    catalog().try_text(language, key, &args).map_err(|error| fault(error.to_string()))
}
