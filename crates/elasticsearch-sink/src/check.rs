//! `trailcar check`: can events be delivered, and if not, what is to be done.

use std::fmt;
use std::time::Duration;

use elasticsearch::http::Method;
use serde_json::{Value, json};

use crate::bulk::failure;
use crate::client::{Answer, Client, Request, segment};
use crate::config::{ConfigError, ElasticsearchConfig};
use crate::mappings::{Kind, Object, objects};
use crate::server::{Flavor, Server};

/// The longest wait for one answer; a user waits for all of them.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// As it should be.
    Good,
    /// Events are delivered all the same, or it can not be told.
    Warning,
    /// Events are not delivered.
    Failure,
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it came out.
    pub grade: Grade,
    /// What was seen and, where it is not good, the cure.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.grade {
            Grade::Good => "ok",
            Grade::Warning => "warning",
            Grade::Failure => "failure",
        };
        write!(f, "{word:<8} {}", self.message)
    }
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, grade: Grade, message: impl Into<String>) {
        self.0.push(Finding { grade, message: message.into() });
    }
}

/// Checks every host, the credentials' privileges, and the templates of the data streams
/// `logs-<dataset>-<namespace>` of these datasets, or of all that there are templates for when none is named. Changes
/// nothing on the server.
///
/// # Errors
/// [`ConfigError`] when the configuration is not even good enough to ask.
pub async fn check(config: &ElasticsearchConfig, datasets: &[&str]) -> Result<Vec<Finding>, ConfigError> {
    let client =
        Client::new(&ElasticsearchConfig { timeout: config.timeout.min(PATIENCE), ..config.clone() })?;
    let mut findings = Findings::default();
    let mut flavor = None;
    for index in 0..client.addresses().len() {
        flavor = host(&client, index, &mut findings).await.or(flavor);
    }
    if let Some(flavor) = flavor {
        let objects = objects();
        let templates = objects.iter().filter(|object| object.kind == Kind::IndexTemplate);
        for template in templates.filter(|template| is_meant(template, datasets)) {
            for stream in streams(template, &config.namespace) {
                if flavor != Flavor::OpenSearch {
                    privileges(&client, &stream, &mut findings).await;
                }
                template_of(&client, template, &stream, &mut findings).await;
            }
        }
    }
    Ok(findings.0)
}

/// Whether a template is for one of these datasets.
fn is_meant(template: &Object, datasets: &[&str]) -> bool {
    let is_for = |dataset: &&str| template.patterns().any(|pattern| pattern == format!("logs-{dataset}-*"));
    datasets.is_empty() || datasets.iter().any(is_for)
}

/// The data streams of a template in one namespace.
fn streams(template: &Object, namespace: &str) -> Vec<String> {
    let starts = template.patterns().filter_map(|pattern| pattern.strip_suffix('*'));
    starts.map(|start| format!("{start}{namespace}")).collect()
}

async fn host(client: &Client, index: usize, findings: &mut Findings) -> Option<Flavor> {
    let answer = match client.send_to(index, &Request::new(Method::Get, "/")).await {
        Ok(answer) => answer,
        Err(error) => {
            findings.add(Grade::Failure, error.to_string());
            return None;
        }
    };
    match Server::read(&answer) {
        Ok(server) => {
            let version =
                server.version.as_deref().unwrap_or("of a version that the credentials may not see");
            findings.add(Grade::Good, format!("{} is {:?} {version}", answer.host, server.flavor));
            Some(server.flavor)
        }
        Err(error) => {
            findings.add(Grade::Failure, error.to_string());
            None
        }
    }
}

/// What events can not be delivered without.
const TO_WRITE: [&str; 2] = ["create_doc", "auto_configure"];

/// What is needed to see whether an event is there already, behind a rollover.
const TO_LOOK: [&str; 2] = ["read", "view_index_metadata"];

/// Asks which privileges the credentials have. A server without security has none to ask for.
async fn privileges(client: &Client, stream: &str, findings: &mut Findings) {
    let needed = json!({"index": [{"names": [stream], "privileges": ([TO_WRITE, TO_LOOK].concat())}]});
    let request = Request::new(Method::Post, "/_security/user/_has_privileges").json(&needed);
    let Some(answer) = answered(client, &request, findings).await else { return };
    let has: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    match answer.status {
        200 => {
            let lack = |wanted: [&str; 2]| {
                let lacking =
                    wanted.into_iter().filter(|privilege| has["index"][stream][*privilege] != json!(true));
                lacking.collect::<Vec<_>>().join(" and ")
            };
            let (to_write, to_look) = (lack(TO_WRITE), lack(TO_LOOK));
            if to_write.is_empty() {
                findings.add(Grade::Good, format!("the credentials may write to {stream}"));
            } else {
                findings.add(
                    Grade::Failure,
                    format!(
                        "the credentials lack {to_write} on {stream}: `trailcar setup --print-role` shows the role they need"
                    ),
                );
            }
            if !to_look.is_empty() {
                findings.add(
                    Grade::Warning,
                    format!(
                        "the credentials lack {to_look} on {stream}: an event that is sent again after the stream has rolled \
                         over may be there twice; `trailcar setup --print-role` shows the role that prevents it"
                    ),
                );
            }
        }
        401 => findings.add(
            Grade::Failure,
            format!(
                "{} refuses the credentials (401): check that they are right and not expired",
                answer.host
            ),
        ),
        // security is off: no such request
        400 | 404 | 405 => {}
        status => findings.add(Grade::Warning, format!("the privileges could not be asked for ({status})")),
    }
}

/// Looks whether the data stream would be made from our template.
async fn template_of(client: &Client, ours: &Object, stream: &str, findings: &mut Findings) {
    let path = format!("/_data_stream/{}", segment(stream));
    let Some(answer) = answered(client, &Request::new(Method::Get, &path), findings).await else { return };
    if answer.status == 200 {
        let found: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let made_by = found["data_streams"][0]["template"].as_str().unwrap_or_default();
        return match made_by == ours.name {
            true => findings.add(Grade::Good, format!("{stream} is there, made from {made_by}")),
            false => findings.add(
                Grade::Warning,
                format!("{stream} is made from the template [{made_by}]: fields may have other types than documented; \
                         `trailcar setup` tells how to change it"),
            ),
        };
    }
    let path = format!("{}{}", ours.kind.api(), segment(&ours.name));
    let Some(answer) = answered(client, &Request::new(Method::Get, &path), findings).await else { return };
    match answer.status {
        200 => findings.add(Grade::Good, format!("the templates of {stream} are installed")),
        404 => findings.add(
            Grade::Failure,
            format!("no template makes the data stream {stream}: run `trailcar setup`"),
        ),
        403 => findings.add(
            Grade::Warning,
            format!("these credentials may not see whether the templates of {stream} are installed: if `trailcar setup` was \
                     run, all is well"),
        ),
        status => findings.add(
            Grade::Warning,
            format!("the templates could not be asked for ({status} {})", failure(&answer.body).words()),
        ),
    }
}

async fn answered(client: &Client, request: &Request<'_>, findings: &mut Findings) -> Option<Answer> {
    client.send(request).await.map_err(|error| findings.add(Grade::Failure, error.to_string())).ok()
}
