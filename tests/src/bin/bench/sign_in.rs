//! Signing in: how much of the machine goes into hashing, and what others feel of it.

use std::time::Duration;

use rightful_database::Place;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::Outcome;
use crate::arguments::Arguments;
use crate::figures::{Figures, Latencies};
use crate::load::{Requests, Tally, closed, count, open};
use crate::page::{Goal, Section};
use crate::raw;
use crate::seed::{LastUsed, Seeded, seed};
use crate::server::Server;

/// Those who sign in, each to an account of their own.
const ACCOUNTS: u64 = 20_000;
/// Connections that sign in one after the other: more than there are threads to hash, less than the queue holds.
const CONNECTIONS: usize = 32;
/// Checks of sessions a second while others sign in: those that only read, and those that write too.
const READING: f64 = 100.0;
const WRITING: f64 = 50.0;
/// How much more than it can do is asked of the server in the end.
const TOO_MUCH: f64 = 10.0;
/// Long enough for the hundredth part of the checks to be a number.
const LONG: Duration = Duration::from_secs(20);
/// By then the hashing threads have given their memory back.
const REST: Duration = Duration::from_secs(15);

/// A rate, and milliseconds of CPU time for each.
#[derive(Default)]
struct Rate {
    per_second: Figures,
    cost: Figures,
}

/// Sign-ins at full capacity, next to as many hashes as the cores can do.
struct Capacity {
    raw: Rate,
    /// What argon2id alone got of the cores.
    share: Figures,
    sign_ins: Rate,
}

/// Checks beside something else. Those that write are the first of their session in its minute.
struct Checks {
    reading: Tally,
    writing: Tally,
}

/// Answers while others sign in.
struct Beside {
    /// With nobody signing in.
    alone: Checks,
    /// Sign-ins at full capacity, with the checks beside them.
    sign_ins: Tally,
    checks: Checks,
    /// Sign-ins that are too many, with the checks beside them.
    flood: Tally,
    during_flood: Checks,
}

/// The figures, and the least that argon2id alone got of the cores.
pub(crate) async fn measure(arguments: &Arguments) -> Outcome<(Section, f64)> {
    let folder = tempfile::tempdir()?;
    let place = Place::Sqlite { path: folder.path().join("sign-in.db") };
    let seeded = seed(&place, ACCOUNTS, ACCOUNTS, LastUsed::ByTurns).await?;
    let server = Server::start(&place).await?;
    let sign_ins = Requests::new(seeded.sign_ins(ACCOUNTS));

    let capacity = capacity(arguments, &server, &sign_ins).await?;
    let offered = capacity.sign_ins.per_second.median() * TOO_MUCH;
    let beside = beside(&server, &seeded, &sign_ins, offered).await?;
    sleep(REST).await;
    let (after, _) = server.memory()?;

    let mut section = Section::new("Signing in");
    demands(&mut section, &capacity, &beside);
    section.row("argon2id alone, hashes a second", &capacity.raw.per_second);
    section.row("- CPU time for each, ms", &capacity.raw.cost);
    section.row("- what it got of the cores", &capacity.share);
    section.row("sign-ins a second", &capacity.sign_ins.per_second);
    section.row("- CPU time of the server for each, ms", &capacity.sign_ins.cost);
    told_of_checks(&mut section, "nobody signing in", &beside.alone);
    section.figure("sign-ins a second with checks beside them", beside.sign_ins.rate());
    times(&mut section, "- one of these sign-ins:", &beside.sign_ins.done);
    told_of_checks(&mut section, "beside sign-ins at capacity", &beside.checks);
    told_of_flood(&mut section, &beside.flood, offered, capacity.sign_ins.per_second.median());
    told_of_checks(&mut section, "during that", &beside.during_flood);
    section.figure("resident memory a quarter of a minute later, MiB", after);
    Ok((section, capacity.share.least()))
}

async fn capacity(
    arguments: &Arguments,
    server: &Server,
    sign_ins: &Requests,
) -> Outcome<Capacity> {
    let mut capacity =
        Capacity { raw: Rate::default(), share: Figures::default(), sign_ins: Rate::default() };
    let time = arguments.time;
    // The first round fills caches; its figures are thrown away.
    for round in 0..=arguments.rounds {
        let hashed = spawn_blocking(move || raw::hashes(time)).await??;
        let before = server.cpu()?;
        let tally = closed(server.public, CONNECTIONS, time, sign_ins).await?;
        let tally = tally.all_done("sign-ins")?;
        let used = server.cpu()? - before;
        if round > 0 {
            capacity.raw.per_second.push(hashed.per_second);
            capacity.raw.cost.push(hashed.cost);
            capacity.share.push(hashed.share);
            capacity.sign_ins.per_second.push(tally.rate());
            capacity.sign_ins.cost.push(used * 1e3 / count(tally.done.len()));
        }
        println!("sign-ins: round {round} of {}", arguments.rounds);
    }
    Ok(capacity)
}

