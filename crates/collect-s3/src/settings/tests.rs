//! Settings, right and wrong.

use event::Dataset;

use super::*;

fn source() -> Arc<Source> {
    Arc::new(Source::new("s", Dataset::new("a.b").unwrap()))
}

fn resolve(value: serde_json::Value) -> Result<S3Config, String> {
    let settings: S3Settings = serde_json::from_value(value).unwrap();
    settings.resolve(source()).map_err(|mistakes| {
        let told: Vec<_> =
            mistakes.iter().map(|mistake| format!("{}: {}", mistake.key, mistake.message)).collect();
        told.join("; ")
    })
}

const QUEUE: &str = "https://sqs.eu-central-1.amazonaws.com/123456789012/audit";

#[test]
fn defaults_are_those_of_the_known_integration() {
    let config = resolve(serde_json::json!({ "queue_url": QUEUE })).unwrap();
    let Origin::Queue(queue) = &config.origin else { panic!("a queue") };
    assert_eq!((queue.visibility_timeout.as_secs(), queue.max_receive_count, config.workers), (300, 5, 5));
    assert_eq!(config.access.api_timeout.as_secs(), 120);
    assert_eq!(config.access.region.as_deref(), Some("eu-central-1"));
    let config = resolve(serde_json::json!({ "bucket_arn": "arn:aws-us-gov:s3:::audit" })).unwrap();
    let Origin::Bucket(bucket) = &config.origin else { panic!("a bucket") };
    assert_eq!((&*bucket.name, &*bucket.prefix, bucket.interval.as_secs()), ("audit", "", 120));
    assert_eq!(config.access.region, None, "the environment says it");
}

#[test]
fn buckets_have_several_names() {
    let point = "arn:aws:s3:eu-west-1:123456789012:accesspoint/mine";
    for (key, given, name, region) in [
        ("bucket_arn", "plain-name", "plain-name", None),
        ("access_point_arn", point, point, Some("eu-west-1")),
        ("access_point_arn", "mine-abc123-s3alias", "mine-abc123-s3alias", None),
    ] {
        let config = resolve(serde_json::json!({ key: given })).unwrap();
        let Origin::Bucket(bucket) = &config.origin else { panic!("a bucket") };
        assert_eq!((&*bucket.name, config.access.region.as_deref()), (name, region));
    }
}

#[test]
fn mistakes_name_key_and_cure_but_no_secret() {
    for (value, part) in [
        (serde_json::json!({}), ": names neither a bucket nor a queue: give one of bucket_arn"),
        (
            serde_json::json!({"bucket_arn": "arn:aws:s3:::b12", "queue_url": QUEUE}),
            "queue_url: is given beside bucket_arn: a source has one of the two",
        ),
        (
            serde_json::json!({"bucket_arn": "b12", "access_point_arn": "x-s3alias"}),
            "access_point_arn: is given beside bucket_arn",
        ),
        (
            serde_json::json!({"bucket_arn": "b12", "start_timestamp": "2999-01-01T00:00:00Z"}),
            "start_timestamp: 2999-01-01T00:00:00Z is in the future, so nothing would be read: write a time",
        ),
        (serde_json::json!({"bucket_arn": "arn:aws:sqs:::x"}), "is no bucket"),
        (serde_json::json!({"access_point_arn": "arn:aws:s3::1:accesspoint/m.mrap"}), "multi-Region"),
        (serde_json::json!({"access_point_arn": "b12"}), "is no access point"),
        (serde_json::json!({"queue_url": "audit"}), "queue_url: is no address"),
        (serde_json::json!({"queue_url": QUEUE, "bucket_list_prefix": "x"}), "this source reads a queue"),
        (serde_json::json!({"bucket_arn": "b12", "visibility_timeout": "1m"}), "this source lists a bucket"),
        (serde_json::json!({"queue_url": QUEUE, "visibility_timeout": "13h"}), "from 2s to 12h"),
        (serde_json::json!({"queue_url": QUEUE, "access_key_id": "hushhush"}), "lacks secret_access_key"),
        (serde_json::json!({"queue_url": QUEUE, "secret_access_key": "hushhush"}), "lacks access_key_id"),
        (
            serde_json::json!({"queue_url": QUEUE, "access_key_id": "hushhush", "access_key_id_file": "/x"}),
            "keep one of the two",
        ),
        (
            serde_json::json!({"queue_url": QUEUE, "access_key_id_file": "/no/such", "secret_access_key": "hushhush"}),
            "access_key_id_file: /no/such can not be read",
        ),
        (serde_json::json!({"queue_url": QUEUE, "file_selectors": [{"regex": "("}]}), "[(] is no expression"),
        (serde_json::json!({"queue_url": QUEUE, "number_of_workers": 0}), "from 1 to 100"),
        (serde_json::json!({"bucket_arn": "b12", "api_timeout": "1s"}), "api_timeout: must be 2s or more"),
        (serde_json::json!({"queue_url": QUEUE, "external_id": "x"}), "goes with role_arn"),
        (
            serde_json::json!({"queue_url": QUEUE, "fips_enabled": true, "endpoint": "http://x"}),
            "fips_enabled: is given beside endpoint",
        ),
        (
            serde_json::json!({"access_point_arn": "arn:aws:s3:eu-west-1:1:accesspoint/x", "path_style": true}),
            "path_style: does not go with the ARN",
        ),
        (
            serde_json::json!({"access_point_arn": "arn:aws:s3-outposts:eu-west-1:1:outpost/x"}),
            "is no access point",
        ),
        (serde_json::json!({"queue_url": QUEUE, "proxy_url": "hushhush"}), "proxy_url: is no address"),
        (serde_json::json!({"queue_url": QUEUE, "endpoint": "nowhere"}), "endpoint: is no address"),
    ] {
        let told = resolve(value.clone()).unwrap_err();
        assert!(told.contains(part) && !told.contains("hushhush"), "{value}: {told}");
    }
}

#[test]
fn the_documentation_has_every_key() {
    let text = include_str!("../../../../docs/s3.md");
    let error = serde_json::from_value::<S3Settings>(serde_json::json!({ "no such key": 1 }))
        .unwrap_err()
        .to_string();
    let known: Vec<&str> = error.split('`').skip(3).step_by(2).collect();
    assert!(known.len() > 30, "{error}");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let mut documented: Vec<&str> = rows.map(|(key, _)| key).collect();
    let mut known = known;
    known.sort_unstable();
    documented.sort_unstable();
    assert_eq!(documented, known);
}
