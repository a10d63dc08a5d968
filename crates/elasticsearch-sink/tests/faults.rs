//! Every fault of a cluster, against a scripted one: what must end how, with exact counts.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by failing")]

mod batches;

use std::time::Duration;

use batches::{batch, config, sink};
use elasticsearch_sink::{BackoffConfig, ElasticsearchConfig, ElasticsearchSink};
use event::{DeliverError, Destination, DocumentBatch, Verdict};
use serde_json::json;
use testkit::fake::{Apply, FakeElasticsearch, Fate, Reply, Say};
use testkit::proxy::{Fault, FaultyProxy, Way};

const STREAM: &str = "logs-cursor.audit-default";
use Verdict::{AlreadyThere, Created, Diverted};

fn documents(ids: &[&str]) -> DocumentBatch {
    batch(STREAM, ids.iter().map(|&id| (id, json!({"@timestamp": "2026-01-01T00:00:00Z", "message": id}))))
}

async fn verdicts(sink: &ElasticsearchSink, batch: &DocumentBatch) -> Vec<Verdict> {
    sink.deliver(batch).await.unwrap().verdicts
}

fn retry(result: Result<event::Receipt, DeliverError>) -> String {
    match result {
        Err(DeliverError::Retry(message)) => message,
        other => panic!("{other:?}"),
    }
}

