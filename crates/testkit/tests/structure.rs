//! The invariants of ARCHITECTURE.md: which crate may know which, who does no I/O, and what every file keeps to.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests, with their helper functions")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What each crate may depend on, of the project's own. Collectors, normalization and destinations never see each
/// other; only the binary sees all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("event", &[]),
    ("painless", &["event"]),
    ("ingest", &["event", "painless"]),
    ("enrich", &["event", "ingest"]),
    ("normalize", &["event", "ingest", "enrich"]),
    ("workbench", &["event", "ingest"]),
    ("ledger", &["event"]),
    ("ingest-api", &["event", "painless", "ingest", "enrich", "normalize", "workbench", "ledger"]),
    ("deliver", &["event", "ledger"]),
    ("collect", &["event"]),
    ("collect-files", &["event", "collect"]),
    ("poll", &["event", "collect"]),
    ("collect-cursor", &["event", "collect", "poll"]),
    ("collect-promptfoo", &["event", "collect", "poll"]),
    ("collect-cencori", &["event", "collect", "poll"]),
    ("collect-s3", &["event", "collect"]),
    ("stand-ins", &[]),
    ("elasticsearch-sink", &["event"]),
    ("store", &["event", "ledger"]),
    ("users", &["event", "ledger", "store"]),
    ("journal", &["ledger"]),
    ("server", &["event", "store", "ledger", "deliver", "users", "journal", "ingest-api"]),
    ("dashboards", &[]),
    ("testkit", &[]),
];

/// The binary, which may use every crate but this one.
const BINARY: &str = "trailcar";

/// What crates do not name, since they do no I/O at all or none with the network (addresses and paths as values are
/// no I/O).
const MUST_NOT_NAME: &[(&str, &[&str])] =
    &[("event", IO), ("painless", IO), ("ingest", IO), ("normalize", NETWORK), ("enrich", NETWORK)];

const NETWORK: &[&str] = &["tokio::", "reqwest::", "hyper::", "TcpStream", "UdpSocket", "ToSocketAddrs"];

const IO: &[&str] = &[
    "tokio::",
    "reqwest::",
    "std::fs",
    "std::process",
    "std::env",
    "TcpStream",
    "UdpSocket",
    "ToSocketAddrs",
    "File::open",
];

const MAX_LINES: usize = 800;

#[test]
fn crates_use_only_what_they_may() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(testkit::root())
        .output()
        .expect("cargo metadata");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("cargo's JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let own: Vec<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let used = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| dependency["kind"] != "dev")
            .filter_map(|dependency| own.iter().find(|own| dependency["name"] == **own));
        let may = MAY_USE.iter().find(|(of, _)| *of == name);
        for used in used {
            let allowed = match may {
                _ if name == BINARY => *used != "testkit",
                Some((_, may)) => may.contains(used),
                None => false,
            };
            if !allowed {
                wrong.push(format!("{name} must not use {used}"));
            }
        }
        if may.is_none() && name != BINARY {
            wrong.push(format!("{name} has no line in MAY_USE: which crates may it use?"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_do_no_io_that_is_not_theirs() {
    let mut wrong = Vec::new();
    for (name, forbidden) in MUST_NOT_NAME {
        for (path, text) in sources(&testkit::root().join("crates").join(name).join("src")) {
            let shipped = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            for (number, line) in shipped.lines().enumerate().filter(|(_, line)| !is_comment(line)) {
                for io in forbidden.iter().filter(|io| line.contains(**io)) {
                    wrong.push(format!("{}:{}: {io}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_keeps_to_the_form() {
    // Put together here, so that this file does not name them.
    let unfinished: Vec<String> =
        [["TO", "DO"], ["FIX", "ME"], ["XX", "X:"], ["HA", "CK:"], ["todo", "!("], ["unimplemented", "!("]]
            .iter()
            .map(|parts| parts.concat())
            .collect();
    let mut wrong = Vec::new();
    let files = sources(&testkit::root().join("crates"));
    assert!(files.len() > 50, "the sources were not found");
    for (path, text) in files {
        let place = path.display();
        if !text.starts_with("//!") {
            wrong.push(format!("{place}: does not open with a line of documentation (//!)"));
        }
        if text.lines().count() > MAX_LINES {
            wrong.push(format!("{place}: longer than {MAX_LINES} lines"));
        }
        for word in unfinished.iter().filter(|word| text.contains(word.as_str())) {
            wrong.push(format!("{place}: unfinished: {word}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A field that is called so takes the place of what the line says.
#[test]
fn no_field_of_a_log_line_is_called_message() {
    let levels = ["error", "warn", "info", "debug", "trace"].map(|level| format!("tracing::{level}!("));
    let mut wrong = Vec::new();
    for (path, text) in sources(&testkit::root().join("crates")) {
        for (at, start) in levels.iter().flat_map(|level| text.match_indices(level.as_str())) {
            let said = &text[at + start.len()..];
            let said = &said[..said.find(");\n").unwrap_or(said.len())];
            if said.lines().any(|line| line.trim_start().starts_with("message =")) {
                wrong.push(format!("{}:{}", path.display(), text[..at].lines().count()));
            }
        }
    }
    assert!(wrong.is_empty(), "call the field otherwise:\n{}", wrong.join("\n"));
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// All Rust files under a folder, with their texts.
fn sources(dir: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            found.extend(sources(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&entry).expect("a source in UTF-8");
            found.push((entry.strip_prefix(testkit::root()).unwrap_or(&entry).to_owned(), text));
        }
    }
    found
}
