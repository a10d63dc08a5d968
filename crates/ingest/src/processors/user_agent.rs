//! `user_agent`: what program, system and device a user agent tells of.

mod parser;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use event::doc::Place;
use event::{Data, Doc, FieldPath, Fragment, NodeId};

use self::parser::{Found, Parser};
use super::string::wrong_class;
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::field::value_of;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "user_agent",
    summary: "Reads name, version, operating system and device out of a user agent.",
    options: &[
        ("field", "", "user agent"),
        ("target_field", "user_agent", "object that the answer goes to; one that is there is replaced"),
        ("regex_file", "", "file of rules in uap-core's form that are used instead of uap-core's own"),
        ("properties", "[name, os, device, original, version]", "what the answer has"),
        (
            "extract_device_type",
            "false",
            "whether device.type is added: Desktop, Phone, Tablet, Robot or Other",
        ),
        ("ignore_missing", "false", "whether a missing or null field is no error"),
    ],
    examples: &[
        Example {
            about: "a browser",
            processor: "user_agent: {field: a, extract_device_type: true}",
            before: r#"{"a":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.103 Safari/537.36"}"#,
            after: Ok(
                r#"{"a":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.103 Safari/537.36","user_agent":{"name":"Chrome","original":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.103 Safari/537.36","version":"51.0.2704.103","os":{"name":"Mac OS X","version":"10.10.5","full":"Mac OS X 10.10.5"},"device":{"name":"Mac","type":"Desktop"}}}"#,
            ),
        },
        Example {
            about: "what nobody knows is other",
            processor: "user_agent: {field: a, properties: [name, os, device]}",
            before: r#"{"a":"x"}"#,
            after: Ok(r#"{"a":"x","user_agent":{"name":"Other","device":{"name":"Other"}}}"#),
        },
        Example {
            about: "properties have names",
            processor: "user_agent: {field: a, properties: [name, bogus]}",
            before: r#"{"a":"x"}"#,
            after: Err(
                "[properties] illegal property value [bogus]. valid values are [NAME, OS, DEVICE, ORIGINAL, VERSION]",
            ),
        },
        Example {
            about: "null is an error",
            processor: "user_agent: {field: a}",
            before: r#"{"a":null}"#,
            after: Err("field [a] is null, cannot parse user-agent."),
        },
    ],
    compile,
};

/// uap-core's rules, compiled when a pipeline first asks for them: that takes time and memory.
static DEFAULT: LazyLock<Result<Arc<Parser>, String>> =
    LazyLock::new(|| Parser::compile(include_str!("user_agent/regexes.yaml")).map(Arc::new));

/// Answers that a processor keeps; user agents come again and again.
const KEPT: usize = 1000;

/// Bytes of a user agent beyond which an answer is not kept.
const KEPT_LENGTH: usize = 1024;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Property {
    Name,
    Os,
    Device,
    Original,
    Version,
}

