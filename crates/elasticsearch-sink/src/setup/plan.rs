//! What setup would do.

use std::fmt;

use serde_json::{Value, json};

use super::conflict::{Conflict, Installed, resolve};
use super::step::{Action, Change, Step};
use super::{SetupError, SetupOptions, get, ism};
use crate::client::{Client, segment};
use crate::config::ElasticsearchConfig;
use crate::dialect::rewrite;
use crate::mappings::{Kind, Object, composed, digest, objects};
use crate::server::{Flavor, Server};

/// What setup would do. `Display` shows it as lines for a terminal.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The server that was asked.
    pub server: Server,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// What stands in the way.
    pub conflicts: Vec<Conflict>,
    /// What the user should know.
    pub notes: Vec<String>,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            writeln!(f, "{:<10} {}", step.change.to_string(), step.object)?;
        }
        for conflict in &self.conflicts {
            writeln!(f, "conflict   {conflict}")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "note       {note}"))
    }
}

/// Looks at the server and plans.
pub(super) async fn plan(
    client: &Client,
    config: &ElasticsearchConfig,
    options: &SetupOptions,
) -> Result<Plan, SetupError> {
    let server = Server::detect(client).await?;
    let mut plan = Plan { server, steps: Vec::new(), conflicts: Vec::new(), notes: Vec::new() };
    let templates = get(client, "/_index_template").await?.unwrap_or(Value::Null);
    let templates = Installed::all(&templates);
    let configured = configured(config, plan.server.flavor);
    let wanted = rewrite(configured.clone(), plan.server.flavor);
    for object in &wanted {
        let step = if object.kind == Kind::IndexTemplate {
            let (priority, conflicts) = resolve(object, &templates, options.take_over);
            plan.conflicts.extend(conflicts);
            let mut object = sealed(object, &wanted);
            object.body["priority"] = json!(priority);
            let before = Installed::named(&templates, &object.name);
            let same = before.is_some_and(|installed| installed.priority == priority);
            put(object, before.map(|installed| &installed.meta), same)
        } else {
            let object = sealed(object, &wanted);
            let before = installed_meta(client, &object).await?;
            put(object, before.as_ref(), true)
        };
        plan.steps.push(step);
    }
    if plan.server.flavor == Flavor::OpenSearch {
        hooks(client, &wanted, &mut plan).await?;
        let patterns: Vec<&str> = wanted.iter().flat_map(Object::patterns).collect();
        for lifecycle in configured.iter().filter(|object| object.kind == Kind::LifecyclePolicy) {
            ism::plan_policy(client, lifecycle, &patterns, &mut plan).await?;
        }
    }
    scripts(client, options, &mut plan).await?;
    pipelines(client, options, &mut plan).await?;
    streams(client, &wanted, options, &mut plan).await?;
    dashboards(config, options, &mut plan)?;
    Ok(plan)
}

/// All objects, with the configured retention.
fn configured(config: &ElasticsearchConfig, flavor: Flavor) -> Vec<Object> {
    let mut all = objects();
    if let Some(retention) = config.retention {
        for object in all.iter_mut().filter(|object| object.kind == Kind::LifecyclePolicy) {
            object.body["policy"]["phases"]["delete"] =
                json!({"min_age": retention.to_string(), "actions": {"delete": {}}});
        }
        if flavor == Flavor::Serverless {
            for object in all.iter_mut().filter(|object| object.kind == Kind::IndexTemplate) {
                object.body["template"]["lifecycle"] = json!({"data_retention": retention.to_string()});
            }
        }
    }
    all
}

/// The same object with a digest of its content, and an index template with a digest of its whole mapping, by which an
/// index is known that was made from an older one.
fn sealed(object: &Object, all: &[Object]) -> Object {
    let mut object = object.clone();
    if object.kind == Kind::IndexTemplate {
        object.body["template"]["mappings"]["_meta"] =
            json!({"managed_by": "trailcar", "digest": digest(&composed(&object, all))});
    }
    let seal = digest(&object.body);
    object.meta_mut()["digest"] = json!(seal);
    object.meta_mut()["version"] = json!(version(&object));
    object
}

