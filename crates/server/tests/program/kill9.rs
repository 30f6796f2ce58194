//! `kill -9` at random moments under load, again and again on one SQLite file (security §4.5): nothing that
//! was acknowledged is lost, nothing happens twice, no letter goes out without its fact.
//!
//! `RIGHTFUL_KILL_ROUNDS` says how often; `RIGHTFUL_KILL_SEED` repeats the moments of an earlier run.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rightful_crypto::vault::{DataKey, KeyedVault};
use rightful_database::{Db, Place, Settings};
use rightful_domain::letters::{Errand, LetterContent, LetterRepository as _};
use rightful_domain::ports::Clock as _;
use rightful_domain::values::Span;
use rightful_testkit::client::{Answer, Ask, Client, NoAnswer};
use rightful_testkit::smtp_sink::{Message, SmtpSink};
use rustix::process::Signal;
use serde_json::json;
use tempfile::tempdir;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::process::{Server, program, run, stderr, stdout};

const KEY: &str = "aSI0Y+U/Vj7VSQUUTzjRno+aN+UDJPKLP5bUwVFic70=";
const PASSWORD: &str = "amber window sparrow";
const CLIENTS: u32 = 6;
const ROUNDS: u32 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asvs_v2_3_3_killed_at_any_moment_it_loses_nothing_and_does_nothing_twice() {
    let rounds = number("RIGHTFUL_KILL_ROUNDS").unwrap_or(u64::from(ROUNDS));
    let seed = number("RIGHTFUL_KILL_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("RIGHTFUL_KILL_ROUNDS={rounds} RIGHTFUL_KILL_SEED={seed}");

    let folder = tempdir().unwrap();
    let sink = Arc::new(SmtpSink::start().await);
    std::fs::write(folder.path().join("key"), KEY).unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("rightful.toml"), configuration(sink.port())).unwrap();
    let (mut dice, visitors) = (Dice(seed), Arc::new(AtomicU32::new(0)));
    let (mut everybody, mut probed, mut checkpoint) = (Vec::new(), 0, None);
    let mut slowest = Duration::ZERO;

    for round in 0..rounds {
        let moment = Duration::from_millis(20 + dice.throw() % 400);
        println!("round {round}: killed after {} ms", moment.as_millis());
        let (mut server, shop, _) = serve(folder.path(), &visitors).await;
        let people = live_until_killed(&mut server, &shop, &sink, round, moment).await;
        // Nothing is running: the trail as the kill left it.
        checkpoint = Some(follow_the_trail(folder.path(), checkpoint.as_deref()));

        let (server, shop, took) = serve(folder.path(), &visitors).await;
        slowest = slowest.max(took);
        for person in &people {
            person.is_as_acknowledged(&shop).await;
        }
        let messages = sink.messages();
        for message in messages[probed..].iter().filter(|message| !is_of_dispute(message)) {
            has_its_fact(&shop, message).await;
        }
        probed = messages.len();
        everybody.extend(people);
        // Killed again, with nobody there: letters may be under way.
        server.signal(Signal::KILL);
        drop(server);
    }

    let (server, shop, _) = serve(folder.path(), &visitors).await;
    for person in &everybody {
        person.is_as_acknowledged(&shop).await;
    }
    // Last of all: whoever holds such a link stops the change by it, whatever else they say.
    for message in sink.messages().iter().filter(|message| is_of_dispute(message)) {
        has_its_fact(&shop, message).await;
    }
    assert!(server.stop().success());
    follow_the_trail(folder.path(), checkpoint.as_deref());
    let letters = every_letter(folder.path(), &sink).await;
    for person in &everybody {
        person.has_one_letter_for_each_fact(&letters);
    }
    let count =
        |step: fn(&Person) -> Known| everybody.iter().filter(|p| step(p) == Known::Yes).count();
    println!(
        "{} people: {} registered, {} verified, {} asked for another address, {} have it, \
         {} forgot the password, {} reset it; {} letters; slowest restart {} ms",
        everybody.len(),
        count(|p| p.registered),
        count(|p| p.verified),
        count(|p| p.requested),
        count(|p| p.confirmed),
        count(|p| p.forgotten),
        count(|p| p.reset),
        letters.len(),
        slowest.as_millis()
    );
    assert!(slowest < Duration::from_secs(2), "a restart took {slowest:?}");
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{variable}: {error}")))
}

/// xorshift64: moments are to be different, not unpredictable.
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 = self.0.max(1);
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

