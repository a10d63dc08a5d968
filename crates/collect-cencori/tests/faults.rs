//! The route over HTTP, and everything that can go wrong with it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

mod support;

use std::sync::Arc;

use collect_cencori::{Cencori, CencoriCollector, CencoriConfig, Client, Filters};
use event::{Checkpoint, CollectError, Collector, Secret, SecretPlace};
use jiff::{SignedDuration, Timestamp};
use poll::{Begin, Clock, Until};
use stand_ins::logs::{Form, Logs};
use stand_ins::{Fault, PageFault, Served};
use support::{config, ids};

async fn served(entries: u64) -> (Logs, Served) {
    let logs = Logs::new(Form::Cencori);
    let now = Timestamp::now();
    logs.add((0..entries).map(|n| Form::Cencori.entry(n, now - SignedDuration::from_mins(n as i64 + 1))));
    let served = Served::start(logs.clone()).await.unwrap();
    (logs, served)
}

fn open(config: CencoriConfig, checkpoint: Option<Checkpoint>) -> CencoriCollector<Client> {
    let client = Client::new(&config, Arc::new(poll::allowances::<Cencori>())).unwrap();
    CencoriCollector::new(config, checkpoint, client, Clock::system()).unwrap()
}

fn once(url: &str) -> CencoriConfig {
    CencoriConfig { until: Until::Now, ..config(url) }
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
    let mut collector = open(once(&served.url()), None);
    let mark = collector.mark();
    for (fault, lasting, part) in [
        (Fault::Status(400), true, "check category, project_id and search"),
        (
            Fault::Status(401),
            true,
            "does not take the header (401, as the test wants it): the session has ended",
        ),
        (Fault::Status(403), true, "neither owner nor admin"),
        (Fault::Status(404), true, "check url, the dashboard's address without a path, and slug"),
        (Fault::TooMany(Some("0".to_owned())), false, "Asking again in 0 s"),
        (Fault::Status(502), false, "the service fails (502"),
        (Fault::Redirect("/sign-in".to_owned()), true, "the session has most likely ended"),
        (Fault::WebPage, false, "sign in anew and copy the header again"),
        (Fault::Page(PageFault::Cut), false, "can not be read (EOF"),
    ] {
        logs.fail([fault.clone()]);
        let (is_lasting, words) = told(collector.next().await.unwrap_err());
        assert_eq!(is_lasting, lasting, "{fault:?}: {words}");
        assert!(words.contains(part) && !words.contains("c4n4ry"), "{fault:?}: {words}");
        assert_eq!(collector.mark(), mark);
    }
    assert_eq!(ids(&collector.next().await.unwrap().unwrap()).len(), 10);
    assert!(collector.next().await.unwrap().is_none());
    let asked = logs.asked().pop().unwrap();
    assert_eq!(asked, "/api/organizations/acme/audit-logs?time_range=7d&page=1&per_page=100");
}

#[tokio::test]
async fn a_new_header_in_the_file_is_taken_up() {
    let (_logs, served) = served(10).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("header");
    let key = SecretPlace::File(file.clone());
    let mut collector = open(CencoriConfig { key, ..once(&served.url()) }, None);
    for (written, part) in [
        ("", "the header is empty"),
        ("session=c4n4ry", "the header is no header: write its name, a colon"),
        ("Cookie: session=c4n4ry\nX: y", "a line break"),
        ("Cookie: session=old", "(401"),
    ] {
        std::fs::write(&file, written).unwrap();
        let (lasting, words) = told(collector.next().await.unwrap_err());
        assert!(lasting && words.contains(part) && !words.contains("c4n4ry"), "{words}");
    }
    std::fs::write(&file, "Cookie: session=c4n4ry\n").unwrap();
    assert_eq!(ids(&collector.next().await.unwrap().unwrap()).len(), 10);
}

#[tokio::test]
async fn filters_are_asked_for() {
    let (logs, served) = served(3).await;
    let filters = Filters {
        category: Some("member".to_owned()),
        project_id: Some("p 1".to_owned()),
        search: Some("a&b".to_owned()),
    };
    let service = Cencori { slug: "acme".to_owned(), filters };
    let asking = CencoriConfig { service, ..once(&served.url()) };
    assert!(ids(&open(asking, None).next().await.unwrap().unwrap()).is_empty());
    let asked = logs.asked().concat();
    assert!(asked.contains("&category=member&project_id=p+1&search=a%26b"), "{asked}");
}

#[tokio::test]
async fn a_range_has_both_its_ends() {
    let (logs, served) = served(300).await;
    let now = Timestamp::now();
    let begin = Begin::At(now - SignedDuration::from_mins(200) - SignedDuration::from_secs(30));
    let until = Until::At(now - SignedDuration::from_mins(50) - SignedDuration::from_secs(30));
    let mut collector = open(CencoriConfig { begin, until, ..config(&served.url()) }, None);
    let mut found = Vec::new();
    while let Some(batch) = collector.next().await.unwrap() {
        found.extend(ids(&batch));
    }
    assert_eq!(found.len(), 150);
    assert_eq!(logs.asked().len(), 3, "{:?}", logs.asked());
}

#[tokio::test]
async fn the_secret_is_not_shown() {
    let config = CencoriConfig {
        key: SecretPlace::Value(Secret::new("Cookie: c4n4ry=1")),
        ..once("http://h.example")
    };
    assert!(!format!("{config:?}").contains("c4n4ry"));
    assert_eq!(config.warnings().len(), 1);
}
