//! The background loops: mail workers, and the figures that are looked up now and then.
//!
//! A worker sends what is due, back to back while there is work. With nothing due it sleeps until a commit
//! rings the bell or its next look is due. Each worker looks at its own time, so that somebody looks every
//! half second although each of them rests longer. An outage ends no loop: it backs off and looks again.

use std::sync::Arc;
use std::time::Duration;

use rightful_crypto::hasher::Argon2Hasher;
use rightful_domain::Rightful;
use rightful_domain::letters::Delivery;
use rightful_domain::reason::Outage;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use crate::gauges::Gauges;

/// Letters that one lease takes.
const BATCH: u32 = 8;
/// Somebody looks into the queue at least this often.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The longest pause after failures in a row.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// What is over is forgotten soon after the start, but not during it, and then once a day.
const FORGET_FIRST: Duration = Duration::from_mins(10);
const FORGET_EVERY: Duration = Duration::from_hours(24);
/// How fresh the figures are.
const FIGURES_EVERY: Duration = Duration::from_secs(5);

/// The loops that run.
pub(crate) struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Workers {
    /// Starts `count` mail workers, the upkeep beside them, and the figures. With none, another process sends
    /// and tidies up, and only the figures are looked up here.
    pub(crate) fn start(
        rightful: &Arc<Rightful>,
        hasher: &Arc<Argon2Hasher>,
        bell: &Arc<Notify>,
        gauges: &Gauges,
        count: usize,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for number in 0..count {
            let (rightful, bell, gauges) = (Arc::clone(rightful), Arc::clone(bell), gauges.clone());
            let turn = Turn { number, of: count };
            tasks.spawn(send_letters(rightful, bell, gauges, turn, stopped.clone()));
        }
        if count > 0 {
            tasks.spawn(forget_past(Arc::clone(rightful), stopped.clone()));
        }
        tasks.spawn(look_up_figures(
            Arc::clone(rightful),
            Arc::clone(hasher),
            gauges.clone(),
            stopped,
        ));
        Self { stop, tasks }
    }

    /// [`Workers::stop`], with this much time from now on.
    pub(crate) async fn stop_within(self, time: Duration) {
        self.stop(Instant::now() + time).await;
    }

    /// Tells all of them to stop and waits until `deadline` for the letters under way. Who has not come to an end
    /// by then is cut off.
    pub(crate) async fn stop(mut self, deadline: Instant) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout_at(deadline, all).await.is_err() {
            tracing::warn!(
                "letters were under way too long; they are tried again when their lease ends"
            );
        }
    }
}

/// When a worker looks.
#[derive(Clone, Copy)]
struct Turn {
    number: usize,
    of: usize,
}

impl Turn {
    fn first(self) -> Duration {
        LOOK_EVERY * u32::try_from(self.number).unwrap_or(u32::MAX)
    }
    fn every(self) -> Duration {
        LOOK_EVERY * u32::try_from(self.of).unwrap_or(u32::MAX)
    }
}

async fn send_letters(
    rightful: Arc<Rightful>,
    bell: Arc<Notify>,
    gauges: Gauges,
    turn: Turn,
    mut stopped: watch::Receiver<bool>,
) {
    let mut pause = turn.first();
    let mut failures = 0;
    loop {
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stop| *stop) => return,
            // Straight after a failure the bell is not heard: the next try would most likely fail as well.
            () = bell.notified(), if failures == 0 => {}
            () = sleep(pause) => {}
        }
        // Back to back while there is work; between two leases it may be told to stop.
        while !*stopped.borrow() {
            match rightful.postroom().deliver_due(BATCH).await {
                Ok(deliveries) => {
                    failures = 0;
                    gauges.delivered(&deliveries);
                    tell(&deliveries);
                    if deliveries.is_empty() {
                        break;
                    }
                    if deliveries.len() == BATCH as usize {
                        // There is more than one can carry.
                        bell.notify_one();
                    }
                }
                Err(outage) => {
                    failures += 1;
                    tell_outage(&outage, failures);
                    break;
                }
            }
        }
        pause = if failures == 0 { turn.every() } else { back_off(failures) };
    }
}

/// One second, doubling.
fn back_off(failures: u32) -> Duration {
    (Duration::from_secs(1) * 2_u32.pow((failures - 1).min(8))).min(LONGEST_PAUSE)
}

/// Ids and kinds; never an address.
fn tell(deliveries: &[Delivery]) {
    for Delivery { letter, kind, outcome } in deliveries {
        use rightful_domain::letters::Outcome;
        let outcome_text = outcome.as_str();
        match outcome {
            Outcome::Sent | Outcome::Done => {
                tracing::info!(%letter, kind, outcome = outcome_text, "letter");
            }
            Outcome::Deferred | Outcome::LeaseLost => {
                tracing::warn!(%letter, kind, outcome = outcome_text, "letter");
            }
            Outcome::Dead => {
                tracing::error!(%letter, kind, outcome = outcome_text, "letter: see `rightful mail dead list`");
            }
        }
    }
}

