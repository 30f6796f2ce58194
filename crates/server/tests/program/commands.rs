//! Commands that end by themselves.

use std::net::TcpListener;

use tempfile::tempdir;

use crate::process::{code, run, stderr, stdout};

const KEY: &str = "aSI0Y+U/Vj7VSQUUTzjRno+aN+UDJPKLP5bUwVFic70=";

/// What the commands for the tables need.
const DATABASE: (&str, &str) = ("RIGHTFUL_DATABASE__URL", "sqlite:data/rightful.db");

/// What `serve` needs at least.
const PRODUCTION: [(&str, &str); 8] = [
    ("RIGHTFUL_SECRETS__DATA_KEY", KEY),
    DATABASE,
    ("RIGHTFUL_SERVER__PUBLIC_URL", "https://accounts.shop.example"),
    ("RIGHTFUL_MAIL__HOST", "mail.shop.example"),
    ("RIGHTFUL_MAIL__FROM", "accounts@shop.example"),
    ("RIGHTFUL_MAIL__LINK_BASE", "https://shop.example/account"),
    ("RIGHTFUL_MAIL__SHOP", "Maison Lune"),
    ("RIGHTFUL_MAIL__SUPPORT", "help@shop.example"),
];

fn production_and(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    PRODUCTION.iter().chain(more).copied().collect()
}

#[test]
fn used_wrongly_is_two_and_asked_for_help_is_zero() {
    let dir = tempdir().unwrap();
    for wrong in [
        &["fly"][..],
        &["serve", "--fast"],
        &["audit", "verify", "--checkpoint", "x"],
        &["mail", "preview", "poem"],
        &["--set", "x", "openapi"],
    ] {
        assert_eq!(code(&run(dir.path(), wrong, &[])), 2, "{wrong:?}");
    }
    let help = run(dir.path(), &["--help"], &[]);
    assert_eq!(code(&help), 0);
    assert!(stdout(&help).contains("78 the configuration is not good"));
    // Outside of a checkout nobody gets a development server by accident.
    let bare = run::<&str>(dir.path(), &[], &[]);
    assert_eq!(code(&bare), 2);
    assert!(stdout(&bare).contains("Usage: rightful"));
    assert!(!dir.path().join("data").exists());
}

#[test]
fn a_configuration_that_is_not_good_is_seventy_eight() {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join("rightful.toml"), "[server]\nlisen = \"127.0.0.1:0\"\n")
        .unwrap();
    for command in [&["serve"][..], &["config", "check"], &["config", "show"], &["db", "status"]] {
        let mut arguments = vec!["--config", "rightful.toml"];
        arguments.extend(command);
        let output = run(dir.path(), &arguments, &[]);
        assert_eq!(code(&output), 78, "{command:?}");
        let said = stderr(&output);
        assert!(
            said.contains(
                "rightful.toml:2: there is no key server.lisen; did you mean server.listen?"
            ),
            "{said}"
        );
    }
    let output = run(dir.path(), &["config", "check"], &[("RIGHTFUL_CONFIG", "nowhere.toml")]);
    assert_eq!(code(&output), 78);
    assert!(stderr(&output).contains("nowhere.toml"));
}

