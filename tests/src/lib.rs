//! What journeys are made of: the real server in this process, on either database, and the people at it.
//!
//! - [`Ground`]: a database, a clock that is set, a data key; servers open on it, one or several
//! - [`Shop`]: a running server, its mailboxes, its audit trail
//! - [`Visitor`], [`Customer`], [`Session`]: who asks, each from an address of their own
//! - [`on_both_databases!`]: runs journeys on SQLite and on PostgreSQL
//!
//! When a journey ends, [`Ground::finish`] follows the audit chain of its database and looks into every entry
//! for what must never stand there: no journey has to remember to.
//!
//! Tests that look at how the code is written read it with [`sources`].

#![deny(missing_docs)]

mod app;
mod ground;
mod people;
mod shop;
pub mod sources;

pub use app::App;
pub use ground::Ground;
pub use people::{Customer, NEW_PASSWORD, PASSWORD, Session, Visitor};
pub use rightful_testkit::client::{Answer, Ask, Client};
pub use rightful_testkit::smtp_sink::SmtpSink;
pub use shop::{ORIGIN, Shop};

/// Runs each journey, an `async fn(&Ground)`, on an SQLite file and on a PostgreSQL database of its own.
#[macro_export]
macro_rules! on_both_databases {
    ($($journey:ident,)+) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $journey() {
                    let ground = $crate::Ground::sqlite();
                    super::$journey(&ground).await;
                    ground.finish().await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $journey() {
                    let Some(ground) = $crate::Ground::postgres() else { return };
                    super::$journey(&ground).await;
                    ground.finish().await;
                }
            )+
        }
    };
}
