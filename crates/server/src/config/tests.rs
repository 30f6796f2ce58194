//! Precedence, secrets, the rules of commands, and the reference page.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rightful_domain::policy::Policy;

use super::layers::CommandValues;
use super::*;

fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn file(dir: &Path, text: &str) -> PathBuf {
    let path = dir.join("rightful.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn told(sources: Sources) -> Vec<String> {
    match Settings::collect(sources) {
        Ok(_) => Vec::new(),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

const KEY: &str = "aSI0Y+U/Vj7VSQUUTzjRno+aN+UDJPKLP5bUwVFic70=";

#[test]
fn the_stronger_layer_wins_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("password");
    std::fs::write(&secret, "from the secret file\n").unwrap();
    let text =
        "[mail]\nport = 1\nworkers = 2\nhost = \"file.example\"\npassword = \"from the file\"\n";
    let mut sources = Sources {
        file: Some(file(dir.path(), text)),
        variables: variables(&[("RIGHTFUL_MAIL__PORT", "3"), ("RIGHTFUL_MAIL__WORKERS", "4")]),
        flags: vec![("--set", "mail.port".into(), "5".into())],
        command: Some(CommandValues {
            name: "dev",
            defaults: vec![("mail.host", "dev.example".into()), ("mail.colour", "#000000".into())],
            fixed: vec![],
        }),
    };
    sources.variables.push(("RIGHTFUL_MAIL__PASSWORD_FILE".into(), secret.into()));
    let settings = Settings::collect(sources).unwrap();
    let mail = settings.config().unwrap().mail;
    assert_eq!((mail.port, mail.workers), (5, 4));
    assert_eq!(mail.host.as_deref(), Some("file.example"));
    assert_eq!(mail.colour, "#000000");
    assert_eq!(mail.password.unwrap().expose(), "from the secret file");
    let origin = |path| settings.origin(path).to_string();
    assert_eq!(origin("mail.port"), "--set");
    assert_eq!(origin("mail.workers"), "RIGHTFUL_MAIL__WORKERS");
    assert!(origin("mail.host").ends_with("rightful.toml:4"), "{}", origin("mail.host"));
    assert_eq!(origin("mail.colour"), "rightful dev");
    assert!(origin("mail.password").starts_with("RIGHTFUL_MAIL__PASSWORD_FILE ("));
    assert_eq!(origin("mail.timeout"), "default");
}

#[test]
fn a_variable_is_stronger_than_the_file_of_a_secret_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let sources = Sources {
        file: Some(file(dir.path(), "[mail]\npassword = \"a\"\n")),
        variables: variables(&[("RIGHTFUL_MAIL__PASSWORD", "b")]),
        ..Sources::default()
    };
    let config = Settings::collect(sources).unwrap().config().unwrap();
    assert_eq!(config.mail.password.unwrap().expose(), "b");
}

#[test]
fn one_newline_at_the_end_of_a_secret_file_belongs_to_nobody() {
    let dir = tempfile::tempdir().unwrap();
    for (content, secret) in [
        ("pass word", "pass word"),
        ("pass\n", "pass"),
        ("pass\r\n", "pass"),
        ("pass\n\n", "pass\n"),
        (" pass ", " pass "),
    ] {
        let path = dir.path().join("secret");
        std::fs::write(&path, content).unwrap();
        let sources = Sources {
            variables: vec![("RIGHTFUL_MAIL__PASSWORD_FILE".into(), path.into())],
            ..Sources::default()
        };
        let config = Settings::collect(sources).unwrap().config().unwrap();
        assert_eq!(config.mail.password.unwrap().expose(), secret, "{content:?}");
    }
}

#[test]
fn a_secret_has_one_place() {
    let of = |pairs| told(Sources { variables: variables(pairs), ..Sources::default() });
    assert_eq!(
        of(&[("RIGHTFUL_MAIL__PASSWORD", "a"), ("RIGHTFUL_MAIL__PASSWORD_FILE", "/nowhere")]),
        ["RIGHTFUL_MAIL__PASSWORD and RIGHTFUL_MAIL__PASSWORD_FILE are both set: keep one of them"]
    );
    assert_eq!(
        of(&[("RIGHTFUL_MAIL__PORT_FILE", "/nowhere")]),
        ["RIGHTFUL_MAIL__PORT_FILE: mail.port is no secret: set it without _FILE"]
    );
    let missing = of(&[("RIGHTFUL_SECRETS__DATA_KEY_FILE", "/nowhere/key")]);
    assert_eq!(missing.len(), 1, "{missing:?}");
    let said = "RIGHTFUL_SECRETS__DATA_KEY_FILE: the file of secrets.data_key /nowhere/key cannot be read: ";
    assert!(missing[0].starts_with(said), "{missing:?}");
    let flag = Sources {
        flags: vec![("--set", "secrets.data_key".into(), KEY.into())],
        ..Sources::default()
    };
    let refused = told(flag);
    assert!(refused[0].contains("RIGHTFUL_SECRETS__DATA_KEY_FILE"), "{refused:?}");
    assert!(!refused[0].contains(KEY));
}

#[test]
fn an_unknown_variable_or_flag_is_an_error_with_a_suggestion() {
    let of = |name| told(Sources { variables: variables(&[(name, "x")]), ..Sources::default() });
    assert_eq!(
        of("RIGHTFUL_SERVER__LISEN"),
        [
            "RIGHTFUL_SERVER__LISEN: there is no such variable; did you mean RIGHTFUL_SERVER__LISTEN?"
        ]
    );
    assert_eq!(
        of("RIGHTFUL_DATABASE_URL"),
        ["RIGHTFUL_DATABASE_URL: there is no such variable; did you mean RIGHTFUL_DATABASE__URL?"]
    );
    assert_eq!(of("RIGHTFUL_FRUIT"), ["RIGHTFUL_FRUIT: there is no such variable"]);
    for fine in ["RIGHTFUL_CONFIG", "RIGHTFUL_PORT_8080_TCP_ADDR", "RIGHTFUL_SERVICE_HOST", "PATH"]
    {
        assert!(of(fine).is_empty(), "{fine}");
    }
    let flags = vec![("--set", "mail.prot".to_owned(), "1".to_owned())];
    assert_eq!(
        told(Sources { flags, ..Sources::default() }),
        ["--set: there is no key mail.prot; did you mean mail.port?"]
    );
}

#[test]
fn everything_wrong_is_told_at_once_and_no_secret_is_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let text = "[secrets]\ndata_key = \"not base64!\"\n[mail]\nport = 99999\ntls = \"maybe\"\n";
    let all = told(Sources { file: Some(file(dir.path(), text)), ..Sources::default() });
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all.iter().any(|line| line.contains("rightful.toml:2: secrets.data_key")), "{all:?}");
    assert!(all.iter().any(|line| line.contains("rightful.toml:4: mail.port")), "{all:?}");
    assert!(!all.concat().contains("not base64!"), "{all:?}");
}

