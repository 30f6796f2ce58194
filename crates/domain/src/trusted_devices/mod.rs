//! Trusted devices: after a second step the customer may say "trust this device", and is not asked for the
//! second step there for thirty days (R-106).
//!
//! ```text
//!   second step taken, trust wished ──► trusted ──30 days, ended from any session, another epoch──► asked again
//! ```
//!
//! The device shows a secret of its own *beside* the password; alone it opens nothing (MN-15). A session that
//! it made has taken no second step: sensitive acts ask for one (63B §5.1).

mod model;
mod repository;
mod service;
#[cfg(test)]
mod tests;

pub(crate) use model::PREFIX;
pub use model::{NotTrusted, TRUST, TrustedDevice, TrustedDeviceRecord};
#[cfg(any(test, feature = "mocks"))]
pub use repository::MockTrustedDeviceRepository;
pub use repository::TrustedDeviceRepository;
pub use service::{TrustedDeviceError, TrustedDevices};
