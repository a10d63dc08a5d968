//! Definitions with the pipelines that were made of them: a change compiles what has changed, and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::compile::{Compiler, Lookups};
use crate::definition::Definition;
use crate::failure::LoadError;
use crate::pipeline::{Pipeline, Pipelines};
use crate::stored::StoredScript;

/// Names of fields and of pipelines that nobody has any more stay in a set, so it is made anew when it has grown by as many
/// definitions as it has, and so many.
const GROWTH: usize = 200;

/// By id.
pub type Definitions = BTreeMap<String, Arc<Definition>>;

/// Definitions that are compiled.
#[derive(Clone)]
pub struct Set {
    definitions: Definitions,
    scripts: Arc<BTreeMap<String, StoredScript>>,
    pipelines: Arc<Pipelines>,
    /// How many were compiled since all were.
    grown: usize,
}

impl Set {
    /// Compiles all definitions.
    ///
    /// # Errors
    /// All their mistakes.
    pub fn compile(definitions: Definitions, lookups: &Lookups) -> Result<Self, Vec<LoadError>> {
        let mut compiler = Compiler::new(lookups);
        definitions.values().for_each(|definition| compiler.definition(definition));
        let pipelines = Arc::new(compiler.finish()?);
        Ok(Self { scripts: Arc::clone(&lookups.scripts), definitions, pipelines, grown: 0 })
    }

    /// What this set becomes with other definitions and stored scripts; other look-ups are those that it was made with.
    /// Compiled are definitions that are not those of before, and those that name a script which is another one.
    ///
    /// # Errors
    /// All mistakes of what is compiled.
    pub fn with(&self, definitions: Definitions, lookups: &Lookups) -> Result<Self, Vec<LoadError>> {
        if self.grown > GROWTH + self.definitions.len() {
            return Self::compile(definitions, lookups);
        }
        let mut compiler = Compiler::into(&self.pipelines, lookups);
        for id in self.definitions.keys().filter(|id| !definitions.contains_key(*id)) {
            compiler.remove(id);
        }
        let changed = definitions.iter().filter(|(id, definition)| !self.has(id, definition, lookups));
        let grown = changed.map(|(_, definition)| compiler.definition(definition)).count();
        let pipelines = Arc::new(compiler.finish()?);
        let scripts = Arc::clone(&lookups.scripts);
        Ok(Self { scripts, definitions, pipelines, grown: self.grown + grown })
    }

    /// The pipelines.
    pub fn pipelines(&self) -> &Arc<Pipelines> {
        &self.pipelines
    }

    /// The definitions that they were made of.
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// Whether the pipeline of a definition would become what it is.
    fn has(&self, id: &str, definition: &Arc<Definition>, lookups: &Lookups) -> bool {
        let is_same = |own: &Arc<Definition>| Arc::ptr_eq(own, definition) || own == definition;
        self.definitions.get(id).is_some_and(is_same)
            && pipeline(&self.pipelines, id).is_some_and(|pipeline| self.has_scripts_of(pipeline, lookups))
    }

    fn has_scripts_of(&self, pipeline: &Pipeline, lookups: &Lookups) -> bool {
        pipeline.scripts.iter().all(|id| self.scripts.get(id) == lookups.scripts.get(id))
    }
}

fn pipeline<'p>(pipelines: &'p Pipelines, id: &str) -> Option<&'p Arc<Pipeline>> {
    pipelines.find(id).and_then(|slot| pipelines.pipelines[slot].as_ref())
}

#[cfg(test)]
mod tests {
    use event::Doc;

    use super::*;
    use crate::pipeline::Outcome;

    const NOW: &str = "2026-01-02T03:04:05Z";

    fn definitions(texts: &[(&str, &str)]) -> Definitions {
        let one = |(id, text): &(&str, &str)| {
            ((*id).to_owned(), Arc::new(Definition::parse(id, &format!("{id}.yml"), text).unwrap()))
        };
        texts.iter().map(one).collect()
    }

    fn lookups(scripts: &[(&str, &str)]) -> Lookups {
        let one = |(id, source): &(&str, &str)| {
            ((*id).to_owned(), StoredScript { lang: "painless".into(), source: (*source).into() })
        };
        Lookups { scripts: Arc::new(scripts.iter().map(one).collect()), ..Lookups::default() }
    }

