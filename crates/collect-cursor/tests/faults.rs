//! The service over HTTP, and everything that can go wrong with it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use collect_cursor::{
    Begin, Client, Clock, Cursor, CursorCollector, CursorConfig, Endpoint, TraceConfig, Until, allowances,
};
use event::{CollectError, Collector, SecretPlace};
use jiff::{SignedDuration, Timestamp};
use stand_ins::cursor::{Service, sample};
use stand_ins::{Fault, PageFault, Served};
use support::{KEY, config, ids};

async fn served() -> (Service, Served) {
    let service = Service::new(KEY);
    let now = Timestamp::now();
    service.add((0..10).map(|number| sample(number, now - SignedDuration::from_mins(number as i64 + 1))));
    let served = Served::start(service.clone()).await.unwrap();
    (service, served)
}

fn open(config: CursorConfig) -> CursorCollector<Client> {
    let client = Client::new(&config, Arc::new(allowances())).unwrap();
    CursorCollector::new(config, None, client, Clock::system()).unwrap()
}

fn once(url: &str) -> CursorConfig {
    CursorConfig { until: Until::Now, ..config(url) }
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
    let (service, served) = served().await;
    let mut collector = open(once(&served.url()));
    let mark = collector.mark();
    for (fault, lasting, part) in [
        (Fault::Status(400), true, "(400, as the test wants it): check event_types"),
        (Fault::Status(401), true, "Create one as a team administrator"),
        (Fault::Status(403), true, "the plan has no audit logs"),
        (Fault::Status(404), true, "check url and endpoint"),
        (Fault::Status(418), true, "status 418"),
        (Fault::Status(500), false, "the service fails (500"),
        (Fault::Status(503), false, "the service fails (503"),
        (
            Fault::Redirect("https://evil.example/x".to_owned()),
            true,
            "to evil.example), and the key is not sent there",
        ),
        (Fault::WebPage, false, "a web page in place of JSON"),
        (Fault::Page(PageFault::Cut), false, "can not be read (EOF"),
    ] {
        service.fail([fault.clone()]);
        let (is_lasting, words) = told(collector.next().await.unwrap_err());
        assert_eq!(is_lasting, lasting, "{fault:?}: {words}");
        assert!(words.contains(part) && !words.contains("c4n4ry"), "{fault:?}: {words}");
        assert_eq!(collector.mark(), mark);
    }
    let batch = collector.next().await.unwrap().unwrap();
    assert_eq!(ids(&batch).len(), 10);
    assert!(collector.next().await.unwrap().is_none());
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_read_no_further_and_moves_nothing() {
    let (service, served) = served().await;
    let mut collector = open(once(&served.url()));
    let mark = collector.mark();
    service.fail([Fault::Page(PageFault::Padded(64 << 20)), Fault::Page(PageFault::Padded(60 << 20))]);
    let (is_lasting, words) = told(collector.next().await.unwrap_err());
    assert!(is_lasting && words.contains("larger than 64 MiB: lower page_size"), "{words}");
    assert_eq!(collector.mark(), mark);
    let batch = collector.next().await.unwrap().unwrap();
    assert_eq!(ids(&batch).len(), 10);
    assert!(collector.next().await.unwrap().is_none());
}

#[tokio::test]
async fn no_answer_in_time_and_no_server_are_told() {
    let (service, served) = served().await;
    service.fail([Fault::Silence]);
    let mut collector = open(CursorConfig { timeout: Duration::from_millis(50), ..once(&served.url()) });
    let (_, words) = told(collector.next().await.unwrap_err());
    assert!(words.contains("gives no answer within 0.05 s"), "{words}");
    let (is_lasting, words) = told(open(once("http://127.0.0.1:9")).next().await.unwrap_err());
    assert!(
        !is_lasting && words.contains("http://127.0.0.1:9/teams/audit-logs can not be reached"),
        "{words}"
    );
}

#[tokio::test]
async fn after_429_the_key_is_left_alone_as_long_as_the_service_says() {
    let (service, served) = served().await;
    let shared = Arc::new(allowances());
    let config = once(&served.url());
    let pages = || Client::new(&config, Arc::clone(&shared)).unwrap();
    let mut first = CursorCollector::new(config.clone(), None, pages(), Clock::system()).unwrap();
    let mut second = CursorCollector::new(config.clone(), None, pages(), Clock::system()).unwrap();
    service.fail([Fault::TooMany(None)]);
    let (is_lasting, words) = told(first.next().await.unwrap_err());
    assert!(!is_lasting && words.contains("Asking again in 60 s"), "{words}");
    // The other source with this key waits as well: it has not asked when it is given up.
    assert!(tokio::time::timeout(Duration::from_millis(20), second.next()).await.is_err());
    assert_eq!(service.asked().len(), 1);
    let (service, served) = self::served().await;
    service.fail([Fault::TooMany(Some("0".to_owned()))]);
    let mut collector = open(once(&served.url()));
    assert!(told(collector.next().await.unwrap_err()).1.contains("Asking again in 0 s"));
    assert_eq!(ids(&collector.next().await.unwrap().unwrap()).len(), 10);
}

#[test]
fn what_no_connection_can_be_made_with_is_told_by_its_key() {
    let shared = Arc::new(allowances());
    let directory = tempfile::tempdir().unwrap();
    let empty = directory.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let tls = |file: &std::path::Path| collect_cursor::Tls {
        certificate_authorities: vec![file.to_owned()],
        insecure: false,
    };
    let base = || config("https://cursor.example");
    for (config, key, part) in [
        (
            CursorConfig { tls: tls(&empty), ..base() },
            "ssl.certificate_authorities",
            "holds no PEM certificate",
        ),
        (
            CursorConfig { tls: tls("/no/such".as_ref()), ..base() },
            "ssl.certificate_authorities",
            "can not be read",
        ),
        (
            CursorConfig {
                proxy_disable: false,
                proxy_url: Some(event::Secret::new("http://me:c4n4ry@:x")),
                ..base()
            },
            "proxy_url",
            "write http://host:port",
        ),
    ] {
        let mistake = Client::new(&config, Arc::clone(&shared)).err().unwrap();
        assert_eq!(mistake.key, key);
        assert!(mistake.message.contains(part) && !mistake.message.contains("c4n4ry"), "{mistake}");
    }
}

#[tokio::test]
async fn requests_go_through_the_proxy() {
    let (service, served) = served().await;
    // The proxy is the service itself, which is asked for a host that there is not.
    let mut collector = open(CursorConfig {
        proxy_disable: false,
        proxy_url: Some(event::Secret::new(&served.url())),
        ..once("http://cursor.invalid")
    });
    assert_eq!(ids(&collector.next().await.unwrap().unwrap()).len(), 10);
    assert_eq!(service.asked().len(), 1);
}

#[tokio::test]
async fn a_new_key_in_the_file_is_taken_up() {
    let (service, served) = served().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("key");
    let mut collector = open(CursorConfig { key: SecretPlace::File(file.clone()), ..once(&served.url()) });
    let (is_lasting, words) = told(collector.next().await.unwrap_err());
    assert!(is_lasting && words.contains("can not be read"), "{words}");
    std::fs::write(&file, "key_revoked\n").unwrap();
    assert!(told(collector.next().await.unwrap_err()).1.contains("401"));
    std::fs::write(&file, format!("{KEY}\n")).unwrap();
    assert_eq!(ids(&collector.next().await.unwrap().unwrap()).len(), 10);
    service.set_team_key("another");
}

#[tokio::test]
async fn ends_that_are_none_end_and_lose_nothing() {
    for fault in [PageFault::EmptyWithNext, PageFault::Before] {
        let (service, served) = served().await;
        let mut collector = open(CursorConfig { page_size: 3, ..once(&served.url()) });
        let mut found = ids(&collector.next().await.unwrap().unwrap());
        service.fail([Fault::Page(fault)]);
        while let Some(batch) = collector.next().await.unwrap() {
            found.extend(ids(&batch));
        }
        assert_eq!(found.len(), 10);
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 10);
    }
}

