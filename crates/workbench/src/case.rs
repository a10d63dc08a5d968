//! One test file of a package: its events, how they are to be treated, and what is expected of them.
//!
//! `test-NAME.log` has an event a line, or several lines an event; `test-NAME.json` has `{"events": […]}`. Beside it may
//! stand `…-config.yml`, which wins over `test-common-config.yml`, and `…-expected.json` with `{"expected": […]}`, an
//! entry for each event, null for one that is dropped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{Mistake, read};

/// A test file.
#[derive(Debug)]
pub struct Case {
    /// Where it is.
    pub path: PathBuf,
    /// What its configuration says.
    pub config: Config,
    /// What the pipeline gets, in order.
    pub events: Vec<Value>,
    /// What should come out; nothing where it was never written down.
    pub expected: Option<Vec<Value>>,
}

/// `…-config.yml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How lines of a log become events.
    multiline: Option<Multiline>,
    /// Fields of every event; a name with dots leads into objects.
    fields: Map<String, Value>,
    /// Fields whose values change from run to run, with a pattern that they must match. They are not compared.
    dynamic_fields: BTreeMap<String, String>,
    /// Fields of the type keyword that hold numbers. Of use to who checks mappings, and taken for that reason.
    numeric_keyword_fields: Vec<String>,
    /// Numeric fields that hold texts, likewise.
    string_number_fields: Vec<String>,
    /// Why the file is not tested.
    pub skip: Option<Skip>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Multiline {
    first_line_pattern: String,
}

/// Why a file is not tested.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skip {
    /// In words.
    pub reason: String,
    /// Where more is said.
    #[serde(default)]
    pub link: Option<String>,
}

#[derive(Deserialize)]
struct Expected {
    expected: Vec<Value>,
}

#[derive(Deserialize)]
struct Events {
    events: Vec<Value>,
}

impl Config {
    fn read(path: &Path) -> Result<Self, Mistake> {
        if !path.is_file() {
            return Ok(Self::default());
        }
        ingest::yaml::read(&read(path)?).map_err(|reason| Mistake::file(path, reason))
    }

    /// With what a file of its own says over what all have in common.
    fn over(mut self, common: Self) -> Self {
        let mut fields = common.fields;
        fields.extend(self.fields);
        let mut dynamic = common.dynamic_fields;
        dynamic.extend(self.dynamic_fields);
        self.numeric_keyword_fields.extend(common.numeric_keyword_fields);
        self.string_number_fields.extend(common.string_number_fields);
        Self {
            multiline: self.multiline.or(common.multiline),
            skip: self.skip.or(common.skip),
            fields,
            dynamic_fields: dynamic,
            ..self
        }
    }

    /// Fields that are not compared, with what they must match.
    ///
    /// # Errors
    /// A pattern that is none.
    pub fn dynamic<'a>(&'a self) -> Result<Vec<(&'a str, Regex)>, String> {
        let compile = |(name, pattern): (&'a String, &String)| match Regex::new(pattern) {
            Ok(pattern) => Ok((name.as_str(), pattern)),
            Err(error) => Err(format!("dynamic_fields.{name}: {error}")),
        };
        self.dynamic_fields.iter().map(compile).collect()
    }
}

impl Case {
    /// Reads a test file and what stands beside it.
    ///
    /// # Errors
    /// Files that can not be read or are not what they should be.
    pub fn read(path: &Path) -> Result<Self, Mistake> {
        let common = Config::read(&path.with_file_name("test-common-config.yml"))?;
        let config = Config::read(&beside(path, "-config.yml"))?.over(common);
        let text = read(path)?;
        let mut events = if path.extension().is_some_and(|ending| ending == "json") {
            let events: Events = serde_json::from_str(&text)
                .map_err(|error| Mistake::file(path, format!("{{\"events\": […]}} is expected: {error}")))?;
            events.events
        } else {
            messages(&text, config.multiline.as_ref())
                .map_err(|reason| Mistake::file(path, reason))?
                .map(|message| json!({"message": message}))
                .collect()
        };
        for (name, value) in &config.fields {
            events.iter_mut().for_each(|event| put(event, name, value));
        }
        let expected = Self::expected_path(path);
        let expected = match expected.is_file() {
            true => Some(parsed(&expected)?),
            false => None,
        };
        Ok(Self { path: path.to_owned(), config, events, expected })
    }

