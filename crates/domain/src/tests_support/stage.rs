//! The use cases over mocks of all their ports.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::{NOW, Told, counting_entropy};
use crate::Rightful;
use crate::accounts::{Account, MockAccountRepository};
use crate::audit::{Entry, MockAuditRepository};
use crate::changes::{Changes, Write};
use crate::contacts::{Contact, MockContactRepository};
use crate::email_change::{EmailChange, MockEmailChangeRepository};
use crate::idempotency::MockIdempotencyRepository;
use crate::letters::{Letter, LetterRecord, MockLetterRepository, Outcome};
use crate::links::{Link, MockLinkRepository};
use crate::policy::Policy;
use crate::ports::{
    CommitError, MailDomain, MailFailure, MockBlocklist, MockClock, MockMailDomains, MockMailer,
    MockOneTimeCodes, MockPasswordHasher, MockUnitOfWork, MockVault, PasswordMatch, Ports, Vault,
};
use crate::reason::Outage;
use crate::second_factors::{Factor, MockSecondFactorRepository};
use crate::sessions::{LiveSession, MockSessionRepository, Session};
use crate::throttle::{Limit, MockThrottle, Tally, ThrottleKey, Verdict};
use crate::trusted_devices::{MockTrustedDeviceRepository, TrustedDevice};
use crate::values::{PasswordHash, Sealed, Timestamp};

/// What was asked of a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// A repository was read.
    Read(&'static str),
    /// A password was hashed.
    Hash,
    /// A password was compared.
    Compare,
    /// Tries were counted under so many limits.
    Take(usize),
    /// A domain was looked up.
    LookUp,
    /// Changes were committed.
    Commit,
    /// A letter was sent.
    Send,
}

type Committed = Box<dyn FnOnce(&mut World) -> Result<(), CommitError> + Send>;

/// What the mocks know, and what was asked of them.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) accounts: Vec<Account>,
    pub(crate) contacts: Vec<Contact>,
    pub(crate) sessions: Vec<Session>,
    /// Those that have not ended.
    pub(crate) factors: Vec<Factor>,
    pub(crate) trusted_devices: Vec<TrustedDevice>,
    pub(crate) links: Vec<Link>,
    /// In the order of their requests.
    pub(crate) changes: Vec<EmailChange>,
    /// What a lease gives.
    pub(crate) due: Vec<LetterRecord>,
    pub(crate) entries: Vec<Entry>,
    /// What a domain says of its mail.
    pub(crate) domain_refuses: bool,
    /// What the mail server says of the next letter.
    pub(crate) mail_failure: Option<MailFailure>,
    /// The port of this name fails.
    pub(crate) broken: Option<&'static str>,
    tallies: HashMap<ThrottleKey, Tally>,
    /// What the next commits do, instead of succeeding.
    commits: VecDeque<Committed>,
    calls: Vec<Call>,
    /// The tries that a right proof has forgotten.
    forgotten: Vec<ThrottleKey>,
    committed: Vec<Changes>,
    sent: Vec<Letter>,
}

impl World {
    fn ask(&mut self, port: &'static str, call: Call) -> Result<(), Outage> {
        self.calls.push(call);
        match self.broken {
            Some(broken) if broken == port => Err(Outage::failed(port, "broken by the test")),
            _ => Ok(()),
        }
    }

    fn read(&mut self, port: &'static str) -> Result<(), Outage> {
        self.ask(port, Call::Read(port))
    }

    fn take(&mut self, limits: &[(ThrottleKey, Limit)], now: Timestamp) -> Verdict {
        let taken: Vec<_> = limits
            .iter()
            .map(|(key, limit)| (*key, limit.take(self.tallies.get(key).copied(), now)))
            .collect();
        let verdict = taken.iter().map(|(_, (_, verdict))| *verdict).max();
        if let Some(refused) = verdict.filter(|verdict| *verdict != Verdict::Go) {
            return refused;
        }
        self.tallies.extend(taken.into_iter().map(|(key, (tally, _))| (key, tally)));
        Verdict::Go
    }
}

/// The use cases, over mocks of all their ports.
pub(crate) struct Stage {
    pub(crate) rightful: Rightful,
    world: Arc<Mutex<World>>,
}

impl Stage {
    /// Nobody has an account.
    pub(crate) fn empty() -> Self {
        Self::under(&Policy::default())
    }

    /// The same under another policy.
    pub(crate) fn under(policy: &Policy) -> Self {
        let world = Arc::new(Mutex::new(World { now: NOW, ..World::default() }));
        Self { rightful: Rightful::new(ports(&world), *policy), world }
    }

