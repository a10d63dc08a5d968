//! `trailcar run`.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

use crate::place::{Place, Said, events, geoip};

/// A sidecar that runs, with its log as it comes.
pub(crate) struct Running {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Running {
    pub(crate) fn start(place: &Place) -> Self {
        let mut child = place.command(&["run"]).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self { child, log }
    }

    /// Waits for a line of the log that holds `part`.
    pub(crate) fn wait_for(&mut self, part: &str) -> Value {
        let mut seen = String::new();
        loop {
            let mut line = String::new();
            assert!(self.log.read_line(&mut line).unwrap() > 0, "the log ended without {part}:\n{seen}");
            if line.contains(part) {
                return serde_json::from_str(&line).unwrap();
            }
            seen += &line;
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    pub(crate) fn end(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

pub(crate) fn place(follow: bool) -> Place {
    Place::with(&format!(
        "sources: [{{type: files, dataset: cursor.audit, paths: '*.jsonl', follow: {follow}, scan_interval: 20ms}}]
geoip: {{directory: {}}}
output: {{file: {{path: out}}}}
server: {{listen: '127.0.0.1:0'}}
logging: {{format: ecs_json}}
",
        geoip()
    ))
}

/// The lines of the output file, once there are so many.
pub(crate) fn lines(place: &Place, count: usize) -> Vec<String> {
    loop {
        let text = std::fs::read_to_string(place.path("out")).unwrap_or_default();
        if text.lines().count() >= count && text.ends_with('\n') {
            return text.lines().map(str::to_owned).collect();
        }
        std::thread::yield_now();
    }
}

#[test]
fn files_are_followed_until_a_signal_and_gone_on_with_afterwards() {
    let place = place(true);
    place.write("a.jsonl", events(0..10));
    for (signal, from) in [("TERM", 10), ("INT", 20)] {
        let mut sidecar = Running::start(&place);
        let serving = sidecar.wait_for("\"serving\"");
        let address = serving["trailcar.address"].as_str().unwrap().to_owned();
        lines(&place, from);
        let mut file = OpenOptions::new().append(true).open(place.path("a.jsonl")).unwrap();
        file.write_all(events(from..from + 10).as_bytes()).unwrap();
        assert_eq!(lines(&place, from + 10).len(), from + 10);
        place.write("health.yml", format!("server: {{listen: '{address}'}}"));
        let said = place.run(&["check", "--health", "-c", "health.yml"]);
        assert_eq!((said.status, said.out), (0, format!("{address} answers 200\n")), "{}", said.err);
        sidecar.signal(signal);
        sidecar.wait_for("\"stopped\"");
        assert_eq!(sidecar.end(), Some(0));
    }
    let said = place.run(&["run", "--once"]);
    assert_eq!(said.status, 0, "{}", said.err);
    assert_eq!(lines(&place, 30).len(), 30);
}

#[test]
fn an_import_that_is_stopped_says_so() {
    let place = Place::with("output: {file: {path: out}}");
    let mut child = place.command(&["import", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    // The pipe stays open, so the import has not come to its end when it has delivered something.
    let mut input = child.stdin.take().unwrap();
    input.write_all(events(0..3_000).as_bytes()).unwrap();
    lines(&place, 1);
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let said = Said::from(child.wait_with_output().unwrap());
    assert_eq!(said.status, 1, "{}", said.err);
    assert!(said.out.contains("stopped by a signal before everything was read"), "{}", said.out);
}

#[test]
fn logs_are_ecs() {
    let place = place(false);
    place.write("a\u{1b}[31m.jsonl", "nonsense\n");
    let said = place.run(&["run", "--once"]);
    let lines: Vec<Value> = said
        .err
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(!said.err.contains('\u{1b}'), "{}", said.err);
    let failed =
        lines.iter().find(|line| line["message"].to_string().contains("failed in their pipeline")).unwrap();
    for (key, value) in [
        ("log.level", "warn"),
        ("event.dataset", "trailcar.log"),
        ("service.name", "trailcar"),
        ("log.logger", "normalize::worker"),
        ("log.file.path", "a\\u{1b}[31m.jsonl"),
        ("trailcar.source", "files-cursor.audit"),
    ] {
        assert_eq!(failed[key], value, "{failed}");
    }
    assert_eq!(failed["log.offset"], 0);
    assert!(failed["@timestamp"].as_str().unwrap().ends_with('Z'));
    assert!(failed["ecs.version"].is_string() && failed["process.pid"].is_u64());
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let place = Place::with(&format!("server: {{listen: '{address}'}}\nlogging: {{level: error}}"));
    let said = place.run(&["run"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains(&format!("server.listen {address} can not be used")), "{}", said.err);
    assert!(said.err.contains("in use"), "{}", said.err);
}

#[test]
fn the_demo_stores_samples_of_every_dataset() {
    let place = Place::new();
    for _ in 0..2 {
        let said = place.run(&["demo", "--once"]);
        assert_eq!((said.status, &*said.err), (0, ""), "{}", said.out);
        let counts: Vec<(u64, &str)> = said
            .out
            .lines()
            .map(|line| line.trim().split_once("  ").unwrap())
            .map(|(count, dataset)| (count.parse().unwrap(), dataset))
            .collect();
        let datasets: Vec<&str> = counts.iter().map(|(_, dataset)| *dataset).collect();
        assert_eq!(datasets, ["cencori.audit", "cursor.audit", "promptfoo.audit", "trailcar.audit"]);
        assert!(counts.iter().all(|(count, _)| *count > 0), "{counts:?}");
    }
}

#[test]
fn a_demo_that_others_can_reach_says_what_it_serves() {
    let place = Place::new();
    let mut child = place.command(&["demo", "--listen", "0.0.0.0:0"]).spawn().unwrap();
    let mut said = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    while !said.contains("Ctrl-C") && out.read_line(&mut said).unwrap() > 0 {}
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    assert!(said.contains(" serves /healthz, /readyz and /metrics. The viewer"), "{said}");
    assert!(said.contains("--listen 127.0.0.1:") && !said.contains("events are at"), "{said}");
}
