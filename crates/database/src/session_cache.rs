//! The sessions that this process has just read, because every request asks for one.
//!
//! A session is kept for less than a second, so that what another process commits is seen within one. What this
//! process commits is seen at once: a commit takes out what it touched before it says that it is done. A reader
//! that looked before that commit must not put back what it saw, so a reader draws a [`Ticket`] first, and the
//! ticket of an earlier generation puts nothing in. Misses are not kept: an unknown secret is looked up again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rightful_domain::sessions::LiveSession;
use rightful_domain::values::{AccountId, SecretHash};

use crate::Invalidation;

/// The most sessions that are kept: some 12 MB.
const MOST: usize = 20_000;

/// How long, counted from before the read.
const LIFE: Duration = Duration::from_millis(900);

pub(crate) struct SessionCache {
    held: Mutex<Held>,
}

/// The right to put in what is read from now on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    generation: u64,
    drawn_at: Instant,
}

struct Held {
    most: usize,
    /// Counts the invalidations.
    generation: u64,
    by_secret: HashMap<SecretHash, (Arc<LiveSession>, Instant)>,
    by_account: HashMap<AccountId, Vec<SecretHash>>,
    /// What to forget first. It may name what is gone already, or was put in anew.
    oldest_first: VecDeque<(SecretHash, Instant)>,
}

impl SessionCache {
    pub(crate) fn new() -> Self {
        Self::of(MOST)
    }

    fn of(most: usize) -> Self {
        let (by_secret, by_account) = (HashMap::new(), HashMap::new());
        let oldest_first = VecDeque::new();
        Self { held: Mutex::new(Held { most, generation: 0, by_secret, by_account, oldest_first }) }
    }

    /// The session, or the ticket to read it with.
    pub(crate) fn find(
        &self,
        secret: &SecretHash,
        now: Instant,
    ) -> Result<Arc<LiveSession>, Ticket> {
        let held = self.lock();
        match held.by_secret.get(secret) {
            Some((live, read_at)) if now.duration_since(*read_at) < LIFE => Ok(Arc::clone(live)),
            _ => Err(Ticket { generation: held.generation, drawn_at: now }),
        }
    }

    /// Keeps what was read with `ticket`, unless something was committed since it was drawn. To read once more
    /// is all that such a refusal costs.
    pub(crate) fn keep(&self, ticket: Ticket, secret: SecretHash, live: Arc<LiveSession>) {
        let mut held = self.lock();
        if held.generation == ticket.generation {
            held.put(secret, live, ticket.drawn_at);
        }
    }

    /// Forgets what a commit has touched.
    pub(crate) fn invalidate(&self, touched: &Invalidation) {
        let mut held = self.lock();
        held.generation += 1;
        for secret in &touched.secrets {
            held.remove(secret);
        }
        for account in &touched.accounts {
            for secret in held.by_account.remove(account).unwrap_or_default() {
                held.by_secret.remove(&secret);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // Nothing in here panics between two steps that belong together.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn put(&mut self, secret: SecretHash, live: Arc<LiveSession>, read_at: Instant) {
        self.remove(&secret);
        while let Some((oldest, at)) = self.oldest_first.front().copied()
            && (self.oldest_first.len() >= self.most || read_at.duration_since(at) >= LIFE)
        {
            self.oldest_first.pop_front();
            if self.by_secret.get(&oldest).is_some_and(|(_, put_at)| *put_at == at) {
                self.remove(&oldest);
            }
        }
        self.by_account.entry(live.account.id()).or_default().push(secret);
        self.by_secret.insert(secret, (live, read_at));
        self.oldest_first.push_back((secret, read_at));
    }

    fn remove(&mut self, secret: &SecretHash) {
        let Some((live, _)) = self.by_secret.remove(secret) else { return };
        if let Some(secrets) = self.by_account.get_mut(&live.account.id()) {
            secrets.retain(|other| other != secret);
            if secrets.is_empty() {
                self.by_account.remove(&live.account.id());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rightful_testkit::builders::{secret, session, verified};

    fn live(account: u64, n: u64) -> Arc<LiveSession> {
        let account = verified(account);
        Arc::new(LiveSession { session: session(&account, n), account })
    }

    #[expect(clippy::disallowed_methods, reason = "only differences of it are looked at")]
    fn start() -> Instant {
        Instant::now()
    }

    fn of_account(n: u64) -> Invalidation {
        Invalidation { accounts: vec![verified(n).id()], secrets: Vec::new() }
    }

    #[test]
    fn what_was_kept_is_found_for_its_life_counted_from_before_the_read() {
        let (cache, now) = (SessionCache::new(), start());
        let ticket = cache.find(&secret(1), now).unwrap_err();
        cache.keep(ticket, secret(1), live(1, 1));
        let almost = now + Duration::from_millis(899);
        assert_eq!(cache.find(&secret(1), almost).unwrap(), live(1, 1));
        assert!(cache.find(&secret(1), now + LIFE).is_err());
        assert!(cache.find(&secret(2), now).is_err());
    }

    #[test]
    fn a_reader_from_before_a_commit_puts_nothing_in() {
        let (cache, now) = (SessionCache::new(), start());
        let before = cache.find(&secret(1), now).unwrap_err();
        cache.invalidate(&of_account(1));
        cache.keep(before, secret(1), live(1, 1));
        assert!(cache.find(&secret(1), now).is_err());
        let after = cache.find(&secret(1), now).unwrap_err();
        cache.keep(after, secret(1), live(1, 1));
        assert!(cache.find(&secret(1), now).is_ok());
    }

    #[test]
    fn a_commit_takes_out_every_session_of_its_accounts_and_no_other() {
        let (cache, now) = (SessionCache::new(), start());
        for (account, n) in [(1, 1), (1, 2), (2, 3)] {
            let ticket = cache.find(&secret(n), now).unwrap_err();
            cache.keep(ticket, secret(n), live(account, n));
        }
        cache.invalidate(&of_account(1));
        assert!(cache.find(&secret(1), now).is_err());
        assert!(cache.find(&secret(2), now).is_err());
        assert!(cache.find(&secret(3), now).is_ok());
        cache.invalidate(&Invalidation { accounts: Vec::new(), secrets: vec![secret(3)] });
        assert!(cache.find(&secret(3), now).is_err());
        assert!(cache.lock().by_account.is_empty());
    }

    #[test]
    fn it_never_grows_past_its_bound() {
        let (cache, now) = (SessionCache::of(10), start());
        for n in 0..1000 {
            // Half of them are put in twice, and every tenth is taken out at once.
            for _ in 0..=n % 2 {
                let ticket = Ticket { generation: cache.lock().generation, drawn_at: now };
                cache.keep(ticket, secret(n), live(n, n));
            }
            if n % 10 == 0 {
                cache.invalidate(&of_account(n));
            }
        }
        let held = cache.lock();
        assert!(held.oldest_first.len() <= 10);
        assert!(held.by_secret.len() <= 10);
        assert_eq!(held.by_account.len(), held.by_secret.len());
        assert!(held.by_secret.contains_key(&secret(999)));
    }

    #[test]
    fn what_is_over_is_forgotten_without_being_asked_for() {
        let (cache, now) = (SessionCache::new(), start());
        for n in 0..100 {
            cache.keep(Ticket { generation: 0, drawn_at: now }, secret(n), live(n, n));
        }
        cache.keep(Ticket { generation: 0, drawn_at: now + LIFE }, secret(100), live(100, 100));
        let held = cache.lock();
        assert_eq!((held.by_secret.len(), held.by_account.len()), (1, 1));
    }
}
