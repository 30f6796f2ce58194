//! The sources of this repository as text, for tests that look at how it is written.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of Rust.
#[derive(Clone, Debug)]
pub struct Source {
    /// From the root, with slashes: `crates/domain/src/lib.rs`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The same, with blanks for everything in comments and literals. Lines stay where they are.
    pub code: String,
}

/// Where packages are, beside the folders in `crates`.
const PACKAGES: [&str; 3] = ["crates", "migrations", "tests"];

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("this package stands in a folder of the repository").to_owned()
}

/// A text file of the repository, `path` being relative to its root.
pub fn read(path: &str) -> String {
    let whole = root().join(path);
    fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{}: {error}", whole.display()))
}

/// Every file below `folder` with one of these endings, in order.
pub fn files(folder: &str, endings: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    walk(&root().join(folder), &mut |path| {
        if path.extension().is_some_and(|end| endings.iter().any(|one| end == *one)) {
            found.push(relative(path));
        }
    });
    found.sort();
    found
}

/// Every file of Rust below `folder`, in order.
pub fn rust(folder: &str) -> Vec<Source> {
    let with_code = |path: String| {
        let text = read(&path);
        let code = code(&text);
        Source { path, text, code }
    };
    files(folder, &["rs"]).into_iter().map(with_code).collect()
}

/// Every file of Rust that is ours.
pub fn all_rust() -> Vec<Source> {
    PACKAGES.into_iter().flat_map(rust).collect()
}

/// The names of all tests: functions that the test harness runs, cases of the contract suite, and journeys. One
/// that is ignored is none.
pub fn tests() -> BTreeSet<String> {
    all_rust().iter().flat_map(tests_of).collect()
}

fn tests_of(source: &Source) -> Vec<String> {
    // What a macro runs for each database is known by what it takes.
    let of_a_macro = match &*source.path {
        path if path.starts_with("crates/testkit/src/contract/") => ": Adapters",
        path if path.starts_with("tests/tests/") => "ground: &Ground",
        _ => "nothing",
    };
    let mut names = Vec::new();
    let (mut is_test, mut is_ignored) = (false, false);
    let lines: Vec<&str> = source.code.lines().map(str::trim).collect();
    for (place, line) in lines.iter().enumerate() {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        is_ignored |= line.starts_with("#[ignore");
        let Some(name) = function(line) else { continue };
        let end = lines[place..].iter().position(|line| line.ends_with('{')).unwrap_or_default();
        let signature = lines[place..=place + end].concat();
        let is_case = signature.contains("async fn") && signature.contains(of_a_macro);
        if (is_test && !is_ignored) || is_case {
            names.push(name.to_owned());
        }
        (is_test, is_ignored) = (false, false);
    }
    names
}

/// The name of the function that a line begins.
fn function(line: &str) -> Option<&str> {
    let words = ["pub ", "pub(crate) ", "pub(super) ", "const ", "async "];
    let mut rest = line;
    while let Some(shorter) = words.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = shorter;
    }
    let rest = rest.strip_prefix("fn ")?;
    let end = rest.find(|c: char| !is_word(c))?;
    Some(&rest[..end])
}

/// Whether `code` has this word, standing alone.
pub fn has_word(code: &str, word: &str) -> bool {
    code.split(|c| !is_word(c)).any(|one| one == word)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What stands between two marks of a page, without them.
pub fn between<'a>(page: &'a str, name: &str) -> &'a str {
    let (begin, end) = marks(name);
    let inner = page.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end));
    inner.unwrap_or_else(|| panic!("the page lacks {begin} or {end}")).0
}

/// Compares what a page holds between two marks with what it should; with `RIGHTFUL_BLESS=1` it writes it
/// there.
pub fn compare_or_bless(path: &str, name: &str, wanted: &str) {
    let page = read(path);
    let wanted = format!("\n{}\n", wanted.trim_matches('\n'));
    let held = between(&page, name);
    if held == wanted {
        return;
    }
    assert!(
        std::env::var_os("RIGHTFUL_BLESS").is_some(),
        "{path} is not up to date between the marks \"{name}\". RIGHTFUL_BLESS=1 writes it; it should be:\n{wanted}"
    );
    let (begin, end) = marks(name);
    let new = page.replace(&format!("{begin}{held}{end}"), &format!("{begin}{wanted}{end}"));
    fs::write(root().join(path), new).unwrap_or_else(|error| panic!("{path}: {error}"));
}

fn marks(name: &str) -> (String, String) {
    (format!("<!-- {name}:begin -->"), format!("<!-- {name}:end -->"))
}

