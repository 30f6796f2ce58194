//! Somebody to sign in as, and an address that the shop knows.

use std::sync::Arc;

use rightful_domain::accounts::Origin;
use rightful_domain::changes::{Changes, Write};
use rightful_domain::contacts::{Contact, ContactSource};
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::registration::{NewAccount, RegistrationError};
use rightful_domain::values::{EmailAddress, Locale};
use rightful_domain::{Rightful, Visit};
use rightful_email::Inbox;
use thiserror::Error;

/// The demonstration customer.
pub(crate) const CUSTOMER: &str = "ada@maison-lune.example";
/// Her password. It opens nothing but a development server on 127.0.0.1.
pub(crate) const PASSWORD: &str = "violet lantern harbour";
/// An address without account that the shop knows from its newsletter.
pub(crate) const CONTACT: &str = "newsletter@maison-lune.example";

/// Why there is nobody to sign in as.
#[derive(Debug, Error)]
pub(crate) enum SeedError {
    #[error("the demonstration customer: {0}")]
    Registration(#[from] RegistrationError),
    #[error("the demonstration contact: {0}")]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Outage(#[from] Outage),
    #[error("the demonstration customer was sent no letter to verify with")]
    NoLetter,
}

/// Fills a database in which nothing has ever happened; leaves any other as it is. The customer is made by
/// the same use cases as every other, so that her letters lie in the inbox and her deeds in the audit trail.
pub(crate) async fn seed(rightful: &Rightful, inbox: &Arc<Inbox>) -> Result<(), SeedError> {
    if !rightful.ports().audit.list(0, 1).await?.is_empty() {
        return Ok(());
    }
    let visit = Visit::internal("dev");
    let ada = NewAccount {
        email: CUSTOMER,
        password: PASSWORD,
        name: Some("Ada Lovelace"),
        locale: Locale::En,
        origin: Origin::Direct,
    };
    rightful.registration().register(ada, &visit).await?;
    deliver(rightful).await?;
    let secret = inbox
        .list()
        .iter()
        .flat_map(|letter| &letter.links)
        .find(|link| link.purpose == "verify")
        .map(|link| link.secret.clone())
        .ok_or(SeedError::NoLetter)?;
    rightful.registration().verify(&secret, PASSWORD, &visit).await?;
    deliver(rightful).await?;

    let newsletter = EmailAddress::parse(CONTACT).map_err(|e| Outage::failed("contact", e))?;
    let contact =
        Contact::heard_of(newsletter, ContactSource::Newsletter, rightful.ports().clock.now());
    // Contacts come from the shop's other systems: no act of anybody here that an audit entry could tell.
    let changes = Changes {
        writes: vec![Write::PutContact(contact)],
        letters: Vec::new(),
        audit: Vec::new(),
    };
    rightful.ports().unit_of_work.commit(changes).await?;
    Ok(())
}

/// Sends everything that is due.
async fn deliver(rightful: &Rightful) -> Result<(), Outage> {
    while !rightful.postroom().deliver_due(8).await?.is_empty() {}
    Ok(())
}
