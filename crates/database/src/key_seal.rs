//! What a deployment sealed under its data key, kept so that a start under another key is noticed before
//! anything is written with it.

use rightful_domain::reason::Outage;
use rightful_domain::values::Sealed;
use sea_orm::ConnectionTrait;

use crate::Db;
use crate::errors::outage;
use crate::reading::{Columns, statement};

const READ: &str = "SELECT sealed FROM key_seals WHERE id = 1";
const KEEP: &str = "INSERT INTO key_seals (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
const REPLACE: &str = "UPDATE key_seals SET sealed = $1 WHERE id = 1";

impl Db {
    /// Keeps `sealed` if nothing is kept yet, and gives what is kept: of several processes that start at once
    /// on a new database, all are given what one of them has sealed.
    pub async fn keep_key_seal(&self, sealed: &Sealed) -> Result<Sealed, Outage> {
        let keep = statement(&self.write, KEEP, [sealed.as_bytes().to_vec().into()]);
        self.write.execute_raw(keep).await.map_err(outage)?;
        let read = statement(&self.write, READ, []);
        let row = self.write.query_one_raw(read).await.map_err(outage)?;
        let row = row.ok_or_else(|| Outage::failed("database", "the key seal is gone"))?;
        let bytes: Vec<u8> = Columns::of(&row).read().map_err(outage)?;
        Ok(Sealed::from_bytes(bytes))
    }

    /// Keeps `sealed` instead of what is kept: the same under today's key.
    pub async fn replace_key_seal(&self, sealed: &Sealed) -> Result<(), Outage> {
        let replace = statement(&self.write, REPLACE, [sealed.as_bytes().to_vec().into()]);
        self.write.execute_raw(replace).await.map_err(outage)?;
        Ok(())
    }
}
