//! The store against a list in memory that is searched naively, on random documents and filters.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use regex::Regex;
use serde_json::{Value, json};

use super::{STREAM, open, put};
use crate::{Access, Count, DerivedFilter, Exception, Facets, FieldFilter, Filter, Rule, Shape, Store};

const DATASETS: [&str; 3] = ["a.b", "c.d", "trailcar.audit"];
const ACTIONS: [&str; 4] = ["login", "add_user", "team_settings", "log"];
const CATEGORIES: [&str; 3] = ["iam", "configuration", "authentication"];
const OUTCOMES: [&str; 3] = ["success", "failure", "unknown"];
const EMAILS: [&str; 4] = ["alice@example.com", "Bob@Example.com", "o'neil@example.org", "%' OR 1=1 --"];
const NAMES: [&str; 3] = ["alice", "Api Key: ci", "bob"];
const IPS: [&str; 3] = ["10.0.0.1", "10.0.0.10", "2001:db8::1"];
const TEXTS: [&str; 15] = [
    "User added to the team",
    "the team added a user",
    "Grüße aus Zürich, ÄÖÜ",
    "path src/main.rs changed",
    "mail to alice@example.com.",
    "id 1b4e28ba-2fa1-11d2-883f-0016d3cca427 (old)",
    "\"quoted\" -- NEAR(a b) AND col:x ^y",
    "日本語 テキスト",
    "team_settings=on;x=1",
    "",
    "…",
    "https://git.example.com/org/repo-name.git?x=1",
    "the team the user of the other team added",
    "user/added to team-the user",
    "the user added the user to the team",
];
const QUERIES: [&str; 44] = [
    "",
    "user",
    "USER",
    "team user",
    "added",
    "\"user added\"",
    "\"added user\"",
    "\"the team\" added",
    "te*",
    "tea* us*",
    "alice@example.com",
    "example.com",
    "alice",
    "10.0.0.1",
    "10.0.0.*",
    "10.0.*",
    "2001:db8::1",
    "zürich",
    "ZÜR*",
    "src/main.rs",
    "main.rs",
    "\"src main\"",
    "1b4e28ba*",
    "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
    "AND",
    "NOT user",
    "user OR team",
    "NEAR(a b)",
    "\"",
    "*",
    "col:x",
    "日本語",
    "a\" OR words:\"b",
    "'; DROP TABLE event; --",
    "\"git.example.com org\"",
    "42",
    "\"user added to\"",
    "\"the team the user\"",
    "\"the user to the\"",
    "\"team added user\"",
    "\"the the\"",
    "\"to the team\" te*",
    "\"user added\" \"added to\"",
    "\"added to team\"",
];
const BASE: i64 = 1_780_000_000_000;

macro_rules! long {
    ($text:literal) => {
        concat!(
            $text, $text, $text, $text, $text, $text, $text, $text, $text, $text, $text, $text, $text, $text,
            $text, $text, $text, $text, $text, $text, $text, $text, $text, $text, $text, $text, $text, $text,
            $text, $text, $text, $text
        )
    };
}

/// Who it was, by the first name there is; and what kind of thing, which no index knows.
const ACTOR: &[Rule] = &[Rule::Field("user.email"), Rule::Field("user.name")];
const PLACE: &[Rule] = &[Rule::Field("organization.id"), Rule::Field("cursor.audit.team_id")];
/// Fields that no single column has.
const MIXED: &[Rule] = &[Rule::Field("source.ip"), Rule::Field("user.name")];
/// More than a term holds, and the same at first.
static LONG: &str = concat!(long!("0123456789abcdef"), "x");
const KIND: &[Rule] = &[
    Rule::When { field: "event.category", is: &["iam"], gives: "USER" },
    Rule::Begins { field: "event.action", with: "log", gives: "SESSION" },
    Rule::Always("OTHER"),
];