    /// With this account.
    pub(crate) fn with(account: &Account) -> Self {
        Self::empty().and(|world| world.accounts.push(account.clone()))
    }

    /// With this live session and its account.
    pub(crate) fn signed_in(live: &LiveSession) -> Self {
        Self::with(&live.account).and(|world| world.sessions.push(live.session.clone()))
    }

    /// The same, otherwise.
    pub(crate) fn and(self, change: impl FnOnce(&mut World)) -> Self {
        self.set(change);
        self
    }

    /// Changes what the mocks know, between two calls.
    pub(crate) fn set(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.world.lock().unwrap());
    }

    /// The next commit finds that `change` came in between.
    pub(crate) fn meanwhile(&self, change: impl FnOnce(&mut World) + Send + 'static) {
        self.set(|world| {
            world.commits.push_back(Box::new(|world| {
                change(world);
                Err(CommitError::Stale)
            }));
        });
    }

    /// The next commit ends like this.
    pub(crate) fn next_commit(&self, end: CommitError) {
        self.set(|world| world.commits.push_back(Box::new(|_| Err(end))));
    }

    /// The next commit goes through; what was said of the next one is for the one after it.
    pub(crate) fn next_commit_succeeds(&self) {
        self.set(|world| world.commits.push_back(Box::new(|_| Ok(()))));
    }

    /// What was asked of the ports so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.world.lock().unwrap().calls.clone()
    }

    /// How often this was asked.
    pub(crate) fn count(&self, call: &Call) -> usize {
        self.calls().iter().filter(|made| *made == call).count()
    }

    /// Forgets what was asked and committed so far.
    pub(crate) fn forget(&self) {
        self.set(|world| {
            world.calls.clear();
            world.committed.clear();
        });
    }

    /// What was tried to commit, oldest first; whether it went through or not.
    pub(crate) fn commits(&self) -> Vec<Told> {
        let committed = self.world.lock().unwrap().committed.clone();
        committed.iter().map(|changes| Told::read(changes, &*self.rightful.ports().vault)).collect()
    }

    /// Puts what the only commit posted into the queue, forgets the commit, and lets the postroom have it.
    pub(crate) async fn deliver_posted(&self) -> Vec<Outcome> {
        let posted = self.commit().posted;
        self.forget();
        self.set(|world| world.due.extend(posted.iter().map(super::record)));
        let delivered = self.rightful.postroom().deliver_due(10).await.unwrap();
        delivered.into_iter().map(|delivery| delivery.outcome).collect()
    }

    /// How many letters were posted.
    pub(crate) fn posted(&self) -> usize {
        self.world.lock().unwrap().committed.iter().map(|changes| changes.letters.len()).sum()
    }

    /// The only commit that was tried.
    pub(crate) fn commit(&self) -> Told {
        let mut commits = self.commits();
        assert_eq!(commits.len(), 1, "exactly one commit: {commits:#?}");
        commits.remove(0)
    }

    /// The tries that were forgotten at once, because a proof was right.
    pub(crate) fn forgotten(&self) -> Vec<ThrottleKey> {
        self.world.lock().unwrap().forgotten.clone()
    }

    /// What the mail server took.
    pub(crate) fn sent(&self) -> Vec<Letter> {
        self.world.lock().unwrap().sent.clone()
    }
}

/// The write that forgets what counted wrong passwords of an account, as [`super::visit`] forgets it.
pub(crate) fn forgets_tries_of(account: &Account) -> Write {
    Write::ForgetTries(Stage::empty().rightful.tries_of_password(account, &super::visit()))
}

/// A vault that seals nothing, but binds to the context as a real one does.
fn vault() -> impl Vault {
    let mut vault = MockVault::new();
    vault.expect_seal().returning(|context, plain| {
        Sealed::from_bytes([context.as_bytes(), b"\0", plain].concat())
    });
    vault.expect_open().returning(|context, sealed| {
        let place = [context.as_bytes(), b"\0"].concat();
        let plain = sealed.as_bytes().strip_prefix(&place[..]);
        plain.map(<[u8]>::to_vec).ok_or_else(|| Outage::failed("vault", "sealed elsewhere"))
    });
    vault.expect_fingerprint().returning(|context, data| {
        Sha256::digest([context.as_bytes(), b"\0", data].concat()).into()
    });
    vault
}

/// Codes that show their step.
pub(crate) fn one_time_codes() -> MockOneTimeCodes {
    let mut codes = MockOneTimeCodes::new();
    codes.expect_code().returning(|_, step| format!("{:06}", step.number().rem_euclid(1_000_000)));
    codes.expect_uri().returning(|_, issuer, label| format!("otpauth://{issuer}/{label}"));
    codes
}

