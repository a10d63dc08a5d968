//! The settings as they are written, by the names that they have in the Elastic ecosystem, and what is wrong with
//! them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use collect::Mistake;
use event::{Secret, SecretPlace, Source};
use jiff::Timestamp;
use jiff::fmt::serde::unsigned_duration::friendly::compact;
use regex::Regex;
use serde::Deserialize;

use crate::Selection;
use crate::config::{Access, Bucket, Keys, Origin, Queue, S3Config};

/// The longest time that SQS hides a message.
const LONGEST_VISIBILITY: Duration = Duration::from_secs(12 * 3600);

/// All settings of a source. `docs/s3.md` says what they do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "each is said in docs/s3.md")]
pub struct S3Settings {
    pub id: Option<String>,
    pub dataset: Option<String>,
    pub namespace: Option<String>,
    pub tags: Option<Vec<String>>,
    pub preserve_original_event: bool,
    pub bucket_arn: Option<String>,
    pub access_point_arn: Option<String>,
    pub queue_url: Option<String>,
    pub bucket_list_prefix: Option<String>,
    #[serde(with = "compact::optional")]
    pub bucket_list_interval: Option<Duration>,
    pub number_of_workers: usize,
    pub file_selectors: Vec<FileSelector>,
    pub start_timestamp: Option<Timestamp>,
    #[serde(with = "compact::optional")]
    pub ignore_older: Option<Duration>,
    #[serde(with = "compact::optional")]
    pub visibility_timeout: Option<Duration>,
    pub max_receive_count: Option<u32>,
    pub allowed_buckets: Vec<String>,
    #[serde(with = "compact::required")]
    pub api_timeout: Duration,
    pub region: Option<String>,
    pub access_key_id: Option<Secret>,
    pub access_key_id_file: Option<PathBuf>,
    pub secret_access_key: Option<Secret>,
    pub secret_access_key_file: Option<PathBuf>,
    pub session_token: Option<Secret>,
    pub session_token_file: Option<PathBuf>,
    pub shared_credential_file: Option<PathBuf>,
    pub credential_profile_name: Option<String>,
    pub role_arn: Option<String>,
    pub external_id: Option<String>,
    pub endpoint: Option<String>,
    pub path_style: bool,
    pub fips_enabled: bool,
    pub proxy_url: Option<Secret>,
    pub max_event_bytes: Option<usize>,
    pub max_inflated_bytes: Option<u64>,
    pub max_ratio: Option<u64>,
}

/// One of `file_selectors`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSelector {
    /// An expression that keys match.
    pub regex: String,
}

impl Default for S3Settings {
    fn default() -> Self {
        Self {
            id: None,
            dataset: None,
            namespace: None,
            tags: None,
            preserve_original_event: false,
            bucket_arn: None,
            access_point_arn: None,
            queue_url: None,
            bucket_list_prefix: None,
            bucket_list_interval: None,
            number_of_workers: 5,
            file_selectors: Vec::new(),
            start_timestamp: None,
            ignore_older: None,
            visibility_timeout: None,
            max_receive_count: None,
            allowed_buckets: Vec::new(),
            api_timeout: Duration::from_secs(120),
            region: None,
            access_key_id: None,
            access_key_id_file: None,
            secret_access_key: None,
            secret_access_key_file: None,
            session_token: None,
            session_token_file: None,
            shared_credential_file: None,
            credential_profile_name: None,
            role_arn: None,
            external_id: None,
            endpoint: None,
            path_style: false,
            fips_enabled: false,
            proxy_url: None,
            max_event_bytes: None,
            max_inflated_bytes: None,
            max_ratio: None,
        }
    }
}

impl S3Settings {
    /// Makes a source of the settings.
    ///
    /// # Errors
    /// Every mistake.
    pub fn resolve(self, source: Arc<Source>) -> Result<S3Config, Vec<Mistake>> {
        let mut mistakes = Mistakes::default();
        let origin = self.origin(&mut mistakes);
        let access = self.access(origin.as_ref(), &mut mistakes);
        let selection = self.selection(&mut mistakes);
        if self.api_timeout < Duration::from_secs(2) {
            mistakes.add("api_timeout", "must be 2s or more");
        }
        if !(1..=100).contains(&self.number_of_workers) {
            mistakes.add("number_of_workers", "must be from 1 to 100");
        }
        let (split, inflate) = collect::limits(self.max_event_bytes, self.max_inflated_bytes, self.max_ratio);
        match origin {
            Some(origin) if mistakes.0.is_empty() => Ok(S3Config {
                source,
                origin,
                access,
                workers: self.number_of_workers,
                selection,
                follow: true,
                split,
                inflate,
            }),
            _ => Err(mistakes.0),
        }
    }

