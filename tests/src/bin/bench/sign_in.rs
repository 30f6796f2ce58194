//! Signing in: how much of the machine goes into hashing, and what others feel of it.

use std::sync::Arc;
use std::time::Duration;

use rightful_crypto::hasher::{Argon2Hasher, HashSettings};
use rightful_database::Place;
use rightful_domain::ports::PasswordHasher;
use rightful_domain::reason::Outage;
use rightful_domain::values::TypedPassword;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::Outcome;
use crate::arguments::Arguments;
use crate::figures::{Figures, Latencies};
use crate::load::{Requests, Tally, closed, count, open};
use crate::page::{Goal, Section};
use crate::process;
use crate::seed::{PASSWORD, seed};
use crate::server::Server;

/// Those who sign in, each to an account of their own.
const ACCOUNTS: u64 = 20_000;
/// Connections that sign in one after the other: more than there are threads to hash, less than the queue holds.
const CONNECTIONS: usize = 32;
/// Checks of sessions a second while others sign in.
const CHECKS: f64 = 100.0;
/// How much more than it can do is asked of the server in the end.
const TOO_MUCH: f64 = 10.0;
/// Long enough for the hundredth part of the checks to be a number.
const LONG: Duration = Duration::from_secs(10);
/// By then the hashing threads have given their memory back.
const REST: Duration = Duration::from_secs(15);

/// A rate, and what it cost.
#[derive(Default)]
struct Rate {
    per_second: Figures,
    /// Milliseconds of CPU time for each.
    cost: Figures,
}

pub(crate) async fn measure(arguments: &Arguments) -> Outcome<Section> {
    let folder = tempfile::tempdir()?;
    let place = Place::Sqlite { path: folder.path().join("sign-in.db") };
    let seeded = seed(&place, ACCOUNTS, ACCOUNTS).await?;
    let server = Server::start(&place).await?;
    let sign_ins = Requests::new(seeded.sign_ins(ACCOUNTS));
    let checks = Requests::new(seeded.checks(usize::MAX));
    let hasher = Arc::new(Argon2Hasher::new(&HashSettings::default())?);

    let [mut raw, mut over_http] = [Rate::default(), Rate::default()];
    for round in 0..=arguments.rounds {
        let kept = round > 0;
        hashes(&hasher, arguments.time, kept.then_some(&mut raw)).await?;
        let before = server.cpu()?;
        let tally = closed(server.public, CONNECTIONS, arguments.time, &sign_ins).await?;
        let tally = tally.all_done("sign-ins")?;
        if kept {
            over_http.per_second.push(tally.rate());
            over_http.cost.push((server.cpu()? - before) * 1e3 / count(tally.done.len()));
        }
        println!("sign-ins: round {round} of {}", arguments.rounds);
    }
    drop(hasher);

    let alone = open(server.public, CHECKS, LONG, &checks).await?.all_done("checks alone")?;
    let (busy, beside) = tokio::join!(
        closed(server.public, CONNECTIONS, LONG, &sign_ins),
        open(server.public, CHECKS, LONG, &checks)
    );
    let (busy, beside) = (busy?.all_done("sign-ins")?, beside?.all_done("checks beside sign-ins")?);
    let offered = over_http.per_second.median() * TOO_MUCH;
    let (flood, during) = tokio::join!(
        open(server.public, offered, LONG, &sign_ins),
        open(server.public, CHECKS, LONG, &checks)
    );
    let (flood, during) = (flood?, during?.all_done("checks during a flood")?);
    sleep(REST).await;
    let (after, _) = server.memory()?;

    let mut section = Section::new("Signing in");
    section.row(
        "argon2id alone, with the same parameters and threads, hashes a second",
        &raw.per_second,
        Goal::None,
    );
    section.row("- CPU time for each, ms", &raw.cost, Goal::None);
    section.row("sign-ins a second", &over_http.per_second, Goal::None);
    section.row("- CPU time of the server for each, ms", &over_http.cost, Goal::None);
    section.row(
        "- sign-ins for one hash, by rate",
        &over_http.per_second.over(&raw.per_second),
        Goal::AtLeast(0.95),
    );
    section.row(
        "- sign-ins for one hash, by CPU time",
        &raw.cost.over(&over_http.cost),
        Goal::AtLeast(0.95),
    );
    times(
        &mut section,
        &format!("a check of a session, {CHECKS} a second, nobody signing in"),
        &alone.done,
        Goal::None,
    );
    section.figure("sign-ins a second meanwhile, with the checks", busy.rate(), Goal::None);
    times(
        &mut section,
        "a check of a session while sign-ins take all that they can",
        &beside.done,
        Goal::AtMost(10.0),
    );
    told_of_flood(&mut section, &flood, offered, over_http.per_second.median());
    times(&mut section, "a check of a session meanwhile", &during.done, Goal::AtMost(10.0));
    section.figure("resident memory a quarter of a minute later, MiB", after, Goal::None);
    Ok(section)
}

fn told_of_flood(section: &mut Section, flood: &Tally, offered: f64, can_do: f64) {
    let asked = count(flood.done.len() + flood.refused.len() + flood.failed);
    section.figure("ten times as many sign-ins as it can do: asked a second", offered, Goal::None);
    section.figure("- done, for one that it can do", flood.rate() / can_do, Goal::None);
    let overloaded = count(flood.refused.len() - flood.too_often);
    section.figure("- refused with 503, share", overloaded / asked, Goal::None);
    section.figure("- refused with 429, share", count(flood.too_often) / asked, Goal::None);
    let with_when = count(flood.refused_with_when) / count(flood.refused.len());
    section.figure("- of those, with `Retry-After`", with_when, Goal::AtLeast(1.0));
    section.figure("- anything else, share", count(flood.failed) / asked, Goal::AtMost(0.0));
    times(section, "- a sign-in that is done", &flood.done, Goal::None);
    times(section, "- a refusal", &flood.refused, Goal::None);
}

fn times(section: &mut Section, what: &str, took: &Latencies, goal: Goal) {
    section.figure(&format!("{what}: half of them within, ms"), took.within(50), Goal::None);
    section.figure("- 99 of 100 within, ms", took.within(99), goal);
    section.figure("- the longest, ms", took.within(100), Goal::None);
}

/// Compares a password with its hash, again and again, and keeps what came of it if it is wanted.
async fn hashes(
    hasher: &Arc<Argon2Hasher>,
    time: Duration,
    rate: Option<&mut Rate>,
) -> Outcome<()> {
    // So many that no thread ever waits for work.
    const ASKERS: usize = 8;
    let typed = TypedPassword::new(PASSWORD).ok_or("the password is not one")?;
    let hash = hasher.hash(&typed).await?;
    let me = std::process::id();
    let (before, began) = (process::cpu(me)?, Instant::now());
    let end = began + time;
    let mut askers = JoinSet::new();
    for _ in 0..ASKERS {
        let (hasher, typed, hash) = (Arc::clone(hasher), typed.clone(), hash.clone());
        askers.spawn(async move {
            let mut done = 0;
            while Instant::now() < end {
                hasher.verify(&typed, Some(&hash)).await?;
                done += 1;
            }
            Ok::<usize, Outage>(done)
        });
    }
    let mut done = 0;
    while let Some(one) = askers.join_next().await {
        done += one??;
    }
    let (took, used) = (began.elapsed(), process::cpu(me)? - before);
    if let Some(rate) = rate {
        rate.per_second.push(count(done) / took.as_secs_f64());
        rate.cost.push(used * 1e3 / count(done));
    }
    Ok(())
}