impl Property {
    const ALL: [(&'static str, Self); 5] = [
        ("NAME", Self::Name),
        ("OS", Self::Os),
        ("DEVICE", Self::Device),
        ("ORIGINAL", Self::Original),
        ("VERSION", Self::Version),
    ];
}

struct UserAgent {
    field: FieldPath,
    target: FieldPath,
    parser: Arc<Parser>,
    properties: Vec<Property>,
    device_type: bool,
    ignore_missing: bool,
    kept: Mutex<HashMap<Box<str>, Arc<Fragment>>>,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let target = options.path_or("target_field", "user_agent")?;
    let parser = match options.optional_string("regex_file")? {
        None => DEFAULT.clone().map_err(|reason| OptionError::of("regex_file", reason))?,
        Some(name) => parser_of(options, &name)?,
    };
    let properties = match options.list("properties")? {
        None => Property::ALL.map(|(_, property)| property).to_vec(),
        Some(names) => names.iter().map(|name| property(name)).collect::<Result<_, _>>()?,
    };
    let device_type = options.boolean("extract_device_type", false)?;
    let ignore_missing = options.boolean("ignore_missing", false)?;
    Ok(Box::new(UserAgent {
        field,
        target,
        parser,
        properties,
        device_type,
        ignore_missing,
        kept: Mutex::default(),
    }))
}

fn parser_of(options: &Options<'_, '_>, name: &str) -> Result<Arc<Parser>, OptionError> {
    Parser::compile(options.regex_file(name)?)
        .map(Arc::new)
        .map_err(|reason| OptionError::of("regex_file", format!("regex file [{name}]: {reason}")))
}

/// Whether a text is a file of rules that `regex_file` could name.
///
/// # Errors
/// What is wrong with it.
pub fn check_rules(text: &str) -> Result<(), String> {
    Parser::compile(text).map(drop)
}

fn property(name: &str) -> Result<Property, OptionError> {
    let found = Property::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, property)| *property).ok_or_else(|| {
        let all = Property::ALL.map(|(name, _)| name).join(", ");
        OptionError::of("properties", format!("illegal property value [{name}]. valid values are [{all}]"))
    })
}

impl Processor for UserAgent {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let null = |field: &str| format!("field [{field}] is null, cannot parse user-agent.");
        let Some(node) = value_of(doc, &self.field, self.ignore_missing, null)? else {
            return Ok(Flow::Continue);
        };
        let Some(agent) = doc.as_str(node) else {
            return Err(wrong_class(self.field.as_str(), doc.class_name(node), "java.lang.String"));
        };
        let known = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(agent).cloned();
        let answer = match known {
            Some(answer) => doc.graft(&answer),
            None => {
                let agent = agent.to_owned();
                let answer = self.answer(doc, &agent);
                if agent.len() <= KEPT_LENGTH {
                    self.keep(agent, Fragment::of(doc, answer));
                }
                answer
            }
        };
        doc.set(&self.target, answer)?;
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.field.certain_place() } else { Place::NONE }
    }
}

impl UserAgent {
    fn keep(&self, agent: String, answer: Fragment) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(agent.into(), Arc::new(answer));
    }

    /// The object of what is known of a user agent, detached.
    fn answer(&self, doc: &mut Doc, agent: &str) -> NodeId {
        let wants = |property| self.properties.contains(&property);
        let object = doc.node(Data::EMPTY_OBJECT);
        let program =
            if wants(Property::Name) || wants(Property::Version) { self.parser.program(agent) } else { None };
        let system = if wants(Property::Os) || self.device_type { self.parser.system(agent) } else { None };
        if wants(Property::Name) {
            put(doc, object, "name", program.as_ref().map_or("Other", |program| &program.name));
        }
        if wants(Property::Original) {
            put(doc, object, "original", agent);
        }
        if wants(Property::Version)
            && let Some(version) = program.as_ref().and_then(|program| program.version.as_deref())
        {
            put(doc, object, "version", version);
        }
        if wants(Property::Os)
            && let Some(system) = &system
        {
            let os = doc.node(Data::EMPTY_OBJECT);
            put(doc, os, "name", &system.name);
            if let Some(version) = &system.version {
                put(doc, os, "version", version);
                put(doc, os, "full", &format!("{} {version}", system.name));
            }
            doc.put_named(object, "os", os);
        }
        if wants(Property::Device) {
            let found = self.parser.device(agent);
            let device = doc.node(Data::EMPTY_OBJECT);
            let name = found.as_ref().map_or("Other", |found| found.name.as_str());
            put(doc, device, "name", name);
            if self.device_type {
                put(doc, device, "type", device_type(agent, name, system.as_ref()));
            }
            doc.put_named(object, "device", device);
        }
        object
    }
}

fn put(doc: &mut Doc, object: NodeId, name: &str, text: &str) {
    let node = doc.string(text);
    doc.put_named(object, name, node);
}

