//! `community_id`: the Community ID of a network flow, version 1 of <https://github.com/corelight/community-id-spec>.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use event::{Doc, FieldPath};
use sha1::{Digest, Sha1};

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "community_id",
    summary: "Computes the Community ID of a network flow, which is the same in all tools that saw it.",
    options: &[
        ("source_ip", "source.ip", "field with the source's address"),
        ("source_port", "source.port", "field with the source's port"),
        ("destination_ip", "destination.ip", "field with the destination's address"),
        ("destination_port", "destination.port", "field with the destination's port"),
        ("iana_number", "network.iana_number", "field with the number of the transport"),
        ("transport", "network.transport", "field with its name or number, where iana_number is not there"),
        ("icmp_type", "icmp.type", "field with the type of an ICMP message"),
        ("icmp_code", "icmp.code", "field with its code"),
        ("target_field", "network.community_id", "where the id goes"),
        ("seed", "0", "number from 0 to 65535 that sets ids of different networks apart"),
        ("ignore_missing", "true", "whether missing fields are no error"),
    ],
    examples: &[
        Example {
            about: "both directions of a flow have one id",
            processor: "community_id: {}",
            before: r#"{"source":{"ip":"66.35.250.204","port":80},"destination":{"ip":"128.232.110.120","port":34855},"network":{"transport":"TCP"}}"#,
            after: Ok(
                r#"{"source":{"ip":"66.35.250.204","port":80},"destination":{"ip":"128.232.110.120","port":34855},"network":{"transport":"TCP","community_id":"1:LQU9qZlK+B5F3KDmev6m5PMibrg="}}"#,
            ),
        },
        Example {
            about: "what is missing may be an error",
            processor: "community_id: {ignore_missing: false}",
            before: "{}",
            after: Err("unable to construct flow from document"),
        },
        Example {
            about: "a port is a number from 1 to 65535",
            processor: "community_id: {source_ip: s, destination_ip: s, source_port: p, transport: t}",
            before: r#"{"s":"1.2.3.4","p":"x","t":"udp"}"#,
            after: Err("unable to parse source port [x]"),
        },
    ],
    differences: &[],
    compile,
};

struct CommunityId {
    source_ip: FieldPath,
    source_port: FieldPath,
    destination_ip: FieldPath,
    destination_port: FieldPath,
    iana_number: FieldPath,
    transport: FieldPath,
    icmp_type: FieldPath,
    icmp_code: FieldPath,
    target: FieldPath,
    seed: u16,
    ignore_missing: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let seed = match options.take("seed") {
        None => 0,
        Some(value) => value.as_i64().and_then(|seed| u16::try_from(seed).ok()).ok_or_else(|| {
            OptionError::of("seed", format!("must be a value between 0 and 65535, not [{value}]"))
        })?,
    };
    Ok(Box::new(CommunityId {
        source_ip: options.path_or("source_ip", "source.ip")?,
        source_port: options.path_or("source_port", "source.port")?,
        destination_ip: options.path_or("destination_ip", "destination.ip")?,
        destination_port: options.path_or("destination_port", "destination.port")?,
        iana_number: options.path_or("iana_number", "network.iana_number")?,
        transport: options.path_or("transport", "network.transport")?,
        icmp_type: options.path_or("icmp_type", "icmp.type")?,
        icmp_code: options.path_or("icmp_code", "icmp.code")?,
        target: options.path_or("target_field", "network.community_id")?,
        seed,
        ignore_missing: options.boolean("ignore_missing", true)?,
    }))
}

impl Processor for CommunityId {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let Some(flow) = self.flow(doc)? else {
            if self.ignore_missing {
                return Ok(Flow::Continue);
            }
            return Err(Failure::illegal_argument("unable to construct flow from document"));
        };
        let node = doc.string(&flow.id(self.seed));
        doc.set(&self.target, node)?;
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> event::doc::Place {
        if self.ignore_missing { self.source_ip.certain_place() } else { event::doc::Place::NONE }
    }
}

