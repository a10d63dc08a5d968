//! What somebody did, what was done to something, and the logins that failed: when the first and the last time, from where,
//! how often, and the newest events.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::Timestamp;
use store::{ACTOR, ADDRESS, Event, Group, RESOURCE, Shape, Store, Summary, Tally};

use super::chips::{Chip, chips};
use super::elsewhere;
use super::facets::grouped;
use super::histogram::{Drawing, HEIGHT, WIDTH, draw};
use super::line::{Line, Time};
use super::times::Times;
use super::visible::{cut, visible};
use crate::access::Caller;
use crate::api::{Parameters, split};
use crate::page::{PageError, render};
use crate::question::{Condition, Field, MAX_TEXT, Question, encode};
use crate::{App, ask};

/// The newest events that are shown.
const NEWEST: usize = 25;
/// The newest events that are counted.
const READ: usize = 5_000;
/// Rows of a table of counts, and of the one of which more are asked for.
const TOP: usize = 10;
const MANY: usize = 200;
/// What may stand in the address beside a question: of which table more rows are listed.
const OWN: [&str; 1] = ["more"];
/// Longer values are cut, in characters.
const MAX_SHOWN: usize = 120;
const SHAPE: Shape = Shape { top: 0, buckets: 100 };

/// What is counted: a name for the address, a title, the fields, and what asks for a value of the first of them.
struct Count {
    name: &'static str,
    title: &'static str,
    group: Group<'static>,
    field: fn() -> Field,
}

const ACTORS: Count = Count { name: "actors", title: "Actors", group: &[ACTOR], field: || Field::User };
const ACTIONS: Count =
    Count { name: "actions", title: "Actions", group: &[&["event.action"]], field: || Field::Action };
const RESOURCES: Count =
    Count { name: "resources", title: "Resources", group: &[RESOURCE], field: || Field::Resource };
const ADDRESSES: Count = Count {
    name: "addresses",
    title: "Addresses",
    group: &[ADDRESS, &["source.geo.city_name"], &["source.geo.country_name", "source.geo.country_iso_code"]],
    field: || Field::of("source.ip"),
};
const DATASETS: Count = Count {
    name: "datasets",
    title: "Datasets",
    group: &[&["data_stream.dataset"]],
    field: || Field::Dataset,
};

/// Whose history a page tells.
struct Subject {
    /// What kind of thing it is.
    kind: &'static str,
    name: String,
    path: String,
    /// What its events have in common.
    conditions: Vec<Condition>,
    counts: &'static [Count],
    /// What is said where there is no event at all.
    nothing: String,
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    kind: &'static str,
    name: String,
    times: Times,
    chips: Vec<Chip>,
    total: String,
    first: Option<Time>,
    last: Option<Time>,
    tables: Vec<Table>,
    drawing: Option<Drawing>,
    lines: Vec<Line>,
    /// All of its events, as a list.
    all: String,
    /// How many of the newest events were counted, when not all.
    counted: Option<String>,
    nothing: String,
}

/// Values with their counts.
struct Table {
    title: &'static str,
    rows: Vec<Row>,
    /// How many more there are, and where they are listed, if they are.
    more: usize,
    more_href: Option<String>,
    /// How many events have values that were not told apart.
    others: Option<String>,
}

struct Row {
    text: String,
    /// Its place: city and country.
    beside: String,
    href: Option<String>,
    /// Its own history.
    history: Option<String>,
    events: String,
    /// Of a hundred that the most frequent one has.
    share: u64,
    first: Time,
    last: Time,
}

type Pairs = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// Answers `GET /actors/{name}`.
pub(crate) async fn actor(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    pairs: Pairs,
) -> Result<Response, PageError> {
    let subject = |field: Field| Subject {
        kind: "Actor",
        path: format!("/actors/{}", encode(&name)),
        conditions: vec![Condition::new(field, &name)],
        counts: &[ADDRESSES, ACTIONS, RESOURCES, DATASETS],
        nothing: "Nobody of this name has done anything in these times.".to_owned(),
        name: name.clone(),
    };
    // Who has neither an address nor a name is known by an id.
    show(&app, caller, &[subject(Field::User), subject(Field::of("user.id"))], pairs).await
}

/// Answers `GET /resources/{name}`.
pub(crate) async fn resource(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    pairs: Pairs,
) -> Result<Response, PageError> {
    let subject = Subject {
        kind: "Resource",
        path: format!("/resources/{}", encode(&name)),
        conditions: vec![Condition::new(Field::Resource, &name)],
        counts: &[ACTORS, ACTIONS, ADDRESSES, DATASETS],
        nothing: "Nothing was done to anything of this name in these times.".to_owned(),
        name,
    };
    show(&app, caller, &[subject], pairs).await
}

/// Answers `GET /failed-logins`.
pub(crate) async fn failed_logins(
    State(app): State<Arc<App>>,
    caller: Caller,
    pairs: Pairs,
) -> Result<Response, PageError> {
    let subject = Subject {
        kind: "Security",
        name: "Failed logins".to_owned(),
        path: "/failed-logins".to_owned(),
        conditions: vec![
            Condition::new(Field::Category, "authentication"),
            Condition::new(Field::Outcome, "failure"),
        ],
        counts: &[ACTORS, ADDRESSES, ACTIONS, DATASETS],
        nothing: "No login has failed in these times. Choose other times above.".to_owned(),
    };
    show(&app, caller, &[subject], pairs).await
}

