//! Services in this process that show an audit log page by page, promptfoo's and Cencori's, and misbehave on demand.
//!
//! [`Logs`] answers without a network, so that tests can turn their clock; [`ServedLogs`] puts it on loopback. Both
//! forms follow the services' documentation: limits out of range are refused, promptfoo promises no order, and Cencori
//! takes no ends of a window and shows the newest entry first.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::form_urlencoded;

/// Whose log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// promptfoo's API; its token is `c4n4ry-token-of-the-tests`.
    Promptfoo,
    /// The route of Cencori's dashboard for the organization `acme`; its header is `Cookie: session=c4n4ry`.
    Cencori,
}

/// What an answer is in place of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status.
    Status(u16),
    /// 429, with this `Retry-After`.
    TooMany(Option<String>),
    /// A redirection.
    Redirect(String),
    /// A web page with the status 200.
    WebPage,
    /// The page, cut in its middle.
    Cut,
}

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

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
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
    faults: VecDeque<Fault>,
    arrivals: VecDeque<Vec<Entry>>,
    asked: Vec<String>,
}

impl Form {
    /// The `number`th of an endless row of entries.
    pub fn entry(self, number: u64, time: Timestamp) -> Entry {
        let user = ["ada", "grace", "edsger", "barbara"][number as usize % 4];
        let id = format!("00000000-0000-4000-8000-{number:012x}");
        let body = match self {
            Self::Promptfoo => json!({
                "id": id, "description": format!("entry {number}"), "actorId": user, "actorName": user,
                "actorEmail": format!("{user}@example.com"), "action": "login", "actionDisplayName": "Login",
                "target": "USER", "targetId": user, "metadata": null, "organizationId": "org", "teamId": null,
                "createdAt": format!("{time:.3}"),
            }),
            Self::Cencori => json!({
                "id": id, "created_at": format!("{time:.3}"), "category": "prompt", "action": "updated",
                "description": format!("entry {number}"), "actor_email": format!("{user}@example.com"),
                "actor_ip": "203.0.113.9", "actor_type": "user", "resource_type": "prompt",
                "resource_id": format!("prompt_{number}"), "project_id": null, "metadata": {},
            }),
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

    /// Paths and queries that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().asked.clone()
    }

    /// Answers a request; `header` gives a header's value.
    pub fn answer(&self, path: &str, query: &str, header: impl Fn(&str) -> Option<String>) -> Answer {
        let now = (self.clock)();
        let state = &mut *self.state.lock();
        state.asked.push(format!("{path}?{query}"));
        let fault = state.faults.pop_front();
        let (name, value) = self.form.header(&state.key);
        match fault {
            Some(Fault::Status(status)) => return refusal(status, "as the test wants it"),
            Some(Fault::TooMany(wait)) => {
                let mut answer = refusal(429, "slow down");
                answer.headers.extend(wait.map(|wait| ("retry-after", wait)));
                return answer;
            }
            Some(Fault::Redirect(target)) => {
                let mut answer = refusal(302, "elsewhere");
                answer.headers.push(("location", target));
                return answer;
            }
            Some(Fault::WebPage) => {
                let headers = vec![("content-type", "text/html".to_owned())];
                return Answer {
                    status: 200,
                    headers,
                    body: "<!doctype html><title>Sign in</title>".to_owned(),
                };
            }
            Some(Fault::Cut) | None => {}
        }
        if path != self.form.path() {
            return refusal(404, "no such route");
        }
        if header(name) != Some(value) {
            return refusal(401, "not signed in");
        }
        let words: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let page = match self.form {
            Form::Promptfoo => state.promptfoo(&words),
            Form::Cencori => state.cencori(&words, now),
        };
        match page {
            Ok(page) => {
                if let Some(arrivals) = state.arrivals.pop_front() {
                    state.add(arrivals);
                }
                let mut body = page.to_string();
                if fault == Some(Fault::Cut) {
                    body.truncate(body.len() / 2);
                }
                Answer { status: 200, headers: vec![("content-type", "application/json".to_owned())], body }
            }
            Err(message) => refusal(400, &message),
        }
    }
}

impl State {
    fn add(&mut self, entries: impl IntoIterator<Item = Entry>) {
        self.entries.extend(entries);
        self.entries.sort_by_key(|entry| entry.time);
    }

