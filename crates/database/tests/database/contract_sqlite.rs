//! The contract of the ports, kept by an SQLite file.

use rightful_testkit::contract::Adapters;

use crate::fresh;

async fn adapters() -> Adapters {
    fresh::sqlite().await.adapters()
}

rightful_testkit::contract_tests!(adapters);
