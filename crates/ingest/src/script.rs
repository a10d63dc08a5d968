//! temp
use crate::failure::Failure;
use crate::options::OptionError;
use event::{Doc, Key};
use serde_json::Value;
pub(crate) struct Condition;
impl Condition {
    pub(crate) fn compile(_: &Value) -> Result<Self, OptionError> {
        Err(OptionError::of("if", "x"))
    }
    pub(crate) fn test(&self, _: &mut Doc) -> Result<bool, Failure> {
        Ok(true)
    }
    pub(crate) fn requires(&self) -> Vec<Key> {
        Vec::new()
    }
}
