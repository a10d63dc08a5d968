//! Who comes in and what is written down, as browsers and programs see it.

mod elasticsearch;
mod journal_of;
mod login;
mod roles;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use journal::{Journal, Recorder};
use serde_json::Value;
use store::Role;
use users::{Name, Registry, Tell, Token, Users};

use crate::guard::Exposure;
use crate::question::encode;
use crate::tests::{Site, document, site_of};

const TOLD: Tell<'static> = &|| Ok(());

type Answer = (StatusCode, BTreeMap<String, String>, String);

/// A server with users, and what they log in with.
struct Guarded {
    site: Site,
    /// As another process has it.
    registry: Registry,
    owner: Token,
    admin: Token,
    member: Token,
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

async fn guarded(exposure: Exposure) -> Guarded {
    let documents =
        [document("a", "login", "ada@example.com"), document("b", "add_user", "grace@example.com")];
    let site = site_of(&documents, exposure, |directory| {
        let users = Users::new(Vec::new(), Some(Registry::open(directory).unwrap()));
        (users, Some(Recorder::new(Journal::open(directory).unwrap())))
    });
    let site = site.await;
    let registry = Registry::open(site.directory.path()).unwrap();
    let add = |own: &str, role| registry.add(&name(own), role, jiff::Timestamp::now(), TOLD).unwrap();
    let (owner, admin, member) =
        (add("olga", Role::Owner), add("adam", Role::Admin), add("mia", Role::Member));
    Guarded { site, registry, owner, admin, member }
}

/// Headers of a request, beside those that every one has.
type Headers<'h> = &'h [(&'h str, &'h str)];

impl Guarded {
    async fn get(&self, path: &str, headers: Headers<'_>) -> Answer {
        self.site.send(request("GET", path, headers, String::new())).await
    }

    async fn get_with(&self, token: &Token, path: &str) -> Answer {
        self.get(path, &[("authorization", &format!("Bearer {}", token.expose()))]).await
    }

    async fn log_in(&self, name: &str, token: &str, headers: Headers<'_>) -> Answer {
        let form = format!("name={}&token={}&next=%2F%3Faction%3Dlogin", encode(name), encode(token));
        self.site.send(request("POST", "/login", headers, form)).await
    }

    /// The cookie of a new session.
    async fn session(&self, name: &str, token: &Token) -> String {
        let (status, headers, _) = self.log_in(name, token.expose(), &[]).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        headers["set-cookie"].split(';').next().unwrap().to_owned()
    }

    /// What is in the journal.
    fn entries(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.site.directory.path().join("audit/current.ndjson")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Actions with their outcomes and users.
    fn told(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let entries = self.entries();
        let told = entries
            .iter()
            .map(|entry| [&entry["action"], &entry["outcome"], &entry["who"]["name"]].map(text).join(" "));
        told.collect()
    }
}

fn request(method: &str, path: &str, headers: Headers<'_>, form: String) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header(header::USER_AGENT, "tests/1");
    if headers.iter().all(|(name, _)| *name != "host") {
        request = request.header(header::HOST, "127.0.0.1:8686");
    }
    if method == "POST" {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::from(form)).unwrap();
    request.extensions_mut().insert(ConnectInfo::<SocketAddr>("192.0.2.7:4711".parse().unwrap()));
    request
}
