//! `network_direction`: which way a connection goes, seen from networks that are one's own.
//!
//! OpenSearch has none, so what is expected is what Elastic's page "Network direction processor" says.

use std::net::IpAddr;

use event::doc::Place;
use event::{Data, Doc, FieldPath};
use ipnet::IpNet;

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options, templated};
use crate::pipeline::{Flow, Processor, Run};
use crate::template::{MediaType, Template, java_text};

pub(super) const INFO: Info = Info {
    name: "network_direction",
    summary: "Tells from two addresses and the internal networks whether a connection is inbound, outbound, internal or external.",
    options: &[
        ("source_ip", "source.ip", "field with the source's address"),
        ("destination_ip", "destination.ip", "field with the destination's address"),
        ("target_field", "network.direction", "where the direction goes"),
        (
            "internal_networks",
            "",
            "list of networks, unless internal_networks_field is given: addresses, CIDR ranges, loopback, unicast, \
             global_unicast, multicast, interface_local_multicast, link_local_unicast, link_local_multicast, private, \
             public, unspecified; may be templates",
        ),
        ("internal_networks_field", "", "field that has that list"),
        ("ignore_missing", "true", "whether missing fields are no error"),
    ],
    examples: &[
        Example {
            about: "from within to the world",
            processor: "network_direction: {internal_networks: [private]}",
            before: r#"{"source":{"ip":"192.168.1.1"},"destination":{"ip":"5.5.5.5"}}"#,
            after: Ok(
                r#"{"source":{"ip":"192.168.1.1"},"destination":{"ip":"5.5.5.5"},"network":{"direction":"outbound"}}"#,
            ),
        },
        Example {
            about: "the networks may be the document's",
            processor: "network_direction: {source_ip: s, destination_ip: d, internal_networks_field: n, target_field: t}",
            before: r#"{"s":"2001:db8::1","d":"10.0.0.1","n":["10.0.0.0/8"]}"#,
            after: Ok(r#"{"s":"2001:db8::1","d":"10.0.0.1","n":["10.0.0.0/8"],"t":"inbound"}"#),
        },
        Example {
            about: "what is missing may be an error",
            processor: "network_direction: {internal_networks: [private], ignore_missing: false}",
            before: "{}",
            after: Err("unable to calculate network direction from document"),
        },
    ],
    differences: &[],
    compile,
};

/// Networks that are one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Network {
    Range(IpNet),
    Loopback,
    GlobalUnicast,
    Multicast,
    InterfaceLocalMulticast,
    LinkLocalUnicast,
    LinkLocalMulticast,
    Private,
    Public,
    Unspecified,
}

impl Network {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(match text {
            "loopback" => Self::Loopback,
            "global_unicast" | "unicast" => Self::GlobalUnicast,
            "multicast" => Self::Multicast,
            "interface_local_multicast" => Self::InterfaceLocalMulticast,
            "link_local_unicast" => Self::LinkLocalUnicast,
            "link_local_multicast" => Self::LinkLocalMulticast,
            "private" => Self::Private,
            "public" => Self::Public,
            "unspecified" => Self::Unspecified,
            text => match (text.parse::<IpNet>(), text.parse::<IpAddr>()) {
                (Ok(range), _) => Self::Range(range),
                (_, Ok(address)) => Self::Range(address.into()),
                _ => return Err(format!("'{text}' is not an IP string literal.")),
            },
        })
    }

    fn holds(self, address: IpAddr) -> bool {
        match self {
            Self::Range(range) => range.contains(&address),
            Self::Loopback => address.is_loopback(),
            Self::Unspecified => address.is_unspecified(),
            Self::Multicast => address.is_multicast(),
            Self::GlobalUnicast => {
                !(is_broadcast(address)
                    || address.is_unspecified()
                    || address.is_loopback()
                    || address.is_multicast()
                    || is_link_local(address))
            }
            Self::InterfaceLocalMulticast => scope(address) == Some(1),
            Self::LinkLocalMulticast => is_link_local_multicast(address),
            Self::LinkLocalUnicast => is_link_local(address),
            Self::Private => is_private(address),
            Self::Public => {
                !(address.is_loopback()
                    || address.is_unspecified()
                    || is_broadcast(address)
                    || is_link_local(address)
                    || is_link_local_multicast(address)
                    || scope(address) == Some(1)
                    || is_private(address))
            }
        }
    }
}

fn is_broadcast(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.is_broadcast())
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

fn is_link_local_multicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.octets().starts_with(&[224, 0, 0]),
        IpAddr::V6(_) => scope(address) == Some(2),
    }
}

/// The scope of an IPv6 multicast address.
fn scope(address: IpAddr) -> Option<u8> {
    match address {
        IpAddr::V6(address) if address.is_multicast() => Some(address.octets()[1] & 0x0F),
        _ => None,
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    }
}

enum Networks {
    Fixed(Vec<Network>),
    Templates(Vec<Template>),
    Field(FieldPath),
}

