//! Which paths exist and which methods they take: for `Allow` on a 405 (RFC 9110 §15.5.6), and for the name
//! of a route in logs and metrics, where a path would carry ids and never end.

use std::collections::HashMap;
use std::sync::Arc;

use poem::http::Method;
use serde_json::Value;

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RouteInfo {
    /// `/v1/sessions/{id}`.
    pub(crate) template: Arc<str>,
    /// `GET, HEAD, POST`.
    pub(crate) allow: String,
    /// Those of them that need nobody signed in, written the same.
    open: String,
}

impl RouteInfo {
    /// Whether it has an operation of this method.
    pub(crate) fn takes(&self, method: &Method) -> bool {
        names(&self.allow, method)
    }

    /// Whether it has an operation of this method that needs nobody signed in.
    pub(crate) fn is_open_to_all(&self, method: &Method) -> bool {
        names(&self.open, method)
    }
}

/// Whether a list of methods has this one.
fn names(methods: &str, method: &Method) -> bool {
    methods.split(", ").any(|known| known == method.as_str())
}

/// As `Allow` has them.
fn list<'a>(methods: impl Iterator<Item = &'a str>) -> String {
    let mut methods: Vec<String> = methods.map(str::to_uppercase).collect();
    if methods.iter().any(|method| method == "GET") {
        methods.push(Method::HEAD.to_string());
    }
    methods.sort();
    methods.join(", ")
}

/// Whether an operation takes nobody as well: no requirement, or an empty one (`OpenAPI` 3.0.3 §4.8.10).
fn needs_nobody(operation: &Value) -> bool {
    let schemes = operation["security"].as_array();
    schemes.is_none_or(|schemes| {
        schemes.is_empty() || schemes.iter().any(|one| *one == serde_json::json!({}))
    })
}

/// All of them. Those without a parameter, which are most, are looked up by the path itself.
pub(crate) struct Routes {
    fixed: HashMap<Arc<str>, RouteInfo>,
    with_parameters: Vec<RouteInfo>,
}

/// What a path that is none of ours is called.
pub(crate) const UNMATCHED: &str = "unmatched";

impl Routes {
    /// Those of an `OpenAPI` document, and pages that are only read.
    pub(crate) fn new(document: &Value, pages: &[&str]) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let documented = paths.map(|(template, operations)| {
            let operations = || operations.as_object().into_iter().flatten();
            let open = operations().filter(|(_, operation)| needs_nobody(operation));
            RouteInfo {
                template: template.as_str().into(),
                allow: list(operations().map(|(method, _)| method.as_str())),
                open: list(open.map(|(method, _)| method.as_str())),
            }
        });
        let pages = pages.iter().map(|path| RouteInfo {
            template: (*path).into(),
            allow: "GET, HEAD".to_owned(),
            open: "GET, HEAD".to_owned(),
        });
        let (with_parameters, fixed): (Vec<RouteInfo>, Vec<RouteInfo>) =
            documented.chain(pages).partition(|route| route.template.contains('{'));
        let fixed = fixed.into_iter().map(|route| (Arc::clone(&route.template), route)).collect();
        Self { fixed, with_parameters }
    }

    /// The route of a path; `None` when there is none. A fixed part goes before a parameter in its place, as
    /// the router has it.
    pub(crate) fn find(&self, path: &str) -> Option<&RouteInfo> {
        self.fixed.get(path).or_else(|| self.with_parameter(path))
    }

    fn with_parameter(&self, path: &str) -> Option<&RouteInfo> {
        self.with_parameters.iter().find(|route| {
            let (mut wanted, mut found) = (route.template.split('/'), path.split('/'));
            loop {
                match (wanted.next(), found.next()) {
                    (None, None) => break true,
                    (Some(part), Some(value)) if part == value => {}
                    (Some(part), Some(value)) if part.starts_with('{') && !value.is_empty() => {}
                    _ => break false,
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_finds_its_template_and_its_methods() {
        let document = json!({"paths": {
            "/v1/sessions/{id}": {"delete": {}},
            "/v1/sessions/end-others": {"post": {}},
            "/v1/sessions": {"post": {"security": []}, "get": {"security": [{"bearer": []}]}},
            "/v1/session": {"delete": {"security": [{"bearer": []}, {}]}},
        }});
        let routes = Routes::new(&document, &["/problems/{code}"]);
        let allow = |path| routes.find(path).map(|r| (r.template.to_string(), r.allow.as_str()));
        assert_eq!(allow("/v1/sessions"), Some(("/v1/sessions".into(), "GET, HEAD, POST")));
        assert_eq!(
            allow("/v1/sessions/end-others"),
            Some(("/v1/sessions/end-others".into(), "POST"))
        );
        assert_eq!(allow("/v1/sessions/ses_1"), Some(("/v1/sessions/{id}".into(), "DELETE")));
        assert_eq!(allow("/problems/x"), Some(("/problems/{code}".into(), "GET, HEAD")));
        let sessions = routes.find("/v1/sessions").unwrap();
        assert!(sessions.takes(&Method::POST) && sessions.takes(&Method::HEAD));
        assert!(!sessions.takes(&Method::DELETE));
        assert!(!routes.find("/v1/sessions/ses_1").unwrap().takes(&Method::POST));
        assert!(sessions.is_open_to_all(&Method::POST) && !sessions.is_open_to_all(&Method::GET));
        assert!(!sessions.is_open_to_all(&Method::DELETE));
        assert!(routes.find("/v1/session").unwrap().is_open_to_all(&Method::DELETE));
        assert!(routes.find("/problems/x").unwrap().is_open_to_all(&Method::HEAD));
        for none in ["/", "/v1", "/v1/sessions/", "/v1/sessions/a/b", "/problems/"] {
            assert_eq!(allow(none), None, "{none}");
        }
    }
}
