//! The e-mail address: what a customer typed, and the key that says whose it is.
//!
//! Two questions are asked of every address and they must never share an answer. *Where does a
//! letter go?* To the address exactly as its owner gave it. *Is this the same mailbox as that one?*
//! Ask the key, which forgets case, width and ligatures. Systems that mailed a reset link to a text
//! that only *compared* equal have given accounts away (`mıke@…` for `mike@…`), so a key is a type
//! of its own and no function turns one into a destination.
//!
//! The form accepted is narrower than RFC 5322 and is the one real mailboxes have: a dot-atom,
//! ASCII or internationalised (RFC 6531), at a host name of two labels or more. Comments, quoted
//! local parts, address literals and display names are refused, and so are characters that cannot
//! be seen.

use std::fmt;

use icu_casemap::CaseMapperBorrowed;
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::uts46::Uts46MapperBorrowed;
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

/// RFC 5321 §4.5.3.1.3: a path holds 256 octets, two of which are its angle brackets.
const ADDRESS_OCTETS: usize = 254;

/// RFC 5321 §4.5.3.1.1.
const LOCAL_PART_OCTETS: usize = 64;

/// Top-level domains where no customer has a mailbox (RFC 3172, 6761, 6762, 7686, 9476). `example`
/// is absent on purpose: it is the name for documentation and demonstrations, and having no mail
/// server it cannot pass the deliverability check of R-060 in production.
const SPECIAL_USE: [&str; 7] = ["alt", "arpa", "invalid", "local", "localhost", "onion", "test"];

/// Where customers most often have their mailbox, and so where a slip of the fingers is most often
/// made (R-060). Short names are left out: too many honest domains are one key away from them.
const MAILBOX_DOMAINS: [&str; 15] = [
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "orange.fr",
    "outlook.com",
    "outlook.fr",
    "proton.me",
    "protonmail.com",
    "wanadoo.fr",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.fr",
];

/// Real domains one key away from those above, to be left alone.
const THEIR_NEIGHBOURS: [&str; 6] =
    ["cloud.com", "email.com", "hotmail.gr", "mail.com", "yahoo.gr", "ymail.com"];

/// The mailbox of one person (R-047, R-053, R-060), as typed: outer white space trimmed, Unicode in
/// NFC, the domain in lower case and in its own script. Two spellings of one mailbox are different
/// addresses with equal [`key`](Self::key)s.
///
/// There is no `Display`: an address enters a page or a log only where someone wrote
/// [`as_str`](Self::as_str) or [`masked`](Self::masked).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    display: String,
    key: EmailKey,
}

impl EmailAddress {
    /// The only door in (R-047, R-060): RFC 5321 §4.5.3.1, RFC 6531 §3.3, UTS #46. White space
    /// around the address is trimmed.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidEmail::Empty);
        }
        // Every form of it must fit: as typed (so that nobody chooses what normalising costs),
        // shown and sent.
        if text.len() > ADDRESS_OCTETS {
            return Err(InvalidEmail::TooLong);
        }
        if !is_visible(text) {
            return Err(InvalidEmail::InvisibleCharacter);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail::NoAt)?;
        let local = parse_local_part(local)?;
        let (ascii, unicode) = parse_domain(domain)?;
        let address = Self {
            display: format!("{local}@{unicode}"),
            key: EmailKey(format!("{}@{ascii}", fold(&local))),
        };
        if address.display.len().max(address.to_ascii_domain().len()) > ADDRESS_OCTETS {
            return Err(InvalidEmail::TooLong);
        }
        Ok(address)
    }

    /// The address for its owner's eyes, and the text to store: parsing it again gives an equal
    /// address.
    pub fn as_str(&self) -> &str {
        &self.display
    }

    /// The address for the SMTP envelope. With the domain in A-labels only a local part outside
    /// ASCII asks the receiving server for SMTPUTF8 (RFC 6531), which many still lack.
    pub fn to_ascii_domain(&self) -> String {
        format!("{}@{}", self.local(), self.domain())
    }

    /// The part before the `@`, in the case its owner uses: RFC 5321 §2.4 leaves its meaning to the
    /// receiving host.
    pub fn local(&self) -> &str {
        split(&self.display).0
    }

    /// The host name in lower-case A-labels (UTS #46), for DNS and SMTP.
    pub fn domain(&self) -> &str {
        split(&self.key.0).1
    }

    /// What to compare and to look up by: R-006 keeps it unique among accounts, R-053 compares two
    /// typed addresses by it.
    pub fn key(&self) -> &EmailKey {
        &self.key
    }

    /// Enough for the owner to recognise, too little for anybody else: `c•••@e•••.com`. Notices
    /// about an address go to other mailboxes too, so the bullets are always three and do not tell
    /// a length.
    pub fn masked(&self) -> String {
        mask(&self.display)
    }

    /// "Did you mean gmail.com?" (R-060): the address with the well-known domain that is one typing
    /// mistake away.
    pub fn suggestion(&self) -> Option<Self> {
        let domain = self.domain();
        if MAILBOX_DOMAINS.contains(&domain) || THEIR_NEIGHBOURS.contains(&domain) {
            return None;
        }
        let meant = MAILBOX_DOMAINS.iter().find(|known| is_one_slip_away(domain, known))?;
        Self::parse(&format!("{}@{meant}", self.local())).ok()
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({})", self.masked())
    }
}

