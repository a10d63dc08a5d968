//! A running node: its process, its address, its end.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use tempfile::TempDir;

use super::Recipe;
use crate::{Unavailable, client::Client};

/// A node of one's own. It ends when this is dropped, or when this process ends in whatever way: its standard input
/// is a pipe that ends with it.
#[derive(Debug)]
pub struct Node {
    recipe: Recipe,
    home: TempDir,
    port: u16,
    url: String,
    process: Child,
}

impl Node {
    pub(super) fn start(recipe: Recipe) -> Result<Self, Unavailable> {
        let home = TempDir::with_prefix("trailcar-node-")
            .map_err(|error| recipe.server.unavailable(&error.to_string()))?;
        let (process, url) = launch(&recipe, 0, &home)?;
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default();
        Ok(Self { recipe, home, port, url, process })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process, as the recipe becomes the server.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// A client of this node, logged in where it has security.
    pub fn client(&self) -> Client {
        Client::new(&self.url, self.recipe.login.clone())
    }

    /// Ends it as a power cut would. The data stays.
    pub fn kill9(&mut self) {
        signal("-KILL", &self.process);
        self.reap();
    }

    /// Starts it again on the same port and data, after [`kill9`](Self::kill9) or in place of the one that runs.
    ///
    /// # Errors
    /// When it does not come up again.
    pub fn restart(&mut self) -> Result<(), Unavailable> {
        self.stop();
        (self.process, self.url) = launch(&self.recipe, self.port, &self.home)?;
        Ok(())
    }

    fn stop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            signal("-TERM", &self.process);
        }
        self.reap();
    }

    fn reap(&mut self) {
        if let Err(error) = self.process.wait() {
            tracing::warn!(%error, "a node could not be waited for");
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// Signals the node and whatever it has started (its process group).
fn signal(name: &str, process: &Child) {
    let sent =
        Command::new("kill").args([name, "--", &format!("-{}", process.id())]).stderr(Stdio::null()).status();
    if let Err(error) = sent {
        tracing::warn!(%error, "kill could not be run");
    }
}

/// Runs the recipe until it says `READY URL`.
fn launch(recipe: &Recipe, port: u16, home: &TempDir) -> Result<(Child, String), Unavailable> {
    let unavailable = |why: &str| recipe.server.unavailable(why);
    let log = home.path().join("stderr.log");
    let stderr = File::create(&log).map_err(|error| unavailable(&error.to_string()))?;
    let mut process = recipe
        .command(port, &home.path().join("node"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .process_group(0)
        .spawn()
        .map_err(|error| unavailable(&format!("its recipe could not be run: {error}")))?;
    let mut output = BufReader::new(process.stdout.take().ok_or_else(|| unavailable("no output"))?);
    let mut last = String::new();
    let mut line = String::new();
    while output.read_line(&mut line).is_ok_and(|read| read > 0) {
        if let Some(url) = line.strip_prefix("READY ") {
            let url = url.trim().to_owned();
            // Its log goes on; unread, the pipe would fill and stop it.
            std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
            return Ok((process, url));
        }
        last = std::mem::take(&mut line);
    }
    signal("-KILL", &process);
    let status = process.wait().map_err(|error| unavailable(&error.to_string()))?;
    let said = std::fs::read_to_string(&log).unwrap_or_default();
    let said = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or(&last).to_owned();
    if status.code() == Some(UNAVAILABLE) {
        return Err(unavailable(&said));
    }
    broken(&format!("{} ended with {status}: {said}", recipe.server.name()))
}

/// What a recipe ends with when this machine can not have the server (EX_UNAVAILABLE).
const UNAVAILABLE: i32 = 69;

#[expect(
    clippy::panic,
    reason = "a node that can be had and does not start is a failed test, not a skipped one"
)]
fn broken(what: &str) -> ! {
    panic!("{what}")
}

/// A node that tests share.
#[derive(Clone, Debug)]
pub enum Shared {
    /// Started by this process.
    Started(Arc<Node>),
    /// Named by the environment: its address.
    Outside(String),
}

impl Shared {
    /// Its address.
    pub fn url(&self) -> &str {
        match self {
            Self::Started(node) => node.url(),
            Self::Outside(url) => url,
        }
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        match self {
            Self::Started(node) => node.client(),
            Self::Outside(url) => Client::new(url, None),
        }
    }
}
