//! Databases with many accounts in them, written as every other change is: by commits.

use std::net::Ipv4Addr;

use rightful::SystemClock;
use rightful_crypto::entropy::OsEntropy;
use rightful_crypto::hasher::{Argon2Hasher, HashSettings};
use rightful_database::{Db, Place, Settings, Synchronous};
use rightful_domain::accounts::Account;
use rightful_domain::changes::Write;
use rightful_domain::ports::{Clock, PasswordHasher, UnitOfWork};
use rightful_domain::sessions::{Carrier, Session};
use rightful_domain::values::{PasswordHash, Source, Span, Timestamp, TypedPassword};
use rightful_testkit::builders::{Edit, changes, verified};

use crate::Outcome;
use crate::client::{get, post};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "plum cart under the bridge";

/// How many writes make a transaction.
const AT_ONCE: usize = 1000;

/// A prime: from account to account in steps of it, one comes to all of them.
const STRIDE: u64 = 611_953;

/// The secrets of what was put in.
pub(crate) struct Seeded {
    accounts: u64,
    sessions: Vec<String>,
}

/// When the sessions were used last. A use is written down once a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LastUsed {
    /// An hour from now, so that no check writes.
    Ahead,
    /// Two minutes ago, so that the first check of each writes.
    Ago,
    /// Ahead and ago by turns, ahead first.
    ByTurns,
}

impl LastUsed {
    const fn is_ahead(self, n: u64) -> bool {
        match self {
            Self::Ahead => true,
            Self::Ago => false,
            Self::ByTurns => n.is_multiple_of(2),
        }
    }
}

/// Makes the tables and fills them: `accounts` verified accounts, and `sessions` sessions spread over them.
pub(crate) async fn seed(
    place: &Place,
    accounts: u64,
    sessions: u64,
    last_used: LastUsed,
) -> Outcome<Seeded> {
    let mut settings = Settings::new(place.clone());
    settings.synchronous = Synchronous::Normal;
    let db = Db::open(&settings).await?;
    db.migrate().await?;
    let now = SystemClock::default().now();
    let hash = hash().await?;
    let people = (0..accounts).map(|n| Write::InsertAccount(person(n, &hash, now)));
    write(&db, people).await?;
    let mut secrets = Vec::new();
    let stays = (0..sessions).map(|n| {
        // All over the accounts, so that neighbours in time are no neighbours in the file.
        let whose = n * STRIDE % accounts;
        let (session, secret) = stay(&person(whose, &hash, now), whose, now, last_used.is_ahead(n));
        secrets.push(secret);
        Write::InsertSession(session)
    });
    write(&db, stays).await?;
    db.close().await?;
    Ok(Seeded { accounts, sessions: secrets })
}

async fn hash() -> Outcome<PasswordHash> {
    let typed = TypedPassword::new(PASSWORD).ok_or("the password is not one")?;
    Ok(Argon2Hasher::new(&HashSettings::default())?.hash(&typed).await?)
}

fn person(n: u64, hash: &PasswordHash, now: Timestamp) -> Account {
    verified(n).edit(|record| {
        record.password = hash.clone();
        record.password_set_at = now;
        record.created_at = now;
    })
}

fn stay(account: &Account, n: u64, now: Timestamp, ahead: bool) -> (Session, String) {
    let device = "Firefox on Linux".to_owned();
    let source = Source::of(home(n).into());
    let (session, secret) =
        Session::start(account, Carrier::Bearer, device, source, &OsEntropy, now);
    let session = session.edit(|record| {
        if ahead {
            record.last_used_at = now + Span::hours(1);
        } else {
            record.started_at = Timestamp::from_millis(now.as_millis() - 120_000);
            record.last_used_at = record.started_at;
        }
    });
    (session, secret.expose().to_owned())
}

/// Where somebody is at home: everybody elsewhere, always at the same address.
fn home(n: u64) -> Ipv4Addr {
    Ipv4Addr::from_bits(0x0a00_0000 | u32::try_from(n & 0x00ff_ffff).unwrap_or_default())
}

async fn write(db: &Db, mut writes: impl Iterator<Item = Write>) -> Outcome<()> {
    loop {
        let some: Vec<Write> = writes.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return Ok(());
        }
        db.commit(changes(some)).await.map_err(|error| format!("{error:?}"))?;
    }
}

impl Seeded {
    /// Asking who is signed in, by up to `most` of the sessions.
    pub(crate) fn checks(&self, most: usize) -> Vec<Vec<u8>> {
        let some = self.sessions.iter().take(most);
        some.map(|secret| get("/v1/session", Some(secret))).collect()
    }

    /// Signing in, each to an account of its own, from where that one is at home.
    pub(crate) fn sign_ins(&self, most: u64) -> Vec<Vec<u8>> {
        let one = |n| {
            let json = serde_json::json!({
                "email": format!("customer{n}@example.com"),
                "password": PASSWORD,
                "carrier": "bearer",
            });
            post("/v1/sessions", &home(n).to_string(), &json.to_string())
        };
        (0..self.accounts.min(most)).map(one).collect()
    }
}