    fn origin(&self, mistakes: &mut Mistakes) -> Option<Origin> {
        let given = [
            ("bucket_arn", &self.bucket_arn),
            ("access_point_arn", &self.access_point_arn),
            ("queue_url", &self.queue_url),
        ];
        let given: Vec<_> =
            given.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?.trim()))).collect();
        match given[..] {
            [("queue_url", url)] => self.queue(url, mistakes),
            [(key, name)] => self.bucket(key, name, mistakes),
            [] => {
                mistakes.add(
                    "",
                    "names neither a bucket nor a queue: give one of bucket_arn, access_point_arn and queue_url",
                );
                None
            }
            [(first, _), (second, _), ..] => {
                mistakes.add(second, format!("is given beside {first}: a source has one of the two"));
                None
            }
        }
    }

    fn bucket(&self, key: &'static str, name: &str, mistakes: &mut Mistakes) -> Option<Origin> {
        let only_queue = [
            ("visibility_timeout", self.visibility_timeout.is_some()),
            ("max_receive_count", self.max_receive_count.is_some()),
            ("allowed_buckets", !self.allowed_buckets.is_empty()),
        ];
        for (key, _) in only_queue.iter().filter(|(_, given)| *given) {
            mistakes.add(key, "is for a queue, and this source lists a bucket: leave it out");
        }
        let interval = self.bucket_list_interval.unwrap_or(Duration::from_secs(120));
        if interval.is_zero() {
            mistakes.add("bucket_list_interval", "must be longer than 0s");
        }
        let name = match key {
            "bucket_arn" => bucket_name(name),
            _ => access_point(name),
        };
        let name = name.map_err(|message| mistakes.add(key, message)).ok()?;
        let prefix = self.bucket_list_prefix.clone().unwrap_or_default();
        Some(Origin::Bucket(Bucket { name, prefix, interval }))
    }

    fn queue(&self, url: &str, mistakes: &mut Mistakes) -> Option<Origin> {
        let only_bucket = [
            ("bucket_list_prefix", self.bucket_list_prefix.is_some()),
            ("bucket_list_interval", self.bucket_list_interval.is_some()),
        ];
        for (key, _) in only_bucket.iter().filter(|(_, given)| *given) {
            mistakes.add(key, "is for listing a bucket, and this source reads a queue: leave it out");
        }
        let visibility_timeout = self.visibility_timeout.unwrap_or(Duration::from_secs(300));
        if !(Duration::from_secs(2)..=LONGEST_VISIBILITY).contains(&visibility_timeout) {
            mistakes.add("visibility_timeout", "must be from 2s to 12h");
        }
        let max_receive_count = self.max_receive_count.unwrap_or(5);
        if max_receive_count == 0 {
            mistakes.add("max_receive_count", "must be 1 or more");
        }
        let is_address = url::Url::parse(url)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.path().len() > 1);
        if !is_address {
            mistakes.add("queue_url", "is no address: write https://sqs.REGION.amazonaws.com/ACCOUNT/NAME");
            return None;
        }
        Some(Origin::Queue(Queue {
            url: url.to_owned(),
            visibility_timeout,
            max_receive_count,
            allowed_buckets: self.allowed_buckets.iter().map(|name| bare(name)).collect(),
        }))
    }

    fn access(&self, origin: Option<&Origin>, mistakes: &mut Mistakes) -> Access {
        let found = match origin {
            Some(Origin::Queue(queue)) => region_of_queue(&queue.url),
            Some(Origin::Bucket(bucket)) => region_of_arn(&bucket.name),
            None => None,
        };
        // A service that is not AWS's own takes any.
        let any = || self.endpoint.as_ref().map(|_| "us-east-1".to_owned());
        if let Some(url) = self.proxy_url.as_ref()
            && url::Url::parse(url.expose()).is_err()
        {
            mistakes.add("proxy_url", "is no address: write http://HOST:PORT");
        }
        if self.endpoint.as_deref().is_some_and(|url| url::Url::parse(url).is_err()) {
            mistakes.add("endpoint", "is no address: write https://HOST:PORT");
        }
        if self.fips_enabled && self.endpoint.is_some() {
            mistakes.add(
                "fips_enabled",
                "is given beside endpoint, which is asked as it stands: keep one of the two",
            );
        }
        if self.path_style
            && matches!(origin, Some(Origin::Bucket(bucket)) if bucket.name.starts_with("arn:"))
        {
            mistakes.add("path_style", "does not go with the ARN of an access point: leave it out");
        }
        if self.external_id.is_some() && self.role_arn.is_none() {
            mistakes.add("external_id", "goes with role_arn, which is not given");
        }
        Access {
            region: self.region.clone().or(found).or_else(any),
            keys: self.keys(mistakes),
            shared_credential_file: self.shared_credential_file.clone(),
            credential_profile_name: self.credential_profile_name.clone(),
            role_arn: self.role_arn.clone(),
            external_id: self.external_id.clone(),
            endpoint: self.endpoint.clone(),
            path_style: self.path_style,
            fips_enabled: self.fips_enabled,
            proxy_url: self.proxy_url.clone(),
            api_timeout: self.api_timeout,
        }
    }

    fn keys(&self, mistakes: &mut Mistakes) -> Option<Keys> {
        let id = mistakes.given(
            "access_key_id",
            &self.access_key_id,
            "access_key_id_file",
            &self.access_key_id_file,
        );
        let secret = mistakes.given(
            "secret_access_key",
            &self.secret_access_key,
            "secret_access_key_file",
            &self.secret_access_key_file,
        );
        let token = mistakes.given(
            "session_token",
            &self.session_token,
            "session_token_file",
            &self.session_token_file,
        );
        match (id, secret, token) {
            (Some(id), Some(secret), token) => {
                if self.credential_profile_name.is_some() || self.shared_credential_file.is_some() {
                    mistakes
                        .add("access_key_id", "is given beside a profile or its file: keep one of the two");
                }
                Some(Keys { id, secret, token })
            }
            (None, None, None) => None,
            (Some(_), None, _) => {
                mistakes.add("access_key_id", "lacks secret_access_key");
                None
            }
            (None, ..) => {
                mistakes.add("", "lacks access_key_id, which goes with secret_access_key and session_token");
                None
            }
        }
    }

    fn selection(&self, mistakes: &mut Mistakes) -> Selection {
        let mut file_selectors = Vec::new();
        for FileSelector { regex } in &self.file_selectors {
            match Regex::new(regex) {
                Ok(regex) => file_selectors.push(regex),
                Err(error) => mistakes.add("file_selectors", format!("[{regex}] is no expression: {error}")),
            }
        }
        if let Some(start) = self.start_timestamp.filter(|start| *start > Timestamp::now()) {
            let message =
                format!("{start} is in the future, so nothing would be read: write a time that is past");
            mistakes.add("start_timestamp", message);
        }
        Selection { file_selectors, start_timestamp: self.start_timestamp, ignore_older: self.ignore_older }
    }
}

