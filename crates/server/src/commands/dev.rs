//! `rightful dev`: a server to try and develop with.

use std::fs::TryLockError;
use std::io::ErrorKind;
use std::process::ExitCode;

use super::context::block_on;
use super::serve::serve_until_told;
use crate::cli::{DevArgs, SourceArgs};
use crate::config::{CommandValues, Config, Settings, Sources, rules};
use crate::database::private_folder;
use crate::dev::{FolderLock, banner, data_key, seed};
use crate::exit::{Failure, print};
use crate::logging;
use crate::server::{Listeners, Options, Running, StartError, open};
use crate::wiring::rehearse;

/// The port of the API, unless another is asked for.
const PORT: u16 = 8080;

pub(crate) fn run(source: &SourceArgs, args: &DevArgs) -> Result<ExitCode, Failure> {
    let folder = args.data.display();
    let found = data_key::find(&args.data)
        .map_err(|error| Failure::system(format!("the data key in {folder}"), error))?;
    let key = found.unwrap_or_else(data_key::generate);
    let config = configure(source.sources(), args, key.clone())?;
    logging::start(&config.log);
    // Held until the server has stopped.
    let mut lock = None;
    block_on(serve_until_told(start(config, args, &key, &mut lock)))?
}

/// Nothing is written before the configuration is found good and the ports are ours, and nothing by whom the
/// folder does not belong to.
async fn start(
    mut config: Config,
    args: &DevArgs,
    key: &str,
    lock: &mut Option<FolderLock>,
) -> Result<Running, Failure> {
    let folder = args.data.display();
    let listeners = Listeners::bind(&config).await.map_err(|error| of_port(error, args))?;
    private_folder(&args.data)
        .map_err(|error| Failure::system(format!("making the folder {folder} (--data)"), error))?;
    *lock = Some(FolderLock::take(&args.data).map_err(|error| of_lock(error, args))?);
    let key = data_key::keep(&args.data, key)
        .map_err(|error| Failure::system(format!("the data key in {folder}"), error))?;
    config.secrets.data_key = Some(key);

    let options = Options { inbox_pages: true, trial: true, ..Options::default() };
    let prepared = open(config, options, listeners).await?;
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
    Ok(Settings::checked(sources, |config| {
        let mut faults = rules::dev(config);
        faults.extend(rehearse(config));
        faults
    })?)
}

/// A taken port is what goes wrong most often: say what to type.
fn of_port(error: StartError, args: &DevArgs) -> Failure {
    match error {
        StartError::Bind { key, address, source } if source.kind() == ErrorKind::AddrInUse => {
            let other = args.port.unwrap_or(PORT).saturating_add(100);
            Failure::Told(format!(
                "{key}: {address} is taken by another program (perhaps this one, started twice); \
                 use other ports: rightful dev --port {other}"
            ))
        }
        error => error.into(),
    }
}

/// Two servers on one folder would each think that the inbox and the data key are theirs alone.
fn of_lock(error: TryLockError, args: &DevArgs) -> Failure {
    let folder = args.data.display();
    match error {
        TryLockError::WouldBlock => Failure::Told(format!(
            "another development server works with the folder {folder}: stop that one, or give this one a folder \
             of its own: rightful dev --data {folder}-2"
        )),
        TryLockError::Error(error) => {
            Failure::system(format!("locking the folder {folder} (--data)"), error)
        }
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
        assert_eq!(config.database.url.unwrap().to_string(), "elsewhere/rightful.db");
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
