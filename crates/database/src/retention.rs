//! Forgetting what is over for long.

use rightful_domain::ports::CommitError;
use rightful_domain::retention::Past;
use rightful_domain::trusted_devices::TRUST;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::errors::commit_error;
use crate::reading::statement;

pub(crate) async fn forget(tx: &DatabaseTransaction, past: &Past) -> Result<(), CommitError> {
    let deletions = [
        (
            "DELETE FROM sessions WHERE last_used_at < $1 AND (ended_at IS NULL OR ended_at < $1)",
            past.sessions,
        ),
        ("DELETE FROM trusted_devices WHERE trusted_at < $1", past.devices_and_enrolments - TRUST),
        (
            "DELETE FROM second_factors WHERE state = 'begun' AND state_at < $1",
            past.devices_and_enrolments,
        ),
        ("DELETE FROM links WHERE expires_at < $1", past.links_and_letters),
        (
            "DELETE FROM letters WHERE state IN ('sent', 'dead') AND ended_at < $1",
            past.links_and_letters,
        ),
        (
            "DELETE FROM email_changes WHERE deadline < $1 AND requested_at < $1 \
             AND (state <> 'confirmed' OR state_at < $1)",
            past.email_changes,
        ),
        (
            "DELETE FROM contacts WHERE source = 'released' AND released_at < $1",
            past.released_contacts,
        ),
        (
            "UPDATE accounts SET replaced_passwords = NULL, replaced_at = NULL WHERE replaced_at < $1",
            past.replaced_passwords,
        ),
        (
            "DELETE FROM accounts WHERE verified_at IS NULL AND password_set_at < $1 \
             AND NOT EXISTS (SELECT 1 FROM links l WHERE l.account = accounts.id AND l.issued_at >= $1)",
            past.unproved_accounts,
        ),
    ];
    for (sql, before) in deletions {
        let delete = statement(tx, sql, [before.as_millis().into()]);
        tx.execute_raw(delete).await.map_err(commit_error)?;
    }
    Ok(())
}
