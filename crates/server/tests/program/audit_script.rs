//! The script of docs/how-to/production.md that follows the audit trail every day.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::tempdir;

use crate::process::{Server, code, program, stderr, stdout};

const PAGE: &str = include_str!("../../../../docs/how-to/production.md");

/// Stands for the system's own, which only root may run.
const RUNUSER: &str =
    "#!/bin/sh\n[ \"$1 $2 $3\" = \"-u rightful --\" ] || exit 99\nshift 3\nexec \"$@\"\n";

fn make(path: &Path, text: &str) {
    std::fs::write(path, text).expect("the folder is ours");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
        .expect("the file is ours");
}

#[test]
fn the_script_for_the_audit_trail_works_as_printed() {
    let script = PAGE.split_once("```sh\n").and_then(|(_, rest)| rest.split_once("```"));
    let script = script.expect("a script").0;
    let dir = tempdir().unwrap();
    let tools = dir.path().join("tools");
    std::fs::create_dir(&tools).unwrap();
    make(&tools.join("verify-audit"), script);
    make(&tools.join("runuser"), RUNUSER);
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_rightful"), tools.join("rightful")).unwrap();
    let mut command = program(dir.path());
    command.args(["dev", "--port", "0"]);
    let mut server = Server::start(command);
    server.address("inbox");
    assert!(server.stop().success());

    let kept = dir.path().join("checkpoint");
    let verify = || -> Output {
        Command::new(tools.join("verify-audit"))
            .env_clear()
            .env("PATH", format!("{}:/usr/sbin:/usr/bin:/bin", tools.display()))
            .env("KEPT", &kept)
            .env("RIGHTFUL_DATABASE__URL", "sqlite:data/rightful.db")
            .current_dir(dir.path())
            .output()
            .unwrap()
    };
    let first = verify();
    assert_eq!(code(&first), 0, "{}", stderr(&first));
    assert!(stdout(&first).starts_with("The audit trail is whole"), "{}", stdout(&first));
    let line = std::fs::read_to_string(&kept).unwrap();
    assert!(line.starts_with("--checkpoint ") && line.lines().count() == 1, "{line}");
    let second = verify();
    assert_eq!(code(&second), 0, "{}", stderr(&second));
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), line, "nothing happened in between");

    // A trail that was rewritten is found out by the line, and the line stays.
    let (seq, _) = line.trim_start_matches("--checkpoint ").split_once(':').unwrap();
    let other = format!("--checkpoint {seq}:{}\n", "00".repeat(32));
    std::fs::write(&kept, &other).unwrap();
    let third = verify();
    assert_eq!(code(&third), 1);
    assert!(stderr(&third).contains("the audit trail is broken"), "{}", stderr(&third));
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), other);
}