    fn promptfoo(&self, words: &HashMap<String, String>) -> Result<Value, String> {
        let limit = number(words, "limit", 20, 1..=100)?;
        let offset = number(words, "offset", 0, 0..=u64::MAX)?;
        let time = |name: &str, default| match words.get(name) {
            None => Ok(default),
            Some(text) => text.parse::<Timestamp>().map_err(|_| format!("invalid {name}")),
        };
        let range = time("createdAtGte", Timestamp::MIN)?..=time("createdAtLte", Timestamp::MAX)?;
        let has = |name: &str, value: &Value| words.get(name).is_none_or(|word| *value == **word);
        let mut found: Vec<&Value> = self
            .entries
            .iter()
            .filter(|entry| range.contains(&entry.time))
            .map(|entry| &entry.body)
            .filter(|body| has("action", &body["action"]) && has("target", &body["target"]))
            .filter(|body| has("actorId", &body["actorId"]))
            .collect();
        if self.reversed {
            found.reverse();
        }
        let logs: Vec<&Value> = found.iter().skip(offset as usize).take(limit as usize).copied().collect();
        Ok(json!({"total": found.len(), "limit": limit, "offset": offset, "logs": logs}))
    }

    fn cencori(&self, words: &HashMap<String, String>, now: Timestamp) -> Result<Value, String> {
        let page = number(words, "page", 1, 1..=u64::MAX)?;
        let size = number(words, "per_page", 50, 1..=100)?;
        let hours = match words.get("time_range").map(String::as_str) {
            Some("1h") => 1,
            None | Some("24h") => 24,
            Some("7d") => 7 * 24,
            Some("30d") => 30 * 24,
            Some("90d") => 90 * 24,
            Some("all") => 1_000_000,
            Some(other) => return Err(format!("invalid time_range {other}")),
        };
        let from = now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN);
        let category = words.get("category");
        let found: Vec<&Value> = self
            .entries
            .iter()
            .rev()
            .filter(|entry| entry.time >= from)
            .map(|entry| &entry.body)
            .filter(|body| category.is_none_or(|category| body["category"] == **category))
            .collect();
        let skipped = usize::try_from((page - 1).saturating_mul(size)).unwrap_or(usize::MAX);
        let logs: Vec<&Value> = found.iter().skip(skipped).take(size as usize).copied().collect();
        let pages = (found.len() as u64).div_ceil(size);
        Ok(json!({
            "logs": logs,
            "pagination": {"page": page, "per_page": size, "total": found.len(), "total_pages": pages},
        }))
    }
}

fn number(
    words: &HashMap<String, String>,
    name: &str,
    default: u64,
    range: std::ops::RangeInclusive<u64>,
) -> Result<u64, String> {
    let Some(text) = words.get(name) else { return Ok(default) };
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| format!("invalid {name}"))
}

fn refusal(status: u16, message: &str) -> Answer {
    let headers = vec![("content-type", "application/json".to_owned())];
    Answer { status, headers, body: json!({"error": message}).to_string() }
}

/// A log that listens on loopback, until this is dropped.
#[derive(Debug)]
pub struct ServedLogs {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl ServedLogs {
    /// Starts on a free port.
    ///
    /// # Errors
    /// There is none.
    pub async fn start(logs: Logs) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Router::new().fallback(respond).with_state(logs);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the log's server ended");
            }
        });
        Ok(Self { address, task })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for ServedLogs {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn respond(Shared(logs): Shared<Logs>, request: Request<Body>) -> Response<Body> {
    let header = |name: &str| request.headers().get(name)?.to_str().ok().map(str::to_owned);
    let answer = logs.answer(request.uri().path(), request.uri().query().unwrap_or_default(), header);
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap_or_default()
}
