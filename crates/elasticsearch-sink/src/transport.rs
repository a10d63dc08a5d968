//! A connection's settings: credentials, TLS, proxy.
//!
//! Public authorities are compiled in (Mozilla's list); those of `ssl.certificate_authorities` are trusted besides them.

use elasticsearch::auth::Credentials;
use elasticsearch::cert::{Certificate, CertificateValidation};
use elasticsearch::http::transport::{SingleNodeConnectionPool, Transport, TransportBuilder};
use url::Url;

use crate::config::{ElasticsearchConfig, Mistakes, SslConfig, VerificationMode};

/// A transport for one host; what can not be prepared is noted.
pub(crate) fn transport(
    config: &ElasticsearchConfig,
    url: &Url,
    credentials: Option<Credentials>,
    proxy: Option<Url>,
    mistakes: &mut Mistakes,
) -> Option<Transport> {
    let mut builder =
        TransportBuilder::new(SingleNodeConnectionPool::new(url.clone())).enable_meta_header(false);
    if let Some(credentials) = credentials {
        builder = builder.auth(credentials);
    }
    if let Some(validation) = validation(&config.ssl, mistakes) {
        builder = builder.cert_validation(validation);
    }
    if config.proxy_disable {
        builder = builder.disable_proxy();
    } else if let Some(mut proxy) = proxy {
        let (user, password) = (proxy.username().to_owned(), proxy.password().map(ToOwned::to_owned));
        if proxy.set_username("").and_then(|()| proxy.set_password(None)).is_err() {
            mistakes.add("proxy_url", "names no host: write http://host:port");
        }
        let user = (!user.is_empty()).then_some(user);
        builder = builder.proxy(proxy, user.as_deref(), password.as_deref());
    }
    mistakes.take("hosts", builder.build().map_err(|error| format!("no connection can be prepared: {error}")))
}

fn validation(ssl: &SslConfig, mistakes: &mut Mistakes) -> Option<CertificateValidation> {
    if ssl.verification_mode == VerificationMode::None {
        return Some(CertificateValidation::None);
    }
    let mut chain = Vec::new();
    for file in &ssl.certificate_authorities {
        let pem = std::fs::read(file).map_err(|error| format!("{} can not be read: {error}", file.display()));
        chain.extend(mistakes.take("ssl.certificate_authorities", pem).unwrap_or_default());
        chain.push(b'\n');
    }
    if ssl.certificate_authorities.is_empty() {
        return None;
    }
    let certificates = Certificate::from_pem(&chain)
        .map_err(|error| format!("no PEM certificate can be read from the files: {error}"));
    mistakes.take("ssl.certificate_authorities", certificates).map(CertificateValidation::Full)
}

/// Warns of settings that let others read along.
pub(crate) fn warn_of_open_doors(config: &ElasticsearchConfig, urls: &[Url], credentials: bool) {
    if config.ssl.verification_mode == VerificationMode::None {
        tracing::warn!(
            "ssl.verification_mode is none: the server's certificate is not checked, events and keys can be read \
             on the way"
        );
    }
    let open = |url: &&Url| url.scheme() == "http" && !url.host().is_some_and(|host| is_loopback(&host));
    if let Some(url) = urls.iter().find(open).filter(|_| credentials) {
        tracing::warn!(%url, "credentials are sent without TLS: write https://");
    }
}

fn is_loopback(host: &url::Host<&str>) -> bool {
    match host {
        url::Host::Domain(name) => *name == "localhost",
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    }
}
