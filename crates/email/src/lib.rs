//! Letters: rendered in their reader's language, and given to a mail server or to the development inbox.
//!
//! - [`Templates`] turn a letter into a subject, a plain text and an HTML page. An operator's folder may
//!   replace any template; a replacement that fails, or leaves out what a letter must say, is reported and
//!   the built-in one is sent instead.
//! - [`LinkBase`] makes the links, from the configured address of the service and nothing else (CS-6).
//! - [`SmtpMailer`] sends; [`Inbox`] keeps letters in memory for development and tests.
//! - [`DnsMailDomains`] says whether a domain takes mail at all.

#![deny(missing_docs)]

mod brand;
mod facts;
mod inbox;
mod links;
mod mail_domains;
mod samples;
mod smtp;
mod templates;

pub use brand::{Brand, Important, InvalidBrand};
pub use inbox::{Inbox, InboxLetter, InboxLink};
pub use links::{InvalidLinkBase, LinkBase, MailLink};
pub use mail_domains::{AlwaysAccepts, DnsMailDomains};
pub use smtp::{InvalidSender, Sender, SettingsError, SmtpMailer, SmtpPassword, SmtpSettings, Tls};
pub use templates::{
    Fault, Finding, OverrideError, RenderError, Rendered, TemplateFault, Templates,
};
