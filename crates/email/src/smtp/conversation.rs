//! One conversation with the mail server for one letter.

use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use rightful_domain::ports::MailFailure;
use rightful_domain::values::EmailAddress;
use tokio::time::timeout;

use super::refusal::{Step, failure_of};
use super::settings::{Sender, SettingsError, SmtpSettings, Tls};

/// How each certificate begins in PEM (RFC 7468).
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// How long we wait for the answer to our good-bye, which changes nothing any more.
const GOOD_BYE: Duration = Duration::from_secs(1);

/// The way to the mail server.
pub(super) struct Route {
    host: String,
    port: u16,
    /// `None` for plain text.
    tls: Option<(Tls, TlsParameters)>,
    credentials: Option<Credentials>,
    helo: ClientId,
    /// For one answer; twice this for a whole letter.
    patience: Duration,
}

impl Route {
    /// Prepares the way; nothing is connected yet.
    pub(super) fn plan(settings: SmtpSettings) -> Result<Self, SettingsError> {
        settings.check()?;
        let tls = match settings.tls {
            Tls::None => None,
            mode => Some((mode, tls_parameters(&settings)?)),
        };
        let credentials = settings.username.zip(settings.password);
        Ok(Self {
            host: settings.host,
            port: settings.port,
            tls,
            credentials: credentials.map(|(name, password)| Credentials::new(name, password.0)),
            helo: settings.helo.map_or_else(ClientId::default, ClientId::Domain),
            patience: settings.timeout,
        })
    }

    /// Gives one message for one mailbox to the server.
    pub(super) async fn deliver(
        &self,
        from: &Sender,
        to: &EmailAddress,
        message: &[u8],
    ) -> Result<(), MailFailure> {
        self.within(Box::pin(async {
            let mut connection = self.open().await?;
            let delivered = self.hand_over(&mut connection, from, to, message).await;
            self.leave(connection).await;
            delivered
        }))
        .await
    }

    /// Opens a conversation and leaves.
    pub(super) async fn probe(&self) -> Result<(), MailFailure> {
        self.within(Box::pin(async {
            let connection = self.open().await?;
            self.leave(connection).await;
            Ok(())
        }))
        .await
    }

    /// The whole conversation: a server that answers each time at the last moment is waited for no longer
    /// than a silent one. The caller's lease counts on it.
    async fn within(
        &self,
        conversation: impl Future<Output = Result<(), MailFailure>>,
    ) -> Result<(), MailFailure> {
        let late = |_| Err(MailFailure::Transient("the conversation took too long".to_owned()));
        timeout(self.patience * 2, conversation).await.unwrap_or_else(late)
    }

    /// Connects, greets, encrypts, signs in.
    async fn open(&self) -> Result<AsyncSmtpConnection, MailFailure> {
        let implicit = self.tls.as_ref().filter(|(mode, _)| *mode == Tls::Implicit);
        let connect = AsyncSmtpConnection::connect_tokio1(
            (self.host.as_str(), self.port),
            // For each of the host's addresses: the first may lead nowhere.
            Some(self.patience / 2),
            &self.helo,
            implicit.map(|(_, parameters)| parameters.clone()),
            None,
        );
        let mut connection = self.answer(Step::Connect, None, connect).await?;
        if let Some((Tls::StartTls, parameters)) = &self.tls {
            if !connection.can_starttls() {
                let text = "STARTTLS is not offered: nothing is sent without TLS";
                return Err(MailFailure::Transient(text.to_owned()));
            }
            let encrypt = connection.starttls(parameters.clone(), &self.helo);
            self.answer(Step::StartTls, None, encrypt).await?;
        }
        if let Some(credentials) = &self.credentials {
            let sign_in = connection.auth(DEFAULT_MECHANISMS, credentials);
            self.answer(Step::Auth, None, sign_in).await?;
        }
        Ok(connection)
    }

    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        from: &Sender,
        to: &EmailAddress,
        message: &[u8],
    ) -> Result<(), MailFailure> {
        let receiver = envelope_address(to);
        let mut parameters = Vec::new();
        if !to.local().is_ascii() {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                // RFC 6531 §3.2: such an address must not be shown to this server at all.
                let text = "the mail server takes no internationalised addresses (SMTPUTF8)";
                return Err(MailFailure::Undeliverable(text.to_owned()));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let mail = connection.command(Mail::new(Some(from.mailbox().email.clone()), parameters));
        self.answer(Step::MailFrom, Some(to), mail).await?;
        let rcpt = connection.command(Rcpt::new(receiver, Vec::new()));
        self.answer(Step::RcptTo, Some(to), rcpt).await?;
        self.answer(Step::Data, Some(to), connection.command(Data)).await?;
        self.answer(Step::Content, Some(to), connection.message(message)).await?;
        Ok(())
    }

    /// Says good-bye. Whatever comes of it, the letter's fate is decided.
    async fn leave(&self, mut connection: AsyncSmtpConnection) {
        if !matches!(timeout(GOOD_BYE.min(self.patience), connection.quit()).await, Ok(Ok(_))) {
            tracing::debug!("the mail server did not answer our good-bye");
        }
    }

    /// Waits for one answer.
    async fn answer<T>(
        &self,
        step: Step,
        to: Option<&EmailAddress>,
        command: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, MailFailure> {
        match timeout(self.patience, command).await {
            Ok(answer) => answer.map_err(|error| failure_of(step, &error, to)),
            Err(_) => Err(MailFailure::Transient(format!("{step}: no answer in time"))),
        }
    }
}

/// The address for the envelope: the domain in A-labels. Built without lettre's own check, which refuses
/// letters such as é; [`EmailAddress`] is stricter in all that could break a command.
pub(super) fn envelope_address(to: &EmailAddress) -> Address {
    Address::new_dangerous(to.local(), to.domain())
}

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, SettingsError> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.extra_roots {
        let roots = Certificate::from_pem(pem).map_err(|_| SettingsError::Roots)?;
        // An empty file is well-formed PEM, and would be found out only when the first letter fails.
        if !pem.windows(CERTIFICATE.len()).any(|window| window == CERTIFICATE) {
            return Err(SettingsError::Roots);
        }
        builder = builder.add_root_certificate(roots);
    }
    builder.build_rustls().map_err(|error| SettingsError::Tls(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(patience: Duration) -> Route {
        Route {
            host: "localhost".to_owned(),
            port: 1,
            tls: None,
            credentials: None,
            helo: ClientId::default(),
            patience,
        }
    }

    #[tokio::test]
    async fn a_conversation_without_end_is_left() {
        let endless = route(Duration::from_millis(5)).within(std::future::pending()).await;
        let late = "the conversation took too long".to_owned();
        assert_eq!(endless, Err(MailFailure::Transient(late)));
    }

    #[test]
    fn the_envelope_takes_every_address_that_a_customer_may_have() {
        for (address, envelope) in [
            ("Zoe+tag@Mail.Example", "Zoe+tag@mail.example"),
            ("zo\u{e9}@b\u{fc}cher.example", "zo\u{e9}@xn--bcher-kva.example"),
            ("\u{674e}\u{96f7}@lune.example", "\u{674e}\u{96f7}@lune.example"),
        ] {
            let address = EmailAddress::parse(address).unwrap();
            assert_eq!(envelope_address(&address).to_string(), envelope);
        }
    }
}
