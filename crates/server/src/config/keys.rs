//! Every key, once: its type, its default and what it does. From this table come the typed [`Config`], the
//! detection of unknown keys, `config show` and the reference page.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use rightful_crypto::vault::DataKey;
use rightful_database::Place;
use rightful_domain::email_change::{Disclosure, OldMailbox};
use rightful_domain::policy::Welcome;
use rightful_domain::values::{PasswordPolicy, Span};
use rightful_email::LinkBase;
use rightful_http::{Network, PublicOrigin};

use super::Secret;
use super::layers::Settings;
use super::setting::{Ladder, LogFormat, Quota, Setting, Synchronous, TlsMode, Transport};

/// A key of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// `server.listen`.
    pub path: &'static str,
    /// What it does, in lines.
    pub about: &'static [&'static str],
    /// What a value looks like.
    pub form: &'static str,
    /// The value when none is given; empty when there is none.
    pub default: &'static str,
    /// Whether it is never shown.
    pub secret: bool,
    pub(super) check: fn(&str) -> Result<(), String>,
    pub(super) shown: fn(&str) -> String,
    pub(super) toml: fn(&str) -> toml::Value,
}

/// A section and what it is about.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Section {
    pub name: &'static str,
    pub about: &'static [&'static str],
    pub keys: &'static [Key],
}

impl Key {
    /// The variable that sets it: `RIGHTFUL_SERVER__LISTEN`.
    pub fn variable(&self) -> String {
        format!("RIGHTFUL_{}", self.path.replace('.', "__").to_uppercase())
    }

    /// The key of a path.
    pub fn find(path: &str) -> Option<&'static Self> {
        Self::all().find(|key| key.path == path)
    }

    /// Every key.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        SECTIONS.iter().flat_map(|section| section.keys)
    }
}

