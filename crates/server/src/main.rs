//! Keeps every customer account with its rightful owner.

use std::process::ExitCode;

fn main() -> ExitCode {
    rightful::main()
}
