//! Audit logs that are shown page by page, promptfoo's and Cencori's: limits out of range are refused, promptfoo promises no order,
//! and Cencori takes no ends of a window and shows the newest entry first.

mod cencori;
mod promptfoo;

use std::collections::{HashMap, VecDeque};
use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::Value;
use url::form_urlencoded;

use crate::fault::PageFault;
use crate::limit::Limit;
use crate::{Fault, Reply, Request, StandIn};

/// Whose log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// promptfoo's API; its token is `c4n4ry-token-of-the-tests` unless another is set.
    Promptfoo,
    /// The route of Cencori's dashboard for the organization `acme`; its header is `Cookie: session=c4n4ry` likewise.
    Cencori,
}

/// Users of both, who are at example.com.
const USERS: [&str; 4] = ["ada", "grace", "edsger", "barbara"];

/// The parameters of a request.
type Words = HashMap<String, String>;

/// An entry of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When it happened.
    pub time: Timestamp,
    /// As it is sent.
    pub body: Value,
}

impl Entry {
    /// Its id.
    pub fn id(&self) -> &str {
        self.body["id"].as_str().unwrap_or_default()
    }
}

/// A log that is shown page by page.
#[derive(Clone)]
pub struct Logs {
    form: Form,
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

struct State {
    key: String,
    /// The oldest first.
    entries: Vec<Entry>,
    reversed: bool,
    limit: Limit,
    faults: VecDeque<Fault>,
    arrivals: VecDeque<Vec<Entry>>,
    asked: Vec<String>,
}

impl Form {
    /// The `number`th of an endless row of entries.
    pub fn entry(self, number: u64, time: Timestamp) -> Entry {
        let body = match self {
            Self::Promptfoo => promptfoo::entry(number, time),
            Self::Cencori => cencori::entry(number, time),
        };
        Entry { time, body }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Promptfoo => "/api/v1/audit-logs",
            Self::Cencori => "/api/organizations/acme/audit-logs",
        }
    }

    /// The header that shows the key, and what it holds.
    fn header(self, key: &str) -> (&'static str, String) {
        match self {
            Self::Promptfoo => ("authorization", format!("Bearer {key}")),
            Self::Cencori => ("cookie", format!("session={key}")),
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Promptfoo => "c4n4ry-token-of-the-tests",
            Self::Cencori => "c4n4ry",
        }
    }
}

impl Logs {
    /// A log by the system's clock.
    pub fn new(form: Form) -> Self {
        Self::with_clock(form, Timestamp::now)
    }

    /// One with a clock of its own.
    pub fn with_clock(form: Form, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        let state = State {
            key: form.key().to_owned(),
            entries: Vec::new(),
            reversed: false,
            limit: Limit::default(),
            faults: VecDeque::new(),
            arrivals: VecDeque::new(),
            asked: Vec::new(),
        };
        Self { form, state: Arc::new(Mutex::new(state)), clock: Arc::new(clock) }
    }

    /// Entries show up.
    pub fn add(&self, entries: impl IntoIterator<Item = Entry>) {
        self.state.lock().add(entries);
    }

    /// What the next answers are instead.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().faults.extend(faults);
    }

    /// What shows up behind the next pages, some behind each.
    pub fn arrive(&self, arrivals: impl IntoIterator<Item = Vec<Entry>>) {
        self.state.lock().arrivals.extend(arrivals);
    }

    /// Turns the order of a log that promises none.
    pub fn reverse(&self) {
        let state = &mut *self.state.lock();
        state.reversed = !state.reversed;
    }

    /// Replaces the key.
    pub fn set_key(&self, key: &str) {
        self.state.lock().key = key.to_owned();
    }

    /// Takes so many requests a minute; any number before it is told.
    pub fn set_limit(&self, most: usize) {
        self.state.lock().limit = Limit::of(most);
    }

    /// Paths and queries that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().asked.clone()
    }
}

impl StandIn for Logs {
    fn answer(&self, request: &Request) -> Reply {
        let now = (self.clock)();
        let state = &mut *self.state.lock();
        state.asked.push(format!("{}?{}", request.path, request.query));
        let fault = match state.faults.pop_front().map(Fault::reply) {
            Some(Ok(reply)) => return reply,
            Some(Err(fault)) => Some(fault),
            None => None,
        };
        if let Err(seconds) = state.limit.take(now) {
            return Reply::too_many(Some(seconds.to_string()));
        }
        if request.path != self.form.path() {
            return Reply::refusal(404, "Not Found", "no such route");
        }
        let (name, value) = self.form.header(&state.key);
        if request.header(name) != Some(&value) {
            return Reply::refusal(401, "Unauthorized", "not signed in");
        }
        let words: Words = form_urlencoded::parse(request.query.as_bytes()).into_owned().collect();
        let page = match self.form {
            Form::Promptfoo => promptfoo::page(&state.entries, state.reversed, &words),
            Form::Cencori => cencori::page(&state.entries, &words, now),
        };
        match page {
            Ok(page) => {
                if let Some(arrivals) = state.arrivals.pop_front() {
                    state.add(arrivals);
                }
                PageFault::send(fault, page.to_string())
            }
            Err(message) => Reply::refusal(400, "Bad Request", &message),
        }
    }
}

impl State {
    fn add(&mut self, entries: impl IntoIterator<Item = Entry>) {
        self.entries.extend(entries);
        self.entries.sort_by_key(|entry| entry.time);
    }
}

/// The number of a parameter.
///
/// # Errors
/// The message of a 400.
fn number(words: &Words, name: &str, default: u64, range: RangeInclusive<u64>) -> Result<u64, String> {
    let Some(text) = words.get(name) else { return Ok(default) };
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| format!("invalid {name}"))
}

/// As many as `size` of what was found, behind the first `skipped`.
fn slice<'a>(found: &[&'a Value], skipped: u64, size: u64) -> Vec<&'a Value> {
    let of = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    found.iter().skip(of(skipped)).take(of(size)).copied().collect()
}

fn id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}
