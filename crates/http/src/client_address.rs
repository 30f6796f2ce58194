//! Which network a request comes from. Headers are believed from proxies that the operator named, and of the
//! list that they give only what they wrote themselves.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use poem::http::HeaderMap;
use poem::{Addr, Request};
use rightful_domain::values::Source;
use thiserror::Error;

/// A network in CIDR form: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u32,
}

/// Not a network in CIDR form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "not a network of the form 10.0.0.0/8 or 2001:db8::/32, or it has bits set after its prefix"
)]
pub struct InvalidNetwork;

impl Network {
    /// Whether `address` lies in it. An IPv4 address is the same when written as IPv6.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                masked(u32::from(base).into(), self.bits, 32)
                    == masked(u32::from(address).into(), self.bits, 32)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                masked(base.into(), self.bits, 128) == masked(address.into(), self.bits, 128)
            }
            _ => false,
        }
    }
}

/// The first `bits` of `width` bits.
fn masked(value: u128, bits: u32, width: u32) -> u128 {
    value.checked_shr(width - bits).unwrap_or(0)
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let base: IpAddr = address.parse().map_err(|_| InvalidNetwork)?;
        let (value, width): (u128, u32) = match base {
            IpAddr::V4(v4) => (u32::from(v4).into(), 32),
            IpAddr::V6(v6) if v6.to_ipv4_mapped().is_none() => (v6.into(), 128),
            IpAddr::V6(_) => return Err(InvalidNetwork),
        };
        let bits: u32 = bits.map_or(Ok(width), str::parse).map_err(|_| InvalidNetwork)?;
        if bits > width {
            return Err(InvalidNetwork);
        }
        // 10.1.2.3/8 is a slip of the pen: which of the two was meant?
        // 10.1.2.3/8 is a slip of the pen: which of the two was meant?
        let prefix = masked(value, bits, width).checked_shl(width - bits).unwrap_or(0);
        if prefix != value {
            return Err(InvalidNetwork);
        }
        Ok(Self { base, bits })
    }
}

/// Where a request comes from, as precisely as each use of it allows.
pub(crate) struct Origin {
    /// For limits and notices.
    pub(crate) source: Source,
    /// For the log: the /24 of an IPv4 address, the /48 of an IPv6 address.
    pub(crate) coarse: String,
}

/// The origin of a request: its peer or, when that is a trusted proxy, the right-most address of
/// `X-Forwarded-For` that is none.
pub(crate) fn origin_of(request: &Request, trusted: &[Network]) -> Origin {
    match request.remote_addr().0 {
        Addr::SocketAddr(peer) => {
            let client = client(peer.ip(), request.headers(), trusted);
            Origin { source: Source::of(client), coarse: coarse(client) }
        }
        _ => Origin { source: Source::INTERNAL, coarse: Source::INTERNAL.to_string() },
    }
}

fn coarse(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => format!("{}/48", Ipv6Addr::from_bits(v6.to_bits() >> 80 << 80)),
    }
}

fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(peer) {
        return peer;
    }
    let mut nearest = peer;
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    for line in lines.into_iter().rev() {
        let Ok(line) = line.to_str() else { return nearest };
        for hop in line.rsplit(',') {
            // What cannot be read was not written by a proxy that we trust: the last one that could stands.
            let Some(address) = address_of(hop.trim()) else { return nearest };
            nearest = address;
            if !is_trusted(address) {
                return address;
            }
        }
    }
    nearest
}

/// An address as proxies write it: bare, in brackets, with or without a port.
fn address_of(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|a| a.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::http::HeaderValue;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client_of(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|t| t.parse().unwrap()).collect();
        client(ip(peer), &headers, &trusted).to_string()
    }

    #[test]
    fn networks_are_read_and_slips_refused() {
        let ten: Network = "10.0.0.0/8".parse().unwrap();
        assert!(ten.contains(ip("10.255.0.1")) && ten.contains(ip("::ffff:10.1.2.3")));
        assert!(!ten.contains(ip("11.0.0.1")) && !ten.contains(ip("::1")));
        let doc: Network = "2001:db8::/32".parse().unwrap();
        assert!(doc.contains(ip("2001:db8:1::1")) && !doc.contains(ip("2001:db9::")));
        let one: Network = "192.0.2.1".parse().unwrap();
        assert!(one.contains(ip("192.0.2.1")) && !one.contains(ip("192.0.2.2")));
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains(ip("203.0.113.9")));
        assert!("::/0".parse::<Network>().unwrap().contains(ip("2001:db8::1")));
        for wrong in [
            "",
            "10.0.0.0/33",
            "10.1.2.3/8",
            "10.0.0.0/",
            "10.0.0.0/-1",
            "x/8",
            "2001:db8::/129",
            "2001:db8::1/64",
            "1.0.0.0/0",
            "8000::/0",
            "::ffff:10.0.0.0/104",
        ] {
            assert_eq!(wrong.parse::<Network>(), Err(InvalidNetwork), "{wrong}");
        }
    }

    #[test]
    fn a_stranger_cannot_say_who_they_are() {
        assert_eq!(client_of("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(client_of("203.0.113.9", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_is_believed_for_what_it_wrote_itself() {
        let trusted = &["10.0.0.0/8"];
        assert_eq!(client_of("10.0.0.1", &["198.51.100.1"], trusted), "198.51.100.1");
        // The left part came with the request: anybody can write it.
        assert_eq!(client_of("10.0.0.1", &["1.1.1.1, 198.51.100.1"], trusted), "198.51.100.1");
        assert_eq!(
            client_of("10.0.0.1", &["1.1.1.1", "198.51.100.1, 10.0.0.2"], trusted),
            "198.51.100.1"
        );
        assert_eq!(client_of("10.0.0.1", &["[2001:db8::7]:4711"], trusted), "2001:db8::7");
        assert_eq!(client_of("10.0.0.1", &["198.51.100.1:4711"], trusted), "198.51.100.1");
    }

    #[test]
    fn the_log_gets_a_neighbourhood() {
        assert_eq!(coarse(ip("203.0.113.9")), "203.0.113.0/24");
        assert_eq!(coarse(ip("::ffff:203.0.113.9")), "203.0.113.0/24");
        assert_eq!(coarse(ip("2001:db8:1:2:3::4")), "2001:db8:1::/48");
    }

    #[test]
    fn without_a_readable_hop_the_nearest_proxy_is_the_source() {
        let trusted = &["10.0.0.0/8"];
        assert_eq!(client_of("10.0.0.1", &[], trusted), "10.0.0.1");
        assert_eq!(client_of("10.0.0.1", &["unknown"], trusted), "10.0.0.1");
        assert_eq!(
            client_of("10.0.0.1", &["198.51.100.1, nonsense, 10.0.0.2"], trusted),
            "10.0.0.2"
        );
    }
}
