//! Objects of a bucket that is listed.

use collect::InflateLimits;
use collect_s3::{Origin, S3Collector, S3Config};
use event::Collector;
use regex::Regex;
use testkit::aws::{FakeAws, Fault};
use testkit::proxy::{Fault as Wire, FaultyProxy, Way};

use crate::world::{BUCKET, CANARY, Got, bucket, collector, gzip, lines, now};

/// Goes on where the checkpoint says.
async fn again(got: &mut Got, config: S3Config) {
    let collector = S3Collector::new(config, got.checkpoint.clone()).unwrap();
    got.drain(collector).await;
}

#[tokio::test]
async fn new_and_changed_objects_are_read_once_over_many_pages() {
    let aws = FakeAws::start().await.unwrap();
    for n in 0..35 {
        aws.put(BUCKET, &format!("2026/11/{:02}/x.gz", n % 28 + 1), gzip(&lines("old", 1)), 1_000_000);
        aws.put(BUCKET, &format!("p/{n:02}.gz"), gzip(&lines(&format!("n{n}"), 2)), now());
    }
    let config = || {
        let mut config = bucket(&aws.url());
        let Origin::Bucket(bucket) = &mut config.origin else { panic!("a bucket") };
        bucket.prefix = "p/".into();
        config
    };
    let mut got = Got::default();
    again(&mut got, config()).await;
    assert_eq!((got.events.len(), got.once()), (70, true));
    let reads = aws.count("GetObject");
    again(&mut got, config()).await;
    assert_eq!(aws.count("GetObject"), reads, "nothing is new");
    aws.put(BUCKET, "p/07.gz", gzip(&lines("changed", 1)), now());
    again(&mut got, config()).await;
    assert_eq!((got.events.len(), got.once(), aws.count("GetObject")), (71, true, reads + 1));
}

#[tokio::test]
async fn between_full_rounds_only_new_date_partitions_are_listed() {
    let aws = FakeAws::start().await.unwrap();
    let today = jiff::Timestamp::now().strftime("%Y/%m/%d");
    aws.put(BUCKET, "t/2020/01/01/x", lines("old", 1), 1_577_836_800);
    aws.put(BUCKET, &format!("t/{today}/x"), lines("new", 1), now());
    let mut collector = collector(S3Config { follow: true, ..bucket(&aws.url()) });
    let mut got = Got::default();
    while got.checkpoint.is_none() {
        got.settle(&collector.next().await.unwrap().unwrap());
    }
    aws.put(BUCKET, &format!("t/{today}/y"), lines("newer", 1), now());
    while !got.events.contains_key("newer-0") {
        got.settle(&collector.next().await.unwrap().unwrap());
    }
    collector.close().await;
    let lists: Vec<_> = aws.calls().into_iter().filter(|call| call.operation == "ListObjectsV2").collect();
    assert!(
        !lists[0].of.contains("start-after")
            && lists[1..].iter().all(|call| call.of.contains("start-after\": \"t/2"))
    );
    assert_eq!((got.names(), got.once()), (vec!["new-0", "newer-0", "old-0"], true));
}

#[tokio::test]
async fn selectors_and_times_leave_objects_out() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "a.json", lines("a", 1), now());
    aws.put(BUCKET, "b.txt", lines("b", 1), now());
    aws.put(BUCKET, "old.json", lines("old", 1), now() - 7200);
    aws.put(BUCKET, "folder/", "", now());
    let mut config = bucket(&aws.url());
    config.selection.file_selectors = vec![Regex::new("[.]json$").unwrap()];
    config.selection.ignore_older = Some(std::time::Duration::from_secs(3600));
    let mut got = Got::default();
    again(&mut got, config).await;
    assert_eq!((got.names(), aws.count("GetObject")), (vec!["a-0"], 1));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_read_on_and_no_event_comes_twice() {
    let aws = FakeAws::start().await.unwrap();
    let large = gzip(
        &(0..40_000u32)
            .flat_map(|n| format!("{:08x}\n", n.wrapping_mul(2_654_435_761)).into_bytes())
            .collect::<Vec<_>>(),
    );
    assert!(large.len() > 100_000);
    aws.put(BUCKET, "x.gz", large, now());
    aws.fail(
        "GetObject",
        [Fault::Cut(1000), Fault::Refuse(503, "SlowDown"), Fault::Cut(50_000), Fault::Cut(0)],
    );
    aws.fail("ListObjectsV2", [Fault::Refuse(503, "SlowDown")]);
    let mut got = Got::default();
    let mut config = bucket(&aws.url());
    config.split.piece_events = 1000;
    again(&mut got, config).await;
    assert_eq!((got.events.len(), got.once()), (40_000, true));
    assert!(got.notices.is_empty() && got.set_aside.is_empty(), "{}", got.said());
}

