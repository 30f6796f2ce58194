//! A fixed number of operating system threads for work that burns a core for milliseconds, so that the
//! threads that serve requests never do.
//!
//! - One queue, first in first out, with an end: past it the answer is [`Outage::Overloaded`] at once. A
//!   queue without end would only turn a busy minute into answers that come after everybody has left.
//! - Work that nobody waits for any more is skipped, and gives its place in a full queue to work that is
//!   waited for.
//! - Work that has waited longer than `max_wait` is refused instead of done: the client has given up or is
//!   about to, and everybody behind it would wait longer still.
//! - There are no lanes within the queue: whoever asks too often is held back by the throttle in front, which
//!   knows who asks; here all look alike.
//! - Each thread keeps scratch memory from job to job and lets it go when it has had nothing to do for
//!   `rest_after`, so that an idle server is small.

use std::any::Any;
use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use rightful_domain::reason::Outage;
use tokio::sync::oneshot;

/// The bounds of a pool.
#[derive(Clone, Debug)]
pub(crate) struct PoolSettings {
    /// Threads, at least one.
    pub(crate) threads: usize,
    /// Jobs that may wait beside those that run.
    pub(crate) queue: usize,
    /// How much lower than the rest of the process the threads rank, 0 to 19.
    pub(crate) nice: i32,
    /// The longest that a job may have waited when its turn comes.
    pub(crate) max_wait: Duration,
    /// How long a thread keeps its scratch memory with nothing to do.
    pub(crate) rest_after: Duration,
}

/// What became of the jobs so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PoolCounts {
    /// Begun.
    pub(crate) run: u64,
    /// Refused: the queue was full, or they had waited too long.
    pub(crate) refused: u64,
    /// Skipped: their clients had gone.
    pub(crate) skipped: u64,
    /// Waiting now.
    pub(crate) waiting: usize,
}

/// The pool. `S` is what each thread keeps from job to job. Dropping it ends the threads: each finishes the
/// job that it is at, jobs that wait are answered with an outage.
pub(crate) struct Pool<S> {
    shared: Arc<Shared<S>>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared<S> {
    settings: PoolSettings,
    queue: Mutex<Queue<S>>,
    wake: Condvar,
    run: AtomicU64,
    refused: AtomicU64,
    skipped: AtomicU64,
}

struct Queue<S> {
    waiting: VecDeque<Waiting<S>>,
    open: bool,
}

struct Waiting<S> {
    since: Instant,
    job: Box<dyn Job<S>>,
}

/// A piece of work together with the one who waits for its result.
trait Job<S>: Send {
    fn is_wanted(&self) -> bool;
    fn run(self: Box<Self>, scratch: &mut S);
    fn refuse(self: Box<Self>);
}

struct Task<F, T> {
    work: F,
    reply: oneshot::Sender<Result<T, Outage>>,
}

impl<S, T: Send, F: FnOnce(&mut S) -> T + Send> Job<S> for Task<F, T> {
    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn run(self: Box<Self>, scratch: &mut S) {
        let Self { work, reply } = *self;
        // The client may go while we work; then there is nobody to tell.
        drop(reply.send(Ok(work(scratch))));
    }

    fn refuse(self: Box<Self>) {
        drop(self.reply.send(Err(Outage::Overloaded)));
    }
}

/// What a thread does next.
enum Turn<S> {
    Work(Waiting<S>),
    Rest,
    End,
}

impl<S: Default + 'static> Pool<S> {
    /// Starts the threads. An error when the operating system refuses one; those already begun end again.
    pub(crate) fn start(name: &str, settings: PoolSettings) -> io::Result<Self> {
        let count = settings.threads;
        let shared = Arc::new(Shared {
            settings,
            queue: Mutex::new(Queue { waiting: VecDeque::new(), open: true }),
            wake: Condvar::new(),
            run: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
        });
        let mut pool = Self { shared, threads: Vec::with_capacity(count) };
        for _ in 0..count {
            let shared = Arc::clone(&pool.shared);
            pool.threads.push(Builder::new().name(name.to_owned()).spawn(move || shared.serve())?);
        }
        Ok(pool)
    }

    /// Has a thread do `work` and waits for its result without blocking. [`Outage::Overloaded`] when too
    /// much waits already. Dropping the future withdraws work that has not begun.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, Outage>
    where
        T: Send + 'static,
        F: FnOnce(&mut S) -> T + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.shared.admit(Box::new(Task { work, reply }))?;
        match answer.await {
            Ok(result) => result,
            Err(gone) => Err(Outage::failed("the hashing threads", gone)),
        }
    }
}

