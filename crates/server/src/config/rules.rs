//! Which values do not go together, and which ones a command does not start with.

use std::net::{IpAddr, Ipv4Addr};

use rightful_database::Place;

use super::fault::Fault;
use super::{Config, TlsMode, Transport};

/// Said wherever records are needed and nobody said where they are.
pub(crate) const NO_DATABASE: &str = "there is none. Say where the records are: \
     sqlite:/var/lib/rightful/rightful.db, or postgres:// and a database";

/// The production server: nothing that would leave an account without protection starts by mistake.
pub(crate) fn serve(config: &Config) -> Vec<Fault> {
    let Config { server, database, secrets, mail, .. } = config;
    let mut rules = Rules::of(config);
    rules.demand(database.url.is_some(), "database.url", NO_DATABASE);
    rules.demand(
        match &database.url {
            None | Some(Place::Sqlite { .. }) => true,
            Some(Place::Postgres { url }) => is_private(url),
        },
        "database.url",
        "everything that is known of customers travels to this PostgreSQL server, so it must show who it is: \
         write ?sslmode=verify-full at the end of the URL, and &sslrootcert= with the path of your own \
         authority's certificate if you have one. Only a server on this machine needs none of it: name it \
         localhost or 127.0.0.1, or its socket with ?host=/run/postgresql",
    );
    rules.demand(
        secrets.data_key.is_some(),
        "secrets.data_key",
        "there is none. Make one with `rightful secrets generate` and guard it apart from the database",
    );
    rules.demand(
        server.public_url.is_some(),
        "server.public_url",
        "there is none. Give the https:// origin at which clients reach the API",
    );
    rules.demand(
        mail.transport == Transport::Smtp,
        "mail.transport",
        "the inbox keeps e-mails in memory and shows them to everybody: it is for `rightful dev`",
    );
    rules.demand(mail.host.is_some(), "mail.host", "there is none. Name the mail server");
    rules.demand(
        mail.tls != TlsMode::Off || mail.host.as_deref().is_none_or(is_this_machine),
        "mail.tls",
        "e-mails hold secret links: without TLS the mail server must be this machine",
    );
    rules.demand(
        mail.from.is_some(),
        "mail.from",
        "there is none. Give the address that e-mails are from",
    );
    rules.demand(
        mail.link_base.is_some(),
        "mail.link_base",
        "there is none. Give the address of your pages that take the links of e-mails",
    );
    rules.demand(mail.shop.is_some(), "mail.shop", "there is none. Give the shop's name");
    rules.demand(
        mail.support.is_some(),
        "mail.support",
        "there is none. Say whom customers turn to",
    );
    rules.0
}

/// The development server: on this machine only, for its doors are open.
pub(crate) fn dev(config: &Config) -> Vec<Fault> {
    let Config { server, .. } = config;
    let mut rules = Rules::of(config);
    for (path, address) in
        [("server.listen", server.listen), ("server.management_listen", server.management_listen)]
    {
        rules.demand(
            address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST),
            path,
            "`rightful dev` shows every e-mail to everybody: it listens on 127.0.0.1 only",
        );
    }
    rules.0
}

/// What every command asks of values that go together.
pub(crate) fn always(config: &Config) -> Vec<Fault> {
    Rules::of(config).0
}

struct Rules(Vec<Fault>);

impl Rules {
    fn of(config: &Config) -> Self {
        let Config { server, sessions, mail, .. } = config;
        let mut rules = Self(Vec::new());
        rules.demand(
            sessions.idle <= sessions.absolute,
            "sessions.idle",
            "it is longer than sessions.absolute, so it would never end a session",
        );
        rules.demand(
            mail.username.is_some() == mail.password.is_some(),
            "mail.password",
            "mail.username and mail.password go together: give both or neither",
        );
        rules.demand(
            !mail.timeout.is_zero(),
            "mail.timeout",
            "with no time at all, no mail server could answer: give some, such as 30s",
        );
        rules.demand(mail.workers >= 1, "mail.workers", "with none, no e-mail would be sent");
        rules.demand(
            server.max_connections >= 1,
            "server.max_connections",
            "with none, nobody could be answered",
        );
        rules.demand(
            server.listen.port() == 0 || server.listen != server.management_listen,
            "server.management_listen",
            "it is server.listen too: the management endpoint must not be public",
        );
        rules
    }

    fn demand(&mut self, holds: bool, path: &'static str, why: &str) {
        if !holds {
            self.0.push(Fault::Rule { path, why: why.to_owned() });
        }
    }
}

/// Whether nobody on the way to this PostgreSQL server can read along or stand in for it. A URL without a host
/// is none: the environment may name one (`PGHOST`).
fn is_private(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or_default();
    let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
    let options = || options.split('&').filter_map(|option| option.split_once('='));
    // The last one counts, as for the driver.
    let mode = options().rfind(|(name, _)| ["sslmode", "ssl-mode"].contains(name));
    let verified = mode.is_some_and(|(_, mode)| {
        ["verify-full", "verify-ca"].iter().any(|strict| mode.eq_ignore_ascii_case(strict))
    });
    if verified {
        return true;
    }
    let authority = place.split('/').next().unwrap_or_default();
    let address = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
    let named = match address.find(']') {
        Some(end) => &address[..=end],
        None => address.split(':').next().unwrap_or_default(),
    };
    let others = options().filter(|(name, _)| ["host", "hostaddr"].contains(name));
    let mut hosts: Vec<&str> = others.map(|(_, host)| host).collect();
    if !named.is_empty() {
        hosts.push(named);
    }
    !hosts.is_empty() && hosts.into_iter().all(|host| is_socket(host) || is_this_machine(host))
}

/// Whether a host of a URL is the folder of a unix socket.
fn is_socket(host: &str) -> bool {
    host.starts_with('/') || host.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%2f"))
}

/// Whether nothing travels to this host.
fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}
