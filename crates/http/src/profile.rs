//! The customer's own data: name, language, password.

use std::sync::Arc;

use poem::http::StatusCode;
use poem_openapi::param::Header;
use poem_openapi::payload::Json;
use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{ApiResponse, Object, OpenApi};
use rightful_domain::accounts::Version;
use rightful_domain::profile::{ProfileChange, ProfileError};

use crate::api::Tag;
use crate::auth::SignedIn;
use crate::context::Context;
use crate::problem::Refused;
use crate::shared::Shared;
use crate::sign_in::RenewedResponse;
use crate::strict_json::{Secret, StrictJson, Text};
use crate::wire::{AccountView, LanguageTag, WithCookies, example};

pub(crate) struct ProfileApi(pub(crate) Arc<Shared>);

/// What is to change; what is left out stays.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct ProfilePatch {
    /// What the customer is called; `null` for nothing.
    #[oai(nullable)]
    name: MaybeUndefined<Text>,
    /// Of e-mails.
    language: Option<LanguageTag>,
}

impl Example for ProfilePatch {
    fn example() -> Self {
        Self { name: MaybeUndefined::Value("Ada Lovelace".into()), language: Some(LanguageTag::Fr) }
    }
}

/// The password in force and the next one.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct NewPassword {
    current_password: Secret,
    /// At least ten characters; any are allowed.
    new_password: Secret,
}

impl Example for NewPassword {
    fn example() -> Self {
        Self {
            current_password: example::PASSWORD.into(),
            new_password: "four other words entirely".into(),
        }
    }
}

#[derive(ApiResponse)]
enum MeResponse {
    /// The account.
    #[oai(status = 200)]
    Account(
        Json<AccountView>,
        /// The version of the account, for `If-Match` and `If-None-Match`.
        #[oai(header = "ETag")]
        String,
    ),
    /// The account still has the version that was named.
    #[oai(status = 304)]
    NotModified(
        /// The version of the account.
        #[oai(header = "ETag")]
        String,
    ),
}

#[derive(ApiResponse)]
enum UpdatedResponse {
    /// The account as it is now.
    #[oai(status = 200)]
    Account(
        Json<AccountView>,
        /// The version of the account, for the next change.
        #[oai(header = "ETag")]
        String,
    ),
}

#[OpenApi(tag = "Tag::Profile")]
impl ProfileApi {
    /// The account of whoever asks
    #[oai(path = "/v1/me", method = "get", operation_id = "getMe")]
    #[expect(clippy::unused_async, reason = "poem-openapi takes async functions only")]
    async fn me(
        &self,
        auth: SignedIn,
        /// Answers 304 when the account still has this version.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<MeResponse, Refused> {
        let account = auth.caller().live.account;
        let tag = etag(account.version());
        if if_none_match.0.is_some_and(|wanted| tags(&wanted).any(|named| named == tag)) {
            return Ok(MeResponse::NotModified(tag));
        }
        let now = self.0.rightful.ports().clock.now();
        Ok(MeResponse::Account(Json(AccountView::of(&account, now)), tag))
    }

    /// Change name or language
    ///
    /// Decided on the version that was read: `If-Match` is required.
    #[oai(path = "/v1/me", method = "patch", operation_id = "updateMe")]
    async fn update(
        &self,
        auth: SignedIn,
        context: Context,
        /// The `ETag` of the account as it was read.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: StrictJson<ProfilePatch>,
    ) -> Result<UpdatedResponse, Refused> {
        let live = auth.caller().live;
        let ProfilePatch { name, language } = body.0;
        let Some(wanted) = if_match.0 else {
            let status = StatusCode::PRECONDITION_REQUIRED;
            return Err(Refused::new(status, "precondition_required"));
        };
        let expected = expected(&wanted, live.account.version()).ok_or_else(outdated)?;
        let change = ProfileChange {
            name: match &name {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(name) => Some(Some(name.as_str())),
            },
            locale: language.map(Into::into),
        };
        let profile = self.0.rightful.profile();
        let account = match profile.update(&live, expected, change, &context.visit()).await {
            Ok(account) => account,
            Err(ProfileError::Outdated) => return Err(outdated()),
            Err(other) => return Err(other.into()),
        };
        let now = self.0.rightful.ports().clock.now();
        let tag = etag(account.version());
        Ok(UpdatedResponse::Account(Json(AccountView::of(&account, now)), tag))
    }

    /// Change the password
    ///
    /// Every other session ends, a pending change of address is cancelled, and the mailbox is told. The
    /// session that asks goes on with a new secret.
    #[oai(path = "/v1/me/password", method = "post", operation_id = "changePassword")]
    async fn change_password(
        &self,
        auth: SignedIn,
        context: Context,
        body: StrictJson<NewPassword>,
    ) -> Result<WithCookies<RenewedResponse>, Refused> {
        let live = auth.caller().live;
        let NewPassword { current_password, new_password } = body.0;
        let profile = self.0.rightful.profile();
        let (current, new) = (current_password.as_str(), new_password.as_str());
        let renewed = profile.change_password(&live, current, new, &context.visit()).await?;
        Ok(self.0.renewed(&renewed))
    }
}

fn outdated() -> Refused {
    Refused::new(StatusCode::PRECONDITION_FAILED, "precondition_failed")
}

/// The strong tag of a version.
fn etag(version: Version) -> String {
    format!("\"{}\"", version.number())
}

/// The tags of a list; none of ours has a comma in it.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

/// The version that an `If-Match` names: the one that is in force if it is among them, else whichever it
/// names, so that the records decide; `None` when it names none of ours.
fn expected(list: &str, in_force: Version) -> Option<Version> {
    let current = etag(in_force);
    if tags(list).any(|tag| tag == "*" || tag == current) {
        return Some(in_force);
    }
    tags(list).find_map(|tag| {
        let number = tag.strip_prefix('"')?.strip_suffix('"')?;
        number.parse().ok().map(Version::from_stored)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_names_a_version() {
        let v = Version::from_stored;
        assert_eq!(expected("\"7\"", v(7)), Some(v(7)));
        assert_eq!(expected("*", v(7)), Some(v(7)));
        assert_eq!(expected("\"6\", \"7\"", v(7)), Some(v(7)));
        assert_eq!(expected("\"6\"", v(7)), Some(v(6)), "the records will refuse it");
        for none in ["", "7", "W/\"7\"", "\"x\"", "\"7"] {
            assert_eq!(expected(none, v(7)), None, "{none}");
        }
    }
}
