//! Where a request comes from: the other end of the connection, or whom a proxy that is trusted names.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;

/// So many addresses of a proxy's list are looked at.
const MOST: usize = 32;

/// The address, as far as it is known.
pub(crate) fn client(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer.ip().to_canonical();
    if !is_trusted(&peer) {
        return Some(peer);
    }
    // The last addresses are those that proxies added; what stands before them anybody can write.
    let lists = headers.get_all("x-forwarded-for").iter().rev().filter_map(|list| list.to_str().ok());
    let named = lists.flat_map(|list| list.rsplit(',')).take(MOST).map_while(|text| text.trim().parse().ok());
    let mut client = peer;
    for address in named.map(|address: IpAddr| address.to_canonical()) {
        client = address;
        if !is_trusted(&address) {
            break;
        }
    }
    Some(client)
}

/// What limits count as one: an address, or the network that one customer has in IPv6.
pub(crate) fn network(address: Option<IpAddr>) -> String {
    match address {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Some(address) => address.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proxies_that_are_trusted_are_believed() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        for (peer, forwarded, client) in [
            ("192.0.2.1:1", &["198.51.100.7"][..], "192.0.2.1"),
            ("10.0.0.1:1", &[], "10.0.0.1"),
            ("10.0.0.1:1", &["198.51.100.7"], "198.51.100.7"),
            ("[::ffff:10.0.0.1]:1", &["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1:1", &["203.0.113.9, 198.51.100.7, 10.1.1.1"], "198.51.100.7"),
            ("10.0.0.1:1", &["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
            ("[::1]:1", &["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
            ("10.0.0.1:1", &["198.51.100.7, who knows"], "10.0.0.1"),
        ] {
            let mut extensions = Extensions::new();
            extensions.insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
            let mut headers = HeaderMap::new();
            for list in forwarded {
                headers.append("x-forwarded-for", list.parse().unwrap());
            }
            let found = super::client(&extensions, &headers, &trusted);
            assert_eq!(found, Some(client.parse().unwrap()), "{peer} {forwarded:?}");
        }
        assert_eq!(client(&Extensions::new(), &HeaderMap::new(), &trusted), None);
    }

    #[test]
    fn who_has_a_network_counts_once() {
        let of = |text: &str| network(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
