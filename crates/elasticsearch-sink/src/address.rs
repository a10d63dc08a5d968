//! Where the servers are: `hosts` and `cloud_id`, as the Elastic Stack's shippers read them.

use elasticsearch::http::transport::CloudId;
use url::Url;

use crate::config::{ElasticsearchConfig, Mistakes};

/// The addresses of a configuration; a bad one is noted.
pub(crate) fn addresses(config: &ElasticsearchConfig, mistakes: &mut Mistakes) -> Vec<Url> {
    match (&config.cloud_id, config.hosts.as_slice()) {
        (Some(_), [_, ..]) => {
            mistakes.add("cloud_id", "says where the cluster is, and so does hosts: keep one of the two");
            Vec::new()
        }
        (Some(id), []) => {
            let url = CloudId::parse(id).map(|cloud| cloud.url).map_err(|error| {
                format!("is not a cloud id ({error}): copy it from the deployment's page in Elastic Cloud")
            });
            mistakes.take("cloud_id", url).into_iter().collect()
        }
        (None, []) => {
            mistakes.add("hosts", "is empty: give at least one address, https://localhost:9200 for instance");
            Vec::new()
        }
        (None, hosts) => hosts.iter().filter_map(|host| mistakes.take("hosts", parse(host, 9200))).collect(),
    }
}

/// Reads one address: `http` where there is no scheme, `port` where there is none.
pub(crate) fn parse(host: &str, port: u16) -> Result<Url, String> {
    let host = host.trim();
    let full = if host.contains("://") { host.to_owned() } else { format!("http://{host}") };
    // the parsed form may hold a password, so what is shown of a bad address is only its reason
    let mut url = Url::parse(&full)
        .map_err(|error| format!("holds a bad address ({error}): write https://host:9200"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "holds an address with a user name or password in it: use username and password_file, or api_key_file"
                .to_owned(),
        );
    }
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(format!("[{host}] is not an http or https address: write https://host:9200"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("[{host}] holds ? or #: write https://host:9200/path"));
    }
    if !names_port(&full) && url.set_port(Some(port)).is_err() {
        return Err(format!("[{host}] can not have a port: write https://host:9200"));
    }
    Ok(url)
}

/// Whether an address says its port; a parsed one no longer tells `https://host:443` from `https://host`.
fn names_port(address: &str) -> bool {
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let after_brackets = authority.rsplit_once(']').map_or(authority, |(_, rest)| rest);
    after_brackets.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_scheme_and_port() {
        for (given, url) in [
            ("localhost", "http://localhost:9200/"),
            ("es:9201", "http://es:9201/"),
            ("https://es", "https://es:9200/"),
            ("https://es:443/x/", "https://es/x/"),
            ("https://es/a:b", "https://es:9200/a:b"),
            (" http://[::1] ", "http://[::1]:9200/"),
            ("http://[::1]:80", "http://[::1]/"),
        ] {
            assert_eq!(parse(given, 9200).unwrap().as_str(), url, "{given}");
        }
    }

    #[test]
    fn bad_addresses_are_told_without_their_password() {
        for bad in ["", "https://", "ftp://es", "http://es?x=1", "http://es:port"] {
            assert!(parse(bad, 9200).is_err(), "{bad}");
        }
        let told = parse("https://me:hush@es", 9200).unwrap_err();
        assert!(!told.contains("hush") && told.contains("password_file"), "{told}");
        let told = parse("https://me:hush@es:port", 9200).unwrap_err();
        assert!(!told.contains("hush"), "{told}");
    }

    #[test]
    fn a_cloud_id_stands_for_hosts() {
        let config = |cloud_id: &str, hosts: &[&str]| ElasticsearchConfig {
            cloud_id: Some(cloud_id.to_owned()),
            hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
            ..Default::default()
        };
        // "eu.example$abc$def"
        let good = "my:ZXUuZXhhbXBsZSRhYmMkZGVm";
        let mut mistakes = Mistakes::default();
        assert_eq!(addresses(&config(good, &[]), &mut mistakes)[0].as_str(), "https://abc.eu.example/");
        assert!(mistakes.finish().is_ok());
        for (id, hosts) in [(good, &["es"][..]), ("nonsense", &[]), ("my:!!", &[])] {
            let mut mistakes = Mistakes::default();
            assert!(addresses(&config(id, hosts), &mut mistakes).is_empty());
            assert!(mistakes.finish().is_err(), "{id}");
        }
    }
}