fn document() -> impl Strategy<Value = Value> {
    let who = (
        proptest::option::weighted(0.8, select(EMAILS.as_slice())),
        proptest::option::weighted(0.5, select(NAMES.as_slice())),
        proptest::option::weighted(0.7, select(IPS.as_slice())),
    );
    let what = (
        select(DATASETS.as_slice()),
        select(ACTIONS.as_slice()),
        subsequence(CATEGORIES.as_slice(), 0..=3),
        proptest::option::weighted(0.8, select(OUTCOMES.as_slice())),
    );
    // Few times, so that many events have the same.
    let data =
        (0..40_i64, select(TEXTS.as_slice()), vec(select(TEXTS.as_slice()), 0..3), 40..45_i64, any::<bool>());
    let place = proptest::option::of(select(vec!["o1", "o2", LONG, long!("0123456789abcdef")]));
    (who, what, data, place).prop_map(
        |((email, name, ip), (dataset, action, categories, outcome), data, place)| {
            let (step, message, texts, number, single) = data;
            let fraction = [7.5, -0.25, 1.0e300][step as usize % 3];
            let time = Timestamp::from_millisecond(BASE + step * 3_600_000).unwrap();
            let categories = match categories.as_slice() {
                [one] if single => json!(one),
                many => json!(many),
            };
            let mut document = json!({
                "@timestamp": time.to_string(),
                "data_stream": { "dataset": dataset },
                "event": { "action": action, "category": categories, "kind": "event", "module": "hidden" },
                "message": message,
                "payload": { "texts": texts, "number": number, "fraction": fraction, "flag": single, "none": null,
                    "Odd Name": if single { "true" } else { "NaN" }, "odd name": "true", "list": [{ "x": fraction }, [{ "x": 0.5 }], "7.5"] },
            });
            for (value, path) in [
                (email, "/user/email"),
                (name, "/user/name"),
                (ip, "/source/ip"),
                (outcome, "/event/outcome"),
                (place, "/organization/id"),
            ] {
                let (_, object, field) = path.split('/').fold(("", "", ""), |(_, b, c), part| (b, c, part));
                if let Some(value) = value {
                    document[object][field] = json!(value);
                }
            }
            document
        },
    )
}

fn filter() -> impl Strategy<Value = Filter> {
    fn some<T: Clone + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = Vec<T>> {
        prop_oneof![3 => Just(Vec::new()), 1 => subsequence(values, 0..=2.min(values.len()))]
    }
    let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let users = ["ALICE@example.com", "alice", "api key: ci", "%' OR 1=1 --", "nobody"];
    let users = prop_oneof![3 => Just(Vec::new()), 1 => subsequence(users.to_vec(), 0..=2)];
    let times = (proptest::option::weighted(0.3, 0..40_i64), proptest::option::weighted(0.3, 0..40_i64));
    let fields = prop_oneof![
        4 => Just(Vec::new()),
        1 => select(vec![
            ("payload.flag", ["true", "true"]),
            ("payload.flag", ["false", "7.5"]),
            ("payload.fraction", ["7.5", "-0.25"]),
            ("payload.fraction", ["7.50", "1"]),
            ("payload.Odd Name", ["true", "NaN"]),
            ("payload.list.x", ["7.5", "0.5"]),
            ("event.module", ["true", "1.5"]),
        ])
        .prop_map(|(field, values)| vec![FieldFilter { field: field.into(), values: values.map(Into::into).to_vec() }]),
        1 => select(vec![
            ("source.ip", "10.0.0.1"),
            ("payload.number", "42"),
            ("payload.texts", "the team added a user"),
            ("payload.flag", "true"),
            ("event.module", "hidden"),
            ("user.email", "%' OR 1=1 --"),
            ("no.such", "thing"),
            ("event.category", "iam"),
            ("user.name", "alice"),
            ("organization.id", "o1"),
            ("organization.id", LONG),
            ("event.outcome", ""),
        ])
        .prop_map(|(field, value)| vec![FieldFilter { field: field.into(), values: vec![value.into(), "other".into()] }]),
    ];
    let derived = prop_oneof![
        4 => Just(Vec::new()),
        1 => select(vec![(ACTOR, "alice"), (ACTOR, "Bob@Example.com"), (ACTOR, ""), (KIND, "USER"), (KIND, "SESSION"), (KIND, "OTHER"),
            (PLACE, "o2"), (PLACE, LONG), (MIXED, "10.0.0.1"), (MIXED, "alice")])
            .prop_map(|(rules, value)| vec![DerivedFilter { rules, values: vec![value.into()] }]),
    ];
    let as_of = proptest::option::weighted(0.2, 0..420_u64);
    let columns = (some(&DATASETS), some(&ACTIONS), some(&CATEGORIES), some(&OUTCOMES), users);
    (columns, times, fields, derived, as_of, select(QUERIES.as_slice()), except()).prop_map(
        move |(columns, (from, to), fields, derived, as_of, text, except)| {
            let (datasets, actions, categories, outcomes, users) = columns;
            let time = |step: i64| Timestamp::from_millisecond(BASE + step * 3_600_000).unwrap();
            Filter {
                datasets: owned(datasets),
                actions: owned(actions),
                categories: owned(categories),
                outcomes: owned(outcomes),
                users: owned(users),
                fields,
                derived,
                anywhere: Vec::new(),
                except,
                from: from.map(time),
                to: to.map(time),
                as_of,
                text: text.to_owned(),
            }
        },
    )
}

