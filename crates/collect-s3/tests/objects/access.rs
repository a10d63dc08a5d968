//! With which credentials, and at which address, AWS is asked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use collect_s3::{S3Config, S3Settings};
use event::{Dataset, Secret, Source};
use testkit::aws::{FakeAws, Signer};
use testkit::moto::Moto;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::world::{BUCKET, Got, collector, lines, now};

fn resolve(settings: S3Settings) -> S3Config {
    let source = Source::new("s3", Dataset::new("a.b").unwrap());
    let config = settings.resolve(Arc::new(source)).unwrap();
    S3Config { follow: false, ..config }
}

/// A bucket of the fake, without credentials.
fn at(aws: &FakeAws) -> S3Settings {
    aws.put(BUCKET, "x", lines("x", 1), now());
    S3Settings {
        bucket_arn: Some(BUCKET.to_owned()),
        region: Some("us-east-1".to_owned()),
        endpoint: Some(aws.url()),
        path_style: true,
        ..S3Settings::default()
    }
}

fn file(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Reads all there is; whose credentials that was signed with.
async fn signer(aws: &FakeAws, settings: S3Settings) -> Signer {
    let before = aws.signers().len();
    let mut got = Got::default();
    got.drain(collector(resolve(settings))).await;
    assert_eq!((got.names(), got.errors.len()), (vec!["x-0"], 0), "{:?}", got.errors);
    let signers = aws.signers().split_off(before);
    assert!(signers.len() >= 2 && signers.iter().all(|signer| *signer == signers[0]), "{signers:?}");
    signers[0].clone()
}

fn signed(key: &str, token: Option<&str>) -> Signer {
    Signer { access_key_id: key.to_owned(), session_token: token.map(str::to_owned) }
}

const PROFILES: &str = "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = one\n\
     [audit]\naws_access_key_id = AKIAAUDIT\naws_secret_access_key = two\naws_session_token = a token\n";

#[tokio::test]
async fn credentials_are_those_of_the_settings_or_of_the_profile() {
    let aws = FakeAws::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let profiles = file(directory.path(), "credentials", PROFILES);
    let keys = || S3Settings {
        access_key_id: Some(Secret::new("AKIAGIVEN")),
        secret_access_key_file: Some(file(directory.path(), "secret", "three\n")),
        ..at(&aws)
    };
    let profile = |name: Option<&str>| S3Settings {
        shared_credential_file: Some(profiles.clone()),
        credential_profile_name: name.map(str::to_owned),
        ..at(&aws)
    };
    let token = Some(file(directory.path(), "token", "its token\n"));
    for (settings, expected) in [
        (keys(), signed("AKIAGIVEN", None)),
        (
            S3Settings { session_token: Some(Secret::new("its token")), ..keys() },
            signed("AKIAGIVEN", Some("its token")),
        ),
        (S3Settings { session_token_file: token, ..keys() }, signed("AKIAGIVEN", Some("its token"))),
        (profile(None), signed("AKIADEFAULT", None)),
        (profile(Some("audit")), signed("AKIAAUDIT", Some("a token"))),
    ] {
        assert_eq!(signer(&aws, settings).await, expected);
    }
}

#[tokio::test]
async fn a_profile_or_file_that_is_not_there_is_said() {
    let aws = FakeAws::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    for (file, profile) in [
        (file(directory.path(), "credentials", PROFILES), "nobody"),
        (directory.path().join("none"), "audit"),
    ] {
        let settings = S3Settings {
            shared_credential_file: Some(file),
            credential_profile_name: Some(profile.to_owned()),
            ..at(&aws)
        };
        let told = collect_s3::check(&resolve(settings)).await.remove(0).unwrap_err();
        assert!(told.contains("check access_key_id and secret_access_key, the profile"), "{told}");
        assert!(aws.calls().is_empty());
    }
}

#[tokio::test]
async fn a_role_is_assumed_with_the_credentials_that_are_there() {
    let moto = testkit::require!(Moto::shared());
    let aws = FakeAws::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    // STS is asked where the profile says, S3 where the settings say.
    let profiles = format!("{PROFILES}endpoint_url = {}\n", moto.url());
    let settings = S3Settings {
        shared_credential_file: Some(file(directory.path(), "credentials", &profiles)),
        credential_profile_name: Some("audit".to_owned()),
        role_arn: Some("arn:aws:iam::123456789012:role/audit".to_owned()),
        external_id: Some("trailcar-7".to_owned()),
        ..at(&aws)
    };
    let Signer { access_key_id, session_token } = signer(&aws, settings).await;
    assert!(access_key_id.starts_with("ASIA"), "temporary keys: {access_key_id}");
    assert!(session_token.is_some_and(|token| token != "a token"));
}

/// The first host that a source asks, as a proxy sees it: the proxy lets nothing through.
async fn host(settings: S3Settings) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = S3Settings {
        proxy_url: Some(Secret::new(&format!("http://{}", listener.local_addr().unwrap()))),
        access_key_id: Some(Secret::new("AKIA")),
        secret_access_key: Some(Secret::new("secret")),
        ..settings
    };
    let asked = async {
        let (connection, _) = listener.accept().await.unwrap();
        let mut connection = BufReader::new(connection);
        let mut line = String::new();
        connection.read_line(&mut line).await.unwrap();
        connection.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        line
    };
    let config = resolve(settings);
    let line = tokio::select! {
        line = asked => line,
        found = collect_s3::check(&config) => panic!("it asked nobody: {found:?}"),
    };
    line.strip_prefix("CONNECT ")
        .and_then(|line| line.split_once(":443 "))
        .unwrap_or_else(|| panic!("{line}"))
        .0
        .to_owned()
}

