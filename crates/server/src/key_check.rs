//! Whether the configured data key is the one that this database was written under.
//!
//! With another key nothing would fail at once: letters would die one by one, limits would begin anew, and
//! what is written meanwhile could be read by neither key alone. So a start under another key is refused.

use rightful_database::Db;
use rightful_domain::ports::Vault;
use rightful_domain::values::Sealed;

use crate::server::StartError;

const PLACE: &str = "deployment:key";
const TEXT: &[u8] = b"rightful";

/// Refuses a key that does not open what the first start sealed. What a previous key opens is sealed anew, so
/// that the previous key can go once nothing else needs it.
pub(crate) async fn check(db: &Db, vault: &dyn Vault) -> Result<(), StartError> {
    let ours = vault.seal(PLACE, TEXT);
    if opened(db, vault, &ours).await? != ours {
        db.replace_key_seal(&ours).await?;
    }
    Ok(())
}

/// Refuses like [`check`] and leaves what was sealed as it is: for who has yet to see whether the rest goes well,
/// or is no start.
pub(crate) async fn refuse_another(db: &Db, vault: &dyn Vault) -> Result<(), StartError> {
    let ours = vault.seal(PLACE, TEXT);
    opened(db, vault, &ours).await.map(drop)
}

/// What is kept, `ours` from now on if it is the first; it opens.
async fn opened(db: &Db, vault: &dyn Vault, ours: &Sealed) -> Result<Sealed, StartError> {
    let kept = db.keep_key_seal(ours).await?;
    if kept == *ours {
        return Ok(kept);
    }
    match vault.open(PLACE, &kept) {
        Ok(text) if text == TEXT => Ok(kept),
        _ => Err(StartError::OtherKey),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rightful_crypto::vault::{DataKey, KeyedVault};
    use rightful_database::{Place, Settings};

    use super::*;

    async fn database(folder: &Path) -> Db {
        let path = folder.join("rightful.db");
        let db = Db::open(&Settings::new(Place::Sqlite { path })).await.unwrap();
        db.migrate().await.unwrap();
        db
    }

    #[tokio::test]
    async fn another_key_is_refused_and_a_rotated_one_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let db = database(folder.path()).await;
        let [first, second, other] = [(); 3].map(|()| DataKey::generate());
        let alone = |key: &DataKey| KeyedVault::from_keys(key, &[]);
        check(&db, &alone(&first)).await.unwrap();
        check(&db, &alone(&first)).await.unwrap();
        let refused = check(&db, &alone(&other)).await.unwrap_err();
        assert!(matches!(refused, StartError::OtherKey));
        // The refused start has changed nothing.
        check(&db, &alone(&first)).await.unwrap();

        let rotated = KeyedVault::from_keys(&second, std::slice::from_ref(&first));
        refuse_another(&db, &rotated).await.unwrap();
        refuse_another(&db, &alone(&first)).await.expect("a look has sealed nothing anew");
        assert!(refuse_another(&db, &alone(&second)).await.is_err());
        check(&db, &rotated).await.unwrap();
        check(&db, &alone(&second)).await.unwrap();
        assert!(check(&db, &alone(&first)).await.is_err(), "the old key alone is another key now");
    }
}
