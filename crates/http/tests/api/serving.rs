//! The accept loop, over real sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use poem::endpoint::make;
use poem::{Endpoint, Request};
use rightful_http::{Limits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::support::Shop;

const REQUEST: &[u8] = b"GET /v1/session/label HTTP/1.1\r\nHost: x\r\n\r\n";

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

async fn start(endpoint: impl Endpoint + 'static, limits: Limits) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let done = tokio::spawn(serve(listener, endpoint, limits, async {
        stopped.await.unwrap_or_default();
    }));
    Server { address, stop, done }
}

fn limits(header: u64) -> Limits {
    Limits { header: Duration::from_millis(header), ..Limits::default() }
}

async fn api(limits: Limits) -> Server {
    let shop = Shop::new();
    start(Arc::clone(&shop.api), limits).await
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// One answer to one request, whose connection stays open.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> String {
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read =
            timeout(Duration::from_secs(5), stream.read(&mut buffer)).await.unwrap().unwrap();
        answer.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&answer);
        if read == 0 {
            return text.into_owned();
        }
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|l| {
                l.to_lowercase()
                    .strip_prefix("content-length: ")
                    .map(|n| n.parse::<usize>().unwrap())
            });
            if length.is_some_and(|length| body.len() >= length) {
                return text.into_owned();
            }
        }
    }
}

/// How long the server keeps a connection on which `sent` is all that ever comes.
async fn time_until_closed(server: &Server, sent: &[u8]) -> Duration {
    let mut stream = server.connect().await;
    stream.write_all(sent).await.unwrap();
    let began = Instant::now();
    let mut rest = Vec::new();
    let end = timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    assert!(end.is_ok(), "still open after 5 s");
    began.elapsed()
}

#[tokio::test]
async fn requests_are_answered_on_one_connection() {
    let server = api(limits(5_000)).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        let answer = exchange(&mut stream, REQUEST).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\"signed_out\""), "{answer}");
    }
    let refused = exchange(&mut stream, b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(refused.contains("application/problem+json") && refused.contains("not_found"));
}