    /// Where what is expected of a test file stands.
    pub fn expected_path(path: &Path) -> PathBuf {
        beside(path, "-expected.json")
    }
}

fn parsed(path: &Path) -> Result<Vec<Value>, Mistake> {
    let expected: Expected = serde_json::from_str(&read(path)?)
        .map_err(|error| Mistake::file(path, format!("{{\"expected\": […]}} is expected: {error}")))?;
    Ok(expected.expected)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// The events of a log, each with the lines that it has.
fn messages(text: &str, multiline: Option<&Multiline>) -> Result<std::vec::IntoIter<String>, String> {
    let Some(multiline) = multiline else {
        return Ok(text.lines().map(str::to_owned).collect::<Vec<_>>().into_iter());
    };
    let first = Regex::new(&multiline.first_line_pattern)
        .map_err(|error| format!("multiline.first_line_pattern: {error}"))?;
    let mut found: Vec<String> = Vec::new();
    for line in text.lines() {
        match found.last_mut().filter(|_| !first.is_match(line)) {
            Some(event) => {
                event.push('\n');
                event.push_str(line);
            }
            None => found.push(line.to_owned()),
        }
    }
    Ok(found.into_iter())
}

/// Sets a field, with the objects on the way to it.
fn put(event: &mut Value, name: &str, value: &Value) {
    let Value::Object(fields) = event else { return };
    match name.split_once('.') {
        None => drop(fields.insert(name.to_owned(), value.clone())),
        Some((first, rest)) => put(fields.entry(first).or_insert_with(|| json!({})), rest, value),
    }
}

/// A field of a document, by a path or by a name that has dots.
pub fn find<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    let fields = document.as_object()?;
    fields.get(path).or_else(|| {
        let (first, rest) = path.split_once('.')?;
        find(fields.get(first)?, rest)
    })
}

/// Takes a field out of a document, by a path or by a name that has dots; what it was.
pub fn take(document: &mut Value, path: &str) -> Option<Value> {
    let fields = document.as_object_mut()?;
    if let Some(found) = fields.shift_remove(path) {
        return Some(found);
    }
    let (first, rest) = path.split_once('.')?;
    take(fields.get_mut(first)?, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_with_what_stands_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(root.path().join(name), text).unwrap();
        write("test-a.log", "[1] x\n  more\n[2] y\n");
        write(
            "test-common-config.yml",
            "fields: {tags: [a], ecs.version: 1}\ndynamic_fields: {event.ingested: '.*'}",
        );
        write("test-a.log-config.yml", "multiline: {first_line_pattern: '^\\['}\nfields: {tags: [b]}");
        write("test-a.log-expected.json", r#"{"expected":[null,{"x":1}]}"#);
        let case = Case::read(&root.path().join("test-a.log")).unwrap();
        assert_eq!(
            case.events,
            [
                json!({"message": "[1] x\n  more", "tags": ["b"], "ecs": {"version": 1}}),
                json!({"message": "[2] y", "tags": ["b"], "ecs": {"version": 1}}),
            ]
        );
        assert_eq!(case.expected, Some(vec![Value::Null, json!({"x": 1})]));
        assert_eq!(case.config.dynamic().unwrap()[0].0, "event.ingested");
    }

    #[test]
    fn what_is_no_test_file_is_said_with_its_place() {
        let root = tempfile::tempdir().unwrap();
        for (name, text, said) in [
            ("test-a.json", "[]", "{\"events\": […]} is expected"),
            ("test-b.log-config.yml", "fieldz: {}", "fieldz"),
            ("test-b.log", "x", ""),
        ] {
            std::fs::write(root.path().join(name), text).unwrap();
            let path = root.path().join(name.strip_suffix("-config.yml").unwrap_or(name));
            if path.is_file() {
                let error = Case::read(&path).unwrap_err().to_string();
                assert!(error.contains(said) && error.contains("test-"), "{error}");
            }
        }
    }
}
