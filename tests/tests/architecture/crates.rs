//! Which crate knows which.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use rightful_tests::sources::{between, read, root, rows};
use serde_json::Value;

/// A package, by the page or by Cargo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Package {
    folder: String,
    normal: BTreeSet<String>,
    for_tests: BTreeSet<String>,
}

/// What the domain may depend on at all: value types, Unicode, hashing of secrets for look-up, and macros.
const DOMAIN: [&str; 12] = [
    "async-trait",
    "chrono",
    "icu_casemap",
    "icu_normalizer",
    "idna",
    "mockall",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
    "uuid",
    "zeroize",
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo writes JSON")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Folder, package, and what it depends on, each with the kind of the dependency.
type Manifest = (String, String, Vec<(String, Option<String>)>);

/// Each package with the names of what it depends on, of every kind or of one (`null` is the normal one).
fn manifests() -> Vec<Manifest> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let read = |package: &Value| {
        let manifest = text(&package["manifest_path"]);
        let folder = manifest.strip_prefix(&*root().to_string_lossy()).expect("inside of the root");
        let folder = folder.trim_start_matches('/').trim_end_matches("/Cargo.toml").to_owned();
        let needs = package["dependencies"].as_array().expect("a list of dependencies");
        let needs = needs
            .iter()
            .map(|need| (text(&need["name"]), need["kind"].as_str().map(str::to_owned)));
        (text(&package["name"]), folder, needs.collect())
    };
    packages.iter().map(read).collect()
}

fn by_cargo() -> BTreeMap<String, Package> {
    let manifests = manifests();
    let ours: BTreeSet<String> = manifests.iter().map(|(name, ..)| name.clone()).collect();
    let mut packages = BTreeMap::new();
    for (name, folder, needs) in manifests {
        let mut package = Package { folder, ..Package::default() };
        for (need, kind) in needs.into_iter().filter(|(need, _)| ours.contains(need)) {
            match kind.as_deref() {
                Some("dev") => package.for_tests.insert(need),
                // What builds a package is as good as part of it.
                _ => package.normal.insert(need),
            };
        }
        packages.insert(name, package);
    }
    packages
}

fn by_the_page() -> BTreeMap<String, Package> {
    let page = read("docs/architecture.md");
    let names = |cell: &str| -> BTreeSet<String> {
        cell.split(',')
            .map(|name| name.trim().trim_matches('`'))
            .filter(|name| *name != "-")
            .map(str::to_owned)
            .collect()
    };
    let mut packages = BTreeMap::new();
    for row in rows(between(&page, "crates")) {
        let [folder, name, _, normal, for_tests] = &row[..] else {
            panic!("a row of the table has other columns: {row:?}")
        };
        let folder = folder.trim_matches('`').to_owned();
        let package = Package { folder, normal: names(normal), for_tests: names(for_tests) };
        let name = name.trim_matches('`').to_owned();
        assert!(packages.insert(name.clone(), package).is_none(), "{name} stands twice");
    }
    packages
}

#[test]
fn the_table_of_crates_is_true() {
    let (page, cargo) = (by_the_page(), by_cargo());
    let names = |packages: &BTreeMap<String, Package>| -> Vec<String> {
        packages.keys().cloned().collect()
    };
    assert_eq!(names(&page), names(&cargo), "the packages of the table, and those of Cargo");
    let mut wrong = Vec::new();
    for (name, has) in &cargo {
        let may = &page[name];
        if may.folder != has.folder {
            wrong.push(format!("{name} stands in {}, not in {}", has.folder, may.folder));
        }
        for need in has.normal.difference(&may.normal) {
            wrong.push(format!("{name} may not depend on {need}"));
        }
        let for_tests: BTreeSet<String> = may.normal.union(&may.for_tests).cloned().collect();
        for need in has.for_tests.difference(&for_tests) {
            wrong.push(format!("the tests of {name} may not depend on {need}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong:#?}\nchange the dependency, or decide (docs/decisions) and change the table"
    );
}

#[test]
fn the_table_has_one_direction() {
    let page = by_the_page();
    let mut done: BTreeSet<&String> = BTreeSet::new();
    while done.len() < page.len() {
        let before = done.len();
        done.extend(
            page.iter()
                .filter(|(_, one)| one.normal.iter().all(|need| done.contains(need)))
                .map(|(name, _)| name)
                .collect::<Vec<_>>(),
        );
        let left: Vec<_> = page.keys().filter(|name| !done.contains(name)).collect();
        assert!(
            done.len() > before,
            "these depend on each other, or on nothing in the table: {left:?}"
        );
    }
    for adapter in ["rightful-crypto", "rightful-database", "rightful-email", "rightful-http"] {
        for sibling in ["rightful-crypto", "rightful-database", "rightful-email", "rightful-http"] {
            assert!(!page[adapter].normal.contains(sibling), "{adapter} knows {sibling}");
        }
    }
    assert!(page["rightful-domain"].normal.is_empty(), "the domain knows nobody");
}

#[test]
fn the_domain_depends_on_what_is_listed_and_no_more() {
    let manifests = manifests();
    let (.., needs) =
        manifests.iter().find(|(name, ..)| name == "rightful-domain").expect("a domain");
    let kept: BTreeSet<&str> =
        needs.iter().filter(|(_, kind)| kind.is_none()).map(|(need, _)| &**need).collect();
    assert_eq!(kept, BTreeSet::from(DOMAIN));
}

#[test]
fn every_crate_obeys_the_lints_of_the_workspace() {
    for (name, folder, _) in manifests() {
        let manifest: toml::Table = read(&format!("{folder}/Cargo.toml")).parse().expect("TOML");
        let lints = manifest.get("lints").and_then(toml::Value::as_table);
        let obeys = lints.is_some_and(|lints| {
            lints.len() == 1 && lints.get("workspace").and_then(toml::Value::as_bool) == Some(true)
        });
        assert!(obeys, "{name}: its Cargo.toml needs [lints] workspace = true");
    }
}
