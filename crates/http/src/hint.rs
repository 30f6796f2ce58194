//! What is wrong with the form of this very request, for whoever wrote the program that sent it.
//!
//! One code has several causes: a caller who is not known sent no token, or half of one. A hint tells them
//! apart by what the request itself shows, and by that alone: whether a token, an address or an account
//! exists is never among it, so a hint tells a stranger nothing that the stranger did not send.

use rightful_domain::links::LinkPurpose;
use rightful_domain::sessions::Carrier;
use rightful_domain::values::SecretText;

/// The prefix of the secrets of sessions, as `Authorization` carries them.
const SESSION: &str = "ses";

/// A hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// No route has this path.
    NoPath,
    /// Neither a token nor a cookie came with the request.
    NoCredential,
    /// `Authorization` is not one bearer token.
    AuthorizationForm,
    /// The bearer token has not the form of a session's.
    SessionTokenForm,
    /// The bearer token has the form, and no session that it is good for: never issued, over, or in another
    /// carrier, and never which.
    NoSession,
    /// `Authorization` is good for nothing, and the operation needs nobody signed in.
    NoSessionNeeded,
    /// The cookie is of no live session; the same holds.
    DeadCookie,
    /// The header with the CSRF value is missing.
    CsrfMissing,
    /// The CSRF value is not this session's.
    CsrfWrong,
    /// The browser does not say that a page of ours sent the request.
    CsrfOrigin,
    /// The token has not the form of a link's of this purpose.
    LinkTokenForm(LinkPurpose),
    /// The token has the form of another purpose's.
    LinkTokenOfOther(LinkPurpose),
}

impl Hint {
    /// One of each.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 12] = [
        Self::NoPath,
        Self::NoCredential,
        Self::AuthorizationForm,
        Self::SessionTokenForm,
        Self::NoSession,
        Self::NoSessionNeeded,
        Self::DeadCookie,
        Self::CsrfMissing,
        Self::CsrfWrong,
        Self::CsrfOrigin,
        Self::LinkTokenForm(LinkPurpose::VerifyAddress),
        Self::LinkTokenOfOther(LinkPurpose::VerifyAddress),
    ];

    /// The key of its text.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::NoPath => "hint-no_path",
            Self::NoCredential => "hint-no_credential",
            Self::AuthorizationForm => "hint-authorization_form",
            Self::SessionTokenForm => "hint-session_token_form",
            Self::NoSession => "hint-no_session",
            Self::NoSessionNeeded => "hint-no_session_needed",
            Self::DeadCookie => "hint-dead_cookie",
            Self::CsrfMissing => "hint-csrf_missing",
            Self::CsrfWrong => "hint-csrf_wrong",
            Self::CsrfOrigin => "hint-csrf_origin",
            Self::LinkTokenForm(_) => "hint-link_token_form",
            Self::LinkTokenOfOther(_) => "hint-link_token_of_other",
        }
    }

    /// What the token should begin with.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::LinkTokenForm(purpose) | Self::LinkTokenOfOther(purpose) => purpose.prefix(),
            _ => SESSION,
        }
    }

    /// Of a session's secret that opened nothing.
    pub(crate) fn of_session(secret: &str, carrier: Carrier) -> Self {
        match carrier {
            Carrier::Cookie => Self::DeadCookie,
            Carrier::Bearer if SecretText::present(SESSION, secret).is_none() => {
                Self::SessionTokenForm
            }
            Carrier::Bearer => Self::NoSession,
        }
    }

    /// Of a link's token that opened nothing; `None` when its form is that of one for `purpose`.
    pub(crate) fn of_link(purpose: LinkPurpose, token: &str) -> Option<Self> {
        let has_form =
            |purpose: LinkPurpose| SecretText::present(purpose.prefix(), token).is_some();
        if has_form(purpose) {
            None
        } else if LinkPurpose::ALL.into_iter().any(has_form) {
            Some(Self::LinkTokenOfOther(purpose))
        } else {
            Some(Self::LinkTokenForm(purpose))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LinkPurpose::{ConfirmEmailChange, VerifyAddress};
    use rightful_wording::{Arg, Language, catalog};
    use std::collections::BTreeSet;

    #[test]
    fn every_hint_has_its_text_in_both_languages_and_no_text_is_left_over() {
        let wanted: BTreeSet<&str> = Hint::ALL.iter().map(|hint| hint.key()).collect();
        assert_eq!(wanted.len(), Hint::ALL.len());
        for key in &wanted {
            let texts = Language::ALL.map(|language| {
                catalog()
                    .try_text(language, key, &[("expected", Arg::Text("vfy"))])
                    .unwrap_or_else(|error| panic!("{language:?}: {error}"))
            });
            assert_ne!(texts[0], texts[1], "{key} is not translated");
        }
        let found: BTreeSet<&str> =
            catalog().keys().filter(|key| key.starts_with("hint-")).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_token_is_judged_by_its_form_alone() {
        let digits = "A".repeat(43);
        let of = |token: &str| Hint::of_link(VerifyAddress, token);
        assert_eq!(of(&format!("vfy_{digits}")), None);
        assert_eq!(of(&format!("chg_{digits}")), Some(Hint::LinkTokenOfOther(VerifyAddress)));
        for odd in ["", "vfy_", "x", &format!("vfy_{digits}A"), &format!("ses_{digits}")] {
            assert_eq!(of(odd), Some(Hint::LinkTokenForm(VerifyAddress)), "{odd}");
        }
        assert_eq!(Hint::LinkTokenForm(ConfirmEmailChange).expected(), "chg");

        let ses = format!("ses_{digits}");
        assert_eq!(Hint::of_session(&ses, Carrier::Bearer), Hint::NoSession);
        assert_eq!(Hint::of_session(&ses[1..], Carrier::Bearer), Hint::SessionTokenForm);
        assert_eq!(Hint::of_session("", Carrier::Bearer), Hint::SessionTokenForm);
        assert_eq!(Hint::of_session(&ses, Carrier::Cookie), Hint::DeadCookie);
    }
}
