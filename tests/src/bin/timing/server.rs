//! The server: in this process, on threads of its own, with the defaults of a deployment.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rightful::config::Config;
use rightful::{Options, Place, SystemClock, embed};
use rightful_crypto::hasher::{Argon2Hasher, HashSettings};
use rightful_domain::Rightful;
use rightful_domain::accounts::Account;
use rightful_domain::changes::Write;
use rightful_domain::ports::{Clock, PasswordHasher};
use rightful_domain::values::{EmailAddress, PasswordHash, TypedPassword};
use rightful_http::{Api, HttpSettings, Limits, PublicOrigin};
use rightful_testkit::builders::{Edit, account, changes, verified};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::Outcome;
use crate::classes::Class;
use crate::control::Hasty;

/// How many writes make a transaction.
const AT_ONCE: usize = 500;
const ORIGIN: &str = "https://accounts.example.com";

/// A running server. It ends with this value.
pub(crate) struct Server {
    address: SocketAddr,
    // Before the folder that its database is in.
    _runtime: Runtime,
    _folder: TempDir,
}

impl Server {
    /// Starts one over a database with `each` accounts of each class that has some. `hasty` is for the control.
    pub(crate) fn start(each: u32, hasty: bool) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("rightful-timing").tempdir()?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let place = Place::Sqlite { path: folder.path().join("rightful.db") };
        let address = runtime.block_on(serve(place, each, hasty))?;
        Ok(Self { address, _runtime: runtime, _folder: folder })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn serve(place: Place, each: u32, hasty: bool) -> Outcome<SocketAddr> {
    let mut config = Config::for_tests(place);
    config.server.public_url = Some(PublicOrigin::parse(ORIGIN)?);
    let hashing = HashSettings::default();
    config.hashing.memory_kib = hashing.memory_kib;
    config.hashing.passes = hashing.passes;
    let options = Options { trial: true, ..Options::default() };
    let embedded = embed(config, options).await?;
    people(embedded.rightful(), each).await?;
    let mut ports = embedded.rightful().ports().clone();
    if hasty {
        ports.passwords = Arc::new(Hasty(ports.passwords));
    }
    let rightful = Arc::new(Rightful::new(ports, *embedded.rightful().policy()));
    let mut settings = HttpSettings::new(PublicOrigin::parse(ORIGIN)?);
    // This program is the proxy that says where requests come from.
    settings.trusted_proxies = vec!["127.0.0.0/8".parse().map_err(|_| "not a network")?];
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let endless = std::future::pending::<()>();
        rightful_http::serve(listener, Api::new(rightful, settings), Limits::default(), endless)
            .await;
        // Its mail workers go on as long as it is served.
        drop(embedded);
    });
    Ok(address)
}

/// Accounts of both classes that have one.
async fn people(rightful: &Rightful, each: u32) -> Outcome<()> {
    let typed = TypedPassword::new("plum cart under the bridge").ok_or("not a password")?;
    let hash = Argon2Hasher::new(&HashSettings::default())?.hash(&typed).await?;
    let now = SystemClock::default().now();
    let person = |class: Class, n: u32| -> Outcome<Account> {
        let address = EmailAddress::parse(&class.address(n))?;
        let known = match class {
            Class::Verified => verified(u64::from(n)),
            _ => account(u64::from(each) + u64::from(n)),
        };
        Ok(with(known, address, &hash, now))
    };
    let mut writes = Vec::new();
    for class in [Class::Verified, Class::Unverified] {
        for n in 0..each {
            writes.push(Write::InsertAccount(person(class, n)?));
        }
    }
    for some in writes.chunks(AT_ONCE) {
        let commit = rightful.ports().unit_of_work.commit(changes(some.to_vec()));
        commit.await.map_err(|error| format!("{error:?}"))?;
    }
    Ok(())
}

fn with(
    account: Account,
    email: EmailAddress,
    hash: &PasswordHash,
    now: rightful_domain::values::Timestamp,
) -> Account {
    account.edit(|record| {
        record.email = email;
        record.password = hash.clone();
        record.password_set_at = now;
        record.created_at = now;
    })
}
