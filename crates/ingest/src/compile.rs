//! From definitions to pipelines: every mistake of every definition is found, not only the first.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use event::Key;
use event::doc::{AccessPattern, Places};
use serde_json::{Map, Value};

use crate::definition::Definition;
use crate::failure::LoadError;
use crate::lookup::{GeoDatabases, NoDatabases};
use crate::nearest;
use crate::options::{self, OptionError, Options, java_class};
use crate::pipeline::{Names, Pipeline, Pipelines, Step, Steps};
use crate::processors;
use crate::script::{CONDITIONAL, Condition, NO_SCRIPT};
use crate::stored::StoredScript;
use crate::watch::About;

/// How deep processors may hold processors (`on_failure`, `foreach`).
const MAX_NESTING: usize = 32;

/// What a pipeline's definition can say, and what for.
const PROPERTIES: &[(&str, &str)] = &[
    ("processors", "a list of processors, each an object with one field: its type"),
    ("on_failure", "a list of processors that run when one of the pipeline's fails"),
    ("field_access_pattern", "classic, or flexible to reach names with dots"),
    ("description", "a text"),
    ("version", "a number"),
    ("_meta", "an object that nobody reads"),
    ("deprecated", "whether it is"),
    ("created_date", "what a server adds"),
    ("created_date_millis", "what a server adds"),
    ("modified_date", "what a server adds"),
    ("modified_date_millis", "what a server adds"),
];

/// What processors look up while they run.
#[derive(Clone)]
pub struct Lookups {
    /// Databases of addresses.
    pub geo: Arc<dyn GeoDatabases>,
    /// Files of rules for user agents, by name: their text.
    pub regex_files: Arc<BTreeMap<String, String>>,
    /// Scripts that pipelines name by their id.
    pub scripts: Arc<BTreeMap<String, StoredScript>>,
}

impl Default for Lookups {
    fn default() -> Self {
        Self { geo: Arc::new(NoDatabases), regex_files: Arc::default(), scripts: Arc::default() }
    }
}

/// Compiles definitions into a set of pipelines.
///
/// # Errors
/// All mistakes of all definitions.
pub fn compile(definitions: &[Definition], lookups: &Lookups) -> Result<Pipelines, Vec<LoadError>> {
    let mut compiler = Compiler::new(lookups);
    for definition in definitions {
        compiler.definition(definition);
    }
    compiler.finish()
}

