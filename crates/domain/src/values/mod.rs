//! The small types that every feature speaks in. Each has one door in (`parse`) and cannot be built wrong.

mod email_address;
mod ids;
mod locale;
mod password;
mod person_name;
mod secret;
mod source;
mod timestamp;

pub use email_address::{EmailAddress, EmailKey, InvalidEmail};
pub use ids::{
    AccountId, AuditId, EmailChangeId, FactorId, Id, IdKind, InvalidId, LetterId, LinkId,
    SessionId, TrustedDeviceId, mint,
};
pub use locale::{Locale, UnknownLocale};
pub use password::{
    Blocked, InvalidPassword, Password, PasswordHash, PasswordPolicy, TypedPassword,
};
pub use person_name::{InvalidName, PersonName};
pub use secret::{Sealed, SecretHash, SecretText};
pub use source::Source;
pub use timestamp::{Span, Timestamp};
