//! One effect and one answer for one `Idempotency-Key`, however often it is sent (MN-69).

mod repository;

#[cfg(any(test, feature = "mocks"))]
pub use repository::MockIdempotencyRepository;
pub use repository::{Claim, IdempotencyKey, IdempotencyRepository};
