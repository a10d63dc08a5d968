//! Users: `trailcar user`, the configuration's, and what the sidecar that runs makes of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command};

use serde_json::{Value, json};

use crate::place::{Place, Said, events, geoip};

/// A folder whose sidecar has a store of six events, and two of their import.
fn place(more: &str) -> Place {
    let place = Place::with(&format!(
        "geoip: {{directory: {}}}
server: {{listen: '127.0.0.1:0'}}
logging: {{format: ecs_json, level: trace}}
{more}",
        geoip()
    ));
    place.write("a.jsonl", events(0..6));
    let said = place.run(&["import", "a.jsonl"]);
    assert_eq!(said.status, 0, "{}", said.err);
    place
}

fn user(place: &Place, arguments: &[&str]) -> Said {
    place.run(&[&["user"], arguments].concat())
}

/// Adds a user and gives their token.
fn add(place: &Place, name: &str, role: &str) -> String {
    let said = user(place, &["add", name, "--role", role]);
    assert!(said.status == 0 && said.err.contains("is shown this once"), "{said:?}");
    let token = said.out.trim_end();
    assert!(token.starts_with("tc_") && token.len() == 46, "{said:?}");
    token.to_owned()
}

/// A sidecar that runs.
struct Running {
    child: Child,
    log: BufReader<ChildStderr>,
    address: String,
    seen: String,
}

impl Running {
    fn start(place: &Place) -> Self {
        let mut child = place.command(&["run"]).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut running = Self { child, log, address: String::new(), seen: String::new() };
        let serving = running.wait_for("\"serving\"");
        let serving: Value = serde_json::from_str(&serving).unwrap();
        running.address = serving["trailcar.address"].as_str().unwrap().to_owned();
        running
    }

