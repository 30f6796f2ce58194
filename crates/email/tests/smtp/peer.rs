//! Starts `tests/smtp_peer.py` and reads what it received.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtp_peer.py");
const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/peer.pem");

/// A running mail server. It ends with this value: its standard input closes.
pub(crate) struct Peer {
    pub(crate) port: u16,
    lines: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Peer {
    /// Starts a server, and waits until it says its port; `None` where aiosmtpd is not installed.
    pub(crate) async fn start(arguments: &[&str]) -> Option<Self> {
        let python = python()?;
        let mut process = tokio::process::Command::new(python)
            .arg(SCRIPT)
            .args(["--certificate", CERTIFICATE])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it ran a moment ago");
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut peer = Self { port: 0, lines, _process: process };
        let port = peer.received().await["port"].as_u64().unwrap();
        peer.port = port.try_into().unwrap();
        Some(peer)
    }

    /// The next message that it took.
    pub(crate) async fn received(&mut self) -> Value {
        let line = self.lines.next_line().await.unwrap().expect("the peer is alive");
        serde_json::from_str(&line).unwrap()
    }
}

/// The Python that has aiosmtpd, asked once.
fn python() -> Option<&'static str> {
    static PYTHON: OnceLock<Option<String>> = OnceLock::new();
    let find = || {
        let python = std::env::var("RIGHTFUL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let asked = Command::new(&python)
            .args(["-c", "import aiosmtpd"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if asked.is_ok_and(|status| status.success()) {
            return Some(python);
        }
        let missing = format!(
            "{python} has no aiosmtpd: set RIGHTFUL_TEST_PYTHON to one that has (pip install aiosmtpd)"
        );
        assert!(std::env::var("RIGHTFUL_REQUIRE_SMTP").as_deref() != Ok("1"), "{missing}");
        // Past the capture of the test harness, which hides what a passing test prints.
        writeln!(std::io::stderr(), "SMTP is not tested: {missing}").unwrap();
        None
    };
    PYTHON.get_or_init(find).as_deref()
}
