//! A small HTTP client: a connection for each request, so that many at once are truly many, and nothing
//! that a browser or a library would add by itself.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;

use hyper::body::Body as _;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A client of one server, with headers of its own.
#[derive(Clone, Debug)]
pub struct Client {
    address: SocketAddr,
    headers: Vec<(String, String)>,
}

/// A request to be.
#[derive(Clone, Debug)]
pub struct Ask {
    address: SocketAddr,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// What the server answered.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why there is no answer: the connection was refused or cut.
pub type NoAnswer = Box<dyn Error + Send + Sync>;

impl Client {
    /// A client of the server at `address`, which sends no header of its own but `Host`.
    pub const fn new(address: SocketAddr) -> Self {
        Self { address, headers: Vec::new() }
    }

    /// The same, sending this header with every request.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A request with this method.
    pub fn ask(&self, method: &str, path: &str) -> Ask {
        Ask {
            address: self.address,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: self.headers.clone(),
            body: String::new(),
        }
    }

    /// A GET.
    pub fn get(&self, path: &str) -> Ask {
        self.ask("GET", path)
    }

    /// A POST with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Ask {
        self.ask("POST", path).json(body)
    }
}

impl Ask {
    /// Adds a header; twice the same is sent twice.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// In the session of this token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/json").body(&body.to_string())
    }

    /// With a body as it is.
    pub fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    /// Sends it.
    ///
    /// # Panics
    ///
    /// When no answer comes.
    pub async fn send(self) -> Answer {
        let what = format!("{} {}", self.method, self.path);
        self.try_send().await.unwrap_or_else(|error| panic!("{what} was not answered: {error}"))
    }

    /// Sends it to a server that may be gone.
    pub async fn try_send(self) -> Result<Answer, NoAnswer> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the answer, or with the sender.
        tokio::spawn(connection);
        let mut request = hyper::Request::builder().method(&*self.method).uri(&self.path);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            request = request.header(HOST, self.address.to_string());
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = sender.send_request(request.body(self.body)?).await?;
        let (head, mut incoming) = response.into_parts();
        let mut body = Vec::new();
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx)).await {
            if let Ok(data) = frame?.into_data() {
                body.extend_from_slice(&data);
            }
        }
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A text in the JSON body, by its JSON pointer.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[track_caller]
    pub fn str(&self, pointer: &str) -> String {
        let json = self.json();
        let text = json.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no text at {pointer} of {self}")).to_owned()
    }

    /// The `code` of a problem; empty when it is none.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The first header of this name; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The `Set-Cookie` line of this cookie, and the value in it.
    pub fn cookie(&self, name: &str) -> Option<(String, String)> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines.filter_map(|line| line.to_str().ok()).find_map(|line| {
            let rest = line.strip_prefix(name)?.strip_prefix('=')?;
            let value = rest.split(';').next().unwrap_or_default();
            Some((line.to_owned(), value.to_owned()))
        })
    }

    /// Itself, when it has this status.
    ///
    /// # Panics
    ///
    /// When it has another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert!(self.status == status, "{status} was expected: {self}");
        self
    }

    /// Itself, when it is a problem of this status and code.
    ///
    /// # Panics
    ///
    /// When it is anything else.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        let is_problem = self.header("content-type").starts_with("application/problem+json");
        let so = self.status == status && self.code() == code && is_problem;
        assert!(so, "{status} {code} was expected: {self}");
        self
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.headers, self.text())
    }
}
