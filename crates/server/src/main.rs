//! Keeps every customer account with its rightful owner.

use std::process::ExitCode;

/// A request makes and drops some hundred small pieces of memory on two threads (docs/decisions/0006).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    rightful::main()
}
