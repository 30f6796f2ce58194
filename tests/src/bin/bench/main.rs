//! Measures the server on two cores, as ratios taken in one run, and writes docs/reference/benchmarks.md.
//!
//! `just bench`, or `cargo run --release -p rightful-tests --bin bench -- --help`. The server runs as a child
//! process: this very program, called with `serve`. So it is of the same build, with a process and memory of
//! its own.

mod arguments;
mod checks;
mod client;
mod figures;
mod load;
mod page;
mod process;
mod quiet;
mod raw;
mod seed;
mod server;
mod sign_in;
mod start;

use std::error::Error;
use std::process::ExitCode;

use arguments::Arguments;

/// As the server has it: it runs as a child of this very program.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What goes wrong here is told and ends the run.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    // What follows `serve` is the server's own command line.
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return rightful::main();
    }
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(said) => {
            println!("{said}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome<()> {
    process::use_two_cores()?;
    process::use_all_files()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let before = quiet::probe()?;
    let mut between = None;
    let mut page = page::Page::default();
    runtime.block_on(async {
        if arguments.wants("start") {
            page.add(start::measure(arguments).await?);
        }
        if arguments.wants("checks") {
            page.add(checks::measure(arguments).await?);
        }
        if arguments.wants("sign-in") {
            let (section, share) = sign_in::measure(arguments).await?;
            page.add(section);
            between = Some(share);
        }
        Outcome::Ok(())
    })?;
    let quiet = quiet::Quiet { before, after: quiet::probe()?, between };
    let text = page.text(arguments, &quiet)?;
    println!("{text}");
    if let Some(path) = &arguments.write {
        std::fs::write(path, &text)?;
        println!("written to {}", path.display());
    }
    Ok(())
}
