//! The door: finds out who a request is from, and writes down what they looked at.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use journal::{Entry, JournalError, Outcome, Recorder, Who};
use parking_lot::Mutex;
use store::Access;
use users::{Name, RegistryError, User, Users};

use super::Caller;
use super::address::client;
use super::credentials::{self, Credentials};
use super::looks::{EXPORT, action, told};
use super::refusal::Refusal;
use super::sessions::Sessions;
use super::throttle::Throttle;
use crate::App;
use crate::elasticsearch::{self, Looked};
use crate::guard::{Exposure, is_loopback_host};
use crate::question::encode;

/// When a user came in is noted at most this often.
const NOTED: SignedDuration = SignedDuration::from_secs(60);

/// Knows who may come in.
pub(crate) struct Door {
    app: Arc<App>,
    exposure: Exposure,
    cookie: String,
    pub(super) sessions: Sessions,
    pub(super) throttle: Throttle,
    noted: Mutex<HashMap<Name, Timestamp>>,
}

/// Where a request comes from, and what it is for.
pub(super) struct Visit {
    pub(super) address: Option<IpAddr>,
    agent: Option<String>,
    route: String,
    path: String,
    query: String,
    accept: Option<String>,
    form: Form,
    /// Whether a browser asks for it to show it.
    is_page: bool,
}

/// In which form somebody is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Page,
    /// `{"error": …}`
    Api,
    /// As Elasticsearch does it.
    Elasticsearch,
}

impl Visit {
    fn of(request: &Request, app: &App) -> Self {
        let (headers, path) = (request.headers(), request.uri().path());
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let form = if elasticsearch::is_call(request) {
            Form::Elasticsearch
        } else if path == "/api" || path.starts_with("/api/") {
            Form::Api
        } else {
            Form::Page
        };
        Self {
            address: client(request.extensions(), headers, &app.trusted_proxies),
            agent: agent(headers),
            route: route.to_owned(),
            path: path.to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            accept: text("accept").map(str::to_owned),
            form,
            is_page: form == Form::Page
                && request.method() == Method::GET
                && text("sec-fetch-mode").is_none_or(|mode| mode == "navigate"),
        }
    }

    /// Tells somebody that they do not come in.
    fn refused(&self, refusal: &Refusal) -> Response {
        match self.form {
            Form::Page => refusal.page(),
            Form::Api => refusal.json(),
            Form::Elasticsearch => {
                elasticsearch::refused(refusal, &self.path, &self.query, self.accept.as_deref())
            }
        }
    }

    fn who(&self, by: &'static str) -> Who {
        Who { by: Some(by), address: self.address, agent: self.agent.clone(), ..Who::default() }
    }
}

/// What a program calls itself.
pub(super) fn agent(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get(header::USER_AGENT)?;
    Some(told(&String::from_utf8_lossy(agent.as_bytes())))
}

impl Door {
    /// A door in front of what an app shows; `port` tells sidecars on one machine apart, whose cookies browsers would mix up.
    pub(crate) fn new(app: Arc<App>, exposure: Exposure, port: u16) -> Self {
        Self {
            app,
            exposure,
            cookie: format!("trailcar-{port}"),
            sessions: Sessions::default(),
            throttle: Throttle::default(),
            noted: Mutex::default(),
        }
    }

    pub(super) fn users(&self) -> &Users {
        &self.app.users
    }

    pub(super) fn exposure(&self) -> Exposure {
        self.exposure
    }

    pub(super) fn recorder(&self) -> Option<&Recorder> {
        self.app.recorder.as_ref()
    }

    /// Where a request comes from.
    pub(super) fn address(&self, request: &Request) -> Option<IpAddr> {
        client(request.extensions(), request.headers(), &self.app.trusted_proxies)
    }

