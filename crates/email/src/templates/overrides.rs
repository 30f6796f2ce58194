//! An operator's folder of templates.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use minijinja::Environment;
use thiserror::Error;

use super::check::Finding;
use super::environment;

/// Many times a letter; anything larger was put into the folder by mistake.
const LARGEST: u64 = 256 * 1024;

/// The folder of templates cannot be read.
#[derive(Debug, Error)]
#[error("the folder of letter templates {} cannot be read: {cause}", folder.display())]
pub struct OverrideError {
    folder: PathBuf,
    cause: std::io::Error,
}

/// The built-in templates with those of the folder in their places, and what is wrong with the others.
pub(super) fn read(folder: &Path) -> Result<(Environment<'static>, Vec<Finding>), OverrideError> {
    let unreadable = |cause| OverrideError { folder: folder.to_owned(), cause };
    let mut environment = environment::built_in();
    let mut findings = Vec::new();
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        names.push(entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    // Editors and version control leave files with a dot.
    for name in names.into_iter().filter(|name| !name.starts_with('.')) {
        if let Err(problem) = replace(&mut environment, folder, &name) {
            findings.push(Finding::of_file(&name, problem));
        }
    }
    Ok((environment, findings))
}

fn replace(
    environment: &mut Environment<'static>,
    folder: &Path,
    name: &str,
) -> Result<(), String> {
    let known = environment::SOURCES.iter().any(|(known, _)| *known == name);
    if !known {
        return Err("no letter uses a template of this name".to_owned());
    }
    let mut source = String::new();
    let file = fs::File::open(folder.join(name)).map_err(|e| e.to_string())?;
    file.take(LARGEST + 1).read_to_string(&mut source).map_err(|e| e.to_string())?;
    if source.len() as u64 > LARGEST {
        return Err(format!("the file is larger than {LARGEST} bytes"));
    }
    // Compiled on trial first: a failure must leave the built-in template in its place.
    environment::bare()
        .add_template_owned(name.to_owned(), source.clone())
        .and_then(|()| environment.add_template_owned(name.to_owned(), source))
        .map_err(|e| e.to_string())
}
