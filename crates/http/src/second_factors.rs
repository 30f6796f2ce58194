//! Second factors: an authenticator app, backup codes.

use std::sync::Arc;

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use qrcode::QrCode;
use qrcode::render::svg;
use rightful_domain::links::LinkPurpose;
use rightful_domain::second_factors::{
    BackupCodeText, Changed, Factor, FactorKind, FactorProof, TotpEnrolment,
};
use rightful_domain::values::FactorId;

use crate::api::Tag;
use crate::auth::SignedIn;
use crate::context::Context;
use crate::problem::{Fault, Refused};
use crate::shared::Shared;
use crate::sign_in::SessionRenewed;
use crate::strict_json::{Secret, StrictJson};
use crate::wire::{Moment, WithCookies, example};

pub(crate) struct SecondFactorsApi(pub(crate) Arc<Shared>);

/// What kind of second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "FactorKind", rename_all = "snake_case")]
pub(crate) enum FactorKindName {
    /// An authenticator app.
    Totp,
    /// Ten codes on paper, each for once.
    BackupCodes,
}

impl From<FactorKind> for FactorKindName {
    fn from(kind: FactorKind) -> Self {
        match kind {
            FactorKind::Totp => Self::Totp,
            FactorKind::BackupCodes => Self::BackupCodes,
        }
    }
}

/// A field that is not right.
pub(crate) fn invalid(pointer: &str, code: &'static str) -> Refused {
    Refused::invalid(vec![Fault { pointer: pointer.to_owned(), code }])
}

/// The one proof of a request.
pub(crate) fn proof_of<'a>(
    code: Option<&'a Secret>,
    backup_code: Option<&'a Secret>,
) -> Result<FactorProof<'a>, Refused> {
    match (code, backup_code) {
        (Some(code), None) => Ok(FactorProof::Code(code.as_str())),
        (None, Some(code)) => Ok(FactorProof::BackupCode(code.as_str())),
        (None, None) => Err(invalid("#/code", "missing_field")),
        (Some(_), Some(_)) => Err(invalid("#/backup_code", "unknown_field")),
    }
}

/// A code of a factor that is bound: one of the two.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, skip_serializing_if_is_none, example)]
struct OwnCode {
    /// Six digits of the authenticator app.
    code: Option<Secret>,
    /// A backup code.
    backup_code: Option<Secret>,
}

impl Example for OwnCode {
    fn example() -> Self {
        Self { code: Some("287082".into()), backup_code: None }
    }
}

/// What binds an app.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, skip_serializing_if_is_none, example)]
struct Binding {
    /// Six digits that the app shows.
    code: Secret,
    /// What stands after the sign # of the link in the e-mail. Needed for the account's first factor.
    token: Option<Secret>,
}

impl Example for Binding {
    fn example() -> Self {
        Self { code: "287082".into(), token: Some(example::token("bnd").as_str().into()) }
    }
}

/// A second factor that is bound.
#[derive(Debug, Object)]
#[oai(rename = "SecondFactor", example)]
struct FactorView {
    id: String,
    kind: FactorKindName,
    bound_at: Moment,
    #[oai(nullable)]
    last_used_at: Option<Moment>,
}

impl FactorView {
    fn of(factor: &Factor) -> Option<Self> {
        Some(Self {
            id: factor.id().to_string(),
            kind: factor.kind().into(),
            bound_at: Moment(factor.bound_at()?),
            last_used_at: factor.record().last_used_at.map(Moment),
        })
    }
}

impl Example for FactorView {
    fn example() -> Self {
        Self {
            id: "fac_01h455vb4pex5vsknk084sn02q".to_owned(),
            kind: FactorKindName::Totp,
            bound_at: example::REGISTERED,
            last_used_at: Some(example::SIGNED_IN),
        }
    }
}

/// What the account asks for beside the password.
#[derive(Debug, Object)]
#[oai(example)]
struct FactorList {
    /// The oldest first. Empty: the password alone signs in.
    data: Vec<FactorView>,
    /// How many backup codes are left; null when none were issued.
    #[oai(nullable)]
    backup_codes_left: Option<u32>,
}

impl Example for FactorList {
    fn example() -> Self {
        Self { data: vec![FactorView::example()], backup_codes_left: Some(10) }
    }
}

