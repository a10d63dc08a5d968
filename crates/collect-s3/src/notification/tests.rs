//! All forms of messages, and everything else.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn record(name: &str, key: &str) -> Value {
    json!({
        "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": name,
        "s3": {"bucket": {"name": "b"}, "object": {"key": key, "size": 3, "eTag": "e1"}},
    })
}

fn keys(body: &Value) -> Vec<String> {
    match parse(&body.to_string()) {
        Ok(Notification::Created(objects)) => objects.into_iter().map(|object| object.key).collect(),
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn all_wrappings_tell_the_same() {
    let records = json!({"Records": [record("ObjectCreated:Put", "2026/11/28/a.jsonl.gz")]});
    let sns = json!({"Type": "Notification", "TopicArn": "t", "Message": records.to_string()});
    let twice = json!({"Message": sns.to_string()});
    let lambda = json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": records.to_string()}}]});
    let bridge = json!({
        "version": "0", "source": "aws.s3", "detail-type": "Object Created",
        "detail": {"bucket": {"name": "b"}, "object": {"key": "2026/11/28/a.jsonl.gz", "etag": "e1"}},
    });
    let expected = Noted { bucket: "b".into(), key: "2026/11/28/a.jsonl.gz".into(), etag: Some("e1".into()) };
    for body in [records, sns, twice, lambda, bridge] {
        assert_eq!(parse(&body.to_string()), Ok(Notification::Created(vec![expected.clone()])), "{body}");
    }
}

#[test]
fn keys_are_decoded_as_s3_encodes_them() {
    for (encoded, key) in [
        ("a+b.gz", "a b.gz"),
        ("a%2Bb.gz", "a+b.gz"),
        ("2026%2F11%2F28%2Fx", "2026/11/28/x"),
        ("%C3%BC%25", "ü%"),
        ("%zz", "%zz"),
    ] {
        assert_eq!(keys(&json!({"Records": [record("ObjectCreated:Put", encoded)]})), [key]);
    }
    let bridge = json!({
        "source": "aws.s3", "detail-type": "Object Created",
        "detail": {"bucket": {"name": "b"}, "object": {"key": "a+b%2Bc"}},
    });
    assert_eq!(keys(&bridge), ["a+b%2Bc"]);
}

#[test]
fn only_creation_counts_and_each_object_once() {
    let created = ["ObjectCreated:Put", "s3:ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload"];
    let mut records: Vec<_> =
        created.iter().zip(["a", "b", "a"]).map(|(name, key)| record(name, key)).collect();
    records.push(record("ObjectRemoved:Delete", "c"));
    records.push(record("ObjectTagging:Put", "d"));
    assert_eq!(keys(&json!({ "Records": records })), ["a", "b"]);
    assert!(keys(&json!({"Records": []})).is_empty());
    assert!(keys(&json!({"source": "aws.s3", "detail-type": "Object Tags Added", "detail": {}})).is_empty());
    let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"});
    assert_eq!(parse(&test.to_string()), Ok(Notification::Test));
    let wrapped = json!({"Message": test.to_string()});
    assert_eq!(parse(&wrapped.to_string()), Ok(Notification::Test));
}

#[test]
fn what_is_unknown_says_why() {
    for (body, part) in [
        ("", "no JSON"),
        ("{}", "neither Records nor Message nor detail"),
        ("[]", "neither"),
        (r#"{"Message":"x"}"#, "the Message inside is no JSON"),
        (r#"{"Records":[{}]}"#, "no eventName"),
        (r#"{"Records":[{"eventName":"ObjectCreated:Put"}]}"#, "names no bucket"),
        (
            r#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"%ff"}}}]}"#,
            "no UTF-8",
        ),
        (r#"{"source":"aws.s3","detail-type":"Object Created"}"#, "names no bucket"),
    ] {
        let told = parse(body).unwrap_err().to_string();
        assert!(told.contains(part), "{body}: {told}");
    }
    let mut deep = json!({"Records": []});
    for _ in 0..10 {
        deep = json!({"Message": deep.to_string()});
    }
    assert!(parse(&deep.to_string()).unwrap_err().to_string().contains("too many wraps"));
}

/// Any JSON, with the words that the parser looks for in all places.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("Records"),
        Just("Message"),
        Just("Sns"),
        Just("eventName"),
        Just("EventSource"),
        Just("aws:sns"),
        Just("s3"),
        Just("bucket"),
        Just("name"),
        Just("object"),
        Just("key"),
        Just("source"),
        Just("aws.s3"),
        Just("detail"),
        Just("detail-type"),
        Just("Object Created"),
        Just("ObjectCreated:Put"),
        Just("Event"),
        Just("s3:TestEvent"),
        Just("%2B+%"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner.clone()), 0..5)
                .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
            inner.prop_map(|value| json!({"Message": value.to_string()})),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_has_an_answer(value in any_json()) {
        if let Ok(Notification::Created(objects)) = parse(&value.to_string()) {
            for (at, object) in objects.iter().enumerate() {
                prop_assert!(!object.bucket.is_empty());
                let again = objects[..at].iter().any(|other| (&other.bucket, &other.key) == (&object.bucket, &object.key));
                prop_assert!(!again);
            }
        }
    }

    #[test]
    fn any_text_has_an_answer(text in ".*") {
        let _any = parse(&text);
    }

    #[test]
    fn every_key_comes_back(key in "[^\u{0}]{1,40}") {
        let encoded: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        prop_assert_eq!(keys(&json!({"Records": [record("ObjectCreated:Put", &encoded)]})), [key]);
    }
}
