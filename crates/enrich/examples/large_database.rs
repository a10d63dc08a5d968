//! Writes a GeoLite2-City.mmdb as large as the real one, for measurements of memory:
//! `cargo run --release -p enrich --example large_database -- DIRECTORY [NETWORKS]`, 750000 networks of 256 addresses
//! without a number, from 11.0.0.0 on, each with a city of its own.
#![allow(clippy::print_stdout, reason = "it says what it has written")]

use std::error::Error;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use ipnet::IpNet;
use mmdb_writer::Writer;
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().ok_or("name a directory")?);
    let networks: u32 = arguments.next().map_or(Ok(750_000), |text| text.parse())?;
    let mut writer = Writer::new("GeoLite2-City");
    for network in 0..networks {
        let cidr: IpNet = format!("{}/24", Ipv4Addr::from(0x0B00_0000 + (network << 8))).parse()?;
        writer.insert(
            cidr,
            &json!({
                "city": { "names": { "en": format!("City {network}") } },
                "continent": { "code": "EU", "names": { "en": "Europe" } },
                "country": { "iso_code": "NL", "names": { "en": "Netherlands" } },
                "location": {
                    "latitude": f64::from(network) / 10_000.0, "longitude": f64::from(network) / 9_999.0,
                    "accuracy_radius": network % 1000, "time_zone": "Europe/Amsterdam",
                },
                "subdivisions": [{ "iso_code": "NH", "names": { "en": format!("Province {network}") } }],
            }),
        )?;
    }
    let file = directory.join("GeoLite2-City.mmdb");
    let bytes = writer.to_bytes()?;
    std::fs::write(&file, &bytes)?;
    println!("{}: {} MiB", file.display(), bytes.len() >> 20);
    Ok(())
}
