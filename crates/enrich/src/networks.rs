//! Networks that the configuration names, and private addresses: what databases can not know.
//!
//! Networks either contain each other or have no address in common. So, in the order of their first addresses, the
//! last one that starts at or before an address either holds it, and is then the smallest that does, or one of
//! those around it does.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use event::{Data, Doc, FieldPath, NodeId};
use ipnet::IpNet;

/// Tag of events from a named network.
pub const NAMED_NETWORK_TAG: &str = "named_network";
/// Tag of events from an address that is not routed on the internet.
pub const PRIVATE_TAG: &str = "private_ip";

/// A mistake in the configured networks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum NetworkError {
    #[error("networks.{name}: \"{network}\" is not a network; write it as 10.20.0.0/16 or 2001:db8::/32")]
    Invalid { name: String, network: String },
    #[error("networks.{name}: {network} has bits set behind its prefix; the network is {whole}")]
    HostBits { name: String, network: IpNet, whole: IpNet },
    #[error("networks.{name}: {network} is already networks.{other}; one network has one name")]
    Twice { name: String, network: IpNet, other: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Range {
    first: u128,
    last: u128,
    name: String,
    network: IpNet,
    /// The smallest network around this one, by its place.
    around: Option<usize>,
}

/// Named networks, and the fields that addresses in them get.
#[derive(Clone, Debug)]
pub struct Networks {
    ranges: Vec<Range>,
    address: FieldPath,
    name: FieldPath,
    tags: FieldPath,
}

/// No network has a name.
impl Default for Networks {
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl Networks {
    /// Takes networks in CIDR notation, or single addresses, by name.
    ///
    /// # Errors
    /// The first mistake, with the name and the network.
    pub fn new(named: &BTreeMap<String, Vec<String>>) -> Result<Self, NetworkError> {
        let mut ranges = Vec::new();
        for (name, networks) in named {
            for network in networks {
                ranges.push(Range::parse(name, network)?);
            }
        }
        // Of two that start at the same address the wider comes first; the sort keeps equal ones in order.
        ranges.sort_by_key(|range| (range.first, !range.last));
        if let Some(pair) = ranges.windows(2).find(|pair| pair[0].network == pair[1].network) {
            let (other, twice) = (&pair[0], &pair[1]);
            return Err(NetworkError::Twice {
                name: twice.name.clone(),
                network: twice.network,
                other: other.name.clone(),
            });
        }
        let mut open: Vec<usize> = Vec::new();
        for at in 0..ranges.len() {
            while open.last().is_some_and(|&outer| ranges[outer].last < ranges[at].first) {
                open.pop();
            }
            ranges[at].around = open.last().copied();
            open.push(at);
        }
        Ok(Self::of(ranges))
    }

    fn of(ranges: Vec<Range>) -> Self {
        Self { ranges, address: path("source.ip"), name: path("source.geo.name"), tags: path("tags") }
    }

    /// The name of the smallest named network that holds an address.
    pub fn find(&self, address: IpAddr) -> Option<&str> {
        let address = number(address);
        let mut at = self.ranges.partition_point(|range| range.first <= address).checked_sub(1);
        while let Some(range) = at.map(|at| &self.ranges[at]) {
            if address <= range.last {
                return Some(&range.name);
            }
            at = range.around;
        }
        None
    }

    /// Reads `source.ip` of a finished document: writes the network's name to `source.geo.name` and
    /// [`NAMED_NETWORK_TAG`] to `tags`, and [`PRIVATE_TAG`] for a private address. A document whose `source.geo` or
    /// `tags` can not take them stays as it is.
    pub fn apply(&self, doc: &mut Doc) {
        let Some(address) = doc.find(&self.address).and_then(|node| doc.address(node)) else { return };
        let address = address.to_canonical();
        if let Some(name) = self.find(address) {
            let name = doc.string(name);
            if doc.set(&self.name, name).is_ok() {
                self.tag(doc, NAMED_NETWORK_TAG);
            }
        }
        if is_private(address) {
            self.tag(doc, PRIVATE_TAG);
        }
    }

    fn tag(&self, doc: &mut Doc, tag: &str) {
        let tags = match doc.find(&self.tags) {
            Some(tags) => tags,
            None => {
                let tags = doc.node(Data::EMPTY_ARRAY);
                if doc.set(&self.tags, tags).is_err() {
                    return;
                }
                tags
            }
        };
        let is_there = |tag_node: NodeId| doc.as_str(tag_node) == Some(tag);
        if matches!(doc.data(tags), Data::Array(_)) && !doc.children(tags).any(is_there) {
            let tag = doc.string(tag);
            doc.push(tags, tag);
        }
    }
}

#[expect(clippy::expect_used, reason = "the paths above are paths")]
fn path(text: &str) -> FieldPath {
    FieldPath::parse(text).expect("a constant path")
}

impl Range {
    fn parse(name: &str, text: &str) -> Result<Self, NetworkError> {
        let network = text
            .parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| NetworkError::Invalid { name: name.to_owned(), network: text.to_owned() })?;
        if network.trunc() != network {
            return Err(NetworkError::HostBits { name: name.to_owned(), network, whole: network.trunc() });
        }
        Ok(Self {
            first: number(network.network()),
            last: number(network.broadcast()),
            name: name.to_owned(),
            network,
            around: None,
        })
    }
}

/// Whether an address is of a range that is not routed on the internet: private use (RFC 1918, RFC 4193), loopback,
/// link-local, shared by carriers for their customers (RFC 6598), or none at all.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let carrier = Ipv4Addr::new(100, 64, 0, 0).to_bits();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.to_bits() & 0xffc0_0000 == carrier
        }
        IpAddr::V6(v6) => {
            v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_loopback()
                || v6 == Ipv6Addr::UNSPECIFIED
        }
    }
}

