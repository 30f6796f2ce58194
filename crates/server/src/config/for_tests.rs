//! A configuration for servers that tests start.

use rightful_crypto::vault::DataKey;
use rightful_database::Place;

use super::{Config, Settings, Sources, Transport};

impl Config {
    /// The defaults, on free ports of 127.0.0.1, with the inbox as transport, a new data key, no waiting at
    /// the end, and hashes that cost almost nothing. Every field can be set on what this gives. A start with it
    /// needs [`Options::trial`](crate::Options::trial).
    ///
    /// `place` is an SQLite file that nobody else has open, or an empty PostgreSQL database.
    pub fn for_tests(place: Place) -> Self {
        let settings =
            Settings::collect(Sources::default()).expect("the table's defaults are values");
        let mut config = settings.config().expect("the table's defaults are values");
        config.server.listen = ([127, 0, 0, 1], 0).into();
        config.server.management_listen = ([127, 0, 0, 1], 0).into();
        config.server.drain_delay = std::time::Duration::ZERO;
        config.database.url = Some(place);
        config.secrets.data_key = Some(DataKey::generate());
        config.mail.transport = Transport::Inbox;
        config.mail.from = Some(String::from("accounts@maison-lune.example"));
        config.mail.shop = Some(String::from("Maison Lune"));
        config.mail.support = Some(String::from("help@maison-lune.example"));
        config.hashing.memory_kib = 64;
        config.hashing.passes = 1;
        config
    }
}
