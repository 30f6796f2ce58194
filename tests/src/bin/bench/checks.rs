//! What it costs to ask who is signed in, which every request of a shop does.

use rightful_database::Place;
use rightful_testkit::postgres::Postgres;

use crate::Outcome;
use crate::arguments::Arguments;
use crate::client::{Connection, get};
use crate::figures::Figures;
use crate::load::{Requests, closed, count};
use crate::page::{Goal, Section};
use crate::seed::{LastUsed, Seeded, seed};
use crate::server::Server;

/// Connections that ask one request after the other.
const CONNECTIONS: usize = 16;
/// Accounts, where they are few.
const FEW: u64 = 1000;
/// Sessions that are asked for in turn. Within the second for which the server remembers one, none comes
/// twice, so each is read from the database.
const SESSIONS: u64 = 50_000;
/// Sessions that are asked for once each, so that each check writes.
const ONCE: u64 = 200_000;

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

    async fn round(&mut self, arguments: &Arguments) -> Outcome<()> {
        let to = if self.on_management { self.server.management } else { self.server.public };
        let before = self.server.cpu()?;
        let tally = closed(to, CONNECTIONS, arguments.time, &self.requests).await?;
        let tally = tally.all_done("session checks")?;
        let used = self.server.cpu()? - before;
        self.rate.push(tally.rate());
        self.cost.push(used * 1e6 / count(tally.done.len()));
        Ok(())
    }

    fn forget(&mut self) {
        (self.rate, self.cost) = (Figures::default(), Figures::default());
    }
}

/// Checks on one database.
struct Pair<'a> {
    one: Case<'a>,
    many: Case<'a>,
}

impl<'a> Pair<'a> {
    async fn new(server: &'a Server, seeded: &Seeded) -> Outcome<Self> {
        is_somebody(server, seeded).await?;
        let all = usize::try_from(SESSIONS)?;
        Ok(Self { one: Case::checks(server, seeded, 1), many: Case::checks(server, seeded, all) })
    }
}

struct Cases<'a> {
    bare: Case<'a>,
    few: Pair<'a>,
    many: Pair<'a>,
    postgres: Option<Pair<'a>>,
    writing: Case<'a>,
}

impl<'a> Cases<'a> {
    fn all(&mut self) -> impl Iterator<Item = &mut Case<'a>> {
        let postgres = self.postgres.iter_mut().flat_map(|pair| [&mut pair.one, &mut pair.many]);
        [&mut self.bare, &mut self.few.one, &mut self.few.many]
            .into_iter()
            .chain([&mut self.many.one, &mut self.many.many, &mut self.writing])
            .chain(postgres)
    }
}

pub(crate) async fn measure(arguments: &Arguments) -> Outcome<Section> {
    let folder = tempfile::tempdir()?;
    let sqlite = |name: &str| Place::Sqlite { path: folder.path().join(name) };
    let cluster = if arguments.postgres { Postgres::start() } else { None };
    let database = cluster.as_ref().map(Postgres::database);

    let few_seeded = seed(&sqlite("few.db"), FEW, SESSIONS, LastUsed::Ahead).await?;
    println!("{FEW} accounts are there; writing {}", arguments.accounts);
    let many_seeded =
        seed(&sqlite("many.db"), arguments.accounts, SESSIONS, LastUsed::Ahead).await?;
    let writing_seeded = seed(&sqlite("writing.db"), FEW, ONCE, LastUsed::Ago).await?;
    let few = Server::start(&sqlite("few.db")).await?;
    let many = Server::start(&sqlite("many.db")).await?;
    let writing = Server::start(&sqlite("writing.db")).await?;
    let postgres = match &database {
        None => None,
        Some(database) => {
            let place = Place::Postgres { url: database.url() };
            let seeded = seed(&place, FEW, SESSIONS, LastUsed::Ahead).await?;
            Some((Server::start(&place).await?, seeded))
        }
    };

    let mut cases = Cases {
        bare: Case::bare(&few, vec![get("/livez", None)]),
        few: Pair::new(&few, &few_seeded).await?,
        many: Pair::new(&many, &many_seeded).await?,
        postgres: match &postgres {
            None => None,
            Some((server, seeded)) => Some(Pair::new(server, seeded).await?),
        },
        writing: Case::checks(&writing, &writing_seeded, usize::MAX),
    };
    // The first round fills caches; its figures are thrown away.
    for round in 0..=arguments.rounds {
        for case in cases.all() {
            case.round(arguments).await?;
            if round == 0 {
                case.forget();
            }
        }
        println!("session checks: round {round} of {}", arguments.rounds);
    }
    if cases.writing.requests.came_round() {
        return Err("there were too few sessions for each check to be the first of one".into());
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

fn section(arguments: &Arguments, cases: &Cases<'_>) -> Section {
    let mut section = Section::new("Who is signed in");
    demands(&mut section, arguments, cases);
    let mut told = |name: &str, case: &Case<'_>| {
        section.row(&format!("{name}, a second"), &case.rate);
        section.row("- CPU time of the server for each, µs", &case.cost);
        if !case.on_management {
            section.row("- for one bare answer, by rate", &case.rate.over(&cases.bare.rate));
            section.row("- by CPU time of the server", &cases.bare.cost.over(&case.cost));
        }
    };
    told("bare answers", &cases.bare);
    let accounts = arguments.accounts;
    let mut both = |place: &str, pair: &Pair<'_>| {
        told(&format!("checks of one session over and over, {place}"), &pair.one);
        told(&format!("checks of {SESSIONS} sessions in turn, {place}"), &pair.many);
    };
    both(&format!("SQLite, {FEW} accounts"), &cases.few);
    both(&format!("SQLite, {accounts} accounts"), &cases.many);
    if let Some(pair) = &cases.postgres {
        both(&format!("PostgreSQL, {FEW} accounts"), pair);
    }
    told("checks that write (the first of each session in its minute), SQLite", &cases.writing);
    section
}

fn demands(section: &mut Section, arguments: &Arguments, cases: &Cases<'_>) {
    let share = |case: &Case<'_>| case.rate.over(&cases.bare.rate);
    let how = format!("{CONNECTIONS} connections; by rate, in turns with the bare answer");
    let over_and_over = "session checks for one bare answer, over and over";
    let in_turn = "session checks for one bare answer, in turn";
    let goal = Goal::AtLeast(0.4);
    section.demand(&format!("{over_and_over}, SQLite"), goal, &share(&cases.few.one), &how);
    section.demand(&format!("{in_turn}, SQLite"), goal, &share(&cases.few.many), &how);
    if let Some(pair) = &cases.postgres {
        section.stated(&format!("{over_and_over}, PostgreSQL"), &share(&pair.one), &how);
        section.stated(&format!("{in_turn}, PostgreSQL"), &share(&pair.many), &how);
    }
    let what = format!("cost of a check with {} accounts for one with {FEW}", arguments.accounts);
    let goal = Goal::AtMost(1.2);
    section.demand(
        &format!("{what}, by rate"),
        goal,
        &cases.few.many.rate.over(&cases.many.many.rate),
        "in turn, on SQLite",
    );
    section.demand(
        &format!("{what}, by CPU time of the server"),
        goal,
        &cases.many.many.cost.over(&cases.few.many.cost),
        "in turn, on SQLite",
    );
}
