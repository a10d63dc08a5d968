//! Setup and delivery against real Elasticsearch and OpenSearch nodes.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod batches;

use std::collections::BTreeMap;

use batches::{batch, config, sink};
use elasticsearch_sink::{ElasticsearchSink, Grade, Setup, SetupError, SetupOptions, check, setup::Change};
use event::{Destination, Verdict};
use serde_json::{Map, Value, json};
use testkit::client::Client;
use testkit::proxy::{Fault, FaultyProxy, Way};

async fn set_up(url: &str, options: SetupOptions) -> elasticsearch_sink::Plan {
    let setup = Setup::new(&config(url), options).unwrap();
    let plan = setup.plan().await.unwrap();
    setup.apply(&plan).await.unwrap();
    plan
}

async fn created(sink: &ElasticsearchSink, stream: &str, documents: Vec<(String, Value)>) {
    let documents = documents.iter().map(|(id, source)| (id.as_str(), source.clone()));
    let batch = batch(stream, documents);
    let receipt = sink.deliver(&batch).await.unwrap();
    for (document, verdict) in batch.documents.iter().zip(&receipt.verdicts) {
        let source = &batch.source(document)[..batch.source(document).len().min(200)];
        assert_eq!(*verdict, Verdict::Created, "{} {}", batch.id(document), String::from_utf8_lossy(source));
    }
}

/// The typed fields of a data stream, by path, as the server itself tells them.
async fn typed_fields(client: &Client, stream: &str) -> BTreeMap<String, String> {
    fn walk(prefix: &str, properties: &Map<String, Value>, found: &mut BTreeMap<String, String>) {
        for (name, field) in properties {
            let path = format!("{prefix}{name}");
            match field["properties"].as_object() {
                Some(inner) => {
                    found.insert(path.clone(), "object".to_owned());
                    walk(&format!("{path}."), inner, found);
                }
                None => {
                    found.insert(path, field["type"].as_str().unwrap().to_owned());
                }
            }
        }
    }
    let answer = client.get(&format!("{stream}/_mapping")).await.unwrap();
    let (_, index) = answer.as_object().unwrap().iter().next().unwrap();
    let mut found = BTreeMap::new();
    walk("", index["mappings"]["properties"].as_object().unwrap(), &mut found);
    found
}

/// `{"a":{"b":value}}` of the path `a.b`, in a document that is otherwise sound.
fn document_with(path: &str, value: Value) -> Value {
    let nested = path.rsplit('.').fold(value, |value, name| json!({ name: value }));
    let mut document = json!({"@timestamp": "2026-01-02T03:04:05.678Z"});
    let (name, inner) = nested.as_object().unwrap().iter().next().unwrap();
    document[name] = inner.clone();
    document
}

fn deep(levels: usize) -> Value {
    (0..levels).fold(json!("bottom"), |inner, _| json!({ "n": inner }))
}