fn configuration(smtp: u16) -> String {
    format!(
        r#"
[database]
url = "sqlite:data/rightful.db"
[server]
listen = "127.0.0.1:0"
management_listen = "127.0.0.1:0"
public_url = "https://accounts.shop.example"
trusted_proxies = ["127.0.0.0/8"]
drain_delay = "0s"
[hashing]
memory_kib = 64
passes = 1
[mail]
host = "127.0.0.1"
port = {smtp}
tls = "none"
check_domains = false
from = "accounts@shop.example"
link_base = "https://shop.example/account"
shop = "Maison Lune"
support = "help@shop.example"
"#
    )
}

/// Whoever asks a running server, each time from a network of their own.
#[derive(Clone)]
struct Shop {
    client: Client,
    visitors: Arc<AtomicU32>,
}

impl Shop {
    fn ask(&self, method: &str, path: &str) -> Ask {
        let [_, high, middle, low] = self.visitors.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let source = format!("10.{high}.{middle}.{low}");
        self.client.clone().with("x-forwarded-for", &source).ask(method, path)
    }

    fn post(&self, path: &str, body: &serde_json::Value) -> Ask {
        self.ask("POST", path).json(body)
    }

    fn sign_in(&self, email: &str) -> Ask {
        self.post("/v1/sessions", &json!({"email": email, "password": PASSWORD}))
    }
}

/// A running server, and how long it took until it answered.
async fn serve(folder: &Path, visitors: &Arc<AtomicU32>) -> (Server, Shop, Duration) {
    let mut command = program(folder);
    command.args(["serve", "--config", "rightful.toml"]);
    command.env("RIGHTFUL_SECRETS__DATA_KEY_FILE", "key");
    let began = Instant::now();
    let mut server = Server::start(command);
    let api = server.logged("serving", "api");
    let client = Client::new(api.parse().expect("an address"));
    client.get("/healthz").send().await.expect(200);
    (server, Shop { client, visitors: Arc::clone(visitors) }, began.elapsed())
}

/// Follows the audit trail and finds the end of an earlier run in it; gives its end.
fn follow_the_trail(folder: &Path, kept: Option<&str>) -> String {
    let mut arguments = vec!["audit", "verify", "--config", "rightful.toml"];
    arguments.extend(kept.iter().flat_map(|kept| ["--checkpoint", *kept]));
    let done = run(folder, &arguments, &[("RIGHTFUL_SECRETS__DATA_KEY_FILE", "key")]);
    assert!(done.status.success(), "{}{}", stdout(&done), stderr(&done));
    let text = stdout(&done);
    text.split("--checkpoint ").nth(1).expect("it prints the end").trim().to_owned()
}

/// What is known of a step: not asked for, asked without an answer, acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Known {
    #[default]
    No,
    Perhaps,
    Yes,
}

/// Somebody on their way through registration, a change of address and a forgotten password.
#[derive(Clone, Debug, Default)]
struct Person {
    email: String,
    new: String,
    registered: Known,
    verified: Known,
    session: Option<String>,
    requested: Known,
    confirmed: Known,
    forgotten: Known,
    reset: Known,
}

/// The load: so many people one after the other at each of several clients, until the server is gone.
async fn live_until_killed(
    server: &mut Server,
    shop: &Shop,
    sink: &Arc<SmtpSink>,
    round: u64,
    moment: Duration,
) -> Vec<Person> {
    let gone = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (shop, sink) = (shop.clone(), Arc::clone(sink));
        let (gone, done) = (Arc::clone(&gone), Arc::clone(&done));
        clients.spawn(async move {
            let mut people = Vec::new();
            while !gone.load(Ordering::Relaxed) {
                let name = format!("r{round}c{number}p{}", people.len());
                let mut person = Person {
                    email: format!("{name}@example.org"),
                    new: format!("{name}@new.example.org"),
                    ..Person::default()
                };
                let lived = person.live(&shop, &sink, &gone).await;
                people.push(person);
                if lived.is_err() {
                    break;
                }
                done.store(true, Ordering::Relaxed);
            }
            people
        });
    }
    sleep(moment).await;
    if round == 0 {
        // However slow the machine, one of them comes to the end of the way.
        let arrived = async {
            while !done.load(Ordering::Relaxed) {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_mins(1), arrived).await.expect("somebody arrives");
    }
    server.signal(Signal::KILL);
    server.wait();
    gone.store(true, Ordering::Relaxed);
    clients.join_all().await.into_iter().flatten().collect()
}

