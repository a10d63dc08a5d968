//! One table of what Elasticsearch's pipelines say that OpenSearch does not understand, and what stands in for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// The field that a left-out processor's stand-in writes its name to.
pub(crate) const MARK: &str = "_left_out";

/// What is done about an option, or about a whole processor.
enum Rewrite {
    /// OpenSearch calls it so.
    Called(&'static str),
    /// Left away: with this value it is what OpenSearch does anyway. With another one the processor is left out.
    Default(&'static str),
    /// A script does the same.
    Script(fn(&Map<String, Value>) -> Option<Value>),
    /// Templates are written as `{{{x}}}`: what `text/plain` means. JSON is what OpenSearch escapes for.
    Unescaped,
    /// A processor of this name does the same, with these options: what Elasticsearch calls them, what OpenSearch does, and
    /// the value that they have when they are not given. Its failures have words of its own.
    As(&'static str, &'static [(&'static str, &'static str, &'static str)]),
    /// Nothing does the same: the processor is left out.
    LeftOut,
}

/// The options of Community IDs.
const FLOW: &[(&str, &str, &str)] = &[
    ("source_ip", "source_ip_field", "source.ip"),
    ("source_port", "source_port_field", "source.port"),
    ("destination_ip", "destination_ip_field", "destination.ip"),
    ("destination_port", "destination_port_field", "destination.port"),
    ("iana_number", "iana_protocol_number_field", "network.iana_number"),
    ("transport", "protocol_field", "network.transport"),
    ("icmp_type", "icmp_type_field", "icmp.type"),
    ("icmp_code", "icmp_code_field", "icmp.code"),
    ("target_field", "target_field", "network.community_id"),
];

/// Processor, option (none: the whole processor), and what is done.
const TABLE: &[(&str, Option<&str>, Rewrite)] = &[
    ("set", Some("copy_from"), Rewrite::Script(copy)),
    ("set", Some("media_type"), Rewrite::Unescaped),
    ("append", Some("media_type"), Rewrite::Unescaped),
    ("remove", Some("keep"), Rewrite::Script(keep)),
    ("rename", Some("override"), Rewrite::Called("override_target")),
    ("json", Some("add_to_root_conflict_strategy"), Rewrite::Default("replace")),
    ("json", Some("allow_duplicate_keys"), Rewrite::Default("false")),
    ("json", Some("strict_json_parsing"), Rewrite::Default("true")),
    ("pipeline", Some("ignore_missing_pipeline"), Rewrite::Default("false")),
    // OpenSearch's own algorithm, whose result names its version.
    ("fingerprint", None, Rewrite::LeftOut),
    ("uri_parts", None, Rewrite::LeftOut),
    ("registered_domain", None, Rewrite::LeftOut),
    ("network_direction", None, Rewrite::LeftOut),
    ("community_id", None, Rewrite::As("community_id", FLOW)),
    ("ip_location", None, Rewrite::As("geoip", &[("target_field", "target_field", "ip_location")])),
    ("reroute", None, Rewrite::LeftOut),
    ("terminate", None, Rewrite::LeftOut),
];

/// Elasticsearch names the pipeline of every failure, OpenSearch only of those in a called pipeline.
const FAILED_PIPELINE: (&str, &str) = (
    "{{{_ingest.on_failure_pipeline}}}",
    "{{{_ingest.on_failure_pipeline}}}{{^_ingest.on_failure_pipeline}}{{{_ingest.pipeline}}}{{/_ingest.on_failure_pipeline}}",
);

/// Pipelines as OpenSearch takes them.
#[derive(Default)]
pub(crate) struct Rewritten {
    pub(crate) definitions: BTreeMap<String, Map<String, Value>>,
    /// Whether a processor has become a script, whose failures have other words.
    pub(crate) is_script: bool,
    /// Processors in all, those in handlers and loops included.
    pub(crate) processors: usize,
    /// Those that are left out.
    pub(crate) left_out: Vec<String>,
    /// Those that something else stands in for.
    pub(crate) rewritten: usize,
}

/// Rewrites pipelines for a node that has these processors.
pub(crate) fn all(definitions: &BTreeMap<String, Map<String, Value>>, known: &BTreeSet<String>) -> Rewritten {
    let mut rewritten = Rewritten::default();
    for (id, body) in definitions {
        let mut body = body.clone();
        body.retain(|key, _| !["_meta", "deprecated", "field_access_pattern"].contains(&key.as_str()));
        for list in ["processors", "on_failure"] {
            if let Some(Value::Array(processors)) = body.get_mut(list) {
                processors.iter_mut().for_each(|processor| rewritten.processor(processor, known));
            }
        }
        rewritten.definitions.insert(id.clone(), body);
    }
    rewritten
}

impl Rewritten {
    fn processor(&mut self, processor: &mut Value, known: &BTreeSet<String>) {
        // Of several in one object none is touched, so that none is lost.
        let one = processor.as_object_mut().filter(|it| it.len() == 1);
        let Some((name, Value::Object(options))) = one.and_then(|it| it.iter_mut().next()) else {
            return;
        };
        self.processors += 1;
        if let Some(Value::Array(handlers)) = options.get_mut("on_failure") {
            handlers.iter_mut().for_each(|handler| self.processor(handler, known));
        }
        if name == "foreach"
            && let Some(inner) = options.get_mut("processor")
        {
            self.processor(inner, known);
        }
        let name = name.clone();
        let mut options = options.clone();
        if let Some(value) = options.get_mut("value") {
            texts(value, &|text| text.replace(FAILED_PIPELINE.0, FAILED_PIPELINE.1));
        }
        let mut name = name;
        let stands_in =
            TABLE.iter().any(|(of, _, rewrite)| *of == name && matches!(rewrite, Rewrite::As(..)));
        let unknown = ingest::processors::find(&name).is_some() && !known.contains(&name) && !stands_in;
        let of = name.clone();
        let rows = TABLE.iter().filter(|(row, ..)| *row == of);
        let mut out = unknown;
        let mut stand_in = None;
        for (_, option, rewrite) in rows {
            let value = match option {
                Some(option) if !options.contains_key(*option) => continue,
                Some(option) => options[*option].clone(),
                None => Value::Null,
            };
            match (rewrite, option) {
                (Rewrite::Called(other), Some(option)) => {
                    options.shift_remove(*option);
                    options.insert((*other).to_owned(), value);
                    self.rewritten += 1;
                }
                (Rewrite::Default(default), Some(option)) => {
                    options.shift_remove(*option);
                    out |= value.as_str().map_or_else(|| value.to_string(), str::to_owned) != *default;
                }
                (Rewrite::Unescaped, Some(option)) => {
                    options.shift_remove(*option);
                    match value.as_str() {
                        Some("application/json") => {}
                        Some("text/plain") => unescape(&mut options["value"]),
                        _ => out = true,
                    }
                }
                (Rewrite::As(other, renamed), _) => {
                    for (ours, theirs, default) in *renamed {
                        let given = options.shift_remove(*ours).unwrap_or_else(|| json!(default));
                        options.insert((*theirs).to_owned(), given);
                    }
                    if *other == "community_id" {
                        options.entry("ignore_missing").or_insert(json!(true));
                    }
                    name = (*other).to_owned();
                    out |= !known.contains(&name);
                    self.rewritten += 1;
                    self.is_script = true;
                }
                (Rewrite::Script(script), _) => match script(&options) {
                    Some(script) => stand_in = Some(script),
                    None => out = true,
                },
                _ => out = true,
            }
        }
        if out {
            self.left_out.push(name.clone());
            let tag = options.get("tag").and_then(Value::as_str).unwrap_or_default();
            let mark = format!("{name} {tag}").trim_end().to_owned();
            stand_in = Some(json!({
                "source": format!("if (ctx.{MARK} == null) {{ ctx.{MARK} = []; }} ctx.{MARK}.add(params.mark)"),
                "params": {"mark": mark},
            }));
        }
        *processor = match stand_in {
            None => json!({name: options}),
            Some(mut script) => {
                self.is_script = true;
                self.rewritten += usize::from(!out);
                for common in ["if", "tag", "description", "ignore_failure", "on_failure"] {
                    if let Some(value) = options.get(common) {
                        script[common] = value.clone();
                    }
                }
                json!({"script": script})
            }
        };
    }
}

fn unescape(value: &mut Value) {
    let triple = |text: &str| {
        let double = text.replace("{{{", "{{").replace("}}}", "}}");
        double.replace("{{", "{{{").replace("}}", "}}}")
    };
    texts(value, &triple);
}

/// Changes every text of a value.
fn texts(value: &mut Value, change: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(values) => values.iter_mut().for_each(|value| texts(value, change)),
        Value::Object(fields) => fields.values_mut().for_each(|value| texts(value, change)),
        _ => {}
    }
}

/// What the scripts share: values by path, and deep copies.
const PATHS: &str = r"
def deep(def value) {
  if (value instanceof Map) {
    Map copy = new HashMap();
    for (def entry : value.entrySet()) { copy.put(entry.getKey(), deep(entry.getValue())); }
    return copy;
  }
  if (value instanceof List) {
    List copy = new ArrayList();
    for (def element : value) { copy.add(deep(element)); }
    return copy;
  }
  return value;
}
def step(def at, String part, String path, boolean strict) {
  if (at instanceof Map && at.containsKey(part)) { return at.get(part); }
  if (at instanceof List) { return at.get(Integer.parseInt(part)); }
  if (strict) { throw new IllegalArgumentException('field [' + part + '] not present as part of path [' + path + ']'); }
  return null;
}
def read(def root, String path, boolean strict) {
  def at = root;
  for (String part : path.splitOnToken('.')) {
    if (at == null && !strict) { return null; }
    at = step(at, part, path, strict);
  }
  return at;
}
void write(def root, String path, def value) {
  def at = root;
  String[] parts = path.splitOnToken('.');
  for (int i = 0; i < parts.length - 1; i++) {
    def next = at.get(parts[i]);
    if (next == null) { next = new HashMap(); at.put(parts[i], next); }
    at = next;
  }
  at.put(parts[parts.length - 1], value);
}
";

/// `set` with `copy_from`.
fn copy(options: &Map<String, Value>) -> Option<Value> {
    let (field, from) = (options["field"].as_str()?, options["copy_from"].as_str()?);
    if field.contains("{{") || from.contains("{{") {
        return None;
    }
    let flag = |name: &str, otherwise| options.get(name).map_or(otherwise, |value| value == &json!(true));
    let source = format!(
        "{PATHS}
        if (!params.override && read(ctx, params.field, false) != null) {{ return; }}
        def value = deep(read(ctx, params.from, !params.ignore_empty));
        if (params.ignore_empty && (value == null || value == '')) {{ return; }}
        write(ctx, params.field, value);"
    );
    let params = json!({
        "field": field, "from": from,
        "override": flag("override", true), "ignore_empty": flag("ignore_empty_value", false),
    });
    Some(json!({"source": source, "params": params}))
}

/// `remove` with `keep`: what is neither kept, nor above nor below something kept, goes.
fn keep(options: &Map<String, Value>) -> Option<Value> {
    let keep = match &options["keep"] {
        Value::Array(fields) => fields.clone(),
        field => vec![field.clone()],
    };
    if keep.iter().any(|field| field.as_str().is_none_or(|field| field.contains("{{"))) {
        return None;
    }
    let source = "
        void prune(def at, String prefix, List keep) {
          for (def key : new ArrayList(at.keySet())) {
            String path = prefix + key;
            if (keep.contains(path) || (prefix == '' && key.startsWith('_'))) { continue; }
            boolean above = false;
            for (def field : keep) { above = above || field.startsWith(path + '.'); }
            if (above && at[key] instanceof Map) { prune(at[key], path + '.', keep); } else if (!above) { at.remove(key); }
          }
        }
        prune(ctx, '', params.keep);";
    Some(json!({"source": source, "params": {"keep": keep}}))
}
