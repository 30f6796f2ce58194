//! The second listener: for the machines that keep us running, never for the public. No authentication; bind
//! it to an address that only they reach.

use poem::http::{HeaderValue, StatusCode, header};
use poem::{Body, Endpoint, EndpointExt, Response, Route, get, handler, web::Data};
use serde_json::json;

use crate::health::Checks;
use crate::metrics::Metrics;

/// What this binary is.
#[derive(Clone, Debug)]
pub struct BuildInfo {
    /// The version of the package.
    pub version: &'static str,
    /// The commit it was made from, if that is known.
    pub commit: Option<&'static str>,
}

/// `/livez` (the process answers), `/readyz` (the checks, each by name), `/metrics` (`OpenMetrics`), `/version`.
pub fn management(metrics: Metrics, ready: Checks, build: BuildInfo) -> impl Endpoint + 'static {
    Route::new()
        .at("/livez", get(livez))
        .at("/readyz", get(readyz).data(ready))
        .at("/metrics", get(render).data(metrics))
        .at("/version", get(version).data(build))
        .catch_all_error(|error| async move { plain(error.status(), json!({"status": "error"})) })
}

#[handler]
fn livez() -> Response {
    plain(StatusCode::OK, json!({"status": "ok"}))
}

#[handler]
async fn readyz(Data(ready): Data<&Checks>) -> Response {
    let findings = ready.ask().await;
    let word = |fine: bool| if fine { "ok" } else { "fail" };
    let well = findings.iter().all(|finding| finding.fault.is_none());
    let checks: Vec<_> = findings
        .iter()
        .map(|finding| match &finding.fault {
            None => json!({"name": finding.name, "status": word(true)}),
            Some(fault) => json!({"name": finding.name, "status": word(false), "detail": fault}),
        })
        .collect();
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    plain(status, json!({"status": word(well), "checks": checks}))
}

#[handler]
fn render(Data(metrics): Data<&Metrics>) -> Response {
    match metrics.encode() {
        Ok(text) => Response::builder()
            .header(
                header::CONTENT_TYPE,
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
            )
            .header(header::CACHE_CONTROL, "no-store")
            .body(text),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            plain(StatusCode::INTERNAL_SERVER_ERROR, json!({"status": "error"}))
        }
    }
}

#[handler]
fn version(Data(build): Data<&BuildInfo>) -> Response {
    plain(StatusCode::OK, json!({"version": build.version, "commit": build.commit}))
}

fn plain(status: StatusCode, value: serde_json::Value) -> Response {
    let mut response = Response::builder().status(status).body(Body::from(value.to_string()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::test::TestClient;

    fn client(ready: Checks) -> TestClient<impl Endpoint> {
        let build = BuildInfo { version: "1.2.3", commit: None };
        TestClient::new(management(Metrics::new(), ready, build))
    }

    #[tokio::test]
    async fn readiness_names_the_check_that_fails() {
        let checks = Checks::default()
            .with("database", || async { Ok(()) })
            .with("migrations", || async { Err("2 pending: run rightful db migrate".to_owned()) });
        let response = client(checks).get("/readyz").send().await;
        response.assert_status(StatusCode::SERVICE_UNAVAILABLE);
        response
            .assert_json(json!({"status": "fail", "checks": [
                {"name": "database", "status": "ok"},
                {"name": "migrations", "status": "fail", "detail": "2 pending: run rightful db migrate"},
            ]}))
            .await;
    }

    #[tokio::test]
    async fn life_metrics_and_version_need_nothing_to_be_ready() {
        let client = client(Checks::default().with("never", || async { Err(String::new()) }));
        client.get("/livez").send().await.assert_json(json!({"status": "ok"})).await;
        client
            .get("/version")
            .send()
            .await
            .assert_json(json!({"version": "1.2.3", "commit": null}))
            .await;
        let metrics = client.get("/metrics").send().await;
        metrics.assert_status_is_ok();
        metrics.assert_header(
            "content-type",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        );
        client.get("/elsewhere").send().await.assert_status(StatusCode::NOT_FOUND);
    }
}