async fn beside(
    server: &Server,
    seeded: &Seeded,
    sign_ins: &Requests,
    offered: f64,
) -> Outcome<Beside> {
    let all = seeded.checks(usize::MAX);
    let by_turns = |skip: usize| Requests::new(all.iter().skip(skip).step_by(2).cloned().collect());
    let (reading, writing) = (by_turns(0), by_turns(1));
    let checking = async || {
        let (reading, writing) = tokio::join!(
            open(server.public, READING, LONG, &reading),
            open(server.public, WRITING, LONG, &writing)
        );
        Outcome::Ok(Checks { reading: reading?, writing: writing? })
    };
    let alone = checking().await?;
    let (busy, checks) =
        tokio::join!(closed(server.public, CONNECTIONS, LONG, sign_ins), checking());
    let sign_ins_done = busy?.all_done("sign-ins")?;
    let (flood, during_flood) =
        tokio::join!(open(server.public, offered, LONG, sign_ins), checking());
    if writing.came_round() {
        return Err("there were too few sessions for each check to be the first of one".into());
    }
    Ok(Beside {
        alone,
        sign_ins: sign_ins_done,
        checks: checks?,
        flood: flood?,
        during_flood: during_flood?,
    })
}

fn demands(section: &mut Section, capacity: &Capacity, beside: &Beside) {
    let Capacity { raw, sign_ins, .. } = capacity;
    section.demand(
        "sign-ins for one argon2id hash of the same cores",
        Goal::AtLeast(0.95),
        &sign_ins.per_second.over(&raw.per_second),
        &format!("{CONNECTIONS} connections; by rate, in turns with argon2id alone"),
    );
    section.stated(
        "- by CPU time of the server",
        &raw.cost.over(&sign_ins.cost),
        "the same rounds; SQLite waits for the disk, which is no CPU time",
    );
    let all = |checks: &Checks| {
        let share = |tally: &Tally| count(tally.done.len()) / asked(tally);
        Figures::once(share(&checks.reading).min(share(&checks.writing)))
    };
    let how = format!("for {} s, counted from when each was due", LONG.as_secs());
    let what = "session check while sign-ins take both cores: 99 of 100 within, ms";
    section.demand(
        what,
        Goal::Below(10.0),
        &Figures::once(beside.checks.reading.done.within(99)),
        &format!("{READING} checks a second {how}"),
    );
    section.demand(
        "- of checks that write (the first of a session in its minute)",
        Goal::Below(10.0),
        &Figures::once(beside.checks.writing.done.within(99)),
        &format!("{WRITING} a second at the same time"),
    );
    section.fact(
        "- share of all these checks that are answered with 200",
        Goal::Exactly(1.0),
        &all(&beside.checks),
        "the lesser share of the two kinds",
    );
    section.fact(
        "ten times the capacity in sign-ins: share of the refusals with `Retry-After`",
        Goal::Exactly(1.0),
        &Figures::once(count(beside.flood.refused_with_when) / count(beside.flood.refused.len())),
        "503 or 429",
    );
    section.fact(
        "- share that is neither done nor refused so",
        Goal::Exactly(0.0),
        &Figures::once(count(beside.flood.failed) / asked(&beside.flood)),
        "any other status, no answer in 30 s, no connection",
    );
    section.stated(
        "- the longest that anybody waited, ms",
        &Figures::once(beside.flood.done.within(100).max(beside.flood.refused.within(100))),
        "done or refused",
    );
    let checks = &beside.during_flood;
    section.stated(
        "- session check meanwhile: 99 of 100 within, ms",
        &Figures::once(checks.reading.done.within(99)),
        "as above",
    );
    section.stated(
        "- of checks that write",
        &Figures::once(checks.writing.done.within(99)),
        "as above; they wait for the one writer of SQLite",
    );
    section.stated("- share of these checks with 200", &all(checks), "as above");
}

fn asked(tally: &Tally) -> f64 {
    count(tally.done.len() + tally.refused.len() + tally.failed)
}

fn told_of_flood(section: &mut Section, flood: &Tally, offered: f64, can_do: f64) {
    section.figure("ten times as many sign-ins as it can do: asked a second", offered);
    section.figure("- done, for one that it can do", flood.rate() / can_do);
    let overloaded = count(flood.refused.len() - flood.too_often);
    section.figure("- refused with 503, share", overloaded / asked(flood));
    section.figure("- refused with 429, share", count(flood.too_often) / asked(flood));
    times(section, "- a sign-in that is done:", &flood.done);
    times(section, "- a refusal:", &flood.refused);
}

fn told_of_checks(section: &mut Section, when: &str, checks: &Checks) {
    for (kind, tally) in [("reads", &checks.reading), ("writes", &checks.writing)] {
        let what = format!("a check that {kind}, {when}");
        section.figure(&format!("{what}: done, share"), count(tally.done.len()) / asked(tally));
        times(section, "-", &tally.done);
    }
}

fn times(section: &mut Section, what: &str, took: &Latencies) {
    section.figure(&format!("{what} half of them within, ms"), took.within(50));
    section.figure("- 99 of 100 within, ms", took.within(99));
    section.figure("- the longest, ms", took.within(100));
}