fn tell_outage(outage: &Outage, failures: u32) {
    let cause = std::error::Error::source(outage).map(ToString::to_string);
    tracing::warn!(%outage, cause, failures, "the queue of letters cannot be worked on; trying again");
}

/// A server that cannot do it today does it tomorrow; two servers that do it both do no harm.
async fn forget_past(rightful: Arc<Rightful>, mut stopped: watch::Receiver<bool>) {
    let mut pause = FORGET_FIRST;
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = sleep(pause) => {}
        }
        pause = match rightful.retention().forget_past().await {
            Ok(()) => FORGET_EVERY,
            Err(outage) => {
                tracing::warn!(%outage, "what is over was not forgotten; tried again later");
                FORGET_FIRST
            }
        };
    }
}

async fn look_up_figures(
    rightful: Arc<Rightful>,
    hasher: Arc<Argon2Hasher>,
    gauges: Gauges,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        gauges.hashing(&hasher);
        match rightful.postroom().queue_state().await {
            Ok(state) => gauges.queue(state, rightful.ports().clock.now()),
            Err(outage) => tracing::debug!(%outage, "the figures of the queue stay as they were"),
        }
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = sleep(FIGURES_EVERY) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use rightful_domain::accounts::Origin;
    use rightful_domain::letters::{DeadLetter, LetterRecord, LetterRepository, QueueState};
    use rightful_domain::policy::Policy;
    use rightful_domain::registration::NewAccount;
    use rightful_domain::values::{Locale, Span, Timestamp};
    use rightful_testkit::builders::visit;
    use rightful_testkit::contract::Adapters;
    use rightful_testkit::memory::Memory;
    use rightful_testkit::world::World;

    use super::*;

    /// Letters that cannot be leased so many times.
    struct Flaky {
        inner: Arc<dyn LetterRepository>,
        failures: AtomicU32,
    }

    #[async_trait]
    impl LetterRepository for Flaky {
        async fn lease(
            &self,
            most: u32,
            now: Timestamp,
            life: Span,
        ) -> Result<Vec<LetterRecord>, Outage> {
            let left = self.failures.load(Ordering::SeqCst);
            if left > 0 {
                self.failures.store(left - 1, Ordering::SeqCst);
                return Err(Outage::failed("database", "away"));
            }
            self.inner.lease(most, now, life).await
        }
        async fn list_dead(&self, most: u32) -> Result<Vec<DeadLetter>, Outage> {
            self.inner.list_dead(most).await
        }
        async fn queue_state(&self) -> Result<QueueState, Outage> {
            self.inner.queue_state().await
        }
    }

    async fn posted(failures: u32) -> World {
        let mut adapters = Adapters::all_of(Arc::new(Memory::new()));
        adapters.letters = Arc::new(Flaky {
            inner: Arc::clone(&adapters.letters),
            failures: AtomicU32::new(failures),
        });
        let world = World::with(Policy::default(), adapters);
        for email in ["ada@example.org", "bob@example.org"] {
            let account = NewAccount {
                email,
                password: "correct horse battery",
                name: None,
                locale: Locale::En,
                origin: Origin::Direct,
            };
            world.rightful.registration().register(account, &visit()).await.unwrap();
        }
        world
    }

    /// Runs one worker until it has sent `letters`; how long that took by the clock of the runtime.
    async fn run_until_sent(world: &World, letters: usize) -> Duration {
        let began = Instant::now();
        let (stop, stopped) = watch::channel(false);
        let turn = Turn { number: 0, of: 4 };
        let (rightful, bell) = (Arc::new(world.rightful.clone()), Arc::new(Notify::new()));
        let worker = tokio::spawn(send_letters(rightful, bell, Gauges::default(), turn, stopped));
        while world.mailer.sent().len() < letters {
            assert!(!worker.is_finished(), "the loop ended by itself");
            assert!(began.elapsed() < Duration::from_hours(1), "no letter was sent");
            sleep(Duration::from_millis(10)).await;
        }
        let took = began.elapsed();
        stop.send_replace(true);
        worker.await.unwrap();
        took
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_sends_what_is_due_at_once() {
        let world = posted(0).await;
        assert!(run_until_sent(&world, 2).await < Duration::from_millis(100));
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_waited_out_and_ends_no_loop() {
        let world = posted(5).await;
        // 1 + 2 + 4 + 8 + 16 seconds.
        let took = run_until_sent(&world, 2).await;
        assert!((Duration::from_secs(31)..Duration::from_secs(32)).contains(&took), "{took:?}");
    }

    #[test]
    fn pauses_grow_and_end_at_half_a_minute() {
        let pauses: Vec<u64> = (1..9).map(|failures| back_off(failures).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(back_off(u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn somebody_looks_every_half_second() {
        let looks: Vec<Duration> = (0..4).map(|number| Turn { number, of: 4 }.first()).collect();
        assert_eq!(looks, [0, 500, 1000, 1500].map(Duration::from_millis));
        assert_eq!(Turn { number: 3, of: 4 }.every(), Duration::from_secs(2));
    }
}
