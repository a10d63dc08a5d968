//! `trailcar demo --live`: polling at work, without a key.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use collect_cursor::CursorConfig;
use event::{Dataset, Secret, SecretPlace, Source, SourceId};
use fake_cursor::{Served, Service, sample};
use jiff::{SignedDuration, Timestamp};
use poll::Begin;
use tokio_util::task::AbortOnDropHandle;

use super::demo::say;
use super::run::serve;
use crate::cli::Outcome;
use crate::config::{Config, SourceConfig};

/// How often the stand-in is asked: 15 times a minute, of the 20 that it takes, as the service does.
const INTERVAL: Duration = Duration::from_secs(4);

/// How often something happens there.
const PACE: Duration = Duration::from_secs(2);

/// Events that have happened before.
const BEFORE: u64 = 40;

/// The stand-in's only key.
const KEY: &str = "key_0000000000000000000000000000demo";

/// Runs the stand-in on loopback, and a sidecar that polls it.
///
/// # Errors
/// What can not be opened.
pub(super) async fn run(mut config: Config) -> anyhow::Result<Outcome> {
    let service = Service::new(KEY);
    let served =
        Served::start(service.clone()).await.context("the stand-in for the Admin API can not listen")?;
    let _happening = AbortOnDropHandle::new(tokio::spawn(happen(service)));
    let source = Source {
        id: SourceId::new("demo-live"),
        dataset: Dataset::new("cursor.audit")?,
        namespace: "demo".into(),
        tags: vec!["sample".to_owned()],
        preserve_original_event: true,
    };
    let cursor = CursorConfig {
        url: served.url(),
        begin: Begin::Lookback(Duration::from_secs(3600)),
        interval: INTERVAL,
        proxy_disable: true,
        ..CursorConfig::new(Arc::new(source), SecretPlace::Value(Secret::new(KEY)))
    };
    config.sources = vec![SourceConfig::CursorApi(Box::new(cursor))];
    serve(config, |address| {
        let seconds = INTERVAL.as_secs();
        say(format_args!(
            "New events every few seconds, polled every {seconds} s, are at http://{address}/\nCtrl-C ends the demo."
        ))?;
        Ok(())
    })
    .await
}

/// Lets events happen: some before, then one after the other, every third of which shows up late.
async fn happen(service: Service) {
    let began = Timestamp::now();
    // Numbers that no earlier demo has used, since its events may still be in the store.
    let mut number = began.as_millisecond().unsigned_abs();
    service.add((1..=BEFORE).map(|at| sample(number + at, ago(began, at * 60))));
    number += BEFORE;
    let mut pace = tokio::time::interval(PACE);
    loop {
        pace.tick().await;
        number += 1;
        let late = if number.is_multiple_of(3) { 15 } else { 0 };
        service.add([sample(number, ago(Timestamp::now(), late))]);
    }
}

fn ago(time: Timestamp, seconds: u64) -> Timestamp {
    time.saturating_sub(SignedDuration::from_secs(seconds.cast_signed())).unwrap_or(time)
}
