//! What a node is started with.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::node::{Node, Shared};
use crate::Unavailable;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// `tests/servers/elasticsearch`.
    Elasticsearch,
    /// `tests/servers/opensearch`.
    OpenSearch,
}

impl Server {
    /// The name of its recipe.
    pub fn name(self) -> &'static str {
        match self {
            Self::Elasticsearch => "elasticsearch",
            Self::OpenSearch => "opensearch",
        }
    }

    /// The environment variable that names a server which runs already.
    fn variable(self) -> &'static str {
        match self {
            Self::Elasticsearch => "TRAILCAR_TEST_ELASTICSEARCH_URL",
            Self::OpenSearch => "TRAILCAR_TEST_OPENSEARCH_URL",
        }
    }

    /// That it can not be had, and what to do.
    pub(super) fn unavailable(self, why: &str) -> Unavailable {
        let variable = self.variable();
        Unavailable {
            what: format!("a real {}", self.name()),
            cure: format!("{why}; or name a running one in {variable}"),
        }
    }
}

/// A user and its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The user, a superuser of the node.
    pub user: String,
    /// Its password.
    pub password: String,
}

/// A node to be started.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub(super) server: Server,
    pub(super) login: Option<Login>,
    geoip: Option<PathBuf>,
    settings: Vec<String>,
}

/// The nodes that run for [`Recipe::shared`]: they live as long as one test has hold of them.
static SHARED: [Mutex<Weak<Node>>; 2] = [Mutex::new(Weak::new()), Mutex::new(Weak::new())];

impl Recipe {
    pub(super) fn new(server: Server) -> Self {
        Self { server, login: None, geoip: None, settings: Vec::new() }
    }

    /// Adds a setting of the node: `indexing_pressure.memory.limit`, `64kb`.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push(format!("-E{name}={value}"));
        self
    }

    /// Turns security on, with one superuser. For Elasticsearch.
    #[must_use]
    pub fn security(mut self, user: &str, password: &str) -> Self {
        self.login = Some(Login { user: user.to_owned(), password: password.to_owned() });
        self
    }

    /// Loads the geoip processor with `GeoLite2-{ASN,City,Country}.mmdb` of a folder. For OpenSearch.
    #[must_use]
    pub fn geoip(mut self, databases: &Path) -> Self {
        self.geoip = Some(databases.to_owned());
        self
    }

    /// Starts a node of one's own on a free port.
    ///
    /// # Errors
    /// When there is no JDK, no Maven, no network for a first fetch.
    pub fn start(self) -> Result<Node, Unavailable> {
        Node::start(self)
    }

    /// The node that all tests share, OpenSearch with the sample databases for geoip; the settings count only where this test is the one that starts it.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn shared(mut self) -> Result<Shared, Unavailable> {
        if let Ok(url) = std::env::var(self.server.variable())
            && !url.is_empty()
        {
            return Ok(Shared::Outside(url));
        }
        let mut slot = SHARED[self.server as usize].lock();
        if let Some(node) = slot.upgrade() {
            return Ok(Shared::Started(node));
        }
        if self.server == Server::OpenSearch {
            self.geoip.get_or_insert_with(|| crate::root().join("geoip-samples"));
        }
        let node = Arc::new(self.start()?);
        *slot = Arc::downgrade(&node);
        Ok(Shared::Started(node))
    }

    /// The command that runs the node on `port` with its data in `dir`.
    pub(super) fn command(&self, port: u16, dir: &Path) -> Command {
        let mut command =
            Command::new(crate::root().join("tests/servers").join(self.server.name()).join("run"));
        command.arg("--until-eof");
        if let Some(Login { user, password }) = &self.login {
            command.arg("--security").arg(format!("{user}:{password}"));
        }
        if let Some(databases) = &self.geoip {
            command.arg("--geoip").arg(databases);
        }
        command.arg(port.to_string()).arg(dir).args(&self.settings);
        command
    }
}
