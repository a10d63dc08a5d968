//! Look-ups: what each kind of database gives, and databases that come, change, break and go.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod sampler;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use enrich::{GeoLookup, samples};
use event::Doc;
use ingest::lookup::{GeoAnswer, GeoDatabases, GeoRequest, GeoView};
use ipnet::IpNet;
use mmdb_writer::{Value, Writer};
use tempfile::tempdir;

fn request(file: &str, properties: Option<&[&str]>) -> GeoRequest {
    GeoRequest {
        database_file: file.to_owned(),
        properties: properties.map(|names| names.iter().map(|&name| name.to_owned()).collect()),
    }
}

fn view(lookup: &GeoLookup, file: &str, properties: Option<&[&str]>) -> Arc<dyn GeoView> {
    lookup.view(&request(file, properties)).unwrap()
}

/// The answer as JSON, or its name.
fn find(view: &dyn GeoView, address: &str) -> String {
    let mut doc = Doc::new();
    match view.find(address.parse().unwrap(), &mut doc) {
        GeoAnswer::Found(node) => doc.json(node),
        other => format!("{other:?}"),
    }
}

/// A database of one network.
fn write(path: &Path, kind: &str, network: &str, record: Value) {
    let mut writer = Writer::new(kind);
    writer.insert_value(network.parse::<IpNet>().unwrap(), record).unwrap();
    // As a careful updater does: beside it, then renamed.
    let beside = path.with_extension("new");
    fs::write(&beside, writer.to_bytes().unwrap()).unwrap();
    fs::rename(beside, path).unwrap();
}

fn city(name: &str) -> Value {
    Value::map([("city", Value::map([("names", Value::map([("en", Value::from(name))]))]))])
}

#[test]
fn the_committed_samples_are_those_that_the_generator_makes() {
    let made = sampler::databases().unwrap();
    assert_eq!(made.len(), samples().len());
    for ((name, bytes), (sample, committed)) in made.iter().zip(samples()) {
        assert_eq!(name, sample);
        assert!(bytes == committed, "{name} is old: cargo run -p enrich --example sample_databases");
    }
}

#[test]
fn samples_answer_with_elasticsearchs_fields() {
    let lookup = GeoLookup::of_samples();
    let all =
        ["ip", "country_in_european_union", "continent_code", "timezone", "registered_country_iso_code"];
    for (file, properties, address, answer) in [
        (
            "GeoLite2-City.mmdb",
            None,
            "192.0.2.30",
            r#"{"continent_name":"North America","country_iso_code":"US","country_name":"United States","region_iso_code":"US-NV","region_name":"Nevada","city_name":"Las Vegas","location":{"lat":36.17497,"lon":-115.13722}}"#,
        ),
        (
            "GeoLite2-City.mmdb",
            None,
            "203.0.113.40",
            r#"{"continent_name":"Europe","country_iso_code":"ES","country_name":"Spain","region_iso_code":"ES-M","region_name":"Madrid","city_name":"Madrid","location":{"lat":40.41639,"lon":-3.7025}}"#,
        ),
        (
            "GeoLite2-City.mmdb",
            None,
            "198.51.100.1",
            r#"{"continent_name":"Europe","country_iso_code":"NL","country_name":"Netherlands","region_iso_code":"NL-NH","region_name":"North Holland","city_name":"Amsterdam","location":{"lat":52.37404,"lon":4.88969}}"#,
        ),
        (
            "GeoLite2-City.mmdb",
            Some(&all[..]),
            "2001:DB8:0::1",
            r#"{"ip":"2001:db8::1","country_in_european_union":false,"continent_code":"EU","timezone":"Europe/Zurich","registered_country_iso_code":"CH"}"#,
        ),
        (
            "GeoLite2-City.mmdb",
            Some(&["LOCATION"]),
            "::ffff:198.51.100.1",
            r#"{"location":{"lat":52.37404,"lon":4.88969}}"#,
        ),
        ("GeoLite2-City.mmdb", Some(&["postal_code"]), "192.0.2.30", "NotFound"),
        ("GeoLite2-City.mmdb", Some(&[]), "192.0.2.30", "NotFound"),
        ("GeoLite2-City.mmdb", None, "192.0.3.0", "NotFound"),
        (
            "GeoLite2-Country.mmdb",
            None,
            "198.51.100.1",
            r#"{"continent_name":"Europe","country_name":"Netherlands","country_iso_code":"NL"}"#,
        ),
        (
            "GeoLite2-ASN.mmdb",
            None,
            "203.0.113.40",
            r#"{"ip":"203.0.113.40","asn":64502,"organization_name":"Documentation ASN","network":"203.0.113.0/24"}"#,
        ),
        (
            "GeoLite2-ASN.mmdb",
            Some(&["network"]),
            "2001:db8:1::1",
            r#"{"network":"2001:db8:0:0:0:0:0:0/32"}"#,
        ),
        ("GeoLite2-Nothing.mmdb", None, "192.0.2.30", "Unavailable"),
    ] {
        let view = view(&lookup, file, properties);
        for kept in [false, true] {
            assert_eq!(find(&*view, address), answer, "{file} {address}, kept: {kept}");
        }
    }
}