/// The kind of device, as well as it can be told: Elastic documents that it is a best effort, and not how.
fn device_type(agent: &str, device: &str, system: Option<&Found>) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|word| agent.contains(word));
    let system = system.map_or("", |system| system.name.as_str());
    let one_of = |names: &[&str]| names.contains(&system);
    if device == "Spider" || says(&["bot/", "Bot/", "crawler", "Crawler", "spider"]) {
        "Robot"
    } else if says(&["iPad", "Tablet", "Kindle", "PlayBook"]) || (system == "Android" && !says(&["Mobile"])) {
        "Tablet"
    } else if one_of(&["iOS", "Android", "Windows Phone", "BlackBerry OS", "KaiOS"]) || says(&["Mobile"]) {
        "Phone"
    } else if one_of(&[
        "Windows",
        "Mac OS X",
        "Linux",
        "Ubuntu",
        "Fedora",
        "Debian",
        "Chrome OS",
        "FreeBSD",
        "OpenBSD",
    ]) {
        "Desktop"
    } else {
        "Other"
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::tests::run;
    use super::*;
    use crate::{Definition, Lookups};

    #[test]
    fn types_of_devices() {
        for (agent, wanted) in [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 12_1 like Mac OS X) AppleWebKit/605.1.15 Version/12.0 Mobile/15E148 Safari/604.1",
                "Phone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 12_1 like Mac OS X) AppleWebKit/605.1.15 Version/12.0 Mobile/15E148 Safari/604.1",
                "Tablet",
            ),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Robot"),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:70.0) Gecko/20100101 Firefox/70.0", "Desktop"),
            ("curl/7.64.1", "Other"),
        ] {
            let before = serde_json::json!({ "a": agent }).to_string();
            let after = run("user_agent: {field: a, extract_device_type: true}", &before).unwrap();
            assert_eq!(after["user_agent"]["device"]["type"], wanted, "{agent}");
        }
    }

    #[test]
    fn rules_may_come_from_a_file() {
        let compiled = |file: &str| {
            let text = format!("processors: [{{user_agent: {{field: a, regex_file: {file}}}}}]");
            let definition = Definition::parse("test", "test", &text).unwrap();
            let rules = "user_agent_parsers: [{regex: '(mine)/(\\d+)'}]".to_owned();
            let files =
                BTreeMap::from([("own.yml".to_owned(), rules), ("broken.yml".to_owned(), "[".to_owned())]);
            crate::compile(&[definition], &Lookups { regex_files: Arc::new(files), ..Lookups::default() })
        };
        let mut doc = Doc::new();
        let root = doc.parse_str(r#"{"a":"mine/5"}"#).unwrap();
        doc.set_data(Doc::SOURCE, doc.data(root));
        compiled("own.yml").unwrap().run("test", &mut doc, "").unwrap();
        assert!(doc.json(Doc::SOURCE).contains(r#""name":"mine","original":"mine/5","version":"5""#));
        let missing = compiled("other.yml").err().unwrap()[0].message();
        assert_eq!(
            missing,
            "[regex_file] regex file [other.yml] doesn't exist (has to exist at node startup)"
        );
        assert!(compiled("broken.yml").is_err());
    }

    #[test]
    fn an_answer_that_was_kept_is_the_same() {
        let text = "processors: [{user_agent: {field: a}}, {user_agent: {field: a, target_field: b}}]";
        let definition = Definition::parse("test", "test", text).unwrap();
        let pipelines = crate::compile(&[definition], &Lookups::default()).unwrap();
        let mut answers = Vec::new();
        for _ in 0..2 {
            let mut doc = Doc::new();
            let root = doc.parse_str(r#"{"a":"curl/7.64.1"}"#).unwrap();
            doc.set_data(Doc::SOURCE, doc.data(root));
            pipelines.run("test", &mut doc, "").unwrap();
            answers.push(doc.json(Doc::SOURCE));
        }
        assert_eq!(answers[0], answers[1]);
    }
}
