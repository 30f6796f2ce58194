//! The directory of addresses that the shop has heard of.

use async_trait::async_trait;
use rightful_domain::contacts::{Contact, ContactRecord, ContactRepository, ContactSource};
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::values::{AccountId, EmailKey};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel};

use crate::Db;
use crate::entities::contacts::{Column, Entity, Model};
use crate::errors::{commit_error, corrupt, outage};
use crate::reading::{at, email};

#[async_trait]
impl ContactRepository for Db {
    async fn find(&self, key: &EmailKey) -> Result<Option<Contact>, Outage> {
        let row = Entity::find_by_id(key.as_str()).one(&self.read).await.map_err(outage)?;
        row.map(Model::into_contact).transpose()
    }
}

/// One row for a key: all but its key and its first sighting is replaced.
pub(crate) async fn put(tx: &DatabaseTransaction, contact: &Contact) -> Result<(), CommitError> {
    let replaced = OnConflict::column(Column::EmailKey)
        .update_columns([
            Column::Email,
            Column::Source,
            Column::ReleasedBy,
            Column::ReleasedAt,
            Column::LastSeenAt,
        ])
        .to_owned();
    Entity::insert(Model::of(contact).into_active_model().reset_all())
        .on_conflict(replaced)
        .exec_without_returning(tx)
        .await
        .map_err(commit_error)?;
    Ok(())
}

pub(crate) async fn remove(tx: &DatabaseTransaction, key: &EmailKey) -> Result<(), CommitError> {
    Entity::delete_by_id(key.as_str()).exec(tx).await.map_err(commit_error)?;
    Ok(())
}

impl Model {
    fn of(contact: &Contact) -> Self {
        let record = contact.record();
        let released = match record.source {
            ContactSource::Released { by, at } => Some((by, at)),
            _ => None,
        };
        Self {
            email_key: record.email.key().as_str().to_owned(),
            email: record.email.as_str().to_owned(),
            source: match record.source {
                ContactSource::Order => "order",
                ContactSource::Newsletter => "newsletter",
                ContactSource::Donation => "donation",
                ContactSource::Form => "form",
                ContactSource::Import => "import",
                ContactSource::Released { .. } => "released",
            }
            .to_owned(),
            released_by: released.map(|(by, _)| by.as_uuid()),
            released_at: released.map(|(_, at)| at.as_millis()),
            first_seen_at: record.first_seen_at.as_millis(),
            last_seen_at: record.last_seen_at.as_millis(),
        }
    }

    fn into_contact(self) -> Result<Contact, Outage> {
        let source = match (self.source.as_str(), self.released_by, self.released_at) {
            ("order", ..) => ContactSource::Order,
            ("newsletter", ..) => ContactSource::Newsletter,
            ("donation", ..) => ContactSource::Donation,
            ("form", ..) => ContactSource::Form,
            ("import", ..) => ContactSource::Import,
            ("released", Some(by), Some(millis)) => {
                ContactSource::Released { by: AccountId::from_uuid(by), at: at(millis) }
            }
            _ => return Err(corrupt("contacts.source")),
        };
        Ok(Contact::from_record(ContactRecord {
            email: email(&self.email, "contacts.email")?,
            source,
            first_seen_at: at(self.first_seen_at),
            last_seen_at: at(self.last_seen_at),
        }))
    }
}