/// What makes two addresses one mailbox (R-006): the local part under NFKC and case folding, `@`,
/// the domain in lower-case A-labels (UTS #46, non-transitional). Dots and plus-tags stay
/// significant, folding them would merge strangers. Never a destination. Compatibility characters
/// expand, so a key may be longer than any address.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailKey(String);

impl EmailKey {
    /// The key as text, for a unique index.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For adapters that read back what [`EmailAddress::key`] gave (R-006). Not a door for anything
    /// a person typed.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for EmailKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailKey({})", mask(&self.0))
    }
}

/// Why a text is no address (R-060), as finely as the person who typed it can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    /// Nothing but white space.
    #[error("the address is empty")]
    Empty,
    /// More than 254 octets, or more than 64 before the `@` (RFC 5321 §4.5.3.1).
    #[error("the address is too long")]
    TooLong,
    /// No `@`.
    #[error("the address has no @")]
    NoAt,
    /// A blank, control, zero-width, direction or unassigned character, often brought along by copy
    /// and paste.
    #[error("the address contains a blank or a character that cannot be seen")]
    InvisibleCharacter,
    /// What precedes the last `@` is not a dot-atom (RFC 5322 §3.2.3, RFC 6532 §3.2).
    #[error("the part before the @ is not valid")]
    LocalPart,
    /// What follows the last `@` is not a host name of two labels or more (RFC 5321 §4.1.2 and
    /// UTS #46).
    #[error("the domain is not valid")]
    Domain,
    /// The domain is reserved for a use other than public mail (RFC 6761).
    #[error("the domain is reserved and receives no mail")]
    SpecialUseDomain,
}

/// Whether every character of an address can be seen. UTS #46 keeps, with each version of Unicode,
/// the table of those that are unassigned, private, ignorable or steer direction: better borrowed
/// for the local part too than copied. What it lets pass are blanks and, between some letters,
/// joiners.
fn is_visible(text: &str) -> bool {
    const ZERO_WIDTH_JOINERS: [char; 2] = ['\u{200C}', '\u{200D}'];
    let unseen = |c: char| c.is_control() || c.is_whitespace() || ZERO_WIDTH_JOINERS.contains(&c);
    !text.contains(unseen)
        && Uts46MapperBorrowed::new()
            .normalize_validate(text.chars())
            .all(|c| c != char::REPLACEMENT_CHARACTER)
}

fn parse_local_part(typed: &str) -> Result<String, InvalidEmail> {
    let local = ComposingNormalizerBorrowed::new_nfc().normalize(typed);
    // Both forms count: composition can hide a special (`<` and U+0338 make `≮`) and bring one in
    // (U+037E makes `;`).
    if !is_dot_atom(typed) || !is_dot_atom(&local) {
        return Err(InvalidEmail::LocalPart);
    }
    if local.len() > LOCAL_PART_OCTETS {
        return Err(InvalidEmail::TooLong);
    }
    Ok(local.into_owned())
}

