use crate::letters::{
    Deed, Lease, Letter, LetterContent, LetterRecord, LetterSecret, PostedLetter,
};
use crate::second_factors::FactorKind;
use crate::tests_support::{NOW, Stage, ada, email, id, secret};
use crate::values::{Locale, Sealed, Span};

/// One letter of each kind.
fn every_content() -> Vec<LetterContent> {
    let deed = || Deed { at: NOW, device: String::from("Firefox"), source: String::from("::") };
    let link = || LetterSecret(secret("vfy", 1));
    let masked = || String::from("a•••@e•••.org");
    let at = NOW;
    let contents = vec![
        LetterContent::Welcome { verify: Some(link()), expires_at: Some(at) },
        LetterContent::VerifyAddress { verify: link(), expires_at: at },
        LetterContent::AlreadyRegistered { deed: deed() },
        LetterContent::AddressResting { free_at: at },
        LetterContent::MailboxProved { deed: deed() },
        LetterContent::NewSignIn { deed: deed() },
        LetterContent::PasswordChanged { deed: deed() },
        LetterContent::ResetPassword { deed: deed(), reset: link(), expires_at: at },
        LetterContent::PasswordReset { deed: deed() },
        LetterContent::NoAccount { deed: deed() },
        LetterContent::AccountReminder { deed: deed() },
        LetterContent::ProfileChanged { deed: deed() },
        LetterContent::SessionsEnded { deed: deed() },
        LetterContent::ConfirmEmailChange { confirm: link(), expires_at: at, old_masked: masked() },
        LetterContent::EmailChangeRequested {
            deed: deed(),
            new_masked: masked(),
            dispute: link(),
            dispute_until: at,
        },
        LetterContent::ApproveEmailChange {
            deed: deed(),
            new: String::from("new@example.org"),
            approve: link(),
            expires_at: at,
        },
        LetterContent::EmailChangedOld {
            deed: deed(),
            new_masked: masked(),
            dispute: link(),
            dispute_until: at,
        },
        LetterContent::EmailChangedNew { deed: deed(), old_masked: masked() },
        LetterContent::EmailChangeCancelled { deed: deed(), new_masked: masked() },
        LetterContent::AddressTried { deed: deed() },
        LetterContent::EmailChangeDisputed { deed: deed(), frozen_until: at },
        LetterContent::EmailChangeReverted { deed: deed(), old_masked: masked() },
        LetterContent::BindFactor { deed: deed(), bind: link(), expires_at: at },
        LetterContent::FactorBound { deed: deed(), factor: FactorKind::Totp },
        LetterContent::FactorRemoved { deed: deed(), factor: FactorKind::Totp },
        LetterContent::BackupCodesRenewed { deed: deed() },
        LetterContent::BackupCodeUsed { deed: deed(), left: 9 },
        LetterContent::SecondStepFailed { deed: deed() },
        LetterContent::DeviceTrusted { deed: deed(), until: at },
    ];
    let kinds: Vec<_> = contents.iter().map(LetterContent::kind).collect();
    assert_eq!(kinds, LetterContent::KINDS, "one of each kind, in the order of the list");
    contents
}

fn leased(posted: PostedLetter) -> LetterRecord {
    LetterRecord {
        lease: Lease { letter: posted.id, until: NOW + Span::minutes(15) },
        kind: posted.kind,
        account: posted.account,
        email_change: posted.email_change,
        posted_at: posted.posted_at,
        payload: posted.payload,
        attempts: 0,
    }
}

#[test]
fn every_letter_opens_as_it_was_sealed() {
    let stage = Stage::empty();
    let ports = stage.rightful.ports();
    for content in every_content() {
        let to = email("Ada.Lovelace+x@exämple.org");
        let posted = PostedLetter::seal(
            &*ports.vault,
            &*ports.entropy,
            Some(ada().id()),
            &to,
            Locale::Fr,
            content.clone(),
            NOW,
        )
        .unwrap()
        .about(id(3));
        assert_eq!(posted.kind, content.kind());
        assert_eq!((posted.account, posted.email_change), (Some(ada().id()), Some(id(3))));
        let letter = leased(posted.clone()).open(&*ports.vault).unwrap();
        let wanted = Letter { id: posted.id, to, locale: Locale::Fr, posted_at: NOW, content };
        assert_eq!(letter, wanted);
    }
}

/// A sealed letter opens in its own row only, so that nobody can send one under another's name.
#[test]
fn a_letter_moved_to_another_row_does_not_open() {
    let stage = Stage::empty();
    let ports = stage.rightful.ports();
    let content = every_content().remove(0);
    let posted =
        PostedLetter::to_account(&*ports.vault, &*ports.entropy, &ada(), content, NOW).unwrap();
    let mut moved = leased(posted.clone());
    moved.lease.letter = id(99);
    assert!(moved.open(&*ports.vault).is_err());
    let mut cut = leased(posted);
    let bytes = cut.payload.as_bytes();
    cut.payload = Sealed::from_bytes(bytes[..bytes.len() - 1].to_vec());
    assert!(cut.open(&*ports.vault).is_err());
}

/// MN-48: what stands in a log shows the secret's purpose and no more.
#[test]
fn mn_48_a_letters_secret_is_not_printed() {
    for content in every_content() {
        let text = format!("{content:?}");
        assert!(!text.contains(&secret("vfy", 1).expose()[4..]), "{text}");
    }
}

/// Ten seconds, doubling, an hour at most; nothing after the twentieth try.
#[test]
fn asvs_v16_5_2_tries_are_further_and_further_apart() {
    let stage = Stage::empty();
    let ports = stage.rightful.ports();
    let content = every_content().remove(0);
    let posted =
        PostedLetter::to_account(&*ports.vault, &*ports.entropy, &ada(), content, NOW).unwrap();
    let mut record = leased(posted);
    let waits: Vec<_> = (0..19)
        .map(|attempts| {
            record.attempts = attempts;
            record.back_off().map(Span::as_seconds_ceil)
        })
        .collect();
    let doubling = [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560];
    let wanted: Vec<_> = doubling.into_iter().chain([3_600; 10]).map(Some).collect();
    assert_eq!(waits, wanted);
    for attempts in [19, 20, u32::MAX - 1] {
        record.attempts = attempts;
        assert_eq!(record.back_off(), None);
    }
}
