//! What is wrong with templates.

use std::collections::BTreeSet;
use std::fmt;

use minijinja::{Environment, HtmlEscape};
use rightful_wording::Language;
use thiserror::Error;

use super::{RenderError, Rendered, environment};
use crate::brand::Brand;
use crate::facts::Facts;
use crate::links::LinkBase;
use crate::samples;

/// Something that is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, or the kind of the letter.
    pub template: String,
    /// The language that it happens in; `None` when in all.
    pub language: Option<Language>,
    /// What is wrong, in English.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { template, language, problem } = self;
        match language {
            Some(language) => write!(f, "{template} ({}): {problem}", language.as_str()),
            None => write!(f, "{template}: {problem}"),
        }
    }
}

impl Finding {
    pub(super) fn of_file(name: &str, problem: String) -> Self {
        Self { template: name.to_owned(), language: None, problem }
    }

    pub(super) fn of_letter(kind: &str, language: Language, error: &RenderError) -> Self {
        let problem = match error {
            RenderError::Template(fault) => fault.detail.clone(),
            other => other.to_string(),
        };
        Self { template: kind.to_owned(), language: Some(language), problem }
    }
}

/// What a letter must have, whatever an operator makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// The link is what the letter is for.
    #[error(
        "the letter's link is missing: write {{{{ link }}}}, in HTML as href=\"{{{{ link }}}}\""
    )]
    NoLink,
    /// The secret stands elsewhere too, where a browser would send it and a log would keep it.
    #[error("the letter's secret stands outside its link")]
    LooseSecret,
    /// A letter says whom it is from.
    #[error("the sender is missing: write {{{{ brand.shop }}}}")]
    NoSender,
    /// A picture or style from elsewhere tells when and where a letter is read; scripts and forms have no
    /// place in letters.
    #[error("the page loads something or holds a script or form: {0}")]
    NotSelfContained(&'static str),
    /// Nothing to read.
    #[error("the letter is empty")]
    Empty,
}

/// What makes a mail program fetch, run or send something.
const OUTSIDE: [&str; 18] = [
    "<script",
    "<link",
    "<iframe",
    "<object",
    "<embed",
    "<form",
    "<base",
    "<img",
    "<video",
    "<audio",
    "<picture",
    "<svg",
    "<input",
    "<frame",
    "http-equiv",
    "background=",
    "url(",
    "@import",
];

/// Refuses a letter that lacks what it must have.
pub(super) fn completeness(
    kind: &str,
    rendered: &Rendered,
    brand: &Brand,
) -> Result<(), RenderError> {
    let escaped = HtmlEscape(brand.shop()).to_string();
    for (extension, body, shop) in
        [("txt", &rendered.text, brand.shop()), ("html", &rendered.html, escaped.as_str())]
    {
        if let Some(fault) = fault_of(rendered, extension, body, shop) {
            return Err(RenderError::Incomplete { template: format!("{kind}.{extension}"), fault });
        }
    }
    Ok(())
}

fn fault_of(rendered: &Rendered, extension: &str, body: &str, shop: &str) -> Option<Fault> {
    if body.trim().is_empty() {
        return Some(Fault::Empty);
    }
    if !body.contains(shop) {
        return Some(Fault::NoSender);
    }
    if let Some(link) = &rendered.link {
        let wanted = match extension {
            "html" => format!("href=\"{}\"", link.url),
            _ => link.url.clone(),
        };
        if !body.contains(&wanted) {
            return Some(Fault::NoLink);
        }
        if body.matches(&link.secret).count() != body.matches(&link.url).count() {
            return Some(Fault::LooseSecret);
        }
    }
    let lower = body.to_ascii_lowercase();
    let outside =
        (extension == "html").then(|| OUTSIDE.into_iter().find(|tag| lower.contains(tag)));
    outside.flatten().map(Fault::NotSelfContained)
}

/// Variables that a template asks for and its letter has not, in branches that no sample reaches too.
pub(super) fn undeclared(environment: &Environment<'static>, brand: &Brand) -> Vec<Finding> {
    let nowhere = LinkBase::parse("https://shop.example").expect("it is written here");
    let mut by_kind: Vec<(&str, BTreeSet<String>)> = Vec::new();
    for content in samples::all() {
        let link = nowhere.link(&content);
        let facts = Facts::of(&content, Language::En, brand, link.as_ref(), "");
        by_kind.push((content.kind(), facts.names()));
    }
    // The shared parts see the variables of every kind, and what a letter sets for them.
    let mut shared: BTreeSet<String> =
        by_kind.iter().flat_map(|(_, names)| names.clone()).collect();
    shared.extend(["label", "until"].map(str::to_owned));
    let globals: BTreeSet<&str> = environment.globals().map(|(name, _)| name).collect();

    let mut findings = Vec::new();
    for (name, _) in environment::SOURCES {
        let Ok(template) = environment.get_template(name) else { continue };
        let kind = name.rsplit_once('.').map_or(name, |(kind, _)| kind);
        let allowed =
            by_kind.iter().find(|(of, _)| *of == kind).map_or(&shared, |(_, names)| names);
        let wanted: BTreeSet<String> = template.undeclared_variables(true).into_iter().collect();
        for variable in wanted {
            if !allowed.contains(&variable) && !globals.contains(variable.as_str()) {
                findings.push(Finding::of_file(name, format!("there is no variable {variable}")));
            }
        }
    }
    findings
}
