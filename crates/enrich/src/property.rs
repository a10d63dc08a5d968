//! The properties of an address: Elasticsearch's names, and how each is read from a record.

use std::net::IpAddr;

use event::{Data, Doc, NodeId};

use crate::record::{Figure, Place, Record};

macro_rules! properties {
    ([$($property:ident = $name:literal,)*] [$($other:ident = $other_name:literal,)*]) => {
        /// What a processor can ask of a database.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Property { $($property,)* $($other,)* }

        impl Property {
            /// All that MaxMind's databases have.
            pub(crate) const OF_MAXMIND: &'static [Self] = &[$(Self::$property,)*];
            /// All that there are.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$property,)* $(Self::$other,)*];

            /// The field's name in a document, and in a processor's `properties`.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$property => $name,)* $(Self::$other => $other_name,)* }
            }
        }
    };
}

properties! {
    [
        Ip = "ip",
        CountryConfidence = "country_confidence",
        CountryInEuropeanUnion = "country_in_european_union",
        CountryIsoCode = "country_iso_code",
        CountryName = "country_name",
        ContinentCode = "continent_code",
        ContinentName = "continent_name",
        RegionIsoCode = "region_iso_code",
        RegionName = "region_name",
        CityConfidence = "city_confidence",
        CityName = "city_name",
        Timezone = "timezone",
        Location = "location",
        AccuracyRadius = "accuracy_radius",
        PostalCode = "postal_code",
        PostalConfidence = "postal_confidence",
        RegisteredCountryInEuropeanUnion = "registered_country_in_european_union",
        RegisteredCountryIsoCode = "registered_country_iso_code",
        RegisteredCountryName = "registered_country_name",
        Asn = "asn",
        OrganizationName = "organization_name",
        Network = "network",
        HostingProvider = "hosting_provider",
        TorExitNode = "tor_exit_node",
        AnonymousVpn = "anonymous_vpn",
        Anonymous = "anonymous",
        PublicProxy = "public_proxy",
        ResidentialProxy = "residential_proxy",
        Domain = "domain",
        Isp = "isp",
        IspOrganizationName = "isp_organization_name",
        MobileCountryCode = "mobile_country_code",
        MobileNetworkCode = "mobile_network_code",
        UserType = "user_type",
        ConnectionType = "connection_type",
    ]
    [
        Type = "type",
        Hosting = "hosting",
        Proxy = "proxy",
        Relay = "relay",
        Tor = "tor",
        Vpn = "vpn",
        Service = "service",
    ]
}

impl Property {
    /// Finds the properties that a processor names, whatever their case, among those that its database has.
    ///
    /// # Errors
    /// Elasticsearch's sentence about the first name that is not among them.
    pub(crate) fn parse(valid: &[Self], names: &[String]) -> Result<Vec<Self>, String> {
        let find = |name: &String| {
            valid.iter().copied().find(|property| property.name().eq_ignore_ascii_case(name)).ok_or_else(
                || {
                    let valid: Vec<String> =
                        valid.iter().map(|property| property.name().to_ascii_uppercase()).collect();
                    format!("illegal property value [{name}]. valid values are [{}]", valid.join(", "))
                },
            )
        };
        names.iter().map(find).collect()
    }
}

/// A record and what it was found by.
pub(crate) struct Found<'a> {
    pub(crate) address: IpAddr,
    /// The network of the record: its first address and prefix length.
    pub(crate) network: (IpAddr, u8),
    pub(crate) record: &'a Record<'a>,
}

