//! Letters and their way, made of the section `[mail]`.
//!
//! Everything that is wrong in it is told at once, each fault with its key and what is wanted.

use std::sync::Arc;

use rightful_domain::ports::Mailer;
use rightful_email::{
    Brand, Important, Inbox, LinkBase, Sender, SettingsError, SmtpMailer, SmtpPassword,
    SmtpSettings, Templates, Tls,
};

use crate::config::{ConfigError, Faults, MailConfig, TlsMode, Transport};

/// The shop of samples, of tests and of the development server.
const SHOP: &str = "Maison Lune";
const SUPPORT: &str = "help@maison-lune.example";
const COLOUR: &str = "#1f4e79";

/// What is wanted of an address.
const ADDRESS: &str = "it is no e-mail address in ASCII, such as help@shop.example";

/// What sends, and the inbox when it is that.
pub(crate) type MailerAndInbox = (Arc<dyn Mailer>, Option<Arc<Inbox>>);

/// The templates of this deployment. `links` is where letters lead when the configuration does not say.
pub(crate) fn templates(mail: &MailConfig, links: &str) -> Result<Arc<Templates>, ConfigError> {
    let mut faults = Faults::default();
    read_templates(mail, links, &mut faults).ok_or(ConfigError(faults.0))
}

/// What sends. `None` says that faults were added.
pub(crate) fn mailer(
    mail: &MailConfig,
    links: &str,
    faults: &mut Faults,
) -> Option<MailerAndInbox> {
    let templates = read_templates(mail, links, faults);
    let from = mail.from.as_deref().unwrap_or("accounts@maison-lune.example");
    let shop = mail.shop.as_deref().unwrap_or(SHOP);
    // A name that cannot stand in a header is the shop's fault, not the address's.
    let from = match Sender::parse("", from) {
        Ok(_) => Sender::parse(shop, from).ok(),
        Err(_) => faults.refused("mail.from", ADDRESS),
    };
    let reply_to = match mail.reply_to.as_deref().map(|address| Sender::parse("", address)) {
        None => None,
        Some(Ok(sender)) => Some(sender),
        Some(Err(_)) => faults.refused("mail.reply_to", ADDRESS),
    };
    match mail.transport {
        Transport::Inbox => {
            let inbox = Arc::new(Inbox::new(templates?, from?));
            faults.none().then(|| (Arc::<Inbox>::clone(&inbox) as Arc<dyn Mailer>, Some(inbox)))
        }
        Transport::Smtp => {
            let roots = extra_roots(mail, faults);
            let why = "name the mail server, such as mail.shop.example";
            let host = faults.needed("mail.host", mail.host.clone(), why);
            // What is wrong with one part does not keep the rest from being looked at: others stand in, and
            // what they make is thrown away.
            let sender = from.or_else(|| Sender::parse("", "accounts@shop.example").ok())?;
            let templates = templates.or_else(stand_in)?;
            let mut settings = smtp(mail, host?, sender, reply_to, roots);
            let mut mailer = SmtpMailer::new(settings.clone(), Arc::clone(&templates));
            if let Err(refusal @ SettingsError::Host) = &mailer {
                faults.add("mail.host", refusal);
                "localhost".clone_into(&mut settings.host);
                mailer = SmtpMailer::new(settings, templates);
            }
            let mailer: Arc<dyn Mailer> = match mailer {
                Ok(mailer) => Arc::new(mailer),
                Err(refusal) => return faults.refused(key_of(&refusal), refusal),
            };
            faults.none().then_some((mailer, None))
        }
    }
}

fn read_templates(mail: &MailConfig, links: &str, faults: &mut Faults) -> Option<Arc<Templates>> {
    let brand = brand(mail, faults);
    let base = match &mail.link_base {
        Some(base) => Some(base.clone()),
        None => LinkBase::parse(links)
            .map_or_else(|refusal| faults.refused("mail.link_base", refusal), Some),
    };
    let Some(folder) = &mail.templates_dir else {
        return Some(Arc::new(Templates::built_in(brand?, base?)));
    };
    // The folder is looked at even when the brand is wrong.
    let stand_in = || Brand::parse(SHOP, COLOUR, SUPPORT).ok();
    let templates = Templates::with_overrides(brand.clone().or_else(stand_in)?, base?, folder)
        .map_or_else(|refusal| faults.refused("mail.templates_dir", refusal), Some);
    brand.and(templates).map(Arc::new)
}

/// Templates that nothing is sent with.
fn stand_in() -> Option<Arc<Templates>> {
    let brand = Brand::parse(SHOP, COLOUR, SUPPORT).ok()?;
    Some(Arc::new(Templates::built_in(brand, LinkBase::parse("http://localhost").ok()?)))
}

/// Each part is tried among others that are good, so that each that is wrong is told.
fn brand(mail: &MailConfig, faults: &mut Faults) -> Option<Brand> {
    let shop = mail.shop.as_deref().unwrap_or(SHOP);
    let support = mail.support.as_deref().unwrap_or(SUPPORT);
    if let Err(refusal) = Brand::parse(shop, COLOUR, SUPPORT) {
        faults.add("mail.shop", refusal);
    }
    if Brand::parse(SHOP, &mail.colour, SUPPORT).is_err() {
        let why = "it is no colour of the form #rrggbb, such as #1f4e79";
        faults.add("mail.colour", why);
    }
    if let Err(refusal) = Brand::parse(SHOP, COLOUR, support) {
        faults.add("mail.support", refusal);
    }
    let (en, fr) = (mail.important_en.clone(), mail.important_fr.clone());
    for (path, text) in [("mail.important_en", &en), ("mail.important_fr", &fr)] {
        let important = Important { en: text.clone(), fr: String::new() };
        let tried = Brand::parse(SHOP, COLOUR, SUPPORT).and_then(|b| b.with_important(important));
        if let Err(refusal) = tried {
            faults.add(path, refusal);
        }
    }
    Brand::parse(shop, &mail.colour, support)
        .and_then(|brand| brand.with_important(Important { en, fr }))
        .ok()
}

fn extra_roots(mail: &MailConfig, faults: &mut Faults) -> Option<Vec<u8>> {
    let path = mail.extra_roots.as_ref()?;
    match std::fs::read(path) {
        Ok(pem) => Some(pem),
        Err(error) => {
            let why = format!("the certificates {} cannot be read: {error}", path.display());
            faults.refused("mail.extra_roots", why)
        }
    }
}

fn smtp(
    mail: &MailConfig,
    host: String,
    from: Sender,
    reply_to: Option<Sender>,
    extra_roots: Option<Vec<u8>>,
) -> SmtpSettings {
    SmtpSettings {
        host,
        port: mail.port,
        tls: match mail.tls {
            TlsMode::Implicit => Tls::Implicit,
            TlsMode::Starttls => Tls::StartTls,
            TlsMode::Off => Tls::None,
        },
        allow_plaintext: false,
        extra_roots,
        username: mail.username.clone(),
        password: mail.password.as_ref().map(|secret| SmtpPassword(secret.expose().to_owned())),
        from,
        reply_to,
        timeout: mail.timeout,
        helo: None,
    }
}

const fn key_of(refusal: &SettingsError) -> &'static str {
    match refusal {
        SettingsError::Host | SettingsError::Helo => "mail.host",
        SettingsError::Plaintext | SettingsError::Tls(_) => "mail.tls",
        SettingsError::Credentials => "mail.password",
        SettingsError::Timeout => "mail.timeout",
        SettingsError::Roots => "mail.extra_roots",
    }
}