#[derive(Default)]
struct Mistakes(Vec<Mistake>);

impl Mistakes {
    fn add(&mut self, key: &'static str, message: impl Into<String>) {
        self.0.push(Mistake { key, message: message.into() });
    }

    /// A secret by value or by file, not both and not empty.
    fn given(
        &mut self,
        key: &'static str,
        value: &Option<Secret>,
        file_key: &'static str,
        file: &Option<PathBuf>,
    ) -> Option<SecretPlace> {
        let place = SecretPlace::of(value.clone(), file_key, file.clone());
        let place = place.map_err(|message| self.add(key, message)).ok().flatten();
        if let Some(SecretPlace::File(file)) = &place {
            self.read(file_key, file);
        }
        place
    }

    fn read(&mut self, key: &'static str, file: &Path) {
        match std::fs::read_to_string(file) {
            Ok(text) if text.trim().is_empty() => self.add(key, format!("{} is empty", file.display())),
            Ok(_) => {}
            Err(error) => self.add(key, format!("{} can not be read: {error}", file.display())),
        }
    }
}

/// The name in a bucket's ARN, or a name as it is.
fn bucket_name(given: &str) -> Result<String, String> {
    let name = bare(given);
    let fits = (3..=255).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    if fits { Ok(name) } else { Err(format!("[{given}] is no bucket: write arn:aws:s3:::NAME, or the name")) }
}

/// What follows `arn:aws:s3:::`, in any partition.
fn bare(given: &str) -> String {
    match given.split(':').collect::<Vec<_>>()[..] {
        ["arn", _, "s3", "", "", name] => name.to_owned(),
        _ => given.to_owned(),
    }
}

fn access_point(given: &str) -> Result<String, String> {
    if let ["arn", _, service, region, _, resource] = given.split(':').collect::<Vec<_>>()[..] {
        let known = matches!(service, "s3" | "s3-outposts" | "s3-object-lambda");
        if known && region.is_empty() {
            return Err(
                "is a multi-Region access point, which is not supported: name a bucket or an access point \
                        of one region"
                    .to_owned(),
            );
        }
        let on_outpost = service == "s3-outposts" && resource.split('/').nth(2) == Some("accesspoint");
        if known && (resource.starts_with("accesspoint/") || on_outpost) {
            return Ok(given.to_owned());
        }
    }
    let is_alias = given.ends_with("-s3alias") && bucket_name(given).is_ok();
    if is_alias {
        return Ok(given.to_owned());
    }
    Err(format!(
        "[{given}] is no access point: write arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME, or its alias"
    ))
}

fn region_of_arn(arn: &str) -> Option<String> {
    arn.strip_prefix("arn:")?.split(':').nth(2).filter(|region| !region.is_empty()).map(str::to_owned)
}

/// `https://sqs.REGION.amazonaws.com/…`, and with FIPS `https://sqs-fips.REGION.…`.
fn region_of_queue(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str()?;
    let (service, rest) = host.split_once('.')?;
    let (region, domain) = rest.split_once('.')?;
    (matches!(service, "sqs" | "sqs-fips") && domain.starts_with("amazonaws.com")).then(|| region.to_owned())
}

#[cfg(test)]
mod tests;
