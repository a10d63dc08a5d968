//! Looks addresses up in a database and tells what it costs:
//! `cargo run --release -p enrich --example look_up -- FILE [ADDRESS]…`, without addresses a million random ones.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Instant;

use enrich::GeoLookup;
use event::Doc;
use ingest::lookup::{GeoAnswer, GeoDatabases, GeoRequest};

#[expect(clippy::print_stdout, reason = "it is a tool")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = PathBuf::from(arguments.next().ok_or("usage: look_up FILE [ADDRESS]…")?);
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).ok_or("write ./FILE")?;
    let database_file = path.file_name().and_then(|name| name.to_str()).ok_or("no file name")?.to_owned();
    let lookup = GeoLookup::open(directory)?;
    let view = lookup.view(&GeoRequest { database_file, properties: None })?;
    let mut doc = Doc::new();
    let addresses: Vec<IpAddr> = arguments.map(|text| text.parse()).collect::<Result<_, _>>()?;
    for address in &addresses {
        doc.clear();
        match view.find(*address, &mut doc) {
            GeoAnswer::Found(node) => println!("{address} {}", doc.json(node)),
            other => println!("{address} {other:?}"),
        }
    }
    if addresses.is_empty() {
        // Multiplication by an odd number visits every number of 32 bits once.
        let random = |number: u32| IpAddr::from(Ipv4Addr::from_bits(number.wrapping_mul(0x9e37_79b1)));
        for (pass, range) in [("first", 0..50_000), ("again", 0..50_000), ("a million", 0..1_000_000)] {
            let start = Instant::now();
            let mut found = 0;
            for number in range.clone() {
                doc.clear();
                found += u32::from(matches!(view.find(random(number), &mut doc), GeoAnswer::Found(_)));
            }
            let each = start.elapsed().as_nanos() / range.len() as u128;
            println!("{pass}: {each} ns an address, {found} of {} found", range.len());
        }
    }
    Ok(())
}
