//! Stored scripts of a directory: the folder `_scripts` beside its pipelines.
//!
//! A file there is a script by its name without the ending: `<id>.painless` is its text, `<id>.yml`, `.yaml` or `.json` is what
//! `PUT _scripts/<id>` takes, `{"script": {"lang": "painless", "source": "…"}}`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ingest::{Definition, StoredScript};

use crate::definitions::{DefinitionError, SCRIPTS, is_definition, sorted};

/// Reads the scripts of a directory of pipelines; none where it has no folder of them.
///
/// # Errors
/// [`DefinitionError`] names the file.
pub fn directory(directory: &Path) -> Result<BTreeMap<String, StoredScript>, DefinitionError> {
    let folder = directory.join(SCRIPTS);
    let mut scripts = BTreeMap::new();
    if !folder.is_dir() {
        return Ok(scripts);
    }
    for path in sorted(&folder)? {
        let is_text = path.extension().is_some_and(|ending| ending == "painless");
        if !path.is_file() || !(is_text || is_definition(&path)) {
            continue;
        }
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).map_err(DefinitionError::read(&path))?;
        let wrong = |reason: String| DefinitionError::Script { path: path.clone(), reason };
        let script = if is_text {
            StoredScript::new(&id, "painless".to_owned(), text).map_err(wrong)?
        } else {
            let body = Definition::parse(&id, &path.display().to_string(), &text);
            let body = body.map_err(|error| DefinitionError::Load(vec![*error]))?.body;
            StoredScript::from_body(&id, body).map_err(wrong)?
        };
        if scripts.insert(id.clone(), script).is_some() {
            return Err(wrong(format!("there is another script [{id}] beside it: rename one")));
        }
    }
    Ok(scripts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Result<BTreeMap<String, StoredScript>, String> {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(SCRIPTS)).unwrap();
        for (name, text) in files {
            fs::write(root.path().join(SCRIPTS).join(name), text).unwrap();
        }
        directory(root.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn scripts_are_called_by_their_file() {
        let yaml = "script:\n  lang: painless\n  source: ctx.a = 1\n";
        let found = read(&[("one.yml", yaml), ("two.painless", "ctx.b = 2;\n"), ("notes.md", "-")]).unwrap();
        let told: Vec<_> = found.iter().map(|(id, script)| (id.as_str(), script.source.as_str())).collect();
        assert_eq!(told, [("one", "ctx.a = 1"), ("two", "ctx.b = 2;\n")]);
        assert!(directory(Path::new("/nowhere")).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_script_is_named() {
        for (files, part) in [
            (&[("a.yml", "script: {source: x}")][..], "a.yml: must specify lang for stored script"),
            (&[("a.json", "{}")], "a.json: must specify [script] as an object with [lang] and [source]"),
            (&[("a.json", "{")], "this is not YAML"),
            (&[("a.painless", "")], "a.painless: source cannot be empty"),
            (
                &[("a.painless", "1"), ("a.yml", "script: {lang: painless, source: x}")],
                "another script [a] beside it",
            ),
        ] {
            let error = read(files).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        let error = read(&[("a.painless", &"x".repeat(65_536))]).unwrap_err();
        assert!(error.contains("exceeded max allowed stored script size in bytes [65535] with size [65536]"));
    }
}