/// What compiling a processor needs to know.
pub struct Compiler<'a> {
    pub(crate) lookups: &'a Lookups,
    origin: &'a str,
    id: Arc<str>,
    errors: Vec<LoadError>,
    depth: usize,
    pub(crate) places: Places,
    /// Of the pipeline that is compiled.
    pub(crate) pattern: AccessPattern,
    /// Whether templates name fields, so that any field may be read.
    pub(crate) names_any_field: bool,
    /// The stored scripts that the pipeline names.
    pub(crate) scripts: Vec<String>,
    /// By id: where in the set the pipeline stands, or would stand if there were one.
    slots: HashMap<String, usize>,
    pipelines: Vec<Option<Arc<Pipeline>>>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(lookups: &'a Lookups) -> Self {
        Self {
            lookups,
            origin: "",
            id: Arc::from(""),
            errors: Vec::new(),
            depth: 0,
            places: Places::default(),
            pattern: AccessPattern::Classic,
            names_any_field: false,
            scripts: Vec::new(),
            slots: HashMap::new(),
            pipelines: Vec::new(),
        }
    }

    /// Compiles into a set that there is: what stands in it stays where it is, and can be run in the new set as in the old one.
    pub(crate) fn into(before: &Pipelines, lookups: &'a Lookups) -> Self {
        Self {
            places: (*before.places).clone(),
            names_any_field: before.names.any_field(),
            slots: before.slots.clone(),
            pipelines: before.pipelines.clone(),
            ..Self::new(lookups)
        }
    }

    /// Compiles a definition, in place of one of the same id.
    pub(crate) fn definition(&mut self, definition: &'a Definition) {
        self.origin = &definition.origin;
        self.id = definition.id.as_str().into();
        let pipeline = self.pipeline(definition.body.clone());
        let slot = self.slot(&definition.id);
        self.pipelines[slot] = Some(Arc::new(pipeline));
    }

    /// Takes a pipeline out.
    pub(crate) fn remove(&mut self, id: &str) {
        let slot = self.slot(id);
        self.pipelines[slot] = None;
    }

    /// Where the pipeline of an id stands, whether there is one yet or not.
    pub(crate) fn slot(&mut self, id: &str) -> usize {
        if let Some(slot) = self.slots.get(id) {
            return *slot;
        }
        self.slots.insert(id.to_owned(), self.pipelines.len());
        self.pipelines.push(None);
        self.pipelines.len() - 1
    }

    /// # Errors
    /// The mistakes of all that was compiled.
    pub(crate) fn finish(mut self) -> Result<Pipelines, Vec<LoadError>> {
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        let names = Names::new(&mut self.places, self.names_any_field);
        Ok(Pipelines { pipelines: self.pipelines, slots: self.slots, names, places: Arc::new(self.places) })
    }

    fn pipeline(&mut self, mut body: Map<String, Value>) -> Pipeline {
        self.pattern = self.access_pattern(&mut body);
        let steps = match body.shift_remove("processors") {
            None | Some(Value::Null) => {
                self.pipeline_error(Some("processors"), "required property is missing");
                Steps::default()
            }
            Some(value) => self.steps(value, "processors", "processors"),
        };
        let on_failure = body.shift_remove("on_failure").map(|value| {
            if value.as_array().is_some_and(Vec::is_empty) {
                let reason = format!("pipeline [{}] cannot have an empty on_failure option defined", self.id);
                self.pipeline_error(None, &reason);
            }
            self.steps(value, "on_failure", "on_failure")
        });
        for (known, _) in PROPERTIES {
            body.shift_remove(*known);
        }
        if !body.is_empty() {
            let names: Vec<&str> = body.keys().map(String::as_str).collect();
            let reason = format!(
                "pipeline [{}] doesn't support one or more provided configuration parameters [{}]",
                self.id,
                names.join(", ")
            );
            let known: Vec<&str> = PROPERTIES.iter().map(|(name, _)| *name).collect();
            let meant = names.iter().map(|name| nearest::unknown(name, name, &known));
            let cure = meant.collect::<Vec<_>>().join("; ");
            self.pipeline_mistake(None, &reason, Some(cure));
        }
        let scripts = std::mem::take(&mut self.scripts).into();
        Pipeline { id: Arc::clone(&self.id), name: Key::new(&self.id), steps, on_failure, scripts }
    }

    fn access_pattern(&mut self, body: &mut Map<String, Value>) -> AccessPattern {
        const NAME: &str = "field_access_pattern";
        match body.shift_remove(NAME) {
            None | Some(Value::Null) => return AccessPattern::Classic,
            Some(Value::String(pattern)) => match pattern.as_str() {
                "classic" => return AccessPattern::Classic,
                "flexible" => return AccessPattern::Flexible,
                other => {
                    let id = &self.id;
                    let reason =
                        format!("pipeline [{id}] doesn't support value of [{other}] for parameter [{NAME}]");
                    self.pipeline_error(None, &reason);
                }
            },
            Some(other) => {
                let OptionError { reason, .. } = options::wrong_type(NAME, "a string", &other);
                self.pipeline_error(Some(NAME), &reason);
            }
        }
        AccessPattern::Classic
    }

    fn pipeline_error(&mut self, property: Option<&str>, reason: &str) {
        let cure = property.and_then(|property| {
            let (name, meaning) = PROPERTIES.iter().find(|(name, _)| *name == property)?;
            Some(format!("{name}: {meaning}"))
        });
        self.pipeline_mistake(property, reason, cure);
    }

    fn pipeline_mistake(&mut self, property: Option<&str>, reason: &str, cure: Option<String>) {
        self.errors.push(LoadError {
            pipeline: self.origin.to_owned(),
            place: String::new(),
            processor_type: None,
            tag: None,
            property: property.map(str::to_owned),
            kind: "parse_exception",
            reason: reason.to_owned(),
            cure,
            script: None,
        });
    }

    /// A list of processors; mistakes are collected and their processors left out.
    pub(crate) fn steps(&mut self, value: Value, property: &str, place: &str) -> Steps {
        let Value::Array(values) = value else {
            self.pipeline_error(Some(property), &options::wrong_type(property, "a list", &value).reason);
            return Steps::default();
        };
        let mut steps = Vec::with_capacity(values.len());
        for (at, value) in values.into_iter().enumerate() {
            let place = format!("{place}[{}]", at + 1);
            match value {
                // As in Elasticsearch, several in one object run one after the other.
                Value::Object(fields) => steps.extend(
                    fields.into_iter().filter_map(|(name, options)| self.named_step(&name, options, &place)),
                ),
                other => steps.extend(self.step(other, &place)),
            }
        }
        steps.into()
    }

    /// One processor: `{"type": {options}}`.
    pub(crate) fn step(&mut self, value: Value, place: &str) -> Option<Step> {
        let entry = match value {
            Value::Object(fields) if fields.len() == 1 => fields.into_iter().next(),
            _ => None,
        };
        let Some((name, options)) = entry else {
            self.error(
                place,
                None,
                None,
                OptionError::whole("a processor is an object with one field: its type"),
            );
            return None;
        };
        self.named_step(&name, options, place)
    }

    fn named_step(&mut self, name: &str, options: Value, place: &str) -> Option<Step> {
        let map = match options {
            Value::Object(map) => map,
            Value::Null => {
                self.error(place, Some(name), None, OptionError::whole("processor config cannot be [null]"));
                return None;
            }
            Value::String(source) if name == "script" => {
                Map::from_iter([("source".to_owned(), source.into())])
            }
            other => {
                let reason = format!("property isn't a map, but of type [{}]", java_class(&other));
                self.error(place, Some(name), None, OptionError::whole(reason));
                return None;
            }
        };
        let Some(info) = processors::find(name) else {
            let tag = map.get("tag").and_then(Value::as_str).map(str::to_owned);
            let mut options = Options { map, compiler: self, place: place.to_owned() };
            match options.texts() {
                Ok(()) => self.error(place, Some(name), tag.as_deref(), processors::unknown(name)),
                Err(error) => self.common_error(place, None, tag.as_deref(), error),
            }
            return None;
        };
        if self.depth >= MAX_NESTING {
            let reason = format!("processors are nested deeper than {MAX_NESTING} levels");
            self.error(place, Some(name), None, OptionError::whole(reason));
            return None;
        }
        self.depth += 1;
        let step = self.typed_step(info, map, place);
        self.depth -= 1;
        step
    }

    fn typed_step(
        &mut self,
        info: &'static processors::Info,
        map: Map<String, Value>,
        place: &str,
    ) -> Option<Step> {
        let place = format!("{place}.{}", info.name);
        let tag = map.get("tag").and_then(Value::as_str).map(str::to_owned);
        let about = Box::new(About {
            pipeline: Arc::clone(&self.id),
            place: place.as_str().into(),
            kind: info.name,
            tag: tag.as_deref().map(Into::into),
            description: map.get("description").and_then(Value::as_str).map(Into::into),
            condition: map.get("if").map(|condition| text_of(condition).into()),
        });
        let mut options = Options { map, compiler: self, place: place.clone() };
        // Told at once, before what is wrong with a processor that this one holds.
        let common = options.common().map_err(|error| {
            options.compiler.common_error(&place, Some(info.name), tag.as_deref(), error);
        });
        let condition = options.take("if");
        let before = options.compiler.errors.len();
        let processor = (info.compile)(&mut options);
        // What is wrong with a processor that another one holds is told as that one's.
        for held in &mut options.compiler.errors[before..] {
            (held.processor_type, held.tag) = (Some(info.name.to_owned()), tag.clone());
        }
        // Read last, so that what is wrong with a processor is told in Elasticsearch's order.
        let condition = condition.map(|value| Condition::compile(&value, options.compiler)).transpose();
        // Where the processor did not get to all of its options, those that are left may be its own.
        let all_taken = processor.is_ok();
        let is_unknown = |name: &&String| all_taken || !info.has(name);
        let unknown: Vec<String> = options.map.keys().filter(is_unknown).cloned().collect();
        let unknown = (common.is_ok() && !unknown.is_empty()).then(|| unknown_options(info, &unknown));
        let (common, processor, condition) = match (common, processor, unknown, condition) {
            (Ok(common), Ok(processor), None, Ok(condition)) => (common, processor, condition),
            (_, processor, unknown, condition) => {
                let errors = [processor.err(), unknown, condition.err()].into_iter().flatten();
                for error in errors.filter(|error| !error.is_told()) {
                    let is_condition = error.property.as_deref() == Some(NO_SCRIPT);
                    let kind = if is_condition { CONDITIONAL } else { info.name };
                    self.error(&place, Some(kind), tag.as_deref(), error);
                }
                return None;
            }
        };
        Some(Step {
            about,
            condition,
            abreast: processor.abreast(),
            processor,
            ignore_failure: common.ignore_failure,
            on_failure: common.on_failure,
        })
    }

    /// A mistake in what every processor can have: which processor it is Elasticsearch tells of an empty list of handlers alone,
    /// and which tag it has of its description, too.
    fn common_error(&mut self, place: &str, kind: Option<&str>, tag: Option<&str>, error: OptionError) {
        let is_empty = error.reason == NO_HANDLERS;
        let tag = tag.filter(|_| is_empty || error.property.as_deref() == Some("description"));
        self.error(place, kind, tag, error);
        if let Some(error) = self.errors.last_mut().filter(|_| !is_empty) {
            error.processor_type = None;
        }
    }

    fn error(&mut self, place: &str, kind: Option<&str>, tag: Option<&str>, error: OptionError) {
        let cure = error.cure.or_else(|| {
            // A script's mistake says by itself what was expected.
            let property = error.property.as_deref().filter(|_| error.kind != "script_exception")?;
            Some(format!("{property}: {}", processors::find(kind?)?.meaning(property)?))
        });
        self.errors.push(LoadError {
            pipeline: self.origin.to_owned(),
            place: place.to_owned(),
            processor_type: kind.map(str::to_owned),
            tag: tag.map(str::to_owned),
            property: error.property,
            kind: error.kind,
            reason: error.reason,
            cure,
            script: error.script,
        });
    }
}

