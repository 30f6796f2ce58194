//! docs/requirements.md and docs/security/must-never.md against the numbers and the tests that there are.

use std::collections::{BTreeMap, BTreeSet};

use rightful_tests::sources::{between, read, rows, tests};

/// A row of the page.
struct Row {
    number: String,
    asked: String,
    state: String,
    /// What stands in the last column: the names of tests.
    proved_by: Vec<String>,
}

/// The numbers of the catalogue: one to 150, of which one is two.
fn catalogue() -> Vec<String> {
    let numbers = (1..=150).flat_map(|n| match n {
        113 => vec!["R-113a".to_owned(), "R-113b".to_owned()],
        n => vec![format!("R-{n:03}")],
    });
    numbers.collect()
}

fn page() -> Vec<Row> {
    rows_of("docs/requirements.md", "requirements")
}

/// The MN- and CS- numbers that are kept.
fn kept() -> Vec<Row> {
    rows_of("docs/security/must-never.md", "must-never")
}

fn rows_of(path: &str, name: &str) -> Vec<Row> {
    let page = read(path);
    let row = |cells: Vec<String>| {
        let [number, asked, state, tests] = &cells[..] else {
            panic!("a row has other columns: {cells:?}")
        };
        let proved_by = tests.split_whitespace().map(|name| {
            let inner = name.strip_prefix('`').and_then(|name| name.strip_suffix('`'));
            inner.unwrap_or_else(|| panic!("{number}: {name} is no name of a test")).to_owned()
        });
        Row {
            number: number.clone(),
            asked: asked.clone(),
            state: state.clone(),
            proved_by: proved_by.collect(),
        }
    };
    rows(between(&page, name)).into_iter().map(row).collect()
}

#[test]
fn every_number_stands_once_and_in_order() {
    let found: Vec<String> = page().into_iter().map(|row| row.number).collect();
    assert_eq!(found, catalogue());
}

#[test]
fn every_row_says_what_is_asked_and_where_it_stands() {
    let mut wrong = Vec::new();
    for Row { number, asked, state, proved_by } in page() {
        if asked.len() < 10 {
            wrong.push(format!("{number} does not say what is asked"));
        }
        match &*state {
            "done" if !proved_by.is_empty() => {}
            "done" => wrong.push(format!("{number} is done and names no test")),
            "not yet" if proved_by.is_empty() => {}
            "not yet" => wrong.push(format!("{number} is not there yet and names tests")),
            other if other.starts_with("partly: ") && other.len() > 15 && !proved_by.is_empty() => {}
            other => wrong.push(format!(
                "{number} is {other:?}: done, or partly: and what is missing, with tests; or not yet"
            )),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_tests_that_are_named_exist() {
    let known = tests();
    let mut lacking: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in page().into_iter().chain(kept()) {
        let unknown: Vec<String> =
            row.proved_by.into_iter().filter(|name| !known.contains(name)).collect();
        if !unknown.is_empty() {
            lacking.insert(row.number, unknown);
        }
    }
    assert!(lacking.is_empty(), "no such tests: {lacking:#?}");
}

/// `r_050_…` in the name of a test says that it is about R-050: the page must know of it.
#[test]
fn a_requirement_with_tests_of_its_name_is_not_called_missing() {
    let missing: BTreeSet<String> =
        page().into_iter().filter(|row| row.state == "not yet").map(|row| row.number).collect();
    let numbered = tests().into_iter().filter_map(|name| {
        let number = name.strip_prefix("r_")?.split('_').next()?.to_owned();
        Some((format!("R-{number}"), name))
    });
    let forgotten: Vec<_> = numbered.filter(|(number, _)| missing.contains(number)).collect();
    assert!(forgotten.is_empty(), "these are \"not yet\" and have tests: {forgotten:#?}");
}

#[test]
fn what_must_never_happen_stands_once_and_with_its_tests() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for Row { number, asked, state, proved_by } in kept() {
        let digits = number.strip_prefix("MN-").or_else(|| number.strip_prefix("CS-"));
        if digits.and_then(|digits| digits.parse::<u8>().ok()).is_none() {
            wrong.push(format!("{number} is no MN- or CS- number"));
        }
        if !(state == "done" || (state.starts_with("partly: ") && state.len() > 15)) {
            wrong.push(format!("{number} is {state:?}: done, or partly: and what is missing"));
        }
        if asked.len() < 10 || proved_by.is_empty() {
            wrong.push(format!("{number} says nothing, or names no test"));
        }
        if !seen.insert(number.clone()) {
            wrong.push(format!("{number} stands twice"));
        }
    }
    assert!(wrong.is_empty() && !seen.is_empty(), "{wrong:#?}");
}

/// `mn_29_…` in the name of a test says that it proves MN-29.
#[test]
fn a_must_never_with_tests_of_its_name_is_on_the_page() {
    let known: BTreeSet<String> = kept().into_iter().map(|row| row.number).collect();
    let numbered = tests().into_iter().filter_map(|name| {
        let (kind, rest) = name.split_once('_')?;
        let number = rest.split('_').next().filter(|number| number.parse::<u8>().is_ok())?;
        let is_ours = ["mn", "cs"].contains(&kind);
        is_ours.then(|| (format!("{}-{number}", kind.to_uppercase()), name.clone()))
    });
    let forgotten: Vec<_> = numbered.filter(|(number, _)| !known.contains(number)).collect();
    assert!(forgotten.is_empty(), "docs/security/must-never.md lacks them: {forgotten:#?}");
}
