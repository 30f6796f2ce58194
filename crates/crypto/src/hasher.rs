//! Password hashing with argon2id (RFC 9106) on threads of its own, kept as PHC strings.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use argon2::password_hash::phc;
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use async_trait::async_trait;
use rightful_domain::ports::{PasswordHasher, PasswordMatch};
use rightful_domain::reason::Outage;
use rightful_domain::values::{PasswordHash, TypedPassword};
use thiserror::Error;
use zeroize::Zeroize;

use crate::entropy::random;
use crate::pool::{Pool, PoolSettings};

/// How passwords are hashed, and by how many threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashSettings {
    /// Memory of one hash in KiB.
    pub memory_kib: u32,
    /// How often a hash goes over its memory.
    pub passes: u32,
    /// Lanes of the memory. One thread computes them one after the other; more than one is for hashes that
    /// came from elsewhere.
    pub lanes: u32,
    /// Hashing threads; `None` is one for each core. More are no faster, and each holds `memory_kib`.
    pub threads: Option<usize>,
    /// Hashes that may wait; the next one is refused with [`Outage::Overloaded`].
    pub queue: usize,
    /// How much lower than the rest of the process the hashing threads rank, 0 to 19 (Linux).
    pub nice: i32,
}

impl HashSettings {
    /// How many hashes may wait for each thread, unless configured: about a second's work.
    const WAITING_PER_THREAD: usize = 64;
}

impl Default for HashSettings {
    /// 19 MiB, two passes, one lane (the OWASP figures for argon2id); a thread for each core, ten ranks
    /// lower; 64 hashes in the queue for each core.
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
            threads: None,
            queue: cores() * Self::WAITING_PER_THREAD,
            nice: 10,
        }
    }
}

/// Why there is no hasher with these settings.
#[derive(Debug, Error)]
pub enum HasherError {
    /// A figure out of its bounds.
    #[error("{name} = {value} for password hashing: it must be {bounds}")]
    OutOfBounds {
        /// The name of the setting.
        name: &'static str,
        /// What it was set to.
        value: i64,
        /// What it may be.
        bounds: String,
    },
    /// The operating system refused a thread.
    #[error("cannot start a thread for password hashing")]
    Thread(#[source] io::Error),
}

/// What the hasher did so far, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashCounts {
    /// Hashes computed: new ones, comparisons, and comparisons with nobody's password.
    pub computed: u64,
    /// Calls refused with [`Outage::Overloaded`].
    pub refused: u64,
    /// Calls whose client had gone before their turn.
    pub skipped: u64,
    /// Calls that wait at this moment.
    pub waiting: usize,
}

/// The [`PasswordHasher`]. Dropping it ends its threads.
pub struct Argon2Hasher {
    pool: Pool<Arena>,
    today: Recipe,
    computed: Arc<AtomicU64>,
}

/// Bytes of a new salt (RFC 9106 §3.1).
const SALT: usize = 16;
/// Bytes of a new hash.
const OUTPUT: usize = 32;
/// The longest that a hash waits for its turn. The queue is about a second long on a quiet machine; this
/// catches the machine that is not quiet.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// How long a thread keeps its memory with nothing to hash.
const REST_AFTER: Duration = Duration::from_secs(10);

/// The largest figures that are accepted, from the configuration and from stored hashes alike: together a
/// few seconds of one core. A row that somebody wrote by hand cannot make a sign-in take the whole machine.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;