    fn run(set: &Set, id: &str) -> String {
        let mut doc = Doc::new();
        match set.pipelines().run(id, &mut doc, NOW) {
            Ok(Outcome::Done) => doc.json(Doc::SOURCE),
            Ok(Outcome::Dropped) => "dropped".to_owned(),
            Err(failure) => failure.reason.clone(),
        }
    }

    #[test]
    fn what_changes_counts_for_those_that_call_it_and_for_nobody_who_has_the_set_of_before() {
        let (outer, inner) =
            ("{processors: [{pipeline: {name: inner}}]}", "{processors: [{set: {field: a, value: 1}}]}");
        let missing = "Pipeline processor configured for non-existent pipeline [inner]";
        let nothing = lookups(&[]);
        let alone = Set::compile(definitions(&[("outer", outer)]), &nothing).unwrap();
        assert_eq!(run(&alone, "outer"), missing);
        let both = alone.with(definitions(&[("outer", outer), ("inner", inner)]), &nothing).unwrap();
        assert_eq!(
            (run(&alone, "outer"), run(&both, "outer")),
            (missing.to_owned(), r#"{"a":1}"#.to_owned())
        );
        let other = "{processors: [{set: {field: b.c, value: '{{_ingest.pipeline}}'}}]}";
        let changed = both.with(definitions(&[("outer", outer), ("inner", other)]), &nothing).unwrap();
        assert_eq!(
            (run(&both, "outer"), run(&changed, "outer")),
            (r#"{"a":1}"#.to_owned(), r#"{"b":{"c":"inner"}}"#.to_owned())
        );
        let without = changed.with(definitions(&[("outer", outer)]), &nothing).unwrap();
        assert_eq!((run(&without, "outer"), without.pipelines().ids()), (missing.to_owned(), vec!["outer"]));
        let again = without.with(definitions(&[("outer", outer), ("inner", inner)]), &nothing).unwrap();
        assert_eq!(run(&again, "outer"), r#"{"a":1}"#);
    }

    #[test]
    fn what_is_the_same_is_not_compiled_again() {
        let texts = [
            ("a", "{processors: []}"),
            ("b", "{processors: [{script: {id: s}}]}"),
            ("c", "{processors: [{set: {field: x, value: 1, if: {id: t}}}]}"),
        ];
        let compiled = |set: &Set, scripts: &[(&str, &str)]| set.with(definitions(&texts), &lookups(scripts));
        let is_same = |one: &Set, other: &Set, id: &str| {
            Arc::ptr_eq(pipeline(&one.pipelines, id).unwrap(), pipeline(&other.pipelines, id).unwrap())
        };
        let scripts = [("s", "ctx.a = 1"), ("t", "true")];
        let first = Set::compile(definitions(&texts), &lookups(&scripts)).unwrap();
        let second = compiled(&first, &scripts).unwrap();
        assert_eq!(["a", "b", "c"].map(|id| is_same(&first, &second, id)), [true; 3]);
        let third = compiled(&second, &[("s", "ctx.a = 2"), ("t", "true")]).unwrap();
        assert_eq!(["a", "b", "c"].map(|id| is_same(&second, &third, id)), [true, false, true]);
        assert_eq!((run(&second, "b"), run(&third, "b")), (r#"{"a":1}"#.to_owned(), r#"{"a":2}"#.to_owned()));
        let mistakes = compiled(&third, &[]).err().unwrap();
        let pipelines: Vec<&str> = mistakes.iter().map(|mistake| &*mistake.pipeline).collect();
        assert_eq!(pipelines, ["b.yml", "c.yml"]);
    }

    #[test]
    fn a_set_does_not_keep_what_nobody_names_any_more() {
        let nothing = lookups(&[]);
        let mut set = Set::compile(Definitions::new(), &nothing).unwrap();
        for turn in 0..1_000 {
            let text =
                format!("{{processors: [{{pipeline: {{name: p{turn}, ignore_missing_pipeline: true}}}}]}}");
            set = set.with(definitions(&[("one", &text)]), &nothing).unwrap();
            assert!(set.pipelines().slots.len() < 2 * GROWTH, "{turn}");
        }
    }
}
