use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;
use rightful_domain::ports::{MailDomain, MailDomains};

use super::locked;

/// Every domain takes mail, but for those that a test says do not.
#[derive(Debug, Default)]
pub struct FakeMailDomains(Mutex<BTreeSet<String>>);

impl FakeMailDomains {
    /// From now on `domain` takes mail, or does not.
    pub fn set(&self, domain: &str, verdict: MailDomain) {
        let mut refusing = locked(&self.0);
        match verdict {
            MailDomain::MayAccept => refusing.remove(domain),
            MailDomain::Refuses => refusing.insert(domain.to_owned()),
        };
    }
}

#[async_trait]
impl MailDomains for FakeMailDomains {
    async fn look_up(&self, domain: &str) -> MailDomain {
        if locked(&self.0).contains(domain) { MailDomain::Refuses } else { MailDomain::MayAccept }
    }
}
