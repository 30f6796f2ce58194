//! Trusted devices.

use std::sync::Arc;

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use rightful_domain::trusted_devices::TrustedDevice;
use rightful_domain::values::TrustedDeviceId;

use crate::api::Tag;
use crate::auth::SignedIn;
use crate::context::Context;
use crate::problem::Refused;
use crate::sessions::DoneResponse;
use crate::shared::Shared;
use crate::wire::{Moment, example};

pub(crate) struct TrustedDevicesApi(pub(crate) Arc<Shared>);

/// A device that skips the second step.
#[derive(Debug, Object)]
#[oai(rename = "TrustedDevice", example)]
struct TrustedDeviceView {
    id: String,
    /// The device in words, as its program called itself.
    device: String,
    /// The network on the day of the trust.
    source: String,
    trusted_at: Moment,
    /// Then it is asked again.
    trusted_until: Moment,
}

impl TrustedDeviceView {
    fn of(device: &TrustedDevice) -> Self {
        let record = device.record();
        Self {
            id: record.id.to_string(),
            device: record.device.clone(),
            source: record.source.clone(),
            trusted_at: Moment(record.trusted_at),
            trusted_until: Moment(device.trusted_until()),
        }
    }
}

impl Example for TrustedDeviceView {
    fn example() -> Self {
        Self {
            id: "tde_01h455vb4pex5vsknk084sn02q".to_owned(),
            device: "Firefox on Linux".to_owned(),
            source: "203.0.113.9".to_owned(),
            trusted_at: example::REGISTERED,
            trusted_until: example::IN_A_WEEK,
        }
    }
}

/// The devices that skip the second step.
#[derive(Debug, Object)]
#[oai(example)]
struct TrustedDeviceList {
    /// The latest first, a hundred at most.
    data: Vec<TrustedDeviceView>,
}

impl Example for TrustedDeviceList {
    fn example() -> Self {
        Self { data: vec![TrustedDeviceView::example()] }
    }
}

#[derive(ApiResponse)]
enum ListResponse {
    /// The devices.
    #[oai(status = 200)]
    Devices(Json<TrustedDeviceList>),
}

#[OpenApi(tag = "Tag::SecondFactors")]
impl TrustedDevicesApi {
    /// The devices that skip the second step
    #[oai(path = "/v1/me/trusted-devices", method = "get", operation_id = "listTrustedDevices")]
    async fn list(&self, auth: SignedIn) -> Result<ListResponse, Refused> {
        let devices = self.0.rightful.trusted_devices().list(&auth.caller().live).await?;
        let data = devices.iter().map(TrustedDeviceView::of).collect();
        Ok(ListResponse::Devices(Json(TrustedDeviceList { data })))
    }

    /// Trust a device no more
    ///
    /// It is asked for the second step again. Its sessions stay; end them beside it.
    #[oai(path = "/v1/me/trusted-devices/:id", method = "delete", operation_id = "endTrust")]
    async fn end(
        &self,
        auth: SignedIn,
        context: Context,
        /// The device's id, `tde_…`.
        id: Path<String>,
    ) -> Result<DoneResponse, Refused> {
        let live = auth.caller().live;
        let id = TrustedDeviceId::parse(&id.0).map_err(|_| Refused::not_found())?;
        self.0.rightful.trusted_devices().end(&live, id, &context.visit()).await?;
        Ok(DoneResponse::Done)
    }
}