impl<S> Pool<S> {
    /// What became of the jobs so far.
    pub(crate) fn counts(&self) -> PoolCounts {
        let waiting = self.shared.lock().waiting.len();
        PoolCounts {
            run: self.shared.run.load(Ordering::Relaxed),
            refused: self.shared.refused.load(Ordering::Relaxed),
            skipped: self.shared.skipped.load(Ordering::Relaxed),
            waiting,
        }
    }
}

impl<S> Drop for Pool<S> {
    fn drop(&mut self) {
        let abandoned = {
            let mut queue = self.shared.lock();
            queue.open = false;
            std::mem::take(&mut queue.waiting)
        };
        self.shared.wake.notify_all();
        drop(abandoned);
        for thread in self.threads.drain(..) {
            // Panics of jobs are caught and told where they happen, so that a thread ends only in peace.
            drop(thread.join());
        }
    }
}

impl<S> Shared<S> {
    /// No code of a job runs under this lock except the question whether it is wanted, so the queue is whole
    /// even after a panic elsewhere.
    fn lock(&self) -> MutexGuard<'_, Queue<S>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, job: Box<dyn Job<S>>) -> Result<(), Outage> {
        #[expect(clippy::disallowed_methods, reason = "measures a wait; no rule sees it")]
        let since = Instant::now();
        let mut queue = self.lock();
        if queue.waiting.len() >= self.settings.queue {
            // Before anybody is sent away, those who have left give up their places.
            let before = queue.waiting.len();
            queue.waiting.retain(|waiting| waiting.job.is_wanted());
            count(&self.skipped, before - queue.waiting.len());
        }
        if queue.waiting.len() >= self.settings.queue {
            count(&self.refused, 1);
            return Err(Outage::Overloaded);
        }
        queue.waiting.push_back(Waiting { since, job });
        drop(queue);
        self.wake.notify_one();
        Ok(())
    }

    /// Blocks until there is something to do. Rests are only offered to a thread that holds scratch memory.
    fn next(&self, holds_scratch: bool) -> Turn<S> {
        let mut queue = self.lock();
        loop {
            if !queue.open {
                return Turn::End;
            }
            while let Some(waiting) = queue.waiting.pop_front() {
                if waiting.job.is_wanted() {
                    return Turn::Work(waiting);
                }
                count(&self.skipped, 1);
            }
            if holds_scratch {
                let (guard, timeout) = self
                    .wake
                    .wait_timeout(queue, self.settings.rest_after)
                    .unwrap_or_else(PoisonError::into_inner);
                queue = guard;
                if timeout.timed_out() && queue.waiting.is_empty() && queue.open {
                    return Turn::Rest;
                }
            } else {
                queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl<S: Default> Shared<S> {
    /// The life of one thread.
    fn serve(&self) {
        lower_priority(self.settings.nice);
        let mut scratch: Option<S> = None;
        loop {
            match self.next(scratch.is_some()) {
                Turn::End => return,
                Turn::Rest => scratch = None,
                Turn::Work(waiting) if waiting.since.elapsed() >= self.settings.max_wait => {
                    count(&self.refused, 1);
                    waiting.job.refuse();
                }
                Turn::Work(waiting) => {
                    count(&self.run, 1);
                    let kept = scratch.get_or_insert_default();
                    // A panic must not cost a thread: the pool would shrink without a word until nobody can
                    // sign in. The client of that job is told by the reply that was dropped.
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| waiting.job.run(kept))) {
                        tracing::error!(
                            panic = panic_text(&*panic),
                            "a job of the hashing threads panicked"
                        );
                        scratch = None;
                    }
                }
            }
        }
    }
}

fn count(counter: &AtomicU64, more: usize) {
    counter.fetch_add(more as u64, Ordering::Relaxed);
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

/// Ranks the calling thread, and no other, below those that serve requests. Linux keeps this number for each
/// thread; elsewhere it belongs to the process, so there it is left alone.
#[cfg(target_os = "linux")]
fn lower_priority(nice: i32) {
    if nice == 0 {
        return;
    }
    if let Err(error) = rustix::process::nice(nice) {
        tracing::warn!(%error, "hashing threads keep the priority of the others");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority(_nice: i32) {}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn settings(threads: usize, queue: usize) -> PoolSettings {
        PoolSettings {
            threads,
            queue,
            nice: 0,
            max_wait: Duration::from_mins(10),
            rest_after: Duration::from_mins(10),
        }
    }

    fn pool(threads: usize, queue: usize) -> Arc<Pool<()>> {
        Arc::new(Pool::start("test", settings(threads, queue)).unwrap())
    }

    /// Keeps the threads of a pool busy until it is dropped.
    struct Gate(Vec<mpsc::Sender<()>>);

    impl Gate {
        async fn close(pool: &Arc<Pool<()>>, threads: usize) -> Self {
            let mut holds = Vec::new();
            for _ in 0..threads {
                let (hold, until_released) = mpsc::channel::<()>();
                let (begun, has_begun) = oneshot::channel();
                let pool = Arc::clone(pool);
                tokio::spawn(async move {
                    pool.run(move |()| {
                        begun.send(()).unwrap();
                        until_released.recv().unwrap_err();
                    })
                    .await
                    .unwrap();
                });
                has_begun.await.unwrap();
                holds.push(hold);
            }
            Self(holds)
        }

        fn open(self) {
            drop(self.0);
        }
    }

    /// Polls once, which is what puts the work into the queue.
    fn begin<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test]
    async fn past_the_end_of_the_queue_the_answer_comes_at_once_and_the_pool_recovers() {
        let pool = pool(1, 2);
        let gate = Gate::close(&pool, 1).await;
        let mut first = pin!(pool.run(|()| 1));
        let mut second = pin!(pool.run(|()| 2));
        assert!(begin(first.as_mut()).is_pending());
        assert!(begin(second.as_mut()).is_pending());
        // The thread is held, so only an answer that waits for no thread can be ready at the first poll.
        let mut third = pin!(pool.run(|()| 3));
        assert!(matches!(begin(third.as_mut()), Poll::Ready(Err(Outage::Overloaded))));
        assert_eq!(pool.counts(), PoolCounts { run: 1, refused: 1, skipped: 0, waiting: 2 });

        gate.open();
        assert_eq!(first.await.unwrap(), 1);
        assert_eq!(second.await.unwrap(), 2);
        assert_eq!(pool.run(|()| 4).await.unwrap(), 4);
    }

    #[tokio::test]
    async fn first_in_first_out() {
        let pool = pool(1, 100);
        let gate = Gate::close(&pool, 1).await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut all: Vec<_> = (0..100)
            .map(|n| {
                let order = Arc::clone(&order);
                Box::pin(pool.run(move |()| order.lock().unwrap().push(n)))
            })
            .collect();
        for one in &mut all {
            assert!(begin(one.as_mut()).is_pending());
        }
        gate.open();
        for one in all {
            one.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..100).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn work_whose_client_has_gone_is_skipped() {
        let pool = pool(1, 10);
        let gate = Gate::close(&pool, 1).await;
        let (done, was_done) = mpsc::channel();
        for _ in 0..3 {
            let done = done.clone();
            let mut gone = Box::pin(pool.run(move |()| done.send(()).unwrap()));
            assert!(begin(gone.as_mut()).is_pending());
        }
        drop(done);
        let mut stays = pin!(pool.run(|()| "done"));
        assert!(begin(stays.as_mut()).is_pending());
        gate.open();
        assert_eq!(stays.await.unwrap(), "done");
        assert!(was_done.recv().is_err(), "work for nobody was done");
        assert_eq!(pool.counts(), PoolCounts { run: 2, refused: 0, skipped: 3, waiting: 0 });
    }

    #[tokio::test]
    async fn those_who_left_give_up_their_places_in_a_full_queue() {
        let pool = pool(1, 2);
        let gate = Gate::close(&pool, 1).await;
        for _ in 0..2 {
            let mut gone = Box::pin(pool.run(|()| ()));
            assert!(begin(gone.as_mut()).is_pending());
        }
        let mut stays = pin!(pool.run(|()| 5));
        assert!(begin(stays.as_mut()).is_pending(), "refused although nobody waits");
        assert_eq!(pool.counts().skipped, 2);
        gate.open();
        assert_eq!(stays.await.unwrap(), 5);
    }

    #[tokio::test]
    async fn what_has_waited_too_long_is_refused_and_not_done() {
        let late = PoolSettings { max_wait: Duration::ZERO, ..settings(1, 10) };
        let pool = Pool::<()>::start("test", late).unwrap();
        let (done, was_done) = mpsc::channel::<()>();
        let answer = pool.run(move |()| done.send(()).unwrap()).await;
        assert!(matches!(answer, Err(Outage::Overloaded)));
        assert!(was_done.recv().is_err());
        assert_eq!(pool.counts(), PoolCounts { run: 0, refused: 1, skipped: 0, waiting: 0 });
    }

    #[tokio::test]
    async fn a_panic_is_told_to_its_client_and_costs_no_thread() {
        let pool = pool(1, 10);
        for _ in 0..3 {
            let answer = pool.run(|()| -> u8 { panic!("a bug") }).await;
            assert!(matches!(answer, Err(Outage::Failed { part: "the hashing threads", .. })));
        }
        assert_eq!(pool.run(|()| 6).await.unwrap(), 6);
    }

    #[tokio::test]
    async fn every_thread_works() {
        let pool = pool(3, 10);
        // Each holds one thread, so this returns only when three threads serve at the same time.
        Gate::close(&pool, 3).await.open();
    }

    /// Scratch memory that tells when it is let go. Tests that use it run one pool each.
    #[derive(Default)]
    struct Scratch(Option<mpsc::Sender<&'static str>>);

    impl Drop for Scratch {
        fn drop(&mut self) {
            if let Some(tell) = self.0.take() {
                tell.send("let go").unwrap();
            }
        }
    }

    #[tokio::test]
    async fn scratch_is_kept_from_job_to_job() {
        let pool = Pool::<Vec<u8>>::start("test", settings(1, 10)).unwrap();
        assert_eq!(pool.run(|kept| (kept.push(1), kept.len()).1).await.unwrap(), 1);
        assert_eq!(pool.run(|kept| (kept.push(1), kept.len()).1).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_thread_with_nothing_to_do_lets_its_scratch_go_and_works_on_later() {
        let restless = PoolSettings { rest_after: Duration::ZERO, ..settings(1, 10) };
        let pool = Pool::<Scratch>::start("test", restless).unwrap();
        for _ in 0..3 {
            let (tell, told) = mpsc::channel();
            pool.run(move |kept: &mut Scratch| assert!(kept.0.replace(tell).is_none()))
                .await
                .unwrap();
            // The minute only ends a broken run; a sound one is told at once.
            assert_eq!(told.recv_timeout(Duration::from_mins(1)), Ok("let go"));
        }
    }

    #[tokio::test]
    async fn dropping_the_pool_ends_its_threads_and_answers_those_who_wait() {
        let pool = Pool::<Scratch>::start("test", settings(2, 10)).unwrap();
        let (tell, told) = mpsc::channel();
        pool.run(move |kept: &mut Scratch| kept.0 = Some(tell)).await.unwrap();
        let shared = Arc::downgrade(&pool.shared);
        drop(pool);
        assert_eq!(told.try_recv(), Ok("let go"), "the thread still holds its memory");
        assert!(shared.upgrade().is_none(), "a thread still runs");
    }

    #[tokio::test]
    async fn jobs_that_wait_when_the_pool_ends_are_answered_and_not_done() {
        let pool = Pool::<()>::start("test", settings(1, 10)).unwrap();
        let (hold, until_released) = mpsc::channel::<()>();
        let (begun, has_begun) = oneshot::channel();
        let (reply, running) = oneshot::channel();
        let work = move |(): &mut ()| {
            begun.send(()).unwrap();
            until_released.recv().unwrap_err();
        };
        pool.shared.admit(Box::new(Task { work, reply })).unwrap();
        has_begun.await.unwrap();
        let (reply, waiting) = oneshot::channel();
        let work = |(): &mut ()| unreachable!("done after the end");
        pool.shared.admit(Box::new(Task { work, reply })).unwrap();

        let end = std::thread::spawn(move || drop(pool));
        assert!(waiting.await.is_err());
        drop(hold);
        end.join().unwrap();
        assert!(matches!(running.await, Ok(Ok(()))), "what had begun was not finished");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_the_threads_of_the_pool_rank_lower() {
        let here = rustix::process::getpriority_process(None).unwrap();
        let pool = Pool::<()>::start("test", PoolSettings { nice: 7, ..settings(1, 1) }).unwrap();
        let there =
            pool.run(|()| rustix::process::getpriority_process(None)).await.unwrap().unwrap();
        assert_eq!(there, (here + 7).min(19));
        assert_eq!(rustix::process::getpriority_process(None).unwrap(), here);
    }
}
