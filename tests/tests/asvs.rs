//! How much of OWASP ASVS 5.0 is covered, counted from the names of tests: docs/security/asvs.md says how.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rightful_tests::sources::{compare_or_bless, read, tests};
use serde_json::Value;

const PAGE: &str = "docs/security/asvs.md";

/// A requirement that applies.
struct Requirement {
    id: String,
    level: u64,
    chapter: String,
    area: String,
}

fn requirements() -> Vec<Requirement> {
    let list: Value = serde_json::from_str(&read("docs/security/asvs.json")).expect("JSON");
    let list = list["requirements"].as_array().expect("a list");
    let text = |one: &Value, name: &str| {
        let text = one[name].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{name} is missing in {one}");
        text.to_owned()
    };
    let read = |one: &Value| {
        text(one, "paraphrase");
        let level = one["level"].as_u64().filter(|level| (1..=3).contains(level));
        Requirement {
            id: text(one, "id"),
            level: level.unwrap_or_else(|| panic!("{one} is of no level")),
            chapter: text(one, "chapter"),
            area: text(one, "area"),
        }
    };
    list.iter().map(read).collect()
}

/// `asvs_v6_3_1_v6_3_2_no_default_accounts` names V6.3.1 and V6.3.2. `None` when a name is not of this form.
fn ids(test: &str) -> Option<Vec<String>> {
    let words: Vec<&str> = test.strip_prefix("asvs_")?.split('_').collect();
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let mut named = Vec::new();
    for three in words.chunks(3) {
        match three {
            [chapter, section, number]
                if chapter.strip_prefix('v').is_some_and(is_number)
                    && is_number(section)
                    && is_number(number) =>
            {
                named.push(format!("V{}.{section}.{number}", &chapter[1..]));
            }
            _ => break,
        }
    }
    Some(named)
}

/// Which tests prove which requirement.
fn covered() -> BTreeMap<String, BTreeSet<String>> {
    let mut covered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for test in tests() {
        let Some(ids) = ids(&test) else { continue };
        assert!(!ids.is_empty(), "{test} has no id like v6_3_1 after asvs_");
        for id in ids {
            covered.entry(id).or_default().insert(test.clone());
        }
    }
    covered
}

fn share(of: &[&Requirement], covered: &BTreeMap<String, BTreeSet<String>>) -> String {
    let done = of.iter().filter(|one| covered.contains_key(&one.id)).count();
    if of.is_empty() { "-".to_owned() } else { format!("{done}/{}", of.len()) }
}

fn tables() -> String {
    let (all, covered) = (requirements(), covered());
    let mut out = String::from(
        "| chapter | level 1 | level 2 | level 3 | together |\n|---|---:|---:|---:|---:|\n",
    );
    let mut row = |name: &str, of: &[&Requirement]| {
        let level =
            |n| -> Vec<&Requirement> { of.iter().copied().filter(|one| one.level == n).collect() };
        let cells = [&level(1)[..], &level(2), &level(3), of].map(|of| share(of, &covered));
        writeln!(out, "| {name} | {} |", cells.join(" | ")).expect("a String takes it");
    };
    let mut chapters: Vec<&str> = all.iter().map(|one| &*one.chapter).collect();
    chapters.dedup();
    for chapter in chapters {
        let of: Vec<&Requirement> = all.iter().filter(|one| one.chapter == chapter).collect();
        row(chapter, &of);
    }
    row("**together**", &all.iter().collect::<Vec<_>>());
    out.push_str("\n| requirement | level | area | proved by |\n|---|---:|---|---|\n");
    for one in &all {
        let Some(tests) = covered.get(&one.id) else { continue };
        let tests: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
        let tests = tests.join(", ");
        writeln!(out, "| {} | {} | {} | {tests} |", one.id, one.level, one.area)
            .expect("a String takes it");
    }
    out
}

#[test]
fn the_list_is_whole_and_every_id_stands_once() {
    let all = requirements();
    let ids: BTreeSet<&str> = all.iter().map(|one| &*one.id).collect();
    assert_eq!(ids.len(), all.len(), "an id stands twice");
    let of = |level| all.iter().filter(|one| one.level == level).count();
    let said = format!(
        "{} requirements apply to Rightful: {} of level 1, {} of level 2 and {} of level 3",
        all.len(),
        of(1),
        of(2),
        of(3)
    );
    let page = read(PAGE).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains(&said), "{PAGE} should say: {said}");
}

#[test]
fn no_test_names_a_requirement_that_does_not_apply() {
    let known: BTreeSet<String> = requirements().into_iter().map(|one| one.id).collect();
    let covered = covered();
    let strange: BTreeMap<_, _> = covered.iter().filter(|(id, _)| !known.contains(*id)).collect();
    assert!(strange.is_empty(), "not on the list of what applies: {strange:#?}");
}

#[test]
fn the_page_counts_what_the_tests_are_called() {
    compare_or_bless(PAGE, "asvs", &tables());
}

#[test]
fn a_name_is_read_to_the_end_of_its_ids() {
    let named = |test: &str| ids(test).map(|ids| ids.join(" "));
    assert_eq!(named("asvs_v6_3_1_no_default").as_deref(), Some("V6.3.1"));
    assert_eq!(
        named("asvs_v7_3_1_v7_3_2_v7_4_1_a_session_ends").as_deref(),
        Some("V7.3.1 V7.3.2 V7.4.1")
    );
    assert_eq!(named("asvs_v16_4_2").as_deref(), Some("V16.4.2"));
    assert_eq!(named("asvs_v6_3_no_number").as_deref(), Some(""));
    assert_eq!(named("the_asvs_v6_3_1"), None);
}