    fn wait_for(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(
                self.log.read_line(&mut line).unwrap() > 0,
                "the log ended without {part}:\n{}",
                self.seen
            );
            self.seen += &line;
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Status and body.
    fn get(&self, path: &str, token: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let authorization =
            if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {}\r\n{authorization}\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Ends it, and gives all that it logged.
    fn end(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.log.read_to_string(&mut self.seen).unwrap();
        assert!(self.child.wait().unwrap().success(), "{}", self.seen);
        self.seen
    }
}

/// The stored events of the journal, the oldest first, as `action outcome user`.
fn told(place: &Place) -> Vec<String> {
    let said = place.run(&["export", "--dataset", "trailcar.audit", "--output", "-"]);
    assert_eq!(said.status, 0, "{}", said.err);
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut documents = said.documents();
    documents.reverse();
    let told = documents.iter().map(|document| {
        let source = &document["_source"];
        [&source["event"]["action"], &source["event"]["outcome"], &source["user"]["name"]].map(text).join(" ")
    });
    told.collect()
}

#[test]
fn a_change_counts_at_once_in_the_sidecar_that_runs_and_everything_is_an_event_once() {
    let place = place("");
    let sidecar = Running::start(&place);
    let path = "/api/v1/audit-logs?actorId=dana%40example.com";
    // Nobody has to log in while there are no users.
    assert_eq!(sidecar.get(path, "").0, 200);
    let ada = add(&place, "ada", "owner");
    assert_eq!(sidecar.get(path, "").0, 401);
    let (status, body) = sidecar.get(path, &ada);
    assert!(status == 200 && body.contains("\"total\":6"), "{body}");
    let mia = add(&place, "mia", "member");
    let (status, body) = sidecar.get(path, &mia);
    assert!(status == 403 && body.contains(": ada."), "{body}");
    let said = user(&place, &["rotate", "ada"]);
    assert_eq!((said.status, sidecar.get(path, &ada).0), (0, 401));
    let fresh = said.out.trim_end().to_owned();
    assert_eq!(sidecar.get(path, &fresh).0, 200);
    assert_eq!(user(&place, &["disable", "mia"]).status, 0);
    assert_eq!(sidecar.get(path, &mia).0, 401);
    let (status, body) = sidecar.get("/api/events/export?format=csv&dataset=cursor.audit", &fresh);
    assert!(status == 200 && body.lines().count() == 7, "{body}");
    let log = sidecar.end();
    assert!(log.contains("are open to everybody on this machine"), "{log}");
    assert_eq!(place.run(&["run", "--once"]).status, 0);
    let told = told(&place);
    let root = place.operator();
    let by_root = |action: &str| format!("{action} success {root}");
    for entry in [
        "search_events success -".to_owned(),
        by_root("user_added"),
        "access_refused failure -".to_owned(),
        "search_events success ada".to_owned(),
        "access_refused failure mia".to_owned(),
        by_root("token_rotated"),
        "login failure -".to_owned(),
        by_root("user_disabled"),
        "export_started success ada".to_owned(),
        "export_completed success ada".to_owned(),
    ] {
        let times = told.iter().filter(|own| **own == entry).count();
        // Two users were added; a second search, and a second wrong token, within a minute were counted.
        let most = if entry.contains("user_added")
            || entry.contains("search_events success ada")
            || entry.contains("login")
        {
            2
        } else {
            1
        };
        assert!((1..=most).contains(&times), "{entry}: {times}\n{told:#?}");
    }
    for token in [&ada, &mia, &fresh] {
        assert!(!log.contains(token.as_str()));
    }
    // Once more collects nothing twice, but for the export of a moment ago.
    let before = told.len();
    assert_eq!(place.run(&["run", "--once"]).status, 0);
    assert_eq!(self::told(&place).len(), before + 2);
}

#[test]
fn files_of_the_journal_go_when_their_events_are_settled_and_not_before() {
    let place = Place::with("output: {file: {path: out}}\n");
    add(&place, "ada", "owner");
    let done = "data/audit/00000000000001.ndjson";
    std::fs::rename(place.path("data/audit/current.ndjson"), place.path(done)).unwrap();
    // A destination that does not answer takes nothing, so the file stays.
    place.write("away.yml", "output: {elasticsearch: {hosts: 'http://127.0.0.1:9'}}\n");
    assert_eq!(place.run(&["run", "--once", "--wait", "100ms", "--config", "away.yml"]).status, 1);
    assert!(place.path(done).exists());
    let said = place.run(&["run", "--once"]);
    assert_eq!(said.status, 0, "{}", said.err);
    assert!(!place.path(done).exists());
    assert_eq!(place.read("out").matches("\"action\":\"user_added\"").count(), 1);
    assert_eq!(place.run(&["run", "--once"]).status, 0);
    assert_eq!(place.read("out").lines().count(), 1);
}

#[test]
fn users_are_listed_without_their_tokens() {
    let place = place(
        "users: [{name: siem, role: admin, token: '${TOKEN:0000000000000000000000000000000000000000000}'}]\n",
    );
    let token = "0123456789abcdef0123456789abcdef0123456789abcdef";
    let run = |arguments: &[&str]| -> Said {
        place.command(arguments).env("TOKEN", token).output().unwrap().into()
    };
    let said = run(&["user", "add", "ada@example.com", "--role", "member"]);
    let shown = said.out.trim_end().to_owned();
    assert_eq!(run(&["user", "disable", "ada@example.com"]).status, 0);
    let said = run(&["user", "list", "--json"]);
    let list: Value = serde_json::from_str(&said.out).unwrap();
    assert!(list[0]["added"].as_str().unwrap().ends_with('Z'));
    let ada = json!({ "name": "ada@example.com", "role": "member", "state": "disabled", "added": list[0]["added"], "here_last": null, "kept_in": "data_dir" });
    let siem = json!({ "name": "siem", "role": "admin", "state": "active", "added": null, "here_last": null, "kept_in": "configuration" });
    assert_eq!(list, json!([ada, siem]));
    let table = run(&["user", "list"]);
    assert!(
        table.out.lines().nth(1).unwrap().starts_with("ada@example.com  member  disabled  20"),
        "{}",
        table.out
    );
    for said in [&said, &table] {
        assert!(!said.out.contains(token) && !said.out.contains(&shown) && !said.out.contains("hash"));
    }
    let said = run(&["user", "rotate", "siem"]);
    assert!(said.status == 1 && said.err.contains("stands in the configuration"), "{}", said.err);
}

#[test]
fn what_can_not_be_done_says_why() {
    let place = place("");
    add(&place, "ada", "owner");
    for (arguments, status, words) in [
        (&["add", "ada", "--role", "member"][..], 1, "there is a user ada already"),
        (&["add", "bob", "--role", "king"], 2, "it is owner, admin or member"),
        (&["add", "bob"], 2, "--role"),
        (&["add", "b b", "--role", "member"], 2, "is no name of a user"),
        (&["rotate", "bob"], 1, "there is no user bob"),
        (&["enable", "ada"], 1, "ada is active"),
        (&["disable", "ada"], 1, "last active owner"),
    ] {
        let said = user(&place, arguments);
        assert_eq!(said.status, status, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(words) && said.out.is_empty(), "{arguments:?}: {said:?}");
    }
    std::fs::remove_dir_all(place.path("data/audit")).unwrap();
    place.write("data/audit", "in the way");
    let said = user(&place, &["rotate", "ada"]);
    assert!(said.status == 1 && said.out.is_empty() && said.err.contains("audit"), "{said:?}");
    let said = place.run(&["export"]);
    assert!(said.status == 1 && said.err.contains("journal of access"), "{said:?}");
    assert!(!place.path("events-as-of-8.ndjson").exists());
}

#[test]
fn check_says_whether_the_door_is_open_and_why() {
    let place = place("");
    let said = place.run(&["check"]);
    assert!(said.status == 0 && said.out.contains("are open to everybody on this machine"), "{said:?}");
    add(&place, "mia", "member");
    let said = place.run(&["check"]);
    assert!(
        said.out.contains("ask for a login") && said.out.contains("no active owner or admin"),
        "{said:?}"
    );
    let other = Place::with("server: {listen: '0.0.0.0:8686'}\n");
    let said = other.run(&["check"]);
    assert!(
        said.status == 0
            && said.out.contains("warning")
            && said.out.contains("are closed, since other machines"),
        "{said:?}"
    );
    assert!(!other.path("data").exists(), "check changes nothing");
    let other = Place::with("users: [{name: ada, role: owner, token_file: token}]\n");
    let said = other.run(&["check"]);
    assert!(
        said.status == 1 && said.out.contains("the token of user ada can not be read from token"),
        "{said:?}"
    );
    other.write("token", "hush");
    let said = other.run(&["check"]);
    assert!(said.status == 1 && said.out.contains("openssl rand") && !said.out.contains("hush"), "{said:?}");
    assert!(said.out.contains("chmod 0"), "{said:?}");
}

#[test]
fn a_manifest_says_who_asked() {
    let place = place("");
    let said = place.run(&["export", "--output", "-"]);
    let manifest: Value = serde_json::from_str(&said.err).unwrap();
    assert_eq!(manifest["by"], json!({ "user": place.operator(), "role": null }));
}