fn hasher(world: &Arc<Mutex<World>>) -> MockPasswordHasher {
    let mut hasher = MockPasswordHasher::new();
    let here = world.clone();
    hasher.expect_hash().returning(move |password| {
        here.lock().unwrap().ask("passwords", Call::Hash)?;
        let text = std::str::from_utf8(password.as_bytes()).unwrap();
        Ok(super::hash(text))
    });
    let here = world.clone();
    hasher.expect_verify().returning(move |password, against: Option<&PasswordHash>| {
        here.lock().unwrap().ask("passwords", Call::Compare)?;
        let kept = against.and_then(|hash| hash.as_phc().split_once('$'));
        Ok(match kept {
            Some((when, kept)) if kept.as_bytes() == password.as_bytes() => {
                if when == "today" {
                    PasswordMatch::Yes
                } else {
                    PasswordMatch::YesButOutdated
                }
            }
            _ => PasswordMatch::No,
        })
    });
    hasher
}

fn unit_of_work(world: &Arc<Mutex<World>>) -> MockUnitOfWork {
    let mut unit_of_work = MockUnitOfWork::new();
    let here = world.clone();
    unit_of_work.expect_commit().returning(move |changes| {
        let mut world = here.lock().unwrap();
        if let ([Write::ForgetTries(keys)], []) = (&changes.writes[..], &changes.audit[..]) {
            world.tallies.retain(|key, _| !keys.contains(key));
            world.forgotten.extend(keys);
            return Ok(());
        }
        world.ask("unit_of_work", Call::Commit)?;
        let forgotten = changes.writes.iter().filter_map(|write| match write {
            Write::ForgetTries(keys) => Some(keys.clone()),
            _ => None,
        });
        let forgotten: Vec<_> = forgotten.flatten().collect();
        world.committed.push(changes);
        if let Some(end) = world.commits.pop_front() {
            end(&mut world)?;
        }
        world.tallies.retain(|key, _| !forgotten.contains(key));
        Ok(())
    });
    unit_of_work
}

fn email_changes(world: &Arc<Mutex<World>>) -> MockEmailChangeRepository {
    let mut changes = MockEmailChangeRepository::new();
    let here = world.clone();
    changes.expect_find().returning(move |id| {
        let mut world = here.lock().unwrap();
        world.read("email_changes")?;
        Ok(world.changes.iter().find(|change| change.id() == id).cloned())
    });
    let here = world.clone();
    changes.expect_find_unfinished().returning(move |account| {
        let mut world = here.lock().unwrap();
        world.read("email_changes")?;
        let mut of = world.changes.iter().rev().filter(|c| c.record().account == account);
        Ok(of.next().filter(|change| change.is_unfinished()).cloned())
    });
    let here = world.clone();
    changes.expect_find_last_confirmed().returning(move |account| {
        use crate::email_change::ChangeState::Confirmed;
        let mut world = here.lock().unwrap();
        world.read("email_changes")?;
        let mut of = world.changes.iter().rev().filter(|c| c.record().account == account);
        Ok(of.find(|change| matches!(change.record().state, Confirmed { .. })).cloned())
    });
    changes
}

fn sessions(world: &Arc<Mutex<World>>) -> MockSessionRepository {
    let mut sessions = MockSessionRepository::new();
    let here = world.clone();
    sessions.expect_find().returning(move |secret| {
        let mut world = here.lock().unwrap();
        world.read("sessions")?;
        let session = world.sessions.iter().find(|session| session.record().secret == *secret);
        Ok(session.and_then(|session| {
            let mut accounts = world.accounts.iter();
            let account = accounts.find(|account| account.id() == session.record().account)?;
            Some(LiveSession { session: session.clone(), account: account.clone() })
        }))
    });
    let here = world.clone();
    sessions.expect_list().returning(move |account| {
        let mut world = here.lock().unwrap();
        world.read("sessions")?;
        let of = world.sessions.iter().map(Session::record).filter(|s| s.account == account);
        Ok(of.filter(|s| s.ended.is_none()).cloned().map(Session::from_record).collect())
    });
    sessions
}

fn second_factors(world: &Arc<Mutex<World>>) -> MockSecondFactorRepository {
    let mut factors = MockSecondFactorRepository::new();
    let here = world.clone();
    factors.expect_list().returning(move |account| {
        let mut world = here.lock().unwrap();
        world.read("second_factors")?;
        let of = world.factors.iter().filter(|factor| factor.record().account == account);
        Ok(of.cloned().collect())
    });
    factors
}