fn organization(team: Option<&str>) -> Cursor {
    let endpoint = Endpoint::Organization { team_id: team.map(str::to_owned) };
    Cursor { endpoint, ..Cursor::default() }
}

#[tokio::test]
async fn filters_team_and_organization_are_asked_for() {
    let (service, served) = served().await;
    service.set_organization_key("key_organization");
    let mut asking = CursorConfig {
        service: organization(Some("2")),
        key: SecretPlace::Value(event::Secret::new("key_organization")),
        ..once(&format!("{}/", served.url()))
    };
    asking.service.filters.event_types = vec!["add_user".to_owned(), "logout".to_owned()];
    asking.begin = Begin::At(Timestamp::now() - SignedDuration::from_hours(1));
    let batch = open(asking).next().await.unwrap().unwrap();
    assert_eq!(ids(&batch), [sample(1, Timestamp::now()).id()]);
    let asked = service.asked().concat();
    for part in [
        "/organizations/audit-logs?",
        "startTime=",
        "endTime=",
        "eventTypes=add_user%2Clogout",
        "teamId=2",
        "page=1",
        "pageSize=500",
    ] {
        assert!(asked.contains(part), "{part} is not in {asked}");
    }
    // The team's key does not open it.
    let wrong = CursorConfig { service: organization(None), ..once(&served.url()) };
    assert!(told(open(wrong).next().await.unwrap_err()).1.contains("team in place of organization"));
}

#[tokio::test]
async fn a_trace_holds_requests_and_answers_and_no_key() {
    let (service, served) = served().await;
    service.fail([Fault::Status(401)]);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("trace.ndjson");
    let trace = TraceConfig { file: file.clone(), max_size: 1 << 20, max_files: 2 };
    let mut collector = open(CursorConfig { trace: Some(trace), ..once(&served.url()) });
    collector.next().await.unwrap_err();
    collector.next().await.unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    let statuses: Vec<u64> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| line["http.response.status_code"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [401, 200]);
    assert!(text.contains("/teams/audit-logs?startTime=") && !text.contains("c4n4ry"));
    assert!(!text.to_lowercase().contains("authorization"));
}

#[tokio::test]
async fn a_check_says_what_the_service_says() {
    let (service, served) = served().await;
    let allowances = Arc::new(allowances());
    let config = config(&served.url());
    let ask = || collect_cursor::ask(&config, Arc::clone(&allowances));
    assert_eq!(ask().await.unwrap().events, Ok(Some(10)));
    service.fail([Fault::Status(403)]);
    assert!(ask().await.unwrap().events.unwrap_err().to_string().contains("403"));
}
