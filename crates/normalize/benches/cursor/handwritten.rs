//! The same mapping written by hand, as somebody would who maps this source and no other: the yardstick for the
//! engine. It reads lines into borrowed fields and writes the finished document; it covers what the input of the
//! benchmark holds, and the benchmark checks that both give the same documents.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

use maxminddb::{Reader, geoip2};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// An object's fields, their values unread.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(12);
                while let Some((key, value)) = map.next_entry::<Name<'de>, &RawValue>()? {
                    fields.push((key.0, value.get()));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[derive(Deserialize, PartialEq, Eq, Hash)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Fields<'a> {
    fn take(&mut self, name: &str) -> Option<&'a str> {
        let at = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(at).1)
    }

    fn read(text: Option<&'a str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Self(Vec::new()))
    }
}

const ENVELOPE: [&str; 6] =
    ["team_id", "org_id", "ip_address", "user_email", "application_type", "customer_actor_display"];

/// Fields that go to `cursor.audit` under their own name.
const SAME: &[&str] = &[
    "action",
    "new_role",
    "role",
    "rule_id",
    "rule_name",
    "command_id",
    "command_name",
    "hook_id",
    "hook_step",
    "hook_type",
    "script_name",
    "script_content",
    "operating_systems",
    "is_active",
    "is_required",
    "prompt_content",
    "prompt_model",
    "installation_id",
    "github_app_type",
    "github_hostname",
    "repo_url",
    "repo_node_id",
    "repo_name",
    "bugbot_enabled",
    "operation",
    "provider",
    "enabled",
    "secret_name",
    "scope",
    "server_name",
    "server_type",
    "scoped_to_repos",
    "service_account_id",
    "service_account_name",
    "api_key_name",
    "repo_scope",
    "repo_scope_enabled",
    "organization_id",
    "scope_id",
    "git_org_owner",
    "git_provider",
    "user_id",
    "reason",
    "result",
    "success",
    "login_type",
    "creator_email",
    "creator_user_id",
    "sender_email",
    "sender_user_id",
    "personal_message",
    "old_privacy_mode",
    "new_privacy_mode",
    "directory_group_name",
    "permissions",
    "old_limit_cents",
    "new_limit_cents",
    "git_enterprise_uuid",
    "invite_id",
    "invited_by_email",
    "invited_by_user_id",
    "source",
    "setting_name",
    "old_role",
    "api_key_id",
];