fn is_dot_atom(text: &str) -> bool {
    text.split('.')
        .all(|atom| !atom.is_empty() && !starts_with_mark(atom) && atom.chars().all(is_atext))
}

/// A leading combining mark would join whatever an address is printed after, such as the `<` of a
/// header.
fn starts_with_mark(atom: &str) -> bool {
    atom.starts_with(|c| CanonicalCombiningClassMapBorrowed::new().get_u8(c) != 0)
}

fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// The domain in A-labels and in U-labels.
fn parse_domain(typed: &str) -> Result<(String, String), InvalidEmail> {
    let uts46 = Uts46::new();
    let ascii = uts46
        .to_ascii(typed.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
        .map_err(|_| InvalidEmail::Domain)?;
    let (_, top) = ascii.rsplit_once('.').ok_or(InvalidEmail::Domain)?;
    if SPECIAL_USE.contains(&top) {
        return Err(InvalidEmail::SpecialUseDomain);
    }
    // Every top-level domain ends with a letter (Punycode cannot end otherwise), which no IPv4
    // address does.
    if !top.ends_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(InvalidEmail::Domain);
    }
    let (unicode, outcome) =
        uts46.to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
    // An A-label can spell a joiner that nobody would see.
    if outcome.is_err() || !is_visible(&unicode) {
        return Err(InvalidEmail::Domain);
    }
    let unicode = unicode.into_owned();
    Ok((ascii.into_owned(), unicode))
}

/// NFKC and case folding without regard to language; the second NFKC joins again what folding took
/// apart.
fn fold(text: &str) -> String {
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    nfkc.normalize(&CaseMapperBorrowed::new().fold_string(&nfkc.normalize(text))).into_owned()
}

/// At the last `@`: a domain has none, a folded local part may (U+FF20 is one in full width).
fn split(address: &str) -> (&str, &str) {
    address.rsplit_once('@').unwrap_or((address, ""))
}

fn mask(address: &str) -> String {
    let (local, domain) = split(address);
    let (host, top) = domain.rsplit_once('.').unwrap_or((domain, ""));
    let first = |text: &str| text.chars().take(1).collect::<String>();
    format!("{}•••@{}•••.{top}", first(local), first(host))
}