impl Person {
    /// Until it is done, or the server gone.
    async fn live(
        &mut self,
        shop: &Shop,
        sink: &SmtpSink,
        gone: &AtomicBool,
    ) -> Result<(), NoAnswer> {
        let body = json!({"email": self.email, "password": PASSWORD});
        step(&mut self.registered, 202, shop.post("/v1/registrations", &body)).await?;
        let secret = secret_in_letter(sink, &self.email, "vfy_", gone).await?;
        let body = json!({"token": secret, "password": PASSWORD});
        step(&mut self.verified, 200, shop.post("/v1/verifications", &body)).await?;

        let session = shop.sign_in(&self.email).try_send().await?.expect(201).str("/token");
        self.session = Some(session.clone());
        let body = json!({"email": self.new, "confirm_email": self.new});
        let request = shop.post("/v1/me/email/change", &body).bearer(&session);
        step(&mut self.requested, 202, request).await?;
        let secret = secret_in_letter(sink, &self.new, "chg_", gone).await?;
        let body = json!({"token": secret});
        let confirm = shop.post("/v1/email-changes/confirm", &body).bearer(&session);
        step(&mut self.confirmed, 200, confirm).await?;
        let body = json!({"email": self.new});
        step(&mut self.forgotten, 202, shop.post("/v1/password-resets", &body)).await?;
        let secret = secret_in_letter(sink, &self.new, "rst_", gone).await?;
        let body = json!({"token": secret, "password": PASSWORD});
        step(&mut self.reset, 200, shop.post("/v1/password-resets/complete", &body)).await?;
        Ok(())
    }

    /// Everything that was acknowledged is there.
    async fn is_as_acknowledged(&self, shop: &Shop) {
        if self.registered != Known::Yes {
            return;
        }
        let at_old = shop.sign_in(&self.email).send().await;
        let at_new = shop.sign_in(&self.new).send().await;
        let statuses = (at_old.status, at_new.status);
        let one_of: &[(u16, u16)] = match self.confirmed {
            Known::No => &[(201, 401)],
            Known::Perhaps => &[(201, 401), (401, 201)],
            Known::Yes => &[(401, 201)],
        };
        assert!(one_of.contains(&statuses), "{statuses:?}: {self:?}");
        let moved = at_new.status == 201;
        let inside = if moved { at_new } else { at_old };
        if self.verified == Known::Yes {
            assert_eq!(inside.json()["account"]["verified"], true, "{self:?}");
        }
        let as_they = |path: &str, token: &str| shop.ask("GET", path).bearer(token).send();
        if self.requested == Known::Yes && !moved {
            let panel = as_they("/v1/me/email", &inside.str("/token")).await.expect(200);
            assert_eq!(panel.json()["pending"]["new_email"], self.new, "{self:?}");
            assert_eq!(panel.json()["pending"]["state"], "pending", "{self:?}");
        }
        if let Some(session) = &self.session {
            let answer: Answer = as_they("/v1/session", session).await;
            assert_eq!(answer.status, if moved { 401 } else { 200 }, "{self:?}");
        }
    }

    /// One letter for each thing that was acknowledged, and none for what was never asked for.
    fn has_one_letter_for_each_fact(&self, letters: &BTreeMap<String, Mailed>) {
        let of = |to: &str, prefix: &str| {
            let is_it = |letter: &&Mailed| letter.to == to && letter.secret.starts_with(prefix);
            letters.values().filter(is_it).count()
        };
        let fits = |known: Known, letters: usize| match known {
            Known::No => letters == 0,
            Known::Perhaps => letters <= 1,
            Known::Yes => letters == 1,
        };
        assert!(fits(self.registered, of(&self.email, "vfy_")), "{self:?}");
        assert!(fits(self.requested, of(&self.new, "chg_")), "{self:?}");
        // The letter, or the errand that it is to come of.
        assert!(fits(self.forgotten, of(&self.new, "rst_")), "{self:?}");
        let notices = of(&self.email, "dsp_");
        let confirmed = notices.saturating_sub(1);
        assert!(fits(self.requested, notices.min(1)), "{notices}: {self:?}");
        assert!(fits(self.confirmed, confirmed), "{notices}: {self:?}");
    }
}

/// Asks for one thing; when no answer comes, nobody knows whether it was done.
async fn step(known: &mut Known, status: u16, ask: Ask) -> Result<(), NoAnswer> {
    *known = Known::Perhaps;
    ask.try_send().await?.expect(status);
    *known = Known::Yes;
    Ok(())
}

