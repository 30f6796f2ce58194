//! The records in memory hold what every adapter must hold.

use std::sync::Arc;

use rightful_testkit::contract::Adapters;
use rightful_testkit::contract_tests;
use rightful_testkit::memory::Memory;

async fn fresh() -> Adapters {
    Adapters::all_of(Arc::new(Memory::new()))
}

contract_tests!(fresh);
