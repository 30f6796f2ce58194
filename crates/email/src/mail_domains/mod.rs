//! Whether a domain takes mail, asked of the DNS.

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use rightful_domain::ports::{MailDomain, MailDomains};
use tokio::time::timeout;

/// A customer waits for this answer.
const LONGEST: Duration = Duration::from_secs(2);

/// Asks the system's name servers, and remembers their answers as long as they allow.
pub struct DnsMailDomains {
    resolver: Option<TokioResolver>,
}

/// Says that every domain takes mail: for development without a network.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlwaysAccepts;

/// What the DNS says about one type of record.
enum Answer {
    Records(Vec<RData>),
    /// The name exists, without such a record.
    NoRecords,
    /// There is no such name.
    NoName,
    /// Nobody could say.
    Unknown,
}

impl DnsMailDomains {
    /// With the name servers of the operating system. When there are none, every domain may take mail, and
    /// the log says so once: a machine without a resolver must not refuse every customer.
    pub fn from_system() -> Self {
        let resolver = TokioResolver::builder_tokio().and_then(|mut builder| {
            restrain(builder.options_mut());
            builder.build()
        });
        match resolver {
            Ok(resolver) => Self { resolver: Some(resolver) },
            Err(error) => {
                tracing::warn!(%error, "no name server: mail domains are not checked");
                Self { resolver: None }
            }
        }
    }

    /// With one name server of one's own, over UDP, and over TCP for what UDP cannot carry.
    pub fn asking(server: SocketAddr) -> Self {
        let mut connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
        for connection in &mut connections {
            connection.port = server.port();
        }
        let server = NameServerConfig::new(server.ip(), true, connections.into());
        let config = ResolverConfig::from_name_servers(vec![server]);
        let mut builder =
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        restrain(builder.options_mut());
        Self { resolver: builder.build().ok() }
    }

    /// RFC 5321 §5.1: the MX records; without any, the host itself.
    async fn ask(&self, domain: &str) -> MailDomain {
        let Some(resolver) = &self.resolver else { return MailDomain::MayAccept };
        // With its dot at the end, no search list turns a typing mistake into a name of our own network.
        let Ok(name) = Name::from_ascii(format!("{domain}.")) else { return MailDomain::Refuses };
        match look_up(resolver, &name, RecordType::MX).await {
            Answer::Records(records) if is_null_mx(&records) => MailDomain::Refuses,
            Answer::NoName => MailDomain::Refuses,
            Answer::NoRecords => {
                let (v4, v6) = tokio::join!(
                    look_up(resolver, &name, RecordType::A),
                    look_up(resolver, &name, RecordType::AAAA),
                );
                let nothing = |answer| matches!(answer, Answer::NoRecords | Answer::NoName);
                if nothing(v4) && nothing(v6) { MailDomain::Refuses } else { MailDomain::MayAccept }
            }
            Answer::Records(_) | Answer::Unknown => MailDomain::MayAccept,
        }
    }
}

#[async_trait]
impl MailDomains for DnsMailDomains {
    async fn look_up(&self, domain: &str) -> MailDomain {
        timeout(LONGEST, self.ask(domain)).await.unwrap_or(MailDomain::MayAccept)
    }
}

#[async_trait]
impl MailDomains for AlwaysAccepts {
    async fn look_up(&self, _domain: &str) -> MailDomain {
        MailDomain::MayAccept
    }
}

/// Two tries within our time; the hosts file has no say about mail.
fn restrain(options: &mut ResolverOpts) {
    options.timeout = LONGEST / 3;
    options.attempts = 2;
    options.use_hosts_file = ResolveHosts::Never;
}

async fn look_up(resolver: &TokioResolver, name: &Name, kind: RecordType) -> Answer {
    match resolver.lookup(name.clone(), kind).await {
        Ok(lookup) => {
            let of_kind = lookup.answers().iter().filter(|record| record.record_type() == kind);
            let records: Vec<RData> = of_kind.map(|record| record.data.clone()).collect();
            if records.is_empty() { Answer::NoRecords } else { Answer::Records(records) }
        }
        Err(NetError::Dns(DnsError::NoRecordsFound(none))) => match none.response_code {
            ResponseCode::NXDomain => Answer::NoName,
            ResponseCode::NoError => Answer::NoRecords,
            _ => Answer::Unknown,
        },
        Err(_) => Answer::Unknown,
    }
}

/// RFC 7505: a single MX to the root says "no mail here".
fn is_null_mx(records: &[RData]) -> bool {
    matches!(records, [RData::MX(mx)] if mx.exchange.is_root())
}