impl CommunityId {
    /// The flow that a document is about; none where a field of it is missing.
    fn flow(&self, doc: &Doc) -> Result<Option<NetworkFlow>, Failure> {
        let address = |path: &FieldPath| {
            let Some(text) = doc.find(path).and_then(|node| doc.as_str(node)) else { return Ok(None) };
            let wrong = || Failure::illegal_argument(format!("'{text}' is not an IP string literal."));
            text.parse::<IpAddr>().map(Some).map_err(|_| wrong())
        };
        let (Some(source), Some(destination)) = (address(&self.source_ip)?, address(&self.destination_ip)?)
        else {
            return Ok(None);
        };
        let Some(transport) = self.transport(doc)? else { return Ok(None) };
        let ports = match transport {
            TCP | UDP | SCTP => {
                let source = port(doc, &self.source_port, "source")?;
                let destination = port(doc, &self.destination_port, "destination")?;
                let (Some(source), Some(destination)) = (source, destination) else { return Ok(None) };
                Ports::Both(source, destination)
            }
            ICMP | ICMP_V6 => {
                let number = |path: &FieldPath, what: &str| match scalar(doc, path) {
                    None => Ok(None),
                    Some(text) => text.parse::<u8>().map(Some).map_err(|_| {
                        Failure::illegal_argument(format!("unable to parse icmp {what} [{text}]"))
                    }),
                };
                let Some(kind) = number(&self.icmp_type, "type")? else { return Ok(None) };
                match counterpart(transport, kind) {
                    Some(other) => Ports::Both(kind.into(), other.into()),
                    None => Ports::OneWay(
                        kind.into(),
                        number(&self.icmp_code, "code")?.unwrap_or_default().into(),
                    ),
                }
            }
            _ => Ports::None,
        };
        Ok(Some(NetworkFlow { source, destination, transport, ports }))
    }

    fn transport(&self, doc: &Doc) -> Result<Option<u8>, Failure> {
        let Some(text) = scalar(doc, &self.iana_number).or_else(|| scalar(doc, &self.transport)) else {
            return Ok(None);
        };
        if let Ok(number) = text.parse() {
            return Ok(Some(number));
        }
        let number = match text.to_ascii_lowercase().as_str() {
            "icmp" => ICMP,
            "igmp" => 2,
            "tcp" => TCP,
            "udp" => UDP,
            "gre" => 47,
            "icmpv6" | "icmp_ipv6" | "ipv6-icmp" => ICMP_V6,
            "eigrp" => 88,
            "ospf" => 89,
            "pim" => 103,
            "sctp" => SCTP,
            _ => {
                let reason = format!("could not convert string [{text}] to transport protocol");
                return Err(Failure::illegal_argument(reason));
            }
        };
        Ok(Some(number))
    }
}

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP_V6: u8 = 58;
const SCTP: u8 = 132;

fn scalar(doc: &Doc, path: &FieldPath) -> Option<String> {
    doc.find(path).and_then(|node| doc.scalar_text(node))
}

fn port(doc: &Doc, path: &FieldPath, whose: &str) -> Result<Option<u16>, Failure> {
    let Some(text) = scalar(doc, path) else { return Ok(None) };
    match text.parse::<u64>().map(u16::try_from) {
        Ok(Ok(port)) if port > 0 => Ok(Some(port)),
        Ok(_) => Err(Failure::illegal_argument(format!("invalid {whose} port [{text}]"))),
        Err(_) => Err(Failure::illegal_argument(format!("unable to parse {whose} port [{text}]"))),
    }
}

/// The type of ICMP message that answers one, or that it answers.
fn counterpart(transport: u8, kind: u8) -> Option<u8> {
    const V4: &[(u8, u8)] = &[(8, 0), (13, 14), (15, 16), (10, 9), (17, 18)];
    const V6: &[(u8, u8)] = &[(128, 129), (133, 134), (135, 136), (130, 131), (144, 145), (139, 140)];
    let pairs = if transport == ICMP { V4 } else { V6 };
    pairs.iter().find_map(|(one, other)| match kind {
        kind if kind == *one => Some(*other),
        kind if kind == *other => Some(*one),
        _ => None,
    })
}

