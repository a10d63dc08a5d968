//! The processors, one file each: options, behaviour, and examples that run as tests.

mod append;
mod bytes;
mod community_id;
mod convert;
mod csv;
mod date;
mod date_index_name;
mod dissect;
mod dot_expander;
mod drop;
mod entities;
mod fail;
mod fingerprint;
mod foreach;
mod geoip;
mod grok;
mod gsub;
mod html_strip;
mod join;
mod json;
mod kv;
mod letters;
mod network_direction;
mod pipeline;
mod recover_failure_document;
mod redact;
mod registered_domain;
mod remove;
mod rename;
mod reroute;
mod script;
mod set;
mod sort;
mod split;
mod string;
mod terminate;
mod uri_parts;
mod urldecode;
mod user_agent;

pub use grok::library as grok_library;
pub use user_agent::check_rules;

use crate::nearest;
use crate::options::{OptionError, Options};
use crate::pipeline::Processor;

/// What a processor's `compile` gives.
pub(crate) type Compiled = Result<Box<dyn Processor>, OptionError>;

/// A processor as users know it.
pub struct Info {
    /// The type, as pipelines name it.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Its own options: name, default (empty: must be given), meaning.
    pub options: &'static [(&'static str, &'static str, &'static str)],
    /// Examples, which are tested.
    pub examples: &'static [Example],
    /// What it does otherwise than Elasticsearch, a clause each.
    pub differences: &'static [&'static str],
    pub(crate) compile: fn(&mut Options<'_, '_>) -> Compiled,
}

/// The options that every processor has: name, default, meaning.
pub const COMMON: &[(&str, &str, &str)] = &[
    ("if", "", "script that says whether the processor runs"),
    ("tag", "", "name of this processor, for failures and metrics"),
    ("description", "", "what it is for"),
    ("ignore_failure", "false", "whether a failure of the processor is no error"),
    ("on_failure", "", "list of processors that run when it fails; the pipeline goes on behind it then"),
];

impl Info {
    /// The names of all options, its own first.
    pub fn option_names(&self) -> impl Iterator<Item = &'static str> {
        self.options.iter().chain(COMMON).map(|(name, ..)| *name)
    }

    /// Whether there is an option of a name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.option_names().any(|known| known == name)
    }

    /// What an option means.
    pub(crate) fn meaning(&self, name: &str) -> Option<&'static str> {
        self.options.iter().chain(COMMON).find(|(known, ..)| *known == name).map(|(.., meaning)| *meaning)
    }

    /// Where Elasticsearch documents it.
    pub fn page(&self) -> String {
        let name = match self.name {
            "dot_expander" => "dot-expand".to_owned(),
            "html_strip" => "htmlstrip".to_owned(),
            name => name.replace('_', "-"),
        };
        format!("https://www.elastic.co/docs/reference/enrich-processor/{name}-processor")
    }
}

/// A processor at work.
pub struct Example {
    /// What it shows.
    pub about: &'static str,
    /// The processor, in YAML.
    pub processor: &'static str,
    /// The document before, in JSON.
    pub before: &'static str,
    /// The document after it, in JSON, or the reason of the failure.
    pub after: Result<&'static str, &'static str>,
}

/// All processors, by name.
pub const ALL: &[&Info] = &[
    &append::INFO,
    &bytes::INFO,
    &community_id::INFO,
    &convert::INFO,
    &csv::INFO,
    &date::INFO,
    &date_index_name::INFO,
    &dissect::INFO,
    &dot_expander::INFO,
    &drop::INFO,
    &fail::INFO,
    &fingerprint::INFO,
    &foreach::INFO,
    &geoip::INFO,
    &grok::INFO,
    &gsub::INFO,
    &html_strip::INFO,
    &geoip::IP_LOCATION,
    &join::INFO,
    &json::INFO,
    &kv::INFO,
    &letters::LOWERCASE,
    &network_direction::INFO,
    &pipeline::INFO,
    &recover_failure_document::INFO,
    &redact::INFO,
    &registered_domain::INFO,
    &remove::INFO,
    &rename::INFO,
    &reroute::INFO,
    &script::INFO,
    &set::INFO,
    &sort::INFO,
    &split::INFO,
    &terminate::INFO,
    &letters::TRIM,
    &letters::UPPERCASE,
    &uri_parts::INFO,
    &urldecode::INFO,
    &user_agent::INFO,
];

/// The processor of a type.
pub fn find(name: &str) -> Option<&'static Info> {
    ALL.iter().copied().find(|info| info.name == name)
}