#[test]
fn serve_refuses_before_it_touches_anything() {
    let dir = tempdir().unwrap();
    let without_key: Vec<_> = PRODUCTION.into_iter().skip(1).collect();
    let without_database: Vec<_> =
        PRODUCTION.into_iter().filter(|variable| *variable != DATABASE).collect();
    for (variables, said) in [
        (without_key, "secrets.data_key: there is none"),
        (without_database, "database.url: there is none"),
        (production_and(&[("RIGHTFUL_MAIL__TLS", "none")]), "mail.tls: e-mails hold secret links"),
        (production_and(&[("RIGHTFUL_MAIL__TRANSPORT", "inbox")]), "mail.transport: the inbox"),
        (
            production_and(&[("RIGHTFUL_DATABASE__URL", "postgres://app:hunter2@db.example/shop")]),
            "write ?sslmode=verify-full at the end of the URL",
        ),
    ] {
        for command in [&["serve"][..], &["config", "check"]] {
            let output = run(dir.path(), command, &variables);
            assert_eq!(code(&output), 78, "{said}");
            assert!(stderr(&output).contains(said), "{}", stderr(&output));
            assert!(!stderr(&output).contains("hunter2"), "{}", stderr(&output));
        }
    }
    let mut plain = PRODUCTION;
    plain[2].1 = "http://accounts.shop.example";
    let output = run(dir.path(), &["serve"], &plain);
    assert_eq!(code(&output), 78);
    assert!(stderr(&output).contains("server.public_url"), "{}", stderr(&output));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_good_configuration_is_called_good_and_a_brand_that_is_none_is_not() {
    let dir = tempdir().unwrap();
    let good = run(dir.path(), &["config", "check"], &PRODUCTION);
    assert_eq!((code(&good), stdout(&good).as_str()), (0, "The configuration is good.\n"));
    for (variable, value, said) in [
        ("RIGHTFUL_MAIL__COLOUR", "blue", "#rrggbb"),
        ("RIGHTFUL_MAIL__TEMPLATES_DIR", "/nowhere/at/all", "mail.templates_dir"),
        ("RIGHTFUL_HASHING__PASSES", "0", "hashing.passes"),
    ] {
        let output = run(dir.path(), &["config", "check"], &production_and(&[(variable, value)]));
        assert_eq!(code(&output), 78, "{variable}");
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}

#[test]
fn shown_values_name_their_origin_and_hide_secrets() {
    let dir = tempdir().unwrap();
    let arguments = ["config", "show", "--origin", "--set", "mail.port=2525"];
    let output = run(dir.path(), &arguments, &PRODUCTION);
    assert_eq!(code(&output), 0);
    let page = stdout(&output);
    assert!(!page.contains(KEY));
    let line = |name: &str| page.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    assert!(line("port = ").ends_with("# --set"), "{page}");
    assert!(line("# data_key = ").ends_with("# RIGHTFUL_SECRETS__DATA_KEY"), "{page}");
    assert!(line("memory_kib = ").ends_with("# default"), "{page}");
}

#[test]
fn two_generated_keys_differ_and_are_keys() {
    let dir = tempdir().unwrap();
    let make = || stdout(&run(dir.path(), &["secrets", "generate"], &[])).trim_end().to_owned();
    let (one, two) = (make(), make());
    assert_ne!(one, two);
    let mut variables = PRODUCTION;
    variables[0].1 = &one;
    assert_eq!(code(&run(dir.path(), &["config", "check"], &variables)), 0);
}

#[test]
fn the_tables_are_made_by_migrate_and_status_tells_them() {
    let dir = tempdir().unwrap();
    let status = || run(dir.path(), &["db", "status"], &[DATABASE]);
    let none = status();
    assert_eq!(code(&none), 1);
    assert!(stderr(&none).contains("there is no database at data/rightful.db"));
    assert!(!dir.path().join("data").exists(), "asking makes nothing");

    let unserved = production_and(&[
        ("RIGHTFUL_SERVER__LISTEN", "127.0.0.1:0"),
        ("RIGHTFUL_SERVER__MANAGEMENT_LISTEN", "127.0.0.1:0"),
    ]);
    // A folder that is not there may be a disk that is not mounted.
    for (command, variables) in [(&["serve"][..], &unserved[..]), (&["db", "migrate"], &[DATABASE])]
    {
        let output = run(dir.path(), command, variables);
        assert_eq!(code(&output), 1, "{command:?}");
        assert!(stderr(&output).contains("the folder data does not exist"), "{}", stderr(&output));
        assert!(!dir.path().join("data").exists(), "{command:?} makes no folder");
    }

    std::fs::create_dir(dir.path().join("data")).unwrap();
    let refused = run(dir.path(), &["serve", "--no-migrate"], &unserved);
    assert_eq!(code(&refused), 1);
    assert!(stderr(&refused).contains("run `rightful db migrate`"), "{}", stderr(&refused));
    let pending = status();
    assert_eq!(code(&pending), 1);
    assert!(stdout(&pending).starts_with("pending m2026"), "{}", stdout(&pending));

    let migrate = || run(dir.path(), &["db", "migrate"], &[DATABASE]);
    let first = migrate();
    assert_eq!(code(&first), 0);
    assert!(stdout(&first).starts_with("applied m2026"), "{}", stdout(&first));
    assert_eq!(stdout(&migrate()), "The tables are up to date.\n");
    let after = status();
    assert_eq!(code(&after), 0);
    assert!(!stdout(&after).contains("pending"));
}

#[test]
fn what_needs_a_database_says_so() {
    let dir = tempdir().unwrap();
    let unknown = "ltr_01h455vb4pex5vsknk084sn02q";
    for command in [
        &["db", "migrate"][..],
        &["db", "status"],
        &["audit", "verify"],
        &["mail", "dead", "list"],
        &["mail", "dead", "retry", unknown],
    ] {
        let output = run(dir.path(), command, &[]);
        assert_eq!(code(&output), 78, "{command:?}");
        assert!(stderr(&output).contains("database.url: there is none"), "{}", stderr(&output));
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_port_that_is_taken_leaves_nothing_behind_and_names_its_key() {
    let dir = tempdir().unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (key, ours, other) in [
        ("server.listen", "RIGHTFUL_SERVER__LISTEN", "RIGHTFUL_SERVER__MANAGEMENT_LISTEN"),
        (
            "server.management_listen",
            "RIGHTFUL_SERVER__MANAGEMENT_LISTEN",
            "RIGHTFUL_SERVER__LISTEN",
        ),
    ] {
        let mut variables = PRODUCTION.to_vec();
        variables.extend([(ours, &*address), (other, "127.0.0.1:0")]);
        let output = run(dir.path(), &["serve"], &variables);
        assert_eq!(code(&output), 1);
        let said = stderr(&output);
        assert!(said.contains(&format!("{key}: {address} is taken by another program")), "{said}");
    }
    let left = std::fs::read_dir(dir.path().join("data")).unwrap().count();
    assert_eq!(left, 0, "no database was made");
}

#[test]
fn a_postgresql_server_that_does_not_answer_is_named_without_what_opens_it() {
    let dir = tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://app:hunter2@127.0.0.1:{free}/shop?sslmode=disable");
    let output = run(dir.path(), &["db", "status"], &[("RIGHTFUL_DATABASE__URL", &url)]);
    assert_eq!(code(&output), 1);
    let said = stderr(&output);
    let place = format!("shop of the PostgreSQL server 127.0.0.1:{free}");
    for wanted in [&*place, "database.url", "does the server run"] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn nothing_of_a_password_that_is_not_encoded_is_shown() {
    let dir = tempdir().unwrap();
    for url in [
        "postgres://app:hunt?er2@db.example/shop",
        "postgres://app:hunt#er2@db.example/shop",
        "postgres://app:hunter2",
    ] {
        let variables = production_and(&[("RIGHTFUL_DATABASE__URL", url)]);
        for command in [
            &["config", "show"][..],
            &["config", "check"],
            &["db", "status"],
            &["db", "migrate"],
            &["serve"],
        ] {
            let output = run(dir.path(), command, &variables);
            assert_eq!(code(&output), 78, "{command:?} {url}");
            let said = stderr(&output) + &stdout(&output);
            assert!(said.contains("RIGHTFUL_DATABASE__URL: database.url: "), "{said}");
            assert!(said.contains("encode it (%3F, %23, %40"), "{said}");
            for part in ["app:", "hunt", "er2", "db.example"] {
                assert!(!said.contains(part), "{part}: {said}");
            }
        }
    }
}

/// The driver warns of what it does not know in a URL, with its value.
#[test]
fn an_option_of_a_database_that_nobody_knows_is_not_repeated() {
    let dir = tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://app@127.0.0.1:{free}/shop?passwort=hunter2");
    for level in ["error", "warn", "debug"] {
        let variables = [("RIGHTFUL_DATABASE__URL", &*url), ("RIGHTFUL_LOG__LEVEL", level)];
        let output = run(dir.path(), &["db", "status"], &variables);
        assert_eq!(code(&output), 1);
        let said = stderr(&output);
        assert!(said.contains("does the server run"), "{said}");
        assert!(!said.contains("hunter2"), "{level}: {said}");
    }
}

#[test]
fn letters_are_previewed_in_both_languages_and_forms() {
    let dir = tempdir().unwrap();
    let preview = |more: &[&str]| {
        let mut arguments = vec!["mail", "preview", "verify_address"];
        arguments.extend(more);
        let output = run(dir.path(), &arguments, &[]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stdout(&output)
    };
    assert!(preview(&[]).starts_with("Subject: Confirm your e-mail address"));
    assert!(preview(&["--language", "fr"]).starts_with("Subject: Confirmez"));
    assert!(preview(&["--language", "fr", "--html"]).contains("<html lang=\"fr\""));
    assert!(preview(&[]).contains("https://shop.example/account/links/verify#"));
    let told = stderr(&run(dir.path(), &["mail", "preview", "welcome", "--language", "fr"], &[]));
    assert!(
        told.contains("a sample of welcome in fr") && told.contains("standard output"),
        "{told}"
    );
}

#[test]
fn templates_of_ones_own_are_checked() {
    let dir = tempdir().unwrap();
    let check = || {
        run(
            dir.path(),
            &["mail", "templates", "check", "--set", "mail.templates_dir=templates"],
            &[],
        )
    };
    let folder = dir.path().join("templates");
    std::fs::create_dir(&folder).unwrap();
    let good = check();
    assert_eq!(code(&good), 0, "an empty folder replaces nothing");
    let told = stdout(&good);
    assert!(told.starts_with("Checked ") && told.contains("the templates in templates"), "{told}");
    std::fs::write(folder.join("verify_address.txt"), "Come in, {{ nobody }}.").unwrap();
    let output = check();
    assert_eq!(code(&output), 1);
    assert!(stdout(&output).contains("verify_address"), "{}", stdout(&output));
}

#[test]
fn the_openapi_document_needs_no_configuration() {
    let dir = tempdir().unwrap();
    let output = run(dir.path(), &["openapi"], &[("RIGHTFUL_REQUIRE_POSTGRES", "1")]);
    assert_eq!(code(&output), 0);
    let document: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(document["info"]["title"], "Rightful");
    assert!(document["paths"]["/v1/sessions"]["post"].is_object());
}
