//! A throw-away PostgreSQL, from the binaries of this machine.
//!
//! [`Postgres::start`] makes a cluster in a temporary folder; [`Postgres::database`] makes an empty database
//! in it. Durability is off, which is what makes it quick, and everything is gone when the process is,
//! however it ends: the cluster belongs to a shell of its own, which waits on a pipe that we hold open. The
//! kernel closes the pipe of a process that was killed as surely as that of one that returned.
//!
//! PostgreSQL refuses to run as root, so root hands over to the account `postgres` that its package made.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// Set to `1`, it makes a missing PostgreSQL a failure instead of a note.
pub const REQUIRE: &str = "RIGHTFUL_REQUIRE_POSTGRES";

/// Names the folder of `initdb` and `pg_ctl`; only there are they looked for then.
pub const BINARIES: &str = "PG_BINDIR";

/// The whole life of a cluster. `$1` is the folder of the binaries, `$2` the port. Making it, waiting and
/// removing it stand in one script, so that there is no moment at which a killed test leaves something.
const LIFE: &str = r#"
trap '' HUP INT PIPE TERM
umask 077
export LC_ALL=C
cd /
dir=$(mktemp -d "${TMPDIR:-/tmp}/rightful-postgres.XXXXXX" 2>/dev/null) ||
    dir=$(mktemp -d /tmp/rightful-postgres.XXXXXX) || exit 1
if {
    "$1/initdb" -D "$dir/data" -U postgres -A trust --no-sync --no-locale -E UTF8 &&
    "$1/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 -o "-p $2 -h 127.0.0.1 -k '$dir' \
        -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off \
        -c max_connections=300 -c shared_buffers=64MB" start
} >"$dir/output" 2>&1 </dev/null
then echo "ready $dir"
else cat "$dir/output" "$dir/log" 2>/dev/null
fi
exec >/dev/null 2>&1
cat
"$1/pg_ctl" -D "$dir/data" -m immediate -w stop </dev/null
rm -rf "$dir"
"#;

/// A running cluster. It ends with this value, or with this process.
#[derive(Debug)]
pub struct Postgres {
    binaries: PathBuf,
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
    // Its standard input is the pipe that the cluster lives by.
    _life: Child,
}

/// A database of a cluster; dropped with this value, whoever is still connected.
#[derive(Debug)]
pub struct Database {
    name: String,
    cluster: Arc<Postgres>,
}

impl Postgres {
    /// The cluster of this process, started by the first who asks. `None` as [`Postgres::start`] says.
    pub fn shared() -> Option<Arc<Self>> {
        static SHARED: OnceLock<Option<Arc<Postgres>>> = OnceLock::new();
        SHARED.get_or_init(Self::start).clone()
    }

    /// Starts a cluster. Without PostgreSQL on this machine it prints one line and gives `None`.
    ///
    /// # Panics
    ///
    /// Without PostgreSQL when [`REQUIRE`] is `1`, and always when there is one that does not start.
    pub fn start() -> Option<Arc<Self>> {
        let Some(binaries) = find_binaries() else {
            let note = "no PostgreSQL found (initdb, pg_ctl): its tests did not run";
            assert!(env::var_os(REQUIRE).is_none_or(|v| v != "1"), "{REQUIRE}=1, but {note}");
            announce(note);
            return None;
        };
        let mut said = String::new();
        for _ in 0..5 {
            match Self::start_from(&binaries, free_port()) {
                Ok(cluster) => return Some(Arc::new(cluster)),
                // Somebody took the port between our looking and PostgreSQL's binding: look again.
                Err(output) if output.contains("could not bind") => said = output,
                Err(output) => panic!("PostgreSQL did not start: {output}"),
            }
        }
        panic!("PostgreSQL did not start on any of five ports: {said}");
    }

    fn start_from(binaries: &Path, port: u16) -> Result<Self, String> {
        let mut life = as_postgres("sh")
            .args(["-c", LIFE, "rightful-postgres"])
            .arg(binaries)
            .arg(port.to_string())
            .current_dir("/")
            // A group of its own: Ctrl-C in a terminal must reach the tests and not what cleans up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| e.to_string())?;
        let mut output = BufReader::new(life.stdout.take().expect("asked for a pipe"));
        let mut answer = String::new();
        output.read_line(&mut answer).map_err(|e| e.to_string())?;
        if let Some(folder) = answer.trim_end().strip_prefix("ready ") {
            let folder = PathBuf::from(folder);
            let (binaries, databases) = (binaries.to_owned(), AtomicU32::new(0));
            return Ok(Self { binaries, folder, port, databases, _life: life });
        }
        // The end of its input lets the shell clean up, and what it says comes to an end.
        drop(life.stdin.take());
        output.read_to_string(&mut answer).map_err(|e| e.to_string())?;
        if let Some(mut complaint) = life.stderr.take() {
            complaint.read_to_string(&mut answer).map_err(|e| e.to_string())?;
        }
        life.wait().map_err(|e| e.to_string())?;
        Err(answer)
    }