#[test]
fn what_is_shown_masks_secrets_and_names_origins() {
    let variables = variables(&[
        ("RIGHTFUL_SECRETS__DATA_KEY", KEY),
        ("RIGHTFUL_DATABASE__URL", "postgres://app:hunter2@db.example/shop"),
        ("RIGHTFUL_MAIL__PASSWORD", "hunter3"),
    ]);
    let settings = Settings::collect(Sources { variables, ..Sources::default() }).unwrap();
    for origins in [false, true] {
        let page = show(&settings, origins);
        for secret in [KEY, "hunter2", "hunter3"] {
            assert!(!page.contains(secret), "{page}");
        }
        assert!(page.contains("url = \"postgres://•••@db.example/shop\""), "{page}");
        assert_eq!(page.contains("# RIGHTFUL_SECRETS__DATA_KEY\n"), origins, "{page}");
        assert_eq!(page.contains("# default"), origins, "{page}");
    }
    let config = settings.config().unwrap();
    let debug = format!("{config:?}");
    for secret in [KEY, "hunter2", "hunter3"] {
        assert!(!debug.contains(secret), "{debug}");
    }
}

#[test]
fn what_a_command_brings_cannot_be_set_from_outside() {
    let sources = Sources {
        variables: variables(&[("RIGHTFUL_DATABASE__URL", "postgres://db.example/shop")]),
        command: Some(CommandValues {
            name: "dev",
            defaults: vec![],
            fixed: vec![("database.url", "sqlite:data/rightful.db".into())],
        }),
        ..Sources::default()
    };
    assert_eq!(
        told(sources),
        [
            "RIGHTFUL_DATABASE__URL: `rightful dev` brings its own database.url: leave it out, or use `rightful serve`"
        ]
    );
}

#[test]
fn the_defaults_are_those_of_the_domain() {
    let config = Settings::collect(Sources::default()).unwrap().config().unwrap();
    assert_eq!(config.policy(), Policy::default());
}

