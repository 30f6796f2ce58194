//! `rightful dev`: the banner tells the truth, and what it made can be looked into afterwards.

use std::net::TcpListener;
use std::path::Path;

use rustix::process::Signal;
use serde_json::json;
use tempfile::tempdir;

use crate::process::{
    Server, answers, begin, code, get, head_of_post, post, program, run, stderr, stdout, until,
};

fn dev(folder: &Path, variables: &[(&str, &str)]) -> Server {
    let mut command = program(folder);
    command.args(["dev", "--port", "0"]).envs(variables.iter().copied());
    Server::start(command)
}

fn behind(server: &mut Server, label: &str) -> String {
    server.line(|line| Some(line.trim_start().strip_prefix(label)?.trim().to_owned()))
}

#[test]
fn the_banner_tells_the_truth() {
    let dir = tempdir().unwrap();
    let mut server = dev(dir.path(), &[]);
    let api = server.address("API by hand");
    assert_eq!(server.address("inbox"), api);
    assert_eq!(get(&api, "/docs").status, 200);
    assert_eq!(get(&api, "/healthz").status, 200);
    let beside = server.address("readiness");
    assert_eq!(get(&beside, "/readyz").status, 200);
    assert_eq!(get(&beside, "/livez").status, 200);
    let metrics = get(&beside, "/metrics");
    assert!(metrics.body.contains("rightful_build_info{version="), "{}", metrics.body);
    assert_eq!(get(&api, "/metrics").status, 404, "metrics are not public");

    let (email, password) = (behind(&mut server, "sign in as"), behind(&mut server, "with"));
    let signed_in = post(&api, "/v1/sessions", &json!({"email": email, "password": password}));
    assert_eq!(signed_in.status, 201, "{signed_in:?}");
    assert_eq!(signed_in.json()["account"]["verified"], true);
    let wrong =
        post(&api, "/v1/sessions", &json!({"email": email, "password": "another password"}));
    assert_eq!(wrong.status, 401, "{wrong:?}");
    assert!(server.stop().success());
}

#[test]
fn the_inbox_shows_letters_to_this_machine_and_to_no_page_of_another_site() {
    let dir = tempdir().unwrap();
    let mut server = dev(dir.path(), &[]);
    let api = server.address("inbox");
    let letters = get(&api, "/dev/inbox.json").json();
    let first = letters.as_array().unwrap().last().unwrap();
    assert_eq!(first["to"], "ada@maison-lune.example");
    let id = first["id"].as_str().unwrap();
    assert_eq!(get(&api, &format!("/dev/inbox/{id}.json")).json()["id"], id);
    for path in
        ["/dev/inbox".to_owned(), format!("/dev/inbox/{id}"), format!("/dev/inbox/{id}/letter")]
    {
        let page = get(&api, &path);
        assert_eq!(page.status, 200, "{path}");
        assert!(page.head.contains("content-security-policy: default-src 'none'"), "{}", page.head);
    }
    assert!(get(&api, "/dev/inbox.css").head.contains("text/css"));
    assert_eq!(get(&api, "/dev/inbox/ltr_none").status, 404);

    let rebound = "GET /dev/inbox.json HTTP/1.1\r\nHost: evil.example\r\nConnection: close";
    let refused = begin(&api, rebound, "").finish("");
    assert_eq!(refused.status, 421);
    assert!(!refused.body.contains("vfy_"));
    assert!(server.stop().success());
}

#[test]
fn a_letter_comes_without_anybody_asking_for_it() {
    let dir = tempdir().unwrap();
    let mut server = dev(dir.path(), &[]);
    let api = server.address("inbox");
    let body = json!({"email": "grace@maison-lune.example", "password": "amber window sparrow"});
    assert_eq!(post(&api, "/v1/registrations", &body).status, 202);
    until("the letter is in the inbox", || {
        get(&api, "/dev/inbox.json").body.contains("grace@maison-lune.example")
    });
    assert!(server.stop().success());
}

#[test]
fn somebody_to_sign_in_as_is_made_once() {
    let dir = tempdir().unwrap();
    let mut server = dev(dir.path(), &[]);
    let api = server.address("inbox");
    let count = |api: &str| get(api, "/dev/inbox.json").json().as_array().unwrap().len();
    assert_eq!(count(&api), 2);
    // The banner says so; the second start below shows that it is true.
    server.line(|line| {
        line.starts_with("Accounts and the data key are in data and stay").then_some(())
    });
    server.line(|line| line.contains("The inbox is in memory").then_some(()));
    assert!(server.stop().success());
    let key = std::fs::read_to_string(dir.path().join("data/data.key")).unwrap();

    let mut again = dev(dir.path(), &[]);
    let api = again.address("inbox");
    assert_eq!(count(&api), 0, "the inbox was in memory, and nobody new was made");
    let (email, password) = (behind(&mut again, "sign in as"), behind(&mut again, "with"));
    let signed_in = post(&api, "/v1/sessions", &json!({"email": email, "password": password}));
    assert_eq!(signed_in.status, 201, "{signed_in:?}");
    assert!(again.stop().success());
    assert_eq!(std::fs::read_to_string(dir.path().join("data/data.key")).unwrap(), key);
}

