//! The page that a run writes.

use std::fmt::Write as _;
use std::thread::available_parallelism;

use crate::Outcome;
use crate::arguments::Arguments;
use crate::figures::{Figures, short};
use crate::process;
use crate::quiet::Quiet;

/// What a figure has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    AtLeast(f64),
    Below(f64),
    AtMost(f64),
    Exactly(f64),
}

impl Goal {
    fn words(self) -> String {
        match self {
            Self::AtLeast(goal) => format!("≥ {goal}"),
            Self::Below(goal) => format!("< {goal}"),
            Self::AtMost(goal) => format!("≤ {goal}"),
            Self::Exactly(goal) => format!("{goal}"),
        }
    }

    /// A figure that could not be taken holds nothing.
    fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(goal) => figure >= goal,
            Self::Below(goal) => figure < goal,
            Self::AtMost(goal) => figure <= goal,
            Self::Exactly(goal) => (figure - goal).abs() < 1e-9,
        }
    }
}

/// Figures that belong together.
pub(crate) struct Section {
    title: &'static str,
    rows: Vec<[String; 2]>,
    demands: Vec<Demand>,
}

/// A line of the first table.
struct Demand {
    cells: [String; 4],
    holds: &'static str,
    /// Whether other programs on the machine change the figure.
    timed: bool,
}

impl Section {
    pub(crate) const fn new(title: &'static str) -> Self {
        Self { title, rows: Vec::new(), demands: Vec::new() }
    }

    /// A figure that was taken several times.
    pub(crate) fn row(&mut self, what: &str, figures: &Figures) {
        self.rows.push([what.to_owned(), figures.to_string()]);
    }

    /// A figure that was taken once.
    pub(crate) fn figure(&mut self, what: &str, figure: f64) {
        self.rows.push([what.to_owned(), short(figure)]);
    }

    /// A figure with a goal that other programs on the machine disturb: its middle is held against it.
    pub(crate) fn demand(&mut self, what: &str, goal: Goal, figures: &Figures, how: &str) {
        self.hold(what, goal, figures, how, true);
    }

    /// A figure with a goal that holds or does not whatever else the machine is at.
    pub(crate) fn fact(&mut self, what: &str, goal: Goal, figures: &Figures, how: &str) {
        self.hold(what, goal, figures, how, false);
    }

    fn hold(&mut self, what: &str, goal: Goal, figures: &Figures, how: &str, timed: bool) {
        let holds = if goal.holds(figures.median()) { "yes" } else { "**no**" };
        let cells = [what, &goal.words(), &figures.to_string(), how].map(str::to_owned);
        self.demands.push(Demand { cells, holds, timed });
    }

    /// A figure that has no goal and stands beside those that have one.
    pub(crate) fn stated(&mut self, what: &str, figures: &Figures, how: &str) {
        let cells = [what, "stated", &figures.to_string(), how].map(str::to_owned);
        self.demands.push(Demand { cells, holds: "-", timed: false });
    }
}