/// A configuration that `serve` starts with.
fn production() -> Config {
    let variables = variables(&[
        ("RIGHTFUL_SECRETS__DATA_KEY", KEY),
        ("RIGHTFUL_DATABASE__URL", "sqlite:rightful.db"),
        ("RIGHTFUL_SERVER__PUBLIC_URL", "https://accounts.shop.example"),
        ("RIGHTFUL_MAIL__HOST", "mail.shop.example"),
        ("RIGHTFUL_MAIL__FROM", "accounts@shop.example"),
        ("RIGHTFUL_MAIL__LINK_BASE", "https://shop.example/account"),
        ("RIGHTFUL_MAIL__SHOP", "Maison Lune"),
        ("RIGHTFUL_MAIL__SUPPORT", "help@shop.example"),
    ]);
    Settings::collect(Sources { variables, ..Sources::default() }).unwrap().config().unwrap()
}

fn refused(change: impl FnOnce(&mut Config)) -> Vec<&'static str> {
    let mut config = production();
    change(&mut config);
    let path = |fault: &Fault| match fault {
        Fault::Rule { path, .. } => *path,
        other => panic!("{other:?}"),
    };
    rules::serve(&config).iter().map(path).collect()
}

#[test]
fn serve_refuses_what_would_leave_accounts_unprotected() {
    assert!(refused(|_| ()).is_empty());
    assert_eq!(refused(|c| c.secrets.data_key = None), ["secrets.data_key"]);
    assert_eq!(refused(|c| c.database.url = None), ["database.url"]);
    assert_eq!(refused(|c| c.mail.timeout = std::time::Duration::ZERO), ["mail.timeout"]);
    assert_eq!(refused(|c| c.server.public_url = None), ["server.public_url"]);
    assert_eq!(refused(|c| c.mail.transport = Transport::Inbox), ["mail.transport"]);
    assert_eq!(refused(|c| c.mail.tls = TlsMode::Off), ["mail.tls"]);
    for local in ["localhost", "127.0.0.1", "::1", "[::1]"] {
        let off = |c: &mut Config| {
            c.mail.tls = TlsMode::Off;
            c.mail.host = Some(local.to_owned());
        };
        assert!(refused(off).is_empty(), "{local}");
    }
    let near = |c: &mut Config| {
        c.mail.tls = TlsMode::Off;
        c.mail.host = Some(String::from("localhost.shop.example"));
    };
    assert_eq!(refused(near), ["mail.tls"]);
    assert_eq!(refused(|c| c.mail.link_base = None), ["mail.link_base"]);
    assert_eq!(refused(|c| c.mail.username = Some("x".into())), ["mail.password"]);
    assert_eq!(
        refused(|c| c.server.management_listen = c.server.listen),
        ["server.management_listen"]
    );
    assert_eq!(
        refused(|c| c.sessions.idle = rightful_domain::values::Span::days(31)),
        ["sessions.idle"]
    );
}

#[test]
fn serve_demands_that_a_postgresql_server_elsewhere_shows_who_it_is() {
    let on = |url: &str| {
        let place = rightful_database::Place::Postgres { url: url.to_owned() };
        refused(|c| c.database.url = Some(place))
    };
    for fine in [
        "postgres://app:p@ss@db.shop.example:5432/shop?sslmode=verify-full",
        "postgres://app@db.shop.example/shop?sslmode=disable&ssl-mode=VERIFY-FULL",
        "postgres://app:p@localhost/shop",
        "postgres://app:p@127.0.0.1:5433/shop?sslmode=disable",
        "postgres://app@[::1]:5432/shop",
        "postgres:///shop?host=/run/postgresql",
        "postgres://app@%2Frun%2Fpostgresql/shop",
        "postgres://localhost/shop?host=%2frun%2fpostgresql",
    ] {
        assert!(on(fine).is_empty(), "{fine}");
    }
    for open in [
        "postgres://app:p@db.shop.example/shop",
        "postgres://app:p@10.0.0.7/shop?sslmode=require",
        "postgres://app:p@db.shop.example/shop?sslmode=prefer",
        "postgres://app:p@db.shop.example/shop?sslmode=verify-full&sslmode=disable",
        "postgres://app:p@db.shop.example/sslmode=verify-full",
        "postgres://app:p@db.shop.example/shop#?sslmode=verify-full",
        // Any public authority's certificate, for any name.
        "postgres://app:p@db.shop.example/shop?sslmode=verify-ca",
        "postgresql://app@db.shop.example/shop?application_name=x&sslmode=verify-ca&sslrootcert=/ca.pem",
        "postgres://app:p@db.shop.example/shop?sslmode=verify-ca&sslrootcert=",
        "postgres://app:p@db.shop.example/shop?sslmode=require&sslrootcert=/ca.pem",
        "postgres://localhost:p@db.shop.example/shop",
        "postgres://localhost.shop.example/shop",
        "postgres://[2001:db8::1]:5432/shop",
        "postgres://localhost/shop?host=db.shop.example",
        "postgres://localhost/shop?hostaddr=10.0.0.7",
        "postgres:///shop?host=db.shop.example",
        // PGHOST may say anything.
        "postgres:///shop",
    ] {
        assert_eq!(on(open), ["database.url"], "{open}");
    }
}