fn version(object: &Object) -> u64 {
    object.body["version"].as_u64().unwrap_or(1)
}

/// The `_meta` of an object as it is installed.
async fn installed_meta(client: &Client, object: &Object) -> Result<Option<Value>, SetupError> {
    let path = format!("{}{}", object.kind.api(), segment(&object.name));
    Ok(get(client, &path).await?.map(|answer| match object.kind {
        Kind::LifecyclePolicy => answer[&object.name]["policy"]["_meta"].clone(),
        Kind::ComponentTemplate => answer["component_templates"][0]["component_template"]["_meta"].clone(),
        Kind::IndexTemplate => answer["index_templates"][0]["index_template"]["_meta"].clone(),
    }))
}

/// The step that makes an object what it should be; `same`: what its digest does not cover is as it should be.
fn put(mut object: Object, installed: Option<&Value>, same: bool) -> Step {
    let wanted = object.meta_mut().clone();
    let change = match installed {
        None => Change::Create,
        Some(meta) if meta["version"].as_u64() > wanted["version"].as_u64() => {
            Change::Newer { installed: meta["version"].as_u64().unwrap_or(0) }
        }
        Some(meta) if meta["digest"] == wanted["digest"] && same => Change::Unchanged,
        Some(_) => Change::Update,
    };
    Step {
        object: format!("{} {}", object.kind.words(), object.name),
        change,
        action: Action::Put {
            path: format!("{}{}", object.kind.api(), segment(&object.name)),
            body: object.body,
        },
    }
}

