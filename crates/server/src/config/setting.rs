//! How a value of the configuration is read from text, whatever brought the text: a file, a variable, a flag.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use rightful_crypto::vault::DataKey;
use rightful_database::Place;
use rightful_domain::email_change::{Disclosure, OldMailbox};
use rightful_domain::policy::Welcome;
use rightful_domain::throttle::Limit;
use rightful_domain::values::{PasswordPolicy, Span};
use rightful_email::LinkBase;
use rightful_http::{Network, PublicOrigin};

use super::Secret;
use super::postgres_url::PostgresUrl;

/// A type that a key of the configuration can have.
pub trait Setting: Sized {
    /// What a value looks like, for the reference and for errors.
    const FORM: &'static str;

    /// Whether the value is never shown, and may come from the file that a `…_FILE` variable names.
    const SECRET: bool = false;

    /// Reads a value. The error says what is wrong with it and never repeats a secret.
    fn read(text: &str) -> Result<Self, String>;

    /// The text as `config show` may print it.
    fn shown(text: &str) -> String {
        if Self::SECRET && !text.is_empty() { String::from("•••") } else { text.to_owned() }
    }

    /// The value as a file has it. `text` is one that [`Setting::read`] takes.
    fn toml(text: &str) -> toml::Value {
        toml::Value::String(text.to_owned())
    }
}

/// Empty text is no value.
impl<T: Setting> Setting for Option<T> {
    const FORM: &'static str = T::FORM;
    const SECRET: bool = T::SECRET;

    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::read(text).map(Some) }
    }
    fn shown(text: &str) -> String {
        T::shown(text)
    }
    fn toml(text: &str) -> toml::Value {
        T::toml(text)
    }
}

/// In a file an array of strings; elsewhere with commas in between.
impl<T: Setting> Setting for Vec<T> {
    const FORM: &'static str = T::FORM;
    const SECRET: bool = T::SECRET;

    fn read(text: &str) -> Result<Self, String> {
        parts(text).map(T::read).collect()
    }
    fn toml(text: &str) -> toml::Value {
        parts(text).map(T::toml).collect::<Vec<_>>().into()
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

impl Setting for String {
    const FORM: &'static str = "text";

    fn read(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

impl Setting for PathBuf {
    const FORM: &'static str = "a path";

    fn read(text: &str) -> Result<Self, String> {
        Ok(Self::from(text))
    }
}

impl Setting for Secret {
    const FORM: &'static str = "text";
    const SECRET: bool = true;

    fn read(text: &str) -> Result<Self, String> {
        Ok(Self::new(text.to_owned()))
    }
}

impl Setting for bool {
    const FORM: &'static str = "`true` or `false`";

    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| String::from("it is neither true nor false"))
    }
    fn toml(text: &str) -> toml::Value {
        (text == "true").into()
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Setting for $number {
            const FORM: &'static str = "a whole number";

            fn read(text: &str) -> Result<Self, String> {
                let most = Self::MAX;
                text.parse().map_err(|_| format!("it is no whole number from 0 to {most}"))
            }
            fn toml(text: &str) -> toml::Value {
                number(text)
            }
        }
    )*};
}
numbers!(u8, u16, u32, usize);

/// TOML's numbers end where those of 64 bits with a sign do; beyond, a file has to have a text.
fn number(text: &str) -> toml::Value {
    text.parse::<i64>().map_or_else(|_| text.into(), toml::Value::Integer)
}

impl Setting for Duration {
    const FORM: &'static str = "a length of time: `30d`, `12h`, `5m`, `10s`, `500ms`";

    fn read(text: &str) -> Result<Self, String> {
        millis(text).map(Self::from_millis)
    }
}

impl Setting for Span {
    const FORM: &'static str = Duration::FORM;

    fn read(text: &str) -> Result<Self, String> {
        let whole = i64::try_from(millis(text)?).map_err(|_| NO_TIME.to_owned())?;
        Ok(Self::from_millis(whole))
    }
}

const NO_TIME: &str = "it is no length of time such as 30d, 12h, 5m, 10s or 500ms";

/// A whole number and its unit.
fn millis(text: &str) -> Result<u64, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit.trim_start() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(NO_TIME.to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| NO_TIME.to_owned())?;
    number.checked_mul(unit).ok_or_else(|| NO_TIME.to_owned())
}

impl Setting for SocketAddr {
    const FORM: &'static str = "an address with its port: `127.0.0.1:8080`, `[::]:8080`";

    fn read(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| String::from("it is no IP address with a port, such as 127.0.0.1:8080"))
    }
}

