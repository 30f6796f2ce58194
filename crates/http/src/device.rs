//! A device in words, from its `User-Agent`: "Firefox on Linux". Shown in letters and in the list of
//! sessions, where the raw header would say nothing to its reader and could say anything of its sender.

/// The most characters of a label.
const MAX_CHARS: usize = 60;

/// Browsers, the more particular first: Edge says Chrome too, and Chrome says Safari.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex Browser"),
    ("Vivaldi/", "Vivaldi"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Systems, the more particular first: Android says Linux too, and iPhones say Mac OS X.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

/// The label of a `User-Agent`.
pub(crate) fn label(user_agent: Option<&str>) -> String {
    let Some(agent) = user_agent.map(str::trim).filter(|agent| !agent.is_empty()) else {
        return "Unknown device".to_owned();
    };
    let find = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let label = match (find(BROWSERS), find(SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("{} on {system}", program(agent)),
        (None, None) => program(agent),
    };
    label.chars().take(MAX_CHARS).collect()
}

/// The first product of an agent that is no browser: `curl/8.5.0` is "curl".
fn program(agent: &str) -> String {
    let product = agent.split(['/', ' ', '(']).next().unwrap_or_default();
    // Letters only: a sender must not write a link, a control or half a sentence into a letter.
    let name: String = product
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .take(30)
        .collect();
    if name.is_empty() || name == "Mozilla" { "Unknown program".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn browsers_are_named_with_their_system() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            ("curl/8.5.0", "curl"),
            ("python-requests/2.32", "python-requests"),
            ("Shop-Backend/1.0 (Linux)", "Shop-Backend on Linux"),
            ("Mozilla/5.0", "Unknown program"),
        ] {
            assert_eq!(label(Some(agent)), words);
        }
        assert_eq!(label(None), "Unknown device");
        assert_eq!(label(Some("  ")), "Unknown device");
    }

    #[test]
    fn a_sender_cannot_write_into_a_letter() {
        assert_eq!(label(Some("http://evil.example/pay")), "http");
        assert_eq!(label(Some("\u{202e}\r\nBcc: x")), "Bcc");
        assert_eq!(label(Some("☃")), "Unknown program");
        assert!(label(Some(&"x".repeat(5000))).chars().count() <= 60);
    }
}