/// OpenSearch has no optional parts of a template, so the hooks for users are made, empty, where they are not there.
async fn hooks(client: &Client, wanted: &[Object], plan: &mut Plan) -> Result<(), SetupError> {
    let mut names: Vec<&str> = wanted
        .iter()
        .flat_map(|object| object.body["composed_of"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .filter(|name| name.ends_with("@custom"))
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let path = format!("{}{}", Kind::ComponentTemplate.api(), segment(name));
        if get(client, &path).await?.is_none() {
            let step = Step {
                object: format!("{} {name}", Kind::ComponentTemplate.words()),
                change: Change::Create,
                action: Action::Put { path, body: json!({"template": {}}) },
            };
            plan.steps.insert(0, step);
        }
    }
    Ok(())
}

async fn scripts(client: &Client, options: &SetupOptions, plan: &mut Plan) -> Result<(), SetupError> {
    for (id, body) in &options.scripts {
        let path = format!("/_scripts/{}", segment(id));
        let change = match get(client, &path).await? {
            None => Change::Create,
            Some(answer) if answer["script"] == body["script"] => Change::Unchanged,
            Some(_) => Change::Update,
        };
        let action = Action::Put { path, body: body.clone() };
        plan.steps.push(Step { object: format!("stored script {id}"), change, action });
    }
    Ok(())
}

async fn pipelines(client: &Client, options: &SetupOptions, plan: &mut Plan) -> Result<(), SetupError> {
    for (id, definition) in &options.pipelines {
        let path = format!("/_ingest/pipeline/{}", segment(id));
        let change = match get(client, &path).await? {
            None => Change::Create,
            Some(answer) if same_pipeline(&answer[id], definition) => Change::Unchanged,
            Some(_) => Change::Update,
        };
        let action = Action::Put { path, body: definition.clone() };
        plan.steps.push(Step { object: format!("ingest pipeline {id}"), change, action });
    }
    Ok(())
}

/// Whether an installed pipeline is the wanted one; newer servers add when it was made.
fn same_pipeline(installed: &Value, wanted: &Value) -> bool {
    let mut installed = installed.clone();
    if let Some(parts) = installed.as_object_mut() {
        parts.retain(|name, _| !name.starts_with("created_date") && !name.starts_with("modified_date"));
    }
    installed == *wanted
}

/// Data streams that are there already keep the mapping of their write index until they roll over.
async fn streams(
    client: &Client,
    wanted: &[Object],
    options: &SetupOptions,
    plan: &mut Plan,
) -> Result<(), SetupError> {
    for template in wanted.iter().filter(|object| object.kind == Kind::IndexTemplate) {
        let mapping = digest(&composed(template, wanted));
        for pattern in template.patterns() {
            let found =
                get(client, &format!("/_data_stream/{}", segment(pattern))).await?.unwrap_or(Value::Null);
            for stream in found["data_streams"].as_array().into_iter().flatten() {
                let (Some(name), Some(index)) = (stream["name"].as_str(), write_index(stream)) else {
                    continue;
                };
                let path = format!("/{}/_mapping", segment(index));
                let mappings = get(client, &path).await?.unwrap_or(Value::Null);
                if mappings[index]["mappings"]["_meta"]["digest"] == json!(mapping) {
                    continue;
                }
                if options.rollover {
                    let action = Action::Rollover { stream: name.to_owned() };
                    plan.steps.push(Step {
                        object: format!("rollover of {name}"),
                        change: Change::Always,
                        action,
                    });
                } else {
                    let made_by = stream["template"].as_str().unwrap_or("no template");
                    plan.notes.push(format!(
                        "the data stream {name} (template {made_by}) writes to {index}, whose mapping is older: it \
                         takes the new one when it rolls over, or at once with `trailcar setup --rollover`"
                    ));
                }
            }
        }
    }
    Ok(())
}

fn write_index(stream: &Value) -> Option<&str> {
    stream["indices"].as_array()?.last()?["index_name"].as_str()
}

fn dashboards(
    config: &ElasticsearchConfig,
    options: &SetupOptions,
    plan: &mut Plan,
) -> Result<(), SetupError> {
    let Some(ndjson) = &options.dashboards else { return Ok(()) };
    let Some(kibana) = &config.kibana else {
        return Err(SetupError::Missing(
            "dashboards need Kibana's address: set output.elasticsearch.kibana.host, http://localhost:5601 for instance"
                .to_owned(),
        ));
    };
    plan.steps.push(Step {
        object: format!("dashboards in {}", kibana.host),
        change: Change::Always,
        action: Action::Import { ndjson: ndjson.clone() },
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_made_updated_or_left_alone() {
        let objects = objects();
        for object in &objects {
            let mut wanted = sealed(object, &objects);
            let meta = wanted.meta_mut().clone();
            let with = |name: &str, value: Value| {
                let mut meta = meta.clone();
                meta[name] = value;
                meta
            };
            for (installed, same, change) in [
                (None, true, Change::Create),
                (Some(meta.clone()), true, Change::Unchanged),
                (Some(meta.clone()), false, Change::Update),
                (Some(with("digest", json!("other"))), true, Change::Update),
                (Some(Value::Null), true, Change::Update),
                (Some(with("version", json!(99))), true, Change::Newer { installed: 99 }),
            ] {
                assert_eq!(put(wanted.clone(), installed.as_ref(), same).change, change, "{}", object.name);
            }
        }
    }

    #[test]
    fn a_retention_adds_the_only_delete_phase() {
        let without = configured(&ElasticsearchConfig::default(), Flavor::Elasticsearch);
        assert!(!without.iter().any(|object| object.body.to_string().contains("\"delete\"")));
        let config = ElasticsearchConfig { retention: "90d".parse().ok(), ..Default::default() };
        let with = configured(&config, Flavor::Elasticsearch);
        let policy = with.iter().find(|object| object.kind == Kind::LifecyclePolicy).unwrap();
        assert_eq!(policy.body["policy"]["phases"]["delete"]["min_age"], "90d");
        assert_ne!(sealed(policy, &with), sealed(&without[0], &without));
    }

    #[test]
    fn pipelines_are_compared_by_what_was_installed() {
        let wanted = json!({"processors": [{"drop": {}}]});
        let mut installed = wanted.clone();
        installed["created_date_millis"] = json!(1);
        assert!(same_pipeline(&installed, &wanted));
        installed["version"] = json!(1);
        assert!(!same_pipeline(&installed, &wanted));
    }
}
