//! Log lines for machines, by <https://www.elastic.co/docs/reference/ecs/logging/intro>.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::fields::{Fields, escape};

/// The version of the schema that these lines follow.
const ECS_VERSION: &str = "8.17.0";

pub(super) struct Ecs;

impl<S, N> FormatEvent<S, N> for Ecs
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let object = object(event.metadata(), Fields::of(event), Timestamp::now());
        writeln!(out, "{}", Value::Object(object))
    }
}

fn object(metadata: &Metadata<'_>, fields: Fields, now: Timestamp) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |key: String, value: Value| drop(object.insert(key, clean(value)));
    put("@timestamp".to_owned(), format!("{now:.3}").into());
    put("log.level".to_owned(), metadata.level().as_str().to_lowercase().into());
    put("message".to_owned(), fields.message.into());
    put("ecs.version".to_owned(), ECS_VERSION.into());
    put("event.dataset".to_owned(), "trailcar.log".into());
    put("service.name".to_owned(), "trailcar".into());
    put("service.version".to_owned(), env!("CARGO_PKG_VERSION").into());
    put("process.pid".to_owned(), std::process::id().into());
    put("log.logger".to_owned(), metadata.target().into());
    for (name, value) in fields.rest {
        put(key(name), value);
    }
    object
}

/// Fields that the schema has go by its names; the others are the program's own.
fn key(name: &str) -> String {
    match name {
        "error" | "reason" => "error.message".to_owned(),
        "file" | "location" => "log.file.path".to_owned(),
        "offset" => "log.offset".to_owned(),
        dotted if dotted.contains('.') => dotted.to_owned(),
        own => format!("trailcar.{own}"),
    }
}

fn clean(value: Value) -> Value {
    match value {
        Value::String(text) => escape(&text).into(),
        other => other,
    }
}
