//! A folder to run commands in.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

pub(crate) struct Place(tempfile::TempDir);

/// How a command ended and what it said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Said {
    /// The lines of standard output as JSON.
    pub(crate) fn documents(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A count of a summary.
    pub(crate) fn count(&self, name: &str) -> u64 {
        let line = self.out.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0, |line| line.split_whitespace().next().unwrap().parse().unwrap())
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with a configuration.
    pub(crate) fn with(config: &str) -> Self {
        let place = Self::new();
        place.write("trailcar.yml", config);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The lines of a file that is the output, without those that tell what was done here.
    pub(crate) fn delivered(&self, name: &str) -> Vec<String> {
        let lines = self.read(name);
        let others = lines.lines().filter(|line| !line.contains("\"logs-trailcar.audit-"));
        others.map(str::to_owned).collect()
    }

    /// The binary, in this folder and in an environment of its own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trailcar"));
        command.args(arguments).current_dir(self.0.path()).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Who runs the tests, as the operating system calls them.
    pub(crate) fn operator(&self) -> String {
        let said = Command::new("id").arg("-un").output().unwrap();
        String::from_utf8(said.stdout).unwrap().trim_end().to_owned()
    }

    /// What was written down for the dataset trailcar.audit and not collected yet.
    pub(crate) fn journal(&self) -> Vec<Value> {
        let text = self.read("data/audit/current.ndjson");
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.command(arguments).output().unwrap().into()
    }

    /// Runs a command that reads `input`.
    pub(crate) fn feed(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Said {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        // A command may end before it has read everything.
        drop(child.stdin.take().unwrap().write_all(input.as_ref()));
        child.wait_with_output().unwrap().into()
    }
}

/// Events of the Admin API, numbered.
pub(crate) fn events(range: std::ops::Range<usize>) -> String {
    range
        .map(|at| {
            let event = json!({
                "event_id": format!("event-{at}"), "timestamp": "2026-05-04T11:14:58.922Z", "ip_address": "192.0.2.17",
                "user_email": "dana@example.com", "event_type": "login", "event_data": { "n": at * 7919 % 9973 },
            });
            format!("{event}\n")
        })
        .collect()
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The sample databases of the source tree.
pub(crate) fn geoip() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../geoip-samples").display().to_string()
}
