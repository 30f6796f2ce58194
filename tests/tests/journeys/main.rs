//! Journeys over HTTP: the real server in this process, real letters, a clock that is set, on SQLite and on
//! PostgreSQL. One file for each feature, named as in the domain.

mod account_reminder;
mod audit;
mod email_change;
mod email_change_approved;
mod email_change_disputed;
mod email_change_refused;
mod http_manners;
mod letters;
mod password_reset;
mod profile;
mod races;
mod registration;
mod retention;
mod second_factors;
mod security_checkup;
mod sessions;
mod sign_in;

use rightful_tests::Answer;

/// What of an answer could tell two cases apart: everything but the request's id and the date.
fn shape(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let told = |name: &str| !["request-id", "date"].contains(&name);
    let headers = answer.headers.iter().filter(|(name, _)| told(name.as_str()));
    let headers = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()));
    let mut text = answer.text();
    let id = answer.header("request-id");
    if !id.is_empty() {
        text = text.replace(id, "…");
    }
    (answer.status, headers.collect(), text)
}

/// What nobody can tell apart.
#[track_caller]
fn assert_alike(answers: &[Answer]) {
    let (first, others) = answers.split_first().expect("there are some");
    for other in others {
        assert_eq!(shape(first), shape(other));
    }
}
