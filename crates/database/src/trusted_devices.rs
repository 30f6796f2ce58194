//! Trusted devices.

use async_trait::async_trait;
use rightful_domain::accounts::SecurityEpoch;
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::trusted_devices::{
    TrustedDevice, TrustedDeviceRecord, TrustedDeviceRepository,
};
use rightful_domain::values::{AccountId, SecretHash, Timestamp, TrustedDeviceId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::Db;
use crate::entities::trusted_devices::{Column, Entity, Model};
use crate::errors::{commit_error, outage};
use crate::reading::{at, secret};

/// The most that a list gives.
const LISTED: u64 = 100;

#[async_trait]
impl TrustedDeviceRepository for Db {
    async fn find(&self, secret: &SecretHash) -> Result<Option<TrustedDevice>, Outage> {
        let found = Entity::find().filter(Column::Secret.eq(secret.as_bytes().as_slice()));
        let row = found.one(&self.read).await.map_err(outage)?;
        row.map(Model::into_device).transpose()
    }

    async fn list(&self, account: AccountId) -> Result<Vec<TrustedDevice>, Outage> {
        let rows = Entity::find()
            .filter(Column::Account.eq(account.as_uuid()))
            .filter(Column::EndedAt.is_null())
            .order_by_desc(Column::TrustedAt)
            .order_by_desc(Column::Id)
            .limit(LISTED)
            .all(&self.read)
            .await
            .map_err(outage)?;
        rows.into_iter().map(Model::into_device).collect()
    }
}

pub(crate) async fn insert(
    tx: &DatabaseTransaction,
    device: &TrustedDevice,
) -> Result<(), CommitError> {
    let row = Model::of(device).into_active_model().reset_all();
    Entity::insert(row).exec_without_returning(tx).await.map_err(commit_error)?;
    Ok(())
}

/// Ends the trust in one device of this account. What has ended keeps the time of its end.
pub(crate) async fn end(
    tx: &DatabaseTransaction,
    account: AccountId,
    device: TrustedDeviceId,
    when: Timestamp,
) -> Result<(), CommitError> {
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(when.as_millis()))
        .filter(Column::Id.eq(device.as_uuid()))
        .filter(Column::Account.eq(account.as_uuid()))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await
        .map_err(commit_error)?;
    Ok(())
}

impl Model {
    fn of(device: &TrustedDevice) -> Self {
        let record = device.record();
        Self {
            id: record.id.as_uuid(),
            account: record.account.as_uuid(),
            secret: record.secret.as_bytes().to_vec(),
            epoch: record.epoch.number(),
            device: record.device.clone(),
            source: record.source.clone(),
            trusted_at: record.trusted_at.as_millis(),
            ended_at: record.ended_at.map(Timestamp::as_millis),
        }
    }

    fn into_device(self) -> Result<TrustedDevice, Outage> {
        Ok(TrustedDevice::from_record(TrustedDeviceRecord {
            id: TrustedDeviceId::from_uuid(self.id),
            account: AccountId::from_uuid(self.account),
            secret: secret(self.secret, "trusted_devices.secret")?,
            epoch: SecurityEpoch::from_stored(self.epoch),
            device: self.device,
            source: self.source,
            trusted_at: at(self.trusted_at),
            ended_at: self.ended_at.map(at),
        }))
    }
}
