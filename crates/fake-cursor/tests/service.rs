//! The stand-in keeps to the rules of the service.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use fake_cursor::{Request, Service, sample};
use jiff::{SignedDuration, Timestamp};

const NOW: i64 = 1_800_000_000_000;

fn ask(service: &Service, query: &str) -> (u16, String) {
    let reply = service.answer(&Request {
        path: "/teams/audit-logs".to_owned(),
        query: query.to_owned(),
        authorization: Some("Basic azo=".to_owned()),
    });
    (reply.status, reply.body)
}

#[test]
fn twenty_requests_a_minute_are_answered() {
    let clock = Arc::new(AtomicI64::new(NOW));
    let told = Arc::clone(&clock);
    let service = Service::with_clock("k", move || Timestamp::from_millisecond(told.load(Relaxed)).unwrap());
    for _ in 0..20 {
        assert_eq!(ask(&service, "").0, 200);
    }
    assert_eq!(ask(&service, "").0, 429);
    clock.fetch_add(60_000, Relaxed);
    assert_eq!(ask(&service, "").0, 200);
}

#[test]
fn windows_pages_and_keys_are_checked() {
    let service = Service::with_clock("k", || Timestamp::from_millisecond(NOW).unwrap());
    service.lift_limit();
    let now = Timestamp::from_millisecond(NOW).unwrap();
    service.add((0..5).map(|number| sample(number, now - SignedDuration::from_mins(number as i64))));
    for (query, status, part) in [
        ("", 200, "\"pageSize\":100"),
        ("page=2&pageSize=2", 200, "\"totalPages\":3,\"hasNextPage\":true"),
        ("page=3&pageSize=2", 200, "\"hasNextPage\":false"),
        ("eventTypes=login,logout", 200, "\"totalCount\":1"),
        ("users=nobody@example.com", 200, "\"totalCount\":0"),
        ("pageSize=501", 400, "Invalid pageSize"),
        ("page=0", 400, "Invalid page"),
        ("startTime=then", 400, "Invalid startTime"),
        ("startTime=2000-01-01T00:00:00Z", 400, "30 days or less"),
    ] {
        let (found, body) = ask(&service, query);
        assert!(found == status && body.contains(part), "{query}: {found} {body}");
    }
    service.set_team_key("other");
    assert_eq!(ask(&service, "").0, 401);
}
