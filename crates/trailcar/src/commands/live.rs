//! `trailcar demo --live`: polling at work, without a key.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use collect_cencori::Cencori;
use event::{Dataset, Secret, SecretPlace, Source, SourceId};
use jiff::{SignedDuration, Timestamp};
use poll::{Begin, Config as Polled, Service};
use stand_ins::logs::{Form, Logs};
use stand_ins::{Served, StandIn, cursor};
use tokio_util::task::AbortOnDropHandle;

use super::demo::say;
use super::run::serve;
use crate::cli::Outcome;
use crate::config::{Config, SourceConfig};

/// How often each stand-in is asked: 15 times a minute, of the 20 that it takes.
const INTERVAL: Duration = Duration::from_secs(4);

/// The requests that promptfoo's and Cencori's take a minute; Cursor's has its service's limit.
const REQUESTS: usize = 20;

/// How often something happens at one of them.
const PACE: Duration = Duration::from_secs(2);

/// Events of each that have happened before.
const BEFORE: u64 = 40;

/// Every third event shows up so many seconds late.
const LATE: u64 = 15;

/// The only key of Cursor's.
const CURSOR_KEY: &str = "key_0000000000000000000000000000demo";
/// The only token of promptfoo's.
const PROMPTFOO_TOKEN: &str = "promptfoo-token-of-the-demonstration";
/// The only session of Cencori's.
const CENCORI_SESSION: &str = "demonstration";

/// The services, without a network.
#[derive(Clone)]
struct Services {
    cursor: cursor::Service,
    promptfoo: Logs,
    cencori: Logs,
}

/// Runs the stand-ins on loopback, and a sidecar that polls them.
///
/// # Errors
/// What can not be opened.
pub(super) async fn run(mut config: Config) -> anyhow::Result<Outcome> {
    let services = Services::new();
    let [cursor, promptfoo, cencori] = [
        served(services.cursor.clone()).await?,
        served(services.promptfoo.clone()).await?,
        served(services.cencori.clone()).await?,
    ];
    let _happening = AbortOnDropHandle::new(tokio::spawn(services.happen()));
    config.sources = vec![
        SourceConfig::CursorApi(polled("demo-live", "cursor.audit", CURSOR_KEY, &cursor)?),
        SourceConfig::PromptfooApi(polled(
            "demo-live-promptfoo",
            "promptfoo.audit",
            PROMPTFOO_TOKEN,
            &promptfoo,
        )?),
        SourceConfig::CencoriApi(Box::new(Polled {
            service: Cencori { slug: "acme".to_owned(), ..Cencori::default() },
            ..*polled(
                "demo-live-cencori",
                "cencori.audit",
                &format!("Cookie: session={CENCORI_SESSION}"),
                &cencori,
            )?
        })),
    ];
    serve(config, |address| {
        let seconds = INTERVAL.as_secs();
        say(format_args!(
            "New events every few seconds, polled every {seconds} s, are at http://{address}/\nCtrl-C ends the demo."
        ))?;
        Ok(())
    })
    .await
}

async fn served(service: impl StandIn) -> anyhow::Result<Served> {
    Served::start(service).await.context("a stand-in for a service can not listen on loopback")
}

/// A source that polls a stand-in.
fn polled<S: Service>(id: &str, dataset: &str, key: &str, at: &Served) -> anyhow::Result<Box<Polled<S>>> {
    let source = Source {
        id: SourceId::new(id),
        dataset: Dataset::new(dataset)?,
        namespace: "demo".into(),
        tags: vec!["sample".to_owned()],
        preserve_original_event: true,
    };
    Ok(Box::new(Polled {
        url: at.url(),
        begin: Begin::Lookback(Duration::from_secs(3600)),
        interval: INTERVAL,
        proxy_disable: true,
        ..Polled::new(Arc::new(source), SecretPlace::Value(Secret::new(key)))
    }))
}

impl Services {
    fn new() -> Self {
        let (promptfoo, cencori) = (Logs::new(Form::Promptfoo), Logs::new(Form::Cencori));
        promptfoo.set_key(PROMPTFOO_TOKEN);
        cencori.set_key(CENCORI_SESSION);
        for logs in [&promptfoo, &cencori] {
            logs.set_limit(REQUESTS);
        }
        Self { cursor: cursor::Service::new(CURSOR_KEY), promptfoo, cencori }
    }

    /// Lets events happen: some before, then one after the other at one service after the other.
    async fn happen(self) {
        let began = Timestamp::now();
        // Numbers that no earlier demo has used, since its events may still be in the store.
        let mut number = began.as_millisecond().unsigned_abs();
        for at in 1..=BEFORE {
            for kind in 0..3 {
                self.add(kind, number + at, ago(began, at * 60 + kind * 20));
            }
        }
        number += BEFORE + 1;
        let mut pace = tokio::time::interval(PACE);
        loop {
            for kind in 0..3 {
                pace.tick().await;
                let late = if number.is_multiple_of(3) { LATE } else { 0 };
                self.add(kind, number, ago(Timestamp::now(), late));
            }
            number += 1;
        }
    }

    fn add(&self, kind: u64, number: u64, time: Timestamp) {
        match kind {
            0 => self.cursor.add([cursor::sample(number, time)]),
            1 => self.promptfoo.add([Form::Promptfoo.entry(number, time)]),
            _ => self.cencori.add([Form::Cencori.entry(number, time)]),
        }
    }
}

fn ago(time: Timestamp, seconds: u64) -> Timestamp {
    time.saturating_sub(SignedDuration::from_secs(seconds.cast_signed())).unwrap_or(time)
}
