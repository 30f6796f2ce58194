//! How soon a server answers, and what it holds while nobody asks.

use std::time::Duration;

use rightful_database::Place;
use tokio::time::sleep;

use crate::Outcome;
use crate::arguments::Arguments;
use crate::figures::Figures;
use crate::page::{Goal, Section};
use crate::server::Server;

/// Until whatever a start leaves behind has settled.
const REST: Duration = Duration::from_secs(2);

pub(crate) async fn measure(arguments: &Arguments) -> Outcome<Section> {
    let [mut first, mut again] = [Figures::default(), Figures::default()];
    let [mut resident, mut anonymous] = [Figures::default(), Figures::default()];
    for _ in 0..arguments.rounds {
        let folder = tempfile::tempdir()?;
        let place = Place::Sqlite { path: folder.path().join("rightful.db") };
        first.push(Server::start(&place).await?.ready_after.as_secs_f64());
        let server = Server::start(&place).await?;
        again.push(server.ready_after.as_secs_f64());
        sleep(REST).await;
        let (all, own) = server.memory()?;
        resident.push(all);
        anonymous.push(own);
    }
    let mut section = Section::new("Start and rest");
    section.demand(
        "start to the first 200 of `/readyz`, s",
        Goal::Below(0.5),
        &first,
        "from the start of the process, on SQLite, with all tables made on the way",
    );
    section.fact(
        "resident memory, idle, MiB",
        Goal::Below(40.0),
        &resident,
        "`VmRSS` two seconds after the start",
    );
    section.row("start to the first 200 with tables that are there, s", &again);
    section.row("resident memory that is not a file (`RssAnon`), idle, MiB", &anonymous);
    Ok(section)
}