impl Argon2Hasher {
    /// A hasher with its threads. Their memory comes with the first hash.
    pub fn new(settings: &HashSettings) -> Result<Self, HasherError> {
        let within = |name, value: i64, bounds: std::ops::RangeInclusive<i64>| {
            if bounds.contains(&value) {
                return Ok(());
            }
            let bounds = format!("{} to {}", bounds.start(), bounds.end());
            Err(HasherError::OutOfBounds { name, value, bounds })
        };
        let threads = settings.threads.unwrap_or_else(cores);
        within("lanes", settings.lanes.into(), 1..=MAX_LANES.into())?;
        let least_memory = 8 * i64::from(settings.lanes);
        within("memory_kib", settings.memory_kib.into(), least_memory..=MAX_MEMORY_KIB.into())?;
        within("passes", settings.passes.into(), 1..=MAX_PASSES.into())?;
        within("threads", whole(threads), 1..=1024)?;
        within("queue", whole(settings.queue), 1..=1_000_000)?;
        within("nice", settings.nice.into(), 0..=19)?;

        let today = Recipe {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params: Params::new(settings.memory_kib, settings.passes, settings.lanes, Some(OUTPUT))
                .expect("the bounds above are narrower than the algorithm's"),
        };
        let pool = PoolSettings {
            threads,
            queue: settings.queue,
            nice: settings.nice,
            max_wait: MAX_WAIT,
            rest_after: REST_AFTER,
        };
        Ok(Self {
            pool: Pool::start("argon2", pool).map_err(HasherError::Thread)?,
            today,
            computed: Arc::default(),
        })
    }

    /// What the hasher did so far.
    pub fn counts(&self) -> HashCounts {
        let pool = self.pool.counts();
        HashCounts {
            computed: self.computed.load(Ordering::Relaxed),
            refused: pool.refused,
            skipped: pool.skipped,
            waiting: pool.waiting,
        }
    }

    /// The one way to a digest, for new passwords, for comparisons and for nobody's password.
    async fn digest(
        &self,
        recipe: Recipe,
        password: &TypedPassword,
        salt: phc::Salt,
    ) -> Result<phc::Output, Outage> {
        let password = password.clone();
        let computed = Arc::clone(&self.computed);
        let kept = self.today.params.block_count();
        self.pool
            .run(move |arena: &mut Arena| {
                computed.fetch_add(1, Ordering::Relaxed);
                recipe.digest(&password, &salt, arena, kept)
            })
            .await?
            .map_err(|error| Outage::failed(PART, error.to_string()))
    }
}

/// What an [`Outage`] of this adapter names.
const PART: &str = "password hashing";

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: &TypedPassword) -> Result<PasswordHash, Outage> {
        let salt = new_salt();
        let output = self.digest(self.today.clone(), password, salt).await?;
        Ok(PasswordHash::from_phc(self.today.phc(salt, output).to_string()))
    }

    async fn verify<'a>(
        &self,
        password: &TypedPassword,
        against: Option<&'a PasswordHash>,
    ) -> Result<PasswordMatch, Outage> {
        let stored = match against {
            Some(hash) => Stored::parse(hash).map_err(|error| Outage::failed(PART, error))?,
            None => Stored::nobodys(&self.today),
        };
        let found = self.digest(stored.recipe.clone(), password, stored.salt).await?;
        // `Output` compares in constant time.
        let same = found == stored.output;
        Ok(match (same && against.is_some(), stored.is_of(&self.today)) {
            (false, _) => PasswordMatch::No,
            (true, true) => PasswordMatch::Yes,
            (true, false) => PasswordMatch::YesButOutdated,
        })
    }
}

impl fmt::Debug for Argon2Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Argon2Hasher").field("today", &self.today).finish_non_exhaustive()
    }
}

/// Everything that decides on a digest beside password and salt.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Recipe {
    algorithm: Algorithm,
    version: Version,
    params: Params,
}

impl Recipe {
    fn digest(
        &self,
        password: &TypedPassword,
        salt: &phc::Salt,
        arena: &mut Arena,
        kept: usize,
    ) -> Result<phc::Output, argon2::Error> {
        let argon2 = Argon2::new(self.algorithm, self.version, self.params.clone());
        let mut bytes = [0; phc::Output::MAX_LENGTH];
        let length = self.params.output_len().unwrap_or(OUTPUT).min(bytes.len());
        let out = &mut bytes[..length];
        arena.lend(self.params.block_count(), kept, |blocks| {
            argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, blocks)
        })?;
        let output = phc::Output::new(out).expect("lengths are checked where hashes are parsed");
        bytes.zeroize();
        Ok(output)
    }

    fn phc(&self, salt: phc::Salt, output: phc::Output) -> phc::PasswordHash {
        phc::PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(self.version.into()),
            params: (&self.params).try_into().expect("three numbers are valid parameters"),
            salt: Some(salt),
            hash: Some(output),
        }
    }
}

