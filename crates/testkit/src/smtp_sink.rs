//! A mail server that keeps what it is given, and refuses the mailboxes that a test names (RFC 5321, without
//! TLS). A message is kept before it is acknowledged, so that a sender which is killed in between has sent it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running mail server. It ends with this value.
#[derive(Debug)]
pub struct SmtpSink {
    port: u16,
    shelf: Arc<Mutex<Shelf>>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shelf {
    messages: Vec<Message>,
    refused: BTreeSet<String>,
    away: bool,
}

/// A message that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Of the envelope.
    pub to: String,
    /// Headers and body, as they came.
    pub data: String,
}

impl SmtpSink {
    /// A mail server on a free port of 127.0.0.1.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shelf = Arc::new(Mutex::new(Shelf::default()));
        let kept = Arc::clone(&shelf);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shelf = Arc::clone(&kept);
                // A sender that goes away in the middle is its own affair.
                tokio::spawn(async move { drop(converse(stream, &shelf).await) });
            }
        });
        Self { port, shelf, accepting }
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// What was taken, the first first.
    pub fn messages(&self) -> Vec<Message> {
        locked(&self.shelf).messages.clone()
    }

    /// From now on it hangs up on everybody, or it is back.
    pub fn be_away(&self, away: bool) {
        locked(&self.shelf).away = away;
    }

    /// From now on there is no such mailbox, or there is again.
    pub fn refuse(&self, to: &str, gone: bool) {
        let refused = &mut locked(&self.shelf).refused;
        if gone {
            refused.insert(to.to_owned());
        } else {
            refused.remove(to);
        }
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn converse(stream: TcpStream, shelf: &Mutex<Shelf>) -> std::io::Result<()> {
    if locked(shelf).away {
        return Ok(());
    }
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let mut to = String::new();
    writing.write_all(b"220 sink\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let answer = match &*verb {
            "EHLO" => "250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "RCPT" => {
                let path = line.split(['<', '>']).nth(1).unwrap_or_default();
                path.clone_into(&mut to);
                if locked(shelf).refused.contains(&to) {
                    "550 5.1.1 no such mailbox\r\n"
                } else {
                    "250 2.1.5 ok\r\n"
                }
            }
            "DATA" => {
                writing.write_all(b"354 go on\r\n").await?;
                let mut data = String::new();
                loop {
                    let Some(line) = lines.next_line().await? else { return Ok(()) };
                    if line == "." {
                        break;
                    }
                    data.push_str(line.strip_prefix('.').unwrap_or(&line));
                    data.push_str("\r\n");
                }
                locked(shelf).messages.push(Message { to: to.clone(), data });
                "250 2.0.0 taken\r\n"
            }
            "QUIT" => {
                writing.write_all(b"221 2.0.0 bye\r\n").await?;
                return Ok(());
            }
            "MAIL" | "RSET" | "NOOP" | "HELO" => "250 2.0.0 ok\r\n",
            _ => "502 5.5.1 not here\r\n",
        };
        writing.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

impl Message {
    /// The letter's id, of which the Message-ID is made.
    pub fn id(&self) -> &str {
        self.header("Message-ID").trim_start_matches('<').split('@').next().unwrap_or_default()
    }

    /// A header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default();
        let find = |line: &'_ str| line.split_once(": ").is_some_and(|(known, _)| known == name);
        let line = head.lines().find(|line| find(line));
        line.and_then(|line| line.split_once(": ")).map(|(_, value)| value).unwrap_or_default()
    }

    /// The whole message with its quoted-printable (RFC 2045 §6.7) read.
    pub fn text(&self) -> String {
        let joined = self.data.replace("=\r\n", "");
        let mut bytes = Vec::with_capacity(joined.len());
        let mut rest = joined.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            let quoted = after.get(..2).filter(|_| *first == b'=');
            let byte = quoted.and_then(|two| std::str::from_utf8(two).ok());
            if let Some(byte) = byte.and_then(|two| u8::from_str_radix(two, 16).ok()) {
                bytes.push(byte);
                rest = &after[2..];
            } else {
                bytes.push(*first);
                rest = after;
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The secret of its link; `None` when it has none.
    pub fn secret(&self) -> Option<String> {
        let text = self.text();
        let after = text.split_once("/links/")?.1.split_once('#')?.1;
        let is_of_it = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        Some(after.chars().take_while(|c| is_of_it(*c)).collect())
    }
}

fn locked(shelf: &Mutex<Shelf>) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_gives_its_id_and_its_secret() {
        let data = "Message-ID: <ltr_1@shop.example>\r\nSubject: x\r\n\r\n\
                    https://shop.example/links/verify#vf=\r\ny_a=2Db_c\r\nbye\r\n";
        let message = Message { to: String::from("a@b.example"), data: data.to_owned() };
        assert_eq!(message.id(), "ltr_1");
        assert_eq!(message.secret().as_deref(), Some("vfy_a-b_c"));
        assert_eq!(message.header("Bcc"), "");
    }
}
