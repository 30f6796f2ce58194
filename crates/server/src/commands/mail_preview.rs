//! `rightful mail preview`: the sample of a letter, as this deployment would send it.

use std::process::ExitCode;

use super::mail_templates::{SAMPLE_LINKS, origin};
use crate::cli::{PreviewArgs, SourceArgs};
use crate::exit::{Failure, note, print};
use crate::mailing::templates;

pub(crate) fn run(source: &SourceArgs, args: &PreviewArgs) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    crate::logging::start(&config.log);
    let templates = templates(&config.mail, SAMPLE_LINKS)?;
    let letter = templates
        .preview(&args.kind, args.language)
        .map_err(|error| Failure::Told(error.to_string()))?;
    if args.html {
        print(&letter.html)?;
    } else {
        print(&format!("Subject: {}\n\n{}\n", letter.subject, letter.text.trim_end()))?;
    }
    note(&format!(
        "a sample of {} in {}, its {}, with {}; written to standard output, sent to nobody",
        args.kind,
        args.language.as_str(),
        if args.html { "HTML" } else { "subject and text" },
        origin(&config.mail),
    ));
    Ok(ExitCode::SUCCESS)
}
