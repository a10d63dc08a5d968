//! Scripts that pipelines name by an id instead of writing them down.

use serde_json::{Map, Value};

/// A script as Elasticsearch stores it. Its params are given where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredScript {
    /// Its language: `painless`, the only one that pipelines run, or `mustache`.
    pub lang: String,
    /// Its text.
    pub source: String,
}

/// Elasticsearch's `script.max_size_in_bytes`.
const MAX_BYTES: usize = 65_535;

impl StoredScript {
    /// A script of a language, to be stored by an id.
    ///
    /// # Errors
    /// What Elasticsearch refuses, in its words: other languages, and texts that are empty or too long.
    pub fn new(id: &str, lang: String, source: String) -> Result<Self, String> {
        if !["painless", "mustache"].contains(&lang.as_str()) {
            return Err(format!("unable to put stored script with unsupported lang [{lang}]"));
        }
        if source.is_empty() {
            return Err("source cannot be empty".to_owned());
        }
        if source.len() > MAX_BYTES {
            return Err(format!(
                "exceeded max allowed stored script size in bytes [{MAX_BYTES}] with size [{}] for script [{id}]",
                source.len()
            ));
        }
        Ok(Self { lang, source })
    }

    /// Reads the body of `PUT _scripts/<id>`: `{"script": {"lang": "painless", "source": "…"}}`. As in Elasticsearch, the text
    /// is not compiled before a pipeline uses it, and `params` and `options` are taken and mean nothing.
    ///
    /// # Errors
    /// What Elasticsearch refuses, in its words.
    pub fn from_body(id: &str, mut body: Map<String, Value>) -> Result<Self, String> {
        let script = body.shift_remove("script");
        if let Some(name) = body.keys().next() {
            return Err(format!("unexpected field [{name}], expected [script]"));
        }
        let Some(Value::Object(mut script)) = script else {
            return Err("must specify [script] as an object with [lang] and [source]".to_owned());
        };
        let mut text = |name: &str| match script.shift_remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("[script] field [{name}] is not a string")),
        };
        let lang = text("lang")?.ok_or("must specify lang for stored script")?;
        let source = text("source")?.ok_or("must specify source for stored script")?;
        for known in ["options", "params"] {
            script.shift_remove(known);
        }
        match script.keys().next() {
            Some(name) => Err(format!("[script] unknown field [{name}]")),
            None => Self::new(id, lang, source),
        }
    }

    /// The body that [`StoredScript::from_body`] reads.
    pub fn to_body(&self) -> Value {
        serde_json::json!({"script": {"lang": self.lang, "source": self.source}})
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use event::Doc;
    use serde_json::json;

    use super::*;
    use crate::{Definition, Lookups, compile};

    fn read(body: &Value) -> Result<StoredScript, String> {
        StoredScript::from_body("a", body.as_object().unwrap().clone())
    }

    fn script(lang: &str, source: &str) -> StoredScript {
        StoredScript { lang: lang.to_owned(), source: source.to_owned() }
    }

    /// Runs a processor on `{"a":1}` where the scripts are stored; the source, or kind and message of the mistake.
    fn run(processor: &str) -> Result<String, String> {
        let scripts = [
            ("calculate", script("painless", "ctx.x = params.k")),
            ("matches", script("painless", "ctx.a == params.k")),
            ("broken", script("painless", "ctx.x = ")),
            ("text", script("mustache", "{{x}}")),
        ];
        let scripts = scripts.map(|(id, script)| (id.to_owned(), script)).into();
        let lookups = Lookups { scripts: Arc::new(scripts), ..Lookups::default() };
        let definition = Definition::parse("p", "p", &format!("processors: [{{{processor}}}]")).unwrap();
        let pipelines = compile(&[definition], &lookups)
            .map_err(|errors| format!("{}: {}", errors[0].kind, errors[0].message()))?;
        let mut doc = Doc::new();
        let root = doc.parse_str(r#"{"a":1}"#).unwrap();
        doc.set_data(Doc::SOURCE, doc.data(root));
        pipelines.run("p", &mut doc, "2026-01-02T03:04:05.678Z").unwrap();
        Ok(doc.json(Doc::SOURCE))
    }

    /// The answers of OpenSearch 3.8 to the same requests.
    #[test]
    fn a_script_is_named_by_its_id() {
        for (processor, after) in [
            ("script: {id: calculate, params: {k: 5}}", r#"{"a":1,"x":5}"#),
            ("script: {id: calculate}", r#"{"a":1,"x":null}"#),
            ("script: {stored: calculate, params: {k: 6}}", r#"{"a":1,"x":6}"#),
            ("script: 'ctx.x = 7'", r#"{"a":1,"x":7}"#),
            ("set: {field: y, value: 1, if: {id: matches, params: {k: 1}}}", r#"{"a":1,"y":1}"#),
            ("set: {field: y, value: 1, if: {id: matches}}", r#"{"a":1}"#),
            ("set: {field: y, value: 1, if: {inline: 'true', options: {}}}", r#"{"a":1,"y":1}"#),
        ] {
            assert_eq!(run(processor).as_deref(), Ok(after), "{processor}");
        }
    }

    #[test]
    fn what_does_not_name_one_script_is_refused() {
        let unknown = "resource_not_found_exception: unable to find script [nope] in cluster state";
        let two = "must only use one of [source, id] when specifying a script";
        let lang = "illegally specified <lang> for a stored script";
        for (processor, error) in [
            ("script: {id: nope}", unknown),
            ("set: {field: y, value: 1, if: {id: nope}}", unknown),
            ("script: {id: calculate, source: 'ctx.x = 1'}", two),
            ("set: {field: y, value: 1, if: {id: matches, source: 'true'}}", two),
            ("script: {id: calculate, lang: painless}", lang),
            ("set: {field: y, value: 1, if: {id: matches, lang: painless}}", lang),
            ("script: {id: text}", "mustache engine does not know how to handle context [ingest]"),
            ("script: {id: 5}", "[script] field [id] is not a string"),
            ("script: {id: broken}", "script [broken]: compile error at line 1, column 9"),
            ("script: {source: 'ctx.x = 1', options: {a: b}}", "illegal compiler options [{a=b}] specified"),
            ("script: {}", "must specify either [source] for an inline script or [id] for a stored script"),
        ] {
            let found = run(processor).unwrap_err();
            assert!(found.contains(error), "{processor}: {found}");
        }
    }

    #[test]
    fn bodies_are_read_and_written() {
        let script = script("painless", "ctx.x = 1");
        assert_eq!(read(&script.to_body()), Ok(script.clone()));
        let more =
            json!({"script": {"lang": "painless", "source": "ctx.x = 1", "options": {}, "params": {"k": 1}}});
        assert_eq!(read(&more), Ok(script));
        for (body, error) in [
            (json!({"lang": "painless", "source": "1"}), "unexpected field [lang], expected [script]"),
            (json!({"script": {"source": "1"}}), "must specify lang for stored script"),
            (json!({"script": {"lang": "painless"}}), "must specify source for stored script"),
            (json!({"script": {"lang": "painless", "source": ""}}), "source cannot be empty"),
            (
                json!({"script": {"lang": "nope", "source": "1"}}),
                "unable to put stored script with unsupported lang [nope]",
            ),
            (json!({"script": {"lang": "painless", "source": "1", "x": 1}}), "[script] unknown field [x]"),
        ] {
            assert_eq!(read(&body), Err(error.to_owned()), "{body}");
        }
    }
}
