//! An HTTP/1.1 client that costs little: it shares two cores with the server that it measures.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What counts of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Whether it says when to come back.
    pub(crate) says_when: bool,
    /// Whether the server closes the connection.
    closes: bool,
    /// Bytes of head and body.
    length: usize,
}

/// A connection that is kept.
pub(crate) struct Connection {
    to: SocketAddr,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(to: SocketAddr) -> io::Result<Self> {
        Ok(Self { to, stream: connect(to).await?, buffer: Vec::with_capacity(8 * 1024) })
    }

    /// Sends a whole request and reads the whole answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(answer) = read(&self.buffer)? {
                if answer.closes {
                    self.stream = connect(self.to).await?;
                }
                return Ok(answer);
            }
        }
    }

    /// The body of the last answer.
    pub(crate) fn body(&self) -> &[u8] {
        head_end(&self.buffer).map_or(&[], |end| &self.buffer[end..])
    }
}

async fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|place| place + 4)
}

/// The answer, once all of it is there.
fn read(bytes: &[u8]) -> io::Result<Option<Answer>> {
    let Some(head_end) = head_end(bytes) else { return Ok(None) };
    let wrong =
        || io::Error::new(io::ErrorKind::InvalidData, "not an answer of HTTP/1.1 with a length");
    let head = std::str::from_utf8(&bytes[..head_end]).map_err(|_| wrong())?;
    let status = head.get(9..12).and_then(|digits| digits.parse().ok()).ok_or_else(wrong)?;
    let (mut body, mut says_when, mut closes) = (None, false, false);
    for line in head.lines().skip(1) {
        let Some((name, value)) = line.split_once(": ") else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            body = value.parse().ok();
        } else if name.eq_ignore_ascii_case("retry-after") {
            says_when = value.parse::<u32>().is_ok();
        } else if name.eq_ignore_ascii_case("connection") {
            closes = value.eq_ignore_ascii_case("close");
        }
    }
    let body: usize = if status == 204 { 0 } else { body.ok_or_else(wrong)? };
    let length = head_end + body;
    Ok((bytes.len() >= length).then_some(Answer { status, says_when, closes, length }))
}

/// A GET, ready to be sent.
pub(crate) fn get(path: &str, bearer: Option<&str>) -> Vec<u8> {
    let authorization = bearer.map(|secret| format!("authorization: Bearer {secret}\r\n"));
    let authorization = authorization.unwrap_or_default();
    format!("GET {path} HTTP/1.1\r\nhost: accounts.example.com\r\naccept: application/json\r\n{authorization}\r\n").into_bytes()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_when_all_of_it_is_there() {
        let whole = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]).unwrap(), None, "{end}");
        }
        let answer = read(whole).unwrap().unwrap();
        assert_eq!(
            answer,
            Answer { status: 503, says_when: true, closes: true, length: whole.len() }
        );
        assert!(read(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
