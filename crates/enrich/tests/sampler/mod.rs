//! Makes the sample databases. Search servers read them as well, which wants unsigned 32-bit integers and doubles.

use std::error::Error;
use std::time::{Duration, SystemTime};

use ipnet::IpNet;
use mmdb_writer::{Value, Writer};

/// Where a documentation range (RFC 5737, RFC 3849) is said to be.
struct Place {
    network: &'static str,
    asn: u32,
    continent: [&'static str; 2],
    country: [&'static str; 2],
    in_union: bool,
    region: [&'static str; 2],
    city: &'static str,
    latitude: f64,
    longitude: f64,
    timezone: &'static str,
}

const PLACES: [Place; 4] = [
    Place {
        network: "192.0.2.0/24",
        asn: 64500,
        continent: ["NA", "North America"],
        country: ["US", "United States"],
        in_union: false,
        region: ["NV", "Nevada"],
        city: "Las Vegas",
        latitude: 36.17497,
        longitude: -115.13722,
        timezone: "America/Los_Angeles",
    },
    Place {
        network: "198.51.100.0/24",
        asn: 64501,
        continent: ["EU", "Europe"],
        country: ["NL", "Netherlands"],
        in_union: true,
        region: ["NH", "North Holland"],
        city: "Amsterdam",
        latitude: 52.37404,
        longitude: 4.88969,
        timezone: "Europe/Amsterdam",
    },
    Place {
        network: "203.0.113.0/24",
        asn: 64502,
        continent: ["EU", "Europe"],
        country: ["ES", "Spain"],
        in_union: true,
        region: ["M", "Madrid"],
        city: "Madrid",
        latitude: 40.41639,
        longitude: -3.7025,
        timezone: "Europe/Madrid",
    },
    Place {
        network: "2001:db8::/32",
        asn: 64503,
        continent: ["EU", "Europe"],
        country: ["CH", "Switzerland"],
        in_union: false,
        region: ["ZH", "Zurich"],
        city: "Zürich",
        latitude: 47.36667,
        longitude: 8.55,
        timezone: "Europe/Zurich",
    },
];

/// A database's file name and contents.
pub(crate) type Sample = (&'static str, Vec<u8>);

/// All sample databases.
pub(crate) fn databases() -> Result<Vec<Sample>, Box<dyn Error>> {
    Ok(vec![
        ("GeoLite2-City.mmdb", database("GeoLite2-City", Place::of_city)?),
        ("GeoLite2-Country.mmdb", database("GeoLite2-Country", Place::of_country)?),
        ("GeoLite2-ASN.mmdb", database("GeoLite2-ASN", Place::of_asn)?),
    ])
}

/// One database with a record of every place. The date is fixed, so that the same source gives the same bytes.
fn database(kind: &str, record: impl Fn(&Place) -> Value) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut writer = Writer::builder(kind)
        .description(&[("en", "Sample data: addresses reserved for documentation")])
        .build_epoch(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600))
        .build();
    for place in &PLACES {
        let network: IpNet = place.network.parse()?;
        writer.insert_value(network, record(place))?;
    }
    Ok(writer.to_bytes()?)
}

fn named(name: &str) -> (&'static str, Value) {
    ("names", Value::map([("en", Value::from(name))]))
}

impl Place {
    fn of_country(&self) -> Value {
        let [continent, continent_name] = self.continent;
        let [country, country_name] = self.country;
        let country = Value::map([
            ("iso_code", Value::from(country)),
            ("is_in_european_union", Value::from(self.in_union)),
            named(country_name),
        ]);
        Value::map([
            ("continent", Value::map([("code", Value::from(continent)), named(continent_name)])),
            ("country", country.clone()),
            ("registered_country", country),
        ])
    }

    fn of_city(&self) -> Value {
        let [region, region_name] = self.region;
        let location = Value::map([
            ("latitude", Value::from(self.latitude)),
            ("longitude", Value::from(self.longitude)),
            ("time_zone", Value::from(self.timezone)),
        ]);
        let more = Value::map([
            ("city", Value::map([named(self.city)])),
            ("location", location),
            (
                "subdivisions",
                Value::array([Value::map([("iso_code", Value::from(region)), named(region_name)])]),
            ),
        ]);
        Value::merge_top_level(&self.of_country(), &more)
    }

    fn of_asn(&self) -> Value {
        Value::map([
            ("autonomous_system_number", Value::from(self.asn)),
            ("autonomous_system_organization", Value::from("Documentation ASN")),
        ])
    }
}