#[test]
fn what_is_embedded_is_protected_like_what_is_served_but_for_listeners_and_trials() {
    type Change = fn(&mut Config);
    let refused = |trial: bool, change: Change| {
        let mut config = production();
        change(&mut config);
        let faults = rules::embedded(&config, trial);
        faults.iter().filter_map(Fault::path).collect::<Vec<_>>()
    };
    let changes: [(Change, &str); 8] = [
        (|c| c.mail.transport = Transport::Inbox, "mail.transport"),
        (|c| c.mail.tls = TlsMode::Off, "mail.tls"),
        (|c| c.mail.from = None, "mail.from"),
        (|c| c.mail.shop = None, "mail.shop"),
        (|c| c.mail.support = None, "mail.support"),
        (|c| c.mail.link_base = None, "mail.link_base"),
        (|c| c.secrets.data_key = None, "secrets.data_key"),
        (
            |c| {
                let url = String::from("postgres://app@db.shop.example/shop");
                c.database.url = Some(rightful_database::Place::Postgres { url });
            },
            "database.url",
        ),
    ];
    for (change, path) in changes {
        assert_eq!(refused(false, change), [path]);
        assert!(refused(true, change).is_empty(), "{path} may be so in a trial");
    }
    for trial in [false, true] {
        assert!(refused(trial, |c| c.server.management_listen = c.server.listen).is_empty());
        assert_eq!(refused(trial, |c| c.server.public_url = None), ["server.public_url"]);
        assert_eq!(refused(trial, |c| c.mail.workers = 0), ["mail.workers"]);
        // Whoever builds a configuration in code gives a text that nothing has looked at.
        let unclear: Change = |c| {
            let url = String::from("postgres://app:hunt?er2@localhost/shop");
            c.database.url = Some(rightful_database::Place::Postgres { url });
        };
        assert_eq!(refused(trial, unclear), ["database.url"]);
    }
}

#[test]
fn a_public_address_in_clear_is_no_value_at_all() {
    let variables = variables(&[("RIGHTFUL_SERVER__PUBLIC_URL", "http://accounts.shop.example")]);
    let all = told(Sources { variables, ..Sources::default() });
    assert!(all[0].starts_with("RIGHTFUL_SERVER__PUBLIC_URL: server.public_url: "), "{all:?}");
    assert!(all[0].contains("https://"), "{all:?}");
}

#[test]
fn dev_listens_on_this_machine_only() {
    let mut config = production();
    assert!(rules::dev(&config).is_empty());
    for other in ["0.0.0.0:8080", "192.0.2.1:8080", "[::]:8080", "127.0.0.2:8080"] {
        config.server.listen = other.parse().unwrap();
        let faults = rules::dev(&config);
        assert!(faults.len() == 1 && faults[0].path() == Some("server.listen"), "{faults:?}");
    }
}

#[test]
fn every_key_is_documented_and_its_default_is_a_value() {
    for key in Key::all() {
        assert!(key.about.iter().all(|line| !line.trim().is_empty()), "{}", key.path);
        assert!((key.check)(key.default).is_ok(), "{} has a default that cannot be read", key.path);
    }
}

#[test]
fn the_reference_page_is_the_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/configuration.md");
    if std::env::var_os("RIGHTFUL_BLESS").is_some_and(|v| v == "1") {
        std::fs::write(path, reference()).unwrap();
    }
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        page == reference(),
        "docs/reference/configuration.md is not what the table says: run the test with RIGHTFUL_BLESS=1"
    );
}

#[test]
fn the_port_of_the_mail_server_follows_its_tls() {
    let port = |pairs| {
        let variables = variables(pairs);
        let settings = Settings::collect(Sources { variables, ..Sources::default() }).unwrap();
        let page = show(&settings, true);
        let port = settings.config().unwrap().mail.port;
        assert!(page.contains(&format!("\nport = {port} ")), "{page}");
        (port, settings.origin("mail.port").to_string())
    };
    let by_default = |port| (port, String::from("default"));
    assert_eq!(port(&[]), by_default(587));
    assert_eq!(port(&[("RIGHTFUL_MAIL__TLS", "starttls")]), by_default(587));
    assert_eq!(port(&[("RIGHTFUL_MAIL__TLS", "implicit")]), by_default(465));
    assert_eq!(port(&[("RIGHTFUL_MAIL__TLS", "none")]), by_default(25));
    let both = [("RIGHTFUL_MAIL__TLS", "implicit"), ("RIGHTFUL_MAIL__PORT", "2465")];
    assert_eq!(port(&both), (2465, String::from("RIGHTFUL_MAIL__PORT")));
}

