//! What the run is asked to do.

use std::path::PathBuf;

use rightful_tests::sources::root;

/// Fewer requests for each class say too little to be written down.
pub(crate) const ENOUGH: u32 = 5_000;

const HELP: &str = "\
timing [OPTION]...
  --each N     requests for each class of address (5000); with fewer the page is left alone
  --control    only the run that must fail: the hasher skips addresses without an account
  --dry        leave the page alone";

/// What the run is asked to do.
#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    /// Requests for each class.
    pub(crate) each: u32,
    /// Only the run that must be seen.
    pub(crate) control: bool,
    dry: bool,
}

impl Arguments {
    /// Reads the command line; the error is what to print.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self { each: ENOUGH, control: false, dry: false };
        while let Some(word) = words.next() {
            match &*word {
                "--each" => {
                    let value = words.next().ok_or(format!("--each needs a value\n{HELP}"))?;
                    let each = value.parse().ok().filter(|each| (10..=100_000).contains(each));
                    arguments.each =
                        each.ok_or(format!("{value} is none of 10 to 100000\n{HELP}"))?;
                }
                "--control" => arguments.control = true,
                "--dry" => arguments.dry = true,
                _ => return Err(HELP.to_owned()),
            }
        }
        Ok(arguments)
    }

    /// The page to write.
    pub(crate) fn page(&self) -> Option<PathBuf> {
        let whole = !self.dry && !self.control && self.each >= ENOUGH;
        whole.then(|| root().join("docs/reference/timing.md"))
    }
}
