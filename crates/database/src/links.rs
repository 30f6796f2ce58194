//! Links sent by mail.

use async_trait::async_trait;
use rightful_domain::accounts::SecurityEpoch;
use rightful_domain::links::{Link, LinkPurpose, LinkRecord, LinkRepository};
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::values::{AccountId, EmailChangeId, LinkId, SecretHash, Timestamp};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
};

use crate::Db;
use crate::commit::one;
use crate::entities::links::{Column, Entity, Model};
use crate::errors::{commit_error, outage};
use crate::reading::{at, named, secret};

#[async_trait]
impl LinkRepository for Db {
    async fn find(&self, secret: &SecretHash) -> Result<Option<Link>, Outage> {
        let found = Entity::find().filter(Column::Secret.eq(secret.as_bytes().as_slice()));
        let row = found.one(&self.read).await.map_err(outage)?;
        row.map(Model::into_link).transpose()
    }
}

pub(crate) async fn insert(tx: &DatabaseTransaction, link: &Link) -> Result<(), CommitError> {
    let row = Model::of(link).into_active_model().reset_all();
    Entity::insert(row).exec_without_returning(tx).await.map_err(commit_error)?;
    Ok(())
}

/// Uses a link up. Of many who try, the database lets one through: the others wait for its row, then find it
/// used.
pub(crate) async fn redeem(
    tx: &DatabaseTransaction,
    link: LinkId,
    when: Timestamp,
) -> Result<(), CommitError> {
    let done = Entity::update_many()
        .col_expr(Column::RedeemedAt, Expr::value(when.as_millis()))
        .filter(Column::Id.eq(link.as_uuid()))
        .filter(Column::RedeemedAt.is_null())
        .exec(tx)
        .await
        .map_err(commit_error)?;
    one(done.rows_affected)
}

impl Model {
    fn of(link: &Link) -> Self {
        let record = link.record();
        Self {
            id: record.id.as_uuid(),
            secret: record.secret.as_bytes().to_vec(),
            purpose: record.purpose.prefix().to_owned(),
            account: record.account.as_uuid(),
            email_change: record.email_change.map(|change| change.as_uuid()),
            epoch: record.epoch.number(),
            issued_at: record.issued_at.as_millis(),
            expires_at: record.expires_at.as_millis(),
            redeemed_at: record.redeemed_at.map(Timestamp::as_millis),
        }
    }

    fn into_link(self) -> Result<Link, Outage> {
        let purpose =
            named(&LinkPurpose::ALL, LinkPurpose::prefix, &self.purpose, "links.purpose")?;
        Ok(Link::from_record(LinkRecord {
            id: LinkId::from_uuid(self.id),
            secret: secret(self.secret, "links.secret")?,
            purpose,
            account: AccountId::from_uuid(self.account),
            email_change: self.email_change.map(EmailChangeId::from_uuid),
            epoch: SecurityEpoch::from_stored(self.epoch),
            issued_at: at(self.issued_at),
            expires_at: at(self.expires_at),
            redeemed_at: self.redeemed_at.map(at),
        }))
    }
}
