//! The adapters on both databases: the contract of the ports, then what only a database can get wrong.
//!
//! Tests of PostgreSQL start a throw-away server from the programs of this machine. Where there are none, they
//! say so and pass, unless `RIGHTFUL_REQUIRE_POSTGRES=1`.

mod commit;
mod contract_postgres;
mod contract_sqlite;
mod fresh;
mod key_seal;
mod opening;
mod processes;
mod purge;
mod schema;
