//! A shop with its API, and answers that can be asked.

use std::sync::Arc;

use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderMap, Method, StatusCode, header};
use poem::{Body, Endpoint, EndpointExt, Request, Response};
use rightful_domain::policy::Policy;
use rightful_http::{Api, HttpSettings, PublicOrigin};
use rightful_testkit::contract::Adapters;
use rightful_testkit::world::{PASSWORD, World};
use serde_json::{Value, json};

use crate::told;

pub(crate) const ORIGIN: &str = "https://accounts.shop.example";
pub(crate) const ADA: &str = "ada@example.org";

pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) settings: HttpSettings,
    pub(crate) api: Arc<BoxEndpoint<'static, Response>>,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// A request to be.
pub(crate) struct Ask<'a> {
    shop: &'a Shop,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Body>,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self::with(World::new(), |_| {})
    }

    pub(crate) fn with(world: World, change: impl FnOnce(&mut HttpSettings)) -> Self {
        let mut settings = HttpSettings::new(PublicOrigin::parse(ORIGIN).unwrap());
        change(&mut settings);
        let api = Api::new(Arc::new(world.rightful.clone()), settings.clone());
        let api = Arc::new(api.map_to_response().boxed());
        Self { world, settings, api }
    }

    /// Under another policy.
    pub(crate) fn under(policy: impl FnOnce(&mut Policy)) -> Self {
        let mut wanted = Policy::default();
        policy(&mut wanted);
        let memory = Arc::new(rightful_testkit::memory::Memory::new());
        Self::with(World::with(wanted, Adapters::all_of(memory)), |_| {})
    }

    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        let method = method.parse().unwrap();
        Ask { shop: self, method, path: path.to_owned(), headers: Vec::new(), body: None }
    }
    pub(crate) fn get(&self, path: &str) -> Ask<'_> {
        self.ask("GET", path)
    }
    pub(crate) fn post(&self, path: &str, body: Value) -> Ask<'_> {
        self.ask("POST", path).json(body)
    }

    /// A customer with a proved mailbox, signed in with a bearer token.
    pub(crate) async fn ada(&self) -> String {
        self.world.customer(ADA).await;
        self.sign_in(ADA).await
    }

    /// A bearer token for somebody with the usual password.
    pub(crate) async fn sign_in(&self, email: &str) -> String {
        let body = json!({"email": email, "password": PASSWORD});
        let reply = self.post("/v1/sessions", body).send().await.expect(201);
        reply.json()["token"].as_str().unwrap().to_owned()
    }

    /// The session cookie and its CSRF value for somebody with the usual password.
    pub(crate) async fn sign_in_by_cookie(&self, email: &str) -> (String, String) {
        let body = json!({"email": email, "password": PASSWORD, "carrier": "cookie"});
        let ask = self.post("/v1/sessions", body).header("sec-fetch-site", "same-origin");
        let reply = ask.send().await.expect(201);
        let cookie = reply.cookie("__Host-rightful_session").unwrap();
        (cookie, reply.json()["csrf_token"].as_str().unwrap().to_owned())
    }
}

impl Ask<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }
    pub(crate) fn session_cookie(self, secret: &str) -> Self {
        self.header("cookie", &format!("__Host-rightful_session={secret}"))
    }
    /// What a page of our own origin adds to an unsafe request.
    pub(crate) fn own_page(self, csrf: &str) -> Self {
        self.header("x-csrf-token", csrf).header("sec-fetch-site", "same-origin")
    }
    pub(crate) fn json(self, body: Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }
    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub(crate) async fn send(self) -> Reply {
        let mut request = Request::builder().method(self.method).uri_str(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name.as_str(), value.as_str());
        }
        let request = match self.body {
            Some(body) => request.body(body),
            None => request.finish(),
        };
        let method = request.method().clone();
        let mut response = self.shop.api.get_response(request).await;
        let reply = Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.take_body().into_string().await.unwrap(),
        };
        // Whatever a test of this crate asks about: the document tells of the answer.
        if let Err(untold) = told::answer(&method, &self.path, reply.status, &reply.text) {
            panic!("{method} {}: {untold}", self.path);
        }
        reply
    }
}

impl Reply {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The value that the answer sets for a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.set_cookie(name)
            .map(|line| line.split(';').next().unwrap().strip_prefix(name).unwrap()[1..].to_owned())
    }

    /// The `Set-Cookie` line of a cookie.
    pub(crate) fn set_cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        let mut lines = lines.map(|line| line.to_str().unwrap().to_owned());
        lines.find(|line| line.starts_with(&format!("{name}=")))
    }

    /// Demands that the answer is a whole problem of this kind, and gives its members.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        let problem = self.json();
        let text =
            |name: &str| problem[name].as_str().unwrap_or_else(|| panic!("{name}: {problem}"));
        assert_eq!(text("code"), code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(text("type"), format!("{ORIGIN}/problems/{code}"));
        assert!(!text("title").is_empty() && !text("title").starts_with("problem-"), "{problem}");
        assert!(!text("detail").is_empty() && !text("detail").starts_with("problem-"), "{problem}");
        assert_eq!(self.header("request-id"), Some(text("request_id")));
        assert_eq!(text("instance"), format!("urn:request:{}", text("request_id")));
        assert!(["en", "fr"].contains(&self.header("content-language").unwrap()));
        let known = rightful_http::CATALOGUE.iter().find(|known| known.code == code);
        assert_eq!(known.map(|known| known.status), Some(status), "not in the catalogue: {code}");
        let waits = self.header("retry-after").map(|s| s.parse::<u64>().unwrap());
        assert_eq!(problem["retry_after"].as_u64(), waits, "{problem}");
        let challenge = self.header("www-authenticate").is_some();
        assert_eq!(challenge, StatusCode::UNAUTHORIZED == status, "{problem}");
        problem
    }

    /// The pointers and codes of a problem's fields.
    #[track_caller]
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        let problem = self.json();
        let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{problem}"));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        errors.iter().map(|e| (text(&e["pointer"]), text(&e["code"]))).collect()
    }
}