struct NetworkDirection {
    source: FieldPath,
    destination: FieldPath,
    target: FieldPath,
    networks: Networks,
    ignore_missing: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let source = options.path_or("source_ip", "source.ip")?;
    let destination = options.path_or("destination_ip", "destination.ip")?;
    let target = options.path_or("target_field", "network.direction")?;
    let list = options.list("internal_networks")?;
    let networks = match (list, options.optional_path("internal_networks_field")?) {
        (Some(texts), None) => networks(options, &texts)?,
        (None, Some(field)) => Networks::Field(field),
        (None, None) => {
            let reason = "or [internal_networks_field] must be specified";
            return Err(OptionError::of("internal_networks", reason));
        }
        (Some(_), Some(_)) => {
            let reason = "and [internal_networks_field] cannot both be used in the same processor";
            return Err(OptionError::of("internal_networks", reason));
        }
    };
    let ignore_missing = options.boolean("ignore_missing", true)?;
    Ok(Box::new(NetworkDirection { source, destination, target, networks, ignore_missing }))
}

fn networks(options: &mut Options<'_, '_>, texts: &[String]) -> Result<Networks, OptionError> {
    let of = |reason| OptionError::of("internal_networks", reason);
    if !texts.iter().any(|text| templated(text)) {
        return texts
            .iter()
            .map(|text| Network::parse(text))
            .collect::<Result<_, _>>()
            .map(Networks::Fixed)
            .map_err(of);
    }
    let templates = texts.iter().map(|text| Template::compile(text, MediaType::Plain, options.places()));
    templates.collect::<Result<_, _>>().map(Networks::Templates).map_err(of)
}

impl Processor for NetworkDirection {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let Some(direction) = self.direction(doc)? else {
            if self.ignore_missing {
                return Ok(Flow::Continue);
            }
            return Err(Failure::illegal_argument("unable to calculate network direction from document"));
        };
        let node = doc.string(direction);
        doc.set(&self.target, node)?;
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.source.certain_place() } else { Place::NONE }
    }
}

impl NetworkDirection {
    fn direction(&self, doc: &Doc) -> Result<Option<&'static str>, Failure> {
        let text = |path: &FieldPath| doc.find(path).and_then(|node| doc.as_str(node));
        let (Some(source), Some(destination)) = (text(&self.source), text(&self.destination)) else {
            return Ok(None);
        };
        let Some(networks) = self.networks(doc)? else { return Ok(None) };
        let internal = |text: &str| {
            let wrong = || Failure::illegal_argument(format!("'{text}' is not an IP string literal."));
            let address: IpAddr = text.parse().map_err(|_| wrong())?;
            Ok::<bool, Failure>(networks.iter().any(|network| network.holds(address)))
        };
        Ok(Some(match (internal(source)?, internal(destination)?) {
            (true, true) => "internal",
            (true, false) => "outbound",
            (false, true) => "inbound",
            (false, false) => "external",
        }))
    }

    fn networks(&self, doc: &Doc) -> Result<Option<std::borrow::Cow<'_, [Network]>>, Failure> {
        let parse = |text: &str| Network::parse(text).map_err(Failure::illegal_argument);
        let texts: Vec<String> = match &self.networks {
            Networks::Fixed(networks) => return Ok(Some(networks.into())),
            Networks::Templates(templates) => templates
                .iter()
                .map(|template| {
                    let mut text = String::new();
                    template.render(doc, &mut text);
                    text
                })
                .collect(),
            Networks::Field(path) => match doc.find(path) {
                Some(list) if matches!(doc.data(list), Data::Array(_)) => doc
                    .children(list)
                    .map(|node| {
                        let mut text = String::new();
                        java_text(doc, node, false, &mut text);
                        text
                    })
                    .collect(),
                _ => return Ok(None),
            },
        };
        texts
            .iter()
            .map(|text| parse(text))
            .collect::<Result<Vec<_>, _>>()
            .map(|networks| Some(networks.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_networks_hold_what_the_documentation_says() {
        for (name, inside, outside) in [
            ("loopback", ["127.0.0.1", "::1"], ["10.0.0.1", "fe80::1"]),
            ("unicast", ["8.8.8.8", "10.0.0.1"], ["255.255.255.255", "224.0.0.1"]),
            ("multicast", ["224.0.0.1", "ff02::1"], ["10.0.0.1", "fe80::1"]),
            ("interface_local_multicast", ["ff01::1", "ff11::1"], ["ff02::1", "224.0.0.1"]),
            ("link_local_multicast", ["224.0.0.5", "ff02::1"], ["224.0.1.1", "ff01::1"]),
            ("link_local_unicast", ["169.254.1.1", "fe80::1"], ["10.0.0.1", "ff02::1"]),
            ("private", ["172.16.0.1", "fd00::1"], ["8.8.8.8", "2001:db8::1"]),
            ("public", ["8.8.8.8", "2001:4860::1"], ["10.0.0.1", "255.255.255.255"]),
            ("unspecified", ["0.0.0.0", "::"], ["10.0.0.1", "::1"]),
            ("10.1.0.0/16", ["10.1.2.3", "10.1.255.255"], ["10.2.0.1", "::1"]),
        ] {
            let network = Network::parse(name).unwrap();
            for (addresses, held) in [(inside, true), (outside, false)] {
                for address in addresses {
                    assert_eq!(network.holds(address.parse().unwrap()), held, "{name} {address}");
                }
            }
        }
        assert_eq!(Network::parse("elsewhere"), Err("'elsewhere' is not an IP string literal.".to_owned()));
    }
}
