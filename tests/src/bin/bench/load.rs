//! Load: as much as a number of connections take, or so much a second whatever comes of it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::Outcome;
use crate::client::{Answer, Connection};
use crate::figures::Latencies;

/// Requests, ready to be sent, that are sent one after the other and then from the first one again.
#[derive(Clone)]
pub(crate) struct Requests {
    all: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
}

impl Requests {
    pub(crate) fn new(all: Vec<Vec<u8>>) -> Self {
        Self { all: Arc::new(all), next: Arc::default() }
    }

    /// Whether some were sent a second time.
    pub(crate) fn came_round(&self) -> bool {
        self.next.load(Ordering::Relaxed) > self.all.len()
    }

    fn next(&self) -> &[u8] {
        &self.all[self.next.fetch_add(1, Ordering::Relaxed) % self.all.len()]
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Answers that did what was asked.
    pub(crate) done: Latencies,
    /// 429 and 503.
    pub(crate) refused: Latencies,
    /// Those of them that were 429: one's own limit, not the server's.
    pub(crate) too_often: usize,
    /// Those of them that said when to come back.
    pub(crate) refused_with_when: usize,
    /// Any other answer, no answer within half a minute, or no connection.
    pub(crate) failed: usize,
    /// How long it went on, to the last answer.
    pub(crate) time: Duration,
}

impl Tally {
    /// What was done a second.
    pub(crate) fn rate(&self) -> f64 {
        count(self.done.len()) / self.time.as_secs_f64()
    }

    /// An error where anything was not done: the figure would be of something else.
    pub(crate) fn all_done(self, what: &str) -> Outcome<Self> {
        let (refused, failed) = (self.refused.len(), self.failed);
        if refused + failed > 0 || self.done.is_empty() {
            return Err(format!(
                "{what}: {} done, {refused} refused, {failed} failed",
                self.done.len()
            )
            .into());
        }
        Ok(self)
    }

    fn count(&mut self, answer: Option<Answer>, took: Duration) {
        match answer {
            Some(Answer { status: 200..=299, .. }) => self.done.push(took),
            Some(Answer { status: status @ (429 | 503), says_when, .. }) => {
                self.refused.push(took);
                self.too_often += usize::from(status == 429);
                self.refused_with_when += usize::from(says_when);
            }
            _ => self.failed += 1,
        }
    }

    fn merge(&mut self, other: Self) {
        self.done.merge(other.done);
        self.refused.merge(other.refused);
        self.too_often += other.too_often;
        self.refused_with_when += other.refused_with_when;
        self.failed += other.failed;
    }
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "nothing here is counted to 2^52")]
pub(crate) fn count(n: usize) -> f64 {
    n as f64
}

/// Each connection asks, waits for the answer and asks again.
pub(crate) async fn closed(
    to: SocketAddr,
    connections: usize,
    time: Duration,
    requests: &Requests,
) -> Outcome<Tally> {
    let mut opened = Vec::with_capacity(connections);
    for _ in 0..connections {
        opened.push(Connection::open(to).await?);
    }
    let began = Instant::now();
    let end = began + time;
    let mut clients = JoinSet::new();
    for mut connection in opened {
        let requests = requests.clone();
        clients.spawn(async move {
            let mut tally = Tally::default();
            let mut asked_at = Instant::now();
            while asked_at < end {
                let answer = connection.ask(requests.next()).await.ok();
                let now = Instant::now();
                tally.count(answer, now - asked_at);
                if answer.is_none() {
                    break;
                }
                asked_at = now;
            }
            tally
        });
    }
    let mut all = Tally::default();
    while let Some(tally) = clients.join_next().await {
        all.merge(tally?);
    }
    all.time = began.elapsed();
    Ok(all)
}

/// So many a second, whatever comes of the earlier ones. The time of an answer counts from when its request
/// was due, so waiting is not left out.
pub(crate) async fn open(
    to: SocketAddr,
    per_second: f64,
    time: Duration,
    requests: &Requests,
) -> Outcome<Tally> {
    const PATIENCE: Duration = Duration::from_secs(30);
    // The server closes what has been idle for 15 seconds, as clients know.
    const IDLE: Duration = Duration::from_secs(10);
    let free: Arc<Mutex<Vec<(Connection, Instant)>>> = Arc::default();
    let began = Instant::now();
    let mut asked = JoinSet::new();
    for n in 0_u32.. {
        let due = began + Duration::from_secs_f64(f64::from(n) / per_second);
        if due >= began + time {
            break;
        }
        sleep_until(due).await;
        let (requests, free) = (requests.clone(), Arc::clone(&free));
        asked.spawn(async move {
            let kept = free.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let answer = timeout(PATIENCE, async {
                let mut connection = match kept {
                    Some((connection, since)) if since.elapsed() < IDLE => connection,
                    _ => Connection::open(to).await?,
                };
                let answer = connection.ask(requests.next()).await?;
                let kept = (connection, Instant::now());
                free.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
                std::io::Result::Ok(answer)
            })
            .await;
            (answer.ok().and_then(Result::ok), due.elapsed())
        });
    }
    let mut all = Tally::default();
    while let Some(one) = asked.join_next().await {
        let (answer, took) = one?;
        all.count(answer, took);
    }
    all.time = began.elapsed();
    Ok(all)
}