#[test]
fn what_is_shown_is_a_file_that_says_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let text = r#"
[server]
listen = "127.0.0.1:1234"
trusted_proxies = ["10.0.0.0/8", "::1/128"]
max_connections = 17
[database]
url = "sqlite:elsewhere/rightful.db"
[mail]
tls = "implicit"
check_domains = false
shop = "Maison \"Lune\""
important_en = "One line.\n\nAnd # another."
[accounts]
min_password_length = 12
[limits]
letters_source = "7 per 1h"
"#;
    let first =
        Settings::collect(Sources { file: Some(file(dir.path(), text)), ..Sources::default() });
    let first = first.unwrap();
    for origins in [false, true] {
        let page = show(&first, origins);
        for native in [
            "max_connections = 17",
            "check_domains = false",
            "min_password_length = 12",
            "port = 465",
            "trusted_proxies = [\"10.0.0.0/8\", \"::1/128\"]",
        ] {
            let stands = page.lines().any(|line| line.split(" #").next().unwrap().trim() == native);
            assert!(stands, "{native}: {page}");
        }
        let sources = Sources { file: Some(file(dir.path(), &page)), ..Sources::default() };
        let second = Settings::collect(sources).unwrap();
        for key in Key::all() {
            assert_eq!(first.text(key.path), second.text(key.path), "{}", key.path);
        }
    }
}

/// Values that are no values, rules and what only a mail server's settings can tell: all at once, by line.
#[test]
fn all_that_is_wrong_with_letters_is_told_at_once_and_by_line() {
    let dir = tempfile::tempdir().unwrap();
    let text = r#"[secrets]
data_key = "aSI0Y+U/Vj7VSQUUTzjRno+aN+UDJPKLP5bUwVFic70="
[mail]
support = ""
colour = "blue"
reply_to = "nobody"
from = "Maison Lune <accounts@shop.example>"
tls = "none"
port = 99999
host = "mail.shop.example"
extra_roots = "/nowhere/ca.pem"
templates_dir = "/nowhere/templates"
important_fr = "bell \u0007"
shop = "line\nbreak"
usrname = "x"
[server]
public_url = "https://accounts.shop.example"
listen = "127.0.0.1"
"#;
    let sources = Sources { file: Some(file(dir.path(), text)), ..Sources::default() };
    let refused = Settings::checked(sources, |config| {
        let mut faults = rules::serve(config);
        faults.extend(crate::wiring::rehearse(config));
        faults
    });
    let all = refused.unwrap_err().to_string();
    let places: Vec<String> = all
        .lines()
        .map(|line| {
            let (place, rest) = line.split_once(": ").unwrap();
            let line = place.rsplit_once("rightful.toml:").map(|(_, line)| line);
            match line {
                Some(line) => format!("{line} {}", rest.split(": ").next().unwrap()),
                None => place.to_owned(),
            }
        })
        .collect();
    assert_eq!(
        places,
        [
            "4 mail.support",
            "5 mail.colour",
            "6 mail.reply_to",
            "7 mail.from",
            "8 mail.tls",
            "9 mail.port",
            "11 mail.extra_roots",
            "12 mail.templates_dir",
            "13 mail.important_fr",
            "14 mail.shop",
            "15 there is no key mail.usrname; did you mean mail.username?",
            "18 server.listen",
            "database.url",
            "mail.link_base",
        ],
        "{all}"
    );
    for wanted in
        ["such as #1f4e79", "such as help@shop.example", "/nowhere/ca.pem", "/nowhere/templates"]
    {
        assert!(all.contains(wanted), "{wanted}: {all}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_who_names_it_and_nothing_is_guessed() {
    let sources = Sources { file: Some(PathBuf::from("nowhere.toml")), ..Sources::default() };
    let refused = Settings::checked(sources, rules::serve).unwrap_err().to_string();
    assert!(
        refused.starts_with("--config or RIGHTFUL_CONFIG: the configuration file nowhere.toml")
    );
    assert_eq!(refused.lines().count(), 1, "{refused}");
}
