//! Sending by SMTP (RFC 5321).
//!
//! lettre speaks the protocol; we speak the conversation, command by command, because the one thing that
//! matters of a refusal is the command that it answers: a 5xx to RCPT means that this mailbox takes no mail,
//! any other that something is wrong with us.

mod conversation;
mod message;
mod refusal;
mod settings;

use std::sync::Arc;

use async_trait::async_trait;
use rightful_domain::letters::Letter;
use rightful_domain::ports::{MailFailure, Mailer};

use crate::templates::Templates;
use conversation::Route;

pub use settings::{InvalidSender, Sender, SettingsError, SmtpPassword, SmtpSettings, Tls};

/// Sends letters to one mail server, one connection for each letter.
pub struct SmtpMailer {
    route: Route,
    from: Sender,
    reply_to: Option<Sender>,
    templates: Arc<Templates>,
}

impl SmtpMailer {
    /// A mailer; nothing is connected before the first letter.
    pub fn new(settings: SmtpSettings, templates: Arc<Templates>) -> Result<Self, SettingsError> {
        let (from, reply_to) = (settings.from.clone(), settings.reply_to.clone());
        Ok(Self { route: Route::plan(settings)?, from, reply_to, templates })
    }

    /// Connects, encrypts and signs in as for a letter, and leaves: for a check of the configuration.
    pub async fn probe(&self) -> Result<(), MailFailure> {
        self.route.probe().await
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailFailure> {
        let rendered = self
            .templates
            .render(letter)
            .map_err(|error| MailFailure::Permanent(format!("cannot be rendered: {error}")))?;
        let message = message::compose(letter, &rendered, &self.from, self.reply_to.as_ref())?;
        self.route.deliver(&self.from, &letter.to, &message).await
    }
}
