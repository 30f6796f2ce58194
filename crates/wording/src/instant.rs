//! Instants in words.

use chrono::{DateTime, Datelike, Timelike, Utc};

use crate::{Arg, Language, catalog};

/// An instant in words, to the minute and with its zone: `22 November 2026 at 04:35 UTC`,
/// `22 novembre 2026 à 04:35 UTC`. `unix_millis` are milliseconds since 1970-01-01T00:00:00Z; a number
/// beyond the calendar stays a number.
pub fn instant(language: Language, unix_millis: i64) -> String {
    let Some(at) = DateTime::<Utc>::from_timestamp_millis(unix_millis) else {
        return format!("{unix_millis} ms");
    };
    let month = catalog().text(language, "instant-month", &[("month", at.month().into())]);
    let args = [
        ("day", at.day().into()),
        ("month", Arg::Text(&month)),
        // As text, because a number may be given a thousands separator.
        ("year", Arg::Text(&at.year().to_string())),
        ("time", Arg::Text(&format!("{:02}:{:02}", at.hour(), at.minute()))),
    ];
    catalog().text(language, "instant", &args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_name_day_month_year_minute_and_zone() {
        for (millis, en, fr) in [
            (1_795_322_100_000, "22 November 2026 at 04:35 UTC", "22 novembre 2026 à 04:35 UTC"),
            (1_795_322_159_999, "22 November 2026 at 04:35 UTC", "22 novembre 2026 à 04:35 UTC"),
            (1_767_225_600_000, "1 January 2026 at 00:00 UTC", "1er janvier 2026 à 00:00 UTC"),
            (1_709_251_140_000, "29 February 2024 at 23:59 UTC", "29 février 2024 à 23:59 UTC"),
            (0, "1 January 1970 at 00:00 UTC", "1er janvier 1970 à 00:00 UTC"),
            (-1, "31 December 1969 at 23:59 UTC", "31 décembre 1969 à 23:59 UTC"),
            (i64::MAX, "9223372036854775807 ms", "9223372036854775807 ms"),
        ] {
            assert_eq!(instant(Language::En, millis), en);
            assert_eq!(instant(Language::Fr, millis), fr);
        }
    }

    #[test]
    fn every_month_has_its_name() {
        for language in Language::ALL {
            let names: std::collections::BTreeSet<String> = (1..=12u32)
                .map(|m| catalog().text(language, "instant-month", &[("month", m.into())]))
                .collect();
            assert_eq!(names.len(), 12);
        }
    }
}
