//! Variables: `RIGHTFUL_SECTION__KEY`, and `RIGHTFUL_SECTION__KEY_FILE` for secrets.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::fault::{Fault, Origin, nearest};
use super::keys::Key;
use super::layers::Given;

/// What the environment gives, the files before the variables.
pub(super) struct Environment {
    pub(super) files: Vec<Given>,
    pub(super) variables: Vec<Given>,
}

/// Reads every variable that begins with `RIGHTFUL_`. An unknown one is a fault: a slip of the pen must not
/// silently leave a default in force.
pub(super) fn read(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
    faults: &mut Vec<Fault>,
) -> Environment {
    let ours: BTreeMap<String, OsString> = variables
        .into_iter()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with("RIGHTFUL_") && !is_of_others(name))
        .collect();
    let mut environment = Environment { files: Vec::new(), variables: Vec::new() };
    for (name, value) in &ours {
        let origin = Origin::Variable(name.clone());
        if let Some(key) = Key::all().find(|key| key.variable() == *name) {
            if let Ok(text) = value.clone().into_string() {
                environment.variables.push(Given { key, text, origin });
            } else {
                let why = String::from("it is not UTF-8");
                faults.push(Fault::Value { origin, path: key.path, why });
            }
            continue;
        }
        let base = name.strip_suffix("_FILE");
        let Some(key) = base.and_then(|base| Key::all().find(|key| key.variable() == base)) else {
            let known = Key::all().map(Key::variable);
            let suggestion = nearest(name, known);
            faults.push(Fault::Unknown { origin, name: String::from("such variable"), suggestion });
            continue;
        };
        let variable = key.variable();
        if !key.secret {
            faults.push(Fault::NoSecret { variable: name.clone(), path: key.path });
        } else if ours.contains_key(&variable) {
            faults.push(Fault::Both { variable });
        } else {
            let path = PathBuf::from(value);
            match secret_file(&path) {
                Ok(text) => {
                    let origin = Origin::SecretFile { variable: name.clone(), path };
                    environment.files.push(Given { key, text, origin });
                }
                Err(why) => {
                    let what = format!("the file of {}", key.path);
                    faults.push(Fault::File { by: name.clone(), what, path, why });
                }
            }
        }
    }
    environment
}

/// The content without one newline at its end: editors and `echo` put one there, and it belongs to nobody's
/// password.
fn secret_file(path: &Path) -> Result<String, String> {
    let mut text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

/// Variables with our prefix that are not configuration.
fn is_of_others(name: &str) -> bool {
    // The flag --config; those of this project's own tests.
    let ours = name == "RIGHTFUL_CONFIG"
        || name == "RIGHTFUL_BLESS"
        || name.starts_with("RIGHTFUL_TEST_")
        || name.starts_with("RIGHTFUL_KILL_")
        || name.starts_with("RIGHTFUL_REQUIRE_");
    // Kubernetes describes every service of a namespace to every pod in it; one that is called "rightful"
    // must not keep its own pods from starting.
    let kubernetes = name == "RIGHTFUL_PORT"
        || name.starts_with("RIGHTFUL_PORT_")
        || name == "RIGHTFUL_SERVICE_HOST"
        || name == "RIGHTFUL_SERVICE_PORT"
        || name.starts_with("RIGHTFUL_SERVICE_PORT_");
    ours || kubernetes
}