#[test]
fn every_kind_of_database_has_its_properties() {
    let anonymous =
        || Value::map([("is_anonymous", Value::from(true)), ("is_tor_exit_node", Value::from(true))]);
    let isp = || {
        Value::map([
            ("autonomous_system_number", Value::from(64500_u32)),
            ("isp", Value::from("Example ISP")),
            ("organization", Value::from("Example Org")),
            ("mobile_country_code", Value::from("001")),
        ])
    };
    let enterprise = Value::map([
        ("city", Value::map([("confidence", Value::from(40_u16))])),
        ("country", Value::map([("iso_code", Value::from("XX"))])),
        (
            "location",
            Value::map([
                ("accuracy_radius", Value::from(20_u16)),
                ("latitude", Value::from(1.5_f32)),
                ("longitude", Value::from(2_u16)),
            ]),
        ),
        ("traits", isp()),
    ]);
    let kind = |kind: &str| format!("GeoIP2-{kind}");
    let domain = Value::map([("domain", Value::from("example.com"))]);
    let connection = Value::map([("connection_type", Value::from("Cable/DSL"))]);
    let directory = tempdir().unwrap();
    let lookup = GeoLookup::open(directory.path()).unwrap();
    let enterprise_asked = ["city_confidence", "accuracy_radius", "location", "isp", "anonymous_vpn", "asn"];
    for (number, (kind, record, properties, answer)) in [
        (
            kind("Anonymous-IP"),
            anonymous(),
            None,
            r#"{"hosting_provider":false,"tor_exit_node":true,"anonymous_vpn":false,"anonymous":true,"public_proxy":false,"residential_proxy":false}"#,
        ),
        (kind("Domain"), domain, None, r#"{"domain":"example.com"}"#),
        (kind("Connection-Type"), connection, None, r#"{"connection_type":"Cable/DSL"}"#),
        (
            kind("ISP"),
            isp(),
            None,
            r#"{"ip":"192.0.2.1","asn":64500,"network":"192.0.2.0/24","isp":"Example ISP","isp_organization_name":"Example Org","mobile_country_code":"001"}"#,
        ),
        (
            kind("Enterprise"),
            enterprise,
            Some(&enterprise_asked[..]),
            r#"{"city_confidence":40,"accuracy_radius":20,"location":{"lat":1.5,"lon":2.0},"isp":"Example ISP","anonymous_vpn":false,"asn":64500}"#,
        ),
        (
            "DBIP-ASN-Lite (compat=GeoLite2-ASN)".to_owned(),
            isp(),
            Some(&["asn"]),
            r#"{"asn":64500}"#,
        ),
        (
            "country ipv4".to_owned(),
            Value::map([("country_code", Value::from("NL"))]),
            None,
            r#"{"country_iso_code":"NL"}"#,
        ),
        // A record that is no map of such a database: said once, and nothing is enriched.
        (kind("City"), Value::map([("city", Value::from(7_u32))]), None, "NotFound"),
    ]
    .into_iter()
    .enumerate()
    {
        let file = format!("{number}.mmdb");
        write(&directory.path().join(&file), &kind, "192.0.2.0/24", record);
        assert_eq!(find(&*view(&lookup, &file, properties), "192.0.2.1"), answer, "{kind}");
    }
}

/// The fields that Elastic's page "IP location processor" names, of records as IPinfo's samples have them.
#[test]
fn databases_of_ipinfo_have_their_properties() {
    let asn = || {
        Value::map([
            ("asn", Value::from("AS64500")),
            ("name", Value::from("Example Net")),
            ("domain", Value::from("example.net")),
            ("country", Value::from("NL")),
            ("type", Value::from("hosting")),
        ])
    };
    let country = Value::map([
        ("continent", Value::from("EU")),
        ("continent_name", Value::from("Europe")),
        ("country", Value::from("NL")),
        ("country_name", Value::from("Netherlands")),
    ]);
    let location = || {
        Value::map([
            ("city", Value::from("Amsterdam")),
            ("country", Value::from("NL")),
            ("lat", Value::from("52.37")),
            ("lng", Value::from(4.5_f64)),
            ("postal_code", Value::from("")),
            ("region", Value::from("North Holland")),
            ("timezone", Value::from("Europe/Amsterdam")),
        ])
    };
    let privacy = Value::map([
        ("hosting", Value::from("true")),
        ("proxy", Value::from("")),
        ("tor", Value::from(false)),
        ("vpn", Value::from(true)),
        ("service", Value::from("Example VPN")),
    ]);
    let directory = tempdir().unwrap();
    let lookup = GeoLookup::open(directory.path()).unwrap();
    let all_of_asn = ["ip", "asn", "organization_name", "network", "domain", "country_iso_code", "type"];
    let all_of_location =
        ["ip", "country_iso_code", "region_name", "city_name", "timezone", "postal_code", "location"];
    for (kind, record, properties, answer) in [
        (
            "ipinfo generic_asn_free.mmdb",
            asn(),
            None,
            r#"{"ip":"192.0.2.1","asn":64500,"organization_name":"Example Net","network":"192.0.2.0/24"}"#,
        ),
        (
            "ipinfo standard_asn.mmdb",
            asn(),
            Some(&all_of_asn[..]),
            r#"{"ip":"192.0.2.1","asn":64500,"organization_name":"Example Net","network":"192.0.2.0/24","domain":"example.net","country_iso_code":"NL","type":"hosting"}"#,
        ),
        (
            "ipinfo generic_country_free.mmdb",
            country,
            None,
            r#"{"continent_name":"Europe","country_name":"Netherlands","country_iso_code":"NL"}"#,
        ),
        (
            "ipinfo standard_location.mmdb",
            location(),
            None,
            r#"{"country_iso_code":"NL","region_name":"North Holland","city_name":"Amsterdam","location":{"lat":52.37,"lon":4.5}}"#,
        ),
        (
            "ipinfo standard_location_2.mmdb",
            location(),
            Some(&all_of_location[..]),
            r#"{"ip":"192.0.2.1","country_iso_code":"NL","region_name":"North Holland","city_name":"Amsterdam","timezone":"Europe/Amsterdam","location":{"lat":52.37,"lon":4.5}}"#,
        ),
        (
            "ipinfo privacy_detection.mmdb",
            privacy,
            None,
            r#"{"hosting":true,"proxy":false,"relay":false,"tor":false,"vpn":true,"service":"Example VPN"}"#,
        ),
    ] {
        let file = format!("{}.mmdb", kind.replace([' ', '.'], "-"));
        write(&directory.path().join(&file), kind, "192.0.2.0/24", record);
        assert_eq!(find(&*view(&lookup, &file, properties), "192.0.2.1"), answer, "{kind}");
    }
    let other = request("ipinfo-privacy_detection-mmdb.mmdb", Some(&["city_name"]));
    let valid = "valid values are [IP, HOSTING, PROXY, RELAY, TOR, VPN, SERVICE]";
    assert!(lookup.view(&other).err().unwrap().ends_with(valid));
}

#[test]
fn mistakes_of_a_processor_are_refused() {
    let directory = tempdir().unwrap();
    let lookup = GeoLookup::open(directory.path()).unwrap();
    for (file, properties, message) in [
        (
            "GeoLite2-ASN.mmdb",
            Some(&["city_name"][..]),
            Some(
                "illegal property value [city_name]. valid values are [IP, ASN, ORGANIZATION_NAME, NETWORK]",
            ),
        ),
        ("unknown.mmdb", Some(&["city_name", "asn"]), None),
        (
            "../x.mmdb",
            None,
            Some("database_file [../x.mmdb] must be the name of a file, without a directory"),
        ),
        ("..", None, Some("database_file [..] must be the name of a file, without a directory")),
        ("", None, Some("database_file [] must be the name of a file, without a directory")),
    ] {
        assert_eq!(lookup.view(&request(file, properties)).err().as_deref(), message, "{file}");
    }
    assert!(lookup.view(&request("unknown.mmdb", Some(&["colour"]))).is_err());
}

#[test]
fn a_database_comes_changes_breaks_and_goes() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("GeoLite2-City.mmdb");
    let lookup = GeoLookup::open(directory.path()).unwrap();
    let view = view(&lookup, "GeoLite2-City.mmdb", Some(&["city_name"]));
    let is = |answer: &str| assert_eq!(find(&*view, "192.0.2.1"), answer);
    let check_is = |answer: &str| {
        lookup.check();
        is(answer);
    };
    check_is("Unavailable");

    write(&path, "GeoLite2-City", "192.0.2.0/24", city("One"));
    is("Unavailable");
    check_is(r#"{"city_name":"One"}"#);
    assert_eq!(find(&*view, "198.51.100.1"), "NotFound");

    // Same size: the inode tells. Answers that were kept are of the old one.
    write(&path, "GeoLite2-City", "192.0.2.0/24", city("Two"));
    is(r#"{"city_name":"One"}"#);
    check_is(r#"{"city_name":"Two"}"#);

    let whole = fs::read(&path).unwrap();
    for broken in [&whole[..whole.len() / 2], b"", b"not a database"] {
        fs::write(&path, broken).unwrap();
        check_is(r#"{"city_name":"Two"}"#);
    }
    write(&path, "Unheard-Of", "192.0.2.0/24", city("Three"));
    check_is(r#"{"city_name":"Two"}"#);
    write(&path, "GeoLite2-City", "198.51.100.0/24", city("Four"));
    check_is("NotFound");
    assert_eq!(find(&*view, "198.51.100.1"), r#"{"city_name":"Four"}"#);

    // It comes back as another kind, which has no cities.
    write(&path, "GeoLite2-Country", "192.0.2.0/24", city("Five"));
    check_is("NotFound");

    let kept = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    check_is("NotFound");
    check_is("Unavailable");
    fs::write(&path, kept).unwrap();
    check_is("NotFound");
}

#[test]
fn threads_see_one_whole_database_while_it_is_replaced() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("GeoLite2-City.mmdb");
    let lookup = GeoLookup::open(directory.path()).unwrap();
    write(&path, "GeoLite2-City", "192.0.2.0/24", city("0"));
    let view = view(&lookup, "GeoLite2-City.mmdb", Some(&["city_name"]));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut newest = 0;
                    while !done.load(Ordering::Relaxed) {
                        let answer = find(&*view, "192.0.2.7");
                        let number: u32 = answer
                            .strip_prefix(r#"{"city_name":""#)
                            .and_then(|rest| rest.strip_suffix(r#""}"#))
                            .and_then(|number| number.parse().ok())
                            .unwrap_or_else(|| panic!("{answer}"));
                        assert!(number >= newest, "{number} after {newest}");
                        newest = number;
                    }
                })
            })
            .collect();
        for number in 1..100 {
            write(&path, "GeoLite2-City", "192.0.2.0/24", city(&number.to_string()));
            lookup.check();
            assert_eq!(find(&*view, "192.0.2.7"), format!("{{\"city_name\":\"{number}\"}}"));
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().unwrap();
        }
    });
}
