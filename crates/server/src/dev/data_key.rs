//! The data key of a development folder.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use rightful_crypto::vault::DataKey;

/// The key in `folder`; `None` when there is none yet. Nothing is made.
pub(crate) fn find(folder: &Path) -> io::Result<Option<String>> {
    match read(&file(folder)) {
        Ok(key) => Ok(Some(key.to_base64().as_str().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A new key, in base64.
pub(crate) fn generate() -> String {
    DataKey::generate().to_base64().as_str().to_owned()
}

/// Writes `key` into the folder, for its owner's eyes only, and gives back what the file holds: the key of
/// before, if there is one by now.
pub(crate) fn keep(folder: &Path, key: &str) -> io::Result<DataKey> {
    let path = file(folder);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Ok(mut file) => {
            writeln!(file, "{key}")?;
            file.sync_all()?;
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    read(&path)
}

fn file(folder: &Path) -> PathBuf {
    folder.join("data.key")
}

fn read(path: &Path) -> io::Result<DataKey> {
    DataKey::parse(std::fs::read_to_string(path)?.trim_end()).map_err(|refusal| {
        let why = format!("data.key: {refusal}; delete the folder to begin anew");
        io::Error::new(ErrorKind::InvalidData, why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(find(folder.path()).unwrap(), None);
        assert!(!file(folder.path()).exists(), "asking makes nothing");
        let first = generate();
        let kept = keep(folder.path(), &first).unwrap();
        assert_eq!(kept.to_base64().as_str(), first);
        let again = keep(folder.path(), &generate()).unwrap();
        assert_eq!(again.to_base64().as_str(), first, "the first one stays");
        assert_eq!(find(folder.path()).unwrap(), Some(first));
        let rights = std::fs::metadata(file(folder.path())).unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&rights) & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_holds_no_key_is_told_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(file(folder.path()), "hunter2").unwrap();
        for error in [find(folder.path()).unwrap_err(), keep(folder.path(), "x").unwrap_err()] {
            let said = error.to_string();
            assert!(said.contains("data.key") && !said.contains("hunter2"), "{said}");
        }
    }
}
