//! Records of IPinfo's databases, told in the words of the others.
//!
//! Their fields stand side by side, and their numbers and marks are texts in most files. Elastic's page "IP location
//! processor" names what is read of them.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use crate::record::{Figure, Location, Names, Place, Postal, Privacy, Record, Traits};

/// What a database of theirs tells of an address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Ipinfo<'a> {
    #[serde(borrow)]
    asn: Option<&'a str>,
    #[serde(borrow)]
    name: Option<&'a str>,
    #[serde(borrow)]
    domain: Option<&'a str>,
    #[serde(borrow, rename = "type")]
    kind: Option<&'a str>,
    #[serde(borrow)]
    country: Option<&'a str>,
    #[serde(borrow)]
    country_name: Option<&'a str>,
    #[serde(borrow)]
    continent: Option<&'a str>,
    #[serde(borrow)]
    continent_name: Option<&'a str>,
    #[serde(borrow)]
    region: Option<&'a str>,
    #[serde(borrow)]
    city: Option<&'a str>,
    #[serde(borrow)]
    timezone: Option<&'a str>,
    #[serde(borrow)]
    postal_code: Option<&'a str>,
    #[serde(alias = "latitude")]
    lat: Loose,
    #[serde(alias = "longitude")]
    lng: Loose,
    hosting: Loose,
    proxy: Loose,
    relay: Loose,
    tor: Loose,
    vpn: Loose,
    #[serde(borrow)]
    service: Option<&'a str>,
}

impl<'a> From<Ipinfo<'a>> for Record<'a> {
    fn from(found: Ipinfo<'a>) -> Self {
        // A text that is empty stands for nothing.
        let some = |text: Option<&'a str>| text.filter(|text| !text.is_empty());
        let named = |text| Place { names: Names { en: some(text) }, ..Place::default() };
        let number = found.asn.and_then(|asn| asn.strip_prefix("AS").unwrap_or(asn).parse().ok());
        Record {
            city: named(found.city),
            continent: Place { code: some(found.continent), ..named(found.continent_name) },
            country: Place { iso_code: some(found.country), ..named(found.country_name) },
            subdivisions: vec![named(found.region)],
            location: Location {
                latitude: found.lat.number(),
                longitude: found.lng.number(),
                time_zone: some(found.timezone),
                ..Location::default()
            },
            postal: Postal { code: some(found.postal_code), ..Postal::default() },
            traits: Traits {
                autonomous_system_number: number.map(Figure),
                autonomous_system_organization: some(found.name),
                domain: some(found.domain),
                ..Traits::default()
            },
            network_type: some(found.kind),
            privacy: Privacy {
                hosting: found.hosting.mark(),
                proxy: found.proxy.mark(),
                relay: found.relay.mark(),
                tor: found.tor.mark(),
                vpn: found.vpn.mark(),
                service: some(found.service),
            },
            ..Record::default()
        }
    }
}

/// A number or a mark, as itself or as its text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Loose {
    #[default]
    Nothing,
    Number(f64),
    Mark(bool),
}

impl Loose {
    fn number(self) -> Option<Figure> {
        match self {
            Self::Number(number) => Some(Figure(number)),
            _ => None,
        }
    }

    /// What is not marked is not so.
    fn mark(self) -> bool {
        self == Self::Mark(true)
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl Visitor<'_> for Any {
            type Value = Loose;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a number or a mark, or the text of one")
            }

            fn visit_bool<E: Error>(self, mark: bool) -> Result<Loose, E> {
                Ok(Loose::Mark(mark))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Loose, E> {
                Ok(Loose::Number(number))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Loose, E> {
                Ok(Loose::Number(number as f64))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Loose, E> {
                Ok(Loose::Number(number as f64))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Loose, E> {
                let number = || text.parse().ok().filter(|number: &f64| number.is_finite());
                Ok(match text {
                    "true" => Loose::Mark(true),
                    "false" => Loose::Mark(false),
                    _ => number().map_or(Loose::Nothing, Loose::Number),
                })
            }
        }

        deserializer.deserialize_any(Any)
    }
}
