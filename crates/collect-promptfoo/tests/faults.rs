//! The service over HTTP, and everything that can go wrong with it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

use std::sync::Arc;
use std::time::Duration;

use collect_promptfoo::{Client, Filters, Promptfoo, PromptfooCollector, PromptfooConfig};
use event::{Checkpoint, CollectError, Collector, Dataset, RawBatch, Secret, SecretPlace, Source};
use jiff::{SignedDuration, Timestamp};
use poll::{Begin, Clock, Until};
use stand_ins::logs::{Form, Logs};
use stand_ins::{Fault, PageFault, Served};

const TOKEN: &str = "c4n4ry-token-of-the-tests";

fn config(url: &str) -> PromptfooConfig {
    let source = Source::new("promptfoo", Dataset::new("promptfoo.audit").unwrap());
    PromptfooConfig {
        url: url.to_owned(),
        until: Until::Now,
        proxy_disable: true,
        ..PromptfooConfig::new(Arc::new(source), SecretPlace::Value(Secret::new(TOKEN)))
    }
}

async fn served(entries: u64) -> (Logs, Served) {
    let logs = Logs::new(Form::Promptfoo);
    let now = Timestamp::now();
    logs.add((0..entries).map(|n| Form::Promptfoo.entry(n, now - SignedDuration::from_mins(n as i64 + 1))));
    let served = Served::start(logs.clone()).await.unwrap();
    (logs, served)
}

fn open(config: PromptfooConfig, checkpoint: Option<Checkpoint>) -> PromptfooCollector<Client> {
    let client = Client::new(&config, Arc::new(poll::allowances::<Promptfoo>())).unwrap();
    PromptfooCollector::new(config, checkpoint, client, Clock::system()).unwrap()
}

fn ids(batch: &RawBatch) -> Vec<String> {
    let id = |bytes: &[u8]| {
        let entry: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        entry["id"].as_str().unwrap().to_owned()
    };
    batch.events.iter().map(|event| id(batch.bytes(event))).collect()
}

/// What an error says, and whether somebody has to act.
fn told(error: CollectError) -> (bool, String) {
    match error {
        CollectError::Retry(words) => (false, words),
        CollectError::Fatal(words) => (true, words),
    }
}

#[tokio::test]
async fn every_failure_says_what_to_do_and_moves_nothing() {
    let (logs, served) = served(10).await;
    let mut collector = open(config(&served.url()), None);
    let mark = collector.mark();
    for (fault, lasting, part) in [
        (Fault::Status(400), true, "check action, target and actor_id"),
        (Fault::Status(401), true, "does not take the token (401, as the test wants it): it is wrong"),
        (Fault::Status(403), true, "no administrator of the organization"),
        (Fault::Status(404), true, "without /api/v1/audit-logs"),
        (Fault::Status(500), false, "the service fails (500"),
        (Fault::Redirect("https://evil.example/x".to_owned()), true, "and the token is not sent there"),
        (Fault::WebPage, false, "a web page in place of JSON"),
        (Fault::Page(PageFault::Cut), false, "can not be read (EOF"),
    ] {
        logs.fail([fault.clone()]);
        let (is_lasting, words) = told(collector.next().await.unwrap_err());
        assert_eq!(is_lasting, lasting, "{fault:?}: {words}");
        assert!(words.contains(part) && !words.contains("c4n4ry"), "{fault:?}: {words}");
        assert_eq!(collector.mark(), mark);
    }
    let mut found = ids(&collector.next().await.unwrap().unwrap());
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 10);
    assert!(collector.next().await.unwrap().is_none());
    let asked = logs.asked().pop().unwrap();
    for part in ["/api/v1/audit-logs?createdAtGte=20", "&createdAtLte=20", "&limit=100&offset=0"] {
        assert!(asked.contains(part), "{part} is not in {asked}");
    }
}

#[tokio::test]
async fn both_forms_of_retry_after_are_kept_to() {
    for (value, seconds) in [(Some("7".to_owned()), 7), (None, 60)] {
        let logs = Logs::new(Form::Promptfoo);
        logs.fail([Fault::TooMany(value)]);
        let served = Served::start(logs.clone()).await.unwrap();
        let mut collector = open(config(&served.url()), None);
        let (lasting, words) = told(collector.next().await.unwrap_err());
        assert!(!lasting && words.contains(&format!("Asking again in {seconds} s")), "{words}");
        // The next request waits by itself: it is not made when it is given up.
        assert!(tokio::time::timeout(Duration::from_millis(20), collector.next()).await.is_err());
        assert_eq!(logs.asked().len(), 1);
    }
    let logs = Logs::new(Form::Promptfoo);
    let until = Timestamp::now() + SignedDuration::from_secs(90);
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&until).unwrap();
    logs.fail([Fault::TooMany(Some(date))]);
    let served = Served::start(logs.clone()).await.unwrap();
    let (_, words) = told(open(config(&served.url()), None).next().await.unwrap_err());
    let wait: u64 = words.rsplit("again in ").next().unwrap().trim_end_matches(" s").parse().unwrap();
    assert!((60..=90).contains(&wait), "{words}");
}

