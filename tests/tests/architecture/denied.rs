//! The rules of deny.toml name what exists: a rule about a package that was renamed guards nothing.

use std::collections::BTreeSet;

use rightful_tests::sources::read;

fn names_in_the_lock_file() -> BTreeSet<String> {
    let lock: toml::Table = read("Cargo.lock").parse().expect("TOML");
    let packages = lock["package"].as_array().expect("packages");
    packages.iter().filter_map(|one| Some(one.get("name")?.as_str()?.to_owned())).collect()
}

#[test]
fn every_package_that_has_one_home_exists_and_so_do_its_parents() {
    let known = names_in_the_lock_file();
    let rules: toml::Table = read("deny.toml").parse().expect("TOML");
    let banned = rules["bans"]["deny"].as_array().expect("a list of bans");
    let mut wrong = Vec::new();
    let mut homes = 0;
    for ban in banned {
        let name = ban["crate"].as_str().expect("a name");
        // Without parents the package may stand nowhere, so it is not to be found.
        let Some(parents) = ban.get("wrappers").and_then(toml::Value::as_array) else {
            if known.contains(name) {
                wrong.push(format!("{name} is in Cargo.lock, and no package may have it"));
            }
            continue;
        };
        homes += 1;
        let parents = parents.iter().map(|parent| parent.as_str().expect("a name"));
        wrong.extend(
            std::iter::once(name)
                .chain(parents)
                .filter(|one| !known.contains(*one))
                .map(|one| format!("{one} is not in Cargo.lock: renamed, or not needed any more?")),
        );
    }
    assert!(homes >= 5, "deny.toml says where SQL, mail, hashing and the web framework live");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
