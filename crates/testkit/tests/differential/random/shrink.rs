//! Makes a chain and a document for which the engines differ as small as they differ on.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::case::INLINE;

/// What a difference was seen with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) processors: Vec<Value>,
    pub(crate) on_failure: Option<Value>,
    /// Pipelines that it calls.
    pub(crate) pipelines: BTreeMap<String, Map<String, Value>>,
    pub(crate) document: Value,
}

impl Seen {
    /// As a case of `tests/differential/*.yml`; JSON is YAML.
    pub(crate) fn case(&self) -> String {
        let mut text = format!("- about: …\n  processors: {}\n", Value::from(self.processors.clone()));
        if let Some(handlers) = &self.on_failure {
            text += &format!("  on_failure: {handlers}\n");
        }
        if !self.pipelines.is_empty() {
            text += &format!("  pipelines: {}\n", json!(self.pipelines));
        }
        text + &format!("  documents: [{}]", self.document)
    }

    /// All its pipelines, by id.
    pub(super) fn definitions(&self) -> BTreeMap<String, Map<String, Value>> {
        let mut definitions = self.pipelines.clone();
        let mut main = Map::from_iter([("processors".to_owned(), Value::from(self.processors.clone()))]);
        if let Some(handlers) = &self.on_failure {
            main.insert("on_failure".to_owned(), handlers.clone());
        }
        definitions.insert(INLINE.to_owned(), main);
        definitions
    }

    /// All that are one step smaller, the greatest steps first.
    pub(super) fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if self.on_failure.is_some() {
            all.push(Self { on_failure: None, ..self.clone() });
        }
        let smaller = self.processors_without_calls().into_iter().chain(processors(&self.processors));
        all.extend(smaller.map(|processors| Self { processors, ..self.clone() }));
        for handlers in self.on_failure.iter().filter_map(Value::as_array).flat_map(|list| processors(list)) {
            all.push(Self { on_failure: Some(handlers.into()), ..self.clone() });
        }
        for (name, body) in &self.pipelines {
            for smaller in bodies(body) {
                let mut pipelines = self.pipelines.clone();
                pipelines.insert(name.clone(), smaller);
                all.push(Self { pipelines, ..self.clone() });
            }
        }
        all.extend(
            values(&self.document)
                .into_iter()
                .filter(Value::is_object)
                .map(|document| Self { document, ..self.clone() }),
        );
        all.into_iter().map(Self::without_unused).filter(|smaller| smaller != self).collect()
    }

    /// With the processors of a pipeline in the place of its call.
    fn processors_without_calls(&self) -> Vec<Vec<Value>> {
        let mut all = Vec::new();
        for (at, processor) in self.processors.iter().enumerate() {
            let called = processor["pipeline"]["name"].as_str().and_then(|name| self.pipelines.get(name));
            if let Some(Value::Array(inner)) = called.and_then(|body| body.get("processors")) {
                let mut processors = self.processors.clone();
                processors.splice(at..=at, inner.iter().cloned());
                all.push(processors);
            }
        }
        all
    }

    /// Without pipelines that nobody calls any more.
    pub(super) fn without_unused(mut self) -> Self {
        let main = json!([self.processors, self.on_failure]).to_string();
        let mut text = main.clone();
        loop {
            let used: String = self
                .pipelines
                .iter()
                .filter(|(name, _)| text.contains(&format!("\"{name}\"")))
                .map(|(_, body)| json!(body).to_string())
                .collect();
            if main.len() + used.len() == text.len() {
                break;
            }
            text = main.clone() + &used;
        }
        self.pipelines.retain(|name, _| text.contains(&format!("\"{name}\"")));
        self
    }
}

fn bodies(body: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let mut all = Vec::new();
    if body.contains_key("on_failure") {
        let mut without = body.clone();
        without.shift_remove("on_failure");
        all.push(without);
    }
    for processors in
        body.get("processors").and_then(Value::as_array).into_iter().flat_map(|list| processors(list))
    {
        let mut smaller = body.clone();
        smaller.insert("processors".to_owned(), processors.into());
        all.push(smaller);
    }
    all
}

/// A list of processors with one less, one replaced by those that it holds, or one made smaller.
fn processors(list: &[Value]) -> Vec<Vec<Value>> {
    let mut all = Vec::new();
    if list.len() > 2 {
        all.push(list[..list.len() / 2].to_vec());
        all.push(list[list.len() / 2..].to_vec());
    }
    let with = |at: usize, instead: Vec<Value>| {
        let mut processors = list.to_vec();
        processors.splice(at..=at, instead);
        processors
    };
    for (at, processor) in list.iter().enumerate() {
        if list.len() > 1 {
            all.push(with(at, Vec::new()));
        }
        let Some((name, Value::Object(options))) = processor.as_object().and_then(|it| it.iter().next())
        else {
            continue;
        };
        if let Some(inner) = options.get("processor") {
            all.push(with(at, vec![inner.clone()]));
            all.extend(processors(std::slice::from_ref(inner)).into_iter().filter(|one| one.len() == 1).map(
                |one| {
                    let mut options = options.clone();
                    options.insert("processor".to_owned(), one[0].clone());
                    with(at, vec![json!({name: options})])
                },
            ));
        }
        if let Some(Value::Array(handlers)) = options.get("on_failure") {
            all.extend(processors(handlers).into_iter().map(|handlers| {
                let mut options = options.clone();
                options.insert("on_failure".to_owned(), handlers.into());
                with(at, vec![json!({name: options})])
            }));
        }
        for (option, value) in options {
            let mut without = options.clone();
            without.shift_remove(option);
            all.push(with(at, vec![json!({name: without})]));
            if !["processor", "on_failure", "type"].contains(&option.as_str()) {
                let values = values(value).into_iter().filter(|smaller| smaller != "");
                all.extend(values.map(|value| {
                    let mut options = options.clone();
                    options.insert(option.clone(), value);
                    with(at, vec![json!({name: options})])
                }));
            }
        }
    }
    all
}

/// Values that are one step smaller.
fn values(value: &Value) -> Vec<Value> {
    match value {
        Value::Null | Value::Bool(_) => Vec::new(),
        Value::Number(number) => {
            [0, 1].map(Value::from).into_iter().filter(|smaller| *smaller != json!(number)).collect()
        }
        Value::String(text) => texts(text).into_iter().map(Value::String).collect(),
        Value::Array(list) => {
            let mut all = vec![];
            for at in 0..list.len() {
                let mut without = list.clone();
                without.remove(at);
                all.push(Value::Array(without));
            }
            for (at, element) in list.iter().enumerate() {
                all.extend(values(element).into_iter().map(|element| {
                    let mut list = list.clone();
                    list[at] = element;
                    Value::Array(list)
                }));
            }
            all
        }
        Value::Object(fields) => {
            let mut all = vec![];
            for name in fields.keys() {
                let mut without = fields.clone();
                without.shift_remove(name);
                all.push(Value::Object(without));
            }
            for (name, inner) in fields {
                all.extend(values(inner).into_iter().map(|inner| {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), inner);
                    Value::Object(fields)
                }));
            }
            all
        }
    }
}

/// A text without its first half, its second one, and each of its characters.
fn texts(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let half = characters.len() / 2;
    let mut all = Vec::new();
    if half > 1 {
        all.push(characters[half..].iter().collect());
        all.push(characters[..half].iter().collect());
    }
    if characters.len() <= 60 {
        for at in 0..characters.len() {
            all.push(characters[..at].iter().chain(&characters[at + 1..]).collect());
        }
    }
    all
}
