//! A record of a database, of whatever kind: MaxMind's field names, which DB-IP keeps as well.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// What any kind of database tells of an address; what it does not tell is absent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Record<'a> {
    #[serde(borrow)]
    pub(crate) city: Place<'a>,
    #[serde(borrow)]
    pub(crate) continent: Place<'a>,
    #[serde(borrow)]
    pub(crate) country: Place<'a>,
    #[serde(borrow)]
    pub(crate) registered_country: Place<'a>,
    #[serde(borrow)]
    pub(crate) subdivisions: Vec<Place<'a>>,
    #[serde(borrow)]
    pub(crate) location: Location<'a>,
    #[serde(borrow)]
    pub(crate) postal: Postal<'a>,
    /// The code alone, in databases that know nothing but countries.
    #[serde(borrow)]
    pub(crate) country_code: Option<&'a str>,
    /// Databases that know only this have it at the top of their records.
    #[serde(borrow)]
    pub(crate) traits: Traits<'a>,
    /// What kind of network it is, of IPinfo's databases.
    #[serde(skip)]
    pub(crate) network_type: Option<&'a str>,
    /// Of IPinfo's databases.
    #[serde(skip)]
    pub(crate) privacy: Privacy<'a>,
}

/// By what an address hides whose it is.
#[derive(Debug, Default)]
pub(crate) struct Privacy<'a> {
    pub(crate) hosting: bool,
    pub(crate) proxy: bool,
    pub(crate) relay: bool,
    pub(crate) tor: bool,
    pub(crate) vpn: bool,
    pub(crate) service: Option<&'a str>,
}

/// A city, region, country or continent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Place<'a> {
    pub(crate) confidence: Option<Figure>,
    pub(crate) is_in_european_union: bool,
    #[serde(borrow)]
    pub(crate) code: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) iso_code: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) names: Names<'a>,
}

/// A place's names by language; Elasticsearch takes the English one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Names<'a> {
    #[serde(borrow)]
    pub(crate) en: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Location<'a> {
    /// In kilometres.
    pub(crate) accuracy_radius: Option<Figure>,
    pub(crate) latitude: Option<Figure>,
    pub(crate) longitude: Option<Figure>,
    #[serde(borrow)]
    pub(crate) time_zone: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Postal<'a> {
    pub(crate) confidence: Option<Figure>,
    #[serde(borrow)]
    pub(crate) code: Option<&'a str>,
}

/// Who runs the network and what it is used for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Traits<'a> {
    pub(crate) autonomous_system_number: Option<Figure>,
    #[serde(borrow)]
    pub(crate) autonomous_system_organization: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) connection_type: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) domain: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) isp: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) organization: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) mobile_country_code: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) mobile_network_code: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) user_type: Option<&'a str>,
    pub(crate) is_anonymous: bool,
    pub(crate) is_anonymous_vpn: bool,
    pub(crate) is_hosting_provider: bool,
    pub(crate) is_public_proxy: bool,
    pub(crate) is_residential_proxy: bool,
    pub(crate) is_tor_exit_node: bool,
}

impl<'a> Record<'a> {
    pub(crate) fn country_code(&self) -> Option<&'a str> {
        self.country.iso_code.or(self.country_code)
    }
}

/// A number of whatever type: makers of databases differ in the width of theirs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure(pub(crate) f64);

impl Figure {
    /// Without its fraction; all integers of records have 32 bits at most.
    pub(crate) fn integer(self) -> i64 {
        self.0 as i64
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyNumber;

        impl Visitor<'_> for AnyNumber {
            type Value = Figure;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a number")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Figure, E> {
                Ok(Figure(value as f64))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Figure, E> {
                Ok(Figure(value as f64))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Figure, E> {
                Ok(Figure(value))
            }
        }

        deserializer.deserialize_any(AnyNumber)
    }
}
