//! What the store is asked.

use jiff::Timestamp;
use store::{DerivedFilter, FieldFilter, Filter, Rule, Values};

use crate::events::{ACTORS, AREAS, KINDS, START, TARGETS, THINGS};

/// What promptfoo's interface filters by: the kind of thing that was acted on.
const TARGET: &[Rule] = &[
    Rule::Field("promptfoo.audit.target"),
    Rule::When { field: "cencori.audit.category", is: &["api_key"], gives: "SERVICE_ACCOUNT" },
    Rule::When { field: "event.action", is: &["user_api_key", "service_account"], gives: "SERVICE_ACCOUNT" },
    Rule::When { field: "event.type", is: &["group"], gives: "TEAM" },
    Rule::When { field: "event.type", is: &["user"], gives: "USER" },
    Rule::When { field: "event.category", is: &["authentication"], gives: "USER" },
    Rule::Always("ORGANIZATION"),
];
/// And who acted.
const ACTOR: &[Rule] = &[Rule::Field("user.id"), Rule::Field("user.email"), Rule::Field("user.name")];
/// What Cencori's filters by.
const AREA: &[Rule] = &[
    Rule::Field("cencori.audit.category"),
    Rule::When { field: "promptfoo.audit.target", is: &["SERVICE_ACCOUNT"], gives: "api_key" },
    Rule::When { field: "event.action", is: &["user_api_key", "service_account"], gives: "api_key" },
    Rule::Begins { field: "event.action", with: "bugbot_", gives: "webhook" },
    Rule::When { field: "event.category", is: &["authentication"], gives: "security" },
    Rule::When { field: "event.category", is: &["iam"], gives: "member" },
    Rule::Always("settings"),
];
/// And the project.
const PROJECT: &[Rule] = &[
    Rule::Field("promptfoo.audit.team_id"),
    Rule::Field("cencori.audit.project"),
    Rule::Field("cursor.audit.team_id"),
];
/// Words that nearly every event has.
const EVERYWHERE: [&str; 10] = [
    "example.com",
    "example",
    "com",
    "mozilla",
    "linux",
    "cursor",
    "forwarded",
    "audit",
    "somewhere",
    "documentation",
];

fn text(text: impl Into<String>) -> Filter {
    Filter { text: text.into(), ..Filter::default() }
}

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}

fn email(k: u64) -> String {
    format!("dev{}@example.com", k * 37 % ACTORS)
}

fn days(k: u64, days: i64, filter: Filter) -> Filter {
    let day = |day: i64| Timestamp::from_millisecond(START + day * 86_400_000).ok();
    let from = (k * 8 % 350) as i64;
    Filter { from: day(from), to: day(from + days), ..filter }
}

fn field(field: &str, value: String) -> Filter {
    Filter::from(Values {
        fields: vec![FieldFilter { field: field.into(), values: vec![value] }],
        ..Values::default()
    })
}

fn derived(rules: &'static [Rule], value: String) -> Filter {
    Filter { derived: vec![DerivedFilter { rules, values: vec![value] }], ..Filter::default() }
}

/// Events that are asked for over and over.
pub(crate) fn failures() -> Filter {
    Filter::from(Values { outcomes: strings(&["failure"]), ..Values::default() })
}

/// The `k`-th of some that people ask often.
pub(crate) fn usual(k: u64) -> Filter {
    let (action, category, _) = KINDS[(k % 12) as usize];
    match k % 5 {
        0 => Filter::default(),
        1 => text(THINGS[(k % 10) as usize]),
        2 => Filter::from(Values { actions: strings(&[action]), ..Values::default() }),
        3 => Filter::from(Values { users: vec![email(k)], ..Values::default() }),
        _ => days(k, 30, Values { categories: strings(&[category]), ..Values::default() }.into()),
    }
}

/// The `k`-th of each kind of question.
pub(crate) fn all(k: u64) -> Vec<(&'static str, Filter)> {
    let mut questions = columns(k);
    questions.extend(texts(k));
    questions.extend(documents(k));
    questions
}

/// Those that need columns alone.
fn columns(k: u64) -> Vec<(&'static str, Filter)> {
    let (action, category, _) = KINDS[(k % 12) as usize];
    let none = Filter::default;
    let of_category = || Values { categories: strings(&[category]), ..Values::default() };
    let by = Filter::from;
    vec![
        ("no filter", none()),
        ("dataset", by(Values { datasets: strings(&["promptfoo.audit"]), ..Values::default() })),
        ("action", by(Values { actions: strings(&[action]), ..Values::default() })),
        ("category", by(of_category())),
        ("outcome", failures()),
        ("actor", by(Values { users: vec![email(k)], ..Values::default() })),
        ("category and outcome", by(Values { outcomes: strings(&["failure"]), ..of_category() })),
        ("category and actor", by(Values { users: vec![email(k)], ..of_category() })),
        (
            "three filters",
            by(Values {
                actions: strings(&[action, "login"]),
                users: (0..5).map(|at| format!("dev{}", k * 31 % ACTORS + at)).collect(),
                ..failures().wanted
            }),
        ),
        ("7 days", days(k, 7, none())),
        ("90 days and category", days(k, 90, by(of_category()))),
    ]
}

/// Those that ask the full-text index.
fn texts(k: u64) -> Vec<(&'static str, Filter)> {
    let thing = THINGS[(k % 10) as usize];
    let iam = |filter: Filter| {
        let wanted = Values { categories: strings(&["iam"]), ..Values::default() };
        Filter { wanted, ..filter }
    };
    vec![
        ("word, 1 to 19 %", text(thing)),
        ("word, 16 %", text(THINGS[(k % 2 + 1) as usize])),
        ("rare word", text(format!("{}", 10_000 + k * 997 % 90_000))),
        ("IP address", text(format!("10.0.{}.{}", k % 200, k % 250))),
        ("e-mail address", text(email(k))),
        ("prefix dev17*", text(format!("dev{}*", 10 + k % 90))),
        ("two words and a filter", iam(text(format!("failure {thing}")))),
        ("three words", text(format!("dev{} login {thing}", k * 7 % ACTORS))),
        ("word and 7 days", days(k, 7, text(thing))),
        ("word in nearly all", text(EVERYWHERE[(k % 10) as usize])),
        ("that and a filter", iam(text(EVERYWHERE[(k % 10) as usize]))),
        ("that and a word", text(format!("{} {thing}", EVERYWHERE[(k % 10) as usize]))),
        ("that as a prefix", text(format!("{}*", &EVERYWHERE[(k % 10) as usize][..3]))),
        ("phrase, 60 events a million", text(format!("\"dev{} login\"", k * 7 % ACTORS))),
        ("phrase, 2 %", text(format!("\"login on {thing}\""))),
    ]
}

/// Those that look into documents, or into what was derived from them.
fn documents(k: u64) -> Vec<(&'static str, Filter)> {
    vec![
        ("field source.ip", field("source.ip", format!("10.0.{}.{}", k % 200, k % 250))),
        ("field user.target.email", field("user.target.email", email(k))),
        ("fraction in 7 days", days(k, 7, field("source.geo.location.lat", format!("{k}.25")))),
        ("derived target", derived(TARGET, TARGETS[(k % 4) as usize].to_owned())),
        ("derived actor", derived(ACTOR, email(k))),
        ("derived category", derived(AREA, AREAS[(k % 6) as usize].to_owned())),
        ("derived project", derived(PROJECT, format!("team_{}", k % 100))),
        (
            "derived target and word",
            Filter { text: "sso".to_owned(), ..derived(TARGET, TARGETS[(k % 4) as usize].to_owned()) },
        ),
    ]
}
