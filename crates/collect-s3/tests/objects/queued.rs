//! Objects that a queue tells of.

use collect_s3::{Origin, Queue, S3Config};
use event::Collector;
use serde_json::json;
use testkit::aws::{FakeAws, Fault};

use crate::world::{BUCKET, CANARY, Got, collector, gzip, lines, now, queue};

fn with(mut config: S3Config, change: impl FnOnce(&mut Queue)) -> S3Config {
    let Origin::Queue(queue) = &mut config.origin else { panic!("a queue") };
    change(queue);
    config
}

#[tokio::test]
async fn every_wrapping_and_every_form_of_object_is_read_and_the_messages_leave() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "2026/11/28/a b+c.gz", gzip(&lines("gz", 7)), now());
    aws.put(BUCKET, "array.txt", "[1, {\"x\": 2},\n \"y\"]", now());
    aws.put(BUCKET, "empty", "", now());
    aws.put(BUCKET, "empty.gz", gzip(b""), now());
    aws.put(BUCKET, "plain.gz", lines("plain", 2), now());
    aws.notify(BUCKET, &["2026/11/28/a b+c.gz", "array.txt"]);
    aws.send(json!({"Event": "s3:TestEvent", "Bucket": BUCKET}).to_string());
    let records = json!({"Records": [aws.record(BUCKET, "empty"), aws.record(BUCKET, "empty.gz")]});
    aws.send(json!({"Type": "Notification", "Message": records.to_string()}).to_string());
    let detail = json!({"bucket": {"name": BUCKET}, "object": {"key": "plain.gz"}});
    aws.send(json!({"source": "aws.s3", "detail-type": "Object Created", "detail": detail}).to_string());
    let mut got = Got::default();
    got.drain(collector(queue(&aws))).await;
    assert_eq!(got.events.len(), 7 + 3 + 2);
    assert!(got.once() && got.notices.is_empty() && got.errors.is_empty(), "{got:?}");
    assert!(got.locations.contains(&format!("s3://{BUCKET}/2026/11/28/a b+c.gz")));
    assert_eq!(aws.messages(), 0);
}

#[tokio::test]
async fn a_message_stays_until_every_event_of_all_its_objects_is_settled() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "a", lines("a", 4), now());
    aws.put(BUCKET, "b", lines("b", 2), now());
    aws.notify(BUCKET, &["a", "b"]);
    let mut collector = collector(S3Config { follow: true, ..queue(&aws) });
    let mut got = Got::default();
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(collector.next().await.unwrap().unwrap());
    }
    for batch in held {
        assert_eq!((aws.count("DeleteMessage"), aws.messages()), (0, 1));
        got.settle(&batch);
    }
    aws.until(|aws| aws.messages() == 0).await;
    assert_eq!(got.events.len(), 6);
    collector.close().await;
}

#[tokio::test]
async fn what_is_given_up_is_released_and_comes_again() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "a", lines("a", 12), now());
    aws.notify(BUCKET, &["a"]);
    let mut first = collector(S3Config { follow: true, ..queue(&aws) });
    // One batch is taken and dropped, others are under way.
    drop(first.next().await.unwrap());
    first.close().await;
    assert_eq!((aws.messages(), aws.hidden(), aws.count("DeleteMessage")), (1, 0, 0));
    let mut got = Got::default();
    got.drain(collector(queue(&aws))).await;
    assert_eq!((got.events.len(), got.once(), aws.messages()), (12, true, 0));
}

#[tokio::test]
async fn a_message_is_hidden_on_while_work_goes_on() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "a", lines("a", 2), now());
    aws.notify(BUCKET, &["a"]);
    aws.fail("GetObject", [Fault::Hold(2)]);
    let config = with(queue(&aws), |queue| queue.visibility_timeout = std::time::Duration::from_secs(1));
    let mut got = Got::default();
    let work = got.drain(collector(config));
    let release = async {
        aws.until(|aws| aws.count("ChangeMessageVisibility") >= 2).await;
        aws.release();
    };
    tokio::join!(work, release);
    assert_eq!((got.names(), aws.messages()), (vec!["a-0", "a-1"], 0));
}

#[tokio::test]
async fn poison_is_kept_in_quarantine_and_only_then_deleted() {
    let aws = FakeAws::start().await.unwrap();
    let mut broken = gzip(&lines("good", 5000));
    broken.truncate(broken.len() / 2);
    aws.put(BUCKET, "cut.gz", broken, now());
    aws.put("other", "x", lines("x", 1), now());
    aws.send("no json");
    aws.notify(BUCKET, &["cut.gz"]);
    aws.notify("other", &["x"]);
    let config = || with(queue(&aws), |queue| queue.allowed_buckets = vec![BUCKET.into()]);
    let mut got = Got::default();
    for receive in 1..=2 {
        got.drain(collector(config())).await;
        assert_eq!((aws.messages(), got.set_aside.len()), (3, 0), "receive {receive}");
        aws.expire();
    }
    let good = got.events.len();
    assert!((100..5000).contains(&good), "what is good is read: {good}");
    assert!(got.said().contains(&format!("s3://{BUCKET}/cut.gz@")) && got.said().contains("ends too early"));
    // The third time, with a ledger that does not settle: nothing is deleted.
    let mut third = collector(S3Config { follow: true, ..config() });
    let mut set_aside = 0;
    while set_aside < 3 {
        let batch = third.next().await.unwrap().unwrap();
        set_aside += batch.set_aside.len();
        if batch.set_aside.is_empty() {
            got.settle(&batch);
        }
    }
    third.close().await;
    assert_eq!((aws.messages(), aws.count("DeleteMessage")), (3, 0));
    got.drain(collector(config())).await;
    assert_eq!((aws.messages(), got.events.len()), (0, good));
    let mut reasons: Vec<_> = got.set_aside.values().map(|kept| kept.reason.as_str()).collect();
    reasons.sort_unstable();
    assert!(reasons[0].starts_with("is no notification of S3"), "{reasons:?}");
    assert!(reasons[1].contains("bucket [other], which allowed_buckets does not have"), "{reasons:?}");
    assert!(reasons[2].contains("ends too early"), "{reasons:?}");
    let cut = got.set_aside.values().find(|kept| kept.reason.contains("early")).unwrap();
    assert!(cut.offset > 0 && cut.location.as_deref() == Some(&*format!("s3://{BUCKET}/cut.gz")));
}