enum Ports {
    None,
    Both(u16, u16),
    /// A message that nothing answers: its direction counts.
    OneWay(u16, u16),
}

struct NetworkFlow {
    source: IpAddr,
    destination: IpAddr,
    transport: u8,
    ports: Ports,
}

impl NetworkFlow {
    fn id(&self, seed: u16) -> String {
        let bytes = |address: IpAddr| match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        let (source, destination) = (bytes(self.source), bytes(self.destination));
        let (from, to) = match self.ports {
            Ports::None => (0, 0),
            Ports::Both(from, to) | Ports::OneWay(from, to) => (from, to),
        };
        let ordered = matches!(self.ports, Ports::OneWay(..)) || (&source, from) <= (&destination, to);
        let ((first, first_port), (second, second_port)) =
            if ordered { ((source, from), (destination, to)) } else { ((destination, to), (source, from)) };
        let mut hash = Sha1::new();
        hash.update(seed.to_be_bytes());
        hash.update(&first);
        hash.update(&second);
        hash.update([self.transport, 0]);
        if !matches!(self.ports, Ports::None) {
            hash.update(first_port.to_be_bytes());
            hash.update(second_port.to_be_bytes());
        }
        format!("1:{}", STANDARD.encode(hash.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    // The specification's own examples, and what OpenSearch gives, whose options have other names.
    #[test]
    fn ids_are_those_of_the_specification() {
        for (seed, from, to, network, id) in [
            (
                0,
                r#""ip":"128.232.110.120","port":34855"#,
                r#""ip":"66.35.250.204","port":80"#,
                r#""transport":"tcp""#,
                "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
            ),
            (
                1,
                r#""ip":"128.232.110.120","port":34855"#,
                r#""ip":"66.35.250.204","port":80"#,
                r#""iana_number":"6""#,
                "1:3V71V58M3Ksw/yuFALMcW0LAHvc=",
            ),
            (
                0,
                r#""ip":"192.168.1.52","port":54585"#,
                r#""ip":"8.8.8.8","port":"53""#,
                r#""transport":"udp""#,
                "1:d/FP5EW3wiY1vCndhwleRRKHowQ=",
            ),
            (
                0,
                r#""ip":"192.168.170.8","port":7"#,
                r#""ip":"192.168.170.56","port":7"#,
                r#""transport":"sctp""#,
                "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=",
            ),
        ] {
            let before = format!(r#"{{"source":{{{from}}},"destination":{{{to}}},"network":{{{network}}}}}"#);
            let after = run(&format!("community_id: {{seed: {seed}, target_field: id}}"), &before).unwrap();
            assert_eq!(after["id"], id, "{before}");
        }
    }

    #[test]
    fn an_echo_and_its_answer_have_one_id() {
        let id = |from: &str, to: &str, kind: u8, code: u8| {
            let before = format!(
                r#"{{"source":{{"ip":"{from}"}},"destination":{{"ip":"{to}"}},"network":{{"transport":"icmp"}},"icmp":{{"type":{kind},"code":{code}}}}}"#
            );
            run("community_id: {target_field: id}", &before).unwrap()["id"].clone()
        };
        let echo = id("192.168.0.89", "192.168.0.1", 8, 0);
        assert_eq!(echo, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
        assert_eq!(id("192.168.0.1", "192.168.0.89", 0, 0), echo);
        assert_eq!(id("192.168.0.89", "192.168.0.1", 3, 1), "1:LXCfhMUFbYXe+CEMrQuZCbiLY3o=");
        assert_eq!(id("192.168.0.1", "192.168.0.89", 3, 1), "1:o3zT92uTgnRWv/YrDVeXcWumpC4=");
    }
}
