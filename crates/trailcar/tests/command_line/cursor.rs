//! Sources of type `cursor_api`: `check`, `run`, `backfill`.

use jiff::{SignedDuration, Timestamp};
use stand_ins::cursor::{Service, sample};
use stand_ins::{Fault, Served};
use tokio::runtime::Runtime;

use crate::place::{Place, geoip};

const KEY: &str = "key_c4n4ry0000000000000000000000000000000";

/// A service on loopback with an event of each of the last hours, and a folder with a source that polls it.
struct Polled {
    service: Service,
    place: Place,
    _served: Served,
    _runtime: Runtime,
}

impl Polled {
    fn new(events: u64, more: &str) -> Self {
        let service = Service::new(KEY);
        service.lift_limit();
        let now = Timestamp::now();
        service.add(
            (0..events).map(|number| sample(number, now - SignedDuration::from_hours(number as i64 + 1))),
        );
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let served = runtime.block_on(Served::start(service.clone())).unwrap();
        let place = Place::with(&format!(
            "sources: [{{type: cursor_api, id: team, url: '{}', api_key_file: key, proxy_disable: true{more}}}]
geoip: {{directory: {}}}
output: {{file: {{path: out}}}}
",
            served.url(),
            geoip()
        ));
        place.write("key", format!("{KEY}\n"));
        Self { service, place, _served: served, _runtime: runtime }
    }
}

#[test]
fn a_check_asks_the_service_and_says_what_to_do() {
    let polled = Polled::new(3, "");
    let good = polled.place.run(&["check"]);
    assert_eq!(good.status, 0, "{}", good.out);
    assert!(good.out.contains("source team: the service takes the key and has events"), "{}", good.out);
    for (status, words) in [
        (401, "failure source team: the service does not take the key (401"),
        (403, "failure source team: the service refuses this key the audit log (403"),
        (429, "warning source team: the service takes no more requests for now (429)"),
    ] {
        polled.service.fail([if status == 429 { Fault::TooMany(None) } else { Fault::Status(status) }]);
        let said = polled.place.run(&["check"]);
        let line = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(line.contains(words), "{line}");
        assert_eq!(said.status, i32::from(status != 429));
    }
    polled.place.write("key", "c4n4ry cut");
    let said = polled.place.run(&["check"]);
    assert_eq!(said.status, 1);
    for part in ["white space", "neither with key_ nor with crsr_", "(401"] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    assert!(!format!("{}{}", said.out, said.err).contains("c4n4ry"));
    let empty = Polled::new(0, "").place.run(&["check"]);
    assert_eq!(empty.status, 0);
    assert!(empty.out.contains("has no events of the last 30 days"), "{}", empty.out);
}

#[test]
fn what_is_there_is_delivered_once_and_a_revoked_key_says_so() {
    let polled = Polled::new(30, ", page_size: 10");
    for _ in 0..2 {
        let said = polled.place.run(&["run", "--once"]);
        assert_eq!(said.status, 0, "{}", said.err);
        // Those of the last 24 hours.
        assert_eq!(polled.place.delivered("out").len(), 23);
    }
    let document: serde_json::Value =
        serde_json::from_str(polled.place.read("out").lines().next().unwrap()).unwrap();
    assert_eq!(document["_source"]["tags"], serde_json::json!(["forwarded", "cursor-audit"]));
    polled.service.set_team_key("another");
    let text = polled.place.read("trailcar.yml");
    polled.place.write("trailcar.yml", format!("{text}logging: {{level: trace}}\n"));
    let said = polled.place.run(&["run", "--once"]);
    assert_eq!(said.status, 1);
    assert!(
        said.err.contains("source team was given up: the service does not take the key (401"),
        "{}",
        said.err
    );
    // As it is, and as a request carries it.
    assert!(!said.err.contains("c4n4ry") && !said.err.contains("a2V5X2M0bjRy"));
}

#[test]
fn a_backfill_collects_a_range_beside_polling() {
    let polled = Polled::new(200, ", page_size: 10");
    let place = &polled.place;
    assert_eq!(place.run(&["run", "--once"]).status, 0);
    let from = (Timestamp::now() - SignedDuration::from_hours(100)).to_string();
    let said = place.run(&["backfill", "--from", &from]);
    assert_eq!((said.status, said.count("accepted")), (0, 99), "{}{}", said.out, said.err);
    // The bar is for a terminal.
    assert!(!said.err.contains(['\r', '\u{1b}']) && !said.err.contains("pages"), "{}", said.err);
    assert_eq!(place.delivered("out").len(), 99);
    let said = place.run(&["backfill", "--from", &from, "--source", "team"]);
    assert_eq!((said.status, said.count("accepted")), (0, 0), "{}{}", said.out, said.err);
    let said = place.run(&["backfill", "--from", &from, "--again"]);
    assert_eq!((said.count("accepted"), said.count("duplicate")), (99, 99), "{}", said.out);
    for (arguments, part) in [
        (&["--from", "2999-01-01T00:00:00Z"][..], "is not before the end of the range"),
        (&["--from", &from, "--to", "2999-01-01T00:00:00Z"], "is in the future"),
        (
            &["--from", &from, "--source", "other"],
            "there is no source [other] that is polled: there are team",
        ),
    ] {
        let said = place.run(&[&["backfill"], arguments].concat());
        assert_eq!(said.status, 1);
        assert!(said.err.contains(part), "{}", said.err);
    }
}