/// A PHC string, taken apart.
struct Stored {
    recipe: Recipe,
    salt: phc::Salt,
    output: phc::Output,
}

/// Why a stored hash cannot be compared with. No text holds anything of the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
enum UnreadableHash {
    #[error("a stored password hash is not a PHC string")]
    NotPhc,
    #[error("a stored password hash is of another algorithm than argon2")]
    OtherAlgorithm,
    #[error("a stored password hash is of an unknown version of argon2")]
    UnknownVersion,
    #[error("a stored password hash has parameters that are no argon2 parameters")]
    BadParameters,
    #[error("a stored password hash asks for more work than is accepted")]
    TooDear,
    #[error("a stored password hash lacks its salt or its output")]
    Incomplete,
}

impl Stored {
    fn parse(hash: &PasswordHash) -> Result<Self, UnreadableHash> {
        let phc = phc::PasswordHash::new(hash.as_phc()).map_err(|_| UnreadableHash::NotPhc)?;
        let algorithm = Algorithm::try_from(phc.algorithm.as_str())
            .map_err(|_| UnreadableHash::OtherAlgorithm)?;
        // Strings from before 2016 name no version: they are of the first one.
        let version = phc.version.map_or(Ok(Version::V0x10), Version::try_from);
        let version = version.map_err(|_| UnreadableHash::UnknownVersion)?;
        let params = Params::try_from(&phc).map_err(|_| UnreadableHash::BadParameters)?;
        if params.m_cost() > MAX_MEMORY_KIB
            || params.t_cost() > MAX_PASSES
            || params.p_cost() > MAX_LANES
        {
            return Err(UnreadableHash::TooDear);
        }
        let (Some(salt), Some(output)) = (phc.salt, phc.hash) else {
            return Err(UnreadableHash::Incomplete);
        };
        Ok(Self { recipe: Recipe { algorithm, version, params }, salt, output })
    }

    /// What stands in for an account that is not there: the same work, and an output that no password is
    /// known to have (CS-42).
    fn nobodys(today: &Recipe) -> Self {
        let output = phc::Output::new(&random::<OUTPUT>()).expect("32 bytes are an output");
        Self { recipe: today.clone(), salt: new_salt(), output }
    }

    /// Whether a new hash would be made the same way.
    fn is_of(&self, today: &Recipe) -> bool {
        self.recipe == *today && self.salt.len() >= SALT
    }
}

/// The memory that one thread hashes in. It comes with the first hash and is used again by the next, which
/// saves a twelfth of the time and bounds what a storm of sign-ins can take.
#[derive(Default)]
struct Arena(Vec<Block>);

impl Arena {
    /// Past 32 MiB the C library of most Linux systems always maps a piece of memory by itself, and returns
    /// it to the system as a whole when it is freed. Below, it may keep what was freed, and an idle server
    /// would hold every arena for good. Only the blocks in use are ever touched; the rest is address space.
    const RESERVED: usize = 33 * 1024;

    /// Lends out `blocks`. Up to `kept` of them stay for the next hash; a dearer hash, which came from
    /// elsewhere, has memory of its own and gives it back.
    fn lend(
        &mut self,
        blocks: usize,
        kept: usize,
        work: impl FnOnce(&mut [Block]) -> Result<(), argon2::Error>,
    ) -> Result<(), argon2::Error> {
        if blocks > kept {
            return work(&mut Self::of(blocks)?.0);
        }
        if self.0.len() < blocks {
            *self = Self::of(kept)?;
        }
        work(&mut self.0[..blocks])
    }

    fn of(blocks: usize) -> Result<Self, argon2::Error> {
        let mut memory = Vec::new();
        memory
            .try_reserve_exact(blocks.max(Self::RESERVED))
            .map_err(|_| argon2::Error::OutOfMemory)?;
        memory.resize(blocks, Block::new());
        Ok(Self(memory))
    }
}

