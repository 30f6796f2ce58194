//! Running the program, and speaking HTTP to it.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(20);

/// The program, with nothing of our own environment, in `folder`.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rightful"));
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs to the end.
pub(crate) fn run<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: &[A],
    variables: &[(&str, &str)],
) -> Output {
    let mut command = program(folder);
    command.args(arguments).envs(variables.iter().copied());
    command.output().expect("the program starts")
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().expect("no signal ended it")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// A program that runs; ended with this value.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Server {
    /// Starts the program. Its standard output and its log are read together.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (send, lines) = channel();
        let out = child.stdout.take().expect("piped");
        let err = child.stderr.take().expect("piped");
        let of_err = send.clone();
        thread::spawn(move || pass_on(out, &send));
        thread::spawn(move || pass_on(err, &of_err));
        Self { child, lines, seen: Vec::new() }
    }

    /// The first line, printed before or from now on, that `find` makes something of.
    pub(crate) fn line<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> T {
        if let Some(found) = self.seen.iter().find_map(|line| find(line)) {
            return found;
        }
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    let found = find(&line);
                    self.seen.push(line);
                    if let Some(found) = found {
                        return found;
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("the line never came: {:#?}", self.seen)
                }
            }
        }
    }

    /// The host and port of a URL that is printed behind `label`.
    pub(crate) fn address(&mut self, label: &str) -> String {
        self.line(|line| {
            let url =
                line.trim_start().strip_prefix(label)?.trim_start().strip_prefix("http://")?;
            Some(url.split('/').next().unwrap_or(url).to_owned())
        })
    }

    /// A text value of a JSON log line with this message.
    pub(crate) fn logged(&mut self, message: &str, name: &str) -> String {
        self.line(|line| {
            let line: serde_json::Value = serde_json::from_str(line).ok()?;
            (line["message"] == message).then(|| line[name].as_str().unwrap_or_default().to_owned())
        })
    }

    /// Every line so far.
    pub(crate) fn everything(&mut self) -> String {
        self.seen.extend(self.lines.try_iter());
        self.seen.join("\n")
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process is ours");
    }

    /// Waits for the end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let mut ended = None;
        until("the program ends", || {
            ended = self.child.try_wait().expect("the process is ours");
            ended.is_some()
        });
        ended.expect("it ended")
    }

    /// Asks it to stop, and waits.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait()
    }
}

/// Until the other end is closed, or nobody listens any more.
fn pass_on(from: impl Read, to: &Sender<String>) {
    for line in BufReader::new(from).lines().map_while(Result::ok) {
        if to.send(line).is_err() {
            return;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind; one that did not has ended it already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Looks until it is so.
#[expect(
    clippy::disallowed_methods,
    reason = "another process is waited for: there is nothing to await"
)]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        thread::sleep(LOOK);
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A request that has been begun: the head is sent, and as much of the body as there is.
pub(crate) struct Begun(TcpStream);

impl Begun {
    pub(crate) fn finish(mut self, rest: &str) -> Answer {
        self.0.write_all(rest.as_bytes()).expect("the connection is open");
        read(self.0)
    }
}

/// Begins a request and leaves the rest of its body for later.
pub(crate) fn begin(address: &str, head: &str, body: &str) -> Begun {
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).expect("the connection is open");
    Begun(stream)
}

/// Asks.
pub(crate) fn get(address: &str, path: &str) -> Answer {
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close");
    read(begin(address, &head, "").0)
}

/// Sends JSON.
pub(crate) fn post(address: &str, path: &str, body: &serde_json::Value) -> Answer {
    let body = body.to_string();
    read(begin(address, &head_of_post(address, path, body.len()), &body).0)
}

pub(crate) fn head_of_post(address: &str, path: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}"
    )
}

/// Whether anybody listens.
pub(crate) fn answers(address: &str) -> bool {
    TcpStream::connect(address).is_ok()
}

fn read(mut stream: TcpStream) -> Answer {
    stream.set_read_timeout(Some(PATIENCE)).expect("a time is no zero");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer, and the end of the connection");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no status: {head}"));
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}
