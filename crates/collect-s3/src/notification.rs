//! What a message of the queue tells: S3's own event records, wrapped by SNS or not, or an event of EventBridge.

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Wraps inside wraps that are followed.
const DEEPEST: usize = 4;

/// What a message tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notification {
    /// The notification was set up (`s3:TestEvent`).
    Test,
    /// Objects that were created, each once; none when the message tells of other events alone.
    Created(Vec<Noted>),
}

/// An object that was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The name of its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Its entity tag at that time, without quotes.
    pub etag: Option<String>,
}

/// A message that tells of no object in a way that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no notification of S3, SNS or EventBridge: {0}")]
pub struct UnknownForm(String);

/// Reads a message.
///
/// # Errors
/// [`UnknownForm`] says what is wrong with it.
pub fn parse(body: &str) -> Result<Notification, UnknownForm> {
    let value = serde_json::from_str(body).map_err(|error| UnknownForm(format!("no JSON: {error}")))?;
    read(&value, DEEPEST)
}

fn read(value: &Value, depth: usize) -> Result<Notification, UnknownForm> {
    if let Some(records) = value.get("Records").and_then(Value::as_array) {
        return records_of(records, depth);
    }
    if value["Event"] == "s3:TestEvent" {
        return Ok(Notification::Test);
    }
    if value["source"] == "aws.s3" {
        return event_bridge(value);
    }
    match value["Message"].as_str() {
        Some(message) if depth > 0 => {
            let inner = serde_json::from_str(message)
                .map_err(|error| UnknownForm(format!("the Message inside is no JSON: {error}")))?;
            read(&inner, depth - 1)
        }
        Some(_) => Err(UnknownForm("too many wraps".to_owned())),
        None => Err(UnknownForm("it has neither Records nor Message nor detail".to_owned())),
    }
}

fn records_of(records: &[Value], depth: usize) -> Result<Notification, UnknownForm> {
    let mut objects = Vec::new();
    for record in records {
        // As a Lambda function would get it from SNS.
        if record["EventSource"] == "aws:sns" {
            if depth == 0 {
                return Err(UnknownForm("too many wraps".to_owned()));
            }
            if let Notification::Created(more) = read(&record["Sns"], depth - 1)? {
                more.into_iter().for_each(|object| add(&mut objects, object));
            }
            continue;
        }
        let name = record["eventName"].as_str();
        let name = name.ok_or_else(|| UnknownForm("a record has no eventName".to_owned()))?;
        if !name.strip_prefix("s3:").unwrap_or(name).starts_with("ObjectCreated:") {
            continue;
        }
        let object = object(&record["s3"], decoded)?;
        add(&mut objects, object);
    }
    Ok(Notification::Created(objects))
}

/// Keys of EventBridge are as they are.
fn event_bridge(value: &Value) -> Result<Notification, UnknownForm> {
    if value["detail-type"] != "Object Created" {
        return Ok(Notification::Created(Vec::new()));
    }
    object(&value["detail"], |key| Ok(key.to_owned())).map(|object| Notification::Created(vec![object]))
}

fn object(value: &Value, key: impl Fn(&str) -> Result<String, UnknownForm>) -> Result<Noted, UnknownForm> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let bucket = text(&value["bucket"]["name"]);
    let bucket = bucket.ok_or_else(|| UnknownForm("a record names no bucket".to_owned()))?;
    let object = &value["object"];
    let written = text(&object["key"]).ok_or_else(|| UnknownForm("a record names no key".to_owned()))?;
    let etag = text(&object["eTag"]).or_else(|| text(&object["etag"]));
    Ok(Noted { bucket, key: key(&written)?, etag: etag.map(|etag| etag.trim_matches('"').to_owned()) })
}

/// Keys in S3's records are encoded as in a form: `+` is a space.
fn decoded(key: &str) -> Result<String, UnknownForm> {
    let spaced = key.replace('+', " ");
    let key = percent_decode_str(&spaced).decode_utf8();
    key.map(Into::into).map_err(|error| UnknownForm(format!("a key is no UTF-8: {error}")))
}

fn add(objects: &mut Vec<Noted>, object: Noted) {
    match objects.iter_mut().find(|other| other.bucket == object.bucket && other.key == object.key) {
        // The later record tells of the later content.
        Some(same) => same.etag = object.etag,
        None => objects.push(object),
    }
}

#[cfg(test)]
mod tests;