impl Property {
    /// Builds the property's value in `doc`, detached; `None` where the record does not tell.
    pub(crate) fn value(self, found: &Found<'_>, doc: &mut Doc) -> Option<NodeId> {
        let record = found.record;
        let traits = &record.traits;
        match self {
            Self::Ip => Some(doc.string(&found.address.to_string())),
            Self::Network => Some(doc.string(&network(found.network))),
            Self::Location => location(record, doc),
            Self::RegionIsoCode => region_code(record, doc),
            _ => self.text(record).map(|text| doc.string(text)).or_else(|| {
                let data = match self {
                    Self::Asn => Data::Long(traits.autonomous_system_number?.integer()),
                    Self::CountryConfidence => integer(record.country.confidence?),
                    Self::CityConfidence => integer(record.city.confidence?),
                    Self::PostalConfidence => integer(record.postal.confidence?),
                    Self::AccuracyRadius => integer(record.location.accuracy_radius?),
                    Self::CountryInEuropeanUnion => in_union(&record.country)?,
                    Self::RegisteredCountryInEuropeanUnion => in_union(&record.registered_country)?,
                    Self::HostingProvider => Data::bool(traits.is_hosting_provider),
                    Self::TorExitNode => Data::bool(traits.is_tor_exit_node),
                    Self::AnonymousVpn => Data::bool(traits.is_anonymous_vpn),
                    Self::Anonymous => Data::bool(traits.is_anonymous),
                    Self::PublicProxy => Data::bool(traits.is_public_proxy),
                    Self::ResidentialProxy => Data::bool(traits.is_residential_proxy),
                    Self::Hosting => Data::bool(record.privacy.hosting),
                    Self::Proxy => Data::bool(record.privacy.proxy),
                    Self::Relay => Data::bool(record.privacy.relay),
                    Self::Tor => Data::bool(record.privacy.tor),
                    Self::Vpn => Data::bool(record.privacy.vpn),
                    _ => return None,
                };
                Some(doc.node(data))
            }),
        }
    }

    /// The properties that are a text of the record.
    fn text<'a>(self, record: &Record<'a>) -> Option<&'a str> {
        let traits = &record.traits;
        match self {
            Self::CountryIsoCode => record.country_code(),
            Self::CountryName => record.country.names.en,
            Self::ContinentCode => record.continent.code,
            Self::ContinentName => record.continent.names.en,
            Self::RegionName => record.subdivisions.last()?.names.en,
            Self::CityName => record.city.names.en,
            Self::Timezone => record.location.time_zone,
            Self::PostalCode => record.postal.code,
            Self::RegisteredCountryIsoCode => record.registered_country.iso_code,
            Self::RegisteredCountryName => record.registered_country.names.en,
            Self::OrganizationName => traits.autonomous_system_organization,
            Self::Domain => traits.domain,
            Self::Isp => traits.isp,
            Self::IspOrganizationName => traits.organization,
            Self::MobileCountryCode => traits.mobile_country_code,
            Self::MobileNetworkCode => traits.mobile_network_code,
            Self::UserType => traits.user_type,
            Self::ConnectionType => traits.connection_type,
            Self::Type => record.network_type,
            Self::Service => record.privacy.service,
            _ => None,
        }
    }
}

/// As Java prints an address: all eight parts of IPv6.
fn network((first, prefix): (IpAddr, u8)) -> String {
    match first {
        IpAddr::V4(v4) => format!("{v4}/{prefix}"),
        IpAddr::V6(v6) => format!("{}/{prefix}", v6.segments().map(|part| format!("{part:x}")).join(":")),
    }
}

/// An `Integer`, as far as one reaches.
fn integer(figure: Figure) -> Data {
    Data::int(figure.0 as i32)
}

/// Records leave the mark out where it is false.
fn in_union(country: &Place<'_>) -> Option<Data> {
    country.iso_code.map(|_| Data::bool(country.is_in_european_union))
}

/// The smallest subdivision, behind its country's code: `ES-M`.
fn region_code(record: &Record<'_>, doc: &mut Doc) -> Option<NodeId> {
    let region = record.subdivisions.last()?.iso_code?;
    let country = record.country_code()?;
    Some(doc.string(&format!("{country}-{region}")))
}

fn location(record: &Record<'_>, doc: &mut Doc) -> Option<NodeId> {
    let (lat, lon) = (record.location.latitude?.0, record.location.longitude?.0);
    let point = doc.node(Data::EMPTY_OBJECT);
    for (name, degrees) in [("lat", lat), ("lon", lon)] {
        let degrees = doc.node(Data::double(degrees));
        doc.put_named(point, name, degrees);
    }
    Some(point)
}
