//! The throw-away PostgreSQL is there, is empty, and leaves nothing behind.

use std::env;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{self, Command, Stdio};
use std::time::Duration;

use rightful_testkit::postgres::{BINARIES, Database, Postgres, REQUIRE};

/// Set for a process that a test makes of itself.
const CHILD: &str = "RIGHTFUL_TESTKIT_CHILD";

/// This program once more, with nothing to do but the test `name`, which finds [`CHILD`] set.
fn again(name: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    command.args([name, "--exact", "--nocapture"]).env(CHILD, "1");
    command
}

fn is_child() -> bool {
    env::var_os(CHILD).is_some()
}

fn tables(database: &Database) -> String {
    let sql = "select count(*) from information_schema.tables where table_schema = 'public'";
    database.ask(sql).expect("PostgreSQL answers")
}

/// Whether `reached` holds, as soon as it does or when half a minute has passed.
async fn soon(reached: impl Fn() -> bool) -> bool {
    for _ in 0..600 {
        if reached() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).expect("the folder reads").next().is_none()
}

#[test]
fn databases_are_empty_and_know_nothing_of_each_other() {
    let Some(cluster) = Postgres::shared() else { return };
    let (one, two) = (cluster.database(), cluster.database());
    one.ask("create table accounts (id int)").unwrap();
    assert_eq!((tables(&one), tables(&two)), ("1".to_owned(), "0".to_owned()));
    assert_ne!(one.url(), two.url());
    assert_eq!(two.ask("show server_encoding").unwrap(), "UTF8");
    assert_eq!(two.ask("show fsync").unwrap(), "off");
    let copy = cluster.copy_of(&one);
    assert_eq!(tables(&copy), "1");
    copy.ask("drop table accounts").unwrap();
    assert_eq!((tables(&one), tables(&copy)), ("1".to_owned(), "0".to_owned()));
    assert!(one.ask("select nonsense").unwrap_err().contains("nonsense"));
    // A dropped value drops its database, and only that.
    let list = || one.ask("select datname from pg_database where datname like 'test%'").unwrap();
    assert_eq!(list().lines().count(), 3);
    drop(two);
    assert_eq!(list().lines().count(), 2);
    assert_eq!(tables(&one), "1");
}

#[tokio::test]
async fn a_cluster_ends_with_its_value() {
    let Some(cluster) = Postgres::start() else { return };
    let (folder, database) = (cluster.folder().to_owned(), cluster.database());
    drop(cluster);
    assert_eq!(database.ask("select 1").unwrap(), "1", "a database keeps its cluster");
    drop(database);
    // The cluster is removed after its value, not with it.
    assert!(soon(|| !folder.exists()).await, "{} is left", folder.display());
}

#[tokio::test]
async fn a_cluster_ends_with_its_process_even_when_that_is_killed() {
    if is_child() {
        let cluster = Postgres::start();
        println!("\ncluster {}", if cluster.is_some() { "ready" } else { "impossible" });
        return std::future::pending().await;
    }
    for killed_while_it_starts in [false, true] {
        let name = format!("rightful-testkit-{}-{killed_while_it_starts}", process::id());
        let folder = env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
        let mut child = again("a_cluster_ends_with_its_process_even_when_that_is_killed")
            .env("TMPDIR", &folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut possible = true;
        if killed_while_it_starts {
            assert!(soon(|| !is_empty(&folder)).await, "it starts");
        } else {
            let output = BufReader::new(child.stdout.take().unwrap());
            let mut lines = output.lines().map_while(Result::ok);
            let line = lines.find(|line| line.starts_with("cluster ")).unwrap();
            possible = line == "cluster ready";
            assert_eq!(is_empty(&folder), !possible);
        }
        // SIGKILL: no destructor runs and no handler is asked.
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(soon(|| is_empty(&folder)).await, "a cluster is left in {}", folder.display());
        fs::remove_dir(&folder).unwrap();
        if !possible {
            return;
        }
    }
}

#[test]
fn without_binaries_it_is_one_line_and_where_it_is_required_a_failure() {
    if is_child() {
        assert!(Postgres::shared().is_none());
        assert!(Postgres::shared().is_none());
        return;
    }
    let run = |required| {
        let done = again("without_binaries_it_is_one_line_and_where_it_is_required_a_failure")
            .env(BINARIES, "/nonexistent")
            .env(REQUIRE, required)
            .output()
            .unwrap();
        let text = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8(text).unwrap())
    };
    let (passed, text) = run("0");
    assert!(passed, "{text}");
    assert_eq!(text.matches("no PostgreSQL found").count(), 1, "{text}");
    let (passed, text) = run("1");
    assert!(!passed, "{text}");
    assert!(text.contains("RIGHTFUL_REQUIRE_POSTGRES=1, but no PostgreSQL found"), "{text}");
}
