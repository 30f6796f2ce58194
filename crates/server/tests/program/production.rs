//! `rightful serve`, on this machine.

use serde_json::json;
use tempfile::tempdir;

use crate::process::{Server, code, get, post, program, run, stderr, stdout};

#[test]
fn it_serves_without_a_mail_server_and_without_an_inbox() {
    let dir = tempdir().unwrap();
    let key = "aSI0Y+U/Vj7VSQUUTzjRno+aN+UDJPKLP5bUwVFic70=\n";
    std::fs::write(dir.path().join("key"), key).unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    let text = r#"
[database]
url = "sqlite:data/rightful.db"
[server]
listen = "127.0.0.1:0"
management_listen = "127.0.0.1:0"
public_url = "https://accounts.shop.example"
drain_delay = "0s"
[mail]
host = "127.0.0.1"
port = 1
tls = "none"
from = "accounts@shop.example"
link_base = "https://shop.example/account"
shop = "Maison Lune"
support = "help@shop.example"
"#;
    std::fs::write(dir.path().join("rightful.toml"), text).unwrap();
    let mut command = program(dir.path());
    command
        .args(["serve", "--config", "rightful.toml"])
        .env("RIGHTFUL_SECRETS__DATA_KEY_FILE", "key");
    let mut server = Server::start(command);
    let api = server.logged("serving", "api");
    let beside = server.logged("serving", "management");

    // The mail server is away, and that is no reason not to be ready: letters wait.
    let ready = get(&beside, "/readyz");
    assert_eq!(ready.status, 200, "{ready:?}");
    let names: Vec<_> = ready.json()["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["stopping", "database", "migrations", "data_key"]);

    assert_eq!(get(&api, "/dev/inbox").status, 404);
    assert_eq!(get(&api, "/healthz").status, 200);
    let secret = "amber window sparrow";
    let body = json!({"email": "grace@shop.example", "password": secret, "name": "Grace"});
    let registered = post(&api, "/v1/registrations", &body);
    assert_eq!(registered.status, 202, "{registered:?}");
    let outcome = server.logged("letter", "outcome");
    assert_eq!(outcome, "deferred");

    let lines = server.everything();
    assert!(server.stop().success());
    for never in [secret, "grace@shop.example", "Grace", "vfy_", "aSI0Y"] {
        assert!(!lines.contains(never), "the log holds {never}: {lines}");
    }
    // An operator's entry in the trail is made under the key of the server, or not at all.
    let other = stdout(&run(dir.path(), &["secrets", "generate"], &[]));
    for (key, code_and_words) in
        [(&*other, (1, "written under another key")), (key, (1, "is no e-mail that was given up"))]
    {
        let retry = [
            "--config",
            "rightful.toml",
            "mail",
            "dead",
            "retry",
            "ltr_01h455vb4pex5vsknk084sn02q",
        ];
        let variables = [("RIGHTFUL_SECRETS__DATA_KEY", key.trim_end())];
        let output = run(dir.path(), &retry, &variables);
        let (wanted, words) = code_and_words;
        assert_eq!(code(&output), wanted);
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
    let mode = std::fs::metadata(dir.path().join("data/rightful.db")).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
}
