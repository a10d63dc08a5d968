//! A program of Vector's language, run as Vector runs it: one runtime, cleared between events.

use anyhow::{Result, bail};
use vrl::compiler::runtime::Runtime;
use vrl::compiler::{Program, TargetValueRef, TimeZone};
use vrl::diagnostic::Formatter;
use vrl::value::{Secrets, Value};

/// A program that is ready to run.
pub(crate) struct Script {
    program: Program,
    runtime: Runtime,
    zone: TimeZone,
    metadata: Value,
    secrets: Secrets,
}

impl Script {
    /// Compiles it with the whole library.
    pub(crate) fn new(source: &str) -> Result<Self> {
        match vrl::compiler::compile(source, &vrl::stdlib::all()) {
            Ok(compiled) => Ok(Self {
                program: compiled.program,
                runtime: Runtime::default(),
                zone: TimeZone::default(),
                metadata: Value::Object(Default::default()),
                secrets: Secrets::new(),
            }),
            Err(wrong) => bail!("{source}\n{}", Formatter::new(source, wrong)),
        }
    }

    /// Runs it on an event, which it changes.
    pub(crate) fn run(&mut self, event: &mut Value) -> Result<()> {
        let mut target =
            TargetValueRef { value: event, metadata: &mut self.metadata, secrets: &mut self.secrets };
        let ended = self.runtime.resolve(&mut target, &self.program, &self.zone);
        self.runtime.clear();
        match ended {
            Ok(_) => Ok(()),
            Err(why) => bail!("{why}"),
        }
    }
}
