//! What every layer and handler of one API holds.

use std::sync::Arc;

use poem::{Error, Request, Response};
use rightful_domain::Rightful;

use crate::context::Context;
use crate::cookies::Cookies;
use crate::problem::Refused;
use crate::routes::Routes;
use crate::settings::HttpSettings;
use crate::texts::Texts;

/// The use cases, the settings and what was made of them once.
pub(crate) struct Shared {
    pub(crate) rightful: Arc<Rightful>,
    pub(crate) settings: HttpSettings,
    pub(crate) cookies: Cookies,
    pub(crate) texts: Texts,
    pub(crate) routes: Routes,
    /// What the `type` of a problem begins with.
    pub(crate) problems: String,
}

impl Shared {
    pub(crate) fn new(rightful: Arc<Rightful>, settings: HttpSettings, routes: Routes) -> Self {
        let min_chars = rightful.policy().passwords.min_chars();
        Self {
            cookies: Cookies::new(settings.public.is_secure()),
            texts: Texts::new(min_chars),
            problems: settings.public.problems(),
            rightful,
            settings,
            routes,
        }
    }

    /// The context of a request that has just arrived.
    pub(crate) fn context(&self, request: &Request) -> Context {
        let entropy = &*self.rightful.ports().entropy;
        let trusted = &self.settings.trusted_proxies;
        Context::of(request, entropy, self.cookies, trusted)
    }

    /// An error as the answer that leaves, whoever made it.
    pub(crate) fn render(&self, error: Error, context: &Context) -> Response {
        match error.downcast_ref::<Refused>() {
            Some(refused) => self.render_refused(refused, context),
            None => self.render_refused(&Refused::from_framework(&error), context),
        }
    }

    /// A refusal as the answer that leaves.
    pub(crate) fn render_refused(&self, refused: &Refused, context: &Context) -> Response {
        refused.render(context, self.texts, &self.problems)
    }
}
