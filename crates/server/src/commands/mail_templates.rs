//! `rightful mail templates check`: every letter in every language, with an operator's templates.

use std::process::ExitCode;

use rightful_domain::letters::LetterContent;
use rightful_wording::Language;

use crate::cli::SourceArgs;
use crate::config::MailConfig;
use crate::exit::{Failure, print};
use crate::mailing::templates;

/// Where the links of samples lead when the configuration does not say.
pub(super) const SAMPLE_LINKS: &str = "https://shop.example/account";

pub(crate) fn run(source: &SourceArgs) -> Result<ExitCode, Failure> {
    let config = source.config()?;
    let findings = templates(&config.mail, SAMPLE_LINKS)?.check();
    for finding in &findings {
        print(&format!("{finding}\n"))?;
    }
    let checked = format!(
        "Checked {} e-mails in {} languages, text and HTML, with {}:",
        LetterContent::KINDS.len(),
        Language::ALL.len(),
        origin(&config.mail),
    );
    if findings.is_empty() {
        print(&format!("{checked} every e-mail can be sent.\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&format!("{checked} {} things are wrong.\n", findings.len()))?;
    Ok(ExitCode::FAILURE)
}

/// Which templates are in force, in words.
pub(super) fn origin(mail: &MailConfig) -> String {
    match &mail.templates_dir {
        None => String::from("the built-in templates (mail.templates_dir names none)"),
        Some(folder) => format!("the templates in {} over the built-in ones", folder.display()),
    }
}
