//! Views, their URLs and their filters.

use super::*;

fn parse(query: &[(&str, &str)]) -> Result<Question, String> {
    let pairs: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Question::parse(&pairs).map_err(|error| error.to_string())
}

#[test]
fn a_view_survives_its_url() {
    for query in [
        vec![],
        vec![("dataset", "cursor.audit"), ("action", "login"), ("action", "logout"), ("q", "a&b=ü \"x\"")],
        vec![("range", "7d")],
        vec![("from", "2026-05-04T09:30:00Z"), ("to", "2026-05-05T00:00:00Z"), ("cursor", "o5_7")],
        vec![("is", "source.ip:2001:db8::17"), ("not", "action:login"), ("not", "source.ip:192.0.2.1")],
        vec![("resource", "x:y"), ("not", "resource:z")],
        vec![("project", "team_17"), ("not", "project:org:1")],
    ] {
        let question = parse(&query).unwrap();
        let pairs: Vec<_> =
            question.pairs().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert_eq!(Question::parse(&pairs).unwrap(), question);
        let given: Vec<_> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(pairs, given);
    }
}

#[test]
fn what_can_not_be_asked_is_refused_in_words() {
    let long = "x".repeat(MAX_TEXT + 1);
    let long_path = format!("{}:x", "x".repeat(201));
    let paths: Vec<String> = (0..21).map(|at| format!("a.b:{at}")).collect();
    for (query, words) in [
        (vec![("colour", "red")], "nothing called"),
        (vec![("range", "1y")], "range is"),
        (vec![("to", "yesterday")], "to can not be read: \"yesterday\" is not a time"),
        (vec![("range", "1h"), ("from", "2026-05-04")], "leave one of them away"),
        (vec![("from", "2026-05-05"), ("to", "2026-05-04")], "ends before it begins"),
        (vec![("cursor", "x")], "cursor"),
        (vec![("q", long.as_str())], "longer than"),
        (vec![("user", "a"); 201], "more than"),
        (vec![("is", "source.ip")], "no field and value"),
        (vec![("not", ":x")], "no field and value"),
        (vec![("not", "x:")], "no field and value"),
        (vec![("is", long_path.as_str())], "name is longer"),
        (paths.iter().map(|path| ("is", path.as_str())).collect(), "more than 20"),
    ] {
        let error = parse(&query).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_condition_takes_the_place_of_its_inverse() {
    let question = parse(&[("action", "login"), ("cursor", "o5_7")]).unwrap();
    let login = Condition::new(Field::Action, "login");
    let logout = Condition::new(Field::Action, "logout");
    assert_eq!(question.with(&logout).href(), "/?action=login&action=logout");
    assert_eq!(question.with(&login.inverse()).href(), "/?not=action%3Alogin");
    assert_eq!(question.with(&login.inverse()).with(&login).href(), "/?action=login");
    assert_eq!(question.without(&login).href(), "/");
    assert_eq!(question.within(Range::Last(0)).href(), "/?action=login&range=1h");
}

#[test]
fn conditions_become_the_filter() {
    let question = parse(&[
        ("is", "event.action:login"),
        ("is", "source.ip:1"),
        ("is", "source.ip:2"),
        ("not", "source.port:7"),
        ("not", "user:ada"),
        ("resource", "r"),
    ])
    .unwrap();
    let filter = question.filter(Timestamp::UNIX_EPOCH);
    assert_eq!(filter.wanted.actions, ["login"]);
    assert_eq!(
        (filter.wanted.fields.len(), &*filter.wanted.fields[0].values),
        (1, &["1".to_owned(), "2".to_owned()][..])
    );
    assert_eq!(filter.unwanted.users, ["ada"]);
    assert_eq!(filter.unwanted.fields[0].field, "source.port");
    assert_eq!(filter.wanted.anywhere[0].values, ["r"]);
    // Only the exclusion by a field without a column is read for.
    let without_reading = question.without_reading().unwrap();
    assert_eq!(without_reading.conditions().len(), question.conditions().len() - 1);
    assert_eq!(without_reading.without_reading(), None);
}

#[test]
fn ranges_begin_end_and_move_at_an_event() {
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    let (at, now) = (time("2026-05-04T09:30:00.123456Z"), time("2026-05-05T00:00:00Z"));
    let words = |range: Range| {
        let pairs = range.pairs().into_iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("&")
    };
    let day = Range::Between(Some(time("2026-05-04T00:00:00Z")), Some(time("2026-05-05T00:00:00Z")));
    let past = Range::Between(Some(time("2026-05-04T10:00:00Z")), Some(time("2026-05-04T09:00:00Z")));
    for (range, since, until) in [
        (Range::All, "from=2026-05-04T09:30:00.123456Z", "to=2026-05-04T09:30:00.124Z"),
        (
            Range::Last(1),
            "from=2026-05-04T09:30:00.123456Z",
            "from=2026-05-04T00:00:00Z&to=2026-05-04T09:30:00.124Z",
        ),
        (
            day.clone(),
            "from=2026-05-04T09:30:00.123456Z&to=2026-05-05T00:00:00Z",
            "from=2026-05-04T00:00:00Z&to=2026-05-04T09:30:00.124Z",
        ),
        // An end that the event is not within is let go, so that the range has times.
        (past, "from=2026-05-04T09:30:00.123456Z", "to=2026-05-04T09:30:00.124Z"),
    ] {
        assert_eq!((words(range.since(at)).as_str(), words(range.until(at, now)).as_str()), (since, until));
    }
    let around = Range::around(time("2026-05-04T09:30:00Z"), jiff::SignedDuration::from_mins(5));
    assert_eq!(words(around), "from=2026-05-04T09:25:00Z&to=2026-05-04T09:35:00Z");
    assert_eq!(
        day.beside().unwrap().map(words),
        [
            "from=2026-05-03T00:00:00Z&to=2026-05-04T00:00:00Z",
            "from=2026-05-03T12:00:00Z&to=2026-05-05T12:00:00Z",
            "from=2026-05-05T00:00:00Z&to=2026-05-06T00:00:00Z",
        ]
    );
    assert_eq!(Range::Last(0).beside(), None);
    assert_eq!(Range::Between(None, Some(now)).beside(), None);
}

#[test]
fn values_that_no_index_finds_are_known() {
    for (field, value, reads) in [
        (Field::Resource, "sso", false),
        (Field::Resource, "/events/logs-cursor.audit-default/7", false),
        (Field::Resource, "/", true),
        (Field::of("source.ip"), "192.0.2.1", false),
        (Field::of("source.ip"), "…", true),
        (Field::of("payload.flag"), "true", false),
        (Field::of("payload.fraction"), "-7.5", false),
        (Field::of("related.ip"), "192.0.2.1", true),
        (Field::of("organization.id"), "…", false),
        (Field::User, "…", false),
    ] {
        let condition = Condition::new(field, value);
        assert_eq!(condition.reads_documents(), reads, "{condition:?}");
    }
}