    /// A new, empty database.
    pub fn database(self: &Arc<Self>) -> Database {
        self.create(&["--template=template0"])
    }

    /// A copy of `model`, which nobody may be connected to: quicker than migrating once more.
    pub fn copy_of(self: &Arc<Self>, model: &Database) -> Database {
        self.create(&[&format!("--template={}", model.name)])
    }

    fn create(self: &Arc<Self>, options: &[&str]) -> Database {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let database = Database { name: format!("test_{number}"), cluster: Arc::clone(self) };
        run(self.client("createdb").args(options).arg(&database.name));
        database
    }

    /// A client program of this cluster, which sees nothing of the caller's own PostgreSQL settings.
    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command.arg("-h").arg(&self.folder).args(["-p", &self.port.to_string(), "-U", "postgres"]);
        command.stdin(Stdio::null());
        command
    }

    /// The folder that holds the cluster and its socket.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Database {
    /// Its URL, over the loopback.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}", self.cluster.port, self.name)
    }

    /// Its URL, over the socket.
    pub fn socket_url(&self) -> String {
        let (folder, port) = (self.cluster.folder.display(), self.cluster.port);
        format!("postgres://postgres@localhost/{}?host={folder}&port={port}", self.name)
    }

    /// What `psql` answers to `sql`, columns parted by `|`: for tests that look past an adapter.
    ///
    /// # Errors
    ///
    /// What PostgreSQL says against it.
    pub fn ask(&self, sql: &str) -> Result<String, String> {
        let mut psql = self.cluster.client("psql");
        let done = psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.name]).output();
        let done = done.map_err(|e| e.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if done.status.success() { Ok(text(&done.stdout)) } else { Err(text(&done.stderr)) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Only to give the disk back early: what fails here goes with the cluster.
        let _ = self
            .cluster
            .client("dropdb")
            .args(["--force", "--if-exists", &self.name])
            .stderr(Stdio::null())
            .status();
    }
}

/// The folder of `initdb` and `pg_ctl`: the one that was named, or else one on the `PATH`, or where Debian
/// keeps the newest version.
fn find_binaries() -> Option<PathBuf> {
    let is_complete = |folder: &PathBuf| {
        ["initdb", "pg_ctl", "createdb", "dropdb"].iter().all(|b| folder.join(b).is_file())
    };
    if let Some(named) = env::var_os(BINARIES) {
        return Some(PathBuf::from(named)).filter(is_complete);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut packaged: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|v| v.path().join("bin")).collect())
        .unwrap_or_default();
    packaged.sort_by_key(|folder| {
        let version =
            folder.parent().and_then(Path::file_name).map(|v| v.to_string_lossy().parse());
        std::cmp::Reverse(version.and_then(Result::ok).unwrap_or(0_u32))
    });
    env::split_paths(&path).chain(packaged).find(is_complete)
}

/// Runs `program` as somebody that PostgreSQL accepts.
fn as_postgres(program: &str) -> Command {
    let root = fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", program]);
        command
    } else {
        Command::new(program)
    }
}

fn run(command: &mut Command) {
    let done = command.output().expect("PostgreSQL's programs run");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("the loopback has a free port")
        .port()
}

#[expect(clippy::print_stderr, reason = "the one line by which a run tells what it left out")]
fn announce(note: &str) {
    eprintln!("{note}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_told_so_that_another_is_tried() {
        let Some(binaries) = find_binaries() else { return announce("no PostgreSQL found") };
        let holder = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = holder.local_addr().unwrap().port();
        let refused = Postgres::start_from(&binaries, port).map(|_| ()).unwrap_err();
        assert!(refused.contains("could not bind"), "{refused}");
        let folder = refused.split_whitespace().find_map(|word| word.strip_suffix("/data"));
        let folder = folder.expect("initdb tells what folder it makes");
        assert!(!Path::new(folder).exists(), "{folder} is left");
    }

    #[test]
    fn what_hinders_a_cluster_is_told() {
        let folder = env::temp_dir().join("there is no such folder");
        let refused = Postgres::start_from(&folder, 1).map(|_| ()).unwrap_err();
        assert!(refused.contains("initdb"), "{refused}");
    }
}