/// What must not be there; mostly nothing.
fn except() -> impl Strategy<Value = Exception> {
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    let field = |field: &str, value| vec![FieldFilter { field: field.into(), values: owned(&[value]) }];
    prop_oneof![
        4 => Just(Exception::default()),
        1 => select(vec![
            Exception { actions: owned(&["login", "log"]), ..Exception::default() },
            Exception { categories: owned(&["iam"]), datasets: owned(&["c.d"]), ..Exception::default() },
            Exception { outcomes: owned(&["failure"]), users: owned(&["ALICE", "bob@example.com"]), ..Exception::default() },
            Exception { fields: field("source.ip", "10.0.0.1"), ..Exception::default() },
            Exception { fields: field("payload.flag", "true"), ..Exception::default() },
        ]),
    ]
}

/// All values at a path, arrays flattened, as text.
fn values(document: &Value, path: &str) -> Vec<String> {
    let mut found = vec![document];
    for name in path.split('.') {
        found = found.into_iter().flat_map(flat).filter_map(|value| value.get(name)).collect();
    }
    let flat = found.into_iter().flat_map(flat);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    flat.filter(|value| !value.is_null()).map(text).collect()
}

/// A value, or what is in arrays of it.
fn flat(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().flat_map(flat).collect(),
        value => vec![value],
    }
}

/// The texts that are indexed.
fn texts(document: &Value) -> Vec<String> {
    fn leaves(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(text) => out.push(text.clone()),
            Value::Number(number) if number.is_i64() => out.push(number.to_string()),
            Value::Array(values) => values.iter().for_each(|value| leaves(value, out)),
            Value::Object(fields) => fields.values().for_each(|value| leaves(value, out)),
            _ => {}
        }
    }
    let mut document = document.clone();
    for hidden in ["@timestamp", "data_stream"] {
        document.as_object_mut().unwrap().remove(hidden);
    }
    for hidden in ["kind", "module"] {
        document["event"].as_object_mut().unwrap().remove(hidden);
    }
    let mut out = Vec::new();
    leaves(&document, &mut out);
    out
}

static CHUNK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{Alphabetic}\p{N}\x{300}-\x{36f}@._:/\\+#%~$-]+").unwrap());
static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[0-9a-f-]{20,}$").unwrap());
const JOINERS: &str = r"@._:/\+#%~$-";

/// The words of each chunk of a text.
fn chunks(text: &str) -> Vec<Vec<String>> {
    let text = text.to_lowercase();
    let trim = |part: &str| part.trim_matches(|c| JOINERS.contains(c)).to_owned();
    let chunks = CHUNK.find_iter(&text).map(|found| trim(found.as_str())).filter(|chunk| !chunk.is_empty());
    let words = |chunk: String| {
        let segments: Vec<String> = if ID.is_match(&chunk) {
            Vec::new()
        } else {
            chunk.split(|c| r"@/\:".contains(c)).map(trim).collect()
        };
        let parts = segments
            .iter()
            .filter(|segment| !ID.is_match(segment))
            .flat_map(|segment| segment.split(|c| JOINERS.contains(c)).map(str::to_owned));
        let words: Vec<String> = std::iter::once(chunk).chain(segments.clone()).chain(parts).collect();
        words.into_iter().filter(|word| !word.is_empty()).collect()
    };
    chunks.map(words).collect()
}

