//! How an event of any source fills the fields of promptfoo's and Cencori's audit logs. The rules below are that table;
//! docs/api.md shows it to readers. Of each list the first that gives a text counts.

use event::{Doc, NodeId};
use jiff::Timestamp;
use serde_json::value::RawValue;
use store::{Event, Rule, derive};

/// promptfoo's `target` is one of these.
pub(super) const TARGETS: [&str; 5] = ["USER", "ROLE", "TEAM", "SERVICE_ACCOUNT", "ORGANIZATION"];

/// Cencori's `category` is one of these.
pub(super) const CATEGORIES: [&str; 18] = [
    "api_key",
    "provider",
    "security",
    "billing",
    "budget",
    "end_user",
    "rate_plan",
    "member",
    "sso",
    "settings",
    "prompt",
    "cache",
    "webhook",
    "integration",
    "agent",
    "project",
    "export",
    "memory",
];

/// `actorId`.
pub(super) const ACTOR_ID: &[Rule] =
    &[Rule::Field("user.id"), Rule::Field("user.email"), Rule::Field("user.name")];
/// `actorName`.
pub(super) const ACTOR_NAME: &[Rule] =
    &[Rule::Field("user.full_name"), Rule::Field("user.name"), Rule::Field("user.email")];
/// `actorEmail`.
pub(super) const ACTOR_EMAIL: &[Rule] = &[Rule::Field("user.email")];
/// `actor_email`, where Cencori also names who has no address.
pub(super) const ACTOR: &[Rule] = &[Rule::Field("user.email"), Rule::Field("user.name")];
/// `actor_ip`.
pub(super) const ACTOR_IP: &[Rule] = &[Rule::Field("source.ip"), Rule::Field("source.address")];
/// `actor_type`: user, system, api or webhook.
pub(super) const ACTOR_TYPE: &[Rule] = &[
    Rule::Field("cencori.audit.actor_type"),
    Rule::When { field: "cursor.audit.actor_type", is: &["api_key", "service_account"], gives: "api" },
    Rule::When { field: "cursor.audit.actor_type", is: &["user"], gives: "user" },
    Rule::Has { field: "cursor.audit.actor_type", gives: "system" },
    Rule::Has { field: "user.email", gives: "user" },
    Rule::Has { field: "user.id", gives: "user" },
    Rule::Always("system"),
];
/// promptfoo's `action`.
pub(super) const ACTION: &[Rule] = &[Rule::Field("event.action")];
/// Cencori's `action`, which does not repeat the category.
pub(super) const SHORT_ACTION: &[Rule] = &[Rule::Field("cencori.audit.action"), Rule::Field("event.action")];
/// `target`: the kind of thing that was changed.
pub(super) const TARGET: &[Rule] = &[
    Rule::Field("promptfoo.audit.target"),
    Rule::When { field: "cencori.audit.category", is: &["api_key"], gives: "SERVICE_ACCOUNT" },
    Rule::When { field: "event.action", is: KEYS, gives: "SERVICE_ACCOUNT" },
    Rule::When { field: "event.type", is: &["group"], gives: "TEAM" },
    Rule::When { field: "event.type", is: &["user"], gives: "USER" },
    Rule::When { field: "event.category", is: &["authentication"], gives: "USER" },
    Rule::Always("ORGANIZATION"),
];
/// Cursor's actions about accounts and keys of programs.
const KEYS: &[&str] = &[
    "service_account",
    "credentials_revoked",
    "team_api_key",
    "user_api_key",
    "organization_api_key",
    "api_key",
    "cloud_agent_secret",
    "cloud_agent_sub_token",
];
/// `targetId` and `resource_id`: which thing it was.
pub(super) const TARGET_ID: &[Rule] = &[
    Rule::Field("promptfoo.audit.target_id"),
    Rule::Field("cencori.audit.resource.id"),
    Rule::Field("user.target.id"),
    Rule::Field("user.target.email"),
    Rule::Field("user.target.name"),
    Rule::Field("user.target.group.id"),
    Rule::Field("group.id"),
    Rule::Field("cursor.audit.directory_group_name"),
    Rule::Field("cursor.audit.service_account_id"),
    Rule::Field("cursor.audit.api_key_id"),
    Rule::Field("cursor.audit.rule_id"),
    Rule::Field("cursor.audit.command_id"),
    Rule::Field("cursor.audit.hook_id"),
    Rule::Field("cursor.audit.setting_name"),
    Rule::Field("cursor.audit.secret_name"),
    Rule::Field("cursor.audit.server_name"),
    Rule::Field("cursor.audit.repo_name"),
    Rule::Field("trailcar.audit.definition"),
];
/// Cencori's `resource_type`; where there is none, promptfoo's target in lower case.
pub(super) const RESOURCE_TYPE: &[Rule] = &[Rule::Field("cencori.audit.resource.type")];
/// Cencori's `category`.
pub(super) const CATEGORY: &[Rule] = &[
    Rule::Field("cencori.audit.category"),
    Rule::When { field: "promptfoo.audit.target", is: &["SERVICE_ACCOUNT"], gives: "api_key" },
    Rule::When { field: "event.action", is: KEYS, gives: "api_key" },
    Rule::When { field: "event.action", is: &["organization_identity_provider"], gives: "sso" },
    Rule::When { field: "event.action", is: &["user_spend_limit"], gives: "budget" },
    Rule::When { field: "event.action", is: &["team_data_export_download"], gives: "export" },
    Rule::When { field: "event.action", is: &["team_hook"], gives: "webhook" },
    Rule::When { field: "event.action", is: &["mcp_server_config", "team_repo"], gives: "integration" },
    Rule::Begins { field: "event.action", with: "cloud_agent_", gives: "agent" },
    Rule::When { field: "event.category", is: &["authentication"], gives: "security" },
    Rule::When { field: "event.category", is: &["iam"], gives: "member" },
    Rule::Always("settings"),
];
/// `organizationId`.
pub(super) const ORGANIZATION: &[Rule] =
    &[Rule::Field("organization.id"), Rule::Field("cursor.audit.organization_id")];
