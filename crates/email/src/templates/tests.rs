use std::collections::BTreeSet;
use std::fs;

use rightful_domain::letters::{Deed, LetterContent};
use rightful_domain::second_factors::FactorKind;
use rightful_domain::values::Timestamp;
use rightful_wording::{Language, catalog};

use super::*;
use crate::brand::Important;

const SHOP: &str = "Maison Lune & O’Brien";

fn brand() -> Brand {
    Brand::parse(SHOP, "#204080", "help@lune.example").unwrap()
}
fn links() -> LinkBase {
    LinkBase::parse("https://shop.example/account").unwrap()
}
fn built_in() -> Templates {
    Templates::built_in(brand(), links())
}
/// Templates with these files in the operator's folder.
fn with_files(files: &[(&str, &str)]) -> Templates {
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in files {
        fs::write(folder.path().join(name), source).unwrap();
    }
    Templates::with_overrides(brand(), links(), folder.path()).unwrap()
}
fn rendered(templates: &Templates, content: &LetterContent, language: Language) -> Rendered {
    templates.render_content(content, language).unwrap()
}
fn problems(templates: &Templates) -> Vec<String> {
    templates.check().iter().map(ToString::to_string).collect()
}

#[test]
fn built_in_templates_are_whole() {
    assert_eq!(problems(&built_in()), [""; 0]);
    let mut names: BTreeSet<String> = LetterContent::KINDS
        .iter()
        .flat_map(|kind| [format!("{kind}.html"), format!("{kind}.txt")])
        .collect();
    names.extend(
        ["layout", "button", "deed"].iter().flat_map(|n| [format!("{n}.html"), format!("{n}.txt")]),
    );
    let sources: BTreeSet<String> = Templates::sources().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(sources, names);
}

