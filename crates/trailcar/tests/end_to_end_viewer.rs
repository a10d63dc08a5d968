//! The viewer of a sidecar whose events are in Elasticsearch or OpenSearch: it asks there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, with their helper functions"
)]

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Child;

use serde_json::json;
use testkit::servers::Shared;
use testkit::{require, servers};

#[allow(dead_code, reason = "not every test needs all of it")]
mod sidecar;

use sidecar::Sidecar;

/// A sidecar that serves, ended with the test.
struct Serving<'s> {
    child: Child,
    sidecar: &'s Sidecar,
    address: String,
}

impl<'s> Serving<'s> {
    fn start(sidecar: &'s Sidecar) -> Self {
        let mut child = sidecar.start(&["run"]);
        let address = loop {
            let log = sidecar.log();
            assert!(child.try_wait().unwrap().is_none(), "{log}");
            let found = log.split(|c: char| c.is_whitespace() || "=\",".contains(c)).find(|word| {
                word.strip_prefix("127.0.0.1:")
                    .is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
            });
            match found {
                Some(address) => break address.to_owned(),
                None => std::thread::yield_now(),
            }
        };
        Self { child, sidecar, address }
    }

    /// A page: its status line and all that follows.
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}\n{}", self.sidecar.log());
        answer
    }
}

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// An event of a team, and one of its organization alone.
const PLACES: &str = r#"{"event_id":"of-a-team","timestamp":"2026-05-04T11:14:58.922Z","event_type":"login","team_id":"team_17","org_id":"org_1","user_email":"eve@example.com"}
{"event_id":"of-all","timestamp":"2026-05-04T11:14:59.922Z","event_type":"login","org_id":"org_1","user_email":"eve@example.com"}
"#;