#[tokio::test]
async fn connections_that_are_reset_or_cut_are_made_again() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "x", lines("x", 3000), now());
    let faults =
        [Wire::Reset(Way::Response, 10), Wire::Cut(Way::Response, 2000), Wire::Reset(Way::Response, 9000)];
    let proxy = FaultyProxy::start(aws.address(), faults).await.unwrap();
    let mut got = Got::default();
    again(&mut got, bucket(&proxy.url())).await;
    assert_eq!((got.events.len(), got.once(), proxy.unused()), (3000, true, 0));
}

#[tokio::test]
async fn bombs_endless_lines_and_broken_objects_are_kept_in_quarantine_and_not_read_again() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "bomb.gz", gzip(&vec![b'a'; 3_000_000]), now());
    aws.put(BUCKET, "line", vec![b'x'; 200_000], now());
    let mut corrupt = gzip(&lines("c", 3000));
    let middle = corrupt.len() / 2;
    corrupt[middle..middle + 40].fill(0xff);
    aws.put(BUCKET, "corrupt.gz", corrupt, now());
    aws.put(BUCKET, "open.json", "[{\"a\":1},{\"b\":", now());
    aws.put(BUCKET, "good", lines("good", 1), now());
    let config = || {
        let mut config = bucket(&aws.url());
        config.split.max_event_bytes = 100_000;
        config.inflate = InflateLimits { max_ratio: 20, ratio_from_bytes: 1_000_000, ..config.inflate };
        config
    };
    let mut got = Got::default();
    again(&mut got, config()).await;
    let reads = aws.count("GetObject");
    again(&mut got, config()).await;
    assert_eq!(aws.count("GetObject"), reads);
    let kept: Vec<_> =
        got.set_aside.values().map(|kept| (kept.location.clone().unwrap(), kept.reason.clone())).collect();
    for (key, part) in [
        ("bomb.gz", "max_ratio"),
        ("line", "max_event_bytes"),
        ("corrupt.gz", "corrupt at byte"),
        ("open.json", "not closed"),
    ] {
        let found = kept.iter().any(|(at, reason)| at.ends_with(key) && reason.contains(part));
        assert!(found, "{key}: {kept:?}");
    }
    for good in ["good-0", "{\"a\":1}", "c-0"] {
        assert_eq!(got.events.get(good), Some(&1), "{good}");
    }
}

#[tokio::test]
async fn an_object_that_is_overwritten_while_it_is_read_is_read_from_its_start() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "x", lines("old", 100), now());
    aws.fail("GetObject", [Fault::Hold(350)]);
    let mut got = Got::default();
    let work = again(&mut got, bucket(&aws.url()));
    let overwrite = async {
        aws.until(|aws| aws.count("GetObject") == 1).await;
        aws.fail("GetObject", [Fault::Cut(10)]);
        aws.put(BUCKET, "x", lines("new", 2), now());
        aws.release();
    };
    tokio::join!(work, overwrite);
    assert!(got.events.len() >= 100);
}

#[tokio::test]
async fn a_wrong_bucket_region_or_permission_is_said_with_its_cure() {
    let aws = FakeAws::start().await.unwrap();
    let faults = [
        (403, "AccessDenied"),
        (404, "NoSuchBucket"),
        (301, "PermanentRedirect"),
        (403, "InvalidAccessKeyId"),
    ];
    aws.fail("ListObjectsV2", faults.map(|(status, code)| Fault::Refuse(status, code)));
    let mut got = Got::default();
    again(&mut got, bucket(&aws.url())).await;
    let parts = ["allow s3:ListBucket", "is not there: check its name", "set region", "check access_key_id"];
    for (told, part) in got.errors.iter().zip(parts) {
        assert!(told.contains(part) && told.contains(BUCKET), "{part}: {told}");
    }
    assert_eq!(got.errors.len(), 4);
    let checked = collect_s3::check(&bucket(&aws.url())).await;
    assert!(checked.iter().all(Result::is_ok), "{checked:?}");
    aws.fail("ListObjectsV2", [Fault::Refuse(403, "AccessDenied")]);
    let checked = collect_s3::check(&bucket(&aws.url())).await;
    assert!(checked[0].as_ref().unwrap_err().contains("allow s3:ListBucket"), "{checked:?}");
}