/// The cells of each row of the tables in a piece of Markdown, heads and rules left out.
pub fn rows(table: &str) -> Vec<Vec<String>> {
    let lines = table.lines().map(str::trim).filter(|line| line.starts_with('|'));
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let is_rule =
        |row: &Vec<String>| row.iter().all(|cell| cell.chars().all(|c| "-: ".contains(c)));
    let all: Vec<Vec<String>> = lines.map(cells).collect();
    let heads: BTreeSet<usize> =
        (1..all.len()).filter(|n| is_rule(&all[*n])).map(|n| n - 1).collect();
    let kept = all.iter().enumerate().filter(|(n, row)| !heads.contains(n) && !is_rule(row));
    kept.map(|(_, row)| row.clone()).collect()
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    let entries = fs::read_dir(folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder of the repository can be read").path();
        // What is made from the sources is none.
        let made = ["target", "node_modules"].iter().any(|name| path.ends_with(name))
            || path.ends_with("docs/book");
        if path.is_dir() && !made {
            walk(&path, visit);
        } else if path.is_file() {
            visit(&path);
        }
    }
}

fn relative(path: &Path) -> String {
    let inside = path.strip_prefix(root()).unwrap_or(path);
    inside.to_string_lossy().replace('\\', "/")
}

/// Blanks for everything in comments, texts and characters.
fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_end(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Where the comment or literal ends that begins at `at`; `at` when none does.
fn literal_end(chars: &[char], at: usize) -> usize {
    let next = |n: usize| chars.get(at + n).copied();
    match chars[at] {
        '/' if next(1) == Some('/') => {
            chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |n| at + n)
        }
        '/' if next(1) == Some('*') => comment_end(chars, at),
        '"' => text_end(chars, at),
        'r' if !at
            .checked_sub(1)
            .is_some_and(|before| is_word(chars[before]) && chars[before] != 'b') =>
        {
            let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
            if next(1 + hashes) == Some('"') { raw_end(chars, at, hashes) } else { at }
        }
        // A lifetime has no second quote where a character has it.
        '\'' if next(1) == Some('\\') => {
            let rest = chars[at + 3..].iter().position(|c| *c == '\'');
            rest.map_or(chars.len(), |n| at + 4 + n)
        }
        '\'' if next(2) == Some('\'') => at + 3,
        _ => at,
    }
}

fn comment_end(chars: &[char], at: usize) -> usize {
    let (mut depth, mut n) = (0, at);
    while n < chars.len() {
        match (chars[n], chars.get(n + 1)) {
            ('/', Some('*')) => (depth, n) = (depth + 1, n + 2),
            ('*', Some('/')) => (depth, n) = (depth - 1, n + 2),
            _ => n += 1,
        }
        if depth == 0 {
            return n;
        }
    }
    n
}

fn text_end(chars: &[char], at: usize) -> usize {
    let mut n = at + 1;
    while n < chars.len() && chars[n] != '"' {
        n += if chars[n] == '\\' { 2 } else { 1 };
    }
    (n + 1).min(chars.len())
}

fn raw_end(chars: &[char], at: usize, hashes: usize) -> usize {
    let mut n = at + hashes + 2;
    while n < chars.len() {
        let closed = chars[n] == '"'
            && chars[n + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
        n += 1;
        if closed {
            return n + hashes;
        }
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blank_and_lines_stay() {
        let text =
            "a /* x /* y */ z */ b // c\n\"d\\\"e\" f r#\"g\"h\"# 'i' '\\'' <'j> br\"k\" \"\nl\" m";
        let blanked = code(text);
        let seen: Vec<Vec<&str>> =
            blanked.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(seen, [vec!["a", "b"], vec!["f", "<'j>", "b"], vec!["m"]]);
    }

    #[test]
    fn tests_are_found_and_ignored_ones_are_not() {
        let text = "#[test]\nfn one() {}\nfn helper() {}\n#[tokio::test(flavor = \"x\")]\nasync fn two() {}\n\
                    #[test]\n#[ignore = \"y\"]\nfn three() {}\n// #[test]\nfn four() {}";
        let of = |path: &str, text: &str| {
            tests_of(&Source { path: path.to_owned(), text: text.to_owned(), code: code(text) })
        };
        assert_eq!(of("crates/http/src/x.rs", text), ["one", "two"]);
        let case = "pub async fn rule(adapters: Adapters) {\npub async fn help(n: u8) {";
        assert_eq!(of("crates/testkit/src/contract/x.rs", case), ["rule"]);
        let journey = "async fn journey(\nground: &Ground,\n) {\nasync fn help(n: u8) {";
        assert_eq!(of("tests/tests/journeys/x.rs", journey), ["journey"]);
        assert!(of("crates/testkit/src/x.rs", case).is_empty());
    }

    #[test]
    fn a_table_is_read_without_its_head() {
        let table = "text\n| a | b |\n|---|:-:|\n| 1 | `2` |\n\n| c |\n|---|\n| 3 |\n";
        assert_eq!(rows(table), [vec!["1", "`2`"], vec!["3"]]);
    }
}