/// One character missing, added or wrong, or two neighbours swapped: all that such a pair may have
/// between its common beginning and its common end.
fn is_one_slip_away(typed: &str, meant: &str) -> bool {
    let (typed, meant) = (typed.as_bytes(), meant.as_bytes());
    let begin = typed.iter().zip(meant).take_while(|(a, b)| a == b).count();
    let (typed, meant) = (&typed[begin..], &meant[begin..]);
    let end = typed.iter().rev().zip(meant.iter().rev()).take_while(|(a, b)| a == b).count();
    match (&typed[..typed.len() - end], &meant[..meant.len() - end]) {
        ([_], [] | [_]) | ([], [_]) => true,
        ([first, second], meant) => *meant == [*second, *first],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const PUBLIC: &str = include_str!("../../testdata/emails-public.jsonl");
    const PAIRS: &str = include_str!("../../testdata/emails-canonical-pairs.jsonl");

    /// Scored rows on which we knowingly differ, with the reason. There is none.
    const DISAGREEMENTS: [(&str, &str); 0] = [];

    fn rows(text: &'static str) -> impl Iterator<Item = Value> {
        text.lines().map(|line| serde_json::from_str(line).expect("one JSON object a line"))
    }

    fn text(value: &Value) -> &str {
        value.as_str().expect("a text")
    }

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap_or_else(|reason| panic!("{text:?}: {reason}"))
    }

    fn refusal(text: &str) -> InvalidEmail {
        EmailAddress::parse(text).expect_err(text)
    }

    #[test]
    fn agrees_with_the_public_test_sets() {
        let scored: Vec<Value> = rows(PUBLIC).filter(|row| row["either"] != true).collect();
        let disagreed: Vec<&str> = scored
            .iter()
            .filter(|row| row["valid_syntax"] != EmailAddress::parse(text(&row["address"])).is_ok())
            .map(|row| text(&row["address"]))
            .collect();
        assert_eq!(scored.len(), 542);
        assert_eq!(disagreed, DISAGREEMENTS.map(|(address, _reason)| address));
    }

    #[test]
    fn keys_are_equal_exactly_for_one_mailbox() {
        for row in rows(PAIRS) {
            let [a, b] = ["a", "b"].map(|side| address(text(&row[side])));
            assert_eq!(row["same_key"], (a.key() == b.key()), "{row}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_change() {
        for (text, reason) in [
            (" \t", InvalidEmail::Empty),
            ("claire.example.com", InvalidEmail::NoAt),
            ("claire@@example.com", InvalidEmail::LocalPart),
            ("claire..b@example.com", InvalidEmail::LocalPart),
            ("\u{338}claire@example.com", InvalidEmail::LocalPart),
            ("claire b@example.com", InvalidEmail::InvisibleCharacter),
            ("claire\u{200B}@example.com", InvalidEmail::InvisibleCharacter),
            ("clai\u{200D}re@example.com", InvalidEmail::InvisibleCharacter),
            ("claire@exam\u{AD}ple.com", InvalidEmail::InvisibleCharacter),
            ("claire@localhost", InvalidEmail::Domain),
            ("claire@192.0.2.1", InvalidEmail::Domain),
            ("claire@my_host.com", InvalidEmail::Domain),
            // In Unicode it holds a zero-width non-joiner.
            ("claire@xn--mgba3gch31f060k.com", InvalidEmail::Domain),
            ("claire@printer.local", InvalidEmail::SpecialUseDomain),
        ] {
            assert_eq!(refusal(text), reason, "{text:?}");
        }
    }

    #[test]
    fn lengths_are_counted_in_octets_of_every_form() {
        let (local, label) = ("é".repeat(32), "中".repeat(40));
        let (ascii, unicode) =
            parse_domain(&format!("{label}.{label}.{label}.com")).expect("valid");
        assert!(ascii.len() < 200 && unicode.len() > ADDRESS_OCTETS);
        assert_eq!(refusal(&format!("claire@{ascii}")), InvalidEmail::TooLong);
        assert_eq!(address(&format!("{local}@example.com")).local().len(), LOCAL_PART_OCTETS);
        assert_eq!(refusal(&format!("{local}a@example.com")), InvalidEmail::TooLong);
    }

    #[test]
    fn header_injection_is_refused() {
        for text in [
            "claire@example.com\r\nBcc: eve@example.com",
            "claire\r\n@example.com",
            "claire@example.com,eve@example.com",
            "claire@example.com eve@example.com",
            "claire@example.com;eve@example.com",
            "<claire@example.com>",
            "Claire <claire@example.com>",
            "claire@example.com\0.example.net",
            "claire@example.com\u{2028}eve",
        ] {
            refusal(text);
        }
    }

    #[test]
    fn a_letter_goes_where_the_customer_said() {
        let typed = address(" Claire.Martin+Shop@MÜNCHEN.example\n");
        assert_eq!(typed.as_str(), "Claire.Martin+Shop@münchen.example");
        assert_eq!(typed.to_ascii_domain(), "Claire.Martin+Shop@xn--mnchen-3ya.example");
        assert_eq!(typed.key().as_str(), "claire.martin+shop@xn--mnchen-3ya.example");
        assert_eq!(
            (typed.local(), typed.domain()),
            ("Claire.Martin+Shop", "xn--mnchen-3ya.example")
        );
        assert_eq!(address("claire@maison-lune.example").as_str(), "claire@maison-lune.example");
    }

    #[test]
    fn a_mask_hides_the_length() {
        assert_eq!(address("claire@example.com").masked(), "c•••@e•••.com");
        assert_eq!(address("c@e.com").masked(), "c•••@e•••.com");
        assert_eq!(format!("{:?}", address("claire@example.com")), "EmailAddress(c•••@e•••.com)");
        assert_eq!(format!("{:?}", address("claire@example.com").key()), "EmailKey(c•••@e•••.com)");
    }

    #[test]
    fn one_slip_is_pointed_out() {
        for (typed, meant) in [
            ("Claire@gmial.com", Some("Claire@gmail.com")),
            ("claire@gmail.con", Some("claire@gmail.com")),
            ("claire@gmail.co", Some("claire@gmail.com")),
            ("claire@hotmmail.fr", Some("claire@hotmail.fr")),
            ("claire@GMAIL.com", None),
            ("claire@ymail.com", None),
            ("claire@gmla.com", None),
            ("claire@gmaiil.comm", None),
            ("claire@maison-lune.example", None),
        ] {
            assert_eq!(
                address(typed).suggestion().as_ref().map(EmailAddress::as_str),
                meant,
                "{typed}"
            );
        }
    }

    /// Beyond the first two planes no character has a case.
    #[test]
    fn folding_any_character_is_final() {
        for c in ('\0'..='\u{1FFFF}').map(String::from) {
            let folded = fold(&c);
            assert_eq!(fold(&folded), folded, "{c:?}");
            assert!(ComposingNormalizerBorrowed::new_nfkc().is_normalized(&folded), "{c:?}");
        }
    }

    /// A text that the test sets call valid, with some character somewhere in it: mostly still an
    /// address, or nearly one.
    fn nearly_an_address() -> impl Strategy<Value = String> {
        let valid: Vec<String> = rows(PUBLIC)
            .filter(|row| row["valid_syntax"] == true)
            .map(|row| text(&row["address"]).to_owned())
            .collect();
        let inserted = prop_oneof![
            any::<char>(),
            prop::char::range('\0', '\u{7F}'),
            prop::char::range('\u{80}', '\u{33FF}')
        ];
        (prop::sample::select(valid), any::<prop::sample::Index>(), inserted).prop_map(
            |(text, at, c)| {
                let mut chars: Vec<char> = text.chars().collect();
                chars.insert(at.index(chars.len() + 1), c);
                chars.into_iter().collect()
            },
        )
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(text in any::<String>()) {
            let _ = EmailAddress::parse(&text);
        }

        #[test]
        fn what_is_shown_parses_to_the_same_address(text in nearly_an_address()) {
            if let Ok(parsed) = EmailAddress::parse(&text) {
                prop_assert_eq!(&address(parsed.as_str()), &parsed);
                prop_assert_eq!(address(&parsed.to_ascii_domain()), parsed);
            }
        }

        #[test]
        fn an_address_holds_nothing_special_to_a_header(text in nearly_an_address()) {
            if let Ok(parsed) = EmailAddress::parse(&text) {
                for form in [parsed.as_str(), &parsed.to_ascii_domain()] {
                    let special = |c: char| c <= ' ' || r#"",:;<>()[]\"#.contains(c);
                    prop_assert!(!form.contains(special) && is_visible(form), "{}", form);
                    prop_assert_eq!(form.matches('@').count(), 1);
                    prop_assert!(form.len() <= ADDRESS_OCTETS);
                }
            }
        }

        #[test]
        fn a_key_is_final_and_ignores_case(text in nearly_an_address()) {
            if let Ok(parsed) = EmailAddress::parse(&text) {
                let local = fold(parsed.local());
                prop_assert_eq!(fold(&local), local);
                for text in [text.to_ascii_uppercase(), text.to_ascii_lowercase()] {
                    let flipped = address(&text);
                    prop_assert_eq!(flipped.key(), parsed.key());
                }
                if let Ok(again) = EmailAddress::parse(parsed.key().as_str()) {
                    prop_assert_eq!(again.key(), parsed.key());
                }
            }
        }

        #[test]
        fn the_destination_is_what_was_typed_and_never_the_key(
            text in "[A-Z][a-z]{0,8}[.+]?[a-z0-9]{1,8}@[a-z]{1,8}\\.com",
        ) {
            let parsed = address(&text);
            prop_assert_eq!(parsed.as_str(), &text);
            prop_assert_eq!(parsed.to_ascii_domain(), text);
            prop_assert_ne!(parsed.as_str(), parsed.key().as_str());
        }

        #[test]
        fn dots_and_tags_name_other_mailboxes(a in "[a-z0-9]{1,8}", b in "[a-z0-9]{1,8}") {
            let joints = ["", ".", "+", "-", "_"];
            let keys = joints.map(|joint| address(&format!("{a}{joint}{b}@example.com")).key);
            prop_assert_eq!(keys.into_iter().collect::<BTreeSet<_>>().len(), joints.len());
        }
    }
}
