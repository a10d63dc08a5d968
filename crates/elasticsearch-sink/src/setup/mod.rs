//! `trailcar setup`: templates, lifecycle policy and, on request, ingest pipelines and dashboards.
//!
//! Setup first makes a [`Plan`], which tells what it would do and what stands in the way, and carries it out after.
//! Doing it twice changes nothing the second time: every object carries a digest of what was installed, and an object
//! of a newer version than this program's is left alone.
//!
//! # Priority
//! Of all index templates that match a new data stream, the one with the highest priority makes it. The stock
//! `logs-*-*` has 100 and Elastic's own integrations have 200 for the streams of their dataset; ours has 250. A general
//! template of lower priority is there to be overridden and is passed over in silence. A template made for the very
//! same streams, or one that outranks ours, belongs to somebody, so setup names it and stops. With `take_over`, ours
//! is installed above it (one higher than the highest, when 250 does not do); nothing of the other is deleted, so
//! removing ours gives the streams back.

mod conflict;
mod ism;
mod kibana;
mod pattern;
mod plan;
mod role;
mod step;

pub use conflict::Conflict;
pub use kibana::KibanaConfig;
pub use plan::Plan;
pub use role::roles;
pub use step::{Change, Step};

use elasticsearch::http::Method;
use event::DeliverError;
use serde_json::Value;

use crate::bulk::failure;
use crate::client::{Answer, Client, Request};
use crate::config::{ConfigError, ElasticsearchConfig};

/// What setup is to do beyond templates and lifecycle policy.
#[derive(Clone, Debug, Default)]
pub struct SetupOptions {
    /// Installs above templates that match the same streams.
    pub take_over: bool,
    /// Rolls over data streams whose write index has an older mapping.
    pub rollover: bool,
    /// Ingest pipelines to install: id and definition.
    pub pipelines: Vec<(String, Value)>,
    /// Scripts to store before the pipelines that name them: id and body of `PUT _scripts/<id>`.
    pub scripts: Vec<(String, Value)>,
    /// Saved objects for Kibana, as NDJSON.
    pub dashboards: Option<Vec<u8>>,
}

/// Why setup stopped.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The server can not be used as it is.
    #[error(transparent)]
    Server(#[from] DeliverError),
    /// Templates of others match the same streams.
    #[error("{}", conflict::words(.0))]
    Conflict(Vec<Conflict>),
    /// The server refused one object; those before it are installed.
    #[error("{object} was refused ({status}): {reason}")]
    Refused {
        /// Kind and name.
        object: String,
        /// The server's status.
        status: u16,
        /// The server's reason, or the cure where it is known.
        reason: String,
    },
    /// The configuration lacks something that was asked for.
    #[error("{0}")]
    Missing(String),
}

/// Sets a server up.
#[derive(Debug)]
pub struct Setup {
    config: ElasticsearchConfig,
    options: SetupOptions,
    client: Client,
}

impl Setup {
    /// Reads the configuration with its files. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake.
    pub fn new(config: &ElasticsearchConfig, options: SetupOptions) -> Result<Self, ConfigError> {
        Ok(Self { client: Client::new(config)?, config: config.clone(), options })
    }

    /// Looks at the server and says what is to be done. Changes nothing.
    ///
    /// # Errors
    /// [`SetupError::Server`], or [`SetupError::Refused`] when the server may not be looked at.
    pub async fn plan(&self) -> Result<Plan, SetupError> {
        plan::plan(&self.client, &self.config, &self.options).await
    }

    /// Carries a plan out; steps that are done already are passed over.
    ///
    /// # Errors
    /// [`SetupError::Conflict`] before anything is done; [`SetupError::Refused`] at the step that fails.
    pub async fn apply(&self, plan: &Plan) -> Result<(), SetupError> {
        if !plan.conflicts.is_empty() {
            return Err(SetupError::Conflict(plan.conflicts.clone()));
        }
        for step in plan.steps.iter().filter(|step| step.change.is_to_do()) {
            step.run(&self.client, &self.config).await?;
            tracing::info!(object = %step.object, change = %step.change, "setup");
        }
        Ok(())
    }
}

/// Sends a request and takes an answer of 2xx, or 404 as `None`.
async fn ask(client: &Client, object: &str, request: &Request<'_>) -> Result<Option<Value>, SetupError> {
    let answer = client.send(request).await.map_err(|error| DeliverError::Retry(error.to_string()))?;
    match answer.status {
        200..=299 => Ok(Some(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))),
        404 => Ok(None),
        _ => Err(refused(object, &answer)),
    }
}

/// Looks one thing up.
async fn get(client: &Client, path: &str) -> Result<Option<Value>, SetupError> {
    ask(client, path, &Request::new(Method::Get, path)).await
}

fn refused(object: &str, answer: &Answer) -> SetupError {
    let words = failure(&answer.body).words();
    let reason = match answer.status {
        401 => {
            "the credentials are refused: check that api_key or password is right and not expired".to_owned()
        }
        403 => format!("the credentials lack a privilege: `trailcar setup --print-role` shows all ({words})"),
        _ => words,
    };
    SetupError::Refused { object: object.to_owned(), status: answer.status, reason }
}