impl Demand {
    fn line(&self, disturbed: bool) -> String {
        let [what, goal, measured, how] = &self.cells;
        let holds = if disturbed && self.timed { "unclear" } else { self.holds };
        format!("| {what} | {goal} | {measured} | {holds} | {how} |")
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
";

const DISTURBED: &str = "
**Other programs were at the cores during this run.** Its rates and times prove nothing, for or against: where one of
them has a goal, the table says *unclear*. Run it again on a machine that has nothing else to do.
";

const HOW: &str = "
## How it is measured

- **The server** is a process of its own, of the same build, with its default configuration: one line of log for each
  request (made and written, to nowhere), limits, metrics, the file of SQLite as durable as it is by default. PostgreSQL
  runs on the same two cores and does not wait for the disk.
- **The client** keeps its connections and shares the two cores with the server. Where rates are told, the client's work
  is part of them on both sides of a ratio, which brings a ratio nearer to 1. *By CPU time of the server* leaves the
  client, the kernel's work for it and other programs out: it is the stricter figure.
- **A figure** is the median of its rounds, with the least and the most in parentheses. Rounds alternate, so whatever
  else the machine does disturbs all of them alike. A ratio is that of figures of one round.
- **Answer times** are counted from when a request was due, waiting included.
- **argon2id alone** is the same implementation with the same parameters in a loop on as many threads as there are
  cores, each with memory of its own that it keeps. There is no server, no database and no other work.
- **The bare answer** is `/livez`: a poem route with a handler that makes 15 bytes of JSON, on the same accept loop in
  the same process, without any of the layers of the API.
- **A check** is `GET /v1/session` with a bearer token: 200, and who it is. *Over and over* is one session, which the
  server remembers for less than a second. *In turn* means that none comes twice within that time, so that each is read
  from the database. Once a minute a check writes down that its session was used: the checks that are counted here do
  not, and those that do have figures of their own.

An ended session is refused at once by the process that ended it, and within a second by others. Tests prove that on
both databases, and it is not measured here: `asvs_v7_4_1_v15_4_2_an_ended_session_opens_nothing_more`,
`asvs_v7_4_1_a_session_that_one_process_ends_is_dead_in_the_other`,
`the_end_of_a_session_in_another_process_is_seen_within_a_second`.
";

impl Page {
    pub(crate) fn add(&mut self, section: Section) {
        self.0.push(section);
    }

    /// The page, in Markdown.
    pub(crate) fn text(&self, arguments: &Arguments, quiet: &Quiet) -> Outcome<String> {
        let mut text = ABOUT.to_owned();
        let cores = available_parallelism()?;
        writeln!(
            text,
            "\nThis run: {cores} cores of {}, profile `{}`, {} rounds of {} s for each rate. Two busy threads got \
             {} of the cores before and {} after; the load average was {} before and {} after.",
            process::processor(),
            process::profile()?,
            arguments.rounds,
            arguments.time.as_secs(),
            short(quiet.before.share),
            short(quiet.after.share),
            quiet.before.load,
            quiet.after.load,
        )?;
        let disturbed = quiet.is_disturbed();
        if disturbed {
            text.push_str(DISTURBED);
        }
        text.push_str(
            "\n## Goals\n\n| figure | goal | measured | holds | how |\n|---|---|---|---|---|\n",
        );
        for demand in self.0.iter().flat_map(|section| &section.demands) {
            writeln!(text, "{}", demand.line(disturbed))?;
        }
        text.push_str(HOW);
        for Section { title, rows, .. } in &self.0 {
            writeln!(text, "\n## {title}\n\n| what | figure |\n|---|---|")?;
            for row in rows {
                writeln!(text, "| {} |", row.join(" | "))?;
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_holds_up_to_its_bound_and_never_without_a_figure() {
        assert!(Goal::AtLeast(0.4).holds(0.4) && !Goal::AtLeast(0.4).holds(0.399));
        assert!(Goal::AtMost(1.2).holds(1.2) && !Goal::AtMost(1.2).holds(1.21));
        assert!(Goal::Below(10.0).holds(9.99) && !Goal::Below(10.0).holds(10.0));
        assert!(Goal::Exactly(1.0).holds(1.0) && !Goal::Exactly(1.0).holds(0.999));
        for goal in [Goal::AtLeast(0.0), Goal::AtMost(0.0), Goal::Below(0.0), Goal::Exactly(0.0)] {
            assert!(!goal.holds(f64::NAN), "{goal:?}");
        }
    }

    #[test]
    fn a_missed_goal_is_said() {
        let mut section = Section::new("x");
        let mut figures = Figures::default();
        figures.push(0.3);
        section.demand("a", Goal::AtLeast(0.4), &figures, "so");
        assert_eq!(section.demands[0].line(false), "| a | ≥ 0.4 | 0.300 | **no** | so |");
    }

    #[test]
    fn a_disturbed_run_decides_nothing_that_is_timed() {
        let mut section = Section::new("x");
        let figures = Figures::once(1.42);
        section.demand("a", Goal::AtLeast(0.95), &figures, "so");
        section.fact("b", Goal::AtLeast(0.95), &figures, "so");
        let lines: Vec<String> = section.demands.iter().map(|one| one.line(true)).collect();
        assert_eq!(
            lines,
            ["| a | ≥ 0.95 | 1.42 | unclear | so |", "| b | ≥ 0.95 | 1.42 | yes | so |"]
        );
    }
}
