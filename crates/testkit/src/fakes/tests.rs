use rightful_domain::letters::{Letter, LetterContent};
use rightful_domain::ports::{
    Clock, Entropy, MailDomain, MailDomains, MailFailure, Mailer, PasswordHasher, PasswordMatch,
    Vault,
};
use rightful_domain::reason::Outage;
use rightful_domain::values::{Locale, Sealed, Span, TypedPassword};

use super::{FakeClock, FakeMailDomains, FakeMailer, FakeVault, PlainHasher, SeededEntropy};
use crate::builders::{NOW, email, id};

#[test]
fn the_clock_stands_until_it_is_moved() {
    let clock = FakeClock::default();
    assert_eq!((clock.now(), clock.now()), (NOW, NOW));
    clock.advance(Span::minutes(5));
    assert_eq!(clock.now(), NOW + Span::minutes(5));
    clock.set(NOW - Span::days(1));
    assert_eq!(clock.now(), NOW - Span::days(1));
}

fn stream(entropy: &dyn Entropy) -> Vec<[u8; 40]> {
    std::iter::repeat_with(|| {
        let mut bytes = [0; 40];
        entropy.fill(&mut bytes);
        bytes
    })
    .take(100)
    .collect()
}

#[test]
fn entropy_comes_again_for_its_seed_and_never_within_it() {
    let first = stream(&SeededEntropy::new(1));
    assert_eq!(first, stream(&SeededEntropy::new(1)));
    let other = stream(&SeededEntropy::new(2));
    let all: std::collections::BTreeSet<_> = first.iter().chain(&other).collect();
    assert_eq!(all.len(), 200);
}

#[test]
fn the_vault_opens_only_what_it_sealed_where_it_sealed_it() {
    let vault = FakeVault::default();
    for plain in [b"".as_slice(), b"secret", &[7; 100]] {
        let sealed = vault.seal("letter:1", plain);
        assert_eq!(vault.open("letter:1", &sealed).unwrap(), plain);
        assert!(vault.open("letter:2", &sealed).is_err(), "moved");
        assert!(FakeVault::new(9).open("letter:1", &sealed).is_err(), "another key");
        for place in 0..sealed.as_bytes().len() {
            let mut altered = sealed.as_bytes().to_vec();
            altered[place] ^= 1;
            assert!(vault.open("letter:1", &Sealed::from_bytes(altered)).is_err(), "byte {place}");
            let cut = Sealed::from_bytes(sealed.as_bytes()[..place].to_vec());
            assert!(vault.open("letter:1", &cut).is_err(), "cut to {place}");
        }
        if plain.len() > 1 {
            let hidden = sealed.as_bytes().windows(plain.len()).all(|window| window != plain);
            assert!(hidden, "the plain text stands in the sealed one");
        }
    }
}

#[test]
fn fingerprints_are_equal_for_equal_data_under_one_key_and_context_only() {
    let vault = FakeVault::default();
    let print = vault.fingerprint("limit", b"ada");
    assert_eq!(print, vault.fingerprint("limit", b"ada"));
    assert_ne!(print, vault.fingerprint("limit", b"bob"));
    assert_ne!(print, vault.fingerprint("limita", b"da"));
    assert_ne!(print, FakeVault::new(9).fingerprint("limit", b"ada"));
}

#[tokio::test]
async fn the_hasher_tells_passwords_apart_and_counts_the_work_for_nobody_too() {
    let hasher = PlainHasher::default();
    let typed = |text| TypedPassword::new(text).unwrap();
    let hash = hasher.hash(&typed("correct horse")).await.unwrap();
    let old = PlainHasher::outdated("correct horse");
    for (password, against, wanted) in [
        ("correct horse", Some(&hash), PasswordMatch::Yes),
        ("correct horsf", Some(&hash), PasswordMatch::No),
        ("", Some(&hash), PasswordMatch::No),
        ("correct horse", Some(&old), PasswordMatch::YesButOutdated),
        ("correct horse", None, PasswordMatch::No),
        ("", None, PasswordMatch::No),
    ] {
        assert_eq!(hasher.verify(&typed(password), against).await.unwrap(), wanted, "{password}");
    }
    assert_eq!((hasher.hashed(), hasher.compared(), hasher.work()), (1, 6, 7));
    hasher.set_overloaded(true);
    assert!(matches!(hasher.hash(&typed("x")).await, Err(Outage::Overloaded)));
    assert!(matches!(hasher.verify(&typed("x"), None).await, Err(Outage::Overloaded)));
    assert_eq!(hasher.work(), 7);
    hasher.set_overloaded(false);
    assert!(hasher.hash(&typed("x")).await.is_ok());
}

#[tokio::test]
async fn a_domain_takes_mail_until_a_test_says_otherwise() {
    let domains = FakeMailDomains::default();
    assert_eq!(domains.look_up("example.com").await, MailDomain::MayAccept);
    domains.set("example.com", MailDomain::Refuses);
    assert_eq!(domains.look_up("example.com").await, MailDomain::Refuses);
    assert_eq!(domains.look_up("example.org").await, MailDomain::MayAccept);
    domains.set("example.com", MailDomain::MayAccept);
    assert_eq!(domains.look_up("example.com").await, MailDomain::MayAccept);
}

#[tokio::test]
async fn the_mailer_fails_as_scripted_and_keeps_the_rest() {
    let mailer = FakeMailer::default();
    let letter = |n, to| Letter {
        id: id(n),
        to: email(to),
        locale: Locale::En,
        posted_at: NOW,
        content: LetterContent::AddressResting { free_at: NOW },
    };
    let (ada, bob) = (letter(1, "ada@example.com"), letter(2, "bob@example.com"));
    mailer.fail_next(2, MailFailure::Transient("421".to_owned()));
    mailer.fail_next(1, MailFailure::Undeliverable("550".to_owned()));
    assert_eq!(mailer.send(&ada).await, Err(MailFailure::Transient("421".to_owned())));
    assert_eq!(mailer.send(&ada).await, Err(MailFailure::Transient("421".to_owned())));
    assert_eq!(mailer.send(&ada).await, Err(MailFailure::Undeliverable("550".to_owned())));
    assert_eq!(mailer.send(&ada).await, Ok(()));
    assert_eq!(mailer.send(&bob).await, Ok(()));
    assert_eq!(mailer.sent(), [ada.clone(), bob]);
    assert_eq!(mailer.sent_to(&email("ADA@example.com")), [ada]);
}
