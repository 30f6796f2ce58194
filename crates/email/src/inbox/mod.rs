//! The development inbox: letters stay in memory, to be read in a browser or by a test, and go nowhere.
//!
//! The server crate makes the routes. Below a base path such as `/dev/inbox`:
//!
//! | route | body | `Content-Security-Policy` |
//! |---|---|---|
//! | `{base}` | [`Inbox::list_page`] | [`Inbox::PAGE_CSP`] |
//! | `{base}/{id}` | [`Inbox::message_page`] | [`Inbox::PAGE_CSP`] |
//! | `{base}/{id}/letter` | [`Inbox::letter_page`], the letter's own HTML | [`Inbox::LETTER_CSP`] |
//! | `{base}.css` | [`Inbox::STYLESHEET`] | |
//! | `{base}.json` | [`Inbox::list`] as JSON | |

mod pages;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use rightful_domain::letters::Letter;
use rightful_domain::ports::{MailFailure, Mailer};
use serde::Serialize;

use crate::links::MailLink;
use crate::smtp::Sender;
use crate::templates::Templates;

/// The most letters that are kept; older ones go.
const MOST: usize = 500;

/// A mailer that keeps the last 500 letters in memory. For development and tests: it shows every secret.
pub struct Inbox {
    templates: Arc<Templates>,
    from: Sender,
    /// The oldest first.
    letters: Mutex<VecDeque<InboxLetter>>,
}

/// A letter that was received.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "each field is what its name says; the others have a line")]
pub struct InboxLetter {
    pub id: String,
    /// [`rightful_domain::letters::LetterContent::kind`].
    pub kind: String,
    /// `Name <address>`.
    pub from: String,
    pub to: String,
    /// BCP 47.
    pub language: &'static str,
    /// RFC 3339, UTC.
    pub posted_at: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The links in it, taken apart: whoever tries the API needs the bare secret.
    pub links: Vec<InboxLink>,
}

/// A link in a letter.
#[derive(Clone, Debug, Serialize)]
pub struct InboxLink {
    /// What the page behind it does: `verify`, `confirm-email-change`, `approve-email-change`,
    /// `dispute-email-change` or `reset-password`.
    pub purpose: &'static str,
    /// The whole link.
    pub url: String,
    /// The bare secret, as the API takes it.
    pub secret: String,
}

impl From<MailLink> for InboxLink {
    fn from(link: MailLink) -> Self {
        Self { purpose: link.purpose, url: link.url, secret: link.secret }
    }
}

impl Inbox {
    /// For the pages of the inbox: their stylesheet and the framed letter, nothing else.
    pub const PAGE_CSP: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; \
                                form-action 'none'; frame-ancestors 'none'";

    /// For a letter's own HTML, which has its style in attributes, as letters must.
    pub const LETTER_CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                                  form-action 'none'; frame-ancestors 'self'; \
                                  sandbox allow-popups allow-popups-to-escape-sandbox";

    /// The stylesheet of the pages.
    pub const STYLESHEET: &str = include_str!("../../templates/inbox/inbox.css");

    /// An empty inbox.
    pub fn new(templates: Arc<Templates>, from: Sender) -> Self {
        Self { templates, from, letters: Mutex::new(VecDeque::new()) }
    }

    /// The letters, the latest first.
    pub fn list(&self) -> Vec<InboxLetter> {
        self.letters().iter().rev().cloned().collect()
    }

    /// One letter; `None` when it never came, or came more than 500 letters ago.
    pub fn find(&self, id: &str) -> Option<InboxLetter> {
        self.letters().iter().find(|letter| letter.id == id).cloned()
    }

    /// The page with the list of letters. `base` is the path of this page.
    pub fn list_page(&self, base: &str) -> String {
        pages::list(base, &self.list())
    }

    /// The page of one letter, with its text, its links taken apart and its HTML in a frame; `None` when
    /// there is no such letter.
    pub fn message_page(&self, base: &str, id: &str) -> Option<String> {
        self.find(id).map(|letter| pages::message(base, &letter))
    }

    /// The HTML of one letter as its receiver sees it; `None` when there is no such letter.
    pub fn letter_page(&self, id: &str) -> Option<String> {
        self.find(id).map(|letter| letter.html)
    }

    /// Nothing that holds the lock can leave the list half changed.
    fn letters(&self) -> MutexGuard<'_, VecDeque<InboxLetter>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Mailer for Inbox {
    async fn send(&self, letter: &Letter) -> Result<(), MailFailure> {
        let rendered = self
            .templates
            .render(letter)
            .map_err(|error| MailFailure::Permanent(format!("cannot be rendered: {error}")))?;
        let received = InboxLetter {
            id: letter.id.to_string(),
            kind: letter.content.kind().to_owned(),
            from: self.from.display(),
            to: letter.to.as_str().to_owned(),
            language: letter.locale.as_str(),
            posted_at: letter.posted_at.to_string(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            links: rendered.link.into_iter().map(InboxLink::from).collect(),
        };
        let mut letters = self.letters();
        // A letter that is sent again replaces itself, as in a mailbox that knows Message-IDs.
        letters.retain(|other| other.id != received.id);
        letters.push_back(received);
        if letters.len() > MOST {
            letters.pop_front();
        }
        Ok(())
    }
}