/// An address as a number; all IPv4 addresses lie in `::ffff:0:0/96`.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn networks(named: &[(&str, &[&str])]) -> Result<Networks, NetworkError> {
        Networks::new(
            &named
                .iter()
                .map(|(name, networks)| {
                    ((*name).to_owned(), networks.iter().map(|&text| text.to_owned()).collect())
                })
                .collect(),
        )
    }

    #[test]
    fn the_smallest_network_names_an_address() {
        let networks = networks(&[
            ("company", &["10.0.0.0/8", "2001:db8::/32"]),
            ("office", &["10.20.0.0/16"]),
            ("printers", &["10.20.30.0/24", "10.20.30.7"]),
            ("vpn", &["192.0.2.0/25"]),
        ])
        .unwrap();
        for (address, name) in [
            ("10.0.0.0", Some("company")),
            ("10.20.0.1", Some("office")),
            ("10.20.30.7", Some("printers")),
            ("10.20.31.0", Some("office")),
            ("10.255.255.255", Some("company")),
            ("11.0.0.0", None),
            ("9.255.255.255", None),
            ("192.0.2.127", Some("vpn")),
            ("192.0.2.128", None),
            ("::ffff:10.20.30.1", Some("printers")),
            ("2001:db8::1", Some("company")),
            ("2001:db9::1", None),
        ] {
            assert_eq!(networks.find(address.parse().unwrap()), name, "{address}");
        }
    }

    #[test]
    fn mistakes_name_the_place_and_the_cure() {
        for (named, message) in [
            (
                &[("office", &["10.20.0.0/33"][..])][..],
                "networks.office: \"10.20.0.0/33\" is not a network; write it as 10.20.0.0/16 or 2001:db8::/32",
            ),
            (
                &[("office", &["10.20.1.0/16"])],
                "networks.office: 10.20.1.0/16 has bits set behind its prefix; the network is 10.20.0.0/16",
            ),
            (
                &[("a", &["10.0.0.0/8"]), ("b", &["10.0.0.0/8"])],
                "networks.b: 10.0.0.0/8 is already networks.a; one network has one name",
            ),
        ] {
            assert_eq!(networks(named).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn documents_get_a_name_and_tags() {
        let networks = networks(&[("office", &["10.20.0.0/16", "192.0.2.0/24"])]).unwrap();
        for (before, after) in [
            (
                r#"{"source":{"ip":"10.20.0.1"}}"#,
                r#"{"source":{"ip":"10.20.0.1","geo":{"name":"office"}},"tags":["named_network","private_ip"]}"#,
            ),
            (
                r#"{"source":{"ip":"192.0.2.9","geo":{"city_name":"Las Vegas"}},"tags":["x"]}"#,
                r#"{"source":{"ip":"192.0.2.9","geo":{"city_name":"Las Vegas","name":"office"}},"tags":["x","named_network"]}"#,
            ),
            (
                r#"{"source":{"ip":"fd00::1"},"tags":["private_ip"]}"#,
                r#"{"source":{"ip":"fd00::1"},"tags":["private_ip"]}"#,
            ),
            (r#"{"source":{"ip":"203.0.113.1"}}"#, r#"{"source":{"ip":"203.0.113.1"}}"#),
            (r#"{"source":{"ip":"unknown"}}"#, r#"{"source":{"ip":"unknown"}}"#),
            (r#"{"source":"x"}"#, r#"{"source":"x"}"#),
            (
                r#"{"source":{"ip":"10.20.0.1","geo":7}}"#,
                r#"{"source":{"ip":"10.20.0.1","geo":7},"tags":["private_ip"]}"#,
            ),
        ] {
            let mut doc = Doc::new();
            let source = doc.parse_str(before).unwrap();
            let data = doc.data(source);
            doc.set_data(Doc::SOURCE, data);
            networks.apply(&mut doc);
            assert_eq!(doc.json(Doc::SOURCE), after);
        }
    }

    #[test]
    fn private_addresses() {
        for (address, private) in [
            ("10.0.0.1", true),
            ("172.15.255.255", false),
            ("172.16.0.0", true),
            ("172.32.0.0", false),
            ("192.168.1.1", true),
            ("127.0.0.1", true),
            ("169.254.1.1", true),
            ("100.63.255.255", false),
            ("100.64.0.0", true),
            ("100.127.255.255", true),
            ("100.128.0.0", false),
            ("0.0.0.0", true),
            ("192.0.2.1", false),
            ("::1", true),
            ("fe80::1", true),
            ("fc00::1", true),
            ("fe00::1", false),
            ("::ffff:10.0.0.1", true),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_private(address.parse().unwrap()), private, "{address}");
        }
    }

    proptest! {
        /// Against a walk over all networks.
        #[test]
        fn find_is_the_longest_prefix(
            parts in prop::collection::btree_set((0u32..64, 24u8..=32), 0..40),
            probes in prop::collection::vec(0u32..0x3fff, 1..60),
        ) {
            let cidr = |&(third, length): &(u32, u8)| {
                IpNet::new(Ipv4Addr::from_bits(0x0a00_0000 | (third * 37)).into(), length).unwrap().trunc()
            };
            let nets: std::collections::BTreeSet<IpNet> = parts.iter().map(cidr).collect();
            let named = nets.iter().map(|net| (net.to_string(), vec![net.to_string()])).collect();
            let networks = Networks::new(&named).unwrap();
            for probe in probes {
                let address = IpAddr::from(Ipv4Addr::from_bits(0x0a00_0000 | (probe % 2600)));
                let longest = nets.iter().filter(|net| net.contains(&address)).max_by_key(|net| net.prefix_len());
                let longest = longest.map(ToString::to_string);
                prop_assert_eq!(networks.find(address), longest.as_deref());
            }
        }
    }
}
