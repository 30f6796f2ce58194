//! One development server for one folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// The folder is ours while this lives. However the process ends, the operating system lets go of it.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the folder; [`TryLockError::WouldBlock`] when another server has it. The file stays: deleting it
    /// would let two servers lock two files of one name.
    pub(crate) fn take(folder: &Path) -> Result<Self, TryLockError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let file = options.open(folder.join("dev.lock")).map_err(TryLockError::Error)?;
        file.try_lock()?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_taken_once_and_free_again_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::take(folder.path()).unwrap();
        let second = FolderLock::take(folder.path());
        assert!(matches!(second, Err(TryLockError::WouldBlock)), "{second:?}");
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(FolderLock::take(elsewhere.path()).is_ok());
        drop(first);
        assert!(FolderLock::take(folder.path()).is_ok());
    }
}
