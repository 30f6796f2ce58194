//! docs/requirements.md against the catalogue's numbers and the tests that there are.

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
    let page = read("docs/requirements.md");
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
    rows(between(&page, "requirements")).into_iter().map(row).collect()
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
    for row in page() {
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
