//! What goes wrong in a database, in the domain's words.
//!
//! An error tells the database's message and code, never its detail: PostgreSQL puts the values of the row
//! there, addresses included.

use rightful_domain::ports::{CommitError, Unique};
use rightful_domain::reason::Outage;
use sea_orm::sqlx::Error as DriverError;
use sea_orm::sqlx::error::{DatabaseError as Refused, ErrorKind};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};
use thiserror::Error;

/// What the database said, without the values it said it of.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Failure(String);

/// Why a database cannot be worked with at all. For operators.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// The file or the server cannot be opened.
    #[error("cannot open the database {place}: {failure}")]
    Open {
        /// The path, or the kind of server; never a URL, which may hold a password.
        place: String,
        /// What was said.
        failure: Failure,
    },
    /// It does not answer.
    #[error("the database does not answer: {0}")]
    Unreachable(Failure),
    /// A newer version of this program migrated it.
    #[error(
        "the database was migrated by a newer version of this program, which also knows {}: use that \
         version, or restore a backup from before",
        .0.join(", ")
    )]
    Newer(Vec<String>),
    /// A migration failed; nothing of it remains.
    #[error("migrating failed, and nothing was changed: {0}")]
    Migration(Failure),
}

/// The part that an [`Outage`] of this crate names.
const PART: &str = "database";

/// Failures that have nothing to do with what was asked: the same again may well succeed.
///
/// PostgreSQL: serialization failure, deadlock, lock not available. SQLite: `BUSY`, `BUSY_RECOVERY`,
/// `BUSY_SNAPSHOT`, `LOCKED`.
const TRANSIENT: [&str; 7] = ["40001", "40P01", "55P03", "5", "261", "517", "6"];

impl From<&DbErr> for Failure {
    fn from(error: &DbErr) -> Self {
        Self(match driver_error(error) {
            Some(DriverError::Database(refused)) => match refused.code() {
                Some(code) => format!("{} ({code})", refused.message()),
                None => refused.message().to_owned(),
            },
            Some(other) => other.to_string(),
            None => error.to_string(),
        })
    }
}

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// The server's own limits: a statement that took too long, too many connections.
const OVERLOADED: [&str; 2] = ["57014", "53300"];

/// A stored value that the domain does not take back: somebody wrote past it, or an older program reads what
/// a newer one wrote.
pub(crate) fn corrupt(column: &'static str) -> Outage {
    Outage::failed(PART, Failure(format!("{column} holds a value that this version cannot read")))
}

/// The work of this call was lost with its task.
pub(crate) fn lost(reason: impl ToString) -> Outage {
    Outage::failed(PART, Failure(reason.to_string()))
}

/// A failed read, or a failed write that no rule speaks of.
pub(crate) fn outage(error: DbErr) -> Outage {
    if let DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) = error {
        return Outage::Overloaded;
    }
    match refusal(&error).and_then(Refused::code).as_deref() {
        Some(code) if TRANSIENT.contains(&code) => Outage::Contended,
        Some(code) if OVERLOADED.contains(&code) => Outage::Overloaded,
        _ => Outage::failed(PART, Failure::from(&error)),
    }
}

/// A failed write of a commit.
pub(crate) fn commit_error(error: DbErr) -> CommitError {
    let kind = refusal(&error).map(|refused| (refused, refused.kind()));
    match kind {
        Some((refused, ErrorKind::UniqueViolation)) => CommitError::Taken(unique(refused)),
        // The account that a row belongs to went in the meantime.
        Some((_, ErrorKind::ForeignKeyViolation)) => CommitError::Stale,
        // The trigger that stands before `INSERT OR REPLACE` on SQLite speaks before the unique index does.
        Some((refused, _)) if refused.message().contains("audit_entries is append-only") => {
            CommitError::Taken(Unique::Other)
        }
        _ => CommitError::Outage(outage(error)),
    }
}

/// PostgreSQL names the index, SQLite the columns.
fn unique(refused: &dyn Refused) -> Unique {
    match refused.constraint().unwrap_or(refused.message()) {
        "accounts_email_key" | "UNIQUE constraint failed: accounts.email_key" => Unique::EmailKey,
        "email_changes_unfinished" | "UNIQUE constraint failed: email_changes.account" => {
            Unique::PendingEmailChange
        }
        _ => Unique::Other,
    }
}

fn refusal(error: &DbErr) -> Option<&dyn Refused> {
    match driver_error(error) {
        Some(DriverError::Database(refused)) => Some(&**refused),
        _ => None,
    }
}

fn driver_error(error: &DbErr) -> Option<&DriverError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(driver))
        | DbErr::Exec(RuntimeErr::SqlxError(driver))
        | DbErr::Query(RuntimeErr::SqlxError(driver)) => Some(driver),
        _ => None,
    }
}

/// How often a whole transaction is tried that others got in the way of.
pub(crate) struct Tries(u32);

impl Tries {
    pub(crate) const fn new() -> Self {
        Self(3)
    }

    /// Whether to begin anew after this failure.
    pub(crate) fn again(&mut self, outage: &Outage) -> bool {
        self.0 -= 1;
        let again = self.0 > 0 && matches!(outage, Outage::Contended);
        if again {
            tracing::debug!(left = self.0, "others got in the way of a transaction: once more");
        }
        again
    }
}
