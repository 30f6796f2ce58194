//! From stored values to the domain's.

use rightful_domain::reason::Outage;
use rightful_domain::values::{EmailAddress, Sealed, SecretHash, Timestamp};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, TryGetable, Value};

use crate::errors::corrupt;

/// A statement given as text. `$1` is understood by both databases.
pub(crate) fn statement(
    on: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(on.get_database_backend(), sql, values)
}

/// Reads the columns of a row in the order of the statement, which is cheaper than by name.
pub(crate) struct Columns<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> Columns<'a> {
    pub(crate) const fn of(row: &'a QueryResult) -> Self {
        Self { row, next: 0 }
    }

    pub(crate) fn read<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let value = self.row.try_get_by_index(self.next)?;
        self.next += 1;
        Ok(value)
    }
}

pub(crate) const fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// The one of `all` with this stable text.
pub(crate) fn named<T: Copy>(
    all: &[T],
    name: impl Fn(T) -> &'static str,
    text: &str,
    column: &'static str,
) -> Result<T, Outage> {
    all.iter().copied().find(|one| name(*one) == text).ok_or_else(|| corrupt(column))
}

pub(crate) fn email(text: &str, column: &'static str) -> Result<EmailAddress, Outage> {
    EmailAddress::parse(text).map_err(|_| corrupt(column))
}

pub(crate) fn count(number: i64, column: &'static str) -> Result<u32, Outage> {
    u32::try_from(number).map_err(|_| corrupt(column))
}

pub(crate) fn hash(bytes: Vec<u8>, column: &'static str) -> Result<[u8; 32], Outage> {
    bytes.try_into().map_err(|_| corrupt(column))
}

pub(crate) fn secret(bytes: Vec<u8>, column: &'static str) -> Result<SecretHash, Outage> {
    hash(bytes, column).map(SecretHash::from_bytes)
}

pub(crate) fn sealed(bytes: Option<Vec<u8>>, column: &'static str) -> Result<Sealed, Outage> {
    bytes.map(Sealed::from_bytes).ok_or_else(|| corrupt(column))
}
