//! Which functions of a crate give out something of events, as its sources tell, for the tables that hold them to roles.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The names of the public functions of `impl {of} {`, and of those elsewhere that take an `&Access`, in the sources of the crate in
/// this folder.
///
/// # Errors
/// The sources can not be read.
pub fn queries(folder: &Path, of: &str) -> std::io::Result<BTreeSet<String>> {
    let block = format!("impl {of} {{");
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                if !path.ends_with("tests") {
                    folders.push(path);
                }
                continue;
            }
            let text = fs::read_to_string(&path)?;
            let mut is_meant = false;
            for (at, _) in text.match_indices('\n') {
                let rest = &text[at + 1..];
                if rest.starts_with("impl ") {
                    is_meant = rest.starts_with(&block);
                }
                let Some(signature) = rest.trim_start().strip_prefix("pub fn ") else { continue };
                let signature = signature.split('{').next().unwrap_or(signature);
                if is_meant || signature.contains(": &Access") {
                    found.extend(signature.split(['(', '<']).next().map(str::to_owned));
                }
            }
        }
    }
    Ok(found)
}
