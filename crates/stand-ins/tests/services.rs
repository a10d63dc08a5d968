//! The stand-ins keep to the rules of the services.
#![allow(clippy::unwrap_used, reason = "tests, with their helper functions")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use jiff::{SignedDuration, Timestamp};
use stand_ins::cursor::{Service, sample};
use stand_ins::logs::{Form, Logs};
use stand_ins::{Reply, Request, StandIn};

const NOW: i64 = 1_800_000_000_000;

fn ask(service: &Service, query: &str) -> (u16, String) {
    let reply = service.answer(&Request::new("/teams/audit-logs", query).with("authorization", "Basic azo="));
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

/// A log of 30 entries, one a minute, the newest now.
fn log(form: Form) -> Logs {
    let now = Timestamp::from_millisecond(NOW).unwrap();
    let logs = Logs::with_clock(form, move || now);
    logs.add((0..30).map(|number| form.entry(number, now - SignedDuration::from_mins(number as i64))));
    logs
}

fn look(logs: &Logs, form: Form, query: &str) -> Reply {
    let (path, name, value) = match form {
        Form::Promptfoo => ("/api/v1/audit-logs", "authorization", "Bearer c4n4ry-token-of-the-tests"),
        Form::Cencori => ("/api/organizations/acme/audit-logs", "cookie", "session=c4n4ry"),
    };
    logs.answer(&Request::new(path, query).with(name, value))
}

#[test]
fn logs_have_pages_and_check_what_is_asked() {
    for (form, query, status, part) in [
        (Form::Promptfoo, "", 200, "\"limit\":20,\"offset\":0,"),
        (Form::Promptfoo, "limit=10&offset=20", 200, "\"total\":30"),
        (Form::Promptfoo, "action=login&actorId=ada", 200, "\"total\":1"),
        (Form::Promptfoo, "createdAtGte=2999-01-01T00:00:00Z", 200, "\"logs\":[]"),
        (Form::Promptfoo, "limit=101", 400, "invalid limit"),
        (Form::Promptfoo, "offset=-1", 400, "invalid offset"),
        (Form::Promptfoo, "createdAtLte=then", 400, "invalid createdAtLte"),
        (Form::Cencori, "per_page=10&page=3", 200, "\"total\":30,\"total_pages\":3"),
        (Form::Cencori, "category=member&time_range=all", 200, "\"total\":2"),
        (Form::Cencori, "project_id=proj_1", 200, "\"total\":10"),
        (Form::Cencori, "search=invited", 200, "\"total\":2"),
        (Form::Cencori, "per_page=101", 400, "invalid per_page"),
        (Form::Cencori, "time_range=2h", 400, "invalid time_range"),
    ] {
        let reply = look(&log(form), form, query);
        assert!(reply.status == status && reply.body.contains(part), "{form:?} {query}: {reply:?}");
    }
    let newest = look(&log(Form::Cencori), Form::Cencori, "per_page=1").body;
    assert!(newest.contains("prompt_0"), "{newest}");
}

#[test]
fn too_many_requests_are_told_how_long_to_wait() {
    for form in [Form::Promptfoo, Form::Cencori] {
        let logs = log(form);
        logs.set_limit(2);
        let statuses = [(); 3].map(|()| look(&logs, form, ""));
        assert_eq!(statuses.each_ref().map(|reply| reply.status), [200, 200, 429]);
        assert_eq!(statuses[2].headers, [("retry-after", "61".to_owned())]);
        let other = Request::new("/api/v1/audit-logs", "").with("authorization", "Bearer other");
        assert!([401, 404].contains(&log(form).answer(&other).status));
    }
}
