//! The tutorial works as printed: its commands run in one shell against a fresh server, and the answers are
//! those of the page. Needs `curl`; `RIGHTFUL_REQUIRE_CURL=1` makes a machine without it a failure.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use tempfile::tempdir;

use crate::process::{Server, get, program, until};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/tutorial/first-steps.md");
/// Printed after each block, so that its answers can be told from the next one's.
const END: &str = "== end of block ==";

/// A block of commands, and the answer that the page promises for it.
struct Step {
    commands: String,
    answer: Option<String>,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("```") {
        let (language, after) = after.split_once('\n').expect("a fence ends its line");
        let (body, after) = after.split_once("```").expect("a block is closed");
        rest = after;
        match language {
            "sh" => steps.push(Step { commands: body.to_owned(), answer: None }),
            "text" => {
                let step = steps.last_mut().expect("an answer follows commands");
                assert!(
                    step.answer.replace(body.trim().to_owned()).is_none(),
                    "two answers: {body}"
                );
            }
            "console" => {}
            other => {
                panic!("a block of {other:?}: sh is run, text is compared, console is neither")
            }
        }
    }
    steps
}

/// Whether `said` is `promised`, where `…` stands for anything.
fn matches(promised: &str, said: &str) -> bool {
    let pieces: Vec<&str> = promised.split('…').collect();
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return false };
    let Some(mut rest) = said.strip_prefix(first) else { return false };
    if pieces.len() == 1 {
        return rest.is_empty();
    }
    for piece in &pieces[1..pieces.len() - 1] {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn curl_is_missing() -> bool {
    let missing = Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err();
    let demanded = std::env::var_os("RIGHTFUL_REQUIRE_CURL").is_some_and(|value| value == "1");
    assert!(!(missing && demanded), "RIGHTFUL_REQUIRE_CURL=1, but there is no curl");
    missing
}

#[test]
fn the_tutorial_works_as_printed() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let steps = steps(&page);
    assert!(steps.len() > 10, "the page has lost its commands");
    if curl_is_missing() {
        println!("no curl: the tutorial was not tried");
        return;
    }
    let folder = tempdir().unwrap();
    let mut command = program(folder.path());
    command.args(["dev", "--port", "0"]);
    let mut server = Server::start(command);
    let (api, beside) = (server.address("inbox"), server.address("readiness"));

    let mut script = String::new();
    for step in &steps {
        writeln!(script, "{}echo '{END}'", step.commands).unwrap();
    }
    let output = Command::new("sh")
        .args(["-eu", "-c", &script])
        .env("RIGHTFUL", format!("http://{api}"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<&str> = said.split(END).map(str::trim).collect();
    assert_eq!(answers.len(), steps.len() + 1);
    for (step, answer) in steps.iter().zip(answers) {
        let promised = step.answer.as_deref().unwrap_or_default();
        assert!(
            matches(promised, answer),
            "{}\npromised {promised}\nsaid     {answer}",
            step.commands
        );
    }
    // By now everything that can be counted was, except what appears with the workers' next look.
    until("the letters are counted", || get(&beside, "/metrics").body.contains("outcome=\"sent\""));
    assert_metrics_are_documented(&get(&beside, "/metrics").body);
    assert!(server.stop().success());
}

/// The reference has a row for each metric, and no other.
fn assert_metrics_are_documented(text: &str) {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/metrics.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    let mut documented: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter(|(_, rest)| {
            ["counter", "gauge", "histogram", "info"].iter().any(|kind| rest.starts_with(kind))
        })
        .map(|(name, _)| name)
        .collect();
    let mut said: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    documented.sort_unstable();
    said.sort_unstable();
    assert_eq!(documented, said);
}

#[test]
fn dots_stand_for_anything_and_nothing_else_does() {
    for (promised, said, same) in [
        ("", "", true),
        ("", "x", false),
        ("{\"a\":\"…\",\"b\":1}", "{\"a\":\"17\",\"b\":1}", true),
        ("{\"a\":\"…\",\"b\":1}", "{\"a\":\"17\",\"b\":2}", false),
        ("{…\"b\":1,…}", "{\"a\":0,\"b\":1,\"c\":2}", true),
        ("{…\"c\":1,…\"b\":1…}", "{\"b\":1,\"c\":1,\"d\":0}", false),
        ("abc", "abcd", false),
    ] {
        assert_eq!(matches(promised, said), same, "{promised} {said}");
    }
}