macro_rules! by_its_own_words {
    ($($kind:ty: $form:literal, $parse:expr;)*) => {$(
        impl Setting for $kind {
            const FORM: &'static str = $form;

            fn read(text: &str) -> Result<Self, String> {
                $parse(text).map_err(|refusal| refusal.to_string())
            }
        }
    )*};
}
by_its_own_words! {
    PublicOrigin: "an origin: `https://accounts.example.com`", PublicOrigin::parse;
    LinkBase: "a web address: `https://shop.example/account`", LinkBase::parse;
    Network: "a network: `10.0.0.0/8`, `2001:db8::/32`", str::parse::<Network>;
}

/// Where the records are: `sqlite:` and a path, or the URL of a PostgreSQL database.
impl Setting for Place {
    const FORM: &'static str =
        "`sqlite:data/rightful.db` or `postgres://name:password@host/database`";
    const SECRET: bool = true;

    fn read(text: &str) -> Result<Self, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            PostgresUrl::parse(text)?;
            return Ok(Self::Postgres { url: text.to_owned() });
        }
        match text.strip_prefix("sqlite:") {
            Some("") | None => {
                Err(String::from("it begins neither with sqlite: and a path nor with postgres://"))
            }
            Some(path) if path.starts_with("//") || path.contains('?') => Err(String::from(
                "after sqlite: comes a path as it is, without // and without options",
            )),
            Some(path) => Ok(Self::Sqlite { path: path.into() }),
        }
    }

    /// Without name and password, and without options, where a password may stand too.
    fn shown(text: &str) -> String {
        if text.is_empty() || text.starts_with("sqlite:") {
            return text.to_owned();
        }
        PostgresUrl::parse(text).map_or_else(|_| String::from("•••"), |url| url.shown())
    }
}

impl Setting for DataKey {
    const FORM: &'static str = "32 bytes in base64, from `rightful secrets generate`";
    const SECRET: bool = true;

    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|refusal| refusal.to_string())
    }
}

/// The least number of characters of a new password.
impl Setting for PasswordPolicy {
    const FORM: &'static str = "a whole number from 10 to 15";

    fn read(text: &str) -> Result<Self, String> {
        let least: usize = Setting::read(text)?;
        if (Self::FLOOR..=Self::CEILING).contains(&least) {
            Ok(Self::new(least))
        } else {
            Err(format!("it is not from {} to {}", Self::FLOOR, Self::CEILING))
        }
    }
    fn toml(text: &str) -> toml::Value {
        number(text)
    }
}

/// A limit that refuses from one try on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota(pub Limit);

impl Setting for Quota {
    const FORM: &'static str = "tries in a window: `120 per 1m`";

    fn read(text: &str) -> Result<Self, String> {
        let wrong = || String::from("it is not of the form: 120 per 1m");
        let (most, window) = text.split_once(" per ").ok_or_else(wrong)?;
        let (most, window) = (u32::read(most.trim())?, Span::read(window.trim())?);
        if most == 0 || window == Span::from_millis(0) {
            return Err(String::from("with nothing allowed, nobody could do anything"));
        }
        Ok(Self(Limit::Quota { most, window }))
    }
}

/// A limit that lets each further try wait longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ladder(pub Limit);

impl Setting for Ladder {
    const FORM: &'static str =
        "free tries, then the first and the longest wait: `5 then 30s to 1h`";

    fn read(text: &str) -> Result<Self, String> {
        let wrong = || String::from("it is not of the form: 5 then 30s to 1h");
        let (free, waits) = text.split_once(" then ").ok_or_else(wrong)?;
        let (first, longest) = waits.split_once(" to ").ok_or_else(wrong)?;
        let free = u32::read(free.trim())?;
        let (first, longest) = (Span::read(first.trim())?, Span::read(longest.trim())?);
        if free == 0 || first == Span::from_millis(0) || longest < first {
            return Err(String::from("at least one try must be free, and the waits must grow"));
        }
        Ok(Self(Limit::Ladder { free, first, longest }))
    }
}

macro_rules! choices {
    ($($(#[$doc:meta])* $kind:ty = $form:literal { $($text:literal => $value:expr),* $(,)? })*) => {$(
        impl Setting for $kind {
            const FORM: &'static str = $form;

            fn read(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok($value),)*
                    _ => Err(format!("it is not one of: {}", [$($text),*].join(", "))),
                }
            }
        }
    )*};
}

/// What takes the letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A mail server.
    Smtp,
    /// The inbox in memory, of the development server and of tests.
    Inbox,
}

/// How the connection to the mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// From the first byte (port 465).
    Implicit,
    /// After STARTTLS, or not at all (port 587).
    Starttls,
    /// Not: for a server on this machine only.
    Off,
}

impl TlsMode {
    /// Where mail servers listen for it (RFC 8314, RFC 6409, RFC 5321).
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::Implicit => 465,
            Self::Starttls => 587,
            Self::Off => 25,
        }
    }
}

