//! What the tests share.
#![allow(dead_code, reason = "not every test needs all of it")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use collect_cursor::{CursorConfig, Page, Pages, Query, Trouble, read_page};
use event::{Dataset, RawBatch, Secret, SecretPlace, Source};
use jiff::Timestamp;
use stand_ins::cursor::Service;
use stand_ins::{Request, StandIn};

/// The key of the tests; no real one looks like it.
pub(crate) const KEY: &str = "key_c4n4ry000000000000000000000000000000";

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn config(url: &str) -> CursorConfig {
    let source = Source::new("cursor", Dataset::new("cursor.audit").unwrap());
    CursorConfig {
        url: url.to_owned(),
        proxy_disable: true,
        timeout: Duration::from_secs(20),
        ..CursorConfig::new(Arc::new(source), SecretPlace::Value(Secret::new(KEY)))
    }
}

pub(crate) fn ids(batch: &RawBatch) -> Vec<String> {
    let id = |bytes: &[u8]| {
        let event: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        event["event_id"].as_str().unwrap().to_owned()
    };
    batch.events.iter().map(|event| id(batch.bytes(event))).collect()
}

/// Pages of a service with the key `k`, without a network.
#[derive(Clone)]
pub(crate) struct Direct {
    pub(crate) service: Service,
    pub(crate) page_size: u32,
}

#[async_trait]
impl Pages for Direct {
    async fn page(&self, query: &Query) -> Result<Page, Trouble> {
        let asked = format!(
            "startTime={}&endTime={}&page={}&pageSize={}",
            query.start, query.end, query.page, self.page_size
        );
        let request = Request::new("/teams/audit-logs", &asked).with("authorization", "Basic azo=");
        let reply = self.service.answer(&request);
        assert_eq!(reply.status, 200, "{} for {query:?}", reply.body);
        Ok(read_page(&Bytes::from(reply.body)).unwrap())
    }
}