#[test]
fn what_a_development_server_did_can_be_verified_afterwards() {
    let dir = tempdir().unwrap();
    let mut server = dev(dir.path(), &[]);
    server.address("inbox");
    assert!(server.stop().success());
    // No data key: nothing here opens or seals anything.
    let variables = [("RIGHTFUL_DATABASE__URL", "sqlite:data/rightful.db")];
    let verify = |more: &[&str]| {
        let mut arguments = vec!["audit", "verify"];
        arguments.extend(more);
        run(dir.path(), &arguments, &variables)
    };
    let first = verify(&[]);
    assert_eq!(code(&first), 0, "{}", stderr(&first));
    let checkpoint = stdout(&first).lines().last().unwrap().replace("--checkpoint ", "");
    assert_eq!(code(&verify(&["--checkpoint", &checkpoint])), 0);
    let (seq, hash) = checkpoint.split_once(':').unwrap();
    let cut_off = format!("{}:{hash}", seq.parse::<i64>().unwrap() + 1);
    let rewritten = format!("{seq}:{}", "00".repeat(32));
    for wrong in [cut_off, rewritten] {
        let output = verify(&["--checkpoint", &wrong]);
        assert_eq!(code(&output), 1);
        assert!(stderr(&output).contains("the audit trail is broken"), "{}", stderr(&output));
    }

    let dead = run(dir.path(), &["mail", "dead", "list"], &variables);
    assert_eq!((code(&dead), stdout(&dead).as_str()), (0, "No e-mail was given up.\n"));
    let unknown = "ltr_01h455vb4pex5vsknk084sn02q";
    // Putting one back is an act, and the entry that tells of it is made with the data key.
    let arguments = ["mail", "dead", "retry", unknown];
    let keyless = run(dir.path(), &arguments, &variables);
    assert_eq!(code(&keyless), 78);
    assert!(stderr(&keyless).contains("secrets.data_key"), "{}", stderr(&keyless));
    let with_key = [variables[0], ("RIGHTFUL_SECRETS__DATA_KEY_FILE", "data/data.key")];
    let retry = run(dir.path(), &arguments, &with_key);
    assert_eq!(code(&retry), 1);
    let said = stderr(&retry);
    assert!(said.contains(unknown) && said.contains("rightful mail dead list"), "{said}");
}

#[test]
fn a_taken_port_is_told_with_what_to_type() {
    let dir = tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(dir.path(), &["dev", "--port", &port], &[]);
    assert_eq!(code(&output), 1);
    let said = stderr(&output);
    assert!(
        said.contains(&format!("127.0.0.1:{port} is taken")) && said.contains("--port"),
        "{said}"
    );
    assert!(said.contains("server.listen"), "{said}");
    assert!(!stdout(&output).contains("API"), "no banner for a server that does not answer");
    let left = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(left, 0, "no folder, no key, no database");
}

#[test]
fn a_configuration_that_is_not_good_leaves_nothing_behind() {
    let dir = tempdir().unwrap();
    for (name, value) in [("RIGHTFUL_MAIL__COLOUR", "blue"), ("RIGHTFUL_HASHING__PASSES", "0")] {
        let output = run(dir.path(), &["dev", "--port", "0"], &[(name, value)]);
        assert_eq!(code(&output), 78, "{}", stderr(&output));
        assert!(stderr(&output).contains(name), "{}", stderr(&output));
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn two_servers_do_not_work_with_one_folder() {
    let dir = tempdir().unwrap();
    let mut first = dev(dir.path(), &[]);
    let api = first.address("inbox");
    let second = run(dir.path(), &["dev", "--port", "0"], &[]);
    assert_eq!(code(&second), 1);
    let said = stderr(&second);
    assert!(said.contains("the folder data") && said.contains("rightful dev --data"), "{said}");
    assert_eq!(get(&api, "/healthz").status, 200, "the first one is not disturbed");

    let mut command = program(dir.path());
    command.args(["dev", "--port", "0", "--data", "data-2"]);
    let mut beside = Server::start(command);
    assert_eq!(get(&beside.address("inbox"), "/healthz").status, 200);
    assert!(beside.stop().success());
    assert!(first.stop().success());
    let mut again = dev(dir.path(), &[]);
    again.address("inbox");
    assert!(again.stop().success());
}

#[test]
fn it_refuses_to_be_seen_from_elsewhere() {
    let dir = tempdir().unwrap();
    let variables = [("RIGHTFUL_SERVER__LISTEN", "0.0.0.0:0")];
    let output = run(dir.path(), &["dev"], &variables);
    assert_eq!(code(&output), 78);
    assert!(stderr(&output).contains("127.0.0.1 only"), "{}", stderr(&output));
}

#[test]
fn a_signal_lets_requests_finish_and_says_not_ready_first() {
    let dir = tempdir().unwrap();
    let mut server = dev(dir.path(), &[("RIGHTFUL_SERVER__DRAIN_DELAY", "1s")]);
    let (api, beside) = (server.address("inbox"), server.address("readiness"));
    let body = json!({"email": "grace@maison-lune.example", "password": "amber window sparrow"})
        .to_string();
    let (early, late) = body.split_at(20);
    let under_way = begin(&api, &head_of_post(&api, "/v1/registrations", body.len()), early);
    // Answered, so the connection before it is accepted too.
    assert_eq!(get(&api, "/healthz").status, 200);

    server.signal(Signal::TERM);
    until("it says that it is not ready", || get(&beside, "/readyz").status == 503);
    let ready = get(&beside, "/readyz").json();
    assert_eq!(ready["checks"][0]["name"], "stopping");
    assert_eq!(ready["checks"][0]["status"], "fail");
    assert_eq!(get(&beside, "/livez").status, 200);
    until("it takes no new connections", || !answers(&api));

    let answer = under_way.finish(late);
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let dir = tempdir().unwrap();
    let mut server = dev(dir.path(), &[("RIGHTFUL_SERVER__DRAIN_DELAY", "1d")]);
    let beside = server.address("readiness");
    server.signal(Signal::INT);
    until("it says that it is not ready", || get(&beside, "/readyz").status == 503);
    server.signal(Signal::INT);
    assert_eq!(server.wait().code(), Some(1));
}