async fn the_last_events_are_shown(node: &Shared, namespace: &str) {
    let fixtures: PathBuf = testkit::root().join("tests/fixtures/cursor.audit/actors.ndjson");
    let folder = tempfile::tempdir().unwrap();
    let places = folder.path().join("places.ndjson");
    // More actions than are listed at first, so that there are more to ask for.
    let actions = (0..11).map(|at| {
        format!("{{\"event_id\":\"kind-{at}\",\"timestamp\":\"2026-05-04T11:15:{at:02}Z\",\"event_type\":\"kind_{at}\",\"team_id\":\"team_18\"}}\n")
    });
    std::fs::write(&places, PLACES.to_owned() + &actions.collect::<String>()).unwrap();
    let sources = json!([{ "type": "files", "id": "fixtures", "dataset": "cursor.audit", "paths": [fixtures, places] }]);
    let sidecar = Sidecar::new(node.url(), namespace, &sources);
    sidecar.run(&["setup"]);
    sidecar.run(&["run", "--once"]);
    let client = node.client();
    client.refresh(&sidecar.stream()).await.unwrap();
    let expected = client.documents(&sidecar.stream()).await.unwrap();
    let serving = Serving::start(&sidecar);

    // Looking at pages makes events, which are newer.
    let page = serving.page("/?not=dataset%3Atrailcar.audit");
    for words in
        ["Events of elasticsearch", "<rect ", "dataset=cursor.audit", "href=\"/events/logs-cursor.audit-"]
    {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    // Every way to ask: an action and its opposite, an actor, words, times, any field.
    let (id, hits) = expected.iter().find(|(_, hits)| hits[0].source["user"]["email"].is_string()).unwrap();
    let source = &hits[0].source;
    let (action, user) =
        (source["event"]["action"].as_str().unwrap(), source["user"]["email"].as_str().unwrap());
    let event = format!("/events/{}/{id}", sidecar.stream());
    let row = format!("data-key=\"{event}\"");
    let from =
        "from=2000-01-01&not=dataset:trailcar.audit&is=data_stream.namespace%3A".to_owned() + namespace;
    for asked in [
        format!("action={action}&user={user}"),
        format!("is=event.id:{}", source["event"]["id"].as_str().unwrap()),
        from,
        // Words are anywhere, each in another field, and may be begun only.
        format!("not=dataset:trailcar.audit&q={action}%20{user}"),
        format!("not=dataset:trailcar.audit&q={}*%20%22{user}%22", &action[..3]),
    ] {
        let page = serving.page(&format!("/?{asked}"));
        assert!(page.contains(&row), "{asked}: {page}");
    }
    for asked in [
        format!("not=action:{action}"),
        "to=2000-01-01".to_owned(),
        "q=nobodyeverwrotethis".to_owned(),
        "is=source.ip:no-address".to_owned(),
    ] {
        assert!(!serving.page(&format!("/?{asked}")).contains(&row), "{asked}");
    }
    let page = serving.page(&event);
    assert!(page.contains("Document as JSON") && page.contains(user), "{page}");
    let values = |path: &str| serving.page(path).matches("class=\"take").count();
    assert!(values("/?not=dataset%3Atrailcar.audit&more=action") > values("/?not=dataset%3Atrailcar.audit"));
    // A choice among the values of a field shows what the others would add.
    let page = serving.page(&format!("/?action={action}"));
    assert!(page.contains("&amp;action=") || page.contains("&#38;action="), "{page}");
    // Names are found in any case, as in the store.
    assert!(serving.page(&format!("/?user={}", user.to_uppercase())).contains(&row));
    // A project or team, and an organization beside its teams.
    let space = format!("is=data_stream.namespace%3A{namespace}");
    for (asked, events) in [
        ("project=team_17", 1),
        ("project=org_1", 2),
        ("project=team_17&project=org_1", 2),
        ("user=eve%40example.com&not=project:team_17", 1),
    ] {
        let page = serving.page(&format!("/?{asked}&{space}"));
        assert_eq!(page.matches("data-key=").count(), events, "{asked}: {page}");
        for value in ["team_17", "org_1"] {
            assert!(page.contains("<summary>Project or team</summary>"), "{asked}: {page}");
            assert!(page.contains(&format!("<span class=\"label\">{value}</span>")), "{asked}: {page}");
        }
    }
    let page = serving.page(&format!("/actors/{user}"));
    for words in ["Addresses", "Actions", "Datasets", "First seen", "<rect ", "Newest events", action] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    for path in ["/failed-logins", "/resources/nothing-of-this-name", "/actors/nobody"] {
        assert!(!serving.page(path).contains("Not kept here"), "{path}");
    }
    assert!(serving.page("/sources").contains("read to its end"));
    assert!(serving.get(&format!("/events/{}/nothing", sidecar.stream())).starts_with("HTTP/1.1 404"));
    assert!(serving.get("/events/*/x").starts_with("HTTP/1.1 400"));
}

/// The addresses that a page's rows lead to, and that of the page that is newer or older.
fn leads(page: &str, way: &str) -> (Vec<String>, Option<String>) {
    let hrefs = |text: &str, from: &str| -> Vec<String> {
        let found = text.split(from).skip(1).filter_map(|rest| rest.split_once('"'));
        found.map(|(href, _)| href.replace("&#38;", "&").replace("&amp;", "&")).collect()
    };
    let next = hrefs(page, &format!("rel=\"{way}\" href=\"")).into_iter().next();
    (hrefs(page, "data-key=\""), next)
}

/// Many events have the same millisecond, some have no id of their own, and there are two data streams: each is on one page,
/// whichever way one goes.
async fn each_event_is_on_one_page(node: &Shared, namespace: &str) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("same.ndjson");
    let line = |at: usize| {
        let mut event = json!({
            "timestamp": format!("2026-05-04T11:14:58.{}Z", 900 + at / 100), "event_type": "login",
            "user_email": format!("user{at}@example.com"),
        });
        if !at.is_multiple_of(3) {
            event["event_id"] = json!(format!("same-{at:04}"));
        }
        event.to_string() + "\n"
    };
    std::fs::write(&file, (0..260).map(line).collect::<String>()).unwrap();
    let sidecar = Sidecar::new(node.url(), namespace, &json!([]));
    sidecar.run(&["setup"]);
    let file = file.display().to_string();
    sidecar.run(&["import", &file]);
    let beside = format!("{namespace}x");
    sidecar.run(&["import", "--again", "--namespace", &beside, &file]);
    for namespace in [namespace, &beside] {
        node.client().refresh(&format!("logs-cursor.audit-{namespace}")).await.unwrap();
    }
    let serving = Serving::start(&sidecar);
    let spaces = [namespace, &beside].map(|name| format!("&is=data_stream.namespace%3A{name}")).concat();
    let first = format!("/?dataset=cursor.audit{spaces}");
    let (mut seen, mut next, mut last) = (Vec::new(), Some(first), String::new());
    while let Some(path) = next {
        let (events, older) = leads(&serving.page(&path), "next");
        (last, next) = (path, older);
        seen.push(events);
    }
    let all: BTreeSet<&String> = seen.iter().flatten().collect();
    let sizes: Vec<usize> = seen.iter().map(Vec::len).collect();
    assert_eq!((all.len(), seen.concat().len(), seen.len()), (520, 520, 11), "{sizes:?}");
    let (mut back, mut next) = (Vec::new(), Some(last));
    while let Some(path) = next {
        let (events, newer) = leads(&serving.page(&path), "prev");
        back.insert(0, events);
        next = newer;
    }
    assert_eq!(back.concat(), seen.concat());
    for cursor in ["eo", "eoW10", "o5_7", "x"] {
        assert!(serving.get(&format!("/?cursor={cursor}")).starts_with("HTTP/1.1 400"), "{cursor}");
    }
}

#[tokio::test]
async fn elasticsearch_has_each_event_on_one_page() {
    let node = require!(servers::elasticsearch().shared());
    each_event_is_on_one_page(&node, "pages").await;
}

#[tokio::test]
async fn opensearch_has_each_event_on_one_page() {
    let node = require!(servers::opensearch().shared());
    each_event_is_on_one_page(&node, "pages").await;
}

#[tokio::test]
async fn elasticsearch_is_asked_for_the_last_events() {
    let node = require!(servers::elasticsearch().shared());
    the_last_events_are_shown(&node, "viewer").await;
}

#[tokio::test]
async fn opensearch_is_asked_for_the_last_events() {
    let node = require!(servers::opensearch().shared());
    the_last_events_are_shown(&node, "viewer").await;
}
