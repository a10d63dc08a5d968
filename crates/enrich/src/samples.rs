//! Sample databases, for demonstrations and tests: they know the addresses that are reserved for documentation
//! (RFC 5737, RFC 3849) and say that those lie in Las Vegas, Amsterdam, Madrid and Zürich.
//!
//! `cargo run -p enrich --example sample_databases` writes the files; a test checks that they are current.

/// File names and contents.
const SAMPLES: [(&str, &[u8]); 3] = [
    ("GeoLite2-City.mmdb", include_bytes!("../../../geoip-samples/GeoLite2-City.mmdb")),
    ("GeoLite2-Country.mmdb", include_bytes!("../../../geoip-samples/GeoLite2-Country.mmdb")),
    ("GeoLite2-ASN.mmdb", include_bytes!("../../../geoip-samples/GeoLite2-ASN.mmdb")),
];

/// The sample databases: file name and contents, as they would stand in a directory.
pub fn samples() -> &'static [(&'static str, &'static [u8])] {
    &SAMPLES
}

pub(crate) fn find(file: &str) -> Option<&'static [u8]> {
    SAMPLES.iter().find(|(name, _)| *name == file).map(|(_, bytes)| *bytes)
}