/// Event types that are neither a change of configuration nor unknown.
const TYPES: &[(&str, &str, &str)] = &[
    ("login", r#"["authentication"]"#, r#"["start"]"#),
    ("logout", r#"["authentication"]"#, r#"["end"]"#),
    ("mcp_authentication", r#"["authentication"]"#, r#"["info"]"#),
    ("add_user", r#"["iam"]"#, r#"["user","creation"]"#),
    ("remove_user", r#"["iam"]"#, r#"["user","deletion"]"#),
    ("update_user_role", r#"["iam"]"#, r#"["user","change"]"#),
    ("add_user_to_directory_group", r#"["iam"]"#, r#"["user","change"]"#),
    ("remove_user_from_directory_group", r#"["iam"]"#, r#"["user","change"]"#),
    ("slack_account_link", r#"["iam"]"#, r#"["user","change"]"#),
    ("invite_link", r#"["iam"]"#, r#"["user","admin"]"#),
    ("invite_email_sent", r#"["iam"]"#, r#"["user","admin"]"#),
    ("create_directory_group", r#"["iam"]"#, r#"["group","creation"]"#),
    ("delete_directory_group", r#"["iam"]"#, r#"["group","deletion"]"#),
    ("update_directory_group", r#"["iam"]"#, r#"["group","change"]"#),
    ("update_directory_group_permissions", r#"["iam"]"#, r#"["group","change"]"#),
    ("organization_group", r#"["iam"]"#, r#"["group","change"]"#),
    ("organization_group_settings", r#"["iam"]"#, r#"["group","change"]"#),
    ("service_account", r#"["iam"]"#, r#"["admin"]"#),
    ("credentials_revoked", r#"["iam"]"#, r#"["admin","deletion"]"#),
    ("protected_git_scope_access_check", r#"["iam"]"#, r#"["info"]"#),
    ("team_api_key", r#"["iam","configuration"]"#, r#"["admin"]"#),
    ("user_api_key", r#"["iam","configuration"]"#, r#"["admin"]"#),
    ("organization_api_key", r#"["iam","configuration"]"#, r#"["admin"]"#),
    ("api_key", r#"["iam","configuration"]"#, r#"["admin"]"#),
    ("cloud_agent_secret", r#"["iam","configuration"]"#, r#"["admin"]"#),
    ("cloud_agent_sub_token", r#"["iam","configuration"]"#, r#"["admin"]"#),
    ("organization_identity_provider", r#"["iam","configuration"]"#, r#"["admin","change"]"#),
    ("cloud_agent_secret_read", r#"["configuration"]"#, r#"["access"]"#),
    ("team_data_export_download", r#"["configuration"]"#, r#"["access"]"#),
    ("sand_onboarding", r#"["configuration"]"#, r#"["info"]"#),
    ("never_seen_before", r#"["configuration"]"#, r#"["info"]"#),
];

/// The mapping with its tables and databases.
pub(crate) struct Mapping {
    city: Reader<Vec<u8>>,
    asn: Reader<Vec<u8>>,
    types: HashMap<&'static str, (&'static str, &'static str)>,
    /// Finished `geo` and `as` objects by address, as the engine keeps its own.
    places: HashMap<IpAddr, Box<str>>,
}

impl Mapping {
    pub(crate) fn new(city: Reader<Vec<u8>>, asn: Reader<Vec<u8>>) -> Self {
        let types = TYPES.iter().map(|(name, category, kind)| (*name, (*category, *kind))).collect();
        Self { city, asn, types, places: HashMap::new() }
    }

    /// Appends the action line and the document of a line. `created` and `ingested` are what the engine would write.
    pub(crate) fn map(&mut self, line: &str, created: &str, ingested: &str, out: &mut Vec<u8>) {
        let mut event = Fields::read(Some(line));
        let mut context = Fields(Vec::new());
        let (id, time, kind, payload) = match event.take("metadata") {
            Some(metadata) => {
                let mut metadata = Fields::read(Some(metadata));
                context = Fields::read(metadata.take("context"));
                let at =
                    event.0.iter().position(|(key, _)| !ENVELOPE.contains(&&**key)).expect("an event type");
                let (kind, payload) = event.0.remove(at);
                (metadata.take("id"), metadata.take("timestamp"), kind, payload)
            }
            None => {
                let (id, time) = (event.take("event_id"), event.take("timestamp"));
                let kind = Cow::Borrowed(text(event.take("event_type")));
                (id, time, kind, event.take("event_data").unwrap_or("{}"))
            }
        };
        let (id, time) = (text(id), text(time));
        let mut data = Fields::read(Some(payload));
        let mut line = Line(out);
        line.raw(r#"{"create":{"_index":"logs-cursor.audit-default","_id":""#).raw(id).raw("\"}}\n");
        line.raw(r#"{"@timestamp":""#).raw(time);
        line.raw(r#"","ecs":{"version":"9.4.0"},"data_stream":{"type":"logs","dataset":"cursor.audit","namespace":"default"},"tags":["forwarded"]"#);
        self.event(&mut line, id, &kind, &data, created, ingested);
        let address = text(event.take("ip_address"));
        line.raw(r#","source":{"address":""#).raw(address).raw(r#"","ip":""#).raw(address).raw("\"");
        let ip = address.parse().expect("an address");
        let place = self.places.entry(ip).or_insert_with(|| place(&self.city, &self.asn, ip));
        line.raw(place).raw("}");
        people(&mut line, text(event.take("user_email")), address, &kind, &mut data);
        url(&mut line, &kind, &mut data);
        if let Some((_, organization)) = event.0.iter().find(|(key, _)| key == "org_id") {
            line.raw(r#","organization":{"id":"#).raw(organization).raw("}");
        }
        audit(&mut line, &kind, event, context, data);
        line.raw("}\n");
    }

    fn event(
        &self,
        line: &mut Line<'_>,
        id: &str,
        kind: &str,
        data: &Fields<'_>,
        created: &str,
        ingested: &str,
    ) {
        let row = self.types.get(kind);
        let (category, types) = row.copied().unwrap_or((r#"["configuration"]"#, r#"["change"]"#));
        let is = |field: &str, value: &str| data.0.iter().any(|(key, raw)| key == field && *raw == value);
        let outcome = match kind {
            "login" if is("success", "false") => "failure",
            "protected_git_scope_access_check" if is("result", r#""allowed""#) => "success",
            "protected_git_scope_access_check" if is("result", r#""blocked""#) => "failure",
            "protected_git_scope_access_check" | "sand_onboarding" | "never_seen_before" => "unknown",
            _ => "success",
        };
        line.raw(r#","event":{"kind":"event","provider":"cursor","module":"cursor","dataset":"cursor.audit","id":""#);
        line.raw(id).raw(r#"","action":""#).raw(kind).raw(r#"","category":"#).raw(category);
        line.raw(r#","type":"#).raw(types).raw(r#","outcome":""#).raw(outcome);
        line.raw(r#"","created":""#).raw(created).raw(r#"","ingested":""#).raw(ingested).raw("\"}");
    }
}

/// The document while it is written.
struct Line<'a>(&'a mut Vec<u8>);

impl Line<'_> {
    fn raw(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn string(&mut self, text: &str) -> &mut Self {
        serde_json::to_writer(&mut *self.0, text).expect("writing to memory");
        self
    }
}

/// The characters of a raw string without escapes.
fn text(raw: Option<&str>) -> &str {
    raw.map_or("", |raw| raw.trim_matches('"'))
}

fn people(line: &mut Line<'_>, email: &str, address: &str, kind: &str, data: &mut Fields<'_>) {
    let (name, domain) = email.split_once('@').expect("an address");
    line.raw(r#","user":{"name":""#).raw(name).raw(r#"","email":""#).raw(email);
    line.raw(r#"","domain":""#).raw(domain).raw("\"");
    let is_membership = matches!(kind, "add_user_to_directory_group" | "remove_user_from_directory_group");
    let target = match kind {
        "add_user" | "remove_user" | "update_user_role" => {
            data.take("user_email").or_else(|| data.take("email"))
        }
        _ if is_membership => data.take("user_email").or_else(|| data.take("email")),
        "user_spend_limit" => data.take("target_user_email").or_else(|| data.take("userEmail")),
        "invite_email_sent" => data.take("recipient_email"),
        _ => None,
    };
    if let Some(target) = target {
        line.raw(r#","target":{"email":"#).raw(target);
        if is_membership {
            if let Some(group) = data.take("directory_group_id").or_else(|| data.take("group_id")) {
                line.raw(r#","group":{"id":"#).raw(group).raw("}");
            }
            if let Some(user) = data.take("user_id") {
                line.raw(r#","id":"#).raw(user);
            }
        }
        line.raw("}");
    }
    line.raw(r#"},"related":{"ip":[""#).raw(address).raw(r#""],"user":[""#).raw(email).raw("\"");
    if let Some(target) = target.filter(|target| text(Some(*target)) != email) {
        line.raw(",").raw(target);
    }
    if kind == "invite_email_sent"
        && let Some((_, sender)) = data.0.iter().find(|(key, _)| key == "sender_user_id")
    {
        line.raw(",").raw(sender);
    }
    line.raw("]}");
}

fn url(line: &mut Line<'_>, kind: &str, data: &mut Fields<'_>) {
    if kind != "team_hook" {
        return;
    }
    let Some(url) = data.take("url") else { return };
    let original = text(Some(url));
    let (scheme, rest) = original.split_once("://").expect("a URL");
    let (rest, fragment) = rest.split_once('#').expect("a fragment");
    let (rest, query) = rest.split_once('?').expect("a query");
    let (host, path) = rest.split_once('/').expect("a path");
    let (domain, port) = host.split_once(':').expect("a port");
    let (_, extension) = path.rsplit_once('.').expect("an extension");
    line.raw(r#","url":{"original":"#)
        .raw(url)
        .raw(r#","scheme":""#)
        .raw(scheme)
        .raw(r#"","domain":""#)
        .raw(domain);
    line.raw(r#"","port":"#)
        .raw(port)
        .raw(r#","path":"/"#)
        .raw(path)
        .raw(r#"","extension":""#)
        .raw(extension);
    line.raw(r#"","query":""#).raw(query).raw(r#"","fragment":""#).raw(fragment).raw("\"}");
}

fn audit(line: &mut Line<'_>, kind: &str, mut event: Fields<'_>, mut context: Fields<'_>, data: Fields<'_>) {
    line.raw(r#","cursor":{"audit":{"actor_type":"user""#);
    let mut rest = Vec::new();
    for (key, value) in data.0 {
        let name = match &*key {
            "method" => "source",
            "setting" => "setting_name",
            "previous" => "old_value",
            "new" | "value" => "new_value",
            "previous_role" => "old_role",
            "repo_count" => "repos_updated",
            "key_id" => "api_key_id",
            "spendLimitDollars" => "spend_limit_dollars",
            "name" => match kind {
                "team_rule" | "bugbot_team_rule" => "rule_name",
                "team_command" => "command_name",
                "create_directory_group" | "update_directory_group" => "directory_group_name",
                _ => "",
            },
            own @ ("old_value" | "new_value" | "metadata" | "expires_in_seconds") => own,
            own => SAME.iter().copied().find(|same| *same == own).unwrap_or_default(),
        };
        let blank = matches!(name, "invite_id" | "git_enterprise_uuid") && value == r#""""#;
        match name {
            "" => rest.push((key, value)),
            _ if blank => {}
            "old_value" | "new_value" | "metadata" if value != "null" && !value.starts_with('"') => {
                line.raw(",\"").raw(name).raw("\":").string(value);
            }
            "expires_in_seconds" | "spend_limit_dollars" | "repos_updated" => {
                line.raw(",\"").raw(name).raw("\":").raw(text(Some(value)));
            }
            "role" if kind == "add_user" => {
                line.raw(r#","role":"#).raw(&value.to_lowercase());
            }
            _ => {
                line.raw(",\"").raw(name).raw("\":").raw(value);
            }
        }
    }
    let organization = event.take("org_id").filter(|_| kind != "organization_api_key");
    if let Some(organization) = organization {
        line.raw(r#","organization_id":"#).raw(organization);
    }
    let mut envelope = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            line.raw(",\"").raw(name).raw("\":").raw(value);
        }
    };
    for name in ["team_id", "application_type", "customer_actor_display"] {
        envelope(name, event.take(name));
    }
    for name in ["request_id", "auth_id", "ghost_mode"] {
        envelope(name, context.take(name));
    }
    if let Some(mode) = context.take("privacy_mode") {
        let inner: String = serde_json::from_str(mode).expect("a string");
        envelope("privacy_mode", Fields::read(Some(inner.as_str())).take("privacyMode"));
    }
    if !rest.is_empty() {
        line.raw(r#","event_data":{"#);
        for (at, (key, value)) in rest.into_iter().enumerate() {
            line.raw(if at > 0 { "," } else { "" }).string(&key).raw(":").raw(value);
        }
        line.raw("}");
    }
    line.raw("}}");
}

fn place(city: &Reader<Vec<u8>>, asn: &Reader<Vec<u8>>, ip: IpAddr) -> Box<str> {
    let mut out = String::new();
    if let Some(found) =
        city.lookup(ip).ok().and_then(|found| found.decode::<geoip2::City<'_>>().ok().flatten())
    {
        let subdivision = found.subdivisions.first();
        let country = found.country.iso_code.unwrap_or_default();
        let region = subdivision.and_then(|region| region.iso_code).map(|code| format!("{country}-{code}"));
        let geo = serde_json::json!({
            "continent_name": found.continent.names.english,
            "country_name": found.country.names.english,
            "country_iso_code": country,
            "region_iso_code": region,
            "region_name": subdivision.and_then(|region| region.names.english),
            "city_name": found.city.names.english,
            "location": { "lat": found.location.latitude, "lon": found.location.longitude },
        });
        out.push_str(&format!(r#","geo":{geo}"#));
    }
    if let Some(found) =
        asn.lookup(ip).ok().and_then(|found| found.decode::<geoip2::Asn<'_>>().ok().flatten())
    {
        let number = found.autonomous_system_number;
        let name = found.autonomous_system_organization;
        let system = serde_json::json!({ "number": number, "organization": { "name": name } });
        out.push_str(&format!(r#","as":{system}"#));
    }
    out.into()
}
