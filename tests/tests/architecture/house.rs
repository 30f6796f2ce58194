//! What concerns every file.

use std::collections::BTreeSet;
use std::fs;

use rightful_tests::sources::{all_rust, files, read, root};

/// The adapters that read a clock by themselves: the real one, and those that measure a duration. clippy.toml
/// makes each of them say why; this is all of them.
const CLOCKS: [&str; 7] = [
    "crates/crypto/src/pool.rs",
    "crates/database/src/session_cache.rs",
    "crates/database/src/sessions.rs",
    "crates/http/src/edge.rs",
    "crates/server/src/clock.rs",
    "crates/server/src/server.rs",
    "crates/server/src/workers.rs",
];

/// What may stand at the root, beside hidden files.
const AT_THE_ROOT: [&str; 17] = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "clippy.toml",
    "crates",
    "data",
    "deny.toml",
    "docs",
    "justfile",
    "migrations",
    "rustfmt.toml",
    "tests",
];

#[test]
fn few_read_a_clock() {
    let reads = |code: &str| code.contains("SystemTime::now") || code.contains("Instant::now");
    let is_ours = |path: &str| path.contains("/src/") && !path.starts_with("tests/");
    let found: BTreeSet<String> = all_rust()
        .into_iter()
        .filter(|one| is_ours(&one.path) && reads(&one.code))
        .map(|one| one.path)
        .collect();
    let listed: BTreeSet<String> = CLOCKS.iter().map(|path| (*path).to_owned()).collect();
    assert_eq!(found, listed, "the files that read a clock, and those that may");
}

#[test]
fn nothing_names_the_machine_that_it_was_written_on() {
    let here = root().to_string_lossy().into_owned();
    let homes = ["/home/", "/root/", "/Users/", "C:\\Users\\"];
    let mut texts = files("docs", &["md", "json", "toml"]);
    texts.extend(["crates", "migrations", "tests", ".github"].iter().flat_map(|folder| {
        files(folder, &["rs", "toml", "md", "json", "html", "txt", "ftl", "yml", "snap"])
    }));
    let root_files = [
        "Cargo.toml",
        "Cargo.lock",
        "justfile",
        "deny.toml",
        "clippy.toml",
        ".ci/run",
        "CHANGELOG.md",
    ];
    texts.extend(root_files.map(str::to_owned));
    let mut wrong = Vec::new();
    for path in texts.iter().filter(|path| !path.ends_with("architecture/house.rs")) {
        let text = fs::read(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let text = String::from_utf8_lossy(&text);
        let places = homes.iter().copied().chain([&*here]).filter(|place| text.contains(place));
        wrong.extend(places.map(|place| format!("{path} names {place}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_root_holds_what_is_known_and_nothing_else() {
    let known = BTreeSet::from(AT_THE_ROOT);
    for entry in fs::read_dir(root()).expect("the root can be read") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        // Hidden ones may be a tool's of whoever works here. What cargo makes is not looked at.
        let passes = name.starts_with('.') || name == "target" || known.contains(&*name);
        assert!(passes, "{name}: what is it, and does it belong into a crate, docs or tests?");
    }
}

#[test]
fn no_test_is_ignored_and_no_work_is_left_for_later() {
    let mut wrong = Vec::new();
    for source in all_rust().iter().filter(|one| !one.path.starts_with("tests/tests/architecture/"))
    {
        for (place, line) in source.code.lines().enumerate() {
            if line.trim_start().starts_with("#[ignore")
                || line.contains("todo!(")
                || line.contains("unimplemented!(")
            {
                wrong.push(format!("{}:{}: {}", source.path, place + 1, line.trim()));
            }
        }
        let later = ["TODO", "FIXME", "XXX:"].iter().filter(|word| source.text.contains(**word));
        wrong.extend(later.map(|word| format!("{}: {word}", source.path)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn everybody_calls_the_same_checks() {
    let (recipes, ci) = (read("justfile"), read(".ci/run"));
    let all = recipes.lines().find(|line| line.starts_with("ci:")).expect("a recipe `ci`");
    for part in ["lint", "test", "deny", "openapi-check", "docs"] {
        assert!(all.split_whitespace().any(|word| word == part), "`just ci` leaves {part} out");
    }
    assert!(ci.lines().any(|line| line.trim() == "just ci"), ".ci/run does not run `just ci`");
}