    /// Whether a browser must keep the cookie to connections that nobody listens to; and what it is called then.
    pub(super) fn cookie(&self, headers: &HeaderMap) -> (bool, String) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_here = self.exposure == Exposure::Local && text("host").is_some_and(is_loopback_host);
        let is_secure = !is_here || text("x-forwarded-proto") == Some("https");
        let prefix = if is_secure { "__Host-" } else { "" };
        (is_secure, format!("{prefix}{}", self.cookie))
    }

    /// Finds out who somebody is.
    fn identify(&self, visit: &Visit, headers: &HeaderMap) -> Result<Caller, Refusal> {
        if !self.users().exist().map_err(broken)? {
            return match self.exposure {
                Exposure::Local => Ok(self.caller(Access::local(), visit.who("open"), false)),
                Exposure::Remote => Err(Refusal::Closed(self.exposure.words(false))),
            };
        }
        let (_, cookie) = self.cookie(headers);
        match credentials::read(headers, &cookie) {
            Credentials::Token(token) => self.by_token(visit, token, |_| true),
            Credentials::Named { name, token } => {
                self.by_token(visit, &token, |user| user.name.as_str() == name)
            }
            Credentials::Cookie(cookie) => {
                let (name, token) = self.sessions.find(cookie).ok_or(Refusal::Nobody)?;
                let user = self.users().still(&name, &token).map_err(broken)?;
                let user = user.ok_or_else(|| {
                    self.sessions.end(cookie);
                    Refusal::Nobody
                })?;
                Ok(self.user(&user, visit, "page"))
            }
            Credentials::Nothing => Err(Refusal::Nobody),
            Credentials::Unreadable => Err(Refusal::Unknown),
        }
    }

    fn by_token(&self, visit: &Visit, token: &str, fits: impl Fn(&User) -> bool) -> Result<Caller, Refusal> {
        let user = self.users().by_token(token).map_err(broken)?;
        let user = user.filter(fits).ok_or_else(|| {
            self.throttle.failed(visit.address, None);
            self.throttle.wait(visit.address, None).map_or(Refusal::Unknown, Refusal::Wait)
        })?;
        Ok(self.user(&user, visit, "token"))
    }

    fn user(&self, user: &User, visit: &Visit, by: &'static str) -> Caller {
        self.note(&user.name);
        let access = Access::of(user.role).named(user.name.as_str());
        let who = Who { name: Some(user.name.to_string()), role: Some(user.role.as_str()), ..visit.who(by) };
        self.caller(access, who, by == "page")
    }

    fn caller(&self, access: Access, who: Who, has_session: bool) -> Caller {
        Caller::new(access, who, self.recorder().cloned(), has_session)
    }

    /// Notes that a user was here; that does not hold anybody up.
    fn note(&self, name: &Name) {
        let now = Timestamp::now();
        let mut noted = self.noted.lock();
        let is_fresh = noted.get(name).is_some_and(|last| now.duration_since(*last) < NOTED);
        let Some(registry) = self.users().registry().filter(|_| !is_fresh).cloned() else { return };
        noted.insert(name.clone(), now);
        let name = name.clone();
        // What comes of it is said in the log.
        drop(tokio::task::spawn_blocking(move || {
            if let Err(error) = registry.used(&name, now) {
                tracing::warn!("when {name} was here last can not be noted: {error}");
            }
        }));
    }

    /// Writes something down, each time or as a repetition, before the answer that it is about goes out.
    pub(super) async fn record(&self, entry: Entry, each: bool) -> Result<(), Refusal> {
        let Some(recorder) = self.recorder().cloned() else { return Ok(()) };
        let write = move || if each { recorder.record(&entry) } else { recorder.look(entry) };
        let written = tokio::task::spawn_blocking(write).await;
        let failed = |reason: String| {
            tracing::error!("{reason}");
            Refusal::Broken(format!(
                "Nobody can look now, since it can not be written down who does. {reason}."
            ))
        };
        written
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error: JournalError| failed(error.to_string()))
    }

    /// Answers somebody who was let in, once it is written down what they looked at.
    async fn watched(
        &self,
        caller: Caller,
        visit: &Visit,
        request: Request,
        next: Next,
    ) -> Result<Response, Refusal> {
        let entry = Entry {
            action: action(&visit.route, &visit.query),
            who: caller.who().clone(),
            path: Some(told(&visit.path)),
            query: (!visit.query.is_empty()).then(|| told(&visit.query)),
            ..Entry::default()
        };
        let is_export = entry.action == EXPORT;
        if is_export {
            // Before, since its end is written down by whoever makes it, while the answer goes out.
            self.record(entry.clone(), true).await?;
        }
        let response = caller.scope(next.run(request)).await;
        let Looked { action, is_told } =
            response.extensions().get().copied().unwrap_or(Looked { action: entry.action, is_told: false });
        let entry = Entry { action, ..entry };
        if is_told {
            return Ok(response);
        }
        // What the browser has already is shown all the same: a page that refreshes itself looks at one thing.
        let status = match response.status() {
            StatusCode::NOT_MODIFIED => StatusCode::OK,
            status => status,
        };
        let done = status.is_success() || status.is_redirection();
        if !is_export || !done {
            let outcome = if done { Outcome::Success } else { Outcome::Failure };
            self.record(Entry { outcome, status: Some(status.as_u16()), ..entry }, false).await?;
        }
        Ok(response)
    }

    /// Answers somebody who is not let in, once that is written down.
    async fn refuse(&self, refusal: Refusal, visit: &Visit, who: Who, is_cross_site: bool) -> Response {
        let is_login = matches!(refusal, Refusal::Nobody) && visit.is_page;
        let action = match refusal {
            Refusal::Unknown | Refusal::Wait(_) => "login",
            _ => "access_refused",
        };
        // By route and not by path: who knocks at every door is not to fill the journal.
        let entry = Entry {
            action,
            outcome: Outcome::Failure,
            who,
            path: Some(visit.route.clone()),
            status: Some(refusal.status().as_u16()),
            reason: Some(refusal.reason()),
            ..Entry::default()
        };
        // Who is only sent to the page to log in was not refused anything yet.
        let recorded = if is_login { Ok(()) } else { self.record(entry, false).await };
        match recorded {
            Err(broken) => visit.refused(&broken),
            Ok(()) if is_login && is_cross_site => once_more(refusal.page()),
            Ok(()) if is_login => to_login(visit).into_response(),
            Ok(()) => visit.refused(&refusal),
        }
    }
}

