//! The Admin API, without a network.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::event::Event;
use super::query::{Query, key};
use crate::fault::PageFault;
use crate::limit::Limit;
use crate::{Fault, Reply, Request, StandIn};

/// Requests a minute.
const LIMIT: usize = 20;

/// Which events come first. The documentation says both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The oldest.
    #[default]
    OldestFirst,
    /// The newest.
    NewestFirst,
}

/// What happens to the events between two answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Nothing.
    None,
    /// These show up.
    Add(Vec<Event>),
    /// The one with this id goes.
    Remove(String),
}

/// The service.
#[derive(Clone)]
pub struct Service {
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

#[derive(Default)]
struct State {
    team_key: String,
    organization_key: Option<String>,
    events: Vec<Event>,
    order: Order,
    limit: Limit,
    faults: VecDeque<Fault>,
    changes: VecDeque<Change>,
    asked: Vec<String>,
}

impl Service {
    /// One that takes a team's key, by the system's clock.
    pub fn new(team_key: &str) -> Self {
        Self::with_clock(team_key, Timestamp::now)
    }

    /// One with a clock of its own.
    pub fn with_clock(team_key: &str, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        let state = State { team_key: team_key.to_owned(), limit: Limit::of(LIMIT), ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), clock: Arc::new(clock) }
    }

    /// Replaces the team's key.
    pub fn set_team_key(&self, key: &str) {
        self.state.lock().team_key = key.to_owned();
    }

    /// Takes an organization's key as well, at the organization's endpoint.
    pub fn set_organization_key(&self, key: &str) {
        self.state.lock().organization_key = Some(key.to_owned());
    }

    /// Turns the order of events.
    pub fn set_order(&self, order: Order) {
        self.state.lock().order = order;
    }

    /// Takes any number of requests.
    pub fn lift_limit(&self) {
        self.state.lock().limit = Limit::default();
    }

    /// Events show up.
    pub fn add(&self, events: impl IntoIterator<Item = Event>) {
        self.state.lock().add(events);
    }

    /// What the next answers are instead.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().faults.extend(faults);
    }

    /// What happens behind the next pages, one after each.
    pub fn change(&self, changes: impl IntoIterator<Item = Change>) {
        self.state.lock().changes.extend(changes);
    }

    /// The queries that were asked.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().asked.clone()
    }
}

impl StandIn for Service {
    fn answer(&self, request: &Request) -> Reply {
        let now = (self.clock)();
        let state = &mut *self.state.lock();
        state.asked.push(format!("{}?{}", request.path, request.query));
        let fault = match state.faults.pop_front().map(Fault::reply) {
            Some(Ok(reply)) => return reply,
            Some(Err(fault)) => Some(fault),
            None => None,
        };
        // The service tells nobody how long to wait.
        if state.limit.take(now).is_err() {
            return Reply::too_many(None);
        }
        if let Some(refusal) = state.refusal(request) {
            return refusal;
        }
        let query = match Query::read(&request.query, now) {
            Ok(query) => query,
            Err(message) => return Reply::refusal(400, "Bad Request", &message),
        };
        let page = state.page(&query, fault).to_string();
        state.happen();
        PageFault::send(fault, page)
    }
}

impl State {
    /// What a request of no standing gets.
    fn refusal(&self, request: &Request) -> Option<Reply> {
        let known = match request.path.as_str() {
            "/teams/audit-logs" => Some(&self.team_key),
            "/organizations/audit-logs" => self.organization_key.as_ref(),
            _ => return Some(Reply::refusal(404, "Not Found", "No such route")),
        };
        let matches = key(request).is_some_and(|key| Some(&key) == known);
        (!matches).then(|| Reply::refusal(401, "Unauthorized", "Invalid API key"))
    }

    fn page(&self, query: &Query, fault: Option<PageFault>) -> Value {
        let mut found: Vec<&Event> = self.events.iter().filter(|event| query.wants(event)).collect();
        if self.order == Order::NewestFirst {
            found.reverse();
        }
        let page = if fault == Some(PageFault::Before) { query.page.max(2) - 1 } else { query.page };
        let size = query.page_size;
        let from = (page - 1).saturating_mul(size);
        let pages = found.len().div_ceil(size);
        let is_hollow = fault == Some(PageFault::EmptyWithNext);
        let events: Vec<&Value> = found.iter().skip(from).take(size).map(|event| &event.body).collect();
        json!({
            "events": if is_hollow { Vec::new() } else { events },
            "pagination": {
                "page": query.page,
                "pageSize": size,
                "totalCount": found.len(),
                "totalPages": pages,
                "hasNextPage": is_hollow || page < pages,
                "hasPreviousPage": page > 1,
            },
            "params": {
                "teamId": 1,
                "startDate": query.start.as_millisecond(),
                "endDate": query.end.as_millisecond(),
            },
        })
    }

    /// Keeps events in the order of their times.
    fn add(&mut self, events: impl IntoIterator<Item = Event>) {
        self.events.extend(events);
        self.events.sort_by_key(|event| event.time);
    }

    /// Lets the next change come about.
    fn happen(&mut self) {
        match self.changes.pop_front() {
            Some(Change::Add(events)) => self.add(events),
            Some(Change::Remove(id)) => self.events.retain(|event| event.id() != id),
            Some(Change::None) | None => {}
        }
    }
}