/// Options that a processor does not have.
fn unknown_options(info: &processors::Info, names: &[String]) -> OptionError {
    let known: Vec<&str> = info.option_names().collect();
    let meant = names.iter().map(|name| nearest::unknown(name, name, &known));
    let cure = meant.collect::<Vec<_>>().join("; ");
    OptionError::whole(format!(
        "processor [{}] doesn't support one or more provided configuration parameters [{}]",
        info.name,
        names.join(", ")
    ))
    .cure(cure)
}

/// A condition as it is written, without the object around it.
fn text_of(condition: &Value) -> String {
    let source = condition.get("source").unwrap_or(condition);
    source.as_str().map_or_else(|| source.to_string(), str::to_owned)
}

/// What every processor can have.
struct Common {
    ignore_failure: bool,
    on_failure: Option<Steps>,
}

const NO_HANDLERS: &str = "processors list cannot be empty";

impl Options<'_, '_> {
    /// What is read of a processor before its type is looked for.
    fn texts(&mut self) -> Result<(), OptionError> {
        self.optional_string("tag")?;
        self.optional_string("description")?;
        Ok(())
    }

    fn common(&mut self) -> Result<Common, OptionError> {
        self.texts()?;
        let ignore_failure = self.boolean("ignore_failure", false)?;
        let on_failure = match self.take("on_failure") {
            None => None,
            Some(Value::Array(values)) if values.is_empty() => {
                return Err(OptionError::of("on_failure", NO_HANDLERS));
            }
            Some(values) => {
                let place = format!("{}.on_failure", self.place);
                Some(self.compiler.steps(values, "on_failure", &place))
            }
        };
        Ok(Common { ignore_failure, on_failure })
    }
}

#[cfg(test)]
mod tests;
