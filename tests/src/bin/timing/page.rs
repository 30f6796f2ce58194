//! The page that a run writes.

use std::fmt;
use std::fmt::Write as _;

use crate::Outcome;
use crate::arguments::ENOUGH;
use crate::classes::{Class, Family};
use crate::ranks::chance;

/// Security §4.5.
const GOAL: f64 = 0.02;

/// One comparison of two classes.
pub(crate) struct Line {
    pub(crate) family: Family,
    pub(crate) one: Class,
    pub(crate) other: Class,
    pub(crate) auc: f64,
    pub(crate) each: u32,
    /// Of all requests of the family, in milliseconds.
    pub(crate) middle: f64,
}

impl Line {
    /// Whether the time tells nothing. With few requests chance alone goes further than the goal.
    pub(crate) fn holds(&self) -> bool {
        let goal = if self.each >= ENOUGH { GOAL } else { chance(self.each) };
        (self.auc - 0.5).abs() <= goal
    }

    /// Whether it is about addresses without an account.
    pub(crate) fn is_of_unknown(&self) -> bool {
        [self.one, self.other].contains(&Class::Unknown)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { family, one, other, auc, middle, .. } = self;
        let holds = if self.holds() { "holds" } else { "DOES NOT HOLD" };
        write!(f, "| {family} | {one} and {other} | {auc:.4} | {middle:.2} ms | {holds} |")
    }
}

/// Everything that was measured.
#[derive(Default)]
pub(crate) struct Page {
    lines: Vec<Line>,
    control: Vec<Line>,
}

impl Page {
    pub(crate) fn add(&mut self, line: Line) {
        self.lines.push(line);
    }

    pub(crate) fn add_control(&mut self, line: Line) {
        self.control.push(line);
    }

    /// The page, for so many requests of each class.
    pub(crate) fn text(&self, each: u32) -> Outcome<String> {
        let mut text = String::from(HEAD);
        writeln!(text, "{each} requests for each class, in an order that nobody chose.\n")?;
        text.push_str(TABLE);
        for line in &self.lines {
            writeln!(text, "{line}")?;
        }
        text.push_str(CONTROL);
        text.push_str(TABLE);
        for line in &self.control {
            writeln!(text, "{line}")?;
        }
        Ok(text)
    }
}

const HEAD: &str = "\
# Timing of neutral answers

Written by `just timing`. Some requests answer the same whether or not an address has an account. Here is whether the *time*
of their answers tells it: the area under the curve (Mann and Whitney) of the times of two classes of addresses, which is the
part of all pairs in which the one took longer. Half of the pairs means that the time tells nothing; the goal is 0.48 to 0.52
(CS-2).

";
const TABLE: &str = "\
| request | classes | area | middle | |\n|---|---|---|---|---|\n";
const CONTROL: &str = "\n\
## The control

The same, with a hasher that saves itself the work for addresses without an account. What compares one with an account must
not hold: a test that sees nothing here would see nothing above.

";