/// `teamId`, and Cencori's `project_id`.
pub(super) const TEAM: &[Rule] = &[
    Rule::Field("promptfoo.audit.team_id"),
    Rule::Field("cencori.audit.project"),
    Rule::Field("cursor.audit.team_id"),
];
/// `actionDisplayName`; where there is none, the action's words.
const DISPLAY_NAME: &[Rule] = &[Rule::Field("promptfoo.audit.action_display_name")];
/// `description`; where there is none, a sentence.
const DESCRIPTION: &[Rule] = &[Rule::Field("message")];
/// `metadata`: the source's own fields that have no other place.
const METADATA: [&[&str]; 3] =
    [&["promptfoo", "audit", "metadata"], &["cencori", "audit", "metadata"], &["cursor", "audit"]];

/// An event whose fields are read.
pub(super) struct Entry<'e> {
    event: &'e Event,
    doc: Doc,
    root: NodeId,
}

impl<'e> Entry<'e> {
    /// Reads an event's document; one that is no JSON has no fields.
    pub(super) fn new(event: &'e Event) -> Self {
        let mut doc = Doc::new();
        let root = doc.parse_str(&event.source).unwrap_or(Doc::SOURCE);
        Self { event, doc, root }
    }

    /// What rules give; empty where none does.
    pub(super) fn text(&self, rules: &[Rule]) -> String {
        derive(&self.doc, self.root, rules)
    }

    /// As [`text`](Self::text), and nothing where no rule gives a text.
    pub(super) fn optional(&self, rules: &[Rule]) -> Option<String> {
        Some(self.text(rules)).filter(|text| !text.is_empty())
    }

    /// `event.id`, else the document's `_id`.
    pub(super) fn id(&self) -> String {
        self.optional(&[Rule::Field("event.id")]).unwrap_or_else(|| self.event.id.clone())
    }

    /// `@timestamp` to the millisecond.
    pub(super) fn time(&self) -> String {
        milliseconds(self.event.time)
    }

    /// The action in words.
    pub(super) fn display_name(&self) -> String {
        self.optional(DISPLAY_NAME).unwrap_or_else(|| {
            let action = self.text(ACTION);
            let words = action.split('_').filter(|word| !word.is_empty()).map(capitalized);
            words.collect::<Vec<_>>().join(" ")
        })
    }

    /// The event's own description, or a sentence of actor, action and target.
    pub(super) fn description(&self) -> String {
        self.optional(DESCRIPTION).unwrap_or_else(|| {
            let actor = self.optional(ACTOR_NAME).unwrap_or_else(|| "somebody".to_owned());
            let action = self.optional(ACTION).unwrap_or_else(|| "something".to_owned()).replace('_', " ");
            match self.optional(TARGET_ID) {
                Some(target) => format!("{actor} performed {action} on {target}"),
                None => format!("{actor} performed {action}"),
            }
        })
    }

    /// The source's own fields, as an object; `None` where there are none.
    pub(super) fn metadata(&self) -> Option<Box<RawValue>> {
        let find = |path: &&[&str]| path.iter().try_fold(self.root, |at, name| self.doc.get_named(at, name));
        let found = METADATA.iter().find_map(find)?;
        RawValue::from_string(self.doc.json(found)).ok()
    }
}

/// A time as both products write it: ISO, UTC, three digits of a second. What is finer is cut off.
fn milliseconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
