//! What a source of objects is told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use collect::{InflateLimits, SplitLimits};
use event::{Secret, SecretPlace, Source};

use crate::Selection;

/// A source of objects.
#[derive(Clone, Debug)]
pub struct S3Config {
    /// What its events have in common.
    pub source: Arc<Source>,
    /// Where it hears of objects.
    pub origin: Origin,
    /// How AWS is reached.
    pub access: Access,
    /// Objects (or messages) that are read at once.
    pub workers: usize,
    /// Which objects are read.
    pub selection: Selection,
    /// Whether to go on when everything is read, and wait for more.
    pub follow: bool,
    /// How large events and batches may get.
    pub split: SplitLimits,
    /// How much a compressed object may inflate to.
    pub inflate: InflateLimits,
}

/// Where a source hears of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// By listing a bucket.
    Bucket(Bucket),
    /// From a queue.
    Queue(Queue),
}

/// A bucket that is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name, or the ARN or alias of an access point: what S3 takes as a bucket.
    pub name: String,
    /// Only keys that begin so.
    pub prefix: String,
    /// From one listing to the next.
    pub interval: Duration,
}

/// A queue of notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its address.
    pub url: String,
    /// How long a message stays hidden from others; it is extended as long as work goes on.
    pub visibility_timeout: Duration,
    /// The receive with which a message that can not be worked off goes to quarantine.
    pub max_receive_count: u32,
    /// Buckets whose notifications are taken; empty for all.
    pub allowed_buckets: Vec<String>,
}

/// How AWS is reached. What is not given is found as the AWS SDK does.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Region of the bucket or queue.
    pub region: Option<String>,
    /// Keys, where they are given.
    pub keys: Option<Keys>,
    /// A file of credentials instead of `~/.aws/credentials`.
    pub shared_credential_file: Option<PathBuf>,
    /// The profile in it.
    pub credential_profile_name: Option<String>,
    /// A role to assume.
    pub role_arn: Option<String>,
    /// What its trust policy asks for.
    pub external_id: Option<String>,
    /// Another service than AWS's own.
    pub endpoint: Option<String>,
    /// Buckets in the path, not in the host name.
    pub path_style: bool,
    /// Endpoints with FIPS 140 cryptography.
    pub fips_enabled: bool,
    /// A proxy; otherwise the environment's.
    pub proxy_url: Option<Secret>,
    /// How long one call, or the next bytes of an object, may take.
    pub api_timeout: Duration,
}

/// Static credentials. Files of them are read again when credentials are renewed.
#[derive(Clone, Debug)]
pub struct Keys {
    /// `access_key_id`.
    pub id: SecretPlace,
    /// `secret_access_key`.
    pub secret: SecretPlace,
    /// `session_token`, for temporary ones.
    pub token: Option<SecretPlace>,
}

/// A source of objects that can not start.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    /// Written by another version.
    #[error(
        "the kept position in the bucket has version {found}, this program knows version {known}: run the version \
         that wrote it, or give the source another id to read all objects again"
    )]
    CheckpointVersion {
        /// What the checkpoint says.
        found: String,
        /// What is known.
        known: u64,
    },
    /// Damaged.
    #[error(
        "the kept position in the bucket can not be read, at [{0}]: give the source another id to read all objects \
         again"
    )]
    CheckpointForm(String),
}
