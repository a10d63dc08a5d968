//! The viewer of a sidecar whose events are in Elasticsearch or OpenSearch: it asks there for the last ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, with their helper functions"
)]

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

async fn the_last_events_are_shown(node: &Shared, namespace: &str) {
    let fixtures: PathBuf = testkit::root().join("tests/fixtures/cursor.audit/actors.ndjson");
    let sources =
        json!([{ "type": "files", "id": "fixtures", "dataset": "cursor.audit", "paths": [fixtures] }]);
    let sidecar = Sidecar::new(node.url(), namespace, &sources);
    sidecar.run(&["setup"]);
    sidecar.run(&["run", "--once"]);
    let client = node.client();
    client.refresh(&sidecar.stream()).await.unwrap();
    let expected = client.documents(&sidecar.stream()).await.unwrap();
    let serving = Serving::start(&sidecar);

    let page = serving.page("/");
    for words in [
        "The last events of elasticsearch",
        "<rect ",
        "/?dataset=cursor.audit",
        "href=\"/events/logs-cursor.audit-",
    ] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    // Every way to ask: an action and its opposite, an actor, words, times, any field.
    let (id, hits) = expected.iter().find(|(_, hits)| hits[0].source["user"]["email"].is_string()).unwrap();
    let source = &hits[0].source;
    let (action, user) =
        (source["event"]["action"].as_str().unwrap(), source["user"]["email"].as_str().unwrap());
    let event = format!("/events/{}/{id}", sidecar.stream());
    let from = "from=2000-01-01&is=data_stream.namespace%3A".to_owned() + namespace;
    for asked in [
        format!("action={action}&user={user}"),
        format!("is=event.id:{}", source["event"]["id"].as_str().unwrap()),
        from,
    ] {
        let page = serving.page(&format!("/?{asked}"));
        assert!(page.contains(&event), "{asked}: {page}");
    }
    for asked in
        [format!("not=action:{action}"), "to=2000-01-01".to_owned(), "q=nobodyeverwrotethis".to_owned()]
    {
        assert!(!serving.page(&format!("/?{asked}")).contains(&event), "{asked}");
    }
    let page = serving.page(&event);
    assert!(page.contains("Document as JSON") && page.contains(user), "{page}");
    // What it can not show it says, with what to ask instead.
    let page = serving.page(&format!("/actors/{user}"));
    assert!(page.contains("Not kept here") && page.contains("user.email: ("), "{page}");
    assert!(serving.page("/sources").contains("read to its end"));
    assert!(serving.get(&format!("/events/{}/nothing", sidecar.stream())).starts_with("HTTP/1.1 404"));
    assert!(serving.get("/events/*/x").starts_with("HTTP/1.1 400"));
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
