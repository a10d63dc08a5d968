//! `trailcar quarantine`.

use serde_json::Value;
use testkit::fake::{FakeElasticsearch, Fate, Reply};

use crate::place::{Place, events, geoip};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_events_are_kept_shown_and_sent_again() {
    let refused = || Fate::Refused(400, "illegal_argument_exception", "not\u{7} today");
    let fates = [Fate::Taken, refused(), Fate::Taken, refused(), refused()];
    // Refused documents are sent a second time, made to fit their mapping.
    let again = || Reply::each([refused(), refused(), refused()]);
    let server = FakeElasticsearch::start([Reply::each(fates), again()]).await.unwrap();
    let place = Place::with(&format!(
        "output: {{elasticsearch: {{hosts: '{}'}}}}\ngeoip: {{directory: {}}}\n",
        server.url(),
        geoip()
    ));
    place.write("a.jsonl", events(0..6));
    let said = place.run(&["import", "a.jsonl"]);
    assert_eq!(said.status, 1, "{}", said.err);
    assert_eq!(
        (said.count("accepted"), said.count("created"), said.count("quarantined")),
        (6, 3, 3),
        "{}",
        said.out
    );

    let said = place.run(&["quarantine", "list"]);
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!((said.status, lines.len()), (0, 7), "{}", said.out);
    assert!(
        lines[0].starts_with("     1  ") && lines[0].contains("logs-cursor.audit-default/event-1"),
        "{}",
        said.out
    );
    assert!(lines[1].contains("400: ") && lines[1].contains("not  today"), "{}", said.out);
    assert_eq!(lines[6], "3 events in quarantine");
    assert!(place.run(&["quarantine", "list", "--source", "x"]).out.starts_with("0 events"));

    let said = place.run(&["quarantine", "show", "1"]);
    let shown: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(shown["raw"], events(1..2).trim_end());
    assert_eq!((&shown["_id"], &shown["_source"]["event"]["action"]), (&"event-1".into(), &"login".into()));
    for command in ["show", "drop", "retry"] {
        let said = place.run(&["quarantine", command, "99"]);
        assert_eq!(said.status, 1, "{command}");
        assert!(said.err.contains("there is no event 99 in quarantine"), "{command}: {}", said.err);
    }

    assert_eq!(place.run(&["quarantine", "drop", "1"]).out, "1 removed\n");
    server.then([again(), again()]);
    let said = place.run(&["quarantine", "retry", "2"]);
    assert_eq!((said.status, &*said.out), (1, "0 sent, 1 refused again\n"), "{}", said.err);
    let said = place.run(&["quarantine", "retry", "--all"]);
    assert_eq!((said.status, &*said.out), (0, "2 sent, 0 refused again\n"), "{}", said.err);
    assert_eq!(place.run(&["quarantine", "list"]).out, "0 events in quarantine\n");
    let ids: Vec<String> = server
        .accepted()
        .ids()
        .keys()
        .map(|id| (*id).to_owned())
        .filter(|id| id.starts_with("event-"))
        .collect();
    assert_eq!(ids, ["event-0", "event-2", "event-3", "event-4", "event-5"]);
    let said = place.run(&["doctor"]);
    assert_eq!((said.status, said.count("dropped"), said.count("created")), (0, 1, 5), "{}", said.out);
    assert_eq!(server.unused(), 0);

    // What was done, in the order in which it was.
    let told: Vec<String> = place
        .journal()
        .iter()
        .map(|entry| format!("{} {} {}", entry["action"], entry["outcome"], entry["events"]).replace('"', ""))
        .collect();
    let expected = [
        "import_started success null",
        "import_completed failure {accepted:6,created:3,diverted:0,dropped:0,duplicate:0,failed:0,quarantined:3}",
        "view_quarantine success null",
        "view_quarantine success null",
        "open_quarantined success null",
        "open_quarantined failure null",
        "drop_started success null",
        "drop_broken_off failure null",
        "retry_started success null",
        "retry_broken_off failure null",
        "drop_started success null",
        "drop_completed success {dropped:1}",
        "retry_started success null",
        "retry_completed failure {refused:1,sent:0}",
        "retry_started success null",
        "retry_completed success {refused:0,sent:2}",
        "view_quarantine success null",
    ];
    assert_eq!(told, expected);
    let journal = place.journal();
    assert!(journal.iter().all(|entry| entry["who"]["name"] == *place.operator()), "{journal:?}");
    assert_eq!(
        (&journal[0]["query"], &journal[5]["path"]),
        (&"dataset=cursor.audit&file=a.jsonl".into(), &"/quarantine/99".into())
    );
    assert_eq!((&journal[3]["query"], &journal[12]["query"]), (&"source=x".into(), &"number=2".into()));
}

#[test]
fn nothing_is_done_that_can_not_be_told() {
    let place = Place::with(&format!("geoip: {{directory: {}}}\n", geoip()));
    place.write("a.jsonl", events(0..6));
    assert_eq!(place.run(&["import", "a.jsonl"]).status, 0);
    // A folder where the journal's file has to be.
    std::fs::remove_file(place.path("data/audit/current.ndjson")).unwrap();
    std::fs::create_dir(place.path("data/audit/current.ndjson")).unwrap();
    place.write("b.jsonl", events(6..9));
    for command in [&["import", "b.jsonl"][..], &["quarantine", "list"], &["quarantine", "drop", "--all"]] {
        let said = place.run(command);
        assert!(
            said.status == 1 && said.err.contains("the journal of access can not be written"),
            "{said:?}"
        );
    }
    assert_eq!(place.run(&["doctor"]).count("accepted"), 6);
}
