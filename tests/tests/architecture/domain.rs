//! How the domain is furnished.

use std::collections::BTreeSet;
use std::fs;

use rightful_tests::sources::{has_word, read, root, rust};

/// Folders of the domain that are no feature.
const NO_FEATURES: [&str; 2] = ["exploration", "values"];

/// The files of a feature.
const FURNITURE: [&str; 5] = ["mod.rs", "model.rs", "repository.rs", "service.rs", "tests.rs"];

/// Features with use cases that no request asks for: the server's loops and its command line do.
const NOT_OVER_HTTP: [&str; 3] = ["audit", "letters", "retention"];

/// Where to wait is allowed. `rightful.rs` has the few lines that every service begins or ends with.
fn may_wait(path: &str) -> bool {
    let inside = path.trim_start_matches("crates/domain/src/");
    let name = inside.rsplit('/').next().unwrap_or(inside);
    let in_tests = name == "tests.rs"
        || name == "tests_support.rs"
        || ["tests/", "tests_support/", "exploration/"]
            .iter()
            .any(|folder| inside.starts_with(folder) || inside.contains(&format!("/{folder}")));
    in_tests
        || ["ports.rs", "rightful.rs"].contains(&inside)
        || inside.contains("/service/")
        || (inside.contains('/') && ["repository.rs", "service.rs"].contains(&name))
}

fn exists(path: &str) -> bool {
    root().join(path).exists()
}

fn features() -> Vec<String> {
    let folder = root().join("crates/domain/src");
    let entries =
        fs::read_dir(folder).expect("the domain has sources").map(|entry| entry.expect("readable"));
    let folders = entries.filter(|entry| entry.path().is_dir());
    let names = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
    // A folder beside a file of its name holds that file's tests.
    let is_feature = |name: &String| {
        !NO_FEATURES.contains(&&**name) && !exists(&format!("crates/domain/src/{name}.rs"))
    };
    let mut features: Vec<String> = names.filter(is_feature).collect();
    features.sort();
    assert!(!features.is_empty());
    features
}

fn has(feature: &str, file: &str) -> bool {
    exists(&format!("crates/domain/src/{feature}/{file}"))
}

#[test]
fn rules_are_synchronous() {
    let waits = |code: &str| {
        has_word(code, "async") || has_word(code, "async_trait") || has_word(code, "await")
    };
    let sources = rust("crates/domain/src");
    let wrong: Vec<&str> = sources
        .iter()
        .filter(|one| waits(&one.code) && !may_wait(&one.path))
        .map(|one| &*one.path)
        .collect();
    assert!(
        wrong.is_empty(),
        "`async` belongs to services, repositories and ports, not to {wrong:?}"
    );
    // And the look is not blind.
    assert!(sources.iter().any(|one| waits(&one.code) && one.path.ends_with("/service.rs")));
}

#[test]
fn every_feature_has_the_same_furniture() {
    let mut wrong = Vec::new();
    for feature in features() {
        let folder = format!("crates/domain/src/{feature}");
        let story = read(&format!("{folder}/mod.rs"));
        if !story.starts_with("//! ") {
            wrong.push(format!("{folder}/mod.rs does not begin with the feature's story"));
        }
        for entry in fs::read_dir(root().join(&folder)).expect("a folder") {
            let name = entry.expect("readable").file_name().to_string_lossy().into_owned();
            // What is too much for one file has a folder beside it.
            let is_more = ["model", "service", "tests"].contains(&&*name)
                && has(&feature, &format!("{name}.rs"));
            if !FURNITURE.contains(&&*name) && !is_more {
                wrong.push(format!("{folder}/{name} is none of {FURNITURE:?}"));
            }
        }
        for ruled in ["model.rs", "service.rs"] {
            if has(&feature, ruled) && !has(&feature, "tests.rs") {
                wrong.push(format!("{folder} has a {ruled} and no tests.rs"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_feature_has_the_same_file_name_in_every_layer() {
    let mut wanted = Vec::new();
    for feature in features() {
        if has(&feature, "repository.rs") {
            wanted.push(format!("crates/database/src/{feature}.rs"));
            wanted.push(format!("crates/testkit/src/memory/{feature}.rs"));
            wanted.push(format!("crates/testkit/src/contract/{feature}.rs"));
        }
        let over_http = format!("crates/http/src/{feature}.rs");
        if NOT_OVER_HTTP.contains(&&*feature) {
            assert!(!exists(&over_http), "{over_http} exists: take {feature} off the list here");
        } else if has(&feature, "service.rs") {
            wanted.push(over_http);
        }
    }
    let lacking: Vec<&String> = wanted.iter().filter(|path| !exists(path)).collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[test]
fn no_adapter_has_records_of_a_feature_that_the_domain_lacks() {
    let features: BTreeSet<String> = features().into_iter().collect();
    for folder in ["crates/testkit/src/memory", "crates/testkit/src/contract"] {
        for source in rust(folder) {
            let name = source
                .path
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .trim_end_matches(".rs")
                .to_owned();
            // A commit concerns all of them.
            let known = features.contains(&name) || ["mod", "changes"].contains(&&*name);
            assert!(known, "{}: no such feature", source.path);
        }
    }
}

#[test]
fn what_others_build_on_is_documented_to_the_last_item() {
    for library in ["crates/domain/src/lib.rs", "crates/testkit/src/lib.rs"] {
        assert!(read(library).contains("#![deny(missing_docs)]"), "{library}");
    }
}
