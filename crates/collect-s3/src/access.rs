//! Clients of S3 and SQS: credentials, region, endpoint, proxy, time limits.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_s3::config::{ResponseChecksumValidation, SharedHttpClient, StalledStreamProtectionConfig};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Builder, Connector, tls};
use event::{Secret, SecretPlace};
use percent_encoding::percent_decode_str;

use crate::config::{Access, Keys};

/// Attempts at one call before it counts as failed.
const ATTEMPTS: u32 = 3;
/// Where a machine asks for its own credentials: never through a proxy.
const LINK_LOCAL: &str = "169.254.169.254,169.254.170.2,169.254.170.23";

/// What talks to AWS.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
}

impl Clients {
    /// Reads what the environment says about credentials and region; asks nobody for them yet.
    pub(crate) async fn new(access: &Access) -> Self {
        let shared = shared(access).await;
        let mut s3 = aws_sdk_s3::config::Builder::from(&shared)
            .force_path_style(access.path_style)
            .use_arn_region(true)
            // Streams are read on from the middle, of which there is no checksum; gzip has its own.
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            // The next bytes of a body have a time limit of their own.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        let mut sqs = aws_sdk_sqs::config::Builder::from(&shared);
        if let Some(endpoint) = &access.endpoint {
            s3 = s3.endpoint_url(endpoint);
            sqs = sqs.endpoint_url(endpoint);
        }
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            sqs: aws_sdk_sqs::Client::from_conf(sqs.build()),
        }
    }
}

async fn shared(access: &Access) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client(access.proxy_url.as_ref()))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(access.api_timeout.min(Duration::from_secs(10)))
                .operation_attempt_timeout(access.api_timeout)
                .build(),
        );
    if let Some(region) = &access.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(file) = &access.shared_credential_file {
        let files = EnvConfigFiles::builder()
            .include_default_config_file(true)
            .with_file(EnvConfigFileKind::Credentials, file)
            .build();
        loader = loader.profile_files(files);
    }
    if let Some(name) = &access.credential_profile_name {
        loader = loader.profile_name(name);
    }
    if access.fips_enabled {
        loader = loader.use_fips(true);
    }
    if let Some(keys) = &access.keys {
        loader = loader.credentials_provider(keys.clone());
    }
    let shared = loader.load().await;
    match &access.role_arn {
        Some(role) => assume(role, access.external_id.as_deref(), shared).await,
        None => shared,
    }
}

/// The same with the credentials of a role, which are asked for with those that were there.
async fn assume(role: &str, external_id: Option<&str>, shared: SdkConfig) -> SdkConfig {
    let mut builder = AssumeRoleProvider::builder(role).session_name("trailcar").configure(&shared);
    if let Some(id) = external_id {
        builder = builder.external_id(id);
    }
    let provider = match shared.credentials_provider() {
        Some(own) => builder.build_from_provider(own).await,
        None => builder.build().await,
    };
    shared.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}

fn http_client(proxy: Option<&Secret>) -> SharedHttpClient {
    let proxy = proxy.and_then(explicit).unwrap_or_else(ProxyConfig::from_env);
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .proxy_config(proxy.clone());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.build()
    })
}

/// The proxy of an address; a name and password in it are sent to it and stand in no message.
fn explicit(address: &Secret) -> Option<ProxyConfig> {
    let mut url = url::Url::parse(address.expose()).ok()?;
    let part = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = (part(url.username()), url.password().map(part));
    // An address that can have neither has none to take out.
    let _none = url.set_username("").and_then(|()| url.set_password(None));
    let proxy = ProxyConfig::all(url.as_str()).ok()?.no_proxy(LINK_LOCAL);
    Some(match (user.is_empty(), password) {
        (true, None) => proxy,
        (_, password) => proxy.with_basic_auth(user, password.unwrap_or_default()),
    })
}

impl ProvideCredentials for Keys {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(self.read())
    }
}

impl Keys {
    fn read(&self) -> Result<Credentials, CredentialsError> {
        let token = self.token.as_ref().map(read).transpose()?;
        Ok(Credentials::new(read(&self.id)?, read(&self.secret)?, token, None, "trailcar"))
    }
}

fn read(place: &SecretPlace) -> Result<String, CredentialsError> {
    match place {
        SecretPlace::Value(secret) => Ok(secret.expose().to_owned()),
        SecretPlace::File(file) => {
            std::fs::read_to_string(file).map(|text| text.trim().to_owned()).map_err(|error| {
                CredentialsError::provider_error(format!("{} can not be read: {error}", file.display()))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_again_and_nothing_is_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let keys = Keys {
            id: SecretPlace::Value(Secret::new("AKIA")),
            secret: SecretPlace::File(file.path().to_owned()),
            token: None,
        };
        for secret in ["hushhush", "hushhushhush"] {
            std::fs::write(file.path(), format!("{secret}\n")).unwrap();
            assert_eq!(keys.read().unwrap().secret_access_key(), secret);
            assert!(!format!("{:?} {keys:?}", keys.read()).contains("hushhush"));
        }
        drop(file);
        assert!(keys.read().is_err());
    }
}
