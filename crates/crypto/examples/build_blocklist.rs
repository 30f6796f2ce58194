//! Writes `data/blocklist.bin` from a plain list of passwords, one a line:
//!
//! `cargo run -p rightful-crypto --example build_blocklist -- <list> <output>`
//!
//! `data/README.md` says which list, and what this prints for it.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;

use rightful_crypto::blocklist::canonical;
use rightful_crypto::filter::{Filter, build};

/// Shorter passwords are refused for their length by every policy that can be configured.
const LEAST_CHARS: usize = 8;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [list, output] = arguments.as_slice() else {
        return Err("expected two arguments: the list and the file to write".into());
    };
    let text = fs::read_to_string(list).map_err(|error| format!("{list}: {error}"))?;
    let long: Vec<&str> = text.lines().filter(|line| line.chars().count() >= LEAST_CHARS).collect();
    let distinct: BTreeSet<_> = long.iter().map(|line| canonical(line)).collect();

    let bytes = build(distinct.iter().map(AsRef::as_ref)).ok_or("too many passwords")?;
    let filter = Filter::parse(&bytes)?;
    if let Some(lost) = distinct.iter().position(|text| !filter.contains(text)) {
        return Err(format!("entry {lost} is not found again").into());
    }
    fs::write(output, &bytes).map_err(|error| format!("{output}: {error}"))?;
    println!(
        "{} lines of {LEAST_CHARS} characters and more, {} distinct, {} entries, {} bytes",
        long.len(),
        distinct.len(),
        filter.len(),
        bytes.len(),
    );
    Ok(())
}