impl Drop for Arena {
    /// What is left of the last password is enough to test guesses against.
    fn drop(&mut self) {
        // Not `Vec::zeroize`, which would touch the reserved part too.
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

fn new_salt() -> phc::Salt {
    phc::Salt::new(&random::<SALT>()).expect("16 bytes are a salt")
}

/// The cores that this process may use, its container's limits included. One where the system does not say.
fn cores() -> usize {
    available_parallelism().map_or(1, std::num::NonZero::get)
}

/// For bounds: a figure too large for the type is out of bounds as well.
fn whole(figure: usize) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Cheap hashes: what is tested here does not depend on their cost.
    fn cheap() -> HashSettings {
        HashSettings {
            memory_kib: 64,
            passes: 1,
            threads: Some(2),
            queue: 100,
            ..HashSettings::default()
        }
    }

    fn hasher(settings: &HashSettings) -> Argon2Hasher {
        Argon2Hasher::new(settings).unwrap()
    }

    fn typed(text: &str) -> TypedPassword {
        TypedPassword::new(text).unwrap()
    }

    fn phc(text: &str) -> PasswordHash {
        PasswordHash::from_phc(text.to_owned())
    }

    async fn compare(hasher: &Argon2Hasher, password: &str, against: &str) -> PasswordMatch {
        hasher.verify(&typed(password), Some(&phc(against))).await.unwrap()
    }

    const VECTOR: &str =
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

    /// The vectors that the reference implementation tests itself with (src/test.c): version 19 and 16.
    #[tokio::test]
    async fn answers_that_the_reference_implementation_gives() {
        let hasher = hasher(&cheap());
        for vector in [
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            VECTOR,
            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
            "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
            "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
        ] {
            assert_eq!(
                compare(&hasher, "password", vector).await,
                PasswordMatch::YesButOutdated,
                "{vector}"
            );
            assert_eq!(compare(&hasher, "passwore", vector).await, PasswordMatch::No, "{vector}");
        }
    }

    #[tokio::test]
    async fn what_was_hashed_is_recognised_and_nothing_else() {
        let hasher = hasher(&cheap());
        let hash = hasher.hash(&typed("correct horse battery")).await.unwrap();
        for (password, expected) in [
            ("correct horse battery", PasswordMatch::Yes),
            ("correct horse battery ", PasswordMatch::No),
            ("Correct horse battery", PasswordMatch::No),
            ("", PasswordMatch::No),
        ] {
            assert_eq!(hasher.verify(&typed(password), Some(&hash)).await.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn two_hashes_of_one_password_differ() {
        let hasher = hasher(&cheap());
        let password = typed("correct horse battery");
        let (a, b) = (hasher.hash(&password).await.unwrap(), hasher.hash(&password).await.unwrap());
        assert_ne!(a, b);
    }

    #[tokio::test]
    async fn the_default_parameters_stand_in_the_string() {
        let hasher = hasher(&HashSettings { threads: Some(1), ..HashSettings::default() });
        let hash = hasher.hash(&typed("correct horse battery")).await.unwrap();
        let parts: Vec<&str> = hash.as_phc().split('$').collect();
        assert_eq!(parts[..4], ["", "argon2id", "v=19", "m=19456,t=2,p=1"]);
        assert_eq!(parts[4].len(), 22, "16 bytes of salt");
        assert_eq!(parts[5].len(), 43, "32 bytes of output");
        assert_eq!(parts.len(), 6);
        let again = hasher.verify(&typed("correct horse battery"), Some(&hash)).await.unwrap();
        assert_eq!(again, PasswordMatch::Yes);
    }

    #[tokio::test]
    async fn a_changed_string_never_matches() {
        let hasher = hasher(&cheap());
        let hash = hasher.hash(&typed("correct horse battery")).await.unwrap();
        let text = hash.as_phc();
        let start = text.find("p=1$").unwrap() + "p=1$".len();
        // The last digits of salt and output carry spare bits, which the parser refuses.
        for place in (start..text.len()).filter(|place| text.as_bytes()[*place] != b'$') {
            let mut changed = text.to_owned();
            let other = if text.as_bytes()[place] == b'A' { "B" } else { "A" };
            changed.replace_range(place..=place, other);
            match hasher.verify(&typed("correct horse battery"), Some(&phc(&changed))).await {
                Ok(PasswordMatch::No) | Err(Outage::Failed { .. }) => {}
                other => panic!("{changed}: {other:?}"),
            }
        }
        for (from, to) in
            [("t=1", "t=2"), ("m=64", "m=72"), ("argon2id", "argon2i"), ("v=19", "v=16")]
        {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            assert_eq!(
                compare(&hasher, "correct horse battery", &changed).await,
                PasswordMatch::No,
                "{changed}"
            );
        }
    }

    #[tokio::test]
    async fn a_hash_of_other_parameters_asks_for_a_new_one() {
        let today = hasher(&cheap());
        for other in [
            HashSettings { memory_kib: 128, ..cheap() },
            HashSettings { memory_kib: 32, ..cheap() },
            HashSettings { passes: 2, ..cheap() },
            HashSettings { lanes: 2, ..cheap() },
        ] {
            let hash = hasher(&other).hash(&typed("correct horse battery")).await.unwrap();
            let text = hash.as_phc();
            assert_eq!(
                compare(&today, "correct horse battery", text).await,
                PasswordMatch::YesButOutdated,
                "{other:?}"
            );
            assert_eq!(compare(&today, "wrong horse battery", text).await, PasswordMatch::No);
        }
    }

    #[tokio::test]
    async fn what_cannot_be_compared_with_is_an_outage_that_tells_nothing_of_the_hash() {
        let hasher = hasher(&cheap());
        let (salt, output) = ("c29tZXNhbHQ", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4");
        for (stored, why) in [
            (String::new(), UnreadableHash::NotPhc),
            ("password".to_owned(), UnreadableHash::NotPhc),
            (format!("$argon2id$v=19$m=256,t=2,p=1${salt}${output}$x"), UnreadableHash::NotPhc),
            (format!("$scrypt$ln=16,r=8,p=1${salt}${output}"), UnreadableHash::OtherAlgorithm),
            (
                format!("$argon2id$v=18$m=256,t=2,p=1${salt}${output}"),
                UnreadableHash::UnknownVersion,
            ),
            (
                format!("$argon2id$v=19$m=256,t=0,p=1${salt}${output}"),
                UnreadableHash::BadParameters,
            ),
            (format!("$argon2id$v=19$m=7,t=2,p=1${salt}${output}"), UnreadableHash::BadParameters),
            (format!("$argon2id$v=19$m=262145,t=2,p=1${salt}${output}"), UnreadableHash::TooDear),
            (format!("$argon2id$v=19$m=256,t=17,p=1${salt}${output}"), UnreadableHash::TooDear),
            (format!("$argon2id$v=19$m=256,t=2,p=17${salt}${output}"), UnreadableHash::TooDear),
            (format!("$argon2id$v=19$m=256,t=2,p=1${salt}"), UnreadableHash::Incomplete),
            ("$argon2id$v=19$m=256,t=2,p=1".to_owned(), UnreadableHash::Incomplete),
        ] {
            let answer = hasher.verify(&typed("password"), Some(&phc(&stored))).await;
            let Err(Outage::Failed { part: "password hashing", source }) = answer else {
                panic!("{stored}: {answer:?}");
            };
            assert_eq!(source.downcast_ref::<UnreadableHash>(), Some(&why), "{stored}");
            assert!(!source.to_string().contains(output));
        }
        assert_eq!(hasher.counts().computed, 0, "none of them cost a hash");
    }

    #[tokio::test]
    async fn without_an_account_the_same_work_is_done_and_the_answer_is_no() {
        let hasher = hasher(&cheap());
        let password = typed("correct horse battery");
        let hash = hasher.hash(&password).await.unwrap();
        let before = hasher.counts().computed;
        assert_eq!(hasher.verify(&password, Some(&hash)).await.unwrap(), PasswordMatch::Yes);
        assert_eq!(hasher.counts().computed, before + 1);
        assert_eq!(hasher.verify(&password, None).await.unwrap(), PasswordMatch::No);
        assert_eq!(hasher.counts().computed, before + 2);

        let (real, nobodys) = (Stored::parse(&hash).unwrap(), Stored::nobodys(&hasher.today));
        assert_eq!(real.recipe, nobodys.recipe);
        assert_eq!(real.salt.len(), nobodys.salt.len());
        assert_eq!(real.output.len(), nobodys.output.len());
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_gone_clients_cost_no_hash() {
        let hasher = hasher(&HashSettings { threads: Some(1), queue: 2, ..cheap() });
        let password = typed("correct horse battery");
        // Something that holds the one thread for as long as we like.
        let (hold, until_released) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel();
        let mut context = Context::from_waker(Waker::noop());
        let mut holder = Box::pin(hasher.pool.run(move |_| {
            begun.send(()).unwrap();
            until_released.recv().unwrap_err();
        }));
        assert!(holder.as_mut().poll(&mut context).is_pending());
        has_begun.recv().unwrap();

        let mut gone = hasher.verify(&password, None);
        let mut stays = hasher.hash(&password);
        assert!(gone.as_mut().poll(&mut context).is_pending());
        assert!(stays.as_mut().poll(&mut context).is_pending());
        for mut call in
            [hasher.verify(&password, None), hasher.verify(&password, Some(&phc(VECTOR)))]
        {
            let answer = call.as_mut().poll(&mut context);
            assert!(matches!(answer, Poll::Ready(Err(Outage::Overloaded))), "{answer:?}");
        }
        let mut refused = hasher.hash(&password);
        let answer = refused.as_mut().poll(&mut context);
        assert!(matches!(answer, Poll::Ready(Err(Outage::Overloaded))), "{answer:?}");
        assert_eq!(hasher.counts(), HashCounts { computed: 0, refused: 3, skipped: 0, waiting: 2 });

        drop(gone);
        drop(hold);
        let hash = stays.await.unwrap();
        assert_eq!(hasher.verify(&password, Some(&hash)).await.unwrap(), PasswordMatch::Yes);
        assert_eq!(hasher.counts(), HashCounts { computed: 2, refused: 3, skipped: 1, waiting: 0 });
    }

    #[test]
    fn settings_out_of_bounds_are_refused_by_name() {
        for (settings, name) in [
            (HashSettings { memory_kib: 7, ..cheap() }, "memory_kib"),
            (HashSettings { memory_kib: 15, lanes: 2, ..cheap() }, "memory_kib"),
            (HashSettings { memory_kib: 262_145, ..cheap() }, "memory_kib"),
            (HashSettings { passes: 0, ..cheap() }, "passes"),
            (HashSettings { passes: 17, ..cheap() }, "passes"),
            (HashSettings { lanes: 0, ..cheap() }, "lanes"),
            (HashSettings { lanes: u32::MAX, ..cheap() }, "lanes"),
            (HashSettings { threads: Some(0), ..cheap() }, "threads"),
            (HashSettings { queue: 0, ..cheap() }, "queue"),
            (HashSettings { nice: -1, ..cheap() }, "nice"),
            (HashSettings { nice: 20, ..cheap() }, "nice"),
        ] {
            let error = Argon2Hasher::new(&settings).unwrap_err();
            assert!(error.to_string().starts_with(&format!("{name} = ")), "{error}");
        }
    }

    #[test]
    fn one_arena_serves_hash_after_hash_and_dearer_ones_leave_no_trace() {
        let mut arena = Arena::default();
        let address = |arena: &Arena| (arena.0.as_ptr(), arena.0.len());
        arena.lend(64, 64, |blocks| (assert_eq!(blocks.len(), 64), Ok(())).1).unwrap();
        let first = address(&arena);
        for blocks in [64, 8, 4096, 64] {
            arena.lend(blocks, 64, |lent| (assert_eq!(lent.len(), blocks), Ok(())).1).unwrap();
            assert_eq!(address(&arena), first);
        }
        assert_eq!(first.1, 64);
    }

    #[tokio::test]
    async fn an_arena_with_the_traces_of_another_password_changes_no_result() {
        let hasher = hasher(&HashSettings { threads: Some(1), ..cheap() });
        let (a, b) = (typed("correct horse battery"), typed("another password entirely"));
        let hash = hasher.hash(&a).await.unwrap();
        for _ in 0..3 {
            assert_eq!(hasher.verify(&b, Some(&hash)).await.unwrap(), PasswordMatch::No);
            assert_eq!(hasher.verify(&a, Some(&hash)).await.unwrap(), PasswordMatch::Yes);
        }
    }
}
