//! The page that a run writes.

use std::fmt::Write as _;
use std::thread::available_parallelism;

use crate::Outcome;
use crate::arguments::Arguments;
use crate::figures::{Figures, short};
use crate::process;

/// What a figure should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// Nobody said.
    None,
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    /// The goal, and how the figure stands to it.
    fn of(self, figure: f64) -> String {
        let (sign, goal, met) = match self {
            Self::None => return String::new(),
            Self::AtLeast(goal) => ("≥", goal, figure >= goal),
            Self::AtMost(goal) => ("≤", goal, figure <= goal),
        };
        format!("{sign} {goal}: {}", if met { "met" } else { "**missed**" })
    }
}

/// Figures that belong together.
pub(crate) struct Section {
    title: &'static str,
    rows: Vec<[String; 3]>,
}

impl Section {
    pub(crate) const fn new(title: &'static str) -> Self {
        Self { title, rows: Vec::new() }
    }

    /// A figure that was taken several times. Its middle is held against the goal.
    pub(crate) fn row(&mut self, what: &str, figures: &Figures, goal: Goal) {
        self.rows.push([what.to_owned(), figures.to_string(), goal.of(figures.median())]);
    }

    /// A figure that was taken once.
    pub(crate) fn figure(&mut self, what: &str, figure: f64, goal: Goal) {
        self.rows.push([what.to_owned(), short(figure), goal.of(figure)]);
    }
}

/// All of them.
#[derive(Default)]
pub(crate) struct Page(Vec<Section>);

const ABOUT: &str = "\
# Benchmarks

<!-- Written by `just bench`. -->

What the server does on two cores, client included, next to what the machine can do at all. A rate by itself says as
much about the machine as about the server, so the goals are ratios of figures that one run took in turns. No test
asserts any of them.

- **The server** is a process of its own, built with the same optimisation, with its default configuration: one line of
  log for each request (written, and thrown away by the reader), limits, metrics, SQLite as durable as it is by default.
  The client says, as a proxy does, where each request comes from.
- **The client** keeps its connections and shares the two cores with the server. Where rates are told, the client's work
  is part of them; the *CPU time of the server* is the figure to trust, because neither the client nor other programs
  on the machine are in it.
- **A figure** is the median of its rounds, with the least and the most in parentheses. Rounds alternate, so whatever
  else the machine does disturbs all of them alike. A ratio is that of figures of one round.
- **Answer times** are counted from when a request was due, waiting included.
";

impl Page {
    pub(crate) fn add(&mut self, section: Section) {
        self.0.push(section);
    }

    /// The page, in Markdown.
    pub(crate) fn text(
        &self,
        arguments: &Arguments,
        busy: &str,
        busy_after: &str,
    ) -> Outcome<String> {
        let mut text = ABOUT.to_owned();
        let profile = if cfg!(debug_assertions) { "**without optimisation**" } else { "optimised" };
        writeln!(
            text,
            "\nThis run: {} cores of {}, {profile}, {} rounds of {} s. The machine's load average was {busy} before and \
             {busy_after} after.",
            available_parallelism()?,
            process::processor(),
            arguments.rounds,
            arguments.time.as_secs(),
        )?;
        for Section { title, rows } in &self.0 {
            writeln!(text, "\n## {title}\n\n| what | figure | goal |\n|---|---|---|")?;
            for [what, figure, goal] in rows {
                writeln!(text, "| {what} | {figure} | {goal} |")?;
            }
        }
        Ok(text)
    }
}