#[test]
fn every_text_of_letters_is_used_and_every_used_text_exists() {
    let mut used: BTreeSet<String> =
        samples::all().iter().map(subject_key).chain(["letter-deed-internal".to_owned()]).collect();
    used.extend(FactorKind::ALL.map(|kind| format!("letter-factor-{}", kind.as_str())));
    for (_, source) in Templates::sources() {
        used.extend(
            source.split("t(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()),
        );
    }
    let known: BTreeSet<String> =
        catalog().keys().filter(|key| key.starts_with("letter-")).map(str::to_owned).collect();
    assert_eq!(used, known);
}

#[test]
fn a_letter_says_what_happened_when_where_what_to_do_and_whom_to_ask() {
    let letter = rendered(&built_in(), &samples::of("email_changed_old").unwrap(), Language::En);
    assert_eq!(letter.subject, "Your e-mail address was changed");
    let link = letter.link.as_ref().unwrap();
    assert_eq!(
        letter.text,
        format!(
            "Hello,\n\
             \n\
             The e-mail address of your account at {SHOP} is now k•••@e•••.com. You can no longer sign in with the address that this message was sent to.\n\
             \n\
             When: 22 November 2026 at 04:35 UTC\n\
             Device: Firefox on Linux\n\
             Network: 2001:db8:1:2::/64\n\
             \n\
             If it was you, there is nothing to do. If not, tell us now and we protect the account.\n\
             \n\
             This was not me\n\
             {}\n\
             \n\
             You can do this until 29 November 2026 at 04:35 UTC.\n\
             \n\
             Questions, or something looks wrong? Contact us: help@lune.example\n\
             \n\
             Automatic message from {SHOP}.\n",
            link.url
        )
    );
    assert!(link.url.starts_with("https://shop.example/account/links/dispute-email-change#dsp_"));
}

#[test]
fn every_letter_names_shop_and_contact_and_its_deed_in_both_languages() {
    for content in samples::all() {
        for language in Language::ALL {
            let letter = rendered(&built_in(), &content, language);
            let kind = content.kind();
            assert!(letter.text.contains("help@lune.example"), "{kind}");
            assert!(letter.html.contains("help@lune.example"), "{kind}");
            assert!(letter.html.contains("Maison Lune &amp; O’Brien"), "{kind}");
            assert!(letter.html.contains(&format!("<html lang=\"{}\"", language.as_str())));
            let has_deed = serde_json::to_value(&content).unwrap().get("deed").is_some();
            assert_eq!(letter.text.contains("Firefox on Linux"), has_deed, "{kind}");
            assert_eq!(letter.text.contains("04:35 UTC\n"), has_deed, "{kind}");
            assert_eq!(letter.text.contains("2001:db8:1:2::/64"), has_deed, "{kind}");
            assert_eq!(
                letter.html.matches("<a ").count(),
                usize::from(letter.link.is_some()),
                "{kind}"
            );
            assert!(!letter.text.contains("\n\n\n"), "{kind}: {}", letter.text);
            assert!(!letter.subject.contains(char::is_control));
        }
    }
}

/// Shops differ in whether the old mailbox is asked or told, and the same letters serve both.
#[test]
fn letters_of_a_change_are_true_whether_the_old_mailbox_is_asked_or_not() {
    let text =
        |kind: &str, language| rendered(&built_in(), &samples::of(kind).unwrap(), language).text;
    let confirm = text("confirm_email_change", Language::En);
    assert!(confirm.contains("asks you to agree, do that first. Then confirm here"), "{confirm}");
    let told = text("email_change_requested", Language::En);
    assert!(told.contains("you need not do anything with this message"), "{told}");
    // Whoever stopped a change is told the way back to the account, not only a telephone number.
    let stopped = text("email_change_disputed", Language::En);
    assert!(stopped.contains("with the password that you had before the change"), "{stopped}");

    let confirm = text("confirm_email_change", Language::Fr);
    assert!(confirm.contains("donnez-le d’abord. Confirmez ensuite ici"), "{confirm}");
    let told = text("email_change_requested", Language::Fr);
    assert!(told.contains("vous n’avez rien à faire de ce message"), "{told}");
    let stopped = text("email_change_disputed", Language::Fr);
    assert!(stopped.contains("avec le mot de passe que vous aviez avant"), "{stopped}");
}

#[test]
fn the_two_languages_differ_in_every_line_but_the_facts() {
    for content in samples::all() {
        let [en, fr] = Language::ALL.map(|l| rendered(&built_in(), &content, l));
        assert_ne!(en.subject, fr.subject);
        assert!(en.text.starts_with("Hello,") && fr.text.starts_with("Bonjour,"));
    }
}

#[test]
fn a_welcome_holds_nothing_about_a_person_and_verifies_only_with_its_link() {
    let combined = rendered(&built_in(), &samples::of("welcome").unwrap(), Language::En);
    assert_eq!(combined.subject, format!("Welcome to {SHOP}: confirm your e-mail address"));
    assert!(combined.link.is_some());
    let separate = LetterContent::Welcome { verify: None, expires_at: None };
    let separate = rendered(&built_in(), &separate, Language::En);
    assert_eq!(separate.subject, format!("Welcome to {SHOP}"));
    assert!(separate.link.is_none() && !separate.html.contains("<a "));
    assert!(separate.text.contains("another message brings the link"));
}

#[test]
fn words_of_strangers_are_escaped_and_stay_on_their_line() {
    let deed = Deed {
        at: Timestamp::default(),
        device: "<img src=x>\r\n\r\nDear customer".to_owned(),
        source: "internal".to_owned(),
    };
    let letter = rendered(&built_in(), &LetterContent::NewSignIn { deed }, Language::En);
    assert!(letter.html.contains("&lt;img src=x&gt;    Dear customer"), "{}", letter.html);
    assert!(
        letter.text.contains("\nDevice: <img src=x>    Dear customer\nNetwork: our own systems\n")
    );
}

#[test]
fn important_information_stands_in_every_letter_of_its_language() {
    let important = Important { en: "Closed <on> Monday.\n\nSorry.".to_owned(), fr: String::new() };
    let brand = brand().with_important(important).unwrap();
    let templates = Templates::built_in(brand, links());
    assert_eq!(problems(&templates), [""; 0]);
    for content in samples::all() {
        let letter = rendered(&templates, &content, Language::En);
        assert!(
            letter.text.contains("\nImportant information\n\nClosed <on> Monday.\n\nSorry.\n\n"),
            "{}",
            letter.text
        );
        assert!(letter.html.contains("Closed &lt;on&gt; Monday.</p>"));
        assert!(!rendered(&templates, &content, Language::Fr).text.contains("Informations"));
    }
}

#[test]
fn a_sound_override_replaces_the_whole_template() {
    let templates = with_files(&[
        ("sessions_ended.txt", "{{ brand.shop }}: {{ t('letter-deed-time', time=deed.time) }}"),
        (".sessions_ended.txt.swp", "{{"),
    ]);
    assert_eq!(problems(&templates), [""; 0]);
    let letter = templates.preview("sessions_ended", Language::Fr).unwrap();
    assert_eq!(letter.text, format!("{SHOP}: Date\u{202F}: 22 novembre 2026 à 04:35 UTC\n"));
    assert_eq!(letter.html, built_in().preview("sessions_ended", Language::Fr).unwrap().html);
}

/// Each of these must be reported, and must not change what is sent.
#[test]
fn a_broken_override_is_reported_and_the_built_in_letter_is_sent() {
    let good = built_in().preview("verify_address", Language::En).unwrap();
    let html = |body: &str| format!("{{{{ brand.shop }}}}<a href=\"{{{{ link }}}}\">x</a>{body}");
    let text = |body: &str| format!("{{{{ brand.shop }}}} {{{{ link }}}} {body}");
    for (name, source, problem) in [
        ("verify_address.txt", text("{% if %}"), "syntax error"),
        ("verify_address.txt", text("{{ dispute_until }}"), "there is no variable dispute_until"),
        (
            "verify_address.txt",
            text("{% if not link %}{{ brand.shopp }}{% endif %}"),
            "there is no variable brand.shopp",
        ),
        ("verify_address.txt", text("{{ t('no-such-key') }}"), "invalid operation"),
        ("verify_address.txt", text("{{ t('letter-footer') }}"), "invalid operation"),
        (
            "verify_address.txt",
            text("{% for i in range(9000) %}{% for j in range(9000) %}{% endfor %}{% endfor %}"),
            "fuel",
        ),
        ("verify_address.txt", text("{% include 'nowhere.txt' %}"), "template not found"),
        ("verify_address.txt", "{{ brand.shop }}".to_owned(), "the letter's link is missing"),
        ("verify_address.txt", "{{ link }}".to_owned(), "the sender is missing"),
        ("verify_address.txt", " \n ".to_owned(), "the letter is empty"),
        ("verify_address.txt", text("{{ link|split('#')|last }}"), "outside its link"),
        (
            "verify_address.html",
            "{{ brand.shop }}{{ link }}".to_owned(),
            "the letter's link is missing",
        ),
        ("verify_address.html", html("{{ link|urlencode }}"), "outside its link"),
        ("verify_address.html", html("<IMG SRC='https://t.example'>"), "<img"),
        ("verify_address.html", html("<p style='background:URL(//t.example)'>"), "url("),
        ("verify_address.html", html("<script>1</script>"), "<script"),
        ("verify_adress.html", html(""), "no letter uses a template of this name"),
        ("layout.html", "{{ brand.shop }}".to_owned(), "the letter's link is missing"),
        ("layout.txt", "{{ oops }}".to_owned(), "there is no variable oops"),
        (
            "button.html",
            "<a href='{{ link }}'>{{ label }}</a>".to_owned(),
            "the letter's link is missing",
        ),
    ] {
        let templates = with_files(&[(name, &source)]);
        let problems = problems(&templates);
        assert!(problems.iter().any(|p| p.contains(problem)), "{name}: {source}: {problems:?}");
        let sent = templates.preview("verify_address", Language::En).unwrap();
        if problem.starts_with("there is no variable brand.shopp") {
            // A branch that is not taken hurts nobody yet: reported, and sent as the operator wrote it.
            assert!(sent.text.starts_with(SHOP) && sent.html == good.html);
        } else {
            assert!(sent == good, "{name}: {source}");
        }
    }
}

#[test]
fn a_file_that_is_no_text_or_too_long_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("welcome.txt"), [0xff, 0xfe]).unwrap();
    fs::write(folder.path().join("welcome.html"), "x".repeat(256 * 1024 + 1)).unwrap();
    fs::create_dir(folder.path().join("layout.txt")).unwrap();
    let templates = Templates::with_overrides(brand(), links(), folder.path()).unwrap();
    let problems = problems(&templates);
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[1].contains("larger than 262144 bytes"), "{problems:?}");
    assert_eq!(
        templates.preview("welcome", Language::En).unwrap(),
        built_in().preview("welcome", Language::En).unwrap()
    );
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap().path().join("gone");
    let refused = Templates::with_overrides(brand(), links(), &folder).err().unwrap();
    assert!(refused.to_string().contains("cannot be read"), "{refused}");
}

#[test]
fn nothing_of_a_letter_is_printed() {
    let letter = built_in().preview("verify_address", Language::En).unwrap();
    assert!(letter.text.contains("vfy_Sample"));
    assert!(!format!("{letter:?}").contains("vfy_"));
    let broken = with_files(&[(
        "verify_address.txt",
        "{{ brand.shop }}{{ link.nothing.there }}{{ link + 1 }}",
    )]);
    for problem in problems(&broken) {
        assert!(!problem.contains("vfy_"), "{problem}");
    }
}

#[test]
fn an_unknown_kind_has_no_preview() {
    assert!(matches!(built_in().preview("none", Language::En), Err(RenderError::UnknownKind(_))));
}

#[test]
fn tidy_text_has_single_gaps_and_no_trailing_blanks() {
    assert_eq!(tidy("\n\n a \n\n\n\nb\t\n\n"), " a\n\nb\n");
}
