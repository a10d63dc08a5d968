//! A sidecar of the tests that go the whole way: its folder, its configuration, its processes.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

/// A sidecar's folder and configuration.
pub(crate) struct Sidecar {
    directory: tempfile::TempDir,
    namespace: String,
}

impl Sidecar {
    /// Collects from `sources` and delivers to `url`, into a namespace of the test's own.
    pub(crate) fn new(url: &str, namespace: &str, sources: &Value) -> Self {
        let output = json!({ "elasticsearch": { "hosts": [url], "namespace": namespace } });
        Self::with(&output, namespace, sources)
    }

    /// Collects from `sources` into the embedded store.
    pub(crate) fn with_store(sources: &Value) -> Self {
        Self::with(&json!({ "store": {} }), "default", sources)
    }

    fn with(output: &Value, namespace: &str, sources: &Value) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = json!({
            "data_dir": directory.path().join("data"),
            "sources": sources,
            "geoip": { "directory": testkit::root().join("geoip-samples") },
            "output": output,
            "server": { "listen": "127.0.0.1:0" },
        });
        fs::write(directory.path().join("trailcar.yml"), config.to_string()).unwrap();
        Self { directory, namespace: namespace.to_owned() }
    }

    pub(crate) fn stream(&self) -> String {
        format!("logs-cursor.audit-{}", self.namespace)
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trailcar"));
        command.args(arguments).arg("--config").arg(self.directory.path().join("trailcar.yml"));
        command
    }

    /// Runs a command to its end, which has to be a good one.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        output
    }

    /// Starts a command; what it says is in [`log`](Self::log).
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let log = File::create(self.directory.path().join("log")).unwrap();
        self.command(arguments).stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    /// What the process that was started last has said.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }
}

pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