/// What is told of a question.
pub(super) struct Answer {
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    /// How many of the newest events were counted.
    pub(super) read: u64,
    /// For each count of the subject.
    pub(super) counted: Vec<Counted>,
    pub(super) summary: Summary,
    pub(super) newest: Vec<Event>,
}

/// Values with their counts, and how many events have values that are not among them.
pub(super) struct Counted {
    pub(super) tallies: Vec<Tally>,
    pub(super) others: u64,
}

/// Shows the first of some subjects that has events; or the first, with none.
async fn show(app: &App, caller: Caller, subjects: &[Subject], pairs: Pairs) -> Result<Response, PageError> {
    let Query(pairs) = pairs.map_err(|error| PageError::Bad(error.body_text()))?;
    let (own, pairs) = split(pairs, &OWN);
    let more = Parameters::read(&own, &OWN)?;
    let more = more.choice("more", &["actors", "actions", "resources", "addresses", "datasets"])?;
    let asked = Question::parse(&pairs)?;
    if asked.cursor.is_some() {
        return Err(PageError::Bad(
            "A history has no pages: leave cursor away, or take the list.".to_owned(),
        ));
    }
    if subjects.iter().any(|own| own.name.len() > MAX_TEXT) {
        return Err(PageError::Bad(format!("The name is longer than {MAX_TEXT} bytes.")));
    }
    let mut shown = None;
    for subject in subjects {
        let base = subject.conditions.iter().fold(asked.first_page(), |base, own| base.with(own));
        let groups: Vec<Group<'static>> = subject.counts.iter().map(|count| count.group).collect();
        let answer = match &app.store {
            Some(store) => Some(stored(store, caller.clone(), base.clone(), groups).await?),
            None => elsewhere::history(app, &caller, &base, &groups, NEWEST).await?,
        };
        let Some(answer) = answer else {
            return elsewhere::nothing(app, &subject.name, crate::health::failing(app));
        };
        let is_found = answer.summary.total > 0;
        if is_found || shown.is_none() {
            shown = Some((subject, base, answer));
        }
        if is_found {
            break;
        }
    }
    match shown {
        Some((subject, base, answer)) => render(&HistoryPage::new(subject, &asked, &base, answer, more)),
        None => Err(PageError::Internal("there is nothing whose history could be told".to_owned())),
    }
}

/// Asks the embedded store.
async fn stored(
    store: &Store,
    caller: Caller,
    question: Question,
    groups: Vec<Group<'static>>,
) -> Result<Answer, PageError> {
    ask(store, move |store| {
        let (access, filter) = (caller.access(), question.filter(Timestamp::now()));
        let history = store.history(access, &filter, &groups, READ)?;
        let counted = history.tallies.into_iter().map(|tallies| Counted { tallies, others: 0 });
        Ok(Answer {
            first: history.first,
            last: history.last,
            read: history.read as u64,
            counted: counted.collect(),
            summary: store.summary(access, &filter, SHAPE)?,
            newest: store.events(access, &filter, None, NEWEST)?.rows,
        })
    })
    .await
}

impl HistoryPage {
    fn new(subject: &Subject, asked: &Question, base: &Question, answer: Answer, more: Option<&str>) -> Self {
        let Answer { first, last, read, counted, summary, newest } = answer;
        let tables = subject.counts.iter().zip(&counted).map(|(count, Counted { tallies, others })| {
            let is_more = more == Some(count.name);
            let shown = if is_more { MANY } else { TOP };
            let href = asked.href_on(&subject.path);
            let joint = if href.contains('?') { '&' } else { '?' };
            Table {
                title: count.title,
                rows: tallies.iter().take(shown).map(|own| Row::new(own, tallies, count, base)).collect(),
                more: tallies.len().saturating_sub(shown),
                more_href: (!is_more).then(|| format!("{href}{joint}more={}", count.name)),
                others: (*others > 0).then(|| grouped(*others)),
            }
        });
        Self {
            kind: subject.kind,
            name: visible(&subject.name),
            times: Times::new(asked, &subject.path),
            chips: chips(asked, &subject.path),
            total: grouped(summary.total),
            first: first.map(Time::new),
            last: last.map(Time::new),
            tables: tables.filter(|table| !table.rows.is_empty()).collect(),
            drawing: summary.histogram.as_ref().and_then(|drawn| draw(asked, &subject.path, drawn)),
            lines: newest.iter().map(|event| Line::new(event, base)).collect(),
            all: base.href(),
            counted: (summary.total > read).then(|| grouped(read)),
            nothing: subject.nothing.clone(),
        }
    }
}

impl Row {
    fn new(tally: &Tally, all: &[Tally], count: &Count, base: &Question) -> Self {
        let value = tally.values.first().map(String::as_str).unwrap_or_default();
        let beside: Vec<&str> =
            tally.values.iter().skip(1).filter(|text| !text.is_empty()).map(String::as_str).collect();
        let field = (count.field)();
        let condition = Condition::new(field.clone(), value);
        let fits = !value.is_empty() && value.len() < MAX_TEXT / 2 && !condition.reads_documents();
        let most = all.first().map_or(1, |first| first.events.max(1));
        Self {
            text: cut(value, MAX_SHOWN),
            beside: cut(&beside.join(", "), MAX_SHOWN),
            history: match field {
                Field::User if fits => Some(format!("/actors/{}", encode(value))),
                Field::Resource if fits => Some(format!("/resources/{}", encode(value))),
                _ => None,
            },
            href: fits.then(|| base.with(&condition).href()),
            events: grouped(tally.events),
            share: (tally.events * 100).div_ceil(most),
            first: Time::new(tally.first),
            last: Time::new(tally.last),
        }
    }
}
