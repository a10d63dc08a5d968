//! temp
use super::{Compiled, Example, Info};
pub(super) const INFO: Info = Info {
    name: "script",
    summary: "",
    options: &[],
    examples: &[Example { about: "", processor: "drop: {}", before: "{}", after: Ok("\"dropped\"") }],
    compile,
};
fn compile(_: &mut crate::options::Options<'_, '_>) -> Compiled {
    Err(crate::options::OptionError::whole("x"))
}