fn broken(error: RegistryError) -> Refusal {
    tracing::error!("users can not be read, so nobody is let in: {error}");
    Refusal::Broken(format!("Nobody is let in now, since the users can not be read: {error}."))
}

/// To the page to log in, and back from there.
fn to_login(visit: &Visit) -> Redirect {
    let asked =
        if visit.query.is_empty() { visit.path.clone() } else { format!("{}?{}", visit.path, visit.query) };
    if asked == "/" {
        Redirect::to("/login")
    } else {
        Redirect::to(&format!("/login?next={}", encode(&asked)))
    }
}

/// Who follows a link from another site comes without their cookie; asked for again from here, they have it.
fn once_more(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFRESH, header::HeaderValue::from_static("0"));
    response
}

/// Lets a request in, or not.
pub(crate) async fn pass(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let visit = Visit::of(&request, &door.app);
    let is_cross_site = request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    let caller = match door.identify(&visit, request.headers()) {
        Ok(caller) => caller,
        Err(refusal) => {
            let by = if matches!(refusal, Refusal::Unknown | Refusal::Wait(_)) { "token" } else { "nothing" };
            return door.refuse(refusal, &visit, visit.who(by), is_cross_site).await;
        }
    };
    let who = caller.who().clone();
    if let (Err(_), Some(role)) = (caller.access().check(), caller.access().role()) {
        let owners = door.users().owners().unwrap_or_default();
        let name = who.name.clone().unwrap_or_default();
        let refusal = Refusal::Role { name, role, owners };
        return caller.scope(door.refuse(refusal, &visit, who, is_cross_site)).await;
    }
    request.extensions_mut().insert(caller.clone());
    match door.watched(caller, &visit, request, next).await {
        Ok(response) => response,
        Err(broken) => visit.refused(&broken),
    }
}

/// Refuses requests that were meant for another host, while nobody has to log in: on loopback a foreign name is
/// somebody's page that had its own name resolve to this machine.
pub(crate) async fn local_host(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let is_local = host.is_some_and(is_loopback_host);
    if is_local || door.exposure == Exposure::Remote || door.users().exist().unwrap_or(false) {
        return next.run(request).await;
    }
    let text =
        "This server answers on loopback only: ask for http://127.0.0.1 or http://localhost with its port.\n";
    (StatusCode::MISDIRECTED_REQUEST, text).into_response()
}