fn text_matches(document: &Value, query: &str) -> bool {
    let texts: Vec<_> = texts(document).iter().map(|text| chunks(text)).collect();
    let has = |word: &str| texts.iter().flatten().flatten().any(|own| own == word);
    let has_prefix = |prefix: &str| texts.iter().flatten().flatten().any(|own| own.starts_with(prefix));
    query.split('"').enumerate().all(|(at, part)| {
        if at % 2 == 1 {
            let phrase: Vec<String> = chunks(part).into_iter().map(|words| words[0].clone()).collect();
            return phrase.is_empty()
                || texts.iter().any(|text| {
                    text.windows(phrase.len())
                        .any(|at| at.iter().zip(&phrase).all(|(words, word)| words.contains(word)))
                });
        }
        part.split_whitespace().all(|piece| match piece.strip_suffix('*') {
            Some(prefix) if prefix.contains(char::is_alphanumeric) => has_prefix(&prefix.to_lowercase()),
            _ => chunks(piece).iter().all(|words| has(&words[0])),
        })
    })
}

/// Which of the filters by column let a document through, and whether all others do.
fn verdicts(document: &Value, filter: &Filter) -> ([bool; 5], bool) {
    let any = |named: &[String], path| values(document, path).iter().any(|value| named.contains(value));
    let one = |wanted: &[String], unwanted: &[String], path| {
        (wanted.is_empty() || any(wanted, path)) && !any(unwanted, path)
    };
    let lower = |values: Vec<String>| values.iter().map(|value| value.to_lowercase()).collect::<Vec<_>>();
    let names = lower([values(document, "user.email"), values(document, "user.name")].concat());
    let (except, users) = (&filter.except, lower(filter.users.clone()));
    let not_users = lower(except.users.clone());
    let columns = [
        one(&filter.datasets, &except.datasets, "data_stream.dataset"),
        one(&filter.actions, &except.actions, "event.action"),
        one(&filter.categories, &except.categories, "event.category"),
        one(&filter.outcomes, &except.outcomes, "event.outcome"),
        (users.is_empty() || names.iter().any(|name| users.contains(name)))
            && !names.iter().any(|name| not_users.contains(name)),
    ];
    let time: Timestamp = values(document, "@timestamp")[0].parse().unwrap();
    let others = filter.from.is_none_or(|from| time >= from)
        && filter.to.is_none_or(|to| time < to)
        && filter.fields.iter().all(|field| any(&field.values, &field.field))
        && !except.fields.iter().any(|field| any(&field.values, &field.field))
        && filter.derived.iter().all(|derived| derived.values.contains(&derived_value(document, derived)))
        && text_matches(document, &filter.text);
    (columns, others)
}

fn derived_value(document: &Value, filter: &DerivedFilter) -> String {
    for (rules, fields) in [
        (ACTOR, ["user.email", "user.name"]),
        (PLACE, ["organization.id", "cursor.audit.team_id"]),
        (MIXED, ["source.ip", "user.name"]),
    ] {
        if filter.rules == rules {
            let names = fields.map(|field| values(document, field)).concat();
            return names.first().cloned().unwrap_or_default();
        }
    }
    let action = values(document, "event.action");
    match () {
        () if values(document, "event.category").contains(&"iam".to_owned()) => "USER",
        () if action.iter().any(|action| action.starts_with("log")) => "SESSION",
        () => "OTHER",
    }
    .to_owned()
}

fn is_old(at: usize, filter: &Filter) -> bool {
    filter.as_of.is_none_or(|end| (at as u64) < end)
}

fn facet(documents: &[Value], filter: &Filter, column: usize, top: usize) -> Vec<Count> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (at, document) in documents.iter().enumerate() {
        let (mut columns, others) = verdicts(document, filter);
        columns[column] = true;
        if !others || !is_old(at, filter) || columns.contains(&false) {
            continue;
        }
        let own = match column {
            0 => values(document, "data_stream.dataset"),
            1 => values(document, "event.action"),
            2 => values(document, "event.category"),
            3 => values(document, "event.outcome"),
            _ => [values(document, "user.email"), values(document, "user.name")]
                .concat()
                .into_iter()
                .take(1)
                .collect(),
        };
        for value in own {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(value, events)| Count { value, events }).collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.events));
    counts.truncate(top);
    counts
}

/// The places of the documents that a filter finds, newest first.
fn expected(documents: &[Value], filter: &Filter) -> Vec<usize> {
    let mut found: Vec<usize> = (0..documents.len())
        .filter(|&at| {
            let (columns, others) = verdicts(&documents[at], filter);
            others && is_old(at, filter) && !columns.contains(&false)
        })
        .collect();
    let time = |at: usize| documents[at]["@timestamp"].as_str().unwrap().parse::<Timestamp>().unwrap();
    found.sort_by_key(|&at| std::cmp::Reverse((time(at), at)));
    found
}

