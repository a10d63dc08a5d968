//! Events that are sent again after their data stream has rolled over, against a scripted cluster: each is there once.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod batches;

use Verdict::{AlreadyThere, Created};
use batches::{batch, sink};
use elasticsearch_sink::ElasticsearchSink;
use event::{Destination, DocumentBatch, Verdict};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use testkit::fake::{FakeElasticsearch, Reply, Say};

const STREAM: &str = "logs-cursor.audit-default";

/// Documents of events of that time.
fn of(time: Timestamp, ids: &[&str]) -> DocumentBatch {
    let source = json!({"@timestamp": time.to_string(), "message": "x"});
    batch(STREAM, ids.iter().map(|&id| (id, source.clone())))
}

/// Documents of events that are older than any rollover of a test.
fn old(ids: &[&str]) -> DocumentBatch {
    of(Timestamp::now() - SignedDuration::from_hours(24), ids)
}

async fn verdicts(sink: &ElasticsearchSink, batch: &DocumentBatch) -> Vec<Verdict> {
    sink.deliver(batch).await.unwrap().verdicts
}

#[tokio::test]
async fn a_lost_answer_before_a_rollover_doubles_nothing() {
    for say in
        [Say::Cut(10), Say::Status(504, Vec::new(), String::new()), Say::Garbled("x".into()), Say::Fewer(1)]
    {
        let fake = FakeElasticsearch::start([Reply::taken_but(say.clone())]).await.unwrap();
        let sink = sink(&fake.url());
        let batch = old(&["a", "b\"\\ü", "a"]);
        assert!(sink.deliver(&batch).await.is_err());
        fake.rollover(STREAM);
        fake.rollover(STREAM);
        // its own work is no duplicate, but for the event that was in it twice
        assert_eq!(verdicts(&sink, &batch).await, [Created, Created, AlreadyThere], "{say:?}");
        assert!(fake.accepted().duplicates().is_empty(), "{say:?}");
    }
}

#[tokio::test]
async fn what_is_new_is_told_from_what_a_lost_request_has_left() {
    let lost = Reply { apply: testkit::fake::Apply::Nothing, say: Say::Cut(0) };
    let fake = FakeElasticsearch::start([Reply::truth(), lost]).await.unwrap();
    let sink = sink(&fake.url());
    assert_eq!(verdicts(&sink, &old(&["a"])).await, [Created]);
    let batch = old(&["b", "c"]);
    assert!(sink.deliver(&batch).await.is_err());
    fake.rollover(STREAM);
    assert_eq!(verdicts(&sink, &batch).await, [Created, Created]);
    assert_eq!(fake.accepted().ids().len(), 3);
    assert!(fake.accepted().duplicates().is_empty());
}

#[tokio::test]
async fn another_process_sends_again_what_is_behind_a_rollover() {
    let fake = FakeElasticsearch::start([]).await.unwrap();
    assert_eq!(verdicts(&sink(&fake.url()), &old(&["a", "b"])).await, [Created, Created]);
    fake.rollover(STREAM);
    let batch = old(&["a", "c", "b"]);
    assert_eq!(verdicts(&sink(&fake.url()), &batch).await, [AlreadyThere, Created, AlreadyThere]);
    assert!(fake.accepted().duplicates().is_empty());
    // only what was not there was sent
    assert_eq!(fake.requests().last().unwrap().ids, ["c"]);
}

#[tokio::test]
async fn events_of_now_and_streams_of_one_index_are_not_asked_for() {
    let fake = FakeElasticsearch::start([]).await.unwrap();
    let first = sink(&fake.url());
    for id in ["a", "b", "c"] {
        assert_eq!(verdicts(&first, &old(&[id])).await, [Created]);
    }
    // which indices there are, at most once a second
    assert!(fake.reads() <= 3, "{}", fake.reads());
    fake.rollover(STREAM);
    let (second, before) = (sink(&fake.url()), fake.reads());
    let later = Timestamp::now() + SignedDuration::from_mins(11);
    assert_eq!(verdicts(&second, &of(later, &["d"])).await, [Created]);
    // the indices and their ages, no document
    assert_eq!(fake.reads() - before, 2);
}

#[tokio::test]
async fn credentials_that_may_not_read_deliver_all_the_same() {
    let fake = FakeElasticsearch::start([Reply::taken_but(Say::Cut(10))]).await.unwrap();
    fake.refuse_reading();
    let sink = sink(&fake.url());
    let batch = old(&["a"]);
    assert!(sink.deliver(&batch).await.is_err());
    fake.rollover(STREAM);
    assert_eq!(verdicts(&sink, &batch).await, [Created]);
    assert_eq!(fake.accepted().duplicates(), ["a"]);
}

#[derive(Clone, Debug)]
enum Step {
    /// Sends events; so many of the attempts have no answer.
    Send(Vec<u8>, u8),
    Rollover,
    /// Another process goes on.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (proptest::collection::vec(0..20u8, 1..6), 0..3u8).prop_map(|(ids, lost)| Step::Send(ids, lost)),
        2 => Just(Step::Rollover),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever comes again in whatever way, behind whatever rollovers: one document each.
    #[test]
    fn each_event_is_there_once(steps in proptest::collection::vec(step(), 1..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fake = FakeElasticsearch::start([]).await.unwrap();
            let mut sender = sink(&fake.url());
            let mut created = 0;
            // A rollover waits for the next attempt, so that it also comes between a lost answer and the next attempt.
            let mut rolls_over = false;
            for step in steps {
                match step {
                    Step::Rollover => rolls_over = true,
                    Step::Restart => sender = sink(&fake.url()),
                    Step::Send(ids, lost) => {
                        let ids: Vec<String> = ids.iter().map(|id| format!("id{id}")).collect();
                        let batch = old(&ids.iter().map(String::as_str).collect::<Vec<_>>());
                        fake.then((0..lost).map(|_| Reply::taken_but(Say::Cut(5))));
                        let receipt = loop {
                            let sent = fake.requests().len();
                            match sender.deliver(&batch).await {
                                Ok(receipt) => break receipt,
                                Err(_) if std::mem::take(&mut rolls_over) => fake.rollover(STREAM),
                                Err(_) => assert!(fake.requests().len() > sent, "it waits for ever"),
                            }
                        };
                        created += receipt.verdicts.iter().filter(|verdict| **verdict == Created).count();
                    }
                }
            }
            assert!(fake.accepted().duplicates().is_empty(), "{:?}", fake.accepted().duplicates());
            // What was there and comes again in an attempt without an answer looks like that attempt's own work.
            assert!(created >= fake.accepted().ids().len());
        });
    }
}