#[tokio::test]
async fn silent_and_dripping_clients_are_cut_off() {
    let server = api(limits(300)).await;
    for sent in [&b""[..], b"GET /v1/session", REQUEST] {
        let took = time_until_closed(&server, sent).await;
        let fits = (Duration::from_millis(250)..Duration::from_secs(3)).contains(&took);
        assert!(fits, "{:?} after {}", took, String::from_utf8_lossy(sent));
    }
    // A byte now and then does not help.
    let mut stream = server.connect().await;
    let began = Instant::now();
    let mut closed = false;
    for byte in REQUEST.iter().cycle().take(200) {
        let wrote = stream.write_all(&[*byte]).await;
        let mut buffer = [0; 1];
        let read = timeout(Duration::from_millis(20), stream.read(&mut buffer)).await;
        if wrote.is_err() || matches!(read, Ok(Ok(0) | Err(_))) {
            closed = true;
            break;
        }
    }
    assert!(closed && began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_head_of_a_request_has_an_end() {
    let server = api(limits(5_000)).await;
    let mut stream = server.connect().await;
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(128 * 1024));
    // The server answers and closes while the rest is still on its way: how much was written is no matter.
    let (mut read, mut write) = stream.split();
    let sent = write.write_all(long.as_bytes());
    let mut answer = vec![0; 12];
    let (sent, answered) = tokio::join!(sent, read.read_exact(&mut answer));
    assert!(sent.is_ok() || answered.is_ok());
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 431");
}

#[tokio::test]
async fn connections_beyond_the_cap_wait_for_a_place() {
    let server = api(Limits { connections: 1, ..limits(5_000) }).await;
    let mut first = server.connect().await;
    exchange(&mut first, REQUEST).await;
    let mut second = server.connect().await;
    second.write_all(REQUEST).await.unwrap();
    let mut buffer = [0; 1];
    let early = timeout(Duration::from_millis(200), second.read(&mut buffer)).await;
    assert!(early.is_err(), "answered beside the first");
    drop(first);
    let answered = timeout(Duration::from_secs(3), second.read(&mut buffer)).await;
    assert!(matches!(answered, Ok(Ok(1))), "{answered:?}");
}

/// An endpoint that tells when it has begun, and answers when it is let.
fn held() -> (impl Endpoint<Output = &'static str> + 'static, Arc<Notify>, Arc<Notify>) {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (Arc::clone(&begun), Arc::clone(&go));
    let endpoint = make(move |_: Request| {
        let (tell, wait) = (Arc::clone(&tell), Arc::clone(&wait));
        async move {
            tell.notify_one();
            wait.notified().await;
            poem::Result::<&'static str>::Ok("finished")
        }
    });
    (endpoint, begun, go)
}

#[tokio::test]
async fn the_stop_finishes_what_is_under_way_and_lets_idle_clients_go() {
    let (endpoint, begun, go) = held();
    let server = start(endpoint, limits(5_000)).await;
    let idle = server.connect().await;
    let mut busy = server.connect().await;
    let answer = tokio::spawn(async move { exchange(&mut busy, REQUEST).await });
    begun.notified().await;
    server.stop.send(()).unwrap();
    // The listener is closed, the work is not.
    let closed = async {
        while TcpStream::connect(server.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(3), closed).await.unwrap();
    assert!(!server.done.is_finished());
    go.notify_one();
    assert!(answer.await.unwrap().ends_with("finished"));
    timeout(Duration::from_secs(3), server.done).await.unwrap().unwrap();
    drop(idle);
}

#[tokio::test]
async fn the_grace_period_ends() {
    let (endpoint, begun, _go) = held();
    let limits = Limits { grace: Duration::from_millis(200), ..limits(5_000) };
    let server = start(endpoint, limits).await;
    let mut busy = server.connect().await;
    busy.write_all(REQUEST).await.unwrap();
    begun.notified().await;
    server.stop.send(()).unwrap();
    timeout(Duration::from_secs(3), server.done).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_slow_answer_is_not_cut_off_by_the_limit_for_heads() {
    let (endpoint, begun, go) = held();
    let server = start(endpoint, limits(200)).await;
    let mut stream = server.connect().await;
    let answer = tokio::spawn(async move { exchange(&mut stream, REQUEST).await });
    begun.notified().await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    go.notify_one();
    assert!(answer.await.unwrap().ends_with("finished"));
}

/// More than the buffers of two sockets take.
const LONG: usize = 24 * 1024 * 1024;

fn long_answers() -> impl Endpoint + 'static {
    make(|_: Request| async { poem::Result::<Vec<u8>>::Ok(vec![b'x'; LONG]) })
}

/// A client that reads slowly is served, one that does not read at all makes room for others.
#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let write = Duration::from_millis(500);
    let server = start(long_answers(), Limits { connections: 1, write, ..limits(5_000) }).await;

    let mut slow = server.connect().await;
    slow.write_all(REQUEST).await.unwrap();
    let began = Instant::now();
    let (mut buffer, mut read) = (vec![0; 1024 * 1024], 0);
    while read < LONG {
        let some = timeout(Duration::from_secs(5), slow.read(&mut buffer)).await.unwrap().unwrap();
        assert!(some > 0, "cut off after {read} bytes");
        read += some;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(began.elapsed() > write, "too quick to tell: {:?}", began.elapsed());
    drop(slow);

    let mut deaf = server.connect().await;
    deaf.write_all(REQUEST).await.unwrap();
    // There is one place: whoever comes next is answered when the deaf one has lost it.
    let mut next = server.connect().await;
    next.write_all(REQUEST).await.unwrap();
    let began = Instant::now();
    let answered = timeout(Duration::from_secs(5), next.read(&mut buffer)).await;
    assert!(matches!(answered, Ok(Ok(1..))), "{answered:?}");
    assert!(began.elapsed() > write / 2, "not held up at all: {:?}", began.elapsed());
    drop(deaf);
}