#[tokio::test]
async fn a_new_token_in_the_file_is_taken_up() {
    let (logs, served) = served(10).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    let key = SecretPlace::File(file.clone());
    let mut collector = open(PromptfooConfig { key, ..config(&served.url()) }, None);
    let (lasting, words) = told(collector.next().await.unwrap_err());
    assert!(lasting && words.contains("token_file") && words.contains("can not be read"), "{words}");
    for (written, part) in [("\n", "the token is empty"), ("a\nb", "a line break"), ("revoked", "(401")] {
        std::fs::write(&file, written).unwrap();
        let (lasting, words) = told(collector.next().await.unwrap_err());
        assert!(lasting && words.contains(part), "{words}");
    }
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    assert_eq!(ids(&collector.next().await.unwrap().unwrap()).len(), 10);
    logs.set_key("another-token-of-the-tests");
}

#[tokio::test]
async fn filters_are_asked_for() {
    let (logs, served) = served(70).await;
    let filters = Filters {
        action: Some("login".to_owned()),
        target: Some("USER".to_owned()),
        actor_id: Some("ada".to_owned()),
    };
    let asking = PromptfooConfig { service: Promptfoo { filters }, ..config(&served.url()) };
    assert_eq!(ids(&open(asking, None).next().await.unwrap().unwrap()).len(), 2);
    let asked = logs.asked().concat();
    assert!(asked.contains("&action=login&target=USER&actorId=ada"), "{asked}");
}

#[tokio::test]
async fn entries_between_pages_and_restarts_come_once() {
    for restart in [false, true] {
        for reversed in [false, true] {
            let (logs, served) = served(25).await;
            if reversed {
                logs.reverse();
            }
            let now = Timestamp::now();
            // Within the window, between any two of its pages, twice; and late.
            let late = |n: u64| Form::Promptfoo.entry(100 + n, now - SignedDuration::from_mins(5 + n as i64));
            logs.arrive([vec![late(1)], vec![], vec![late(2), late(3)], vec![], vec![late(4)]]);
            let small = PromptfooConfig { page_size: 4, ..config(&served.url()) };
            let mut collector = open(small.clone(), None);
            let mut found = Vec::new();
            while let Some(batch) = collector.next().await.unwrap() {
                found.extend(ids(&batch));
                // A run that only completes a window has to be let come to its end.
                if restart && !batch.events.is_empty() {
                    collector = open(small.clone(), Some(batch.checkpoint));
                }
            }
            let count = found.len();
            found.sort();
            found.dedup();
            assert_eq!(found.len(), 29, "restart {restart}, reversed {reversed}");
            // A restart forgets which of the pages of one reading it has seen, not what was handed out near the mark.
            assert!(restart || count == 29, "{count} of 29, reversed {reversed}");
        }
    }
}

#[tokio::test]
async fn a_long_range_is_read_in_windows() {
    let logs = Logs::new(Form::Promptfoo);
    let now = Timestamp::now();
    let day = |n: u64| now - SignedDuration::from_hours(24 * n as i64);
    logs.add((1..=100).map(|n| Form::Promptfoo.entry(n, day(n))));
    let served = Served::start(logs.clone()).await.unwrap();
    let range =
        PromptfooConfig { begin: Begin::At(day(101)), until: Until::At(now), ..config(&served.url()) };
    let mut collector = open(range, None);
    let mut found = Vec::new();
    while let Some(batch) = collector.next().await.unwrap() {
        found.extend(ids(&batch));
    }
    assert_eq!(found.len(), 100);
    assert_eq!(logs.asked().len(), 4);
}

#[tokio::test]
async fn a_check_says_what_the_service_says() {
    let (logs, served) = served(3).await;
    let config = config(&served.url());
    let ask = || poll::ask(&config, Arc::new(poll::allowances::<Promptfoo>()));
    assert_eq!(ask().await.unwrap().events, Ok(Some(3)));
    logs.fail([Fault::Status(403)]);
    assert!(ask().await.unwrap().events.unwrap_err().to_string().contains("403"));
}