fn fatal(result: Result<event::Receipt, DeliverError>) -> String {
    match result {
        Err(DeliverError::Fatal(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn requests_are_plain_compressed_and_skip_the_cluster_s_pipelines() {
    let fake = FakeElasticsearch::start([]).await.unwrap();
    assert_eq!(verdicts(&sink(&fake.url()), &documents(&["a"])).await, [Created]);
    let own =
        ElasticsearchConfig { pipeline: Some("mine".into()), compression_level: 0, ..config(&fake.url()) };
    assert_eq!(verdicts(&ElasticsearchSink::new(&own).unwrap(), &documents(&["a"])).await, [AlreadyThere]);
    let [first, second] = &fake.requests()[..] else { panic!() };
    assert_eq!(first.headers["content-type"], "application/json");
    assert_eq!(first.headers["content-encoding"], "gzip");
    assert!(
        first.uri.contains("pipeline=_none") && first.uri.contains("require_data_stream=true"),
        "{}",
        first.uri
    );
    assert!(!second.headers.contains_key("content-encoding"));
    assert!(second.uri.contains("pipeline=mine"), "{}", second.uri);
}

#[tokio::test]
async fn each_document_has_its_own_verdict_and_only_the_busy_are_sent_again() {
    let fake = FakeElasticsearch::start([
        Reply::each([
            Fate::Taken,
            Fate::Refused(409, "version_conflict_engine_exception", "there"),
            Fate::Refused(429, "es_rejected_execution_exception", "busy"),
            Fate::Refused(400, "document_parsing_exception", "bad"),
            Fate::Diverted,
            Fate::Refused(503, "unavailable_shards_exception", "away"),
        ]),
        Reply::each([Fate::Refused(429, "es_rejected_execution_exception", "busy")]),
    ])
    .await
    .unwrap();
    let rejected = Verdict::Rejected { status: 400, reason: "document_parsing_exception: bad".to_owned() };
    assert_eq!(
        verdicts(&sink(&fake.url()), &documents(&["a", "b", "c", "d", "e", "f"])).await,
        [Created, AlreadyThere, Created, rejected, Diverted, Created]
    );
    let sent: Vec<_> = fake.requests().into_iter().map(|request| request.ids.concat()).collect();
    assert_eq!(sent, ["abcdef", "cf", "c"]);
    assert_eq!(fake.unused(), 0);
}

#[tokio::test]
async fn items_in_another_order_find_their_documents() {
    let script = Reply {
        apply: Apply::Each(vec![
            Fate::Taken,
            Fate::Refused(400, "document_parsing_exception", "bad"),
            Fate::Taken,
        ]),
        say: Say::Shuffled,
    };
    let fake = FakeElasticsearch::start([script]).await.unwrap();
    let verdicts = verdicts(&sink(&fake.url()), &documents(&["a", "b", "c"])).await;
    assert!(
        matches!(verdicts[..], [Created, Verdict::Rejected { status: 400, .. }, Created]),
        "{verdicts:?}"
    );
}

#[tokio::test]
async fn one_id_twice_in_a_batch_is_one_document() {
    let fake = FakeElasticsearch::start([Reply::truth(), Reply::taken_but(Say::Cut(20))]).await.unwrap();
    let sink = sink(&fake.url());
    assert_eq!(verdicts(&sink, &documents(&["a", "a", "b\"\\ü"])).await, [Created, AlreadyThere, Created]);
    // the second batch is taken, but the answer is lost: one of the two is our own doing, not both
    let twice = documents(&["x", "x"]);
    retry(sink.deliver(&twice).await);
    assert_eq!(verdicts(&sink, &twice).await, [Created, AlreadyThere]);
}

#[tokio::test]
async fn what_is_no_complete_answer_acknowledges_nothing() {
    let partial = r#"{"errors":false,"items":[{"create":{"_id":"a","status":201}},{"create":{"_id":"z","status":201}}]}"#;
    let stateless = r#"{"errors":false,"items":[{"create":{"_id":"a"}},{"create":{"_id":"b"}}]}"#;
    for say in [
        Say::Garbled("<html><body>sign in</body></html>".to_owned()),
        Say::Garbled(String::new()),
        Say::Garbled("{\"errors\":false}".to_owned()),
        Say::Garbled(partial.to_owned()),
        Say::Garbled(stateless.to_owned()),
        Say::Fewer(1),
        Say::Cut(40),
    ] {
        let fake =
            FakeElasticsearch::start([Reply { apply: Apply::Nothing, say: say.clone() }]).await.unwrap();
        let sink = sink(&fake.url());
        let batch = documents(&["a", "b"]);
        let told = retry(sink.deliver(&batch).await);
        assert!(told.contains(&fake.url()), "{told}");
        assert_eq!(verdicts(&sink, &batch).await, [Created, Created], "{say:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_not_a_duplicate() {
    for say in
        [Say::Cut(10), Say::Silence, Say::Status(504, Vec::new(), String::new()), Say::Garbled("x".into())]
    {
        let fake = FakeElasticsearch::start([Reply::truth(), Reply::taken_but(say.clone())]).await.unwrap();
        let patient = ElasticsearchConfig { timeout: Duration::from_millis(300), ..config(&fake.url()) };
        let sink = ElasticsearchSink::new(&patient).unwrap();
        assert_eq!(verdicts(&sink, &documents(&["old"])).await, [Created]);
        let batch = documents(&["a", "b"]);
        retry(sink.deliver(&batch).await);
        assert_eq!(verdicts(&sink, &batch).await, [Created, Created], "{say:?}");
        // another batch with the same ids was never in doubt
        assert_eq!(verdicts(&sink, &documents(&["a", "b"])).await, [AlreadyThere, AlreadyThere]);
    }
}

#[tokio::test]
async fn what_was_known_before_a_failure_is_not_asked_again() {
    let busy = || Fate::Refused(429, "es_rejected_execution_exception", "busy");
    let fake =
        FakeElasticsearch::start([Reply::each([Fate::Taken, busy()]), Reply::status(503)]).await.unwrap();
    let sink = sink(&fake.url());
    let batch = documents(&["a", "b"]);
    retry(sink.deliver(&batch).await);
    assert_eq!(verdicts(&sink, &batch).await, [Created, Created]);
    let sent: Vec<_> = fake.requests().into_iter().map(|request| request.ids.concat()).collect();
    assert_eq!(sent, ["ab", "b", "b"]);
}

#[tokio::test]
async fn a_document_that_is_never_taken_is_told_and_not_given_up() {
    let busy = || Reply::each([Fate::Refused(429, "es_rejected_execution_exception", "busy")]);
    let fake = FakeElasticsearch::start((0..8).map(|_| busy())).await.unwrap();
    let sink = sink(&fake.url());
    let batch = documents(&["a", "b"]);
    let told = retry(sink.deliver(&batch).await);
    assert!(told.contains("1 of 2 documents") && told.contains("busy"), "{told}");
    assert_eq!(verdicts(&sink, &batch).await, [Created, Created]);
    assert_eq!(fake.requests().len(), 9);
}

#[tokio::test]
async fn too_large_is_halved_down_to_the_one_document() {
    let too_large = || Reply { apply: Apply::Nothing, say: Say::Status(413, Vec::new(), String::new()) };
    // abcd, ab, a
    let fake = FakeElasticsearch::start([too_large(), too_large(), too_large()]).await.unwrap();
    let verdicts = verdicts(&sink(&fake.url()), &documents(&["a", "b", "c", "d"])).await;
    assert!(matches!(verdicts[..], [Verdict::Rejected { status: 413, .. }, Created, Created, Created]));
    let sent: Vec<_> = fake.requests().into_iter().map(|request| request.ids.concat()).collect();
    assert_eq!(sent, ["abcd", "ab", "a", "b", "cd"]);
}

#[tokio::test]
async fn a_size_that_was_too_large_is_not_tried_again() {
    let too_large = Reply { apply: Apply::Nothing, say: Say::Status(413, Vec::new(), String::new()) };
    let fake = FakeElasticsearch::start([too_large]).await.unwrap();
    let sink = sink(&fake.url());
    let big = || batch(STREAM, ["a", "b", "c", "d"].map(|id| (id, json!({"message": "x".repeat(40_000)}))));
    assert_eq!(verdicts(&sink, &big()).await, [Created, Created, Created, Created]);
    assert_eq!(verdicts(&sink, &big()).await, [AlreadyThere, AlreadyThere, AlreadyThere, AlreadyThere]);
    let sent: Vec<_> = fake.requests().into_iter().map(|request| request.ids.concat()).collect();
    assert_eq!(
        sent,
        ["abcd", "ab", "cd", "a", "b", "c", "d"]
            .into_iter()
            .filter(|ids| ids.len() != 1)
            .chain(["ab", "cd"])
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn batches_are_parted_by_bytes() {
    let fake = FakeElasticsearch::start([]).await.unwrap();
    let small = ElasticsearchConfig { bulk_max_bytes: 64 << 10, ..config(&fake.url()) };
    let sink = ElasticsearchSink::new(&small).unwrap();
    let big = batch(STREAM, ["a", "b", "c"].map(|id| (id, json!({"message": "x".repeat(30_000)}))));
    assert_eq!(verdicts(&sink, &big).await, [Created, Created, Created]);
    let sent: Vec<_> = fake.requests().into_iter().map(|request| request.ids.concat()).collect();
    assert_eq!(sent, ["ab", "c"]);
}

#[tokio::test]
async fn an_empty_batch_is_done() {
    let fake = FakeElasticsearch::start([]).await.unwrap();
    assert!(verdicts(&sink(&fake.url()), &documents(&[])).await.is_empty());
    assert!(fake.requests().is_empty());
}

#[tokio::test]
async fn what_somebody_must_act_on_is_fatal_and_names_the_cure() {
    for (reply, cure) in [
        (Reply::status(401), "not expired"),
        (Reply::status(403), "--print-role"),
        (Reply::status(404), "check path and port"),
        (Reply::status(406), "does not take the request"),
        (Reply::each([Fate::Taken, Fate::Refused(404, "index_not_found_exception", "no")]), "trailcar setup"),
        (Reply::each([Fate::Taken, Fate::Refused(403, "security_exception", "no")]), "create_doc"),
    ] {
        let fake = FakeElasticsearch::start([reply]).await.unwrap();
        let sink = sink(&fake.url());
        let batch = documents(&["a", "b"]);
        let told = fatal(sink.deliver(&batch).await);
        assert!(told.contains(cure), "{told}");
        // once it is put right, all arrive, and none counts as a duplicate
        assert_eq!(verdicts(&sink, &batch).await, [Created, Created], "{told}");
    }
}

#[tokio::test]
async fn a_request_that_one_document_spoils_spares_the_others() {
    let spoiled = || {
        let body = r#"{"error":{"type":"action_request_validation_exception","reason":"id is too long"},"status":400}"#;
        Reply { apply: Apply::Nothing, say: Say::Status(400, Vec::new(), body.to_owned()) }
    };
    // abcd, then cd, then d
    let fake = FakeElasticsearch::start([spoiled(), Reply::truth(), spoiled(), Reply::truth(), spoiled()])
        .await
        .unwrap();
    let verdicts = verdicts(&sink(&fake.url()), &documents(&["a", "b", "c", "d"])).await;
    assert!(matches!(verdicts[..], [Created, Created, Created, Verdict::Rejected { status: 400, .. }]));
}

#[tokio::test]
async fn a_dead_host_is_passed_over_and_its_duplicates_stay_duplicates() {
    let fake = FakeElasticsearch::start([]).await.unwrap();
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let both = ElasticsearchConfig {
        hosts: vec![dead.clone(), fake.url()],
        backoff: BackoffConfig { init: Duration::from_secs(3600), max: Duration::from_secs(3600) },
        ..config(&dead)
    };
    let cluster = ElasticsearchSink::new(&both).unwrap();
    for id in ["a", "b", "c"] {
        assert_eq!(verdicts(&cluster, &documents(&[id])).await, [Created]);
    }
    assert_eq!(verdicts(&cluster, &documents(&["a"])).await, [AlreadyThere]);

    let told = retry(sink(&dead).deliver(&documents(&["a"])).await);
    assert!(told.contains(&dead) && told.contains("is the server up"), "{told}");
}

#[tokio::test]
async fn connections_that_break_lose_and_double_nothing() {
    for fault in [
        Fault::Reset(Way::Request, 600),
        Fault::Reset(Way::Response, 30),
        Fault::Cut(Way::Response, 150),
        Fault::Cut(Way::Request, 700),
        Fault::HalfClose(Way::Response, 0),
        Fault::Stall(Way::Response, 160),
    ] {
        let fake = FakeElasticsearch::start([]).await.unwrap();
        let proxy = FaultyProxy::start(fake.address(), [fault, fault]).await.unwrap();
        let impatient = ElasticsearchConfig { timeout: Duration::from_millis(400), ..config(&proxy.url()) };
        let sink = ElasticsearchSink::new(&impatient).unwrap();
        let ids: Vec<String> = (0..200).map(|n| format!("id-{n}")).collect();
        let batch = documents(&ids.iter().map(String::as_str).collect::<Vec<_>>());
        let mut failures = 0;
        let verdicts = loop {
            match sink.deliver(&batch).await {
                Ok(receipt) => break receipt.verdicts,
                Err(DeliverError::Retry(_)) => failures += 1,
                Err(error) => panic!("{error}"),
            }
        };
        assert!(failures > 0 && proxy.unused() == 0, "{fault:?}");
        assert!(verdicts.iter().all(|verdict| *verdict == Created), "{fault:?}: {verdicts:?}");
        assert_eq!(fake.accepted().ids().len(), 200, "{fault:?}");
    }
}
