//! Sources of the types `promptfoo_api` and `cencori_api`, and exports: `check`, `run`, `backfill`, `import`.

use jiff::{SignedDuration, Timestamp};
use stand_ins::logs::{Form, Logs};
use stand_ins::{Fault, Served};
use tokio::runtime::Runtime;

use crate::place::{Place, geoip};

/// A log on loopback with an entry of each of the last hours, and a folder with a source that polls it.
struct Polled {
    logs: Logs,
    place: Place,
    _served: Served,
    _runtime: Runtime,
}

impl Polled {
    fn new(form: Form, entries: u64) -> Self {
        let logs = Logs::new(form);
        let now = Timestamp::now();
        logs.add((0..entries).map(|n| form.entry(n, now - SignedDuration::from_hours(n as i64 + 1))));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let served = runtime.block_on(Served::start(logs.clone())).unwrap();
        let source = match form {
            Form::Promptfoo => "type: promptfoo_api, token_file: key",
            Form::Cencori => "type: cencori_api, slug: acme, header_file: key",
        };
        let place = Place::with(&format!(
            "sources: [{{{source}, id: log, url: '{}', proxy_disable: true, page_size: 10}}]
geoip: {{directory: {}}}
output: {{file: {{path: out}}}}
",
            served.url(),
            geoip()
        ));
        place.write("key", key(form));
        Self { logs, place, _served: served, _runtime: runtime }
    }
}

fn key(form: Form) -> &'static str {
    match form {
        Form::Promptfoo => "c4n4ry-token-of-the-tests\n",
        Form::Cencori => "Cookie: session=c4n4ry\n",
    }
}

const FORMS: [(Form, &str); 2] = [(Form::Promptfoo, "token"), (Form::Cencori, "header")];

#[test]
fn a_check_asks_the_service_and_says_what_to_do() {
    for (form, noun) in FORMS {
        let polled = Polled::new(form, 3);
        let good = polled.place.run(&["check"]);
        assert_eq!(good.status, 0, "{}", good.out);
        assert!(
            good.out.contains(&format!("source log: the service takes the {noun} and has events")),
            "{}",
            good.out
        );
        for (fault, status, words) in [
            (Fault::Status(401), 1, "failure source log: the service does not take the"),
            (Fault::Status(403), 1, "failure source log: the service refuses this"),
            (Fault::Status(404), 1, "failure source log: there is no audit log at"),
            (Fault::WebPage, 1, "answers with a web page in place of JSON"),
            (Fault::Redirect("/login".to_owned()), 1, "leads elsewhere (302, to another path)"),
            (
                Fault::TooMany(Some("3".to_owned())),
                0,
                "warning source log: the service takes no more requests",
            ),
        ] {
            polled.logs.fail([fault]);
            let said = polled.place.run(&["check"]);
            let line = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(line.contains(words), "{line}");
            assert_eq!(said.status, status, "{line}");
        }
        for (key, part) in [("", "is empty"), (" \n", "is empty"), ("c4n4ry\nc4n4ry: x", "a line break")] {
            polled.place.write("key", key);
            let said = polled.place.run(&["check"]);
            assert!(said.status == 1 && said.out.contains(part), "{}", said.out);
            assert!(!format!("{}{}", said.out, said.err).contains("c4n4ry"));
        }
        polled.place.write("key", format!(" {}", key(form)));
        let said = polled.place.run(&["check"]);
        assert!(said.status == 0 && said.out.contains("white space"), "{}", said.out);
        let empty = Polled::new(form, 0).place.run(&["check"]);
        assert!(empty.status == 0 && empty.out.contains("has no events"), "{}", empty.out);
    }
}

#[test]
fn runs_and_backfills_bring_every_entry_once() {
    for (form, _) in FORMS {
        let polled = Polled::new(form, 200);
        let place = &polled.place;
        let said = place.run(&["run", "--once"]);
        assert_eq!(said.status, 0, "{}", said.err);
        assert_eq!(place.delivered("out").len(), 23, "a day, less the hour that begins now");
        polled.logs.add([form.entry(1000, Timestamp::now())]);
        assert_eq!(place.run(&["run", "--once"]).status, 0);
        assert_eq!(place.delivered("out").len(), 24);
        let from = (Timestamp::now() - SignedDuration::from_hours(100)).to_string();
        let said = place.run(&["backfill", "--from", &from]);
        assert_eq!((said.status, said.count("accepted")), (0, 100), "{}{}", said.out, said.err);
        assert_eq!(place.delivered("out").len(), 100);
        let said = place.run(&["backfill", "--from", &from, "--source", "log"]);
        assert_eq!((said.status, said.count("accepted")), (0, 0), "{}{}", said.out, said.err);
        assert!(!place.read("out").contains("pipeline_error"));
    }
}

#[test]
fn exports_of_both_forms_are_the_same_documents() {
    let entries: Vec<_> = (0..50).map(|n| Form::Cencori.entry(n, Timestamp::UNIX_EPOCH).body).collect();
    let list =
        serde_json::json!({"organization": "acme", "exported_at": "2026-10-01T00:00:00Z", "logs": entries});
    let names: Vec<&String> = entries[0].as_object().unwrap().keys().collect();
    let mut table = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(",") + "\r\n";
    for entry in &entries {
        let cell = |value: &serde_json::Value| match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => format!("\"{text}\""),
            other => format!("\"{}\"", other.to_string().replace('"', "\"\"")),
        };
        table +=
            &(names.iter().map(|name| cell(&entry[name.as_str()])).collect::<Vec<_>>().join(",") + "\r\n");
    }
    let place = Place::with(&format!("geoip: {{directory: {}}}\n", geoip()));
    place.write("a.csv", &table);
    place.write("b.json", format!("{list:#}"));
    let said = place.run(&["import", "--dataset", "cencori.audit", "a.csv", "b.json"]);
    assert_eq!((said.status, said.count("accepted"), said.count("duplicate")), (0, 100, 50), "{}", said.out);
    let said = place.feed(&["normalize", "--dataset", "cencori.audit"], &table);
    assert_eq!((said.status, said.documents().len()), (0, 50), "{}", said.err);
    assert_eq!(said.documents()[0]["_source"]["event"]["action"], "prompt_updated");
}
