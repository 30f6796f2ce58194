//! `rightful dev`: a server to try and develop with.

use std::io::ErrorKind;
use std::process::ExitCode;

use super::context::block_on;
use super::serve::serve_until_told;
use crate::cli::{DevArgs, SourceArgs};
use crate::config::{CommandValues, Config, Settings, Sources, rules};
use crate::dev::{banner, data_key, seed};
use crate::exit::{Failure, print};
use crate::server::{Options, Running, StartError, prepare};
use crate::{logging, wiring};

/// The port of the API, unless another is asked for.
const PORT: u16 = 8080;

pub(crate) fn run(source: &SourceArgs, args: &DevArgs) -> Result<ExitCode, Failure> {
    let folder = args.data.display();
    wiring::private_folder(&args.data)
        .map_err(|error| Failure::system(format!("making the folder {folder}"), error))?;
    let key = data_key(&args.data)
        .map_err(|error| Failure::system(format!("the data key in {folder}"), error))?;
    let config = configure(source.sources(), args, key)?;
    logging::start(&config.log);
    block_on(serve_until_told(start(config, args)))?
}

async fn start(config: Config, args: &DevArgs) -> Result<Running, Failure> {
    let options = Options { inbox_pages: true, ..Options::default() };
    let prepared = prepare(config, options).await.map_err(|error| of_port(error, args))?;
    if let Some(inbox) = prepared.inbox() {
        seed(prepared.rightful(), inbox)
            .await
            .map_err(|error| Failure::Told(format!("nobody to sign in as: {error}")))?;
    }
    let running = prepared.run();
    print(&banner(&running, &args.data))?;
    Ok(running)
}

/// What `dev` brings of its own, and may not be told otherwise.
fn configure(mut sources: Sources, args: &DevArgs, key: String) -> Result<Config, Failure> {
    // Somebody may serve from this shell too: what is fixed here would be refused, the rest is welcome.
    let listen = |port: u16| format!("127.0.0.1:{port}");
    let ports = |port: u16| {
        let beside = match port {
            0 => 0,
            u16::MAX => u16::MAX - 1,
            port => port + 1,
        };
        [("server.listen", listen(port)), ("server.management_listen", listen(beside))]
    };
    let database = args.data.join("rightful.db");
    let mut defaults = vec![
        ("server.drain_delay", String::from("0s")),
        ("server.stop_timeout", String::from("5s")),
        ("mail.from", String::from("accounts@maison-lune.example")),
        ("mail.shop", String::from("Maison Lune")),
        ("mail.support", String::from("help@maison-lune.example")),
    ];
    defaults.extend(ports(PORT));
    if let Some(port) = args.port {
        let flags = ports(port).map(|(path, text)| ("--port", path.to_owned(), text));
        sources.flags.extend(flags);
    }
    sources.command = Some(CommandValues {
        name: "dev",
        defaults,
        fixed: vec![
            ("database.url", format!("sqlite:{}", database.display())),
            ("secrets.data_key", key),
            ("secrets.previous_data_keys", String::new()),
            ("mail.transport", String::from("inbox")),
        ],
    });
    let config = Settings::collect(sources)?.config()?;
    rules::dev(&config)?;
    Ok(config)
}

/// A taken port is what goes wrong most often: say what to type.
fn of_port(error: StartError, args: &DevArgs) -> Failure {
    match error {
        StartError::Bind { address, source, .. } if source.kind() == ErrorKind::AddrInUse => {
            let other = args.port.unwrap_or(PORT).saturating_add(100);
            Failure::Told(format!(
                "{address} is taken by another program (perhaps this one, started twice); \
                 use other ports: rightful dev --port {other}"
            ))
        }
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const KEY: &str = "aSI0Y+U/Vj7VSQUUTzjRno+aN+UDJPKLP5bUwVFic70=";

    fn with(variable: Option<(&str, &str)>, port: Option<u16>) -> Result<Config, Failure> {
        let variables = variable.map(|(name, value)| (name.into(), value.into()));
        let sources = Sources { variables: variables.into_iter().collect(), ..Sources::default() };
        configure(sources, &DevArgs { data: PathBuf::from("elsewhere"), port }, KEY.to_owned())
    }

    #[test]
    fn it_listens_on_this_machine_with_its_own_data() {
        let config = with(None, None).unwrap();
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.server.management_listen.to_string(), "127.0.0.1:8081");
        assert_eq!(config.database.url.to_string(), "elsewhere/rightful.db");
        let other = with(None, Some(9000)).unwrap();
        assert_eq!(other.server.listen.to_string(), "127.0.0.1:9000");
        assert_eq!(other.server.management_listen.to_string(), "127.0.0.1:9001");
    }

    #[test]
    fn it_refuses_other_addresses_and_other_peoples_databases() {
        for (name, value) in [
            ("RIGHTFUL_SERVER__LISTEN", "0.0.0.0:8080"),
            ("RIGHTFUL_SERVER__MANAGEMENT_LISTEN", "192.0.2.1:9090"),
            ("RIGHTFUL_DATABASE__URL", "postgres://db.example/shop"),
            ("RIGHTFUL_SECRETS__DATA_KEY", KEY),
            ("RIGHTFUL_MAIL__TRANSPORT", "smtp"),
        ] {
            assert!(matches!(with(Some((name, value)), None), Err(Failure::Config(_))), "{name}");
        }
        assert!(with(Some(("RIGHTFUL_MAIL__SHOP", "Maison Soleil")), None).is_ok());
    }
}
