//! The painless script language, as far as ingest pipelines use it.
//!
//! A script goes through `lexer`, `parse` (to the syntax tree of `ast`) and `resolve` (to the `code` tree: names are
//! slots, fields are hashed keys, calls know the function for each class) and `lower` (to `flat` code) once; `run` then
//! runs the flat code for each document. [`Condition`] is a processor's `if`, [`Script`] the body of a `script` processor,
//! [`Expression`] a script that is tried by itself.
//!
//! ## What a script may take
//! `parse::MAX_NESTING` levels of nesting when it is parsed; when it runs, a million turns of loops, a limited
//! depth of calls and 40 MiB of memory. What goes beyond ends in an error that no `catch` takes.
//!
//! ## Where it differs from Elasticsearch
//! - Lists and maps live in the document. One that is put into a second place is copied there: in Java both places
//!   would go on to share it.
//! - Keys of maps are texts, and maps keep the order in which keys came.
//! - A character put into a list or map becomes a text of one character.
//! - Types of `def` values are told at run time, as there; a method that no class has at all is a compile error.

mod ast;
mod code;
mod error;
mod exception;
mod fixed;
mod flat;
mod hash;
mod lexer;
mod lower;
mod methods;
mod parse;
pub mod pattern;
mod place;
mod proof;
mod quick;
mod resolve;
mod run;
mod types;
mod value;

use event::Doc;
use event::doc::{Place, Places};

use error::Mistake;
pub use error::{CompileError, RuntimeError};
pub use methods::{Listed, has_two_points, listing};
pub use place::ScriptPlace;
pub use proof::Without;

use crate::code::Program as Tree;
use crate::exception::Thrown;
use crate::fixed::Fixed;
use crate::flat::Program;
use crate::quick::Quick;
use crate::resolve::Purpose;
use crate::run::Run;

fn compile(
    source: &str,
    params: &serde_json::Value,
    purpose: Purpose,
    places: &mut Places,
) -> Result<Tree, Mistake> {
    let script = parse::parse(source)?;
    if script.body.is_empty() && purpose == Purpose::Condition {
        return Err(CompileError::new(
            source,
            0,
            "the script is empty: write an expression that gives a boolean",
        ));
    }
    resolve::resolve(source, &script, purpose, Fixed::from_json(params), places)
}

#[expect(clippy::boxed_local, reason = "exceptions travel in boxes")]
fn failed(thrown: Thrown) -> Box<RuntimeError> {
    let kind = thrown.class.snake_case();
    Box::new(RuntimeError { kind, message: thrown.message, offset: thrown.at.unwrap_or(0) })
}

/// A script that tells whether a processor runs.
#[derive(Debug)]
pub struct Condition {
    /// What can be proved of it is told from this.
    tree: Tree,
    program: Program,
    /// What it is, where it only looks at fields.
    quick: Option<Quick>,
}

impl Condition {
    /// Compiles a condition; `params` is the object that the script reads as `params`, or null. Documents that it is
    /// run on have adopted the places.
    ///
    /// # Errors
    /// The first mistake, with its place and what would be right.
    pub fn compile(
        source: &str,
        params: &serde_json::Value,
        places: &mut Places,
    ) -> Result<Self, CompileError> {
        let tree = compile(source, params, Purpose::Condition, places).map_err(|mistake| *mistake)?;
        let quick = tree.expression().and_then(Quick::of);
        Ok(Self { program: Program::from(&tree), tree, quick })
    }

    /// Runs it. The document is the same afterwards: writing to it is an error in a condition.
    ///
    /// # Errors
    /// An exception that the script did not catch.
    #[inline]
    pub fn test(&self, doc: &mut Doc) -> Result<bool, Box<RuntimeError>> {
        match self.quick.as_ref().and_then(|quick| quick.test(doc)) {
            Some(answer) => Ok(answer),
            None => self.run(doc),
        }
    }

    #[inline(never)]
    fn run(&self, doc: &mut Doc) -> Result<bool, Box<RuntimeError>> {
        let mut run = Run::new(doc, &self.program, true);
        let result = run.condition();
        run.rewind();
        result.map_err(failed)
    }

    /// Places without something at any one of which the condition is false and throws nothing.
    pub fn requires(&self) -> Vec<Place> {
        proof::requires(&self.tree)
    }

    /// What it says of documents that have nothing at a place; `None` where it may throw all the same.
    pub fn without(&self, place: Place) -> Option<Without> {
        proof::without(&self.tree, place)
    }

    /// The places whose fields it looks at, in its order.
    pub fn asks(&self) -> Vec<Place> {
        proof::asks(&self.tree)
    }
}

/// A script that changes documents.
#[derive(Debug)]
pub struct Script {
    program: Program,
}

impl Script {
    /// Compiles a script; `params` is the object that the script reads as `params`, or null. Documents that it is run on
    /// have adopted the places.
    ///
    /// # Errors
    /// The first mistake, with its place and what would be right.
    pub fn compile(
        source: &str,
        params: &serde_json::Value,
        places: &mut Places,
    ) -> Result<Self, CompileError> {
        compile(source, params, Purpose::Statements, places)
            .map(|tree| Self { program: Program::from(&tree) })
            .map_err(|mistake| *mistake)
    }

    /// Runs it on a document, `ctx` in the script.
    ///
    /// # Errors
    /// An exception that the script did not catch; the document is as the script left it then.
    pub fn run(&self, doc: &mut Doc) -> Result<(), Box<RuntimeError>> {
        Run::new(doc, &self.program, false).statements().map_err(failed)
    }
}

/// A script that is asked for what it gives.
#[derive(Debug)]
pub struct Expression {
    program: Program,
}

impl Expression {
    /// Compiles a script; `params` is the object that it reads as `params`, or null. Documents that it is run on have adopted
    /// the places.
    ///
    /// # Errors
    /// The first mistake, with its place and what would be right.
    pub fn compile(
        source: &str,
        params: &serde_json::Value,
        places: &mut Places,
    ) -> Result<Self, CompileError> {
        compile(source, params, Purpose::Value, places)
            .map(|tree| Self { program: Program::from(&tree) })
            .map_err(|mistake| *mistake)
    }

    /// What it gives, as Java writes it. The document is the same afterwards: writing to it is an error.
    ///
    /// # Errors
    /// An exception that the script did not catch.
    pub fn value(&self, doc: &mut Doc) -> Result<String, Box<RuntimeError>> {
        let mut run = Run::new(doc, &self.program, true);
        let value = run.value();
        run.rewind();
        value.map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_give_what_java_would_write() {
        for (source, wanted) in [
            ("params.a / 4", Ok("0.5")),
            ("1 + 1", Ok("2")),
            ("['x': [1, null]]", Ok("{x=[1, null]}")),
            ("def a = 'b'; return a + 'c'", Ok("bc")),
            ("return null", Ok("null")),
            ("int f(int x) { x * 2 } f(21)", Ok("42")),
            ("if (params.a > 3) { return true }", Ok("null")),
            ("ctx.a = 1", Err("unsupported_operation_exception")),
            ("1 / 0", Err("arithmetic_exception")),
        ] {
            let mut places = Places::default();
            let compiled = Expression::compile(source, &json!({ "a": 2.0 }), &mut places);
            let mut doc = Doc::new();
            doc.adopt(&Arc::new(places));
            let found = compiled.unwrap().value(&mut doc).map_err(|error| error.kind);
            assert_eq!(found, wanted.map(str::to_owned).map_err(str::to_owned), "{source}");
            assert_eq!(doc.json(Doc::SOURCE), "{}");
        }
    }
}
