//! The input of the benchmark, by a fixed seed: lines like the fixtures' with other ids, people and addresses, and a
//! database that knows half of the addresses.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use mmdb_writer::Writer;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use serde_json::{Value, json};

/// Addresses to draw from; the first half is in the database.
const ADDRESSES: u32 = 160_000;
/// Networks and cities of the database.
const NETWORKS: u32 = 20_000;
const CITIES: u32 = 4_000;

const API: &str = include_str!("../../../../tests/fixtures/cursor.audit/event-types-api.ndjson");
const STREAM: &str = include_str!("../../../../tests/fixtures/cursor.audit/event-types-stream.ndjson");

fn address(index: u32) -> Ipv4Addr {
    if index < ADDRESSES / 2 {
        // Four hosts of each network that the database knows.
        let (network, host) = (index % NETWORKS, index / NETWORKS);
        Ipv4Addr::from(0x0B00_0000 + (network << 8) + host * 37 + 5)
    } else {
        Ipv4Addr::from(0x5000_0000 + index * 97)
    }
}

/// NDJSON: a third of the events in the form of the API, the others in that of the stream.
pub(crate) fn events(count: usize, seed: u64) -> Vec<u8> {
    let templates = |text: &str| -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).expect("a fixture")).collect()
    };
    let (api, stream) = (templates(API), templates(STREAM));
    let mut random = StdRng::seed_from_u64(seed);
    let mut out = Vec::with_capacity(count * 450);
    for _ in 0..count {
        let id = uuid(&mut random);
        let time = format!(
            "2026-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            random.random_range(1..13),
            random.random_range(1..29),
            random.random_range(0..24),
            random.random_range(0..60),
            random.random_range(0..60),
            random.random_range(0..1000)
        );
        let from_api = random.random_range(0..3) == 0;
        let forms = if from_api { &api } else { &stream };
        let mut event = forms[random.random_range(0..forms.len())].clone();
        if from_api {
            event["event_id"] = id.into();
            event["timestamp"] = time.into();
        } else {
            event["metadata"]["id"] = id.into();
            event["metadata"]["timestamp"] = time.into();
            event["metadata"]["context"]["request_id"] = uuid(&mut random).into();
        }
        event["ip_address"] = address(random.random_range(0..ADDRESSES)).to_string().into();
        event["user_email"] = format!("person.{}@example.com", random.random_range(0..5_000)).into();
        serde_json::to_writer(&mut out, &event).expect("writing to memory");
        out.push(b'\n');
    }
    out
}

fn uuid(random: &mut StdRng) -> String {
    let bits: u128 = random.random();
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A record of the second database; the readers want its number to have 32 bits.
#[derive(Serialize)]
struct System {
    autonomous_system_number: u32,
    autonomous_system_organization: String,
}

/// Writes GeoLite2-City.mmdb and GeoLite2-ASN.mmdb.
pub(crate) fn databases(directory: &Path) {
    let mut city = Writer::new("GeoLite2-City");
    let mut asn = Writer::new("GeoLite2-ASN");
    for network in 0..NETWORKS {
        let cidr: ipnet::IpNet =
            format!("{}/24", Ipv4Addr::from(0x0B00_0000 + (network << 8))).parse().expect("a network");
        let number = network % CITIES;
        city.insert(cidr, &json!({
            "city": { "names": { "en": format!("City {number}") } },
            "continent": { "code": "EU", "names": { "en": "Europe" } },
            "country": { "iso_code": "NL", "names": { "en": "Netherlands" } },
            "location": { "latitude": 50.0 + f64::from(number) / 1000.0, "longitude": 4.0 + f64::from(number) / 997.0 },
            "subdivisions": [{ "iso_code": "NH", "names": { "en": "North Holland" } }],
        }))
        .expect("a record");
        let system = System {
            autonomous_system_number: 64_500 + number % 1000,
            autonomous_system_organization: format!("Network operator {}", number % 1000),
        };
        asn.insert(cidr, &system).expect("a record");
    }
    fs::write(directory.join("GeoLite2-City.mmdb"), city.to_bytes().expect("a database"))
        .expect("a temporary directory");
    fs::write(directory.join("GeoLite2-ASN.mmdb"), asn.to_bytes().expect("a database"))
        .expect("a temporary directory");
}
