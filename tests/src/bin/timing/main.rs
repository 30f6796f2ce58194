//! Measures whether the time of a neutral answer tells if an address has an account (CS-2, security §4.5), and
//! writes docs/reference/timing.md.
//!
//! `just timing`, or `cargo run --release -p rightful-tests --bin timing -- --help`. The server runs in this
//! process, on threads of its own, over TCP. With `--control` its hasher skips the work for addresses that have no
//! account: then the same test must see it, or it would see nothing.

mod arguments;
mod classes;
mod client;
mod control;
mod page;
mod ranks;
mod server;

use std::error::Error;
use std::process::ExitCode;

use arguments::Arguments;
use classes::Family;
use page::{Line, Page};

/// As the server has it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What goes wrong here is told and ends the run.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(said) => {
            println!("{said}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("timing: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything is as it must be: no answer tells anything, and where one does, the test sees it.
fn run(arguments: &Arguments) -> Outcome<bool> {
    let mut page = Page::default();
    let mut good = true;
    if !arguments.control {
        let server = server::Server::start(arguments.each, false)?;
        for family in Family::ALL {
            for line in measure(&server, family, arguments.each)? {
                println!("{line}");
                good &= line.holds();
                page.add(line);
            }
        }
    }
    let server = server::Server::start(arguments.each, true)?;
    let lines = measure(&server, Family::SignIn, arguments.each)?;
    // An address without an account against one with: the hash is what is missing.
    let seen = lines.iter().filter(|line| line.is_of_unknown()).all(|line| !line.holds());
    for line in lines {
        println!("control: {line}");
        page.add_control(line);
    }
    if !seen {
        println!("the control is not seen: this run shows nothing");
    }
    if let Some(path) = arguments.page() {
        std::fs::write(&path, page.text(arguments.each)?)?;
        println!("written to {}", path.display());
    }
    Ok(good && seen)
}

/// The times of one kind of request, each class against each other.
fn measure(server: &server::Server, family: Family, each: u32) -> Outcome<Vec<Line>> {
    let times = client::times(server.address(), &family.requests(each)?, family.expected())?;
    Ok(ranks::pairs(&times)
        .into_iter()
        .map(|(one, other, auc)| Line { family, one, other, auc, each, middle: times.middle() })
        .collect())
}
