use std::collections::BTreeSet;

use rightful_domain::ports::Blocklist;

/// A list of leaked passwords that a test wrote.
#[derive(Clone, Debug, Default)]
pub struct FixedBlocklist(BTreeSet<String>);

impl FixedBlocklist {
    /// Of these passwords.
    pub fn of(passwords: &[&str]) -> Self {
        Self(passwords.iter().map(|password| (*password).to_owned()).collect())
    }
}

impl Blocklist for FixedBlocklist {
    fn contains(&self, password: &str) -> bool {
        self.0.contains(password)
    }
}
