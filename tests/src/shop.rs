//! A running server.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rightful::Running;
use rightful_domain::Rightful;
use rightful_domain::audit::Entry;
use rightful_domain::changes::{Changes, Write};
use rightful_domain::contacts::{Contact, ContactSource};
use rightful_domain::ports::Clock as _;
use rightful_domain::values::{EmailAddress, Span, Timestamp};
use rightful_email::{Inbox, InboxLetter};
use rightful_testkit::client::Client;
use rightful_testkit::fakes::FakeClock;
use tokio::time::{sleep, timeout};

use crate::people::{Customer, PASSWORD, Visitor};

/// Where clients reach it, as they see it.
pub const ORIGIN: &str = "https://accounts.maison-lune.example";

/// How long anything that happens beside the requests is waited for, before the journey fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server, its time and its mailboxes.
pub struct Shop {
    address: SocketAddr,
    rightful: Arc<Rightful>,
    inbox: Option<Arc<Inbox>>,
    /// Its time.
    pub clock: Arc<FakeClock>,
    visitors: AtomicU32,
    running: Mutex<Option<Running>>,
}

impl Shop {
    pub(crate) fn new(running: Running, clock: Arc<FakeClock>) -> Self {
        Self {
            address: running.public_addr(),
            rightful: Arc::clone(running.rightful()),
            inbox: running.inbox().cloned(),
            clock,
            visitors: AtomicU32::new(0),
            running: Mutex::new(Some(running)),
        }
    }

    /// The use cases, past HTTP.
    pub const fn rightful(&self) -> &Arc<Rightful> {
        &self.rightful
    }

    /// Its address, past the proxy.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass.
    pub fn wait(&self, span: Span) {
        self.clock.advance(span);
    }

    /// Lets all but the last millisecond of `span` pass.
    pub fn wait_almost(&self, span: Span) {
        self.clock.set(self.now() + span - Span::from_millis(1));
    }

    /// Somebody from a network that nobody else comes from, with a browser.
    pub fn visitor(&self) -> Visitor {
        let number = self.visitors.fetch_add(1, Ordering::Relaxed);
        // RFC 2544: for measurements, nobody's.
        let [_, _, high, low] = number.to_be_bytes();
        self.visitor_from(&format!("198.18.{high}.{low}"))
    }

    /// Somebody from this network.
    pub fn visitor_from(&self, source: &str) -> Visitor {
        let client = Client::new(self.address)
            .with("x-forwarded-for", source)
            .with("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0");
        Visitor::new(client)
    }

    /// Somebody who registered and has not proved the mailbox. The letters of that are gone from sight.
    pub async fn registered(&self, email: &str) -> Customer {
        let visitor = self.visitor();
        visitor.register(email, PASSWORD).await.expect(202);
        Customer::new(email, visitor)
    }

    /// A customer whose mailbox is proved, and who has read the letters of that.
    pub async fn customer(&self, email: &str) -> Customer {
        let customer = self.registered(email).await;
        let secret = self.secret(email, "welcome").await;
        customer.visitor.verify(&secret, PASSWORD).await.expect(200);
        self.settle().await;
        customer
    }

    /// The shop hears of an address from elsewhere, without an account.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub async fn known_contact(&self, email: &str) {
        let email = EmailAddress::parse(email).expect("it is an address");
        let contact = Contact::heard_of(email, ContactSource::Newsletter, self.now());
        let writes = vec![Write::PutContact(contact)];
        let changes = Changes { writes, letters: Vec::new(), audit: Vec::new() };
        let commit = self.rightful.ports().unit_of_work.commit(changes);
        commit.await.expect("it is written");
    }

    /// Waits until every letter that was posted has been delivered or given up.
    ///
    /// # Panics
    ///
    /// When letters still wait after half a minute.
    pub async fn settle(&self) {
        let quiet = async {
            loop {
                let state = self.rightful.postroom().queue_state().await;
                if state.expect("the queue can be read").waiting == 0 {
                    return;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, quiet).await.expect("letters are delivered");
    }

    /// Every letter that came, the first first.
    ///
    /// # Panics
    ///
    /// When the letters go elsewhere than into the inbox.
    pub async fn letters(&self) -> Vec<InboxLetter> {
        self.settle().await;
        let mut letters = self.inbox.as_ref().expect("letters go into the inbox").list();
        letters.reverse();
        letters
    }

    /// The letters of a mailbox, the first first.
    pub async fn letters_to(&self, email: &str) -> Vec<InboxLetter> {
        let key = |text: &str| {
            let address = EmailAddress::parse(text).expect("letters go to addresses");
            address.key().clone()
        };
        let mut letters = self.letters().await;
        letters.retain(|letter| key(&letter.to) == key(email));
        letters
    }

    /// What kinds of letters a mailbox has, the first first.
    pub async fn kinds_to(&self, email: &str) -> Vec<String> {
        self.letters_to(email).await.into_iter().map(|letter| letter.kind).collect()
    }

    /// The last letter of this kind in a mailbox.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub async fn letter(&self, email: &str, kind: &str) -> InboxLetter {
        let letters = self.letters_to(email).await;
        let kinds: Vec<_> = letters.iter().map(|letter| letter.kind.clone()).collect();
        let found = letters.into_iter().rfind(|letter| letter.kind == kind);
        found.unwrap_or_else(|| panic!("{email} has no {kind}, but {kinds:?}"))
    }

    /// The secret of the link in the last letter of this kind in a mailbox.
    ///
    /// # Panics
    ///
    /// When there is no such letter, or no link in it.
    pub async fn secret(&self, email: &str, kind: &str) -> String {
        let letter = self.letter(email, kind).await;
        letter.links.first().expect("it has a link").secret.clone()
    }

    /// The audit trail from its beginning.
    ///
    /// # Panics
    ///
    /// When it cannot be read.
    pub async fn audit(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let after = entries.last().map_or(0, |entry| entry.seq);
            let page = self.rightful.ports().audit.list(after, 1_000).await;
            let page = page.expect("the audit trail can be read");
            if page.is_empty() {
                return entries;
            }
            entries.extend(page);
        }
    }

    /// How often the audit trail tells of this act.
    pub async fn told(&self, act: &str) -> usize {
        self.audit().await.iter().filter(|entry| entry.act == act).count()
    }

    /// What the audit trail tells of, from entry number `from` on, the first first.
    pub async fn acts_from(&self, from: usize) -> Vec<String> {
        self.audit().await.into_iter().skip(from).map(|entry| entry.act).collect()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Stops it, as a signal would. Once stopped, it stays so.
    pub async fn close(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.stop().await;
        }
    }
}
