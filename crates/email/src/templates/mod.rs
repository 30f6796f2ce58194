//! Letters in words: one template for the text and one for the page of every kind, and an operator's own in
//! their place (R-019).
//!
//! ```text
//!   letter ──► facts ──► operator's templates ──► complete? ──yes──► rendered
//!                               │ fails              │ no
//!                               └────────────────────┴──► reported, built-in templates ──► rendered
//! ```

mod check;
mod environment;
mod overrides;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use minijinja::Environment;
use rightful_domain::letters::{Letter, LetterContent};
use rightful_domain::values::Locale;
use rightful_wording::{Language, TextError, catalog};
use thiserror::Error;

use crate::brand::Brand;
use crate::facts::Facts;
use crate::links::{LinkBase, MailLink};
use crate::samples;

pub use check::{Fault, Finding};
pub use overrides::OverrideError;

/// Every template of every letter, with the brand and the links that they show.
pub struct Templates {
    brand: Brand,
    links: LinkBase,
    built_in: Environment<'static>,
    /// The built-in templates with the operator's in their places.
    own: Option<Environment<'static>>,
    /// What was wrong with the operator's files when they were read.
    unread: Vec<Finding>,
}

/// A letter in words.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// For mail programs without HTML, and for people who prefer it: complete.
    pub text: String,
    /// A page that loads nothing from elsewhere.
    pub html: String,
    /// The one link, if the letter has one.
    pub link: Option<MailLink>,
}

impl fmt::Debug for Rendered {
    /// The subject only: the rest holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Why a letter cannot be put into words.
#[derive(Debug, Error)]
pub enum RenderError {
    /// There is no kind of this name.
    #[error("there is no letter of the kind {0}")]
    UnknownKind(String),
    /// A template fails. The text names the template, the line and the sort of fault, and nothing of the
    /// letter.
    #[error("{}", .0.brief)]
    Template(TemplateFault),
    /// A text is missing.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A template leaves out what its letter must have.
    #[error("{template}: {fault}")]
    Incomplete {
        /// The template.
        template: String,
        /// What is wrong.
        fault: Fault,
    },
}

/// What a template engine says.
pub struct TemplateFault {
    brief: String,
    /// It may hold values of the letter: for samples only.
    detail: String,
}

impl fmt::Debug for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TemplateFault({})", self.brief)
    }
}

impl From<minijinja::Error> for RenderError {
    fn from(error: minijinja::Error) -> Self {
        let place = match (error.name(), error.line()) {
            (Some(name), Some(line)) => format!("{name}, line {line}: "),
            (Some(name), None) => format!("{name}: "),
            _ => String::new(),
        };
        let brief = format!("{place}{}", error.kind());
        Self::Template(TemplateFault { brief, detail: error.to_string() })
    }
}

impl Templates {
    /// The built-in templates.
    pub fn built_in(brand: Brand, links: LinkBase) -> Self {
        let built_in = environment::built_in();
        Self { brand, links, built_in, own: None, unread: Vec::new() }
    }

    /// With an operator's folder: a file named as a built-in template replaces it whole. An error when the
    /// folder cannot be read. A file that is no template is reported here, in the log and by
    /// [`Templates::check`], and the built-in one stays in its place: no letter is lost.
    pub fn with_overrides(
        brand: Brand,
        links: LinkBase,
        folder: &Path,
    ) -> Result<Self, OverrideError> {
        let (own, unread) = overrides::read(folder)?;
        for finding in &unread {
            tracing::error!(%finding, "a letter template is not used");
        }
        Ok(Self { own: Some(own), unread, ..Self::built_in(brand, links) })
    }

    /// The names of the templates that an operator may replace, with their built-in text.
    pub fn sources() -> impl Iterator<Item = (&'static str, &'static str)> {
        environment::SOURCES.iter().copied()
    }

    /// The brand that the letters show.
    pub fn brand(&self) -> &Brand {
        &self.brand
    }

    /// Puts a letter into the words of its language. When an operator's template fails or leaves out what
    /// the letter must have, that is logged and the built-in one is taken.
    pub fn render(&self, letter: &Letter) -> Result<Rendered, RenderError> {
        self.render_content(&letter.content, language_of(letter.locale))
    }

    /// The sample letter of a kind, as this deployment would send it.
    pub fn preview(&self, kind: &str, language: Language) -> Result<Rendered, RenderError> {
        let content = samples::of(kind).ok_or_else(|| RenderError::UnknownKind(kind.to_owned()))?;
        self.render_content(&content, language)
    }

    /// Everything that is wrong with the templates: files that are no templates, variables that do not
    /// exist, kinds that cannot be rendered in one of the languages, letters without their link or sender.
    /// Empty when all is well.
    pub fn check(&self) -> Vec<Finding> {
        let environment = self.own.as_ref().unwrap_or(&self.built_in);
        let mut findings = self.unread.clone();
        findings.extend(check::undeclared(environment, &self.brand));
        for content in samples::all() {
            for language in Language::ALL {
                if let Err(error) = self.render_whole(environment, &content, language) {
                    findings.push(Finding::of_letter(content.kind(), language, &error));
                }
            }
        }
        findings
    }

    fn render_content(
        &self,
        content: &LetterContent,
        language: Language,
    ) -> Result<Rendered, RenderError> {
        if let Some(own) = &self.own {
            match self.render_whole(own, content, language) {
                Ok(rendered) => return Ok(rendered),
                Err(error) => tracing::error!(
                    kind = content.kind(),
                    %error,
                    "an operator's letter template is broken: the built-in one is sent"
                ),
            }
        }
        self.render_whole(&self.built_in, content, language)
    }

    /// Renders with one set of templates, and refuses what is not complete.
    fn render_whole(
        &self,
        environment: &Environment<'static>,
        content: &LetterContent,
        language: Language,
    ) -> Result<Rendered, RenderError> {
        let kind = content.kind();
        let link = self.links.link(content);
        let shop = [("shop", self.brand.shop().into())];
        let subject = catalog().try_text(language, &subject_key(content), &shop)?;
        let facts = Facts::of(content, language, &self.brand, link.as_ref(), &subject).value();
        let part = |extension: &str| {
            environment.get_template(&format!("{kind}.{extension}"))?.render(facts.clone())
        };
        let rendered = Rendered { text: tidy(&part("txt")?), html: part("html")?, subject, link };
        check::completeness(kind, &rendered, &self.brand)?;
        Ok(rendered)
    }
}

/// The language of a letter, whatever language a request came in.
fn language_of(locale: Locale) -> Language {
    match locale {
        Locale::En => Language::En,
        Locale::Fr => Language::Fr,
    }
}

fn subject_key(content: &LetterContent) -> String {
    match content {
        LetterContent::Welcome { verify: Some(_), .. } => {
            "letter-welcome-subject-verify".to_owned()
        }
        _ => format!("letter-{}-subject", content.kind()),
    }
}

/// Plain text as it is read: no blanks at the end of lines, one empty line where templates leave several.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut gap = false;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            gap = !tidied.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            tidied.push('\n');
        }
        tidied.push_str(line);
        tidied.push('\n');
    }
    tidied
}
