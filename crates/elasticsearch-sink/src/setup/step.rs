//! One object of a plan, and how it is installed.

use std::fmt;

use elasticsearch::http::Method;
use serde_json::Value;

use super::{SetupError, ask, kibana};
use crate::client::{Client, Request};
use crate::config::ElasticsearchConfig;

/// What is done to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is not there yet.
    Create,
    /// It is there, and differs.
    Update,
    /// It is there as it should be.
    Unchanged,
    /// It is there in a version newer than this program's, and is left alone.
    Newer {
        /// The version that is installed.
        installed: u64,
    },
    /// It is done each time.
    Always,
}

impl Change {
    /// Whether there is something to do.
    pub fn is_to_do(&self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Always)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create => f.write_str("create"),
            Self::Update => f.write_str("update"),
            Self::Unchanged => f.write_str("unchanged"),
            Self::Newer { installed } => write!(f, "left alone (version {installed} is newer)"),
            Self::Always => f.write_str("run"),
        }
    }
}

/// One object of a plan.
#[derive(Clone, Debug)]
pub struct Step {
    /// Kind and name.
    pub object: String,
    /// What is done to it.
    pub change: Change,
    pub(super) action: Action,
}

#[derive(Clone, Debug)]
pub(super) enum Action {
    Put { path: String, body: Value },
    Rollover { stream: String },
    Import { ndjson: Vec<u8> },
}

impl Step {
    /// The body that is sent, for users who want to read it first.
    pub fn body(&self) -> Option<&Value> {
        match &self.action {
            Action::Put { body, .. } => Some(body),
            Action::Rollover { .. } | Action::Import { .. } => None,
        }
    }

    pub(super) async fn run(&self, client: &Client, config: &ElasticsearchConfig) -> Result<(), SetupError> {
        let missing = || SetupError::Refused {
            object: self.object.clone(),
            status: 404,
            reason: "the server does not know this request".to_owned(),
        };
        match &self.action {
            Action::Put { path, body } => {
                let request = Request::new(Method::Put, path).json(body);
                ask(client, &self.object, &request).await?.map(drop).ok_or_else(missing)
            }
            Action::Rollover { stream } => {
                let path = format!("/{}/_rollover", crate::client::segment(stream));
                let request = Request::new(Method::Post, &path);
                ask(client, &self.object, &request).await?.map(drop).ok_or_else(missing)
            }
            Action::Import { ndjson } => kibana::import(config, ndjson).await,
        }
    }
}