/// Values of every type but the right one, and of every unpleasant size.
fn wrong_values() -> Vec<Value> {
    vec![
        json!("neither number, date nor address"),
        json!(""),
        json!("x".repeat(100 << 10)),
        json!(-1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(true),
        Value::Null,
        json!([]),
        json!(["a", 1, true, null, {"x": 1}]),
        json!([["a"], [{"b": [1]}]]),
        json!({}),
        json!({"x": {"y": 1}, "a.b": [1]}),
        json!({"": 1, "..": 2, "\u{0}": 3}),
        deep(50),
        deep(150),
    ]
}

async fn no_value_is_refused(url: &str, client: &Client, stream: &str) {
    let sink = sink(url);
    created(&sink, stream, vec![("first".to_owned(), json!({"@timestamp": "2026-01-01T00:00:00Z"}))]).await;
    let fields = typed_fields(client, stream).await;
    assert!(fields.len() > 150, "{}", fields.len());
    let mut sent = 1;
    for (field, _) in
        fields.iter().filter(|(field, _)| !field.starts_with("data_stream") && *field != "@timestamp")
    {
        let documents = wrong_values().into_iter().enumerate();
        let documents: Vec<_> =
            documents.map(|(n, value)| (format!("{field}-{n}"), document_with(field, value))).collect();
        sent += documents.len() as u64;
        created(&sink, stream, documents).await;
    }
    created(&sink, stream, vec![("own-deep".to_owned(), document_with("own", deep(50)))]).await;
    created(
        &sink,
        stream,
        vec![("own-long".to_owned(), document_with("own_text", json!("x".repeat(100 << 10))))],
    )
    .await;
    let many: Map<String, Value> = (0..3000).map(|n| (format!("f{n}"), json!(n))).collect();
    created(&sink, stream, vec![("own-many".to_owned(), document_with("many", Value::Object(many)))]).await;
    assert_eq!(client.count(stream).await.unwrap(), sent + 3);
}

async fn hits(client: &Client, stream: &str, query: Value) -> Vec<String> {
    let found = client.search(stream, &json!({"query": query, "sort": ["@timestamp"]})).await.unwrap();
    let hits = found["hits"]["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["_id"].as_str().unwrap().to_owned()).collect()
}

async fn values_are_found_by_their_types(url: &str, client: &Client, stream: &str) {
    let long = |word: &str| format!("{} {word}", "filler ".repeat(20_000));
    let event = |minute: usize, ip: &str, place: [f64; 2]| {
        json!({
            "@timestamp": format!("2026-01-01T00:{minute:02}:00.123Z"),
            "source": {"ip": ip, "geo": {"location": {"lat": place[0], "lon": place[1]}},
                       "as": {"number": 64500 + minute, "organization": {"name": "Example Networks"}}},
            "user": {"name": "Jo Doe", "email": "jo@example.com"},
            "url": {"original": "https://example.com/hooks/one"},
            "event": {"created": "2026-01-01T01:00:00Z", "original": "{\"raw\":1}", "category": ["iam", "configuration"]},
            "cursor": {"audit": {
                "script_content": long("needle"), "prompt_content": long("pin"), "personal_message": long("letter"),
                "old_value": long("before"), "new_value": "after",
                "new_limit_cents": "12", "success": true,
                "event_data": {"deeply": {"nested": "leaf"}}}},
        })
    };
    let documents = vec![
        ("q0".to_owned(), event(0, "192.0.2.7", [36.2, -115.1])),
        ("q1".to_owned(), event(1, "2001:db8::1", [52.4, 4.9])),
    ];
    created(&sink(url), stream, documents).await;
    client.refresh(stream).await.unwrap();
    for (query, ids) in [
        (json!({"term": {"source.ip": "192.0.2.0/24"}}), vec!["q0"]),
        (json!({"range": {"@timestamp": {"gte": "2026-01-01T00:01:00Z"}}}), vec!["q1"]),
        (
            json!({"geo_distance": {"distance": "50km", "source.geo.location": {"lat": 52.0, "lon": 4.8}}}),
            vec!["q1"],
        ),
        (json!({"range": {"source.as.number": {"gt": 64500}}}), vec!["q1"]),
        (json!({"term": {"source.as.organization.name": "Example Networks"}}), vec!["q0", "q1"]),
        (json!({"match": {"source.as.organization.name.text": "networks"}}), vec!["q0", "q1"]),
        (json!({"match": {"user.name.text": "doe"}}), vec!["q0", "q1"]),
        (json!({"term": {"user.email": "jo@example.com"}}), vec!["q0", "q1"]),
        (json!({"wildcard": {"url.original": "*hooks*"}}), vec!["q0", "q1"]),
        (json!({"term": {"event.category": "iam"}}), vec!["q0", "q1"]),
        (json!({"match": {"cursor.audit.script_content": "needle"}}), vec!["q0", "q1"]),
        (json!({"match_phrase": {"cursor.audit.prompt_content": "filler pin"}}), vec!["q0", "q1"]),
        (json!({"match": {"cursor.audit.personal_message": "letter"}}), vec!["q0", "q1"]),
        (json!({"match": {"cursor.audit.old_value.text": "before"}}), vec!["q0", "q1"]),
        (json!({"term": {"cursor.audit.new_value": "after"}}), vec!["q0", "q1"]),
        (json!({"term": {"cursor.audit.new_limit_cents": 12}}), vec!["q0", "q1"]),
        (json!({"term": {"cursor.audit.success": true}}), vec!["q0", "q1"]),
        (json!({"term": {"cursor.audit.event_data.deeply.nested": "leaf"}}), vec!["q0", "q1"]),
        (json!({"range": {"event.created": {"lt": "2026-01-01T02:00:00Z"}}}), vec!["q0", "q1"]),
    ] {
        assert_eq!(hits(client, stream, query.clone()).await, ids, "{query}");
    }
    let found = client.search(stream, &json!({"query": {"ids": {"values": ["q0"]}}})).await.unwrap();
    assert_eq!(found["hits"]["hits"][0]["_source"]["event"]["original"], "{\"raw\":1}");
}

async fn setting_up_twice_changes_nothing(url: &str, takes_scripts: bool) {
    let options = || {
        let pipeline = json!({"description": "a test", "processors": [{"set": {"field": "a", "value": 1}}], "version": 3});
        let script = json!({"script": {"lang": "painless", "source": "ctx.a = 1"}});
        // The node of Elasticsearch here knows no painless.
        let scripts = if takes_scripts { vec![("trailcar-test".to_owned(), script)] } else { Vec::new() };
        let pipelines = vec![("trailcar-test".to_owned(), pipeline)];
        SetupOptions { pipelines, scripts, ..Default::default() }
    };
    let first = set_up(url, options()).await;
    assert!(first.conflicts.is_empty());
    let again = set_up(url, options()).await;
    assert!(again.steps.iter().all(|step| step.change == Change::Unchanged), "{again}");
}

async fn the_same_again_adds_nothing(url: &str, client: &Client, stream: &str) {
    let sink = sink(url);
    let ids: Vec<String> = (0..500).map(|n| format!("id{n}")).collect();
    let documents =
        || batch(stream, ids.iter().map(|id| (id.as_str(), json!({"@timestamp": "2026-01-01T00:00:00Z"}))));
    let first = sink.deliver(&documents()).await.unwrap().verdicts;
    assert!(first.iter().all(|verdict| *verdict == Verdict::Created));
    let second = sink.deliver(&documents()).await.unwrap().verdicts;
    assert!(second.iter().all(|verdict| *verdict == Verdict::AlreadyThere));
    assert_eq!(client.count(stream).await.unwrap(), 500);
}

async fn takes_every_event(url: &str, client: &Client, takes_scripts: bool) {
    setting_up_twice_changes_nothing(url, takes_scripts).await;
    the_same_again_adds_nothing(url, client, "logs-cursor.audit-sink_again").await;
    values_are_found_by_their_types(url, client, "logs-cursor.audit-sink_types").await;
    no_value_is_refused(url, client, "logs-cursor.audit-sink_wrong").await;
    assert_eq!(complaints(url).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_takes_every_event() {
    let node = testkit::require!(testkit::servers::elasticsearch().shared());
    takes_every_event(node.url(), &node.client(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opensearch_takes_every_event() {
    let node = testkit::require!(testkit::servers::opensearch().shared());
    takes_every_event(node.url(), &node.client(), true).await;
}

/// The messages of a check that are not good.
async fn complaints(url: &str) -> Vec<String> {
    let findings = check(&config(url), &["cursor.audit"]).await.unwrap();
    let bad = findings.into_iter().filter(|finding| finding.grade != Grade::Good);
    bad.map(|finding| finding.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_of_others_are_named_and_taken_over_on_request() {
    let node = testkit::require!(testkit::servers::elasticsearch().start());
    let (url, client) = (node.url(), node.client());
    let stream = "logs-cursor.audit-default";
    let documents = |id| batch(stream, [(id, json!({"@timestamp": "2026-01-01T00:00:00Z"}))]);

    let untouched = sink(url).deliver(&documents("early")).await.unwrap_err();
    assert!(untouched.to_string().contains("trailcar setup"), "{untouched}");
    let told = complaints(url).await;
    assert!(told[0].starts_with("failure") && told[0].contains("run `trailcar setup`"), "{told:?}");

    let template = |pattern: &str, priority: u32| json!({"index_patterns": [pattern], "priority": priority, "data_stream": {}});
    client.put("_index_template/logs", &template("logs-*-*", 100)).await.unwrap();
    client.put("_index_template/logs-cursor.audit", &template("logs-cursor.audit-*", 200)).await.unwrap();
    sink(url).deliver(&documents("theirs")).await.unwrap();
    let told = complaints(url).await;
    assert!(told[0].starts_with("warning") && told[0].contains("[logs-cursor.audit]"), "{told:?}");

    let setup = Setup::new(&config(url), SetupOptions::default()).unwrap();
    let plan = setup.plan().await.unwrap();
    let names: Vec<_> = plan.conflicts.iter().map(|conflict| conflict.template.as_str()).collect();
    assert_eq!(names, ["logs-cursor.audit"]);
    let told = setup.apply(&plan).await.unwrap_err();
    assert!(matches!(&told, SetupError::Conflict(_)) && told.to_string().contains("--take-over"), "{told}");
    let untouched = client.get("_index_template").await.unwrap();
    assert_eq!(untouched["index_templates"].as_array().unwrap().len(), 2);

    let plan = set_up(url, SetupOptions { take_over: true, ..Default::default() }).await;
    assert!(plan.notes.iter().any(|note| note.contains(stream) && note.contains("--rollover")), "{plan}");
    set_up(url, SetupOptions { rollover: true, ..Default::default() }).await;
    let last = set_up(url, SetupOptions::default()).await;
    assert!(
        last.notes.is_empty() && last.steps.iter().all(|step| step.change == Change::Unchanged),
        "{last}"
    );
    assert_eq!(complaints(url).await, [""; 0]);
    let streams = client.get("_data_stream").await.unwrap();
    assert_eq!(streams["data_streams"][0]["template"], "trailcar-logs-cursor.audit");
    assert_eq!(streams["data_streams"][0]["indices"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_users_change_in_their_hooks_is_respected() {
    let node = testkit::require!(testkit::servers::elasticsearch().start());
    let (url, client) = (node.url(), node.client());
    set_up(url, SetupOptions::default()).await;
    let sink = sink(url);
    let bad_time = |stream: &str| {
        batch(
            stream,
            [
                ("a", json!({"@timestamp": "2026-01-01T00:00:00Z"})),
                ("b", json!({"@timestamp": "yesterday"})),
                ("c", json!({"@timestamp": "2026-01-01T00:00:00Z"})),
            ],
        )
    };
    let verdicts = sink.deliver(&bad_time("logs-cursor.audit-plain")).await.unwrap().verdicts;
    let [Verdict::Created, Verdict::Rejected { status: 400, reason }, Verdict::Created] = &verdicts[..]
    else {
        panic!("{verdicts:?}")
    };
    assert!(reason.contains("@timestamp"), "{reason}");

    let custom = json!({"template": {
        "mappings": {"dynamic": "strict"},
        "data_stream_options": {"failure_store": {"enabled": true}},
    }});
    client.put("_component_template/logs-cursor.audit@custom", &custom).await.unwrap();
    let stream = "logs-cursor.audit-kept";
    let verdicts = sink.deliver(&bad_time(stream)).await.unwrap().verdicts;
    assert_eq!(verdicts, [Verdict::Created, Verdict::Diverted, Verdict::Created]);
    assert_eq!(client.count(stream).await.unwrap(), 2);

    let strict = json!({"template": {"mappings": {"dynamic": "strict"}}});
    client.put("_component_template/logs-cursor.audit@custom", &strict).await.unwrap();
    let stream = "logs-cursor.audit-strict";
    created(&sink, stream, vec![("own".to_owned(), document_with("own.field", json!([1, "x"])))]).await;
    let found = &client.documents(stream).await.unwrap()["own"][0].source;
    assert_eq!(found["error"]["message"], json!(["field [own] was refused: {\"field\":[1,\"x\"]}"]));
}

async fn a_rollover_doubles_nothing(url: &str, client: &Client) {
    set_up(url, SetupOptions::default()).await;
    let stream = "logs-cursor.audit-sink_rollover";
    let documents = |ids: &[&str]| {
        batch(stream, ids.iter().map(|&id| (id, json!({"@timestamp": "2026-01-01T00:00:00Z"}))))
    };

    // It is done, and its answer is lost: the connection ends in the middle of it, whichever of the first ones it is. The
    // ids do not compress well.
    let address = url.trim_start_matches("http://").parse().unwrap();
    let proxy = FaultyProxy::start(address, [Fault::Reset(Way::Response, 4_000); 3]).await.unwrap();
    let id = |n: u64| format!("\"{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let many: Vec<String> = (1..=1000).map(id).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (sink, batch) = (sink(&proxy.url()), documents(&many));
    let mut lost = 0;
    let verdicts = loop {
        match sink.deliver(&batch).await {
            Ok(receipt) => break receipt.verdicts,
            Err(_) => lost += 1,
        }
        client.post(&format!("{stream}/_rollover"), &Value::Null).await.unwrap();
    };
    assert!(lost > 0, "no answer was lost");
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Created), "{verdicts:?}");

    // Another process sends some again, and one that is new.
    let again = self::sink(url).deliver(&documents(&[many[7], "new", many[8]])).await.unwrap().verdicts;
    assert_eq!(again, [Verdict::AlreadyThere, Verdict::Created, Verdict::AlreadyThere]);
    let found = client.documents(stream).await.unwrap();
    assert!(found.len() == 1001 && found.values().all(|hits| hits.len() == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollover_of_elasticsearch_doubles_nothing() {
    let node = testkit::require!(testkit::servers::elasticsearch().shared());
    a_rollover_doubles_nothing(node.url(), &node.client()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollover_of_opensearch_doubles_nothing() {
    let node = testkit::require!(testkit::servers::opensearch().shared());
    a_rollover_doubles_nothing(node.url(), &node.client()).await;
}
