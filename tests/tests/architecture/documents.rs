//! The pages: all of them in the book, every link leading somewhere.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use rightful_tests::sources::{files, read, root};

/// Pages that are read on their own, beside those of the book.
const BESIDE: [&str; 4] = ["CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"];

fn pages() -> Vec<String> {
    let beside =
        BESIDE.iter().filter(|page| root().join(page).exists()).map(|page| (*page).to_owned());
    beside.chain(files("docs", &["md"])).collect()
}

/// The targets of a page's links.
fn links(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_code = false;
    for line in read(page).lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        found.extend(targets.map(|(target, _)| target.to_owned()));
    }
    found
}

/// The anchors that mdBook and code hosts make of headings.
fn anchors(page: &str) -> BTreeSet<String> {
    let text = read(page);
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let slug = |heading: &str| -> String {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(slug).collect()
}

/// The path from the root that `link` means on `page`.
fn resolve(page: &str, link: &str) -> PathBuf {
    let mut at = PathBuf::new();
    let folder = Path::new(page).parent().unwrap_or_else(|| Path::new(""));
    for part in folder.join(link).components() {
        match part {
            Component::ParentDir => assert!(at.pop(), "{page}: {link} leads out of the repository"),
            part => at.push(part),
        }
    }
    at
}

#[test]
fn every_page_stands_in_the_book() {
    let summary: BTreeSet<PathBuf> = links("docs/SUMMARY.md")
        .iter()
        .filter(|link| !link.is_empty())
        .map(|link| resolve("docs/SUMMARY.md", link))
        .collect();
    let pages = files("docs", &["md"]).into_iter().filter(|page| page != "docs/SUMMARY.md");
    let missing: Vec<String> = pages.filter(|page| !summary.contains(Path::new(page))).collect();
    assert!(missing.is_empty(), "docs/SUMMARY.md does not name {missing:?}");
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    for page in pages() {
        for link in links(&page) {
            // A chapter without a page is one that is still to be written.
            let is_draft = link.is_empty() && page == "docs/SUMMARY.md";
            let is_outside =
                ["http://", "https://", "mailto:"].iter().any(|scheme| link.starts_with(scheme));
            if is_draft || is_outside {
                continue;
            }
            let (target, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target =
                if target.is_empty() { PathBuf::from(&page) } else { resolve(&page, target) };
            let target = target.to_string_lossy();
            if !root().join(&*target).exists() {
                wrong.push(format!("{page}: {link} leads to no file"));
            } else if !anchor.is_empty()
                && target.ends_with(".md")
                && !anchors(&target).contains(anchor)
            {
                wrong.push(format!("{page}: {link} leads to no heading"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn decisions_are_numbered_one_by_one() {
    let pages = files("docs/decisions", &["md"]);
    let numbered = pages.iter().filter(|page| !page.ends_with("README.md"));
    for (place, page) in numbered.enumerate() {
        let number = format!("{:04}", place + 1);
        assert!(
            page.starts_with(&format!("docs/decisions/{number}-")),
            "{page} is not number {number}"
        );
        assert!(
            read(page).starts_with(&format!("# {number}")),
            "the title of {page} has another number"
        );
        for part in ["## Context", "## Choice", "## What we gave up"] {
            assert!(read(page).contains(part), "{page} has no part \"{part}\"");
        }
    }
}
