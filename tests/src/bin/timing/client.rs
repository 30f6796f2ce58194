//! One client, one connection, one request after the other, by the clock.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use crate::Outcome;
use crate::classes::Class;

/// Requests that are not counted: caches and threads are cold.
const WARM_UP: usize = 50;

/// What was measured, in nanoseconds.
pub(crate) struct Times(Vec<(Class, u64)>);

impl Times {
    /// Those of a class.
    pub(crate) fn of(&self, class: Class) -> Vec<u64> {
        self.0.iter().filter(|(of, _)| *of == class).map(|(_, time)| *time).collect()
    }

    /// The middle of all, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "a time in nanoseconds needs no 52 bits")]
    pub(crate) fn middle(&self) -> f64 {
        let mut all: Vec<u64> = self.0.iter().map(|(_, time)| *time).collect();
        all.sort_unstable();
        all.get(all.len() / 2).map_or(0.0, |time| *time as f64 / 1e6)
    }
}

/// A POST of JSON from a client behind the proxy that we are.
pub(crate) fn post(path: &str, from: &str, json: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: accounts.example.com\r\nx-forwarded-for: {from}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{json}",
        json.len()
    )
    .into_bytes()
}

/// Sends all of them, and gives how long each answer took. One with another status than `expected` ends the run.
#[expect(clippy::disallowed_methods, reason = "this program measures time")]
pub(crate) fn times(
    to: SocketAddr,
    requests: &[(Class, Vec<u8>)],
    expected: u16,
) -> Outcome<Times> {
    let mut stream = TcpStream::connect(to)?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 64 * 1024];
    let mut times = Vec::with_capacity(requests.len());
    for (place, (class, request)) in requests.iter().enumerate() {
        let began = Instant::now();
        stream.write_all(request)?;
        let status = answer(&mut stream, &mut buffer)?;
        let took = began.elapsed();
        if status != expected {
            return Err(format!("{class}: answered {status} and not {expected}").into());
        }
        if place >= WARM_UP.min(requests.len() / 10) {
            times.push((*class, u64::try_from(took.as_nanos())?));
        }
    }
    Ok(Times(times))
}

/// Reads one whole answer; its status.
fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Outcome<u16> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..])?;
        if read == 0 {
            return Err("the server closed the connection".into());
        }
        filled += read;
        let text = &buffer[..filled];
        let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&text[..end])?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
        });
        let length = length.ok_or("an answer without a length")?;
        if filled >= end + 4 + length {
            return Ok(head.get(9..12).ok_or("not an answer of HTTP/1.1")?.parse()?);
        }
    }
}
