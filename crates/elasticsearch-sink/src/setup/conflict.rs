//! Templates of others that match the same data streams.

use std::fmt;

use serde_json::Value;

use super::pattern::overlap;
use crate::mappings::Object;

/// A dataset that nobody has: a template that matches its streams too is a general one.
const SOME_OTHER_STREAMS: &str = "logs-trailcar.nobodys_dataset-*";

/// A template that matches the same data streams as one of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Its name.
    pub template: String,
    /// Those of its patterns that meet ours.
    pub patterns: Vec<String>,
    /// Its priority.
    pub priority: u64,
    /// Our template.
    pub ours: String,
    /// Our template's priority.
    pub our_priority: u64,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the index template [{}] (priority {}) matches {} too, which [{}] (priority {}) is for",
            self.template,
            self.priority,
            self.patterns.join(", "),
            self.ours,
            self.our_priority
        )
    }
}

/// All conflicts and the cure.
pub(super) fn words(conflicts: &[Conflict]) -> String {
    let lines: Vec<String> = conflicts.iter().map(ToString::to_string).collect();
    format!(
        "{}\nNothing was changed. If trailcar is to own these data streams, run `trailcar setup --take-over`: its \
         template is installed with a higher priority, the other stays as it is. Otherwise remove the other template, \
         or deliver to another namespace.",
        lines.join("\n")
    )
}

/// An index template of the server.
pub(super) struct Installed {
    name: String,
    patterns: Vec<String>,
    pub(super) priority: u64,
    pub(super) meta: Value,
}

impl Installed {
    /// Reads the answer to `GET /_index_template`.
    pub(super) fn all(answer: &Value) -> Vec<Self> {
        let entries = answer["index_templates"].as_array().into_iter().flatten();
        entries
            .filter_map(|entry| {
                let template = &entry["index_template"];
                let patterns = match &template["index_patterns"] {
                    Value::String(one) => vec![one.clone()],
                    many => {
                        many.as_array()?.iter().filter_map(|p| p.as_str().map(ToOwned::to_owned)).collect()
                    }
                };
                Some(Self {
                    name: entry["name"].as_str()?.to_owned(),
                    patterns,
                    priority: template["priority"].as_u64().unwrap_or(0),
                    meta: template["_meta"].clone(),
                })
            })
            .collect()
    }

    /// The one of a name.
    pub(super) fn named<'a>(all: &'a [Self], name: &str) -> Option<&'a Self> {
        all.iter().find(|template| template.name == name)
    }

    fn meets(&self, ours: &str) -> Vec<String> {
        self.patterns.iter().filter(|theirs| overlap(ours, theirs)).cloned().collect()
    }

    fn is_general(&self) -> bool {
        self.patterns.iter().any(|theirs| overlap(SOME_OTHER_STREAMS, theirs))
    }
}

/// The priority that our template is to have, and what stands in the way of it. A template that ours outranks already
/// was taken over before.
pub(super) fn resolve(ours: &Object, installed: &[Installed], take_over: bool) -> (u64, Vec<Conflict>) {
    let before = Installed::named(installed, &ours.name).map(|template| template.priority);
    let default = ours.body["priority"].as_u64().unwrap_or(0);
    let priority = before.unwrap_or(0).max(default);
    let others = installed.iter().filter(|template| template.name != ours.name);
    let conflicts: Vec<Conflict> = others
        .filter(|other| other.priority >= priority || (before.is_none() && !other.is_general()))
        .filter_map(|other| {
            let patterns: Vec<String> = ours.patterns().flat_map(|own| other.meets(own)).collect();
            (!patterns.is_empty()).then(|| Conflict {
                template: other.name.clone(),
                patterns,
                priority: other.priority,
                ours: ours.name.clone(),
                our_priority: priority,
            })
        })
        .collect();
    if !take_over {
        return (priority, conflicts);
    }
    let above = conflicts.iter().map(|conflict| conflict.priority + 1).max().unwrap_or(0);
    (priority.max(above), Vec::new())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mappings::Kind;

    fn ours() -> Object {
        Object {
            kind: Kind::IndexTemplate,
            name: "ours".to_owned(),
            body: json!({"index_patterns": ["logs-cursor.audit-*"], "priority": 250}),
        }
    }

    fn installed(templates: &[(&str, &str, u64)]) -> Vec<Installed> {
        let entries = templates.iter().map(|(name, pattern, priority)| {
            json!({"name": name, "index_template": {"index_patterns": [pattern], "priority": priority}})
        });
        Installed::all(&json!({"index_templates": entries.collect::<Vec<_>>()}))
    }

    #[test]
    fn general_templates_below_ours_are_no_conflict() {
        let stock =
            [("logs", "logs-*-*", 100), ("other", "logs-cursor.usage-*", 900), ("m", "metrics-*", 900)];
        assert_eq!(resolve(&ours(), &installed(&stock), false), (250, Vec::new()));
    }

    #[test]
    fn owners_and_superiors_are_named_and_taken_over_on_request() {
        let others = installed(&[("logs-cursor.audit", "logs-cursor.audit-*", 200), ("mine", "logs-*", 500)]);
        let (priority, conflicts) = resolve(&ours(), &others, false);
        assert_eq!(priority, 250);
        let names: Vec<_> = conflicts.iter().map(|conflict| conflict.template.as_str()).collect();
        assert_eq!(names, ["logs-cursor.audit", "mine"]);
        assert!(words(&conflicts).contains("[logs-cursor.audit] (priority 200)"));
        assert_eq!(resolve(&ours(), &others, true), (501, Vec::new()));
    }

    #[test]
    fn what_was_taken_over_stays_so() {
        let mut all = installed(&[
            ("logs-cursor.audit", "logs-cursor.audit-*", 200),
            ("ours", "logs-cursor.audit-*", 501),
        ]);
        assert_eq!(resolve(&ours(), &all, false), (501, Vec::new()));
        all.extend(installed(&[("late", "logs-cursor*", 501)]));
        let (_, conflicts) = resolve(&ours(), &all, false);
        assert_eq!(conflicts[0].template, "late");
    }
}
