use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use rightful_domain::ports::{PasswordHasher, PasswordMatch};
use rightful_domain::reason::Outage;
use rightful_domain::values::{PasswordHash, TypedPassword};

/// What [`PlainHasher`] writes before a password.
const TODAY: &str = "plain$";

/// What stands before a password that was kept with weaker parameters.
const OUTDATED: &str = "outdated$";

/// Keeps a password as `plain$` and its text, at once. It counts its work, so that a test can show that two
/// ways cost the same (CS-42).
#[derive(Debug, Default)]
pub struct PlainHasher {
    hashed: AtomicUsize,
    compared: AtomicUsize,
    overloaded: AtomicBool,
}

impl PlainHasher {
    /// How many passwords were hashed.
    pub fn hashed(&self) -> usize {
        self.hashed.load(Ordering::SeqCst)
    }

    /// How many passwords were compared, with a hash or with none: each is the work of one.
    pub fn compared(&self) -> usize {
        self.compared.load(Ordering::SeqCst)
    }

    /// The work of both kinds together.
    pub fn work(&self) -> usize {
        self.hashed() + self.compared()
    }

    /// From now on the queue is full, or no more.
    pub fn set_overloaded(&self, overloaded: bool) {
        self.overloaded.store(overloaded, Ordering::SeqCst);
    }

    /// A hash of `password` with yesterday's parameters.
    pub fn outdated(password: &str) -> PasswordHash {
        PasswordHash::from_phc(format!("{OUTDATED}{password}"))
    }

    fn accept(&self) -> Result<(), Outage> {
        if self.overloaded.load(Ordering::SeqCst) { Err(Outage::Overloaded) } else { Ok(()) }
    }
}

fn text(password: &TypedPassword) -> &str {
    str::from_utf8(password.as_bytes()).expect("a password is text")
}

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: &TypedPassword) -> Result<PasswordHash, Outage> {
        self.accept()?;
        self.hashed.fetch_add(1, Ordering::SeqCst);
        Ok(PasswordHash::from_phc(format!("{TODAY}{}", text(password))))
    }

    async fn verify<'a>(
        &self,
        password: &TypedPassword,
        against: Option<&'a PasswordHash>,
    ) -> Result<PasswordMatch, Outage> {
        self.accept()?;
        self.compared.fetch_add(1, Ordering::SeqCst);
        let kept = against.map_or("", PasswordHash::as_phc);
        Ok(if kept.strip_prefix(TODAY) == Some(text(password)) {
            PasswordMatch::Yes
        } else if kept.strip_prefix(OUTDATED) == Some(text(password)) {
            PasswordMatch::YesButOutdated
        } else {
            PasswordMatch::No
        })
    }
}
