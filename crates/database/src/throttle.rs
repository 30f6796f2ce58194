//! The tallies of limits.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::throttle::{Limit, Tally, Throttle, ThrottleKey, Verdict};
use rightful_domain::values::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    IntoActiveModel, QueryFilter,
};

use crate::Db;
use crate::entities::throttle_tallies::{Column, Entity, Model};
use crate::errors::{Tries, commit_error, outage};
use crate::reading::{at, count, statement};

/// After so many tries, tallies that are over are removed.
const PURGE_EVERY: u32 = 64;

/// `{skip}` lets PostgreSQL pass by what somebody is counting just now.
const PURGE: &str = "DELETE FROM throttle_tallies WHERE key IN \
(SELECT key FROM throttle_tallies WHERE over_at <= $1 ORDER BY over_at LIMIT 500 {skip})";

#[async_trait]
impl Throttle for Db {
    async fn take(
        &self,
        limits: &[(ThrottleKey, Limit)],
        now: Timestamp,
    ) -> Result<Verdict, Outage> {
        if limits.is_empty() {
            return Ok(Verdict::Go);
        }
        let mut tries = Tries::new();
        loop {
            match self.take_once(limits, now).await {
                Err(outage) if tries.again(&outage) => {}
                done => return done,
            }
        }
    }
}

/// Forgets the tries of these keys. PostgreSQL locks them first in their order, as all of this file goes through
/// keys; SQLite has one writer.
pub(crate) async fn forget(
    tx: &DatabaseTransaction,
    keys: &[ThrottleKey],
) -> Result<(), CommitError> {
    if keys.is_empty() {
        return Ok(());
    }
    let chosen = match tx.get_database_backend() {
        DbBackend::Postgres => format!(
            "SELECT key FROM throttle_tallies WHERE key IN ({}) ORDER BY key FOR UPDATE",
            placeholders(keys.len())
        ),
        _ => placeholders(keys.len()),
    };
    let forget = format!("DELETE FROM throttle_tallies WHERE key IN ({chosen})");
    let keys = keys.iter().map(|key| key.as_bytes().to_vec().into());
    tx.execute_raw(statement(tx, &forget, keys)).await.map_err(commit_error)?;
    Ok(())
}

/// `$1, $2, …`.
fn placeholders(count: usize) -> String {
    (1..=count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

impl Db {
    async fn take_once(
        &self,
        limits: &[(ThrottleKey, Limit)],
        now: Timestamp,
    ) -> Result<Verdict, Outage> {
        let tx = self.begin().await?;
        let mut tallies = lock(&tx, limits, now).await?;
        let mut verdict = Verdict::Go;
        let mut over_at = BTreeMap::new();
        for (key, limit) in limits {
            let (tally, said) = limit.take(tallies.get(key).copied(), now);
            verdict = verdict.max(said);
            over_at.insert(*key, limit.over_at(&tally).max(tally.closed_until));
            tallies.insert(*key, tally);
        }
        if verdict != Verdict::Go {
            // Nothing is counted: the transaction is dropped, and with it what was put in to be locked.
            return Ok(verdict);
        }
        put(&tx, &tallies, &over_at).await?;
        if self.takes.fetch_add(1, Ordering::Relaxed) % PURGE_EVERY == PURGE_EVERY - 1 {
            purge(&tx, now).await?;
        }
        tx.commit().await.map_err(outage)?;
        Ok(Verdict::Go)
    }
}

/// Reads the tallies of these keys and holds them to the end of the transaction. SQLite's one writer holds
/// everything.
///
/// On PostgreSQL a key without a tally is given one that counts nothing, so that of two first tries one waits
/// for the other. All of it is one statement, so that no row can go between finding and locking it; the keys
/// are in order, so that no two transactions wait for each other.
async fn lock(
    tx: &DatabaseTransaction,
    limits: &[(ThrottleKey, Limit)],
    now: Timestamp,
) -> Result<BTreeMap<ThrottleKey, Tally>, Outage> {
    let keys: BTreeMap<Vec<u8>, ThrottleKey> =
        limits.iter().map(|(key, _)| (key.as_bytes().to_vec(), *key)).collect();
    if tx.get_database_backend() == DbBackend::Sqlite {
        let wanted = Entity::find().filter(Column::Key.is_in(keys.keys().cloned()));
        let rows = wanted.all(tx).await.map_err(outage)?;
        return tallies(&keys, rows);
    }
    let nothing = Tally { count: 0, since: now, closed_until: now };
    let rows =
        keys.values().map(|key| Model::of(*key, nothing, now).into_active_model().reset_all());
    let locking = OnConflict::column(Column::Key).update_column(Column::Key).to_owned();
    let rows = Entity::insert_many(rows)
        .on_conflict(locking)
        .exec_with_returning(tx)
        .await
        .map_err(outage)?;
    tallies(&keys, rows)
}

fn tallies(
    keys: &BTreeMap<Vec<u8>, ThrottleKey>,
    rows: Vec<Model>,
) -> Result<BTreeMap<ThrottleKey, Tally>, Outage> {
    let counted = rows.into_iter().filter(|row| row.count > 0);
    counted.filter_map(|row| Some((*keys.get(&row.key)?, row))).map(Model::into_tally).collect()
}

async fn put(
    tx: &DatabaseTransaction,
    tallies: &BTreeMap<ThrottleKey, Tally>,
    over_at: &BTreeMap<ThrottleKey, Timestamp>,
) -> Result<(), Outage> {
    let rows = tallies
        .iter()
        .zip(over_at.values())
        .map(|((key, tally), over_at)| Model::of(*key, *tally, *over_at))
        .map(|row| row.into_active_model().reset_all());
    let replaced = OnConflict::column(Column::Key)
        .update_columns([Column::Count, Column::Since, Column::ClosedUntil, Column::OverAt])
        .to_owned();
    Entity::insert_many(rows)
        .on_conflict(replaced)
        .exec_without_returning(tx)
        .await
        .map_err(outage)?;
    Ok(())
}

async fn purge(tx: &DatabaseTransaction, now: Timestamp) -> Result<(), Outage> {
    let skip = match tx.get_database_backend() {
        DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    let purge = statement(tx, &PURGE.replace("{skip}", skip), [now.as_millis().into()]);
    tx.execute_raw(purge).await.map_err(outage)?;
    Ok(())
}

impl Model {
    fn of(key: ThrottleKey, tally: Tally, over_at: Timestamp) -> Self {
        Self {
            key: key.as_bytes().to_vec(),
            count: tally.count.into(),
            since: tally.since.as_millis(),
            closed_until: tally.closed_until.as_millis(),
            over_at: over_at.as_millis(),
        }
    }

    fn into_tally((key, row): (ThrottleKey, Self)) -> Result<(ThrottleKey, Tally), Outage> {
        let tally = Tally {
            count: count(row.count, "throttle_tallies.count")?,
            since: at(row.since),
            closed_until: at(row.closed_until),
        };
        Ok((key, tally))
    }
}
