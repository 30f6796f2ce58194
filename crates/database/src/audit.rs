//! The audit trail: entries are added, chained to the last, and never changed.

use std::collections::BTreeMap;

use async_trait::async_trait;
use rightful_domain::audit::{AuditEvent, AuditRepository, Entry, GENESIS};
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::values::{AccountId, AuditId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use crate::Db;
use crate::entities::audit_entries::{Column, Entity, Model};
use crate::errors::{commit_error, corrupt, outage};
use crate::reading::{Columns, at, hash, statement};

/// Names the lock that a commit holds from reading the last entry to its end. ("Rightful" in ASCII, plus one.)
const CHAIN_LOCK: i64 = 0x5269_6768_7466_756D;

/// Text, because every commit runs it.
const LAST: &str = "SELECT seq, hash FROM audit_entries ORDER BY seq DESC LIMIT 1";

#[async_trait]
impl AuditRepository for Db {
    async fn list(&self, after: i64, limit: u32) -> Result<Vec<Entry>, Outage> {
        let rows = Entity::find()
            .filter(Column::Seq.gt(after))
            .order_by_asc(Column::Seq)
            .limit(u64::from(limit))
            .all(&self.read)
            .await
            .map_err(outage)?;
        rows.into_iter().map(Model::into_entry).collect()
    }

    async fn list_about(&self, account: AccountId, limit: u32) -> Result<Vec<Entry>, Outage> {
        let rows = Entity::find()
            .filter(Column::Account.eq(account.as_uuid()))
            .order_by_desc(Column::Seq)
            .limit(u64::from(limit))
            .all(&self.read)
            .await
            .map_err(outage)?;
        rows.into_iter().map(Model::into_entry).collect()
    }
}

/// Chains `events` to the last entry.
///
/// Two commits that read the same last entry would fork the chain. SQLite has one writer at a time. On
/// PostgreSQL a lock is taken here and held to the end of the transaction, so this is the last thing that a
/// commit does; and the last entry is read by a statement of its own, which sees what was committed while the
/// lock was waited for.
pub(crate) async fn append(
    tx: &DatabaseTransaction,
    events: &[AuditEvent],
) -> Result<(), CommitError> {
    if events.is_empty() {
        return Ok(());
    }
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = statement(tx, "SELECT pg_advisory_xact_lock($1)", [CHAIN_LOCK.into()]);
        tx.execute_raw(lock).await.map_err(commit_error)?;
    }
    let (mut seq, mut previous) = head(tx).await?;
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        seq += 1;
        let entry = Entry::chain(event.clone(), seq, previous);
        previous = entry.hash;
        rows.push(Model::of(entry)?.into_active_model().reset_all());
    }
    Entity::insert_many(rows).exec_without_returning(tx).await.map_err(commit_error)?;
    Ok(())
}

async fn head(tx: &DatabaseTransaction) -> Result<(i64, [u8; 32]), CommitError> {
    let last = tx.query_one_raw(statement(tx, LAST, [])).await.map_err(commit_error)?;
    let Some(row) = last else { return Ok((0, GENESIS)) };
    let mut columns = Columns::of(&row);
    let seq = columns.read().map_err(commit_error)?;
    let bytes = columns.read().map_err(commit_error)?;
    Ok((seq, hash(bytes, "audit_entries.hash")?))
}

impl Model {
    fn of(entry: Entry) -> Result<Self, Outage> {
        Ok(Self {
            seq: entry.seq,
            id: entry.id.as_uuid(),
            at: entry.at.as_millis(),
            actor: entry.actor,
            act: entry.act,
            account: entry.account.map(|account| account.as_uuid()),
            source: entry.source,
            request: entry.request,
            details: serde_json::to_string(&entry.details)
                .map_err(|error| Outage::failed("audit trail", error))?,
            previous: entry.previous.to_vec(),
            hash: entry.hash.to_vec(),
        })
    }

    fn into_entry(self) -> Result<Entry, Outage> {
        let details: Result<BTreeMap<String, String>, _> = serde_json::from_str(&self.details);
        Ok(Entry {
            seq: self.seq,
            id: AuditId::from_uuid(self.id),
            at: at(self.at),
            actor: self.actor,
            act: self.act,
            account: self.account.map(AccountId::from_uuid),
            source: self.source,
            request: self.request,
            details: details.map_err(|_| corrupt("audit_entries.details"))?,
            previous: hash(self.previous, "audit_entries.previous")?,
            hash: hash(self.hash, "audit_entries.hash")?,
        })
    }
}