/// The secret of the one letter with such a link to this mailbox, once it is there.
async fn secret_in_letter(
    sink: &SmtpSink,
    to: &str,
    prefix: &str,
    gone: &AtomicBool,
) -> Result<String, NoAnswer> {
    loop {
        let messages = sink.messages();
        let mut secrets = messages.iter().filter(|m| m.to == to).filter_map(Message::secret);
        let found = secrets.find(|secret| secret.starts_with(prefix));
        if let Some(secret) = found {
            return Ok(secret);
        }
        if gone.load(Ordering::Relaxed) {
            return Err("the server is gone".into());
        }
        sleep(Duration::from_millis(2)).await;
    }
}

/// Whether it is a notice to the old mailbox, with the link that stops a change.
fn is_of_dispute(message: &Message) -> bool {
    message.secret().is_some_and(|secret| secret.starts_with("dsp_"))
}

/// The link of a letter that went out is known: its fact was committed before. Nothing is done with it, but
/// that a link of a dispute stops what it is about.
async fn has_its_fact(shop: &Shop, message: &Message) {
    let Some(secret) = message.secret() else { return };
    let too_short = "short";
    let (path, body) = match &secret[..4] {
        "vfy_" => ("/v1/verifications", json!({"token": secret, "password": too_short})),
        "rst_" => ("/v1/password-resets/complete", json!({"token": secret, "password": too_short})),
        "chg_" => ("/v1/email-changes/confirm", json!({"token": secret})),
        "dsp_" => {
            let body = json!({"token": secret, "password": PASSWORD, "new_password": too_short});
            ("/v1/email-changes/dispute", body)
        }
        other => panic!("a secret of what? {other}"),
    };
    let answer = shop.post(path, &body).send().await;
    let code = answer.code();
    let known = ["password_too_short", "proof_required", "link_used", "link_superseded"];
    assert!(known.contains(&&*code), "a letter without its fact: {answer} {message:?}");
}

/// A letter with a link, sent or waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mailed {
    to: String,
    secret: String,
}

/// Every letter with a link, by its id: those that went out, and those that wait. A letter may have gone out
/// twice, when the kill came before its acknowledgement was written down; it is then the same letter.
async fn every_letter(folder: &Path, sink: &SmtpSink) -> BTreeMap<String, Mailed> {
    let mut letters: BTreeMap<String, Mailed> = BTreeMap::new();
    let mut add = |id: String, mailed: Mailed| {
        let known = letters.entry(id).or_insert_with(|| mailed.clone());
        assert_eq!(*known, mailed, "one letter, two contents");
    };
    let mut bytes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for message in sink.messages() {
        bytes.entry(message.id().to_owned()).or_default().insert(message.data.clone());
        if let Some(secret) = message.secret() {
            add(message.id().to_owned(), Mailed { to: message.to.clone(), secret });
        }
    }
    let differing = bytes.values().filter(|copies| copies.len() > 1).count();
    assert_eq!(differing, 0, "a letter that is sent again is the same to the byte");

    let key = DataKey::parse(KEY).expect("it is a key");
    let vault = KeyedVault::from_keys(&key, &[]);
    let path = folder.join("data/rightful.db");
    let db = Db::open(&Settings::new(Place::Sqlite { path })).await.expect("it opens");
    // Tomorrow every lease has ended.
    let tomorrow = rightful::SystemClock::default().now() + Span::days(1);
    let waiting = db.lease(100_000, tomorrow, Span::seconds(1)).await.expect("they can be read");
    for record in waiting {
        if record.is_errand() {
            let posted = record.open_errand(&vault).expect("it is sealed with this key");
            let (to, secret) = (posted.typed.as_str().to_owned(), String::from("rst_to_come"));
            assert_eq!(posted.errand, Errand::ResetPassword);
            add(record.lease.letter.to_string(), Mailed { to, secret });
            continue;
        }
        let letter = record.open(&vault).expect("it is sealed with this key");
        let secret = match &letter.content {
            LetterContent::Welcome { verify: Some(secret), .. }
            | LetterContent::ResetPassword { reset: secret, .. }
            | LetterContent::ConfirmEmailChange { confirm: secret, .. }
            | LetterContent::EmailChangeRequested { dispute: secret, .. }
            | LetterContent::EmailChangedOld { dispute: secret, .. } => secret.0.expose(),
            _ => continue,
        };
        let mailed = Mailed { to: letter.to.as_str().to_owned(), secret: secret.to_owned() };
        add(letter.id.to_string(), mailed);
    }
    db.close().await.expect("it closes");
    letters
}