macro_rules! configuration {
    ($(
        $(#[doc = $section_about:literal])+
        $section:ident: $Section:ident {
            $($(#[doc = $about:literal])+ $key:ident: $kind:ty = $default:literal,)+
        }
    )+) => {
        /// What a deployment is configured to be. Read from its sources by
        /// [`Settings`](super::Settings), or made by [`Config::for_tests`].
        #[derive(Clone, Debug)]
        pub struct Config {
            $($(#[doc = $section_about])+ pub $section: $Section,)+
        }

        $(
            $(#[doc = $section_about])+
            #[derive(Clone, Debug)]
            pub struct $Section {
                $($(#[doc = $about])+ pub $key: $kind,)+
            }
        )+

        /// Every section, in the order of the reference.
        pub static SECTIONS: &[Section] = &[$(Section {
            name: stringify!($section),
            about: &[$($section_about),+],
            keys: &[$(Key {
                path: concat!(stringify!($section), ".", stringify!($key)),
                about: &[$($about),+],
                form: <$kind as Setting>::FORM,
                default: $default,
                secret: <$kind as Setting>::SECRET,
                check: |text| <$kind as Setting>::read(text).map(drop),
                shown: <$kind as Setting>::shown,
                toml: <$kind as Setting>::toml,
            }),+],
        }),+];

        impl Config {
            /// Reads the typed values; the error names the key.
            pub(super) fn read(settings: &Settings) -> Result<Self, (&'static str, String)> {
                Ok(Self {
                    $($section: $Section {
                        $($key: {
                            const PATH: &str = concat!(stringify!($section), ".", stringify!($key));
                            <$kind as Setting>::read(settings.text(PATH)).map_err(|why| (PATH, why))?
                        },)+
                    },)+
                })
            }
        }
    };
}

configuration! {
    /// Where the server listens, and how long it waits.
    server: ServerConfig {
        /// Where the API listens. TLS ends at a proxy in front of it.
        listen: SocketAddr = "127.0.0.1:8080",
        /// The origin at which clients reach the API: `https://`, and no path. Browsers must send it as
        /// `Origin`, and problems link below it. `serve` does not start without it.
        public_url: Option<PublicOrigin> = "",
        /// Proxies whose `X-Forwarded-For` is believed. Without one, the peer is the client.
        trusted_proxies: Vec<Network> = "",
        /// Where health, readiness and metrics listen. No authentication: an address that only your own
        /// machines reach.
        management_listen: SocketAddr = "127.0.0.1:9090",
        /// Connections at a time; more wait.
        max_connections: usize = "4096",
        /// For the head of a request, and idling between requests.
        header_timeout: Duration = "15s",
        /// For the body of a request.
        body_timeout: Duration = "10s",
        /// For a whole request.
        request_timeout: Duration = "30s",
        /// After the signal to stop: how long `/readyz` says no before connections are refused, so that a load
        /// balancer looks elsewhere first.
        drain_delay: Duration = "5s",
        /// After that: how long requests and e-mails under way may take.
        stop_timeout: Duration = "25s",
    }

    /// Where the records are.
    database: DatabaseConfig {
        /// An SQLite file, or a PostgreSQL database. The URL may hold a password, so it is shown without it, and
        /// it may come from a file. Characters of a name or a password that have a meaning in a URL are encoded
        /// there: `%3F` for `?`, `%23` for `#`, `%40` for `@`, `%2F` for `/`. `dev` brings its own; every other
        /// command that works with the records needs it. The folder of an SQLite file is not made: an empty
        /// database at a place that was mistyped would look like one that lost everybody.
        url: Option<Place> = "",
        /// How sure SQLite is that a commit is on the disk. `normal` is quicker and may lose the last commits
        /// when the power goes.
        synchronous: Synchronous = "full",
        /// Connections at a time: 10 for PostgreSQL when empty; for SQLite those that read, 4 when empty, beside
        /// the one that writes.
        max_connections: Option<u32> = "",
    }

    /// The keys of the deployment. Guard them apart from the database: together they open e-mails that are
    /// not sent yet.
    secrets: SecretsConfig {
        /// The key that seals and fingerprints. `serve` does not start without it.
        data_key: Option<DataKey> = "",
        /// Keys of before, which still open what they sealed.
        previous_data_keys: Vec<DataKey> = "",
    }

    /// How e-mails are written and sent.
    mail: MailConfig {
        /// What takes the e-mails. `inbox` is for the development server: it keeps them in memory.
        transport: Transport = "smtp",
        /// The mail server. `serve` does not start without it.
        host: Option<String> = "",
        /// Its port. When none is given, `mail.tls` decides: 465 for `implicit`, 587 for `starttls`, 25 for
        /// `none`.
        port: u16 = "587",
        /// How the connection is encrypted. `none` is for a mail server on this machine only.
        tls: TlsMode = "starttls",
        /// A file with certificates, in PEM, that are trusted besides those of web browsers: for a mail server of
        /// one's own.
        extra_roots: Option<PathBuf> = "",
        /// The name to sign in with, if the mail server asks for one.
        username: Option<String> = "",
        /// The password to sign in with.
        password: Option<Secret> = "",
        /// Who e-mails are from: `accounts@shop.example`. The shop's name is put before it. `serve` does not
        /// start without it.
        from: Option<String> = "",
        /// Who answers go to.
        reply_to: Option<String> = "",
        /// For each answer of the mail server; a whole e-mail may take twice this.
        timeout: Duration = "30s",
        /// E-mails on their way at the same time.
        workers: usize = "4",
        /// Whether the DNS is asked if the domain of a new address takes mail. `false` where the
        /// server's resolver does not know the world outside: every customer would be refused.
        check_domains: bool = "true",
        /// Where the links in e-mails lead: the address of your own pages, which take the secret behind `#` and
        /// call the API with it. `serve` does not start without it.
        link_base: Option<LinkBase> = "",
        /// A folder with templates that replace the built-in ones.
        templates_dir: Option<PathBuf> = "",
        /// The shop's name, as customers know it. `serve` does not start without it.
        shop: Option<String> = "",
        /// The shop's colour, `#rrggbb`.
        colour: String = "#1f4e79",
        /// Whom customers turn to: an address, a telephone number, a web address. `serve` does not start
        /// without it.
        support: Option<String> = "",
        /// Important information that every English e-mail carries; plain text.
        important_en: String = "",
        /// The same, in French.
        important_fr: String = "",
    }

    /// What customers may do.
    accounts: AccountsConfig {
        /// Whether people can register at all.
        enabled: bool = "true",
        /// Whether the welcome and the verification are one e-mail or two.
        welcome: Welcome = "combined",
        /// The least number of characters of a new password. 15 is what NIST asks of a password that
        /// stands alone.
        min_password_length: PasswordPolicy = "10",
        /// Whether a customer who asks for an address that is taken is told so at once (`explicit`), or only
        /// its mailbox is told (`blind`).
        disclosure: Disclosure = "explicit",
        /// What the mailbox of the address in force has to say to a change of address: it is told and can
        /// object (`notify`), or nothing changes unless it agrees (`confirm`). With `confirm`, whoever has lost
        /// the old mailbox cannot change the address alone.
        old_mailbox: OldMailbox = "notify",
        /// Whether an address that the shop knows without an account (from an order, a newsletter) is told so when
        /// somebody asks for its password or its account. An address that the shop does not know is never written to.
        tell_unknown: bool = "true",
    }

    /// How long a session lasts.
    sessions: SessionsConfig {
        /// From sign-in to its end, whatever happens.
        absolute: Span = "30d",
        /// Without a request.
        idle: Span = "7d",
    }

    /// How often. A success forgets the tries that a ladder counted.
    limits: LimitsConfig {
        /// Wrong passwords for one address from one source.
        sign_in_pair: Ladder = "5 then 30s to 1h",
        /// Wrong passwords for one address from everywhere but its known devices.
        sign_in_address: Ladder = "25 then 30s to 15m",
        /// Tries to sign in from one source.
        sign_in_source: Quota = "120 per 1m",
        /// E-mails that strangers can cause to one address.
        letters_address: Quota = "5 per 1h",
        /// E-mails that one source can cause.
        letters_source: Quota = "30 per 1h",
        /// E-mails with a link that resets the password, for one address. A window of an hour at most, which is how
        /// long a link lives: then there is always a link that works, or an e-mail to be had.
        password_resets: Quota = "5 per 1h",
        /// E-mails that say whether an address has an account, for one address.
        account_reminders: Quota = "1 per 1d",
        /// Changes of address that one account may ask for.
        email_changes: Quota = "5 per 1d",
        /// Changes of name and language that one account may make; each is told to its mailbox.
        profile_changes: Quota = "10 per 1h",
        /// Changes of the password of one account. Every password that was replaced within a week proves that a
        /// change of address was a theft, so there must be an end to them.
        password_changes: Quota = "10 per 7d",
        /// E-mails that one account can cause by ending its other sessions.
        sessions_ended: Quota = "10 per 1h",
        /// E-mails of one account about sign-ins from one network.
        new_sign_in_source: Quota = "1 per 1h",
        /// Wrong codes of the second factor of one account, from one known device and from everywhere else.
        second_factor: Ladder = "5 then 30s to 1h",
        /// Authenticator apps that one account may begin with.
        factor_enrolments: Quota = "10 per 1d",
        /// E-mails to one account that a code was wrong after the right password.
        second_step_failed: Quota = "1 per 1d",
        /// Tries of link secrets from one source.
        links_source: Quota = "60 per 1m",
    }

    /// How passwords are hashed (argon2id). What is stored keeps its own figures, and is hashed anew at the
    /// next sign-in.
    hashing: HashingConfig {
        /// Memory of one hash, in KiB. Each thread holds this much while it hashes.
        memory_kib: u32 = "19456",
        /// How often a hash goes over its memory.
        passes: u32 = "2",
        /// Lanes. One thread computes them one after the other.
        lanes: u32 = "1",
        /// Threads that hash; one for each core when empty.
        threads: Option<usize> = "",
        /// Hashes that may wait; the next one is answered 503. 64 for each core when empty.
        queue: Option<usize> = "",
        /// How much lower than the rest of the server the hashing threads rank, from 0 to 19.
        nice: u8 = "10",
    }

    /// What the server says of itself. No level prints bodies, headers, addresses or secrets.
    log: LogConfig {
        /// How a line looks.
        format: LogFormat = "auto",
        /// How much is said.
        level: tracing::Level = "info",
    }
}