/// An authenticator app to be. The key is told here, once.
#[derive(Debug, Object)]
#[oai(rename = "AuthenticatorApp", example)]
struct AppView {
    /// What a code of the key binds.
    id: String,
    /// The key, to type into an app without a camera: base32.
    key: String,
    /// The same as an app reads it.
    uri: String,
    /// The same as a picture: SVG, black on white.
    qr_svg: String,
    /// Until when it can be bound.
    expires_at: Moment,
    /// Whether the mailbox was sent a link whose token is needed too: it is the account's first factor.
    mailbox_asked: bool,
}

impl AppView {
    fn of(enrolment: &TotpEnrolment, uri: String) -> Result<Self, Refused> {
        let picture = QrCode::new(&uri).map_err(|error| {
            Refused::from_status(poem::http::StatusCode::INTERNAL_SERVER_ERROR).caused_by(error)
        })?;
        let qr_svg = picture.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
        Ok(Self {
            id: enrolment.factor.to_string(),
            key: enrolment.key.base32(),
            uri,
            qr_svg,
            expires_at: Moment(enrolment.expires_at),
            mailbox_asked: enrolment.mailbox_asked,
        })
    }
}

impl Example for AppView {
    fn example() -> Self {
        Self {
            id: "fac_01h455vb4pex5vsknk084sn02q".to_owned(),
            key: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned(),
            uri: "otpauth://totp/Maison%20Lune:ada%40maison-lune.example\
                  ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Maison%20Lune"
                .to_owned(),
            qr_svg: "<svg>…</svg>".to_owned(),
            expires_at: example::NEXT_LETTER,
            mailbox_asked: true,
        }
    }
}

/// The factors changed: this session goes on with a new secret, all others are over.
#[derive(Debug, Object)]
#[oai(example)]
struct FactorsChanged {
    session: SessionRenewed,
    /// Ten new backup codes, told here, once; null when those of before stand, or none are left.
    #[oai(nullable)]
    backup_codes: Option<Vec<String>>,
}

impl Example for FactorsChanged {
    fn example() -> Self {
        Self {
            session: SessionRenewed::example(),
            backup_codes: Some(vec!["3K7F-92QX-M8P0".to_owned()]),
        }
    }
}

#[derive(ApiResponse)]
enum ListResponse {
    /// The factors.
    #[oai(status = 200)]
    Factors(Json<FactorList>),
}

#[derive(ApiResponse)]
enum BegunResponse {
    /// The key, to be bound by a code of it.
    #[oai(status = 201)]
    Begun(Json<AppView>),
}

#[derive(ApiResponse)]
enum ChangedResponse {
    /// Done. The secret that asked is dead.
    #[oai(status = 200)]
    Changed(Json<FactorsChanged>),
}

#[OpenApi(tag = "Tag::SecondFactors")]
impl SecondFactorsApi {
    /// The account's second factors
    #[oai(path = "/v1/me/second-factors", method = "get", operation_id = "listSecondFactors")]
    async fn list(&self, auth: SignedIn) -> Result<ListResponse, Refused> {
        let panel = self.0.rightful.second_factors().panel(&auth.caller().live).await?;
        let backup_codes_left =
            panel.codes_left.map(|left| u32::try_from(left).unwrap_or(u32::MAX));
        let data = panel.factors.iter().filter_map(FactorView::of).collect();
        Ok(ListResponse::Factors(Json(FactorList { data, backup_codes_left })))
    }

