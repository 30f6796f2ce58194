//! The data key of a development folder.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use rightful_crypto::vault::DataKey;

/// The key in `folder`, made there at the first start, for its owner's eyes only.
pub(crate) fn data_key(folder: &Path) -> io::Result<String> {
    let path = folder.join("data.key");
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Ok(mut file) => {
            let key = DataKey::generate().to_base64();
            writeln!(file, "{}", key.as_str())?;
            file.sync_all()?;
            Ok(key.as_str().to_owned())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Ok(std::fs::read_to_string(&path)?.trim_end().to_owned())
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = data_key(folder.path()).unwrap();
        assert!(DataKey::parse(&first).is_ok());
        assert_eq!(data_key(folder.path()).unwrap(), first);
        let rights = std::fs::metadata(folder.path().join("data.key")).unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&rights) & 0o777, 0o600);
    }
}