/// Processors of Elasticsearch that are not run here although they need no cluster, and what to do instead.
const NOT_HERE: &[(&str, &str)] = &[
    (
        "circle",
        "let a default_pipeline of the index make polygons of circles, or index points with their radius",
    ),
    (
        "geo_grid",
        "let a default_pipeline of the index make shapes of tiles, or index the tile's name as a keyword",
    ),
    (
        "normalize_for_stream",
        "map ECS fields with rename and set, or let a default_pipeline of the index do it",
    ),
];

/// Processors of Elasticsearch that ask its cluster for something, and what to do instead.
const OF_THE_CLUSTER: &[(&str, &str)] = &[
    ("attachment", "extract the text before the event is collected, or in a default_pipeline of the index"),
    (
        "enrich",
        "keep the table in the params of a script, or let a default_pipeline of the index enrich documents",
    ),
    ("inference", "let a default_pipeline of the index, which runs in the cluster, ask the model"),
    (
        "set_security_user",
        "the sidecar is the user there: set the fields that you need with the set processor",
    ),
];

/// Why there is no processor of a type, and what would be right.
pub(crate) fn unknown(name: &str) -> OptionError {
    let instead_of = |list: &[(&str, &'static str)]| {
        list.iter().find(|(known, _)| *known == name).map(|(_, instead)| format!("instead, {instead}"))
    };
    if let Some(instead) = instead_of(OF_THE_CLUSTER) {
        let reason = format!("the processor [{name}] needs the cluster and can not run here");
        return OptionError::whole(reason).cure(instead);
    }
    if let Some(instead) = instead_of(NOT_HERE) {
        return OptionError::whole(format!("the processor [{name}] is not run here")).cure(instead);
    }
    let names: Vec<&str> = ALL.iter().map(|info| info.name).collect();
    let cure = match nearest::nearest(name, &names) {
        Some(meant) => format!("did you mean [{meant}]?"),
        None => format!("known are {}", names.join(", ")),
    };
    OptionError::whole(format!("No processor type exists with name [{name}]")).cure(cure)
}

#[cfg(test)]
mod tests {
    use event::Doc;

    use super::*;
    use crate::{Definition, Lookups, Outcome, compile};

    /// Runs a processor on a document; the source, or the reason of the failure.
    pub(crate) fn run(processor: &str, before: &str) -> Result<serde_json::Value, String> {
        let text = format!("processors: [{{{processor}}}]");
        let definition = Definition::parse("test", "test", &text).expect("YAML of an example");
        let pipelines = compile(&[definition], &Lookups::default()).map_err(|errors| errors[0].message())?;
        let mut doc = Doc::new();
        let root = doc.parse_str(before).expect("JSON of an example");
        doc.set_data(Doc::SOURCE, doc.data(root));
        match pipelines.run("test", &mut doc, "2026-01-02T03:04:05.678Z") {
            Ok(Outcome::Done) => {
                Ok(serde_json::from_str(&doc.json(Doc::SOURCE)).expect("JSON of a document"))
            }
            Ok(Outcome::Dropped) => Ok(serde_json::Value::String("dropped".to_owned())),
            Err(failure) => Err(failure.reason.clone()),
        }
    }

    #[test]
    fn every_example_does_what_it_says() {
        for info in ALL {
            assert!(!info.examples.is_empty(), "{} has no example", info.name);
            for example in info.examples {
                let after = run(example.processor, example.before);
                let wanted = example
                    .after
                    .map(|json| serde_json::from_str(json).expect("JSON of an example"))
                    .map_err(str::to_owned);
                assert_eq!(after, wanted, "{}: {}\n{}", info.name, example.about, example.processor);
            }
        }
    }

    #[test]
    fn processors_that_are_not_run_are_refused_with_what_to_do_instead() {
        for (name, instead) in OF_THE_CLUSTER.iter().chain(NOT_HERE) {
            assert!(run(&format!("{name}: {{}}"), "{}").unwrap_err().contains(name), "{name}");
            assert_eq!(unknown(name).cure, Some(format!("instead, {instead}")));
        }
        assert_eq!(run("renam: {}", "{}").unwrap_err(), "No processor type exists with name [renam]");
        assert_eq!(unknown("renam").cure.as_deref(), Some("did you mean [rename]?"));
    }

    #[test]
    fn processors_are_sorted_and_found() {
        let mut names: Vec<&str> = ALL.iter().map(|info| info.name).collect();
        names.sort_unstable();
        for name in &names {
            assert_eq!(find(name).map(|info| info.name), Some(*name));
        }
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
