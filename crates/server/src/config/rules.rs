//! Which values do not go together, and which ones a command does not start with.

use std::net::{IpAddr, Ipv4Addr};

use rightful_database::Place;
use rightful_domain::links::LinkPurpose;
use rightful_domain::throttle::Limit;

use super::fault::Fault;
use super::postgres_url::{PostgresUrl, is_this_machine};
use super::{Config, TlsMode, Transport};

/// Said wherever records are needed and nobody said where they are.
pub(crate) const NO_DATABASE: &str = "there is none. Say where the records are: \
     sqlite:/var/lib/rightful/rightful.db, or postgres:// and a database";

/// The production server: nothing that would leave an account without protection starts by mistake.
pub(crate) fn serve(config: &Config) -> Vec<Fault> {
    let mut rules = Rules::of(config);
    rules.listeners(config);
    rules.protection(config);
    rules.0
}

/// What another program has inside, with listeners of its own: protected like the production server, unless it
/// says that it is a trial.
pub(crate) fn embedded(config: &Config, trial: bool) -> Vec<Fault> {
    let mut rules = Rules::of(config);
    if trial {
        rules.origin(config);
    } else {
        rules.protection(config);
    }
    rules.0
}

/// The development server: on this machine only, for its doors are open.
pub(crate) fn dev(config: &Config) -> Vec<Fault> {
    let Config { server, .. } = config;
    let mut rules = Rules::of(config);
    rules.listeners(config);
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
    let mut rules = Rules::of(config);
    rules.listeners(config);
    rules.0
}

struct Rules(Vec<Fault>);

impl Rules {
    fn of(config: &Config) -> Self {
        let Config { server, database, sessions, mail, .. } = config;
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
            matches!(config.limits.password_resets.0, Limit::Quota { window, .. }
                if window <= LinkPurpose::ResetPassword.life()),
            "limits.password_resets",
            "its window is longer than the hour that a link lives: a stranger who asks again and again could keep \
             the owner from both a link and another e-mail",
        );
        if let Some(Place::Postgres { url }) = &database.url {
            let unclear = PostgresUrl::parse(url).err();
            rules.demand(unclear.is_none(), "database.url", unclear.unwrap_or_default());
        }
        rules
    }

    /// What protects accounts, wherever requests come from.
    fn protection(&mut self, config: &Config) {
        let Config { database, secrets, mail, .. } = config;
        self.demand(database.url.is_some(), "database.url", NO_DATABASE);
        self.demand(
            match &database.url {
                None | Some(Place::Sqlite { .. }) => true,
                Some(Place::Postgres { url }) => PostgresUrl::parse(url)
                    // What is no URL is told already.
                    .map_or(true, |url| url.is_private()),
            },
            "database.url",
            "everything that is known of customers travels to this PostgreSQL server, so it must show who it is: \
             write ?sslmode=verify-full at the end of the URL, and &sslrootcert= with the path of your own \
             authority's certificate if you have one. Only a server on this machine needs none of it: name it \
             localhost or 127.0.0.1, or its socket with ?host=/run/postgresql",
        );
        self.demand(
            secrets.data_key.is_some(),
            "secrets.data_key",
            "there is none. Make one with `rightful secrets generate` and guard it apart from the database",
        );
        self.origin(config);
        self.demand(
            mail.transport == Transport::Smtp,
            "mail.transport",
            "the inbox keeps e-mails in memory and shows them to everybody: it is for `rightful dev`",
        );
        self.demand(mail.host.is_some(), "mail.host", "there is none. Name the mail server");
        self.demand(
            mail.tls != TlsMode::Off || mail.host.as_deref().is_none_or(is_this_machine),
            "mail.tls",
            "e-mails hold secret links: without TLS the mail server must be this machine",
        );
        self.demand(
            mail.from.is_some(),
            "mail.from",
            "there is none. Give the address that e-mails are from",
        );
        self.demand(
            mail.link_base.is_some(),
            "mail.link_base",
            "there is none. Give the address of your pages that take the links of e-mails",
        );
        self.demand(mail.shop.is_some(), "mail.shop", "there is none. Give the shop's name");
        self.demand(
            mail.support.is_some(),
            "mail.support",
            "there is none. Say whom customers turn to",
        );
    }

    fn origin(&mut self, config: &Config) {
        self.demand(
            config.server.public_url.is_some(),
            "server.public_url",
            "there is none. Give the https:// origin at which clients reach the API",
        );
    }

    fn listeners(&mut self, config: &Config) {
        let server = &config.server;
        self.demand(
            server.listen.port() == 0 || server.listen != server.management_listen,
            "server.management_listen",
            "it is server.listen too: the management endpoint must not be public",
        );
    }

    fn demand(&mut self, holds: bool, path: &'static str, why: &str) {
        if !holds {
            self.0.push(Fault::Rule { path, why: why.to_owned() });
        }
    }
}
