//! Log lines on standard error: text for a person at a terminal, JSON for everything else.
//!
//! Only our own crates may say more than warnings. There is no level at which bodies, headers, statements or
//! conversations with a mail server are written: what libraries say below a warning never leaves.

use std::io::{self, IsTerminal as _};

use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{LogConfig, LogFormat};

/// Starts logging for this process. A second call changes nothing.
pub(crate) fn start(config: &LogConfig) {
    let json = match config.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !io::stderr().is_terminal(),
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_target(true);
    let layer = if json {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
    } else {
        lines.with_ansi(io::stderr().is_terminal()).boxed()
    };
    // Whoever embeds the library may have a subscriber already: theirs stays.
    let _ =
        tracing_subscriber::registry().with(layer.with_filter(targets(config.level))).try_init();
}

/// Ours at `level`, everybody else's from warnings up.
fn targets(level: Level) -> Targets {
    let others = LevelFilter::from_level(level).min(LevelFilter::WARN);
    Targets::new()
        .with_default(others)
        .with_target("rightful", level)
        // It warns of options of a URL and lines of `~/.pgpass` that it cannot use, and repeats them: passwords.
        .with_target("sqlx_postgres::options", Level::ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_never_say_more_than_warnings() {
        for level in [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG] {
            let targets = targets(level);
            for ours in
                ["rightful", "rightful::request", "rightful_http::serve", "rightful_email::smtp"]
            {
                assert!(targets.would_enable(ours, &level), "{ours} {level}");
            }
            for theirs in
                ["sqlx::query", "hyper::proto", "lettre::transport", "sea_orm", "poem", "rustls"]
            {
                assert!(!targets.would_enable(theirs, &Level::INFO), "{theirs} {level}");
                assert_eq!(targets.would_enable(theirs, &Level::WARN), level >= Level::WARN);
            }
            assert!(!targets.would_enable("rightful", &Level::TRACE));
            for repeats in ["sqlx_postgres::options::parse", "sqlx_postgres::options::pgpass"] {
                assert!(!targets.would_enable(repeats, &Level::WARN), "{repeats} {level}");
                assert!(targets.would_enable(repeats, &Level::ERROR), "{repeats} {level}");
            }
        }
    }
}
