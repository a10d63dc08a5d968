//! What the tests share.
#![allow(dead_code, reason = "not every test needs all of it")]

use std::sync::Arc;

use collect_cencori::{Cencori, CencoriConfig, Filters};
use event::{Dataset, RawBatch, Secret, SecretPlace, Source};

pub(crate) fn config(url: &str) -> CencoriConfig {
    let source = Source::new("cencori", Dataset::new("cencori.audit").unwrap());
    let key = SecretPlace::Value(Secret::new("Cookie: session=c4n4ry"));
    CencoriConfig {
        url: url.to_owned(),
        service: Cencori { slug: "acme".to_owned(), filters: Filters::default() },
        proxy_disable: true,
        ..CencoriConfig::new(Arc::new(source), key)
    }
}

pub(crate) fn ids(batch: &RawBatch) -> Vec<String> {
    let id = |bytes: &[u8]| {
        let entry: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        entry["id"].as_str().unwrap().to_owned()
    };
    batch.events.iter().map(|event| id(batch.bytes(event))).collect()
}
