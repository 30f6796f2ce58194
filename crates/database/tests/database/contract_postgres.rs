//! The contract of the ports, kept by PostgreSQL.

use rightful_testkit::contract::Adapters;

use crate::fresh;

async fn adapters() -> Option<Adapters> {
    Some(fresh::postgres().await?.adapters())
}

rightful_testkit::contract_tests!(adapters);
