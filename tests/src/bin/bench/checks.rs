//! What it costs to ask who is signed in, which every request of a shop does.

use rightful_database::Place;
use rightful_testkit::postgres::Postgres;

use crate::Outcome;
use crate::arguments::Arguments;
use crate::client::{Connection, get};
use crate::figures::Figures;
use crate::load::{Requests, closed, count};
use crate::page::{Goal, Section};
use crate::seed::{Seeded, seed};
use crate::server::Server;

/// Connections that ask one request after the other.
const CONNECTIONS: usize = 16;
/// Accounts, where they are few.
const FEW: u64 = 1000;
/// Sessions that are asked for in turn. Within the second for which the server remembers one, none comes
/// twice, so each is read from the database.
const SESSIONS: u64 = 50_000;

/// Something that is asked for, and what came of it.
struct Case<'a> {
    server: &'a Server,
    requests: Requests,
    on_management: bool,
    rate: Figures,
    /// Microseconds of the server's CPU time for one.
    cost: Figures,
}

impl<'a> Case<'a> {
    fn checks(server: &'a Server, seeded: &Seeded, most: usize) -> Self {
        Self { on_management: false, ..Self::bare(server, seeded.checks(most)) }
    }

    fn bare(server: &'a Server, requests: Vec<Vec<u8>>) -> Self {
        let requests = Requests::new(requests);
        let (rate, cost) = (Figures::default(), Figures::default());
        Self { server, requests, on_management: true, rate, cost }
    }

    async fn round(&mut self, arguments: &Arguments, what: &str) -> Outcome<()> {
        let to = if self.on_management { self.server.management } else { self.server.public };
        let before = self.server.cpu()?;
        let tally =
            closed(to, CONNECTIONS, arguments.time, &self.requests).await?.all_done(what)?;
        let used = self.server.cpu()? - before;
        self.rate.push(tally.rate());
        self.cost.push(used * 1e6 / count(tally.done.len()));
        Ok(())
    }
}

pub(crate) async fn measure(arguments: &Arguments) -> Outcome<Section> {
    let folder = tempfile::tempdir()?;
    let sqlite = |name: &str| Place::Sqlite { path: folder.path().join(name) };
    let cluster = if arguments.postgres { Postgres::start() } else { None };
    let database = cluster.as_ref().map(Postgres::database);

    let few_seeded = seed(&sqlite("few.db"), FEW, SESSIONS).await?;
    println!("{FEW} accounts are there; writing {}", arguments.accounts);
    let many_seeded = seed(&sqlite("many.db"), arguments.accounts, SESSIONS).await?;
    let few = Server::start(&sqlite("few.db")).await?;
    let many = Server::start(&sqlite("many.db")).await?;
    let postgres = match &database {
        None => None,
        Some(database) => {
            let place = Place::Postgres { url: database.url() };
            let seeded = seed(&place, FEW, SESSIONS).await?;
            Some((Server::start(&place).await?, seeded))
        }
    };
    for (server, seeded) in [(&few, &few_seeded), (&many, &many_seeded)]
        .into_iter()
        .chain(postgres.iter().map(|(a, b)| (a, b)))
    {
        is_somebody(server, seeded).await?;
    }

    let all = usize::try_from(SESSIONS)?;
    let mut cases = vec![
        ("a bare answer", Case::bare(&few, vec![get("/livez", None)])),
        ("one session, few accounts", Case::checks(&few, &few_seeded, 1)),
        ("many sessions, few accounts", Case::checks(&few, &few_seeded, all)),
        ("one session, many accounts", Case::checks(&many, &many_seeded, 1)),
        ("many sessions, many accounts", Case::checks(&many, &many_seeded, all)),
    ];
    if let Some((server, seeded)) = &postgres {
        cases.push(("one session, PostgreSQL", Case::checks(server, seeded, 1)));
        cases.push(("many sessions, PostgreSQL", Case::checks(server, seeded, all)));
    }
    // The first round fills caches; its figures are thrown away.
    for round in 0..=arguments.rounds {
        for (name, case) in &mut cases {
            case.round(arguments, name).await?;
            if round == 0 {
                (case.rate, case.cost) = (Figures::default(), Figures::default());
            }
        }
        println!("session checks: round {round} of {}", arguments.rounds);
    }
    Ok(section(arguments, &cases))
}

/// Whether the answer is what is meant to be measured.
async fn is_somebody(server: &Server, seeded: &Seeded) -> Outcome<()> {
    let mut connection = Connection::open(server.public).await?;
    let request = seeded.checks(1).pop().ok_or("there are no sessions")?;
    let status = connection.ask(&request).await?.status;
    let body = String::from_utf8_lossy(connection.body());
    if status == 200 && body.contains("@example.com") {
        Ok(())
    } else {
        Err(format!("{status} {body}").into())
    }
}

fn section(arguments: &Arguments, cases: &[(&str, Case<'_>)]) -> Section {
    let mut section = Section::new("Who is signed in");
    let [(_, bare), (_, one), (_, many), rest @ ..] = cases else { return section };
    let share = |case: &Case<'_>| case.rate.over(&bare.rate);
    let cheap = |case: &Case<'_>| bare.cost.over(&case.cost);
    section.row(
        "a bare JSON answer of the same server (`/livez`), answers a second",
        &bare.rate,
        Goal::None,
    );
    section.row("- CPU time of the server for each, µs", &bare.cost, Goal::None);
    let mut told = |name: &str, case: &Case<'_>, goal: Goal| {
        section.row(&format!("{name}: checks a second"), &case.rate, Goal::None);
        section.row("- CPU time of the server for each, µs", &case.cost, Goal::None);
        section.row("- checks for one bare answer, by rate", &share(case), goal);
        section.row("- checks for one bare answer, by CPU time", &cheap(case), goal);
    };
    told(&format!("SQLite, {FEW} accounts, one session over and over"), one, Goal::AtLeast(0.4));
    told(&format!("SQLite, {FEW} accounts, {SESSIONS} sessions in turn"), many, Goal::AtLeast(0.4));
    let (accounts, large, others) = match rest {
        [(_, one), (_, many), others @ ..] => (arguments.accounts, [one, many], others),
        _ => return section,
    };
    told(
        &format!("SQLite, {accounts} accounts, one session over and over"),
        large[0],
        Goal::AtLeast(0.4),
    );
    told(
        &format!("SQLite, {accounts} accounts, {SESSIONS} sessions in turn"),
        large[1],
        Goal::AtLeast(0.4),
    );
    if let [(_, one), (_, many)] = others {
        told(&format!("PostgreSQL, {FEW} accounts, one session over and over"), one, Goal::None);
        told(&format!("PostgreSQL, {FEW} accounts, {SESSIONS} sessions in turn"), many, Goal::None);
    }
    section.row(
        &format!("SQLite: cost with {accounts} accounts for one with {FEW}, {SESSIONS} sessions in turn, by CPU time"),
        &large[1].cost.over(&many.cost),
        Goal::AtMost(1.2),
    );
    section.row("- by rate", &many.rate.over(&large[1].rate), Goal::AtMost(1.2));
    section
}
