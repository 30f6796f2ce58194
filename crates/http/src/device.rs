//! A device in words, from its `User-Agent`: "Firefox on Linux". Shown in letters and in the list of
//! sessions, where the raw header would say nothing to its reader and could say anything of its sender.

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

/// Programs that are no browsers: the first product of their agent, in small letters, and what they are called.
const PROGRAMS: &[(&str, &str)] = &[
    ("aiohttp", "aiohttp"),
    ("apache-httpclient", "Apache HttpClient"),
    ("axios", "axios"),
    ("bruno", "Bruno"),
    ("bun", "Bun"),
    ("curl", "curl"),
    ("dart", "Dart"),
    ("deno", "Deno"),
    ("faraday", "Faraday"),
    ("go-http-client", "Go-http-client"),
    ("got", "got"),
    ("guzzlehttp", "Guzzle"),
    ("httpie", "HTTPie"),
    ("insomnia", "Insomnia"),
    ("java", "Java"),
    ("java-http-client", "Java"),
    ("libwww-perl", "libwww-perl"),
    ("node", "Node.js"),
    ("node-fetch", "node-fetch"),
    ("okhttp", "okhttp"),
    ("postmanruntime", "Postman"),
    ("python", "Python"),
    ("python-httpx", "python-httpx"),
    ("python-requests", "python-requests"),
    ("python-urllib", "Python"),
    ("reqwest", "reqwest"),
    ("ruby", "Ruby"),
    ("undici", "Node.js"),
    ("wget", "Wget"),
];

/// The label of a `User-Agent`. Every word of it is one of ours: a stranger can make a letter be sent to
/// somebody, and must not write into it.
pub(crate) fn label(user_agent: Option<&str>) -> String {
    let Some(agent) = user_agent.map(str::trim).filter(|agent| !agent.is_empty()) else {
        return "Unknown device".to_owned();
    };
    let find = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let program = find(BROWSERS).unwrap_or_else(|| program(agent));
    match find(SYSTEMS) {
        Some(system) => format!("{program} on {system}"),
        None => program.to_owned(),
    }
}

/// The name of an agent that is no browser: `curl/8.5.0` is "curl".
fn program(agent: &str) -> &'static str {
    let product = agent.split(['/', ' ', '(']).next().unwrap_or_default();
    let known = PROGRAMS.iter().find(|(mark, _)| product.eq_ignore_ascii_case(mark));
    known.map_or("another program", |(_, name)| *name)
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
            ("Wget/1.21.4", "Wget"),
            ("PostmanRuntime/7.43.0", "Postman"),
            ("Dart/3.5 (dart:io)", "Dart"),
            ("Java/17.0.12", "Java"),
            ("okhttp/4.12.0 (Android 15)", "okhttp on Android"),
            ("Shop-Backend/1.0 (Linux)", "another program on Linux"),
            ("Mozilla/5.0", "another program"),
        ] {
            assert_eq!(label(Some(agent)), words);
        }
        assert_eq!(label(None), "Unknown device");
        assert_eq!(label(Some("  ")), "Unknown device");
    }

    #[test]
    fn a_sender_cannot_write_into_a_letter() {
        for agent in [
            "http://evil.example/pay",
            "call-0800-555-0199-now",
            "Your_account_is_closed/1.0",
            "curl-evil.example/8.5.0",
            "evil.example curl/8.5.0",
            "\u{202e}\r\nBcc: x",
            "☃",
            "Mozilla",
            "(curl)",
            &"x".repeat(5000),
        ] {
            assert_eq!(label(Some(agent)), "another program", "{agent}");
        }
        assert_eq!(label(Some("evil.example Firefox/1 Windows evil")), "Firefox on Windows");
        assert_eq!(label(Some("evil.example (Linux)")), "another program on Linux");
    }
}
