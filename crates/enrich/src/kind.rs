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
    IpinfoAsn,
    IpinfoCountry,
    IpinfoLocation,
    IpinfoPrivacy,
}

/// What records look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Places, that may have traits.
    Places,
    /// Traits and nothing around them.
    Traits,
    /// Fields side by side.
    Ipinfo,
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

/// Likewise where one of the words is `ipinfo`.
const WORDS_OF_IPINFO: [(&[&str], Kind); 6] = [
    (&["asn"], Kind::IpinfoAsn),
    (&["country"], Kind::IpinfoCountry),
    (&["location"], Kind::IpinfoLocation),
    (&["geolocation"], Kind::IpinfoLocation),
    (&["city"], Kind::IpinfoLocation),
    (&["privacy"], Kind::IpinfoPrivacy),
];

impl Kind {
    /// Reads a type such as `GeoLite2-City`, `DBIP-ASN-Lite (compat=GeoLite2-ASN)` or `GeoIP2-City-Europe`, or a
    /// file's name; the last word that names a kind counts.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let known = if words.contains(&"ipinfo") { &WORDS_OF_IPINFO[..] } else { &WORDS[..] };
        (0..words.len()).rev().find_map(|at| {
            known.iter().find(|(kind, _)| words[at..].starts_with(kind)).map(|(_, kind)| *kind)
        })
    }

    /// What its records look like.
    pub(crate) fn form(self) -> Form {
        match self {
            Self::City | Self::Country | Self::Enterprise => Form::Places,
            Self::Asn | Self::AnonymousIp | Self::ConnectionType | Self::Domain | Self::Isp => Form::Traits,
            Self::IpinfoAsn | Self::IpinfoCountry | Self::IpinfoLocation | Self::IpinfoPrivacy => {
                Form::Ipinfo
            }
        }
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
            Self::Enterprise => Property::OF_MAXMIND,
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
            Self::IpinfoAsn => &[Ip, Asn, OrganizationName, Network, Domain, CountryIsoCode, Type],
            Self::IpinfoCountry => &[Ip, ContinentCode, ContinentName, CountryName, CountryIsoCode],
            Self::IpinfoLocation => {
                &[Ip, CountryIsoCode, RegionName, CityName, Timezone, Location, PostalCode]
            }
            Self::IpinfoPrivacy => &[Ip, Hosting, Proxy, Relay, Tor, Vpn, Service],
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
            Self::IpinfoAsn => Self::Asn.defaults(),
            Self::IpinfoCountry => Self::Country.defaults(),
            Self::IpinfoLocation => &[CountryIsoCode, RegionName, CityName, Location],
            Self::IpinfoPrivacy => &[Hosting, Proxy, Relay, Tor, Vpn, Service],
        }
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
            ("ipinfo generic_asn_free.mmdb", Some(Kind::IpinfoAsn)),
            ("ipinfo standard_location.mmdb", Some(Kind::IpinfoLocation)),
            ("ipinfo ip_geolocation_sample.mmdb", Some(Kind::IpinfoLocation)),
            ("ipinfo-country.mmdb", Some(Kind::IpinfoCountry)),
            ("ipinfo privacy_detection_sample.mmdb", Some(Kind::IpinfoPrivacy)),
            ("ipinfo company", None),
            ("Electricity", None),
            ("", None),
        ] {
            assert_eq!(Kind::of(name), kind, "{name}");
        }
    }

    #[test]
    fn defaults_are_properties_of_their_kind() {
        for (_, kind) in WORDS.into_iter().chain(WORDS_OF_IPINFO) {
            assert!(kind.defaults().iter().all(|property| kind.properties().contains(property)), "{kind:?}");
        }
    }

    #[test]
    fn unknown_properties_are_refused_in_elasticsearchs_words() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            Property::parse(Kind::Asn.properties(), &names(&["ASN", "network"])),
            Ok(vec![Asn, Network])
        );
        assert_eq!(Property::parse(Kind::Asn.properties(), &[]), Ok(vec![]));
        assert_eq!(
            Property::parse(Kind::Asn.properties(), &names(&["asn", "city_name"])).unwrap_err(),
            "illegal property value [city_name]. valid values are [IP, ASN, ORGANIZATION_NAME, NETWORK]"
        );
        assert!(Property::parse(Kind::City.properties(), &names(&["latitude"])).is_err());
    }
}