#[tokio::test]
async fn a_process_that_dies_at_any_step_loses_nothing() {
    let aws = FakeAws::start().await.unwrap();
    for n in 0..30 {
        aws.put(
            BUCKET,
            &format!("{n:02}"),
            lines(&format!("{n:02}"), 4),
            if n % 2 == 0 { now() } else { 1_000 },
        );
    }
    let mut got = Got::default();
    for steps in 0..25 {
        let mut collector = S3Collector::new(bucket(&aws.url()), got.checkpoint.clone()).unwrap();
        for _ in 0..steps {
            if let Ok(Some(batch)) = collector.next().await {
                got.settle(&batch);
            }
        }
        // It dies with batches under way.
        let _lost = collector.next().await;
    }
    again(&mut got, bucket(&aws.url())).await;
    assert_eq!(got.events.len(), 120);
    let before = got.events.clone();
    again(&mut got, bucket(&aws.url())).await;
    assert_eq!(got.events, before, "all is in the checkpoint");
}

/// `TRAILCAR_TEST_OBJECT_MIB` says how large the object is when it is inflated: 2048, say, in place of 64.
#[tokio::test]
async fn a_large_object_is_handed_out_in_batches_of_bounded_size() {
    let aws = FakeAws::start().await.unwrap();
    let mebibytes = std::env::var("TRAILCAR_TEST_OBJECT_MIB").map_or(64, |text| text.parse().unwrap());
    let filler = "x".repeat(230);
    let line = |n: u32| format!("{:09x} {filler}\n", n.wrapping_mul(2_654_435_761)).into_bytes();
    let member: Vec<u8> = (0..4096).flat_map(line).collect();
    aws.put(BUCKET, "large.gz", gzip(&member).repeat(mebibytes), now());
    let mut config = bucket(&aws.url());
    config.split = collect::SplitLimits::default();
    let mut collector = collector(config);
    let (mut events, mut bytes, mut largest) = (0, 0, 0);
    while let Some(batch) = collector.next().await.unwrap() {
        assert!(batch.notices.is_empty(), "{:?}", batch.notices);
        events += batch.events.len();
        bytes += batch.buffer.len();
        largest = largest.max(batch.buffer.len());
    }
    assert_eq!(events, mebibytes * 4096);
    assert!(bytes >= (mebibytes << 20) * 9 / 10, "{bytes}");
    assert!(largest < 4 << 20, "{largest}");
}

/// A line that never ends and does not compress far, by a service that never ends it: it is passed over as it comes.
#[tokio::test]
async fn a_line_without_end_is_passed_over_as_it_comes() {
    let aws = FakeAws::start().await.unwrap();
    let endless: Vec<u8> = (0..1_000_000u32)
        .flat_map(|n| format!("{:08x}", n.wrapping_mul(2_654_435_761)).into_bytes())
        .collect();
    aws.put(BUCKET, "endless.gz", gzip(&endless).repeat(8), now());
    aws.put(BUCKET, "none", "", now());
    aws.put(BUCKET, "none.gz", gzip(b""), now());
    aws.put(BUCKET, "good", lines("good", 1), now());
    let mut config = bucket(&aws.url());
    config.split.max_event_bytes = 1 << 20;
    let mut got = Got::default();
    again(&mut got, config).await;
    assert_eq!(
        (got.names(), got.set_aside.len(), got.notices.len()),
        (vec!["good-0"], 1, 1),
        "{}",
        got.said()
    );
    assert!(
        got.said().contains("endless.gz@0: ") && got.said().contains("max_event_bytes"),
        "{}",
        got.said()
    );
}

#[tokio::test]
async fn a_proxy_is_used_and_its_password_is_shown_nowhere() {
    let aws = FakeAws::start().await.unwrap();
    aws.put(BUCKET, "x", lines("x", 1), now());
    aws.fail("ListObjectsV2", [Fault::Refuse(403, "AccessDenied")]);
    // No such host is known but to the proxy.
    let mut config = bucket("http://s3.example.invalid");
    let proxy = aws.url().replace("http://", &format!("http://me:{CANARY}@"));
    config.access.proxy_url = Some(event::Secret::new(&proxy));
    assert!(!format!("{config:?}").contains(CANARY));
    let mut got = Got::default();
    again(&mut got, config).await;
    assert_eq!((got.names(), got.errors.len()), (vec!["x-0"], 1));
    assert!(!got.errors[0].contains(CANARY), "{}", got.errors[0]);
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_said_without_its_password() {
    let mut config = bucket("http://s3.example.invalid");
    config.access.proxy_url = Some(event::Secret::new(&format!("http://me:{CANARY}@127.0.0.1:1")));
    let told = collector(config).next().await.unwrap_err().to_string();
    assert!(told.contains(BUCKET) && !told.contains(CANARY), "{told}");
}