fn trusted_devices(world: &Arc<Mutex<World>>) -> MockTrustedDeviceRepository {
    let mut devices = MockTrustedDeviceRepository::new();
    let here = world.clone();
    devices.expect_find().returning(move |secret| {
        let mut world = here.lock().unwrap();
        world.read("trusted_devices")?;
        let mut all = world.trusted_devices.iter();
        Ok(all.find(|device| device.record().secret == *secret).cloned())
    });
    let here = world.clone();
    devices.expect_list().returning(move |account| {
        let mut world = here.lock().unwrap();
        world.read("trusted_devices")?;
        let of = world.trusted_devices.iter().filter(|d| d.record().account == account);
        Ok(of.cloned().collect())
    });
    devices
}

/// A mock of each port. Each is set up once, here; what differs between tests is the world.
fn ports(world: &Arc<Mutex<World>>) -> Ports {
    let mut clock = MockClock::new();
    let here = world.clone();
    clock.expect_now().returning(move || here.lock().unwrap().now);

    let mut blocklist = MockBlocklist::new();
    blocklist.expect_contains().returning(|password| password == "password1234");

    let mut mail_domains = MockMailDomains::new();
    let here = world.clone();
    mail_domains.expect_look_up().returning(move |_| {
        let mut world = here.lock().unwrap();
        world.calls.push(Call::LookUp);
        if world.domain_refuses { MailDomain::Refuses } else { MailDomain::MayAccept }
    });

    let mut mailer = MockMailer::new();
    let here = world.clone();
    mailer.expect_send().returning(move |letter| {
        let mut world = here.lock().unwrap();
        world.calls.push(Call::Send);
        if let Some(failure) = world.mail_failure.clone() {
            return Err(failure);
        }
        world.sent.push(letter.clone());
        Ok(())
    });

    let mut throttle = MockThrottle::new();
    let here = world.clone();
    throttle.expect_take().returning(move |limits, now| {
        let mut world = here.lock().unwrap();
        world.ask("throttle", Call::Take(limits.len()))?;
        Ok(world.take(limits, now))
    });

    let mut accounts = MockAccountRepository::new();
    let here = world.clone();
    accounts.expect_find().returning(move |id| {
        let mut world = here.lock().unwrap();
        world.read("accounts")?;
        Ok(world.accounts.iter().find(|account| account.id() == id).cloned())
    });
    let here = world.clone();
    accounts.expect_find_by_email().returning(move |key| {
        let mut world = here.lock().unwrap();
        world.read("accounts")?;
        Ok(world.accounts.iter().find(|account| account.email().key() == key).cloned())
    });

    let mut contacts = MockContactRepository::new();
    let here = world.clone();
    contacts.expect_find().returning(move |key| {
        let mut world = here.lock().unwrap();
        world.read("contacts")?;
        Ok(world.contacts.iter().find(|contact| contact.record().email.key() == key).cloned())
    });

    let mut links = MockLinkRepository::new();
    let here = world.clone();
    links.expect_find().returning(move |secret| {
        let mut world = here.lock().unwrap();
        world.read("links")?;
        Ok(world.links.iter().find(|link| link.record().secret == *secret).cloned())
    });

    let mut letters = MockLetterRepository::new();
    let here = world.clone();
    letters.expect_lease().returning(move |most, _, _| {
        let mut world = here.lock().unwrap();
        world.read("letters")?;
        let most = world.due.len().min(most as usize);
        Ok(world.due.drain(..most).collect())
    });

    let mut audit = MockAuditRepository::new();
    let here = world.clone();
    audit.expect_list().returning(move |after, limit| {
        let mut world = here.lock().unwrap();
        world.read("audit")?;
        let entries = world.entries.iter().filter(|entry| entry.seq > after);
        Ok(entries.take(limit as usize).cloned().collect())
    });

    Ports {
        clock: Arc::new(clock),
        entropy: Arc::new(counting_entropy()),
        passwords: Arc::new(hasher(world)),
        blocklist: Arc::new(blocklist),
        vault: Arc::new(vault()),
        one_time_codes: Arc::new(one_time_codes()),
        mail_domains: Arc::new(mail_domains),
        mailer: Arc::new(mailer),
        throttle: Arc::new(throttle),
        unit_of_work: Arc::new(unit_of_work(world)),
        accounts: Arc::new(accounts),
        contacts: Arc::new(contacts),
        sessions: Arc::new(sessions(world)),
        second_factors: Arc::new(second_factors(world)),
        trusted_devices: Arc::new(trusted_devices(world)),
        links: Arc::new(links),
        email_changes: Arc::new(email_changes(world)),
        letters: Arc::new(letters),
        audit: Arc::new(audit),
        idempotency: Arc::new(MockIdempotencyRepository::new()),
    }
}