fn check(store: &Store, documents: &[Value], filter: &Filter, limit: usize) {
    let local = Access::local();
    let expected: Vec<String> = expected(documents, filter).iter().map(|at| format!("id{at}")).collect();
    let mut paged = Vec::new();
    let mut cursor = None;
    let mut turns = Vec::new();
    loop {
        let page = store.page(&local, filter, cursor, limit).unwrap();
        assert_eq!(page.previous.is_some(), !paged.is_empty() && !page.rows.is_empty(), "{filter:?}");
        turns.push((paged.len(), page.rows.len(), page.previous));
        paged.extend(page.rows.into_iter().map(|row| row.id));
        match page.next {
            Some(next) => cursor = Some(next.to_string().parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(paged, expected, "{filter:?}");
    // Back again from every page.
    for (start, _, previous) in turns {
        if let Some(previous) = previous {
            let page = store.page(&local, filter, Some(previous), limit).unwrap();
            let ids: Vec<_> = page.rows.iter().map(|row| row.id.as_str()).collect();
            assert_eq!(ids, expected[start.saturating_sub(limit)..start], "{filter:?}");
            assert_eq!(page.previous.is_some(), start > limit);
            assert!(page.next.is_some());
        }
    }
    for offset in
        [0, 1, 63, 64, 65, expected.len() / 2, expected.len().saturating_sub(1), expected.len(), 1 << 40]
    {
        let slice = store.slice(&local, filter, offset as u64, limit).unwrap();
        let ids: Vec<_> = slice.events.iter().map(|event| event.id.as_str()).collect();
        let start = offset.min(expected.len());
        assert_eq!(slice.total, expected.len() as u64, "{filter:?}");
        assert_eq!(ids, expected[start..expected.len().min(start + limit)], "{offset} of {filter:?}");
    }
    let exported: Vec<_> = store.export(&local, filter).unwrap().map(|event| event.unwrap()).collect();
    assert_eq!(exported.iter().map(|event| event.id.clone()).collect::<Vec<_>>(), expected, "{filter:?}");
    for event in exported.iter().take(3) {
        let at: usize = event.id[2..].parse().unwrap();
        assert_eq!(serde_json::from_str::<Value>(&event.source).unwrap(), documents[at]);
        assert_eq!(store.event(&local, STREAM, &event.id).unwrap().as_ref(), Some(event));
    }
    let summary = store.summary(&local, filter, Shape { top: 3, buckets: 20 }).unwrap();
    assert_eq!(summary.total, expected.len() as u64, "{filter:?}");
    let facet = |column| facet(documents, filter, column, 3);
    let facets = Facets {
        datasets: facet(0),
        actions: facet(1),
        categories: facet(2),
        outcomes: facet(3),
        users: facet(4),
    };
    assert_eq!(summary.facets, facets, "{filter:?}");
    if let Some(histogram) = summary.histogram {
        assert!(histogram.bars.len() <= 20);
        let mut bars = vec![0; histogram.bars.len()];
        for at in super::oracle::expected(documents, filter) {
            let time: Timestamp = documents[at]["@timestamp"].as_str().unwrap().parse().unwrap();
            bars[((time.as_second() - histogram.start.as_second()) / histogram.width) as usize] += 1;
        }
        assert_eq!(histogram.bars, bars, "{filter:?}");
    } else {
        assert!(expected.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]
    #[test]
    fn answers_are_those_of_a_naive_search(
        documents in vec(document(), 0..420),
        filters in vec(filter(), 12),
        size in 1..150_usize,
        limit in 1..60_usize,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let store = open(directory.path());
        let ids: Vec<String> = (0..documents.len()).map(|at| format!("id{at}")).collect();
        let stored: Vec<_> = ids.iter().zip(&documents).map(|(id, document)| (STREAM, id.as_str(), document)).collect();
        for (at, some) in stored.chunks(size).enumerate() {
            prop_assert_eq!(put(&store, some, at as u64), some.len() as u64);
        }
        for filter in &filters {
            check(&store, &documents, filter, limit);
        }
        drop(store);
        let store = open(directory.path());
        for filter in filters.iter().take(6) {
            check(&store, &documents, filter, limit);
        }
    }
}
