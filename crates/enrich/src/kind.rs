//! Kinds of databases: which properties each has, and which a processor gets that names none.

use crate::property::Property::{self, *};

/// The contents of a database, as the type in its metadata tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    City,
    Country,
    Asn,
    AnonymousIp,
    ConnectionType,
    Domain,
    Enterprise,
    Isp,
}

/// The words of a type or file name that tell a kind.
const WORDS: [(&[&str], Kind); 8] = [
    (&["city"], Kind::City),
    (&["country"], Kind::Country),
    (&["asn"], Kind::Asn),
    (&["anonymous", "ip"], Kind::AnonymousIp),
    (&["connection", "type"], Kind::ConnectionType),
    (&["domain"], Kind::Domain),
    (&["enterprise"], Kind::Enterprise),
    (&["isp"], Kind::Isp),
];

impl Kind {
    /// Reads a type such as `GeoLite2-City`, `DBIP-ASN-Lite (compat=GeoLite2-ASN)` or `GeoIP2-City-Europe`, or a
    /// file's name; the last word that names a kind counts.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        (0..words.len()).rev().find_map(|at| {
            WORDS.iter().find(|(kind, _)| words[at..].starts_with(kind)).map(|(_, kind)| *kind)
        })
    }

    /// Whether its records are places, that may have traits; else they are traits and nothing around them.
    pub(crate) fn has_places(self) -> bool {
        matches!(self, Self::City | Self::Country | Self::Enterprise)
    }

    /// All that it can be asked for.
    pub(crate) fn properties(self) -> &'static [Property] {
        match self {
            Self::City => &[
                Ip,
                CountryInEuropeanUnion,
                CountryIsoCode,
                CountryName,
                ContinentCode,
                ContinentName,
                RegionIsoCode,
                RegionName,
                CityName,
                Timezone,
                Location,
                PostalCode,
                AccuracyRadius,
                RegisteredCountryInEuropeanUnion,
                RegisteredCountryIsoCode,
                RegisteredCountryName,
            ],
            Self::Country => &[
                Ip,
                ContinentCode,
                ContinentName,
                CountryName,
                CountryInEuropeanUnion,
                CountryIsoCode,
                RegisteredCountryInEuropeanUnion,
                RegisteredCountryIsoCode,
                RegisteredCountryName,
            ],
            Self::Asn => &[Ip, Asn, OrganizationName, Network],
            Self::AnonymousIp => {
                &[Ip, HostingProvider, TorExitNode, AnonymousVpn, Anonymous, PublicProxy, ResidentialProxy]
            }
            Self::ConnectionType => &[Ip, ConnectionType],
            Self::Domain => &[Ip, Domain],
            Self::Enterprise => Property::ALL,
            Self::Isp => &[
                Ip,
                Asn,
                OrganizationName,
                Network,
                Isp,
                IspOrganizationName,
                MobileCountryCode,
                MobileNetworkCode,
            ],
        }
    }

    /// What a processor gets that names no properties.
    pub(crate) fn defaults(self) -> &'static [Property] {
        match self {
            Self::City | Self::Enterprise => {
                &[ContinentName, CountryIsoCode, CountryName, RegionIsoCode, RegionName, CityName, Location]
            }
            Self::Country => &[ContinentName, CountryName, CountryIsoCode],
            Self::Asn => &[Ip, Asn, OrganizationName, Network],
            Self::AnonymousIp => {
                &[HostingProvider, TorExitNode, AnonymousVpn, Anonymous, PublicProxy, ResidentialProxy]
            }
            Self::ConnectionType => &[ConnectionType],
            Self::Domain => &[Domain],
            Self::Isp => Self::Isp.properties(),
        }
    }

    /// Finds the properties that a processor names, whatever their case.
    ///
    /// # Errors
    /// Elasticsearch's sentence about the first name that this kind does not have.
    pub(crate) fn parse(self, names: &[String]) -> Result<Vec<Property>, String> {
        let find = |name: &String| {
            self.properties()
                .iter()
                .copied()
                .find(|property| property.name().eq_ignore_ascii_case(name))
                .ok_or_else(|| {
                    let valid: Vec<String> = self
                        .properties()
                        .iter()
                        .map(|property| property.name().to_ascii_uppercase())
                        .collect();
                    format!("illegal property value [{name}]. valid values are [{}]", valid.join(", "))
                })
        };
        names.iter().map(find).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_file_names_tell_the_kind() {
        for (name, kind) in [
            ("GeoLite2-City", Some(Kind::City)),
            ("GeoIP2-City-Asia-Pacific", Some(Kind::City)),
            ("GeoLite2-Country.mmdb", Some(Kind::Country)),
            ("DBIP-ASN-Lite (compat=GeoLite2-ASN)", Some(Kind::Asn)),
            ("DBIP-Location-ISP (compat=Enterprise)", Some(Kind::Enterprise)),
            ("country ipvAll", Some(Kind::Country)),
            ("geo-whois-asn-country.mmdb", Some(Kind::Country)),
            ("GeoIP2-Anonymous-IP", Some(Kind::AnonymousIp)),
            ("GeoIP2-Connection-Type", Some(Kind::ConnectionType)),
            ("GeoIP2-ISP", Some(Kind::Isp)),
            ("GeoIP2-Domain", Some(Kind::Domain)),
            ("Electricity", None),
            ("", None),
        ] {
            assert_eq!(Kind::of(name), kind, "{name}");
        }
    }

    #[test]
    fn defaults_are_properties_of_their_kind() {
        for (_, kind) in WORDS {
            assert!(kind.defaults().iter().all(|property| kind.properties().contains(property)), "{kind:?}");
        }
    }

    #[test]
    fn unknown_properties_are_refused_in_elasticsearchs_words() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(Kind::Asn.parse(&names(&["ASN", "network"])), Ok(vec![Asn, Network]));
        assert_eq!(Kind::Asn.parse(&[]), Ok(vec![]));
        assert_eq!(
            Kind::Asn.parse(&names(&["asn", "city_name"])).unwrap_err(),
            "illegal property value [city_name]. valid values are [IP, ASN, ORGANIZATION_NAME, NETWORK]"
        );
        assert!(Kind::City.parse(&names(&["latitude"])).is_err());
    }
}