/// How sure SQLite is that a commit is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// Before it answers: nothing is lost when the power goes.
    Full,
    /// Soon: the last commits may be lost when the power goes, and nothing else.
    Normal,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// For reading.
    Text,
    /// For machines.
    Json,
}

choices! {
    Transport = "`smtp` or `inbox`" { "smtp" => Self::Smtp, "inbox" => Self::Inbox }
    TlsMode = "`implicit`, `starttls` or `none`" {
        "implicit" => Self::Implicit, "starttls" => Self::Starttls, "none" => Self::Off,
    }
    Synchronous = "`full` or `normal`" { "full" => Self::Full, "normal" => Self::Normal }
    LogFormat = "`auto`, `text` or `json`" {
        "auto" => Self::Auto, "text" => Self::Text, "json" => Self::Json,
    }
    tracing::Level = "`error`, `warn`, `info` or `debug`" {
        "error" => Self::ERROR, "warn" => Self::WARN, "info" => Self::INFO, "debug" => Self::DEBUG,
    }
    Welcome = "`combined` or `separate`" {
        "combined" => Self::Combined, "separate" => Self::Separate,
    }
    OldMailbox = "`notify` or `confirm`" {
        "notify" => Self::Notify, "confirm" => Self::Confirm,
    }
    Disclosure = "`explicit` or `blind`" { "explicit" => Self::Explicit, "blind" => Self::Blind }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_a_unit() {
        for (text, millis) in [
            ("30d", 2_592_000_000),
            ("12h", 43_200_000),
            ("5m", 300_000),
            ("10 s", 10_000),
            ("500ms", 500),
            ("0s", 0),
        ] {
            assert_eq!(Duration::read(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for wrong in [
            "",
            "5",
            "m",
            "-5m",
            "1.5h",
            "5 min",
            "1h30m",
            "99999999999999999999d",
            "9999999999999999d",
        ] {
            assert!(Duration::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn limits_are_read_as_they_are_said() {
        let (most, window) = (120, Span::minutes(1));
        assert_eq!(Quota::read("120 per 1m"), Ok(Quota(Limit::Quota { most, window })));
        let (first, longest) = (Span::seconds(30), Span::hours(1));
        assert_eq!(
            Ladder::read("5 then 30s to 1h"),
            Ok(Ladder(Limit::Ladder { free: 5, first, longest }))
        );
        for wrong in ["", "120", "120 per", "0 per 1m", "1 per 0s", "-1 per 1m"] {
            assert!(Quota::read(wrong).is_err(), "{wrong}");
        }
        for wrong in
            ["", "5", "5 then 30s", "0 then 1s to 2s", "5 then 0s to 1h", "5 then 1h to 30s"]
        {
            assert!(Ladder::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn lists_are_separated_by_commas_and_none_is_a_list_too() {
        assert_eq!(<Vec<u16>>::read(" 1, 2,,3 "), Ok(vec![1, 2, 3]));
        assert_eq!(<Vec<u16>>::read(""), Ok(vec![]));
        assert!(<Vec<u16>>::read("1,x").is_err());
    }

    #[test]
    fn a_password_shorter_than_ten_cannot_be_configured() {
        assert_eq!(PasswordPolicy::read("12"), Ok(PasswordPolicy::new(12)));
        for wrong in ["9", "16", "", "ten"] {
            assert!(PasswordPolicy::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_place_is_shown_without_what_opens_it() {
        for (text, shown) in [
            ("sqlite:data/rightful.db", "sqlite:data/rightful.db"),
            (
                "postgres://app:p@ss@db.example:5432/shop?sslmode=verify-full",
                "postgres://•••@db.example:5432/shop?•••",
            ),
            ("postgres://db.example/shop", "postgres://db.example/shop"),
        ] {
            assert_eq!(Place::shown(text), shown);
            assert!(Place::read(text).is_ok());
        }
        for unclear in [
            "postgres://app:hunt?er2@db.example/shop",
            "postgres://app:hunt#er2@db.example/shop",
            "postgres://app:hunter2",
        ] {
            assert_eq!(Place::shown(unclear), "•••");
            assert!(Place::read(unclear).is_err(), "{unclear}");
        }
        for wrong in
            ["", "sqlite:", "data/rightful.db", "mysql://x", "sqlite://x.db", "sqlite:x?mode=ro"]
        {
            assert!(Place::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nothing_of_a_secret_is_shown_and_its_refusal_repeats_nothing() {
        assert_eq!(<Option<Secret>>::shown("hunter2 hunter2"), "•••");
        assert_eq!(<Option<Secret>>::shown(""), "");
        let wrong = "c2VjcmV0IGJ1dCBzaG9ydA==";
        let refusal = <Vec<DataKey>>::read(wrong).expect_err("13 bytes are no key");
        assert!(!refusal.contains(wrong), "{refusal}");
    }
}