    /// Begin with an authenticator app
    ///
    /// Tells a key. The account's first factor needs a fresh proof of the password, and the mailbox is sent a
    /// link; every other needs a code of those that are bound, in this very request.
    #[oai(
        path = "/v1/me/second-factors/totp",
        method = "post",
        operation_id = "beginAuthenticatorApp"
    )]
    async fn begin(
        &self,
        auth: SignedIn,
        context: Context,
        body: StrictJson<OwnCode>,
    ) -> Result<BegunResponse, Refused> {
        let live = auth.caller().live;
        let OwnCode { code, backup_code } = body.0;
        let proof = match (&code, &backup_code) {
            (None, None) => None,
            (code, backup_code) => Some(proof_of(code.as_ref(), backup_code.as_ref())?),
        };
        let factors = self.0.rightful.second_factors();
        let enrolment = factors.begin_totp(&live, proof, &context.visit()).await?;
        let label = live.account.email().as_str();
        let codes = &self.0.rightful.ports().one_time_codes;
        let uri = codes.uri(&enrolment.key, &self.0.settings.shop, label);
        Ok(BegunResponse::Begun(Json(AppView::of(&enrolment, uri)?)))
    }

    /// Bind an authenticator app
    ///
    /// With a code that it shows, and for the account's first factor with the token of the e-mail. All other
    /// sessions end, trusted devices are asked again. With the first factor come ten backup codes.
    #[oai(
        path = "/v1/me/second-factors/:id/bind",
        method = "post",
        operation_id = "bindAuthenticatorApp"
    )]
    async fn bind(
        &self,
        auth: SignedIn,
        context: Context,
        /// The factor's id, `fac_…`.
        id: Path<String>,
        body: StrictJson<Binding>,
    ) -> Result<WithCookies<ChangedResponse>, Refused> {
        let live = auth.caller().live;
        let id = FactorId::parse(&id.0).map_err(|_| Refused::not_found())?;
        let Binding { code, token } = body.0;
        let token = token.as_ref().map(Secret::as_str);
        let factors = self.0.rightful.second_factors();
        let bound = factors.bind_totp(&live, id, code.as_str(), token, &context.visit()).await;
        let purpose = LinkPurpose::BindFactor;
        let changed =
            bound.map_err(|e| Refused::from(e).about_link(purpose, token.unwrap_or_default()))?;
        Ok(self.0.factors_changed(&changed))
    }

    /// Remove a second factor
    ///
    /// With a code of one that is bound, in this very request. With the last one go the backup codes. All other
    /// sessions end.
    #[oai(
        path = "/v1/me/second-factors/:id/remove",
        method = "post",
        operation_id = "removeSecondFactor"
    )]
    async fn remove(
        &self,
        auth: SignedIn,
        context: Context,
        /// The factor's id, `fac_…`.
        id: Path<String>,
        body: StrictJson<OwnCode>,
    ) -> Result<WithCookies<ChangedResponse>, Refused> {
        let live = auth.caller().live;
        let id = FactorId::parse(&id.0).map_err(|_| Refused::not_found())?;
        let OwnCode { code, backup_code } = body.0;
        let proof = proof_of(code.as_ref(), backup_code.as_ref())?;
        let factors = self.0.rightful.second_factors();
        let changed = factors.remove(&live, id, proof, &context.visit()).await?;
        Ok(self.0.factors_changed(&changed))
    }

    /// Issue new backup codes
    ///
    /// With a code of a factor that is bound, in this very request. Those of before are dead, all other sessions
    /// end.
    #[oai(path = "/v1/me/backup-codes", method = "post", operation_id = "renewBackupCodes")]
    async fn renew_backup_codes(
        &self,
        auth: SignedIn,
        context: Context,
        body: StrictJson<OwnCode>,
    ) -> Result<WithCookies<ChangedResponse>, Refused> {
        let live = auth.caller().live;
        let OwnCode { code, backup_code } = body.0;
        let proof = proof_of(code.as_ref(), backup_code.as_ref())?;
        let factors = self.0.rightful.second_factors();
        let changed = factors.renew_backup_codes(&live, proof, &context.visit()).await?;
        Ok(self.0.factors_changed(&changed))
    }
}

impl Shared {
    fn factors_changed(&self, changed: &Changed) -> WithCookies<ChangedResponse> {
        let (session, cookies) = self.renewed_parts(&changed.renewed);
        let backup_codes = changed
            .backup_codes
            .as_ref()
            .map(|codes| codes.iter().map(BackupCodeText::expose).collect());
        let answer = ChangedResponse::Changed(Json(FactorsChanged { session, backup_codes }));
        WithCookies { answer, cookies }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_brings_one_proof_and_no_more() {
        let (code, backup): (Secret, Secret) = ("123456".into(), "0AAA-BBBB-CCCC".into());
        assert!(matches!(proof_of(Some(&code), None), Ok(FactorProof::Code("123456"))));
        assert!(matches!(proof_of(None, Some(&backup)), Ok(FactorProof::BackupCode(_))));
        for (refused, pointer, fault) in [
            (proof_of(None, None), "#/code", "missing_field"),
            (proof_of(Some(&code), Some(&backup)), "#/backup_code", "unknown_field"),
        ] {
            let refused = refused.unwrap_err();
            let wanted = Fault { pointer: pointer.to_owned(), code: fault };
            assert_eq!(refused.faults(), [wanted]);
        }
    }
}
