//! Random documents and filters, of few values, so that filters find something.

use std::sync::LazyLock;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::{DerivedFilter, FieldFilter, Filter, Rule, Values};

const DATASETS: [&str; 3] = ["a.b", "c.d", "trailcar.audit"];
const ACTIONS: [&str; 4] = ["login", "add_user", "team_settings", "log"];
const CATEGORIES: [&str; 3] = ["iam", "configuration", "authentication"];
const OUTCOMES: [&str; 3] = ["success", "failure", "unknown"];
const EMAILS: [&str; 4] = ["alice@example.com", "Bob@Example.com", "o'neil@example.org", "%' OR 1=1 --"];
const NAMES: [&str; 3] = ["alice", "Api Key: ci", "bob"];
const PROJECTS: [&str; 4] = ["o1", "t1", "p1", "none"];
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

/// Who it was, by the first name there is; and what kind of thing, which no index knows.
pub(super) const ACTOR: &[Rule] = &[Rule::Field("user.email"), Rule::Field("user.name")];
pub(super) const PLACE: &[Rule] = &[Rule::Field("organization.id"), Rule::Field("cursor.audit.team_id")];
/// Fields that no single column has.
pub(super) const MIXED: &[Rule] = &[Rule::Field("source.ip"), Rule::Field("user.name")];
pub(super) const KIND: &[Rule] = &[
    Rule::When { field: "event.category", is: &["iam"], gives: "USER" },
    Rule::Begins { field: "event.action", with: "log", gives: "SESSION" },
    Rule::Always("OTHER"),
];
/// More than a term holds.
static LONG: LazyLock<String> = LazyLock::new(|| "0123456789abcdef".repeat(32) + "x");

pub(super) fn document() -> impl Strategy<Value = Value> {
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
    let place = (
        proptest::option::of(select(vec!["o1", "o2", LONG.as_str(), &LONG[..512]])),
        proptest::option::of(select(vec!["o1", "t1"])),
        proptest::option::weighted(0.2, select(vec!["t1", "p1"])),
    );
    (who, what, data, place).prop_map(
        |((email, name, ip), (dataset, action, categories, outcome), data, (place, team, project))| {
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
            if let Some(team) = team {
                document["cursor"]["audit"]["team_id"] = json!(team);
            }
            if let Some(project) = project {
                document["cencori"]["audit"]["project"] = json!([project, project]);
            }
            document
        },
    )
}

pub(super) fn filter() -> impl Strategy<Value = Filter> {
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
            ("organization.id", LONG.as_str()),
            ("event.outcome", ""),
        ])
        .prop_map(|(field, value)| vec![FieldFilter { field: field.into(), values: vec![value.into(), "other".into()] }]),
    ];
    let derived = prop_oneof![
        4 => Just(Vec::new()),
        1 => select(vec![(ACTOR, "alice"), (ACTOR, "Bob@Example.com"), (ACTOR, ""), (KIND, "USER"), (KIND, "SESSION"), (KIND, "OTHER"),
            (PLACE, "o2"), (PLACE, LONG.as_str()), (MIXED, "10.0.0.1"), (MIXED, "alice")])
            .prop_map(|(rules, value)| vec![DerivedFilter { rules, values: vec![value.into()] }]),
    ];
    let as_of = proptest::option::weighted(0.2, 0..420_u64);
    let columns =
        (some(&DATASETS), some(&ACTIONS), some(&CATEGORIES), some(&OUTCOMES), users, some(&PROJECTS));
    (columns, times, fields, derived, as_of, select(QUERIES.as_slice()), unwanted()).prop_map(
        move |(columns, (from, to), fields, derived, as_of, text, unwanted)| {
            let (datasets, actions, categories, outcomes, users, projects) = columns;
            let time = |step: i64| Timestamp::from_millisecond(BASE + step * 3_600_000).unwrap();
            Filter {
                wanted: Values {
                    datasets: owned(datasets),
                    actions: owned(actions),
                    categories: owned(categories),
                    outcomes: owned(outcomes),
                    users: owned(users),
                    projects: owned(projects),
                    fields,
                    anywhere: Vec::new(),
                },
                unwanted,
                derived,
                from: from.map(time),
                to: to.map(time),
                as_of,
                text: text.to_owned(),
            }
        },
    )
}

/// What must not be there; mostly nothing.
fn unwanted() -> impl Strategy<Value = Values> {
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    let field = |field: &str, value| vec![FieldFilter { field: field.into(), values: owned(&[value]) }];
    prop_oneof![
        4 => Just(Values::default()),
        1 => select(vec![
            Values { actions: owned(&["login", "log"]), ..Values::default() },
            Values { categories: owned(&["iam"]), datasets: owned(&["c.d"]), ..Values::default() },
            Values { outcomes: owned(&["failure"]), users: owned(&["ALICE", "bob@example.com"]), ..Values::default() },
            Values { projects: owned(&["t1", "o2"]), ..Values::default() },
            Values { fields: field("source.ip", "10.0.0.1"), ..Values::default() },
            Values { fields: field("payload.flag", "true"), ..Values::default() },
        ]),
    ]
}