#[tokio::test]
async fn objects_that_are_gone_or_overwritten_are_said_and_done() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "gone", lines("gone", 1), now());
    aws.put(BUCKET, "new", lines("old", 2), now());
    aws.notify(BUCKET, &["gone", "new"]);
    aws.delete(BUCKET, "gone");
    aws.put(BUCKET, "new", lines("new", 2), now());
    let mut got = Got::default();
    got.drain(collector(queue(&aws))).await;
    assert_eq!((got.names(), aws.messages()), (vec!["new-0", "new-1"], 0));
    assert!(got.said().contains("s3://audit/gone@0: is gone, deleted before it was read"), "{}", got.said());
    assert!(got.said().contains("s3://audit/new@0: was overwritten before it was read"), "{}", got.said());
}

#[tokio::test]
async fn unclear_and_failed_deletions_lose_nothing() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "a", lines("a", 2), now());
    aws.notify(BUCKET, &["a"]);
    aws.notify(BUCKET, &["a"]);
    aws.fail("DeleteMessage", [Fault::Unclear, Fault::Refuse(403, "AccessDenied")]);
    let mut got = Got::default();
    got.drain(collector(queue(&aws))).await;
    aws.expire();
    got.drain(collector(queue(&aws))).await;
    assert_eq!((got.names(), aws.messages()), (vec!["a-0", "a-1"], 0));
}

#[tokio::test]
async fn denied_access_pauses_with_the_permission_and_goes_on() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "a", lines("a", 2), now());
    aws.notify(BUCKET, &["a"]);
    let denied = Fault::Refuse(403, "AccessDenied");
    aws.fail("ReceiveMessage", [denied.clone(), Fault::Refuse(400, "QueueDoesNotExist")]);
    aws.fail("GetObject", [denied, Fault::Refuse(400, "ExpiredToken")]);
    let mut got = Got::default();
    got.drain(collector(queue(&aws))).await;
    let told = got.errors.join("\n");
    for part in [
        "allow sqs:ReceiveMessage",
        "is not there: check its name",
        "allow s3:GetObject",
        "token has expired",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains(CANARY) && !told.contains("AKIA"));
    assert_eq!((got.names(), got.once(), aws.messages()), (vec!["a-0", "a-1"], true, 0));
}

#[tokio::test]
async fn one_denied_object_among_others_does_not_stop_the_source() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "a", lines("a", 1), now());
    aws.put(BUCKET, "b", lines("b", 1), now());
    aws.notify(BUCKET, &["a"]);
    let config = || S3Config { workers: 1, ..with(queue(&aws), |queue| queue.max_receive_count = 1) };
    let mut collector = collector(S3Config { follow: true, ..config() });
    let mut got = Got::default();
    got.settle(&collector.next().await.unwrap().unwrap());
    aws.until(|aws| aws.messages() == 0).await;
    aws.fail("GetObject", [Fault::Refuse(403, "AccessDenied")]);
    aws.notify(BUCKET, &["b"]);
    while got.set_aside.is_empty() {
        got.settle(&collector.next().await.unwrap().unwrap());
    }
    aws.until(|aws| aws.messages() == 0).await;
    collector.close().await;
    assert!(got.said().contains("is denied while others are not"), "{}", got.said());
}

#[tokio::test]
async fn two_sidecars_share_a_queue_and_die_at_any_step_without_losing_an_event() {
    let aws = FakeAws::start().await.unwrap();
    let mut expected = 0;
    for n in 0..12 {
        let key = format!("2026/11/28/{n:02}.gz");
        aws.put(BUCKET, &key, gzip(&lines(&key, n)), now());
        aws.notify(BUCKET, &[&key]);
        // Standard queues deliver twice now and then.
        aws.notify(BUCKET, &[&key]);
        expected += n;
    }
    let mut got = Got::default();
    // Each dies after some batches, with some of them settled, at another step each time.
    for steps in 0..8 {
        let mut pair = [collector(S3Config { follow: true, ..queue(&aws) }), collector(queue(&aws))];
        for step in 0..steps {
            if let Ok(Some(batch)) = pair[step % 2].next().await
                && step % 3 != 2
            {
                got.settle(&batch);
            }
        }
        drop(pair);
        aws.expire();
    }
    let mut other = Got::default();
    tokio::join!(got.drain(collector(queue(&aws))), other.drain(collector(queue(&aws))));
    got.events.extend(other.events);
    assert_eq!((aws.messages(), got.events.len(), got.set_aside.len()), (0, expected, 0));
}
