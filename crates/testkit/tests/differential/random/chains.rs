//! Chains of processors, with conditions, handlers, loops and calls of other pipelines.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::documents::Schema;
use super::values::Kind;
use super::{options, painless, values};

/// How many pipelines there are to call.
pub(super) const LIBRARY: usize = 8;

/// A chain and the documents for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chain {
    /// Its processors.
    pub(crate) processors: Vec<Value>,
    /// Handlers of the pipeline.
    pub(crate) on_failure: Option<Value>,
    /// Documents.
    pub(crate) documents: Vec<Value>,
}

/// The chain of this number, with so many documents.
pub(super) fn chain(dice: &mut Dice, documents: usize) -> Chain {
    let schema = Schema::new(dice);
    let mut make = Make { schema: &schema, dice, callable: LIBRARY };
    let length = make.dice.pick(&[1, 1, 2, 2, 3, 3, 4, 5, 6]);
    let processors = (0..length).map(|_| make.processor(2)).collect();
    let on_failure = make.dice.percent(25).then(|| make.handlers(1));
    let documents = (0..documents).map(|_| schema.document(dice)).collect();
    Chain { processors, on_failure, documents }
}

/// Pipelines that chains call; each may call those before it.
pub(super) fn library(dice: &mut Dice) -> BTreeMap<String, Map<String, Value>> {
    (0..LIBRARY)
        .map(|number| {
            let schema = Schema::new(dice);
            let mut make = Make { schema: &schema, dice, callable: number };
            let mut body = Map::new();
            let processors: Vec<Value> = (0..1 + make.dice.below(3)).map(|_| make.sound(1)).collect();
            body.insert("processors".to_owned(), processors.into());
            if make.dice.percent(25) {
                body.insert("on_failure".to_owned(), json!([witness()]));
            }
            (name(number), body)
        })
        .collect()
}

fn name(number: usize) -> String {
    format!("random-{number}")
}

/// A handler that writes down what it is told of the failure.
fn witness() -> Value {
    let told = ["message", "processor_type", "processor_tag", "pipeline"]
        .map(|what| format!("{{{{{{_ingest.on_failure_{what}}}}}}}"));
    json!({"append": {"field": "seen", "value": told.join("|")}})
}

struct Make<'a> {
    schema: &'a Schema,
    dice: &'a mut Dice,
    /// How many pipelines of the library may be called.
    callable: usize,
}

impl Make<'_> {
    /// A processor, at most so many levels deep; a few are mistaken.
    fn processor(&mut self, depth: usize) -> Value {
        let mut processor = self.sound(depth);
        if self.dice.percent(3) {
            self.spoil(&mut processor);
        }
        processor
    }

    /// A processor whose options are not wrong on purpose.
    fn sound(&mut self, depth: usize) -> Value {
        let (name, mut own) = match self.dice.below(100) {
            0..7 if depth > 0 => ("foreach", self.foreach(depth)),
            7..12 if self.callable > 0 => ("pipeline", self.call()),
            _ => {
                let name = self.draw();
                (name, options::of(name, self.schema, self.dice))
            }
        };
        self.common(&mut own, depth);
        json!({name: own})
    }

    fn draw(&mut self) -> &'static str {
        let all: usize = options::PROCESSORS.iter().map(|(_, weight)| weight).sum();
        let mut at = self.dice.below(all);
        for (name, weight) in options::PROCESSORS {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return name,
            }
        }
        "set"
    }

    fn foreach(&mut self, depth: usize) -> Map<String, Value> {
        let mut own = options::of("foreach", self.schema, self.dice);
        let mut inner = self.sound(depth - 1);
        if let Some(options) = inner.as_object_mut().and_then(|it| it.values_mut().next())
            && options.get("field").is_some()
            && self.dice.percent(75)
        {
            options["field"] =
                json!(self.dice.pick(&["_ingest._value", "_ingest._value", "_ingest._value.a"]));
        }
        own.insert("processor".to_owned(), inner);
        // Another field than a list is a failure that OpenSearch tells no handler of.
        let guard = own.get("field").and_then(Value::as_str).and_then(painless::is_list);
        if let Some(guard) = guard.filter(|_| self.dice.percent(70)) {
            own.insert("if".to_owned(), guard.into());
        }
        own
    }

    fn call(&mut self) -> Map<String, Value> {
        let number = self.dice.below(self.callable);
        let name = if self.dice.percent(6) { "random-nope".to_owned() } else { name(number) };
        Map::from_iter([("name".to_owned(), name.into())])
    }

    /// What every processor can have.
    fn common(&mut self, own: &mut Map<String, Value>, depth: usize) {
        if self.dice.percent(22) && !own.contains_key("if") {
            own.insert("if".to_owned(), painless::condition(self.schema, self.dice).into());
        }
        if self.dice.percent(30) {
            own.insert("tag".to_owned(), self.dice.text(&["t1", "t2", "ü"]).into());
        }
        if self.dice.percent(5) {
            own.insert("description".to_owned(), "what it is for".into());
        }
        if self.dice.percent(25) {
            own.insert("ignore_failure".to_owned(), self.dice.percent(85).into());
        }
        if depth > 0 && self.dice.percent(25) {
            own.insert("on_failure".to_owned(), self.handlers(depth - 1));
        }
    }

    fn handlers(&mut self, depth: usize) -> Value {
        let mut handlers = vec![witness()];
        if self.dice.percent(35) {
            handlers.push(self.sound(depth));
        }
        handlers.into()
    }

    /// Makes one mistake in a processor's options.
    fn spoil(&mut self, processor: &mut Value) {
        let Some(options) = processor.as_object_mut().and_then(|it| it.values_mut().next()) else { return };
        let Some(options) = options.as_object_mut().filter(|it| !it.contains_key("source")) else { return };
        let names: Vec<String> =
            options.keys().filter(|name| !["processor", "if"].contains(&name.as_str())).cloned().collect();
        match self.dice.below(3) {
            0 if !names.is_empty() => drop(options.shift_remove(&self.dice.pick(&names))),
            1 if !names.is_empty() => {
                let kind = self.dice.pick(&[Kind::Number, Kind::Truth, Kind::List, Kind::Object, Kind::Text]);
                let value = values::value(kind, self.dice);
                options.insert(self.dice.pick(&names), value);
            }
            _ => drop(options.insert("bogus".to_owned(), json!(1))),
        }
    }
}