#[tokio::test]
async fn the_host_is_that_of_bucket_access_point_region_and_fips() {
    let bucket = |region: &str| S3Settings {
        bucket_arn: Some("arn:aws:s3:::cursor-audit".to_owned()),
        region: Some(region.to_owned()),
        ..S3Settings::default()
    };
    let point =
        |point: &str| S3Settings { access_point_arn: Some(point.to_owned()), ..S3Settings::default() };
    let arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/mine";
    let queue = |url: &str| S3Settings { queue_url: Some(url.to_owned()), ..S3Settings::default() };
    let queue_url = "https://sqs.us-west-2.amazonaws.com/123456789012/audit";
    let fips = |settings| S3Settings { fips_enabled: true, ..settings };
    for (settings, expected) in [
        (bucket("eu-central-1"), "cursor-audit.s3.eu-central-1.amazonaws.com"),
        (S3Settings { path_style: true, ..bucket("eu-central-1") }, "s3.eu-central-1.amazonaws.com"),
        (fips(bucket("us-east-2")), "cursor-audit.s3-fips.us-east-2.amazonaws.com"),
        (bucket("cn-north-1"), "cursor-audit.s3.cn-north-1.amazonaws.com.cn"),
        (point(arn), "mine-123456789012.s3-accesspoint.eu-west-1.amazonaws.com"),
        (
            fips(point("arn:aws:s3:us-east-1:123456789012:accesspoint/mine")),
            "mine-123456789012.s3-accesspoint-fips.us-east-1.amazonaws.com",
        ),
        // the ARN's region counts, not that of the settings
        (
            S3Settings { region: Some("us-east-1".to_owned()), ..point(arn) },
            "mine-123456789012.s3-accesspoint.eu-west-1.amazonaws.com",
        ),
        (
            S3Settings { region: Some("eu-west-1".to_owned()), ..point("mine-abc123-s3alias") },
            "mine-abc123-s3alias.s3.eu-west-1.amazonaws.com",
        ),
        (
            point(
                "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01ac5d28a6a232904/accesspoint/reports",
            ),
            "reports-123456789012.op-01ac5d28a6a232904.s3-outposts.us-west-2.amazonaws.com",
        ),
        (queue(queue_url), "sqs.us-west-2.amazonaws.com"),
        (fips(queue(queue_url)), "sqs-fips.us-west-2.amazonaws.com"),
        (queue("https://sqs.cn-north-1.amazonaws.com.cn/1/audit"), "sqs.cn-north-1.amazonaws.com.cn"),
        (
            S3Settings { role_arn: Some("arn:aws:iam::1:role/audit".to_owned()), ..queue(queue_url) },
            "sts.us-west-2.amazonaws.com",
        ),
    ] {
        let shown = format!("{settings:?}");
        assert_eq!(host(settings).await, expected, "{shown}");
    }
}
